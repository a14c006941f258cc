"""Durations and moments, the one way that they are written."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.spans import (
    age_step,
    clock_time,
    parse_duration,
    parse_rfc3339,
    rfc3339,
    say_between,
    say_seconds,
    short,
)

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

_moments = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("2s", 2), ("5m", 300), ("4h", 14400), ("7d", 604800), ("1h30m", 5400), ("1.5h", 5400), ("0s", 0)],
)
def test_parse_duration(text: str, seconds: float) -> None:
    """The spans of the configuration are read."""
    assert parse_duration(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "5x", "-5m", "5m!", "1h 30m", "5M"])
def test_no_duration(text: str) -> None:
    """What is none is an error that shows one."""
    with pytest.raises(ValueError, match="no duration"):
        parse_duration(text)


def test_absurd_durations_are_no_durations() -> None:
    """A span that no clock holds is refused like any other."""
    with pytest.raises(ValueError, match="no duration"):
        parse_duration("9" * 30 + "d")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (-5, "0 s"),
        (40, "40 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (360, "6 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (4320, "1 h 12 min"),
        (86400, "1 d"),
        (183600, "2 d 3 h"),
    ],
)
def test_say_seconds(seconds: float, said: str) -> None:
    """Spans read as the contract says."""
    assert say_seconds(seconds) == said


def test_say_between_counts_as_a_clock_shows() -> None:
    """14:06:50 to 14:12:03 is six minutes on a clock that shows minutes."""
    start = NOON.replace(minute=6, second=50)
    assert say_between(start, NOON.replace(minute=12, second=3)) == "6 min"
    assert say_between(start, start + timedelta(seconds=59)) == "59 s"
    assert say_between(start, start - timedelta(seconds=5)) == "0 s"


@settings(max_examples=100, deadline=None)
@given(_moments, st.integers(60, 3500))
def test_say_between_agrees_with_the_clock(start: datetime, seconds: int) -> None:
    """From a minute on, start's minute and span add up to the end's minute."""
    end = start + timedelta(seconds=seconds)
    said = say_between(start, end)
    minutes = int(said.split()[0]) if said.endswith("min") and "h" not in said else 60
    assert (start.replace(second=0, microsecond=0) + timedelta(minutes=minutes)).strftime("%H:%M") == f"{end:%H:%M}"


@pytest.mark.parametrize(
    ("seconds", "said"), [(40, "40s"), (360, "6m"), (4320, "1h12"), (3660, "1h01"), (183600, "2d3h")]
)
def test_short(seconds: float, said: str) -> None:
    """Narrow columns get a narrow span."""
    assert short(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0s"),
        (29, "0s"),
        (31, "30s"),
        (59, "30s"),
        (60, "1m"),
        (119, "1m"),
        (120, "2m"),
        (299, "2m"),
        (300, "5m"),
        (599, "5m"),
        (600, "10m"),
        (1199, "10m"),
        (1200, "20m"),
        (3599, "50m"),
        (3600, "1h00"),
        (4300, "1h10"),
    ],
)
def test_age_step(seconds: float, said: str) -> None:
    """Ages step, so that a calm screen does not tick."""
    assert age_step(seconds) == said


def test_clock_time_tells_the_day_where_it_is_another() -> None:
    """What is not today carries its date, in the zone that is shown."""
    late = NOON.replace(hour=23, minute=30)
    berlin = ZoneInfo("Europe/Berlin")
    assert clock_time(late) == "23:30"
    assert clock_time(late, today=NOON) == "23:30"
    assert clock_time(late, today=NOON + timedelta(days=1)) == "20 Nov 23:30"
    assert clock_time(late, berlin, today=NOON) == "21 Nov 00:30"
    assert clock_time(late, berlin, today=late) == "00:30"


def test_zero_times_are_told() -> None:
    """A server's zero time, which lies before the calendar of zones west of it, is told as it is."""
    zero = parse_rfc3339("0001-01-01T00:00:00Z")
    assert clock_time(zero, ZoneInfo("America/New_York"), today=NOON) == "1 Jan 1 00:00"


def test_far_moments_have_their_year() -> None:
    """A silence until next year is not read as one until this year."""
    assert clock_time(NOON + timedelta(days=365), today=NOON).split()[2] == str(NOON.year + 1)
    assert len(clock_time(NOON + timedelta(days=200), today=NOON).split()) == 3


@settings(max_examples=100, deadline=None)
@given(_moments)
def test_rfc3339_comes_back(at: datetime) -> None:
    """What is written is read again, to the millisecond."""
    text = rfc3339(at)
    assert text is not None
    assert text.endswith("Z")
    assert abs(parse_rfc3339(text) - at) < timedelta(milliseconds=1)


def test_rfc3339_of_nothing() -> None:
    """No moment stays none, and another zone becomes UTC."""
    assert rfc3339(None) is None
    assert rfc3339(NOON.astimezone(timezone(timedelta(hours=2)))) == "2026-11-20T12:00:00Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T12:00:00Z",
        "2026-11-20t12:00:00z",
        "2026-11-20 12:00:00Z",
        "2026-11-20T14:00:00+02:00",
        "2026-11-20T12:00:00.000000000Z",
        "2026-11-20T14:00:00.0+0200",
    ],
)
def test_parse_rfc3339(text: str) -> None:
    """The forms that systems send all name the same moment."""
    assert parse_rfc3339(text) == NOON


@pytest.mark.parametrize(
    "text",
    [
        "",
        "today",
        "2026-11-20T12:00:00Z\n",
        "２０26-11-20T12:00:00Z",
        "2026-11-20",
        "2026-11-20T12:00:00",
        "2026-13-20T12:00:00Z",
        "0001-01-01T00:00:00+02:00",
    ],
)
def test_no_rfc3339(text: str) -> None:
    """What is none, or lies outside the calendar, is an error."""
    with pytest.raises(ValueError, match=r".+"):
        parse_rfc3339(text)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40) | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", fullmatch=True))
def test_any_text_is_a_moment_or_an_error(text: str) -> None:
    """No text raises anything but ValueError, and what comes back is aware."""
    try:
        assert parse_rfc3339(text).tzinfo is UTC
    except ValueError:
        return
