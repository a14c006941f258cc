"""The shop keeps its own books straight, so that what Cockpit says of it can be held against them."""

import urllib.error
import urllib.request

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shop import story
from tests.shop.exposition import History, Sample, exposition, samples_of
from tests.shop.ramp import Ramp
from tests.shop.shop import ShopServer
from tests.shop.stage import quickened
from tests.shop.traffic import Shop

START = 1_800_000_000.0


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(-5, 5)), min_size=1, max_size=6), st.floats(-10, 200))
@settings(max_examples=100, deadline=None)
def test_a_ramp_stays_between_its_points(points: list[tuple[float, float]], at: float) -> None:
    """A value that moves in straight lines never leaves the range of the given ones."""
    ordered = tuple(sorted(dict(points).items()))

    value = Ramp(0.0, ordered).at(at)

    values = [value for _, value in ordered]
    assert min(values) - 1e-9 <= value <= max(values) + 1e-9


@given(st.floats(0, 1), st.integers(1, 400))
@settings(max_examples=50, deadline=None)
def test_every_attempt_is_paid_or_failed(share: float, seconds: int) -> None:
    """Attempts are orders and payment errors together, whatever share fails."""
    shop = Shop(START)
    shop.break_payment(((0.0, share),))

    shop.advance(START + seconds)

    assert shop.attempts == shop.orders + shop.payment_errors


def test_when_all_fail_errors_grow_as_attempts_do() -> None:
    """With every payment failing the ratio of both rates is exactly one, and no order comes in."""
    shop = Shop(START)
    shop.break_payment()
    shop.advance(START + 1)
    before = (shop.attempts, shop.payment_errors, shop.orders)

    shop.advance(START + 60)

    assert shop.attempts - before[0] == shop.payment_errors - before[1] > 0
    assert shop.orders == before[2]


def test_the_story_passes_five_percent_in_its_fifth_minute() -> None:
    """A minute's average of failing payments passes 5 % between 4:00 and 4:40 after the deploy, and is 100 % from 6:30 on."""
    shop = Shop(START)
    shop.advance(START + 300)
    shop.break_payment(story.RAMP)
    seen = [(shop.attempts, shop.payment_errors)]
    ratios = []
    for second in range(1, 420):
        shop.advance(START + 300 + second)
        seen.append((shop.attempts, shop.payment_errors))
        then = seen[max(0, second - 60)]
        ratios.append((seen[-1][1] - then[1]) / (seen[-1][0] - then[0]))

    passed = next(second for second, ratio in enumerate(ratios, 1) if ratio > 0.05)
    assert 240 <= passed <= 280
    assert set(ratios[390:]) == {1.0}


def test_metrics_are_in_prometheus_text_format() -> None:
    """Samples are grouped by name with their types, and their labels are escaped."""
    text = exposition([Sample("disk", {"at": 'C:\\"x"\n'}, 0.5, "gauge"), Sample("disk", {"at": "y"}, 1, "gauge")])

    assert text == '# TYPE disk gauge\ndisk{at="C:\\\\\\"x\\"\\n"} 0.5\ndisk{at="y"} 1\n'


def test_a_history_is_grouped_by_series() -> None:
    """Every series of the past stands in one piece, in the order of time, as `promtool` wants it."""
    shop = Shop(START)
    history = History()
    for second in (0, 60):
        shop.advance(START + second)
        history.add(samples_of(shop, "payment"), {"service": "payment"}, shop.now)

    lines = [line for line in history.text().splitlines() if line.startswith("payment_attempts_total")]
    assert [line.split()[-1] for line in lines] == [f"{START:.3f}", f"{START + 60:.3f}"]
    assert history.text().endswith("# EOF\n")


def test_the_shop_obeys_its_control_endpoint() -> None:
    """A deploy and a breakage over HTTP show in the metrics; an unknown command is refused."""

    def ask(path: str, method: str = "GET") -> str:
        with urllib.request.urlopen(urllib.request.Request(server.url + path, method=method), timeout=5) as answer:
            return str(answer.read().decode())

    with ShopServer() as server:
        ask("/control/deploy?service=payment&version=v9", "POST")
        ask("/control/measure?service=payment&name=queue&value=7&shard=2", "POST")
        metrics = ask("/metrics/payment")
        assert 'app_build_info{version="v9"} 1' in metrics
        assert 'queue{shard="2"} 7.0' in metrics
        with pytest.raises(urllib.error.HTTPError) as refused:
            ask("/control/explode", "POST")
        refused.value.close()
        assert refused.value.code == 400


def test_quickened_rules_keep_their_meaning() -> None:
    """Only rate windows and `for`s become shorter."""
    assert quickened("rate(x[1m]) > 0.05\n for: 30s\n") == "rate(x[10s]) > 0.05\n for: 2s\n"


def test_the_story_is_told_in_order() -> None:
    """Ten minutes after the deploy the shop is as the demo shows it, and at the end it is well again."""
    shop = Shop(START)
    due = list(story.STORY)
    for second in range(0, story.AFTER_S + 1, 5):
        while due and due[0][0] <= second:
            due.pop(0)[1](shop)
        shop.advance(START + second)
        if second == 600:
            gauges = {gauge.name: gauge.value.at(shop.now) for gauge in shop.gauges.values()}
            assert gauges["session_evictions_per_second"] < 50
            assert gauges["card_gateway_seconds"] > 2
            assert gauges["ledger_lag_seconds"] > 120
            assert shop.services["catalog"].latency_s.at(shop.now) > 0.8
            assert len(shop.services["ui"].restarts) == 14
            assert shop.services["payment"].version == story.VERSION

    assert shop.services["payment"].version == "v2.3.9"
    assert shop.failing.at(shop.now) < 0.05
