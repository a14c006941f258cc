"""The integration map as plain values: services, hops, journeys, teams and tools."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cockpit.matchers import Matcher


class Provenance(StrEnum):
    """How a service or a hop came to be known."""

    DECLARED = "declared"
    """Somebody wrote it down: the map, a catalogue, a diagram."""
    OBSERVED = "observed"
    """Traffic was seen: service-graph metrics, a mesh, traces."""
    INFERRED = "inferred"
    """Concluded from something else: a start order, a place, a label."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One call from a service to another."""

    caller: str
    callee: str
    protocol: str = ""
    name: str = ""
    """What the call is for: `authorise a card`."""
    provenance: Provenance = Provenance.DECLARED
    """Declared wins over observed, observed over inferred; `sources` tells who else knows it."""
    seen: datetime | None = None
    """When traffic was last seen on it; null where nothing watches it."""
    sources: tuple[str, ...] = ()
    """Who told of it beside the map: `prometheus service graph`, `jaeger`, `catalog-info.yaml`."""
    says: str = ""
    """What a drawing says of it instead of protocol and origin, where it is no call of a service: `works, 28 of 28`."""


@dataclass(frozen=True, slots=True)
class ScopeQuery:
    """How much of a service is failing, asked of Prometheus."""

    query: str
    says: str
    """With one `{value:percent}`, `{value:number}` or `{value:duration}`."""


@dataclass(frozen=True, slots=True)
class MeasureQueries:
    """What is measured of one service, asked of Prometheus; each query comes to one number, an empty one is not asked."""

    errors: str = ""
    """Failing requests among all, 0 to 1."""
    latency: str = ""
    """In seconds."""
    rate: str = ""
    """Requests a second."""


@dataclass(frozen=True, slots=True)
class Service:
    """A node of the integration map."""

    name: str
    """The map's key."""
    team: str | None = None
    kind: str = "service"
    aliases: tuple[str, ...] = ()
    match: tuple[Matcher, ...] = ()
    """All must hold; tried before any label."""
    calls: tuple[Hop, ...] = ()
    runs_on: tuple[str, ...] = ()
    repository: str | None = None
    runbook: str | None = None
    weight: float = 1.0
    scope: ScopeQuery | None = None
    measures: MeasureQueries | None = None
    """Its own queries, where those for all services do not measure it."""
    status_page: str | None = None
    support: str | None = None
    pagerduty: str | None = None
    dashboard: str | None = None
    """A link to the dashboard that shows it."""
    logs: str | None = None
    """A link or a query that shows its logs."""
    provenance: Provenance = Provenance.DECLARED
    seen: datetime | None = None
    """When traffic of it was last seen; null where nothing watches it."""
    sources: tuple[str, ...] = ()
    """Who told of it beside the map."""
    line: int = 0
    """Where it stands in its file, from 1."""


@dataclass(frozen=True, slots=True)
class Team:
    """Who owns services, and how to reach them."""

    name: str
    pagerduty: str | None = None
    slack: str | None = None
    jira: str | None = None
    escalation: str | None = None


@dataclass(frozen=True, slots=True)
class ToolHop:
    """One tool that must talk to another."""

    source: str
    target: str
    label: str = ""


DEFAULT_LABELS = (
    "app_kubernetes_io_name",
    "app",
    "application",
    "service",
    "component",
    "deployment",
    "statefulset",
    "daemonset",
    "job_name",
    "container",
    "pod",
    "job",
)
"""The order in which labels are asked which service they name."""


@dataclass(frozen=True, slots=True)
class IntegrationMap:
    """Services, hops, journeys, teams and tools of one system."""

    name: str = ""
    path: str = ""
    """The file it came from, or empty."""
    entry: tuple[str, ...] = ()
    journeys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    tools: tuple[ToolHop, ...] = ()
    labels: tuple[str, ...] = DEFAULT_LABELS

    @property
    def empty(self) -> bool:
        """Whether there is no map at all."""
        return not self.services


NO_MAP = IntegrationMap()
"""What stands for the map where none is given."""
