"""What is measured of services, and what vendors say, as the board tells it."""

import math
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cockpit.board.state import Expected
from cockpit.model.health import Health
from cockpit.model.measure import Measure, Measured, VendorStatus
from cockpit.model.reading import Liveness, MeasuresSeen, StatusSeen, Topic
from cockpit.model.topology import IntegrationMap, Service
from tests.unit.board.world import AM, NOON, SHOP, World, report, secs

PROM = Expected("prom", "prometheus", (Topic.RULES, Topic.SCOPES, Topic.MEASURES), 15.0)
PAGES = Expected("pages", "statuspage", (Topic.STATUS,), 60.0)
BANK = IntegrationMap(
    "bank",
    services={
        "payment": Service("payment", aliases=("pay",)),
        "gateway": Service("gateway", kind="third-party", status_page="https://status.example.com"),
    },
)


def _measures(world: World, *measured: Measured, system: str = "prom") -> None:
    here = tuple(
        replace(one, measure=replace(one.measure, at=world.now)) if one.measure.at is None else one for one in measured
    )
    world.take(world.reading(system, Topic.MEASURES, answer=MeasuresSeen(here), every_s=60.0))


def _of(service: str, source: int = 0, **said: float) -> Measured:
    return Measured(Measure(**said), {"app": service}, source=source)  # type: ignore[arg-type] # fields of a measure


def _age(world: World, service: str = "payment") -> float | None:
    return world.board.measures[service].stale_s


def _health(world: World, service: str = "payment") -> Health:
    return world.board.health[service].health


def test_measures_are_told_by_the_names_of_the_map() -> None:
    """Aliases are one service: rates add up, shares weigh by requests, the slowest latency counts."""
    world = World(AM, PROM, source=BANK)
    _measures(
        world,
        _of("payment", error_share=0.5, rate=10, latency_s=1, usual=12),
        _of("PAY", error_share=0.0, rate=30, latency_s=2),
    )
    measure = world.board.measures["payment"]
    assert (measure.error_share, measure.rate, measure.latency_s, measure.usual) == (0.125, 40, 2, 12)
    assert (measure.system, measure.at, measure.stale_s) == ("prom", NOON, None)


def test_the_first_source_counts_and_others_fill_in() -> None:
    """Two metrics of the same requests are not added up: what the first lacks the next one tells."""
    world = World(AM, PROM, source=BANK)
    _measures(world, _of("payment", 1, error_share=0.9, rate=9, latency_s=3), _of("payment", 0, rate=10))
    measure = world.board.measures["payment"]
    assert (measure.error_share, measure.rate, measure.latency_s) == (0.9, 10, 3)


def test_measured_errors_are_not_fine() -> None:
    """Under 5 % a service is fine, from there on yellow, and never red by that alone; the reason is told."""
    world = World(AM, PROM, source=BANK)
    _measures(world, _of("payment", error_share=0.01))
    known = world.board.health["payment"]
    assert (known.health, known.error_share, known.measured, known.watched) == (Health.FINE, 0.01, NOON, True)
    _measures(world, _of("payment", error_share=1.0))
    known = world.board.health["payment"]
    assert (known.health, known.why) == (Health.WARNING, ("100 % of requests failing",))
    assert _health(world, "gateway") is Health.UNKNOWN


def test_a_low_alert_with_most_requests_failing_is_red() -> None:
    """What a warning and the measurement tell together is more than each alone."""
    world = World(AM, PROM, source=BANK)
    world.am(report(labels={"alertname": "A", "service": "payment", "severity": "warning"}))
    _measures(world, _of("payment", error_share=0.4))
    assert _health(world) is Health.WARNING
    _measures(world, _of("payment", error_share=0.6))
    assert _health(world) is Health.FIRING


def test_rate_and_latency_alone_make_nobody_fine() -> None:
    """Who only counts requests has not seen whether they fail."""
    world = World(AM, PROM, source=BANK)
    _measures(world, _of("payment", rate=3, latency_s=1))
    assert _health(world) is Health.UNKNOWN


@pytest.mark.parametrize(
    ("rate", "usual", "health"),
    [(4.6, 47, Health.NO_TRAFFIC), (4.8, 47, Health.FINE), (0, 0.05, Health.FINE), (0, None, Health.FINE)],
)
def test_missing_traffic_shows(rate: float, usual: float | None, health: Health) -> None:
    """Less than a tenth of what is usual at this time is never fine, unless hardly anything is usual."""
    world = World(AM, PROM, source=BANK)
    _measures(world, Measured(Measure(error_share=0.0, rate=rate, usual=usual), service="payment"))
    assert _health(world) is health
    assert world.board.health["payment"].why == (
        (f"{rate}/s, usually {usual}/s",) if health is Health.NO_TRAFFIC else ()
    )


def test_the_scope_query_counts_first() -> None:
    """The map's own question is the better answer, until only the other is of now."""
    world = World(AM, PROM, source=SHOP)
    _measures(world, _of("payment", error_share=0.2), _of("ui", error_share=0.3))
    assert world.board.health["payment"].error_share == 0.2
    world.scope(0.6)
    assert world.board.health["payment"].error_share == 0.6
    assert world.board.health["ui"].error_share == 0.3
    world.wait(150)
    _measures(world, _of("payment", error_share=0.1))
    known = world.board.health["payment"]
    assert (known.error_share, known.stale_s) == (0.1, None)


def test_what_is_not_measured_any_more_is_told_with_its_age() -> None:
    """With Prometheus down what was measured stands with its age, and nobody is fine by it."""
    world = World(AM, PROM, source=BANK)
    world.prom()
    _measures(world, _of("payment", error_share=0.0))
    assert _health(world) is Health.FINE
    for _ in range(6):
        world.wait(15)
        world.prom_fails()
    assert world.board.systems["prom"].state is Liveness.DOWN
    known = world.board.health["payment"]
    assert (known.health, known.stale_s, known.error_share) == (Health.UNKNOWN, 90.0, 0.0)
    assert world.board.measures["payment"].stale_s == 90.0
    before = world.board.measures
    world.wait(5)
    assert world.board.measures is before


def test_what_stands_still_is_stale_by_itself() -> None:
    """Measures that nobody asks for (a storm, a pause) age too, also one by one."""
    world = World(AM, PROM, source=BANK)
    _measures(world, _of("payment", error_share=0.0))
    assert _age(world.wait(240)) is None
    assert _age(world.wait(10)) == 240
    _measures(world, Measured(Measure(error_share=0.0, at=NOON), service="payment"), _of("gateway", rate=1))
    assert (_age(world), _age(world, "gateway")) == (240, None)


def test_a_failure_to_measure_makes_no_system_ill() -> None:
    """A Prometheus that answers for its rules is live, whatever the queries do."""
    world = World(AM, PROM, source=BANK)
    world.prom()
    world.take(world.reading("prom", Topic.MEASURES, error="the query was refused"))
    state = world.board.systems["prom"]
    assert (state.state, state.error) == (Liveness.LIVE, None)


def test_equal_measures_are_the_same_objects() -> None:
    """What an answer does not change keeps its identity."""
    world = World(AM, PROM, source=BANK)
    _measures(world, _of("payment", error_share=0.5))
    before = world.board
    _measures(world, _of("payment", error_share=0.5))
    assert world.board.measures is before.measures
    assert world.board.health is before.health


def test_of_several_systems_the_first_that_measures_now_counts() -> None:
    """Two Prometheus servers that both measure a service: the configuration's order decides, then freshness."""
    other = replace(PROM, name="other")
    world = World(AM, PROM, other, source=BANK)
    _measures(world, _of("payment", error_share=0.3), system="other")
    _measures(world, _of("payment", error_share=0.2))
    assert world.board.measures["payment"].system == "prom"
    world.wait(250)
    _measures(world, _of("payment", error_share=0.3), system="other")
    assert world.board.measures["payment"].system == "other"


def _says(world: World, fine: bool | None, says: str = "Partial System Outage", **errors: str) -> None:
    statuses = () if errors else (VendorStatus("gateway", fine, says, world.now, incident="Card payments fail"),)
    world.take(world.reading("pages", Topic.STATUS, answer=StatusSeen(statuses, errors), every_s=60.0))


def test_a_vendor_in_trouble_is_not_fine() -> None:
    """What a status page admits is believed, and quoted."""
    world = World(AM, PAGES, source=BANK)
    _says(world, fine=False)
    known = world.board.health["gateway"]
    assert known.health is Health.WARNING
    assert known.why == ("status page says Partial System Outage (Card payments fail)",)
    assert not known.watched


def test_a_vendor_that_says_all_is_well_measures_nothing() -> None:
    """Its own word makes nobody fine."""
    world = World(AM, PAGES, source=BANK)
    _says(world, fine=True, says="All Systems Operational")
    assert _health(world, "gateway") is Health.UNKNOWN
    assert world.board.vendors["gateway"].fine


def test_a_page_that_does_not_answer_is_said() -> None:
    """One page, or all of them: what it said before is not told any more."""
    world = World(AM, PAGES, source=BANK)
    _says(world, fine=True)
    _says(world, fine=None, gateway="timed out")
    said = world.board.vendors["gateway"]
    assert (said.fine, said.says, said.url) == (
        None,
        "status page not answering: timed out",
        "https://status.example.com",
    )
    assert world.board.health["gateway"].why == ("status page not answering: timed out",)
    _says(world, fine=True)
    world.take(world.reading("pages", Topic.STATUS, error="no route to host"))
    assert world.board.vendors["gateway"].says == "status page not answering: no route to host"
    world.wait(5)
    _says(world, fine=True)
    assert world.board.vendors["gateway"].fine


_SHARES = st.none() | st.floats(0, 1)
_RATES = st.none() | st.floats(0, 1e6)
_MEASURED = st.builds(
    Measured,
    st.builds(
        Measure, _SHARES, _RATES, _RATES, _RATES, st.lists(_SHARES, max_size=4).map(tuple), st.just(NOON) | st.none()
    ),
    st.dictionaries(st.sampled_from(["app", "service", "namespace"]), st.sampled_from(["payment", "pay", "x", ""])),
    st.sampled_from(["", "pay"]),
    st.sampled_from(["", "gateway"]),
    st.integers(0, 2),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(_MEASURED, max_size=6))
@example([Measured(Measure(0.5, rate=5e-324), service="gateway"), Measured(Measure(), service="gateway")])
@example([Measured(Measure(0.5, rate=math.inf), service="gateway"), Measured(Measure(0.1), service="gateway")])
def test_whatever_is_measured_is_told_within_its_bounds(measured: list[Measured]) -> None:
    """Any mixture of series is taken: shares stay between those that were measured, rates never shrink by adding."""
    world = World(AM, PROM, source=BANK)
    world.take(world.reading("prom", Topic.MEASURES, answer=MeasuresSeen(tuple(measured)), every_s=60.0))
    shares = [one.measure.error_share for one in measured if one.measure.error_share is not None]
    for measure in world.board.measures.values():
        if measure.error_share is not None:
            assert min(shares) - 1e-9 <= measure.error_share <= max(shares) + 1e-9
        assert all(share is None or 0 <= share <= 1 + 1e-9 for share in measure.trend)
    assert set(world.board.measures) <= {"payment", "gateway", "x"}
    assert world.board.at == NOON + secs(0)
