"""The overview: how many services of each team do badly, by how many calls they are away from an entry point."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from cockpit.model.drawing import Drawing, Glyphs, Role, Span
from cockpit.model.sights import Sights
from cockpit.text import cut
from cockpit.text import width as width_of
from cockpit.topology.graph import Topology
from cockpit.topology.overview import NONE, Cell, Grid, Tally, grid_of, name_cell, read_cell
from cockpit.topology.paint.canvas import Canvas
from cockpit.topology.paint.marks import States, fires, mark
from cockpit.topology.paint.overview_layout import SHORTEST, Column, Layout, headings, lay_out, marks, said
from cockpit.topology.paint.overview_names import Named, lay_out_names
from cockpit.topology.paint.shorten import shorten

_NO_OWNER = "no owner"
_LONGEST_TEAM = 26
_SHORTEST_TEAM = 8
_LONGEST_ISLAND = 28
_ISLANDS_FROM = 5
_HEADS_FROM = 4


@dataclass(frozen=True, slots=True)
class _Page:
    """The teams that are seen."""

    first: int
    last: int
    """Behind the last one."""
    above: bool
    """Whether the ones above are counted on a row of their own."""
    below: bool
    """Whether the other ones are."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What the painting of a grid is made from."""

    canvas: Canvas
    grid: Grid
    layout: Layout
    glyphs: Glyphs
    sights: Sights
    chosen: tuple[str, int, int | None] | None
    left: int
    """Cells of the teams."""

    def chooses(self, team: str, column: Column) -> bool:
        """Tell whether the selection is this cell."""
        return self.chosen is not None and self.chosen[0] == team and column.holds(self.chosen[1], self.chosen[2])


def paint_overview(
    topology: Topology, width: int, height: int | None, glyphs: Glyphs, sights: Sights, *, selected: str = ""
) -> Drawing:
    """Return the map as a grid of team by distance from the entry points, the worst team first.

    Every service is counted in exactly one cell, or in the lines that count the teams for which there is no row. A
    small map shows names instead of counts. Each cell is named in the drawing (`team|3`, `team|6+`,
    `team|unreached`); a line of hidden teams bears the names of the cells of the next team, which is shown when
    one of them is selected.

    Args:
        topology: The map's graph.
        width: Cells that there are; no row takes more.
        height: Rows that there are; null means as many as it takes.
        glyphs: The glyph set.
        sights: What is known of the services.
        selected: The name of a cell.
    """
    cells = max(1, width)
    grid = _grid(topology, sights.states)
    longest = max((width_of(team or _NO_OWNER) + 2 for team in grid.rows), default=0)
    longest = min(max(_SHORTEST_TEAM, longest), _LONGEST_TEAM)
    left = min(longest, max(_SHORTEST_TEAM, cells * 3 // 10))
    islands = bool(sights.unmapped) and (height is None or height >= _ISLANDS_FROM)
    heads = height is None or height >= _HEADS_FROM
    rows = None if height is None else max(0, height - 1 - heads - islands)
    names = lay_out_names(topology, grid, cells - left, rows, glyphs, sights)
    page = _page(tuple(grid.rows), selected, None if names is not None else rows)
    body = names.rows if names is not None else page.last - page.first + page.above + page.below
    if names is not None:
        layout = names.layout
    else:
        layout = lay_out(grid, cells - left, glyphs, sights.states, wish=longest - left)
        left += layout.spared
    canvas = Canvas(cells, 1 + heads + body + islands)
    sheet = _Sheet(canvas, grid, layout, glyphs, sights, read_cell(selected), left)
    _title(sheet)
    if heads:
        _heads(sheet)
    if names is not None:
        _paint_names(sheet, names, 1 + heads)
    else:
        _paint_counts(sheet, page, 1 + heads)
    if islands:
        _paint_islands(sheet, canvas.rows - 1)
    return canvas.drawing()


_kept: deque[tuple[Topology, States, Grid]] = deque(maxlen=1)


def _grid(topology: Topology, states: States) -> Grid:
    """Return the grid, the last one again where nothing became known since: a cursor's step asks for the same."""
    for known, seen, grid in tuple(_kept):
        if known is topology and seen is states:
            return grid
    grid = grid_of(topology, states)
    _kept.append((topology, states, grid))
    return grid


def _page(teams: Sequence[str], selected: str, rows: int | None) -> _Page:
    """Return the rows that are seen: from the worst team on, or further down by half a page until the chosen one is."""
    total = len(teams)
    if rows is None or total <= rows:
        return _Page(0, total, above=False, below=False)
    chosen = read_cell(selected)
    index = teams.index(chosen[0]) if chosen is not None and chosen[0] in teams else 0
    if rows < _HEADS_FROM:
        return _Page(index, min(total, index + max(rows - 1, min(rows, 1))), above=False, below=rows > 1)
    if index < rows - 1:
        return _Page(0, rows - 1, above=False, below=True)
    half = (rows - 2) // 2
    first = ((index - (rows - 2)) // half + 1) * half
    if first + rows - 1 >= total:
        return _Page(total - rows + 1, total, above=True, below=False)
    return _Page(first, first + rows - 2, above=True, below=True)


def _title(sheet: _Sheet) -> None:
    """Say on the first row how all services do."""
    total, glyphs = sheet.grid.total, sheet.glyphs
    unmapped = sheet.sights.unmapped
    lost = sum(fires(sheet.sights.states, name) for name in unmapped)
    told = [
        (total.firing, glyphs.firing, "firing", Role.FIRING),
        (total.warning, glyphs.warning, "warning", Role.WARNING),
        (total.no_traffic, glyphs.no_traffic, "no traffic", Role.WARNING),
        (total.unknown, glyphs.unknown, "not watched", Role.UNKNOWN),
        (total.services - total.firing - total.poor - total.unknown, glyphs.fine, "fine", Role.DIM),
    ]
    beside = f"{len(unmapped):,} not in map{f', {lost:,} firing' if lost else ''}"
    loud = [Span(beside, Role.FIRING if lost else Role.DIM)] if unmapped else []
    near = [Span(f"+{len(unmapped)}{glyphs.firing if lost else ''}", span.role) for span in loud]
    services = Span(_count(total.services, "service"), Role.STRONG)
    teams = Span(f" of {_count(len(sheet.grid.rows), 'team')}", Role.DIM)
    words = [Span(f"{glyph} {count:,} {word}", role) for count, glyph, word, role in told if count]
    long, worse = _spread([*words, *loud]), _spread([*(one for one in words if one.role is not Role.DIM), *loud])
    short = _spread([*(Span(f"{glyph}{count}", role) for count, glyph, _, role in told if count), *near])
    bare = _spread([*(Span(f"{glyph}{count}", role) for count, glyph, _, role in told[:1] if count), *near])
    choices = (
        [services, teams, *long],
        [services, *long],
        [services, *worse],
        [services, *short],
        [Span(str(total.services), Role.STRONG), *short],
        [Span(str(total.services), Role.STRONG), *bare],
    )
    fitting = (one for one in choices if sum(width_of(span.text) for span in one) <= sheet.canvas.cells)
    at = 0
    for span in next(fitting, choices[-1]):
        at = sheet.canvas.put(0, at, span.text, span.role)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s'[: number != 1]}"


def _spread(spans: Sequence[Span]) -> list[Span]:
    return [piece for span in spans for piece in (Span("  "), span)]


def _heads(sheet: _Sheet) -> None:
    """Put the teams' and each column's heading."""
    sheet.canvas.put(1, 2, "team", Role.DIM)
    for column in sheet.layout.columns:
        choices = headings(column)
        text = next((one for one in choices if width_of(one) <= column.cells), choices[-1])
        sheet.canvas.put(1, sheet.left + column.at, cut(text, column.cells, ""), Role.DIM)


def _paint_counts(sheet: _Sheet, page: _Page, top: int) -> None:
    """Put a row for each team that is seen, and the counts of the others."""
    teams = tuple(sheet.grid.rows)
    row = top
    if page.above:
        _hidden(sheet, row, teams[: page.first], teams[page.first - 1], "above")
        row += 1
    seen = teams[page.first : page.last]
    _teams(sheet, list(enumerate(seen, row)))
    worst = _worst(sheet, seen)
    for number, team in enumerate(seen, row):
        for column in sheet.layout.columns:
            cell = sheet.layout.cells.get((team, column.first))
            if cell is not None:
                _cell(sheet, number, team, column, cell, worst.get((team, column.first)))
    if page.below:
        hidden = teams[page.last :] if page.above else (*teams[: page.first], *teams[page.last :])
        _hidden(sheet, row + len(seen), hidden, teams[page.last % len(teams)], "")


def _teams(sheet: _Sheet, rows: Sequence[tuple[int, str]]) -> None:
    """Put the teams' names with the glyph of their worst service."""
    texts = shorten([(team or _NO_OWNER, sheet.left - 2) for _, team in rows], sheet.glyphs.ellipsis)
    for row, team in rows:
        tally = sheet.grid.rows[team]
        glyph = _glyph(tally, sheet.glyphs)
        role = Role.STRONG if tally.firing else Role.DIM if tally.calm or not team else Role.PLAIN
        sheet.canvas.put(row, 0, glyph.text, glyph.role)
        sheet.canvas.put(row, 2, texts.get((team or _NO_OWNER, sheet.left - 2), ""), role)


def _glyph(tally: Tally, glyphs: Glyphs) -> Span:
    """Return the glyph of the worst that is counted."""
    if tally.firing:
        return Span(glyphs.firing, Role.FIRING)
    if tally.poor:
        return Span(glyphs.warning if tally.warning else glyphs.no_traffic, Role.WARNING)
    return Span(glyphs.unknown, Role.UNKNOWN) if tally.unknown else Span(glyphs.fine, Role.FINE)


def _worst(sheet: _Sheet, teams: Sequence[str]) -> dict[tuple[str, int], str]:
    """Return the name of the worst service where there is room behind a cell's marks, by team and first distance."""
    places: dict[tuple[str, int], tuple[str, int]] = {}
    for team in teams:
        for column in sheet.layout.columns:
            cell = sheet.layout.cells.get((team, column.first))
            if cell is None or (cell.tally.calm and cell.tally.services > 1):
                continue
            room = column.cells - column.digits - 1 - said(marks(cell.tally, sheet.glyphs, sheet.layout.marks))
            whole = width_of(cell.worst)
            if room >= (whole if cell.tally.calm else min(whole, SHORTEST)):
                places[team, column.first] = cell.worst, room
    texts = shorten(places.values(), sheet.glyphs.ellipsis)
    return {key: texts[place] for key, place in places.items()}


def _cell(sheet: _Sheet, row: int, team: str, column: Column, cell: Cell, worst: str | None) -> None:
    """Put one cell: its count, what is wrong in it, and the worst service's name."""
    canvas, at, tally = sheet.canvas, sheet.left + column.at, cell.tally
    chosen = sheet.chooses(team, column)
    if chosen:
        canvas.put(row, at - 1, sheet.glyphs.cursor, Role.SELECTED)
    role = Role.STRONG if tally.firing else Role.DIM if tally.calm else Role.PLAIN
    end = canvas.put(row, at, f"{tally.services:>{column.digits}}", Role.SELECTED if chosen else role)
    for span in marks(tally, sheet.glyphs, sheet.layout.marks):
        end = canvas.put(row, end + 1, span.text, span.role)
    if worst:
        end = canvas.put(row, end + 1, worst, Role.DIM if tally.calm else Role.PLAIN)
    canvas.name(row, at, end - at, name_cell(team, column.first, column.last), selected=chosen)


def _hidden(sheet: _Sheet, row: int, teams: Sequence[str], following: str, where: str) -> None:
    """Count the teams for which there is no row; the line bears the names of the next one's cells."""
    tally = sum((sheet.grid.rows[team] for team in teams), NONE)
    parts = [f"+{_count(len(teams), 'team')} {where}".rstrip()]
    parts += [f"{tally.firing:,} firing"] if tally.firing else []
    parts.append(_count(tally.services, "service"))
    parts += [f"{tally.warning:,} warning"] if tally.warning else []
    parts += [f"{tally.no_traffic:,} without traffic"] if tally.no_traffic else []
    while len(parts) > 1 + bool(tally.firing) and width_of(", ".join(parts)) > sheet.canvas.cells:
        parts.pop()
    text = cut(", ".join(parts), sheet.canvas.cells, sheet.glyphs.ellipsis)
    sheet.canvas.put(row, 0, text, Role.FIRING if tally.firing else Role.DIM)
    for column in sheet.layout.columns:
        if (following, column.first) in sheet.layout.cells:
            name = name_cell(following, column.first, column.last)
            sheet.canvas.name(row, sheet.left + column.at, column.cells, name)


def _paint_names(sheet: _Sheet, names: Named, top: int) -> None:
    """Put every service by its name, each team as high as its fullest cell."""
    row = top
    rows: list[tuple[int, str]] = []
    for team in sheet.grid.rows:
        rows.append((row, team))
        high = 1
        for column in sheet.layout.columns:
            lines = names.lines.get((team, column.first), ())
            if not lines:
                continue
            chosen = sheet.chooses(team, column)
            at = sheet.left + column.at
            if chosen:
                sheet.canvas.put(row, at - 1, sheet.glyphs.cursor, Role.SELECTED)
            for number, spans in enumerate(lines, row):
                end = at
                for place, span in enumerate(spans):
                    role = Role.SELECTED if chosen and place == 1 else span.role
                    end = sheet.canvas.put(number, end + (place > 0), span.text, role)
            name = name_cell(team, column.first, column.last)
            sheet.canvas.name(row, at, column.cells, name, selected=chosen)
            high = max(high, len(lines))
        row += high
    _teams(sheet, rows)


def _paint_islands(sheet: _Sheet, row: int) -> None:
    """Put the services that the map does not know, as many as fit; the others are counted."""
    canvas, states, unmapped = sheet.canvas, sheet.sights.states, sheet.sights.unmapped
    at = canvas.put(row, 0, "not in map:" if canvas.cells >= 40 else "+", Role.DIM) + 1
    texts = shorten([(name, _LONGEST_ISLAND) for name in unmapped[: canvas.cells]], sheet.glyphs.ellipsis)
    for number, name in enumerate(unmapped):
        rest = unmapped[number + 1 :]
        loud = any(fires(states, one) for one in rest)
        behind = f"+{len(rest)}{sheet.glyphs.firing if loud else ''}" if rest else ""
        text = texts.get((name, _LONGEST_ISLAND), "")
        if not text or at + 2 + width_of(text) + (2 + len(behind) if behind else 0) > canvas.cells:
            left = unmapped[number:]
            loud = any(fires(states, one) for one in left)
            canvas.put(row, at, f"+{len(left)}{sheet.glyphs.firing if loud else ''}", Role.FIRING if loud else Role.DIM)
            return
        glyph = mark(states, name, sheet.glyphs)
        end = canvas.put(row, at, glyph.text, glyph.role)
        end = canvas.put(row, end + 1, text)
        canvas.name(row, at, end - at, name)
        at = end + 2
