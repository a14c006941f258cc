"""The map's teams as a map of their own: who needs whom, how each is escalated to, and where each is written to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cockpit.model.health import Health, ServiceHealth
from cockpit.model.measure import Measure
from cockpit.model.reading import Duty
from cockpit.model.topology import Hop, IntegrationMap, Provenance, Service, Team
from cockpit.text import listed
from cockpit.topology.layers import Drawable, worse
from cockpit.topology.names import normal

UNOWNED = "no owner"
"""What stands for the team of services that have none."""
UNREACHED = "no escalation"
"""Where teams lead that have none."""
UNHEARD = "no channel"
"""Where teams lead that have none."""

_NAMED = 3
"""People that a hop names."""


@dataclass(slots=True)
class _Needs:
    """What one team has of another."""

    calls: list[Hop] = field(default_factory=list)
    escalates: bool = False


@dataclass(frozen=True, slots=True)
class TeamNames:
    """What teams and how they are reached are called in the drawing: no two things the same."""

    teams: Mapping[str, str]
    """Node by team; a team that would be taken for one of our own words is told apart."""
    taken: frozenset[str]
    """Names that are no ends."""
    spelled: Mapping[str, str]
    """Node by team, as names are compared."""

    def of(self, team: str | None) -> str:
        """Return what a team is called; without one, that there is no owner."""
        return self.teams.get(team, team) if team else UNOWNED

    def end(self, kind: str, text: str) -> str:
        """Return what an escalation, a channel or a project is called."""
        name = text if kind == "escalation" or text.startswith("#") else f"{kind} {text}"
        while name in self.taken:
            name = f"{kind} {name}"
        return name


def team_names(source: IntegrationMap) -> TeamNames:
    """Return what the teams of a map are called, declared ones first, then those that only services name."""
    teams = dict.fromkeys((*source.teams, *(one.team for one in source.services.values() if one.team)))
    own = {UNOWNED, UNREACHED, UNHEARD}
    nodes = {team: f"team {team}" if team in own else team for team in teams if team}
    return TeamNames(nodes, frozenset({*nodes.values(), *own}), {normal(team): node for team, node in nodes.items()})


def team_map(
    source: IntegrationMap,
    states: Mapping[str, ServiceHealth],
    measures: Mapping[tuple[str, str], Measure],
    duties: Mapping[str, tuple[Duty, ...]],
) -> Drawable:
    """Return the teams of a map as a map: hops where one's services call another's, and how each is reached.

    A team does as the worst of its services. What is missing is drawn: a team without escalation leads to one node that
    says so.

    Args:
        source: The map of services.
        states: Health by service.
        measures: What is measured on calls, by caller and callee.
        duties: Who is on call by team, first level first.
    """
    if not (source.teams or source.services):
        return Drawable(IntegrationMap())
    names = team_names(source)
    owned: dict[str, list[Service]] = {node: [] for node in names.teams.values()}
    for service in source.services.values():
        owned.setdefault(names.of(service.team), []).append(service)
    needs = _needs(source, names)
    ends: dict[str, ServiceHealth] = {}
    ways: dict[str, dict[str, str]] = {node: {} for node in owned}
    for team, node in names.teams.items():
        known = source.teams.get(team, Team(team))
        known_duties = duties.get(team, ())
        on_call = tuple(duty.person for duty in known_duties if duty.level == known_duties[0].level)
        for end, says, health in _reached(known, names, on_call):
            if end in owned:
                needs.setdefault((node, end), _Needs()).escalates = True
            else:
                known_as = ways[node].get(end)
                ways[node][end] = f"{known_as}, {says}" if known_as else says
                ends[end] = _end(end, worse(health, ends[end].health) if end in ends else health)
    calls = {node: [Hop(node, end, says=says) for end, says in found.items()] for node, found in ways.items()}
    for (one, other), need in needs.items():
        calls[one].append(Hop(one, other, says=_said(need), provenance=_provenance(need.calls)))
    needed = {other for one, other in needs if one != other}
    services = {
        node: Service(node, calls=tuple(calls[node]), weight=sum(one.weight for one in owned[node]) or 1.0)
        for node in owned
    }
    services |= {end: Service(end) for end in ends}
    return Drawable(
        IntegrationMap(
            name="teams", entry=tuple(node for node in owned if owned[node] and node not in needed), services=services
        ),
        {**{node: _team(node, services, states) for node, services in owned.items()}, **ends},
        {pair: found for pair, need in needs.items() if (found := _joined(need.calls, measures)) is not None},
    )


def _needs(source: IntegrationMap, names: TeamNames) -> dict[tuple[str, str], _Needs]:
    """Return the calls between services of different teams, by the two teams."""
    needs: dict[tuple[str, str], _Needs] = {}
    for service in source.services.values():
        one = names.of(service.team)
        for hop in service.calls:
            callee = source.services.get(hop.callee)
            other = names.of(callee.team if callee is not None else None)
            if callee is not None and other != one:
                needs.setdefault((one, other), _Needs()).calls.append(hop)
    return needs


def _reached(team: Team, names: TeamNames, on_call: tuple[str, ...]) -> Iterable[tuple[str, str, Health]]:
    """Give each way to reach a team: where it leads, what it is, and how far it is known to work."""
    people = listed((*on_call[:_NAMED],)) if on_call else ""
    escalates = f"escalates, {people} on call" if people else "escalates"
    watched = Health.FINE if on_call else Health.UNKNOWN
    ways = [team.escalation] if team.escalation else []
    if ways:
        other = names.spelled.get(normal(ways[0]))
        if other is None or other == names.of(team.name):
            other = names.end("escalation", ways[0])
        yield other, escalates, watched
    if team.pagerduty:
        yield names.end("pagerduty", team.pagerduty), escalates if not ways else "policy", watched
    if not (ways or team.pagerduty):
        yield UNREACHED, "missing", Health.WARNING
    if team.slack:
        yield names.end("slack", team.slack), "channel", Health.UNKNOWN
    else:
        yield UNHEARD, "missing", Health.WARNING
    if team.jira:
        yield names.end("jira", team.jira), "tickets", Health.UNKNOWN


def _end(name: str, health: Health) -> ServiceHealth:
    missing = ("a team has none",) if health is Health.WARNING else ()
    return ServiceHealth(name, health, watched=health is not Health.UNKNOWN, why=missing)


def _said(need: _Needs) -> str:
    count = len(need.calls)
    words = [f"{count:,} call{'s'[: count != 1]}"] if count else []
    return ", ".join((*words, "escalates") if need.escalates else words)


def _provenance(calls: Iterable[Hop]) -> Provenance:
    """Return how it is known that one team needs another: by the surest of its calls."""
    known = {hop.provenance for hop in calls}
    return next((one for one in Provenance if one in known), Provenance.DECLARED)


def _team(node: str, services: Iterable[Service], states: Mapping[str, ServiceHealth]) -> ServiceHealth:
    """Return how a team does: as the worst of its services, with the alerts of all."""
    known = [states[one.name] for one in services if one.name in states]
    health = Health.UNKNOWN
    for state in known:
        health = worse(health, state.health)
    failing = [state.error_share for state in known if state.health is health and state.error_share is not None]
    return ServiceHealth(
        node,
        health,
        firing=sum(state.firing for state in known),
        pending=sum(state.pending for state in known),
        error_share=max(failing, default=None),
        watched=any(state.watched for state in known),
        suspect=any(state.suspect for state in known),
        why=tuple(dict.fromkeys(reason for state in known for reason in state.why)),
    )


def _joined(calls: Iterable[Hop], measures: Mapping[tuple[str, str], Measure]) -> Measure | None:
    """Return what is measured on several calls together: their rates, and the failing share among all requests."""
    found = [one for hop in calls if (one := measures.get((hop.caller, hop.callee))) is not None]
    fresh = [one for one in found if one.stale_s is None]
    rated = [one for one in fresh if one.rate is not None]
    if not fresh:
        return None
    rate = sum(one.rate or 0.0 for one in rated) if rated else None
    shares = [(one.rate or 0.0, one.error_share) for one in rated if one.error_share is not None]
    total = sum(weight for weight, _ in shares)
    share = sum(weight * part for weight, part in shares) / total if total else None
    return Measure(error_share=share, rate=rate, at=fresh[0].at, system=fresh[0].system)
