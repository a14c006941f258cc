"""Works what change systems report into the board: the feed of the window, the wide one, and what alerts rest on."""

from bisect import bisect_right
from dataclasses import replace
from datetime import datetime, timedelta

from cockpit.board.feed import NO_FEED, Feed, advance, newest_first
from cockpit.board.joining import TOGETHER
from cockpit.board.moments import later
from cockpit.board.state import Board
from cockpit.model.change import Change
from cockpit.model.reading import ChangesSeen, Reading, Topic

_LONGEST = timedelta(days=7)


def with_changes(board: Board, reading: Reading, seen: ChangesSeen) -> Board:
    """Return the board with what a system reports joined to what the others do."""
    memory = board.memory
    assert memory is not None
    system, source = reading.system, board.setup.map
    feed, wide = memory.feed, memory.wide
    if reading.topic is Topic.CHANGES:
        feed = advance(feed, (system, ""), seen.changes, reading.at, memory.naming, source)
    if reading.topic is Topic.WIDER or wide is not NO_FEED:
        wide = _wider(board, wide, reading, seen)
    if feed is not memory.feed or wide is not memory.wide:
        board = replace(board, memory=replace(memory, feed=feed, wide=wide))
    if wide.changes is not memory.wide.changes:
        board = replace(board, wide=wide.changes)
    return within_window(board, feed.changes)


def _wider(board: Board, wide: Feed, reading: Reading, seen: ChangesSeen) -> Feed:
    """Return the wide feed after an answer: what is asked at the cadence, and behind it what was asked further back."""
    memory = board.memory
    assert memory is not None
    naming, source = memory.naming, board.setup.map
    if wide is NO_FEED:
        for (system, topic), told in board.readings.items():
            if topic is Topic.CHANGES and isinstance(told.answer, ChangesSeen):
                wide = advance(wide, (system, ""), told.answer.changes, told.at, naming, source)
    elif reading.topic is Topic.CHANGES:
        wide = advance(wide, (reading.system, ""), seen.changes, reading.at, naming, source)
    further = board.readings.get((reading.system, Topic.WIDER))
    if further is not None and isinstance(further.answer, ChangesSeen):
        joint = _joint(board, reading.system)
        reports = [report for report in further.answer.changes if report.began < joint]
        wide = advance(wide, (reading.system, Topic.WIDER), reports, further.at, naming, source)
    return wide


def _joint(board: Board, system: str) -> datetime:
    """Return from when on what is asked at the cadence tells of a system's changes, and a little later.

    Longer times are measured more coarsely: what both tell of there is joined into one row.
    """
    reading = board.readings.get((system, Topic.CHANGES))
    seen = None if reading is None else reading.answer
    return later(seen.since if isinstance(seen, ChangesSeen) else board.at, TOGETHER)


def within_window(board: Board, changes: tuple[Change, ...] | None = None) -> Board:
    """Return the board with the changes of its window, and the older ones that an alert in any state may rest on.

    Without those the drill of a silenced or just resolved alert would say none of what was reported.
    """
    first = later(board.at, -board.setup.window)
    every = board.changes if changes is None else changes
    end = bisect_right(every, -first.timestamp(), key=lambda change: -change.began.timestamp())
    shown = every if end == len(every) else every[:end]
    older: tuple[Change, ...] = ()
    if len(shown) < len(every) or board.older or (changes is not None and changes is not board.changes):
        older = _older(board, shown, every, first)
    if _same(shown, board.changes) and _same(older, board.older):
        return board
    return replace(
        board,
        changes=board.changes if _same(shown, board.changes) else shown,
        older=board.older if _same(older, board.older) else older,
    )


def _older(board: Board, shown: tuple[Change, ...], every: tuple[Change, ...], first: datetime) -> tuple[Change, ...]:
    """Return what left the window, or is no longer reported, and may be behind an alert."""
    since = min((alert.since for alert in board.alerts.values()), default=None)
    if since is None:
        return ()
    reach = max(later(since, -board.setup.window), later(board.at, -_LONGEST))
    ids = {change.id for change in shown}
    gone = [one for one in (*board.older, *board.changes, *every[len(shown) :]) if one.id not in ids]
    unique = {change.id: change for change in gone if reach <= change.began < first}
    return tuple(sorted(unique.values(), key=newest_first))


def _same(new: tuple[Change, ...], old: tuple[Change, ...]) -> bool:
    return new is old or (len(new) == len(old) and all(one is other for one, other in zip(new, old, strict=True)))
