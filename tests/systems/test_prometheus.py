"""Prometheus over real sockets: rules with their alerts, scopes, series and targets."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from math import inf, nan
from typing import Any

import pytest

from cockpit.clock import FixedClock
from cockpit.config import ConfigError, Secret
from cockpit.model.alert import AlertKey
from cockpit.model.reading import OPTIONAL, RulesSeen, ScopeSample, SeriesSeen, Topic
from cockpit.poller.asking import cadence_of
from cockpit.systems.base import Circumstances, Reply, ScopeRequest, SystemError
from cockpit.systems.prometheus import System
from cockpit.systems.prometheus_query import Server
from tests.fakes.http_server import Answer, FakeServer, say
from tests.fakes.prometheus import Alerting, FakePrometheus, Labels, constant, nothing, refusal
from tests.systems.prometheuses import NOW, VERSIONS, prometheus
from tests.systems.wires import spec_of

KEY = AlertKey("am", "f1")
ERRORS = "sum(rate(payment_errors_total[1m])) / sum(rate(payment_attempts_total[1m]))"
ATTEMPTS = "sum(rate(payment_attempts_total[1m]))"
USUALLY = f"avg_over_time(({ATTEMPTS})[1d:5m])"


@pytest.fixture
def clock() -> FixedClock:
    """Return a clock that both sides go by."""
    return FixedClock(NOW)


@pytest.fixture
async def server(clock: FixedClock) -> AsyncIterator[FakePrometheus]:
    """Open a server."""
    async with FakePrometheus(clock.now) as fake:
        yield fake


async def rules_of(server: FakeServer, around: Circumstances | None = None, **settings: Any) -> RulesSeen:
    """Return what the rules come to."""
    async with prometheus(server.url, **settings) as system:
        return await system.rules(around or Circumstances())


async def scope_of(server: FakeServer, query: str) -> ScopeSample:
    """Return what one scope query comes to."""
    async with prometheus(server.url) as system:
        (sample,) = (await system.scopes([ScopeRequest("payment", query)], Circumstances())).samples
    return sample


async def series_of(server: FakeServer, expression: str, labels: Labels, **settings: Any) -> SeriesSeen:
    """Return an alert's series."""
    async with prometheus(server.url, **settings) as system:
        return await system.series(KEY, expression, labels, Circumstances())


async def test_rules_come_with_their_alerts_in_one_call(server: FakePrometheus) -> None:
    """Expression, `for`, health and evaluation of each rule, and of each alert its labels, state, start and value."""
    rule = Alerting("PaymentErrorsHigh", f"{ERRORS} > 0.05", 120, {"severity": "critical"}, {"summary": "31 %"})
    rule.active({"service": "payment"}, NOW - timedelta(minutes=8), "3.1e-01")
    rule.active({"service": "order"}, NOW - timedelta(minutes=1), "NaN", "pending")
    server.rules = [rule, Alerting("Broken", "a *", health="err", error="parse error", group="b")]
    seen = await rules_of(server)
    assert server.paths() == ["/api/v1/rules"]
    assert server.asked[0].query == (("type", "alert"),)
    first, second = seen.rules
    assert (first.key, first.name, first.hold_s) == ("rules/PaymentErrorsHigh/0", "PaymentErrorsHigh", 120)
    assert (first.expression, first.labels, first.health) == (f"{ERRORS} > 0.05", {"severity": "critical"}, "ok")
    assert first.evaluated == NOW - timedelta(seconds=3)
    assert seen.interval_s == 15
    firing, pending = first.alerts
    assert firing.labels == {"alertname": "PaymentErrorsHigh", "service": "payment", "severity": "critical"}
    assert (firing.state, firing.active, firing.value) == ("firing", NOW - timedelta(minutes=8), 0.31)
    assert (pending.state, pending.value) == ("pending", None)
    assert (second.health, second.error, second.alerts) == ("err", "parse error", ())


async def test_alerts_carry_the_labels_of_the_settings(server: FakePrometheus) -> None:
    """Configured labels are added to what it reports; a label that an alert has already stays as it is."""
    rule = Alerting("Slow", "latency > 1", 0, {"severity": "warning"})
    rule.active({"cluster": "us-2"}, NOW, "2")
    rule.active({}, NOW, "3", "pending")
    server.rules = [rule]
    seen = await rules_of(server, labels={"cluster": "eu-1", "stage": "prod"})
    assert [alert.labels["cluster"] for alert in seen.rules[0].alerts] == ["us-2", "eu-1"]
    assert {alert.labels["stage"] for alert in seen.rules[0].alerts} == {"prod"}


@pytest.mark.parametrize("every_s", [15.0, 30.0, 300.0, 7.0])
async def test_a_configured_cadence_replaces_every_one_of_its_own(every_s: float) -> None:
    """`every` counts for all alike, also where it equals a cadence that one of them has; calls and places are no quicker."""
    async with prometheus("http://prom:1", every=timedelta(seconds=every_s)) as system:
        assert {cadence_of(system, topic) for topic in system.TOPICS if topic not in OPTIONAL} == {every_s}
        assert cadence_of(system, Topic.HOPS) == max(every_s, 60)
        assert cadence_of(system, Topic.PLACES) == max(every_s, 300)
        assert cadence_of(system, Topic.MEASURES) == max(every_s, 60)
    async with prometheus("http://prom:1") as system:
        assert cadence_of(system, Topic.RULES) == 15


async def test_alerts_that_do_not_come_with_their_rules_are_asked_for(server: FakePrometheus) -> None:
    """A server that keeps rules and alerts apart is asked twice, and each alert stands at its own rule."""
    server.alerts_with_rules = False
    server.rules = [
        Alerting("A", "up == 0", labels={"severity": "warning"}),
        Alerting("A", "up == 0", labels={"severity": "critical"}),
        Alerting("Quiet", "up == 2"),
    ]
    server.rules[1].active({"job": "x"}, NOW)
    seen = await rules_of(server)
    assert server.paths() == ["/api/v1/rules", "/api/v1/alerts"]
    assert [len(rule.alerts) for rule in seen.rules] == [0, 1, 0]
    server.rules[1].alerts.clear()
    await rules_of(server)
    assert server.paths()[2:] == ["/api/v1/rules"]


async def test_keys_of_rules_are_unique(server: FakePrometheus) -> None:
    """Two files may have a group of the same name; their rules are still told apart."""
    server.rules = [Alerting("A", "up"), Alerting("A", "up", group="other")]
    answer = server.routes["/api/v1/rules"]
    assert callable(answer)

    def twice(asked: Any) -> Any:
        made = answer(asked)
        assert isinstance(made, Answer)
        return Answer(body=made.body.replace(b'"other"', b'"rules"'))

    server.routes["/api/v1/rules"] = twice
    seen = await rules_of(server)
    assert [rule.key for rule in seen.rules] == ["rules/A/0", "rules/A/0#2"]


async def test_an_alert_that_did_not_change_is_the_same_object(server: FakePrometheus) -> None:
    """Rules change with each evaluation, their alerts mostly do not."""
    server.rules = [Alerting("A", "up")]
    for number in range(3):
        server.rules[0].active({"n": str(number)}, NOW)
    async with prometheus(server.url) as system:
        before = (await system.rules(Circumstances())).rules[0].alerts
        server.rules[0].alerts[1]["value"] = "2e+00"
        after = (await system.rules(Circumstances())).rules[0].alerts
    assert [one is other for one, other in zip(before, after, strict=True)] == [True, False, True]


async def test_a_quotient_comes_with_its_denominator_now_and_usually(server: FakePrometheus, clock: FixedClock) -> None:
    """The share, the traffic it is a share of, what that usually is, and the window of the rate."""
    server.queries = {ERRORS: constant(0.31), ATTEMPTS: constant(45), USUALLY: constant(47)}
    sample = await scope_of(server, ERRORS)
    assert (sample.value, sample.denominator, sample.usual, sample.window) == (0.31, 45, 47, "1m")
    assert (sample.at, sample.error, sample.service) == (NOW, None, "payment")
    assert sample.url is not None
    assert sample.url.startswith(f"{server.url}/graph?g0.expr=sum%28rate")


async def test_the_usual_is_asked_now_and_then_only(server: FakePrometheus, clock: FixedClock) -> None:
    """A day's average is dear: one asking serves a quarter of an hour."""
    server.queries = {ERRORS: constant(0.31), ATTEMPTS: constant(45), USUALLY: constant(47)}
    async with prometheus(server.url, clock=clock) as system:
        for _ in range(3):
            await system.scopes([ScopeRequest("payment", ERRORS)], Circumstances())
        asked = [asked.params["query"] for asked in server.asked]
        assert (asked.count(USUALLY), asked.count(ATTEMPTS), asked.count(ERRORS)) == (1, 3, 3)
        clock.advance(901)
        await system.scopes([ScopeRequest("payment", ERRORS)], Circumstances())
        assert [asked.params["query"] for asked in server.asked].count(USUALLY) == 2


@pytest.mark.parametrize("metric", [nothing, constant(nan), constant(inf), constant(-inf)])
async def test_no_number_is_no_value_and_the_denominator_says_why(server: FakePrometheus, metric: Any) -> None:
    """Without traffic a share is none, and the zero denominator is told with the usual."""
    server.queries = {ERRORS: metric, ATTEMPTS: constant(0), USUALLY: constant(47)}
    sample = await scope_of(server, ERRORS)
    assert (sample.value, sample.denominator, sample.usual, sample.error) == (None, 0, 47, None)


async def test_a_scope_query_that_is_refused_is_a_sample_with_an_error(server: FakePrometheus) -> None:
    """One bad query does not take the others with it; one with many series is no number."""

    def many(_: float) -> Sequence[tuple[Labels, float]]:
        return [({"a": "1"}, 1.0), ({"a": "2"}, 2.0)]

    server.queries = {"up": constant(1), "many": many}
    wanted = [ScopeRequest("a", "sum("), ScopeRequest("b", "up"), ScopeRequest("c", "many")]
    async with prometheus(server.url) as system:
        bad, good, several = (await system.scopes(wanted, Circumstances())).samples
    assert bad.error == "the query was refused: 1:4: parse error: unknown here"
    assert (good.value, good.error, good.denominator) == (1, None, None)
    assert several.value is None
    assert "2 series" in str(several.error)


async def test_scalars_are_numbers_and_strings_are_not(server: FakePrometheus) -> None:
    """A scalar counts as a value; a string is an error of that query."""
    for data, value, error in (
        ({"resultType": "scalar", "result": [NOW.timestamp(), "1.5"]}, 1.5, None),
        ({"resultType": "string", "result": [NOW.timestamp(), "s"]}, None, "the query comes to a string"),
    ):
        server.routes["/api/v1/query"] = say({"status": "success", "data": data})
        sample = await scope_of(server, "up")
        assert sample.value == value
        assert (sample.error or "").startswith(error or "")
        assert bool(sample.error) == bool(error)


async def test_a_server_that_fails_is_not_asked_every_query(server: FakePrometheus) -> None:
    """When the server itself fails, the rest of the queries is spared, and the failure is the system's."""
    server.routes["/api/v1/query"] = say("overloaded", 500)
    wanted = [ScopeRequest(f"s{number}", "up") for number in range(20)]
    async with prometheus(server.url) as system:
        with pytest.raises(SystemError, match="500 Internal Server Error: overloaded"):
            await system.scopes(wanted, Circumstances())
    assert len(server.asked) <= 4


async def test_a_series_is_the_measure_for_the_alerts_labels(server: FakePrometheus) -> None:
    """Sixty minutes of the comparison's left side, of the series whose labels the alert has."""

    def latency(at: float) -> Sequence[tuple[Labels, float]]:
        return [
            ({"__name__": "latency", "service": "catalog"}, 0.88),
            ({"__name__": "latency", "service": "payment"}, nan if at == NOW.timestamp() - 60 else 2.0),
            ({"__name__": "latency", "service": "payment", "zone": "b"}, 9.0),
        ]

    server.queries = {"latency": latency}
    labels = {"alertname": "Slow", "service": "payment", "cluster": "eu-1"}
    seen = await series_of(server, "latency > 0.8", labels)
    assert (seen.value, seen.at, seen.step_s) == (2.0, NOW, 30)
    assert {value for _, value in seen.points} == {2.0}
    assert len(seen.points) == 120
    assert seen.points[0][0] == NOW - timedelta(minutes=60)
    assert seen.alert == KEY
    params = server.asked[0].params
    assert (params["query"], params["step"], params["timeout"]) == ("latency", "30", "5s")


@pytest.mark.parametrize(("ago", "value"), [(300, 0.38), (330, None)])
async def test_a_series_that_ended_has_no_value_now(server: FakePrometheus, ago: int, value: float | None) -> None:
    """Five minutes after its last sample a series keeps its points and loses its value."""
    end = NOW.timestamp() - ago
    server.queries = {"errors": lambda at: [({}, 0.38)] if at <= end else []}
    seen = await series_of(server, "errors > 0.05", {"alertname": "A"})
    assert seen.points[-1] == (NOW - timedelta(seconds=ago), 0.38)
    assert (seen.value, seen.at is None) == (value, value is None)


async def test_no_series_at_all_is_no_value(server: FakePrometheus) -> None:
    """An empty answer has no points; one that fits none of several series neither, and says so."""
    server.queries = {"up": nothing, "two": lambda _: [({"a": "1"}, 1.0), ({"a": "2"}, 2.0)]}
    assert (await series_of(server, "up == 0", {"alertname": "A"})).points == ()
    around = Circumstances()
    async with prometheus(server.url) as system:
        seen = await system.series(KEY, "two > 0", {"alertname": "A", "a": "3"}, around)
    assert (seen.points, seen.value) == ((), None)
    assert around.partial == "none of 2 series has this alert's labels"


async def test_of_very_many_series_only_the_alerts_own_is_asked_again(server: FakePrometheus) -> None:
    """A rule over thousands of series is asked whole once; from then on the server sends one."""
    wide = lambda _: [({"instance": f"i-{number}"}, float(number)) for number in range(60)]  # noqa: E731 - a metric
    narrow = '(load) and on (instance) label_replace(vector(1), "instance", "i-7", "", "")'
    server.queries = {"load": wide, narrow: constant(7, instance="i-7")}
    labels = {"alertname": "A", "instance": "i-7"}
    async with prometheus(server.url) as system:
        for _ in range(3):
            assert (await system.series(KEY, "load > 5", labels, Circumstances())).value == 7
    assert [asked.params["query"] for asked in server.asked] == ["load", narrow, narrow, narrow]


async def test_a_wrong_clock_does_not_make_data_stale(server: FakePrometheus, clock: FixedClock) -> None:
    """With a server whose clock is ten minutes behind, its newest sample is now."""
    theirs = FixedClock(NOW - timedelta(minutes=10))
    server.now, server._now = theirs.now, theirs.now
    server.queries = {"up": lambda at: [({}, 1.0)] if at <= theirs.now().timestamp() + 1 else []}
    async with prometheus(server.url, clock=clock) as system:
        around = Circumstances()
        await system.rules(around)
        assert around.skew_s == pytest.approx(-600, abs=1)
        seen = await system.series(KEY, "up == 1", {"alertname": "A"}, Circumstances())
    assert seen.value == 1
    assert len(seen.points) == 121


async def test_targets_are_label_sets_and_what_is_down(server: FakePrometheus) -> None:
    """Targets give their labels, those of the settings added, and the ones that are down their error."""
    server.target({"job": "shop", "instance": "shop:80"})
    server.target({"job": "dead", "instance": "dead:1"}, "down", "connection refused")
    async with prometheus(server.url, labels={"cluster": "eu-1"}) as system:
        seen = await system.targets(Circumstances())
    assert server.asked[0].query == (("state", "active"),)
    assert seen.targets[0] == {"job": "shop", "instance": "shop:80", "cluster": "eu-1"}
    assert seen.down == ("dead dead:1: connection refused",)


async def test_long_queries_are_sent_as_a_form(server: FakePrometheus) -> None:
    """A query that is too long for an address goes into the body, with all else."""
    query = " + ".join(["up"] * 400)
    server.queries = {query: constant(400)}
    assert (await scope_of(server, query)).value == 400
    assert (server.asked[0].method, server.asked[0].query) == ("POST", ())


async def test_warnings_of_an_answer_are_told(server: FakePrometheus) -> None:
    """What the server warns of stands beside the answer."""
    server.queries, server.warnings = {"up": constant(1)}, ["store \x1b[1m unreachable"]
    around = Circumstances()
    async with prometheus(server.url) as system:
        await system.scopes([ScopeRequest("a", "up")], around)
    assert around.partial == "warns: store \u241b[1m unreachable"


async def test_replicas_are_asked_in_turn(clock: FixedClock) -> None:
    """When one replica is gone the other answers, is asked first from then on, and both are told."""
    async with (
        FakePrometheus(clock.now) as one,
        FakePrometheus(clock.now) as two,
        prometheus(one.url, two.url, clock=clock) as system,
    ):
        await one.stop()
        around = Circumstances()
        await system.rules(around)
        await system.rules(around)
        assert [(peer.up, peer.error) for peer in around.peers] == [(False, "connection refused"), (True, None)]
        assert len(two.asked) == 2
        await two.stop()
        with pytest.raises(SystemError, match=f"{two.address}: connection refused; {one.address}: connection"):
            await system.rules(around)
        assert [peer.up for peer in around.peers] == [False, False]


class _HalfGone:
    """A wire to two replicas, of which the first lets each asking hang for a while and is gone then."""

    def __init__(self) -> None:
        self.hanging: list[asyncio.Event] = []

    async def call(
        self,
        peer: str,
        method: str,
        path: str,
        params: Sequence[tuple[str, str]] = (),
        *,
        body: bytes | None = None,
        timeout_s: float | None = None,
    ) -> Reply:
        del method, path, params, body, timeout_s
        if peer == "http://one":
            self.hanging.append(asyncio.Event())
            await self.hanging[-1].wait()
            raise SystemError("connection refused")
        return Reply(200, b'{"status":"success","data":["up"]}', {"content-type": "application/json"})

    async def close(self) -> None:
        pass


async def test_two_askings_at_once_find_the_replica_that_answers(clock: FixedClock) -> None:
    """While one asking learns which replica answers, another one beside it still asks each of them."""
    wire = _HalfGone()
    server = Server(spec_of("http://one", "http://two"), wire, clock)
    askings = [asyncio.create_task(server.ask("/api/v1/labels", (), Circumstances())) for _ in range(2)]
    await asyncio.sleep(0)
    for asking, hanging in zip(askings, wire.hanging, strict=True):
        hanging.set()
        assert bytes(await asyncio.wait_for(asking, 10)) == b'["up"]'


async def test_refusals_are_told_in_words(server: FakePrometheus) -> None:
    """Errors of the API, of a proxy and of a wrong address read as what to do about them."""
    cases: tuple[tuple[Answer, dict[str, Any], str], ...] = (
        (
            refusal("bad_data", 'invalid parameter "query": 1:5: parse error: x', 400),
            {},
            "^the query was refused: 1:5: parse",
        ),
        (refusal("execution", "many-to-many matching", 422), {}, "^the query failed: many-to-many matching$"),
        (refusal("timeout", "query timed out", 503), {}, "the query took too long for the server: query timed out"),
        (say("who?", 401), {"token": Secret(env="THE_TOKEN")}, r"the token was refused \(setting token in config"),
        (say("slow", 429, retry_after="9"), {}, "asks to be left alone for 9 s"),
        (
            Answer(404, b"404 page not found", content_type="text/plain"),
            {},
            "is the address right, with its route prefix",
        ),
        (Answer(body=b"<html>", content_type="text/html"), {}, "a web page, not JSON"),
        (Answer(body=b'{"status":"success","data":{"resultType":"matrix","result":[{'), {}, "cut off"),
        (say({"status": "success", "data": []}), {}, r"expected an object"),
        (
            say({"status": "success", "data": {"resultType": "matrix", "result": [{"metric": 1}]}}),
            {},
            "expected an object",
        ),
        (say({"status": "error", "errorType": "internal", "error": "oops"}), {}, "internal: oops"),
    )
    for answer, settings, said in cases:
        server.routes["/api/v1/query_range"] = answer
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("THE_TOKEN", "hunter2-and-more")
            with pytest.raises(SystemError, match=said) as caught:
                await series_of(server, "up == 0", {"alertname": "A"}, **settings)
        assert "hunter2" not in str(caught.value)


async def test_one_broken_rule_or_alert_hides_no_other(server: FakePrometheus) -> None:
    """Broken items are left out, counted, and the first is named with its place."""
    server.rules = [Alerting("A", "up"), Alerting("B", "up")]
    server.rules[0].active({"a": "1"}, NOW)
    server.rules[0].alerts.append({"labels": [], "state": "firing"})
    server.rules[1].query = 5  # type: ignore[assignment]  # a wrong type on purpose
    around = Circumstances()
    seen = await rules_of(server, around)
    assert [(rule.name, len(rule.alerts)) for rule in seen.rules] == [("A", 1)]
    assert around.partial == (
        "1 of 2 rules could not be read: $.data.groups[0].rules[1].query: expected text; 1 of 2 alerts could not be "
        "read: $.data.groups[0].rules[0].alerts[1].labels: expected an object"
    )


async def test_no_text_of_a_rule_drives_a_terminal(server: FakePrometheus) -> None:
    """Names, expressions, labels and errors come out harmless."""
    evil = "\x1b]52;c;x\x07\u202e\x00[red]"
    server.rules = [Alerting(evil, evil, labels={evil: evil}, annotations={evil: evil}, error=evil, group=evil)]
    server.rules[0].active({evil: evil}, NOW)
    server.target({"job": evil}, "down", evil)
    async with prometheus(server.url) as system:
        seen = (await system.rules(Circumstances()), await system.targets(Circumstances()))
    assert not set("\x1b\x07\u202e\x00") & set(repr(seen).encode().decode("unicode_escape", "replace"))


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"change": []}, "am.change: unknown key; did you mean changes?"),
        ({"changes": [{"query": "up", "versoin": "v"}]}, "am.changes[0].versoin: unknown key; did you mean version?"),
        ({"changes": [{"version": "v"}]}, "am.changes[0].query: is missing"),
        ({"changes": [{"query": " "}]}, "am.changes[0].query: is empty"),
        ({"changes": [{"query": "up", "kind": "x"}]}, "am.changes[0].kind: "),
        ({"changes": {}}, "am.changes: expected a list"),
    ],
)
async def test_wrong_settings_name_their_place(extra: dict[str, object], said: str) -> None:
    """A wrong setting is refused before anything is asked, with its place and a remedy."""
    with pytest.raises(ConfigError) as caught:
        async with prometheus("http://127.0.0.1:1", extra=extra):
            pass
    assert said in str(caught.value)


async def test_changes_are_a_topic_unless_they_are_switched_off() -> None:
    """With an empty list a Prometheus is no system of changes; without one it is looked for what tells of them."""
    async with prometheus("http://a:1", extra={"changes": []}) as system:
        assert Topic.CHANGES not in system.TOPICS
    async with prometheus("http://a:1", extra={"changes": [], "kubernetes": True}) as system:
        assert Topic.CHANGES in system.TOPICS
    async with prometheus("http://a:1") as system:
        assert Topic.CHANGES in system.TOPICS
    async with prometheus("http://a:1", extra={"changes": [{"query": VERSIONS}]}) as system:
        assert Topic.CHANGES in system.TOPICS
    assert (System.KIND, System.WIRE, System.CADENCE[Topic.CHANGES]) == ("prometheus", "http", 30)
