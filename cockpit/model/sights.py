"""What painters show on services and hops, beside who calls whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cockpit.model.health import ServiceHealth
from cockpit.model.measure import Measure, VendorStatus


@dataclass(frozen=True, slots=True)
class Sights:
    """Everything that is known of the services and hops that a painter draws."""

    states: Mapping[str, ServiceHealth] = field(default_factory=dict)
    """Health by service; one that is not there is not watched."""
    measures: Mapping[str, Measure] = field(default_factory=dict)
    """By service."""
    hops: Mapping[tuple[str, str], Measure] = field(default_factory=dict)
    """By caller and callee."""
    changed: Mapping[str, str] = field(default_factory=dict)
    """The age of the latest change by service, for its badge: `12m`."""
    vendors: Mapping[str, VendorStatus] = field(default_factory=dict)
    """By third-party service."""
    unmapped: tuple[str, ...] = ()
    """Services that do something and are not in the map, worst first."""


NO_SIGHTS = Sights()
"""Nothing is known."""
