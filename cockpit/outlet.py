"""Writing to a terminal without depending on it: it may stall, and it may be gone."""

import contextlib
import os
import select
import termios
import threading
import time
from typing import Final

RESET: Final = (
    b"\x18"  # whatever sequence was cut off ends here
    b"\x1b[?2026l\x1b[?2004l\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[?1004l"
    b"\x1b[?7h\x1b[0m\x1b[<u\x1b[?1049l\x1b[?25h\x1b[23;2t"
)
"""Brings a terminal back from whatever the screen switched on, and to the title that it had."""

_CHUNK = 4096
"""Bytes written at a time: about what a terminal takes at once."""

_SMALL = 64
"""The same where writing more than there is room for would wait."""

_LOOK_S = 0.1
"""How often a stalled terminal's writer looks whether it was told to give up."""

_INSIST_S = 0.2
"""For how long the last words are tried."""


class Outlet:
    """The terminal as a file for the thread that writes: only that thread waits, and it can be told to give up.

    It has a descriptor of its own, which never blocks; those of the shell keep their settings.

    Args:
        fileno: A descriptor of the terminal.
    """

    def __init__(self, fileno: int) -> None:
        self._fileno = _open_again(fileno)
        self._most = _SMALL if self._fileno == fileno else _CHUNK
        self._waiting = bytearray()
        self._given_up = False
        self._lock = threading.RLock()
        self.gone = False
        """Whether the terminal is no more."""
        self.moved = time.monotonic()
        """When it last took something."""

    @property
    def busy(self) -> bool:
        """Whether something waits that the terminal has not taken."""
        return bool(self._waiting)

    def fileno(self) -> int:
        """Return its descriptor."""
        return self._fileno

    def write(self, text: str) -> int:
        """Keep a text until it is flushed, or more waits than is good."""
        self._waiting += text.encode(errors="replace")
        if len(self._waiting) > _CHUNK:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Write what waits; returns when the terminal has taken it, is gone, or was given up."""
        while self._waiting and not self._given_up and not self.gone:
            if select.select([], [self._fileno], [], _LOOK_S)[1]:
                self._write_some()
        self._waiting.clear()

    def begin(self) -> None:
        """Write again after it was given up."""
        self._given_up = False
        self.moved = time.monotonic()

    def reset(self) -> None:
        """Throw away what the terminal has not taken, and say the last words: it is clean whenever it goes on."""
        self._given_up = True
        left, deadline = RESET, time.monotonic() + _INSIST_S
        while left and not self.gone and time.monotonic() < deadline:
            if left is RESET:
                with contextlib.suppress(termios.error):
                    termios.tcflush(self._fileno, termios.TCOFLUSH)
            if self._lock.acquire(timeout=_LOOK_S):  # whoever still writes was let go by the flush
                try:
                    if select.select([], [self._fileno], [], _LOOK_S / 10)[1]:
                        left = left[self._offer(left[: self._most]) :]
                finally:
                    self._lock.release()

    def _write_some(self) -> None:
        with self._lock:
            if not self._given_up:
                del self._waiting[: self._offer(self._waiting[: self._most])]

    def _offer(self, data: bytes | bytearray) -> int:
        """Write and return how much of it the terminal took."""
        try:
            taken = os.write(self._fileno, data)
        except BlockingIOError:
            return 0
        except OSError:
            self.gone = True
            return 0
        self.moved = time.monotonic()
        return taken


def _open_again(fileno: int) -> int:
    """Open the same terminal a second time so that it does not block; where that cannot be, the given one may."""
    try:
        return os.open(os.ttyname(fileno), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return fileno
