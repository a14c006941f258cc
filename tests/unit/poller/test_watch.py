"""The watch: what is asked when, and what comes of it."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from cockpit.board.reduce import reduce as plainly
from cockpit.board.state import Answered, Board, Event, PriorityChosen
from cockpit.clock import FixedClock, SystemClock
from cockpit.journal.store import open_journal
from cockpit.matchers import parse_matcher
from cockpit.model.alert import AlertKey
from cockpit.model.drill import PersonAnswer, Priority, Question, Standing
from cockpit.model.reading import Liveness, Topic
from cockpit.model.topology import IntegrationMap, ScopeQuery, Service
from cockpit.poller import Watch, WatchThread, keeper, watch
from cockpit.systems.recording import NotRecorded
from tests.unit.poller.pretend import NOON, HandClock, Pretender, fail, report, settle, setup_of, steady

KEY = AlertKey("am", "id-Errors")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing settles in the host's time."""
    monkeypatch.setattr(watch, "SETTLE_S", 0.0)


@pytest.fixture
def clock() -> HandClock:
    """A clock that is moved by hand."""
    return HandClock()


@pytest.fixture
def am(clock: HandClock) -> Pretender:
    """A system that holds alerts."""
    return Pretender("am", (Topic.ALERTS,), clock)


@pytest.fixture
def prom(clock: HandClock) -> Pretender:
    """A system that evaluates, measures and knows changes."""
    return Pretender("prom", (Topic.RULES, Topic.CHANGES, Topic.SCOPES, Topic.SERIES), clock)


def watching(clock: HandClock, *systems: Pretender, **more: object) -> Watch:
    """Return a watch of systems."""
    given = {"setup": setup_of(*systems), "chance": steady(), **more}
    return Watch(systems=systems, clock=clock, **given)  # type: ignore[arg-type]  # put together from names


def wrong(one: Watch) -> str | None:
    """Return what the board says is wrong with the Alertmanager now."""
    return one.board.systems["am"].error


@asynccontextmanager
async def running(one: Watch, first: Callable[[], Awaitable[object]] | None = None) -> AsyncIterator[None]:
    """Run a watch for the length of a block."""
    task = asyncio.create_task(one.run(first))
    await settle()
    try:
        yield
    finally:
        one.stop()
        await task


async def test_each_topic_is_asked_at_its_cadence(clock: HandClock, am: Pretender, prom: Pretender) -> None:
    """Everything is asked at once in the beginning and then every so often; what nobody needs is not asked."""
    async with running(watching(clock, am, prom)):
        await clock.move(61)
    assert am.times(Topic.ALERTS) == [0, 15, 30, 45, 60]
    assert prom.times(Topic.RULES) == [0, 15, 30, 45, 60]
    assert prom.times(Topic.CHANGES) == [0, 30, 60]
    assert prom.times(Topic.SERIES) == prom.times(Topic.SCOPES) == []
    assert am.closed
    assert prom.closed


async def test_the_maps_scope_queries_are_asked(clock: HandClock, prom: Pretender) -> None:
    """With a map that has scope queries each system that measures is asked for them."""
    services = {
        "payment": Service("payment", scope=ScopeQuery("a / b", "{value:percent} failing")),
        "ui": Service("ui"),
    }
    one = watching(clock, prom, setup=setup_of(prom, map=IntegrationMap(services=services)))
    board = await one.once()
    assert prom.times(Topic.SCOPES) == [0]
    assert board.scopes["payment"][1].query == "a / b"


async def test_a_slow_system_is_left_in_peace(clock: HandClock, am: Pretender) -> None:
    """After an answer that took four seconds the next is asked for forty seconds later."""
    am.takes_s = 4
    async with running(watching(clock, am)):
        await clock.move(100)
    assert am.times(Topic.ALERTS) == [0, 44, 88]


async def test_at_most_two_are_asked_of_a_system_at_a_time(clock: HandClock, prom: Pretender) -> None:
    """However much there is to ask, a system has two requests in flight."""
    prom.TOPICS = (Topic.ALERTS, Topic.SILENCES, Topic.RULES, Topic.CHANGES, Topic.TARGETS)
    prom.takes_s = 1
    async with running(watching(clock, prom)):
        await clock.move(60)
    assert prom.most == 2
    assert {topic for topic, _ in prom.asked} == set(prom.TOPICS)


async def test_what_is_asked_besides_holds_nothing_up(clock: HandClock, prom: Pretender) -> None:
    """However long calls, places and measures take, rules and changes have their turn beside them."""
    prom.TOPICS = (Topic.HOPS, Topic.PLACES, Topic.MEASURES, Topic.RULES)
    prom.hangs = asyncio.Event()
    async with running(watching(clock, prom)):
        await clock.move(5)
        assert [topic for topic, _ in prom.asked] == [Topic.HOPS, Topic.RULES]
        prom.hangs.set()
        await clock.move(5)
    assert {topic for topic, _ in prom.asked} == set(prom.TOPICS)


async def test_failures_are_retried_and_never_given_up(clock: HandClock, am: Pretender) -> None:
    """A system that fails is tried again, ever more rarely, and shown live as soon as it answers."""
    am.fails.extend(fail() for _ in range(8))
    one = watching(clock, am)
    async with running(one):
        await clock.move(3600)
        assert am.times(Topic.ALERTS)[:9] == [0, 5, 15, 35, 75, 135, 195, 255, 315]
        assert one.board.systems["am"].state is Liveness.LIVE
        assert one.board.systems["am"].error is None


async def test_retry_after_is_kept_even_by_a_refresh(clock: HandClock, am: Pretender) -> None:
    """A server that asked to be left alone for ninety seconds is, whoever presses what."""
    am.fails.append(fail("429", 90))
    one = watching(clock, am)
    async with running(one):
        await clock.move(30)
        one.refresh()
        await clock.move(70)
    assert am.times(Topic.ALERTS) == [0, 90]


async def test_refresh_asks_everything_at_once(clock: HandClock, am: Pretender, prom: Pretender) -> None:
    """A refresh asks each topic now, and the cadence counts from there; failing systems too."""
    one = watching(clock, am, prom)
    async with running(one):
        await clock.move(7)
        one.refresh()
        await clock.move(16)
    assert am.times(Topic.ALERTS) == [0, 7, 22]
    assert prom.times(Topic.CHANGES) == [0, 7]


async def test_paused_it_asks_nothing_and_time_passes(clock: HandClock, am: Pretender) -> None:
    """While it is paused nobody is asked, but the board grows older; then it goes on."""
    one = watching(clock, am)
    async with running(one):
        one.pause(True)
        await clock.move(60)
        assert am.times(Topic.ALERTS) == [0]
        assert one.board.at == clock.now()
        assert one.board.systems["am"].state is Liveness.STALE
        one.pause(False)
        await clock.move(1)
        assert am.times(Topic.ALERTS) == [0, 60]


async def test_ticks_publish_only_what_changed(clock: HandClock, am: Pretender) -> None:
    """Each answer is published; a tick only when somebody could see a difference."""
    published: list[Board] = []
    am.every_s = 1000
    one = watching(clock, am, publish=published.append)
    async with running(one):
        await clock.move(100)
        assert len(published) == 1
        am.fails.extend(fail() for _ in range(50))
        one.refresh()
        await clock.move(1)
        assert len(published) == 2
        assert published[-1].failures


async def test_the_attended_alerts_series_is_asked(clock: HandClock, am: Pretender, prom: Pretender) -> None:
    """At once when an alert is looked at, every fifteen seconds while it is, and of no other."""
    am.held = (report("Errors"), report("Other"))
    one = watching(clock, am, prom)
    async with running(one):
        await clock.move(1)
        one.attend(KEY)
        await clock.move(20)
        assert prom.series_of == [KEY, KEY]
        one.attend(AlertKey("am", "id-Other"))
        await clock.move(1)
        assert prom.series_of[2:] == [AlertKey("am", "id-Other")]
        one.attend(None)
        await clock.move(60)
        assert len(prom.series_of) == 3
    assert KEY in one.board.series


async def test_who_looks_early_is_served_once_it_is_known(clock: HandClock, am: Pretender, prom: Pretender) -> None:
    """An alert that is looked at before anything is known of it gets its series as soon as it can be asked."""
    am.fails.append(fail())
    one = watching(clock, am, prom)
    one.attend(KEY)
    async with running(one):
        await clock.move(4)
        assert prom.series_of == []
        await clock.move(4)
        assert prom.series_of == [KEY]


async def test_a_recording_gets_the_series_of_every_alert(clock: HandClock, am: Pretender, prom: Pretender) -> None:
    """With all series asked for, each alert's is, whether it is looked at or not."""
    am.held = (report("Errors"), report("Other"))
    async with running(watching(clock, am, prom, all_series=True)):
        await clock.move(16)
    assert set(prom.series_of) == {KEY, AlertKey("am", "id-Other")}


async def test_a_series_that_was_not_recorded_is_no_failure(clock: HandClock, am: Pretender, prom: Pretender) -> None:
    """A recording without the series of an alert leaves its system well."""
    one = watching(clock, am, prom)
    await one.once()
    prom.fails.append(NotRecorded("not in the recording"))
    board = await one.once((), attend=KEY)
    assert prom.series_of == [KEY]
    assert board.systems["prom"].error != "not in the recording"


async def test_once_asks_side_by_side_and_then_the_series(clock: HandClock, am: Pretender, prom: Pretender) -> None:
    """Everything (or some topics) is asked once, then the series of the alert that is found on the board."""
    one = watching(clock, am, prom)
    board = await one.once([Topic.ALERTS], attend=lambda board: next(iter(board.alerts)))
    assert [topic for topic, _ in am.asked + prom.asked] == [Topic.ALERTS, Topic.SERIES]
    assert board is one.board
    assert board.alerts
    await one.once()
    assert prom.times(Topic.RULES) == [0]
    await one.close()
    assert am.closed


async def test_what_a_person_decides_is_journalled_first(clock: HandClock, am: Pretender) -> None:
    """An answer is on the board and in the journal, also what was told before and after it runs."""
    journal = open_journal(None, FixedClock(NOON))
    one = watching(clock, am, journal=journal)
    said = PersonAnswer("am/x/20261120T120000Z", Question.WHAT, Standing.EDITED, "v", "responder", NOON)
    one.tell(Answered(NOON, said.occurrence, said.question, said))
    async with running(one):
        assert one.board.persons[said.occurrence][Question.WHAT] == said
        one.tell(PriorityChosen(NOON, said.occurrence, Priority.P1))
        one.stop()
        await settle()
    one.tell(PriorityChosen(NOON, said.occurrence, Priority.P2))
    recalled = journal.recall()
    assert recalled.persons == (said,)
    assert recalled.chosen == {said.occurrence: Priority.P2}


async def test_what_was_seen_is_journalled_once_it_is_published_and_at_the_latest_at_the_end(
    clock: HandClock, am: Pretender
) -> None:
    """What is shown comes first; nothing that was seen is left out, however soon the watch is stopped."""
    told: list[str] = []

    class Following:
        """A journal that notes what it follows."""

        error: str | None = None

        def recall(self) -> Event:
            """Return nothing."""
            return open_journal(None, clock).recall()

        def write(self, event: Answered | PriorityChosen) -> None:
            """Keep nothing."""

        def follow(self, before: Board, after: Board) -> None:
            """Note it."""
            told.append("followed")
            self.last = after

    journal = Following()
    one = watching(clock, am, journal=journal, publish=lambda _: told.append("published"))
    async with running(one):
        one.stop()
        await settle()
    assert told.index("published") < len(told) - 1 - told[::-1].index("followed")
    assert journal.last is one.board


async def test_the_journals_trouble_is_on_the_board(clock: HandClock, am: Pretender) -> None:
    """What the journal cannot do stands on the board while it cannot, and no longer."""

    class Troubled:
        """A journal that fails when told."""

        error: str | None = "locked"

        def recall(self) -> Event:
            """Return nothing."""
            return open_journal(None, clock).recall()

        def write(self, event: Answered | PriorityChosen) -> None:
            """Keep nothing."""

        def follow(self, before: Board, after: Board) -> None:
            """Keep nothing."""

    journal = Troubled()
    one = watching(clock, am, journal=journal)
    assert (await one.once()).journal_error == "locked"
    journal.error = None
    assert (await one.once()).journal_error is None


async def test_an_error_of_ours_ends_nothing(
    clock: HandClock, am: Pretender, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Who publishes may fail, and so may reducing: it is logged, shown as that system's failure, and it goes on."""

    def publish(board: Board) -> None:
        raise RuntimeError("the reader is broken")

    def reduce(board: Board, event: Event) -> Board:
        if getattr(event, "answer", None) is not None:
            raise KeyError("x")
        return plainly(board, event)

    one = watching(clock, am, publish=publish)
    with caplog.at_level(logging.ERROR):
        async with running(one):
            await clock.move(16)
            monkeypatch.setattr(keeper, "reduce", reduce)
            await clock.move(15)
            assert wrong(one) == "internal error: KeyError in the board, see the log"
            monkeypatch.undo()
            await clock.move(60)
            assert wrong(one) is None
    assert "the reader is broken" in caplog.text


async def test_stopping_waits_for_nobody(clock: HandClock, am: Pretender) -> None:
    """A watch ends within a second although a request hangs."""
    am.hangs = asyncio.Event()
    one = watching(clock, am)
    task = asyncio.create_task(one.run())
    await settle()
    began = time.monotonic()
    one.stop()
    await task
    assert time.monotonic() - began < 1
    assert am.running == 0


async def test_something_first_can_be_stopped_too(clock: HandClock, am: Pretender) -> None:
    """What has to happen first happens before anything is asked; stopped, it is given up; failed, it is logged."""
    one = watching(clock, am)
    done: list[str] = []

    async def first() -> None:
        assert am.asked == []
        done.append("first")

    async with running(one, first):
        await clock.move(1)
    assert done == ["first"]
    assert am.times(Topic.ALERTS) == [0]
    other = watching(clock, Pretender("other", (Topic.ALERTS,), clock))
    async with running(other, asyncio.Event().wait):
        pass
    assert other.board.readings == {}


def test_a_thread_runs_it_beside_the_screen() -> None:
    """In its thread it asks, publishes, takes what is told from other threads, and ends promptly."""
    clock = HandClock()
    system = Pretender("am", (Topic.ALERTS,), clock)
    arrived = threading.Event()
    one = Watch(systems=[system], setup=setup_of(system), clock=SystemClock(), publish=lambda _: arrived.set())
    thread = WatchThread(one)
    thread.start()
    assert arrived.wait(5)
    assert KEY in one.board.alerts
    arrived.clear()
    one.tell(PriorityChosen(NOON, "x", Priority.P1))
    assert arrived.wait(5)
    assert one.board.chosen == {"x": Priority.P1}
    began = time.monotonic()
    assert thread.stop(2)
    assert time.monotonic() - began < 1.5
    assert system.closed
    assert not thread.running
    assert thread.stop(0)


async def test_a_filter_is_asked_of_a_slow_server_by_itself(clock: HandClock, am: Pretender) -> None:
    """While all alerts take long, those of the filter are asked for at once and every fifteen seconds, until it ends."""
    am.takes_s = 4
    one = watching(clock, am)
    async with running(one):
        await clock.move(5)
        am.takes_s = 0
        one.narrow([parse_matcher("service=payment")])
        await clock.move(31)
        assert am.times(Topic.FILTERED) == [5, 20, 35]
        assert am.times(Topic.ALERTS) == [0]
        assert [str(matcher) for matcher in am.filtered_by] == ['service="payment"']
        one.narrow(())
        await clock.move(5)
    assert am.times(Topic.FILTERED) == [5, 20, 35]


async def test_a_filter_is_not_asked_of_a_quick_server(clock: HandClock, am: Pretender) -> None:
    """Where all alerts come at once the server is not asked twice; where they fail it is asked for the filter's."""
    one = watching(clock, am)
    async with running(one):
        await clock.move(1)
        one.narrow([parse_matcher("service=payment")])
        await clock.move(13)
        assert am.times(Topic.FILTERED) == []
        am.fails.append(fail())
        await clock.move(3)
    assert am.times(Topic.FILTERED) == [16]


async def test_a_wider_window_is_asked_for_once(clock: HandClock, prom: Pretender) -> None:
    """The wider window is asked for at once and not again soon, while the window's own changes keep their cadence."""
    one = watching(clock, prom)
    async with running(one):
        await clock.move(5)
        one.widen(timedelta(days=7))
        await clock.move(600)
        assert prom.times(Topic.WIDER) == [5]
        assert prom.since[-1] > NOON - timedelta(days=1)
        assert NOON + timedelta(seconds=5) - timedelta(days=7) in prom.since
        assert len(prom.times(Topic.CHANGES)) == 21
        one.widen(None)
        await clock.move(5 * 3600)
    assert prom.times(Topic.WIDER) == [5]


async def test_a_wider_window_that_failed_is_asked_for_again(clock: HandClock, prom: Pretender) -> None:
    """A system that did not answer for the wider window is asked again, and one that did is asked before there is a break."""
    prom.TOPICS = (Topic.CHANGES,)
    one = watching(clock, prom)
    async with running(one):
        await clock.move(1)
        prom.fails.append(fail())
        one.widen(timedelta(days=7))
        await clock.move(5 * 3600)
    assert prom.times(Topic.WIDER) == [1, 6, 6 + 4 * 3600]
