"""Occurrences: which firing is the same one, what came before it, and how often it started.

A new occurrence begins after fifteen minutes of absence. Over unwatched time it is the same one if the reported
start is not later than the last sighting plus fifteen minutes; starts are never compared for equality, as they
move when a Prometheus restarts.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from cockpit.board.draft import HOUR, KEPT, Draft
from cockpit.board.moments import later
from cockpit.board.state import Board
from cockpit.model.alert import Alert, AlertKey, FoldKey, PastOccurrence, State
from cockpit.model.reading import Topic

if TYPE_CHECKING:
    from cockpit.board.state import OpenOccurrence

MANY = 3
"""Starts in an hour from which an alert flaps."""
_RENAMED_KEPT = 10_000
_PAST_KEPT = 20_000
"""Ended occurrences remembered; the oldest go first."""


def alert_subject(key: AlertKey) -> str:
    """Return the name under which an alert's occurrences are kept: `system/fingerprint`."""
    return f"{key.system}/{key.id}"


def fold_subject(key: FoldKey) -> str:
    """Return the name under which a fold's occurrences are kept: `fold/name/service/cluster`."""
    return f"fold/{key.name}/{key.service}/{key.cluster}"


def last_seen(board: Board, alert: Alert) -> datetime:
    """Return when a system last reported the alert.

    An alert that says the same at every poll stays the same object, so that `Alert.seen` is only the moment
    from which it has been as it is; while it is there, the last answer of its system is its last sighting.
    """
    memory = board.memory
    if memory is None or alert.state is State.RESOLVED:
        return alert.seen
    absence = memory.absent.get(alert.key)
    if absence is not None:
        return max(absence.seen, alert.seen)
    system = alert.key.system
    topic = Topic.ALERTS if system in memory.reports else Topic.RULES
    reading = board.readings.get((system, topic))
    return alert.seen if reading is None else max(alert.seen, reading.at)


def begin(draft: Draft, subjects: Iterable[str], started: datetime) -> tuple[datetime, PastOccurrence | None]:
    """Return when the occurrence of an alert first seen now opened, and the one before it.

    The first subject is the alert's own; the others are those that it may have been known by before.
    """
    own = ""
    for subject in subjects:
        own = own or subject
        known = draft.open.pop(subject, None)
        if known is None:
            continue
        if same_after_gap(started, known):
            if subject != own:
                rename(draft, stamp(subject, known.opened), stamp(own, known.opened))
            return known.opened, draft.past.get(own)
        close(draft, own, known.opened, known.seen)
    return started, draft.past.get(own)


def same_after_gap(started: datetime, known: "OpenOccurrence") -> bool:
    """Tell whether a firing reported after unwatched time is the occurrence that was open before it."""
    return started <= later(known.seen, KEPT)


def close(draft: Draft, subject: str, opened: datetime, ended: datetime) -> None:
    """Remember an occurrence that ended."""
    draft.past.pop(subject, None)
    draft.past[subject] = PastOccurrence(opened, max(opened, ended))
    if len(draft.past) > _PAST_KEPT + _PAST_KEPT // 10:
        for old in list(islice(draft.past, len(draft.past) - _PAST_KEPT)):
            del draft.past[old]


def stamp(subject: str, opened: datetime) -> str:
    """Return the identity of the subject's occurrence that opened then."""
    return f"{subject}/{opened:%Y%m%dT%H%M%SZ}"


def rename(draft: Draft, old: str, new: str) -> None:
    """Keep what people decided about an occurrence when its alert or fold goes on under another name."""
    if old == new:
        return
    draft.renamed.pop(new, None)
    draft.renamed[old] = new
    if len(draft.renamed) > _RENAMED_KEPT:
        del draft.renamed[next(iter(draft.renamed))]
    decided = draft.persons.get(old)
    if decided is not None:
        own = {question: replace(answer, occurrence=new) for question, answer in decided.items()}
        draft.persons = {
            **{name: answers for name, answers in draft.persons.items() if name != old},
            new: {**own, **draft.persons.get(new, {})},
        }
    if old in draft.chosen:
        rest = {name: priority for name, priority in draft.chosen.items() if name != old}
        draft.chosen = {new: draft.chosen[old], **rest}
    lines = draft.ticks.get(old)
    if lines is not None:
        ticked = {item: replace(tick, occurrence=new) for item, tick in lines.items()}
        draft.ticks = {
            **{name: known for name, known in draft.ticks.items() if name != old},
            new: {**ticked, **draft.ticks.get(new, {})},
        }


def started_again(starts: tuple[datetime, ...], started: datetime, at: datetime) -> tuple[datetime, ...]:
    """Return the starts of the last hour with one more, oldest first."""
    return tuple(sorted({*recent(starts, at), started}))


def recent(starts: tuple[datetime, ...], at: datetime) -> tuple[datetime, ...]:
    """Return the starts of the last hour."""
    begin_at = later(at, -HOUR)
    if all(start > begin_at for start in starts):
        return starts
    return tuple(start for start in starts if start > begin_at)


def calm_down(draft: Draft) -> None:
    """Take the mark from alerts whose starts are now more than an hour old."""
    for key in tuple(draft.flapping):
        alert = draft.alerts[key]
        starts = recent(alert.starts, draft.at)
        if starts != alert.starts:
            draft.put(replace(alert, starts=starts, flapping=len(starts) >= MANY))


def forget_resolved(draft: Draft) -> None:
    """Take resolved alerts off the board after fifteen minutes; their occurrences have ended."""
    if draft.memory.prune_at is None or draft.at < draft.memory.prune_at:
        return
    for key, ended in tuple(draft.resolved.items()):
        if draft.at >= later(ended, KEPT):
            alert = draft.drop(key)
            if alert is not None:
                close(draft, alert_subject(key), alert.opened, ended)
    dropped = {key for key in draft.was if key not in draft.alerts}
    for cover in [cover for cover, key in draft.lone.items() if key in dropped]:
        del draft.lone[cover]
