"""Asks a Prometheus who calls whom: service graphs made of traces, Istio's proxies, and queries of the configuration."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Literal

from cockpit.clock import Clock
from cockpit.model.measure import Measure
from cockpit.model.reading import HopsSeen, ObservedHop
from cockpit.systems.answers import joined
from cockpit.systems.base import Circumstances, SystemError
from cockpit.systems.prometheus_hop_queries import Plan
from cockpit.systems.prometheus_names import NONE, MetricNames
from cockpit.systems.prometheus_query import Server, moment
from cockpit.text import one_line
from cockpit.topology.importing.metrics import Call, End, istio_calls, service_graph_call

TREND = timedelta(minutes=30)
"""How much of the past is asked for beside the present."""

MINUTE_S = 60.0
"""Seconds between two points of a trend."""

DAY = timedelta(hours=24)
"""How far back calls are remembered that have no traffic any more."""

DAY_EVERY_S = 3600.0
"""Seconds after which the whole day is asked for again: it is dear."""

UNHURRIED_S = 2.0
"""Where the last answer took longer, trends and the day wait."""

MOST = 20_000
"""Calls that are kept of one answer, the busiest."""

What = Literal["rate", "failed", "latency", "trend", "day"]
"""What a value says of a call."""

Value = float | tuple[tuple[float, float], ...]
"""One number, or points of Unix seconds and values."""

Said = tuple[What, Value]
"""One series' value, with what it says."""

_Key = tuple[str, str, str, str, str, str]


@dataclass(slots=True)
class _Found:
    """What is known of one call."""

    call: Call
    at: datetime
    """The present, by the server's clock."""
    rate: float | None = None
    failed: float | None = None
    latency: float | None = None
    trend: dict[int, float] = field(default_factory=dict)
    seen: datetime | None = None

    def take(self, what: What, value: Value, unit: float) -> None:
        """Add what one series says: rates add up, of durations and trends the worst counts."""
        if isinstance(value, tuple):
            for at, share in value:
                if what == "trend":
                    place = round(at / MINUTE_S)
                    self.trend[place] = max(share, self.trend.get(place, 0.0))
                    self._saw(moment(at))
                elif share > 0:
                    self._saw(moment(at))
        elif what == "rate":
            self.rate = (self.rate or 0.0) + value
            if value > 0:
                self._saw(self.at)
        elif what == "failed":
            self.failed = (self.failed or 0.0) + value
        elif what == "latency":
            self.latency = max(value / unit, self.latency or 0.0)

    def _saw(self, at: datetime) -> None:
        self.seen = at if self.seen is None else max(at, self.seen)

    def measure(self, system: str, ahead: timedelta, *, counts_failures: bool) -> Measure:
        """Return what is measured on it; a server's clock that is ahead shifts no time."""
        share = None
        if self.rate and (counts_failures or self.failed is not None):
            share = min(1.0, max(0.0, (self.failed or 0.0) / self.rate))
        last = round(self.at.timestamp() / MINUTE_S)
        count = int(TREND.total_seconds() / MINUTE_S)
        trend = tuple(self.trend.get(place) for place in range(last - count + 1, last + 1)) if self.trend else ()
        return Measure(share, self.latency, self.rate, trend=trend, at=self.at - ahead, system=system)


class HopAsker:
    """Asks for calls, and remembers those of the last day.

    Args:
        system: Its name, which measures tell.
        server: Whom to ask.
        clock: Says when the day is asked for again.
        names: Which metrics there are.
        plans: What the configuration says is to be asked; null: what is found.
        own: Labels of the settings, which both ends of every call have that say nothing else.
    """

    def __init__(
        self,
        system: str,
        server: Server,
        clock: Clock,
        names: MetricNames,
        plans: Sequence[Plan] | None = None,
        own: Mapping[str, str] = NONE,
    ) -> None:
        self._own = own
        self._system = system
        self._server = server
        self._clock = clock
        self._names = names
        self._plans = plans
        self._took_s: float | None = None
        self._day: float | None = None
        self._known: dict[tuple[str, _Key], ObservedHop] = {}

    async def plans(self, around: Circumstances) -> tuple[Plan, ...]:
        """Return what there is to be asked: of the configuration, else of the metrics that there are.

        Raises:
            SystemError: It did not say which metrics it has.
        """
        if self._plans is not None:
            return tuple(self._plans)
        from cockpit.systems.prometheus_hop_queries import plans_of

        return plans_of(await self._names.known(around))

    async def ask(self, around: Circumstances, since: datetime | None = None) -> HopsSeen:
        """Return the calls that are seen now, and those seen since a moment, else in the last day.

        Raises:
            SystemError: It did not answer.
        """
        plans = await self.plans(around)
        began = self._clock.monotonic()
        found: list[ObservedHop] = []
        failures: list[SystemError] = []
        for plan in plans:
            try:
                found += await self._one(plan, around, since)
            except SystemError as error:
                failures.append(error)
        if failures and len(failures) == len(plans):
            raise failures[0]
        around.partial = joined((around.partial, *map(str, failures)))
        self._took_s = self._clock.monotonic() - began
        found.sort(key=lambda hop: -(hop.measure.rate or 0.0))
        return HopsSeen(tuple(found[:MOST]), ", ".join(dict.fromkeys(plan.source for plan in plans)))

    async def _one(self, plan: Plan, around: Circumstances, since: datetime | None) -> list[ObservedHop]:
        """Return the calls of one plan; only its rates are needed, the rest is told where it fails."""
        end = self._server.now()
        rates = await self._server.instant(plan.rate, around)
        said: list[tuple[Mapping[str, str], Said]] = [(one.labels, ("rate", one.value or 0.0)) for one in rates]
        failed = None if plan.failed is None else await self._values("failed", plan.failed, around)
        said += failed or ()
        if plan.latency is not None and said:
            said += await self._values("latency", plan.latency, around) or ()
        unhurried = self._took_s is not None and self._took_s < UNHURRIED_S
        if plan.trend is not None and said and (unhurried or self._took_s is None):
            said += await self._lines("trend", plan.trend, end - TREND, end, MINUTE_S, around)
        if since is not None or (unhurried and self._due()):
            begin = end - DAY if since is None else since
            step_s = max(MINUTE_S, ceil((end - begin).total_seconds() / 24 / MINUTE_S) * MINUTE_S)
            said += await self._lines("day", plan.over(step_s), begin, end, step_s, around)
            self._day = self._clock.monotonic()
        found = self._hops(plan, said, end, counts_failures=failed is not None)
        return self._remembering(plan, found, self._clock.now())

    def _due(self) -> bool:
        return self._day is None or not 0 <= self._clock.monotonic() - self._day < DAY_EVERY_S

    async def _values(
        self, what: What, query: str, around: Circumstances
    ) -> list[tuple[Mapping[str, str], Said]] | None:
        """Return what a query comes to; null where it fails, for no failed requests are not the same as unknown ones."""
        try:
            samples = await self._server.instant(query, around)
        except SystemError as error:
            around.partial = joined((around.partial, f"{what}: {error}"))
            return None
        return [(one.labels, (what, one.value)) for one in samples if one.value is not None]

    async def _lines(
        self, what: What, query: str, start: datetime, end: datetime, step_s: float, around: Circumstances
    ) -> list[tuple[Mapping[str, str], Said]]:
        begin = datetime.fromtimestamp(start.timestamp() // step_s * step_s, start.tzinfo)
        try:
            lines = await self._server.span(query, begin, end, step_s, around)
        except SystemError as error:
            around.partial = joined((around.partial, f"{what}: {error}"))
            return []
        return [(line.labels, (what, line.points)) for line in lines]

    def _hops(
        self, plan: Plan, said: Sequence[tuple[Mapping[str, str], Said]], at: datetime, *, counts_failures: bool
    ) -> dict[_Key, ObservedHop]:
        found: dict[_Key, _Found] = {}
        for call, (what, value) in _calls(plan, said):
            known = found.setdefault(_key(call), _Found(call, at))
            known.take(what, value, plan.per_second)
        ahead = timedelta(seconds=self._server.skew_s)
        hops: dict[_Key, ObservedHop] = {}
        for key, one in found.items():
            measure = one.measure(self._system, ahead, counts_failures=counts_failures)
            hop = _observed(one, plan.source, measure, self._own)
            hops[key] = replace(hop, seen=None if one.seen is None else one.seen - ahead)
        return hops

    def _remembering(self, plan: Plan, found: Mapping[_Key, ObservedHop], now: datetime) -> list[ObservedHop]:
        """Return the calls found, each with when it was last seen, and those that are gone, for a day."""
        hops = dict(found)
        for (source, key), before in self._known.items():
            if source != plan.source or before.seen is None or now - before.seen > DAY:
                continue
            hop = hops.get(key)
            if hop is None:
                gone = Measure(at=before.measure.at, system=self._system)
                hops[key] = before if before.measure == gone else replace(before, measure=gone)
            elif hop.seen is None or hop.seen < before.seen:
                hops[key] = replace(hop, seen=before.seen)
        others = {place: hop for place, hop in self._known.items() if place[0] != plan.source}
        mine = list(hops.items())
        if len(mine) > MOST:
            mine = sorted(mine, key=lambda item: -(item[1].measure.rate or 0.0))[:MOST]
        self._known = {**others, **{(plan.source, key): hop for key, hop in mine}}
        return [hop for _, hop in mine]


def _calls(plan: Plan, said: Iterable[tuple[Mapping[str, str], Said]]) -> list[tuple[Call, Said]]:
    if plan.mesh:
        return istio_calls(said)
    read: Callable[[Mapping[str, str]], Call | None] = service_graph_call
    calls = ((read(plan.named(labels)), value) for labels, value in said)
    return [(call, value) for call, value in calls if call is not None]


def _key(call: Call) -> _Key:
    caller, callee = call.caller, call.callee
    return caller.name, caller.namespace, caller.cluster, callee.name, callee.namespace, callee.cluster


def _observed(found: _Found, source: str, measure: Measure, own: Mapping[str, str]) -> ObservedHop:
    call = found.call
    return ObservedHop(
        caller=one_line(call.caller.name, 200),
        callee=one_line(call.callee.name, 200),
        measure=measure,
        protocol=one_line(call.protocol, 40),
        seen=found.seen,
        callee_labels={**own, **_labels(call.callee)},
        caller_labels={**own, **_labels(call.caller)},
        callee_kind=call.callee.kind,
        source=source,
    )


def _labels(end: End) -> dict[str, str]:
    labels = dict(end.labels)
    if end.other:
        labels["service"] = end.other
    return {name: one_line(value, 200) for name, value in labels.items()}
