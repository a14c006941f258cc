"""The start of a shift, cut from a board: what whoever takes over has to know, and what of it is not known."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from cockpit.board.moments import later
from cockpit.board.state import Board, Noted
from cockpit.model.alert import State
from cockpit.model.change import Change, ChangeKind, Progress
from cockpit.model.history import HistorySeen
from cockpit.model.reading import ChangesSeen, Topic
from cockpit.model.shift import Ending, Fires, Note, Part, Shift
from cockpit.spans import clock_time
from cockpit.text import listed, one_line
from cockpit.triage.history import ended, histories, starts_of
from cockpit.triage.owner import team_of
from cockpit.triage.priority import quick_priority

LAG_S = 240.0
"""A change system that is complete to within this, or two of its cadences, has answered until now."""

OLD_S = 600.0
"""Seconds after which it is told as of when a history is."""

_FIRES = (State.FIRING, State.LOST)
_SETTLED = frozenset({Progress.FAILED})


def cut(
    board: Board,
    now: datetime,
    *,
    shift: timedelta,
    baking: timedelta,
    back: timedelta | None = None,
    teams: Sequence[str] = (),
    recorded: bool = False,
) -> Shift:
    """Return the start of a shift that begins now.

    Args:
        board: What is known.
        now: The present.
        shift: How long a shift lasts.
        baking: How long a deploy counts as still baking.
        back: How far it is looked back for what ended; as long as a shift by default.
        teams: The person's own, which stand first.
        recorded: Whether a recording answers, so that what is not there is not in it.
    """
    since, until = later(now, -(back or shift)), later(now, shift)
    changes = _changes(board, now)
    firing, dimmed = _firing(board, since)
    return Shift(
        at=now,
        since=since,
        until=until,
        window_s=board.setup.window.total_seconds(),
        baking_s=baking.total_seconds(),
        notes=_notes(board.notes, since),
        firing=firing,
        dimmed=dimmed,
        ended=ended(board, since),
        changes=_by_team(changes, teams),
        baking=tuple(change for change in changes if bakes(change, now, baking)),
        silences=_silences(board, now, until),
        on_call=tuple(sorted(board.duties.items(), key=lambda one: (one[0] not in teams, one[0]))),
        unknown=_unknown(board, since, now, recorded=recorded),
    )


def _notes(notes: Sequence[Noted], since: datetime) -> tuple[Note, ...]:
    shown = [note for note in notes if note.at >= since] or list(notes[-1:])
    return tuple(Note(note.at, note.text, note.by) for note in reversed(shown))


def _firing(board: Board, since: datetime) -> tuple[tuple[Fires, ...], int]:
    """Return what fires, worst first, and how many folds of no urgency do."""
    known = histories(board)
    rows: list[tuple[tuple[str, int, datetime, str], Fires]] = []
    dimmed = 0
    for key, fold in board.folds.items():
        if fold.state not in _FIRES:
            continue
        lead = board.alerts[fold.alerts[0]]
        if lead.dim:
            dimmed += 1
            continue
        chosen = board.chosen.get(fold.occurrence) or board.chosen.get(lead.occurrence)
        row = Fires(
            name=key.name,
            service=key.service,
            mapped=lead.mapped,
            cluster=key.cluster,
            team=team_of(board, lead),
            state=fold.state,
            priority=chosen or quick_priority(board, lead),
            chosen=chosen is not None,
            count=fold.counts.get(fold.state, len(fold.alerts)),
            since=fold.since,
            flapping=fold.flapping,
            starts=starts_of(known[key], since) or None if key in known else None,
        )
        rank = (row.priority.value, _FIRES.index(fold.state), fold.since, f"{key.name} {key.service} {key.cluster}")
        rows.append((rank, row))
    return tuple(row for _, row in sorted(rows, key=lambda pair: pair[0])), dimmed


def _changes(board: Board, now: datetime) -> list[Change]:
    """Return the changes of the window, newest first, and those before it that still roll."""
    first = later(now, -board.setup.window)
    known = {change.id: change for change in (*board.changes, *board.older)}
    kept = [
        change
        for change in known.values()
        if (change.ended or change.began) >= first or change.progress is Progress.ROLLING
    ]
    return sorted(kept, key=lambda change: (change.began, change.id), reverse=True)


def bakes(change: Change, now: datetime, baking: timedelta) -> bool:
    """Tell whether a deploy is still baking: it rolls, or its roll-out was over for less than that; a commit never is."""
    if change.kind is ChangeKind.MERGED or change.progress in _SETTLED:
        return False
    return change.progress is Progress.ROLLING or now - max(change.began, change.ended or change.began) < baking


def _by_team(changes: Iterable[Change], teams: Sequence[str]) -> tuple[tuple[str, tuple[Change, ...]], ...]:
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(change.team or "", []).append(change)
    order = sorted(found, key=lambda team: (not team, team not in teams, team))
    return tuple((team, tuple(found[team])) for team in order)


def _silences(board: Board, now: datetime, until: datetime) -> tuple[Ending, ...]:
    ending = [
        (system, silence)
        for system, known in board.silences.items()
        for silence in known.values()
        if silence.state != "expired" and now < silence.ends <= until
    ]
    if not ending:
        return ()
    holds: dict[tuple[str, str], int] = {}
    for alert in board.alerts.values():
        for name in alert.silenced_by:
            holds[alert.key.system, name] = holds.get((alert.key.system, name), 0) + 1
    rows = [Ending(system, silence, holds.get((system, silence.id), 0)) for system, silence in ending]
    return tuple(sorted(rows, key=lambda row: (row.silence.ends, row.system, row.silence.id)))


def _unknown(board: Board, since: datetime, now: datetime, *, recorded: bool) -> Mapping[Part, tuple[str, ...]]:
    """Return what is not known, by part; a part of which everything is known is left out."""
    holders = Topic.ALERTS if _asked(board, Topic.ALERTS) else Topic.RULES
    names = _asked(board, Topic.CHANGES)
    silent = [name for name in names if [*_silent(board, name, Topic.CHANGES, recorded=recorded)]]
    told = {
        Part.FIRING: _or_nobody(board, holders, "that holds alerts", recorded=recorded),
        Part.ENDED: tuple(_untold(board, since, now, recorded=recorded)),
        Part.CHANGES: (
            *_or_nobody(board, Topic.CHANGES, "that reports changes", recorded=recorded),
            *_gaps(board, now),
        ),
        Part.BAKING: (f"{listed(silent)} did not tell",) if silent else (),
        Part.SILENCES: _or_nobody(board, Topic.SILENCES, "that holds silences", recorded=recorded),
        Part.ON_CALL: _or_nobody(board, Topic.ONCALL, "that knows who is on call", recorded=recorded),
    }
    return {part: said for part, said in told.items() if said}


def _asked(board: Board, topic: Topic) -> list[str]:
    return [expected.name for expected in board.setup.systems if topic in expected.topics]


def _or_nobody(board: Board, topic: Topic, what: str, *, recorded: bool) -> tuple[str, ...]:
    if not _asked(board, topic):
        return (f"no system {what} is configured",)
    return tuple(_missing(board, topic, recorded=recorded))


def _missing(board: Board, topic: Topic, *, recorded: bool) -> Iterable[str]:
    """Give who was asked for a topic and did not answer, or not whole."""
    for name in _asked(board, topic):
        yield from _silent(board, name, topic, recorded=recorded)
        reading = board.readings.get((name, topic))
        if reading is not None and reading.error and topic is not Topic.CHANGES:
            yield one_line(f"{name}: {reading.error}")


def _silent(board: Board, name: str, topic: Topic, *, recorded: bool) -> Iterable[str]:
    failure, reading = board.failures.get((name, topic)), board.readings.get((name, topic))
    if failure is not None:
        last = "" if reading is None else f"; what it said at {clock_time(reading.at, today=board.at)} UTC stands here"
        yield one_line(f"{name} did not answer: {failure.error or 'no reason given'}{last}")
    elif reading is None:
        yield f"{name}: not in the recording" if recorded else f"{name} is being asked"


def _untold(board: Board, since: datetime, now: datetime, *, recorded: bool) -> Iterable[str]:
    """Give of which time nobody says what fired."""
    names = _asked(board, Topic.RULES)
    if not names:
        yield "no Prometheus is configured"
    for name in names:
        yield from _silent(board, name, Topic.HISTORY, recorded=recorded)
        reading = board.readings.get((name, Topic.HISTORY))
        if reading is None or not isinstance(reading.answer, HistorySeen):
            continue
        yield from _blind(name, reading.answer, since, now)
        if reading.error:
            yield one_line(f"{name}: {reading.error}")


def _blind(name: str, seen: HistorySeen, since: datetime, now: datetime) -> Iterable[str]:
    slack = timedelta(seconds=2 * seen.step_s)
    reach = since
    if seen.since > since + slack:
        yield f"{name} was asked from {clock_time(seen.since, today=now)} UTC on"
        reach = seen.since
    for begin, end in seen.blind:
        if end <= reach:
            continue
        last = clock_time(end, today=now)
        if begin <= reach + slack:
            whole = end >= seen.until - slack
            yield f"{name} knows nothing of this time" if whole else f"{name} does not reach back before {last} UTC"
        elif end >= seen.until - slack:
            yield f"{name} knows nothing since {clock_time(begin, today=now)} UTC"
        else:
            yield f"{name} knows nothing from {clock_time(begin, today=now)} to {last} UTC"
    if (now - seen.until).total_seconds() > OLD_S:
        yield f"{name} said this at {clock_time(seen.until, today=now)} UTC"
    if seen.by_name:
        yield f"{name}: too many alerts to tell apart, told by their names alone"


def _gaps(board: Board, now: datetime) -> Iterable[str]:
    """Give where change systems that answered have gaps."""
    begin = later(now, -board.setup.window)
    for name in _asked(board, Topic.CHANGES):
        reading = board.readings.get((name, Topic.CHANGES))
        if reading is None or not isinstance(reading.answer, ChangesSeen):
            continue
        seen = reading.answer
        gaps = [*seen.gaps, *(span.says for span in seen.blind if span.end > begin)]
        if reading.error and not gaps:
            gaps.append(reading.error)
        yield from (one_line(f"{name}: {gap}") for gap in gaps)
        until = min(reading.complete_to or reading.asked, now)
        if (now - until).total_seconds() > max(2 * reading.every_s, LAG_S) and (
            name,
            Topic.CHANGES,
        ) not in board.failures:
            yield f"{name} is complete to {clock_time(until, today=now)} UTC"
