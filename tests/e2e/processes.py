"""Real servers as processes: started, stopped and killed by their own process id."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from tests.e2e.waiting import eventually


def free_port(*wanted: int) -> int:
    """Return a loopback port that nobody has: the first free one of those wanted, else any."""
    for port in (*wanted, 0):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(tried.getsockname()[1])
    raise AssertionError("no free port")


def gone(pid: int) -> bool:
    """Tell whether a process has ended; one that nobody has asked about yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


class Process:
    """One server process with its log in a file.

    Args:
        name: For the log and for messages.
        command: What to run, without a shell.
        folder: Where the log is kept and where it runs.
        ready: Whether it answers; asked until it does.
    """

    def __init__(self, name: str, command: Sequence[str], folder: Path, ready: Callable[[], bool]) -> None:
        self.name = name
        self.command = list(command)
        self.log = folder / f"{name}.log"
        self._folder = folder
        self._ready = ready
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its process id while it runs."""
        assert self._running is not None, f"{self.name} does not run"
        return self._running.pid

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._running is not None and self._running.poll() is None

    def start(self, within_s: float = 30.0) -> None:
        """Start it and wait until it answers.

        Raises:
            AssertionError: It ended, or did not answer in time; the end of its log is told.
        """
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                self.command,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": os.environ["PATH"], "HOME": str(self._folder), "LC_ALL": "C.UTF-8"},
            )

        def answers() -> bool:
            if not self.running:
                raise RuntimeError(f"{self.name} ended; its log ends with:\n{self._tail()}")
            return self._ready()

        try:
            eventually(answers, within_s, what=f"an answer from {self.name}", every_s=0.05)
        except (AssertionError, RuntimeError) as error:
            self.kill()
            raise AssertionError(f"{error}\n{self._tail()}") from error

    def stop(self, within_s: float = 15.0) -> None:
        """End it politely, and with force where it does not listen."""
        if self._running is None:
            return
        if self._running.poll() is None:
            self._running.terminate()
            try:
                self._running.wait(within_s)
            except subprocess.TimeoutExpired:
                self._running.kill()
                self._running.wait(5)
        self._running = None

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._running is not None:
            self._running.kill()
            self._running.wait(5)
            self._running = None

    def freeze(self) -> None:
        """Let it hang: it keeps its port open and answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it run on."""
        os.kill(self.pid, signal.SIGCONT)

    def _tail(self) -> str:
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
