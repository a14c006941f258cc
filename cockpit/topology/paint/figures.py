"""Figures as the columns of a drawing show them: latency, rate, and the trend of the error share in eighth blocks."""

import math
from collections.abc import Sequence

from cockpit.model.drawing import UNICODE, Glyphs

FIGURE_CELLS = 5
"""The widest latency or rate: `640ms`, `<0.1`, `1.2k`."""

SPARK_CELLS = 8
"""The usual width of a trend."""

SPARK_TOP = 0.05
"""The least share that fills a cell, so that a calm service's noise stays flat."""

_MILLI_BELOW = 0.9995
_SECONDS_BELOW = 599.5
_MINUTES_BELOW = 59.5 * 60
_MOST_HOURS = 99
_FINE_BELOW = 9.95
_SCALES = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


def say_nothing(glyphs: Glyphs = UNICODE) -> str:
    """Return what stands where nothing is measured: one cell."""
    return "-" if glyphs.ascii else "–"


def say_latency(seconds: float | None, glyphs: Glyphs = UNICODE) -> str:
    """Return a latency in five cells at most: `<1ms`, `12ms`, `880ms`, `5.0s`, `45s`, `20m`; `–` where it is unknown."""
    if seconds is None:
        return say_nothing(glyphs)
    if not math.isfinite(seconds) or seconds < 0:
        return "?"
    if seconds < _MILLI_BELOW:
        return "<1ms" if 0 < seconds < 0.0005 else f"{seconds * 1000:.0f}ms"
    if seconds < _FINE_BELOW:
        return f"{seconds:.1f}s"
    if seconds < _SECONDS_BELOW:
        return f"{seconds:.0f}s"
    if seconds < _MINUTES_BELOW:
        return f"{seconds / 60:.0f}m"
    hours = seconds / 3600
    return f"{hours:.0f}h" if hours < _MOST_HOURS + 0.5 else f">{_MOST_HOURS}h"


def say_rate(rate: float | None, glyphs: Glyphs = UNICODE) -> str:
    """Return requests a second in five cells at most: `0`, `<0.1`, `0.3`, `61`, `390`, `1.2k`, `12k`; `–` where unknown."""
    if rate is None:
        return say_nothing(glyphs)
    if not math.isfinite(rate) or rate < 0:
        return "?"
    if rate < 999.5:
        return "<0.1" if 0 < rate < 0.05 else _fine(rate)
    for scale, letter in reversed(_SCALES):
        if rate / scale < 999.5:
            return f"{_fine(rate / scale)}{letter}"
    return ">999G"


def _fine(value: float) -> str:
    return "0" if value == 0 else f"{value:.1f}" if value < _FINE_BELOW else f"{value:.0f}"


def sparkline(trend: Sequence[float | None], glyphs: Glyphs = UNICODE, cells: int = SPARK_CELLS) -> str:
    """Return a trend, oldest first, in so many cells: each shows the worst of its part, `·` where it has no sample.

    The scale runs from 0 to the largest share, or to 5 % where all lie below. A trend of fewer samples than cells
    stands at the right.
    """
    missing = " " if glyphs.ascii else "·"
    if cells <= 0:
        return ""
    missed = [None] * max(0, cells - len(trend))
    shares = [None if one is None or not math.isfinite(one) else max(0.0, one) for one in (*missed, *trend)]
    top = max([SPARK_TOP, *(share for share in shares if share is not None)])
    steps = len(glyphs.spark) - 1
    drawn: list[str] = []
    for cell in range(cells):
        part = shares[cell * len(shares) // cells : (cell + 1) * len(shares) // cells]
        worst = max((share for share in part if share is not None), default=None)
        drawn.append(missing if worst is None else glyphs.spark[min(steps, round(worst / top * steps))])
    return "".join(drawn)
