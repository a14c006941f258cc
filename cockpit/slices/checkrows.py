"""A checklist's lines in columns, each on one line of a width. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from cockpit.model.checklist import CheckLine, Verdict, Way
from cockpit.model.drawing import Glyphs, Line, Role, Span
from cockpit.model.health import Health
from cockpit.text import fit, one_line, width
from cockpit.topology.paint.shorten import shorten

WIDE = 108
"""Cells from which on there is a column for how one comes to a hop."""

WIDER = 150
"""Cells from which on what a vendor says has its own."""

_FIXED = 10
"""Cells of tick, sign and way with the blanks between them."""
_NAME = (8, 16, 30)
"""Cells of a name: at least, at most, and at most where there is room."""
_HAS = 3
_HOW = 26
_LETTERS = {"log query": "L", "dashboard": "D", "status page": "S"}


@dataclass(frozen=True, slots=True)
class Columns:
    """How many cells each column has; none leaves it out."""

    name: int
    how: int
    state: int
    vendor: int
    change: int
    has: int = _HAS


def columns(lines: Sequence[CheckLine], cells: int) -> Columns:
    """Return the columns that fit into so many cells: health has most, then the last change.

    Args:
        lines: What is shown.
        cells: The width of a line.
    """
    wide = cells >= WIDE
    longest = max((width(named(line.service)) + 2 * line.third_party for line in lines), default=0)
    most = _NAME[2] if cells >= WIDER else _NAME[1]
    name = max(0, min(max(_NAME[0], min(longest, most)), cells - _FIXED))
    how = min(_HOW, max((width(line.how) for line in lines), default=0)) if wide else 0
    left = cells - _FIXED - name - 1 - (how + 1 if how else 0)
    has = _HAS if left > 30 else 0
    left -= has + 1 if has else 0
    told = max((width(line.vendor) for line in lines), default=0)
    vendor = min(told, left // 4) if cells >= WIDER else 0
    left -= vendor + 1 if vendor else 0
    change = 0
    if left > 24:
        wanted = max((width(line.change if wide else line.change.partition("; ")[0]) for line in lines), default=0)
        change = min(wanted, left * 46 // 100)
        left -= change + 1
        spare = min(left - max(width(_state(line, vendor)) for line in lines), _longest_change(lines) - change)
        change, left = change + max(0, spare), left - max(0, spare)
    return Columns(name, how, max(0, left), vendor, change, has)


def _longest_change(lines: Sequence[CheckLine]) -> int:
    return max(width(line.change) for line in lines)


def _state(line: CheckLine, vendor: int) -> str:
    """Return a hop's health, with what its vendor says where that has no column."""
    if not line.vendor or vendor:
        return line.state
    return "; ".join(filter(None, (line.vendor, line.state) if line.vendor_ails else (line.state, line.vendor)))


def named(service: str) -> str:
    """Return what a hop is called; an alert may name no service."""
    return one_line(service) or "no service"


def sign(line: CheckLine, glyphs: Glyphs) -> tuple[str, Role]:
    """Return a line's judgement as the map signs health, and its role."""
    if line.verdict is Verdict.LOOK:
        if line.health is Health.FIRING:
            return glyphs.firing, Role.FIRING
        return (glyphs.no_traffic if line.health is Health.NO_TRAFFIC else glyphs.warning), Role.WARNING
    return (glyphs.fine, Role.FINE) if line.verdict is Verdict.FINE else (glyphs.unknown, Role.UNKNOWN)


def heading(shown: Columns, glyphs: Glyphs) -> Line:
    """Return what stands over the columns."""
    cells = [("service", shown.name), ("how", shown.how), ("health", shown.state)]
    cells += [("status page", shown.vendor), ("last change", shown.change), ("has", shown.has)]
    return (Span(" " * _FIXED, Role.DIM), Span(_cells(cells, glyphs), Role.DIM))


def rows(lines: Sequence[CheckLine], shown: Columns, glyphs: Glyphs) -> tuple[Line, ...]:
    """Return the painted lines; cut names stay distinct."""
    room = {line.service: shown.name - 2 * line.third_party for line in lines}
    names = shorten([(named(name), cells) for name, cells in room.items()], glyphs.ellipsis)
    return tuple(_row(line, names.get((named(line.service), room[line.service]), ""), shown, glyphs) for line in lines)


def _row(line: CheckLine, name: str, shown: Columns, glyphs: Glyphs) -> Line:
    mark, role = sign(line, glyphs)
    ellipsis = glyphs.ellipsis
    name += f" {glyphs.third_party}" if line.third_party else ""
    state = _state(line, shown.vendor)
    spans = [
        Span("[x] " if line.ticked else "[ ] ", Role.PERSON if line.ticked else Role.DIM),
        Span(f"{mark} ", role),
        Span(f"{fit(_way(line.way, glyphs), 2)}  ", Role.DIM),
        Span(fit(name, shown.name, ellipsis), Role.STRONG if line.lead else Role.PLAIN),
    ]
    told = Role.DIM if line.verdict is Verdict.FINE else role
    parts = [
        (line.how, shown.how, Role.DIM),
        (state, shown.state, told),
        (line.vendor, shown.vendor, Role.DIM),
        (line.change, shown.change, Role.SUSPECT if line.suspect else Role.DIM),
        ("".join(letter for name, letter in _LETTERS.items() if name in dict(line.takes)), shown.has, Role.KEY),
    ]
    spans += [Span(f" {_trim(text, cells, ellipsis)}", said) for text, cells, said in parts if cells]
    return tuple(spans)


def _way(way: Way, glyphs: Glyphs) -> str:
    """Return how one comes to a hop in two cells, with the arrows of the chain."""
    if way is Way.CALL:
        return glyphs.horizontal + glyphs.arrow
    if way is Way.NEXT:
        return glyphs.step + glyphs.step_arrow
    return {Way.ENTRY: "in", Way.HOST: "on"}.get(way, "")


def _trim(text: str, cells: int, ellipsis: str) -> str:
    """Return as many of a text's parts as fit whole, the first one cut where it alone is too long."""
    while width(text) > cells and (end := max(text.rfind("; "), text.rfind(", "))) > 0:
        text = text[:end]
    return fit(text, cells, ellipsis)


def _cells(parts: Sequence[tuple[str, int]], glyphs: Glyphs) -> str:
    return " ".join(fit(text, cells, glyphs.ellipsis) for text, cells in parts if cells)
