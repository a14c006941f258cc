"""Label sets of service-graph and mesh metrics -> who called whom; saved answers and live queries alike."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

SERVICE_GRAPH = "traces_service_graph_request_total"
"""Requests by client and server, made of traces by Tempo, Alloy and the OpenTelemetry collector."""

ISTIO = "istio_requests_total"
"""Requests by source and destination, as the proxies of an Istio mesh report them."""

_USERS = "user"
"""The client that a service graph makes up for requests whose sender has no spans."""

_NOBODY = frozenset({"", "unknown", "-", "passthroughcluster", "blackholecluster", "inboundpassthroughcluster"})
"""What stands in labels where the mesh or the tracer does not know who it was."""

_PROTOCOLS = {"database": "database", "messaging_system": "messaging", "virtual_node": ""}
"""Protocols by `connection_type`."""

_KINDS = {"database": "database", "messaging_system": "service", "virtual_node": "third-party"}
"""What the server is by `connection_type`: of a virtual node there are no spans, so it is somebody else's."""

_REPORTERS = {"source": 0, "waypoint": 1, "destination": 2}
"""Whose report counts where several report the same requests."""

_GRPC_FAILURES = frozenset({"2", "4", "8", "12", "13", "14", "15"})
"""gRPC's codes that are the callee's failures: unknown, deadline, exhausted, unimplemented, internal, unavailable, loss."""

_INTERNAL = re.compile(r"\.svc(?:\.[a-z0-9.-]+)?$")


@dataclass(frozen=True, slots=True)
class End:
    """One end of a call, as the metric names it."""

    name: str
    """Empty for users, and for a caller that nobody knows."""
    namespace: str = ""
    cluster: str = ""
    workload: str = ""
    kind: str = "service"
    """What the metric gives away of it: service, database or third-party."""
    other: str = ""
    """Another name of it: the Kubernetes service in front of the workload."""

    @property
    def labels(self) -> dict[str, str]:
        """What else is known of it, by the usual label names."""
        pairs = (("namespace", self.namespace), ("cluster", self.cluster), ("workload", self.workload))
        return {name: value for name, value in pairs if value}


@dataclass(frozen=True, slots=True)
class Call:
    """What the labels of one series say."""

    caller: End
    callee: End
    protocol: str = ""
    """http, grpc, database, messaging, or empty."""
    failed: bool = False
    """Whether this series counts failed requests alone."""
    from_users: bool = False
    """Whether users are the caller: then the callee is an entry point."""


_Value = TypeVar("_Value")


def service_graph_call(labels: Mapping[str, str]) -> Call | None:
    """Return the call of a service-graph series; null where the server is not known.

    See https://grafana.com/docs/tempo/latest/metrics-from-traces/service_graphs/ for the labels.
    """
    client, server = labels.get("client", "").strip(), labels.get("server", "").strip()
    kind = labels.get("connection_type", "")
    if server.lower() in _NOBODY:
        return None
    virtual = labels.get("virtual_node", "")
    users = client.lower() in _NOBODY or (client == _USERS and kind == "virtual_node" and virtual != "server")
    far = kind != "virtual_node" or (virtual != "client" and not users)
    callee = End(
        server,
        labels.get("server_service_namespace") or labels.get("server_k8s_namespace_name") or "",
        labels.get("server_k8s_cluster_name") or labels.get("cluster") or "",
        kind=_KINDS.get(kind, "service") if far else "service",
    )
    caller = End(
        "" if users else client,
        "" if users else labels.get("client_service_namespace") or labels.get("client_k8s_namespace_name") or "",
        "" if users else labels.get("client_k8s_cluster_name") or labels.get("cluster") or "",
    )
    failed = labels.get("__name__", "").endswith("_failed_total")
    return Call(caller, callee, _PROTOCOLS.get(kind, ""), failed, users and client == _USERS)


def istio_call(labels: Mapping[str, str]) -> Call | None:
    """Return the call of one mesh series; null where the destination is not known. See `istio_calls` for several.

    Both ends are named by their canonical service, so that a callee is the same name as a caller.
    """
    callee = _istio_callee(labels)
    if callee is None:
        return None
    caller = End(
        _first(labels, "source_canonical_service", "source_app", "source_workload"),
        _known(labels.get("source_workload_namespace")),
        _known(labels.get("source_cluster")),
        _known(labels.get("source_workload")),
    )
    protocol = _known(labels.get("request_protocol")).lower()
    return Call(caller, callee, protocol, _failed(labels), False)


def _istio_callee(labels: Mapping[str, str]) -> End | None:
    service = _known(labels.get("destination_service_name")) or _known(labels.get("destination_service"))
    workload = _first(labels, "destination_canonical_service", "destination_app", "destination_workload")
    inside = bool(workload) or not service
    front = service_name(service)
    name = workload or front
    if not name:
        return None
    outside = not inside and "." in service and not _INTERNAL.search(service)
    return End(
        name,
        _first(labels, "destination_service_namespace", "destination_workload_namespace"),
        _known(labels.get("destination_cluster")),
        _known(labels.get("destination_workload")),
        "third-party" if outside else "service",
        front if front != name else "",
    )


def istio_calls(series: Iterable[tuple[Mapping[str, str], _Value]]) -> list[tuple[Call, _Value]]:
    """Return the calls of mesh series with what came with each, every request counted once.

    Source and destination report the same requests: of two ends only the best reporter's series count, that is the
    source's where it reports at all. A request that no workload took (`destination_workload` is unknown) belongs to
    the workload that usually stands behind its service.
    """
    found: list[tuple[Call, int, _Value]] = []
    for labels, value in series:
        call = istio_call(labels)
        if call is not None:
            found.append((call, _REPORTERS.get(labels.get("reporter", ""), 0), value))
    behind: dict[tuple[str, str], set[str]] = {}
    for call, _, _ in found:
        if call.callee.other:
            behind.setdefault((call.callee.namespace, call.callee.other), set()).add(call.callee.name)
    best: dict[tuple[str, str, str, str], int] = {}
    named: list[tuple[Call, int, _Value]] = []
    for call, rank, value in found:
        usual = behind.get((call.callee.namespace, call.callee.name), set())
        whole = call
        if len(usual) == 1 and not call.callee.workload:
            whole = replace(call, callee=replace(call.callee, name=next(iter(usual)), other=call.callee.name))
        best[_pair(whole)] = min(rank, best.get(_pair(whole), rank))
        named.append((whole, rank, value))
    return [(call, value) for call, rank, value in named if rank == best[_pair(call)]]


def _pair(call: Call) -> tuple[str, str, str, str]:
    return call.caller.namespace, call.caller.name, call.callee.namespace, call.callee.name


def service_name(host: str) -> str:
    """Return a Kubernetes service's own name: `cart` of `cart.shop.svc.cluster.local:8080`; other hosts as they are."""
    host = re.sub(r":\d+$", "", host)
    return host.split(".")[0] if _INTERNAL.search(host) else host


def _failed(labels: Mapping[str, str]) -> bool:
    code = labels.get("response_code", "")
    if code.startswith("5") or code == "0":
        return True
    return labels.get("grpc_response_status", "") in _GRPC_FAILURES


def _known(value: str | None) -> str:
    value = (value or "").strip()
    return "" if value.lower() in _NOBODY else value


def _first(labels: Mapping[str, str], *names: str) -> str:
    return next((value for name in names if (value := _known(labels.get(name)))), "")
