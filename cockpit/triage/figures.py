"""Numbers as answers say them: three significant figures, shares as percent, a space before %."""

import math
import re
from collections.abc import Callable

from cockpit.promql import Expression
from cockpit.spans import say_seconds

_HOLDS: dict[str, Callable[[float, float], bool]] = {
    ">": lambda value, limit: value > limit,
    ">=": lambda value, limit: value >= limit,
    "<": lambda value, limit: value < limit,
    "<=": lambda value, limit: value <= limit,
    "==": lambda value, limit: value == limit,
    "!=": lambda value, limit: value != limit,
}
_PLACEHOLDER = re.compile(r"\{value:(percent|number|duration)\}")
_FINEST = 6
_LARGEST = 1e15
_SMALLEST = 1e-4


def figure(value: float, digits: int = 3) -> str:
    """Return a number with so many significant figures and its thousands apart: `0.883`, `12,300`."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    rounded = float(f"{value:.{digits}g}") or 0.0
    if rounded and not _SMALLEST <= abs(rounded) < _LARGEST:
        return f"{rounded:.{digits}g}"
    return f"{rounded:,.15g}"


def exact(value: float) -> str:
    """Return a number as a rule's author wrote it, thousands apart: `1,024`, `0.05`."""
    return figure(value, 12)


def raw(value: float) -> str:
    """Return a number as a system gave it, for quoting: `1`, `0.3812`."""
    text = repr(value)
    return text.removesuffix(".0")


def percent(share: float, decimals: int | None = None) -> str:
    """Return a share (1 is all) as percent, one decimal under 10 %: `100 %`, `4.0 %`, `0 %`."""
    points = share * 100
    if not math.isfinite(points):
        return f"{figure(points)} %"
    if decimals is None:
        size = abs(points)
        if size < 0.05:
            return f"{figure(points, 2)} %"
        decimals = 1 if round(size, 1) < 10 else 0
    return f"{points:,.{decimals}f} %"


def exact_percent(share: float) -> str:
    """Return a share as percent, with as many decimals as it has: `5 %`, `99.95 %`."""
    return f"{exact(share * 100)} %"


def holds(operator: str, value: float, threshold: float) -> bool:
    """Tell whether a comparison of PromQL is true."""
    return _HOLDS[operator](value, threshold)


def say_threshold(expression: Expression) -> str:
    """Return the comparison's right side: `> 5 %`, `< 1,024`; empty where there is none."""
    if expression.operator is None or expression.threshold is None:
        return ""
    limit = expression.threshold
    if expression.percent:
        return f"{expression.operator} {exact_percent(limit)}"
    return f"{expression.operator} {exact(limit)}{' %' if expression.points else ''}"


def say_measure(value: float, expression: Expression) -> str:
    """Return a value of the measure: as precise as needed to stand on the right side of its threshold."""
    texts = list(_spellings(value, expression))
    operator, threshold = expression.operator, expression.threshold
    if operator is None or threshold is None or not math.isfinite(value) or not math.isfinite(threshold):
        return texts[0]
    truth = holds(operator, value, threshold)
    limit = round(threshold * 100, 9) if expression.percent else threshold
    for text in texts:
        shown = float(text.removesuffix(" %").replace(",", ""))
        if holds(operator, shown, limit) == truth:
            return text
    return texts[0]


def _spellings(value: float, expression: Expression) -> list[str]:
    """Return ways to write a value, from the usual one to the most precise."""
    if expression.percent:
        return [percent(value), *(percent(value, decimals) for decimals in range(1, _FINEST))]
    if expression.points:
        return [percent(value / 100), *(percent(value / 100, decimals) for decimals in range(1, _FINEST))]
    return [figure(value, digits) for digits in range(3, 3 + _FINEST)]


def say_scope(template: str, value: float) -> str:
    """Return a scope's sentence with its value in it."""

    def filled(found: re.Match[str]) -> str:
        kind = found[1]
        if kind == "percent":
            return percent(value)
        if kind == "duration" and math.isfinite(value):
            return say_seconds(value) if value >= 1 else f"{figure(value * 1000)} ms"
        return figure(value)

    return _PLACEHOLDER.sub(filled, template)


def is_share(template: str) -> bool:
    """Tell whether a scope's sentence says a share, so that it can be held against shares."""
    return "{value:percent}" in template
