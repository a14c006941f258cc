"""The sample maps are what they say."""

import pytest

from cockpit.model.health import Health
from tests.maps import SAMPLES, Sample, generated

_SIZES = {"checkout": 6, "boutique": 11, "demo": 17, "booking": 40, "thousand": 1_000, "five-thousand": 5_000}


def _calls(sample: Sample) -> int:
    return sum(len(service.calls) for service in sample.map.services.values())


@pytest.mark.parametrize("name", SAMPLES)
def test_each_sample_is_whole(name: str) -> None:
    """A sample has its size, names only services that it has, and some of them fire, its focus among the known."""
    sample = SAMPLES[name]()
    known = sample.map.services
    assert len(known) == _SIZES[name]
    used = {hop.callee for service in known.values() for hop in service.calls}
    used.update(one for service in known.values() for one in service.runs_on)
    used.update(sample.map.entry, [sample.focus], *sample.map.journeys.values(), sample.states)
    assert used <= set(known)
    firing = [one for one, state in sample.states.items() if state.health is Health.FIRING]
    assert 0 < len(firing) <= max(6, len(known) // 50)
    assert {service.team for service in known.values()} - {None} == set(sample.map.teams)


def test_the_boutique_has_fifteen_calls() -> None:
    """Online Boutique's shape is eleven services and fifteen calls, without a cycle."""
    sample = SAMPLES["boutique"]()
    assert _calls(sample) == 15
    assert sample.topology.cycles() == ()


def test_the_booking_system_goes_round() -> None:
    """The booking system has a large knot of services that reach one another, and one that calls itself."""
    sample = SAMPLES["booking"]()
    assert len(sample.topology.cycles()) >= 3
    assert "booking" in sample.topology.callees("payment")
    assert "payment" in sample.topology.callees("booking")
    assert "pricing" in sample.topology.callees("pricing")


def test_a_generated_map_is_the_same_each_time() -> None:
    """A generated map is given by its size, and another seed gives another one."""
    first = generated(500)
    generated.cache_clear()
    again = generated(500)
    assert first.map == again.map
    assert first.states == again.states
    assert first.map is not again.map
    assert generated(500, 2).map != first.map


@pytest.mark.parametrize("count", [30, 100, 777])
def test_a_generated_map_has_the_size_that_was_asked_for(count: int) -> None:
    """Small generated maps are whole as well."""
    assert len(generated(count).map.services) == count
