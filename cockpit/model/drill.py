"""The drill: five questions about one occurrence, each answer with its standing and evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cockpit.model.keys import AlertKey, FoldKey
from cockpit.model.questions import Question, Standing

__all__ = [
    "Answer",
    "Drill",
    "Evidence",
    "PersonAnswer",
    "Priority",
    "Proposal",
    "Question",
    "Standing",
    "Subject",
    "Suspect",
]


class Priority(StrEnum):
    """A contract on response time."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an answer rests on."""

    system: str
    """A system's name in the configuration, or `map`."""
    says: str
    """The system's own value, quoted."""
    at: datetime | None
    """The time of the reading."""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Suspect:
    """A change that may be the cause, with its reasons."""

    change: str
    """The change's id."""
    service: str
    began: datetime
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question."""

    question: Question
    value: str
    standing: Standing
    evidence: tuple[Evidence, ...] = ()
    by: str | None = None
    """Who confirmed, edited or set it to unknown; null for us."""
    at: datetime | None = None
    """When that person did."""
    suspects: tuple[Suspect, ...] = ()
    """Of RECENT CHANGE only, best first."""
    fresh: bool = True
    """Whether the systems behind it answered within twice their cadence."""
    detail: str = ""
    """What the screen and the text add behind the value where there is room: `flat since 14:08`."""
    proposed: str = ""
    """What we would say now, where a person's answer stands instead and ours differs."""


@dataclass(frozen=True, slots=True)
class PersonAnswer:
    """What a person decided about one answer; no refresh overwrites it."""

    occurrence: str
    question: Question
    standing: Standing
    """confirmed, edited or unknown."""
    value: str
    by: str
    at: datetime
    evidence: tuple[Evidence, ...] = ()
    """Of a confirmed answer: what it rested on at that moment."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed priority with its reasons, and the chosen one."""

    proposed: Priority
    why: tuple[str, ...]
    chosen: Priority | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a drill is about: an alert, or a fold with its lead alert."""

    alert: AlertKey
    """The alert itself, or the fold's worst and oldest."""
    name: str
    service: str
    count: int
    """How many alerts it answers for."""
    occurrence: str
    """Identity for a person's answers."""
    fold: FoldKey | None = None
    """Set when the whole fold is meant."""


@dataclass(frozen=True, slots=True)
class Drill:
    """The five answers about one subject, with the proposed priority."""

    subject: Subject
    priority: Proposal
    answers: Mapping[Question, Answer] = field(default_factory=dict)
    """All five, in the order of the questions."""

    @property
    def filled(self) -> int:
        """How many answers say something, by us or by a person."""
        known = {Standing.FILLED, Standing.CONFIRMED, Standing.EDITED}
        return sum(answer.standing in known for answer in self.answers.values())

    @property
    def confirmed(self) -> int:
        """How many answers a person confirmed or wrote."""
        return sum(answer.standing in {Standing.CONFIRMED, Standing.EDITED} for answer in self.answers.values())
