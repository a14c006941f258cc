"""Alerts: what a system reported, what the board makes of it, and the fold they are shown in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cockpit.model.keys import AlertKey, FoldKey, State

__all__ = [
    "Alert",
    "AlertKey",
    "AlertReport",
    "Fold",
    "FoldKey",
    "Heartbeat",
    "PastOccurrence",
    "Silence",
    "State",
    "Storm",
]


@dataclass(frozen=True, slots=True)
class AlertReport:
    """What one alert system said of one alert, its peers' answers already joined by fingerprint."""

    id: str
    """The fingerprint."""
    labels: Mapping[str, str]
    """Cleaned, with the system's configured labels added."""
    annotations: Mapping[str, str]
    started: datetime
    """The earliest `startsAt` of the peers."""
    ends: datetime | None
    """The latest `endsAt`: a moving deadline while it fires."""
    updated: datetime | None
    """The latest `updatedAt`."""
    state: str = "active"
    """As Alertmanager says it: active, suppressed or unprocessed."""
    silenced_by: tuple[str, ...] = ()
    """Silence ids."""
    inhibited_by: tuple[str, ...] = ()
    """Fingerprints of the alerts that inhibit it."""
    receivers: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    """Addresses (host:port) of the peers that have it."""
    generator: str | None = None
    """`generatorURL`, only when it is http or https."""


@dataclass(frozen=True, slots=True)
class PastOccurrence:
    """The last time the same alert or fold fired."""

    started: datetime
    ended: datetime
    note: str | None = None
    """What a person wrote then."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert as the board knows it now."""

    key: AlertKey
    name: str
    """The `alertname` label, or `unnamed`."""
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    state: State
    fired: datetime | None
    """When it fired (`startsAt`); null while pending."""
    since: datetime
    """When its condition became true: the earliest of Prometheus' `activeAt` and `startsAt` less the rule's `for`."""
    opened: datetime
    """Begin of its open occurrence: with the key, the identity of the occurrence."""
    seen: datetime
    """When a system last reported it."""
    service: str
    """The map's key, or the label's own value where the map has none, or empty."""
    mapped: bool
    cluster: str
    """Value of the `cluster` label, else of `region`, else empty."""
    namespace: str
    severity: str
    """The raw `severity` label (else `priority` or `level`), or empty."""
    label_team: str | None = None
    """The `team`, `owner` or `squad` label."""
    ends: datetime | None = None
    ended: datetime | None = None
    """When it was found resolved or lost."""
    receivers: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()
    generator: str | None = None
    prometheus: str | None = None
    """Name of the Prometheus system whose rule made it, where known."""
    rule: str | None = None
    """Key of that rule in the board's rule book: `group/name/index`."""
    value: float | None = None
    """The rule expression's value now, as its Prometheus last said."""
    value_at: datetime | None = None
    starts: tuple[datetime, ...] = ()
    """Starts seen during the last hour, oldest first."""
    flapping: bool = False
    """Three or more starts in an hour."""
    note: str = ""
    """What is odd about it: `not in Alertmanager`, `sender not answering since 02:16`."""
    last: PastOccurrence | None = None
    dim: bool = False
    """Of no urgency by the configuration: takes the one dim line with a count."""

    @property
    def occurrence(self) -> str:
        """The occurrence's identity, stable while it is open: `system/fingerprint/20261120T140605Z`."""
        return f"{self.key.system}/{self.key.id}/{self.opened:%Y%m%dT%H%M%SZ}"


@dataclass(frozen=True, slots=True)
class Fold:
    """The row of all alerts with one alertname, service and cluster."""

    key: FoldKey
    alerts: tuple[AlertKey, ...]
    """Worst and oldest first; never empty."""
    state: State
    """The worst state among them: firing before lost, pending, silenced, inhibited, resolved."""
    since: datetime
    """The earliest start among those in the worst state."""
    opened: datetime
    """Begin of the fold's open occurrence."""
    counts: Mapping[State, int]
    arrivals: float = 0.0
    """New members per minute over the last five minutes."""
    flapping: bool = False
    last: PastOccurrence | None = None

    @property
    def occurrence(self) -> str:
        """The occurrence's identity, stable while any member's is open."""
        return f"fold/{self.key.name}/{self.key.service}/{self.key.cluster}/{self.opened:%Y%m%dT%H%M%SZ}"


@dataclass(frozen=True, slots=True)
class Storm:
    """What a storm has in common, from fifty firing alerts on."""

    firing: int
    folds: int
    services: int
    common: tuple[str, str] | None
    """The label and value that cover most firing alerts, when they cover half or more."""
    share: float
    """The share they cover, 0 to 1."""
    first: tuple[AlertKey, ...]
    """The first five to fire, oldest first."""


@dataclass(frozen=True, slots=True)
class Silence:
    """One silence of an Alertmanager."""

    id: str
    state: str
    """active, pending or expired."""
    matchers: tuple[str, ...]
    """As text: `alertname="DiskFull"`."""
    starts: datetime
    ends: datetime
    created_by: str
    comment: str


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A heartbeat alert (Watchdog): never a row while it beats, the loudest row once it is missing."""

    system: str
    matcher: str
    seen: datetime
    """When it was last seen firing."""
    missing_since: datetime | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    id: str = ""
    """Its fingerprint within the system; empty where it is not known any more."""
