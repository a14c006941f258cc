"""Random maps that do what they like: cycles, self-calls, calls named twice, long, wide and combining names."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from cockpit.model.health import Health, ServiceHealth
from cockpit.model.measure import Measure, VendorStatus
from cockpit.model.sights import Sights
from cockpit.model.topology import IntegrationMap
from tests.unit.topology.maps import map_of

NAMES = (
    "ui",
    "auth",
    "payment",
    "payment-orchestrator-service-eu",
    "payment-orchestrator-service-us",
    "payment-orchestrator",
    "db",
    "a",
    "b",
    "product-catalogue",
    "名前のサービス",
    "名前のサーバー",
    "re\u0301sume\u0301-service",
    "recommendation-service",
    "x1",
    "x2",
    "stock-db",
    "+3",
    "api v2",
    "…",
    "o",
    "--> x",
    "queue-of-things-to-do-later-or-never-at-all-in-the-european-region-1",
    "queue-of-things-to-do-later-or-never-at-all-in-the-european-region-2",
    *(f"svc-{number:02}" for number in range(16)),
)
"""Short, long, alike, wide, combining, and made of glyphs."""


@st.composite
def wild_maps(draw: st.DrawFn, most: int = 12) -> IntegrationMap:
    """Draw a map of up to so many services with any calls, journeys, entries and hosts."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=most, unique=True))
    some = st.lists(st.sampled_from(names), max_size=draw(st.integers(0, 6)))
    walk = st.lists(st.sampled_from(names), min_size=1, max_size=9)
    return map_of(
        {name: draw(some) for name in names},
        entry=draw(st.lists(st.sampled_from(names), max_size=3, unique=True)),
        journeys=draw(st.dictionaries(st.sampled_from(["one", "two"]), walk, max_size=2)),
        runs_on={name: draw(st.lists(st.sampled_from(names), max_size=1)) for name in names},
        kinds=draw(st.dictionaries(st.sampled_from(names), st.sampled_from(["third-party", "node-pool"]), max_size=3)),
    )


@st.composite
def wild_sights(draw: st.DrawFn) -> Sights:
    """Draw what is known of services and hops."""
    names = st.sampled_from(NAMES)
    healths = draw(st.dictionaries(names, st.sampled_from(list(Health)), max_size=12))
    shares = st.one_of(st.none(), st.floats(0, 1))
    measures = st.builds(
        Measure,
        shares,
        st.one_of(st.none(), st.floats(0, 100)),
        st.one_of(st.none(), st.floats(0, 1e7)),
        st.just((0.1, None, 0.4)),
    )
    return Sights(
        states={
            name: ServiceHealth(name, one, error_share=draw(shares), suspect=draw(st.booleans()))
            for name, one in healths.items()
        },
        measures=draw(st.dictionaries(names, measures, max_size=6)),
        hops=draw(st.dictionaries(st.tuples(names, names), measures, max_size=6)),
        changed=draw(st.dictionaries(names, st.just("1h12"), max_size=3)),
        vendors={
            name: VendorStatus(name, fine=False, says="Partial System Outage", at=datetime(2026, 1, 1, tzinfo=UTC))
            for name in ("payment", "db")
        },
        unmapped=tuple(draw(st.lists(st.sampled_from(["legacy", "cron", "名前のサービ", "x3"]), unique=True))),
    )
