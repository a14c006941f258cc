"""Arithmetic with moments and spans from outside, which may lie anywhere: it ends at the calendar's edges."""

import math
from datetime import UTC, datetime, timedelta

FIRST = datetime.min.replace(tzinfo=UTC)
"""The calendar's first moment."""
LAST = datetime.max.replace(tzinfo=UTC)
"""The calendar's last moment."""
_LONGEST = 1e10
"""Seconds; three hundred years are as good as for ever."""

_AGE_STEPS = ((600.0, 30.0), (3600.0, 60.0), (math.inf, 600.0))


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


def step_of(age_s: float) -> float:
    """Return how coarsely an age is told, so that it does not change at every tick."""
    return next(step for limit, step in _AGE_STEPS if age_s < limit or limit == math.inf)


def stepped(age_s: float) -> float:
    """Return an age in the steps in which boards tell it."""
    age_s = max(0.0, age_s)
    step = step_of(age_s)
    return age_s // step * step
