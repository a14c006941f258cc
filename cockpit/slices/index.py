"""An index over a board's alerts, advanced with it off the screen's thread, so that a key never waits for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cockpit.board.state import Board
from cockpit.matchers import Matcher
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


def _rank(board: Board, fold: Fold, lead: Alert, priority: Priority) -> int:
    entries = len(topology_of(board.setup.map).blast(lead.service).entries) if lead.mapped else 0
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


def _is_dim(matchers: tuple[Matcher, ...], alert: Alert) -> bool:
    return any(matcher.matches(alert.labels) for matcher in matchers)


def advance(before: Index | None, board: Board) -> Index:
    """Return the index of a board, reusing whatever did not change since the one before."""
    if before is not None and _same(before.board, board):
        return before if before.board is board else _rebased(before, board)
    old_entries = before.entries if before is not None else {}
    old_hays = before.hays if before is not None else {}
    trusted = before is not None and before.board.scopes is board.scopes and before.board.setup is board.setup
    trusted = trusted and before is not None and before.board.health is board.health
    entries: dict[FoldKey, FoldEntry] = {}
    for key, fold in board.folds.items():
        lead = board.alerts[fold.alerts[0]]
        chosen = board.chosen.get(fold.occurrence)
        old = old_entries.get(key)
        if (
            old is not None
            and trusted
            and old.fold is fold
            and old.lead is lead
            and old.chosen == (chosen is not None)
            and (chosen is None or old.priority is chosen)
        ):
            entries[key] = old
            continue
        priority = chosen or quick_priority(board, lead)
        entries[key] = FoldEntry(
            fold, lead, priority, chosen is not None, _is_dim(board.setup.dim, lead), _rank(board, fold, lead, priority)
        )
    hays: dict[AlertKey, tuple[Alert, str]] = {}
    for alert_key, alert in board.alerts.items():
        known = old_hays.get(alert_key)
        if known is not None and (known[0] is alert or known[0].labels is alert.labels):
            hays[alert_key] = known if known[0] is alert else (alert, known[1])
        else:
            hays[alert_key] = (alert, hay_of(alert))
    counts: dict[State, int] = {}
    dimmed = 0
    for entry in entries.values():
        if entry.dim:
            dimmed += sum(count for state, count in entry.fold.counts.items() if state is not State.RESOLVED)
            continue
        for state, count in entry.fold.counts.items():
            counts[state] = counts.get(state, 0) + count
    unchanged = (
        before is not None
        and len(entries) == len(old_entries)
        and all(old_entries.get(key) is entry for key, entry in entries.items())
    )
    order = before.order if unchanged and before is not None else _sorted(entries)
    return Index(board, entries, order, hays, counts, dimmed, (before.version + 1) if before is not None else 1)


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
    return Index(board, index.entries, index.order, index.hays, index.counts, index.dimmed, index.version)
