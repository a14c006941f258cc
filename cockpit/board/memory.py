"""What `reduce` keeps beside the visible board so that an event costs what it changes, not what there is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from cockpit.board.coverage import Coverage
from cockpit.board.feed import NO_FEED, Feed
from cockpit.board.join import Book, Cover, Senders
from cockpit.board.observation import Observed
from cockpit.model.alert import AlertKey, AlertReport, FoldKey
from cockpit.model.measure import Measure
from cockpit.topology.naming import Naming

if TYPE_CHECKING:
    from cockpit.board.state import OpenOccurrence, Setup

NOTHING_OBSERVED = Observed()
"""Nothing was observed yet."""


@dataclass(frozen=True, slots=True)
class Absence:
    """How an alert vanished from an Alertmanager that answers."""

    since: datetime
    """The first good answer without it."""
    seen: datetime
    """The last good answer with it."""
    early: bool
    """It vanished before the last `endsAt` seen, so somebody said that it ended."""
    restarted: str = ""
    """`some` or `all` of the reachable peers had restarted in the five minutes before."""
    listed: bool = False
    """Its Prometheus has listed it since."""
    held: datetime | None = None
    """Since when its condition had been true when it vanished; null where it was resolved in between."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What the storm line and health need of one fold without looking at its alerts; dim ones are left out."""

    firing: int
    severe: int
    """Firing ones whose severity is not a low one."""
    pending: int
    recent: tuple[datetime, ...]
    """When those of its members fired that did so in the last five minutes, oldest first."""
    first: tuple[tuple[datetime, AlertKey], ...]
    """The first five of the firing ones, with when they fired."""


@dataclass(frozen=True, slots=True)
class StormTally:
    """Exact counts of the labels that may cover half of what fires, until too much has changed."""

    counts: Mapping[tuple[str, str], int]
    """Firing alerts by label and value, for those that covered three in ten when all were counted."""
    counted: int
    """How many fired then."""
    changed: int
    """How many began or stopped firing since."""


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """Everything that `reduce` remembers from one event to the next; as immutable as the board itself."""

    setup: "Setup"
    """What the indexes were made for."""
    naming: Naming
    senders: Senders
    coverage: Coverage
    reports: Mapping[str, Mapping[str, AlertReport]] = field(default_factory=dict)
    """The last answer of each Alertmanager, by fingerprint."""
    beats: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Fingerprints by Alertmanager that are heartbeats."""
    quiet: Mapping[tuple[str, str], Absence] = field(default_factory=dict)
    """Heartbeats by system and id that did not beat in the last good answer."""
    books: Mapping[str, Book] = field(default_factory=dict)
    covers: Mapping[AlertKey, tuple[Cover, ...]] = field(default_factory=dict)
    """Where the alerts of Alertmanagers stand in the books, the best place first."""
    lone: Mapping[Cover, AlertKey] = field(default_factory=dict)
    """Alerts on the board that only a Prometheus knows."""
    absent: Mapping[AlertKey, Absence] = field(default_factory=dict)
    """Vanished alerts that are on the board and not resolved."""
    resolved: Mapping[AlertKey, datetime] = field(default_factory=dict)
    """Resolved alerts, with when they ended."""
    prune_at: datetime | None = None
    """When the next resolved alert leaves the board."""
    flapping: frozenset[AlertKey] = frozenset()
    calm_at: datetime | None = None
    """When the first flapping alert may have calmed down."""
    open: Mapping[str, "OpenOccurrence"] = field(default_factory=dict)
    """Recalled occurrences, by subject, whose alert or fold was not seen again yet."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Occurrences whose alert was given another key while they were open."""
    spaces: Mapping[str, str] = field(default_factory=dict)
    """The first namespace seen by unmapped service."""
    twins: frozenset[str] = frozenset()
    """Unmapped services seen in two namespaces: folds tell them apart."""
    tallies: Mapping[FoldKey, Tally] = field(default_factory=dict)
    storm: StormTally | None = None
    feed: Feed = NO_FEED
    """What change systems report, joined."""
    wide: Feed = NO_FEED
    """The same with what was asked further back, once a person asked."""
    covered: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Mapped services that some rule of a Prometheus covers."""
    measures: Mapping[str, Measure] = field(default_factory=dict)
    """What was measured of services themselves; the board's has what their callers see besides."""
    counts: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    """What fires, fires severely and is pending by service."""
    counted: Mapping[FoldKey, Tally] | None = None
    """The tallies that this was counted from."""
    measured: tuple[object, ...] = ()
    """What measures and vendors' words were last made of."""
    health: tuple[object, ...] = ()
    """What health was last computed from, compared by identity."""
    observed: Observed = NOTHING_OBSERVED
    """What the joined map was last made of."""
