"""Small words that several slices share: counts, ages in narrow columns, values."""

from collections.abc import Mapping
from datetime import datetime

from cockpit.model.alert import Alert
from cockpit.promql import Expression, PromqlError, parse
from cockpit.spans import clock_seconds, short
from cockpit.triage import figures


def count_of(number: int, word: str) -> str:
    """Return `4,012 firing`."""
    return f"{number:,} {word}"


def short_age(seconds: float) -> str:
    """Return an age that changes once a minute at most: `<1m`, `6m`, `1h12`, `2d3h`."""
    return "<1m" if seconds < 60 else short(seconds)


def short_since(start: datetime, now: datetime) -> str:
    """Return how long ago something was, for a column, counted as the drill counts it."""
    return short_age(clock_seconds(start, now))


def significant(value: float, digits: int = 3) -> str:
    """Return a number with so many significant figures, thousands told by k, M, G."""
    size = abs(value)
    for limit, suffix in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if size >= limit:
            unit = {"G": 1e9, "M": 1e6, "k": 1e3}[suffix]
            return f"{value / unit:.{digits}g}{suffix}"
    if size >= 1000:
        return f"{value:.0f}"
    return f"{value:.{digits}g}"


def say_measure(value: float, expression: str) -> str:
    """Return an alert's value for its column, as its expression measures it."""
    try:
        return figures.say_measure(value, parse(expression) if expression else Expression(""))
    except PromqlError:
        return significant(value)


_TELLING = ("instance", "pod", "node", "device", "host", "container", "zone", "path", "queue")


def telling(alert: Alert, other: Mapping[str, str]) -> str:
    """Return what tells an alert from the others of its fold: the first labels that differ."""
    differing = [name for name in _TELLING if name in alert.labels and other.get(name) != alert.labels[name]]
    differing += [name for name, value in alert.labels.items() if name not in _TELLING and other.get(name) != value]
    return " ".join(alert.labels[name] for name in differing[:2]) or alert.name
