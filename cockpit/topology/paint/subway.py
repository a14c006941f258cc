"""The subway view: one row a service, one lane a callee, callers branching onto it, and its figures right of the lanes."""

from cockpit.model.drawing import UNICODE, Drawing, Glyphs, Line, Role, Span
from cockpit.model.sights import Sights
from cockpit.text import cut
from cockpit.text import width as width_of
from cockpit.topology.focus import Focus
from cockpit.topology.graph import Topology
from cockpit.topology.paint.below import paint_below
from cockpit.topology.paint.marks import fails, fires, mark
from cockpit.topology.paint.subway_lanes import LaneRow, Layout, lay_lanes
from cockpit.topology.paint.subway_told import Told, widest_count
from cockpit.topology.paint.subway_words import GAP, LEAST, Words

_GAP = 1
"""Cells between lanes and names."""

_NAMES = (14, 10, LEAST)
"""Cells that names should have before badges get more, tried in turns."""

_NARROWEST = 40
"""From so many columns on everything has its place; what is narrower is cut."""


def paint_subway(
    topology: Topology,
    focus: Focus,
    width: int,
    height: int | None,
    glyphs: Glyphs,
    sights: Sights,
    *,
    selected: str = "",
    first_row: int = 0,
) -> Drawing:
    """Return the services of a focus, callers over callees, with the lanes of their calls.

    A lane (`│`, heavy where a call on it fails) leads down to exactly one service, at its foot. A row's own line
    branches onto lanes (`├ ┤ ┼` where one comes from further up, `╭ ╮ ┬` where it begins) or passes under them
    (`─│─`). A call that goes up or round is a badge `↺ name`. What is not drawn is counted at both ends: `+3►` callers,
    `►+12✗1` callees, one of which fires.

    Args:
        topology: The map's graph.
        focus: What is drawn of it.
        width: Cells that there are; no row takes more.
        height: Rows that there are; null means as many as it takes.
        glyphs: The glyph set.
        sights: What is known of services and hops.
        selected: The service under the cursor; its lines are drawn last.
        first_row: The row of the whole drawing that comes first.
    """
    cells = max(1, width)
    layout = layout_of(topology, focus, cells)
    lanes = 2 * layout.columns - 1
    room = cells - lanes - _GAP
    told = Told(focus, glyphs, layout.rows, tuple(room - GAP - name for name in _NAMES))
    words = Words(topology, sights, glyphs, told.spans, room, selected)
    painter = _Painter(layout, sights, glyphs, selected)
    under = paint_below(topology, focus, cells, glyphs, sights, selected=selected)
    total = len(layout.rows) + len(under.lines)
    first = max(0, first_row)
    last = total if height is None else min(total, first + max(0, height))
    lines: list[Line] = []
    names: list[tuple[int, int, int, str]] = []
    chosen: int | None = None
    for number in range(first, last):
        if number >= len(layout.rows):
            lines.append(under.lines[number - len(layout.rows)])
            continue
        service = layout.rows[number].service
        role = Role.PLAIN
        if service == selected:
            role, chosen = Role.SELECTED, number - first
        elif fires(sights.states, service) or service == focus.centre:
            role = Role.STRONG
        begin = lanes + _GAP
        beside = words.line(service, role)
        line = (*painter.lanes(number), Span(" " * _GAP), *(span for span in beside if span.text))
        lines.append(line if cells >= _NARROWEST else _cropped(line, cells))
        names.append((number - first, begin, width_of(beside[0].text), service))
    beneath = len(layout.rows) - first
    names += [(row + beneath, cell, size, name) for row, cell, size, name in under.names if row + beneath < len(lines)]
    if under.selected is not None and first <= under.selected + len(layout.rows) < last:
        chosen = under.selected + beneath
    return Drawing(tuple(lines), chosen, tuple(names))


def rows_of(topology: Topology, focus: Focus, width: int) -> tuple[str, ...]:
    """Return the services of a focus in the order of their rows, for a cursor that moves down and up."""
    return tuple(row.service for row in layout_of(topology, focus, max(1, width)).rows)


def layout_of(topology: Topology, focus: Focus, width: int) -> Layout:
    """Return where services and lanes stand; it does not depend on health, so that rows stay where they are."""
    known = [name for name in focus.services if name in topology]
    order = topology.places
    services = tuple(sorted(known, key=order.__getitem__))
    place = {name: number for number, name in enumerate(services)}
    hops = tuple(sorted(focus.hops, key=lambda hop: (place[hop[0]], place[hop[1]])))
    chain = topology.chain(focus.centre)
    steps = tuple(dict.fromkeys(step.service for step in chain.steps if step.service in place)) if chain.journey else ()
    entries = tuple(name for name in topology.map.entry if name in place)
    spare = (width - LEAST - widest_count(focus, UNICODE) - _SPARE) // 2 - 2
    return lay_lanes(services, hops, steps, entries, max(1, min(spare, width // 4, len(services))))


_SPARE = 9
"""Cells kept for gaps, and for counts of calls that find no lane."""


class _Painter:
    """Draws lanes, row by row."""

    def __init__(self, layout: Layout, sights: Sights, glyphs: Glyphs, selected: str) -> None:
        self._layout = layout
        self._sights = sights
        self._glyphs = glyphs
        self._selected = selected
        rows = layout.rows
        self._heavy: dict[str, int] = {}
        self._chosen: dict[str, int] = {}
        self._fails: set[tuple[str, str]] = set()
        for callee, callers in layout.callers.items():
            for number in callers:
                caller = rows[number].service
                if fails(sights, caller, callee):
                    self._fails.add((caller, callee))
                    self._heavy.setdefault(callee, number)
                if selected in (caller, callee):
                    self._chosen.setdefault(callee, number)

    def lanes(self, number: int) -> list[Span]:
        """Return a row's lanes with the glyph of its service."""
        row = self._layout.rows[number]
        glyphs = self._glyphs
        cells = [" "] * (2 * self._layout.columns - 1)
        roles = [Role.PLAIN] * len(cells)
        for column, callee in row.through.items():
            heavy = self._heavy.get(callee, number) < number
            cells[2 * column] = glyphs.heavy_vertical if heavy else glyphs.vertical
            roles[2 * column] = self._role(heavy=heavy, chosen=self._chosen.get(callee, number) < number)
        for side in (sorted(one for one in row.joints if one > row.column), _down(row)):
            if side:
                self._branch(row, number, side, cells, roles)
        glyph = mark(self._sights.states, row.service, glyphs)
        cells[2 * row.column], roles[2 * row.column] = glyph.text, glyph.role
        return _runs(cells, roles)

    def _branch(self, row: LaneRow, number: int, side: list[int], cells: list[str], roles: list[Role]) -> None:
        """Draw a row's line to one side, over the lanes that it ends at, from the service outwards."""
        glyphs = self._glyphs
        service = row.service
        step = 1 if side[0] > row.column else -1
        hops = {column: (service, row.joints[column][0]) for column in side}
        last_heavy = max((column * step for column, hop in hops.items() if hop in self._fails), default=None)
        mine = [column * step for column, hop in hops.items() if self._selected in hop]
        last_mine = max(mine, default=None)
        for column in range(row.column + step, side[-1] + step, step):
            heavy = last_heavy is not None and column * step <= last_heavy
            chosen = last_mine is not None and column * step <= last_mine
            line = glyphs.heavy if heavy else glyphs.horizontal
            role = self._role(heavy=heavy, chosen=chosen)
            cells[2 * column - step], roles[2 * column - step] = line, role
            if column not in hops:
                if cells[2 * column] == " " or (chosen and self._yields(number, column, row.through[column], heavy)):
                    cells[2 * column], roles[2 * column] = line, role
                continue
            hop = hops[column]
            fails_here = hop in self._fails
            cells[2 * column] = self._joint(
                begins=row.joints[column][1], right=step > 0, ends=column == side[-1], heavy=fails_here
            )
            roles[2 * column] = self._role(heavy=fails_here, chosen=self._selected in hop)

    def _joint(self, *, begins: bool, right: bool, ends: bool, heavy: bool) -> str:
        glyphs = self._glyphs
        corners, tees = (glyphs.heavy_corners, glyphs.heavy_tees) if heavy else (glyphs.corners, glyphs.tees)
        if ends:
            return (corners[1] if right else corners[0]) if begins else (tees[1] if right else tees[0])
        return tees[2] if begins else tees[4]

    def _yields(self, number: int, column: int, callee: str, heavy: bool) -> bool:
        """Tell whether a lane may be drawn over: it is seen right above, and no light line hides a heavy one."""
        if not number or self._layout.rows[number - 1].column == column:
            return False
        return heavy or self._heavy.get(callee, number) >= number

    @staticmethod
    def _role(*, heavy: bool, chosen: bool) -> Role:
        if heavy:
            return Role.FIRING
        return Role.FOCUS if chosen else Role.DIM


def _down(row: LaneRow) -> list[int]:
    return sorted((one for one in row.joints if one < row.column), reverse=True)


def _cropped(line: Line, cells: int) -> Line:
    spans: list[Span] = []
    for span in line:
        text = cut(span.text, cells, "")
        cells -= width_of(text)
        if text:
            spans.append(Span(text, span.role))
        if text != span.text:
            break
    return tuple(spans)


def _runs(cells: list[str], roles: list[Role]) -> list[Span]:
    """Return cells as few spans; blank ones take the role beside them."""
    spans: list[Span] = []
    begin, role = 0, roles[0]
    for place, cell in enumerate(cells):
        if cell != " " and roles[place] is not role:
            if begin < place:
                spans.append(Span("".join(cells[begin:place]), role))
            begin, role = place, roles[place]
    spans.append(Span("".join(cells[begin:]), role))
    return spans
