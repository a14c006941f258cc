"""Teams and tools as maps: nothing that is declared is missing or stands there twice, and nothing is called well unseen."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.model.drawing import ASCII, UNICODE, Glyphs, line_width
from cockpit.model.handshake import Condition, Handshake
from cockpit.model.health import Health, ServiceHealth
from cockpit.model.measure import Measure
from cockpit.model.reading import Duty, Liveness, SystemState
from cockpit.model.sights import Sights
from cockpit.model.topology import Hop, IntegrationMap, Service, Team, ToolHop
from cockpit.topology.focus import choose
from cockpit.topology.graph import topology_of
from cockpit.topology.layers import Drawable
from cockpit.topology.names import normal
from cockpit.topology.paint.chain import paint_chain
from cockpit.topology.paint.subway import paint_subway
from cockpit.topology.paint.tree import paint_tree
from cockpit.topology.teammap import UNHEARD, UNOWNED, UNREACHED, team_map
from cockpit.topology.toolmap import FEED, RUNBOOKS, tool_map

TOOLS = st.sampled_from(["prometheus", "Prometheus", "alertmanager", "pager.duty", "pager-duty", "slack", FEED, "名前"])
HOPS = st.lists(st.builds(ToolHop, TOOLS, TOOLS, st.sampled_from(["", "severity"])), max_size=8)
SYSTEMS = st.lists(
    st.builds(
        SystemState,
        st.sampled_from(["prometheus", "prom-eu", "am", "git"]),
        st.sampled_from(["prometheus", "alertmanager", "git"]),
        st.sampled_from(Liveness),
        st.none(),
        st.none(),
        st.none(),
        st.just(15.0),
    ),
    max_size=4,
    unique_by=lambda one: one.name,
)
SHAKES = st.lists(
    st.builds(
        Handshake,
        st.just("x"),
        st.sampled_from(["prometheus", "prom-eu", "am", "alertmanager", FEED]),
        st.sampled_from(["", "alertmanager", "am", "slack", RUNBOOKS, FEED]),
        st.just("does it?"),
        st.sampled_from(Condition),
        st.just("seen"),
        brief=st.sampled_from(["", "1 of 2"]),
    ),
    max_size=8,
)
"""Tools under names that are the same to us, systems by name and by kind, and whatever was judged."""


@given(hops=HOPS, systems=SYSTEMS, shakes=SHAKES)
@settings(max_examples=100, deadline=None)
def test_every_declared_tool_hop_is_there_once_with_a_state(
    hops: list[ToolHop], systems: list[SystemState], shakes: list[Handshake]
) -> None:
    """Whatever is declared is drawn exactly once, says its state, and works only where a handshake says so."""
    drawn = tool_map(hops, systems, shakes)
    found = [(normal(hop.caller), normal(hop.callee)) for one in drawn.map.services.values() for hop in one.calls]
    assert len(found) == len(set(found))
    assert {(normal(hop.source), normal(hop.target)) for hop in hops} <= set(found)
    for one in drawn.map.services.values():
        for hop in one.calls:
            assert hop.says.startswith(tuple(Condition))
            if hop.says.startswith(Condition.WORKS):
                assert any(shake.condition is Condition.WORKS for shake in shakes)
            assert ((hop.caller, hop.callee) in drawn.hops) == hop.says.startswith(Condition.FAILS)
    if not systems and not shakes:
        assert {state.health for state in drawn.states.values()} <= {Health.UNKNOWN}


def test_a_system_stands_under_the_name_that_the_map_gives_it() -> None:
    """Two Prometheis are one tool where the map knows the kind; what it does not know stands under its own name."""
    systems = [
        SystemState("prom-eu", "prometheus", Liveness.LIVE, None, None, None, 15.0),
        SystemState("prom-us", "prometheus", Liveness.DOWN, None, None, None, 15.0),
        SystemState("git", "git", Liveness.LIVE, None, None, None, 15.0),
    ]
    shakes = [
        Handshake("a", "prom-eu", "alertmanager", "q", Condition.WORKS, "s", brief="2 of 2"),
        Handshake("b", "prom-us", "alertmanager", "q", Condition.UNKNOWN, "s"),
    ]
    drawn = tool_map([ToolHop("prometheus", "alertmanager")], systems, shakes)
    assert list(drawn.map.services) == ["prometheus", "alertmanager", "git"]
    assert drawn.map.services["prometheus"].calls[0].says == "not known"
    assert drawn.states["prometheus"].health is Health.FIRING
    assert drawn.states["prometheus"].why == ("prom-us not answering",)
    assert drawn.states["alertmanager"].health is Health.UNKNOWN


OWNERS = st.sampled_from([None, "web", "pay", "no owner", "ops", "#ops"])
TEXTS = st.sampled_from([None, "#ops", "web", "pay", "PAY", "on call", "no channel"])


@st.composite
def owned_maps(draw: st.DrawFn) -> IntegrationMap:
    """Draw a map of up to eight services with any owners and calls, and teams that are reached in any way."""
    names = [f"s{number}" for number in range(draw(st.integers(0, 8)))]
    calls = st.lists(st.sampled_from(names), max_size=3, unique=True) if names else st.just([])
    services = {
        name: Service(name, team=draw(OWNERS), calls=tuple(Hop(name, callee) for callee in draw(calls)))
        for name in names
    }
    declared = draw(st.lists(st.sampled_from(["web", "pay", "ops"]), unique=True))
    teams = {name: Team(name, draw(TEXTS), draw(TEXTS), draw(TEXTS), draw(TEXTS)) for name in declared}
    return IntegrationMap("m", services=services, teams=teams)


@given(source=owned_maps(), data=st.data())
@settings(max_examples=100, deadline=None)
def test_every_team_is_there_and_as_bad_as_its_worst_service(source: IntegrationMap, data: st.DataObject) -> None:
    """Every team stands there once, firing services show at their team, and needs are calls between different teams."""
    states = {
        name: ServiceHealth(name, health, firing=int(health is Health.FIRING))
        for name in source.services
        if (health := data.draw(st.sampled_from(Health)))
    }
    drawn = team_map(source, states, {}, {})
    teams = {*source.teams, *(one.team for one in source.services.values() if one.team)}
    assert len(drawn.map.services) >= len(teams)
    for service in source.services.values():
        node = UNOWNED if not service.team else service.team if service.team in drawn.map.services else ""
        if service.team == UNOWNED:
            node = f"team {UNOWNED}"
        assert node in drawn.map.services
        assert list(Health).index(drawn.states[node].health) <= list(Health).index(states[service.name].health)
    assert sum(one.firing for one in drawn.states.values()) == sum(one.firing for one in states.values())
    for one in drawn.map.services.values():
        assert len({hop.callee for hop in one.calls}) == len(one.calls)
        assert all(hop.callee in drawn.map.services and hop.says for hop in one.calls)
    bare = [team for team in teams if not _has_escalation(source, team)]
    assert bool(bare) == any(hop.callee == UNREACHED for one in drawn.map.services.values() for hop in one.calls)


def _has_escalation(source: IntegrationMap, team: str) -> bool:
    known = source.teams.get(team)
    return known is not None and bool(known.escalation or known.pagerduty)


@given(source=owned_maps(), hops=HOPS, width=st.integers(40, 160), glyphs=st.sampled_from([UNICODE, ASCII]))
@settings(max_examples=60, deadline=None)
def test_the_same_painters_draw_them(source: IntegrationMap, hops: list[ToolHop], width: int, glyphs: Glyphs) -> None:
    """Chain, subway and tree take either layer, never wider than asked for."""
    for drawn in (team_map(source, {}, {}, {}), tool_map(hops, [], [])):
        if drawn.map.empty:
            continue
        topology, sights = topology_of(drawn.map), Sights(states=drawn.states, hops=drawn.hops)
        focus = choose(topology, next(iter(drawn.map.services)), drawn.states)
        for paint in (paint_chain, paint_subway, paint_tree):
            drawing = paint(topology, focus, width, None, glyphs, sights)
            assert all(line_width(line) <= width for line in drawing.lines)


def _shop() -> tuple[IntegrationMap, Drawable]:
    source = IntegrationMap(
        "m",
        services={
            "ui": Service("ui", team="web", calls=(Hop("ui", "payment"), Hop("ui", "order"))),
            "payment": Service("payment", team="pay", calls=(Hop("payment", "order"),)),
            "order": Service("order", team="pay"),
        },
        teams={
            "web": Team("web", slack="#web", escalation="pay"),
            "pay": Team("pay", pagerduty="PABC", slack="money", jira="PAY"),
        },
    )
    states = {"payment": ServiceHealth("payment", Health.FIRING, 2, error_share=0.4)}
    measures = {("ui", "payment"): Measure(0.5, rate=10.0), ("ui", "order"): Measure(0.0, rate=30.0)}
    return source, team_map(source, states, measures, {"pay": (Duty("PABC", "policy", "Robin"),)})


def test_who_needs_whom_and_how_each_is_reached() -> None:
    """Calls between teams are counted and measured together, an escalation to a team leads there, on call is named."""
    _, drawn = _shop()
    says = {(hop.caller, hop.callee): hop.says for one in drawn.map.services.values() for hop in one.calls}
    assert says == {
        ("web", "pay"): "2 calls, escalates",
        ("web", "#web"): "channel",
        ("pay", "pagerduty PABC"): "escalates, Robin on call",
        ("pay", "slack money"): "channel",
        ("pay", "jira PAY"): "tickets",
    }
    assert drawn.hops["web", "pay"] == Measure(error_share=0.125, rate=40.0)
    assert drawn.states["pay"].error_share == 0.4
    assert drawn.states["pagerduty PABC"].health is Health.FINE
    assert drawn.states["slack money"].health is Health.UNKNOWN


def test_what_is_missing_is_drawn() -> None:
    """A team without escalation and channel leads to nodes that say so, as warnings; services of nobody have a node."""
    source, _ = _shop()
    loose = {**source.services, "cron": Service("cron")}
    drawn = team_map(replace(source, services=loose, teams={}), {}, {}, {})
    assert {hop.callee for hop in drawn.map.services["web"].calls} == {"pay", UNREACHED, UNHEARD}
    assert drawn.states[UNREACHED].health is Health.WARNING
    assert drawn.map.services[UNOWNED].calls == ()
