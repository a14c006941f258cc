"""Which service labels and names belong to."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.config import DEFAULT_EXPORTERS
from cockpit.model.topology import NO_MAP, IntegrationMap
from cockpit.topology.load import read_map
from cockpit.topology.naming import Named, Naming

SOURCE, _ = read_map(
    """
services:
  payment: {team: t, aliases: [payment-service, Pay_Svc], match: ['namespace="pay"', 'app=~"pay.*"']}
  order: {team: t, aliases: [checkout.order]}
  stock-db: {team: t, kind: database, aliases: [db-1]}
  pool-a: {team: t, kind: node-pool, aliases: [gp-3]}
  pool-b: {team: t, kind: node-pool, match: ['node=~"b-.*"', 'alertname=~"(Kube)?Node.*"']}
teams: {t: {}}
""",
    "f",
)
NAMING = Naming(SOURCE, DEFAULT_EXPORTERS)


@pytest.mark.parametrize(
    ("labels", "service"),
    [
        ({"app": "payment"}, "payment"),
        ({"app": "PAYMENT_SERVICE"}, "payment"),
        ({"app": "pay.svc"}, "payment"),
        ({"service": "checkout-order"}, "order"),
        ({"app": "payroll", "namespace": "pay", "service": "order"}, "payment"),
        ({"app_kubernetes_io_name": "order", "app": "payment"}, "order"),
        ({"app": "unheard-of", "job": "order"}, "order"),
        ({"pod": "payment-7d9f8b6c5d-x2x4z"}, "payment"),
        ({"pod": "order-x2x4z"}, "order"),
        ({"pod": "stock-db-0"}, "stock-db"),
        ({"pod": "order"}, "order"),
        ({"job": "kube-state-metrics", "container": "payment"}, "payment"),
        ({"alertname": "KubeNodeNotReady", "node": "b-17", "job": "kube-state-metrics"}, "pool-b"),
        ({"alertname": "KubeNodeNotReady", "node": "gp_3", "job": "kube-state-metrics"}, "pool-a"),
    ],
)
def test_a_label_names_a_service_of_the_map(labels: dict[str, str], service: str) -> None:
    """Matchers first, then labels in their order by name or alias, without case and with _ . - the same."""
    named = NAMING.of_labels(labels)
    assert (named.service, named.mapped) == (service, True)


@pytest.mark.parametrize(
    ("labels", "service"),
    [
        ({"app": "Legacy.Billing"}, "Legacy.Billing"),
        ({"component": "cron", "job": "batch"}, "cron"),
        ({"pod": "web-7d9f8b6c5d-x2x4z"}, "web"),
        ({"pod": "kafka-12"}, "kafka"),
        ({"job": "node-exporter", "instance": "10.0.0.7:9100", "alertname": "NodeDiskFull"}, "10.0.0.7"),
        ({"job": "linux", "instance": "db-1:9100", "alertname": "NodeLoadHigh"}, "db-1"),
        ({"job": "monitoring/prometheus-node-exporter", "instance": "h7:9100", "alertname": "HostDown"}, "h7"),
        ({"job": "kube-state-metrics", "node": "n9", "alertname": "KubeNodeNotReady"}, "n9"),
        ({"job": "kube-state-metrics", "instance": "10.1.1.1:8080", "alertname": "KubeQuotaFull"}, ""),
        ({"pod": "prom-node-exporter-x2x4z", "node": "n3"}, "n3"),
        ({"job": "blackbox", "instance": "https://shop.example.com:443/"}, "https://shop.example.com:443/"),
        ({"instance": "[::1]:9100"}, "::1"),
        ({"instance": "fe80::1"}, "fe80::1"),
        ({"alertname": "Watchdog"}, ""),
        ({}, ""),
    ],
)
def test_what_fits_no_service_keeps_the_label_s_own_value(labels: dict[str, str], service: str) -> None:
    """Unmapped things stay visible under their own value, exporters are skipped, and node alerts are on their node."""
    named = NAMING.of_labels(labels)
    assert (named.service, named.mapped) == (service, False)


def test_a_node_is_never_a_service_that_is_no_node_pool() -> None:
    """A node whose name is a database's alias stays a node."""
    assert not NAMING.of_labels({"alertname": "NodeDown", "node": "db-1"}).mapped


def test_cluster_and_namespace_are_told() -> None:
    """Cluster is the cluster label, else the region; with the namespace it tells unmapped services apart."""
    one = NAMING.of_labels({"app": "x", "cluster": "eu", "region": "r", "namespace": "n"})
    two = NAMING.of_labels({"app": "x", "region": "us", "namespace": "n"})
    assert (one.cluster, one.namespace, two.cluster) == ("eu", "n", "us")
    assert one != two


def test_the_map_s_labels_replace_the_order() -> None:
    """A map with labels of its own is asked in their order, and no others count."""
    naming = Naming(replace(SOURCE, labels=("squid", "service")), DEFAULT_EXPORTERS)
    assert naming.of_labels({"service": "payment", "squid": "order", "app": "payment"}).service == "order"
    assert naming.of_labels({"app": "payment"}).service == ""


def test_exporters_are_a_setting() -> None:
    """Other exporters can be named, and then the default ones count as services."""
    naming = Naming(NO_MAP, ("my_probe",))
    assert naming.of_labels({"app": "eu-my-probe", "job": "kubelet"}).service == "kubelet"


@pytest.mark.parametrize(
    ("name", "labels", "service", "mapped"),
    [
        ("Payment-Service", {}, "payment", True),
        ("who-knows", {}, "who-knows", False),
        ("who-knows", {"namespace": "pay", "app": "pay"}, "payment", True),
        ("", {"app": "order"}, "order", True),
        ("kubelet", {}, "kubelet", False),
    ],
)
def test_a_feed_s_name_is_matched_the_same_way(name: str, labels: dict[str, str], service: str, mapped: bool) -> None:
    """A change's name is a name or an alias, after matchers on its labels; else it keeps its own."""
    named = NAMING.of_name(name, labels)
    assert (named.service, named.mapped) == (service, mapped)


_VALUES = st.one_of(
    st.text(max_size=12), st.sampled_from(["payment", "PAY.svc", "order-x2x4z", "kubelet", "gp-3", "b-1", "h:9100"])
)
_LABELS = st.dictionaries(
    st.sampled_from(["app", "service", "pod", "job", "node", "instance", "namespace", "cluster", "alertname", "x"]),
    _VALUES,
)


@settings(max_examples=100, deadline=None)
@given(_LABELS)
def test_naming_twice_says_the_same(labels: dict[str, str]) -> None:
    """Naming never raises, answers the same again, and a mapped service is known by its own name."""
    first = NAMING.of_labels(labels)
    assert NAMING.of_labels(dict(labels)) == first == Naming(SOURCE).of_labels(labels)
    assert first.mapped == (first.service in SOURCE.services and first.mapped)
    if first.mapped:
        assert NAMING.of_name(first.service) == Named(first.service, True, "", "", "name")


@settings(max_examples=100, deadline=None)
@given(_LABELS)
def test_without_a_map_nothing_is_mapped(labels: dict[str, str]) -> None:
    """An empty map names everything by its own labels."""
    assert not Naming(IntegrationMap()).of_labels(labels).mapped
