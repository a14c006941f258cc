"""Folds: one row per alertname, service and cluster, kept as alerts come and go."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cockpit.board.folds import fold_key, is_low
from cockpit.board.state import Tick
from cockpit.model.alert import FoldKey, State
from tests.unit.board.world import AM, NOON, SHOP, World, listed, report, secs


def test_members_stand_worst_and_oldest_first() -> None:
    """Firing before silenced before resolved, the oldest first; the fold has the state and start of its first."""
    world = World(AM)
    gone = report(4, started=NOON - timedelta(hours=1))
    world.am(gone)
    world.wait(15).am(
        report(1, started=NOON - timedelta(minutes=2)),
        report(2, started=NOON - timedelta(minutes=9), silenced_by=("s",)),
        report(3, started=NOON - timedelta(minutes=4)),
    )
    fold = world.fold()
    assert fold.key == FoldKey("HighErrors", "payment", "eu-1")
    assert [key.id for key in fold.alerts] == ["0003", "0001", "0002", "0004"]
    assert (fold.state, fold.since) == (State.FIRING, NOON - timedelta(minutes=4))
    assert fold.counts == {State.FIRING: 2, State.SILENCED: 1, State.RESOLVED: 1}


def test_lost_stands_before_pending_and_pending_before_silenced() -> None:
    """The worst state is firing, then lost, pending, silenced, inhibited and resolved."""
    world = World()
    world.prom(listed(2, state="pending", active=NOON))
    lost = report(1, labels=None, ends=NOON + secs(30), generator=None)
    world.am(lost, report(3, silenced_by=("s",)))
    world.wait(45).prom_fails()
    world.am(report(3, silenced_by=("s",)))
    folds = [fold.state for fold in world.board.folds.values()]
    assert State.LOST in folds
    assert State.PENDING in folds
    assert world.board.folds[FoldKey("HighErrors", "payment", "eu-1")].state is State.LOST


def test_arrivals_are_counted_over_five_minutes_and_age() -> None:
    """New members per minute over the last five minutes; with time alone they grow less."""
    world = World(AM)
    world.am(*(report(number, started=NOON - secs(number)) for number in range(1, 11)))
    assert world.fold().arrivals == pytest.approx(2.0)
    world.wait(294)
    assert world.fold().arrivals == pytest.approx(1.0)
    world.wait(30)
    assert world.fold().arrivals == 0


def test_old_alerts_seen_at_the_start_are_no_arrivals() -> None:
    """What fired long before we looked did not arrive now."""
    world = World(AM)
    world.am(*(report(number, started=NOON - timedelta(hours=2)) for number in range(1, 11)))
    assert world.fold().arrivals == 0


def test_a_mapped_service_folds_over_namespaces() -> None:
    """A service of the map stands for every namespace that it matches."""
    world = World(AM, source=SHOP)
    base = {"alertname": "HighErrors", "app": "payment-service"}
    world.am(report(1, labels={**base, "namespace": "a"}), report(2, labels={**base, "namespace": "b"}))
    assert world.fold().key.service == "payment"
    assert all(alert.mapped for alert in world.named())


def test_unmapped_services_of_two_namespaces_are_told_apart() -> None:
    """An unmapped service is told apart by namespace from the moment that a second namespace has one."""
    world = World(AM)
    base = {"alertname": "HighErrors", "service": "web"}
    first = report(1, labels={**base, "namespace": "a"})
    world.am(first)
    fold = world.fold()
    assert fold.key.service == "web"
    world.wait(15).am(first, report(2, labels={**base, "namespace": "b"}))
    assert sorted(key.service for key in world.board.folds) == ["a/web", "b/web"]
    assert {alert.service for alert in world.named()} == {"web"}
    kept = world.board.folds[FoldKey("HighErrors", "a/web", "eu-1")]
    assert kept.opened == fold.opened
    assert world.board.memory is not None
    for alert in world.named():
        assert alert.key in world.board.folds[fold_key(world.board.memory.twins, alert)].alerts
    assert set(world.board.health) == {"a/web", "b/web"}


def test_an_unchanged_poll_changes_nothing() -> None:
    """The same answer, or one with new deadlines only, leaves every mapping and alert the same object."""
    world = World(AM)
    world.am(report(1), report(2, name="Other"))
    before = world.board
    world.wait(15).am(report(1), report(2, name="Other"))
    world.wait(15).am(report(1, ends=NOON + timedelta(hours=9), updated=world.now), report(2, name="Other"))
    after = world.board
    assert after.alerts is before.alerts
    assert after.folds is before.folds
    assert after.health is before.health
    assert after.changes is before.changes


def test_time_alone_changes_nothing_visible() -> None:
    """A tick on a quiet board keeps every mapping, and the memory, the same object."""
    world = World()
    world.prom(listed())
    world.am(report())
    before = world.wait(5).board
    after = world.take(Tick(world.now + secs(1)))
    assert after.at == before.at + secs(1)
    assert replace(after, at=before.at) == before
    assert after.memory is before.memory
    for name in ("alerts", "folds", "systems", "health", "changes", "past", "readings", "failing", "heartbeats"):
        assert getattr(after, name) is getattr(before, name), name


def test_only_the_folds_of_changed_alerts_are_new() -> None:
    """An alert that changes gives its own fold a new object and no other."""
    world = World(AM)
    world.am(report(1), report(2, name="Other"))
    other = world.fold("Other")
    world.wait(15).am(report(1, silenced_by=("s",)), report(2, name="Other"))
    assert world.fold().state is State.SILENCED
    assert world.fold("Other") is other


def test_an_alert_that_is_named_otherwise_moves() -> None:
    """A fingerprint that comes back with other labels stands in the fold of its new name alone."""
    world = World(AM)
    world.am(report(1))
    world.wait(15).am(report(1, name="Renamed"))
    world.wait(15).am(report(1, name="Again", started=world.now))
    assert [fold.key.name for fold in world.board.folds.values()] == ["Again"]


def test_dim_alerts_stay_and_are_marked() -> None:
    """What the configuration dims is in the list, marked, and makes no service unhealthy."""
    world = World(AM, source=SHOP)
    world.am(report(1, labels={"alertname": "InfoInhibitor", "service": "payment"}), report(2))
    dim, loud = world.one("InfoInhibitor"), world.one()
    assert dim.dim
    assert not loud.dim
    assert world.board.health["payment"].firing == 1


@pytest.mark.parametrize(
    ("severity", "low"),
    [("critical", False), ("page", False), ("SEV1", False), ("P2", False), ("", False), ("whatever", False),
     ("warning", True), ("Warn", True), ("info", True), ("P3", True), ("sev4", True), ("ticket", True)],
)  # fmt: skip
def test_which_severities_ask_for_a_look_only(severity: str, low: bool) -> None:
    """Warning, info and the like are low; critical, page, SEV1, and what nobody knows are not."""
    assert is_low(severity) is low
