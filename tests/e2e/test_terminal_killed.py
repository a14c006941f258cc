"""What carries the terminal is killed, or Cockpit itself: nothing is left running, and what was confirmed is kept."""

import os
import shlex
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.keeping import ALERT, CONFIRMED, Keeping
from tests.e2e.processes import gone
from tests.e2e.pty_session import PtySession
from tests.e2e.sshd import SshServer
from tests.e2e.tmux import Terminal
from tests.e2e.waiting import eventually
from tests.needs import needs


def above(pid: int, name: str) -> int:
    """Return the nearest process of that name above another one."""
    while pid > 1:
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        if Path(f"/proc/{pid}/comm").read_text().startswith(name):
            return pid
    raise AssertionError(f"no {name}")


def remembers(keeping: Keeping) -> None:
    """Open Cockpit again and find the answers confirmed."""
    assert keeping.journalled() == CONFIRMED
    with PtySession() as terminal:
        keeping.opens(terminal)
        terminal.sees(f"{len(CONFIRMED)} confirmed", f"Drill ─ {ALERT}")


def as_shell(keeping: Keeping) -> tuple[str, Path]:
    """Return how a shell opens Cockpit, and where it writes the process id."""
    file = keeping.folder / "pid"
    pairs = [f"{name}={value}" for name, value in {**keeping.environment, "LC_ALL": "C.UTF-8"}.items()]
    command = shlex.join(["env", *pairs, *keeping.command])
    return f"echo $$ > {file}; exec {command}", file


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    """Return an SSH server."""
    with SshServer(tmp_path_factory.mktemp("sshd")) as server:
        yield server


def test_what_was_confirmed_outlives_a_kill(keeping: Keeping, terminal: PtySession) -> None:
    """Killed without warning and opened again, Cockpit shows the confirmed answers."""
    keeping.opened(terminal)

    terminal.signals(signal.SIGKILL)

    assert terminal.ends() == -signal.SIGKILL
    remembers(keeping)


@pytest.mark.real
@needs("tmux")
def test_a_killed_pane_ends_it(keeping: Keeping, short_folder: Path) -> None:
    """Cockpit ends when its tmux pane is killed."""
    with Terminal(short_folder) as pane:
        pane.runs(keeping.command, keeping.environment)
        pane.sees("1 firing", f"Drill ─ {ALERT}", "OWNER")
        pane.presses("d")
        pane.sees("c confirm all")
        pane.presses("c")
        pane.sees(f"{len(CONFIRMED)} confirmed")
        pid = pane.pid

        pane.kill_pane()

        eventually(lambda: gone(pid), 2.5, what="the end of Cockpit", every_s=0.02)
    remembers(keeping)


@pytest.mark.real
@needs("sshd", "ssh", "ssh-keygen")
@pytest.mark.parametrize("victim", ["client", "session"])
def test_a_killed_connection_ends_it(keeping: Keeping, terminal: PtySession, server: SshServer, victim: str) -> None:
    """Cockpit ends when the SSH client, or the server's process of this connection, is killed."""
    command, file = as_shell(keeping)
    terminal.runs(server.client(command), {}, keeping.folder)
    terminal.sees("1 firing", f"Drill ─ {ALERT}", "OWNER")
    keeping.confirms(terminal)
    pid = int(file.read_text())

    if victim == "client":
        terminal.signals(signal.SIGKILL)
    else:
        os.kill(above(pid, "sshd"), signal.SIGKILL)

    eventually(lambda: gone(pid), 2.5, what="the end of Cockpit", every_s=0.02)
    remembers(keeping)
