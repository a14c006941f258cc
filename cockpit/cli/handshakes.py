"""Handshakes between tools, judged on one board: does what one tool says arrive at the next."""

from collections.abc import Iterable

from cockpit.board.state import Board
from cockpit.model.alert import State
from cockpit.model.reading import AlertsSeen, RulesSeen, Topic
from cockpit.systems.base import Check

_NOT_THERE = "not in Alertmanager"


def handshakes(board: Board) -> tuple[Check, ...]:
    """Return every handshake that can be judged: evaluation, alerts on their way, labels, queries, names."""
    return (
        *_evaluation(board),
        *_alerts_arrive(board),
        *_senders(board),
        *_labels(board),
        *_scopes(board),
        *_vendors(board),
        *_names(board),
    )


def _evaluation(board: Board) -> Iterable[Check]:
    """Rules that nobody evaluates cannot fire, however healthy they look."""
    for state in board.systems.values():
        if state.late_s:
            message = f"{state.late_s:.0f} s late"
            remedy = "see that server's load and its log"
            yield Check(state.name, "alerting rules are evaluated", ok=False, message=message, remedy=remedy)


def _alerts_arrive(board: Board) -> Iterable[Check]:
    """What fires in a Prometheus must be in an Alertmanager."""
    holders = [expected.name for expected in board.setup.systems if Topic.ALERTS in expected.topics]
    if not holders or all((name, Topic.ALERTS) in board.failures for name in holders):
        return
    for (system, topic), reading in board.readings.items():
        if topic is not Topic.RULES or not isinstance(reading.answer, RulesSeen) or (system, topic) in board.failures:
            continue
        check = f"{system} -> {', '.join(holders)}"
        firing = sum(alert.state == "firing" for rule in reading.answer.rules for alert in rule.alerts)
        lost = [alert for alert in board.alerts.values() if alert.key.system == system and alert.note == _NOT_THERE]
        waiting = [
            alert for alert in board.alerts.values() if alert.key.system == system and alert.state == State.FIRING
        ]
        if lost:
            yield Check(
                system,
                check,
                ok=False,
                message=f"{len(lost)} of {firing} firing alerts did not arrive: {lost[0].name}",
                remedy="see alerting.alertmanagers in prometheus.yml, and whether it reaches all peers",
            )
        elif not firing:
            yield Check(system, check, ok=True, message="nothing fires, so nothing was on its way", warning=True)
        else:
            arrived = f"{firing - len(waiting)} of {firing} firing alerts arrived"
            if waiting:
                remedy = "the rest fires since a moment only; try again in a minute"
                yield Check(system, check, ok=True, message=arrived, remedy=remedy, warning=True)
            else:
                yield Check(system, check, ok=True, message=arrived)


def _senders(board: Board) -> Iterable[Check]:
    """An alert's current value is asked of the Prometheus that its `generatorURL` names: it has to be configured."""
    reporting = [alert for alert in board.alerts.values() if alert.state == State.FIRING and alert.generator]
    unknown = [alert for alert in reporting if alert.prometheus is None]
    if reporting and any(Topic.RULES in expected.topics for expected in board.setup.systems):
        check = "each alert's Prometheus is configured"
        message = f"{len(reporting) - len(unknown)} of {len(reporting)} firing alerts"
        remedy = f"add the Prometheus behind {unknown[0].generator}" if unknown else ""
        yield Check("alerts", check, ok=True, message=message, remedy=remedy, warning=bool(unknown))


def _labels(board: Board) -> Iterable[Check]:
    """A tool of the map that is told things by a label needs that label on the alerts."""
    reports = [
        report
        for reading in board.readings.values()
        if isinstance(reading.answer, AlertsSeen)
        for report in reading.answer.alerts
    ]
    for hop in board.setup.map.tools:
        if not hop.label or not reports:
            continue
        having = sum(bool(report.labels.get(hop.label)) for report in reports)
        check = f"{hop.source} -> {hop.target} by {hop.label}"
        message = f"{having} of {len(reports)} alerts carry it"
        remedy = "" if having == len(reports) else f"give every rule a label {hop.label}"
        yield Check("map", check, ok=True, message=message, remedy=remedy, warning=having < len(reports))


def _scopes(board: Board) -> Iterable[Check]:
    """The map's scope queries need an answer with a value."""
    wanted = [service.name for service in board.setup.map.services.values() if service.scope]
    answering = any(Topic.SCOPES in expected.topics for expected in board.setup.systems)
    for name in wanted if answering else ():
        check = f"scope of {name}"
        found = board.scopes.get(name)
        if found is None:
            yield Check("map", check, ok=False, message="no Prometheus answered it", remedy="see the checks above")
            continue
        system, sample = found
        if sample.error:
            yield Check(system, check, ok=False, message=sample.error, remedy="correct the query in the map")
        elif sample.value is None:
            yield Check(system, check, ok=True, message="no data now", remedy="try it by hand", warning=True)
        else:
            yield Check(system, check, ok=True, message=f"{sample.value:.3g}")


def _vendors(board: Board) -> Iterable[Check]:
    """The map's status pages need somebody who asks them."""
    pages = [service.name for service in board.setup.map.services.values() if service.status_page]
    if pages and not any(Topic.STATUS in expected.topics for expected in board.setup.systems):
        message = f"{len(pages)} in the map, and nobody outside is asked"
        remedy = "to ask them add [contexts.NAME.systems.statuspage] to the configuration"
        yield Check("map", "status pages of third parties", ok=True, message=message, remedy=remedy)


def _names(board: Board) -> Iterable[Check]:
    """Alerts should belong to services of the map."""
    if board.setup.map.empty or not board.alerts:
        return
    unmapped = sorted({alert.service or alert.name for alert in board.alerts.values() if not alert.mapped})
    message = f"{sum(alert.mapped for alert in board.alerts.values())} of {len(board.alerts)} alerts"
    remedy = f"not in the map: {', '.join(unmapped[:5])}" if unmapped else ""
    yield Check("map", "alerts belong to its services", ok=True, message=message, remedy=remedy, warning=bool(unmapped))
