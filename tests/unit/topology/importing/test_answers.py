"""Answers of Jaeger, Kiali and Prometheus that were saved, and graphs of networkx and D3."""

import json
from datetime import UTC, datetime
from typing import Any

import networkx as nx
import pytest

from cockpit.model.topology import Provenance
from tests.unit.topology.importing.importers import hop, imported, map_from, refusal
from tests.unit.topology.rich_maps import hops

JAEGER = {
    "data": [
        {"parent": "frontend", "child": "checkout", "callCount": 1032},
        {"parent": "checkout", "child": "payment", "callCount": 514},
        {"parent": "checkout", "child": "checkout", "callCount": 2},
    ],
    "total": 0,
    "limit": 0,
    "offset": 0,
    "errors": None,
}


def test_jaeger_dependencies() -> None:
    """Parent calls child; what is observed says so, and no moment is made up."""
    source = map_from("dependencies.json", json.dumps(JAEGER))
    assert hops(source) == {("frontend", "checkout"), ("checkout", "payment"), ("checkout", "checkout")}
    told = hop(source, "frontend", "checkout")
    assert (told.provenance, told.seen, told.sources) == (Provenance.OBSERVED, None, ("jaeger",))
    assert hops(map_from("-", json.dumps(JAEGER["data"]))) == hops(source)


def _kiali(nodes: list[dict[str, Any]], edges: list[dict[str, Any]]) -> str:
    return json.dumps(
        {
            "timestamp": 1763647923,
            "duration": 600,
            "graphType": "versionedApp",
            "elements": {"nodes": [{"data": one} for one in nodes], "edges": [{"data": one} for one in edges]},
        },
        indent=1,
    )


_BOOKINFO_NODES: list[dict[str, Any]] = [
    {"id": "b1", "nodeType": "box", "isBox": "app", "namespace": "bookinfo", "app": "reviews"},
    {"id": "g", "nodeType": "app", "namespace": "istio-system", "app": "istio-ingressgateway", "isRoot": True},
    {"id": "p", "nodeType": "app", "namespace": "bookinfo", "workload": "productpage-v1", "app": "productpage"},
    {"id": "rs", "nodeType": "service", "namespace": "bookinfo", "service": "reviews"},
    {"id": "r1", "parent": "b1", "nodeType": "app", "namespace": "bookinfo", "app": "reviews", "version": "v1"},
    {"id": "r2", "parent": "b1", "nodeType": "app", "namespace": "bookinfo", "app": "reviews", "version": "v2"},
    {"id": "ds", "nodeType": "service", "namespace": "bookinfo", "service": "details-svc"},
    {"id": "d", "nodeType": "app", "namespace": "bookinfo", "app": "details"},
    {
        "id": "x",
        "nodeType": "service",
        "namespace": "bookinfo",
        "service": "api.bank.example",
        "isServiceEntry": {"location": "MESH_EXTERNAL", "hosts": ["api.bank.example"]},
    },
    {"id": "pass", "nodeType": "service", "namespace": "unknown", "service": "PassthroughCluster"},
    {"id": "u", "nodeType": "unknown", "namespace": "unknown", "workload": "unknown", "isRoot": True},
]
_HTTP = {"protocol": "http", "rates": {"http": "0.31", "httpPercentReq": "100.0"}}
_BOOKINFO_EDGES: list[dict[str, Any]] = [
    {"id": "e1", "source": "g", "target": "p", "traffic": _HTTP},
    {"id": "e2", "source": "p", "target": "rs", "traffic": _HTTP},
    {"id": "e3", "source": "rs", "target": "r1", "traffic": _HTTP},
    {"id": "e4", "source": "rs", "target": "r2", "traffic": _HTTP},
    {"id": "e5", "source": "p", "target": "ds", "traffic": {"protocol": "grpc", "rates": {"grpc": "0.00"}}},
    {"id": "e6", "source": "ds", "target": "d", "traffic": {}},
    {"id": "e7", "source": "r2", "target": "x", "traffic": {"protocol": "tcp", "rates": {"tcp": "12.1"}}},
    {"id": "e8", "source": "p", "target": "pass", "traffic": _HTTP},
    {"id": "e9", "source": "u", "target": "p", "traffic": _HTTP},
]


def test_kiali_graph() -> None:
    """Versions are one service, a service and what stands behind it too; traffic says when it was seen."""
    found = imported("graph.json", _kiali(_BOOKINFO_NODES, _BOOKINFO_EDGES))
    source = found.map
    assert hops(source) == {
        ("istio-ingressgateway", "productpage"),
        ("productpage", "reviews"),
        ("productpage", "details"),
        ("reviews", "api.bank.example"),
    }
    assert source.entry == ("istio-ingressgateway",)
    assert source.services["details"].aliases == ("details-svc",)
    assert source.services["api.bank.example"].kind == "third-party"
    told = hop(source, "productpage", "reviews")
    assert (told.protocol, told.provenance, told.sources) == ("http", Provenance.OBSERVED, ("kiali",))
    assert told.seen == datetime(2025, 11, 20, 14, 12, 3, tzinfo=UTC)
    assert hop(source, "productpage", "details").seen is None
    assert len(found.notes) == 2


def _vector(*series: tuple[dict[str, str], str]) -> str:
    result = [{"metric": labels, "value": [1763647923.5, value]} for labels, value in series]
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}}, indent=1)


def _graph(client: str, server: str, kind: str = "", value: str = "0.5") -> tuple[dict[str, str], str]:
    name = "traces_service_graph_request_total"
    return {"__name__": name, "client": client, "server": server, "connection_type": kind}, value


def test_service_graph_of_the_opentelemetry_demo() -> None:
    """Calls, the database, the consumers behind the queue, the third party, and where users come in."""
    source = map_from(
        "service-graph.json",
        _vector(
            _graph("user", "frontend-proxy", "virtual_node"),
            _graph("frontend-proxy", "frontend"),
            _graph("frontend", "checkout"),
            _graph("frontend", "cart"),
            _graph("checkout", "cart"),
            _graph("checkout", "payment"),
            _graph("checkout", "email", value="0"),
            _graph("checkout", "accounting", "messaging_system"),
            _graph("checkout", "fraud-detection", "messaging_system"),
            _graph("cart", "valkey-cart", "database"),
            _graph("payment", "flags.vendor.example", "virtual_node"),
        ),
    )
    assert source.entry == ("frontend-proxy",)
    assert len(hops(source)) == 10
    assert hop(source, "checkout", "accounting").protocol == "messaging"
    assert source.services["valkey-cart"].kind == "database"
    assert source.services["flags.vendor.example"].kind == "third-party"
    told = hop(source, "frontend", "cart")
    assert told.sources == ("prometheus service graph",)
    assert told.seen == datetime(2025, 11, 20, 14, 12, 3, 500000, tzinfo=UTC)
    assert hop(source, "checkout", "email").seen is None


_ISTIO = {
    "source_workload": "productpage-v1",
    "source_canonical_service": "productpage",
    "source_workload_namespace": "bookinfo",
    "destination_canonical_service": "reviews",
    "destination_workload": "reviews-v2",
    "destination_service_name": "reviews",
    "destination_service_namespace": "bookinfo",
    "request_protocol": "http",
    "response_code": "200",
    "reporter": "source",
}


def test_istio_requests() -> None:
    """Both reports make one hop, whoever nobody knows makes none, and two namespaces are told."""
    found = imported(
        "istio.json",
        _vector(
            (_ISTIO, "3"),
            ({**_ISTIO, "reporter": "destination"}, "3"),
            ({**_ISTIO, "destination_service_namespace": "staging"}, "1"),
            ({**_ISTIO, "source_canonical_service": "unknown", "source_workload": "unknown"}, "1"),
        ),
    )
    assert hops(found.map) == {("productpage", "reviews")}
    assert hop(found.map, "productpage", "reviews").protocol == "http"
    assert any("bookinfo, staging" in note for note in found.notes)


def test_pods_on_nodes() -> None:
    """A workload runs on the pool of its pods' nodes, else on the node; exporters are no services."""
    info = {"__name__": "kube_pod_info", "created_by_kind": "ReplicaSet", "namespace": "pay"}
    source = map_from(
        "pods.json",
        _vector(
            ({**info, "pod": "a", "created_by_name": "payment-7d4b9c6f8d", "node": "n1"}, "1"),
            ({**info, "pod": "b", "created_by_name": "payment-7d4b9c6f8d", "node": "n2"}, "1"),
            (
                {**info, "pod": "c", "created_by_name": "node-exporter", "created_by_kind": "DaemonSet", "node": "n1"},
                "1",
            ),
            ({"__name__": "kube_node_labels", "node": "n1", "label_eks_amazonaws_com_nodegroup": "workers"}, "1"),
        ),
    )
    assert source.services["payment"].runs_on == ("workers", "n2")
    assert source.services["workers"].kind == "node-pool"
    assert source.services["payment"].provenance is Provenance.INFERRED
    assert set(source.services) == {"payment", "workers", "n2"}


def test_labels_of_targets() -> None:
    """Services and owners that targets name are inferred, exporters and nodes left out; nobody says who calls whom."""
    targets = [
        {"labels": {"job": "payment", "team": "money", "instance": "10.0.0.1:8080"}, "health": "up"},
        {"labels": {"job": "node-exporter", "instance": "n1:9100"}},
        {"labels": {"app": "Payment", "job": "kubernetes-pods"}},
        {"labels": {"app": "order"}, "discoveredLabels": {}},
    ]
    found = imported("targets.json", json.dumps({"status": "success", "data": {"activeTargets": targets}}))
    assert {name: (one.team, one.provenance) for name, one in found.map.services.items()} == {
        "payment": ("money", Provenance.INFERRED),
        "order": (None, Provenance.INFERRED),
    }
    assert hops(found.map) == set()
    assert found.notes


def test_ranges_and_lists_of_series() -> None:
    """A matrix was seen when its last sample was above nothing; `/api/v1/series` has no samples at all."""
    metric, _ = _graph("a", "b")
    matrix = {"resultType": "matrix", "result": [{"metric": metric, "values": [[60, "1"], [120, "2"], [180, "0"]]}]}
    source = map_from("-", json.dumps({"status": "success", "data": matrix}))
    assert hop(source, "a", "b").seen == datetime(1970, 1, 1, 0, 2, tzinfo=UTC)
    source = map_from("-", json.dumps({"status": "success", "data": [metric]}))
    assert hop(source, "a", "b").seen is None


@pytest.mark.parametrize("edges", ["links", "edges"])
def test_networkx_node_link(edges: str) -> None:
    """What networkx writes of a DiGraph is read, with what it knows of nodes and edges."""
    graph = nx.DiGraph(name="shop")
    graph.add_node("pay", team="money", kind="service")
    graph.add_edge("ui", "pay", protocol="https", name="pay")
    document = nx.node_link_data(graph, edges=edges)
    source = map_from("graph.json", json.dumps(document))
    assert source.name == "shop"
    assert hops(source) == {("ui", "pay")}
    assert hop(source, "ui", "pay").protocol == "https"
    assert source.services["pay"].team == "money"
    error = refusal("graph.json", json.dumps(nx.node_link_data(graph.to_undirected(), edges=edges), indent=1))
    assert "who calls whom" in error.what
    assert error.line == 2


def test_d3_graph() -> None:
    """D3 numbers its nodes by their place, and puts nodes into links."""
    document = {"nodes": [{"name": "ui"}, {"name": "pay"}], "links": [{"source": 0, "target": {"name": "pay"}}]}
    assert hops(map_from("-", json.dumps(document))) == {("ui", "pay")}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('{"data": [\n {"parent": "a", "child": "b"},\n {"parent": "a"}\n]}', 3, "data[1] has no `parent` and `child`"),
        ('{"data": [\n {"parent": "a", "child": "b"},\n {"parent": "a",\n "child": ["x"]}\n]}', 4, "should be a text"),
        ('{"data": [\n {"parent": "a" "child": "b"}]}', 2, "no JSON"),
        ('{"data": [', 1, "no JSON"),
        ("[" * 100_000, 1, "nested deeper"),
        ('{"status": "error", "error": "query timed out"}', 1, "query timed out"),
        ('{"status": "success", "data": {"resultType": "scalar", "result": [1, "2"]}}', 1, "holds a scalar"),
        ('{"status": "success", "data": {"resultType": "vector",\n "result": []}}', 1, "the answer is empty"),
        (
            '{"status": "success", "data": {"resultType": "vector", "result": [{"metric": {"__name__": "up"}}]}}',
            1,
            "up",
        ),
        ('{"status": "success", "data": {"resultType": "vector", "result": [\n{"value": [1, "2"]}]}}', 2, "`metric`"),
        ('{"elements": {"nodes": [\n{"data": {"nodeType": "app"}}]}}', 2, "has no `id`"),
        (
            '{"elements": {"nodes": [{"data": {"id": "a", "app": "a"}}],\n"edges": [\n{"data": {"source": "a", "target": "b"}}]}}',
            3,
            'names "b"',
        ),
        ('{"nodes": [{"id": "a"}], "links": [\n{"source": "a", "target": "b"}]}', 2, '"b", which is no node'),
        ('{"nodes": [{"id": "a"}], "links": [\n{"source": "a"}]}', 2, "has no `target`"),
        ('{"nodes": [{}], "links": []}', 1, "neither `id` nor `name`"),
        ('{"nodes": [], "links": []}', 1, "no nodes"),
        ('{"nodes": [{"id": ""}], "links": []}', 1, "empty text"),
        ('{"hello": "world"}', 1, "none of the formats that were tried: kiali, jaeger, prometheus"),
        ("[1, 2, 3]", 1, "none of the formats"),
        ("1" * 5000, 1, "none of the formats"),
        ("", 1, "is empty"),
    ],
)
def test_malformed_answers_name_the_line(text: str, line: int, says: str) -> None:
    """What is wrong is told with its line and a remedy."""
    error = refusal("-", text)
    assert says in error.what
    assert error.line == line
    assert error.remedy


def test_numbers_beyond_reason_are_no_moments() -> None:
    """Infinite, absurd and textual numbers are read without harm."""
    metric, _ = _graph("a", "b")
    for at, value in (("1e999", '"1"'), ("-5", '"1"'), ("1e300", '"NaN"'), ('"x"', '"+Inf"'), ("1", '"-1"')):
        text = '{"status":"success","data":{"resultType":"vector","result":[{"metric":%s,"value":[%s,%s]}]}}'
        assert hop(map_from("-", text % (json.dumps(metric), at, value)), "a", "b").seen is None


def test_own_maps_are_read_from_every_form() -> None:
    """The YAML, its JSON, and what `map show --json` prints are the same map."""
    shown = {
        "map": "shop",
        "entry": ["ui"],
        "journeys": {},
        "services": [{"name": "ui", "team": "web", "kind": "frontend"}, {"name": "pay", "team": None}],
        "hops": [{"caller": "ui", "callee": "pay", "protocol": "https", "name": "", "provenance": "observed"}],
        "tools": [],
    }
    source = map_from("-", json.dumps(shown))
    assert (source.name, source.entry) == ("shop", ("ui",))
    told = hop(source, "ui", "pay")
    assert (told.protocol, told.provenance) == ("https", Provenance.OBSERVED)
    assert source.services["ui"].team == "web"
    text = "map: shop\nservices:\n  ui: {team: web, calls: [pay, nobody]}\n  pay: {}\nteams: {web: {}}\n"
    found = imported("shop.yaml", text)
    assert hops(found.map) == {("ui", "pay")}
    assert "nobody" in found.notes[0]
    error = refusal("shop.yaml", "map: shop\nservices:\n  - ui\n", "cockpit")
    assert (error.line, "should be a mapping" in error.what) == (3, True)
