"""The fakes and the systems against the published contracts: recorded samples, and machine-readable specifications."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import FixedClock
from cockpit.model.alert import AlertKey
from cockpit.model.topology import NO_MAP, IntegrationMap, Service
from cockpit.systems import prometheus_kube_queries as kube
from cockpit.systems.alertmanager import System as Alertmanager
from cockpit.systems.base import Circumstances, Reply, ScopeRequest, Surroundings, SystemError
from cockpit.systems.failures import what_it_said
from cockpit.systems.http import HttpWire
from cockpit.systems.prometheus import System as Prometheus
from cockpit.systems.prometheus_builds import found_source
from cockpit.systems.prometheus_history import FIRED, REACH, SIZE
from cockpit.systems.statuspage import System as Statuspage
from tests.fakes.alertmanager import Cluster, FakeAlertmanager, Inhibition, fingerprint
from tests.fakes.http_server import Asked, FakeServer
from tests.fakes.prometheus import Alerting, FakePrometheus, constant
from tests.fakes.status_pages import FakeStatuspage
from tests.needs import SHARED
from tests.systems.alertmanagers import alertmanager
from tests.systems.prometheuses import NOW, VERSIONS, prometheus
from tests.systems.wires import spec_of

pytestmark = pytest.mark.skipif(not (SHARED / "contracts").is_dir(), reason="missing: shared contracts")

SAMPLES = SHARED / "contracts" / "samples"
RECORDED = SAMPLES / "recorded-debian-prom2.42-am0.25"


class Canned:
    """A wire that answers every path with what was recorded."""

    def __init__(self, answers: Mapping[str, object], status: int = 200) -> None:
        self.answers = answers
        self.status = status

    async def call(self, peer: str, method: str, path: str, params: object = (), **_: object) -> Reply:
        """Answer by path."""
        if path not in self.answers:
            return Reply(404, b"404 page not found\n", {"content-type": "text/plain"})
        said = self.answers[path]
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        return Reply(self.status, body, {"content-type": "application/json"})

    async def close(self) -> None:
        """Hold nothing."""


def samples(folder: Path, pattern: str) -> list[Any]:
    """Return the samples of a folder as test parameters."""
    return [pytest.param(path, id=path.stem) for path in sorted(folder.glob(pattern))]


def content(path: Path) -> Any:
    """Return what a sample holds."""
    return json.loads(path.read_text())


def recorded(name: str) -> Any:
    """Return what was answered in a recorded exchange."""
    return json.loads((RECORDED / f"{name}.json").read_text())["response"]


def around(wire: Canned) -> Surroundings:
    """Return the surroundings of a system over a canned wire."""
    return Surroundings(wire, NO_MAP, "")


@pytest.mark.parametrize("path", samples(SAMPLES / "alertmanager-versions", "*-alerts-groups.json"))
async def test_alerts_of_every_recorded_version_are_read(path: Path) -> None:
    """All alerts of several versions are read whole, and their fingerprints are the ones that we compute."""
    alerts = {one["fingerprint"]: one for group in content(path) for one in group["alerts"]}
    system = Alertmanager(
        spec_of("http://am:1"), around(Canned({"/api/v2/alerts": list(alerts.values())})), FixedClock(NOW)
    )
    told = Circumstances()
    seen = await system.alerts(told)
    assert told.partial is None
    assert {report.id for report in seen.alerts} == set(alerts)
    for report in seen.alerts:
        raw = alerts[report.id]
        assert report.labels == raw["labels"]
        assert report.silenced_by == tuple(raw["status"]["silencedBy"])
        assert report.receivers == tuple(one["name"] for one in raw["receivers"])
        assert fingerprint(raw["labels"]) == report.id


@pytest.mark.parametrize("path", samples(SAMPLES / "alertmanager-versions", "*-silences.json"))
async def test_silences_of_every_recorded_version_are_read(path: Path) -> None:
    """All current silences of several versions are read whole."""
    raw = content(path)
    system = Alertmanager(spec_of("http://am:1"), around(Canned({"/api/v2/silences": raw})), FixedClock(NOW))
    told = Circumstances()
    seen = await system.silences(told)
    assert told.partial is None
    assert {silence.id for silence in seen.silences} == {
        one["id"] for one in raw if one["status"]["state"] != "expired"
    }


@pytest.mark.parametrize(
    "name", ["am-alerts", "am-alerts-suppressed", "am-alerts-inhibited", "am-alerts-unprocessed-now"]
)
async def test_recorded_alerts_are_read(name: str) -> None:
    """What a real Alertmanager answered is read whole, in every state."""
    body = recorded(name)["body"]
    system = Alertmanager(
        spec_of("http://am:1"),
        around(Canned({"/api/v2/alerts": body, "/api/v2/status": recorded("am-status")["body"]})),
        FixedClock(NOW),
    )
    told = Circumstances()
    seen = await system.alerts(told)
    assert (told.partial, len(seen.alerts)) == (None, len(body))
    assert {report.state for report in seen.alerts} == {one["status"]["state"] for one in body}
    assert told.peers[0].started == datetime(2026, 11, 23, 2, 25, 55, 998000, UTC)


async def test_recorded_peers_are_joined() -> None:
    """The same alert of two recorded peers is one, with the earlier start."""
    bodies = [recorded(f"am-ha-peer{number}-dup")["body"] for number in (1, 2)]

    class Two(Canned):
        async def call(self, peer: str, method: str, path: str, params: object = (), **_: object) -> Reply:
            return Reply(200, json.dumps(bodies[peer == "http://b:1"]).encode(), {})

    system = Alertmanager(spec_of("http://a:1", "http://b:1"), around(Two({})), FixedClock(NOW))
    seen = await system.alerts(Circumstances())
    for report in seen.alerts:
        starts = [one["startsAt"] for body in bodies for one in body if one["fingerprint"] == report.id]
        assert report.started == min(map(datetime.fromisoformat, starts))
        assert len(report.peers) == len(starts)


@pytest.mark.parametrize("path", samples(RECORDED, "*.json"))
def test_every_recorded_error_is_told_in_words(path: Path) -> None:
    """Each of the recorded refusals, whatever its shape, comes out as its own words."""
    said = json.loads(path.read_text()).get("response", {})
    if said.get("status", 200) < 400:
        return
    body = said["body"]
    text = body if isinstance(body, str) else str(body.get("message") or body.get("error"))
    is_json = "json" in said["headers"].get("content-type", "")
    raw = (json.dumps(body) if is_json else text).encode()
    told = what_it_said(Reply(said["status"], raw, said["headers"]))
    assert told.partition("…")[0] == " ".join(text.split())[: len(told.partition("…")[0])]
    assert bool(told) == bool(text)


async def test_recorded_rules_targets_and_queries_are_read() -> None:
    """What a real Prometheus answered is read whole."""
    answers = {
        "/api/v1/rules": recorded("prom-rules")["body"],
        "/api/v1/targets": recorded("prom-targets-active")["body"],
        "/api/v1/query_range": recorded("prom-query-range")["body"],
        "/api/v1/query": recorded("prom-query-nan")["body"],
    }
    clock = FixedClock(datetime.fromtimestamp(1795400830, UTC))
    spec = spec_of("http://prom:1", extra={"changes": [{"query": "demo_error_ratio"}]})
    system = Prometheus(spec, around(Canned(answers)), clock)
    told = Circumstances()
    rules = (await system.rules(told)).rules
    assert [(rule.name, rule.hold_s, len(rule.alerts)) for rule in rules][:1] == [("HighErrorRate", 2, 1)]
    assert rules[0].alerts[0].value == 0.31
    assert any(rule.health == "err" and rule.error for rule in rules)
    targets = await system.targets(told)
    assert targets.targets[0] == {"instance": "127.0.0.1:9115", "job": "blackbox"}
    assert any("connection refused" in text for text in targets.down)
    labels = {"alertname": "HighErrorRate", "env": "prod", "instance": "i1", "job": "demo", "service": "checkout"}
    series = await system.series(AlertKey("am", "f"), "demo_error_ratio > 0.05", labels | {"version": "1.42.0"}, told)
    assert (series.value, len(series.points)) == (0.31, 5)
    (sample,) = (await system.scopes([ScopeRequest("a", "vector(0/0)")], told)).samples
    assert (sample.value, sample.error) == (None, None)
    seen = await system.changes(datetime.fromtimestamp(1795400800, UTC), clock.now(), told)
    assert seen.covers == ("cart", "checkout")
    assert told.partial is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("prom-query-bad", "the query was refused: 1:5: parse error: unclosed left parenthesis"),
        ("prom-query-exec-error", "the query failed: found duplicate series for the match group"),
        ("prom-query-range-too-many-points", "the query was refused: exceeded maximum resolution of 11,000 points"),
        ("prom-404", "404 Not Found: 404 page not found"),
    ],
)
async def test_recorded_refusals_of_prometheus_are_told(name: str, said: str) -> None:
    """A real Prometheus' refusals read as what to do about them."""
    told = recorded(name)
    body = told["body"].encode() if isinstance(told["body"], str) else told["body"]
    wire = Canned({"/api/v1/query_range": body}, told["status"])
    system = Prometheus(spec_of("http://prom:1"), around(wire), FixedClock(NOW))
    with pytest.raises(SystemError, match=said):
        await system.series(AlertKey("am", "f"), "up == 0", {}, Circumstances())


@pytest.fixture(scope="module")
def specifications() -> dict[str, Any]:
    """Return the specifications, opened."""
    from openapi_core import OpenAPI

    folder = SHARED / "contracts" / "specs"
    return {
        name: OpenAPI.from_file_path(str(folder / f"{file}.openapi.json"))
        for name, file in (
            ("alertmanager", "alertmanager-v0.25.0"),
            ("prometheus", "prometheus"),
            ("statuspage", "statuspage-public"),
        )
    }


def validate(specification: Any, server: FakeServer) -> None:
    """Check every request that a server got against its specification."""
    from openapi_core.testing import MockRequest
    from werkzeug.datastructures import ImmutableMultiDict

    assert server.asked
    for asked in server.asked:
        content = asked.headers.get("content-type", "application/json")
        request = MockRequest(server.url, asked.method, asked.path, data=asked.body, content_type=content)
        request.parameters.query = ImmutableMultiDict(asked.query)
        specification.validate_request(request)


class Answers:
    """Keeps what a fake answers, to be checked against the specification."""

    def __init__(self, server: FakeServer) -> None:
        self.kept: list[tuple[Asked, Any]] = []
        for path, route in list(server.routes.items()):
            server.routes[path] = self._watched(route)

    def _watched(self, route: Any) -> Any:
        def watched(asked: Asked) -> Any:
            made = route(asked)
            self.kept.append((asked, made))
            return made

        return watched

    def validate(self, specification: Any, server: FakeServer) -> None:
        """Check every answer."""
        from openapi_core.testing import MockRequest, MockResponse

        for asked, answer in self.kept:
            if not answer.body:
                continue
            content = asked.headers.get("content-type", "application/json")
            request = MockRequest(server.url, asked.method, asked.path, data=asked.body, content_type=content)
            response = MockResponse(answer.body, answer.status, content_type=answer.content_type)
            specification.validate_response(request, response)


async def test_alertmanager_keeps_to_its_specification(specifications: dict[str, Any]) -> None:
    """Every request that the system sends, and every answer of the fake, is as Alertmanager 0.25 specifies."""
    cluster = Cluster(lambda: NOW, inhibitions=[Inhibition({"severity": "critical"}, {"severity": "warning"})])
    async with FakeAlertmanager(cluster) as one, FakeAlertmanager(cluster) as two:
        kept = [(server, Answers(server)) for server in (one, two)]
        for server, _ in kept:
            server.fire({"alertname": "A", "severity": "critical"}, {"summary": "x"}, generator="http://prom/graph")
            server.fire({"alertname": "B", "severity": "warning"})
        cluster.silence({"alertname": "A"}, comment="x")
        extra = {"filter": ["severity=~crit.*|warn.*"], "receiver": "team-.*"}
        async with alertmanager(one.url, two.url, extra=extra) as system:
            assert len((await system.alerts(Circumstances())).alerts) == 2
            assert len((await system.silences(Circumstances())).silences) == 1
            assert all(check.ok for check in await system.check())
        for server, answers in kept:
            validate(specifications["alertmanager"], server)
            answers.validate(specifications["alertmanager"], server)


async def test_prometheus_keeps_to_its_specification(specifications: dict[str, Any]) -> None:
    """Every request that the system sends, and every answer of the fake, is as Prometheus specifies."""
    long = " + ".join(["up"] * 400)
    queries = {
        "up": constant(1, service="a", version="v1"),
        long: constant(1),
        VERSIONS: constant(1, service="a", version="v"),
    }
    async with FakePrometheus(lambda: NOW, queries) as server:
        answers = Answers(server)
        server.rules = [Alerting("A", "up == 0", labels={"severity": "critical"})]
        server.rules[0].active({"job": "x"}, NOW)
        server.alerts_with_rules = False
        server.target({"job": "x", "instance": "x:1"})
        async with prometheus(server.url, extra={"changes": [{"query": VERSIONS}]}) as system:
            await system.rules(Circumstances())
            server.alerts_with_rules = True
            await system.rules(Circumstances())
            await system.targets(Circumstances())
            await system.scopes([ScopeRequest("a", "up"), ScopeRequest("b", long)], Circumstances())
            await system.series(AlertKey("am", "f"), "up == 0", {}, Circumstances())
            await system.series(AlertKey("am", "f"), f"{long} > 1", {}, Circumstances())
            await system.changes(datetime(2026, 11, 20, 10, tzinfo=UTC), NOW, Circumstances())
            assert all(check.ok for check in await system.check())
            server.queries |= {REACH: constant(3), SIZE: constant(1), FIRED: constant(1, alertname="A")}
            assert len((await system.history(NOW - timedelta(hours=12), NOW, Circumstances())).alerts) == 1
        server.names = ["app_build_info", *kube.METRICS]
        name = "a-12345"
        made = {"change": "replicaset", "replicaset": name, "namespace": "shop"}
        gone = {"change": "gone", "node": "n-1"}
        server.queries |= {
            kube.news(kube.METRICS, 5 * 3600): lambda at: [
                (made, at - 60),
                (gone, 1),
                ({"change": "nodes"}, 1),
            ],
            kube.replicas([name]): constant(1, __name__="kube_replicaset_spec_replicas", replicaset=name),
            kube.images([name], 5 * 3600): constant(1, pod=f"{name}-abcde", container="a", image="a:v1"),
            kube.nodes(["n-1"]): constant(1, __name__="kube_node_created", node="n-1"),
        }
        source = found_source(server.names, ("service", *NO_MAP.labels), {})
        assert source is not None
        server.queries[source.query] = constant(1, job="a", version="v1")
        async with prometheus(server.url) as system:
            seen = await system.changes(datetime(2026, 11, 20, 10, tzinfo=UTC), NOW, Circumstances())
            assert ([change.name for change in seen.changes], seen.gaps) == (["a"], ())
        validate(specifications["prometheus"], server)
        answers.validate(specifications["prometheus"], server)


async def test_status_pages_keep_to_their_specification(specifications: dict[str, Any]) -> None:
    """Every request that the system sends, and every answer of the fake, is as Statuspage specifies."""
    async with FakeStatuspage() as page:
        answers = Answers(page)
        page.trouble("major", "Partial System Outage")
        page.component("Webhooks", "partial_outage")
        page.incident("Webhooks fail")
        known = IntegrationMap("m", services={"vendor": Service("vendor", status_page=page.url)})
        wire = HttpWire(spec_of(page.url), FixedClock(NOW))
        system = Statuspage(spec_of(), Surroundings(wire, known, ""), FixedClock(NOW))
        (said,) = (await system.statuses(Circumstances())).statuses
        await system.close()
        assert said.fine is False
        validate(specifications["statuspage"], page)
        answers.validate(specifications["statuspage"], page)
