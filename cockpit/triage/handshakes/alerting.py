"""From a rule to a receiver: rules are evaluated, alerts arrive, heartbeats beat, labels are there, routes lead somewhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cockpit.board.state import Board
from cockpit.model.alert import Alert, AlertKey, AlertReport, State
from cockpit.model.handshake import Condition, Handshake
from cockpit.model.reading import AlertsSeen, RulesSeen, Topic
from cockpit.topology.names import normal
from cockpit.topology.toolmap import NOBODY, ToolNames, declared_hops
from cockpit.triage.handshakes.words import asked, counted, few, of, silent
from cockpit.triage.memo import Memo
from cockpit.triage.owner import NOBODY as NOWHERE

NOT_THERE = "not in Alertmanager"
"""The note on an alert that fires in a Prometheus and that no Alertmanager has."""

_HELD = frozenset({State.FIRING, State.SILENCED, State.INHIBITED})
_VENDORS = ("pagerduty", "opsgenie", "victorops", "slack", "jira", "discord", "telegram", "webex", "email", "webhook")
"""Tools that the names of receivers give away."""


def evaluated(board: Board) -> Iterable[Handshake]:
    """Rules that nobody evaluates cannot fire, however healthy they look."""
    for state in board.systems.values():
        if state.late_s:
            yield Handshake(
                id=f"evaluated:{state.name}",
                source=state.name,
                target="",
                question="alerting rules are evaluated",
                condition=Condition.FAILS,
                seen=f"{state.late_s:.0f} s late",
                remedy="see that server's load and its log",
                place=state.name,
            )


def alerts_arrive(board: Board) -> Iterable[Handshake]:
    """What fires in a Prometheus must be in an Alertmanager."""
    holders = asked(board, Topic.ALERTS)
    tools = board.setup.map.tools
    names = ToolNames(tools, ((one.name, one.kind) for one in board.setup.systems))
    declared = declared_hops(tools, names)
    held = _by_sender(board.alerts)
    for sender in asked(board, Topic.RULES):
        told = {holder: held.get((sender, holder), 0) for holder in holders}
        reaching = [
            holder
            for holder in holders
            if told[holder] or len(holders) == 1 or (names.of(sender), names.of(holder)) in declared
        ]
        for holder in reaching or holders:
            yield _arrival(board, sender, holder)


def _arrival(board: Board, sender: str, holder: str) -> Handshake:
    def found(condition: Condition, seen: str, remedy: str = "", brief: str = "") -> Handshake:
        return Handshake(
            id=f"alerts:{sender}:{holder}",
            source=sender,
            target=holder,
            question=f"{sender} reaches {holder}",
            condition=condition,
            seen=seen,
            remedy=remedy,
            brief=brief,
            place=sender,
            check=f"{sender} -> {holder}",
        )

    reason = silent(board, sender, Topic.RULES) or silent(board, holder, Topic.ALERTS)
    reading = board.readings.get((sender, Topic.RULES))
    if reason or reading is None or not isinstance(reading.answer, RulesSeen):
        return found(Condition.UNKNOWN, f"not known: {reason or f'{sender} lists no rules'}")
    firing = sum(alert.state == "firing" for rule in reading.answer.rules for alert in rule.alerts)
    own = [one for one in board.alerts.values() if one.key.system == sender]
    lost = [one for one in own if one.note == NOT_THERE]
    waiting = sum(one.state is State.FIRING for one in own)
    if lost:
        return found(
            Condition.FAILS,
            f"{len(lost)} of {firing} firing alerts did not arrive: {lost[0].name}",
            "see alerting.alertmanagers in prometheus.yml, and whether it reaches all peers",
            of(firing - len(lost), firing),
        )
    if not firing:
        return found(
            Condition.WARNING, "nothing fires, so nothing was on its way", "let a rule fire always: a Watchdog"
        )
    arrived = f"{firing - waiting} of {firing} firing alerts arrived"
    brief = of(firing - waiting, firing)
    if waiting:
        remedy = "the rest fires since a moment only; try again in a minute"
        return found(Condition.WARNING, arrived, remedy, brief)
    return found(Condition.WORKS, arrived, "", brief)


def _senders(alerts: Mapping[AlertKey, Alert]) -> Mapping[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for one in alerts.values():
        if one.prometheus is not None and one.state in _HELD:
            key = one.prometheus, one.key.system
            found[key] = found.get(key, 0) + 1
    return found


_by_sender = Memo(_senders)
"""How many alerts each Alertmanager holds of each Prometheus."""


def heartbeats(board: Board) -> Iterable[Handshake]:
    """An alert that always fires shows that alerts arrive."""
    for beat in board.heartbeats:
        missing = beat.missing_since is not None
        seen = f"{beat.matcher} last seen {beat.seen:%H:%M:%S} UTC"
        yield Handshake(
            id=f"heartbeat:{beat.system}:{beat.id or beat.matcher}",
            source=beat.system,
            target="",
            question="the heartbeat arrives",
            condition=Condition.FAILS if missing else Condition.WORKS,
            seen=f"{seen}, missing since {beat.missing_since:%H:%M} UTC" if beat.missing_since is not None else seen,
            remedy="is its Prometheus running, and does it reach this Alertmanager?" if missing else "",
            place=beat.system,
            check=f"heartbeat {beat.matcher}",
        )


def _reports(board: Board) -> list[AlertReport]:
    return [
        report
        for reading in board.readings.values()
        if isinstance(reading.answer, AlertsSeen) and reading.topic is Topic.ALERTS
        for report in reading.answer.alerts
    ]


def labelled(board: Board) -> Iterable[Handshake]:
    """A tool of the map that is told things by a label needs that label on the alerts."""
    reports: list[AlertReport] | None = None
    for hop in board.setup.map.tools:
        if not hop.label:
            continue
        if reports is None:
            reports = _reports(board)
        having = sum(bool(report.labels.get(hop.label)) for report in reports)
        total = len(reports)
        missing = sorted({one.labels.get("alertname", "unnamed") for one in reports if not one.labels.get(hop.label)})
        if total:
            condition = Condition.WORKS if having == total else Condition.WARNING
            seen = f"{having} of {total} alerts carry it" + (f"; without: {few(missing)}" if missing else "")
        else:
            away = (silent(board, system, Topic.ALERTS) for system in asked(board, Topic.ALERTS))
            why = next(filter(None, away), "") or "there is no alert that could carry it"
            condition, seen = Condition.UNKNOWN, f"not known: {why}"
        yield Handshake(
            id=f"label:{hop.source}:{hop.target}:{hop.label}",
            source=hop.source,
            target=hop.target,
            question=f"alerts carry a {hop.label} that {hop.target} is told by",
            condition=condition,
            seen=seen,
            remedy=f"give every rule a label {hop.label}" if missing else "",
            brief=of(having, total) if total else "",
            check=f"{hop.source} -> {hop.target} by {hop.label}",
        )


@dataclass(slots=True)
class _Route:
    """What goes to one tool."""

    alerts: int = 0
    receivers: set[str] = field(default_factory=set)
    severities: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    """Alerts that matter: those of no urgency are left out."""


def routed(board: Board) -> Iterable[Handshake]:
    """Each alert's severity must be matched by a route that leads to somebody."""
    tools = board.setup.map.tools
    names = ToolNames(tools, ((one.name, one.kind) for one in board.setup.systems))
    declared = declared_hops(tools, names)
    for system in board.setup.systems:
        if system.kind != "alertmanager" or Topic.ALERTS not in system.topics:
            continue
        node = names.of(system.name)
        wanted = [target for source, target in declared if source == node]
        reason = silent(board, system.name, Topic.ALERTS)
        total, routes = _routes(board, system.name, wanted)
        for target in dict.fromkeys((*wanted, *routes)):
            yield _route(system.name, target, routes.get(target), total, routes, reason)


def _routes(board: Board, system: str, wanted: Iterable[str]) -> tuple[int, dict[str, _Route]]:
    total, routes = 0, dict[str, _Route]()
    targets: dict[str, str] = {}
    words = (*wanted, *_VENDORS)
    for one in board.alerts.values():
        if one.key.system != system or one.state not in _HELD:
            continue
        total += 1
        for receiver in one.receivers or ("",):
            target = targets.get(receiver)
            if target is None:
                target = targets[receiver] = tool_of(receiver, words)
            route = routes.setdefault(target, _Route())
            route.alerts += 1
            if receiver:
                route.receivers.add(receiver)
            route.severities.add(one.severity or "none at all")
            if not one.dim:
                route.names.add(one.name)
    return total, routes


def tool_of(receiver: str, words: Iterable[str]) -> str:
    """Return the tool that a receiver's name gives away: `pagerduty-checkout` is pagerduty; else the receiver itself."""
    spelled = normal(receiver)
    if not spelled or spelled in NOWHERE:
        return NOBODY
    found = next((word for word in words if normal(word) and normal(word) in spelled), None)
    return f"receiver {receiver}" if found is None else found


def _route(
    system: str, target: str, route: _Route | None, total: int, routes: Mapping[str, _Route], reason: str
) -> Handshake:
    question = "no alert is routed to nobody" if target == NOBODY else f"a route leads alerts to {target}"
    remedy, brief = "", ""
    if reason:
        condition, seen = Condition.UNKNOWN, f"not known: {reason}"
    elif route is None:
        condition = Condition.UNKNOWN
        others = sorted(receiver for one in routes.values() for receiver in one.receivers)
        went = f"; receivers now: {few(others)}" if others else ""
        seen = f"not known: none of {counted(total, 'alert')} goes there now{went}"
        remedy = "cockpit doctor looks for a receiver in Alertmanager's configuration"
    else:
        brief = of(route.alerts, total)
        by = f", severity {few(sorted(route.severities))}"
        receivers = f" (receiver {few(sorted(route.receivers))})" if route.receivers else ""
        seen = f"{brief} alerts{receivers}{by}"
        condition = Condition.WORKS
        if target == NOBODY and route.names:
            condition = Condition.WARNING
            seen = f"{seen}: {few(sorted(route.names))}"
            remedy = "give their severity a route with a receiver"
    return Handshake(
        id=f"route:{system}:{target}",
        source=system,
        target=target,
        question=question,
        condition=condition,
        seen=seen,
        remedy=remedy,
        brief=brief,
        place=system,
        check=f"{system} routes to {target}",
    )
