"""Maps for tests: a small one that is right, one made of calls alone, and random ones."""

from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

from cockpit.model.health import Health, ServiceHealth
from cockpit.model.topology import Hop, IntegrationMap, Service
from cockpit.topology.load import read_map
from cockpit.topology.problems import Problem

GOOD = """\
map: shop
entry: [ui]
journeys:
  checkout: [ui, auth, payment]
services:
  ui:
    team: web
    kind: frontend
    calls: [auth, payment]
  auth: {team: web}
  payment:
    team: money
    aliases: [payment-service]
    calls: [{to: bank, protocol: https, name: authorise}]
    runs_on: [pool-a]
    weight: 10
    scope:
      query: sum(rate(failed_total[5m])) / sum(rate(attempts_total[5m]))
      says: "{value:percent} failing"
  bank: {team: money, kind: third-party}
  pool-a: {team: platform, kind: node-pool}
teams:
  web: {}
  money: {slack: "#money"}
  platform: {}
"""
"""A map without any problem; tests replace a line of it."""


def problems_of(text: str) -> tuple[Problem, ...]:
    """Return what is wrong with a text."""
    return read_map(text, "shop.yaml")[1]


def changed(old: str, new: str) -> str:
    """Return the good map with one piece of it replaced."""
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


def map_of(
    calls: Mapping[str, Sequence[str]],
    *,
    entry: Sequence[str] = (),
    journeys: Mapping[str, Sequence[str]] | None = None,
    runs_on: Mapping[str, Sequence[str]] | None = None,
    kinds: Mapping[str, str] | None = None,
    weights: Mapping[str, float] | None = None,
) -> IntegrationMap:
    """Return a map by its calls."""
    services = {
        name: Service(
            name,
            team="team",
            kind=(kinds or {}).get(name, "service"),
            calls=tuple(Hop(name, callee) for callee in callees),
            runs_on=tuple((runs_on or {}).get(name, ())),
            weight=(weights or {}).get(name, 1.0),
        )
        for name, callees in calls.items()
    }
    return IntegrationMap(
        name="test",
        entry=tuple(entry),
        journeys={name: tuple(steps) for name, steps in (journeys or {}).items()},
        services=services,
    )


def health(**states: str) -> dict[str, ServiceHealth]:
    """Return health by service, `_` standing for `-` in names."""
    return {
        (name := key.replace("_", "-")): ServiceHealth(
            name, Health(value), error_share=0.4 if value == "firing" else None
        )
        for key, value in states.items()
    }


NAMES = (
    "ui",
    "auth",
    "payment-orchestrator-service-eu",
    "payment-orchestrator-service-us",
    "payment",
    "db",
    "a",
    "product-catalogue",
    "名前のサービス",
    "recommendation-service",
    "x1",
    "stock-db",
)
"""Names of random maps: short, long, alike, and wide."""


@st.composite
def random_maps(draw: st.DrawFn) -> IntegrationMap:
    """Draw a map with any calls, cycles and self-calls among them, any journeys, entries and hosts."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=12, unique=True))
    some = st.lists(st.sampled_from(names), max_size=5, unique=True)
    walk = st.lists(st.sampled_from(names), min_size=1, max_size=9)
    return map_of(
        {name: draw(some) for name in names},
        entry=draw(st.lists(st.sampled_from(names), max_size=3, unique=True)),
        journeys=draw(st.dictionaries(st.sampled_from(["one", "two"]), walk, max_size=2)),
        runs_on={name: draw(st.lists(st.sampled_from(names), max_size=1)) for name in names},
        kinds=draw(st.dictionaries(st.sampled_from(names), st.sampled_from(["third-party", "node-pool"]), max_size=3)),
    )


@st.composite
def random_states(draw: st.DrawFn, names: Sequence[str] = NAMES) -> dict[str, ServiceHealth]:
    """Draw the health of some services."""
    healths = draw(st.dictionaries(st.sampled_from(list(names)), st.sampled_from(list(Health))))
    shares = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True))
    ages = st.one_of(st.none(), st.floats(0, 1e6))
    return {
        name: ServiceHealth(name, value, error_share=draw(shares), stale_s=draw(ages))
        for name, value in healths.items()
    }
