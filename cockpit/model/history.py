"""What fired before: stretches in which alerts fired, out of what a server remembers, and where it does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Firing:
    """One stretch in which an alert fired, as it was seen every so many seconds."""

    began: datetime
    """When it was first seen firing."""
    ended: datetime | None = None
    """When it was first seen not to fire any more; null where it fired at the last look."""
    before: bool = False
    """It may have fired before: of the moment ahead nothing is known."""
    unsure: bool = False
    """It ended in a time of which nothing is known, or later."""


@dataclass(frozen=True, slots=True)
class PastAlert:
    """One alert that fired in the time that was asked about."""

    labels: Mapping[str, str]
    """Cleaned, with the system's configured labels added."""
    firings: tuple[Firing, ...]
    """Oldest first; never empty."""


@dataclass(frozen=True, slots=True)
class HistorySeen:
    """What fired in a time, as one system remembers it."""

    alerts: tuple[PastAlert, ...]
    since: datetime
    """Begin of the time that was asked about."""
    until: datetime
    step_s: float
    """Seconds between two looks: what was shorter may be missing."""
    blind: tuple[tuple[datetime, datetime], ...] = ()
    """Spans of that time of which it knows nothing, oldest first."""
    by_name: bool = False
    """There were too many to tell apart: one entry an alert name, with no other label."""
