"""What `doctor` finds out about a Prometheus, with requests that change nothing."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from cockpit.model.reading import PlacesSeen, RulesSeen, TargetsSeen
from cockpit.model.topology import ToolHop
from cockpit.systems.addresses import address_of
from cockpit.systems.alertmanager_check import SKEW_S
from cockpit.systems.answers import decode
from cockpit.systems.base import Check, Circumstances, SystemError
from cockpit.systems.prometheus_changes import Source
from cockpit.systems.prometheus_hops import HopAsker
from cockpit.systems.prometheus_measures import MeasureAsker
from cockpit.systems.prometheus_query import Server
from cockpit.systems.prometheus_versions import ChangeAsker
from cockpit.text import one_line


class _Build(msgspec.Struct):
    version: str = ""


class _Alertmanager(msgspec.Struct):
    url: str = ""


class _Alertmanagers(msgspec.Struct):
    activeAlertmanagers: list[_Alertmanager] | None = None  # noqa: N815 - the field's name in the answer


class Checker:
    """Makes the lines of `doctor` for one Prometheus.

    Args:
        name: The system's.
        server: Whom to ask.
        tools: The map's tool integrations.
    """

    def __init__(self, name: str, server: Server, tools: Sequence[ToolHop]) -> None:
        self._name = name
        self._server = server
        self._tools = tools

    async def all(
        self,
        rules: Callable[[Circumstances], Awaitable[RulesSeen]],
        targets: Callable[[Circumstances], Awaitable[TargetsSeen]],
        sources: Sequence[Source],
    ) -> list[Check]:
        """Return a line for the server, its rules, its targets, where it sends alerts, and each query of versions."""
        told = [await self._build()]
        if not told[0].ok:
            return told
        told.append(await self._rules(rules))
        told.append(await self._targets(targets))
        told.append(await self._alertmanagers())
        told += [await self._source(source) for source in sources]
        return told

    def _line(self, what: str, message: str, remedy: str = "", *, ok: bool = True, warning: bool = False) -> Check:
        return Check(self._name, what, ok, message, remedy, warning)

    def _get(self, path: str) -> str:
        return f"GET {path} on {', '.join(self._server.addresses.values())}"

    async def _build(self) -> Check:
        what, around = self._get("/api/v1/status/buildinfo"), Circumstances()
        try:
            build: _Build = decode(await self._server.ask("/api/v1/status/buildinfo", (), around), _Build)
            version = one_line(build.version, 40) or "of unknown version"
        except SystemError as error:
            if error.status != 404:
                return self._line(what, str(error), _remedy(error), ok=False)
            version = "of unknown version"
        if abs(self._server.skew_s) >= SKEW_S:
            side = "ahead of" if self._server.skew_s > 0 else "behind"
            message = f"Prometheus {version}; its clock is {abs(self._server.skew_s):.0f} s {side} ours"
            return self._line(what, message, "set the clocks by NTP", warning=True)
        return self._line(what, f"Prometheus {version}")

    async def _rules(self, rules: Callable[[Circumstances], Awaitable[RulesSeen]]) -> Check:
        what = self._get("/api/v1/rules")
        try:
            seen = await rules(Circumstances())
        except SystemError as error:
            return self._line(what, str(error), _remedy(error), ok=False)
        broken = [rule for rule in seen.rules if rule.health == "err"]
        if broken:
            first = broken[0]
            message = f"{len(broken)} of {len(seen.rules)} alerting rules cannot fire: {first.name}: {first.error}"
            return self._line(what, message, "correct the expression; promtool check rules helps", ok=False)
        if not seen.rules:
            return self._line(what, "no alerting rules", "configure rule_files", warning=True)
        return self._line(what, f"{len(seen.rules)} alerting rules, all healthy")

    async def _targets(self, targets: Callable[[Circumstances], Awaitable[TargetsSeen]]) -> Check:
        what = self._get("/api/v1/targets")
        try:
            seen = await targets(Circumstances())
        except SystemError as error:
            return self._line(what, str(error), _remedy(error), ok=False)
        if seen.down:
            message = f"{len(seen.down)} of {len(seen.targets)} targets are down: {seen.down[0]}"
            return self._line(what, message, "is it running, and may it be reached?", warning=True)
        return self._line(what, f"{len(seen.targets)} targets, all up")

    async def _alertmanagers(self) -> Check:
        what = self._get("/api/v1/alertmanagers")
        expected = any(hop.source in {self._name, "prometheus"} for hop in self._tools)
        try:
            raw: Any = await self._server.ask("/api/v1/alertmanagers", (), Circumstances())
            found: _Alertmanagers = decode(raw, _Alertmanagers)
        except SystemError as error:
            return self._line(what, str(error), _remedy(error), ok=False)
        addresses = [address_of(one.url) for one in found.activeAlertmanagers or ()]
        if not addresses:
            remedy = "configure alerting.alertmanagers, or its alerts reach nobody"
            return self._line(what, "it sends its alerts nowhere", remedy, ok=not expected, warning=not expected)
        return self._line(what, f"it sends its alerts to {one_line(', '.join(addresses), 300)}")

    async def _source(self, source: Source) -> Check:
        what = f"changes from {one_line(source.query, 80)}"
        end = self._server.now()
        try:
            lines = await self._server.span(source.query, end - timedelta(minutes=10), end, 60, Circumstances())
        except SystemError as error:
            return self._line(what, str(error), "correct the query", ok=False)
        versioned = sum(1 for line in lines if line.labels.get(source.version))
        if not lines:
            return self._line(what, "no series: nothing is covered by it", "is that metric exported?", ok=False)
        if not versioned:
            message = f"{len(lines)} series, none with the label {source.version}"
            return self._line(what, message, 'name the label: version = "…"', ok=False)
        return self._line(what, f"{versioned} series with the label {source.version}")

    async def found(self, asker: ChangeAsker) -> list[Check]:
        """Return what tells of changes without configuration; nothing where that is not looked for."""
        what = "changes without configuration"
        try:
            discovered = await asker.discovered(Circumstances())
        except SystemError as error:
            return [self._line(what, str(error), "may metrics be looked for?", warning=True)]
        told = [*discovered.builds[:6], *(["new ReplicaSets and nodes"] if discovered.kube else [])]
        if told:
            more = len(discovered.builds) - 6
            return [
                self._line(what, one_line(", ".join(told), 300) + (f" and {more} more metrics" if more > 0 else ""))
            ]
        if asker.sources:
            return []
        remedy = 'nothing to do, or name a metric: changes = [{query = "max by (service, version) (…)"}]'
        return [self._line(what, "no *_build_info of a service, and no kube-state-metrics", remedy)]

    async def hops(self, asker: HopAsker) -> Check:
        """Return which metrics tell who calls whom, and how many calls they tell of."""
        what = "calls that were observed"
        around = Circumstances()
        try:
            plans = await asker.plans(around)
            if not plans:
                remedy = "nothing to do; with service graphs (Tempo, OpenTelemetry) or Istio the map draws itself"
                return self._line(what, "no metrics of service graphs or of a mesh", remedy)
            seen = await asker.ask(around)
        except SystemError as error:
            return self._line(what, str(error), "is the query right, and may it be asked?", warning=True)
        busy = sum(1 for hop in seen.hops if hop.measure.rate)
        message = f"{len(seen.hops):,} calls, {busy:,} with traffic, from {one_line(seen.source, 200)}"
        if not seen.hops or around.partial:
            message = f"{message}; {around.partial}" if around.partial else message
            return self._line(what, message, "are those metrics scraped?", warning=True)
        return self._line(what, message)

    async def places(self, places: Callable[[Circumstances], Awaitable[PlacesSeen]]) -> Check:
        """Return whether it is known which pod runs on which node."""
        what, around = "where pods run", Circumstances()
        try:
            seen = await places(around)
        except SystemError as error:
            return self._line(what, str(error), "may kube_pod_info be asked?", warning=True)
        if not seen.places:
            return self._line(what, "no kube_pod_info: it is not known which pod runs on which node")
        nodes = len({place.node for place in seen.places})
        message = f"{len(seen.places):,} pods on {nodes:,} nodes"
        if around.partial:
            return self._line(what, f"{message}, {around.partial}", "is it slow?", warning=True)
        return self._line(what, message)

    async def measures(self, asker: MeasureAsker) -> Check:
        """Return which metrics tell how services do, and of how many series."""
        what, around = "error share, latency and rate", Circumstances()
        try:
            seen = await asker.ask(around)
        except SystemError as error:
            return self._line(what, str(error), "is the query right, and may it be asked?", warning=True)
        told = asker.told()
        if not told:
            remedy = 'nothing to do, or name your own: measures = {errors = "…", latency = "…", rate = "…"}'
            return self._line(what, "none of the well-known metrics is there", remedy)
        message = f"{len(seen.measures):,} series from {one_line(told, 200)}"
        if not seen.measures or seen.errors:
            message = "; ".join((message, *(one_line(error, 200) for error in seen.errors[:3])))
            return self._line(what, message, "are those metrics scraped, and are the queries right?", warning=True)
        return self._line(what, message)


def _remedy(error: SystemError) -> str:
    if error.status in {401, 403}:
        return "check the credentials"
    if "certificate" in str(error):
        return 'verify = "/path/to/ca.pem"'
    if error.status is None and "refused" in str(error):
        return "is it running, and is the port right?"
    return "check the address, and the network between"
