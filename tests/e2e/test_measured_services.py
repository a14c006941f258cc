"""Error share, latency and rate of services out of a real Prometheus that has watched them for a day."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cockpit.assembly import Assembly, open_live
from cockpit.board.state import Board
from cockpit.config import Context, SystemSpec
from cockpit.model.health import Health
from cockpit.model.reading import Topic
from cockpit.poller import Watch
from tests.e2e.exporter import Exporter, Series
from tests.e2e.servers import Prometheus, get_json
from tests.e2e.waiting import eventually
from tests.needs import program

pytestmark = pytest.mark.real

DAY_S = 25 * 3600.0

SHOP = """\
map: shop
entry: [ui]
services:
  ui: {team: web, calls: [payment, auth, cart, search, mail, ledger]}
  payment: {team: web, aliases: [payment-service]}
  auth: {team: web}
  cart: {team: web}
  search: {team: web}
  mail: {team: web}
  ledger:
    team: web
    kind: database
    measures:
      errors: 'sum(rate(pg_failed_total[5m])) / sum(rate(pg_asked_total[5m]))'
      rate: 'sum(rate(pg_asked_total[5m]))'
teams: {web: {}}
"""


@dataclass(frozen=True, slots=True)
class Stopped(Series):
    """A counter that grew for all but the last half an hour."""

    def at(self, seconds: float) -> float:
        """Return its value so many seconds after its begin."""
        return 1000.0 + (self.per_second or 0.0) * min(seconds, DAY_S - 1800)


def _histogram(
    name: str, rate: float, labels: dict[str, str], quick: float = 0.5, unit: float = 1.0
) -> Iterator[Series]:
    """Yield buckets of which so large a share took a tenth of a second, and the rest half a second."""
    for limit, share in ((0.1 * unit, quick), (0.5 * unit, 1.0)):
        yield Series(f"{name}_bucket", {**labels, "le": f"{limit:g}"}, rate * share)
    yield Series(f"{name}_bucket", {**labels, "le": "+Inf"}, rate)


def _shop() -> Iterator[Series]:
    for pod in ("payment-5d8f9c7b64-x2x4z", "payment-5d8f9c7b64-aaaaa"):
        labels = {"app": "payment-service", "pod": pod}
        yield Series("http_requests_total", {**labels, "code": "200"}, 3.0)
        yield Series("http_requests_total", {**labels, "code": "503"}, 1.0)
        yield from _histogram("http_request_duration_seconds", 4.0, labels)
    yield Series("http_requests_total", {"app": "ui", "pod": "ui-0", "code": "200"}, 10.0)
    yield Stopped("http_requests_total", {"app": "mail", "pod": "mail-0", "code": "200"}, 10.0)
    auth = {"grpc_service": "auth.v1.Auth", "service": "auth"}
    yield Series("grpc_server_handled_total", {**auth, "grpc_code": "OK"}, 9.0)
    yield Series("grpc_server_handled_total", {**auth, "grpc_code": "NotFound"}, 5.0)
    yield Series("grpc_server_handled_total", {**auth, "grpc_code": "Unavailable"}, 1.0)
    mesh = {"destination_canonical_service": "cart", "destination_workload": "cart-v2"}
    for reporter in ("source", "destination"):
        for code, rate in (("200", 1.0), ("500", 1.0)):
            yield Series("istio_requests_total", {**mesh, "reporter": reporter, "response_code": code}, rate)
        yield from _histogram("istio_request_duration_milliseconds", 2.0, {**mesh, "reporter": reporter}, unit=1000)
    spans = {"service": "search", "span_kind": "SPAN_KIND_SERVER"}
    yield Series("traces_spanmetrics_calls_total", {**spans, "status_code": "STATUS_CODE_UNSET"}, 3.0)
    yield Series("traces_spanmetrics_calls_total", {**spans, "status_code": "STATUS_CODE_ERROR"}, 1.0)
    yield Series("traces_spanmetrics_calls_total", {**spans, "span_kind": "SPAN_KIND_CLIENT"}, 40.0)
    yield Series("pg_asked_total", {"db": "ledger"}, 2.0)
    yield Series("pg_failed_total", {"db": "ledger"}, 2.0)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Return a Prometheus that has watched the shop for a day."""
    program("prometheus")
    program("promtool")
    with Exporter(tuple(_shop()), past_s=DAY_S).serving() as exporter:
        prometheus = Prometheus(tmp_path_factory.mktemp("measured"), jobs=(exporter.job,), rules="groups: []\n")
        prometheus.remember(exporter.history(60))
        with prometheus.process:
            eventually(lambda: _scraped(prometheus), what="two scrapes")
            yield prometheus


def _scraped(prometheus: Prometheus) -> bool:
    query = "count_over_time(scrape_duration_seconds[1m])"
    found = get_json(f"{prometheus.url}/api/v1/query?query={query}")["data"]["result"]
    return bool(found) and int(found[0]["value"][1]) >= 2


def _assembly(url: str, folder: Path, **extra: object) -> Assembly:
    source = folder / "shop.yaml"
    source.write_text(SHOP)
    spec = SystemSpec(name="prom", kind="prometheus", urls=(url,), extra={"places": False, "hops": False, **extra})
    return open_live(Context(name="test", systems=(spec,), map=str(source)), config_folder=None)


async def _board(assembly: Assembly) -> Board:
    watch = Watch(systems=assembly.systems, setup=assembly.setup, clock=assembly.clock)
    try:
        return await watch.once({Topic.MEASURES, Topic.RULES})
    finally:
        await watch.close()


async def test_services_are_measured_by_well_known_metrics(measured: Prometheus, tmp_path: Path) -> None:
    """HTTP, gRPC, a mesh and spans, each by its own idea of failing, all told by the map's names."""
    board = await _board(_assembly(measured.url, tmp_path))
    found = {name: (one.error_share, one.rate, one.latency_s is not None) for name, one in board.measures.items()}
    expected = {
        "ui": (0.0, 10.0, False),
        "payment": (0.25, 8.0, True),
        "auth": (1 / 15, 15.0, False),
        "cart": (0.5, 2.0, True),
        "search": (0.25, 4.0, False),
        "mail": (None, 0.0, False),
        "ledger": (1.0, 2.0, False),
    }
    assert set(found) == set(expected)
    for name, (share, rate, timed) in expected.items():
        assert found[name][0] == (None if share is None else pytest.approx(share, abs=0.02)), name
        assert found[name][1] == pytest.approx(rate, rel=0.1), name
        assert found[name][2] is timed, name
    assert board.measures["payment"].latency_s == pytest.approx(0.492, abs=0.01)
    assert board.measures["cart"].latency_s == pytest.approx(0.492, abs=0.01)
    assert not board.failures


async def test_half_an_hour_is_told_minute_by_minute(measured: Prometheus, tmp_path: Path) -> None:
    """The trend has thirty samples; what stopped half an hour ago is known until then."""
    board = await _board(_assembly(measured.url, tmp_path))
    trend = board.measures["payment"].trend
    assert len(trend) == 30
    known = [share for share in trend if share is not None]
    assert len(known) >= 28
    assert known == pytest.approx([0.25] * len(known), abs=0.02)


async def test_health_rests_on_it(measured: Prometheus, tmp_path: Path) -> None:
    """Fine, failing, and gone quiet by what was usual a day before, without any alert."""
    board = await _board(_assembly(measured.url, tmp_path))
    assert board.measures["mail"].usual == pytest.approx(10, rel=0.05)
    told = {name: health.health for name, health in board.health.items()}
    assert told == {
        "ui": Health.FINE,
        "payment": Health.WARNING,
        "auth": Health.WARNING,
        "cart": Health.WARNING,
        "search": Health.WARNING,
        "mail": Health.NO_TRAFFIC,
        "ledger": Health.WARNING,
    }


async def test_configured_queries_stand_instead(measured: Prometheus, tmp_path: Path) -> None:
    """With queries of one's own only those are asked, and their labels name the services."""
    by = "sum by (grpc_service, service)"
    rate = f"{by} (rate(grpc_server_handled_total[5m]))"
    errors = f'{by} (rate(grpc_server_handled_total{{grpc_code="NotFound"}}[5m])) / {rate}'
    board = await _board(_assembly(measured.url, tmp_path, measures={"errors": errors, "rate": rate}))
    assert set(board.measures) == {"auth", "ledger"}
    assert board.measures["auth"].error_share == pytest.approx(1 / 3, abs=0.02)
    assert board.measures["auth"].latency_s is None


def test_doctor_tells_where_it_comes_from(
    measured: Prometheus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line with the metrics that were found."""
    from cockpit.__main__ import main

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    main(["doctor", "--prometheus", measured.url, "--json"])
    told = {check["check"]: check for check in json.loads(capsys.readouterr().out)}
    said = told["error share, latency and rate"]
    assert (said["ok"], said["warning"]) == (True, False)
    for metric in ("http_requests_total", "grpc_server_handled_total", "istio_requests_total", "spanmetrics"):
        assert metric in said["message"]
