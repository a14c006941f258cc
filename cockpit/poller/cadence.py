"""When a system is asked again: pure arithmetic."""

from collections.abc import Mapping

from cockpit.model.reading import Topic

REST = 10.0
"""A system rests for at least so many times what its last answer took."""

QUICKEST_S = 5.0
"""Seconds before a system that failed once is tried again, or its own cadence where that is shorter."""

LONGEST_S = 60.0
"""Seconds between tries of a system that keeps failing, or twice its cadence where that is longer."""

LONGEST_RETRY_AFTER_S = 3600.0
"""Seconds for which a server may ask to be left alone; it is asked again after that all the same."""

SPREAD = 0.2
"""Share by which a retry comes earlier or later, so that many cockpits do not come at once."""

DEFAULT_S = {
    Topic.ALERTS: 15.0,
    Topic.FILTERED: 15.0,
    Topic.SILENCES: 15.0,
    Topic.RULES: 15.0,
    Topic.CHANGES: 30.0,
    Topic.WIDER: 4 * 3600.0,
    Topic.HISTORY: 300.0,
    Topic.SCOPES: 15.0,
    Topic.SERIES: 15.0,
    Topic.TARGETS: 300.0,
    Topic.HOPS: 60.0,
    Topic.MEASURES: 60.0,
    Topic.STATUS: 60.0,
    Topic.PLACES: 300.0,
    Topic.ONCALL: 120.0,
}
"""Seconds between askings where the kind of system says nothing."""


def every_of(every_s: float, cadence: Mapping[Topic, float], topic: Topic) -> float:
    """Return the seconds between two askings for a topic.

    A cadence that the configuration gives replaces those of the kind: it is known by being none of them.
    """
    if every_s > 0 and cadence and every_s not in cadence.values():
        return every_s
    return cadence.get(topic, DEFAULT_S[topic])


def next_delay(
    every_s: float,
    took_s: float,
    failures: int = 0,
    *,
    retry_after_s: float | None = None,
    chance: float = 0.5,
) -> float:
    """Return the seconds from an answer, or a failure, to the next asking.

    Args:
        every_s: The cadence.
        took_s: How long the last answer or failure took.
        failures: How many failures came in a row; 0 after an answer.
        retry_after_s: For how long the server asked to be left alone.
        chance: A random number from 0 to 1 that spreads retries.
    """
    took_s = max(0.0, took_s)
    if failures <= 0:
        delay = max(every_s, REST * took_s)
    else:
        longest = max(LONGEST_S, 2.0 * every_s)
        backoff = min(longest, min(QUICKEST_S, every_s) * 2.0 ** min(failures - 1, 30))
        spread = 1.0 + SPREAD * (2.0 * min(1.0, max(0.0, chance)) - 1.0)
        delay = min(longest, max(backoff * spread, took_s))
    if retry_after_s is not None and retry_after_s > 0:
        delay = max(delay, min(retry_after_s, LONGEST_RETRY_AFTER_S))
    return delay
