"""WHAT fired: the sentences of the value, its direction, and what is said when nothing is known."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from cockpit.board.state import Board
from cockpit.model.alert import State
from cockpit.model.drill import Answer, Question, Standing
from cockpit.model.reading import Topic
from cockpit.promql import parse
from cockpit.triage.drill import fill
from cockpit.triage.figures import figure, percent, say_measure, say_threshold
from cockpit.triage.what import generator_expression
from tests.unit.triage.boards import (
    KEY,
    NOW,
    RULES,
    SETUP,
    alert,
    board,
    failing,
    folded,
    points,
    series,
    subject,
    with_readings,
)

HEAD = "payment_errors_total > 5 %"


def what(on: Board, *, asking: bool = False) -> Answer:
    """Return the answer for the incident's alert."""
    return fill(on, subject(on), asking=asking).answers[Question.WHAT]


def with_rule(expression: str, value: float | None) -> Board:
    """Return a board whose alert has this rule and this value."""
    return board([alert(value=value)], rules={"prometheus": {RULES.key: replace(RULES, expression=expression)}})


@pytest.mark.parametrize(
    ("expression", "value", "said"),
    [
        ("a / b > 0.05", 0.38, "a > 5 %, now 38 %"),
        ("a / b > 0.05", 0.0512, "a > 5 %, now 5.1 %"),
        ("a / b < 0.9995", 0.99949, "a < 99.95 %, now 99.9 %"),
        ("a_ratio < 0.1", 0.062, "a_ratio < 10 %, now 6.2 %"),
        ("100 * a / b > 5", 38.4, "a > 5 %, now 38 %"),
        ("latency_seconds > 0.8", 0.88349, "latency_seconds > 0.8, now 0.883"),
        ("queue > 1000", 12345.0, "queue > 1,000, now 12,300"),
        ("0.5 <= a", 0.75, "a >= 0.5, now 0.75"),
        ("up == 0", 0.0, "up == 0, now 0"),
        ("a - b > 5", 7.0, "PaymentErrorsHigh > 5, now 7"),
        ("1 - a / b > 0.9", 0.93, "PaymentErrorsHigh > 90 %, now 93 %"),
        ("a > 1 and b > 2", 3.0, "a > 1, now 3"),
        ("absent(up)", 1.0, "Payments fail, now 1"),
        ("not promql (", 4.0, "Payments fail, now 4"),
    ],
)
def test_value(expression: str, value: float, said: str) -> None:
    """Measure, threshold and value now stand as the expression says; without a comparison the summary does."""
    assert what(with_rule(expression, value)).value == said


def test_neither_comparison_nor_summary() -> None:
    """The name stands where there is neither."""
    on = board([alert(annotations={}, value=4.0)], rules={"prometheus": {RULES.key: replace(RULES, expression="x")}})
    assert what(on).value == "PaymentErrorsHigh, now 4"


@pytest.mark.parametrize(
    ("values", "detail"),
    [
        ([0.0] * 10 + [0.5] + [1.0] * 9, "flat since 14:08"),
        ([1.0] * 20, "flat for 9 min"),
        ([step * 0.05 for step in range(20)], "rising"),
        ([1 - step * 0.05 for step in range(19)], "falling"),
        ([0.5, 0.6], ""),
        ([], ""),
    ],
)
def test_direction(values: Sequence[float], detail: str) -> None:
    """The direction comes from the series: flat since, rising, falling, or nothing."""
    if not values:
        assert what(board()).detail == detail
        return
    assert what(board(series={KEY: series(values, now=1.0)})).detail == detail


def test_back_under_the_threshold() -> None:
    """Below the threshold but not resolved is said, with its begin."""
    on = board(series={KEY: series([0.4] * 10 + [0.02] * 5)})
    assert what(on).value == f"{HEAD}, now 2.0 %, below since 14:10, not resolved yet"


def test_no_data() -> None:
    """No sample is never a zero: the last value is told with its time."""
    on = board(series={KEY: series([0.38] * 5, end=NOW.replace(minute=7, second=0), now=None)})
    held, found = on.series[KEY]
    on = replace(on, series={KEY: (held, replace(found, at=NOW))}, alerts={KEY: alert(value=None, value_at=None)})
    assert what(on).value == f"{HEAD}, no data now; last value 38 % at 14:07"


def test_no_data_and_nothing_before() -> None:
    """Where there never was a value none is told."""
    on = board([alert(value=None, value_at=NOW)])
    assert what(on).value == f"{HEAD}, no data now"


def test_a_stale_value_never_looks_fresh() -> None:
    """With its Prometheus not answering the value is told in the past."""
    old = alert(value=0.38, value_at=NOW.replace(minute=7))
    answer = what(failing(board([old]), "prometheus", Topic.RULES, "14:08"))
    assert answer.value == f"{HEAD}, was 38 % at 14:07 (prometheus not answering since 14:08)"
    assert not answer.fresh
    assert answer.standing is Standing.FILLED


def test_expression_of_the_generator() -> None:
    """Without a Prometheus the link back to it tells the expression."""
    url = (
        "http://prom:9090/graph?g0.expr=sum%28rate%28a%5B1m%5D%29%29+%2F+sum%28rate%28b%5B1m%5D%29%29+%3E+0.05&g0.tab=1"
    )
    lonely = alert(prometheus=None, rule=None, value=None, value_at=None, generator=url)
    answer = what(board([lonely], rules={}, setup=replace(SETUP, systems=SETUP.systems[:1])))
    assert answer.value == "a > 5 %, now not known"
    assert [one.system for one in answer.evidence] == ["alertmanager"]
    assert "sum(rate(a[1m])) / sum(rate(b[1m])) > 0.05" in answer.evidence[0].says


def test_generator_is_cleaned() -> None:
    """Controls hidden by percent signs do not come through."""
    assert "\x1b" not in generator_expression("http://p/graph?g0.expr=up%1b%5D52%3B%07%0a%3D%3D0")
    assert generator_expression("http://[") == ""


def test_asking() -> None:
    """Before the first answer of a Prometheus the question is being asked, but only on the screen."""
    lonely = alert(prometheus=None, rule=None, value=None, value_at=None, generator=None)
    on = with_readings(board([lonely], rules={}), prometheus_rules=None)
    assert what(on, asking=True).standing is Standing.ASKING
    assert what(on, asking=True).value == "Payments fail, asking prometheus"
    assert what(on).standing is Standing.FILLED


def test_resolved() -> None:
    """What is over tells its last value."""
    over = alert(state=State.RESOLVED, ended=NOW, value=0.38)
    assert what(board([over])).value == f"{HEAD}, last value 38 % at 14:12"


@pytest.mark.parametrize(("expression", "said"), [("a > 1", "a > 1, now 9"), ("a < 10", "a < 10, now 3")])
def test_fold_tells_its_worst(expression: str, said: str) -> None:
    """A fold's value is the worst one on the threshold's side, and says that it is."""
    alerts = [alert(fingerprint=f"f{value}", value=float(value)) for value in (5, 9, 3)]
    on = board(alerts, rules={"prometheus": {RULES.key: replace(RULES, expression=expression)}})
    (key,) = folded(alerts)
    answer = fill(on, subject(on, key)).answers[Question.WHAT]
    assert answer.value == f"{said} (worst of 3)"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0 %"),
        (0.0004, "0.04 %"),
        (0.021, "2.1 %"),
        (0.04, "4.0 %"),
        (0.0996, "10 %"),
        (0.38, "38 %"),
        (1.0, "100 %"),
        (12.5, "1,250 %"),
    ],
)
def test_percent(value: float, said: str) -> None:
    """Percent has a space, and one decimal under 10 %."""
    assert percent(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.88349, "0.883"),
        (1.0, "1"),
        (47.04, "47"),
        (1234.5, "1,230"),
        (0.0, "0"),
        (-2.5, "-2.5"),
        (1e-07, "1e-07"),
        (float("inf"), "+Inf"),
        (float("nan"), "NaN"),
    ],
)
def test_figure(value: float, said: str) -> None:
    """Other numbers have three significant figures."""
    assert figure(value) == said


def test_value_stands_on_its_side_of_the_threshold() -> None:
    """A value is as precise as needed not to contradict its threshold."""
    rule = parse("a / b < 0.9995")
    assert (say_threshold(rule), say_measure(0.99946, rule)) == ("< 99.95 %", "99.9 %")
    assert say_measure(0.4996, parse("a / b < 0.5")) == "49.96 %"
    assert say_measure(100.04, parse("a > 100")) == "100.04"


def test_points_are_oldest_first() -> None:
    """The fixture's series ends now: a slip there would hide a defect here."""
    made = points([1.0, 2.0])
    assert made[-1] == (NOW, 2.0)
    assert made[0][0] < NOW
