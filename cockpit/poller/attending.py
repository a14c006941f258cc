"""Which Prometheus is asked for the series behind an alert, and with what: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from cockpit.board.state import Board, Expected
from cockpit.model.alert import Alert, AlertKey, FoldKey, State
from cockpit.model.reading import Rule

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class SeriesRequest:
    """Sixty minutes of the measure behind one alert, asked of one Prometheus."""

    system: str
    alert: AlertKey
    expression: str
    """The rule's whole expression."""
    labels: Mapping[str, str]
    """As its Prometheus knows them, where it lists the alert."""


def lead(board: Board, key: AlertKey | FoldKey | None) -> AlertKey | None:
    """Return the alert that is meant, of a fold its worst and oldest; null where the board has none."""
    if key is None:
        return None
    if isinstance(key, FoldKey):
        fold = board.folds.get(key)
        return fold.alerts[0] if fold else None
    return key if key in board.alerts else None


def _address(url: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    return (parts.hostname.lower(), port) if parts.hostname else None


def prometheus_of(alert: Alert, expected: Sequence[Expected]) -> str | None:
    """Return which of the systems that measure is asked about an alert.

    The one whose rule made it, else the one that its `generatorURL` names, else the one whose labels agree,
    else the only one.
    """
    names = [system.name for system in expected]
    if alert.prometheus in names:
        return alert.prometheus
    address = _address(alert.generator) if alert.generator else None
    if address is not None:
        for system in expected:
            if address in map(_address, system.urls):
                return system.name
    agreeing = [
        system.name
        for system in expected
        if system.labels and all(alert.labels.get(name) == value for name, value in system.labels.items())
    ]
    if len(agreeing) == 1:
        return agreeing[0]
    return names[0] if len(names) == 1 else None


def _rule(board: Board, system: str, alert: Alert) -> Rule | None:
    rules = board.rules.get(system, {})
    if alert.rule is not None and alert.rule in rules:
        return rules[alert.rule]
    named = [rule for rule in rules.values() if rule.name == alert.name]
    return named[0] if len(named) == 1 else None


def _expression_in(generator: str | None) -> str | None:
    if not generator:
        return None
    try:
        found = parse_qs(urlsplit(generator).query).get("g0.expr")
    except ValueError:
        return None
    return found[0] if found else None


def series_request(board: Board, key: AlertKey | FoldKey | None, expected: Sequence[Expected]) -> SeriesRequest | None:
    """Return what has to be asked for an alert's series, or null where there is nobody or nothing to ask."""
    there = lead(board, key)
    alert = None if there is None else board.alerts[there]
    if alert is None:
        return None
    system = prometheus_of(alert, expected)
    if system is None:
        return None
    rule = _rule(board, system, alert)
    expression = rule.expression if rule else _expression_in(alert.generator)
    if not expression:
        return None
    labels = alert.labels
    for own in rule.alerts if rule else ():
        if all(alert.labels.get(name, value) == value for name, value in own.labels.items()):
            labels = own.labels
            break
    return SeriesRequest(system, alert.key, expression, labels)


def worth_a_series(board: Board, most: int) -> tuple[AlertKey, ...]:
    """Return the alerts that fire or are pending, oldest first, at most so many: what a recording keeps series of."""
    alerts = [alert for alert in board.alerts.values() if alert.state not in {State.RESOLVED, State.LOST}]
    return tuple(alert.key for alert in sorted(alerts, key=lambda alert: (alert.since, alert.key))[:most])
