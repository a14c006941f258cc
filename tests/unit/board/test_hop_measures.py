"""Arithmetic with what is measured on calls."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.board.hop_measures import FRESH_S, aged, ages_at, of_services, together
from cockpit.model.measure import Measure
from tests.unit.board.world import NOON

_SHARES = st.none() | st.floats(0, 1)
_MEASURES = st.builds(
    lambda share, latency, rate, trend: Measure(share, latency, rate, trend=tuple(trend), at=NOON, system="p"),
    _SHARES,
    st.none() | st.floats(0, 100),
    st.none() | st.floats(0, 1e6),
    st.lists(_SHARES, max_size=5),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(_MEASURES, min_size=1, max_size=5))
def test_several_measures_stay_within_what_they_say(measures: list[Measure]) -> None:
    """A share lies between the least and the most, rates add up, the slowest counts, the newest minutes stand together."""
    one = together(measures)
    shares = [each.error_share for each in measures if each.error_share is not None]
    if shares:
        assert one.error_share is not None
        assert min(shares) - 1e-9 <= one.error_share <= max(shares) + 1e-9
    else:
        assert one.error_share is None
    assert one.rate == pytest.approx(sum(each.rate for each in measures if each.rate is not None)) or one.rate is None
    assert one.latency_s == max((each.latency_s for each in measures if each.latency_s is not None), default=None)
    assert len(one.trend) == max(len(each.trend) for each in measures)
    last = [each.trend[-1] for each in measures if each.trend]
    assert (one.trend[-1] is None) == all(share is None for share in last) if last else not one.trend


@settings(max_examples=100, deadline=None)
@given(st.none() | st.floats(-1000, 1e6), st.floats(0, 1e6))
def test_an_age_stands_until_it_is_due(back: float | None, waits: float) -> None:
    """Between two moments of change an age is told the same; at the second it differs."""
    seen = None if back is None else NOON - timedelta(seconds=back)
    measure = Measure(rate=1.0)
    now, due = aged(measure, seen, NOON), ages_at(seen, NOON)
    assert due > NOON
    within = NOON + min(timedelta(seconds=waits), due - NOON - timedelta(milliseconds=2))
    assert aged(measure, seen, max(NOON, within)).stale_s == now.stale_s
    if seen is not None:
        assert aged(measure, seen, due + timedelta(milliseconds=1)).stale_s != now.stale_s
        assert (now.stale_s is None) == (back is not None and back < FRESH_S)


def test_hops_without_traffic_measure_nobody() -> None:
    """A service is measured by the calls that are made now."""
    hops = {
        ("a", "b"): Measure(0.5, rate=1.0, stale_s=300.0),
        ("c", "b"): Measure(0.1, rate=2.0),
        ("b", "d"): Measure(),
    }
    assert of_services(hops) == {"b": Measure(0.1, rate=2.0)}
