"""The checklist of an alert, as somebody uses it who looks for the cause."""

from dataclasses import replace

import pytest

from cockpit.board.state import Ticked
from cockpit.model.health import Health, ServiceHealth
from cockpit.model.reading import Liveness
from cockpit.model.walk import Layer
from cockpit.screens import taking
from cockpit.screens.checking import Checking
from tests.tui.person import Person, has, sitting
from tests.tui.samples import sample_board, sample_desk


def checking(person: Person) -> Checking:
    """Return the checklist that is open."""
    screen = person.app.screen
    assert isinstance(screen, Checking)
    return screen


def cursor(person: Person) -> str:
    """The line under the cursor."""
    return next(line for line in person.lines if line.startswith("│›"))


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_e_shows_the_hops_of_the_selected_alert(size: tuple[int, int]) -> None:
    """`E` shows one line a hop with the cursor on the alert's service, its details below, and the counts in the title."""
    async with sitting(size=size) as person:
        await person.press("E")
        lines = person.lines
        assert "PaymentErrorsHigh on payment" in lines[0]
        assert "10 hops" in lines[0]
        assert "payment" in cursor(person)
        assert "PaymentErrorsHigh 14:06" in cursor(person)
        for service in ("ui", "auth", "catalog", "order", "inventory", "card-gateway", "pool-a", "ledger", "stock-db"):
            assert sum(line[2:5] == "[ ]" and line[12:].startswith(f"{service} ") for line in lines) == 1
        assert has(lines, "payment: needs a look")
        assert has(lines, "suspect", "began 4 min before it")
        assert all(len(line) == size[0] for line in lines)


async def test_the_cursor_moves_and_the_details_follow() -> None:
    """`j` and `k` move, `g` and `G` go to the ends, `ctrl+d` scrolls the details, and `q` goes back."""
    async with sitting() as person:
        await person.press("E", "j")
        assert " order " in cursor(person)
        assert has(person.lines, "order: needs a look")
        await person.press("g")
        assert " ui " in cursor(person)
        before = person.screen
        await person.press("ctrl+d")
        assert person.screen != before
        await person.press("G", "k")
        assert " ledger " in cursor(person)
        await person.press("q")
        assert person.app.screen is person.app.main
        assert person.app.main.over is None


async def test_space_ticks_and_takes_the_tick_away() -> None:
    """A tick is told to the watch under the alert's occurrence, shown and counted; another one takes it away."""
    async with sitting() as person:
        await person.press("E", "space")
        (tick,) = person.watch.told
        assert isinstance(tick, Ticked)
        assert (tick.item, tick.ticked, tick.by) == ("payment", True, sample_desk().me)
        assert person.watch.board is not None
        assert tick.occurrence in person.watch.board.ticks
        await person.pilot.pause()
        assert "[x]" in cursor(person)
        assert "[x]1" in person.lines[0]
        assert has(person.lines, "payment ticked")
        await person.press("space")
        assert "[ ]" in cursor(person)
        assert not person.watch.board.ticks


async def test_a_tick_that_cannot_be_kept_says_so() -> None:
    """Where the journal is in trouble the footer says it beside the tick."""
    board = replace(sample_board(), journal_error="no space left for /state/journal.db")
    async with sitting(board) as person:
        await person.press("E", "space")
        assert has(person.lines[-1:], "payment ticked; no space left")


async def test_it_follows_the_boards_and_keeps_the_cursor_on_its_hop() -> None:
    """A board that arrives is shown at once; the cursor stays on its hop though lines come and go above it."""
    async with sitting() as person:
        await person.press("E", "j", "j")
        hop = checking(person).lines.here
        board = sample_board()
        ill = ServiceHealth(hop, Health.FIRING, firing=1, why=("it burns",))
        await person.gets(replace(board, health={**board.health, hop: ill}))
        assert checking(person).lines.here == hop
        assert "it burns" in cursor(person)


async def test_it_is_never_silently_stale() -> None:
    """A system that is down is named, a held screen says so, and an alert that is gone is told in the title."""
    board = sample_board()
    down = {name: replace(one, state=Liveness.DOWN) for name, one in board.systems.items() if name == "prometheus"}
    async with sitting() as person:
        await person.press("E")
        await person.gets(replace(board, systems={**board.systems, **down}))
        assert has(person.lines, "prometheus not answering")
        await person.gets(replace(board, alerts={}, folds={}))
        assert "no longer listed" in person.lines[0]
        assert has(person.lines, " order ")
    async with sitting() as person:
        await person.press("ctrl+p", "E")
        assert "PAUSED" in person.lines[0]


async def test_enter_goes_to_the_hop_on_the_map() -> None:
    """Enter leaves the checklist and makes the hop the focus of the integrations pane."""
    async with sitting(size=(120, 40)) as person:
        await person.press("E", "j", "enter")
        main = person.app.main
        assert person.app.screen is main
        assert (main.focus_on, main.walk.centre) == ("integrations", "order")
        await person.press("V", "E", "g", "enter")
        assert (main.walk.layer, main.walk.centre) == (Layer.SERVICES, "ui")


async def test_y_copies_what_the_hop_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """`y` copies the one text there is, lets one of several be chosen, and says where there is none."""
    copied: list[tuple[str, str]] = []
    monkeypatch.setattr(taking, "copy", lambda _, what, text: copied.append((what, text)))
    async with sitting() as person:
        await person.press("E", "y")
        assert copied == [("runbook", "https://runbooks.example.com/payment")]
        await person.press("j", "y")
        assert has(person.lines[-1:], "order has neither log query nor dashboard")
        await person.press("j", "y", "enter")
        assert copied[-1] == ("status page", "https://status.example.com")
        assert isinstance(person.app.screen, Checking)


async def test_it_works_on_the_map_and_says_why_not_elsewhere() -> None:
    """`E` works in alerts and integrations; without an alert it says why, in the drill where it works."""
    async with sitting(size=(120, 40)) as person:
        await person.press("1", "E")
        assert isinstance(person.app.screen, Checking)
        await person.press("E", "d", "E")
        assert has(person.lines[-1:], "checklist) works in integrations, alerts")
    async with sitting(replace(sample_board(), alerts={}, folds={})) as person:
        await person.press("E")
        assert person.app.screen is person.app.main


@pytest.mark.parametrize("size", [(1, 1), (20, 5), (40, 12), (300, 80)])
async def test_it_fits_any_terminal(size: tuple[int, int]) -> None:
    """However small or large the terminal is, every line has its width, and the keys work."""
    async with sitting(size=size) as person:
        await person.press("E", "G", "space", "g", "ctrl+d")
        assert len(person.lines) == size[1]
        assert all(len(line) == size[0] for line in person.lines)
        await person.press("q")
        assert person.app.screen is person.app.main


async def test_another_width_cuts_the_lines_anew() -> None:
    """When the terminal is resized the columns follow."""
    async with sitting(size=(80, 24)) as person:
        await person.press("E")
        assert not has(person.lines[:2], "how")
        await person.pilot.resize_terminal(130, 40)
        await person.pilot.pause()
        assert has(person.lines[:2], "how")
        assert has(person.lines, "after catalog")
