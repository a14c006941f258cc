"""Calls that go round."""

from itertools import pairwise

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.topology.cycles import find_cycles

_NAMES = [f"s{number}" for number in range(12)]
_CALLS = st.fixed_dictionaries({name: st.lists(st.sampled_from(_NAMES), max_size=3, unique=True) for name in _NAMES})


@settings(max_examples=100, deadline=None)
@given(_CALLS)
def test_each_knot_has_one_shortest_cycle(calls: dict[str, list[str]]) -> None:
    """Of services that reach one another there is one cycle, through the first of them, and no shorter one."""
    order = list(calls)
    cycles = find_cycles(calls)
    graph = nx.DiGraph([(name, target) for name, targets in calls.items() for target in targets])
    knots = [knot for knot in nx.strongly_connected_components(graph) if len(knot) > 1 or _calls_itself(calls, knot)]
    assert sorted(cycle[0] for cycle in cycles) == sorted(min(knot, key=order.index) for knot in knots)
    assert [cycle[0] for cycle in cycles] == sorted((cycle[0] for cycle in cycles), key=order.index)
    for cycle in cycles:
        assert all(after in calls[before] for before, after in pairwise((*cycle, cycle[0])))
        assert len(set(cycle)) == len(cycle)
        ways = (
            nx.shortest_path_length(graph, target, cycle[0])
            for target in calls[cycle[0]]
            if target in graph and nx.has_path(graph, target, cycle[0])
        )
        assert len(cycle) == min(ways) + 1


def _calls_itself(calls: dict[str, list[str]], knot: set[str]) -> bool:
    return any(name in calls[name] for name in knot)


def test_a_long_round_of_calls_is_found() -> None:
    """A cycle through thousands of services is found as well as a short one."""
    calls = {f"s{number}": [f"s{(number + 1) % 5000}"] for number in range(5000)}
    assert find_cycles(calls) == (tuple(calls),)
