"""What leads where, and how much of it is kept."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.topology.graph import Topology, topology_of
from cockpit.topology.reach import Reach
from tests.maps import generated
from tests.unit.topology.maps import map_of, random_maps


def test_the_nearest_come_first_over_all_kinds_of_steps() -> None:
    """What is one step away stands in front of what is two, whichever mapping leads there; a cycle ends."""
    reach = Reach({"a": ("b", "c"), "b": ("a", "d")}, {"a": ("host",), "c": ("d",)})
    assert reach.of("a") == ("b", "c", "host", "d")
    assert reach.of("d") == ()


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=4)), st.data())
def test_no_more_is_kept_than_is_allowed(steps: dict[str, list[str]], data: st.DataObject) -> None:
    """However many services are asked for, the kept names stay within their bound, and the answers right."""
    edges = {name: tuple(names) for name, names in steps.items()}
    reach = Reach(edges, most=8)
    for name in data.draw(st.lists(st.sampled_from("abcdef"), max_size=20)):
        assert reach.of(name) == Reach(edges).of(name)
        assert reach.kept <= 8


@settings(max_examples=60, deadline=None)
@given(random_maps().map(Topology))
def test_entries_of_a_service_are_those_of_its_blast_radius(topology: Topology) -> None:
    """The entry points that feel a failure are told alone as they are with the blast radius."""
    for name in topology.map.services:
        assert topology.entries_of(name) == topology.blast(name).entries
        assert set(topology.entries_of(name)) <= {name, *topology.all_callers(name)}


def test_a_long_line_of_calls_is_a_chain() -> None:
    """The calls from an entry point through a service are followed to their end, however far it is."""
    line = {f"s{number}": [f"s{number + 1}"] for number in range(2_000)} | {"s2000": []}
    chain = Topology(map_of(line, entry=["s0"])).chain("s5")
    assert [step.service for step in chain.steps] == list(line)


def test_the_graphs_of_the_maps_in_use_are_kept() -> None:
    """Two large maps that are asked for by turns keep their graphs, others make room for them."""
    one, two = generated(4_000).map, generated(4_100).map
    first, second = topology_of(one), topology_of(two)
    for _ in range(3):
        assert topology_of(map_of({"a": []})) is not None
        assert topology_of(one) is first
        assert topology_of(two) is second
    assert topology_of(generated(4_200).map) is not None
    assert topology_of(one) is not first
