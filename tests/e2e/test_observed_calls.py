"""Calls and places out of a real Prometheus that scrapes a service graph, a mesh and kube-state-metrics."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.assembly import Assembly, open_live
from cockpit.clock import SystemClock
from cockpit.config import Context, SystemSpec
from cockpit.model.reading import HopsSeen, ObservedHop, PlacesSeen, Reading, Topic
from cockpit.model.topology import Provenance
from cockpit.poller import Request, Watch, ask
from cockpit.systems.base import Circumstances
from cockpit.systems.prometheus import System
from tests.e2e.exporter import Exporter
from tests.e2e.observing import CHECKED, shop
from tests.e2e.servers import Prometheus, get_json
from tests.e2e.waiting import eventually
from tests.needs import program

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Return a Prometheus that has watched the shop for forty minutes."""
    program("prometheus")
    program("promtool")
    with Exporter(tuple(shop())).serving() as exporter:
        prometheus = Prometheus(tmp_path_factory.mktemp("observed"), jobs=(exporter.job,), rules="groups: []\n")
        prometheus.remember(exporter.history())
        with prometheus.process:
            eventually(lambda: _scraped(prometheus), what="two scrapes")
            yield prometheus


def _scraped(prometheus: Prometheus) -> bool:
    query = "count_over_time(scrape_duration_seconds[1m])"
    found = get_json(f"{prometheus.url}/api/v1/query?query={query}")["data"]["result"]
    return bool(found) and int(found[0]["value"][1]) >= 2


def assembled(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch, **extra: object) -> Assembly:
    """Return one Prometheus of a context with a map, its cache in a folder of the test's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    source = folder / "shop.yaml"
    source.write_text(CHECKED)
    spec = SystemSpec(name="prom", kind="prometheus", urls=(url,), extra=extra)
    return open_live(Context(name="test", systems=(spec,), map=str(source)), config_folder=None)


async def reading(assembly: Assembly, topic: Topic) -> Reading:
    """Return one reading of the only system."""
    (system,) = assembly.systems
    request = Request(assembly.clock.now())
    return (await ask(system, topic, assembly.clock, request, every_s=60.0)).reading


async def test_calls_are_told_with_what_is_measured_on_them(
    observed: Prometheus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rates, shares, p99 and half an hour of shares, of service graph and mesh alike; each request counts once."""
    assembly = assembled(observed.url, tmp_path, monkeypatch)
    seen = (await reading(assembly, Topic.HOPS)).answer
    await assembly.systems[0].close()
    assert isinstance(seen, HopsSeen)
    hops = {(hop.caller, hop.callee): hop for hop in seen.hops}
    assert set(hops) == {("", "ui"), ("ui", "payment"), ("payment", "postgres"), ("legacy", "ui"), ("web", "cart")}
    _measured(hops["ui", "payment"], 5.0, 0.25)
    _measured(hops["web", "cart"], 4.0, 0.25)
    assert hops["ui", "payment"].measure.latency_s == pytest.approx(0.492, abs=0.01)
    assert hops["web", "cart"].measure.latency_s == pytest.approx(0.394, abs=0.01)
    assert (hops["payment", "postgres"].protocol, hops["payment", "postgres"].callee_kind) == ("database", "database")
    assert hops["web", "cart"].protocol == "grpc"
    assert {hop.source for hop in seen.hops} == {"service graph", "istio"}


def _measured(hop: ObservedHop, rate: float, share: float) -> None:
    assert hop.measure.rate == pytest.approx(rate, rel=0.1)
    assert hop.measure.error_share == pytest.approx(share, abs=0.02)
    trend = [point for point in hop.measure.trend if point is not None]
    assert len(hop.measure.trend) == 30
    assert len(trend) >= 28
    assert trend == pytest.approx([share] * len(trend), abs=0.02)
    assert hop.seen is not None


async def test_a_call_without_traffic_is_there_without_being_alive(
    observed: Prometheus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A counter that stands still tells that there is such a call, and that nobody makes it."""
    assembly = assembled(observed.url, tmp_path, monkeypatch)
    watch = Watch(systems=assembly.systems, setup=assembly.setup, clock=SystemClock())
    board = await watch.once({Topic.HOPS, Topic.PLACES})
    await watch.close()
    assert board.hops["legacy", "ui"].rate == 0
    assert board.hops["legacy", "ui"].stale_s is not None
    assert board.hops["ui", "payment"].stale_s is None
    calls = {(hop.caller, hop.callee): hop for one in board.map.services.values() for hop in one.calls}
    assert calls["ui", "payment"].provenance is Provenance.DECLARED
    assert calls["ui", "payment"].sources == ("prom service graph",)
    assert calls["web", "cart"].provenance is Provenance.OBSERVED
    assert calls["ui", "search"].seen is None
    assert board.measures["payment"].error_share == pytest.approx(0.25, abs=0.02)


async def test_places_are_kept_for_when_the_server_is_gone(
    observed: Prometheus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where pods run is known, also to another process later while nobody answers; then with the age of what is known."""
    assembly = assembled(observed.url, tmp_path, monkeypatch)
    live = (await reading(assembly, Topic.PLACES)).answer
    await assembly.systems[0].close()
    assert isinstance(live, PlacesSeen)
    places = {place.pod: place for place in live.places}
    assert places["zx-81"].node == "node-2"
    assert places["zx-81"].labels["app"] == "ui"
    assert places["payment-5d8f9c7b64-x2x4z"].labels["team"] == "team-payments"
    (kept,) = (tmp_path / "cache" / "cockpit" / "places").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600

    away = assembled(observed.url, tmp_path, monkeypatch)
    system = away.systems[0]
    assert isinstance(system, System)
    monkeypatch.setattr(system._server, "urls", ())
    later = await reading(away, Topic.PLACES)
    await system.close()
    assert later.answer == live
    assert later.complete_to == live.read
    assert later.error is not None
    assert "as it was last known" in later.error


async def test_calls_of_metrics_of_ones_own(
    observed: Prometheus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A configured query stands instead of what is found, with its own labels for caller and callee."""
    query = 'sum by (source_workload, destination_workload) (rate(istio_requests_total{reporter="source"}[5m]))'
    failed = query.replace('source"', 'source",response_code="503"')
    entry = {"query": query, "failed": failed, "client": "source_workload", "server": "destination_workload"}
    assembly = assembled(observed.url, tmp_path, monkeypatch, hops=[entry])
    (system,) = assembly.systems
    assert isinstance(system, System)
    (hop,) = (await system.hops(Circumstances())).hops
    await system.close()
    assert (hop.caller, hop.callee) == ("web", "cart")
    _measured(hop, 4.0, 0.25)


def test_doctor_tells_which_metrics_there_are(
    observed: Prometheus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line for calls and one for places."""
    from cockpit.__main__ import main

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    main(["doctor", "--prometheus", observed.url, "--json"])
    told = {check["check"]: check for check in json.loads(capsys.readouterr().out)}
    said = told["calls that were observed"]["message"]
    assert said.startswith("5 calls, 4 with traffic, from ")
    assert "istio" in said
    assert "service graph" in said
    assert told["where pods run"]["message"] == "3 pods on 2 nodes"


def test_the_map_is_held_against_what_was_observed(
    observed: Prometheus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is declared and nobody makes, and what is made and not declared: warnings with line, remedy and span."""
    from cockpit.__main__ import main

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "shop.yaml"
    path.write_text(CHECKED)
    code = main(["map", "check", str(path), "--prometheus", observed.url, "--json"])
    said = capsys.readouterr()
    problems = {one["rule"]: one for one in json.loads(said.out) if one["severity"] == "warning"}
    assert set(problems) == {"never-observed", "not-declared"}
    never, undeclared = problems["never-observed"], problems["not-declared"]
    assert (never["line"], never["column"]) == (8, 9)
    assert never["message"].startswith("ui calls search, and prometheus (")
    assert "web calls cart (4/s, prometheus istio)" in undeclared["message"]
    assert undeclared["line"] == CHECKED.split("\n").index("  cart: {team: team-web}") + 1
    assert undeclared["remedy"] == "add web under services, or as an alias of a service, and cart to the calls of web"
    assert "3 calls seen from" in said.err
    assert code == 1, "cart is not reached, as the map has it"


def test_a_draft_has_the_calls_that_were_observed(
    observed: Prometheus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Calls stand in a drafted map with how they came to be known, and who users call is an entry; it is a right map."""
    from cockpit.__main__ import main
    from cockpit.topology.load import read_map

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    main(["map", "draft", "--prometheus", observed.url])
    source, problems = read_map(capsys.readouterr().out, "draft.yaml")
    assert [problem for problem in problems if problem.rule != "unreachable"] == []
    assert source.entry == ("ui",)
    (hop,) = source.services["ui"].calls
    assert (hop.callee, hop.provenance, hop.sources) == (
        "payment",
        Provenance.OBSERVED,
        ("prometheus service graph",),
    )
    assert hop.seen is not None
    assert source.services["postgres"].kind == "database"
    assert source.services["payment"].team == "team-payments", "as the labels of its pod say"


def test_calls_are_drawn_without_any_map(
    observed: Prometheus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no file says who calls whom, what was observed is drawn, with what is measured on it."""
    from cockpit.__main__ import main

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert main(["map", "show", "--prometheus", observed.url, "--focus", "payment", "--width", "100"]) == 0
    drawn = capsys.readouterr().out
    assert "ui" in drawn
    assert "25%" in drawn
    assert "postgres" in drawn
