"""Maps made one: no node doubled, no hop lost."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.model.topology import Hop, IntegrationMap, Provenance, Service, Team
from cockpit.topology.merge import merge, united_by_suffix
from cockpit.topology.names import normal
from tests.unit.topology.maps import map_of
from tests.unit.topology.rich_maps import hops, placeless, whole_maps

_NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
_NAMES = ("payment", "Payment", "payment-service", "pay_ments", "pay.ments", "order", "ORDER", "orders", "stock", "ui")


def _node(service: Service) -> frozenset[str]:
    return frozenset(normal(name) for name in (service.name, *service.aliases))


def _nodes(source: IntegrationMap) -> set[frozenset[str]]:
    return {_node(service) for service in source.services.values()}


def _edges(source: IntegrationMap) -> set[tuple[frozenset[str], frozenset[str]]]:
    return {(_node(source.services[caller]), _node(source.services[callee])) for caller, callee in hops(source)}


@st.composite
def _maps(draw: st.DrawFn) -> IntegrationMap:
    """Draw a map whose names and aliases are told apart, as `map check` wants it."""
    names = draw(st.lists(st.sampled_from(_NAMES), min_size=1, max_size=5, unique_by=normal))
    left = [name for name in _NAMES if normal(name) not in {normal(one) for one in names}]
    aliases = draw(st.lists(st.sampled_from(left), max_size=3, unique_by=normal)) if left else []
    calls = st.lists(st.sampled_from(names), max_size=3, unique=True)
    services = {
        name: Service(
            name,
            calls=tuple(Hop(name, callee, provenance=draw(st.sampled_from(Provenance))) for callee in draw(calls)),
            provenance=draw(st.sampled_from(Provenance)),
        )
        for name in names
    }
    for alias in aliases:
        name = draw(st.sampled_from(names))
        services[name] = replace(services[name], aliases=(*services[name].aliases, alias))
    return IntegrationMap("shop", services=services)


@given(_maps())
@settings(max_examples=100, deadline=None)
def test_merging_a_map_with_itself_changes_nothing(one: IntegrationMap) -> None:
    """Merging is idempotent."""
    assert merge(one, one) == merge(one) == one


@given(_maps(), _maps(), st.booleans())
@settings(max_examples=100, deadline=None)
def test_merging_again_changes_nothing(one: IntegrationMap, other: IntegrationMap, suffixes: bool) -> None:
    """What was merged already adds no node and no hop."""
    both = merge(one, other, suffixes=suffixes)
    again = merge(both, other, suffixes=suffixes)
    assert list(again.services) == list(both.services)
    assert hops(again) == hops(both)


@given(_maps(), _maps(), _maps(), st.booleans())
@settings(max_examples=100, deadline=None)
def test_order_of_maps_does_not_matter(
    one: IntegrationMap, two: IntegrationMap, three: IntegrationMap, suffixes: bool
) -> None:
    """Nodes and hops are the same whichever map comes first."""
    forth, back = merge(one, two, three, suffixes=suffixes), merge(three, two, one, suffixes=suffixes)
    assert _nodes(forth) == _nodes(back)
    assert _edges(forth) == _edges(back)


@given(_maps(), _maps(), st.booleans())
@settings(max_examples=100, deadline=None)
def test_no_node_is_doubled(one: IntegrationMap, other: IntegrationMap, suffixes: bool) -> None:
    """No two services of the whole share a name or an alias."""
    nodes = list(map(_node, merge(one, other, suffixes=suffixes).services.values()))
    assert sum(map(len, nodes)) == len(frozenset().union(*nodes))


@given(st.lists(_maps(), min_size=1, max_size=4), st.booleans())
@settings(max_examples=100, deadline=None)
def test_no_service_and_no_hop_is_lost(maps: list[IntegrationMap], suffixes: bool) -> None:
    """Every service of every map is there under its name or as an alias, and calls whom it called."""
    whole = merge(maps[0], *maps[1:], suffixes=suffixes)
    known = {name: service.name for service in whole.services.values() for name in _node(service)}
    for one in maps:
        assert {normal(name) for name in one.services} <= known.keys()
        assert {(known[normal(caller)], known[normal(callee)]) for caller, callee in hops(one)} <= hops(whole)
        assert len({known[normal(name)] for name in one.services}) == len(one.services), "one map's services stay apart"


@given(whole_maps(), whole_maps())
@settings(max_examples=50, deadline=None)
def test_any_maps_can_be_merged(one: IntegrationMap, other: IntegrationMap) -> None:
    """Even maps that `map check` refuses merge to something that is stable."""
    both = merge(one, other)
    assert placeless(merge(both, both)) == placeless(merge(both))


def _service(name: str, calls: Sequence[Hop] = (), **settings: object) -> IntegrationMap:
    others = {hop.callee: Service(hop.callee) for hop in calls if hop.callee != name}
    return IntegrationMap(services={name: Service(name, calls=tuple(calls), **settings), **others})  # type: ignore[arg-type]  # fields of a service, by name


def test_declared_wins_and_the_rest_is_filled_in() -> None:
    """What is declared counts, what it does not say comes from the others."""
    seen = _service(
        "payment_svc", team="found", kind="database", provenance=Provenance.OBSERVED, seen=_NOON, sources=("jaeger",)
    )
    declared = _service("payment", team="team-payments", aliases=("payment-svc",))
    whole = merge(seen, declared)
    (service,) = whole.services.values()
    assert service.name == "payment"
    assert service.team == "team-payments"
    assert service.kind == "database"
    assert service.aliases == ("payment-svc",)
    assert (service.provenance, service.seen, service.sources) == (Provenance.DECLARED, _NOON, ("jaeger",))


def test_hops_are_joined() -> None:
    """A hop that several know is one: declared if anybody declares it, last seen when it was last seen."""
    one = _service("a", [Hop("a", "b", name="pay", provenance=Provenance.DECLARED)])
    two = _service("A", [Hop("A", "b", "grpc", provenance=Provenance.OBSERVED, seen=_NOON, sources=("istio",))])
    (hop,) = merge(two, one).services["a" if "a" in merge(two, one).services else "A"].calls
    assert (hop.protocol, hop.name, hop.provenance) == ("grpc", "pay", Provenance.DECLARED)
    assert (hop.seen, hop.sources) == (_NOON, ("istio",))


def test_two_services_of_one_map_stay_two() -> None:
    """An alias elsewhere does not make one of what a map keeps apart."""
    base = map_of({"payment": [], "order": []})
    other = IntegrationMap(services={"payment": Service("payment", aliases=("order", "pay"))})
    assert {name: one.aliases for name, one in merge(base, other).services.items()} == {
        "payment": ("pay",),
        "order": (),
    }


def test_endings_that_say_nothing() -> None:
    """`payment-service` is `payment` where asked so, and where no map has both; who was united is told."""
    base, other = (
        map_of({"payment": [], "email": []}),
        map_of({"payment-service": ["EmailService"], "EmailService": []}),
    )
    assert set(merge(base, other).services) == {"payment", "email", "payment-service", "EmailService"}
    whole = merge(base, other, suffixes=True)
    assert hops(whole) == {("payment", "email")}
    assert whole.services["payment"].aliases == ("payment-service",)
    assert united_by_suffix((base, other)) == (("payment", "payment-service"), ("email", "EmailService"))
    both = map_of({"payment": [], "payment-service": []})
    assert set(merge(base, both, suffixes=True).services) == {"payment", "email", "payment-service"}


def test_journeys_entries_and_teams_follow_the_names() -> None:
    """Entries, steps and owners are called as the whole calls them."""
    base = replace(map_of({"ui": [], "pay": []}, entry=["ui"]), teams={"team-web": Team("team-web", slack="#web")})
    other = IntegrationMap(
        entry=("UI", "shop"),
        journeys={"buy": ("UI", "ui.", "pay")},
        services={
            "UI": Service("UI", team="Team_Web"),
            "ui.": Service("ui."),
            "pay": Service("pay"),
            "shop": Service("shop", team="Team_Web"),
        },
        teams={"Team_Web": Team("Team_Web", jira="WEB")},
    )
    whole = merge(base, other)
    assert whole.entry == ("ui", "shop")
    assert whole.journeys == {"buy": ("ui", "ui.", "pay")}
    assert whole.services["shop"].team == "team-web"
    assert whole.teams == {"team-web": Team("team-web", slack="#web", jira="WEB")}
