"""How the overview shares out its cells: which distances stand in one column, and what a cell has room to say."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cockpit.model.drawing import Glyphs, Role, Span
from cockpit.model.health import ServiceHealth
from cockpit.text import width
from cockpit.topology.overview import APART, Cell, Grid, Tally, together

GAP = 2
"""Cells in front of each column; the cursor stands in the second one."""

_FEWEST = 6
"""Columns that are kept apart before a cell says less."""

_LEVELS = (3, 2, 1)
"""How many of a cell's marks are shown: firing always, then warning, then not watched."""

_LONGEST = 24
"""Cells of the longest name in a cell of counts."""

SHORTEST = 12
"""Cells of the shortest name that is cut; a shorter piece of it tells nothing."""


@dataclass(frozen=True, slots=True)
class Column:
    """One or more distances that stand in one column."""

    first: int
    last: int
    """The same as the first; or the deepest of all, which are together here."""
    digits: int
    """Cells of the largest count."""
    cells: int
    """What it takes."""
    at: int = 0
    """Where it begins."""

    def holds(self, first: int, last: int | None) -> bool:
        """Tell whether a cell of these distances stands here."""
        if APART in {first, self.first}:
            return self.first == first
        return self.first <= first <= self.last or (last is None and first <= self.first)


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns, and how much their cells say."""

    columns: tuple[Column, ...]
    cells: Mapping[tuple[str, int], Cell]
    """By team and a column's first distance."""
    marks: int
    """How many marks a cell shows."""
    spared: int = 0
    """Cells of the room that go to the teams' names, in front of the columns."""


def marks(tally: Tally, glyphs: Glyphs, shown: int) -> tuple[Span, ...]:
    """Return what is wrong in a cell, the worst first, each as a glyph and a count."""
    poor = glyphs.warning if tally.warning or glyphs.ascii else glyphs.no_traffic
    found = (
        (tally.firing, glyphs.firing, Role.FIRING),
        (tally.poor, poor, Role.WARNING),
        (tally.unknown, glyphs.unknown, Role.UNKNOWN),
    )
    return tuple(Span(f"{glyph}{count}", role) for count, glyph, role in found[:shown] if count)


_laid: deque[tuple[Grid, tuple[object, ...], Layout]] = deque(maxlen=1)


def lay_out(grid: Grid, room: int, glyphs: Glyphs, states: Mapping[str, ServiceHealth], *, wish: int = 0) -> Layout:
    """Return columns of counts that fit: every distance its own where there is room, else the deepest together.

    The last layout is kept: a cursor's step asks for the same again.

    Args:
        grid: What is shown.
        room: The cells behind the teams' names.
        glyphs: The glyph set.
        states: Health by service, for the names of the worst.
        wish: Cells that the teams' names would like to have of that room, where it is left over.
    """
    asked = (room, glyphs, wish)
    for known, what, layout in tuple(_laid):
        if known is grid and what == asked:
            return layout
    layout = _lay_out(grid, room, glyphs, states, wish)
    _laid.append((grid, asked, layout))
    return layout


def _lay_out(grid: Grid, room: int, glyphs: Glyphs, states: Mapping[str, ServiceHealth], wish: int) -> Layout:
    watched = grid.total.unknown < grid.total.services
    levels = _LEVELS if watched else _LEVELS[1:]
    many = min(grid.deepest, _FEWEST - 2)
    tries = [(deepest, shown) for shown in levels for deepest in range(grid.deepest, many, -1)]
    tries += [(deepest, shown) for deepest in range(many, -1, -1) for shown in levels]
    sizes = _Sizes(grid)
    columns: tuple[Column, ...] = ()
    deepest, shown = grid.deepest, 1
    for deepest, shown in tries or [(grid.deepest, 1)]:
        columns = sizes.columns(deepest, shown)
        if _total(columns) <= room:
            break
    cells = together(grid, deepest, states)
    spared = max(0, min(wish, room - _total(columns)))
    return Layout(_place(_widen(cells, columns, room - spared, glyphs, shown)), cells, shown, spared)


def ranges(grid: Grid, deepest: int) -> list[tuple[int, int]]:
    """Return the distances of each column, the last of them holding all that is deeper."""
    found = [(at, at) for at in range(deepest)]
    if grid.deepest >= 0:
        found.append((deepest, grid.deepest))
    if any(distance == APART for _, distance in grid.cells):
        found.append((APART, APART))
    return found


class _Sizes:
    """The cells that each column needs: for every distance alone, and for all from it on together."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._alone: dict[int, list[int]] = {}
        self._deeper: dict[int, list[int]] = {}
        rows: dict[str, Tally] = {}
        before = [1, 0, 0, 0]
        by_distance: dict[int, list[tuple[str, Tally]]] = {}
        for (team, distance), cell in grid.cells.items():
            by_distance.setdefault(distance, []).append((team, cell.tally))
        for distance in range(grid.deepest, APART - 1, -1):
            alone = [1, 0, 0, 0]
            deeper = list(before)
            for team, tally in by_distance.get(distance, ()):
                rows[team] = rows[team] + tally if team in rows else tally
                _grow(alone, tally)
                _grow(deeper, rows[team])
            self._alone[distance] = alone
            self._deeper[distance] = before = deeper

    def columns(self, deepest: int, shown: int) -> tuple[Column, ...]:
        """Return the columns where all from a distance on stand together, and so many marks are shown."""
        found: list[Column] = []
        for first, last in ranges(self._grid, deepest):
            size = (self._alone if first == last else self._deeper)[first]
            found.append(Column(first, last, size[0], size[0] + size[shown]))
        return tuple(found)


def _grow(size: list[int], tally: Tally) -> None:
    """Let a size hold a cell: the count's digits, and the cells of one, two and three marks."""
    size[0] = max(size[0], len(str(tally.services)))
    taken = 0
    for place, count in enumerate((tally.firing, tally.poor, tally.unknown), 1):
        taken += 2 + len(str(count)) if count else 0
        size[place] = max(size[place], taken)


def said(spans: Sequence[Span]) -> int:
    """Return the cells that spans take with a space in front of each."""
    return sum(1 + width(span.text) for span in spans)


def _total(columns: Sequence[Column]) -> int:
    return sum(GAP + column.cells for column in columns)


def _widen(
    cells: Mapping[tuple[str, int], Cell], columns: tuple[Column, ...], room: int, glyphs: Glyphs, shown: int
) -> tuple[Column, ...]:
    """Return the columns with what is left of the room: for headings, for firing services' names, then for others.

    A number heads a distance well enough; the first and the last column have their words before.
    Names get their room column by column, those first in which most do badly: half a name for each is none for all.
    """
    for named in (True, False):
        headed = [width(headings(one)[0]) - one.cells if (one.first < 1) is named else 0 for one in columns]
        columns = _add(columns, share_out(room - _total(columns), headed))
    for loud in (True, False):
        wishes = {one.first: (0, 0) for one in columns}
        digits = {one.first: one.digits for one in columns}
        for (_, first), cell in cells.items():
            if cell.tally.firing if loud else cell.tally.poor:
                taken = digits[first] + said(marks(cell.tally, glyphs, shown)) + 1
                taken += min(width(cell.worst), _LONGEST)
                count, wish = wishes[first]
                wishes[first] = count + 1, max(wish, taken)
        left = room - _total(columns)
        gains = [0] * len(columns)
        for place in sorted(range(len(columns)), key=lambda place: -wishes[columns[place].first][0]):
            gain = wishes[columns[place].first][1] - columns[place].cells
            if 0 < gain <= left:
                gains[place] = gain
                left -= gain
        columns = _add(columns, gains)
    return columns


def _add(columns: tuple[Column, ...], gains: Sequence[int]) -> tuple[Column, ...]:
    return tuple(replace(one, cells=one.cells + gain) for one, gain in zip(columns, gains, strict=True))


def share_out(room: int, wishes: Sequence[int]) -> list[int]:
    """Return how much of the room each gets: the same for all, none more than it wishes."""
    gains = [0] * len(wishes)
    left = [place for place, wish in enumerate(wishes) if wish > 0]
    while left and room > 0:
        each = max(1, room // len(left))
        for place in list(left):
            gain = min(each, wishes[place] - gains[place], room)
            gains[place] += gain
            room -= gain
            if gains[place] >= wishes[place]:
                left.remove(place)
    return gains


def _place(columns: Sequence[Column]) -> tuple[Column, ...]:
    at = 0
    placed: list[Column] = []
    for column in columns:
        placed.append(replace(column, at=at + GAP))
        at += GAP + column.cells
    return tuple(placed)


def headings(column: Column) -> tuple[str, ...]:
    """Return how a column can be called, the best first."""
    if column.first == APART:
        return ("unreached", "apart", "-")
    more = "+" if column.last > column.first else ""
    if column.first == 0:
        return ("all reached", "all", "all") if more else ("entry", "0")
    plural = "" if column.first == 1 and not more else "s"
    return (f"{column.first}{more} call{plural}", f"{column.first}{more}")
