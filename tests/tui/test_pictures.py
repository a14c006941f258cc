"""How the screen looks: four snapshots of boards made by hand, and the pictures that the documents show."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cockpit.board.state import Board
from cockpit.clock import FixedClock
from cockpit.model.drawing import Role
from cockpit.model.reading import Liveness
from cockpit.themes import choose_palette
from tests.pictures.opening import Terminal, opened
from tests.pictures.shots import MAPS, SHOTS
from tests.tui.samples import NOW, sample_board, sample_desk
from widgets.palette import Tone

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""


LATER = NOW + timedelta(minutes=12)
"""When nobody has answered for twelve minutes."""


def blind_board() -> Board:
    """Return the incident's board long after the last system answered."""
    board = sample_board()
    systems = {
        name: replace(state, state=Liveness.DOWN, answered=NOW, failing_since=NOW, error="connection refused")
        for name, state in board.systems.items()
    }
    return replace(board, systems=systems, at=LATER)


@pytest.mark.parametrize(
    ("board", "at", "size"),
    [
        pytest.param(sample_board, NOW, (80, 24), id="incident-80x24"),
        pytest.param(sample_board, NOW, (120, 40), id="incident-120x40"),
        pytest.param(sample_board, NOW, (200, 50), id="incident-200x50"),
        pytest.param(blind_board, LATER, (120, 40), id="blind-120x40"),
    ],
)
def test_looks(
    board: Callable[[], Board], at: datetime, size: tuple[int, int], snap_compare: Callable[..., bool]
) -> None:
    """The screen looks as it did when somebody last looked at it."""
    desk = replace(sample_desk(), clock=FixedClock(at))
    assert snap_compare(opened(board(), desk, Terminal()), terminal_size=size)


def test_a_cursor_of_many_colours_is_grey_where_there_are_fewer() -> None:
    """On 256 colours the cursor's row lies on a grey, which is there, and not on what lies nearest to a dark tint."""
    many, fewer = (
        choose_palette("cockpit", {}, dark=True, ansi=False, colours=colours, no_color=False)
        for colours in ("truecolor", "256")
    )
    ground = fewer.style(Role.PLAIN, Tone.CURSOR).bgcolor
    assert ground is not None
    assert ground.triplet is not None
    assert len(set(ground.triplet)) == 1
    assert many.style(Role.PLAIN, Tone.CURSOR).bgcolor != ground


def test_documents_show_pictures_that_are_there() -> None:
    """Every picture that a document shows is in `screenshots/`, and every one in there is made by `make screenshots`."""
    documents = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = {
        (document.parent / path).resolve()
        for document in documents
        for path in re.findall(r"\]\(([^)]+\.png)\)", document.read_text())
    }
    made = {ROOT / "screenshots" / f"{shot.name}.png" for shot in (*SHOTS, *MAPS)}
    there = set((ROOT / "screenshots").rglob("*.png"))
    assert shown
    assert shown <= made
    assert made == there


def test_pictures_have_names_of_their_own() -> None:
    """No two pictures have one name."""
    assert len({shot.name for shot in (*SHOTS, *MAPS)}) == len(SHOTS) + len(MAPS)


def test_pictures_are_small() -> None:
    """No picture weighs more than 80 KB."""
    assert all(path.stat().st_size < 80 * 1024 for path in (ROOT / "screenshots").rglob("*.png"))
