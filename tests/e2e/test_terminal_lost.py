"""The terminal goes away, stalls or is told to end: Cockpit is gone in time or still right, and the journal is whole."""

import os
import select
import signal
from functools import partial

import pytest

from tests.e2e.keeping import ALERT, CONFIRMED, Keeping
from tests.e2e.pty_session import PtySession
from tests.e2e.waiting import eventually

HANGING = """
import sys, threading, time
from cockpit import app
def begin(self, main, leave):
    main.app.call_later(lambda: time.sleep(60))
app.Work.begin = begin
from cockpit.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
"""Cockpit with an event loop that answers nobody once the first frame is there."""


def stall(terminal: PtySession) -> None:
    """Let the screen be painted so often, unread, that the terminal takes no more."""

    def full() -> bool:
        terminal.types("+_" * 3)
        return not select.select([], [terminal.slave], [], 0)[1]

    eventually(full, 5, what="a terminal that takes no more")
    terminal.types("+_" * 15)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_the_terminal_clean(keeping: Keeping, terminal: PtySession, number: signal.Signals) -> None:
    """A signal to end is followed in time, with the status of that signal; the terminal is as it was before."""
    os.write(terminal.slave, b"what stood here before\r\n")
    keeping.opened(terminal)

    terminal.signals(number)

    assert terminal.ends() == 128 + number
    assert terminal.left_on == []
    assert terminal.lines[0] == "what stood here before"
    assert terminal.screen.strip() == "what stood here before"
    assert keeping.journalled() == CONFIRMED


@pytest.mark.parametrize("ignoring", [(), (signal.SIGHUP,), (signal.SIGHUP, signal.SIGTERM)])
def test_a_closed_terminal_ends_it(
    keeping: Keeping, terminal: PtySession, ignoring: tuple[signal.Signals, ...]
) -> None:
    """Cockpit ends when its terminal is closed, also where it was told to ignore hanging up."""
    keeping.opened(terminal, ignoring=ignoring)

    terminal.closes()

    assert terminal.ends_unread() == 128 + signal.SIGHUP
    assert keeping.journalled() == CONFIRMED


def test_a_terminal_closed_at_once_ends_it(keeping: Keeping, terminal: PtySession) -> None:
    """Cockpit ends also when the terminal closes before anything was painted."""
    terminal.runs(keeping.command, keeping.environment, keeping.folder, ignoring=[signal.SIGHUP])
    terminal.holds(lambda: b"\x1b[?1049h" in terminal.written, "alternate screen")

    terminal.closes()

    assert terminal.ends_unread() == 128 + signal.SIGHUP


def test_input_at_its_end_ends_it(keeping: Keeping, terminal: PtySession) -> None:
    """Cockpit ends when its input does, and cleans the terminal that is still there."""
    with PtySession() as keyboard:
        keeping.opens(terminal, stdin=keyboard.slave)
        keyboard.closes()

        assert terminal.ends() == 128 + signal.SIGHUP
    assert terminal.left_on == []


def test_a_stalled_terminal_holds_nothing_up(keeping: Keeping, terminal: PtySession) -> None:
    """While nobody reads the terminal polls and journal go on; after it the screen is right and keys work."""
    keeping.opened(terminal)
    known, polls = keeping.occurrences(), keeping.polls

    stall(terminal)
    for number in range(5):
        keeping.fires(f"Another{number}")
        known += 2
        eventually(partial(keeping.has_seen, known), 5, what="the alert and its fold in the journal")
    eventually(lambda: keeping.polls >= polls + 6, 10, what="more polls")

    terminal.sees("6 firing", f"Drill ─ {ALERT}")
    terminal.types("\x0c")
    terminal.sees_no(" new ")
    terminal.reads(0.3)
    shown = terminal.panes
    terminal.emulator.reset()
    terminal.types("\x0c")
    terminal.holds(lambda: terminal.panes == shown, "same screen, painted anew")
    terminal.types("?")
    terminal.sees("Keys ─")
    assert keeping.journalled() == CONFIRMED


def test_a_signal_is_followed_while_the_terminal_stalls(keeping: Keeping, terminal: PtySession) -> None:
    """Told to end before a terminal that takes nothing, Cockpit is gone in time, and leaves it clean."""
    keeping.opened(terminal)
    stall(terminal)

    terminal.signals(signal.SIGTERM)

    assert terminal.ends_unread() == 128 + signal.SIGTERM
    terminal.reads(0.1)
    assert terminal.left_on == []
    assert terminal.screen.strip() == ""
    assert keeping.journalled() == CONFIRMED


def test_a_person_can_leave_while_the_terminal_stalls(keeping: Keeping, terminal: PtySession) -> None:
    """Keys are followed before a terminal that takes nothing: one can leave blindly."""
    keeping.opened(terminal)
    stall(terminal)

    terminal.types("\x03\x03")

    assert terminal.ends_unread() == 0
    terminal.reads(0.1)
    assert terminal.left_on == []


def test_a_stalled_terminal_that_closes_ends_it(keeping: Keeping, terminal: PtySession) -> None:
    """Cockpit ends when a terminal that took nothing is closed, hanging up ignored."""
    keeping.opened(terminal, ignoring=[signal.SIGHUP])
    stall(terminal)

    terminal.closes()

    assert terminal.ends_unread() == 128 + signal.SIGHUP
    assert keeping.journalled() == CONFIRMED


def test_a_signal_is_followed_while_the_loop_hangs(keeping: Keeping, terminal: PtySession) -> None:
    """Told to end while the event loop answers nobody, Cockpit is gone in time, and leaves the terminal clean."""
    python, *_ = keeping.command
    terminal.runs([python, "-c", HANGING, *keeping.command[3:]], keeping.environment, keeping.folder)
    terminal.sees("2 Alerts")

    terminal.signals(signal.SIGTERM)

    assert terminal.ends() == 128 + signal.SIGTERM
    assert terminal.left_on == []
