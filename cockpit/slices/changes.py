"""The deploy feed as the change pane shows it: newest first or by service, with how complete it is."""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from cockpit.board.state import Board
from cockpit.model.change import Change, Progress
from cockpit.model.drill import Suspect
from cockpit.model.panes import ChangeList, ChangeRow, Rows
from cockpit.slices import completeness
from cockpit.slices.completeness import change_systems
from cockpit.slices.feedfilter import NO_FEED_FILTER, NOBODY, FeedFilter, passing
from cockpit.slices.feedindex import FeedIndex, index_of
from cockpit.slices.say import short_since
from cockpit.spans import clock_seconds, clock_time, say_seconds

__all__ = ["ChangesView", "change_of", "change_systems", "cut", "known_changes"]


@dataclass(frozen=True, slots=True)
class ChangesView:
    """What a person chose to see of the feed."""

    filter: FeedFilter = NO_FEED_FILTER
    zone: tzinfo = UTC
    window: timedelta | None = None
    """Wider or narrower than the configured window; null takes that."""
    grouped: bool = False
    """By service instead of newest first."""


def known_changes(board: Board, window: timedelta | None = None) -> tuple[Change, ...]:
    """Return the changes that are known for a window, newest first; null is the configured one."""
    wide = window is not None and window > board.setup.window and board.wide
    return board.wide if wide else board.changes


def change_of(board: Board, name: str) -> Change | None:
    """Return the change of that id, however far back it lies."""
    for changes in (board.changes, board.wide):
        place = index_of(changes).places.get(name)
        if place is not None:
            return changes[place]
    return None


def _state(change: Change, now: datetime) -> str:
    """Return how far a change has come, in a word, and since when or for how long."""
    if change.progress is Progress.FAILED:
        return "failed"
    if change.progress is Progress.ROLLING:
        return f"rolling {short_since(change.began, now)}"
    if change.ended is not None and clock_seconds(change.began, change.ended) >= 60:
        return f"took {short_since(change.began, change.ended)}"
    return ""


def _row(change: Change, zone: tzinfo, now: datetime) -> ChangeRow:
    return ChangeRow(
        id=change.id,
        time=clock_time(change.began, zone, today=now),
        kind=change.kind.value,
        rollback=change.rollback,
        name=change.name or change.service,
        version=change.version,
        team=change.team or "",
        systems=" ".join(change.systems),
        seen=change.seen,
        summary=change.summary,
        service=change.service,
        began=change.began,
        state=_state(change, now),
        failed=change.progress is Progress.FAILED,
        rolling=change.progress is Progress.ROLLING,
    )


def cut(
    board: Board, view: ChangesView, now: datetime, *, suspects: Collection[Suspect] = (), mark: datetime | None = None
) -> ChangeList:
    """Return the change pane's content; its rows are made when they are looked at.

    Args:
        board: What is known.
        view: What the person chose to see.
        now: The present.
        suspects: Those of the selected alert, to be marked.
        mark: When the selected alert began.
    """
    names = change_systems(board)
    window = view.window or board.setup.window
    index = index_of(known_changes(board, view.window))
    count = bisect_right(index.changes, window - (now - _EPOCH), key=lambda change: _EPOCH - change.began)
    found = passing(view.filter, index.hays, index.columns, count)
    hours = int(window.total_seconds()) // 3600
    span = f"{hours} h" if hours <= 24 and window == timedelta(hours=hours) else say_seconds(window.total_seconds())
    counted = f"{len(found):,} of {count:,}" if view.filter else f"{count:,}"
    title = f"{counted} in the last {span}, {completeness.say(board, names, view.zone, now - window)}"
    if view.filter:
        title = f"/{view.filter.text}: {title}"
    if view.grouped:
        title = f"by service, {title}"
    teams = index.columns["team"]
    return ChangeList(
        title=title,
        rows=_grouped(index, found, view.zone, now) if view.grouped else _listed(index, found, view.zone, now),
        mark=mark,
        empty="" if found else completeness.say_empty(board, names, view.zone, narrowed=bool(view.filter)),
        stale=bool(names) and all(completeness.silent(board, name) for name in names),
        reasons={suspect.change: "; ".join(suspect.why) for suspect in suspects},
        orphans=bool(found) and all(teams[place] == NOBODY for place in found),
        grouped=view.grouped,
    )


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _listed(index: FeedIndex, found: Sequence[int], zone: tzinfo, now: datetime) -> Rows:
    changes = index.changes
    return Rows(tuple([changes[place].id for place in found]), lambda number: _row(changes[found[number]], zone, now))


def _grouped(index: FeedIndex, found: Sequence[int], zone: tzinfo, now: datetime) -> Rows:
    """Return the rows by service, that of the newest change first, each service behind a heading."""
    changes = index.changes
    services: dict[str, list[int]] = {}
    for place in found:
        services.setdefault(changes[place].service, []).append(place)
    ids: list[str] = []
    places: list[int] = []
    for service, own in services.items():
        ids += [f"{service}/", *(changes[place].id for place in own)]
        places += [-1 - own[0], *own]

    def build(number: int) -> ChangeRow:
        place = places[number]
        if place >= 0:
            return _row(changes[place], zone, now)
        newest = changes[-1 - place]
        team, count = newest.team or "", len(services[newest.service])
        return ChangeRow(ids[number], "", "", False, newest.service, "", team, "", service=newest.service, count=count)

    return Rows(tuple(ids), build)
