"""What runs beside the screen: put together in a thread once the first frame is there, and ended with it."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit import garbage
from cockpit.clock import PlaybackClock
from cockpit.config import ConfigError
from cockpit.keymap import unknown_ids
from cockpit.locations import log_file
from cockpit.logs import log_crash, open_log
from cockpit.model.drawing import Role
from cockpit.text import one_line

if TYPE_CHECKING:
    from cockpit.assembly import Assembly
    from cockpit.board.state import Board
    from cockpit.journal.opening import Journal
    from cockpit.poller import Watch, WatchThread
    from cockpit.screens.desk import Desk
    from cockpit.screens.main import MainScreen

Leave = Callable[[str, int], None]
"""Leaves the screen with one line and an exit code, from any thread."""

_SWITCH_S = 0.0005
"""How long one thread may hold the interpreter while another wants it: a key must not wait for a large answer."""


def told(error: BaseException) -> str:
    """Keep an error's trace in the log, and return the one line about it."""
    place = log_crash(log_file(), error)
    return f"cockpit: {place}: internal error, {type(error).__name__}; the trace is in {log_file()}"


class Work:
    """The cutter, the watch and the journal.

    Args:
        assemble: Puts together what is watched; called in a thread, after the first frame.
        journal_folder: Where the journal is; null keeps it in memory.
    """

    def __init__(self, assemble: "Callable[[], Assembly]", journal_folder: Path | None) -> None:
        self._assemble = assemble
        self._folder = journal_folder
        self._journal: Journal | None = None
        self._thread: WatchThread | None = None

    def begin(self, main: "MainScreen", leave: Leave) -> None:
        """Begin in a thread: what it imports is heavy, and the first frame is already there."""
        threading.Thread(target=self._open, args=(main, leave), name="opening", daemon=True).start()

    def save(self) -> None:
        """Keep what was decided, now."""
        if self._journal is not None:
            self._journal.close()

    def end(self) -> None:
        """Stop watching, and close the journal."""
        if self._thread is not None:
            self._thread.stop(1.0)
        self.save()

    def _open(self, main: "MainScreen", leave: Leave) -> None:
        try:
            open_log(log_file())
            assembly = self._assemble()
            self._watch(main, assembly)
            warning = warn(assembly)
            if warning:
                main.app.call_from_thread(main.say, warning, Role.WARNING)
        except ConfigError as error:
            leave(f"cockpit: {one_line(str(error), 1000)}", 2)
        except Exception as error:  # noqa: BLE001 - the outermost edge of this thread: told in one line, kept in the log
            leave(told(error), 1)

    def _watch(self, main: "MainScreen", assembly: "Assembly") -> None:
        from cockpit.journal.opening import open_journal
        from cockpit.poller import Watch, WatchThread, fast_forward
        from cockpit.screens import deeds, follow  # noqa: F401 - loaded here, so that the first cut and key find them
        from cockpit.screens.cutting import Cutter

        cutter = Cutter(main.desk, main.receive)
        cutter.start()
        self._journal = open_journal(self._folder, assembly.clock, assembly.context)
        watch = Watch(
            systems=assembly.systems,
            setup=assembly.setup,
            clock=assembly.clock,
            journal=self._journal,
            publish=_aside(cutter.take),
        )
        first = None
        recording, clock = assembly.recording, assembly.clock
        if recording is not None and isinstance(clock, PlaybackClock):
            first = partial(fast_forward, watch, recording, clock, clock.now())
        main.cutter = cutter
        main.desk.watch = watch
        self._let_write(main.desk, watch, assembly)
        self._thread = WatchThread(watch, first=first, switch_interval_s=_SWITCH_S)
        garbage.go_on()
        self._thread.start()

    def _let_write(self, desk: "Desk", watch: "Watch", assembly: "Assembly") -> None:
        """Give the screen what it writes with, where it watches live systems; what may be written is decided there."""
        from cockpit.systems.base import Annotator
        from cockpit.writes.carrying import Carrier, Scribe

        if self._journal is None or assembly.recording is not None:
            return
        carrier = Carrier(assembly.context, self._journal, assembly.clock, desk.me)
        desk.annotators = tuple(one for one in assembly.systems if isinstance(one, Annotator))
        desk.scribe = Scribe(carrier, watch.perform)


def _aside(publish: "Callable[[Board], None]") -> "Callable[[Board], None]":
    """Publish boards, and set large ones aside for the garbage collector."""
    aside = garbage.Aside()

    def published(board: "Board") -> None:
        publish(board)
        aside.after(len(board.alerts))

    return published


def warn(assembly: "Assembly") -> str:
    """Return what is wrong with map or configuration without keeping anything from working; empty when nothing is."""
    unknown = unknown_ids(assembly.context.keys)
    if unknown:
        return f"keys: there is no action {', '.join(unknown)}; ? names them all"
    errors = sum(problem.fatal for problem in assembly.problems)
    if errors:
        return f"the map has {errors} error{'s' if errors > 1 else ''}: cockpit map check says which"
    return ""
