"""Asks a Prometheus for sixty minutes of the measure behind one alert."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from cockpit.model.alert import AlertKey
from cockpit.model.reading import SeriesSeen
from cockpit.promql import PromqlError, parse
from cockpit.systems.answers import joined
from cockpit.systems.base import Circumstances
from cockpit.systems.prometheus_query import Line, Server, fits, moment

SPAN = timedelta(minutes=60)
"""How much is asked for."""

STEP_S = 30.0
"""Seconds between two points."""

STALE_S = 300.0
"""Seconds after which the last sample is no value of now."""

WIDE = 50
"""Series from which the one that was chosen is asked for alone."""

REMEMBERED = 200
"""Alerts whose own labels are remembered."""


class SeriesAsker:
    """Asks for series.

    Args:
        server: Whom.
        ignored: Labels of the system's settings, which no series has.
    """

    def __init__(self, server: Server, ignored: frozenset[str]) -> None:
        self._server = server
        self._ignored = ignored
        self._narrow: dict[tuple[AlertKey, str], str] = {}

    async def ask(
        self, alert: AlertKey, expression: str, labels: Mapping[str, str], around: Circumstances
    ) -> SeriesSeen:
        """Return the series of an expression's measured side whose labels are the alert's.

        Where a rule has very many series, only this one is asked for from then on.

        Raises:
            SystemError: It could not be asked.
        """
        measure = _left(expression)
        query = self._narrow.get((alert, measure), measure)
        end = self._server.now()
        lines = await self._server.span(query, end - SPAN, end, STEP_S, around)
        line = choose(lines, labels, self._ignored)
        if line is not None and len(lines) > WIDE:
            query = self._narrowed(alert, measure, line.labels)
            line = choose(await self._server.span(query, end - SPAN, end, STEP_S, around), labels, self._ignored)
        if line is None and lines:
            around.partial = joined((around.partial, f"none of {len(lines)} series has this alert's labels"))
        points = tuple((moment(at), value) for at, value in line.points) if line else ()
        fresh = bool(points) and (self._server.now() - points[-1][0]).total_seconds() <= STALE_S
        return SeriesSeen(
            alert=alert,
            expression=expression,
            points=points,
            step_s=STEP_S,
            value=points[-1][1] if fresh else None,
            at=points[-1][0] if fresh else None,
            url=self._server.graph(measure),
        )

    def _narrowed(self, alert: AlertKey, measure: str, labels: Mapping[str, str]) -> str:
        """Return a query that leaves only the series with these labels of a measure's."""
        names = [name for name in labels if name != "__name__"]
        if not names:
            return measure
        one = "vector(1)"
        for name in names:
            one = f'label_replace({one}, "{name}", {_quoted(labels[name])}, "", "")'
        query = f"({measure}) and on ({', '.join(names)}) {one}"
        if len(self._narrow) >= REMEMBERED:
            self._narrow.clear()
        self._narrow[(alert, measure)] = query
        return query


def _left(expression: str) -> str:
    try:
        return parse(expression).left or expression
    except PromqlError:
        return expression


def _quoted(value: str) -> str:
    """Return a label's value as a replacement: a dollar would be a reference."""
    text = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("$", "$$")
    return f'"{text}"'


def choose(lines: Sequence[Line], labels: Mapping[str, str], ignored: frozenset[str] = frozenset()) -> Line | None:
    """Return the series whose labels are all the alert's, of several the one with most; the only one in any case."""
    ranked = [(count, line) for line in lines if (count := fits(line.labels, labels, ignored)) is not None]
    if ranked:
        return max(ranked, key=lambda pair: pair[0])[1]
    return lines[0] if len(lines) == 1 else None
