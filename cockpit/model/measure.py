"""What is measured of services and hops, and what vendors say of themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    usual: float | None = None
    """Requests a second at this time of the day before."""
    trend: tuple[float | None, ...] = ()
    """Error shares of the last thirty minutes, oldest first, one a minute; null where there is no sample."""
    at: datetime | None = None
    """When it was measured."""
    system: str = ""
    """Who measured it."""
    stale_s: float | None = None
    """Its age where it is stale."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one query, or the queries that belong together, measured of one set of labels."""

    measure: Measure
    labels: Mapping[str, str] = field(default_factory=dict)
    """They name the service as an alert's labels do."""
    name: str = ""
    """The service's name where its source gives one; the labels decide where it is empty."""
    service: str = ""
    """The map's key where the map's own query measured it."""
    source: int = 0
    """Which of several sources it comes from: what an earlier one says of a service counts."""


@dataclass(frozen=True, slots=True)
class VendorStatus:
    """What the status page of a third party says."""

    service: str
    """The map's key."""
    fine: bool | None
    """Null where the page says nothing that can be read."""
    says: str
    """In its own words: `Partial System Outage`; of a page that cannot be read why: `status page not answering: …`."""
    at: datetime
    url: str = ""
    incident: str = ""
    """The name of its latest open incident, where there is one."""
