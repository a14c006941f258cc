"""Figures in the narrow columns of a drawing."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.model.drawing import ASCII, UNICODE, Glyphs
from cockpit.text import width
from cockpit.topology.paint.figures import FIGURE_CELLS, say_latency, say_rate, sparkline

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_SCALES = {"k": 1e3, "M": 1e6, "G": 1e9}
_SIZES = st.floats(0, 1e13, allow_nan=False)
_GLYPHS = st.sampled_from((UNICODE, ASCII))
_TREND = st.lists(st.one_of(st.none(), st.floats(0, 1), st.just(math.nan)), max_size=40)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0ms"),
        (0.0002, "<1ms"),
        (0.012, "12ms"),
        (0.88, "880ms"),
        (0.9996, "1.0s"),
        (5, "5.0s"),
        (45.2, "45s"),
        (599.6, "10m"),
        (1200, "20m"),
        (3600, "1h"),
        (1e9, ">99h"),
        (math.nan, "?"),
        (-1, "?"),
        (None, "–"),
    ],
)
def test_a_latency_reads_as_on_a_dashboard(seconds: float | None, text: str) -> None:
    """Milliseconds, seconds with a decimal, then whole units; what is unknown is a dash."""
    assert say_latency(seconds) == text


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (0, "0"),
        (0.01, "<0.1"),
        (0.3, "0.3"),
        (61.2, "61"),
        (390, "390"),
        (999.7, "1.0k"),
        (1234, "1.2k"),
        (12_345, "12k"),
        (1_200_000, "1.2M"),
        (7e9, "7.0G"),
        (1e15, ">999G"),
        (math.inf, "?"),
        (None, "–"),
    ],
)
def test_a_rate_reads_with_two_figures(rate: float | None, text: str) -> None:
    """Requests a second are told by k, M and G; a little traffic is never told as none."""
    assert say_rate(rate) == text


def _read(text: str, units: dict[str, float]) -> float:
    unit = next((unit for unit in sorted(units, key=len, reverse=True) if text.endswith(unit)), "")
    return float(text.removesuffix(unit)) * units.get(unit, 1.0)


@settings(max_examples=100, deadline=None)
@given(_SIZES, _GLYPHS)
def test_a_figure_says_what_it_stands_for(value: float, glyphs: Glyphs) -> None:
    """Every latency and rate keeps to its cells and, where it says a number, is right to a tenth."""
    for text, units in ((say_latency(value, glyphs), _UNITS), (say_rate(value, glyphs), _SCALES)):
        assert width(text) <= FIGURE_CELLS
        if text[0] not in "<>":
            assert _read(text, units) == pytest.approx(value, rel=0.1, abs=0.05)


@settings(max_examples=100, deadline=None)
@given(_TREND, _GLYPHS, st.integers(0, 30))
def test_a_trend_takes_exactly_its_cells(trend: list[float | None], glyphs: Glyphs, cells: int) -> None:
    """A trend of any length fills its cells with glyphs of its set, and says nothing where nothing was measured."""
    drawn = sparkline(trend, glyphs, cells)
    assert width(drawn) == len(drawn) == cells
    known = any(share is not None and not math.isnan(share) for share in trend)
    assert (set(drawn) <= {"·", " "}) == (not known or not cells)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=8, max_size=40))
def test_the_worst_minute_is_seen(trend: list[float]) -> None:
    """The tallest cell is the one that holds the worst minute."""
    drawn = [UNICODE.spark.index(cell) for cell in sparkline(trend, UNICODE, 8)]
    worst = trend.index(max(trend))
    holding = next(cell for cell in range(8) if worst < (cell + 1) * len(trend) // 8)
    assert drawn[holding] == max(drawn)
    assert max(drawn) == (7 if max(trend) >= 0.05 else round(max(trend) / 0.05 * 7))


def test_a_calm_trend_is_flat() -> None:
    """A fine service's noise does not look like an incident."""
    assert sparkline([0.0, 0.002, 0.001] * 10) == "▁" * 8


def test_an_outage_rises() -> None:
    """What begins late rises at the right, after what was not measured."""
    assert sparkline([None] * 10 + [0.0] * 10 + [0.2, 0.4, 0.6, 0.8, 1.0] * 2, cells=6) == "··▁▁██"
