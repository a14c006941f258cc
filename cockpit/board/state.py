"""The board's own shape and the events that move it forward."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cockpit.board.memory import Memory
from cockpit.config import DEFAULT_DIM, DEFAULT_EXPORTERS, DEFAULT_HEARTBEAT
from cockpit.matchers import Matcher, parse_matcher
from cockpit.model.alert import Alert, AlertKey, Fold, FoldKey, Heartbeat, PastOccurrence, Silence, Storm
from cockpit.model.change import Change
from cockpit.model.drill import PersonAnswer, Priority, Question
from cockpit.model.health import ServiceHealth
from cockpit.model.measure import Measure, VendorStatus
from cockpit.model.reading import Duty, Reading, Rule, ScopeSample, SeriesSeen, SystemState, TargetsSeen, Topic
from cockpit.model.topology import NO_MAP, IntegrationMap


@dataclass(frozen=True, slots=True)
class Expected:
    """A configured system and what it is asked for: what is expected tells quiet from blind."""

    name: str
    kind: str
    topics: tuple[Topic, ...]
    every_s: float = 15.0
    urls: tuple[str, ...] = ()
    """To find the Prometheus that an alert's `generatorURL` names."""
    labels: Mapping[str, str] = field(default_factory=dict)


_HEARTBEAT = tuple(parse_matcher(text) for text in DEFAULT_HEARTBEAT)
_DIM = tuple(parse_matcher(text) for text in DEFAULT_DIM)


@dataclass(frozen=True, slots=True)
class Setup:
    """What the configuration says about how readings become a board."""

    map: IntegrationMap = NO_MAP
    systems: tuple[Expected, ...] = ()
    window: timedelta = timedelta(hours=4)
    heartbeat: tuple[Matcher, ...] = _HEARTBEAT
    dim: tuple[Matcher, ...] = _DIM
    exporters: tuple[str, ...] = DEFAULT_EXPORTERS
    severities: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Board:
    """Everything known now. Readers take it whole; nobody changes it but `reduce`."""

    setup: Setup
    at: datetime
    """The moment of the last event."""
    began: datetime
    """When watching began."""
    readings: Mapping[tuple[str, Topic], Reading] = field(default_factory=dict)
    """The last good reading by system and topic."""
    failures: Mapping[tuple[str, Topic], Reading] = field(default_factory=dict)
    """The latest failure since then, where there is one."""
    failing: Mapping[tuple[str, Topic], datetime] = field(default_factory=dict)
    """Since when a system's topic has been failing, without a good answer between."""
    systems: Mapping[str, SystemState] = field(default_factory=dict)
    """How each expected system does, in the order of the configuration."""
    alerts: Mapping[AlertKey, Alert] = field(default_factory=dict)
    """Every alert that is not a heartbeat, in any state, resolved ones for fifteen minutes."""
    folds: Mapping[FoldKey, Fold] = field(default_factory=dict)
    heartbeats: tuple[Heartbeat, ...] = ()
    changes: tuple[Change, ...] = ()
    """Of the window, newest begin first."""
    older: tuple[Change, ...] = ()
    """Changes that left the window while an alert is there that they may explain: one that began up to a window after
    them. Newest begin first; the deploy feed does not show them, RECENT CHANGE may name them."""
    wide: tuple[Change, ...] = ()
    """Everything that is known of changes as far back as a person asked for, newest begin first; empty where nobody
    did. Only the deploy feed shows it."""
    rules: Mapping[str, Mapping[str, Rule]] = field(default_factory=dict)
    """By Prometheus and rule key."""
    scopes: Mapping[str, tuple[str, ScopeSample]] = field(default_factory=dict)
    """By service: the system that answered, and its sample."""
    series: Mapping[AlertKey, tuple[str, SeriesSeen]] = field(default_factory=dict)
    """By alert: the system that answered, and the series. Only of alerts that were looked at."""
    silences: Mapping[str, Mapping[str, Silence]] = field(default_factory=dict)
    """By Alertmanager and id."""
    targets: Mapping[str, TargetsSeen] = field(default_factory=dict)
    health: Mapping[str, ServiceHealth] = field(default_factory=dict)
    """By service: all of the map's, and the unmapped ones that alert."""
    merged: IntegrationMap | None = None
    """The declared map with what was observed; null where nothing was observed. Readers take `map`."""
    measures: Mapping[str, Measure] = field(default_factory=dict)
    """By service, as the map names it."""
    hops: Mapping[tuple[str, str], Measure] = field(default_factory=dict)
    """What is measured on hops, by caller and callee as the map names them."""
    vendors: Mapping[str, VendorStatus] = field(default_factory=dict)
    """What status pages say, by third-party service."""
    duties: Mapping[str, tuple[Duty, ...]] = field(default_factory=dict)
    """Who is on call by team, first level first."""
    storm: Storm | None = None
    past: Mapping[str, PastOccurrence] = field(default_factory=dict)
    """The last ended occurrence by subject (`system/fingerprint` or `fold/name/service/cluster`)."""
    persons: Mapping[str, Mapping[Question, PersonAnswer]] = field(default_factory=dict)
    """What people decided, by occurrence."""
    chosen: Mapping[str, Priority] = field(default_factory=dict)
    """Priorities that people chose, by occurrence."""
    ticks: "Mapping[str, Mapping[str, Ticked]]" = field(default_factory=dict)
    """Lines of checklists that people ticked, by occurrence and line."""
    notes: "tuple[Noted, ...]" = ()
    """What people left for the next shift, oldest first."""
    journal_error: str | None = None
    """Why answers wait in memory, where they do."""
    memory: Memory | None = field(default=None, compare=False, repr=False)
    """What `reduce` keeps for itself to be quick; readers leave it alone."""

    @property
    def map(self) -> IntegrationMap:
        """Who calls whom, declared and observed. Which service a label names is decided by `setup.map` alone."""
        return self.setup.map if self.merged is None else self.merged


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed: resolved alerts age out, heartbeats go missing, systems go stale."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """A person decided about one answer; null takes the decision back."""

    at: datetime
    occurrence: str
    question: Question
    answer: PersonAnswer | None


@dataclass(frozen=True, slots=True)
class PriorityChosen:
    """A person chose a priority; null takes it back."""

    at: datetime
    occurrence: str
    priority: Priority | None


@dataclass(frozen=True, slots=True)
class Ticked:
    """A person ticked a line of an occurrence's checklist, or took the tick away."""

    at: datetime
    occurrence: str
    item: str
    """The line: the service that it is about."""
    ticked: bool = True
    by: str = ""


SHIFT = "shift"
"""What notes for the next shift belong to, as answers belong to an occurrence."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A person left a note for the next shift; it is never taken back."""

    at: datetime
    text: str
    by: str = ""

    @property
    def occurrence(self) -> str:
        """What it is kept under."""
        return SHIFT


Act = Answered | PriorityChosen | Ticked | Noted
"""What a person did: journalled before anything else."""


@dataclass(frozen=True, slots=True)
class OpenOccurrence:
    """An occurrence that was open when the journal was last written."""

    subject: str
    """`system/fingerprint` or `fold/name/service/cluster`."""
    opened: datetime
    seen: datetime
    """The last sighting."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """What the journal held from before: said once, before the first reading."""

    at: datetime
    open: tuple[OpenOccurrence, ...] = ()
    past: Mapping[str, PastOccurrence] = field(default_factory=dict)
    persons: tuple[PersonAnswer, ...] = ()
    chosen: Mapping[str, Priority] = field(default_factory=dict)
    ticks: tuple[Ticked, ...] = ()
    heartbeats: tuple[Heartbeat, ...] = ()
    notes: tuple[Noted, ...] = ()
    """The latest notes for the next shift, oldest first."""


@dataclass(frozen=True, slots=True)
class JournalSaid:
    """The journal cannot write (a message), or can again (null)."""

    at: datetime
    error: str | None


Event = Reading | Tick | Act | Recalled | JournalSaid
"""What moves a board forward."""
