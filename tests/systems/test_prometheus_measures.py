"""What a Prometheus measures of services: error share with its trend, latency, rate."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from cockpit.clock import FixedClock
from cockpit.config import ConfigError
from cockpit.matchers import parse_matcher
from cockpit.model.measure import Measured
from cockpit.model.topology import NO_MAP, IntegrationMap, MeasureQueries, Service
from cockpit.promql import parse
from cockpit.systems.base import Circumstances, SystemError
from cockpit.systems.http import HttpWire
from cockpit.systems.prometheus_known import FAMILIES, MeasureSource, probe, source_of
from cockpit.systems.prometheus_measures import SAMPLES, USUAL, MeasureAsker, configured
from cockpit.systems.prometheus_measures import MeasureQueries as Configured
from cockpit.systems.prometheus_query import Server
from tests.fakes.http_server import Answer, Asked, say
from tests.fakes.prometheus import FakePrometheus, Metric, refusal
from tests.systems.prometheuses import NOW
from tests.systems.wires import spec_of

ERRORS = "sum by (service) (rate(failed_total[5m])) / sum by (service) (rate(asked_total[5m]))"
LATENCY = "histogram_quantile(0.99, sum by (le, service) (rate(seconds_bucket[5m])))"
RATE = "sum by (service) (rate(asked_total[5m]))"
SOURCE = MeasureSource(ERRORS, LATENCY, RATE, says="measures")


def _of(**values: float) -> Metric:
    return lambda _: [({"service": name}, value) for name, value in values.items()]


def _rising(at: float) -> list[tuple[dict[str, str], float]]:
    """Fail since ten minutes, and always more."""
    begun = (at - (NOW - timedelta(minutes=10)).timestamp()) / 600
    return [({"service": "payment"}, max(0.0, begun))]


@asynccontextmanager
async def _asker(
    queries: Mapping[str, Metric],
    sources: tuple[MeasureSource, ...] | None = (SOURCE,),
    known: IntegrationMap = NO_MAP,
    clock: FixedClock | None = None,
) -> AsyncIterator[tuple[MeasureAsker, FakePrometheus]]:
    clock = clock or FixedClock(NOW)
    async with FakePrometheus(clock.now, queries) as fake:
        spec = spec_of(fake.url)
        wire = HttpWire(spec, clock)
        try:
            yield MeasureAsker(Server(spec, wire, clock), clock, known, sources), fake
        finally:
            await wire.close()


def _by_service(measured: tuple[Measured, ...]) -> dict[str, Measured]:
    return {one.service or one.name or one.labels.get("service", ""): one for one in measured}


async def test_all_three_are_measured_of_every_service() -> None:
    """One range query tells the error share and how it came, one query each the latency, the rate and the usual one."""
    queries = {ERRORS: _rising, LATENCY: _of(payment=2.5), RATE: _of(payment=61, ui=40), USUAL.format(RATE): _of(ui=50)}
    async with _asker(queries) as (asker, fake):
        seen = await asker.ask(Circumstances())
    assert fake.paths() == ["/api/v1/query_range", "/api/v1/query", "/api/v1/query", "/api/v1/query"]
    found = _by_service(seen.measures)
    payment = found["payment"].measure
    assert payment.error_share == pytest.approx(1.0)
    assert (payment.latency_s, payment.rate, payment.usual) == (2.5, 61, None)
    assert len(payment.trend) == SAMPLES
    assert payment.trend[:19] == (0.0,) * 19
    assert payment.trend[-5] == pytest.approx(0.6)
    assert payment.at == NOW
    ui = found["ui"].measure
    assert (ui.error_share, ui.trend, ui.rate, ui.usual) == (None, (), 40, 50)
    assert not seen.errors


async def test_the_usual_rate_is_asked_seldom() -> None:
    """A day's old average changes slowly: it is asked every quarter of an hour."""
    clock = FixedClock(NOW)
    async with _asker({RATE: _of(ui=1), USUAL.format(RATE): _of(ui=2)}, (MeasureSource(rate=RATE),), clock=clock) as (
        asker,
        fake,
    ):
        for minutes in (0, 1, 14, 15, 16):
            clock.set(NOW + timedelta(minutes=minutes))
            seen = await asker.ask(Circumstances())
            assert _by_service(seen.measures)["ui"].measure.usual == 2
        usual = [asked for asked in fake.asked if asked.params["query"] == USUAL.format(RATE)]
    assert len(usual) == 2


async def test_a_query_that_is_refused_hides_no_other() -> None:
    """The rest is measured, and what is wrong is said."""
    async with _asker({RATE: _of(ui=1), USUAL.format(RATE): _of()}) as (asker, _):
        around = Circumstances()
        seen = await asker.ask(around)
    assert _by_service(seen.measures)["ui"].measure.rate == 1
    assert len(seen.errors) == 2
    assert "errors of measures: the query was refused" in (around.partial or "")


async def test_what_is_no_share_is_no_outage() -> None:
    """A query that comes to percent or to a count is said to, and nobody is called failing by it."""
    source = MeasureSource(errors=ERRORS, says="measures")
    async with _asker({ERRORS: _of(ui=3.0, payment=0.5)}, (source,)) as (asker, _):
        seen = await asker.ask(Circumstances())
    assert seen.measures == ()
    assert seen.errors == ("errors of measures: come to 3, and a share is 0 to 1",)
    async with _asker({ERRORS: _of(ui=1.2)}, (source,)) as (asker, _):
        (one,) = (await asker.ask(Circumstances())).measures
    assert one.measure.error_share == 1.0


async def test_a_server_that_fails_is_not_asked_everything() -> None:
    """After two failures the rest is not asked, and the failure is the answer."""
    sources = tuple(replace(SOURCE, says=str(number)) for number in range(5))
    async with _asker({}, sources) as (asker, fake):
        for path in ("query", "query_range"):
            fake.routes[f"/api/v1/{path}"] = Answer(500, b"out of memory")
        with pytest.raises(SystemError, match="500"):
            await asker.ask(Circumstances())
        assert len(fake.asked) <= 4


async def test_the_map_asks_for_one_service() -> None:
    """A service's own query comes to one series; several are said, not guessed at."""
    own = MeasureQueries(errors="a", rate="b")
    known = IntegrationMap("m", services={"db": Service("db", measures=own), "ui": Service("ui")})
    queries = {"a": _of(x=0.5), "b": _of(x=1, y=2), USUAL.format("b"): _of()}
    async with _asker(queries, (), known) as (asker, _):
        seen = await asker.ask(Circumstances())
    (one,) = seen.measures
    assert (one.service, one.measure.error_share, one.measure.rate) == ("db", 0.5, None)
    assert seen.errors == ("rate of db: 2 series where one is wanted: aggregate them",)


async def test_sparingly_only_one_service_is_asked() -> None:
    """With the cursor's service only the map's own queries of that are asked; what is known of the others stays."""
    known = IntegrationMap(
        "m", services={name: Service(name, measures=MeasureQueries(rate=name)) for name in ("db", "mq")}
    )
    queries = {"db": _of(x=1), "mq": _of(x=2), **{USUAL.format(name): _of() for name in ("db", "mq")}}
    async with _asker(queries | {RATE: _of(ui=1)}, (MeasureSource(rate=RATE),), known) as (asker, fake):
        everything = await asker.ask(Circumstances())
        asked = len(fake.asked)
        fake.queries["mq"] = _of(x=7)
        seen = await asker.ask(Circumstances(), only="mq")
        assert [one.params["query"] for one in fake.asked[asked:]] == ["mq"]
        assert _by_service(seen.measures)["mq"].measure.rate == 7
        assert _by_service(seen.measures)["ui"] == _by_service(everything.measures)["ui"]
        assert len((await asker.ask(Circumstances(), only="")).measures) == 3


def _names(*names: str) -> Answer:
    return say({"status": "success", "data": list(names)})


def _discovering(fake: FakePrometheus, labels: Mapping[str, tuple[str, ...]]) -> None:
    def of_metric(asked: Asked) -> Answer:
        return _names(*labels.get(asked.params["match[]"].partition("{")[0], ()))

    fake.routes["/api/v1/label/__name__/values"] = _names(*labels)
    fake.routes["/api/v1/labels"] = of_metric


async def test_well_known_metrics_are_found_by_one_look() -> None:
    """Without configuration it is asked which exist, every ten minutes, and only those are asked for."""
    clock = FixedClock(NOW)
    labels = {"http_requests_total": ("service", "code", "pod", "instance"), "http_request_duration_seconds_bucket": ()}
    async with _asker({}, None, clock=clock) as (asker, fake):
        _discovering(fake, labels)
        source = source_of(FAMILIES[1], list(labels), labels["http_requests_total"], NO_MAP.labels)
        assert source is not None
        fake.queries = {
            source.errors: _of(payment=0.4),
            source.latency: _of(payment=1),
            source.rate: _of(payment=3),
            USUAL.format(source.rate): _of(),
        }
        for minutes in (0, 1, 9, 10):
            clock.set(NOW + timedelta(minutes=minutes))
            seen = await asker.ask(Circumstances())
            assert not seen.errors
            assert _by_service(seen.measures)["payment"].measure.error_share == 0.4
        looks = [asked.params["match[]"] for asked in fake.asked if "match[]" in asked.params]
    assert looks == [probe(), "http_requests_total"] * 2


async def test_where_nothing_is_known_nothing_is_asked() -> None:
    """A Prometheus without any of them is asked once which it has, and then left alone."""
    async with _asker({}, None) as (asker, fake):
        _discovering(fake, {})
        for _ in range(3):
            assert (await asker.ask(Circumstances())).measures == ()
        assert len(fake.asked) == 1


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.count)
def test_every_well_known_query_is_promql(family: object) -> None:
    """Whatever labels are there, what is asked can be parsed, and groups by what names a service."""
    one = next(known for known in FAMILIES if known is family)
    labels = {"pod", "app", "namespace", *one.failing, *one.names}
    source = source_of(one, {name for name, _ in one.latency}, labels, ("app", "pod", "namespace"))
    assert source is not None
    for query in (source.errors, source.latency, source.rate, USUAL.format(source.rate)):
        parse(query)
        assert "namespace" in query
        assert "pod" not in query
    assert source_of(one, (), {"instance"}, ("app",)) is None
    plain = source_of(one, (), {"pod"}, ("app", "pod"))
    assert plain is not None
    assert (plain.errors, plain.latency) == ("", "")


def test_labels_of_matchers_are_kept() -> None:
    """Where the map tells services apart by a label, the queries keep it."""
    service = Service("pay", match=(parse_matcher('namespace="pay"'),))
    asker = MeasureAsker(None, FixedClock(NOW), IntegrationMap("m", services={"pay": service}), None)  # type: ignore[arg-type] # nothing is asked
    assert "namespace" in asker.naming


def test_the_configuration_is_one_entry_or_several() -> None:
    """One table, a list of them, none at all and nothing are told apart."""
    one = msgspec.convert({"rate": " up "}, Configured)
    assert configured(one, "p") == (MeasureSource(rate="up", says="measures"),)
    assert configured([one, one], "p") == (MeasureSource(rate="up", says="measures"),) * 2
    assert configured([], "p") == ()
    assert configured(False, "p") == ()
    assert configured(True, "p") is None
    with pytest.raises(ConfigError, match=r"measures\[0\].*has no query"):
        configured([Configured()], "p")


async def test_a_label_of_its_own_names_the_service() -> None:
    """`service = "app_name"` names it; a job of `namespace/name` is read as the name."""
    series: Metric = lambda _: [({"app_name": "payment", "job": "shop/pay"}, 1.0)]  # noqa: E731 - a query's answer
    queries = {RATE: series, USUAL.format(RATE): _of()}
    async with _asker(queries, (MeasureSource(rate=RATE, label="app_name"),)) as (asker, _):
        (one,) = (await asker.ask(Circumstances())).measures
    assert (one.name, one.labels["job"]) == ("payment", "pay")


async def test_a_refused_look_is_said() -> None:
    """Where it cannot be asked which metrics there are, that is the failure."""
    async with _asker({}, None) as (asker, fake):
        fake.routes["/api/v1/label/__name__/values"] = refusal("bad_data", "no matchers here", 400)
        with pytest.raises(SystemError, match="no matchers here"):
            await asker.ask(Circumstances())
