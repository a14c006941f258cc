"""Arithmetic with moments and spans from outside, which may lie anywhere: it ends at the calendar's edges."""

import math
from datetime import UTC, datetime, timedelta

FIRST = datetime.min.replace(tzinfo=UTC)
"""The calendar's first moment."""
LAST = datetime.max.replace(tzinfo=UTC)
"""The calendar's last moment."""
_LONGEST = 1e10
"""Seconds; three hundred years are as good as for ever."""


def span(seconds: float) -> timedelta:
    """Return so many seconds as a span; what is no number is none at all."""
    if math.isnan(seconds):
        return timedelta(0)
    return timedelta(seconds=max(-_LONGEST, min(_LONGEST, seconds)))


def later(moment: datetime, by: timedelta) -> datetime:
    """Return the moment that much later (or earlier), held within the calendar."""
    try:
        return moment + by
    except OverflowError:
        return FIRST if by < timedelta(0) else LAST


def seconds_between(start: datetime, end: datetime) -> float:
    """Return the seconds from start to end, negative where the end lies before."""
    return (end - start).total_seconds()
