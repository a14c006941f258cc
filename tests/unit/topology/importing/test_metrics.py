"""Label sets of service graphs and meshes, read as calls."""

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.topology.importing.metrics import End, istio_call, istio_calls, service_graph_call, service_name
from cockpit.topology.importing.places import pool_of, workload_of

_CART = {
    "reporter": "source",
    "source_canonical_service": "frontend",
    "source_workload": "frontend-v2",
    "source_workload_namespace": "shop",
    "destination_canonical_service": "cartservice",
    "destination_service_name": "cart",
    "destination_workload": "cartservice",
    "destination_service_namespace": "shop",
    "destination_cluster": "eu-1",
    "request_protocol": "grpc",
    "response_code": "200",
    "grpc_response_status": "0",
}


def test_direct_request_between_two_services() -> None:
    """Client calls server, and nothing is said of the protocol."""
    call = service_graph_call({"client": "frontend", "server": "cart", "connection_type": ""})
    assert call is not None
    assert (call.caller.name, call.callee.name, call.protocol, call.callee.kind) == ("frontend", "cart", "", "service")


def test_database_and_messaging_are_told_by_connection_type() -> None:
    """A database is the callee and is one; over a messaging system the producer calls the consumer."""
    call = service_graph_call({"client": "cart", "server": "valkey", "connection_type": "database"})
    assert call is not None
    assert (call.protocol, call.callee.kind) == ("database", "database")
    call = service_graph_call({"client": "checkout", "server": "accounting", "connection_type": "messaging_system"})
    assert call is not None
    assert (call.protocol, call.callee.kind) == ("messaging", "service")


def test_users_are_no_service() -> None:
    """The made-up client `user` means that users come in at the server, which is a service like others."""
    call = service_graph_call({"client": "user", "server": "frontend", "connection_type": "virtual_node"})
    assert call is not None
    assert (call.caller, call.callee.kind, call.from_users) == (End(""), "service", True)
    real = service_graph_call({"client": "user", "server": "user-db", "connection_type": "database"})
    assert real is not None
    assert real.caller.name == "user"


def test_uninstrumented_server_is_a_third_party() -> None:
    """A virtual node that is called sends no spans: somebody else's."""
    labels = {"client": "payment", "server": "api.bank.example", "connection_type": "virtual_node"}
    call = service_graph_call(labels)
    assert call is not None
    assert call.callee.kind == "third-party"
    assert not call.from_users
    assert service_graph_call({"client": "payment", "server": "unknown"}) is None


def test_failed_requests_are_a_metric_of_their_own() -> None:
    """The series of `traces_service_graph_request_failed_total` count failures."""
    name = "traces_service_graph_request_failed_total"
    call = service_graph_call({"__name__": name, "client": "a", "server": "b"})
    assert call is not None
    assert call.failed


def test_mesh_names_both_ends_by_canonical_service() -> None:
    """Canonical services, the callee's namespace, cluster and Kubernetes service, protocol and no failure."""
    call = istio_call(_CART)
    assert call is not None
    assert call.caller.name == "frontend"
    assert call.callee == End("cartservice", "shop", "eu-1", "cartservice", "service", "cart")
    assert call.callee.labels == {"namespace": "shop", "cluster": "eu-1", "workload": "cartservice"}
    assert (call.protocol, call.failed) == ("grpc", False)


def test_mesh_failures() -> None:
    """5xx, no answer at all and gRPC's server codes are failures; not found is none."""
    for change, failed in (
        ({"response_code": "503"}, True),
        ({"response_code": "0"}, True),
        ({"grpc_response_status": "14"}, True),
        ({"grpc_response_status": "5"}, False),
        ({"response_code": "404"}, False),
    ):
        call = istio_call({**_CART, **change})
        assert call is not None
        assert call.failed is failed, change


def test_clusters_of_the_proxy_are_no_services() -> None:
    """Traffic that the mesh passes through or drops names no service; a host outside is a third party."""
    nobody = {name: "unknown" for name in _CART if name.startswith("destination_")}
    for name in ("PassthroughCluster", "BlackHoleCluster", "unknown"):
        assert istio_call({**_CART, **nobody, "destination_service_name": name}) is None
    call = istio_call({**_CART, **nobody, "destination_service_name": "api.bank.example"})
    assert call is not None
    assert (call.callee.name, call.callee.kind) == ("api.bank.example", "third-party")


def test_requests_are_counted_once() -> None:
    """Both ends report; the source's report counts, and the destination's only where the source has no proxy."""
    both = [(_CART, 1), ({**_CART, "reporter": "destination"}, 2)]
    assert [value for _, value in istio_calls(both)] == [1]
    assert [value for _, value in istio_calls(both[1:])] == [2]
    outside = {**_CART, "reporter": "destination", "source_canonical_service": "unknown", "source_workload": "unknown"}
    assert [(call.caller.name, value) for call, value in istio_calls([*both, (outside, 3)])] == [
        ("frontend", 1),
        ("", 3),
    ]


def test_request_that_nobody_took_belongs_to_the_usual_workload() -> None:
    """Without a healthy endpoint the workload is unknown; its service's usual workload is meant."""
    nobody = {
        **_CART,
        "destination_canonical_service": "unknown",
        "destination_workload": "unknown",
        "response_code": "503",
    }
    calls = istio_calls([(_CART, 1), (nobody, 2)])
    assert [call.callee.name for call, _ in calls] == ["cartservice", "cartservice"]
    assert [call.failed for call, _ in calls] == [False, True]


_LABELS = st.dictionaries(
    st.sampled_from([*_CART, "client", "server", "connection_type", "virtual_node"]), st.text(max_size=8)
)


@given(st.lists(_LABELS, max_size=6))
@settings(max_examples=100, deadline=None)
def test_any_labels_are_read(series: list[Mapping[str, str]]) -> None:
    """No label set is refused, and a callee always has a name."""
    for labels in series:
        call = service_graph_call(labels)
        assert call is None or call.callee.name
    assert all(call.callee.name for call, _ in istio_calls((labels, None) for labels in series))


def test_hosts_inside_the_cluster() -> None:
    """A Kubernetes host is its service's name; any other stays."""
    assert service_name("cart.shop.svc.cluster.local:8080") == "cart"
    assert service_name("cart.shop.svc") == "cart"
    assert service_name("api.bank.example:443") == "api.bank.example"


def test_workload_of_a_pod() -> None:
    """What created a pod names its workload, without the hash of a rollout or the number of a run."""
    for kind, name, pod, expected in (
        ("ReplicaSet", "payment-7d4b9c6f8d", "payment-7d4b9c6f8d-x2x9z", ("payment", "service")),
        ("StatefulSet", "redis-cart", "redis-cart-0", ("redis-cart", "service")),
        ("DaemonSet", "fluent-bit", "fluent-bit-kx7zz", ("fluent-bit", "service")),
        ("Job", "report-28301280", "report-28301280-abcde", ("report", "job")),
        ("Node", "node-1", "kube-proxy-node-1", ("kube-proxy", "service")),
        ("<none>", "<none>", "debug", ("debug", "service")),
        ("", "", "payment-7d4b9c6f8d-x2x9z", ("payment", "service")),
    ):
        assert workload_of({"created_by_kind": kind, "created_by_name": name, "pod": pod}) == expected


def test_pool_of_a_node() -> None:
    """A label names the pool, else the node's name does, else nothing."""
    assert pool_of({"node": "n", "label_eks_amazonaws_com_nodegroup": "workers"}) == "workers"
    assert pool_of({"node": "aks-userpool-12345678-vmss000002"}) == "userpool"
    assert pool_of({"node": "gke-prod-default-pool-0f1e2d3c-x9z8"}) == "gke-prod-default-pool"
    assert pool_of({"node": "node-1"}) == ""
