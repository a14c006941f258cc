"""What a person's view asks for beside the cadences: a filter's own alerts, older changes, and what fired before."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from cockpit.board.state import Board
from cockpit.board.systems import SLOW_S
from cockpit.clock import Clock
from cockpit.matchers import Matcher
from cockpit.model.reading import AlertsSeen, Topic
from cockpit.poller.asking import Asked, topics_of
from cockpit.poller.cadence import next_delay
from cockpit.systems.base import FilterSource, HistorySource, System

MANY = 5000
"""Alerts of one system above which those of a filter are asked for by themselves."""

FILTERED_S = 15.0
"""Seconds of the clock after which the alerts of a filter are asked for again."""


HISTORY_S = 300.0
"""Seconds of the clock after which it is asked again what fired before, while somebody looks at it."""


class Ask(Protocol):
    """Asks a system for a topic, and takes what comes of it onto the board."""

    def __call__(
        self, system: System, topic: Topic, *, matchers: tuple[Matcher, ...] = (), since: datetime | None = None
    ) -> Coroutine[None, None, Asked]:
        """Ask, with what the topic has to know."""


def worth_filtering(board: Board, system: str) -> bool:
    """Tell whether the filtered alerts of a system come sooner than all of them: these are many, slow, or failed."""
    if (system, Topic.ALERTS) in board.failures:
        return True
    reading = board.readings.get((system, Topic.ALERTS))
    if reading is None or not isinstance(reading.answer, AlertsSeen):
        return False
    return reading.took_s > SLOW_S or len(reading.answer.alerts) > MANY


class Beside:
    """Follows what a person looks at; its methods belong into the watch's thread.

    Args:
        systems: Whom there is to ask.
        ask: Asks one of them.
        rest: Waits so many seconds of the clock, or until something else is wanted.
        board: Returns the latest board.
        clock: The watch's.
    """

    def __init__(
        self,
        systems: Sequence[System],
        ask: Ask,
        rest: Callable[[float, asyncio.Event], Awaitable[None]],
        board: Callable[[], Board],
        clock: Clock,
    ) -> None:
        self._systems = tuple(systems)
        self._ask = ask
        self._rest = rest
        self._board = board
        self._clock = clock
        self._matchers: tuple[Matcher, ...] = ()
        self._window: timedelta | None = None
        self._back: timedelta | None = None
        self.filtered = asyncio.Event()
        """Set when the filter changed, or is to be asked for now."""
        self.widened = asyncio.Event()
        """Set when the window changed, or is to be asked for now."""
        self.looked_back = asyncio.Event()
        """Set when it is wanted what fired before, or is to be asked for now."""

    def narrow(self, matchers: tuple[Matcher, ...]) -> None:
        """Ask for the alerts that satisfy these matchers, or for none."""
        if matchers != self._matchers:
            self._matchers = matchers
            self.filtered.set()

    def widen(self, window: timedelta | None) -> None:
        """Ask for the changes of so long a time, or for no more than the window's."""
        if window != self._window:
            self._window = window
            self.widened.set()

    def look_back(self, span: timedelta | None) -> None:
        """Ask for what fired in so long a time, now and every so often, or no longer."""
        self._back = span
        self.looked_back.set()

    async def filter_once(self) -> None:
        """Ask for the filter's alerts where they come sooner than all, and wait until they are due again."""
        self.filtered.clear()
        matchers, board = self._matchers, self._board()
        asking = [
            self._ask(one, Topic.FILTERED, matchers=matchers)
            for one in self._systems
            if isinstance(one, FilterSource) and one.filters(matchers) and worth_filtering(board, one.name)
        ]
        found = await _unless(self.filtered, asking)
        await self._rest(next_delay(FILTERED_S, _took(found)), self.filtered)

    async def widen_once(self) -> None:
        """Ask for the changes of the wide window, and wait until what is asked at the cadence joins them no more."""
        self.widened.clear()
        window = self._window
        if window is None:
            await self.widened.wait()
            return
        since = self._clock.now() - window
        sources = [one for one in self._systems if Topic.CHANGES in topics_of(one)]
        found = await _unless(self.widened, [self._ask(one, Topic.WIDER, since=since) for one in sources])
        failed = any(one.reading.answer is None for one in found)
        every_s = self._board().setup.window.total_seconds()
        await self._rest(next_delay(every_s, _took(found), int(failed)), self.widened)

    async def look_back_once(self) -> None:
        """Ask for what fired before, where somebody wants to know, and wait until it is due again."""
        self.looked_back.clear()
        if self._back is None:
            await self.looked_back.wait()
            return
        found = await _unless(self.looked_back, self.asking_back(self._back))
        failed = any(one.reading.answer is None and one.recorded for one in found)
        alone_s = max((one.retry_after_s or 0.0 for one in found), default=0.0)
        delay = next_delay(HISTORY_S, _took(found), int(failed), retry_after_s=alone_s or None)
        await self._rest(delay, asyncio.Event() if alone_s else self.looked_back)

    def asking_back(self, span: timedelta) -> list[Coroutine[None, None, Asked]]:
        """Return the askings for what fired in so long a time, one a system that remembers."""
        since = self._clock.now() - span
        return [self._ask(one, Topic.HISTORY, since=since) for one in self._systems if isinstance(one, HistorySource)]


async def _unless(other: asyncio.Event, asking: Sequence[Coroutine[None, None, Asked]]) -> list[Asked]:
    """Return what was answered until everybody has, or until something else is wanted."""
    if not asking:
        return []
    tasks = [asyncio.create_task(one) for one in asking]
    waiting = asyncio.create_task(other.wait())
    try:
        pending = set(tasks)
        while pending and not waiting.done():
            _, left = await asyncio.wait([waiting, *pending], return_when=asyncio.FIRST_COMPLETED)
            pending = {task for task in tasks if task in left}
        return [task.result() for task in tasks if task.done() and not task.cancelled()]
    finally:
        for task in (waiting, *tasks):
            task.cancel()


def _took(found: Sequence[Asked]) -> float:
    return max((one.reading.took_s for one in found), default=0.0)
