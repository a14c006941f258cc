"""What follows the cursor: the drill, the integration pane's focus and the marks in the feed, from one board."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cockpit.board.state import Board
from cockpit.model.drawing import Drawing, Glyphs
from cockpit.model.drill import Drill, Question, Subject, Suspect
from cockpit.model.panes import ChangeList, DrillView, MapView, RowId
from cockpit.model.walk import Walk
from cockpit.screens.desk import Desk
from cockpit.screens.guarding import Guard
from cockpit.slices import changes, drillview, integrations, layers
from cockpit.slices.feedfilter import NO_FEED_FILTER, FeedFilter
from cockpit.slices.integrations import Painter
from cockpit.triage.drill import fill
from cockpit.triage.owner import team_of
from cockpit.triage.subject import subject_of

_PLACES = 256
"""Places on the map whose drawings are kept: a recording that has ended brings no other board to forget them for."""


@dataclass(frozen=True, slots=True)
class FeedView:
    """What a person chose to see of the feed."""

    window: timedelta | None = None
    filter: FeedFilter = NO_FEED_FILTER
    grouped: bool = False
    """By service instead of newest first."""


@dataclass(frozen=True, slots=True)
class Followed:
    """The values of the panes that follow the cursor."""

    drill: Drill | None
    view: DrillView
    map: MapView
    painter: Painter
    changes: ChangeList
    walk: Walk
    """The walk, led to the row's service where the cursor went to another row."""


class Follower:
    """Cuts what follows the cursor, and keeps what stays the same from one row to the next.

    Args:
        desk: Whose clock and zone count.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._guard = Guard()
        self._feed: tuple[tuple[object, ...], ChangeList] | None = None
        self._maps_of: tuple[object, ...] = ()
        self._shown: dict[Walk, tuple[MapView, Painter]] = {}

    def follow(self, board: Board, row: RowId | None, feed: FeedView, walk: Walk) -> Followed:
        """Return the panes' values for the row under the cursor."""
        minute, safely = self._desk.minute(), self._guard.safely
        subject = subject_of(board, row) if row is not None else None
        alert = board.alerts.get(subject.alert) if subject is not None else None
        drill, filled = safely(
            "drill", lambda: self._drill(board, subject), lambda said: (None, DrillView("", empty=said))
        )
        view, painter, walk = safely(
            "map",
            lambda: self._walked(board, walk, row, subject, minute),
            lambda said: (MapView("", empty=said), _nothing, walk),
        )
        base = safely("feed", lambda: self._changes(board, feed, minute), lambda said: ChangeList("", empty=said))
        if drill is not None and alert is not None:
            base = marked(base, drill.answers[Question.CHANGE].suspects, alert.since)
        return Followed(drill, filled, view, painter, base, walk)

    def look(self, board: Board, walk: Walk) -> tuple[MapView, Painter]:
        """Return the integration pane's value for another place on the map."""
        return self._guard.safely(
            "map",
            lambda: self._map(board, walk, self._desk.minute()),
            lambda said: (MapView("", empty=said), _nothing),
        )

    def _drill(self, board: Board, subject: Subject | None) -> tuple[Drill | None, DrillView]:
        drill = fill(board, subject, self._desk.zone, asking=True) if subject is not None else None
        return drill, drillview.cut(board, drill, self._desk.now())

    def _walked(
        self, board: Board, walk: Walk, row: RowId | None, subject: Subject | None, minute: datetime
    ) -> tuple[MapView, Painter, Walk]:
        if row != walk.led:
            alert = board.alerts.get(subject.alert) if subject is not None else None
            team = team_of(board, alert) if alert is not None else ""
            walk = layers.led(walk, row, subject.service if subject is not None else "", team, board)
        return (*self._map(board, walk, minute), walk)

    def _changes(self, board: Board, feed: FeedView, minute: datetime) -> ChangeList:
        wanted = (board, feed, minute)
        if self._feed is None or not _same(self._feed[0], wanted):
            view = changes.ChangesView(feed.filter, self._desk.pane_zone, feed.window, feed.grouped)
            self._feed = (wanted, changes.cut(board, view, minute))
        return self._feed[1]

    def _map(self, board: Board, walk: Walk, minute: datetime) -> tuple[MapView, Painter]:
        wanted = (board, minute)
        if not _same(self._maps_of, wanted):
            self._maps_of = wanted
            self._shown.clear()
        # without a map the pane is the same for every alert; with one, whatever led there
        below = layers.layered(board, walk.layer)
        key = Walk() if below.map.empty else replace(walk, led=None, back=(), came=(), aside=())
        found = self._shown.get(key)
        if found is None:
            if len(self._shown) >= _PLACES:
                self._shown.clear()
            view, at = layers.cut(board, key), layers.settled(key, below)
            found = self._shown[key] = (view, integrations.painter(below, view, at, minute))
        return found


def _nothing(width: int, height: int, glyphs: Glyphs) -> Drawing:
    """Draw nothing: there is no map to be drawn."""
    del width, height, glyphs
    return Drawing(())


def _same(known: tuple[object, ...], wanted: tuple[object, ...]) -> bool:
    """Compare a memory's key: the board by identity, for it is large, the rest by value."""
    return len(known) == len(wanted) and known[0] is wanted[0] and known[1:] == wanted[1:]


def marked(feed: ChangeList, suspects: tuple[Suspect, ...], began: datetime) -> ChangeList:
    """Return the feed with the suspects of an alert marked, and a rule where it began."""
    return replace(feed, reasons={suspect.change: "; ".join(suspect.why) for suspect in suspects}, mark=began)
