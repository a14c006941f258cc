"""From an alert to a person: severities, runbooks, owners, escalations and channels."""

from collections.abc import Iterable, Sequence

from cockpit.board.state import Board
from cockpit.matchers import all_match
from cockpit.model.alert import State
from cockpit.model.handshake import Condition, Handshake
from cockpit.model.reading import Rule, Topic
from cockpit.topology.naming import Naming
from cockpit.topology.toolmap import CHANNELS, ESCALATIONS, OWNERS, RUNBOOKS, SERVICES
from cockpit.triage.handshakes.words import asked, few, of, silent
from cockpit.triage.memo import Memo
from cockpit.triage.owner import team_of

SEVERITIES = ("severity", "priority", "level")
"""Labels that say how bad an alert is."""
BOOKS = ("runbook_url", "runbook", "runbookURL")
"""Annotations that name a runbook."""

_NO_PROMETHEUS = "not known: no system that lists rules is configured"


def _rules(board: Board, system: str) -> list[Rule]:
    """Return a Prometheus' rules of alerts that somebody is to look at: no heartbeats, nothing of no urgency."""
    found = []
    for rule in board.rules.get(system, {}).values():
        labels = {**rule.labels, "alertname": rule.name}
        passed_over = (*board.setup.heartbeat, *board.setup.dim)
        if not any(all_match((matcher,), labels) for matcher in passed_over):
            found.append(rule)
    return found


def severities(board: Board) -> Iterable[Handshake]:
    """A rule without a severity is routed by chance."""
    for system in asked(board, Topic.RULES):
        reason = silent(board, system, Topic.RULES)
        rules = _rules(board, system)
        bare = [rule.name for rule in rules if not any(rule.labels.get(label) for label in SEVERITIES)]
        yield _share(
            id=f"severity:{system}",
            source=system,
            target="",
            question="every alerting rule carries a severity",
            what="alerting rules carry a severity",
            total=len(rules),
            missing=bare,
            reason=reason,
            remedy="give them a label severity; routes and priorities go by it",
            place=system,
        )


def with_runbook(board: Board) -> Iterable[Handshake]:
    """Whoever is paged needs a page that says what to do."""
    systems = asked(board, Topic.RULES)
    for system in systems:
        reason = silent(board, system, Topic.RULES)
        rules = _rules(board, system)
        naming = _naming(board.setup)
        services = board.setup.map.services

        def has_book(rule: Rule) -> bool:
            if any(rule.annotations.get(name) for name in BOOKS):
                return True
            named = naming.of_labels(rule.labels)  # noqa: B023 - called within the same turn
            return named.mapped and bool(services[named.service].runbook)  # noqa: B023 - as above

        yield _share(
            id=f"runbook:{system}",
            source=system,
            target=RUNBOOKS,
            question="every alert has a runbook link",
            what="alerting rules have a runbook link",
            total=len(rules),
            missing=[rule.name for rule in rules if not has_book(rule)],
            reason=reason,
            remedy="annotate them with runbook_url, or give their service a runbook in the map",
            place=system,
        )
    if not systems:
        yield _unknown("runbook", "alerts", RUNBOOKS, "every alert has a runbook link", _NO_PROMETHEUS)


_naming = Memo(lambda setup: Naming(setup.map, setup.exporters))
"""Names by the declared map."""


def owned(board: Board) -> Iterable[Handshake]:
    """What nobody owns is looked at by nobody."""
    services = board.setup.map.services
    bare = [name for name, service in services.items() if not service.team]
    loose = sorted(
        {
            one.service or one.name
            for one in board.alerts.values()
            if one.state is State.FIRING and not one.dim and not team_of(board, one)
        }
    )
    question = "every service has an owner"
    if not services:
        yield _unknown("owner", SERVICES, OWNERS, question, "not known: there is no map", "cockpit map draft")
        return
    found = _share(
        id="owner",
        source=SERVICES,
        target=OWNERS,
        question=question,
        what="services have an owner",
        total=len(services),
        missing=bare,
        reason="",
        remedy="give them a team in the map",
    )
    if loose:
        seen = f"{found.seen}; firing without an owner: {few(loose)}"
        remedy = found.remedy or "add them to the map, or label their alerts with a team"
        found = Handshake(
            found.id, SERVICES, OWNERS, question, Condition.WARNING, seen, remedy, found.brief, found.place, found.check
        )
    yield found


def reached(board: Board) -> Iterable[Handshake]:
    """Every owner needs a way to be escalated to, and a channel."""
    known = board.setup.map
    owners = tuple(dict.fromkeys(one.team for one in known.services.values() if one.team))
    teams = known.teams
    ways = (
        (
            "escalation",
            ESCALATIONS,
            "an escalation",
            [one for one in owners if one not in teams or not (teams[one].escalation or teams[one].pagerduty)],
            "give them escalation or pagerduty under teams in the map",
        ),
        (
            "channel",
            CHANNELS,
            "a channel",
            [one for one in owners if one not in teams or not teams[one].slack],
            "give them slack under teams in the map",
        ),
    )
    for name, target, what, missing, remedy in ways:
        question = f"every owner has {what}"
        if not owners:
            why = "no service has an owner" if known.services else "there is no map"
            yield _unknown(name, OWNERS, target, question, f"not known: {why}", "cockpit map draft")
            continue
        yield _share(
            id=name,
            source=OWNERS,
            target=target,
            question=question,
            what=f"owners have {what}",
            total=len(owners),
            missing=missing,
            reason="",
            remedy=remedy,
        )


def on_call(board: Board) -> Iterable[Handshake]:
    """An escalation leads to somebody who is on call now."""
    teams = board.setup.map.teams
    with_policy = [name for name, team in teams.items() if team.pagerduty]
    for system in asked(board, Topic.ONCALL):
        yield _share(
            id=f"oncall:{system}",
            source=ESCALATIONS,
            target=system,
            question="every escalation policy has somebody on call",
            what="teams with a policy have somebody on call",
            total=len(with_policy),
            missing=[name for name in with_policy if not board.duties.get(name)],
            reason=silent(board, system, Topic.ONCALL),
            remedy="see who is scheduled, and whether the map's pagerduty ids are those of escalation policies",
            place=system,
        )


def _unknown(id: str, source: str, target: str, question: str, why: str, remedy: str = "") -> Handshake:  # noqa: A002 - as the field is called
    return Handshake(id, source, target, question, Condition.UNKNOWN, why, remedy)


def _share(
    *,
    id: str,  # noqa: A002 - as the field is called
    source: str,
    target: str,
    question: str,
    what: str,
    total: int,
    missing: Sequence[str],
    reason: str,
    remedy: str,
    place: str = "map",
) -> Handshake:
    """Return a handshake of a whole of which some lack something."""
    if reason or not total:
        why = f"not known: {reason or 'there is nothing to look at yet'}"
        return Handshake(id, source, target, question, Condition.UNKNOWN, why, place=place)
    names = list(dict.fromkeys(missing))
    seen = f"{of(total - len(missing), total)} {what}" + (f"; without: {few(names)}" if names else "")
    return Handshake(
        id,
        source,
        target,
        question,
        Condition.WARNING if missing else Condition.WORKS,
        seen,
        remedy if missing else "",
        of(total - len(missing), total),
        place,
    )
