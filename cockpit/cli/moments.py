"""Moments and spans that a person writes on the command line."""

import math
import re
from datetime import UTC, datetime, timedelta

from cockpit.cli.options import Usage
from cockpit.spans import parse_duration

_CLOCK = re.compile(r"(\d\d?):(\d\d)(?::(\d\d))?")


def moment_of(text: str, began: datetime, ended: datetime) -> datetime:
    """Return the moment of a recording that `HH:MM` or `HH:MM:SS` in UTC names.

    A minute without seconds counts as inside where any of its seconds is.

    Raises:
        Usage: It is no time of day, or lies outside the recording.
    """
    match = _CLOCK.fullmatch(text.strip())
    hour, minute, second = (int(part or 0) for part in match.groups()) if match else (99, 0, 0)
    if hour > 23 or minute > 59 or second > 59 or match is None:
        raise Usage("--at", f"{text!r} is no time of day", "write HH:MM or HH:MM:SS, in UTC")
    width = timedelta(seconds=0 if match[3] else 59)
    began, ended = began.astimezone(UTC), ended.astimezone(UTC)
    for days in range((ended.date() - began.date()).days + 1):
        day = began + timedelta(days=days)
        there = day.replace(hour=hour, minute=minute, second=second, microsecond=0)
        if there <= ended and there + width >= began:
            return max(there, began)
    first, last = f"{began:%H:%M:%S}", f"{ended:%H:%M:%S}"
    raise Usage("--at", f"{text} is outside of the recording", f"it runs from {first} to {last} UTC")


def speed_of(text: str) -> float:
    """Return a speed.

    Raises:
        Usage: It is no number from 0 to 1000.
    """
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not 0 <= speed <= 1000:
        raise Usage("--speed", f"{text!r} is no speed", "write a number from 0 (stands still) to 1000")
    return speed


def span_of(place: str, text: str) -> timedelta:
    """Return a span of more than nothing.

    Raises:
        Usage: It is no duration.
    """
    try:
        span = parse_duration(text)
    except (ValueError, OverflowError) as error:
        raise Usage(place, f"{text!r} is no duration", "write one such as 30s, 10m, 4h, 7d") from error
    if span <= timedelta() or span > timedelta(days=366):
        raise Usage(place, f"{text!r} is no sensible duration", "write one from a second to a year")
    return span
