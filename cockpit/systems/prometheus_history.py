"""Asks a Prometheus which alerts fired in a time, out of its own `ALERTS`, and of which of that time it knows nothing."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil, floor

from cockpit.model.history import Firing, HistorySeen, PastAlert
from cockpit.model.reading import shift_of
from cockpit.systems.answers import clean_labels
from cockpit.systems.base import Circumstances
from cockpit.systems.prometheus_query import Line, Server, moment

REACH = 'count({__name__=~"up|ALERTS_FOR_STATE"})'
"""Has a value whenever the server scraped or evaluated: where it has none, nobody knows what fired."""

FIRED = 'ALERTS{alertstate="firing"}'
"""Every alert while it fires."""

SIZE = f"count({FIRED})"
"""How many fire, to know beforehand how much asking for all of them would bring."""

BY_NAME = f"count by (alertname) ({FIRED})"
"""Asked instead where they are too many."""

COARSE_S = 120.0
"""Seconds between two looks at reach and size; wider where a time is longer than a day and a half."""

STEPS_S = (15.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds between two looks at each alert: the finest that keeps the answer small."""

MOST = 400_000
"""Values of an answer, at most: some ten megabytes."""

MOST_POINTS = 10_900
"""Points of one series that a server answers (11,000), with some to spare."""

_COARSE_POINTS = 1000
_SLACK = 1.5
"""Steps between two values that still follow each other."""

_OWN = frozenset({"__name__", "alertstate"})


class HistoryAsker:
    """Asks for what fired.

    Args:
        server: Whom.
        labels: Of the system's settings, added to each alert.
        steps_s: Seconds between two looks to choose from, the finest first.
    """

    def __init__(self, server: Server, labels: Mapping[str, str], *, steps_s: Sequence[float] = STEPS_S) -> None:
        self._server = server
        self._labels = labels
        self._steps_s = steps_s

    async def ask(self, since: datetime, until: datetime, around: Circumstances) -> HistorySeen:
        """Return what fired in that time, by our clock.

        Raises:
            SystemError: It did not answer.
        """
        there = timedelta(seconds=shift_of(self._server.skew_s))
        begin, end = since + there, until + there
        span_s = (end - begin).total_seconds()
        coarse = max(min(COARSE_S, span_s / 4), float(ceil(span_s / _COARSE_POINTS)))
        reach, size = await asyncio.gather(
            self._span(REACH, begin, end, coarse, around), self._span(SIZE, begin, end, coarse, around)
        )
        step, by_name = self._step(size, span_s, coarse)
        lines = await self._span(BY_NAME if by_name else FIRED, begin, end, step, around)
        blind = gaps(_times([*reach, *lines]), begin.timestamp(), end.timestamp(), coarse)
        alerts = []
        for line in lines:
            found = firings(_times([line]), begin.timestamp(), end.timestamp(), step, blind)
            if found:
                alerts.append(PastAlert(self._said(line), tuple(_ours(one, there) for one in found)))
        told = tuple((moment(first) - there, moment(last) - there) for first, last in blind)
        return HistorySeen(tuple(alerts), since, until, step, told, by_name)

    async def _span(
        self, query: str, begin: datetime, end: datetime, step: float, around: Circumstances
    ) -> Sequence[Line]:
        """Ask from a whole step on, so that the same moments are looked at whenever it is asked."""
        start = datetime.fromtimestamp(floor(begin.timestamp() / step) * step, begin.tzinfo)
        return await self._server.span(query, start, end, step, around)

    def _step(self, size: Sequence[Line], span_s: float, coarse: float) -> tuple[float, bool]:
        """Return the seconds between two looks, and whether alerts are told by their names alone."""
        firing_s = sum(value for line in size for _, value in line.points) * coarse
        possible = [step for step in self._steps_s if span_s / step <= MOST_POINTS] or [
            float(ceil(span_s / MOST_POINTS))
        ]
        step = next((step for step in possible if firing_s / step <= MOST), None)
        return (max(possible[0], 60.0), True) if step is None else (step, False)

    def _said(self, line: Line) -> Mapping[str, str]:
        labels = clean_labels({name: value for name, value in line.labels.items() if name not in _OWN})
        for name, value in self._labels.items():
            labels.setdefault(name, value)
        return labels


def _ours(one: Firing, there: timedelta) -> Firing:
    """Return a stretch by our clock."""
    if not there:
        return one
    return Firing(one.began - there, None if one.ended is None else one.ended - there, one.before, one.unsure)


def _times(lines: Iterable[Line]) -> list[float]:
    return sorted({at for line in lines for at, _ in line.points})


def gaps(times: Sequence[float], begin: float, end: float, step: float) -> tuple[tuple[float, float], ...]:
    """Return the spans between begin and end in which no moment was seen, where one is due every so many seconds.

    Args:
        times: The moments that were seen, sorted.
        begin: Unix seconds.
        end: Unix seconds.
        step: Seconds between two moments.
    """
    edges = [begin, *(at for at in times if begin <= at <= end), end]
    return tuple((first, last) for first, last in pairwise(edges) if last - first > _SLACK * step)


def firings(
    times: Sequence[float], begin: float, end: float, step: float, blind: Sequence[tuple[float, float]] = ()
) -> tuple[Firing, ...]:
    """Return the stretches in which an alert fired.

    Args:
        times: The moments at which it was seen firing, sorted.
        begin: From when on it was looked.
        end: Up to when.
        step: Seconds between two looks.
        blind: Spans of which nothing is known: an alert that fires before and after one has not ended in it.
    """
    runs: list[tuple[float, float]] = []
    for at in times:
        if at > end:
            break
        last = runs[-1][1] if runs else None
        if last is not None and (at - last <= _SLACK * step or _hidden(last + step, at - step, blind)):
            runs[-1] = (runs[-1][0], at)
        else:
            runs.append((at, at))
    return tuple(_firing(first, last, begin, end, step, blind) for first, last in runs if last + step > begin)


def _firing(
    first: float, last: float, begin: float, end: float, step: float, blind: Sequence[tuple[float, float]]
) -> Firing:
    before = first - step < begin or _hidden(first - step, first - step, blind)
    if last + step > end:
        return Firing(moment(first), None, before)
    return Firing(moment(first), moment(last + step), before, _hidden(last + step, last + step, blind))


def _hidden(first: float, last: float, blind: Sequence[tuple[float, float]]) -> bool:
    """Tell whether a span lies wholly in one of which nothing is known."""
    return any(begin < first and last < end for begin, end in blind)
