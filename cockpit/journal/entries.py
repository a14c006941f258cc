"""What is written into the journal, as statements: made of boards and of what people did. Pure."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime

from cockpit.board.occurrences import alert_subject, fold_subject, last_seen
from cockpit.board.state import Board, Ticked
from cockpit.model.alert import Alert, AlertKey, Fold, FoldKey, PastOccurrence, State
from cockpit.model.drill import PersonAnswer, Priority, Question
from cockpit.model.reading import Topic
from cockpit.text import bare

Statement = tuple[str, tuple[str | None, ...]]
"""One SQL statement with its values."""

_OPEN = (
    "INSERT INTO occurrences (scope, subject, opened, system) VALUES (?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET ended = NULL, seen = NULL"
)
_END = "UPDATE occurrences SET ended = ?, seen = ? WHERE scope = ? AND subject = ? AND opened = ? AND ended IS NULL"
_END_OLDER = (
    "UPDATE occurrences SET ended = coalesce(seen, opened) "
    "WHERE scope = ? AND subject = ? AND opened < ? AND ended IS NULL"
)
_DROP = "DELETE FROM occurrences WHERE scope = ? AND subject = ? AND opened = ? AND ended IS NULL AND note IS NULL"
_SEEN = "UPDATE occurrences SET seen = ? WHERE scope = ? AND subject = ? AND opened = ? AND ended IS NULL"
_WATCH = (
    "INSERT INTO watch (scope, system, at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = max(watch.at, excluded.at)"
)
_BEAT = (
    "INSERT INTO heartbeats (scope, system, id, labels, matcher, seen, missing_since) VALUES (?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET matcher = excluded.matcher, seen = max(heartbeats.seen, excluded.seen), "
    "missing_since = excluded.missing_since"
)
_NO_BEAT = "DELETE FROM heartbeats WHERE scope = ? AND system = ? AND id = ? AND labels = ?"
ACT = (
    "INSERT INTO acts (scope, at, occurrence, what, question, standing, value, by, evidence, priority) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
"""Adds an act."""


def moment(at: datetime) -> str:
    """Return a moment as RFC 3339 text of one length, so that texts sort as moments do."""
    there = at if at.tzinfo is UTC else at.astimezone(UTC)
    return there.isoformat(timespec="microseconds")[:-6] + "Z"


def answered(scope: str, answer: PersonAnswer, *, what: str = "answered") -> Statement:
    """Return the act of a person's answer; what is carried over to another name of its occurrence says so."""
    evidence = [
        {
            "system": one.system,
            "says": bare(one.says),
            "at": moment(one.at) if one.at else None,
            "url": one.url and bare(one.url),
        }
        for one in answer.evidence
    ]
    said = json.dumps(evidence, ensure_ascii=False) if evidence else None
    question, standing = answer.question.value, answer.standing.value
    values = (
        scope,
        moment(answer.at),
        answer.occurrence,
        what,
        question,
        standing,
        answer.value,
        answer.by,
        said,
        None,
    )
    return ACT, values


def taken_back(scope: str, occurrence: str, question: Question, at: datetime) -> Statement:
    """Return the act of taking an answer back."""
    return ACT, (scope, moment(at), occurrence, "taken back", question.value, None, None, None, None, None)


def chose(scope: str, occurrence: str, priority: Priority | None, at: datetime, *, what: str = "chose") -> Statement:
    """Return the act of choosing a priority, or of taking it back."""
    chosen = None if priority is None else priority.value
    return ACT, (scope, moment(at), occurrence, what, None, None, None, None, None, chosen)


WRITE = "write"
"""What stands for the question of an act that writes to an outside system."""

TICK = "tick"
"""What stands for the question of an act about a line of a checklist; the line stands as its value."""


def ticked(scope: str, tick: Ticked, *, what: str = "tick") -> Statement:
    """Return the act of ticking a line of a checklist, or of taking the tick away."""
    standing = "ticked" if tick.ticked else None
    return ACT, (scope, moment(tick.at), tick.occurrence, what, TICK, standing, tick.item, tick.by, None, None)


_TURNS = {_END: 0, _DROP: 1, _OPEN: 2, _END_OLDER: 3}


def turn(statement: Statement) -> int:
    """Return when the statement has its turn within a step: what of one subject ends does so before it opens again."""
    return _TURNS[statement[0]]


def opened_or_ended(scope: str, before: Board | None, after: Board) -> Iterator[Statement]:
    """Return what a step of the board opened and ended; without a board before, everything that is open."""
    past = after.past
    old_alerts: Mapping[AlertKey, Alert] = {} if before is None else before.alerts
    if old_alerts is not after.alerts:
        for key, alert in after.alerts.items():
            old = old_alerts.get(key)
            if old is not alert:
                yield from _step(scope, alert_subject(key), key.system, old, alert, past)
        for key, alert in old_alerts.items():
            if key not in after.alerts:
                yield from _gone(scope, alert_subject(key), alert, past)
    old_folds: Mapping[FoldKey, Fold] = {} if before is None else before.folds
    if old_folds is not after.folds:
        for place, fold in after.folds.items():
            known = old_folds.get(place)
            if known is not fold:
                yield from _step(scope, fold_subject(place), fold.alerts[0].system, known, fold, past)
        for place, fold in old_folds.items():
            if place not in after.folds:
                yield from _gone(scope, fold_subject(place), fold, past)


def _step(
    scope: str,
    subject: str,
    system: str,
    old: Alert | Fold | None,
    new: Alert | Fold,
    past: Mapping[str, PastOccurrence],
) -> Iterator[Statement]:
    """Return what became of one subject; what never fired is no occurrence yet."""
    if old is not None and old.opened != new.opened:
        yield from _gone(scope, subject, old, past)
        old = None
    if new.state is State.PENDING or (old is not None and old.state is not State.PENDING):
        return
    ended = past.get(subject)
    if ended is not None and ended.started < new.opened:
        at = moment(ended.ended)
        yield _END, (at, at, scope, subject, moment(ended.started))
    yield _OPEN, (scope, subject, moment(new.opened), system)
    yield _END_OLDER, (scope, subject, moment(new.opened))


def _gone(scope: str, subject: str, old: Alert | Fold, past: Mapping[str, PastOccurrence]) -> Iterator[Statement]:
    """Return the end of an occurrence as the board remembers it; what goes on under another name has none."""
    ended = past.get(subject)
    if ended is not None and ended.started == old.opened:
        at = moment(ended.ended)
        yield _END, (at, at, scope, subject, moment(old.opened))
    elif old.state is not State.PENDING:
        yield _DROP, (scope, subject, moment(old.opened))


Stamp = tuple[str, str]
"""A subject and when its occurrence opened."""


def last_sightings(board: Board) -> dict[Stamp, str]:
    """Return when those occurrences were last seen that their systems do not report at this moment."""
    memory = board.memory
    if memory is None:
        return {}
    seen: dict[AlertKey, datetime] = {}
    for key in (*memory.absent, *memory.resolved):
        alert = board.alerts.get(key)
        if alert is not None:
            seen[key] = last_seen(board, alert)
    stamps = {(alert_subject(key), moment(board.alerts[key].opened)): moment(at) for key, at in seen.items()}
    for place, fold in board.folds.items() if seen else ():
        if all(key in seen for key in fold.alerts):
            stamps[fold_subject(place), moment(fold.opened)] = moment(max(seen[key] for key in fold.alerts))
    return stamps


def sightings(scope: str, before: Mapping[Stamp, str], after: Mapping[Stamp, str]) -> Iterator[Statement]:
    """Return what to write where last sightings differ from those written before."""
    for stamp in before:
        if stamp not in after:
            yield _SEEN, (None, scope, *stamp)
    for stamp, at in after.items():
        if before.get(stamp) != at:
            yield _SEEN, (at, scope, *stamp)


def heard(scope: str, board: Board) -> Iterator[Statement]:
    """Return when each system that holds alerts was last heard."""
    for system in board.systems:
        reading = board.readings.get((system, Topic.ALERTS)) or board.readings.get((system, Topic.RULES))
        if reading is not None:
            yield _WATCH, (scope, system, moment(reading.at))


Beat = tuple[str, str, str]
"""What tells heartbeats apart: system, id, labels."""


def beats(scope: str, board: Board, before: Collection[Beat]) -> tuple[list[Statement], set[Beat]]:
    """Return what to write of the heartbeats, and which there are; those that are known no more are forgotten."""
    statements: list[Statement] = []
    known: set[Beat] = set()
    for beat in board.heartbeats:
        labels = json.dumps(dict(sorted(beat.labels.items())), ensure_ascii=False)
        known.add((beat.system, beat.id, labels))
        missing = moment(beat.missing_since) if beat.missing_since else None
        statements.append((_BEAT, (scope, beat.system, beat.id, labels, beat.matcher, moment(beat.seen), missing)))
    statements.extend((_NO_BEAT, (scope, *gone)) for gone in before if gone not in known)
    return statements, known


def carried(
    scope: str, board: Board, known: Mapping[tuple[str, Question], PersonAnswer]
) -> Iterator[tuple[PersonAnswer, Statement]]:
    """Return the answers on the board that the journal does not have: their occurrence goes on under another name."""
    for answers in board.persons.values():
        for question, answer in answers.items():
            if known.get((answer.occurrence, question)) != answer:
                yield answer, answered(scope, answer, what="carried over")


def carried_priorities(scope: str, board: Board, known: Mapping[str, Priority]) -> Iterable[tuple[str, Statement]]:
    """Return the same of chosen priorities."""
    for occurrence, priority in board.chosen.items():
        if known.get(occurrence) is not priority:
            yield occurrence, chose(scope, occurrence, priority, board.at, what="carried over")


def carried_ticks(
    scope: str, board: Board, known: Mapping[tuple[str, str], Ticked]
) -> Iterator[tuple[Ticked, Statement]]:
    """Return the same of ticked lines."""
    for lines in board.ticks.values():
        for item, tick in lines.items():
            if known.get((tick.occurrence, item)) != tick:
                yield tick, ticked(scope, tick, what="carried over")


def storable(value: str | None) -> str | None:
    """Return a text that UTF-8 can hold: what was typed may have halves of characters in it."""
    if value is None or value.isascii():
        return value
    return value.encode(errors="replace").decode()
