"""Moments of a recording, speeds and spans, as a person writes them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.cli.moments import moment_of, span_of, speed_of
from cockpit.cli.options import Usage

BEGAN = datetime(2026, 11, 20, 13, 58, 20, tzinfo=UTC)
ENDED = datetime(2026, 11, 20, 14, 31, 5, tzinfo=UTC)


def test_moment_is_of_the_recordings_day() -> None:
    """A time of day is that of the recording's own day, in UTC."""
    assert moment_of("14:12", BEGAN, ENDED) == datetime(2026, 11, 20, 14, 12, tzinfo=UTC)
    assert moment_of("14:12:30", BEGAN, ENDED) == datetime(2026, 11, 20, 14, 12, 30, tzinfo=UTC)


def test_minute_that_is_partly_inside_counts() -> None:
    """The minute in which the recording begins counts from its begin."""
    assert moment_of("13:58", BEGAN, ENDED) == BEGAN
    assert moment_of("14:31", BEGAN, ENDED) == datetime(2026, 11, 20, 14, 31, tzinfo=UTC)


def test_midnight_is_crossed() -> None:
    """A recording over midnight has both evenings and mornings."""
    began = datetime(2026, 11, 20, 23, 50, tzinfo=UTC)
    assert moment_of("00:05", began, began + timedelta(minutes=30)).day == 21
    assert moment_of("23:55", began, began + timedelta(minutes=30)).day == 20


@pytest.mark.parametrize("text", ["13:57", "13:58:19", "14:31:06", "14:32", "02:00"])
def test_outside_names_the_range(text: str) -> None:
    """A moment outside is refused with the range that there is."""
    with pytest.raises(Usage, match="13:58:20 to 14:31:05"):
        moment_of(text, BEGAN, ENDED)


@pytest.mark.parametrize("text", ["", "14", "24:00", "14:60", "14:12:60", "noon", "14:12Z", "-1:00", "1412"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    """Anything else is told how to be written."""
    with pytest.raises(Usage, match="HH:MM"):
        moment_of(text, BEGAN, ENDED)


@given(st.integers(0, 3600), st.integers(0, 7200))
@settings(max_examples=100, deadline=None)
def test_every_second_inside_is_found(start: int, length: int) -> None:
    """Each whole second of any recording can be named, and is itself."""
    began = BEGAN + timedelta(seconds=start)
    ended = began + timedelta(seconds=length)
    for there in (began, ended, began + timedelta(seconds=length // 2)):
        assert moment_of(f"{there:%H:%M:%S}", began, ended) == there


def test_speed_is_a_number() -> None:
    """A speed is any number from 0 to 1000."""
    assert speed_of("0") == 0
    assert speed_of("0.5") == 0.5
    for text in ("fast", "-1", "nan", "inf", "1001", ""):
        with pytest.raises(Usage, match="no speed"):
            speed_of(text)


def test_span_is_a_duration() -> None:
    """A span is written like every other duration, and is more than nothing."""
    assert span_of("--since", "4h") == timedelta(hours=4)
    for text in ("4", "", "0s", "-4h", "9999d", "99999999999999d"):
        with pytest.raises(Usage, match="--since"):
            span_of("--since", text)
