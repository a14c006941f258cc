"""The screen before a world that wants to do harm, in terminals of any size."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from rich.cells import cell_len

from cockpit.board.reduce import empty, reduce
from cockpit.board.state import Board, Expected
from cockpit.clock import FixedClock
from cockpit.model.alert import Heartbeat
from cockpit.model.reading import AlertsSeen, Reading, Topic
from cockpit.screens import cutting
from cockpit.screens.cutting import Cutter
from cockpit.screens.desk import Desk
from tests.fakes.hostile import EVIL, NOW, ZONE, World, answers, harm_in, with_value
from tests.tui.person import Person, sitting
from tests.tui.samples import sample_context, sample_desk
from widgets.strips import guard

KEYS = (
    "j",
    "Z",
    ".",
    "G",
    "enter",
    "q",
    "E",
    "space",
    "G",
    "ctrl+d",
    "q",
    "v",
    "d",
    "+",
    "_",
    "y",
    "escape",
    "?",
    "q",
    ":",
    "escape",
    "3",
    "/",
    "x",
    "Y",
    "q",
)
"""Through every pane and every window of the screen."""

SIZES = ((1, 1), (7, 60), (80, 23), (500, 200))
"""Columns and rows."""


def hostile_desk() -> Desk:
    """Return a desk of the moment at which the hostile world answers."""
    return Desk(sample_context(), FixedClock(NOW), ZONE, "me")


def hostile_board() -> Board:
    """Return a board whose every text was written to do harm."""
    first = answers()["/api/v2/alerts"][0]
    odd = {"severity": "critical", "cluster": EVIL, "namespace": EVIL, "team": EVIL, "instance": EVIL, EVIL: EVIL}
    alerts: list[dict[str, Any]] = [
        {
            **first,
            "labels": {**odd, "alertname": name, "service": service},
            "annotations": {
                "summary": EVIL,
                "description": EVIL + "\n" + EVIL * 100,
                "runbook_url": f"https://r/{EVIL}",
            },
            "fingerprint": f"{number:016x}",
            "receivers": [{"name": EVIL}],
            "status": {"state": "active" if number else "suppressed", "silencedBy": ["s1"], "inhibitedBy": []},
        }
        for number, (name, service) in enumerate(
            [("Pay" + EVIL, "payment"), (EVIL, EVIL), ("Line\nTwo", "cata\nlog"), ("", ""), ("[/dev/sda1]", "[/x]")]
        )
    ]
    silences = with_value(answers()["/api/v2/silences"], (0, "comment"), EVIL)
    world = World({"/api/v2/alerts": alerts, "/api/v2/silences": with_value(silences, (0, "createdBy"), EVIL)})
    world.polled()
    return world.board


def is_sound(person: Person, columns: int) -> None:
    """Demand that every painted line is as wide as the terminal, and that nothing in it drives one."""
    for line in person.lines:
        assert harm_in(line) is None, harm_in(line)
        assert cell_len(line) == columns


@pytest.fixture(scope="module")
def board() -> Board:
    """Return the hostile board, made once."""
    return hostile_board()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_a_hostile_world_is_shown_in_a_terminal_of_any_size(size: tuple[int, int], board: Board) -> None:
    """Every window of the screen opens and closes, each line has the terminal's width, and no text drives it."""
    async with sitting(board, size=size, desk=hostile_desk()) as person:
        for key in KEYS:
            await person.press(key)
            is_sound(person, size[0])
        for smaller in ((1, 1), (200, 2), (80, 24)):
            await person.pilot.resize_terminal(*smaller)
            await person.press("j")
            is_sound(person, smaller[0])


async def test_markup_in_a_name_is_text() -> None:
    """`[/dev/sda1]` is shown as it is, raises nothing and is no link."""
    first = answers()["/api/v2/alerts"][1]
    named = {**first, "labels": {"alertname": "[/dev/sda1]", "service": "[@click=app.quit]x[/]"}}
    world = World({"/api/v2/alerts": [named], "/api/v1/rules": b"none"})
    await world.asked()
    async with sitting(world.board, size=(120, 40), desk=hostile_desk()) as person:
        assert "[/dev/sda1]" in person.cursor
        assert "[@click" in person.cursor
        await person.press("enter")
        assert "[@click=app.quit]x[/]" in person.screen


async def test_a_system_that_is_still_asked_is_not_called_silent() -> None:
    """Before a change system has answered or failed for the first time the drill says that it is asked."""
    git = Expected("git", "git", (Topic.CHANGES,), 120.0)
    world = World()
    setup = type(world.setup)(map=world.setup.map, systems=(*world.setup.systems[:1], git))
    first = (await world.asked())[0]
    async with sitting(reduce(empty(setup, NOW), first), size=(120, 40), desk=hostile_desk()) as person:
        assert "asking git" in person.screen
        assert "git not answering" not in person.screen
        failed = Reading("git", "git", Topic.CHANGES, NOW, NOW, 1.0, error="git is not installed")
        await person.gets(reduce(reduce(empty(setup, NOW), first), failed))
        assert "git not answering" in person.screen
        assert "none" not in person.screen


async def test_everything_down_says_so_and_keeps_the_last_board() -> None:
    """When every system fails the rows stay, the header says who is down, and no pane looks quiet."""
    world = World()
    board = (await _with_all_failing(world)).board
    desk = hostile_desk()
    desk.clock = FixedClock(board.at)
    async with sitting(board, size=(120, 40), desk=desk) as person:
        assert "Other" in person.screen
        assert "none of 2 systems answers" in person.lines[0]
        assert "0 of 2 live" in person.lines[0]


async def _with_all_failing(world: World) -> World:
    await world.asked()
    for minutes in (1, 10):
        later = NOW + timedelta(minutes=minutes)
        for system, topic in list(world.board.readings):
            failed = Reading(system, system, topic, later, later, 1.0, error="connection refused")
            world.board = reduce(world.board, failed)
    return world


def test_an_error_in_cutting_is_said_and_does_not_end_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a board cannot be cut for an error of ours, the next one is cut all the same, and meanwhile it is told."""
    delivered: list[object] = []
    cutter = Cutter(sample_desk(), delivered.append)
    good = World().board
    monkeypatch.setattr(f"{cutting.__name__}.cut", lambda *_: 1 / 0)
    cutter.start()
    cutter.take(good)
    _until(lambda: cutter.failed)
    monkeypatch.undo()
    cutter.take(good)
    _until(lambda: bool(delivered))
    assert not cutter.failed
    cutter.stop()


def _until(condition: Callable[[], bool]) -> None:
    waiting = threading.Event()
    for _ in range(500):
        if condition():
            return
        waiting.wait(0.01)
    raise AssertionError("it never came to that")


@pytest.mark.parametrize(
    "text", [EVIL, "one\ntwo", "\x1b", "\u0301" * 50, "\U0001f468\u200d\U0001f469", "\x9b31m", "é\x00"]
)
def test_the_last_guard_lets_nothing_through(text: str) -> None:
    """What was not cleaned where it entered is stopped where it is painted, cell for cell."""
    assert harm_in(guard(text).replace("\u200d", "").replace("\ufe0f", "")) is None or "\u202e" in text
    assert "\x1b" not in guard(text)


async def test_an_alert_list_of_nothing_but_unreadable_alerts_is_not_quiet() -> None:
    """Where no alert of an answer could be read, the header says that there are gaps."""
    world = World({"/api/v2/alerts": [{"labels": 1}, {"fingerprint": "x"}]})
    reading = (await world.asked())[0]
    assert isinstance(reading.answer, AlertsSeen)
    async with sitting(world.board, size=(120, 40), desk=hostile_desk()) as person:
        assert "am has gaps (unreadable)" in person.lines[0]


@pytest.mark.parametrize(("minutes", "told"), [(10.5, "clock +10m"), (-10.5, "clock -10m"), (-3e6, "clock wrong")])
async def test_a_wrong_clock_is_told_in_few_characters(minutes: float, told: str) -> None:
    """A clock minutes off stands in the header with its sign, one that is years off is wrong."""
    there = NOW + timedelta(minutes=minutes)
    world = World(headers={"date": format_datetime(there, usegmt=True)})
    await world.asked()
    async with sitting(world.board, size=(120, 40), desk=hostile_desk()) as person:
        assert f"am {told}" in person.lines[0]


async def test_a_long_name_hides_no_other_trouble() -> None:
    """A missing heartbeat with an endless name leaves room for who else is not well."""
    world = World()
    board = (await _with_all_failing(world)).board
    beat = Heartbeat("am", "x", NOW, NOW, {"alertname": EVIL + "x" * 4000}, "f")
    async with sitting(replace(board, heartbeats=(beat,)), size=(120, 40), desk=hostile_desk()) as person:
        assert "none of 2 systems answers" in person.lines[0]
