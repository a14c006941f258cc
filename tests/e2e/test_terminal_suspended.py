"""Suspended and brought back, by the shell or by force: the screen is painted right again, and left clean."""

import os
import signal

from tests.e2e.keeping import CONFIRMED, Keeping
from tests.e2e.processes import gone
from tests.e2e.pty_session import PtySession
from tests.e2e.waiting import eventually

SHELL = ("/bin/sh", "-i")
"""A shell with job control, and without an editor that changes the terminal itself."""


def stopped(terminal: PtySession) -> bool:
    """Tell whether the terminal's program is stopped."""
    done, status = os.waitpid(terminal.pid, os.WUNTRACED | os.WNOHANG)
    return done == terminal.pid and os.WIFSTOPPED(status)


def painted(terminal: PtySession) -> list[str]:
    """Wait until the screen is at rest, and return its panes."""
    terminal.reads(0.3)
    return terminal.panes


def test_the_shell_gets_a_clean_terminal_and_gives_it_back(keeping: Keeping, terminal: PtySession) -> None:
    """Between ctrl+z and fg the shell has the terminal for itself, bg alone changes nothing; then the screen is back."""
    terminal.runs(SHELL, {**keeping.environment, "PS1": "shell> "}, keeping.folder)
    terminal.sees("shell>")
    terminal.types(" ".join(keeping.command) + "\n")
    terminal.sees("1 firing", "OWNER")
    keeping.confirms(terminal)
    terminal.types("\x1b")
    before = painted(terminal)

    terminal.types("\x1a")
    terminal.sees("Stopped")
    assert terminal.modes_left == []
    terminal.types("bg\n")
    terminal.types("echo still the $((40 + 2)) shell\n")
    terminal.sees("still the 42 shell")
    assert terminal.modes_left == []
    terminal.types("fg\n")

    terminal.holds(lambda: terminal.panes == before, "screen as before")
    terminal.types("?")
    terminal.sees("Keys ─", "g G ends  q back")
    terminal.types("q\x03\x03")
    terminal.sees("still the 42 shell")
    terminal.types("echo left with $?\n")
    terminal.sees("left with 0")
    assert terminal.modes_left == []
    assert keeping.journalled() == CONFIRMED


def suspend(keeping: Keeping, terminal: PtySession) -> int:
    """Open Cockpit from a shell, suspend it by a signal, and return its process id."""
    terminal.runs(SHELL, {**keeping.environment, "PS1": "shell> "}, keeping.folder)
    terminal.sees("shell>")
    file = keeping.folder / "pid"
    terminal.types(f"sh -c 'echo $$ > {file}; exec {' '.join(keeping.command)}'\n")
    terminal.sees("1 firing", "OWNER")
    keeping.confirms(terminal)
    pid = int(file.read_text())
    os.kill(pid, signal.SIGTSTP)
    terminal.sees("Stopped")
    assert terminal.modes_left == []
    return pid


def test_polls_go_on_after_a_suspension(keeping: Keeping, terminal: PtySession) -> None:
    """What happened while it was suspended is on the screen soon after."""
    suspend(keeping, terminal)
    keeping.fires("FiredMeanwhile")

    terminal.types("fg\n")

    terminal.sees("2 firing", "FiredMeanwhile")
    terminal.types("\x03\x03")
    terminal.sees_no("2 firing")
    assert terminal.modes_left == []


def test_a_suspended_one_ends_when_told_to(keeping: Keeping, terminal: PtySession) -> None:
    """Told to end while the shell has the terminal, it ends as soon as it runs, and leaves the shell's terminal alone."""
    pid = suspend(keeping, terminal)
    written = len(terminal.written)

    terminal.types(f"kill -TERM {pid}; kill -CONT {pid}\n")

    eventually(lambda: gone(pid), 2.5, what="its end", every_s=0.02)
    terminal.types("echo still the $((40 + 2)) shell\n")
    terminal.sees("still the 42 shell")
    assert b"\x1b[?" not in terminal.written[written:]
    assert keeping.journalled() == CONFIRMED


def test_a_suspended_one_ends_with_its_terminal(keeping: Keeping, terminal: PtySession) -> None:
    """Suspended, it does not outlive the terminal."""
    pid = suspend(keeping, terminal)

    terminal.closes()

    eventually(lambda: gone(pid), 2.5, what="its end", every_s=0.02)
    assert keeping.journalled() == CONFIRMED


def test_without_a_shell_to_come_back_from_it_does_not_suspend(keeping: Keeping, terminal: PtySession) -> None:
    """As a terminal's only program it says why it stays, for nobody could bring it back."""
    keeping.opens(terminal)

    terminal.types("\x1a")
    terminal.sees("cannot suspend")
    terminal.signals(signal.SIGTSTP)
    terminal.types("?")

    terminal.sees("Keys ─")


def test_a_forced_stop_is_survived(keeping: Keeping, terminal: PtySession) -> None:
    """Stopped by force and continued, it paints the screen anew, reads each key once, and leaves the terminal clean."""
    keeping.opened(terminal)
    before = painted(terminal)
    for _ in range(2):
        terminal.signals(signal.SIGSTOP)
        eventually(lambda: stopped(terminal), 5, what="a stopped process")
        terminal.reads()
        terminal.emulator.erase_in_display(2)

        terminal.signals(signal.SIGCONT)

        terminal.holds(lambda: terminal.panes == before, "screen as before")
    terminal.types("\x03")
    terminal.sees("ctrl+c again leaves")
    terminal.types("\x03")
    assert terminal.ends() == 0
    assert terminal.left_on == []


def test_the_screen_is_painted_anew_at_a_key(keeping: Keeping, terminal: PtySession) -> None:
    """What something else wrote over the screen is gone after ctrl+l, in a pane as well as in a list over it."""
    keeping.opens(terminal)
    before = painted(terminal)
    os.write(terminal.slave, b"\x1b[5;5H*** a wall message ***")
    terminal.sees("wall message")

    terminal.types("\x0c")

    terminal.holds(lambda: terminal.panes == before, "screen as before")
    terminal.types("?")
    terminal.sees("Keys ─", "g G ends  q back")
    before = painted(terminal)
    os.write(terminal.slave, b"\x1b[5;5H*** a wall message ***")
    terminal.sees("wall message")
    terminal.types("\x0c")
    terminal.holds(lambda: terminal.panes == before, "help as before")
