"""Random worlds for painters: any digraph with cycles, self-calls and names that are long, alike or wide, and its sights."""

from dataclasses import dataclass
from datetime import UTC, datetime

from hypothesis import strategies as st

from cockpit.model.health import Health, ServiceHealth
from cockpit.model.measure import Measure, VendorStatus
from cockpit.model.sights import Sights
from cockpit.topology.graph import Topology
from tests.unit.topology.maps import map_of

_AT = datetime(2026, 11, 21, 14, 12, tzinfo=UTC)
_PARTS = (
    "payment",
    "order",
    "Bestellung",
    "stock",
    "名前",
    "サービス",
    "cafe\u0301",
    "x",
    "gateway-v2",
    "eu",
    "orchestrator",
)
_HEALTHS = st.sampled_from(tuple(Health))


@dataclass(frozen=True, slots=True)
class World:
    """A map's graph and what is known of it."""

    topology: Topology
    sights: Sights
    names: tuple[str, ...]


@st.composite
def names_of(draw: st.DrawFn, most: int) -> list[str]:
    """Draw distinct names: short ones, long ones that differ at one end or in the middle, wide and combining ones."""
    count = draw(st.integers(1, most))
    kind = draw(st.sampled_from(("numbers", "parts", "alike", "mixed")))
    if kind == "numbers":
        return [f"s{number}" for number in range(count)]
    if kind == "alike":
        head, tail = (
            draw(st.sampled_from(("svc-", "payment-orchestrator-service-", "長い名前の"))),
            draw(st.sampled_from(("", "-eu"))),
        )
        return [f"{head}{number:02}{tail}" for number in range(count)]
    parts = st.lists(st.sampled_from(_PARTS), min_size=1, max_size=2 if kind == "parts" else 5)
    return list(dict.fromkeys(f"{'-'.join(draw(parts))}{number if kind == 'mixed' else ''}" for number in range(count)))


@st.composite
def worlds(draw: st.DrawFn, most: int = 20) -> World:
    """Draw a world of at most so many services."""
    names = draw(names_of(most))
    density = draw(st.sampled_from((1, 2, 3, 5, 12)))
    some = st.lists(st.sampled_from(names), max_size=density)
    calls = {name: draw(some) for name in names}
    few = st.lists(st.sampled_from(names), max_size=4, unique=True)
    integration_map = map_of(
        calls,
        entry=draw(few),
        journeys={"buy": steps} if (steps := draw(few)) else {},
        runs_on={name: [draw(st.sampled_from(names))] for name in draw(few)},
        kinds=dict.fromkeys(draw(few), "third-party"),
    )
    return World(Topology(integration_map), draw(sights_of(names)), tuple(names))


@st.composite
def sights_of(draw: st.DrawFn, names: list[str]) -> Sights:
    """Draw what is known of some services."""
    if draw(st.booleans()):
        return Sights()
    some = st.lists(st.sampled_from(names), max_size=8, unique=True)
    share = st.one_of(st.none(), st.floats(0, 1))
    states = {
        name: ServiceHealth(name, draw(_HEALTHS), error_share=draw(share), suspect=draw(st.booleans()))
        for name in draw(some)
    }
    measures = {
        name: Measure(
            error_share=draw(share),
            latency_s=draw(st.floats(0, 99)),
            rate=draw(st.floats(0, 1e6)),
            trend=(None, 0.1, draw(share)),
        )
        for name in draw(some)
    }
    hops = {(one, draw(st.sampled_from(names))): Measure(draw(share)) for one in draw(some)}
    vendors = {
        name: VendorStatus(name, draw(st.sampled_from((None, True, False))), "Partial System Outage", _AT)
        for name in draw(some)
    }
    return Sights(states, measures, hops, dict.fromkeys(draw(some), "12m"), vendors)
