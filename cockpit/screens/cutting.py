"""Cutting the alert list off the screen's thread: the latest board, the latest view, one result at a time."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, fields, replace

from cockpit.board.state import Board
from cockpit.model.panes import AlertList
from cockpit.model.reading import Topic
from cockpit.screens.desk import Desk
from cockpit.slices.alerts import AlertsView, cut
from cockpit.slices.feedindex import prepare as prepare_feed
from cockpit.slices.index import Index, advance
from cockpit.slices.listing import prepare
from cockpit.triage.starts import starts_of

_ALERTING = {Topic.ALERTS, Topic.RULES}
_ROUTINE = frozenset({"at", "readings", "systems", "memory"})
_PARTS = tuple(field.name for field in fields(Board) if field.name not in _ROUTINE)

_MANY = 2000
"""Folds from which on what a drill counts over all of them is counted here, where no key waits for it."""

QUIET_S = 0.2
"""Seconds that a board waits which tells nothing but that a system answered: what comes behind it comes first."""

log = logging.getLogger(__name__)
"""Where errors of ours go."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A board with its index, and the alert list that a view makes of it."""

    index: Index
    view: AlertsView
    alerts: AlertList
    news: bool
    """Whether something came since the last key press."""
    settled: bool = True
    """Whether all that alerts come from had answered or failed before: until then what comes is not new, but old."""

    @property
    def board(self) -> Board:
        """The board."""
        return self.index.board


class Cutter:
    """Turns boards and views into cuts; what comes while it works replaces what waits.

    Until `start` is called it works in the caller's thread.

    Args:
        desk: Whose clock says what time it is.
        deliver: Called with each cut, in the cutter's thread.
    """

    def __init__(self, desk: Desk, deliver: Callable[[Cut], None]) -> None:
        self._desk = desk
        self._deliver = deliver
        self._wanted = threading.Condition()
        self._board: Board | None = None
        self.view = AlertsView(me=desk.me, teams=desk.context.me.teams, zone=desk.pane_zone)
        """The latest view that was asked for."""
        self.failed = False
        """Whether the latest board could not be cut, for an error of ours: the screen shows an older one."""
        self._dirty = False
        self._urgent = False
        self._settled = False
        self._index: Index | None = None
        self._thread: threading.Thread | None = None
        self._stopping = False

    def start(self) -> None:
        """Work in a thread of its own from now on."""
        self._thread = threading.Thread(target=self._run, name="cutter", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread after what it is doing."""
        with self._wanted:
            self._stopping = True
            self._wanted.notify()

    def take(self, board: Board) -> None:
        """Cut this board."""
        self._post(board, None)

    def look(self, view: AlertsView) -> None:
        """Cut the latest board with this view."""
        self._post(None, view)

    def _post(self, board: Board | None, view: AlertsView | None) -> None:
        with self._wanted:
            self._urgent |= board is None or self._board is None or tells(self._board, board)
            self._board = board or self._board
            self.view = view or self.view
            self._dirty = self._board is not None
            self._wanted.notify()
        if self._thread is None:
            self._work()

    def _run(self) -> None:
        while True:
            with self._wanted:
                while not self._dirty and not self._stopping:
                    self._wanted.wait()
                self._wanted.wait_for(lambda: self._urgent or self._stopping, QUIET_S)
                if self._stopping:
                    return
            try:
                self._work()
                self.failed = False
            except Exception:  # the thread's outermost edge: without it the screen would stand still and not say so
                log.exception("cutting the alert list")
                self.failed = True

    def _work(self) -> None:
        with self._wanted:
            board, self._dirty, self._urgent = self._board, False, False
            if board is None:
                return
            settled, self._settled = self._settled, not asking(board)
            if not settled:
                self.view = replace(self.view, known=board.folds)
            view = self.view
        index = self._index = advance(self._index, board)
        known = view.known
        shown = cut(index, view, self._desk.minute())
        prepare_feed(board)
        if len(board.folds) > _MANY:
            starts_of(board.folds)
        news = known is not None and known is not board.folds and not board.folds.keys() <= known.keys()
        self._deliver(Cut(index, view, shown, news, settled))
        if self._thread is not None and not self._dirty:
            prepare(index, view)


def tells(before: Board, after: Board) -> bool:
    """Tell whether a board tells more than the one before but that systems answered once more."""
    if any(getattr(before, part) is not getattr(after, part) for part in _PARTS):
        return True
    return [(one.name, one.state, one.error) for one in before.systems.values()] != [
        (one.name, one.state, one.error) for one in after.systems.values()
    ]


def asking(board: Board) -> bool:
    """Tell whether a system that alerts come from has neither answered nor failed yet."""
    return any(
        (system.name, topic) not in board.readings and (system.name, topic) not in board.failures
        for system in board.setup.systems
        for topic in system.topics
        if topic in _ALERTING
    )
