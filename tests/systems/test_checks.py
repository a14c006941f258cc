"""What `doctor` finds out about Alertmanager and Prometheus."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import FixedClock
from cockpit.model.topology import IntegrationMap, ToolHop
from cockpit.systems.base import Check
from tests.fakes.alertmanager import Cluster, FakeAlertmanager
from tests.fakes.http_server import Answer, say
from tests.fakes.prometheus import Alerting, FakePrometheus, constant, nothing
from tests.systems.alertmanagers import NOW, alertmanager
from tests.systems.gitting import NOON, commit, git, minutes, repository, system
from tests.systems.prometheuses import VERSIONS, prometheus

TOOLS = IntegrationMap(
    tools=(
        ToolHop("prometheus", "alertmanager"),
        ToolHop("alertmanager", "pagerduty", "severity"),
        ToolHop("alertmanager", "slack"),
        ToolHop("alertmanager", "pagerduty", "urgency"),
    )
)


def by_check(checks: Any) -> dict[str, Check]:
    """Return the lines by what was tried, without the address."""
    return {check.check.partition(" on ")[0]: check for check in checks}


async def test_healthy_peers_and_the_tools_of_the_map_are_told() -> None:
    """Version, cluster, alerts, agreement, and whether the receivers that the map names are there."""
    cluster = Cluster(lambda: NOW)
    async with FakeAlertmanager(cluster) as one, FakeAlertmanager(cluster) as two:
        for peer in (one, two):
            peer.fire({"alertname": "A"})
        async with alertmanager(one.url, two.url, known=TOOLS) as system:
            checks = await system.check()
    told = by_check(checks)
    assert told["GET /api/v2/status"].message == "Alertmanager 0.25.0, cluster ready, up since 2026-11-20T14:12:00Z"
    assert told["GET /api/v2/alerts"].message == "1 alert"
    assert told["cluster"].message == "2 members, all configured"
    assert told["peers agree"].message == "all hold the same 1 alerts"
    pagerduty = [check for check in checks if check.check == "alertmanager -> pagerduty"]
    assert [(check.ok, check.warning) for check in pagerduty] == [(True, False), (True, True)]
    assert (told["alertmanager -> slack"].ok, told["alertmanager -> slack"].remedy) == (
        False,
        "add slack_configs to a receiver",
    )
    assert [check.check for check in checks][:2] == [
        f"GET /api/v2/status on {one.address}",
        f"GET /api/v2/alerts on {one.address}",
    ]


async def test_peers_that_do_not_fit_together_are_told() -> None:
    """Peers that are no cluster fail, unknown members and differing alerts are warned of, wrong clocks too."""
    async with FakeAlertmanager(Cluster(lambda: NOW)) as one, FakeAlertmanager(Cluster(lambda: NOW)) as two:
        one.fire({"alertname": "A"})
        one.ahead_s = 90
        async with alertmanager(one.url, two.url) as system:
            told = by_check(await system.check())
            clocks = (await system.check())[0]
    assert (told["cluster"].ok, told["cluster"].message) == (
        False,
        "2 peers are configured, but the cluster has 1 member(s)",
    )
    assert (told["peers agree"].ok, told["peers agree"].warning) == (True, True)
    assert "its clock is 90 s ahead of ours" in clocks.message
    cluster = Cluster(lambda: NOW)
    async with FakeAlertmanager(cluster) as one, FakeAlertmanager(cluster), alertmanager(one.url) as system:
        assert "2 members, 1 configured" in by_check(await system.check())["cluster"].message


async def test_what_does_not_work_has_a_remedy() -> None:
    """A dead peer, a wrong address and a broken answer each fail with what to do, and nothing raises."""
    async with FakeAlertmanager(Cluster(lambda: NOW)) as one:
        one.routes["GET /api/v2/status"] = Answer(body=b"<html>", content_type="text/html")
        one.routes["GET /api/v2/alerts"] = say([{"fingerprint": 1}])
        async with alertmanager(one.url) as system:
            checks = await system.check()
            assert [check.ok for check in checks] == [False, False]
            await one.stop()
            (status, *_) = await system.check()
    assert (status.ok, status.message, status.remedy) == (
        False,
        "connection refused",
        "is it running, and is the port right?",
    )


async def test_a_healthy_prometheus_is_told() -> None:
    """Build, rules, targets, where alerts go, and each query of versions."""
    async with FakePrometheus(lambda: NOW, {VERSIONS: constant(1, service="a", version="v1")}) as server:
        server.rules = [Alerting("A", "up == 0")]
        server.target({"job": "x", "instance": "x:1"})
        async with prometheus(server.url, known=TOOLS, extra={"changes": [{"query": VERSIONS}]}) as system:
            checks = await system.check()
    assert [(check.ok, check.warning, check.message) for check in checks] == [
        (True, False, "Prometheus 2.42.0"),
        (True, False, "1 alerting rules, all healthy"),
        (True, False, "1 targets, all up"),
        (True, False, "it sends its alerts to am-0:9093"),
        (True, False, "1 series with the label version"),
        (True, False, "no metrics of service graphs or of a mesh"),
        (True, False, "no kube_pod_info: it is not known which pod runs on which node"),
        (True, False, "none of the well-known metrics is there"),
    ]


@pytest.mark.parametrize("known", [TOOLS, IntegrationMap()])
async def test_an_ailing_prometheus_is_told(known: IntegrationMap) -> None:
    """Broken rules, dead targets, no Alertmanager, and queries that cover nothing."""
    queries = {"none": nothing, "other": constant(1, service="a")}
    async with FakePrometheus(lambda: NOW, queries) as server:
        server.rules = [Alerting("A", "up == 0"), Alerting("B", "x", health="err", error="oops")]
        server.target({"job": "x", "instance": "x:1"}, "down", "connection refused")
        server.alertmanagers = []
        server.ahead_s = timedelta(minutes=-4).total_seconds()
        changes = [{"query": query} for query in ("none", "other", "sum(")]
        async with prometheus(server.url, known=known, extra={"changes": changes}) as system:
            build, rules, targets, alertmanagers, *sources = await system.check()
    assert "its clock is 240 s behind ours" in build.message
    assert (rules.ok, rules.message) == (False, "1 of 2 alerting rules cannot fire: B: oops")
    assert (targets.ok, targets.warning) == (True, True)
    assert targets.message == "1 of 1 targets are down: x x:1: connection refused"
    assert alertmanagers.ok == (known is not TOOLS)
    assert [check.ok for check in sources] == [False, False, False, True, True, True]


async def test_a_prometheus_that_is_not_there_has_one_line() -> None:
    """Nothing more is asked of a server that does not answer."""
    async with prometheus("http://127.0.0.1:1") as system:
        (only,) = await system.check()
    assert (only.ok, only.message) == (False, "127.0.0.1:1: connection refused")


async def test_each_repository_that_fails_has_a_remedy(tmp_path: Path) -> None:
    """One that is not there, one without that branch and one whose remote is gone: what it is, and what to do."""
    clock = FixedClock(NOON)
    upstream = repository(tmp_path / "upstream")
    commit(upstream, "first", NOON - minutes(5))
    git(tmp_path, "clone", "--quiet", str(upstream), "clone")
    good, gone, branchless, stale, deaf = await system(
        {"path": str(tmp_path / "nowhere")},
        {"path": str(upstream), "ref": "nope"},
        {"path": str(tmp_path / "clone"), "service": "payment"},
        {"path": "ssh://127.0.0.1:1/x.git"},
        clock=clock,
        cache=tmp_path / "cache",
    ).check()
    assert good.ok
    assert stale.ok
    for check in (gone, branchless, deaf):
        assert not check.ok
        assert check.message
        assert check.remedy
    shutil.rmtree(upstream)
    lost = (await system({"path": str(tmp_path / "clone")}, clock=clock, cache=tmp_path / "cache").check())[1]
    assert (lost.ok, lost.remedy) == (False, "correct the address")
    assert lost.message.startswith("fetch failed")
