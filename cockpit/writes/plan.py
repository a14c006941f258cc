"""What a write is before it is done: exactly what would be sent, where, and what came of looking and of doing."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from cockpit.model.written import Written


@dataclass(frozen=True, slots=True)
class Plan:
    """One write as it is shown to whoever confirms it."""

    what: str
    """`annotate`; the journal's word."""
    title: str
    """`Annotate payment-service v2.4.0`."""
    system: str
    """The name of the system that is written to."""
    subject: str
    """What is written once: see `Written.subject`."""
    lines: tuple[tuple[str, str], ...]
    """What will be written, as names and values; nothing else is."""
    sent: Mapping[str, object]
    """The document that is sent, to the letter."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at the system brought, before anything is written."""

    target: str = ""
    """Where it would be written, in the system's own words: the confirmation names it."""
    there: str = ""
    """What is there already, so that nothing has to be written; empty where nothing is."""
    error: str = ""
    """Why it cannot be written or could not be looked at."""
    unanswered: bool = False
    """Of an error: the system did not answer."""

    @property
    def free(self) -> bool:
        """Whether it can be written."""
        return not self.there and not self.error


class State(StrEnum):
    """What came of a write."""

    DONE = "done"
    ALREADY = "already"
    """It was there: nothing was written."""
    REFUSED = "refused"
    """It may not be written: nothing was sent."""
    FAILED = "failed"
    """The system said no: nothing was written."""
    UNKNOWN = "unknown"
    """It was sent and no answer came: the next attempt looks first."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a write, in words."""

    state: State
    says: str
    after: Mapping[str, object] | None = None
    """What the system has now, as it answered."""
    unanswered: bool = False
    """The system did not answer."""


class Write(Protocol):
    """One thing to be written to one system."""

    @property
    def plan(self) -> Plan:
        """What will be written."""

    async def look(self) -> Looked:
        """Look where it would stand and whether it is there already; never raises, writes nothing."""

    def repeats(self, entry: Written) -> bool:
        """Tell whether an entry of the journal, of another subject, is about the very same thing."""

    async def do(self) -> tuple[str, Mapping[str, object]]:
        """Write it; return what to say and what the system has now.

        Raises:
            SystemError: It was refused (a status from 300 to 499), or nobody knows whether it was written.
        """
