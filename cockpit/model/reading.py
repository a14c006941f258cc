"""Readings: what one system answered at one moment, or how it failed, and up to when it is complete."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cockpit.model.alert import AlertKey, AlertReport, Silence
from cockpit.model.change import ChangeReport
from cockpit.model.history import HistorySeen
from cockpit.model.measure import Measure, Measured, VendorStatus


class Topic(StrEnum):
    """What a system can be asked for; a system's readings are kept apart by topic."""

    ALERTS = "alerts"
    FILTERED = "filtered"
    """Only the alerts that a person's matchers choose, asked beside all of them."""
    SILENCES = "silences"
    RULES = "rules"
    CHANGES = "changes"
    WIDER = "wider"
    """Changes of a longer time than the window, asked once because a person wants to see them."""
    HISTORY = "history"
    """What fired before, asked where a person begins a shift."""
    SCOPES = "scopes"
    SERIES = "series"
    TARGETS = "targets"
    HOPS = "hops"
    """Calls that were observed, with what is measured on them."""
    MEASURES = "measures"
    """Error share, latency and rate by service."""
    STATUS = "status"
    """What vendors' status pages say."""
    PLACES = "places"
    """Which pod runs on which node."""
    ONCALL = "oncall"
    """Who is on call."""


OPTIONAL = frozenset({Topic.HOPS, Topic.MEASURES, Topic.STATUS, Topic.PLACES, Topic.ONCALL})
"""Topics that only add to the picture: a recording may lack them, and a system that answers the others does well."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One peer of a cluster, or the one server of a system."""

    address: str
    """host:port."""
    up: bool
    error: str | None = None
    started: datetime | None = None
    """When that server started, where it says so (Alertmanager's `uptime`)."""


@dataclass(frozen=True, slots=True)
class AlertsSeen:
    """All alerts that the reachable peers of one Alertmanager cluster hold."""

    alerts: tuple[AlertReport, ...]
    """One per fingerprint, in order of fingerprint; an unchanged alert is the same object as in the last answer."""
    only: tuple[str, ...] = ()
    """Matchers that the server applied beside those of its settings: what is not in such an answer may be there."""


@dataclass(frozen=True, slots=True)
class SilencesSeen:
    """The silences that are active or pending."""

    silences: tuple[Silence, ...]


@dataclass(frozen=True, slots=True)
class RuleAlert:
    """Prometheus' own view of one alert."""

    labels: Mapping[str, str]
    """Without the external labels that Alertmanager sees."""
    annotations: Mapping[str, str]
    state: str
    """pending or firing."""
    active: datetime
    """`activeAt`: when the expression became true."""
    value: float | None
    """Null where the sample was no number."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One alerting rule of a Prometheus."""

    key: str
    """`group/name/index`, unique within the system."""
    name: str
    expression: str
    hold_s: float
    """The rule's `for`, in seconds."""
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    health: str
    """ok, err or unknown: a rule in err cannot fire."""
    error: str
    evaluated: datetime | None
    """`lastEvaluation`."""
    alerts: tuple[RuleAlert, ...] = ()


@dataclass(frozen=True, slots=True)
class RulesSeen:
    """A Prometheus' alerting rules with their alerts."""

    rules: tuple[Rule, ...]
    interval_s: float = 60.0
    """The longest evaluation interval among the groups."""


@dataclass(frozen=True, slots=True)
class Blind:
    """A span of which a change system knows nothing."""

    begin: datetime
    end: datetime
    says: str
    """In an engineer's words, with the times: `query … has no samples 11:02 to 11:32 UTC`."""


@dataclass(frozen=True, slots=True)
class ChangesSeen:
    """The changes that one system knows in a window."""

    changes: tuple[ChangeReport, ...]
    since: datetime
    """Begin of the window that was answered for."""
    covers: tuple[str, ...] = ()
    """Names of the services that this system would have reported, as the source calls them."""
    gaps: tuple[str, ...] = ()
    """What within it did not answer, in an engineer's words: `payment-service: fetch failed 8 min ago: …`."""
    blind: tuple[Blind, ...] = ()
    """Spans without an answer; they matter only to who looks at them."""


@dataclass(frozen=True, slots=True)
class ScopeSample:
    """The answer to a map's scope query for one service."""

    service: str
    query: str
    value: float | None
    """Null where the query had no sample or was no number."""
    at: datetime
    denominator: float | None = None
    """Of a quotient: the denominator now, per second."""
    usual: float | None = None
    """Of a quotient: the denominator's usual value, per second (its average over the last day)."""
    window: str = ""
    """The rate window, as written in the query: `5m`."""
    url: str | None = None
    error: str | None = None
    last: "ScopeSample | None" = None
    """Where this asking failed: the last one on the board that did not."""


@dataclass(frozen=True, slots=True)
class ScopesSeen:
    """Answers to the map's scope queries."""

    samples: tuple[ScopeSample, ...]


@dataclass(frozen=True, slots=True)
class SeriesSeen:
    """Sixty minutes of the measure behind the cursor's alert."""

    alert: AlertKey
    expression: str
    points: tuple[tuple[datetime, float], ...]
    """Oldest first; samples that are no numbers are left out."""
    step_s: float
    value: float | None = None
    """The measure now (the comparison's left side), null where there is no sample."""
    at: datetime | None = None
    """Time of that sample."""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class TargetsSeen:
    """What a Prometheus scrapes: label sets of targets, for a screen without a map and for `map draft`."""

    targets: tuple[Mapping[str, str], ...]
    down: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ObservedHop:
    """One call that traffic was seen on, named as its source names both ends."""

    caller: str
    """Empty for users and for who is not known: that is no hop, but traffic of the callee."""
    callee: str
    measure: Measure
    protocol: str = ""
    """`messaging`, `database`, `http`, or empty."""
    seen: datetime | None = None
    """When traffic was last seen on it."""
    callee_labels: Mapping[str, str] = field(default_factory=dict)
    """What else the source tells of the callee: namespace, cluster, workload."""
    caller_labels: Mapping[str, str] = field(default_factory=dict)
    callee_kind: str = "service"
    """What the source gives away of the callee: service, database or third-party."""
    source: str = ""
    """Which of the system's sources told it: `service graph`, `istio`."""


@dataclass(frozen=True, slots=True)
class HopsSeen:
    """The calls that one system observed."""

    hops: tuple[ObservedHop, ...]
    source: str = ""
    """`service graph`, `istio`."""


@dataclass(frozen=True, slots=True)
class MeasuresSeen:
    """What a system measures of services, as it names them."""

    measures: tuple[Measured, ...]
    errors: tuple[str, ...] = ()
    """Queries that failed, in an engineer's words."""


@dataclass(frozen=True, slots=True)
class StatusSeen:
    """What vendors' status pages say."""

    statuses: tuple[VendorStatus, ...]
    errors: Mapping[str, str] = field(default_factory=dict)
    """By service: why its page could not be read."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one pod runs."""

    pod: str
    namespace: str
    node: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlacesSeen:
    """Which pod runs on which node."""

    places: tuple[Place, ...]
    read: datetime | None = None
    """When they were read: earlier than asked where an answer at rest stands in for one that did not come."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is on call for one escalation policy now."""

    policy: str
    """Its id, as the map's `pagerduty` names it."""
    policy_name: str
    person: str
    level: int = 1
    until: datetime | None = None
    """The next hand-over; null where the duty is permanent."""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class OnCallSeen:
    """Who is on call now."""

    duties: tuple[Duty, ...]


Answer = (
    AlertsSeen
    | SilencesSeen
    | RulesSeen
    | ChangesSeen
    | ScopesSeen
    | SeriesSeen
    | TargetsSeen
    | HopsSeen
    | MeasuresSeen
    | StatusSeen
    | PlacesSeen
    | OnCallSeen
    | HistorySeen
)
"""What a system can answer."""


WRONG_S = 24 * 3600.0
"""Seconds of skew from which a clock is wrong: by it nothing is told apart any more, and no time is shifted."""


def shift_of(skew_s: float) -> float:
    """Return by how much a server's times are shifted: by its clock's skew, where that is not plainly wrong."""
    return skew_s if abs(skew_s) <= WRONG_S else 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What one system answered at one moment, or how it failed."""

    system: str
    """Its name in the configuration."""
    kind: str
    """Its kind: alertmanager, prometheus, git, ..."""
    topic: Topic
    asked: datetime
    at: datetime
    """When the answer or the failure was there."""
    took_s: float
    answer: Answer | None = None
    """Null for a failure."""
    error: str | None = None
    """Why it failed, in an engineer's words, never with a secret; also set beside an answer with gaps."""
    complete_to: datetime | None = None
    """Up to when the answer is complete."""
    peers: tuple[Peer, ...] = ()
    skew_s: float = 0.0
    """How far the server's clock is ahead of ours, from its Date header."""
    every_s: float = 15.0
    """The cadence at which it is asked."""
    insecure: bool = False
    """Whether its certificate is not verified."""


class Liveness(StrEnum):
    """How a system does, as the header tells it."""

    ASKING = "asking"
    LIVE = "live"
    SLOW = "slow"
    STALE = "stale"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class SystemState:
    """How one system does now."""

    name: str
    kind: str
    state: Liveness
    answered: datetime | None
    """The last good answer, over all its topics; for what feeds a pane ask the topic's reading."""
    complete_to: datetime | None
    error: str | None
    every_s: float
    took_s: float = 0.0
    peers: tuple[Peer, ...] = ()
    skew_s: float = 0.0
    insecure: bool = False
    late_s: float = 0.0
    """Of a Prometheus: how long its rules have not been evaluated, when that is over two intervals."""
    failing_since: datetime | None = None
    topics: Mapping[Topic, datetime | None] = field(default_factory=dict)
    """The last good answer by topic."""
