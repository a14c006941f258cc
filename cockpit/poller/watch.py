"""The watch: one task a system and topic, all of which move one board forward."""

import asyncio
import logging
import random
import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager, nullcontext
from datetime import datetime, timedelta
from functools import partial

from cockpit.board.state import Act, Board, Setup, Tick
from cockpit.clock import Clock
from cockpit.matchers import Matcher
from cockpit.model.alert import AlertKey, FoldKey
from cockpit.model.reading import OPTIONAL, Topic
from cockpit.poller.asking import Asked, Request, ask, cadence_of, topics_of
from cockpit.poller.attending import SeriesRequest, lead, series_request, worth_a_series
from cockpit.poller.beside import Beside
from cockpit.poller.cadence import next_delay
from cockpit.poller.keeper import Journal, Keeper
from cockpit.poller.sparing import sparingly
from cockpit.poller.tending import close, either, for_ever, logged
from cockpit.systems.base import ScopeRequest, System
from cockpit.triage.suspects import changes_from

log = logging.getLogger(__name__)
"""Where errors of the watch itself go."""

TICK_S = 5.0
"""Seconds of the clock between two ticks."""

SERIES_S = 15.0
"""Seconds of the clock after which the attended alert's series is asked for again."""

UNSEEN_S = 2.0
"""The same while it is not known yet whom to ask about the attended alert."""

SETTLE_S = 0.15
"""Seconds of the host between two series, so that a held key does not ask for every row it passes."""

GRACE_S = 1.0
"""Seconds of the host that a series may still take once another alert is looked at."""

JOURNAL_S = 0.1
"""Seconds of the host after which it is journalled what was seen: what is shown comes first."""

AT_ONCE = 2
"""Askings in flight a system."""

MOST_SERIES = 40
"""Alerts whose series a recording keeps, at most."""

PARTING_S = 0.3
"""Seconds of the host that a watch which is stopped waits for what still hangs, and for each system to close."""

_ASIDE = OPTIONAL | {Topic.SERIES, Topic.FILTERED, Topic.WIDER, Topic.HISTORY}
"""What a recording may not hold without anything being wrong with it."""

Attention = AlertKey | FoldKey | Callable[[Board], AlertKey | FoldKey | None] | None
"""The alert that is looked at, or how to find it on the board."""


class Watch:
    """Asks, reduces, journals and publishes; what others call is safe from any thread.

    Args:
        systems: The systems, each built for this watch's clock.
        setup: What the configuration says about how readings become a board.
        clock: Whose seconds the cadences count.
        journal: Where it is kept what people did and what was seen.
        publish: Called with each new board, in the watch's thread; an exception in it ends nothing.
        all_series: For a recording: asks for the series of every alert, not only of the attended one.
        chance: Returns a random number from 0 to 1.
    """

    def __init__(
        self,
        *,
        systems: Sequence[System],
        setup: Setup,
        clock: Clock,
        journal: Journal | None = None,
        publish: Callable[[Board], None] | None = None,
        all_series: bool = False,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.systems = tuple(systems)
        self.setup = setup
        self.clock = clock
        self._keeper = Keeper(setup, clock, journal, publish)
        self._all_series = all_series
        self._chance = chance
        self._scopes = tuple(ScopeRequest(s.name, s.scope.query) for s in setup.map.services.values() if s.scope)
        self._by_name = {system.name: system for system in systems if Topic.SERIES in topics_of(system)}
        self._measuring = tuple(expected for expected in setup.systems if expected.name in self._by_name)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = False
        self._early: deque[Callable[[], None]] = deque()
        self._attended: AlertKey | FoldKey | None = None
        self._deeds: set[asyncio.Task[None]] = set()
        self._gates: dict[tuple[str, bool], asyncio.Semaphore] = {}
        self._wakes: list[asyncio.Event] = []
        self._looked = asyncio.Event()
        self._beside = Beside(self.systems, self._ask, self._rest, lambda: self.board, clock)
        self._going = asyncio.Event()
        self._going.set()
        self._stopping = asyncio.Event()

    @property
    def board(self) -> Board:
        """The latest board."""
        return self._keeper.board

    @property
    def publish(self) -> Callable[[Board], None] | None:
        """Who is told of each new board, in the watch's thread."""
        return self._keeper.publish

    @publish.setter
    def publish(self, publish: Callable[[Board], None] | None) -> None:
        self._keeper.publish = publish

    def attend(self, key: AlertKey | FoldKey | None) -> None:
        """Say which alert is looked at: its series is asked for at once, and then every so often."""
        self._post(lambda: self._look(key))

    def narrow(self, matchers: Sequence[Matcher]) -> None:
        """Say which matchers the list is filtered by: where all alerts are many or slow, those are asked for besides."""
        self._post(lambda: self._beside.narrow(tuple(matchers)))

    def widen(self, window: timedelta | None) -> None:
        """Say how far back changes are looked at, null for the window: what lies before it is asked for once."""
        self._post(lambda: self._beside.widen(window))

    def look_back(self, span: timedelta | None) -> None:
        """Say how far back it is looked what fired, null for not at all; notes for the shift are read anew, too."""
        self._post(lambda: self._beside.look_back(span))
        if span is not None:
            self._post(self._keeper.reread)

    def refresh(self) -> None:
        """Ask everything at once, but of a server that asked to be left alone."""
        self._post(self._wake)

    def pause(self, paused: bool) -> None:
        """Stop asking, or go on; time passes on the board all the same."""
        self._post(self._going.clear if paused else self._going.set)

    def tell(self, event: Act) -> None:
        """Say what a person decided: journalled first, then on the board."""
        self._post(lambda: self._keeper.decide(event))

    def perform(self, deed: Callable[[], Coroutine[None, None, None]]) -> None:
        """Do something that a person began where the systems are asked; an error of ours in it is logged."""
        self._post(lambda: self._begin_deed(deed))

    def stop(self) -> None:
        """End `run`, also while requests hang; what was told before is still journalled."""
        self._post(self._stopping.set)

    def restart(self) -> None:
        """Begin again with an empty board at the clock's present moment; not while `run` asks."""
        self._keeper.restart()

    async def run(self, first: Callable[[], Awaitable[object]] | None = None) -> None:
        """Watch until stopped, and close the systems then.

        Args:
            first: Awaited before anything is asked: to bring the board up to the clock's moment.
        """
        try:
            self._begin()
            if first is not None:
                await self._until_stopped([self._prepare(first)], or_done=True)
            if not self._stopping.is_set():
                await self._until_stopped(list(self._loops()))
        finally:
            self._end()
            if self._deeds:
                await asyncio.wait(self._deeds, timeout=PARTING_S)
            self._keeper.defer(None)
            await self.close()

    async def once(self, topics: Collection[Topic] | None = None, attend: Attention = None) -> Board:
        """Ask everything (or those topics) once, side by side, then the attended alert's series; return the board."""
        if self._loop is None:
            self._gates = {}
        self._keeper.recall()
        asked = [self._ask(system, topic) for system, topic in self._pairs() if topics is None or topic in topics]
        await asyncio.gather(*asked)
        key = attend(self.board) if callable(attend) else attend
        await self._ask_series([key])
        return self.board

    async def once_back(self, span: timedelta) -> Board:
        """Ask once for what fired in so long a time; return the board."""
        await asyncio.gather(*self._beside.asking_back(span))
        return self.board

    async def close(self) -> None:
        """Let go of all connections, waiting for nobody who hangs."""
        closing = [asyncio.create_task(close(system)) for system in self.systems]
        if closing:
            _, hanging = await asyncio.wait(closing, timeout=PARTING_S)
            for task in hanging:
                task.cancel()

    def _post(self, deed: Callable[[], None]) -> None:
        """Do something in the watch's thread: now, before it begins to ask, or at once where it has ended."""
        with self._lock:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(deed)
                return
            if not self._ended:
                self._early.append(deed)
                return
        deed()

    def _begin(self) -> None:
        self._gates = {}
        self._keeper.recall()
        with self._lock:
            loop = self._loop = asyncio.get_running_loop()
            early, self._early = self._early, deque()
        self._keeper.defer(partial(loop.call_later, JOURNAL_S))
        for deed in early:
            deed()

    def _end(self) -> None:
        with self._lock:
            self._ended = True
            self._loop = None

    def _pairs(self) -> Iterable[tuple[System, Topic]]:
        for system in self.systems:
            for topic in topics_of(system):
                if topic is not Topic.SERIES and (topic is not Topic.SCOPES or self._scopes):
                    yield system, topic

    def _loops(self) -> Iterable[Coroutine[None, None, None]]:
        for system, topic in self._pairs():
            yield for_ever(f"{system.name} {topic}", self._poll, system, topic)
        yield for_ever("series", self._follow_attention)
        yield for_ever("filtered alerts", self._repeat, self._beside.filter_once)
        yield for_ever("older changes", self._repeat, self._beside.widen_once)
        yield for_ever("alerts before", self._repeat, self._beside.look_back_once)
        yield for_ever("ticks", self._ticks)

    async def _until_stopped(self, deeds: Sequence[Coroutine[None, None, None]], *, or_done: bool = False) -> None:
        stopping = asyncio.create_task(self._stopping.wait())
        tasks = [asyncio.create_task(deed) for deed in deeds]
        try:
            await asyncio.wait([stopping, *tasks] if or_done else [stopping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (stopping, *tasks):
                task.cancel()
            await asyncio.wait([stopping, *tasks], timeout=PARTING_S)

    async def _prepare(self, first: Callable[[], Awaitable[object]]) -> None:
        try:
            await first()
        except Exception:
            log.exception("before watching")

    async def _poll(self, system: System, topic: Topic) -> None:
        wake = asyncio.Event()
        self._wakes.append(wake)
        failures = 0
        every_s = cadence_of(system, topic)
        try:
            while True:
                await self._going.wait()
                asked = await self._ask(system, topic)
                missed = asked.reading.answer is None and (asked.recorded or topic not in _ASIDE)
                failures = failures + 1 if missed else 0
                wake.clear()
                alone_s = asked.retry_after_s
                delay = next_delay(
                    every_s, asked.reading.took_s, failures, retry_after_s=alone_s, chance=self._chance()
                )
                await self._rest(delay, None if alone_s else wake)
        finally:
            self._wakes.remove(wake)

    async def _rest(self, seconds: float, wake: asyncio.Event | None) -> None:
        if wake is None:
            await self.clock.sleep(seconds)
            return
        await either(self.clock.sleep(seconds), wake.wait())
        wake.clear()

    async def _ask(
        self,
        system: System,
        topic: Topic,
        series: SeriesRequest | None = None,
        *,
        matchers: tuple[Matcher, ...] = (),
        since: datetime | None = None,
    ) -> Asked:
        async with self._turn(system, topic):
            only = sparingly(self.board, system.name, self._attended) if topic is Topic.MEASURES else None
            since = since or changes_from(self.board, self.clock.now())
            request = Request(since, self._scopes, series, matchers, only)
            asked = await ask(system, topic, self.clock, request, every_s=cadence_of(system, topic))
        if asked.recorded or topic not in _ASIDE:
            self._keeper.take(asked.reading)
        return asked

    @asynccontextmanager
    async def _turn(self, system: System, topic: Topic) -> AsyncIterator[None]:
        """Wait until the system may be asked; of what adds to the board one at a time, so that it holds nothing up."""
        gate = self._gates.setdefault((system.name, False), asyncio.Semaphore(AT_ONCE))
        aside = (
            self._gates.setdefault((system.name, True), asyncio.Semaphore(1)) if topic in OPTIONAL else nullcontext()
        )
        async with aside, gate:
            yield

    async def _ask_series(self, keys: Iterable[AlertKey | FoldKey | None]) -> float | None:
        """Ask for series and return what the slowest took, null where there was nobody to ask."""
        slowest: float | None = None
        for key in dict.fromkeys(keys):
            wanted = series_request(self.board, key, self._measuring)
            if wanted is not None:
                asked = await self._ask(self._by_name[wanted.system], Topic.SERIES, wanted)
                slowest = max(slowest or 0.0, asked.reading.took_s)
        return slowest

    async def _follow_attention(self) -> None:
        while True:
            await self._going.wait()
            self._looked.clear()
            key = lead(self.board, self._attended)
            others = worth_a_series(self.board, MOST_SERIES) if self._all_series and not self.board.storm else ()
            asking = asyncio.create_task(self._ask_series([key, *others]))
            try:
                await either(asyncio.wait([asking]), self._looked.wait())
                await asyncio.wait([asking], timeout=None if others else GRACE_S)
            finally:
                asking.cancel()
            await asyncio.sleep(SETTLE_S)
            took_s = asking.result() if asking.done() and not asking.cancelled() else 0.0
            waits_for_rules = self._attended is not None and took_s is None
            delay = UNSEEN_S if waits_for_rules else next_delay(SERIES_S, took_s or 0.0)
            await self._rest(delay, self._looked)

    async def _repeat(self, deed: Callable[[], Awaitable[None]]) -> None:
        while True:
            await self._going.wait()
            await deed()

    async def _ticks(self) -> None:
        while True:
            await self.clock.sleep(TICK_S)
            self._keeper.take(Tick(self.clock.now()))

    def _begin_deed(self, deed: Callable[[], Coroutine[None, None, None]]) -> None:
        if self._loop is None:
            return  # it has ended, and so has the screen that asked
        task = self._loop.create_task(logged(deed))
        self._deeds.add(task)
        task.add_done_callback(self._deeds.discard)

    def _look(self, key: AlertKey | FoldKey | None) -> None:
        if key != self._attended:
            self._attended = key
            self._looked.set()

    def _wake(self) -> None:
        for wake in (*self._wakes, self._looked, self._beside.filtered, self._beside.widened, self._beside.looked_back):
            wake.set()
