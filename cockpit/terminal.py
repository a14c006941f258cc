"""The terminal and how it ends: a driver that never blocks, and signals that save first and always leave."""

import contextlib
import os
import selectors
import signal
import sys
import termios
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Callable
from queue import Full
from types import FrameType
from typing import TYPE_CHECKING, Any

from textual._parser import ParseError
from textual._time import get_time
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from cockpit.outlet import Outlet

if TYPE_CHECKING:
    import asyncio

LEAVE_S = 2.0
"""Seconds after which a process that is leaving ends by itself, whatever hangs."""

_PATIENCE_S = 0.5
"""Seconds for which a terminal that takes nothing is waited for when leaving."""

_EMPTY_READS = 2
"""So many empty reads in a row mean that the terminal is gone."""

ESCAPE_S = 0.01
"""Seconds after which an escape with nothing behind it is the key, where `ESCDELAY` says nothing: sequences come whole,
and tmux 3.5 waits no longer."""

HUNG_UP = 128 + signal.SIGHUP
"""The exit code when the terminal is gone."""


class Lifeline:
    """Ends the process when a signal or the terminal says so: saves, leaves through the app, and else by force.

    Args:
        save: Keeps what must not be lost; called from any thread, and quick.
    """

    def __init__(self, save: Callable[[], None]) -> None:
        self._save = save
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leave: Callable[[int], object] | None = None
        self._restore: Callable[[], None] | None = None
        self._code: int | None = None

    @property
    def leaving(self) -> bool:
        """Whether the process is about to end."""
        return self._code is not None

    def attach(
        self, loop: "asyncio.AbstractEventLoop", leave: Callable[[int], object], restore: Callable[[], None]
    ) -> None:
        """Say how to leave once the terminal is taken.

        Args:
            loop: Where the app runs.
            leave: Leaves through the app with an exit code; called in the loop.
            restore: Leaves the terminal as it was, whatever happens at that moment.
        """
        self._loop, self._leave, self._restore = loop, leave, restore

    def install(self) -> None:
        """Take over the signals, but for those that are ignored on purpose; call it in the main thread."""
        signal.signal(signal.SIGALRM, self._force)
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, lambda number, _: self.end(128 + number))

    def arm(self, code: int) -> None:
        """End the process by force, with this code, unless it has ended soon."""
        if self._code is None:
            self._code = code
            signal.setitimer(signal.ITIMER_REAL, LEAVE_S)

    def end(self, code: int) -> None:
        """Save, and leave with an exit code; from any thread."""
        if self._code is not None:
            return
        self.arm(code)
        self._save()
        loop, leave = self._loop, self._leave
        if loop is None or leave is None or loop.is_closed():
            self._force()
        else:
            loop.call_soon_threadsafe(leave, code)

    def _force(self, _: int = 0, __: FrameType | None = None) -> None:
        if self._restore is not None:
            self._restore()
        os._exit(self._code or 0)


class _WakingEvent(threading.Event):
    """An event that a selector can wait for, too."""

    def __init__(self) -> None:
        super().__init__()
        self._reader, self._writer = os.pipe()

    def fileno(self) -> int:
        """Return what becomes readable when it is set."""
        return self._reader

    def set(self) -> None:
        """Set it."""
        if not self.is_set():
            os.write(self._writer, b"\0")
        super().set()

    def clear(self) -> None:
        """Reset it."""
        if self.is_set():
            os.read(self._reader, 1)
        super().clear()


class CockpitDriver(LinuxDriver):
    """Textual's driver, but for a terminal that stalls, goes away, or was another's for a while.

    Textual's own blocks the event loop once thirty writes wait, spins for ever when its input has ended, and begins a
    second time over itself when it is told to go on without having been told to stop.
    """

    def __init__(self, app: Any, **settings: Any) -> None:
        super().__init__(app, **settings)
        self._lifeline: Lifeline | None = getattr(app, "lifeline", None)
        self.outlet = Outlet(sys.__stdout__.fileno() if sys.__stdout__ is not None else 1)
        self._file = self.outlet  # type: ignore[assignment]  # its writer only writes, flushes and asks the number
        self.exit_event = self._waking = _WakingEvent()
        self.lost = False
        """Whether something could not be written because the terminal took nothing any more."""
        self._taken = False
        self._stopped = False

    @property
    def backlog(self) -> int:
        """How many writes wait for the terminal."""
        thread = self._writer_thread
        return thread._queue.qsize() + self.outlet.busy if thread is not None else 0  # noqa: SLF001 - told nowhere else

    def write(self, data: str) -> None:
        """Write without ever waiting; what the terminal does not take is lost, and everything painted anew later."""
        thread = self._writer_thread
        if thread is None:
            return
        try:
            thread._queue.put_nowait(data)  # noqa: SLF001 - its own write waits
        except Full:
            self.lost = True

    # -- taking and leaving it -----------------------------------------------------------------

    def start_application_mode(self) -> None:
        """Take the terminal; its title is kept for later."""
        self.outlet.begin()
        self.lost = False
        self._taken = True
        if self._lifeline is not None:
            app = self._app
            self._lifeline.attach(self._loop, lambda code: app.exit(return_code=code), self.restore)
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual's says no types
        self.write("\x1b[22;2t")

    def disable_input(self) -> None:
        """Stop reading keys; a terminal that is another's is not touched: that would stop the process."""
        if self._taken:
            super().disable_input()

    def stop_application_mode(self) -> None:
        """Leave the terminal as it was, unless it is another's."""
        if not self._taken:
            return
        super().stop_application_mode()
        self.write("\x1b[23;2t\x1b[?1016l" if self._mouse_pixels else "\x1b[23;2t")
        self.flush()

    def close(self) -> None:
        """Wait until everything is written; a terminal that takes nothing is left clean past what waits for it."""
        thread = self._writer_thread
        if thread is None or not self._taken:
            return
        began = time.monotonic()
        try:
            thread._queue.put_nowait(None)  # noqa: SLF001 - its own stop waits
        except Full:
            self.lost = True
        while thread.is_alive() and not self.lost:
            thread.join(0.02)
            if time.monotonic() - max(began, self.outlet.moved) > _PATIENCE_S:
                break
        if thread.is_alive() or self.lost:
            self.restore()
        self._taken = False

    def restore(self) -> None:
        """Leave the terminal as it was, now, past everything that waits for it."""
        if not self._taken:
            return
        self.outlet.reset()
        if self.attrs_before is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
        self._taken = False

    # -- suspending ----------------------------------------------------------------------------

    @property
    def can_suspend(self) -> bool:
        """Whether somebody could bring it back: a shell with job control, not what opened the terminal for it."""
        try:
            return os.getsid(0) != os.getpgrp() and os.getsid(os.getppid()) == os.getsid(0)
        except OSError:
            return False

    def _sigtstp_application(self, *_: object) -> None:
        """Suspend soon: what a signal interrupts may hold what suspending needs."""
        self._loop.call_soon_threadsafe(self._suspend)

    def _sigcont_application(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._resume)

    def _suspend(self) -> None:
        if self.can_suspend:
            self._stopped = True
            super()._sigtstp_application()

    def _resume(self) -> None:
        """Take the terminal again; also when the process was stopped by force, as somebody else may have used it."""
        if self._lifeline is not None and self._lifeline.leaving:
            return
        if self._stopped:
            super()._sigcont_application()
            self._stopped = self._must_signal_resume
        elif self._taken and self._auto_restart:
            before = self.attrs_before
            self.suspend_application_mode()
            self._must_signal_resume = True
            self.start_application_mode()
            self.attrs_before = before

    # -- reading it ----------------------------------------------------------------------------

    def _run_input_thread(self) -> None:
        """Read keys; an error in it is for whoever looks after threads."""
        self.run_input_thread()

    def run_input_thread(self) -> None:
        """Read keys until told to stop, or until the terminal is gone."""
        parser = XTermParser(self._debug)
        soon = None if os.environ.get("ESCDELAY") else ESCAPE_S
        decode = getincrementaldecoder("utf-8")("replace").decode
        empty = 0
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._waking, selectors.EVENT_READ)
            while not self._waking.is_set():
                due = parser._timeout_time  # noqa: SLF001 - when an escape alone is a key; Textual looks ten times a second
                if due is not None and soon is not None:
                    due = parser._timeout_time = min(due, get_time() + soon)  # noqa: SLF001 - Textual waits for a tenth
                ready = selector.select(None if due is None else max(0.0, due - get_time()))
                if any(key.fileobj == self.fileno for key, _ in ready):
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
        if self._lifeline is not None:
            self._lifeline.end(HUNG_UP)
