"""Asks a Prometheus for changes: out of configured version metrics, or of those that are found, and of Kubernetes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor
from typing import Literal

import msgspec

from cockpit.clock import Clock
from cockpit.config import ConfigError, SystemSpec
from cockpit.model.change import ChangeKind, ChangeReport
from cockpit.model.reading import ChangesSeen, shift_of
from cockpit.systems.base import Circumstances, SystemError
from cockpit.systems.prometheus_builds import BUILDS, found_source, own_builds
from cockpit.systems.prometheus_changes import BRIDGED_S, Found, Source, Window, read_changes
from cockpit.systems.prometheus_kube import KubeAsker
from cockpit.systems.prometheus_kube_queries import METRICS, asks
from cockpit.systems.prometheus_names import MetricNames
from cockpit.systems.prometheus_query import Server
from cockpit.systems.recording.wires import NotRecorded
from cockpit.text import one_line

MOST_POINTS = 10_900
"""Points of one series that a server answers (11,000), with some to spare."""

STEPS_S = (15.0, 30.0, 60.0)
"""Seconds between samples of a version metric: the finest that keeps under 500 points, else the last."""

_FEW_POINTS = 500


class ChangeQuery(msgspec.Struct, forbid_unknown_fields=True):
    """One version metric."""

    query: str
    version: str = "version"
    """The label that holds the version."""
    service: str | None = None
    """The label that names the service, or the service itself where no series has that label; without it the map's
    labels are tried, then what the query selects."""
    kind: Literal["deploy", "merged", "config", "flag", "infrastructure"] = "deploy"


@dataclass(frozen=True, slots=True)
class Discovered:
    """What there is to ask without being told."""

    source: Source | None = None
    """The query for all version metrics that were found."""
    builds: tuple[str, ...] = ()
    """Those metrics."""
    kube: frozenset[str] = frozenset()
    """Metrics of kube-state-metrics."""


class ChangeAsker:
    """Asks for changes.

    Args:
        spec: The system's settings.
        server: Whom to ask.
        clock: Says when to look again which metrics there are.
        configured: Version metrics that tell of changes; null for those that are found.
        kubernetes: Whether kube-state-metrics is asked; null means where nothing is configured.
        names: The map's order of labels that name a service.

    Raises:
        ConfigError: A query is empty.
    """

    def __init__(
        self,
        spec: SystemSpec,
        server: Server,
        clock: Clock,
        configured: Sequence[ChangeQuery] | None,
        kubernetes: bool | None,
        names: Sequence[str],
    ) -> None:
        self._server = server
        self._labels = spec.labels
        self._order = tuple(dict.fromkeys(("service", *names)))
        self.sources = _sources(spec, configured or (), self._order)
        """The configured queries."""
        self._finds = configured is None
        self._kube = self._finds if kubernetes is None else kubernetes
        wanted = [*([BUILDS] if self._finds else []), *(METRICS if self._kube else ())]
        self._names = MetricNames(server, clock, "|".join(wanted)) if wanted else None
        self._asker = KubeAsker(server, spec.labels)

    @property
    def asks(self) -> bool:
        """Whether there is anything to ask."""
        return bool(self.sources) or self._names is not None

    async def discovered(self, around: Circumstances) -> Discovered:
        """Return what there is to ask without being told; looked for at most every ten minutes.

        Raises:
            SystemError: It did not answer.
        """
        if self._names is None:
            return Discovered()
        known = await self._names.known(around)
        builds = own_builds(known) if self._finds else ()
        kube = frozenset(METRICS) & known if self._kube else frozenset()
        return Discovered(found_source(builds, self._order, self._labels), builds, kube if asks(kube) else frozenset())

    async def ask(self, since: datetime, until: datetime, around: Circumstances) -> ChangesSeen:
        """Return the changes of a window by our clock.

        Raises:
            SystemError: It did not answer, or every query failed.
        """
        failures: list[SystemError] = []
        gaps: list[str] = []
        try:
            discovered = await self.discovered(around)
        except NotRecorded as error:  # an older recording: nobody looked then
            discovered = Discovered()
            gaps.append(f"versions without configuration: {error}")
        except SystemError as error:
            discovered = Discovered()
            failures.append(error)
            gaps.append(f"which versions there are: {error}")
        there = timedelta(seconds=shift_of(self._server.skew_s))
        window = window_of(since + there, until + there)
        sources = (*self.sources, *([discovered.source] if discovered.source else ()))
        found: list[Found] = []
        answers = await asyncio.gather(*(self._lines(source, window, around) for source in sources))
        for source, answer in zip(sources, answers, strict=True):
            if isinstance(answer, SystemError):
                failures.append(answer)
                gaps.append(f"query {one_line(source.query, 80)}: {answer}")
                continue
            found.append(answer)
            gaps += answer.gaps
        kube: list[ChangeReport] | None = None
        if discovered.kube:
            try:
                kube, missing = await self._asker.ask(
                    discovered.kube, window.since, window.until, window.step_s, around
                )
                gaps += missing
            except SystemError as error:
                failures.append(error)
                gaps.append(f"kube-state-metrics: {error}")
        if failures and not found and kube is None:
            raise failures[0]
        around.complete_to = _complete_to([one for one in found if not one.quiet], window, until, there)
        changes = sorted(
            (*(change for one in found for change in one.changes), *(kube or ())), key=lambda change: change.began
        )
        covers = dict.fromkeys(name for one in found for name in one.covers)
        blind = dict.fromkeys(span for one in found for span in one.blind)
        return ChangesSeen(tuple(changes), since, tuple(sorted(covers)), tuple(dict.fromkeys(gaps)), tuple(blind))

    async def _lines(self, source: Source, window: Window, around: Circumstances) -> Found | SystemError:
        start = datetime.fromtimestamp(window.start, window.since.tzinfo)
        try:
            lines = await self._server.span(source.query, start, window.until, window.step_s, around)
        except SystemError as error:
            return error
        return read_changes(source, lines, window, self._server.graph(source.query))


def _sources(spec: SystemSpec, configured: Sequence[ChangeQuery], order: tuple[str, ...]) -> tuple[Source, ...]:
    sources: list[Source] = []
    for number, one in enumerate(configured):
        if not one.query.strip():
            place = f"{spec.place or spec.name}.changes[{number}].query"
            raise ConfigError(place, "is empty", "write one such as max by (service, version) (app_build_info)")
        sources.append(Source(one.query, one.version, one.service, ChangeKind(one.kind), spec.labels, order))
    return tuple(sources)


def window_of(since: datetime, until: datetime) -> Window:
    """Return the samples to ask for: on whole steps, so that each poll sees the same ones.

    They begin before the window: one step for the state at its begin, and what is bridged before that.
    """
    span = (until - since).total_seconds() + BRIDGED_S
    step = next((step for step in STEPS_S if span / step <= _FEW_POINTS), STEPS_S[-1])
    step = max(step, float(ceil(span / MOST_POINTS)))
    start = (floor((since.timestamp() - BRIDGED_S) / step) - 1) * step
    return Window(since, until, start, step)


def _complete_to(found: Sequence[Found], window: Window, until: datetime, there: timedelta) -> datetime:
    """Return up to when every query was answered: the end of the window, or the last sample where that is earlier."""
    lasts = [one.last for one in found if one.last is not None]
    if not lasts or window.until.timestamp() - min(lasts) < window.step_s:
        return until
    return min(until, datetime.fromtimestamp(min(lasts), until.tzinfo) - there)
