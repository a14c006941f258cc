"""What follows the cursor: the drill, the integration pane's focus and the marks in the feed, from one board."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cockpit.board.state import Board
from cockpit.model.drill import Drill, Question, Suspect
from cockpit.model.panes import ChangeList, DrillView, MapView, RowId
from cockpit.screens.desk import Desk
from cockpit.slices import changes, drillview, integrations
from cockpit.slices.integrations import Painter
from cockpit.triage.drill import fill
from cockpit.triage.subject import subject_of


@dataclass(frozen=True, slots=True)
class FeedView:
    """What a person chose to see of the feed and the map."""

    window: timedelta | None = None
    words: tuple[str, ...] = ()
    tree: bool = False


@dataclass(frozen=True, slots=True)
class Followed:
    """The values of the panes that follow the cursor."""

    drill: Drill | None
    view: DrillView
    map: MapView
    painter: Painter
    changes: ChangeList


class Follower:
    """Cuts what follows the cursor, and keeps what stays the same from one row to the next.

    Args:
        desk: Whose clock and zone count.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._feed: tuple[tuple[object, ...], ChangeList] | None = None
        self._maps_of: tuple[object, ...] = ()
        self._views: dict[str, MapView] = {}
        self._painters: dict[str, Painter] = {}

    def follow(self, board: Board, row: RowId | None, feed: FeedView) -> Followed:
        """Return the panes' values for the row under the cursor."""
        now, minute = self._desk.now(), self._desk.minute()
        subject = subject_of(board, row) if row is not None else None
        drill = fill(board, subject, self._desk.zone, asking=True) if subject is not None else None
        alert = board.alerts.get(subject.alert) if subject is not None else None
        view, painter = self._chain(board, subject.service if subject is not None else "", feed, minute)
        base = self._changes(board, feed, minute)
        if drill is not None and alert is not None:
            base = marked(base, drill.answers[Question.CHANGE].suspects, alert.since)
        return Followed(drill, drillview.cut(board, drill, now), view, painter, base)

    def _changes(self, board: Board, feed: FeedView, minute: datetime) -> ChangeList:
        wanted = (board, feed, minute)
        if self._feed is None or not _same(self._feed[0], wanted):
            view = changes.ChangesView(feed.words, self._desk.pane_zone, feed.window)
            self._feed = (wanted, changes.cut(board, view, minute))
        return self._feed[1]

    def _chain(self, board: Board, service: str, feed: FeedView, minute: datetime) -> tuple[MapView, Painter]:
        wanted = (board, feed, minute)
        if not _same(self._maps_of, wanted):
            self._maps_of = wanted
            self._views.clear()
            self._painters.clear()
        if board.setup.map.empty:
            service = ""  # without a map the pane is the same for every alert
        view = self._views.get(service)
        if view is None:
            view = self._views[service] = integrations.cut(board, service)
        drawn = view.focus if service else ""
        painter = self._painters.get(drawn)
        if painter is None:
            painter = integrations.painter(board, view, minute, tree=feed.tree, selected=bool(service))
            self._painters[drawn] = painter
        return view, painter


def _same(known: tuple[object, ...], wanted: tuple[object, ...]) -> bool:
    """Compare a memory's key: the board by identity, for it is large, the rest by value."""
    return len(known) == len(wanted) and known[0] is wanted[0] and known[1:] == wanted[1:]


def marked(feed: ChangeList, suspects: tuple[Suspect, ...], began: datetime) -> ChangeList:
    """Return the feed with the suspects of an alert marked, and a rule where it began."""
    reasons = {suspect.change: "; ".join(suspect.why) for suspect in suspects}
    if reasons:
        rows = tuple(replace(row, suspect=True, why=reasons[row.id]) if row.id in reasons else row for row in feed.rows)
        return replace(feed, rows=rows, mark=began)
    return replace(feed, mark=began)
