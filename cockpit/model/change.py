"""Changes: every deploy, config push, flag and infrastructure change, and who reported it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ChangeKind(StrEnum):
    """What was changed; a commit is merged unless configuration says that its ref or tag moves on deploy."""

    MERGED = "merged"
    DEPLOY = "deploy"
    CONFIG = "config"
    FLAG = "flag"
    INFRASTRUCTURE = "infrastructure"


class Progress(StrEnum):
    """How far a change has come, as its source tells it."""

    UNKNOWN = "unknown"
    """The source does not say; a tag or a version metric cannot."""
    ROLLING = "rolling"
    """It began and has not ended."""
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """What one change system said of one change."""

    id: str
    """Stable within the system: a commit, a tag, `service@version@begin`."""
    name: str
    """The service as the source calls it; matched to the map by the board."""
    version: str
    """A version, or a short commit; may be empty."""
    kind: ChangeKind
    began: datetime
    ended: datetime | None = None
    author: str = ""
    summary: str = ""
    url: str | None = None
    rollback: bool = False
    seen: bool = False
    """The moment is that of the fetch that first saw it, not its own."""
    tolerance_s: float = 0.0
    """How far the begin may be off, in seconds (the scrape interval of a version metric)."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels of the series or fields of the event, for matching and for tags."""
    previous: str = ""
    """The version before, where the source knows it."""
    says: str = ""
    """The system's own words, for evidence: `tag v2.4.0 at 3fa9c1b`."""
    progress: Progress = Progress.UNKNOWN
    owner: str = ""
    """A team that the source itself names: a tag, a field, CODEOWNERS; the map's team comes first."""
    owner_by: str = ""
    """Where the source has that from: `CODEOWNERS`, `tag team`, `pagerduty service`."""
    commit: str = ""
    """The commit that was rolled out, where the source knows it."""
    commits: tuple[str, ...] = ()
    """What came with it since the version before: a short hash and a subject each, newest first."""
    files: tuple[str, ...] = ()
    """Files that changed since the version before."""
    environment: str = ""
    """`production`, where the source tells environments apart."""
    run: str = ""
    """The source's own number of this deploy, where it numbers deploys: two numbers of one system are two deploys."""


@dataclass(frozen=True, slots=True)
class Witness:
    """One system's word for a change."""

    system: str
    report: ChangeReport
    at: datetime
    """When that system first said so, in these words."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change, joined from all systems that reported it."""

    id: str
    service: str
    """The map's key, or the source's name where the map has none."""
    mapped: bool
    name: str
    """What the map's `repository` or else the source calls it: the name the drill uses."""
    team: str | None
    version: str
    kind: ChangeKind
    began: datetime
    ended: datetime | None
    author: str
    summary: str
    url: str | None
    rollback: bool
    seen: bool
    tolerance_s: float
    witnesses: tuple[Witness, ...]
    """At least one; the earliest begin first."""
    progress: Progress = Progress.UNKNOWN
    """Failed where any witness says so, done where any does, else still rolling where any says that."""
    team_by: str = ""
    """Where the team is known from: `map`, or what the source said; empty where there is none."""
    previous: str = ""
    """The version before, where anybody knows it."""
    commits: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def systems(self) -> tuple[str, ...]:
        """The names of the systems that reported it."""
        return tuple(dict.fromkeys(witness.system for witness in self.witnesses))
