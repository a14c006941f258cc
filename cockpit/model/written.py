"""What is written to outside systems, as the journal keeps it: begun before, settled after."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class WriteStanding(StrEnum):
    """How far a write has come."""

    BEGUN = "begun"
    """It is about to be sent; with nothing after it, Cockpit ended meanwhile and nobody knows."""
    DONE = "done"
    FAILED = "failed"
    """Refused: nothing was written."""
    UNKNOWN = "unknown"
    """Sent, and no answer came."""


@dataclass(frozen=True, slots=True)
class Written:
    """One entry of the journal about one write."""

    at: datetime
    what: str
    """What was done: `annotate`."""
    subject: str
    """For what, and in which system: `grafana/payment@2.4.0@20261120T1402Z`. The same subject is written once."""
    standing: WriteStanding
    by: str = ""
    """Who confirmed it."""
    before: str = ""
    """JSON: what was there before, or why nothing."""
    after: str = ""
    """JSON: what is sent where it begins; what the system has, or why not, where it is settled."""
