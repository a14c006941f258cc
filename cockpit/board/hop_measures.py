"""Arithmetic with what is measured on calls: several of one hop made one, those of a service's callers made the service's."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from cockpit.board.moments import LAST, later, seconds_between, span, step_of, stepped
from cockpit.model.measure import Measure

FRESH_S = 300.0
"""Seconds without traffic after which a hop is not drawn as alive."""

UNSEEN_S = 1800.0
"""What is told of a hop whose last traffic nobody knows: for so long there was none at least."""


def together(measures: Sequence[Measure]) -> Measure:
    """Return one measure of several that count different requests: rates add up, shares by their weight, the slowest counts."""
    if len(measures) == 1:
        return measures[0]
    rates = [one.rate for one in measures if one.rate is not None]
    return Measure(
        error_share=_share([(one.error_share, one.rate) for one in measures]),
        latency_s=max((one.latency_s for one in measures if one.latency_s is not None), default=None),
        rate=sum(rates) if rates else None,
        trend=_trend(measures),
        at=max((one.at for one in measures if one.at is not None), default=None),
        system=next((one.system for one in measures if one.system), ""),
    )


def _share(pairs: Iterable[tuple[float | None, float | None]]) -> float | None:
    """Return the share of all that shares of parts come to; parts whose weight is not known count the same."""
    known = [(share, weight) for share, weight in pairs if share is not None]
    if not known:
        return None
    weights = [max(0.0, weight or 0.0) for _, weight in known]
    if not math.isfinite(sum(weights)) or sum(weights) <= 0:
        weights = [1.0] * len(known)
    mean = sum(share * weight for (share, _), weight in zip(known, weights, strict=True)) / sum(weights)
    shares = [share for share, _ in known]
    return min(max(shares), max(min(shares), mean))


def _trend(measures: Sequence[Measure]) -> tuple[float | None, ...]:
    """Return the trends weighed by the present rates, aligned at their end: the newest minute stands last."""
    trends = [(one.trend, one.rate or 0.0) for one in measures if one.trend]
    if len(trends) < 2:
        return trends[0][0] if trends else ()
    if not 0 < sum(rate for _, rate in trends) < math.inf:
        trends = [(trend, 1.0) for trend, _ in trends]
    longest = max(len(trend) for trend, _ in trends)
    failing, weights = [0.0] * longest, [0.0] * longest
    known = [False] * longest
    for trend, rate in trends:
        for place, share in enumerate(trend, longest - len(trend)):
            if share is not None:
                known[place] = True
                failing[place] += share * rate
                weights[place] += rate
    return tuple(
        min(1.0, part / whole) if whole > 0 else (0.0 if one else None)
        for part, whole, one in zip(failing, weights, known, strict=True)
    )


def of_services(hops: Mapping[tuple[str, str], Measure]) -> dict[str, Measure]:
    """Return what the calls of each service's callers say of it; who only calls itself is measured by that.

    Hops without traffic measure nobody.
    """
    incoming: dict[str, list[Measure]] = {}
    for (_, callee), measure in hops.items():
        if measure.rate is not None:
            incoming.setdefault(callee, []).append(measure)
    found: dict[str, Measure] = {}
    for service, measures in incoming.items():
        fresh = [one for one in measures if one.stale_s is None]
        if fresh:
            found[service] = together(fresh)
    return found


def away(measure: Measure, at: datetime) -> Measure:
    """Return a measure of a system that does not answer with its age."""
    return replace(measure, stale_s=stepped(UNSEEN_S if measure.at is None else seconds_between(measure.at, at)))


def aged(measure: Measure, seen: datetime | None, at: datetime) -> Measure:
    """Return a hop's measure with how long there has been no traffic on it, where that is long; else without an age."""
    age = UNSEEN_S if seen is None else seconds_between(seen, at)
    stale = stepped(age) if age >= FRESH_S else None
    return measure if measure.stale_s == stale else replace(measure, stale_s=stale)


def ages_at(seen: datetime | None, at: datetime) -> datetime:
    """Return when the age of a hop is next told differently."""
    if seen is None:
        return LAST
    age = seconds_between(seen, at)
    ahead = FRESH_S if age < FRESH_S else stepped(age) + step_of(age)
    return later(seen, span(ahead))
