"""What the tests of the watch stand on: a clock that is moved by hand, and systems that answer as told."""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from cockpit.board.state import Expected, Setup
from cockpit.matchers import Matcher
from cockpit.model.alert import AlertKey, AlertReport
from cockpit.model.history import HistorySeen
from cockpit.model.reading import (
    AlertsSeen,
    ChangesSeen,
    HopsSeen,
    MeasuresSeen,
    OnCallSeen,
    PlacesSeen,
    RulesSeen,
    ScopeSample,
    ScopesSeen,
    SeriesSeen,
    SilencesSeen,
    StatusSeen,
    TargetsSeen,
    Topic,
)
from cockpit.model.topology import NO_MAP, IntegrationMap
from cockpit.systems.base import Check, Circumstances, ScopeRequest, SystemError

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
"""When the tests begin."""


class HandClock:
    """A clock that only moves when told; sleepers wake in their order."""

    def __init__(self) -> None:
        self._at = NOON
        self._order = count()
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """Return where it stands."""
        return self._at

    def monotonic(self) -> float:
        """Return where it stands, in seconds."""
        return self._at.timestamp()

    async def sleep(self, seconds: float) -> None:
        """Wait until it was moved so far."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._at + timedelta(seconds=seconds), next(self._order), woken))
        await woken

    async def move(self, seconds: float) -> None:
        """Move it, waking whoever is due on the way."""
        until = self._at + timedelta(seconds=seconds)
        await settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            self._at, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
            await settle()
        self._at = until
        await settle()


async def settle() -> None:
    """Let everything run that can."""
    for _ in range(25):
        await asyncio.sleep(0)


def report(name: str, started: float = 0) -> AlertReport:
    """Return an alert that fires since so many seconds after noon."""
    labels = {"alertname": name, "service": "payment"}
    generator = "http://prom:9090/graph?g0.expr=up%3D%3D0"
    return AlertReport(
        f"id-{name}", labels, {}, NOON + timedelta(seconds=started), NOON + timedelta(days=9), None, generator=generator
    )


class Pretender:
    """A system that answers as told and notes when it was asked for what.

    Args:
        name: Its name.
        topics: What it can be asked for.
        clock: Says when it was asked.
        every_s: Its cadence.
    """

    CADENCE: Mapping[Topic, float] = {Topic.ALERTS: 15.0, Topic.RULES: 15.0, Topic.CHANGES: 30.0}

    def __init__(self, name: str, topics: Sequence[Topic], clock: HandClock, every_s: float = 15.0) -> None:
        self.name = name
        self.kind = "pretend"
        self.every_s = every_s
        self.insecure = False
        self.TOPICS = tuple(topics)
        self.asked: list[tuple[Topic, float]] = []
        self.series_of: list[AlertKey] = []
        self.since: list[datetime] = []
        self.filtered_by: tuple[Matcher, ...] = ()
        self.only: list[str | None] = []
        self.held: tuple[AlertReport, ...] = (report("Errors"),)
        self.fails: deque[BaseException] = deque()
        self.hangs: asyncio.Event | None = None
        self.takes_s = 0.0
        self.running = 0
        self.most = 0
        self.closed = False
        self._clock = clock

    async def _ask(self, topic: Topic) -> None:
        self.asked.append((topic, (self._clock.now() - NOON).total_seconds()))
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            if self.hangs is not None:
                await self.hangs.wait()
            if self.takes_s:
                await self._clock.sleep(self.takes_s)
            if self.fails:
                raise self.fails.popleft()
        finally:
            self.running -= 1

    def times(self, topic: Topic) -> list[float]:
        """Return when it was asked for a topic, in seconds after noon."""
        return [at for asked, at in self.asked if asked is topic]

    async def alerts(self, around: Circumstances) -> AlertsSeen:
        """Return what it holds."""
        await self._ask(Topic.ALERTS)
        return AlertsSeen(self.held)

    def filters(self, matchers: Sequence[Matcher]) -> bool:
        """Know every label."""
        return bool(matchers)

    async def filtered(self, matchers: Sequence[Matcher], around: Circumstances) -> AlertsSeen:
        """Return what it holds, whatever is asked for."""
        self.filtered_by = tuple(matchers)
        await self._ask(Topic.FILTERED)
        return AlertsSeen(self.held, tuple(map(str, matchers)))

    async def silences(self, around: Circumstances) -> SilencesSeen:
        """Return none."""
        await self._ask(Topic.SILENCES)
        return SilencesSeen(())

    async def rules(self, around: Circumstances) -> RulesSeen:
        """Return none."""
        await self._ask(Topic.RULES)
        return RulesSeen(())

    async def changes(self, since: datetime, until: datetime, around: Circumstances) -> ChangesSeen:
        """Return none, complete to a minute ago, with a gap."""
        await self._ask(Topic.WIDER if until - since > timedelta(days=1) else Topic.CHANGES)
        self.since.append(since)
        around.complete_to = until - timedelta(minutes=1)
        around.partial = "payment: fetch failed"
        return ChangesSeen((), since)

    async def history(self, since: datetime, until: datetime, around: Circumstances) -> HistorySeen:
        """Return what fired in that time."""
        self.since.append(since)
        await self._ask(Topic.HISTORY)
        return HistorySeen((), since, until, 15.0)

    async def scopes(self, requests: Sequence[ScopeRequest], around: Circumstances) -> ScopesSeen:
        """Answer each query with a half."""
        await self._ask(Topic.SCOPES)
        return ScopesSeen(tuple(ScopeSample(one.service, one.query, 0.5, self._clock.now()) for one in requests))

    async def series(
        self, alert: AlertKey, expression: str, labels: Mapping[str, str], around: Circumstances
    ) -> SeriesSeen:
        """Return a series without points."""
        self.series_of.append(alert)
        await self._ask(Topic.SERIES)
        return SeriesSeen(alert, expression, (), 15.0)

    async def targets(self, around: Circumstances) -> TargetsSeen:
        """Return none."""
        await self._ask(Topic.TARGETS)
        return TargetsSeen(())

    async def hops(self, around: Circumstances, since: datetime | None = None) -> HopsSeen:
        """Return none."""
        await self._ask(Topic.HOPS)
        return HopsSeen(())

    async def places(self, around: Circumstances) -> PlacesSeen:
        """Return none."""
        await self._ask(Topic.PLACES)
        return PlacesSeen(())

    async def measures(self, around: Circumstances, *, only: str | None = None) -> MeasuresSeen:
        """Return none, whatever service it is asked for alone."""
        await self._ask(Topic.MEASURES)
        self.only.append(only)
        return MeasuresSeen(())

    async def statuses(self, around: Circumstances) -> StatusSeen:
        """Return none."""
        await self._ask(Topic.STATUS)
        return StatusSeen(())

    async def on_call(self, around: Circumstances) -> OnCallSeen:
        """Return nobody."""
        await self._ask(Topic.ONCALL)
        return OnCallSeen(())

    async def check(self) -> Sequence[Check]:
        """Return nothing."""
        return ()

    async def close(self) -> None:
        """Note that it was closed."""
        self.closed = True


def setup_of(*systems: Pretender, map: IntegrationMap = NO_MAP, urls: Mapping[str, str] | None = None) -> Setup:  # noqa: A002 - the setup's own word
    """Return the setup that expects these systems."""
    expected = tuple(
        Expected(one.name, one.kind, one.TOPICS, one.every_s, ((urls or {}).get(one.name, f"http://{one.name}:9090"),))
        for one in systems
    )
    return Setup(map=map, systems=expected)


def fail(message: str = "connection refused", retry_after_s: float | None = None) -> SystemError:
    """Return the failure of a system."""
    return SystemError(message, retry_after_s=retry_after_s)


def steady() -> Callable[[], float]:
    """Return a chance that spreads nothing."""
    return lambda: 0.5
