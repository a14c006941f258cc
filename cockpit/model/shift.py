"""The start of a shift: what fires, what fired and ended, what changed, what bakes, what comes, and who is there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cockpit.model.alert import Silence
from cockpit.model.change import Change
from cockpit.model.drill import Priority
from cockpit.model.keys import State
from cockpit.model.reading import Duty


class Part(StrEnum):
    """One part of it."""

    NOTES = "notes"
    FIRING = "firing"
    ENDED = "ended"
    CHANGES = "changes"
    BAKING = "baking"
    SILENCES = "silences"
    ON_CALL = "on_call"


@dataclass(frozen=True, slots=True)
class Note:
    """What a person left for the next shift."""

    at: datetime
    text: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Fires:
    """One fold that fires now, or of which nobody knows any more."""

    name: str
    service: str
    mapped: bool
    cluster: str
    team: str
    """Its owner; empty where it has none."""
    state: State
    priority: Priority
    chosen: bool
    """A person chose the priority."""
    count: int
    since: datetime
    flapping: bool = False
    starts: int | None = None
    """How often it began to fire in the time looked back on; null where nobody says."""


@dataclass(frozen=True, slots=True)
class Ended:
    """One fold that fired and ended in the time looked back on."""

    name: str
    service: str
    mapped: bool
    cluster: str
    team: str
    count: int
    """Alerts in it; zero where they could not be told apart."""
    starts: int
    """How often it began to fire."""
    flapping: bool
    """Three or more starts within an hour."""
    began: datetime
    before: bool
    """It may have fired before that."""
    ended: datetime
    unsure: bool
    """It ended then or later: nobody watched."""


@dataclass(frozen=True, slots=True)
class Ending:
    """One silence that ends in this shift."""

    system: str
    silence: Silence
    holds: int
    """Alerts that it silences now."""


@dataclass(frozen=True, slots=True)
class Shift:
    """The start of a shift. What is not known is told by its part; an empty part is quiet only where nothing is told."""

    at: datetime
    since: datetime
    """How far back it looks for what ended."""
    until: datetime
    """When the shift ends."""
    window_s: float
    """Of the changes, in seconds."""
    baking_s: float
    """How long a deploy bakes, in seconds."""
    notes: tuple[Note, ...] = ()
    """Those left in the time looked back on, and the last one in any case; newest first."""
    firing: tuple[Fires, ...] = ()
    """Worst first."""
    dimmed: int = 0
    """Folds that fire and are of no urgency."""
    ended: tuple[Ended, ...] = ()
    """The latest end first."""
    changes: tuple[tuple[str, tuple[Change, ...]], ...] = ()
    """By team, newest first; those without an owner under an empty name, last."""
    baking: tuple[Change, ...] = ()
    """Newest first."""
    silences: tuple[Ending, ...] = ()
    """The first to end first."""
    on_call: tuple[tuple[str, tuple[Duty, ...]], ...] = ()
    """By team."""
    unknown: Mapping[Part, tuple[str, ...]] = field(default_factory=dict)
    """What is not known, by part, in an engineer's words."""
