"""Everything that is known of one team or one tool, as lines: what Enter shows on those layers of the map."""

from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo

from cockpit.board.state import Board
from cockpit.model.alert import State
from cockpit.model.drawing import Glyphs, Line, Role, Span
from cockpit.model.handshake import WORST_FIRST, Condition, Handshake
from cockpit.model.health import Health, ServiceHealth
from cockpit.model.reading import SystemState, Topic
from cockpit.model.topology import Service, Team
from cockpit.model.walk import Layer
from cockpit.slices.layers import names_of_teams, names_of_tools
from cockpit.spans import clock_time
from cockpit.text import listed, one_line
from cockpit.topology.graph import topology_of
from cockpit.topology.paint.marks import mark
from cockpit.topology.teammap import UNHEARD, UNOWNED, UNREACHED
from cockpit.triage.handshakes import handshakes

_LABEL = 13
_LISTED = 40
_BESIDES = {
    Topic.HOPS: "calls",
    Topic.MEASURES: "measures",
    Topic.PLACES: "places",
    Topic.STATUS: "status pages",
    Topic.ONCALL: "on call",
}
"""What is told of systems by nobody else where it fails, as it is called there."""
_ROLES = {
    Condition.FAILS: Role.FIRING,
    Condition.WARNING: Role.WARNING,
    Condition.UNKNOWN: Role.UNKNOWN,
    Condition.WORKS: Role.FINE,
}


def known(board: Board, layer: Layer, name: str, now: datetime, zone: tzinfo, glyphs: Glyphs) -> tuple[Line, ...]:
    """Return everything known of a team or a tool; one line where there is no such one any more.

    Args:
        board: What is known, its map that of services.
        layer: Teams or tools.
        name: What it is called there.
        now: The present.
        zone: In which moments are told.
        glyphs: The glyph set.
    """
    lines = tuple(
        _tool(board, name, now, zone, glyphs) if layer is Layer.TOOLS else _team(board, name, now, zone, glyphs)
    )
    return lines or ((Span(f"{name} is no longer known", Role.DIM),),)


def _pair(name: str, value: str, role: Role = Role.PLAIN) -> Line:
    return (Span(f"{name:<{_LABEL - 1}} ", Role.KEY), Span(value, role))


def _head(text: str) -> tuple[Line, Line]:
    return (), (Span(text, Role.TITLE),)


def _glyph(condition: Condition, glyphs: Glyphs) -> str:
    return {
        Condition.FAILS: glyphs.firing,
        Condition.WARNING: glyphs.warning,
        Condition.UNKNOWN: glyphs.unknown,
        Condition.WORKS: glyphs.fine,
    }[condition]


def handshake_lines(found: Iterable[Handshake], glyphs: Glyphs) -> Iterator[Line]:
    """Give the lines of some handshakes, the worst first: state and question, what was seen, what to do."""
    for one in sorted(found, key=lambda one: WORST_FIRST.index(one.condition)):
        role = _ROLES[one.condition]
        yield (Span(f"{_glyph(one.condition, glyphs)} {one.condition.value:<{_LABEL - 3}} ", role), Span(one.question))
        seen = one.seen.removeprefix("not known: ")
        yield _pair("", seen, Role.DIM)
        if one.remedy:
            yield _pair("", f"to do: {one.remedy}", Role.STRONG)


def _tool(board: Board, name: str, now: datetime, zone: tzinfo, glyphs: Glyphs) -> Iterator[Line]:
    names = names_of_tools(board)
    found = [one for one in handshakes(board) if name in {names.of(one.source), names.of(one.target)}]
    systems = [one for one in board.systems.values() if names.of(one.name) == name]
    declared = name in names.declared
    if not (found or systems or declared):
        return
    yield _pair("tool", name, Role.STRONG)
    yield _pair("known by", "the map" if declared else "the configuration" if systems else "what was seen")
    if not systems:
        yield _pair("state", "not asked: no system of that name or kind is configured", Role.UNKNOWN)
    for system in systems:
        yield from _system(system, now, zone)
        yield from _besides(board, system, now, zone)
    ways = (
        ("It is told", [one for one in found if one.target and names.of(one.target) == name]),
        ("It tells", [one for one in found if one.target and names.of(one.source) == name]),
        ("Of itself", [one for one in found if not one.target]),
    )
    for title, some in ways:
        if some:
            yield from _head(title)
            yield from handshake_lines(some, glyphs)


def _system(system: SystemState, now: datetime, zone: tzinfo) -> Iterator[Line]:
    answered = f", answered {clock_time(system.answered, zone, today=now)}" if system.answered is not None else ""
    kind = "" if system.kind == system.name else f"{system.kind}, "
    yield _pair("system", f"{system.name}, {kind}{system.state.value}{answered}")
    if system.error:
        since = clock_time(system.failing_since, zone, today=now) if system.failing_since is not None else ""
        yield _pair("error", f"{system.error}{f', since {since}' if since else ''}", Role.WARNING)
    for peer in system.peers:
        if len(system.peers) > 1 or not peer.up:
            yield _pair("peer", f"{peer.address} {'answers' if peer.up else peer.error or 'does not answer'}")


def _besides(board: Board, system: SystemState, now: datetime, zone: tzinfo) -> Iterator[Line]:
    """Give what a system does not answer, or not in full, of what only adds to the picture: it is not ill by that."""
    for topic, about in _BESIDES.items():
        failure, reading = board.failures.get((system.name, topic)), board.readings.get((system.name, topic))
        if failure is not None and system.error != failure.error:
            since = clock_time(board.failing.get((system.name, topic), failure.at), zone, today=now)
            yield _pair(
                about, f"not answered since {since}: {one_line(failure.error or 'no reason given')}", Role.WARNING
            )
        elif failure is None and reading is not None and reading.error and system.error != reading.error:
            yield _pair(about, f"not in full: {one_line(reading.error)}", Role.WARNING)


def _team(board: Board, name: str, now: datetime, zone: tzinfo, glyphs: Glyphs) -> Iterator[Line]:
    names = names_of_teams(board)
    team = next((one for one, node in names.teams.items() if node == name), None)
    services = [one for one in board.map.services.values() if names.of(one.team) == name]
    if team is None and not (name == UNOWNED and services):
        yield from _way(board, name)
        return
    yield _pair("team", name, Role.STRONG)
    if team is not None:
        yield from _reached(board, board.map.teams.get(team, Team(team)), declared=team in board.map.teams)
    own = {one.name for one in services}
    yield from _firing(board, own, now, zone)
    yield from _head(f"{len(services):,} service{'s'[: len(services) != 1]}")
    states = board.health
    order = sorted(services, key=lambda one: _badness(states.get(one.name)))
    for service in order[:_LISTED]:
        yield (
            mark(states, service.name, glyphs),
            Span(f" {service.name}  "),
            Span(_says(states.get(service.name)), Role.DIM),
        )
    if len(order) > _LISTED:
        yield (Span(f"and {len(order) - _LISTED:,} more", Role.DIM),)
    yield from _calls(board, services)
    changes = [one for one in board.changes if one.service in own]
    if changes:
        yield from _head("Changes in the window")
        for change in changes[:_LISTED]:
            at = clock_time(change.began, zone, today=now)
            yield (Span(f"{at:<{_LABEL - 1}} ", Role.KEY), Span(f"{change.name} {change.version} {change.kind}"))


def _reached(board: Board, team: Team, *, declared: bool) -> Iterator[Line]:
    if not declared:
        yield _pair("known by", "its services; it is not under teams in the map", Role.WARNING)
    on_call = [duty.person for duty in board.duties.get(team.name, ())]
    if team.escalation:
        yield _pair("escalation", team.escalation)
    elif not team.pagerduty:
        yield _pair("escalation", "none in the map: nobody to escalate to", Role.WARNING)
    if team.pagerduty:
        yield _pair("pagerduty", team.pagerduty)
    yield _pair(
        "on call",
        listed(on_call) if on_call else f"not known: {_nobody(board)}",
        Role.PLAIN if on_call else Role.UNKNOWN,
    )
    yield _pair("channel", team.slack or "none in the map", Role.PLAIN if team.slack else Role.WARNING)
    if team.jira:
        yield _pair("jira", team.jira)


def _nobody(board: Board) -> str:
    """Return why it is not known who is on call."""
    asked = [one.name for one in board.setup.systems if Topic.ONCALL in one.topics]
    if not asked:
        return "nobody is asked"
    away = [name for name in asked if (name, Topic.ONCALL) not in board.readings]
    return f"{listed(away)} did not answer" if away else f"{listed(asked)} names nobody"


def _firing(board: Board, services: set[str], now: datetime, zone: tzinfo) -> Iterator[Line]:
    folds = [one for key, one in board.folds.items() if key.service in services and one.state is State.FIRING]
    if not folds:
        return
    yield from _head(f"{len(folds):,} firing")
    for fold in sorted(folds, key=lambda one: one.since)[:_LISTED]:
        count = f" ×{len(fold.alerts):,}" if len(fold.alerts) > 1 else ""
        since = clock_time(fold.since, zone, today=now)
        yield (
            Span(f"{since:<{_LABEL - 1}} ", Role.KEY),
            Span(f"{fold.key.name}{count} on {fold.key.service}", Role.FIRING),
        )


def _calls(board: Board, services: list[Service]) -> Iterator[Line]:
    """Give the calls that go to and come from services of other teams."""
    own = {one.name for one in services}
    topology, all_services, names = topology_of(board.map), board.map.services, names_of_teams(board)
    ways: tuple[tuple[str, list[tuple[str, str, str]]], ...] = (
        (
            "It needs",
            [
                (names.of(all_services[there].team), one, there)
                for one in own
                for there in topology.callees(one)
                if there not in own
            ],
        ),
        (
            "It is needed by",
            [
                (names.of(all_services[there].team), there, one)
                for one in own
                for there in topology.callers(one)
                if there not in own
            ],
        ),
    )
    for title, calls in ways:
        teams = dict.fromkeys(team for team, _, _ in sorted(calls))
        if teams:
            yield from _head(title)
        for team in teams:
            pairs = sorted({(caller, callee) for owner, caller, callee in calls if owner == team})
            said = ", ".join(f"{caller} calls {callee}" for caller, callee in pairs[:_LISTED])
            yield _pair(team, said) if len(team) < _LABEL else (Span(f"{team}  ", Role.KEY), Span(said))


def _way(board: Board, name: str) -> Iterator[Line]:
    """Give what an escalation, a channel or a project is: whose it is."""
    names = names_of_teams(board)
    for team, node in names.teams.items():
        known_team = board.map.teams.get(team, Team(team))
        ways = (
            ("escalation", known_team.escalation),
            ("pagerduty", known_team.pagerduty),
            ("slack", known_team.slack),
            ("jira", known_team.jira),
        )
        for kind, text in ways:
            if text and names.end(kind, text) == name:
                yield _pair(kind, f"{text} of {node}")
        if name == UNREACHED and not (known_team.escalation or known_team.pagerduty):
            yield _pair("missing", f"{node} has no escalation; give it one under teams in the map", Role.WARNING)
        if name == UNHEARD and not known_team.slack:
            yield _pair("missing", f"{node} has no channel; give it slack under teams in the map", Role.WARNING)


def _badness(state: ServiceHealth | None) -> int:
    return tuple(Health).index(Health.UNKNOWN if state is None else state.health)


def _says(state: ServiceHealth | None) -> str:
    if state is None or state.health is Health.UNKNOWN:
        return "not watched"
    said = [f"{state.firing:,} firing"] if state.firing else [state.health.value.replace("-", " ")]
    if state.error_share is not None and not state.why:
        said.append(f"{state.error_share:.1%} failing")
    return ", ".join((*said, *state.why))
