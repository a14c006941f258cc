"""The terminal and how it ends: a driver that never blocks, and signals that save first and always leave."""

import os
import selectors
import signal
from codecs import getincrementaldecoder
from collections.abc import Callable
from queue import Full
from types import FrameType
from typing import TYPE_CHECKING

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    import asyncio

LEAVE_S = 2.0
"""Seconds after which the process ends by itself, whatever hangs."""

_EMPTY_READS = 2
"""So many empty reads in a row mean that the terminal is gone."""


class CockpitDriver(LinuxDriver):
    """Textual's driver, but for a terminal that stalls or goes away.

    Textual's own blocks the event loop once thirty writes wait, and spins for ever when its input has ended.
    """

    gone: Callable[[], None] | None = None
    """Called once, in the input thread, when the terminal is gone."""
    lost = False
    """Whether something could not be written because the terminal took nothing any more."""

    @property
    def backlog(self) -> int:
        """How many writes wait for the terminal."""
        thread = self._writer_thread
        return thread._queue.qsize() if thread is not None else 0  # noqa: SLF001 - Textual tells it nowhere else

    def write(self, data: str) -> None:
        """Write without ever waiting; what the terminal does not take is lost, and everything painted anew later."""
        thread = self._writer_thread
        if thread is None:
            return
        try:
            thread._queue.put_nowait(data)  # noqa: SLF001 - its own write waits
        except Full:
            self.lost = True

    def run_input_thread(self) -> None:
        """Read keys until told to stop, or until the terminal is gone."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        empty = 0
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(0.1):
                    data = self._read()
                    empty = 0 if data else empty + 1
                    if empty >= _EMPTY_READS:
                        self._tell_gone()
                        return
                    for event in parser.feed(decode(data)) if data else ():
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
        try:
            list(parser.feed(""))
        except (EOFError, ParseError):
            return

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""

    def _tell_gone(self) -> None:
        if self.gone is not None:
            self.gone()


class Lifeline:
    """Ends the process when a signal or the terminal says so: saves, leaves through the app, and else by force.

    Args:
        save: Keeps what must not be lost; called in the main thread, and quick.
    """

    def __init__(self, save: Callable[[], None]) -> None:
        self._save = save
        self._leave: Callable[[int], object] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leaving = False

    def attach(self, loop: "asyncio.AbstractEventLoop", leave: Callable[[int], object]) -> None:
        """Say how to leave through the app once it runs: a function of the exit code, called in the loop."""
        self._loop, self._leave = loop, leave

    def install(self) -> None:
        """Take over the signals; call it in the main thread."""
        signal.signal(signal.SIGALRM, self._force)
        for number in (signal.SIGHUP, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def arm(self, seconds: float = LEAVE_S) -> None:
        """End the process by force after so many seconds, unless it has ended by then."""
        signal.setitimer(signal.ITIMER_REAL, seconds)

    def end(self, code: int) -> None:
        """Leave with an exit code, from any thread."""
        if self._leaving:
            return
        self._leaving = True
        self._code = code
        self.arm()
        loop, leave = self._loop, self._leave
        if loop is None or leave is None or loop.is_closed():
            os._exit(code)
        loop.call_soon_threadsafe(leave, code)

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        self.arm()
        self._save()
        self.end(128 + number)

    def _force(self, _: int, __: FrameType | None) -> None:
        os._exit(getattr(self, "_code", 1))
