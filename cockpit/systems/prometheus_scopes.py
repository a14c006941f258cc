"""Asks a Prometheus the map's scope queries: each by itself, a quotient's denominator beside it."""

import asyncio
from collections.abc import Sequence

from cockpit.clock import Clock
from cockpit.model.reading import ScopeSample, ScopesSeen
from cockpit.promql import Expression, PromqlError, parse
from cockpit.systems.base import Circumstances, ScopeRequest, SystemError
from cockpit.systems.prometheus_query import Sample, Server, per_query

USUAL_EVERY_S = 900.0
"""Seconds after which a denominator's usual value is asked again: it is a day's average, and dear."""

USUAL_AGAIN_S = 60.0
"""The same, where there was none yet."""

USUAL = "avg_over_time(({})[1d:5m])"
"""What a denominator usually comes to."""

IN_FLIGHT = 2
"""Queries that are asked at the same time."""

GIVEN_UP = 2
"""Queries that may fail for the server's sake before the rest is not asked."""


class ScopeAsker:
    """Asks the scope queries of the map.

    Args:
        server: Whom.
        clock: Says when the usual values are asked again.
    """

    def __init__(self, server: Server, clock: Clock) -> None:
        self._server = server
        self._clock = clock
        self._usual: dict[str, tuple[float, float | None]] = {}

    async def ask(self, requests: Sequence[ScopeRequest], around: Circumstances) -> ScopesSeen:
        """Return a sample for each request; a query that the server refuses is a sample with an error.

        Raises:
            SystemError: The server itself failed for every one of them.
        """
        failures: list[SystemError] = []
        gate = asyncio.Semaphore(IN_FLIGHT)

        async def in_turn(request: ScopeRequest) -> ScopeSample:
            async with gate:
                return await self._ask_one(request, around, failures)

        samples = await asyncio.gather(*map(in_turn, requests))
        if failures and all(sample.error for sample in samples):
            raise failures[0]
        return ScopesSeen(tuple(samples))

    async def _ask_one(self, request: ScopeRequest, around: Circumstances, failures: list[SystemError]) -> ScopeSample:
        expression = _parsed(request.query)
        if len(failures) >= GIVEN_UP:
            return self._failed(request, expression, str(failures[0]))
        try:
            value = _single(await self._server.instant(request.query, around))
        except SystemError as error:
            if not per_query(error):
                failures.append(error)
            return self._failed(request, expression, str(error))
        denominator = expression.denominator if expression else None
        now = await self._value(denominator, around) if denominator else None
        usual = await self._usual_of(denominator, around) if denominator else None
        return ScopeSample(
            service=request.service,
            query=request.query,
            value=value.value if value else None,
            at=value.at if value else self._server.now(),
            denominator=now,
            usual=usual,
            window=_window(expression),
            url=self._server.graph(request.query),
        )

    def _failed(self, request: ScopeRequest, expression: Expression | None, error: str) -> ScopeSample:
        return ScopeSample(
            service=request.service,
            query=request.query,
            value=None,
            at=self._server.now(),
            window=_window(expression),
            url=self._server.graph(request.query),
            error=error,
        )

    async def _value(self, query: str, around: Circumstances) -> float | None:
        """Return the value of a query that only adds to another one: what fails is no value."""
        try:
            sample = _single(await self._server.instant(query, around))
        except SystemError:
            return None
        return sample.value if sample else None

    async def _usual_of(self, denominator: str, around: Circumstances) -> float | None:
        at, value = self._usual.get(denominator, (float("-inf"), None))
        now = self._clock.monotonic()
        if now - at >= (USUAL_AGAIN_S if value is None else USUAL_EVERY_S):
            value = await self._value(USUAL.format(denominator), around)
            self._usual[denominator] = (now, value)
        return value


def _parsed(query: str) -> Expression | None:
    try:
        return parse(query)
    except PromqlError:
        return None


def _window(expression: Expression | None) -> str:
    return expression.windows[0] if expression and expression.windows else ""


def _single(samples: Sequence[Sample]) -> Sample | None:
    """Return the one sample of a scope query, or null where there is none.

    Raises:
        SystemError: There are several.
    """
    if len(samples) > 1:
        raise SystemError(f"the query has {len(samples)} series, and one number is wanted: aggregate it", status=422)
    return samples[0] if samples else None
