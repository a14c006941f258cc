"""Who calls whom, as a Prometheus' metrics tell it: which metrics, which queries, how often, and what is remembered."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from cockpit.clock import FixedClock
from cockpit.config import ConfigError, Context
from cockpit.model.reading import Topic
from cockpit.model.topology import NO_MAP
from cockpit.systems.base import Circumstances, Surroundings, SystemError
from cockpit.systems.http import HttpWire
from cockpit.systems.prometheus import System
from cockpit.systems.prometheus_hop_queries import Plan, plans_of, share_of
from cockpit.systems.prometheus_names import hop_metrics
from cockpit.systems.recording import PlaybackWire, Recording, RecordingWire, RecordingWriter, header_of
from tests.fakes.prometheus import FakePrometheus, Labels, Metric
from tests.systems.prometheuses import NOW, prometheus
from tests.systems.wires import spec_of

TOTAL = "traces_service_graph_request_total"
FAILED = "traces_service_graph_request_failed_total"
SECONDS = "traces_service_graph_request_server_seconds_bucket"
NAMES = (TOTAL, FAILED, SECONDS)


def graph(*names: str) -> Plan:
    """Return what is asked of the only service graph among metrics of these names."""
    (plan,) = plans_of(names or NAMES)
    return plan


def always(*values: tuple[str, str, float]) -> Metric:
    """Return calls by caller and callee whose values never change."""
    return lambda _: [({"client": client, "server": server}, value) for client, server, value in values]


def serving(server: FakePrometheus, rates: Metric, failed: Metric | None = None, slow: Metric | None = None) -> Plan:
    """Let the server have a service graph that comes to these values, also over half an hour and a day."""
    plan = graph()
    server.names = list(NAMES)
    failing = failed or always()

    def shares(at: float) -> Sequence[tuple[Labels, float]]:
        found = {tuple(labels.items()): value for labels, value in failing(at)}
        return [
            (labels, found.get(tuple(labels.items()), 0.0) / rate if rate else float("nan"))
            for labels, rate in rates(at)
        ]

    assert plan.failed
    assert plan.latency
    assert plan.trend
    server.queries |= {plan.rate: rates, plan.failed: failing, plan.latency: slow or always(), plan.trend: shares}
    server.queries[plan.over(3600)] = rates
    return plan


def asked(server: FakePrometheus, path: str) -> int:
    """Return how often a path was asked."""
    return sum(one.path == f"/api/v1/{path}" for one in server.asked)


@pytest.mark.parametrize(
    ("names", "latency", "unit"),
    [
        (NAMES, SECONDS, 1.0),
        ((TOTAL, FAILED, "traces_service_graph_request_server_bucket"), "traces_service_graph_request_server_bucket", 1),
        ((TOTAL, "traces_service_graph_request_duration_seconds_bucket"), "traces_service_graph_request_duration_seconds_bucket", 1),
        ((TOTAL, "traces_service_graph_request_server_seconds"), "traces_service_graph_request_server_seconds", 1),
        (("otel_" + TOTAL, "otel_traces_service_graph_request_server_milliseconds_bucket"), "otel_traces_service_graph_request_server_milliseconds_bucket", 1000),
        (("istio_requests_total", "istio_request_duration_milliseconds_bucket"), "istio_request_duration_milliseconds_bucket", 1000),
        (("tempo_service_graph_request_total",), None, None),
    ],
)  # fmt: skip
def test_the_metrics_of_every_version_are_known(
    names: tuple[str, ...], latency: str | None, unit: float | None
) -> None:
    """Tempo's names, the collector's, older ones, those behind a namespace, native histograms, and a mesh's."""
    (found,) = hop_metrics(names)
    assert (found.latency.metric if found.latency else None) == latency
    assert (found.latency.per_second if found.latency else None) == unit
    assert found.failed == next((name for name in names if name.endswith("_failed_total")), None)


def test_failed_requests_are_no_calls_of_their_own() -> None:
    """The counter of failures alone is no service graph; two exporters' graphs are told apart."""
    assert hop_metrics([FAILED]) == ()
    assert {plan.source for plan in plans_of([TOTAL, "a_" + TOTAL])} == {
        f"service graph {TOTAL}",
        f"service graph a_{TOTAL}",
    }
    assert share_of(None, "x") is None


async def test_without_such_metrics_it_is_asked_once_in_ten_minutes() -> None:
    """One cheap question, then none until ten minutes later; what has appeared by then is found."""
    clock = FixedClock(NOW)
    async with FakePrometheus(clock.now) as server, prometheus(server.url, clock=clock) as system:
        for _ in range(9):
            assert (await system.hops(Circumstances())).hops == ()
            assert (await system.places(Circumstances())).places == ()
            clock.advance(60)
        assert server.paths() == ["/api/v1/label/__name__/values"]
        serving(server, always(("a", "b", 1.0)))
        clock.advance(60)
        assert len((await system.hops(Circumstances())).hops) == 1


async def test_one_answer_costs_four_queries() -> None:
    """Rates, failures, latencies and one range of trends; the day only with a later one, and then not for an hour."""
    clock = FixedClock(NOW)
    async with FakePrometheus(clock.now) as server, prometheus(server.url, clock=clock) as system:
        serving(server, always(("a", "b", 1.0)))
        counts = []
        for _ in range(4):
            await system.hops(Circumstances())
            counts.append((asked(server, "query"), asked(server, "query_range")))
            clock.advance(60)
    assert counts == [(3, 1), (6, 3), (9, 4), (12, 5)]


async def test_what_is_measured_is_told_of_each_call() -> None:
    """Rate, share, latency, thirty minutes of shares; a call without failures fails by nothing, one without traffic is not alive."""
    async with FakePrometheus(lambda: NOW) as server, prometheus(server.url) as system:
        serving(
            server,
            always(("a", "b", 4.0), ("a", "c", 2.0), ("d", "a", 0.0)),
            always(("a", "b", 1.0)),
            always(("a", "b", 0.4)),
        )
        hops = {hop.callee: hop for hop in (await system.hops(Circumstances())).hops}
    assert (hops["b"].measure.rate, hops["b"].measure.error_share, hops["b"].measure.latency_s) == (4.0, 0.25, 0.4)
    assert hops["b"].measure.trend == (0.25,) * 30
    assert (hops["c"].measure.error_share, hops["c"].measure.latency_s) == (0.0, None)
    assert (hops["a"].measure.rate, hops["a"].measure.error_share, hops["a"].seen) == (0.0, None, None)
    assert hops["b"].seen == NOW


async def test_a_call_that_is_gone_is_remembered_for_a_day() -> None:
    """It is told without rates and with when it was last seen, until a day later."""
    clock = FixedClock(NOW)
    async with FakePrometheus(clock.now) as server, prometheus(server.url, clock=clock) as system:
        serving(server, always(("a", "b", 4.0)))
        await system.hops(Circumstances())
        serving(server, always(("a", "c", 4.0)))
        clock.advance(600)
        gone = {hop.callee: hop for hop in (await system.hops(Circumstances())).hops}["b"]
        clock.advance(timedelta(days=1).total_seconds())
        left = {hop.callee for hop in (await system.hops(Circumstances())).hops}
    assert (gone.measure.rate, gone.seen) == (None, NOW)
    assert left == {"c"}


async def test_only_the_rates_are_needed() -> None:
    """Where latency, failures and trend cannot be had, the calls are told all the same, and what is missing is said.

    How much fails is not known then, and not nothing.
    """
    async with FakePrometheus(lambda: NOW) as server, prometheus(server.url) as system:
        server.names = list(NAMES)
        server.queries = {graph().rate: always(("a", "b", 4.0))}
        around = Circumstances()
        (hop,) = (await system.hops(around)).hops
        server.queries = {}
        with pytest.raises(SystemError, match="refused"):
            await system.hops(Circumstances())
    assert (hop.measure.rate, hop.measure.error_share) == (4.0, None)
    assert around.partial is not None
    assert all(what in around.partial for what in ("failed: ", "latency: ", "trend: "))


async def test_a_server_whose_clock_is_ahead_shifts_no_time() -> None:
    """When a call was seen and measured is told by our clock."""
    async with FakePrometheus(lambda: NOW) as server, prometheus(server.url) as system:
        server.ahead_s = 240
        serving(server, always(("a", "b", 4.0)))
        (hop,) = (await system.hops(Circumstances())).hops
    assert (hop.seen, hop.measure.at) == (NOW, NOW)


async def test_names_from_outside_are_cleaned() -> None:
    """What could drive a terminal is made visible in names and labels."""
    async with FakePrometheus(lambda: NOW) as server, prometheus(server.url) as system:
        serving(server, always(("a\x1b[2J", "b\nc", 1.0)))
        (hop,) = (await system.hops(Circumstances())).hops
    assert (hop.caller, hop.callee) == ("a␛[2J", "b c")


async def test_labels_of_the_settings_belong_to_both_ends() -> None:
    """Configured labels are added, so that a service of that cluster is matched."""
    async with FakePrometheus(lambda: NOW) as server, prometheus(server.url, labels={"cluster": "eu-1"}) as system:
        serving(server, always(("a", "b", 1.0)))
        (hop,) = (await system.hops(Circumstances())).hops
    assert (hop.caller_labels["cluster"], hop.callee_labels["cluster"]) == ("eu-1", "eu-1")


async def test_settings_say_what_is_asked() -> None:
    """`hops = false` and `places = false` take their topics away; an empty query is an error with its place."""
    async with prometheus("http://prom:1", extra={"hops": False, "places": False}) as system:
        assert not {Topic.HOPS, Topic.PLACES} & set(system.TOPICS)
    with pytest.raises(ConfigError, match=r"hops\[0\].query: is empty"):
        async with prometheus("http://prom:1", extra={"hops": [{"query": " "}]}):
            pass
    with pytest.raises(ConfigError, match=r"hops\[0\].clint: unknown key; did you mean client"):
        async with prometheus("http://prom:1", extra={"hops": [{"query": "x", "clint": "y"}]}):
            pass


async def test_calls_are_recorded_and_played(tmp_path: Path) -> None:
    """A recording answers as the server did; one without such metrics does not answer, and that is told as such."""
    clock = FixedClock(NOW)
    async with FakePrometheus(clock.now) as server:
        serving(server, always(("a", "b", 4.0)), always(("a", "b", 1.0)))
        spec = spec_of(server.url)
        with RecordingWriter(tmp_path / "r", header_of(Context("prod"), NOW), clock=clock) as writer:
            live = System(spec, Surroundings(RecordingWire(HttpWire(spec, clock), writer, "prom"), NO_MAP, ""), clock)
            seen = await live.hops(Circumstances())
            await live.close()
    recording = Recording.load(tmp_path / "r")
    clock.advance(20)
    played = System(spec, Surroundings(PlaybackWire(recording, "prom", clock), NO_MAP, ""), clock)
    (before,), (after,) = seen.hops, (await played.hops(Circumstances())).hops
    assert (after.measure.rate, after.measure.error_share) == (before.measure.rate, before.measure.error_share)
    silent = System(spec, Surroundings(PlaybackWire(recording, "other", clock), NO_MAP, ""), clock)
    with pytest.raises(SystemError, match="not in the recording"):
        await silent.hops(Circumstances())
