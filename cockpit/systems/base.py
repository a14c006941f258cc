"""What Cockpit asks of an outside system: small protocols, one a capability, and the one error they raise."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from cockpit.matchers import Matcher
from cockpit.model.alert import AlertKey
from cockpit.model.annotation import Annotation, Spot
from cockpit.model.history import HistorySeen
from cockpit.model.reading import (
    AlertsSeen,
    ChangesSeen,
    HopsSeen,
    MeasuresSeen,
    OnCallSeen,
    Peer,
    PlacesSeen,
    RulesSeen,
    ScopesSeen,
    SeriesSeen,
    SilencesSeen,
    StatusSeen,
    TargetsSeen,
)
from cockpit.model.topology import IntegrationMap


class SystemError(Exception):  # noqa: A001 - the architecture's word for it, and nobody catches the builtin
    """A system did not answer as hoped; the message is for an engineer and never holds a secret.

    Attributes:
        retry_after_s: For how long it asked to be left alone (429 and the like), or null.
        status: The HTTP status or exit code, where there was one.
    """

    def __init__(self, message: str, *, retry_after_s: float | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.status = status


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `cockpit doctor`."""

    system: str
    check: str
    """What was tried: `GET /api/v2/status on am-0:9093`."""
    ok: bool
    message: str
    """What came of it."""
    remedy: str = ""
    warning: bool = False
    """Worth telling, but no failure."""


@dataclass(slots=True)
class Circumstances:
    """What came with an answer beside the answer: filled in by a system while it is asked."""

    peers: tuple[Peer, ...] = ()
    skew_s: float = 0.0
    complete_to: datetime | None = None
    """Null means: complete to the moment of asking."""
    partial: str | None = None
    """Why the answer has gaps, where it has."""


@runtime_checkable
class System(Protocol):
    """Any outside system."""

    name: str
    kind: str
    every_s: float
    """Its cadence in seconds, per topic see `cadence`."""
    insecure: bool
    """Whether its certificate is not verified."""

    async def check(self) -> Sequence[Check]:
        """Prove with harmless requests that it works; never raises."""

    async def close(self) -> None:
        """Let go of connections and processes."""


@runtime_checkable
class AlertSource(Protocol):
    """A system that holds alerts (Alertmanager)."""

    async def alerts(self, around: Circumstances) -> AlertsSeen:
        """Return every alert that the reachable peers hold.

        Raises:
            SystemError: No peer answered.
        """

    async def silences(self, around: Circumstances) -> SilencesSeen:
        """Return the active and pending silences."""


@runtime_checkable
class FilterSource(Protocol):
    """A system that holds alerts and filters them itself."""

    def filters(self, matchers: Sequence[Matcher]) -> bool:
        """Tell whether these matchers, or some of them, mean something to the server."""

    async def filtered(self, matchers: Sequence[Matcher], around: Circumstances) -> AlertsSeen:
        """Return the alerts that satisfy the matchers, as far as the server can tell; never fewer.

        Raises:
            SystemError: No peer answered.
        """


@runtime_checkable
class RuleSource(Protocol):
    """A system that evaluates alerting rules (Prometheus)."""

    async def rules(self, around: Circumstances) -> RulesSeen:
        """Return the alerting rules with their pending and firing alerts, in one call."""


@runtime_checkable
class ChangeSource(Protocol):
    """A system that reports changes."""

    async def changes(self, since: datetime, until: datetime, around: Circumstances) -> ChangesSeen:
        """Return the changes of that window, what it covers and where it has gaps."""


@dataclass(frozen=True, slots=True)
class ScopeRequest:
    """One scope query of the map, for one service."""

    service: str
    query: str


@runtime_checkable
class HealthSource(Protocol):
    """A system that measures (Prometheus)."""

    async def scopes(self, requests: Sequence[ScopeRequest], around: Circumstances) -> ScopesSeen:
        """Answer the map's scope queries; a query that fails is a sample with an error."""

    async def series(
        self, alert: AlertKey, expression: str, labels: Mapping[str, str], around: Circumstances
    ) -> SeriesSeen:
        """Return sixty minutes of the measure (the comparison's left side) for the alert's labels."""

    async def targets(self, around: Circumstances) -> TargetsSeen:
        """Return what it scrapes."""


@runtime_checkable
class HistorySource(Protocol):
    """A system that remembers which alerts fired (Prometheus)."""

    async def history(self, since: datetime, until: datetime, around: Circumstances) -> HistorySeen:
        """Return what fired in that time, how often, and of which of it nothing is known.

        Raises:
            SystemError: It did not answer.
        """


@runtime_checkable
class HopSource(Protocol):
    """A system that saw services call one another."""

    async def hops(self, around: Circumstances, since: datetime | None = None) -> HopsSeen:
        """Return the calls that it observed: now, and since a moment or as far back as it remembers.

        Raises:
            SystemError: It did not answer.
        """


@runtime_checkable
class PlaceSource(Protocol):
    """A system that knows where pods run."""

    async def places(self, around: Circumstances) -> PlacesSeen:
        """Return which pod runs on which node."""


@runtime_checkable
class MeasureSource(Protocol):
    """A system that measures services without being told of each (Prometheus)."""

    async def measures(self, around: Circumstances, *, only: str | None = None) -> MeasuresSeen:
        """Return error share, latency and rate by service; with `only`, anew of that service alone.

        Raises:
            SystemError: The server failed for every query.
        """


@runtime_checkable
class StatusSource(Protocol):
    """A system that tells how third parties say they do (status pages)."""

    async def statuses(self, around: Circumstances) -> StatusSeen:
        """Return what each page says, or why it could not be read.

        Raises:
            SystemError: No page could be read.
        """


@runtime_checkable
class OnCallSource(Protocol):
    """A system that knows who is on call (PagerDuty)."""

    async def on_call(self, around: Circumstances) -> OnCallSeen:
        """Return who is on call now for the escalation policies that the map's teams name.

        Raises:
            SystemError: It did not answer.
        """


@runtime_checkable
class Annotator(Protocol):
    """A system whose dashboards changes are marked on (Grafana)."""

    name: str
    tags: tuple[str, ...]
    """What makes an annotation a change there."""

    def dashboard_for(self, service: str) -> str:
        """Return the dashboard that a service's changes are marked on; empty for the whole organisation."""

    def sends(self, wanted: Annotation) -> Mapping[str, object]:
        """Return the document that writing an annotation sends, to the letter."""

    async def spot(self, dashboard: str) -> Spot:
        """Return where an annotation would stand.

        Raises:
            SystemError: There is no such dashboard, or it did not answer.
        """

    async def similar(self, wanted: Annotation) -> tuple[Annotation, ...]:
        """Return the annotations that may mark the same change.

        Raises:
            SystemError: It did not answer.
        """

    async def annotate(self, wanted: Annotation) -> Annotation:
        """Write an annotation and return it as it stands there.

        Raises:
            SystemError: It was refused (a status from 300 to 499), or nobody knows whether it was written.
        """


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server or a process answered."""

    status: int
    """HTTP status, or a process' exit code."""
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    """Only those that are looked at: content-type, date, retry-after, location; lower-case."""
    elapsed_s: float = 0.0


@dataclass(slots=True)
class Turn:
    """One asking at a cadence, as the wires under it see it."""

    every_s: float
    """The cadence."""
    age_s: float = 0.0
    """How old the oldest answer is that was used: told by a wire that shares answers."""


TURN: ContextVar[Turn | None] = ContextVar("turn", default=None)
"""The asking at a cadence that a call belongs to; null where it is anything else, such as a check or a write."""


class Wire(Protocol):
    """The seam one method wide under every system: live over HTTP or a process, or out of a recording.

    A system never opens a connection or a process by itself, so that a recording can stand in for the world
    and every byte that decided something can be kept.
    """

    async def call(
        self,
        peer: str,
        method: str,
        path: str,
        params: Sequence[tuple[str, str]] = (),
        *,
        body: bytes | None = None,
        timeout_s: float | None = None,
    ) -> Reply:
        """Ask one peer (a base URL, or `git` with the arguments as params) and return what it answered.

        Raises:
            SystemError: Nothing came back: refused, timed out, too large, not allowed.
        """

    async def close(self) -> None:
        """Let go of connections."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a system is built with beside its own settings."""

    wire: Wire
    map: IntegrationMap
    cache: str
    """A folder of Cockpit's own for mirrors."""
    window_s: float = 4 * 3600.0
    """Length of the deploy feed."""
