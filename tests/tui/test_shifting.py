"""The start of a shift, as somebody reads it who takes over."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cockpit.board.state import Noted
from cockpit.model.history import Firing, HistorySeen, PastAlert
from cockpit.model.reading import Reading, Topic
from cockpit.screens import taking
from cockpit.screens.shifting import Shifting
from tests.tui.person import Person, has, sitting
from tests.tui.samples import NOW, sample_board, sample_desk


def shifting(person: Person) -> Shifting:
    """Return the screen that is open."""
    screen = person.app.screen
    assert isinstance(screen, Shifting)
    return screen


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_s_shows_the_start_of_a_shift(size: tuple[int, int]) -> None:
    """`S` shows what fires worst first with its owner, and everything further down, in lines of the screen's width."""
    async with sitting(size=size) as person:
        await person.press("S")
        lines = person.lines
        assert "Start of the shift, 14:12 UTC to 21 Nov 02:12" in lines[0]
        assert has(lines, "Last hand-off")
        assert has(lines, "P1?", "PaymentErrorsHigh", "payment", "team-payments")
        assert has(lines, "prometheus is being asked")
        assert all(len(line) == size[0] for line in lines)
        await person.press("G")
        assert has(person.lines, "On call")
        assert all("…" not in line or "─" not in line for line in person.lines[:1])


async def test_what_fired_before_is_asked_for_while_it_is_open() -> None:
    """The watch is told how far to look back when it opens, and that nobody looks any more when it closes."""
    async with sitting() as person:
        await person.press("S")
        assert person.watch.backs == [timedelta(hours=12)]
        await person.press("q")
        assert person.watch.backs == [timedelta(hours=12), None]
        assert person.app.screen is person.app.main
        assert person.app.main.over is None
        await person.press("S", "S")
        assert person.app.screen is person.app.main


async def test_it_follows_the_boards_and_stays_where_it_was_scrolled() -> None:
    """What a server remembers is shown once it has answered; the lines stay where they were scrolled to."""
    board = sample_board()
    stretches = tuple(Firing(NOW - timedelta(minutes=m), NOW - timedelta(minutes=m - 5)) for m in (90, 80, 70))
    seen = HistorySeen(
        (PastAlert({"alertname": "Flaps", "app": "order"}, stretches),), NOW - timedelta(hours=12), NOW, 15.0
    )
    reading = Reading("prometheus", "prometheus", Topic.HISTORY, NOW, NOW, 0.1, seen)
    async with sitting() as person:
        await person.press("S", "j")
        await person.gets(replace(board, readings={**board.readings, ("prometheus", Topic.HISTORY): reading}))
        assert has(person.lines, "~", "Flaps", "order", "12:42 to 13:07", "3 times", "team-orders")
        assert not has(person.lines, "is being asked")
        assert shifting(person).page.top == 1


async def test_a_note_is_left_for_the_next_shift() -> None:
    """`i` takes a line, every key goes to it, Enter keeps it and shows it; Escape leaves nothing, and neither does nothing."""
    async with sitting() as person:
        await person.press("S", "i")
        await person.type("quiet, but q watch the disk")
        assert "note for the next shift: quiet, but q watch the disk" in person.lines[-1]
        await person.press("enter")
        (note,) = person.watch.told
        assert isinstance(note, Noted)
        assert (note.text, note.by, note.at) == ("quiet, but q watch the disk", sample_desk().me, NOW)
        await person.pilot.pause()
        assert has(person.lines, "14:12 UTC", "first responder")
        assert has(person.lines, "quiet, but q watch the disk")
        assert has(person.lines[-1:], "kept for the next shift")
        await person.press("i", "x", "escape", "i", "enter")
        assert has(person.lines[-1:], "nothing was typed")
        assert len(person.watch.told) == 1


async def test_a_note_that_cannot_be_kept_says_so() -> None:
    """Where the journal is in trouble the footer says it beside the note."""
    async with sitting(replace(sample_board(), journal_error="no space left for /state/journal.db")) as person:
        await person.press("S", "i", "x", "enter")
        assert has(person.lines[-1:], "no space left")


async def test_tab_goes_from_part_to_part() -> None:
    """Tab scrolls to the next part and back with shift, as far as there is anything below."""
    async with sitting() as person:
        await person.press("S", "tab")
        assert "Fires now" in person.lines[1]
        await person.press("tab")
        assert "Fired and ended" in person.lines[1]
        await person.press("shift+tab")
        assert "Fires now" in person.lines[1]
        await person.press("shift+tab", "shift+tab")
        assert "Last hand-off" in person.lines[1]


async def test_it_is_copied_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """`Y` copies all of it, not only what is seen; `r` asks every system."""
    copied: list[str] = []
    monkeypatch.setattr(taking, "copy", lambda _screen, _what, text: copied.append(text))
    async with sitting() as person:
        await person.press("S", "Y", "r")
        assert person.watch.refreshed == 1
    assert copied[0].startswith("Start of the shift, 14:12 UTC to 21 Nov 02:12\n\nLast hand-off")
    assert "On call" in copied[0]


async def test_a_held_screen_says_so() -> None:
    """A paused screen does not look up to date, and its title says that it is held."""
    async with sitting() as person:
        await person.press("ctrl+p", "S")
        assert "PAUSED, Start of the shift" in person.lines[0]


async def test_it_opens_from_every_pane_and_before_anything_is_known() -> None:
    """The key works wherever one is, and without a board there is a title and nothing that is wrong."""
    async with sitting() as person:
        for pane in ("1", "2", "3", "4"):
            await person.press(pane, "S")
            assert has(person.lines[:1], "Start of the shift")
            await person.press("q")
    async with sitting(first=False) as person:
        await person.press("S")
        assert has(person.lines[:1], "Start of the shift")
