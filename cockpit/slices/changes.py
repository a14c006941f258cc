"""The deploy feed as the change pane shows it: rows, how complete it is, and who did not answer."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from cockpit.board.state import Board
from cockpit.model.change import Change
from cockpit.model.drill import Suspect
from cockpit.model.panes import ChangeList, ChangeRow
from cockpit.model.reading import ChangesSeen, Liveness, Reading, Topic
from cockpit.spans import clock_time, say_seconds

_SINCE_TOLD_S = 120.0
_SAME = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class ChangesView:
    """What a person chose to see of the feed."""

    words: tuple[str, ...] = ()
    """Lower case; each must occur in a row's text."""
    zone: tzinfo = UTC
    window: timedelta | None = None
    """Wider or narrower than the configured window; null takes that."""


def change_systems(board: Board) -> tuple[str, ...]:
    """Return the names of the systems that report changes."""
    return tuple(system.name for system in board.setup.systems if Topic.CHANGES in system.topics)


def _row(change: Change, why: str, zone: tzinfo, now: datetime) -> ChangeRow:
    return ChangeRow(
        id=change.id,
        time=clock_time(change.began, zone, today=now),
        kind=change.kind.value,
        rollback=change.rollback,
        name=change.name or change.service,
        version=change.version,
        team=change.team or "",
        systems=" ".join(change.systems),
        suspect=bool(why),
        why=why,
        seen=change.seen,
        summary=change.summary,
        service=change.service,
        began=change.began,
    )


def _hay(change: Change) -> str:
    parts = (change.name, change.service, change.version, change.team or "", change.kind, change.summary, change.author)
    return " ".join((*parts, *change.systems)).lower()


def _completeness(board: Board, names: Collection[str], zone: tzinfo, begin: datetime) -> str:
    silent = [name for name in names if name in board.systems and _silent(board, name)]
    waiting = [name for name in names if (name, Topic.CHANGES) not in board.readings and name not in silent]
    if silent:
        return f"{' and '.join(silent)} not answering" if len(silent) < 3 else f"not answering: {', '.join(silent)}"
    if waiting:
        return f"asking {', '.join(waiting)}"
    ends = [
        reading.complete_to or reading.asked
        for name in names
        if (reading := board.readings.get((name, Topic.CHANGES))) is not None
    ]
    if not ends:
        return "no system reports changes"
    reached = [_reached(board, name, begin) for name in names if (name, Topic.CHANGES) in board.readings]
    gaps = any(_gaps(reading) for _, readings in reached for reading in readings)
    since = max((moment for moment, _ in reached), default=begin)
    late = (since - begin).total_seconds() > _SINCE_TOLD_S
    from_when = f"asked {'only ' if late else ''}from {clock_time(since, zone, today=board.at)}, "
    told = from_when if late or board.at - begin > board.setup.window + _SAME else ""
    failed = [name for name in names if late and (name, Topic.WIDER) in board.failures]
    further = f", {' and '.join(failed)} did not answer for more" if failed else ""
    whole = f"{told}complete to {clock_time(min(ends), zone, today=board.at)}"
    return whole + (", with gaps" if gaps else "") + further


def _reached(board: Board, name: str, begin: datetime) -> tuple[datetime, tuple[Reading, ...]]:
    """Return from when on a system was asked without a break until now, and the readings that this rests on."""
    reading = board.readings[name, Topic.CHANGES]
    since = reading.answer.since if isinstance(reading.answer, ChangesSeen) else begin
    wider = board.readings.get((name, Topic.WIDER))
    if since <= begin or wider is None or not isinstance(wider.answer, ChangesSeen):
        return since, (reading,)
    if (wider.complete_to or wider.asked) < since or wider.answer.since >= since:
        return since, (reading,)
    return max(wider.answer.since, begin), (reading, wider)


def known_changes(board: Board, window: timedelta | None = None) -> tuple[Change, ...]:
    """Return the changes that are known for a window, newest first; null is the configured one."""
    wide = window is not None and window > board.setup.window and board.wide
    return board.wide if wide else board.changes


def change_of(board: Board, name: str) -> Change | None:
    """Return the change of that id, however far back it lies."""
    return next((one for one in (*board.changes, *board.wide) if one.id == name), None)


def _gaps(reading: Reading) -> str:
    """Return what of its answer is missing, in its own words; empty where nothing is."""
    gaps = reading.answer.gaps if isinstance(reading.answer, ChangesSeen) else ()
    return reading.error or "; ".join(gaps)


def _silent(board: Board, name: str) -> bool:
    return (name, Topic.CHANGES) in board.failures or board.systems[name].state is Liveness.DOWN


def _empty(board: Board, names: Collection[str], view: ChangesView) -> str:
    if view.words:
        return "nothing matches; esc shows all"
    if not names:
        return "no system that reports changes is configured"
    told = []
    for name in names:
        failure = board.failures.get((name, Topic.CHANGES))
        reading = board.readings.get((name, Topic.CHANGES))
        if failure is not None:
            told.append(f"{name} did not answer: {failure.error}")
        elif reading is None:
            told.append(f"asking {name}")
        else:
            end = clock_time(reading.complete_to or reading.asked, view.zone, today=board.at)
            gaps = _gaps(reading)
            told.append(f"nothing in {name} up to {end}" + (f", with gaps: {gaps}" if gaps else ""))
    return "; ".join(told)


def cut(
    board: Board, view: ChangesView, now: datetime, *, suspects: Collection[Suspect] = (), mark: datetime | None = None
) -> ChangeList:
    """Return the change pane's content.

    Args:
        board: What is known.
        view: What the person chose to see.
        now: The present.
        suspects: Those of the selected alert, to be marked.
        mark: When the selected alert began.
    """
    names = change_systems(board)
    window = view.window or board.setup.window
    reasons = {suspect.change: "; ".join(suspect.why) for suspect in suspects}
    rows = tuple(
        _row(change, reasons.get(change.id, ""), view.zone, now)
        for change in known_changes(board, view.window)
        if change.began >= now - window and (not view.words or all(word in _hay(change) for word in view.words))
    )
    hours = int(window.total_seconds()) // 3600
    span = f"{hours} h" if hours <= 24 and window == timedelta(hours=hours) else say_seconds(window.total_seconds())
    title = f"{len(rows):,} in the last {span}, {_completeness(board, names, view.zone, now - window)}"
    if view.words:
        title = f"/{' '.join(view.words)}: {title}"
    stale = bool(names) and all(name in board.systems and _silent(board, name) for name in names)
    return ChangeList(title=title, rows=rows, mark=mark, empty="" if rows else _empty(board, names, view), stale=stale)
