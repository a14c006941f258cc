"""What fired before is asked for where somebody wants to know, and only then; it holds nothing else up."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from cockpit.board.state import Noted
from cockpit.clock import FixedClock
from cockpit.journal.opening import PassingJournal
from cockpit.model.history import HistorySeen
from cockpit.model.reading import Liveness, Topic
from cockpit.poller import Watch
from cockpit.systems.base import SystemError
from cockpit.systems.recording import NotRecorded
from tests.unit.poller.pretend import NOON, HandClock, Pretender, fail, settle, setup_of, steady
from tests.unit.poller.test_watch import running

SHIFT = timedelta(hours=12)


@pytest.fixture
def clock() -> HandClock:
    """A clock that is moved by hand."""
    return HandClock()


@pytest.fixture
def prom(clock: HandClock) -> Pretender:
    """A system that evaluates and remembers."""
    return Pretender("prom", (Topic.RULES,), clock)


@pytest.fixture
def journal() -> PassingJournal:
    """A journal that ends with the process."""
    return PassingJournal(FixedClock(NOON))


@pytest.fixture
def watching(clock: HandClock, prom: Pretender, journal: PassingJournal) -> Watch:
    """A watch of that system."""
    return Watch(systems=[prom], setup=setup_of(prom), clock=clock, journal=journal, chance=steady())


async def test_it_is_asked_while_somebody_looks(clock: HandClock, prom: Pretender, watching: Watch) -> None:
    """It is asked at once, again after five minutes and at a refresh, and no more once nobody looks."""
    async with running(watching):
        await clock.move(5)
        assert prom.times(Topic.HISTORY) == []
        watching.look_back(SHIFT)
        await clock.move(320)
        assert prom.times(Topic.HISTORY) == [5, 305]
        assert prom.since[-1] == NOON + timedelta(seconds=305) - SHIFT
        watching.refresh()
        await clock.move(1)
        assert prom.times(Topic.HISTORY)[-1] == 325
        watching.look_back(None)
        await clock.move(3600)
        assert len(prom.times(Topic.HISTORY)) == 3
    assert isinstance(watching.board.readings["prom", Topic.HISTORY].answer, HistorySeen)


async def test_a_failure_is_told_and_makes_no_system_ill(clock: HandClock, prom: Pretender, watching: Watch) -> None:
    """Who does not remember is no worse for it; it is asked again soon, or when it wants to be."""
    async with running(watching):
        await clock.move(1)
        prom.fails.append(fail("too many samples"))
        watching.look_back(SHIFT)
        await clock.move(2)
        assert watching.board.failures["prom", Topic.HISTORY].error == "too many samples"
        assert watching.board.systems["prom"].state is Liveness.LIVE
        await clock.move(10)
        assert len(prom.times(Topic.HISTORY)) == 2
        assert ("prom", Topic.HISTORY) not in watching.board.failures
        prom.fails.append(SystemError("429", retry_after_s=400))
        watching.look_back(SHIFT)
        await clock.move(1)
        asked = len(prom.times(Topic.HISTORY))
        watching.refresh()
        await clock.move(300)
        assert len(prom.times(Topic.HISTORY)) == asked == 3


@pytest.mark.parametrize("failing", [lambda: NotRecorded("not in the recording")])
async def test_what_is_not_recorded_is_no_failure(
    prom: Pretender, watching: Watch, failing: Callable[[], SystemError]
) -> None:
    """A recording in which nobody asked has neither an answer nor a failure."""
    prom.fails.append(failing())
    board = await watching.once_back(SHIFT)
    assert ("prom", Topic.HISTORY) not in board.readings
    assert ("prom", Topic.HISTORY) not in board.failures


async def test_once_is_once(prom: Pretender, watching: Watch) -> None:
    """A command asks for it once, and for nothing else with it."""
    board = await watching.once_back(SHIFT)
    assert [topic for topic, _ in prom.asked] == [Topic.HISTORY]
    assert ("prom", Topic.HISTORY) in board.readings


async def test_notes_are_read_anew(clock: HandClock, watching: Watch, journal: PassingJournal, prom: Pretender) -> None:
    """Who looks sees the notes that were kept meanwhile; a note told is journalled and shown."""
    async with running(watching):
        await clock.move(1)
        journal.write(Noted(NOON, "from elsewhere"))
        watching.look_back(SHIFT)
        watching.tell(Noted(NOON + timedelta(seconds=1), "from here"))
        await settle()
        assert [note.text for note in watching.board.notes] == ["from elsewhere", "from here"]
        assert len(journal.recall().notes) == 2
    assert prom.closed
