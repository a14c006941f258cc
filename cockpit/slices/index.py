"""An index over a board's alerts, advanced with it off the screen's thread, so that a key never waits for it."""

from bisect import insort
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from cockpit.board.state import Board
from cockpit.model.alert import Alert, AlertKey, Fold, FoldKey, State
from cockpit.model.drill import Priority
from cockpit.slices.filter import hay_of
from cockpit.topology.graph import topology_of
from cockpit.triage.priority import quick_priority

STATE_RANK = {
    State.FIRING: 0,
    State.LOST: 1,
    State.PENDING: 2,
    State.SILENCED: 3,
    State.INHIBITED: 4,
    State.RESOLVED: 5,
}
"""The order of rows by state."""

_PRIORITY_RANK = {Priority.P1: 0, Priority.P2: 1, Priority.P3: 2, Priority.P4: 3}
_SORTED_AT_ONCE = 8192
_SPAN = 1 << 40
"""More seconds than any two moments are apart."""
_PUT_IN = 500
"""Folds that are put into the order one by one at most; more are sorted with all others."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FoldEntry:
    """What the list needs of one fold without looking at its alerts again."""

    fold: Fold
    lead: Alert
    priority: Priority
    """Chosen, else proposed."""
    chosen: bool
    dim: bool
    rank: int
    """Position by priority, entry points reached and age, as one number: small is first."""
    newest: int
    """Position by state, priority and age, the youngest first."""
    hay: str = ""
    """The searched text of its alert, where it is of one."""


@dataclass(frozen=True, slots=True)
class Index:
    """Entries by fold and searched text by alert, for one board."""

    board: Board
    entries: Mapping[FoldKey, FoldEntry] = field(default_factory=dict)
    order: tuple[FoldKey, ...] = ()
    """All folds, sorted by rank."""
    hays: Mapping[AlertKey, tuple[Alert, str]] = field(default_factory=dict)
    counts: Mapping[State, int] = field(default_factory=dict)
    """Alerts by state, dimmed ones left out."""
    dimmed: int = 0
    """Alerts that take the one dim line."""
    version: int = 0
    """Grows whenever a row may paint differently."""
    made: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)
    """What was made of these entries when it was first wanted; goes on with the index of an equal list."""

    def once(self, name: object, make: "Callable[[Index], T]") -> T:
        """Return what is made of this index, made when it is first asked for."""
        if name not in self.made:
            self.made[name] = make(self)
        known: T = self.made[name]
        return known


def _rank(board: Board, fold: Fold, lead: Alert, priority: Priority) -> int:
    entries = len(topology_of(board.map).entries_of(lead.service)) if lead.service in board.map.services else 0
    age = int(fold.since.timestamp())
    rank = STATE_RANK[fold.state]
    shown = _PRIORITY_RANK[priority] if rank < STATE_RANK[State.SILENCED] else 0
    if fold.state is State.RESOLVED:
        age = 0xFFFFFFFF - int((lead.ended or fold.since).timestamp())
    group = 0 if rank <= STATE_RANK[State.LOST] else rank
    return (((group << 4 | shown) << 12 | (0xFFF - min(0xFFF, entries))) << 4 | rank) << 33 | max(0, age)


def _sorted(keys: Mapping[FoldKey, FoldEntry]) -> tuple[FoldKey, ...]:
    """Sort by rank in bounded pieces, so that no single call holds up another thread for long."""
    from heapq import merge

    pairs = [(entry.rank, key) for key, entry in keys.items()]
    if len(pairs) <= _SORTED_AT_ONCE:
        return tuple(key for _, key in sorted(pairs))
    pieces = [sorted(pairs[start : start + _SORTED_AT_ONCE]) for start in range(0, len(pairs), _SORTED_AT_ONCE)]
    return tuple(key for _, key in merge(*pieces))


def advance(before: Index | None, board: Board) -> Index:
    """Return the index of a board, reusing whatever did not change since the one before."""
    if before is not None and _same(before.board, board):
        return before if before.board is board else _rebased(before, board)
    known = before if before is not None else Index(board)
    hays = _hays(known.hays, board)
    entries, changed, gone = _entries(known, board, hays, trusted=before is not None and _trusted(before.board, board))
    counts, dimmed = dict(known.counts), known.dimmed
    for entry, way in (*((entry, -1) for entry in gone), *((entries[key], 1) for key in changed)):
        for state, count in entry.fold.counts.items():
            if not entry.dim:
                counts[state] = counts.get(state, 0) + way * count
            elif state is not State.RESOLVED:
                dimmed += way * count
    counts = {state: count for state, count in counts.items() if count}
    order = _ordered(known, entries, changed)
    return Index(board, entries, order, hays, counts, dimmed, known.version + 1)


def _trusted(before: Board, after: Board) -> bool:
    """Tell whether priorities rest on the same as before."""
    same_map = before.setup is after.setup and before.map is after.map
    return same_map and before.scopes is after.scopes and before.health is after.health


def _entries(
    known: Index, board: Board, hays: Mapping[AlertKey, tuple[Alert, str]], *, trusted: bool
) -> tuple[dict[FoldKey, FoldEntry], list[FoldKey], list[FoldEntry]]:
    """Return every fold's entry, the keys of those that are new or other than before, and those that stand no more."""
    old, alerts, choices = known.entries, board.alerts, board.chosen
    entries: dict[FoldKey, FoldEntry] = {}
    changed: list[FoldKey] = []
    gone: list[FoldEntry] = []
    for key, fold in board.folds.items():
        lead = alerts[fold.alerts[0]]
        entry = old.get(key)
        if entry is not None:
            if trusted and entry.fold is fold and entry.lead is lead and not choices and not entry.chosen:
                entries[key] = entry
                continue
            chosen = choices.get(fold.occurrence) if choices else None
            if (
                trusted
                and entry.fold is fold
                and entry.lead is lead
                and entry.chosen == (chosen is not None)
                and (chosen is None or entry.priority is chosen)
            ):
                entries[key] = entry
                continue
            gone.append(entry)
        chosen = choices.get(fold.occurrence) if choices else None
        priority = chosen or quick_priority(board, lead)
        rank = _rank(board, fold, lead, priority)
        newest = (rank >> 49) * _SPAN - int(fold.since.timestamp())
        hay = hays[lead.key][1] if len(fold.alerts) == 1 else ""
        entries[key] = FoldEntry(fold, lead, priority, chosen is not None, lead.dim, rank, newest, hay)
        changed.append(key)
    if len(old) + len(changed) - len(gone) != len(entries):
        gone += [entry for key, entry in old.items() if key not in entries]
    return entries, changed, gone


def _hays(old: Mapping[AlertKey, tuple[Alert, str]], board: Board) -> dict[AlertKey, tuple[Alert, str]]:
    hays: dict[AlertKey, tuple[Alert, str]] = {}
    for key, alert in board.alerts.items():
        known = old.get(key)
        if known is None or (known[0] is not alert and not _reads_alike(known[0], alert)):
            hays[key] = (alert, hay_of(alert))
        else:
            hays[key] = known if known[0] is alert else (alert, known[1])
    return hays


def _reads_alike(old: Alert, new: Alert) -> bool:
    return old.labels is new.labels and old.annotations is new.annotations and old.service == new.service


def _ordered(known: Index, entries: Mapping[FoldKey, FoldEntry], changed: Sequence[FoldKey]) -> tuple[FoldKey, ...]:
    """Return the keys by rank: as before where no rank changed, put in where few did, else sorted."""
    old = known.entries
    moved = {key for key in changed if key not in old or old[key].rank != entries[key].rank}
    if not moved and len(entries) == len(old):
        return known.order
    if len(moved) > _PUT_IN:
        return _sorted(entries)
    order = [key for key in known.order if key in entries and key not in moved]
    for key in moved:
        insort(order, key, key=lambda one: (entries[one].rank, one))
    return tuple(order)


def _same(before: Board, after: Board) -> bool:
    return (
        before.alerts is after.alerts
        and before.folds is after.folds
        and before.chosen is after.chosen
        and before.scopes is after.scopes
        and before.health is after.health
        and before.setup is after.setup
    )


def _rebased(index: Index, board: Board) -> Index:
    return replace(index, board=board)
