"""What live systems tell of calls and places, on the board."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.board.state import Board, Expected
from cockpit.matchers import parse_matcher
from cockpit.model.measure import Measure
from cockpit.model.reading import HopsSeen, ObservedHop, Place, PlacesSeen, TargetsSeen, Topic
from cockpit.model.topology import Hop, IntegrationMap, Provenance, Service
from cockpit.topology.graph import topology_of
from cockpit.topology.names import normal
from tests.unit.board.world import AM, NOON, PROM, SHOP, World, report, secs

LIVE = replace(PROM, topics=(*PROM.topics, Topic.HOPS, Topic.PLACES, Topic.TARGETS))
"""A Prometheus that tells of calls."""
OTHER = Expected("mesh", "prometheus", (Topic.HOPS,), 60.0)
"""Another one."""


def called(
    caller: str, callee: str, rate: float | None = 1.0, seen: datetime | None = NOON, **said: Any
) -> ObservedHop:
    """Return a call that was observed."""
    measure = Measure(said.pop("share", None), said.pop("latency", None), rate, at=NOON, system="prom")
    return ObservedHop(caller, callee, replace(measure, trend=said.pop("trend", ())), seen=seen, **said)


def world(source: IntegrationMap = SHOP) -> World:
    """Return a world in which calls are observed."""
    return World(AM, LIVE, OTHER, source=source)


def hops(here: World, *told: ObservedHop, system: str = "prom", source: str = "service graph") -> Board:
    """Let a system answer with these calls."""
    return here.take(here.reading(system, Topic.HOPS, answer=HopsSeen(told, source), every_s=60.0))


def places(here: World, *told: Place) -> Board:
    """Let the Prometheus say where pods run."""
    return here.take(here.reading("prom", Topic.PLACES, answer=PlacesSeen(told, here.now), every_s=300.0))


def pod(name: str, node: str, namespace: str = "shop", **labels: str) -> Place:
    """Return where a pod runs."""
    return Place(name, namespace, node, labels)


def test_nothing_observed_leaves_the_declared_map() -> None:
    """Without calls, places or labels there is nothing to join, also after answers that hold none."""
    here = world()
    hops(here)
    board = places(here)
    assert board.merged is None
    assert board.map is here.setup.map
    assert not board.hops


def test_an_observed_call_joins_the_map_with_its_provenance() -> None:
    """A call between services of the map, by their aliases, is theirs; who told it and when is there."""
    here = world()
    board = hops(here, called("UI", "payment_service", 5.0, share=0.25))
    (hop,) = board.map.services["ui"].calls
    assert (hop.callee, hop.provenance, hop.sources) == ("payment", Provenance.OBSERVED, ("prom service graph",))
    assert hop.seen == NOON
    assert set(board.map.services) == set(SHOP.services)
    assert board.hops["ui", "payment"].error_share == 0.25
    assert topology_of(board.map).callers("payment") == ("ui",)


def test_declared_wins_over_observed() -> None:
    """A declared call that traffic is seen on stays declared, and says who saw it."""
    declared = replace(SHOP, services={**SHOP.services, "ui": Service("ui", calls=(Hop("ui", "payment", name="pay"),))})
    board = hops(world(declared), called("ui", "payment"))
    (hop,) = board.map.services["ui"].calls
    assert (hop.provenance, hop.name, hop.sources) == (Provenance.DECLARED, "pay", ("prom service graph",))


def test_what_the_map_does_not_know_keeps_its_own_name_once() -> None:
    """Several spellings of one unknown service are one node, and declared services are never renamed."""
    board = hops(
        world(), called("ui", "Cart-Service"), called("order", "cart_service"), called("cart.service", "redis")
    )
    assert set(board.map.services) == {*SHOP.services, "Cart-Service", "redis"}
    assert set(board.hops) == {("ui", "Cart-Service"), ("order", "Cart-Service"), ("Cart-Service", "redis")}


def test_the_map_is_the_same_object_until_its_structure_changes() -> None:
    """Rates, shares and newer traffic within ten minutes change measures only; another call changes the map."""
    here = world()
    first = hops(here, called("ui", "payment", 5.0)).map
    here.now += secs(60)
    board = hops(here, called("ui", "payment", 9.0, here.now, share=0.5))
    assert board.map is first
    assert board.hops["ui", "payment"].rate == 9.0
    assert hops(here, called("ui", "payment"), called("ui", "order")).map is not first


def test_a_hop_without_traffic_tells_for_how_long() -> None:
    """Five minutes after the last request it has an age; without a known last request half an hour at least."""
    here = world()
    hops(here, called("ui", "payment", 5.0), called("ui", "order", 0.0, None))
    assert here.board.hops["ui", "order"].stale_s == 1800
    ages = [here.wait(seconds).board.hops["ui", "payment"].stale_s for seconds in (0, 299, 11, 3600)]
    assert ages == [None, None, 300, 3600]


def test_time_that_changes_no_age_changes_nothing() -> None:
    """A tick in which no age is told differently keeps hops and map as the objects that they are."""
    here = world()
    before = hops(here, called("ui", "payment", 5.0))
    after = here.wait(5).board
    assert after.hops is before.hops
    assert after.map is before.map
    assert after.memory is before.memory


def test_callers_measure_a_service_that_nobody_else_does() -> None:
    """Rates add up, shares are weighed by them, the slowest caller counts; users count as callers but are no hop."""
    board = hops(
        world(),
        called("ui", "payment", 3.0, share=0.0, latency=0.1),
        called("order", "payment", 1.0, share=1.0, latency=0.4),
        called("", "ui", 7.0, share=0.5),
    )
    assert board.measures["payment"].error_share == 0.25
    assert (board.measures["payment"].rate, board.measures["payment"].latency_s) == (4.0, 0.4)
    assert board.measures["ui"].rate == 7.0
    assert all(caller for caller, _ in board.hops)


def test_two_systems_that_see_one_hop_are_not_added_up() -> None:
    """The first that sees traffic counts, and both are named as sources; parts that one system tells apart add up."""
    here = world()
    hops(here, called("ui", "payment", 5.0), called("ui", "payment", 1.0, callee_labels={"namespace": "b"}))
    board = hops(here, called("ui", "payment", 5.5), system="mesh", source="istio")
    assert board.hops["ui", "payment"].rate == 6.0
    assert board.map.services["ui"].calls[0].sources == ("mesh istio", "prom service graph")


def test_a_node_that_alerts_is_felt_by_what_runs_on_it() -> None:
    """An alert of a node makes it a node of the map, below the services whose pods it carries; without one it is not there."""
    here = world()
    places(here, pod("payment-5d8f9c7b64-x2x4z", "node-1", host_ip="10.0.0.1"), pod("order-0", "node-2"))
    assert here.board.merged is None
    board = here.am(report(labels={"alertname": "NodeDown", "instance": "10.0.0.1:9100", "job": "node-exporter"}))
    assert topology_of(board.map).blast("10.0.0.1").callers == ("payment",)
    assert "node-2" not in board.map.services


def test_services_run_on_the_declared_pool_of_their_nodes() -> None:
    """A node that a declared pool matches carries its services there."""
    pool = Service("pool-a", kind="node-pool", match=(parse_matcher('node=~"a-.*"'),))
    board = places(world(replace(SHOP, services={**SHOP.services, "pool-a": pool})), pod("payment-0", "a-7"))
    assert board.map.services["payment"].runs_on == ("pool-a",)
    assert topology_of(board.map).hosted("pool-a") == ("payment",)


def test_an_alert_of_a_pod_finds_its_service() -> None:
    """The labels of its pod tell the service, whether the place or the alert is known first."""
    first = world()
    labels = {"alertname": "PodDown", "pod": "x-1", "namespace": "shop"}
    assert not next(iter(first.am(report(labels=labels)).alerts.values())).mapped
    where = pod("x-1", "node-1", app="payment")
    later = places(first, where)
    second = world()
    places(second, where)
    sooner = second.am(report(labels=labels))
    for board in (later, sooner):
        (alert,) = board.alerts.values()
        assert (alert.service, alert.mapped) == ("payment", True)
        assert [fold.key.service for fold in board.folds.values()] == ["payment"]


def test_kubernetes_labels_of_targets_name_services_and_teams() -> None:
    """A service that only a Kubernetes label names is inferred, with its team; a declared team stands."""
    here = world()
    targets = TargetsSeen(
        (
            {"app_kubernetes_io_name": "search", "team": "team-search"},
            {"app_kubernetes_io_name": "payment", "team": "somebody"},
            {"job": "prometheus", "instance": "p:9090"},
        )
    )
    board = here.take(here.reading("prom", Topic.TARGETS, answer=targets))
    assert board.map.services["search"].team == "team-search"
    assert board.map.services["search"].provenance is Provenance.INFERRED
    assert board.map.services["payment"].team == "team-payments"
    assert set(board.map.services) == {*SHOP.services, "search"}


def test_a_prometheus_without_such_metrics_is_not_ill() -> None:
    """Failing to tell of calls and places makes nobody slow, stale or down, and keeps what is known."""
    here = world()
    hops(here, called("ui", "payment", 5.0))
    here.prom()
    for topic in (Topic.HOPS, Topic.PLACES):
        here.take(here.reading("prom", topic, error="refused"))
    assert here.board.systems["prom"].state == "live"
    assert here.board.systems["prom"].error is None
    assert ("ui", "payment") in here.board.hops


def test_what_a_system_measured_that_is_down_has_an_age() -> None:
    """With its Prometheus down a hop and what it says of a service are told with their age, whatever is declared."""
    here = world()
    here.prom()
    hops(here, called("ui", "payment", 5.0, share=0.5))
    here.now += secs(90)
    for topic in PROM.topics:
        here.take(here.reading("prom", topic, error="refused"))
    here.wait(5).wait(90)
    assert here.board.systems["prom"].state == "down"
    assert _ages(here.board) == (180, 180)
    hops(here, called("ui", "payment", 5.0, here.now))
    here.prom()
    assert _ages(here.wait(1).board) == (None, None)


def _ages(board: Board) -> tuple[float | None, float | None]:
    return board.hops["ui", "payment"].stale_s, board.measures["payment"].stale_s


_NAMES = st.sampled_from(
    ["ui", "UI", "payment", "payment-service", "Payment_Service", "order", "cart", "Cart", "cart.db", "cart-db", ""]
)
_RATES = st.none() | st.floats(0, 100)
_TOLD = st.builds(
    called,
    _NAMES,
    _NAMES.filter(bool),
    _RATES,
    st.none() | st.just(NOON),
    share=st.none() | st.floats(0, 1),
    latency=st.none() | st.floats(0, 10),
    trend=st.lists(st.none() | st.floats(0, 1), max_size=3).map(tuple),
    callee_labels=st.just({}) | st.builds(lambda other: {"service": other}, _NAMES),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(_TOLD, max_size=8), st.lists(_TOLD, max_size=4))
def test_joining_never_doubles_a_node_or_loses_a_call(told: list[ObservedHop], more: list[ObservedHop]) -> None:
    """Whatever is told: names are unique, declared services stay, every hop with a caller is in map and measures alike."""
    here = world()
    hops(here, *told)
    board = hops(here, *more, system="mesh", source="istio")
    names = [normal(one) for service in board.map.services.values() for one in {normal(service.name)}]
    assert len(names) == len(set(names))
    assert board.map.services.keys() >= SHOP.services.keys()
    drawn = {(hop.caller, hop.callee) for service in board.map.services.values() for hop in service.calls}
    assert drawn == set(board.hops)
    assert sum(1 for one in (*told, *more) if one.caller) >= len(drawn)
    assert bool(drawn) == any(one.caller for one in (*told, *more))
    assert all(0 <= share <= 1.000001 for share in _shares(board.measures))


@settings(max_examples=50, deadline=None)
@given(st.lists(_TOLD, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_an_answer_means_nothing(told: list[ObservedHop], chance: Any) -> None:
    """The same calls in another order make an equal map."""
    shuffled = list(told)
    chance.shuffle(shuffled)
    assert hops(world(), *told).merged == hops(world(), *shuffled).merged


def _shares(measures: Mapping[str, Measure]) -> list[float]:
    return [one.error_share for one in measures.values() if one.error_share is not None]
