"""What is measured of services and hops, and what vendors say of themselves."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Measure:
    """What a system measured of one service, or of one hop; null where it measured nothing."""

    error_share: float | None = None
    """Failing requests among all, 0 to 1."""
    latency_s: float | None = None
    """The slow end (p99 unless the query says otherwise), in seconds."""
    rate: float | None = None
    """Requests a second."""
    trend: tuple[float | None, ...] = ()
    """Error shares of the last thirty minutes, oldest first, one a minute; null where there is no sample."""
    at: datetime | None = None
    """When it was measured."""
    system: str = ""
    """Who measured it."""
    stale_s: float | None = None
    """Its age where it is stale."""


@dataclass(frozen=True, slots=True)
class VendorStatus:
    """What the status page of a third party says."""

    service: str
    """The map's key."""
    fine: bool | None
    """Null where the page says nothing that can be read."""
    says: str
    """In its own words: `Partial System Outage`."""
    at: datetime
    url: str = ""
    incident: str = ""
    """The name of its latest open incident, where there is one."""
