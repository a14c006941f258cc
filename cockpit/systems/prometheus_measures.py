"""Asks a Prometheus for error share with its trend, latency and rate: by the map, by the configuration, else by what is well known."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec

from cockpit.clock import Clock
from cockpit.config import ConfigError
from cockpit.model.measure import Measure, Measured
from cockpit.model.reading import MeasuresSeen
from cockpit.model.topology import IntegrationMap
from cockpit.spans import rfc3339
from cockpit.systems.answers import clean_labels, decode, joined
from cockpit.systems.base import Circumstances, SystemError
from cockpit.systems.prometheus_known import FAMILIES, MeasureSource, probe, selector_of, source_of
from cockpit.systems.prometheus_query import Line, Sample, Server, per_query
from cockpit.systems.recording import NotRecorded
from cockpit.text import one_line

STEP_S = 60.0
"""Seconds between two samples of a trend."""

SAMPLES = 30
"""Samples of a trend."""

FRESH_S = 150.0
"""Seconds after which the last sample of a trend is not what is failing now."""

LOOK_S = 600.0
"""Seconds after which it is asked again which well-known metrics exist."""

MOST_SHARE = 2.0
"""What an error share may come to: counters that do not fit exactly exceed 1 a little, percent and counts by far."""

USUAL_S = 900.0
"""Seconds after which the usual rates are asked again."""

USUAL = "avg_over_time(({})[1h:5m] offset 23h30m)"
"""What a rate came to around this time of the day before."""

GIVEN_UP = 2
"""Queries that may fail for the server's sake before the rest is not asked."""

MOST_SERIES = 5000
"""Series of one query that are looked at."""

_Key = tuple[tuple[str, str], ...]

_Series = TypeVar("_Series", Line, Sample)


class MeasureQueries(msgspec.Struct, forbid_unknown_fields=True):
    """Queries of the configuration that belong together; each comes to one series a service."""

    errors: str = ""
    """Failing requests among all, 0 to 1."""
    latency: str = ""
    """In seconds."""
    rate: str = ""
    """Requests a second."""
    service: str | None = None
    """The label that names the service; without it the map's labels are tried."""


def configured(measures: MeasureQueries | list[MeasureQueries] | bool, place: str) -> tuple[MeasureSource, ...] | None:
    """Return the queries of the configuration; null where well-known metrics are looked for.

    Raises:
        ConfigError: An entry has no query.
    """
    if isinstance(measures, bool):
        return None if measures else ()
    entries = measures if isinstance(measures, list) else [measures]
    for number, one in enumerate(entries):
        if not (one.errors.strip() or one.latency.strip() or one.rate.strip()):
            where = f"{place}.measures[{number}]" if isinstance(measures, list) else f"{place}.measures"
            raise ConfigError(where, "has no query", 'write one of errors, latency, rate = "PROMQL"')
    return tuple(
        MeasureSource(one.errors.strip(), one.latency.strip(), one.rate.strip(), one.service, says="measures")
        for one in entries
    )


def of_map(known: IntegrationMap) -> tuple[MeasureSource, ...]:
    """Return the queries that services of the map carry."""
    return tuple(
        MeasureSource(own.errors, own.latency, own.rate, service=service.name, says=service.name)
        for service in known.services.values()
        if (own := service.measures) is not None
    )


def naming_labels(known: IntegrationMap) -> tuple[str, ...]:
    """Return the labels that decide which service a series belongs to."""
    matched = (matcher.name for service in known.services.values() for matcher in service.match)
    return tuple(dict.fromkeys((*known.labels, *matched)))


@dataclass(slots=True)
class _Round:
    """What goes wrong while everything is asked once."""

    around: Circumstances
    errors: list[str]
    failures: list[SystemError]
    answered: int = 0


class MeasureAsker:
    """Asks what is measured of services, one query after the other.

    Args:
        server: Whom.
        clock: Says when what is asked seldom is asked again.
        known: The map: its own queries, and the labels that name services.
        sources: The configuration's queries; null looks for well-known metrics.
    """

    def __init__(
        self, server: Server, clock: Clock, known: IntegrationMap, sources: tuple[MeasureSource, ...] | None
    ) -> None:
        self._server = server
        self._clock = clock
        self._own = of_map(known)
        self.naming = naming_labels(known)
        """Labels that decide which service a series belongs to."""
        self._sources = sources
        self._found: tuple[MeasureSource, ...] = ()
        self._looked = float("-inf")
        self._usual: dict[str, tuple[float, Mapping[_Key, float]]] = {}
        self._last: dict[MeasureSource, tuple[Measured, ...]] = {}

    @property
    def asks(self) -> bool:
        """Whether there is anything to ask."""
        return bool(self._own) or self._sources != ()

    async def ask(self, around: Circumstances, *, only: str | None = None) -> MeasuresSeen:
        """Return what is measured now.

        Args:
            around: Gets what came with the answers.
            only: Asks the map's own queries of this one service, and says of the others what was last known.

        Raises:
            SystemError: The server failed for every query.
        """
        going = _Round(around, [], [])
        sources = (*self._own, *(self._found if only is not None else await self._all_services(going)))
        for source in sources:
            if len(going.failures) >= GIVEN_UP:
                break
            if only is None or source.service == only:
                failures = len(going.failures)
                said = await self._ask_source(source, going, usual=only is None)
                if said or len(going.failures) == failures:
                    self._last[source] = said
        if going.failures and not going.answered:
            raise going.failures[0]
        self._last = {source: self._last[source] for source in sources if source in self._last}
        around.partial = joined((around.partial, *going.errors))
        measured = (replace(one, source=number) for number, said in enumerate(self._last.values()) for one in said)
        return MeasuresSeen(tuple(measured), tuple(going.errors))

    async def _all_services(self, going: _Round) -> tuple[MeasureSource, ...]:
        """Return the queries for all services; where it cannot be asked which exist, those that did."""
        try:
            self._found = await self.sources(going.around)
        except SystemError as error:
            going.failures.append(error)
            if not isinstance(error, NotRecorded):
                going.errors.append(f"which metrics there are: {error}")
        return self._found

    def told(self) -> str:
        """Return what the last answer came from, for `doctor`: `http_requests_total, queries of db`."""
        return ", ".join(
            dict.fromkeys(f"queries of {source.says}" if source.service else source.says for source in self._last)
        )

    async def sources(self, around: Circumstances) -> tuple[MeasureSource, ...]:
        """Return the queries for all services: the configuration's, else those for the well-known metrics that exist.

        Raises:
            SystemError: It could not be asked which exist.
        """
        if self._sources is not None:
            return self._sources
        now = self._clock.monotonic()
        if now - self._looked < LOOK_S:
            return self._found
        found = tuple([source async for source in self._look(around)])
        self._looked = now
        return found

    async def _look(self, around: Circumstances) -> AsyncIterator[MeasureSource]:
        there = await self._labels("label/__name__/values", probe(), around)
        for family in FAMILIES:
            if family.count in there:
                labels = await self._labels("labels", selector_of(family), around)
                source = source_of(family, there, labels, self.naming)
                if source is not None:
                    yield source

    async def _labels(self, path: str, selector: str, around: Circumstances) -> frozenset[str]:
        """Return label names or values of the series of the last ten minutes that a selector chooses."""
        end = self._server.now()
        start = end - timedelta(seconds=LOOK_S)
        params = [("match[]", selector), ("start", rfc3339(start) or ""), ("end", rfc3339(end) or "")]
        return frozenset(decode(await self._server.ask(f"/api/v1/{path}", params, around), list[str] | None) or ())

    async def _ask_source(self, source: MeasureSource, going: _Round, *, usual: bool) -> tuple[Measured, ...]:
        now = self._server.now()
        found: dict[_Key, Measure] = {}
        if source.errors:
            lines = await self._span(source, now, going)
            worst = max((value for line in lines for _, value in line.points), default=0.0)
            if worst > MOST_SHARE:
                going.errors.append(f"errors of {source.says}: come to {worst:.3g}, and a share is 0 to 1")
                lines = []
            found = {_key(line.labels): _shares(line, now) for line in lines}
        if source.latency:
            for sample in await self._instant(source, "latency", source.latency, going):
                key = _key(sample.labels)
                found[key] = replace(found.get(key, Measure(at=sample.at)), latency_s=_positive(sample.value))
        if source.rate:
            usually = await self._usually(source, going) if usual else self._usual.get(source.rate, (0.0, {}))[1]
            for sample in await self._instant(source, "rate", source.rate, going):
                key = _key(sample.labels)
                known = found.get(key, Measure(at=sample.at))
                found[key] = replace(known, rate=_positive(sample.value), usual=usually.get(key))
        return tuple(_measured(source, key, measure) for key, measure in found.items())

    async def _span(self, source: MeasureSource, now: datetime, going: _Round) -> list[Line]:
        start = now - timedelta(seconds=(SAMPLES - 1) * STEP_S)
        try:
            lines = await self._server.span(source.errors, start, now, STEP_S, going.around)
        except SystemError as error:
            self._failed(source, "errors", error, going)
            return []
        return self._enough(source, "errors", lines, going)

    async def _instant(self, source: MeasureSource, what: str, query: str, going: _Round) -> list[Sample]:
        try:
            samples = await self._server.instant(query, going.around)
        except SystemError as error:
            self._failed(source, what, error, going)
            return []
        return self._enough(source, what, samples, going)

    def _enough(self, source: MeasureSource, what: str, series: list[_Series], going: _Round) -> list[_Series]:
        going.answered += 1
        if source.service and len(series) > 1:
            going.errors.append(f"{what} of {source.says}: {len(series)} series where one is wanted: aggregate them")
            return []
        if len(series) > MOST_SERIES:
            going.errors.append(f"{what} of {source.says}: {len(series):,} series, {MOST_SERIES:,} are looked at")
        return series[:MOST_SERIES]

    def _failed(self, source: MeasureSource, what: str, error: SystemError, going: _Round) -> None:
        if per_query(error):
            going.answered += 1
        else:
            going.failures.append(error)
        if not isinstance(error, NotRecorded):
            going.errors.append(f"{what} of {source.says}: {error}")

    async def _usually(self, source: MeasureSource, going: _Round) -> Mapping[_Key, float]:
        """Return the usual rates; what fails is asked again later and is no failure of the rest."""
        at, known = self._usual.get(source.rate, (float("-inf"), {}))
        now = self._clock.monotonic()
        if now - at < USUAL_S:
            return known
        try:
            samples = await self._server.instant(USUAL.format(source.rate), going.around)
            known = {_key(one.labels): one.value for one in samples[:MOST_SERIES] if one.value is not None}
        except SystemError:
            pass
        self._usual[source.rate] = (now, known)
        return known


def _key(labels: Mapping[str, str]) -> _Key:
    return tuple(sorted((name, value) for name, value in labels.items() if name != "__name__"))


def _positive(value: float | None) -> float | None:
    return None if value is None else max(0.0, value)


def _shares(line: Line, now: datetime) -> Measure:
    """Return the trend of an error share with its end; a sample stands at the minute that it is old."""
    trend: list[float | None] = [None] * SAMPLES
    for at, value in line.points:
        place = SAMPLES - 1 - round((now.timestamp() - at) / STEP_S)
        if 0 <= place < SAMPLES:
            trend[place] = min(1.0, max(0.0, value))
    last, share = line.points[-1] if line.points else (0.0, 0.0)
    if now.timestamp() - last > FRESH_S:
        return Measure(trend=tuple(trend), at=now)
    measured = datetime.fromtimestamp(last, UTC)
    return Measure(error_share=min(1.0, max(0.0, share)), trend=tuple(trend), at=measured)


def _measured(source: MeasureSource, key: _Key, measure: Measure) -> Measured:
    if source.service:
        return Measured(measure, service=source.service)
    labels = clean_labels(dict(key), plain=False)
    if "/" in labels.get("job", ""):
        labels["job"] = labels["job"].rpartition("/")[2]
    wanted: Iterable[str] = (source.label,) if source.label is not None else source.names
    name = next((one_line(labels[label]) for label in wanted if labels.get(label)), "")
    return Measured(measure, labels, name)
