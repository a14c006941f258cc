"""A real pseudo-terminal with a program in it, and an emulator behind it: looked at, typed into, stalled, closed."""

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import pyte

from tests.e2e.waiting import eventually

_LAUNCH = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(1, termios.TIOCSCTTY, 0)
for number in sys.argv[1].split(","):
    if number:
        signal.signal(int(number), signal.SIG_IGN)
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Takes the terminal as its own, ignores signals, and becomes the program."""

_MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
_KITTY = re.compile(rb"\x1b\[([<>])[\d;]*u")

RESTING = {7: True, 25: True}
"""Private modes that are on in a terminal at rest: line wrap and the cursor; all others are off."""


class Emulator(pyte.Screen):
    """A screen that also knows the alternate one."""

    def __init__(self, columns: int, rows: int) -> None:
        super().__init__(columns, rows)
        self._primary: dict[int, Any] | None = None
        self._place = (0, 0)

    def set_mode(self, *modes: int, **how: bool) -> None:
        """Switch modes on; the alternate screen begins empty."""
        if how.get("private") and 1049 in modes and self._primary is None:
            self._primary = {row: dict(line) for row, line in self.buffer.items()}
            self._place = self.cursor.y, self.cursor.x
            self.erase_in_display(2)
        super().set_mode(*modes, **how)

    def reset_mode(self, *modes: int, **how: bool) -> None:
        """Switch modes off; behind the alternate screen stands what was there before."""
        if how.get("private") and 1049 in modes and self._primary is not None:
            self.erase_in_display(2)
            for row, line in self._primary.items():
                self.buffer[row].update(line)
            self._primary = None
            self.cursor.y, self.cursor.x = self._place
        super().reset_mode(*modes, **how)


class PtySession:
    """One terminal and the program in it.

    Nobody reads the terminal but while something of this object is called: between two calls it stalls.

    Args:
        columns: How wide it is.
        rows: How high it is.
    """

    def __init__(self, columns: int = 80, rows: int = 24) -> None:
        self.master, self.slave = os.openpty()
        self.resize(columns, rows)
        self.emulator = Emulator(columns, rows)
        self._stream = pyte.ByteStream(self.emulator)
        self.written = b""
        """Everything that the program wrote."""
        self._at_rest = termios.tcgetattr(self.slave)
        self._running: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._running is not None and self._running.poll() is None:
            self._running.kill()
            self._running.wait()
        self.closes()

    def resize(self, columns: int, rows: int) -> None:
        """Say how large the terminal is."""
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def runs(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        *,
        ignoring: Sequence[signal.Signals] = (),
        stdin: int | None = None,
    ) -> None:
        """Start a program on this terminal, its own session's leader.

        Args:
            command: Its path and arguments.
            environment: Added to a bare one.
            folder: Where it runs.
            ignoring: Signals that it inherits as ignored.
            stdin: Another terminal for its input.
        """
        numbers = ",".join(str(int(number)) for number in ignoring)
        self._running = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _LAUNCH, numbers, *command],
            stdin=self.slave if stdin is None else stdin,
            stdout=self.slave,
            stderr=self.slave,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **environment},
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The program's process id."""
        assert self._running is not None
        return self._running.pid

    @property
    def status(self) -> int | None:
        """Its exit status once it has ended; a signal's number below zero."""
        assert self._running is not None
        return self._running.poll()

    def ends(self, within_s: float = 2.5) -> int:
        """Wait until the program has ended, reading what it writes, and return its exit status."""
        self._until(lambda: self.status is not None, within_s, "the program's end")
        self.reads()
        status = self.status
        assert status is not None
        return status

    def ends_unread(self, within_s: float = 2.5) -> int:
        """Wait until the program has ended while nobody reads the terminal, and return its exit status."""
        eventually(lambda: self.status is not None, within_s, what="the program's end", every_s=0.02)
        status = self.status
        assert status is not None
        return status

    def signals(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        os.kill(self.pid, number)

    def types(self, text: str) -> None:
        """Type something."""
        os.write(self.master, text.encode())

    def closes(self) -> None:
        """Close the terminal, as a window that is closed or a connection that breaks."""
        for descriptor in (self.master, self.slave):
            if descriptor >= 0:
                os.close(descriptor)
        self.master = self.slave = -1

    def reads(self, for_s: float = 0.0) -> None:
        """Read what is there, and what comes within so many seconds."""
        deadline = time.monotonic() + for_s
        while self.master >= 0 and select.select([self.master], [], [], max(0.0, deadline - time.monotonic()))[0]:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return
            self.written += data
            self._stream.feed(_KITTY.sub(b"", data))

    @property
    def lines(self) -> list[str]:
        """What stands on the screen."""
        return [line.rstrip() for line in self.emulator.display]

    @property
    def screen(self) -> str:
        """What stands on the screen, as one text."""
        return "\n".join(self.lines)

    @property
    def panes(self) -> list[str]:
        """What stands between header and footer, but for ages: minutes go on."""
        return [re.sub(r"<?\d+ ?m(in)?\b *", "AGE ", line) for line in self.lines[1:-1]]

    @property
    def grounds(self) -> list[list[tuple[str, bool]]]:
        """On which colour each cell between header and footer stands, and whether reversed."""
        rows, columns = self.emulator.lines, self.emulator.columns
        cells = self.emulator.buffer
        return [[(cells[y][x].bg, cells[y][x].reverse) for x in range(columns)] for y in range(1, rows - 1)]

    def sees(self, *texts: str, within_s: float = 15.0) -> str:
        """Read until all the texts stand on the screen at once, and return the screen."""
        self._until(lambda: all(text in self.screen for text in texts), within_s, f"{texts} on the screen")
        return self.screen

    def sees_no(self, *texts: str, within_s: float = 15.0) -> str:
        """Read until none of the texts stands on the screen, and return the screen."""
        self._until(lambda: not any(text in self.screen for text in texts), within_s, f"{texts} gone")
        return self.screen

    def holds(self, condition: Callable[[], bool], what: str, within_s: float = 15.0) -> None:
        """Read until something holds."""
        self._until(condition, within_s, what)

    def _until(self, condition: Callable[[], bool], within_s: float, what: str) -> None:
        deadline = time.monotonic() + within_s
        while not condition():
            assert time.monotonic() < deadline, f"no {what} within {within_s:g} s; the screen is:\n{self.screen}"
            self.reads(0.02)

    @property
    def modes_left(self) -> list[str]:
        """Which modes are not as in a terminal at rest."""
        modes: dict[int, bool] = {}
        for found in _MODE.finditer(self.written):
            modes.update({int(mode): found[2] == b"h" for mode in found[1].split(b";")})
        left = [f"mode {mode}" for mode, on in modes.items() if on != RESTING.get(mode, False)]
        depth = sum(1 if found[1] == b">" else -1 for found in _KITTY.finditer(self.written))
        return left + ["kitty keys"] * max(0, depth)

    @property
    def left_on(self) -> list[str]:
        """What the program changed about the terminal and did not change back; nothing when it is clean."""
        changed = termios.tcgetattr(self.slave) != self._at_rest
        return self.modes_left + ["line settings"] * changed

    @property
    def cpu_s(self) -> float:
        """Seconds of processor time that the program took so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
