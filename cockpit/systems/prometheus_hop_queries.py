"""The queries that tell who calls whom, how often, how slowly and how much of it fails."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from cockpit.config import ConfigError
from cockpit.systems.prometheus_names import HopMetrics, hop_metrics

WINDOW = "5m"
"""Over which rates are taken."""

QUANTILE = 0.99
"""The share of requests that is quicker than the latency which is told."""

GRAPH_LABELS = (
    "client",
    "server",
    "connection_type",
    "virtual_node",
    "client_service_namespace",
    "server_service_namespace",
    "client_k8s_namespace_name",
    "server_k8s_namespace_name",
    "client_k8s_cluster_name",
    "server_k8s_cluster_name",
    "cluster",
)
"""Labels of a service graph that say who it was; the rest is added up."""

MESH_LABELS = (
    "reporter",
    "source_canonical_service",
    "source_app",
    "source_workload",
    "source_workload_namespace",
    "source_cluster",
    "destination_canonical_service",
    "destination_app",
    "destination_workload",
    "destination_workload_namespace",
    "destination_service",
    "destination_service_name",
    "destination_service_namespace",
    "destination_cluster",
    "request_protocol",
)
"""The same of a mesh."""

_MESH_FAILED = ('response_code=~"5..|0"', 'grpc_response_status=~"2|4|8|12|13|14|15"')
"""What counts as failed: the callee's fault, by HTTP and by gRPC."""


class HopQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Calls out of metrics of one's own."""

    query: str
    """Requests a second, by caller and callee."""
    failed: str | None = None
    """Failed requests a second, by the same labels."""
    latency: str | None = None
    """Seconds, by the same labels."""
    client: str = "client"
    """The label that names the caller."""
    server: str = "server"
    """The label that names the callee."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of one service graph, one mesh, or one entry of the configuration."""

    source: str
    """How it is called: `service graph`, `istio`, or the configuration's place."""
    rate: str
    """Requests a second."""
    failed: str | None = None
    latency: str | None = None
    trend: str | None = None
    """The share that fails."""
    day: str = ""
    """Requests within a step, which stands for `$step`; empty: the rate."""
    mesh: bool = False
    per_second: float = 1.0
    """The latency's units in a second."""
    client: str = "client"
    server: str = "server"

    def over(self, step_s: float) -> str:
        """Return the query of requests in each step of a longer span."""
        return self.day.replace("$step", f"{step_s:g}s") if self.day else self.rate

    def named(self, labels: Mapping[str, str]) -> Mapping[str, str]:
        """Return labels in which caller and callee are called as in a service graph."""
        if (self.client, self.server) == ("client", "server"):
            return labels
        return {**labels, "client": labels.get(self.client, ""), "server": labels.get(self.server, "")}


def plans_of(names: Iterable[str]) -> tuple[Plan, ...]:
    """Return what is asked of a Prometheus that has these metrics."""
    found = hop_metrics(names)
    kinds = [one.mesh for one in found]
    return tuple(_plan(one, several=kinds.count(one.mesh) > 1) for one in found)


def _plan(metrics: HopMetrics, *, several: bool) -> Plan:
    labels = MESH_LABELS if metrics.mesh else GRAPH_LABELS
    total = f"sum by ({', '.join(labels)}) (rate({metrics.total}[{WINDOW}]))"
    failed = None
    if metrics.mesh:
        either = " or ".join(f"rate({metrics.total}{{{one}}}[{WINDOW}])" for one in _MESH_FAILED)
        failed = f"sum by ({', '.join(labels)}) ({either})"
    elif metrics.failed is not None:
        failed = f"sum by ({', '.join(labels)}) (rate({metrics.failed}[{WINDOW}]))"
    latency, unit = None, 1.0
    if metrics.latency is not None:
        by = (*labels, "le") if metrics.latency.classic else labels
        rates = f"sum by ({', '.join(by)}) (rate({metrics.latency.metric}[{WINDOW}]))"
        latency, unit = f"histogram_quantile({QUANTILE}, {rates})", metrics.latency.per_second
    source = "istio" if metrics.mesh else "service graph"
    return Plan(
        source=f"{source} {metrics.total}" if several else source,
        rate=total,
        failed=failed,
        latency=latency,
        trend=share_of(failed, total),
        day=f"sum by ({', '.join(labels)}) (increase({metrics.total}[$step]))",
        mesh=metrics.mesh,
        per_second=unit,
    )


def share_of(failed: str | None, total: str) -> str | None:
    """Return the query of the share that fails: none where nothing failed, and no value where there was no traffic."""
    return None if failed is None else f"(({failed}) or ({total}) * 0) / ({total})"


def plans_configured(queries: Iterable[HopQuery], place: str) -> tuple[Plan, ...]:
    """Return what is asked by the configuration.

    Raises:
        ConfigError: A query is empty.
    """
    plans: list[Plan] = []
    for number, one in enumerate(queries):
        if not one.query.strip():
            remedy = "write one such as sum by (client, server) (rate(calls_total[5m]))"
            raise ConfigError(f"{place}[{number}].query", "is empty", remedy)
        plans.append(
            Plan(
                source=f"hops[{number}]",
                rate=one.query,
                failed=one.failed,
                latency=one.latency,
                trend=share_of(one.failed, one.query),
                client=one.client,
                server=one.server,
            )
        )
    return tuple(plans)
