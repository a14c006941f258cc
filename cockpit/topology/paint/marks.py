"""How a service's health looks in a drawing: its glyph, its share of failing requests, its change."""

import math
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from cockpit.model.drawing import Glyphs, Role, Span
from cockpit.model.health import Health, ServiceHealth
from cockpit.model.sights import Sights
from cockpit.spans import age_step

FAILING = 0.05
"""From this share of failing calls on a measured hop fails."""

NOTHING: Mapping[str, str] = MappingProxyType({})
"""No change badges."""

States = Mapping[str, ServiceHealth]
"""Health by service; a service that is not there is not watched."""

_ROLES = {
    Health.FIRING: Role.FIRING,
    Health.WARNING: Role.WARNING,
    Health.NO_TRAFFIC: Role.WARNING,
    Health.FINE: Role.FINE,
    Health.UNKNOWN: Role.UNKNOWN,
}
_BADNESS = {
    Health.FIRING: 0,
    Health.WARNING: 1,
    Health.NO_TRAFFIC: 2,
    Health.UNKNOWN: 3,
    Health.FINE: 4,
}


def health_of(states: States, service: str) -> Health:
    """Return a service's health; one of which nothing is known is not watched."""
    state = states.get(service)
    return Health.UNKNOWN if state is None else state.health


def badness(states: States, service: str) -> int:
    """Return how bad a service is doing, the worst being 0."""
    return _BADNESS[health_of(states, service)]


def fires(states: States, service: str) -> bool:
    """Tell whether a service is firing."""
    return health_of(states, service) is Health.FIRING


def failing(states: States, caller: str, callee: str) -> bool:
    """Tell whether a hop fails: its callee fires, or gets nothing any more from a caller that does."""
    below = health_of(states, callee)
    return below is Health.FIRING or (below is Health.NO_TRAFFIC and fires(states, caller))


def fails(sights: Sights, caller: str, callee: str) -> bool:
    """Tell whether a hop fails by the health of its ends, or by what is measured on it now."""
    measure = sights.hops.get((caller, callee)) if sights.hops else None
    if measure is not None and measure.stale_s is None and (measure.error_share or 0.0) >= FAILING:
        return True
    return failing(sights.states, caller, callee)


@lru_cache(maxsize=8)
def _glyphs(glyphs: Glyphs) -> dict[Health, str]:
    return {
        Health.FIRING: glyphs.firing,
        Health.WARNING: glyphs.warning,
        Health.NO_TRAFFIC: glyphs.no_traffic,
        Health.FINE: glyphs.fine,
        Health.UNKNOWN: glyphs.unknown,
    }


def mark(states: States, service: str, glyphs: Glyphs) -> Span:
    """Return the glyph of a service's health in its role."""
    health = health_of(states, service)
    return Span(_glyphs(glyphs)[health], _ROLES[health])


def say_share(share: float) -> str:
    """Return a share as a column shows it: `0%`, `0.2%`, `4.0%`, `38%`."""
    percent = share * 100
    if not math.isfinite(percent):
        return "?"
    if percent >= 9.95:
        return f"{min(percent, 9999):.0f}%"
    if 0 < percent < 0.05:
        return "<0.1%"
    return f"{percent:.1f}%" if percent > 0 else "0%"


def share(states: States, service: str) -> Span | None:
    """Return what is measured of a service, or null: its failing share, with its age where that is stale."""
    state = states.get(service)
    if state is None:
        return None
    if state.health is Health.NO_TRAFFIC:
        return Span("no traffic", Role.WARNING)
    if state.error_share is None:
        return None
    text = say_share(state.error_share)
    if state.stale_s is not None:
        age = age_step(state.stale_s)
        return Span(text if age == "0s" else f"{text} {age} old", Role.STALE)
    loud = state.health in {Health.FIRING, Health.WARNING}
    return Span(text, _ROLES[state.health] if loud else Role.DIM)


def badge(states: States, service: str, changed: Mapping[str, str], glyphs: Glyphs) -> Span | None:
    """Return the mark of a service's recent change, or null."""
    age = changed.get(service)
    if not age:
        return None
    state = states.get(service)
    return Span(f"{glyphs.change}{age}", Role.SUSPECT if state is not None and state.suspect else Role.CHANGE)
