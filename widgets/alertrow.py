"""One row of the alert list: its columns, how wide they are among the rows that are seen, and what stands in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache

from cockpit.model.drawing import Glyphs, Line, Role, Span
from cockpit.model.keys import State
from cockpit.model.panes import AlertRow
from cockpit.text import width
from widgets.cells import Cell, lay


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths of the alert list's columns; zero leaves one out."""

    name: int
    service: int
    age: int
    value: int
    team: int
    who: int
    extra: tuple[int, ...] = ()


_MARKS = 7
"""Cells before the name: new or cursor, state, priority, and the gaps between."""
_EXTRA = 12
_NARROW, _LEAST_EXTRA, _WIDEST = 8, 6, 16
"""Cells of an extra column where there is little room, where there is least, and where there is room for its texts."""
_NAME = 18
"""Cells of a name that an extra column leaves it when it needs more."""


@lru_cache(maxsize=64)
def columns(cells: int, extra: int = 0) -> Columns:
    """Return the widths for a row of so many cells with so many extra columns, whatever stands in them.

    Where room is scarce, first who has it goes, then the second extra column, the team where there is an extra column
    (the drill names the owner, but not what tells two rows apart), the value, the service.
    """
    room = cells - _MARKS
    age = 5
    if cells < 44:
        return Columns(max(1, room - 1 - age), 0, age, 0, 0, 0)
    if cells < 58:
        service = room // 4
        return Columns(room - service - age - 2, service, age, 0, 0, 0)
    value, who = (7, 0) if cells < 74 else (8, 12)
    shown = min(extra, 2 if cells >= 96 else 1)
    if shown and cells < 84:
        service = max(9, room // 6)
        size = _NARROW if cells < 74 else _LEAST_EXTRA
        team = 0 if cells < 74 else 10
        rest = room - age - value - who - service - size - 4 - (team + 1 if team else 0) - (1 if who else 0)
        return Columns(rest, service, age, value, team, who, (size,))
    rest = room - age - value - who - shown * (_EXTRA + 1) - (5 if who else 4)
    team = max(11, min(24, rest * 32 // 100))
    service = max(9, min(24, rest * 24 // 100))
    return Columns(rest - team - service, service, age, value, team, who, (_EXTRA,) * shown)


_TAKERS = ("name", "service", "team", "who")
"""Columns that are given room where their texts would be cut, in this order."""
_GIVERS = ("who", "value", "age", "name", "service", "team")
"""Columns that give up what none of their texts needs, in this order."""
_LEAST = {"who": 3, "value": 4, "age": 3, "name": 8, "service": 7, "team": 9}
"""What a column keeps, whatever stands in it."""


def fitted(plan: Columns, rows: Sequence[AlertRow], times: str = "×") -> Columns:
    """Return a plan in which what some columns do not need went to those whose texts would be cut.

    Where that is not enough, the names and then the services are still told apart at the cost of the teams: the drill
    names the owner.

    Args:
        plan: The plan for rows of any kind.
        rows: The rows that are seen.
        times: The sign before a count.
    """
    needs = dict.fromkeys(_LEAST, 0)
    alone = plan.team + (1 + plan.who if plan.who else 0)
    for row in rows:
        behind = row.who or row.note
        needs["name"] = max(needs["name"], width(_full_name(row, times)))
        needs["service"] = max(needs["service"], width(row.service))
        needs["value"] = max(needs["value"], width(row.value))
        if row.value or row.state is not State.RESOLVED:
            needs["age"] = max(needs["age"], width(row.age))
        else:  # how long it lasted stands in both columns
            needs["value"] = max(needs["value"], width(row.age) - 1 - _LEAST["age"])
        needs["who"] = max(needs["who"], width(behind))
        if behind or width(row.team) > alone:
            needs["team"] = max(needs["team"], width(row.team))
    sizes = {field.name: getattr(plan, field.name) for field in fields(plan)}
    extra = tuple(_widened(plan, place, rows, sizes, needs) for place in range(len(plan.extra)))
    for taker in _TAKERS:
        if not sizes[taker]:
            continue
        for giver in _GIVERS:
            missing = needs[taker] - sizes[taker]
            if missing > 0 and giver != taker:
                spare = sizes[giver] - max(_LEAST[giver], needs[giver])
                _move(sizes, giver, taker, min(missing, spare))
        if taker in {"name", "service"}:
            _move(sizes, "team", taker, min(needs[taker] - sizes[taker], sizes["team"] - _LEAST["team"]))
    return replace(plan, **{name: sizes[name] for name in _LEAST}, extra=extra)


def _widened(
    plan: Columns, place: int, rows: Sequence[AlertRow], sizes: dict[str, int], needs: Mapping[str, int]
) -> int:
    """Return the width of an extra column whose texts are told apart, and take or give back what that is more or less.

    What others do not need goes first, then what the teams have, then the names down to a readable rest.
    """
    wanted = max((width(row.extra[place]) for row in rows if place < len(row.extra)), default=0)
    missing = max(_LEAST_EXTRA, min(_WIDEST, wanted)) - plan.extra[place]
    sizes["name"] -= min(0, missing)
    found = plan.extra[place] + min(0, missing)
    for giver, least in ((name, max(_LEAST[name], needs[name])) for name in _GIVERS):
        taken = max(0, min(missing, sizes[giver] - least))
        sizes[giver], found, missing = sizes[giver] - taken, found + taken, missing - taken
    for giver, least in (("team", _LEAST["team"]), ("name", _NAME)):
        taken = max(0, min(missing, sizes[giver] - least))
        sizes[giver], found, missing = sizes[giver] - taken, found + taken, missing - taken
    return found


def _move(sizes: dict[str, int], giver: str, taker: str, cells: int) -> None:
    if cells > 0:
        sizes[giver] -= cells
        sizes[taker] += cells


def _count(row: AlertRow, times: str) -> str:
    return f"{times}{row.count:,}" if row.count > 1 else ""


def _full_name(row: AlertRow, times: str) -> str:
    count = _count(row, times)
    return "  " * row.depth + (f"{row.name} {count}" if count else row.name)


_STATES = {
    State.FIRING: "firing",
    State.PENDING: "pending",
    State.SILENCED: "silenced",
    State.INHIBITED: "inhibited",
    State.RESOLVED: "resolved",
    State.LOST: "lost",
}
_QUIET = {State.SILENCED, State.INHIBITED, State.RESOLVED}


def _glyph(row: AlertRow, glyphs: Glyphs) -> str:
    if row.flapping and row.state is State.FIRING:
        return glyphs.flapping
    if row.state is State.FIRING and row.role is Role.WARNING:
        return glyphs.warning
    return str(getattr(glyphs, _STATES[row.state]))


def paint_alert_row(row: AlertRow, plan: Columns, glyphs: Glyphs, *, cursor: bool = False) -> Line:
    """Return one row of the alert list.

    Args:
        row: What it says.
        plan: Widths of the columns.
        glyphs: The glyph set.
        cursor: Whether the cursor stands on it.
    """
    mark = glyphs.cursor if cursor else glyphs.new if row.new else " "
    quiet = row.state in _QUIET
    text = Role.DIM if quiet else Role.PLAIN
    who, who_role = (row.who, Role.PERSON) if row.who else (row.note, Role.DIM)
    name = _full_name(row, glyphs.times)
    cells = [
        Cell(name, plan.name, text if row.depth or quiet else Role.STRONG, keep=width(_count(row, glyphs.times))),
        Cell(row.service, plan.service, text),
        Cell(row.age, plan.age, text),
        Cell(row.value, plan.value, text),
        *(Cell(value, size, Role.DIM) for value, size in zip(row.extra, plan.extra, strict=False)),
        Cell(row.team, plan.team, Role.DIM),
        Cell(who, plan.who, who_role),
    ]
    front = (
        Span(mark, Role.KEY),
        Span(_glyph(row, glyphs), row.role),
        Span(glyphs.marked if row.marked else " ", Role.KEY),
        Span(f"{row.priority:<3} ", row.role if row.priority else Role.PLAIN),
    )
    return front + lay([cell for cell in cells if cell.cells > 0], glyphs.ellipsis)
