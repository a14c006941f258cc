"""Changes that nobody configured: which metrics count, what is asked, and what is read out of the answers."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.model.change import Progress
from cockpit.model.reading import ChangesSeen
from cockpit.promql import parse
from cockpit.systems import prometheus_kube_queries as queries
from cockpit.systems.base import Circumstances, SystemError
from cockpit.systems.prometheus_builds import found_source, own_builds
from cockpit.systems.prometheus_kube_read import deploys, new_sets, node_changes, version_of
from cockpit.systems.prometheus_query import Line, Sample
from tests.fakes.http_server import say
from tests.fakes.prometheus import FakePrometheus
from tests.systems.prometheuses import NOW, prometheus

SINCE = NOW - timedelta(hours=4)
ORDER = ("service", "app", "pod", "job")
WINDOW_S = 4 * 3600
KUBE = frozenset(queries.METRICS)


def test_infrastructure_has_no_deploys() -> None:
    """Versions of exporters, monitoring and the cluster are no changes of services."""
    names = [
        "payment_build_info", "app_build_info", "rabbitmq_build_info", "prometheus_build_info", "go_build_info",
        "node_exporter_build_info", "blackbox_exporter_build_info", "kubernetes_build_info", "exporter_build_info",
        "exporter_toolkit_build_info", "up", "_build_info", "export_service_build_info",
    ]  # fmt: skip
    assert own_builds(names) == (
        "app_build_info", "export_service_build_info", "payment_build_info", "rabbitmq_build_info",
    )  # fmt: skip


def test_all_versions_are_one_query() -> None:
    """Whatever was found is asked at once, by what names the service but for its pods."""
    source = found_source(["b_build_info", "a_build_info"], ORDER, {"cluster": "eu"})
    assert source is not None
    assert source.query == (
        'max by (cluster, namespace, service, app, job, version) ({__name__=~"a_build_info|b_build_info", version!=""})'
    )
    assert (source.names, source.labels, source.found) == (("service", "app", "job"), {"cluster": "eu"}, True)
    assert found_source(["go_build_info"], ORDER, {}) is None


@pytest.mark.parametrize("known", [KUBE, {"kube_replicaset_created"}, {"kube_node_created"}])
def test_queries_are_promql(known: frozenset[str]) -> None:
    """Each parses, and asks only metrics that there are."""
    assert set(parse(queries.news(known, WINDOW_S)).metrics) <= known
    for query in (
        queries.replicas(["a-1", "b.c-2"]),
        queries.images(["a-1", "b.c-2"], WINDOW_S),
        queries.nodes(["ip-10-0-0-1.eu.example.com"]),
    ):
        parse(query)
    assert "b[.]c-2" in queries.images(["b.c-2"], WINDOW_S)


@pytest.mark.parametrize("name", ["", "a|b", 'a"} or up{x="', "A", "-a", "a`b", "a" * 254, "a\\n"])
def test_only_names_of_kubernetes_get_into_a_query(name: str) -> None:
    """Nothing else does."""
    assert not queries.is_name(name)


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("cart:v3.1", "v3.1"),
        ("registry.example.com:5000/shop/cart:v3.1", "v3.1"),
        ("registry.example.com:5000/shop/cart", ""),
        ("cart:v3.1@sha256:0123456789abcdef", "v3.1"),
        ("cart@sha256:0123456789abcdef", "0123456789ab"),
        ("", ""),
    ],
)
def test_an_images_version(image: str, version: str) -> None:
    """It is the tag, else the begin of the digest; a registry's port is none."""
    assert version_of(image) == version


def sample(value: float, **labels: str) -> Sample:
    """Return a series' value now."""
    return Sample(labels, NOW, value)


def rollout(ago_s: float, wanted: int, ready: int) -> Progress:
    """Return how far a ReplicaSet has come."""
    news = [sample(NOW.timestamp() - ago_s, replicaset="ui-66c9bdf8d4", namespace="shop")]
    place = {"replicaset": "ui-66c9bdf8d4", "namespace": "shop"}
    counts = [
        sample(wanted, __name__="kube_replicaset_spec_replicas", **place),
        sample(ready, __name__="kube_replicaset_status_ready_replicas", **place),
    ]
    (change,) = deploys(new_sets(news, SINCE, NOW), counts, [], now=NOW, labels={}, link=None)
    assert (change.name, change.version, change.id) == ("ui", "", "shop/ui-66c9bdf8d4")
    return change.progress


def test_how_far_a_rollout_has_come() -> None:
    """It rolls while pods are missing, is done when none is, and nothing is claimed of an old or empty one."""
    assert rollout(60, 3, 1) is Progress.ROLLING
    assert rollout(60, 3, 3) is Progress.DONE
    assert rollout(3600, 3, 1) is Progress.UNKNOWN
    assert rollout(60, 0, 0) is Progress.UNKNOWN


def test_only_what_was_made_in_the_window_is_new() -> None:
    """What is older, from the future or no time at all is none."""
    values = [SINCE.timestamp() - 1, NOW.timestamp() + 60, -1.0, 1e300]
    assert new_sets([sample(value, replicaset="a-1") for value in values], SINCE, NOW) == []


def test_labels_of_kubernetes_come_out_harmless() -> None:
    """No escape code gets into a change."""
    evil = "x\x1b]52;c;y\x07\u202e"
    news = [sample(NOW.timestamp() - 60, replicaset="a-12345", namespace=evil, cluster=evil)]
    info = [sample(1, pod="a-12345-abcde", namespace=evil, cluster=evil, container="a", image=evil)]
    owner = [
        sample(1, __name__="kube_replicaset_owner", replicaset="a-12345", namespace=evil, cluster=evil, owner_name=evil)
    ]
    (change,) = deploys(new_sets(news, SINCE, NOW), owner, info, now=NOW, labels={}, link=None)
    assert not set("\x1b\x07\u202e") & set(f"{change}")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 479), st.sampled_from([0.0, 1.0])), max_size=12, unique_by=lambda one: one[0]))
def test_cordons_lie_in_the_window_and_in_order(points: list[tuple[int, float]]) -> None:
    """Each ends after it began and before the next one begins."""
    begin = SINCE.timestamp()
    line = Line(
        {"__name__": "kube_node_spec_unschedulable", "node": "n"},
        tuple((begin + 30 * place, value) for place, value in sorted(points)),
    )
    found = node_changes([], [line], frozenset(), since=SINCE, until=NOW, step_s=30, labels={}, link=None)
    moments = [moment for change in found for moment in (change.began, change.ended or NOW)]
    assert moments == sorted(moments)
    assert all(SINCE <= moment <= NOW for moment in moments)


async def seen(server: FakePrometheus) -> ChangesSeen:
    """Return the changes of four hours."""
    async with prometheus(server.url) as system:
        return await system.changes(SINCE, NOW, Circumstances())


async def test_a_prometheus_without_any_covers_nothing() -> None:
    """It answers, in one question, that there is nothing to tell of, and asks no more for ten minutes."""
    async with FakePrometheus(lambda: NOW) as server:
        async with prometheus(server.url) as system:
            for _ in range(3):
                told = await system.changes(SINCE, NOW, Circumstances())
                assert (told.changes, told.covers, told.gaps, told.blind) == ((), (), (), ())
        assert [asked.path for asked in server.asked] == ["/api/v1/label/__name__/values"]


async def test_what_cannot_be_looked_for_is_a_failure() -> None:
    """Not knowing which versions there are is not knowing of changes."""
    async with FakePrometheus(lambda: NOW) as server:
        server.routes["/api/v1/label/__name__/values"] = lambda _: say({"status": "error", "error": "no"}, 503)
        with pytest.raises(SystemError, match="503"):
            await seen(server)


async def test_a_kube_state_metrics_that_is_gone_takes_no_nodes_along() -> None:
    """Where a cluster tells of no node any more, that is a gap and no change."""
    news = queries.news({"kube_node_created"}, WINDOW_S)
    told = [({"change": "gone", "cluster": "us", "node": f"n{number}"}, 1.0) for number in range(3)]
    told += [({"change": "nodes", "cluster": "eu"}, 3.0)]
    async with FakePrometheus(lambda: NOW, {news: lambda _: told}) as server:
        server.names = ["kube_node_created"]
        there = await seen(server)
    assert (there.changes, there.gaps) == ((), ("kube-state-metrics of us tells of no nodes any more",))


async def test_details_that_fail_leave_the_deploy() -> None:
    """A new ReplicaSet is told also where its owner and image cannot be asked, with the gap."""
    news = queries.news({"kube_replicaset_created"}, WINDOW_S)
    made = NOW.timestamp() - 600
    metric = [({"change": "replicaset", "namespace": "shop", "replicaset": "cart-7d9f8c6b5d"}, made)]
    async with FakePrometheus(lambda: NOW, {news: lambda _: metric}) as server:
        server.names = ["kube_replicaset_created"]
        there = await seen(server)
    (change,) = there.changes
    assert (change.name, change.began) == ("cart", datetime.fromtimestamp(made, UTC))
    assert there.gaps[0].startswith("kube-state-metrics: details of new ReplicaSets: ")
