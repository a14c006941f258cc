"""Which changes may be the cause: few, each with its reason, and nobody rather than the wrong one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cockpit.board.state import Board
from cockpit.model.change import Change, ChangeKind, Progress
from cockpit.model.drill import Subject, Suspect
from cockpit.spans import say_between, say_seconds
from cockpit.topology.names import normal
from cockpit.triage.case import Case
from cockpit.triage.reach import Near, reach
from cockpit.triage.starts import TOGETHER, starts_of
from cockpit.triage.window import known_of

BESIDE = timedelta(hours=1)
"""Beside the likeliest change only those are named that began within so long before the alert: a short list is read."""

MANY = 5
"""So many services starting together have something in common, or no change explains them."""
FURTHEST = timedelta(hours=24)
"""So far back change systems are asked at most, window included."""

_COURSE = {Progress.FAILED: "it failed", Progress.ROLLING: "still rolling"}
"""How far a change has come, where that matters to who looks for a cause."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What can be said of the changes around one start."""

    suspects: tuple[Suspect, ...]
    """Best first."""
    window: int
    """How many changes there are from the window's begin until now."""
    systems: Mapping[str, int]
    """How many of them each system told of."""
    related: tuple[Change, ...]
    """Those among them on the service or what it depends on, whenever they began, newest first."""
    together: int
    """How many services started within two minutes; under five it does not matter."""

    @property
    def unexplained(self) -> bool:
        """Many services started together and nothing changed on what they have in common."""
        return self.together >= MANY and not self.suspects


def suspects(board: Board, subject: Subject) -> tuple[Suspect, ...]:
    """Return the changes that may be the cause of a subject, best first; often none."""
    fold = None if subject.fold is None else board.folds.get(subject.fold)
    alert = board.alerts.get(subject.alert)
    if alert is None:
        return ()
    return judge(board, subject, Case(board, subject, alert, fold).start).suspects


def judge(board: Board, subject: Subject, start: datetime) -> Judgement:
    """Judge the changes around a start: what began before it on the service, a callee or what those run on."""
    known = known_of(board.changes, board.older)
    within = known.between(start - board.setup.window, board.at)
    near = reach(board.map, subject.service)
    spelled = {normal(name): name for name in near} if subject.service else {}
    shared = _shared_label(board, subject)
    wanted = {*spelled, *([normal(shared[1])] if shared else ())}
    related: list[tuple[Change, Near | None]] = []
    for change in known.of(wanted, within):
        name = spelled.get(normal(change.service))
        related.append((change, None if name is None else near[name]))
    together = starts_of(board.folds).together(subject.service, start)
    candidates = [(change, how) for change, how in related if _before(change, start)]
    why_common = ""
    if len(together) >= MANY:
        common = _common(board, together, near)
        candidates = [(change, how) for change, how in candidates if how is None or normal(change.service) in common]
        why_common = f"common to {len(together)} services that started within {say_seconds(TOGETHER.total_seconds())}"
    candidates.sort(key=lambda pair: _rank(*pair))
    candidates = [pair for number, pair in enumerate(candidates) if not number or start - pair[0].began <= BESIDE]
    found = tuple(
        Suspect(change.id, change.service, change.began, _why(change, how, subject.service, start, shared, why_common))
        for change, how in candidates
    )
    return Judgement(found, len(within), known.counts(within), tuple(change for change, _ in related), len(together))


def changes_from(board: Board, now: datetime) -> datetime:
    """Return from when on change systems are to be asked: a window before the earliest start of what fires.

    At least two windows back from now, as what began within the last one may not be known yet when they are first
    asked; at most `FURTHEST`, or those two windows where they are longer.
    """
    window = board.setup.window
    earliest = min(now - window, starts_of(board.folds).earliest or now)
    return max(earliest, now - max(FURTHEST - window, window)) - window


def _before(change: Change, start: datetime) -> bool:
    """Tell whether a change began before a start, as far as its source can tell."""
    return change.began - timedelta(seconds=change.tolerance_s) < start


def _common(board: Board, services: frozenset[str], near: Mapping[str, Near]) -> frozenset[str]:
    """Return what all the services depend on, as names are compared."""
    common = set(near)
    for service in services:
        common &= reach(board.map, service).keys()
        if not common:
            break
    return frozenset(normal(name) for name in common)


def _shared_label(board: Board, subject: Subject) -> tuple[str, str] | None:
    """Return the label that most of a storm's alerts share, where the subject has it too."""
    alert = board.alerts.get(subject.alert)
    common = None if board.storm is None else board.storm.common
    if alert is None or common is None or alert.labels.get(common[0]) != common[1]:
        return None
    return common


def _rank(change: Change, near: Near | None) -> tuple[bool, int, bool, float]:
    """Order by distance, then what is known to be live before what is only merged, then the latest begin."""
    hops = 1 if near is None else near.hops
    host = near is None or near.host
    return host, hops, change.kind is ChangeKind.MERGED, -change.began.timestamp()


def _why(
    change: Change, near: Near | None, service: str, start: datetime, shared: tuple[str, str] | None, common: str
) -> tuple[str, ...]:
    verb = "merged" if change.kind is ChangeKind.MERGED else "first seen" if change.seen else "began"
    if change.began < start:
        when = f"{verb} {say_between(change.began, start)} before it"
    else:
        when = f"{verb} as it began, give or take {say_seconds(change.tolerance_s)}"
    reasons = [f"{_where(change, near, service, shared)}, {when}"]
    if change.kind is ChangeKind.MERGED:
        reasons.append("merged, not known to be deployed")
    if change.rollback:
        reasons.append("a rollback")
    if change.progress in _COURSE:
        reasons.append(_COURSE[change.progress])
    if common:
        reasons.append(common)
    return tuple(reasons)


def _where(change: Change, near: Near | None, service: str, shared: tuple[str, str] | None) -> str:
    if near is None:
        label = "=".join(shared) if shared is not None else change.service
        return f"on {label}, which most of what fires shares"
    if near.hops == 0:
        return "on the alert's service"
    if near.host:
        return f"on {change.service}, which {near.by} runs on"
    if near.by == service:
        return f"on {change.service}, which {service} calls"
    return f"on {change.service}, {near.hops} hops below {service}"
