"""OWNER: who owns it, by map, label, receiver or namespace, and how to escalate."""

from collections.abc import Iterator, Mapping

from cockpit.board.duties import first_level, told_by
from cockpit.board.state import Board
from cockpit.model.alert import Alert, AlertKey, Fold, FoldKey
from cockpit.model.drill import Answer, Evidence, Question, Standing
from cockpit.model.reading import Duty
from cockpit.model.topology import IntegrationMap
from cockpit.spans import clock_time, say_between
from cockpit.text import listed, one_line
from cockpit.triage.case import Case
from cockpit.triage.memo import Memo

TEAM_LABELS = ("team", "owner", "squad")
"""Labels that name an owner, the first one counts."""
LEVELS = 6
"""Duties of a team that are quoted, at most."""
NOBODY = frozenset({"null", "none", "blackhole", "devnull", "noop", "void"})
"""Receivers that lead nowhere."""


def owner(case: Case) -> Answer:
    """Answer OWNER; an inferred one is marked `?`."""
    service = case.service
    if service is not None and service.team:
        says = f"services.{service.name}.team: {service.team}"
        return _filled(case, service.team, "", Evidence("map", says, case.board.began))
    labelled = _label(case.alert)
    if labelled is not None:
        label, team = labelled
        return _filled(case, team, "", case.alert_says(f'label {label}="{team}"'))
    receivers = [name for name in case.alert.receivers if name and name.casefold() not in NOBODY]
    if receivers:
        value = f"routes to {', '.join(receivers)}"
        evidence = case.alert_says(f"receivers {', '.join(case.alert.receivers)}")
        return Answer(Question.OWNER, value, Standing.FILLED, (evidence,), fresh=case.alert_fresh)
    inferred = _of_its_own(case) or _of_namespace(case)
    if inferred is not None:
        return inferred
    return Answer(Question.OWNER, _not_known(case), Standing.UNKNOWN)


def _label(alert: Alert) -> tuple[str, str] | None:
    for label in TEAM_LABELS:
        if team := alert.labels.get(label, "").strip():
            return label, team
    return ("team", alert.label_team) if alert.label_team else None


def _filled(case: Case, team: str, mark: str, evidence: Evidence) -> Answer:
    known = case.board.setup.map.teams.get(team)
    way = "" if known is None or not known.escalation else f" ({known.escalation})"
    called = on_call(case.board, team)
    ways = () if known is None or way else (known.slack, "" if called else known.pagerduty)
    detail = ", ".join(filter(None, (called, *ways)))
    value = f"{team}{mark}{way}"
    seen = (evidence, *_duties(case, team))
    return Answer(Question.OWNER, value, Standing.FILLED, seen, detail=one_line(detail))


def on_call(board: Board, team: str) -> str:
    """Return `on call: Ada until 18:00 UTC, in 3 h 48 min` of a team's first level; empty where nobody is known."""
    duties = first_level(board, team)
    if not duties:
        return ""
    return f"on call: {listed([_on_duty(board, duty) for duty in duties])}"


def _on_duty(board: Board, duty: Duty) -> str:
    if duty.until is None:
        return f"{duty.person} permanently"
    until = clock_time(duty.until, today=board.at)
    return f"{duty.person} until {until} UTC, in {say_between(board.at, duty.until)}"


def _duties(case: Case, team: str) -> Iterator[Evidence]:
    """Give who is on call for a team, level by level, by the word of the system that knows."""
    for duty in case.board.duties.get(team, ())[:LEVELS]:
        told = told_by(case.board, duty)
        if told is not None:
            policy = f", {duty.policy_name}" if duty.policy_name else ""
            says = f"on call: {_on_duty(case.board, duty)}, level {duty.level}{policy}"
            yield Evidence(told[0], one_line(says), told[1], duty.url)


def _of_its_own(case: Case) -> Answer | None:
    """Infer the owner of a service that no file declares by the labels of its targets and pods."""
    name = case.subject.service
    seen = None if case.service is not None else case.board.map.services.get(name)
    if seen is None or not seen.team:
        return None
    says = f"team of {name} by the labels of its targets or pods: {seen.team}"
    return _filled(case, seen.team, "?", Evidence("map", one_line(says), case.board.began))


def _of_namespace(case: Case) -> Answer | None:
    """Infer the owner of everything that is known of the alert's namespace, where that is one team."""
    namespace = case.alert.namespace
    if not namespace:
        return None
    owners = dict(_by_match(case.board.setup.map).get(namespace, {}))
    owners.update(_by_alerts(case.board.folds, case.board.alerts, case.board.setup.map).get(namespace, {}))
    teams = set(owners.values())
    if len(teams) != 1:
        return None
    services = ", ".join(sorted(owners)[:4])
    says = f"namespace {namespace}: {services} {'belongs' if len(owners) == 1 else 'all belong'} to {min(teams)}"
    return _filled(case, min(teams), "?", Evidence("map", one_line(says), case.board.began))


def _matched(source: IntegrationMap) -> Mapping[str, Mapping[str, str]]:
    """Return teams by service by namespace, as the map's own matchers say."""
    found: dict[str, dict[str, str]] = {}
    for name, service in source.services.items():
        for matcher in service.match:
            if matcher.name == "namespace" and matcher.operator == "=" and service.team:
                found.setdefault(matcher.value, {})[name] = service.team
    return found


_by_match = Memo(_matched)
"""Teams by service by namespace, of one map."""


def _alerting(
    folds: Mapping[FoldKey, Fold], alerts: Mapping[AlertKey, Alert], source: IntegrationMap
) -> Mapping[str, Mapping[str, str]]:
    """Return teams by service by namespace, as mapped services alert from it."""
    found: dict[str, dict[str, str]] = {}
    for fold in folds.values():
        lead = alerts.get(fold.alerts[0])
        service = None if lead is None else source.services.get(lead.service)
        if lead is not None and lead.namespace and service is not None and service.team:
            found.setdefault(lead.namespace, {})[service.name] = service.team
    return found


_by_alerts = Memo(_alerting)
"""Teams by service by namespace, of one board."""


def _not_known(case: Case) -> str:
    name = case.subject.service
    known = case.board.setup.map
    parts = []
    if not name:
        parts.append("the alert names no service")
    elif case.service is None:
        parts.append("no map" if known.empty else f"{name} is not in map {known.name}".rstrip())
    else:
        parts.append(f"{name} has no team in map {known.name}".rstrip())
    parts += ["no team, owner or squad label", "no receiver"]
    return f"not known: {'; '.join(parts)}"


def team_of(board: Board, alert: Alert) -> str:
    """Return the team of an alert by map or label; empty where neither says."""
    service = board.setup.map.services.get(alert.service)
    if service is not None and service.team:
        return service.team
    labelled = _label(alert)
    return "" if labelled is None else labelled[1]
