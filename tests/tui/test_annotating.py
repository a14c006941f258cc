"""Marking a change on dashboards from the change pane: shown, confirmed, written once, and never where it may not be."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cockpit.clock import FixedClock
from cockpit.config import Context, SystemSpec
from cockpit.journal.opening import open_journal
from cockpit.model.annotation import Annotation, Spot
from cockpit.screens.desk import Desk
from cockpit.systems.base import SystemError
from cockpit.writes.carrying import Carrier, Scribe
from tests.tui.person import Person, sitting
from tests.tui.samples import NOW, sample_context, sample_desk

_WHERE = 'dashboard "Checkout of everything that we sell, in all its glory" (abc), grafana at grafana.example.net:443'


class Board:
    """A Grafana in memory."""

    def __init__(self, name: str = "grafana") -> None:
        self.name = name
        self.tags: tuple[str, ...] = ("deploy",)
        self.written: list[Annotation] = []
        self.fails: SystemError | None = None

    def dashboard_for(self, service: str) -> str:
        return "abc" if service else ""

    def sends(self, wanted: Annotation) -> dict[str, object]:
        return {"text": wanted.text}

    async def spot(self, dashboard: str) -> Spot:
        if self.fails is not None:
            raise self.fails
        return Spot(_WHERE, dashboard)

    async def similar(self, wanted: Annotation) -> tuple[Annotation, ...]:
        del wanted
        return tuple(self.written)

    async def annotate(self, wanted: Annotation) -> Annotation:
        self.written.append(replace(wanted, id="7"))
        return self.written[-1]


def _run(deed: Callable[[], Any]) -> None:
    """Run a coroutine that waits for nobody, where it stands."""
    coroutine = deed()
    with pytest.raises(StopIteration):
        coroutine.send(None)


def _desk(*boards: Board, read_only: bool = False, write: bool = True, connected: bool = True) -> Desk:
    specs = tuple(
        SystemSpec(board.name, "grafana", f"c.toml: contexts.prod-eu.systems.{board.name}", write=write)
        for board in boards
    )
    context: Context = sample_context(read_only=read_only, systems=specs)
    desk = sample_desk()
    desk.context = context
    if connected:
        carrier = Carrier(context, open_journal(None, FixedClock(NOW)), FixedClock(NOW), "first responder")
        desk.scribe, desk.annotators = Scribe(carrier, _run), boards
    return desk


async def _ask(person: Person) -> None:
    await person.press("3", "@")


@pytest.mark.parametrize("size", [(80, 24), (80, 23), (120, 40)])
async def test_it_is_shown_before_it_is_written(size: tuple[int, int]) -> None:
    """The question names the place and stands on the screen, with everything that would be written; nothing is yet."""
    board = Board()
    async with sitting(desk=_desk(board), size=size) as person:
        await _ask(person)
        screen = person.screen
        told = " ".join(line.strip("│ ") for line in person.lines)
        assert "Annotate payment-service v2.4.0" in screen
        assert f"Write this to {_WHERE}?" in told
        for said in ("20 Nov 2026 14:02:03 UTC", "service:payment", "version:v2.4.0", "Ask the new card gateway"):
            assert said in screen
        assert "y write it" in person.lines[-1]
        assert board.written == []
        await person.press("enter")
        assert board.written == []
        assert "Changes" in person.screen


async def test_y_writes_it_once() -> None:
    """One press writes, further ones do not; the second time it is said to be there."""
    board = Board()
    async with sitting(desk=_desk(board)) as person:
        await _ask(person)
        await person.press("y", "y")
        assert "written as annotation 7" in person.screen
        assert "y write" not in person.lines[-1]
        await person.press("q", "@")
        assert "nothing to write: annotation 7 marks it already, by Cockpit" in person.screen
        await person.press("y")
        assert len(board.written) == 1


async def test_what_cannot_be_looked_at_cannot_be_confirmed() -> None:
    """The system's own words stand where the question would be."""
    board = Board()
    board.fails = SystemError("connection refused")
    async with sitting(desk=_desk(board)) as person:
        await _ask(person)
        assert "it cannot be written: connection refused" in person.screen
        await person.press("y")
        assert board.written == []


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"read_only": True}, "prod-eu is read-only"),
        ({"write": False}, "grafana may not be written: write = true is missing"),
        ({"connected": False}, "not connected yet"),
    ],
)
async def test_where_nothing_may_be_written_the_reason_is_said(said: dict[str, bool], reason: str) -> None:
    """The key says why not, and nothing opens."""
    board = Board()
    async with sitting(desk=_desk(board, **said)) as person:
        await _ask(person)
        assert reason in person.lines[-1]
        assert "Annotate payment" not in person.screen


async def test_without_a_grafana_and_on_a_recording_it_says_so() -> None:
    """No system, or only a recording of one."""
    async with sitting() as person:
        await _ask(person)
        assert "no system takes annotations" in person.lines[-1]
    desk = sample_desk()
    desk.recording = True
    async with sitting(desk=desk) as person:
        await _ask(person)
        assert "a recording is played: nothing is written" in person.lines[-1]


async def test_a_merge_is_no_deploy() -> None:
    """What was only merged is not marked as deployed."""
    async with sitting(desk=_desk(Board())) as person:
        await person.press("3", "G", "@")
        assert "was merged, not deployed" in person.lines[-1]


async def test_of_several_one_is_chosen() -> None:
    """With two Grafanas it is asked which; only that one is written."""
    one, other = Board("grafana"), Board("grafana-us")
    async with sitting(desk=_desk(one, other)) as person:
        await _ask(person)
        assert "Annotate in" in person.screen
        await person.press("2", "y")
        assert (len(one.written), len(other.written)) == (0, 1)


async def test_what_came_of_it_is_said_after_going_back() -> None:
    """Who leaves while it is written is told in the footer."""
    board = Board()
    waiting: list[Callable[[], Any]] = []
    desk = _desk(board)
    assert desk.scribe is not None
    desk.scribe = Scribe(desk.scribe.carrier, waiting.append)
    async with sitting(desk=desk) as person:
        await _ask(person)
        assert "looking whether grafana has it already" in person.screen
        _run(waiting.pop())
        await person.pilot.pause()
        await person.press("y")
        assert "writing to grafana" in person.screen
        await person.press("q")
        _run(waiting.pop())
        await person.pilot.pause()
        assert "Annotate payment-service v2.4.0: written as annotation 7" in person.lines[-1]
