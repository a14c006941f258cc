"""Health is told only as far as something measured a service and answered."""

from datetime import timedelta

import pytest

from cockpit.model.health import Health
from cockpit.model.reading import RulesSeen, Topic
from tests.unit.board.world import AM, GIT, NOON, PROM, SHOP, World, change, listed, report, rule, secs


def health(world: World, service: str = "payment") -> Health:
    """Return what the board says of a service."""
    return world.board.health[service].health


def rules(world: World, expression: str, **said: object) -> None:
    """Let Prometheus answer with one quiet rule."""
    one = rule("R", world.now, expression=expression, **said)
    world.take(world.reading("prom", Topic.RULES, answer=RulesSeen((one,), 15.0)))


def test_nothing_measured_is_not_watched() -> None:
    """Every service of the map is there from the start, and none is called fine."""
    world = World(source=SHOP)
    assert {name: known.health for name, known in world.board.health.items()} == {
        "ui": Health.UNKNOWN, "payment": Health.UNKNOWN, "order": Health.UNKNOWN,
    }  # fmt: skip
    world.am()
    assert health(world) is Health.UNKNOWN


def test_a_rule_that_names_a_service_watches_it() -> None:
    """A service is fine where a rule's expression or labels name it and its Prometheus answers, and no other is."""
    world = World(source=SHOP)
    rules(world, 'sum(rate(errors_total{app="payment-service",code="500"}[5m])) > 1')
    assert world.board.health["payment"].watched
    assert health(world) is Health.FINE
    assert health(world, "ui") is Health.UNKNOWN
    rules(world, "up == 0", labels={"service": "ui"})
    assert (health(world), health(world, "ui")) == (Health.UNKNOWN, Health.FINE)


def test_a_broken_or_unreadable_rule_watches_nothing() -> None:
    """A rule in error cannot fire; one that is no PromQL names nobody; nothing crashes."""
    world = World(source=SHOP)
    rules(world, 'x{service="payment"} > 1', health="err")
    assert health(world) is Health.UNKNOWN
    rules(world, 'x{service="payment" > > 1')
    assert health(world) is Health.UNKNOWN


def test_what_fires_decides() -> None:
    """A firing alert makes its service red, a warning yellow; pending and silenced ones change nothing."""
    world = World(source=SHOP)
    rules(world, 'x{service="payment"} > 1')
    world.am(report(1, silenced_by=("s",)))
    assert health(world) is Health.FINE
    world.am(report(1, labels={"alertname": "A", "service": "payment", "severity": "warning"}))
    assert health(world) is Health.WARNING
    world.am(report(2, labels={"alertname": "A", "service": "payment", "severity": "critical"}))
    assert health(world) is Health.FIRING
    world.am(report(3, labels={"alertname": "A", "service": "payment"}))
    assert health(world) is Health.FIRING
    world = World(source=SHOP)
    world.prom(listed(state="pending", active=NOON))
    assert world.board.health["payment"].pending == 1
    assert health(world) is Health.FINE


def test_a_fresh_measurement_is_fine_and_its_share_is_told() -> None:
    """A scope that answered watches its service; a share of five in a hundred and more is not fine."""
    world = World(source=SHOP)
    world.scope(0.01, denominator=50, usual=47)
    known = world.board.health["payment"]
    assert (known.health, known.error_share, known.measured, known.watched) == (Health.FINE, 0.01, NOON, True)
    world.scope(0.2, denominator=50, usual=47)
    assert health(world) is Health.WARNING
    world.scope(None, error="query timed out")
    assert health(world) is Health.UNKNOWN
    world.scope(None)
    assert health(world) is Health.UNKNOWN


def test_less_than_a_tenth_of_the_usual_traffic_is_never_fine() -> None:
    """A service whose traffic fell away shows that, though nothing fails and a rule watches it."""
    world = World(source=SHOP)
    rules(world, 'x{service="payment"} > 1')
    world.scope(None, denominator=4.6, usual=47)
    assert health(world) is Health.NO_TRAFFIC
    world.scope(0, denominator=4.7, usual=47)
    assert health(world) is Health.FINE
    world.scope(0, denominator=0, usual=0)
    assert health(world) is Health.FINE
    world.scope(None, denominator=0, usual=47)
    world.am(report())
    assert health(world) is Health.FIRING


def test_with_prometheus_down_measured_health_is_unknown_with_its_age() -> None:
    """When the Prometheus that measured is down nothing is fine any more, and the age grows in steps."""
    world = World(source=SHOP)
    rules(world, 'x{service="payment"} > 1')
    world.scope(0.0)
    assert health(world) is Health.FINE
    for _ in range(6):
        world.wait(15)
        world.prom_fails()
        world.fails("prom", Topic.SCOPES)
    known = world.board.health["payment"]
    assert (known.health, known.stale_s, known.watched) == (Health.UNKNOWN, 90.0, False)
    world.wait(20)
    assert world.board.health["payment"] is known
    world.am(report())
    assert health(world) is Health.FIRING
    world.am()
    world.wait(15)
    rules(world, 'x{service="payment"} > 1')
    world.scope(0.0)
    assert health(world) is Health.FINE
    assert world.board.health["payment"].stale_s is None


def test_unmapped_services_that_alert_are_there() -> None:
    """A service that alerts and is not in the map has its health beside the map's services, as long as it has a row."""
    world = World(AM, source=SHOP)
    world.am(report(service="pricing"))
    assert health(world, "pricing") is Health.FIRING
    world.wait(60).am()
    assert health(world, "pricing") is Health.UNKNOWN
    world.wait(901)
    assert "pricing" not in world.board.health


def test_the_latest_change_is_told() -> None:
    """A service has the begin of its latest change in the window."""
    world = World(GIT, source=SHOP)
    world.wait(3600)
    world.changes("git", change("v1", minutes=1), change("v2", minutes=20))
    assert world.board.health["payment"].changed == NOON + timedelta(minutes=20)
    assert world.board.health["ui"].changed is None


@pytest.mark.parametrize("value", [float("inf"), float("nan"), -3.0, 7.0])
def test_an_odd_share_is_held_within_nothing_and_all(value: float) -> None:
    """A measured share lies between 0 and 1, or is not told."""
    world = World(PROM, source=SHOP)
    world.scope(value)
    share = world.board.health["payment"].error_share
    assert share is None or 0 <= share <= 1
    world.wait(secs(15).total_seconds())
