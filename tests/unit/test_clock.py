"""Clocks: the host's, one that stands where it is put, and a recording's."""

from datetime import UTC, datetime, timedelta

import pytest

from cockpit.clock import Clock, FixedClock, PlaybackClock, SystemClock

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_system_clock_is_aware_and_runs_forward() -> None:
    """The host's time is in UTC and never runs backwards."""
    clock: Clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert clock.monotonic() <= clock.monotonic()


async def test_fixed_clock_moves_by_sleeping() -> None:
    """Sleeping moves a fixed clock instead of waiting."""
    clock = FixedClock(NOON)
    before = clock.monotonic()
    await clock.sleep(30)
    assert clock.now() == NOON + timedelta(seconds=30)
    assert clock.monotonic() - before == 30
    clock.set(NOON)
    assert clock.now() == NOON


def test_playback_runs_at_its_speed_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A recording's clock runs so many times faster than the host's, and stands still at the end."""
    host = [100.0]
    monkeypatch.setattr("cockpit.clock.time.monotonic", lambda: host[0])
    clock = PlaybackClock(NOON, NOON + timedelta(minutes=1), speed=4)
    host[0] += 10
    assert clock.now() == NOON + timedelta(seconds=40)
    assert not clock.ended
    host[0] += 10
    assert clock.now() == NOON + timedelta(minutes=1)
    assert clock.ended


def test_playback_at_no_speed_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """At speed 0 the recording's moment does not pass."""
    host = [100.0]
    monkeypatch.setattr("cockpit.clock.time.monotonic", lambda: host[0])
    clock = PlaybackClock(NOON, NOON + timedelta(minutes=1), speed=0)
    host[0] += 1000
    assert clock.now() == NOON
