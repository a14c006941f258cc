"""Leaving, failing and resting: what the terminal gets of it, and the exit code."""

import subprocess
import sys
from collections.abc import Sequence

import pytest

from tests.e2e.keeping import Keeping
from tests.e2e.pty_session import PtySession

FAILING = """
import sys
from cockpit.screens import going
def page(screen):
    token = "s3cr3t" + "-t0k3n"
    raise RuntimeError(f"with {token}")
going.page = page
from cockpit.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
"""Cockpit that fails when a page is turned; a secret is among the local variables and in the message."""

FAILING_THREAD = """
import sys
from cockpit.screens.cutting import Cutter
def run(self):
    token = "s3cr3t" + "-t0k3n"
    raise RuntimeError(f"with {token}")
Cutter._run = run
from cockpit.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
"""Cockpit whose lists are never cut, as their thread fails."""


def inside(keeping: Keeping, script: str) -> Sequence[str]:
    """Return how the screen is opened by another script."""
    return (sys.executable, "-c", script, *keeping.command[3:])


@pytest.mark.parametrize(("keys", "asked"), [("q", "q again leaves"), ("\x03", "ctrl+c again leaves")])
def test_leaving_asks_once(keeping: Keeping, terminal: PtySession, keys: str, asked: str) -> None:
    """The key to leave asks, another key stays, and twice the key leaves with 0 and a clean terminal."""
    keeping.opens(terminal)
    terminal.types(keys)
    terminal.sees(asked)
    terminal.types("j")
    terminal.sees_no(asked)
    terminal.types(keys)
    terminal.sees(asked)

    terminal.types(keys)

    assert terminal.ends() == 0
    assert terminal.left_on == []
    assert terminal.screen.strip() == ""


def test_keys_that_come_at_once_are_followed_one_after_the_other(keeping: Keeping, terminal: PtySession) -> None:
    """Each key goes to what is on the screen when its turn comes, though all came at once."""
    keeping.opens(terminal)

    terminal.types("?q" + "qj" + "?q" + ":zoom\r" + "?jj" + "qqq")
    terminal.sees("1 Integrations", "q again leaves")
    terminal.types("q")

    assert terminal.ends() == 0


@pytest.mark.parametrize("script", [FAILING, FAILING_THREAD], ids=["handler", "thread"])
def test_a_failure_is_one_line_and_the_trace_is_in_the_log(keeping: Keeping, terminal: PtySession, script: str) -> None:
    """An error inside leaves with 1, a clean terminal and one line without secrets; the log has the trace."""
    terminal.runs(inside(keeping, script), keeping.environment, keeping.folder)
    if script is FAILING:
        terminal.sees("1 firing")
        terminal.types("\x04")

    assert terminal.ends(10) == 1
    assert terminal.left_on == []
    said = terminal.screen.split()
    assert said[0] == "cockpit:"
    assert "internal error, RuntimeError" in " ".join(said)
    assert "s3cr3t-t0k3n" not in terminal.written.decode()
    assert "Traceback" not in terminal.written.decode()
    assert "RuntimeError" in keeping.log
    assert "Traceback" in keeping.log


def test_errors_sent_elsewhere_leave_the_screen_to_the_terminal(keeping: Keeping, terminal: PtySession) -> None:
    """With standard error in a file the screen is on the terminal all the same, and nothing of it in the file."""
    errors = keeping.folder / "errors"
    command = " ".join(keeping.command)
    terminal.runs(["/bin/sh", "-c", f"exec {command} 2>{errors}"], keeping.environment, keeping.folder)
    terminal.sees("1 firing", "OWNER")

    terminal.types("\x03\x03")

    assert terminal.ends() == 0
    assert terminal.left_on == []
    assert errors.read_text() == ""


@pytest.mark.parametrize("missing", ["stdin", "stdout"])
def test_without_a_terminal_it_is_wrong_usage(keeping: Keeping, terminal: PtySession, missing: str) -> None:
    """With input or output not a terminal it says what to use instead, paints nothing and exits with 2."""
    done = subprocess.run(
        keeping.command,
        env=keeping.environment,
        cwd=keeping.folder,
        stdin=subprocess.DEVNULL if missing == "stdin" else terminal.slave,
        stdout=subprocess.DEVNULL if missing == "stdout" else terminal.slave,
        stderr=subprocess.PIPE,
        timeout=10,
        check=False,
    )

    terminal.reads()
    assert done.returncode == 2
    assert b"cockpit: terminal:" in done.stderr
    assert b"cockpit drill" in done.stderr
    assert b"cockpit alerts" in done.stderr
    assert terminal.written == b""


def test_at_rest_it_writes_nothing_and_takes_no_time(keeping: Keeping, terminal: PtySession) -> None:
    """While polls change nothing no byte is written but for the minute, and hardly any processor time taken."""
    keeping.opens(terminal)
    terminal.reads(1.0)
    before, cpu = len(terminal.written), terminal.cpu_s

    terminal.reads(3.0)

    assert len(terminal.written) - before < 300
    assert terminal.cpu_s - cpu < 0.3
