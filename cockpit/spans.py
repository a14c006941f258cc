"""Durations and moments, read and written the one way that Cockpit writes them."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", re.ASCII)
_MINUTE = 60
_HOUR = 3600
_DAY = 86400
_YEAR_TOLD = 300


def parse_duration(text: str) -> timedelta:
    """Return the span that `500ms`, `2s`, `5m`, `4h`, `7d` or a row of those says.

    Raises:
        ValueError: It says none of these.
    """
    total, end = 0.0, 0
    for match in _DURATION.finditer(text):
        if match.start() != end:
            break
        total += float(match[1]) * _UNITS[match[2]]
        end = match.end()
    if text and end == len(text):
        try:
            return timedelta(seconds=total)
        except OverflowError:
            pass
    raise ValueError(f"{text!r} is no duration; write one such as 500ms, 2s, 5m, 4h, 7d")


def say_seconds(seconds: float) -> str:
    """Return a span as `40 s`, `6 min`, `1 h 12 min`, `2 d 3 h`; whole units, cut and not rounded."""
    whole = max(0, int(seconds))
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    if whole < _DAY:
        minutes = whole % _HOUR // _MINUTE
        return f"{whole // _HOUR} h {minutes} min" if minutes else f"{whole // _HOUR} h"
    hours = whole % _DAY // _HOUR
    return f"{whole // _DAY} d {hours} h" if hours else f"{whole // _DAY} d"


def say_between(start: datetime, end: datetime) -> str:
    """Return the span between two moments as a reader of `HH:MM` would count it.

    From a minute on it counts whole minutes of the clock, so that "14:06, ongoing 6 min" agrees with a
    clock that shows 14:12 whatever the seconds.
    """
    return say_seconds(clock_seconds(start, end))


def clock_seconds(start: datetime, end: datetime) -> float:
    """Return the seconds between two moments; from a minute on whole minutes, counted as a clock shows them."""
    seconds = (end - start).total_seconds()
    if seconds >= _MINUTE:
        return (end.replace(second=0, microsecond=0) - start.replace(second=0, microsecond=0)).total_seconds()
    return seconds


def short(seconds: float) -> str:
    """Return a span for a narrow column: `40s`, `6m`, `1h12`, `2d3h`."""
    whole = max(0, int(seconds))
    if whole < _MINUTE:
        return f"{whole}s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}m"
    if whole < _DAY:
        return f"{whole // _HOUR}h{whole % _HOUR // _MINUTE:02d}"
    return f"{whole // _DAY}d{whole % _DAY // _HOUR}h"


_STEPS = (30, 60, 120, 300, 600)


def age_step(seconds: float) -> str:
    """Return an age as the header steps it: 30s, 1m, 2m, 5m, 10m, then whole tens of minutes and hours."""
    if seconds >= _HOUR:
        return short(seconds // 600 * 600)
    if seconds >= 600:
        return f"{int(seconds // 600) * 10}m"
    step = max((limit for limit in _STEPS if limit <= seconds), default=0)
    return short(step) if step else "0s"


def clock_time(at: datetime, zone: tzinfo = UTC, *, today: datetime | None = None) -> str:
    """Return `14:06`, with its date in front (`21 Nov 14:06`) where it is not on the day of `today`.

    What lies most of a year away has its year too.
    """
    there = in_zone(at, zone)
    if today is None or (day := in_zone(today, zone).date()) == there.date():
        return f"{there:%H:%M}"
    year = f" {there.year}" if abs((there.date() - day).days) > _YEAR_TOLD else ""
    return f"{there.day} {there:%b}{year} {there:%H:%M}"


def in_zone(at: datetime, zone: tzinfo) -> datetime:
    """Return the moment by a zone's clock; as it is where it has no place on that zone's calendar."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at


def rfc3339(at: datetime | None) -> str | None:
    """Return a moment as RFC 3339 in UTC with `Z`, whole seconds unless it has fractions; null stays null."""
    if at is None:
        return None
    there = at.astimezone(UTC)
    text = there.isoformat(timespec="milliseconds" if there.microsecond else "seconds")
    return text.replace("+00:00", "Z")


_RFC3339 = re.compile(r"^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:?\d\d)\Z", re.ASCII)


def parse_rfc3339(text: str) -> datetime:
    """Return the aware moment, fractions cut to microseconds.

    Raises:
        ValueError: The text is no RFC 3339 date and time, or one that no calendar has.
    """
    match = _RFC3339.match(text)
    if match is None:
        raise ValueError(f"{text!r} is no RFC 3339 time")
    day, clock, fraction, zone = match.groups()
    zone = "+00:00" if zone in "Zz" else zone
    moment = datetime.fromisoformat(f"{day}T{clock}{(fraction or '')[:7]}{zone}")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} lies outside the calendar") from error
