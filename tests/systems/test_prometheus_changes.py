"""Changes out of version metrics: what counts as one, when it began and ended, and what is not covered."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.clock import FixedClock
from cockpit.model.change import ChangeKind, ChangeReport
from cockpit.model.reading import ChangesSeen
from cockpit.systems.base import Circumstances, SystemError
from cockpit.systems.prometheus_changes import Source, Window, read_changes
from cockpit.systems.prometheus_query import Line
from tests.fakes.http_server import say
from tests.fakes.prometheus import FakePrometheus, Labels, seconds
from tests.systems.prometheuses import NOW, VERSIONS, prometheus

SINCE = NOW - timedelta(hours=4)
STEP = 60.0
STEADY = {("auth", "v1"): [(-400, 400)]}
"""A service that never changes, so that a gap of another is not a gap of the measuring."""


def found(stretches: Mapping[tuple[str, str], Sequence[tuple[int, int]]], **more: Any) -> Any:
    """Return what versions come to, given in minutes from the begin of the window, ends included."""
    begin = SINCE.timestamp()
    lines = [
        Line(
            {"service": service, "version": version},
            tuple(
                (begin + minute * 60, 1.0)
                for first, last in spans
                for minute in range(max(first, -6), min(last, 240) + 1)
            ),
        )
        for (service, version), spans in stretches.items()
    ]
    window = Window(SINCE, NOW, begin - 360, STEP)
    return read_changes(Source(VERSIONS, **more), lines, window, "http://prom/graph")


def minute(report: ChangeReport) -> float:
    """Return when a change began, in minutes from the begin of the window."""
    return (report.began - SINCE).total_seconds() / 60


def test_a_new_version_is_a_change() -> None:
    """The first sample with a version that was not there before is a deploy, with the one it replaces."""
    (change,) = found({("payment", "v1"): [(-6, 229)], ("payment", "v2"): [(230, 240)]}).changes
    assert (change.name, change.version, change.previous, change.kind) == ("payment", "v2", "v1", ChangeKind.DEPLOY)
    assert (minute(change), change.ended, change.rollback) == (230, change.began, False)
    assert (change.tolerance_s, change.url) == (60, "http://prom/graph")
    assert change.says == 'version="v2" since 14:02:00, before v1'
    assert change.id == "payment@v2@20261120T140200Z"
    assert change.labels == {"service": "payment", "version": "v2"}


def test_a_rollout_ends_when_the_old_version_is_gone() -> None:
    """A rollout counts from its begin, and is not over while both versions run."""
    (change,) = found({("payment", "v1"): [(-6, 205)], ("payment", "v2"): [(200, 240)]}).changes
    assert (minute(change), change.ended) == (200, SINCE + timedelta(minutes=206))
    (rolling,) = found({("payment", "v1"): [(-6, 240)], ("payment", "v2"): [(200, 240)]}).changes
    assert rolling.ended is None


def test_a_version_seen_earlier_is_a_rollback() -> None:
    """Back to a version that was there before is a deploy marked as a rollback."""
    changes = found({("payment", "v1"): [(-6, 99), (120, 240)], ("payment", "v2"): [(100, 119)], **STEADY}).changes
    assert [(minute(change), change.version, change.rollback) for change in changes] == [
        (100, "v2", False),
        (120, "v1", True),
    ]


@pytest.mark.parametrize(("missing", "count"), [(3, 0), (5, 0), (10, 1)])
def test_gaps_up_to_five_minutes_are_bridged(missing: int, count: int) -> None:
    """A version that is away for some minutes was not gone; after longer it comes back as seen earlier."""
    changes = found({("payment", "v1"): [(-6, 100), (101 + missing, 240)], **STEADY}).changes
    assert [change.rollback for change in changes] == [True] * count


def test_what_was_there_before_the_window_is_no_change() -> None:
    """The state at the begin is no change, nor is a change just before it, nor a gap across it."""
    assert found({("payment", "v1"): [(-6, 240)]}).changes == ()
    assert found({("payment", "v1"): [(-6, -3)], ("payment", "v2"): [(-2, 240)]}).changes == ()
    assert found({("payment", "v1"): [(-6, -3), (1, 240)], **STEADY}).changes == ()
    (change,) = found({("payment", "v1"): [(-6, -1)], ("payment", "v2"): [(0, 240)]}).changes
    assert minute(change) == 0


def test_a_service_that_appears_is_a_change() -> None:
    """A service that was not there at the begin was deployed when it appears."""
    (change,) = found({("new", "v1"): [(50, 240)], **STEADY}).changes
    assert (minute(change), change.previous, change.ended) == (50, "", change.began)


def test_nothing_is_concluded_from_time_that_nobody_measured() -> None:
    """Before the first sample of all, and across a hole in all series, there is no change but a gap."""
    young = found({("a", "v1"): [(200, 240)], ("b", "v1"): [(201, 240)]})
    assert young.changes == ()
    (span,) = young.blind
    assert span.says == f"query {VERSIONS} has no samples before 13:32 UTC"
    assert (span.begin, f"{span.end:%H:%M}") == (SINCE, "13:32")
    holed = found({("a", "v1"): [(-6, 50), (80, 240)], ("b", "v1"): [(-6, 50), (80, 240)]})
    assert holed.changes == ()
    (span,) = holed.blind
    assert span.says == f"query {VERSIONS} has no samples 11:02 to 11:32 UTC"
    assert (f"{span.begin:%H:%M}", f"{span.end:%H:%M}") == ("11:02", "11:32")
    meanwhile = found({("a", "v1"): [(-6, 50)], ("a", "v2"): [(80, 240)], ("b", "v1"): [(-6, 50), (80, 240)]})
    (change,) = meanwhile.changes
    assert (change.version, change.rollback, change.tolerance_s) == ("v2", False, 360)


def test_what_stopped_reporting_is_not_covered() -> None:
    """A service whose versions are no longer measured is a gap, and not among those that are covered."""
    seen = found({("catalog", "v1"): [(-6, 200)], **STEADY})
    assert (seen.covers, seen.gaps) == (("auth",), ("catalog: no version since 13:32 UTC",))


def test_an_empty_answer_covers_nothing() -> None:
    """A query without series says so."""
    assert found({}).gaps == (f"query {VERSIONS} has no series: nothing is covered by it",)


def test_clusters_and_namespaces_are_kept_apart() -> None:
    """One name in two clusters is two services; pods of one service are one."""
    begin = SINCE.timestamp()

    def line(first: int, last: int, **labels: str) -> Line:
        return Line(labels, tuple((begin + n * 60, 1.0) for n in range(first, last + 1)))

    lines = [
        line(-6, 240, app="ui", version="v1", cluster="eu", pod="a"),
        line(-6, 99, app="ui", version="v1", cluster="us", pod="b"),
        line(100, 240, app="ui", version="v2", cluster="us", pod="c"),
        line(101, 240, app="ui", version="v2", cluster="us", pod="d"),
    ]
    source = Source("app_build_info", names=("service", "app"), labels={"region": "x", "cluster": "ours"})
    (change,) = read_changes(source, lines, Window(SINCE, NOW, begin - 360, STEP), None).changes
    assert (change.name, change.labels) == ("ui", {"app": "ui", "version": "v2", "cluster": "us", "region": "x"})
    assert change.id == "us/ui@v2@20261120T115200Z"


def test_series_without_a_version_or_a_name_are_told() -> None:
    """What cannot be read as a version of a service is a gap in words."""
    begin = SINCE.timestamp()
    points = ((begin, 1.0), (begin + 60, 1.0))
    lines = [
        Line({"service": "a"}, points),
        Line({"version": "v1"}, points),
        Line({"service": "b", "version": "v"}, points),
    ]
    seen = read_changes(Source("q"), lines, Window(SINCE, NOW, begin - 360, STEP), None)
    assert "query q (1 series without the label version, 1 series without a label that names a service)" in seen.gaps
    assert seen.covers == ("b",)


def test_labels_of_versions_come_out_harmless() -> None:
    """A version with escape codes drives no terminal."""
    begin = SINCE.timestamp()
    evil = "v\x1b]52;c;x\x07\u202e"
    lines = [
        Line({"service": evil, "version": "v1"}, ((begin - 60, 1.0),)),
        Line({"service": evil, "version": evil}, ((begin, 1.0),)),
    ]
    (change,) = read_changes(Source("q"), lines, Window(SINCE, NOW, begin - 360, STEP), None).changes
    assert not set("\x1b\x07\u202e") & set(f"{change.name}{change.version}{change.labels}{change.says}{change.id}")


spans = st.lists(st.integers(-6, 240), min_size=2, max_size=6, unique=True).map(
    lambda ends: list(zip(sorted(ends)[::2], sorted(ends)[1::2], strict=False))
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["v1", "v2", "v3"])), spans, max_size=6))
def test_any_versions_come_to_sane_changes(stretches: dict[tuple[str, str], list[tuple[int, int]]]) -> None:
    """Changes lie in the window, end after they began, have unique ids, and a rollback's version was there before."""
    seen = found(stretches)
    assert len({change.id for change in seen.changes}) == len(seen.changes)
    for change in seen.changes:
        assert SINCE <= change.began <= NOW
        assert change.ended is None or change.ended >= change.began
        assert (change.name, change.version) in stretches
        before = [first for first, _ in stretches[(change.name, change.version)] if first < minute(change)]
        assert change.rollback == bool(before)
    assert set(seen.covers) <= {service for service, _ in stretches}


def deploys(*versions: tuple[str, str, datetime | None, datetime | None]) -> Any:
    """Return a metric of versions, each from one moment to another."""

    def metric(at: float) -> Sequence[tuple[Labels, float]]:
        return [
            ({"service": service, "version": version}, 1.0)
            for service, version, begin, end in versions
            if (begin is None or begin.timestamp() <= at) and (end is None or at < end.timestamp())
        ]

    return metric


async def ask(server: FakePrometheus, *queries: Mapping[str, str], **more: Any) -> tuple[ChangesSeen, Circumstances]:
    """Return the changes of four hours, with what came beside."""
    around = Circumstances()
    clock = FixedClock(NOW)
    async with prometheus(server.url, clock=clock, extra={"changes": list(queries)}, **more) as system:
        if server.ahead_s:
            await system.rules(Circumstances())
        return await system.changes(SINCE, NOW, around), around


async def test_configured_queries_are_asked_for_the_whole_window() -> None:
    """A deploy shows by its version, complete to now, with what the query covers."""
    deployed = NOW - timedelta(minutes=10)
    metric = deploys(
        ("payment", "v2.3.9", None, deployed), ("payment", "v2.4.0", deployed, None), ("ui", "v1", None, None)
    )
    async with FakePrometheus(lambda: NOW, {VERSIONS: metric}) as server:
        seen, around = await ask(server, {"query": VERSIONS}, labels={"cluster": "eu-1"})
    (change,) = seen.changes
    assert (change.name, change.version, change.began, change.previous) == ("payment", "v2.4.0", deployed, "v2.3.9")
    assert change.labels["cluster"] == "eu-1"
    assert (seen.covers, seen.gaps, seen.since) == (("payment", "ui"), (), SINCE)
    assert around.complete_to == NOW
    params = server.asked[0].params
    start = seconds(params["start"])
    assert start <= SINCE.timestamp() - 330
    assert float(params["step"]) == 30
    assert start % float(params["step"]) == 0


async def test_the_same_change_has_the_same_id_at_every_poll() -> None:
    """Samples lie on whole steps, so that a later poll finds the same begin."""
    deployed = NOW - timedelta(minutes=10, seconds=7)
    metric = deploys(("payment", "v1", None, deployed), ("payment", "v2", deployed, None))
    clock = FixedClock(NOW)
    ids = set()
    extra = {"changes": [{"query": VERSIONS}]}
    async with (
        FakePrometheus(clock.now, {VERSIONS: metric}) as server,
        prometheus(server.url, clock=clock, extra=extra) as system,
    ):
        for _ in range(5):
            seen = await system.changes(clock.now() - timedelta(hours=4), clock.now(), Circumstances())
            ids |= {change.id for change in seen.changes}
            clock.advance(17)
    assert len(ids) == 1


@pytest.mark.parametrize("hours", [1, 4, 24, 24 * 7, 24 * 30])
async def test_no_window_asks_for_too_many_points(hours: int) -> None:
    """However long the window, the server can answer it."""
    metric = deploys(("ui", "v1", None, None))
    async with (
        FakePrometheus(lambda: NOW, {VERSIONS: metric}) as server,
        prometheus(server.url, extra={"changes": [{"query": VERSIONS}]}) as system,
    ):
        seen = await system.changes(NOW - timedelta(hours=hours), NOW, Circumstances())
    assert seen.covers == ("ui",)


async def test_labels_and_kind_of_a_query_are_configured() -> None:
    """Version and service may stand in other labels, and a query may tell of configuration."""
    pushed = NOW - timedelta(hours=1)

    def metric(at: float) -> Sequence[tuple[Labels, float]]:
        return [({"app": "x", "component": "pricing", "sha": "b" if at >= pushed.timestamp() else "a"}, 1.0)]

    query = {"query": "cfg", "version": "sha", "service": "component", "kind": "config"}
    async with FakePrometheus(lambda: NOW, {"cfg": metric}) as server:
        seen, _ = await ask(server, query)
    (change,) = seen.changes
    assert (change.name, change.version, change.kind) == ("pricing", "b", ChangeKind.CONFIG)


async def test_one_bad_query_is_a_gap_and_all_bad_ones_a_failure() -> None:
    """What one query could not say is told beside what the others did."""
    async with FakePrometheus(lambda: NOW, {VERSIONS: deploys(("ui", "v1", None, None))}) as server:
        seen, _ = await ask(server, {"query": VERSIONS}, {"query": "sum("})
        assert seen.covers == ("ui",)
        assert seen.gaps == ("query sum(: the query was refused: 1:4: parse error: unknown here",)
        with pytest.raises(SystemError, match="the query was refused"):
            await ask(server, {"query": "sum("})


async def test_an_answer_is_complete_to_its_last_sample() -> None:
    """A server that stopped scraping some time ago cannot say what happened since."""
    stopped = NOW - timedelta(minutes=20)
    async with FakePrometheus(lambda: NOW, {VERSIONS: deploys(("ui", "v1", None, stopped))}) as server:
        seen, around = await ask(server, {"query": VERSIONS})
    assert around.complete_to is not None
    assert stopped - timedelta(minutes=1) <= around.complete_to < stopped
    assert seen.covers == ("ui",)


async def test_the_window_is_meant_by_the_servers_clock() -> None:
    """With a server ten minutes behind, its newest samples are asked for and the answer is complete."""
    behind = NOW - timedelta(minutes=10)
    metric = deploys(("ui", "v1", None, behind + timedelta(seconds=1)))
    async with FakePrometheus(lambda: NOW, {VERSIONS: metric}) as server:
        server.ahead_s = -600
        seen, around = await ask(server, {"query": VERSIONS})
        end = seconds(server.asked[-1].params["end"])
    assert end == pytest.approx(behind.timestamp(), abs=2)
    assert around.complete_to is not None
    assert around.complete_to >= NOW - timedelta(seconds=45)
    assert seen.covers == ("ui",)


async def test_values_of_zero_and_no_number_are_no_version() -> None:
    """An info metric that says 0 or NaN says that the version is not there."""
    result = [
        {
            "metric": {"service": "a", "version": "v1"},
            "values": [[SINCE.timestamp() + n * 30, "1"] for n in range(480)],
        },
        {
            "metric": {"service": "a", "version": "v0"},
            "values": [[SINCE.timestamp() + n * 30, "0"] for n in range(480)],
        },
        {"metric": {"service": "b", "version": "v0"}, "values": [[SINCE.timestamp() + 30, "NaN"]]},
    ]
    async with FakePrometheus(lambda: NOW) as server:
        server.routes["/api/v1/query_range"] = say(
            {"status": "success", "data": {"resultType": "matrix", "result": result}}
        )
        seen, _ = await ask(server, {"query": VERSIONS})
    assert (seen.changes, seen.covers) == ((), ("a",))
