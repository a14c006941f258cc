"""What painters show, cut from a board."""

from dataclasses import replace
from datetime import timedelta

from cockpit.model.health import Health, ServiceHealth
from cockpit.model.measure import Measure, VendorStatus
from cockpit.slices.sights import sights_of
from tests.unit.slices.boards import NOW, board


def test_the_same_sights_while_nothing_changes() -> None:
    """A key that changes nothing costs nothing: another board with the same parts has the same sights."""
    first = board()
    assert sights_of(first, NOW) is sights_of(replace(first, at=NOW + timedelta(seconds=5)), NOW + timedelta(seconds=5))
    assert sights_of(first, NOW) is not sights_of(first, NOW + timedelta(minutes=1))


def test_what_is_known_is_shown() -> None:
    """Health, measures, hops and vendors' words come through as they are; what fires outside the map is named."""
    health = {"x": ServiceHealth("x", Health.FIRING, firing=1), "y": ServiceHealth("y", Health.FINE)}
    vendors = {"gateway": VendorStatus("gateway", fine=False, says="Partial System Outage", at=NOW)}
    known = replace(
        board(), health=health, measures={"x": Measure(rate=3)}, hops={("x", "y"): Measure(rate=1)}, vendors=vendors
    )
    sights = sights_of(known, NOW)
    assert (sights.states, sights.measures, sights.hops) == (health, known.measures, known.hops)
    assert sights.vendors == vendors
    assert sights.unmapped == ("x",)
