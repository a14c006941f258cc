"""A shop whose calls a Prometheus has seen: a service graph of traces, a mesh, and where its pods run."""

from collections.abc import Iterator

from tests.e2e.exporter import Series

GRAPH = "traces_service_graph_request"


def shop() -> Iterator[Series]:
    """Yield everything that is exported of the shop."""
    yield from graph("user", "ui", 8.0, kind="virtual_node")
    yield from graph("ui", "payment", 5.0, failed=1.25, quick=2.5)
    yield from graph("payment", "postgres", 3.0, kind="database")
    yield from graph("legacy", "ui", 0.0)
    yield from mesh("web", "cart", {"200": 3.0, "503": 1.0})
    yield from pod("payment-5d8f9c7b64-x2x4z", "node-1", "payment-5d8f9c7b64", team="team-payments")
    yield from pod("zx-81", "node-2", "zx", app="ui")
    yield from pod("coredns-7c9b8d5f44-abcde", "node-2", "coredns-7c9b8d5f44", namespace="kube-system")


def graph(
    client: str, server: str, rate: float, *, failed: float = 0.0, quick: float | None = None, kind: str = ""
) -> Iterator[Series]:
    """Yield the series of one call of a service graph; half a second at most, a tenth for the quick ones."""
    labels = {"client": client, "server": server, "connection_type": kind}
    yield Series(f"{GRAPH}_total", labels, rate)
    if failed:
        yield Series(f"{GRAPH}_failed_total", labels, failed)
    if quick is not None:
        for limit, within in (("0.1", quick), ("0.5", rate), ("+Inf", rate)):
            yield Series(f"{GRAPH}_server_seconds_bucket", {**labels, "le": limit}, within)


def mesh(source: str, destination: str, codes: dict[str, float]) -> Iterator[Series]:
    """Yield the series of one call of a mesh, which both ends report."""
    for reporter in ("source", "destination"):
        labels = {
            "reporter": reporter,
            "source_canonical_service": source,
            "source_workload": source,
            "destination_canonical_service": destination,
            "destination_workload": destination,
            "destination_service_name": destination,
            "destination_service_namespace": "shop",
            "request_protocol": "grpc",
        }
        for code, rate in codes.items():
            yield Series("istio_requests_total", {**labels, "response_code": code}, rate)
        for limit, share in (("100", 0.5), ("400", 1.0), ("+Inf", 1.0)):
            total = sum(codes.values()) * share
            yield Series("istio_request_duration_milliseconds_bucket", {**labels, "le": limit}, total)


def pod(name: str, node: str, creator: str, *, namespace: str = "shop", **labels: str) -> Iterator[Series]:
    """Yield what kube-state-metrics says of one pod."""
    where = {"pod": name, "namespace": namespace}
    made = {"created_by_kind": "ReplicaSet", "created_by_name": creator, "host_ip": "10.0.0.9"}
    yield Series("kube_pod_info", {**where, "node": node, **made})
    yield Series("kube_pod_labels", {**where, **{f"label_{name}": value for name, value in labels.items()}})


CHECKED = """\
map: shop
entry: [ui]
services:
  ui:
    team: team-web
    calls:
      - payment
      - search
  payment: {team: team-payments, calls: [{to: postgres, protocol: sql}]}
  search: {team: team-web}
  postgres: {team: team-payments, kind: database}
  cart: {team: team-web}
teams: {team-web: {}, team-payments: {}}
"""
"""A map that declares one call which nobody makes, and not the one of the mesh."""
