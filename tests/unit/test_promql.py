"""What is read out of expressions, and that no text does harm."""

import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.promql import MAX_LENGTH, Expression, PromqlError, parse


def said(text: str) -> tuple[str | None, str | None, float | None]:
    """Return measure, operator and threshold."""
    read = parse(text)
    return read.measure, read.operator, read.threshold


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("up == 0", ("up", "==", 0.0)),
        ("a > 0.05", ("a", ">", 0.05)),
        ("a >= bool 5e-2", ("a", ">=", 0.05)),
        ("a != -1", ("a", "!=", -1.0)),
        ("0x10 < a", ("a", ">", 16.0)),
        ("5 >= a", ("a", "<=", 5.0)),
        ("5 == a", ("a", "==", 5.0)),
        ("a > (2 * (3 + 4)) ^ 2 / 4 % 10", ("a", ">", 9.0)),
        ("a > +Inf", ("a", ">", float("inf"))),
        ("(((a > 5)))", ("a", ">", 5.0)),
        ("a > 5 and b < 2", ("a", ">", 5.0)),
        ("(a > 5) unless on (x) (b == 1)", ("a", ">", 5.0)),
        ("a > 5 or b > 6", ("a", ">", 5.0)),
        ("a and b > 6", (None, None, None)),
        ("5 < a < 10", ("a", "<", 10.0)),
        ("(a > 5) > b", ("a", ">", 5.0)),
        ("a > b", (None, None, None)),
        ("(a < 3) * on (i) group_left (n) info", ("a", "<", 3.0)),
        ("info * on (i) group_right () (a < 3)", ("a", "<", 3.0)),
        ("max by (x) (a > 3)", ("a", ">", 3.0)),
        ("label_replace(a > 3, 'x', '$1', 'y', '(.*)')", ("a", ">", 3.0)),
        ("count(up == 0)", ("up", None, None)),
        ("count(up == 0) > 2", ("up", ">", 2.0)),
        ("absent(up{job='x'})", ("up", None, None)),
        ("vector(1)", (None, None, None)),
        ("{__name__='a', x='y'} > 1", ("a", ">", 1.0)),
        ("{__name__=~'a'} > 1", ("a", ">", 1.0)),
        ("{__name__=~'a|b'} > 1", (None, ">", 1.0)),
        ("histogram_quantile(0.99, sum by (le) (rate(a_bucket[5m]))) > 1", ("a_bucket", ">", 1.0)),
        ("time() - a > 3", ("a", ">", 3.0)),
        ("a - b > 3", (None, ">", 3.0)),
        ("a / b > 3", ("a", ">", 3.0)),
        ("(a + b) / c > 3", (None, ">", 3.0)),
        ("rate(s_sum[1m]) / rate(s_count[1m]) > 3", ("s_sum", ">", 3.0)),
        ("max_over_time(a[5m:1m]) > 1", ("a", ">", 1.0)),
        ("a > 10 ^ 400", (None, None, None)),
        ("a @ 1234 offset 5m > 1", ("a", ">", 1.0)),
    ],
)
def test_comparison(text: str, expected: tuple[str | None, str | None, float | None]) -> None:
    """Measure, operator and threshold are those of the outermost comparison with a number."""
    if expected == (None, None, None) and text == "a > 10 ^ 400":
        expected = ("a", None, None)
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "percent", "points"),
    [
        ("a / b > 0.05", True, False),
        ("sum(rate(a[1m])) / sum(rate(b[1m])) > 0.05", True, False),
        ("a_ratio > 0.05", True, False),
        ("1 - a / b > 0.05", True, False),
        ("(a / b) or vector(0)", True, False),
        ("100 * a / b > 5", False, True),
        ("a / b * 100 > 5", False, True),
        ("100 - (a / b * 100) > 5", False, True),
        ("a_ratio * 100 > 5", False, True),
        ("a / 1024 > 5", False, False),
        ("1 / a > 5", False, False),
        ("a * b > 5", False, False),
        ("rate(s_sum[1m]) / rate(s_count[1m]) > 3", False, False),
        ("a > 5", False, False),
    ],
)
def test_shares(text: str, percent: bool, points: bool) -> None:
    """A quotient of metrics is a share, a change of unit and an average are none."""
    read = parse(text)
    assert (read.percent, read.points) == (percent, points)


def test_everything_of_a_quotient() -> None:
    """The incident's rule is read whole."""
    text = 'sum(rate(errors_total{step="pay", x!="y"}[1m])) / sum(rate(attempts_total[90s])) > 0.05'
    assert replace(parse(text), text="") == Expression(
        text="",
        measure="errors_total",
        left='sum(rate(errors_total{step="pay",x!="y"}[1m])) / sum(rate(attempts_total[1m30s]))',
        operator=">",
        threshold=0.05,
        percent=True,
        numerator='sum(rate(errors_total{step="pay",x!="y"}[1m]))',
        denominator="sum(rate(attempts_total[1m30s]))",
        windows=("1m", "90s"),
        metrics=("errors_total", "attempts_total"),
        selectors=(("step", "pay"),),
    )


def test_measured_side_without_a_comparison() -> None:
    """Without a comparison everything is measured; a filter inside another is seen through."""
    assert parse("absent(up)").left == "absent(up)"
    assert parse("5 < a < 10").left == "a"
    assert parse("(a + b) > 1").left == "a + b"


def test_windows_are_not_looked_for_in_strings_and_comments() -> None:
    """Only ranges count as windows."""
    assert parse('rate(a{x="[9m]"}[5m]) # [7m]\n > 1').windows == ("5m",)


def test_long_sides_stand_on_one_line() -> None:
    """The parser breaks long lines; the measured side stays on one, its strings as they are."""
    many = " + ".join(f'sum by (a_rather_long_label_{n}) (rate(metric_{n}{{x="( a  b )"}}[5m]))' for n in range(4))
    left = parse(f"{many} > 1").left
    assert left is not None
    assert "\n" not in left
    assert left.count('"( a  b )"') == 4
    assert parse(left).metrics == tuple(f"metric_{n}" for n in range(4))


@pytest.mark.parametrize("text", ["", "a >", "sum(", "a{b=}", "日本 > 1", 'a{b=~"("}', "a > 5 …"])
def test_no_promql(text: str) -> None:
    """What is no PromQL is an error with the parser's message."""
    with pytest.raises(PromqlError, match=r".+"):
        parse(text)


@pytest.mark.parametrize("text", ["(" * 5000 + "a" + ")" * 5000, "-" * 9000 + "a", "a" + "+a" * 5000, "a" * 20_000])
def test_nothing_deep_is_read(text: str) -> None:
    """A text that would end the process is refused."""
    assert len(text) <= 2 * MAX_LENGTH
    with pytest.raises(PromqlError):
        parse(text)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='ab_ratio{}[]()"=~!<>+-*/%^ 0123456789.e#\n5mandor', max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text raises anything else."""
    try:
        read = parse(text)
    except PromqlError:
        return
    assert read.operator is None or read.threshold is not None
    assert read.left is None or "\n" not in read.left


_metric = st.sampled_from(["up", "errors_total", "cache_hit_ratio", "node:cpu:rate5m"])
_operator = st.sampled_from([">", ">=", "<", "<=", "==", "!="])
_number = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))
_MIRRORED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}


@settings(max_examples=100, deadline=None)
@given(_metric, _operator, _number, st.sampled_from(["", " and up == 1", " or vector(0) > 3", " unless b > 1"]))
def test_sides_are_the_same_either_way(metric: str, operator: str, number: float, rest: str) -> None:
    """A comparison and its mirror image say the same, whatever set operation follows."""
    straight = parse(f"{metric} {operator} {number}{rest}")
    mirrored = parse(f"{number} {_MIRRORED[operator]} {metric}{rest}")
    assert said(straight.text) == said(mirrored.text) == (metric, operator, number)
    assert straight.percent == metric.endswith("_ratio")


def test_the_parser_is_loaded_late() -> None:
    """Importing the door does not import the parser behind it."""
    import subprocess

    code = "import sys, cockpit.promql; print('promql_parser' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
