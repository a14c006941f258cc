"""The integration map as plain values: services, hops, journeys, teams and tools."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cockpit.matchers import Matcher


@dataclass(frozen=True, slots=True)
class Hop:
    """One call from a service to another."""

    caller: str
    callee: str
    protocol: str = ""
    name: str = ""
    """What the call is for: `authorise a card`."""


@dataclass(frozen=True, slots=True)
class ScopeQuery:
    """How much of a service is failing, asked of Prometheus."""

    query: str
    says: str
    """With one `{value:percent}`, `{value:number}` or `{value:duration}`."""


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
    status_page: str | None = None
    support: str | None = None
    pagerduty: str | None = None
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
