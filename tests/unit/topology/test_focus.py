"""What a drawing is about: chosen best-first around one service, with everything left out counted beside it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.model.health import Health, ServiceHealth
from cockpit.model.topology import IntegrationMap
from cockpit.topology.focus import Focus, Stub, choose
from cockpit.topology.graph import Topology
from tests.unit.topology.maps import NAMES, health, map_of, random_maps, random_states


def test_a_small_map_is_shown_whole() -> None:
    """At as many services as may be shown nothing is left out, whatever nothing connects with the centre included."""
    topology = Topology(map_of({"ui": ["api"], "api": ["db", "ui"], "db": [], "alone": []}))
    focus = choose(topology, "api", {})
    assert focus.services[0] == "api"
    assert set(focus.services) == {"ui", "api", "db", "alone"}
    assert set(focus.hops) == {("ui", "api"), ("api", "db"), ("api", "ui")}
    assert (focus.callers_hidden, focus.callees_hidden, focus.elsewhere) == ({}, {}, 0)


def test_what_is_left_out_is_counted_beside_its_neighbours() -> None:
    """Callers and callees are counted apart, and the firing ones among them."""
    calls = {"hub": [f"to-{number}" for number in range(30)], **{f"to-{number}": [] for number in range(30)}}
    calls |= {f"from-{number}": ["hub"] for number in range(20)}
    states = health(**{f"to_{number}": "firing" for number in range(6)})
    focus = choose(Topology(map_of(calls)), "hub", states, limit=5)
    assert focus.services[0] == "hub"
    assert all(name in states for name in focus.services[1:])
    assert focus.callees_hidden["hub"] == Stub(26, 2)
    assert focus.callers_hidden["hub"] == Stub(20, 0)


def test_a_firing_service_far_away_shows_at_its_nearest_neighbour() -> None:
    """It is counted once, at the drawn service nearest to it, on the side on which it lies."""
    calls = {"a": ["b"], "b": ["c"], "c": ["d"], "d": ["e"], "e": []}
    focus = choose(Topology(map_of(calls)), "a", health(e="firing"), depth=1)
    assert set(focus.services) == {"a", "b"}
    assert focus.callees_hidden == {"b": Stub(1, 1)}
    upwards = choose(Topology(map_of(calls)), "e", health(a="firing"), depth=1)
    assert upwards.callers_hidden == {"d": Stub(1, 1)}


def test_a_firing_service_that_nothing_connects_is_counted_apart() -> None:
    """Where no way leads there is no neighbour that could tell of it."""
    topology = Topology(map_of({**{f"s{number}": [] for number in range(9)}, "a": ["b"], "b": []}))
    focus = choose(topology, "a", health(s3="firing", s4="firing"), limit=4)
    assert focus.services == ("a", "b")
    assert focus.elsewhere == 2


def test_a_fold_hides_what_only_it_calls() -> None:
    """What another way leads to stays, and the rest is counted at the fold."""
    topology = Topology(map_of({"ui": ["api", "db"], "api": ["db", "queue"], "db": [], "queue": []}))
    focus = choose(topology, "ui", {}, folded=frozenset({"api"}))
    assert set(focus.services) == {"ui", "api", "db"}
    assert focus.callees_hidden == {"api": Stub(1, 0)}
    assert ("api", "db") in focus.hops


def test_the_way_to_a_firing_service_near_is_chosen_before_fine_neighbours() -> None:
    """The focus leads towards what fires, though other services are nearer."""
    calls = {"ui": [*(f"fine-{number}" for number in range(40)), "way"], "way": ["on"], "on": ["fire"], "fire": []}
    calls |= {f"fine-{number}": [] for number in range(40)}
    focus = choose(Topology(map_of(calls)), "ui", health(fire="firing"), limit=8)
    assert {"way", "on", "fire"} <= set(focus.services)


def test_the_same_question_is_answered_once() -> None:
    """The same graph and the same health give the same focus object; other health is looked at anew."""
    topology = Topology(map_of({"ui": ["api"], "api": []}))
    states = health(api="firing")
    assert choose(topology, "ui", states) is choose(topology, "ui", states)
    assert choose(topology, "ui", states, limit=1).callees_hidden == {"ui": Stub(1, 1)}
    assert choose(topology, "ui", {}, limit=1).callees_hidden == {"ui": Stub(1, 0)}


def test_an_unknown_centre_shows_the_heaviest_chain() -> None:
    """It is kept as the centre, and stands not among the services."""
    topology = Topology(map_of({"ui": ["api"], "api": []}, journeys={"buy": ["ui", "api"]}))
    focus = choose(topology, "stranger", {})
    assert focus.centre == "stranger"
    assert set(focus.services) == {"ui", "api"}
    assert choose(Topology(IntegrationMap()), "stranger", {}) == Focus("stranger")


@settings(max_examples=100, deadline=None)
@given(
    random_maps(),
    random_states(),
    st.sampled_from(NAMES),
    st.integers(1, 12),
    st.one_of(st.none(), st.integers(0, 4)),
    st.frozensets(st.sampled_from(NAMES), max_size=3),
)
def test_every_call_is_among_the_hops_or_counted(
    source: IntegrationMap,
    states: dict[str, ServiceHealth],
    centre: str,
    limit: int,
    depth: int | None,
    folded: frozenset[str],
) -> None:
    """Whatever is chosen, no call of a chosen service and no firing service of the map goes missing."""
    topology = Topology(source)
    focus = choose(topology, centre, states, limit=limit, depth=depth, folded=folded)
    drawn = set(focus.services)
    assert len(drawn) == len(focus.services) <= limit
    assert drawn
    if centre in topology:
        assert focus.services[0] == centre
    firing = {name for name, state in states.items() if state.health is Health.FIRING and name in topology} - drawn
    assert set(focus.hops) == {(one, to) for one in drawn for to in topology.callees(one) if to in drawn}
    told = focus.elsewhere
    for stubs, near in ((focus.callers_hidden, topology.callers), (focus.callees_hidden, topology.callees)):
        for name in focus.services:
            hidden = set(near(name)) - drawn
            stub = stubs.get(name, Stub())
            assert stub.count == len(hidden)
            assert stub.firing >= len(hidden & firing)
            told += stub.firing
    assert told >= len(firing)
    assert focus == choose(topology, centre, dict(states), limit=limit, depth=depth, folded=folded)
