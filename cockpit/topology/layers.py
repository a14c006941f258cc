"""What a layer of the map is drawn from: a map like that of services, with the health of what stands in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cockpit.model.health import Health, ServiceHealth
from cockpit.model.measure import Measure
from cockpit.model.topology import IntegrationMap

_ORDER = tuple(Health)


@dataclass(frozen=True, slots=True)
class Drawable:
    """A layer as painters take it."""

    map: IntegrationMap
    """Teams or tools as its services, what one tells or needs of another as its hops."""
    states: Mapping[str, ServiceHealth] = field(default_factory=dict)
    hops: Mapping[tuple[str, str], Measure] = field(default_factory=dict)


NOTHING = Drawable(IntegrationMap())
"""A layer with nothing in it."""


def worse(one: Health, other: Health) -> Health:
    """Return the worse of two; what is not watched is no worse than what is fine."""
    return min(one, other, key=_ORDER.index)
