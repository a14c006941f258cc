"""Folds: the rows of all alerts with one alertname, service and cluster, kept as their alerts come and go."""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from cockpit.board.draft import Draft
from cockpit.board.memory import Memory, Tally
from cockpit.board.moments import later
from cockpit.board.occurrences import begin, close, fold_subject, rename
from cockpit.board.state import Board
from cockpit.model.alert import Alert, AlertKey, Fold, FoldKey, State

RANK = {
    State.FIRING: 0,
    State.LOST: 1,
    State.PENDING: 2,
    State.SILENCED: 3,
    State.INHIBITED: 4,
    State.RESOLVED: 5,
}
"""States, worst first."""
ARRIVING = timedelta(minutes=5)
"""The span over which arrivals are counted."""
_FIRST = 5
_SORTED_AT_ONCE = 4096
_LOW = ("warn", "info", "notice", "none", "low", "minor", "ticket", "debug", "p3", "p4", "p5", "sev3", "sev4", "sev5")

_Order = tuple[int, datetime, AlertKey]


def fold_key(twins: frozenset[str], alert: Alert) -> FoldKey:
    """Return the fold that an alert belongs to; an unmapped service seen in two namespaces is told apart by them."""
    service = alert.service
    if not alert.mapped and alert.namespace and service in twins:
        service = f"{alert.namespace}/{service}"
    return FoldKey(alert.name, service, alert.cluster)


def refold(board: Board, draft: Draft) -> Board:
    """Return the board with the folds of every alert that was written or dropped; `board` is the draft, finished."""
    memory = board.memory
    assert memory is not None
    if not draft.was:
        return board
    alerts, twins, spaces = board.alerts, memory.twins, memory.spaces
    now = {key: alerts.get(key) for key in draft.was}
    found, spaces = _twins(now.values(), twins, spaces)
    written = dict(draft.was)
    if found != twins:
        new = found - twins
        for key, alert in alerts.items():
            if alert.service in new and not alert.mapped:
                written.setdefault(key, alert)
    touched = _touched(alerts, written, twins, found)
    folds, tallies = dict(board.folds), dict(memory.tallies)
    for place, members in touched.items():
        old = folds.get(place)
        kept = [] if old is None else [one for one in old.alerts if one not in written]
        if not kept and not members:
            folds.pop(place, None)
            tallies.pop(place, None)
            _end(draft, old, alerts)
            continue
        if kept or len(members) > 1:
            order = _sorted([(RANK[alerts[one].state], alerts[one].since, one) for one in (*kept, *members)])
            inside = [alerts[one] for _, _, one in order]
        else:
            inside = [alerts[members[0]]]
        opened = _opened(draft, place, old, inside, alerts, bool(kept))
        tally = tallies[place] = _tally(inside, draft.at) if len(inside) > 1 else _tally_of(inside[0], draft.at)
        folds[place] = _fold(place, inside, opened, tally, draft)
    memory = replace(
        memory, twins=found, spaces=spaces, tallies=tallies, open=dict(draft.open), renamed=dict(draft.renamed)
    )
    return replace(
        board,
        folds=folds if touched else board.folds,
        past=board.past if board.past == draft.past else dict(draft.past),
        persons=draft.persons,
        chosen=draft.chosen,
        ticks=draft.ticks,
        memory=memory,
    )


def _touched(
    alerts: Mapping[AlertKey, Alert],
    written: Mapping[AlertKey, Alert | None],
    before: frozenset[str],
    after: frozenset[str],
) -> dict[FoldKey, list[AlertKey]]:
    """Return the folds that must be made anew, with those of the written alerts that now belong to each."""
    touched: dict[FoldKey, list[AlertKey]] = {}
    waiting: list[tuple[AlertKey, FoldKey]] = []
    for key, old in written.items():
        new = alerts.get(key)
        if new is None:
            if old is not None:
                touched.setdefault(fold_key(before, old), [])
        elif old is None:
            touched.setdefault(fold_key(after, new), []).append(key)
        else:
            place, differs = fold_key(after, new), _differs(old, new)
            was = place if before is after and _stays(old, new) else fold_key(before, old)
            if was != place:
                touched.setdefault(was, [])
                touched.setdefault(place, []).append(key)
            elif differs:
                touched.setdefault(place, []).append(key)
            else:
                waiting.append((key, place))
    for key, place in waiting if touched else ():
        if place in touched:
            touched[place].append(key)
    return touched


def _differs(old: Alert, new: Alert) -> bool:
    """Tell whether a fold must know of the difference between two versions of an alert."""
    return (
        old.state is not new.state
        or old.since != new.since
        or old.fired != new.fired
        or old.flapping != new.flapping
        or old.opened != new.opened
        or old.dim != new.dim
    )


def _stays(old: Alert, new: Alert) -> bool:
    """Tell whether nothing that makes up an alert's fold differs between two versions of it."""
    return (
        old.name == new.name
        and old.service == new.service
        and old.mapped == new.mapped
        and old.cluster == new.cluster
        and old.namespace == new.namespace
    )


def _twins(
    alerts: Iterable[Alert | None], twins: frozenset[str], spaces: Mapping[str, str]
) -> tuple[frozenset[str], Mapping[str, str]]:
    """Return the unmapped services known in two namespaces, and the first namespace of each."""
    seen: dict[str, str] = {}
    found: set[str] = set()
    for alert in alerts:
        if alert is None or alert.mapped or not alert.service or alert.service in twins:
            continue
        first = spaces.get(alert.service)
        if first is None:
            first = seen.setdefault(alert.service, alert.namespace)
        if first != alert.namespace:
            found.add(alert.service)
    return twins | found if found else twins, {**spaces, **seen} if seen else spaces


def _sorted(order: list[_Order]) -> list[_Order]:
    """Return the members in order, sorted in pieces so that no other thread waits long."""
    if len(order) <= _SORTED_AT_ONCE:
        return sorted(order)
    pieces = [sorted(order[at : at + _SORTED_AT_ONCE]) for at in range(0, len(order), _SORTED_AT_ONCE)]
    return list(heapq.merge(*pieces))


def _opened(
    draft: Draft,
    key: FoldKey,
    old: Fold | None,
    members: list[Alert],
    alerts: Mapping[AlertKey, Alert],
    untouched: bool,
) -> datetime:
    """Return when the fold's open occurrence began: it goes on while that of any of its members does."""
    if old is not None:
        if untouched or any(_goes_on(draft, alert) for alert in members):
            return old.opened
        close(draft, fold_subject(key), old.opened, max(_seen(draft, one) for one in old.alerts))
        return min(alert.opened for alert in members)
    first = min([alert.opened for alert in members])
    if not draft.open and not draft.kin and not draft.board.folds:
        return first
    apart = [fold_key(frozenset(), members[0]), fold_key(frozenset([members[0].service]), members[0])]
    moved = _moved_from(draft, members, [one for one in apart if one != key], alerts)
    if moved is not None:
        rename(draft, moved.occurrence, replace(moved, key=key).occurrence)
        return moved.opened
    opened, _ = begin(draft, [fold_subject(key), *(fold_subject(one) for one in apart if one != key)], first)
    return opened


def _moved_from(
    draft: Draft, members: list[Alert], apart: list[FoldKey], alerts: Mapping[AlertKey, Alert]
) -> Fold | None:
    """Return the fold whose alerts are now this one's: they were given a cluster, or another has their service's name."""
    folds = draft.board.folds
    if draft.kin:
        kin = [draft.was.get(draft.kin[alert.key]) for alert in members if alert.key in draft.kin]
        apart = [*apart, *(fold_key(twins, one) for one in kin if one is not None for twins in _both(one))]
    for key in apart:
        old = folds.get(key)
        if old is None:
            continue
        mine = {alert.key for alert in members} | {draft.kin[alert.key] for alert in members if alert.key in draft.kin}
        if mine & set(old.alerts) and not any(one in alerts and one not in mine for one in old.alerts):
            return old
    return None


def _both(alert: Alert) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(), frozenset([alert.service])


def _goes_on(draft: Draft, alert: Alert) -> bool:
    before = draft.was.get(alert.key)
    if before is None and alert.key in draft.kin:
        before = draft.was.get(draft.kin[alert.key])
    return before is not None and before.opened == alert.opened


def _seen(draft: Draft, key: AlertKey) -> datetime:
    alert = draft.was.get(key)
    return draft.at if alert is None else alert.ended or alert.seen


def _end(draft: Draft, old: Fold | None, alerts: Mapping[AlertKey, Alert]) -> None:
    """Remember the occurrence of a fold whose last alert left the board; one that never fired is not one."""
    if old is None:
        return
    gone = [alert for alert in (draft.was.get(key) for key in old.alerts if key not in alerts) if alert is not None]
    ended = [alert.ended or alert.seen for alert in gone if alert.fired is not None and alert.state is State.RESOLVED]
    if ended:
        close(draft, fold_subject(old.key), old.opened, max(ended))


_ALONE: Mapping[State, Mapping[State, int]] = {state: {state: 1} for state in State}
"""The counts of a fold of one alert, which many share."""


def _fold(key: FoldKey, members: list[Alert], opened: datetime, tally: Tally, draft: Draft) -> Fold:
    lead = members[0]
    return Fold(
        key=key,
        alerts=tuple([alert.key for alert in members]),
        state=lead.state,
        since=lead.since,
        opened=opened,
        counts=_ALONE[lead.state] if len(members) == 1 else _counts(members),
        arrivals=_per_minute(tally),
        flapping=any(alert.flapping for alert in members),
        last=draft.past.get(fold_subject(key)) if draft.past else None,
    )


def _counts(members: list[Alert]) -> Mapping[State, int]:
    counts: dict[State, int] = {}
    for alert in members:
        counts[alert.state] = counts.get(alert.state, 0) + 1
    return counts


def is_low(severity: str) -> bool:
    """Tell whether a severity asks for no more than a look: warning, info and the like, or P3 and below."""
    return severity.lower().startswith(_LOW)


def _tally(members: list[Alert], at: datetime) -> Tally:
    firing = [alert for alert in members if alert.state is State.FIRING and not alert.dim]
    begin_at = later(at, -ARRIVING)
    moments = [(alert.fired or alert.since, alert.key) for alert in firing]
    return Tally(
        firing=len(firing),
        severe=sum(not is_low(alert.severity) for alert in firing),
        pending=sum(alert.state is State.PENDING and not alert.dim for alert in members),
        recent=tuple(sorted(moment for moment, _ in moments if moment > begin_at)),
        first=tuple(heapq.nsmallest(_FIRST, moments)),
    )


def _tally_of(alert: Alert, at: datetime) -> Tally:
    """Return the tally of a fold that has one alert only."""
    if alert.dim:
        return _NOTHING
    if alert.state is not State.FIRING:
        return _WAITING if alert.state is State.PENDING else _NOTHING
    moment = alert.fired or alert.since
    recent = (moment,) if moment > later(at, -ARRIVING) else ()
    return Tally(1, 0 if is_low(alert.severity) else 1, 0, recent, ((moment, alert.key),))


_NOTHING = Tally(0, 0, 0, (), ())
_WAITING = Tally(0, 0, 1, (), ())


def _per_minute(tally: Tally) -> float:
    return len(tally.recent) / (ARRIVING.total_seconds() / 60)


def let_arrivals_age(board: Board, memory: Memory, at: datetime) -> Board:
    """Return the board with arrivals older than five minutes no longer counted; the same one where none are."""
    begin_at = later(at, -ARRIVING)
    aged = [key for key, tally in memory.tallies.items() if tally.recent and tally.recent[0] <= begin_at]
    if not aged:
        return board
    folds, tallies = dict(board.folds), dict(memory.tallies)
    for key in aged:
        tally = tallies[key]
        tallies[key] = replace(tally, recent=tuple(moment for moment in tally.recent if moment > begin_at))
        folds[key] = replace(folds[key], arrivals=_per_minute(tallies[key]))
    return replace(board, folds=folds, memory=replace(memory, tallies=tallies))
