"""When a system is asked again."""

from hypothesis import given
from hypothesis import strategies as st

from cockpit.model.reading import Topic
from cockpit.poller import every_of, next_delay

seconds = st.floats(0, 1e5)
every = st.floats(0.5, 3600)


@given(every, seconds)
def test_an_answer_gives_the_system_ten_times_its_effort_of_rest(every_s: float, took_s: float) -> None:
    """The next asking is never before the cadence, and never sooner than ten times what the last answer took."""
    assert next_delay(every_s, took_s) == max(every_s, 10 * took_s)


@given(every, seconds, st.integers(1, 10_000), st.none() | st.floats(0, 1e9), st.floats(-1, 2))
def test_retries_are_bounded_and_never_end(
    every_s: float, took_s: float, failures: int, retry_after_s: float | None, chance: float
) -> None:
    """However often it failed, it is tried again within a minute, or twice its cadence, or when it asked for it."""
    delay = next_delay(every_s, took_s, failures, retry_after_s=retry_after_s, chance=chance)
    longest = max(60.0, 2 * every_s)
    assert 0 < delay <= max(longest, min(retry_after_s or 0.0, 3600.0))
    if retry_after_s is not None:
        assert delay >= min(retry_after_s, 3600.0)


@given(every, st.integers(1, 60))
def test_each_failure_waits_at_least_as_long_as_the_one_before(every_s: float, failures: int) -> None:
    """Without jitter the wait grows up to its bound."""
    assert next_delay(every_s, 0, failures) <= next_delay(every_s, 0, failures + 1)


def test_the_first_retry_comes_soon_and_jitter_spreads_it() -> None:
    """A first failure is tried again after five seconds, a fifth earlier or later."""
    assert next_delay(15, 0.1, 1) == 5
    assert (next_delay(15, 0.1, 1, chance=0), next_delay(15, 0.1, 1, chance=1)) == (4, 6)
    assert [next_delay(15, 0.1, failures) for failures in (2, 3, 4, 5, 6)] == [10, 20, 40, 60, 60]
    assert next_delay(120, 0.1, 20) == 240


def test_a_configured_cadence_replaces_the_kinds_own() -> None:
    """The kind's cadence holds by topic unless the configuration gives another, which holds for all topics."""
    kinds = {Topic.ALERTS: 15.0, Topic.CHANGES: 30.0}
    assert every_of(15, kinds, Topic.CHANGES) == 30
    assert every_of(7, kinds, Topic.CHANGES) == every_of(7, kinds, Topic.TARGETS) == 7
    assert every_of(15, kinds, Topic.TARGETS) == 300
    assert every_of(0, {}, Topic.ALERTS) == 15
