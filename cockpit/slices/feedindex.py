"""Columns over the changes of a feed, so that a filter costs milliseconds over thousands; made off the screen's thread."""

from dataclasses import dataclass
from typing import NamedTuple

from cockpit.board.state import Board
from cockpit.model.change import Change, Progress
from cockpit.slices.feedfilter import NOBODY
from cockpit.triage.memo import Memo
from cockpit.triage.window import known_of


class _Entry(NamedTuple):
    change: Change
    hay: str
    team: str
    kind: str
    system: str
    service: str


@dataclass(frozen=True, slots=True, eq=False)
class FeedIndex:
    """What is searched of each change, column by column."""

    changes: tuple[Change, ...]
    hays: tuple[str, ...]
    columns: dict[str, tuple[str, ...]]
    """By field of the filter."""
    places: dict[str, int]
    """Where a change stands, by id."""


class Indexer:
    """Makes indexes, and keeps the entries of the last one by the identity of their change."""

    def __init__(self) -> None:
        self._known: dict[int, _Entry] = {}

    def make(self, changes: tuple[Change, ...]) -> FeedIndex:
        """Return the index; only changes that are new are read."""
        known = self._known
        entries = [known.get(id(change)) or _entry(change) for change in changes]
        self._known = {id(entry.change): entry for entry in entries}
        columns = tuple(zip(*entries, strict=True)) or ((),) * len(_Entry._fields)
        return FeedIndex(
            changes,
            columns[1],
            dict(zip(_Entry._fields[2:], columns[2:], strict=True)),
            {change.id: place for place, change in enumerate(changes)},
        )


def _entry(change: Change) -> _Entry:
    team = (change.team or NOBODY).lower()
    kind = change.kind.value + (" rollback" if change.rollback else "")
    system = " ".join(change.systems).lower()
    service = f"{change.service} {change.name}".lower()
    progress = "" if change.progress is Progress.UNKNOWN else change.progress.value
    words = (change.version, change.summary, change.author)
    hay = "\n".join((service, team, kind, system, progress, *words)).lower()
    return _Entry(change, hay, team, kind, system, service)


index_of: Memo[[tuple[Change, ...]], FeedIndex] = Memo(Indexer().make, kept=4)
"""Returns the index of a feed, remembered by its identity."""


def prepare(board: Board) -> None:
    """Make now what the first key in the feed, and the first drill, would have to wait for."""
    index_of(board.changes)
    known_of(board.changes, board.older)
    if board.wide:
        index_of(board.wide)
