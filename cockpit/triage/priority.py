"""The proposed priority of an alert or a fold, by the matrix, with its reasons; only a person chooses one."""

import re
from collections.abc import Mapping

from cockpit.board.state import Board, Setup
from cockpit.model.alert import Alert, State
from cockpit.model.drill import Priority, Proposal, Subject
from cockpit.model.health import Health, ServiceHealth
from cockpit.model.reading import ScopeSample, Topic
from cockpit.spans import say_between
from cockpit.triage.case import LOOKED_AT, behind, occurrences
from cockpit.triage.figures import exact, figure, is_share, percent, say_scope
from cockpit.triage.memo import Memo

MAJOR = 0.5
"""Share of users or requests, or of an entry service's errors, from which P1 is proposed."""
NOTABLE = 0.05
"""Share from which P2 is proposed."""
HEAVY = 10.0
"""Weight from which a service without traffic is a P1."""

DEFAULT_SEVERITIES: Mapping[str, Priority] = {
    **dict.fromkeys(("critical", "crit", "page", "emergency", "fatal", "disaster", "sev1", "sev2"), Priority.P2),
    **dict.fromkeys(("p1", "p2"), Priority.P2),
    **dict.fromkeys(("warning", "warn", "ticket", "error", "major", "high", "sev3", "p3"), Priority.P3),
}
"""What a severity proposes by itself; every other one proposes P4."""

_SPELLING = re.compile(r"[\s_.-]+")
_PLACE = re.compile(r" at (?:the )?\S+ step$")
_FIRING = frozenset({State.FIRING, State.LOST})

_Reason = tuple[Priority, str]
_Deciding = tuple[str, str, bool, bool]
"""An alert's severity, service, whether it fires, and whether what was measured of its service counts."""


def propose(board: Board, subject: Subject) -> Proposal:
    """Return the proposed priority of a subject, its reasons, and the one that a person chose."""
    chosen = _chosen(board, subject)
    alerts = _alerts(board, subject)
    if not alerts:
        return Proposal(Priority.P3, ("impact unknown",), chosen)
    reasons: list[tuple[_Reason, ...]] = [_reasons(board, alert) for alert in _distinct(board, alerts)]
    best = min(reasons, key=lambda found: found[0][0])
    proposed = best[0][0]
    return Proposal(proposed, tuple(why for level, why in best if level == proposed), chosen)


def quick_priority(board: Board, alert: Alert) -> Priority:
    """Return what would be proposed for one alert; remembered, for sorting fifty thousand."""
    levels = _levels(board.scopes, board.health, board.setup)
    key = _deciding(board, alert)
    found = levels.get(key)
    if found is None:
        found = levels[key] = _reasons(board, alert)[0][0]
    return found


def _no_levels(
    _scopes: Mapping[str, tuple[str, ScopeSample]], _health: Mapping[str, ServiceHealth], _setup: Setup
) -> dict[_Deciding, Priority]:
    return {}


_levels = Memo(_no_levels)
"""Priorities by what decides them of an alert, while nothing else that decides them changes."""


def _deciding(board: Board, alert: Alert) -> _Deciding:
    return (alert.severity, alert.service, alert.state in _FIRING, _counts(board, alert))


def label_priority(setup: Setup, severity: str) -> Priority | None:
    """Return what a severity alone proposes, P2 at most; null for no severity."""
    if not severity.strip():
        return None
    spelled = _SPELLING.sub("", severity.casefold())
    for name, level in setup.severities.items():
        if _SPELLING.sub("", name.casefold()) == spelled and level.upper() in Priority.__members__:
            return max(Priority(level.upper()), Priority.P2)
    return DEFAULT_SEVERITIES.get(spelled, Priority.P4)


def _reasons(board: Board, alert: Alert) -> tuple[_Reason, ...]:
    """Return every reason, the highest priority first; never empty."""
    measured, known = _measured(board, alert)
    label = label_priority(board.setup, alert.severity)
    reasons = list(measured)
    if label is not None:
        alone = "" if known else " alone, impact unknown"
        reasons.append((label, f"severity={alert.severity}{alone}"))
    elif known and not measured:
        reasons.append((Priority.P4, known))
    if not reasons:
        reasons.append((Priority.P3, "impact unknown"))
    return tuple(sorted(reasons, key=lambda reason: reason[0]))


def _measured(board: Board, alert: Alert) -> tuple[list[_Reason], str]:
    """Return what measurements propose, and what the impact is where one is known."""
    reasons: list[_Reason] = []
    known = ""
    service = board.setup.map.services.get(alert.service)
    counts = _counts(board, alert)
    sample, age = (_last(board, alert.service), _age(board, alert.service)) if counts else (None, "")
    scope = None if service is None else service.scope
    if scope is not None and sample is not None and sample.value is not None and is_share(scope.says):
        known = _PLACE.sub("", say_scope(scope.says, sample.value))
        level = Priority.P1 if sample.value >= MAJOR else Priority.P2 if sample.value >= NOTABLE else None
        if level is not None:
            limit = percent(MAJOR if level is Priority.P1 else NOTABLE, 0)
            reasons.append((level, f"{f'scope {age}: ' if age else ''}{known}, threshold {limit}"))
    health = board.health.get(alert.service) if counts else None
    if alert.service in board.map.entry and alert.state in _FIRING:
        errors = None if health is None else health.error_share
        if errors is None and age and sample is not None and scope is not None and is_share(scope.says):
            errors = sample.value
        if errors is not None and errors >= MAJOR:
            known = known or f"{percent(errors)} errors"
            reasons.append(
                (
                    Priority.P1,
                    f"entry service {alert.service} firing with {percent(errors)} errors, threshold 50 %"
                    + (f", {age}" if age else ""),
                )
            )
        reasons.append((Priority.P2, f"entry service {alert.service} firing"))
    starved = _starved(health, sample)
    if service is not None and service.weight >= HEAVY and starved:
        known = known or starved
        aged = f", {age}" if age else ""
        reasons.append((Priority.P1, f"{alert.service} (weight {exact(service.weight)}) {starved}{aged}"))
    return reasons, known


def _last(board: Board, service: str) -> ScopeSample | None:
    """Return what was last measured of a service, also where asking for it failed since."""
    sample = board.scopes.get(service, (None, None))[1]
    return sample if sample is None or sample.error is None else sample.last


def _counts(board: Board, alert: Alert) -> bool:
    """Tell whether what was measured of an alert's service counts: it is of now, or was measured while it fired.

    A proposal does not fall because nobody measures any more; but a new occurrence does not inherit another's.
    """
    known = board.scopes.get(alert.service)
    if known is None:
        return True
    health = board.health.get(alert.service)
    if known[1].error is None and (health is None or health.stale_s is None):
        return True
    last = known[1] if known[1].error is None else known[1].last
    return last is not None and last.at >= alert.opened


def _age(board: Board, service: str) -> str:
    """Return `last measured 6 min ago`, where a service is not measured any more; else nothing."""
    known = board.scopes.get(service)
    last = _last(board, service)
    if known is None or last is None or (known[1].error is None and behind(board, known[0], Topic.SCOPES).fresh):
        return ""
    return f"last measured {say_between(last.at, board.at)} ago"


def _starved(health: ServiceHealth | None, sample: ScopeSample | None) -> str:
    """Return how a service is without traffic, or nothing."""
    if sample is not None and sample.denominator == 0 and sample.usual:
        return f"without traffic, normally {figure(sample.usual)}/s"
    return "without traffic" if health is not None and health.health is Health.NO_TRAFFIC else ""


def _alerts(board: Board, subject: Subject) -> list[Alert]:
    fold = None if subject.fold is None else board.folds.get(subject.fold)
    keys = (subject.alert,) if fold is None else fold.alerts[:LOOKED_AT]
    return [alert for key in keys if (alert := board.alerts.get(key)) is not None]


def _distinct(board: Board, alerts: list[Alert]) -> list[Alert]:
    """Return one alert for each thing that decides a priority."""
    found: dict[_Deciding, Alert] = {}
    for alert in alerts:
        found.setdefault(_deciding(board, alert), alert)
    return list(found.values())


def _chosen(board: Board, subject: Subject) -> Priority | None:
    return next((found for name in occurrences(board, subject) if (found := board.chosen.get(name)) is not None), None)
