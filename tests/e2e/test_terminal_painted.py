"""What reaches the terminal: changes painted piece by piece, texts copied, and modes switched off again."""

import base64
import re
import signal
from pathlib import Path

import pytest

from tests.e2e.keeping import ALERT, Keeping
from tests.e2e.pty_session import PtySession
from tests.e2e.tmux import Terminal
from tests.needs import needs

WALK = ("jj", "k", "G", "g", "z", "3j", "4j", "+", "_", "\x1b", "/支\r", "\x1b")
"""Keys that move everything that moves."""


def is_whole(terminal: PtySession, after: str) -> None:
    """Let everything be painted anew, and find it as it was before."""
    terminal.reads(0.15)
    pieces = terminal.panes, terminal.grounds
    terminal.emulator.reset()

    terminal.types("\x0c")

    terminal.holds(lambda: (terminal.panes, terminal.grounds) == pieces, f"the same screen after {after!r}", 5)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_pieces_make_up_the_whole(keeping: Keeping, size: tuple[int, int]) -> None:
    """After many small changes, wide characters among them, the screen is what it is when painted at once."""
    for number in range(12):
        keeping.fires(f"支付错误{number}" if number % 2 else f"Another{number}")
    with PtySession(*size) as terminal:
        terminal.runs(keeping.command, keeping.environment, keeping.folder)
        terminal.sees("13 firing", f"Drill ─ {ALERT}", "OWNER")
        for key in WALK:
            terminal.types(key)
            is_whole(terminal, key)
        keeping.fires("OneMore")
        terminal.sees("14 firing", "+1 new")
        terminal.types("j")
        terminal.sees_no(" new ")
        is_whole(terminal, "a poll")


def test_the_drill_is_sent_to_the_terminals_clipboard(keeping: Keeping, terminal: PtySession) -> None:
    """Outside tmux the terminal is asked to copy the drill as plain text, which is also shown to select from."""
    keeping.opens(terminal)

    terminal.types("Y")

    terminal.sees("OSC 52", "team-payments")
    found = re.search(rb"\x1b\]52;c;([^\x07\x1b]*)", terminal.written)
    assert found is not None
    copied = base64.b64decode(found[1]).decode()
    assert ALERT in copied
    assert "team-payments" in copied
    assert "\x1b" not in copied


@pytest.mark.real
@needs("tmux")
def test_the_drill_is_loaded_into_tmux(keeping: Keeping, short_folder: Path) -> None:
    """Inside tmux the drill is loaded into tmux' own buffer, which pastes it."""
    with Terminal(short_folder) as pane:
        pane.runs(keeping.command, keeping.environment)
        pane.sees("1 firing", f"Drill ─ {ALERT}", "OWNER")

        pane.presses("Y")

        pane.sees("copied through tmux")
        copied = pane.buffer()
        assert ALERT in copied
        assert "team-payments" in copied


def test_the_mouse_is_given_back(tmp_path: Path, terminal: PtySession) -> None:
    """Where the mouse was asked for, it is the terminal's own again afterwards."""
    keeping = Keeping(tmp_path, mouse=True)
    with keeping.begun():
        keeping.opens(terminal)
        assert "mode 1000" in terminal.modes_left

        terminal.signals(signal.SIGTERM)

        assert terminal.ends() == 128 + signal.SIGTERM
        assert terminal.left_on == []
