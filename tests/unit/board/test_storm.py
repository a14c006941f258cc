"""The storm line: what most of what fires has in common, and what fired first."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cockpit.board.state import Setup
from cockpit.model.alert import AlertReport, State, Storm
from tests.unit.board.world import AM, NOON, PROM, World, report, secs


def storm_of(world: World) -> Storm:
    """Return the storm line, which must be there."""
    assert world.board.storm is not None
    return world.board.storm


def stormy(count: int = 4000, services: int = 200) -> list[AlertReport]:
    """Return alerts over many services, nineteen in twenty of them on one node pool."""
    reports = []
    for number in range(count):
        service = f"service-{number % services}"
        labels = {
            "alertname": f"Alert{number % 7}",
            "service": service,
            "namespace": "shop",
            "severity": "critical",
            "instance": f"10.0.{number % 250}.{number // 250}:80",
            "node_pool": "gp-1" if number % 20 == 0 else "gp-3",
        }
        reports.append(report(number, labels=labels, started=NOON + secs(number / 100)))
    return reports


def test_a_storm_names_the_label_that_most_of_it_shares() -> None:
    """4,000 alerts over 200 services with one node label in common: the line names that label."""
    world = World(AM)
    world.wait(60).am(*stormy())
    storm = storm_of(world)
    assert (storm.firing, storm.services) == (4000, 200)
    assert storm.common == ("node_pool", "gp-3")
    assert storm.share == pytest.approx(0.95)
    assert [key.id for key in storm.first] == ["0000", "0001", "0002", "0003", "0004"]
    assert storm.folds == len(world.board.folds)


def test_what_every_other_alert_has_too_tells_less() -> None:
    """A label on everything is named after one that only the storm has, and a broad one only where it tells."""
    world = World(AM)
    calm = report(9999, name="Quiet", labels={"alertname": "Quiet", "env": "prod"}, silenced_by=("s",))
    reports = [replace(one, labels={**one.labels, "env": "prod"}) for one in stormy(100, 10)]
    world.wait(60).am(*reports, calm)
    assert storm_of(world).common == ("namespace", "shop")
    world.am(*(replace(one, labels={**one.labels, "namespace": f"n{at % 3}"}) for at, one in enumerate(reports)))
    assert storm_of(world).common == ("node_pool", "gp-3")
    world.am(*(replace(one, labels={"alertname": "A", "env": "prod", "n": one.id}) for one in reports))
    assert storm_of(world).common is None
    world.am(*(replace(one, labels={"alertname": "A", "env": "prod", "n": one.id}) for one in reports), report(7777))
    assert storm_of(world).common == ("env", "prod")


def test_on_ties_the_label_that_fewer_others_have_is_named() -> None:
    """Of two labels on every firing alert the more specific one is named."""
    world = World(AM)
    labels = {"namespace": "shop", "zone": "z1"}
    firing = [report(n, labels={"alertname": f"A{n}", "service": f"s{n}", **labels}) for n in range(60)]
    calm = [
        report(100 + n, labels={"alertname": f"A{n}", "service": f"s{n}", "namespace": "shop"}, silenced_by=("s",))
        for n in range(5)
    ]
    world.am(*firing, *calm)
    assert storm_of(world).common == ("zone", "z1")


def test_what_configuration_puts_on_everything_is_not_named() -> None:
    """Configured labels, severity, job and a cluster that is the only one tell nothing."""
    systems = (replace(AM, labels={"site": "berlin"}), PROM)
    world = World(setup=Setup(systems=systems))
    world.am(*(report(n, name=f"A{n}", service=f"s{n}", labels={
        "alertname": f"A{n}", "service": f"s{n}", "severity": "critical", "job": "node", "site": "berlin",
    }) for n in range(60)))  # fmt: skip
    assert storm_of(world).common is None
    assert storm_of(world).share == 0
    other = replace(report(70, name="Z"), labels={"alertname": "Z", "cluster": "us-1"})
    world.am(*(report(n, name=f"A{n}", service=f"s{n}") for n in range(60)), other)
    assert storm_of(world).common == ("cluster", "eu-1")


def test_below_fifty_it_is_no_storm() -> None:
    """The line stands from fifty firing alerts on; silenced and dim ones do not count; it goes when they do."""
    world = World(AM)
    calm = [report(100 + n, silenced_by=("s",)) for n in range(60)]
    world.am(*(report(n) for n in range(49)), *calm)
    assert world.board.storm is None
    world.am(*(report(n) for n in range(50)), *calm)
    world.wait(60).am()
    assert world.board.storm is None
    assert {fold.state for fold in world.board.folds.values()} == {State.RESOLVED}


def test_the_line_stays_exact_as_alerts_come_and_go() -> None:
    """The share is counted exactly however the storm grew, a tenth at a time."""
    world = World(AM)
    reports = stormy(1000, 50)
    reports = [replace(one, labels={**one.labels, "namespace": f"n{at % 3}"}) for at, one in enumerate(reports)]
    for end in range(100, 1001, 100):
        world.wait(15).am(*reports[:end])
        on_pool = sum(one.labels["node_pool"] == "gp-3" for one in reports[:end])
        assert storm_of(world).share == pytest.approx(on_pool / end)
    for start in range(100, 900, 100):
        world.wait(15).am(*reports[start:])
        on_pool = sum(one.labels["node_pool"] == "gp-3" for one in reports[start:])
        assert storm_of(world).share == pytest.approx(on_pool / (1000 - start))


def test_the_first_to_fire_are_told_by_when_they_fired() -> None:
    """The first five stand in order of their firing, wherever they are folded."""
    world = World(AM)
    world.am(*(report(n, service=f"s{n % 3}", started=NOON - timedelta(seconds=n)) for n in range(60)))
    assert [key.id for key in storm_of(world).first] == [f"{n:04x}" for n in (59, 58, 57, 56, 55)]
