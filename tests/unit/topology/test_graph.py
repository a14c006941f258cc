"""Who calls whom, what feels a failure, and the chain that shows a service."""

import subprocess
import sys

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.model.topology import NO_MAP, IntegrationMap
from cockpit.topology.graph import Blast, Topology, topology_of
from tests.unit.topology.maps import NAMES, map_of, random_maps

SHOP = topology_of(
    map_of(
        {
            "ui": ["auth", "payment"],
            "mobile": ["payment"],
            "auth": [],
            "payment": ["order", "bank"],
            "order": ["ledger"],
            "bank": [],
            "ledger": ["deep"],
            "deep": [],
            "pool": [],
            "alone": [],
        },
        entry=["ui", "mobile"],
        journeys={"checkout": ["ui", "auth", "payment", "order"], "small": ["payment"]},
        runs_on={"payment": ["pool"]},
    )
)


def test_neighbours_come_in_the_map_s_order() -> None:
    """Callers and callees are the calls of the map; what a service runs on is told apart from them."""
    assert SHOP.callers("payment") == ("ui", "mobile")
    assert SHOP.callees("payment") == ("order", "bank")
    assert SHOP.runs_on("payment") == ("pool",)
    assert SHOP.hosted("pool") == ("payment",)
    assert SHOP.callees("nobody") == SHOP.callers("nobody") == SHOP.all_callees("nobody") == ()


def test_blast_radius() -> None:
    """A failure is felt by transitive callers, the entry points among them, and the journeys that contain it."""
    assert SHOP.blast("payment") == Blast(("ui", "mobile"), ("ui", "mobile"), ("checkout", "small"), ())
    assert SHOP.blast("pool").callers == ("payment", "ui", "mobile")
    assert SHOP.blast("pool").journeys == ()
    assert SHOP.blast("pool").journeys_through == ("checkout", "small")
    assert SHOP.blast("ui") == Blast((), ("ui",), ("checkout",), ())


def test_a_chain_is_the_heaviest_journey_with_the_focus() -> None:
    """Of several journeys with the focus the heaviest is shown, and steps that call the next are told from order."""
    chain = SHOP.chain("payment")
    assert chain.journey == "checkout"
    assert [(step.service, step.calls_next) for step in chain.steps] == [
        ("ui", True),
        ("auth", False),
        ("payment", True),
        ("order", False),
    ]


def test_a_neighbour_of_a_journey_is_shown_with_it() -> None:
    """A callee, a caller and a host of a step are shown beside the journey."""
    assert {SHOP.chain(name).journey for name in ("bank", "mobile", "pool", "ledger")} == {"checkout"}


def test_without_a_journey_the_chain_is_calls_from_an_entry_point() -> None:
    """A service away from every journey is shown on the calls that lead to it, and on to the end."""
    chain = SHOP.chain("deep")
    assert chain.journey is None
    assert [step.service for step in chain.steps] == ["ui", "payment", "order", "ledger", "deep"]
    assert [step.service for step in SHOP.chain("alone").steps] == ["alone"]


def test_a_service_that_is_not_known_gets_the_heaviest_journey() -> None:
    """No focus, or one that the map does not know, shows the heaviest journey; no map shows nothing."""
    assert SHOP.chain("").journey == SHOP.chain("who").journey == "checkout"
    assert topology_of(NO_MAP).chain("who").steps == ()


def test_the_graph_is_made_once_for_a_map() -> None:
    """The same map gets the same graph, an equal one gets its own, and old ones do not pile up."""
    source = map_of({"a": []})
    assert topology_of(source) is topology_of(source)
    assert topology_of(map_of({"a": []})) is not topology_of(source)


def test_the_networkx_graph_tells_calls_from_hosts() -> None:
    """The graph has every service, every call and every host."""
    graph = SHOP.digraph
    assert set(graph) == set(SHOP.map.services)
    assert graph.edges["payment", "order"]["kind"] == "calls"
    assert graph.edges["payment", "pool"]["kind"] == "runs_on"


@settings(max_examples=100, deadline=None)
@given(random_maps(), st.sampled_from(NAMES))
def test_walks_agree_with_networkx(source: IntegrationMap, focus: str) -> None:
    """Transitive callers and callees are the ancestors and descendants of the graph, cycles and all."""
    topology = Topology(source)
    if focus not in topology:
        assert topology.blast(focus).callers == ()
        return
    assert set(topology.all_callers(focus)) == nx.ancestors(topology.digraph, focus)
    assert set(topology.all_callees(focus)) == nx.descendants(topology.digraph, focus)


@settings(max_examples=100, deadline=None)
@given(random_maps(), st.sampled_from(NAMES))
def test_a_chain_says_only_what_the_map_says(source: IntegrationMap, focus: str) -> None:
    """A chain is a journey or a way of calls; every step that is said to call the next does; it is the same again."""
    topology = Topology(source)
    chain = topology.chain(focus)
    assert chain == Topology(source).chain(focus)
    assert chain.steps
    for step, after in zip(chain.steps, chain.steps[1:], strict=False):
        assert step.calls_next == (after.service in topology.callees(step.service))
    if chain.journey is not None:
        assert tuple(step.service for step in chain.steps) == source.journeys[chain.journey]
    else:
        assert all(step.calls_next for step in chain.steps[:-1])
        assert len({step.service for step in chain.steps}) == len(chain.steps)


@settings(max_examples=100, deadline=None)
@given(random_maps())
def test_a_cycle_is_told_for_each_knot(source: IntegrationMap) -> None:
    """There is one cycle for each knot of services, and each is a way of calls back to its begin."""
    topology = Topology(source)
    graph = nx.DiGraph([(hop.caller, hop.callee) for one in source.services.values() for hop in one.calls])
    knots = [knot for knot in nx.strongly_connected_components(graph) if graph.subgraph(knot).number_of_edges()]
    cycles = topology.cycles()
    assert sorted(map(sorted, knots)) == sorted(
        sorted(next(knot for knot in knots if one[0] in knot)) for one in cycles
    )
    for cycle in cycles:
        assert all(after in topology.callees(name) for name, after in zip(cycle, (*cycle[1:], cycle[0]), strict=True))


def test_loading_naming_and_walking_do_without_networkx() -> None:
    """A map without cycles is read, walked and painted without networkx, and importing these loads no YAML."""
    program = """
import sys
import cockpit.topology.graph, cockpit.topology.load, cockpit.topology.naming, cockpit.topology.paint.chain
assert not {"yaml", "networkx", "promql_parser"} & set(sys.modules)
from cockpit.model.drawing import UNICODE
from cockpit.model.sights import NO_SIGHTS
source, problems = cockpit.topology.load.load_map(cockpit.topology.load.find_map("checkout"))
topology = cockpit.topology.graph.topology_of(source)
topology.all_callers("payment"), topology.blast("payment")
cockpit.topology.paint.chain.paint_chain(topology, "payment", 80, 6, UNICODE, NO_SIGHTS)
assert "networkx" not in sys.modules and not problems
"""
    subprocess.run([sys.executable, "-c", program], check=True)
