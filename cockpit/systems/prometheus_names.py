"""Which of the metrics that tell who calls whom, and what runs where, a Prometheus has: asked seldom, as most have none."""

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from cockpit.clock import Clock
from cockpit.spans import rfc3339
from cockpit.systems.answers import decode
from cockpit.systems.base import Circumstances
from cockpit.systems.prometheus_query import Server

AGAIN_S = 600.0
"""Seconds after which it is asked again which of these metrics there are."""

LOOKED_BACK = timedelta(hours=1)
"""A metric without a sample for so long is none."""

PLACES = ("kube_pod_info", "kube_pod_labels", "kube_pod_owner")
"""What kube-state-metrics tells of pods."""

WANTED = (
    "(.+_)?(traces|tempo)_service_graph_request_.+"
    "|(.+_)?istio_requests_total"
    "|(.+_)?istio_request_duration_(milliseconds|seconds)(_bucket)?"
    f"|{'|'.join(PLACES)}"
)
"""Names that are looked for, also behind the namespace that a collector's exporter puts before them."""

NONE: Mapping[str, str] = MappingProxyType({})
"""No labels."""

_GRAPH = re.compile(r"^(?P<stem>(?:.+_)?(?:traces|tempo)_service_graph_request)_total$")
_MESH = re.compile(r"^(?P<stem>(?:.+_)?istio)_requests_total$")
_GRAPH_LATENCIES = (
    ("_server_seconds", 1.0),
    ("_server", 1.0),
    ("_server_milliseconds", 1000.0),
    ("_duration_seconds", 1.0),
    ("_client_seconds", 1.0),
    ("_client", 1.0),
    ("_client_milliseconds", 1000.0),
)
"""Ends of the latency's name, the server's own view first: Tempo's, the collector's, and older ones; and its unit."""
_MESH_LATENCIES = (("_request_duration_milliseconds", 1000.0), ("_request_duration_seconds", 1.0))


@dataclass(frozen=True, slots=True)
class Latency:
    """A histogram of durations."""

    metric: str
    """As it is asked for: with `_bucket` where it is a classic one."""
    per_second: float = 1.0
    """Its units in a second."""

    @property
    def classic(self) -> bool:
        """Whether its buckets are series."""
        return self.metric.endswith("_bucket")


@dataclass(frozen=True, slots=True)
class HopMetrics:
    """The metrics of one service graph, or of one mesh."""

    total: str
    failed: str | None
    """Counts failed requests alone; null where a label says it, or nothing does."""
    latency: Latency | None
    mesh: bool = False
    """Whether they are Istio's."""


def hop_metrics(names: Iterable[str]) -> tuple[HopMetrics, ...]:
    """Return the service graphs and meshes among these metrics, in order of their names."""
    known = frozenset(names)
    found: list[HopMetrics] = []
    for name in sorted(known):
        graph, mesh = _GRAPH.match(name), _MESH.match(name)
        if graph is not None:
            failed = f"{graph['stem']}_failed_total"
            latency = _latency(known, graph["stem"], _GRAPH_LATENCIES)
            if not graph["stem"].endswith("_failed"):
                found.append(HopMetrics(name, failed if failed in known else None, latency))
        elif mesh is not None:
            found.append(HopMetrics(name, None, _latency(known, mesh["stem"], _MESH_LATENCIES), mesh=True))
    return tuple(found)


def _latency(known: frozenset[str], stem: str, ends: Iterable[tuple[str, float]]) -> Latency | None:
    for end, unit in ends:
        for name in (f"{stem}{end}_bucket", f"{stem}{end}"):
            if name in known:
                return Latency(name, unit)
    return None


class MetricNames:
    """Remembers which of the wanted metrics a Prometheus has.

    Args:
        server: Whom to ask.
        clock: Says when to ask again.
        wanted: A regular expression of the names that are looked for.
    """

    def __init__(self, server: Server, clock: Clock, wanted: str = WANTED) -> None:
        self._server = server
        self._clock = clock
        self._wanted = wanted
        self._asked: float | None = None
        self._known: frozenset[str] = frozenset()
        self._turns: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None

    async def known(self, around: Circumstances) -> frozenset[str]:
        """Return the names of those that it has; asked at most every ten minutes.

        Raises:
            SystemError: It did not answer.
        """
        async with self._turn():
            now = self._clock.monotonic()
            if self._asked is None or not 0 <= now - self._asked < AGAIN_S:
                self._known = await self._ask(around)
                self._asked = now
        return self._known

    def _turn(self) -> asyncio.Lock:
        """Return what lets one ask while others wait: one a loop, as commands use several after one another."""
        loop = asyncio.get_running_loop()
        if self._turns is None or self._turns[0] is not loop:
            self._turns = (loop, asyncio.Lock())
        return self._turns[1]

    async def _ask(self, around: Circumstances) -> frozenset[str]:
        end = self._server.now()
        params = [
            ("match[]", f'{{__name__=~"{self._wanted}"}}'),
            ("start", rfc3339(end - LOOKED_BACK) or ""),
            ("end", rfc3339(end) or ""),
        ]
        names: list[str] = decode(await self._server.ask("/api/v1/label/__name__/values", params, around), list[str])
        return frozenset(name for name in names if name.replace("_", "").replace(":", "").isalnum() and name.isascii())
