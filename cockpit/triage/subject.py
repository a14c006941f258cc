"""Which alert or fold a drill is about: the worst, one by its name, or one by its key."""

from collections.abc import Iterable, Mapping

from cockpit.board.state import Board
from cockpit.model.alert import Alert, AlertKey, Fold, FoldKey, State
from cockpit.model.drill import Priority, Subject
from cockpit.topology.graph import topology_of
from cockpit.triage.memo import Memo
from cockpit.triage.priority import quick_priority

_STATES = (State.FIRING, State.LOST, State.PENDING, State.SILENCED, State.INHIBITED, State.RESOLVED)
_RANK = {state: rank for rank, state in enumerate(_STATES)}
_FIRES = frozenset({State.FIRING, State.LOST})


def worst(board: Board) -> Subject | None:
    """Return the worst of what fires, as a list of folds would show it first; null when nothing fires."""
    fold = _worst([fold for fold in board.folds.values() if fold.state in _FIRES], board)
    return None if fold is None else subject_of(board, fold.key)


def find(board: Board, text: str) -> Subject | None:
    """Return what an `id`, a `system/id` or a fold's name means; of several the worst."""
    system, _, fingerprint = text.rpartition("/")
    if system and AlertKey(system, fingerprint) in board.alerts:
        return subject_of(board, AlertKey(system, fingerprint))
    keys = [key for name in systems_of(board.alerts) if (key := AlertKey(name, text)) in board.alerts]
    if keys:
        return subject_of(board, min(keys, key=lambda key: _alert_rank(board, board.alerts[key])))
    fold = _worst(folds_named(board.folds).get(text, ()), board)
    return None if fold is None else subject_of(board, fold.key)


def subject_of(board: Board, key: AlertKey | FoldKey) -> Subject | None:
    """Return the subject of an alert or a fold; null where the board has none."""
    if isinstance(key, FoldKey):
        fold = board.folds.get(key)
        if fold is None or fold.alerts[0] not in board.alerts:
            return None
        return Subject(fold.alerts[0], key.name, key.service, len(fold.alerts), fold.occurrence, key)
    alert = board.alerts.get(key)
    if alert is None:
        return None
    return Subject(key, alert.name, alert.service, 1, alert.occurrence)


def _by_name(folds: Mapping[FoldKey, Fold]) -> Mapping[str, tuple[Fold, ...]]:
    found: dict[str, list[Fold]] = {}
    for key, fold in folds.items():
        found.setdefault(key.name, []).append(fold)
    return {name: tuple(same) for name, same in found.items()}


folds_named = Memo(_by_name)
"""A board's folds by alertname."""


def _systems(alerts: Mapping[AlertKey, Alert]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key.system for key in alerts))


systems_of = Memo(_systems)
"""The systems that a board's alerts come from."""


def _alert_rank(board: Board, alert: Alert) -> tuple[int, Priority, float]:
    return _RANK[alert.state], quick_priority(board, alert), alert.since.timestamp()


def _worst(folds: Iterable[Fold], board: Board) -> Fold | None:
    """Return the fold that stands first: what is dimmed last, then by priority, entry points reached and age."""
    topology = topology_of(board.map)

    def rank(fold: Fold) -> tuple[bool, bool, Priority, int, int, float]:
        lead = board.alerts[fold.alerts[0]]
        priority = board.chosen.get(fold.occurrence) or quick_priority(board, lead)
        entries = len(topology.entries_of(lead.service)) if lead.service in topology else 0
        return lead.dim, fold.state not in _FIRES, priority, -entries, _RANK[fold.state], fold.since.timestamp()

    return min((fold for fold in folds if fold.alerts[0] in board.alerts), key=rank, default=None)
