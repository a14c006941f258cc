"""The health of a service, told only as far as something measured it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Health(StrEnum):
    """Worst first: firing, warning, no traffic, fine, not watched."""

    FIRING = "firing"
    WARNING = "warning"
    NO_TRAFFIC = "no-traffic"
    FINE = "fine"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """What is known of one service's health."""

    service: str
    health: Health
    firing: int = 0
    pending: int = 0
    error_share: float | None = None
    """Measured share of failing requests, 0 to 1."""
    measured: datetime | None = None
    watched: bool = False
    """A measurement or an alert rule covers it, and answered."""
    stale_s: float | None = None
    """Age of the measurement where it is stale."""
    changed: datetime | None = None
    """Begin of its latest change in the window."""
    suspect: bool = False
    why: tuple[str, ...] = ()
    """What is not well beside alerts, in words: `12 % of requests failing`, `status page says Partial Outage`."""
