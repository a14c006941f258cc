"""The tree view: callees indented under callers; what would go round or stands above already is only named."""

from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.model.drawing import Drawing, Glyphs, Role
from cockpit.text import width as width_of
from cockpit.topology.graph import Topology
from cockpit.topology.paint.canvas import Canvas
from cockpit.topology.paint.columns import Scene
from cockpit.topology.paint.marks import NOTHING, States, failing, fires, mark
from cockpit.topology.paint.shorten import shorten

_DEEPEST = 40
_SHORTEST = 8


@dataclass(frozen=True, slots=True)
class _Row:
    service: str
    caller: str | None
    lasts: tuple[bool, ...]
    """For each level, whether its branch ends here."""
    back: bool = False
    """Whether it is one of its own callers: a call that goes round."""
    again: bool = False
    """Whether its callees stand further up already."""


def paint_tree(
    topology: Topology,
    focus: str,
    width: int,
    height: int | None,
    glyphs: Glyphs,
    states: States,
    *,
    changed: Mapping[str, str] = NOTHING,
) -> Drawing:
    """Return every service under its callers, entry points first; `↺ name` is a call back to a caller.

    Args:
        topology: The map's graph.
        focus: The selected service; where not all rows fit, they are those around it.
        width: Cells that there are.
        height: Rows that there are; null means as many as it takes.
        glyphs: The glyph set.
        states: Health by service.
        changed: The age of the latest change by service, for its badge.
    """
    scene = Scene(topology, focus, states, changed, glyphs)
    rows = _rows(topology)
    shown, above, below = _part(rows, focus, height)
    canvas = Canvas(max(1, width), len(shown) + bool(above) + bool(below))
    places = [(row.service, _room(row, canvas.cells, scene)) for row in shown]
    texts = shorten(places, glyphs.ellipsis)
    for number, row in enumerate(shown):
        _paint(canvas, scene, row, number + bool(above), texts.get(places[number], ""))
    if above:
        canvas.put(0, 0, _count(scene, above, shown), Role.DIM)
    if below:
        canvas.put(canvas.rows - 1, 0, _count(scene, below, shown), Role.DIM)
    return canvas.drawing()


def _rows(topology: Topology) -> list[_Row]:
    """Return the whole tree, each service's callees written out once."""
    services = topology.map.services
    roots = [
        *topology.map.entry,
        *(name for name in services if not topology.callers(name) and not topology.hosted(name)),
    ]
    rows: list[_Row] = []
    done: set[str] = set()
    for root in (*dict.fromkeys(roots), *services):
        if root in done:
            continue
        stack: list[tuple[str, tuple[str, ...], tuple[bool, ...]]] = [(root, (), ())]
        while stack:
            name, path, lasts = stack.pop()
            caller = path[-1] if path else None
            callees = topology.callees(name)
            back = name in path
            again = not back and name in done and bool(callees)
            rows.append(_Row(name, caller, lasts, back, again))
            if back or again or len(path) >= _DEEPEST:
                continue
            done.add(name)
            below = [(one, (*path, name), (*lasts, one == callees[-1])) for one in callees]
            stack.extend(reversed(below))
    return rows


def _part(rows: list[_Row], focus: str, height: int | None) -> tuple[list[_Row], list[_Row], list[_Row]]:
    """Return the rows that fit around the focus, and what is left out above and below."""
    if height is None or len(rows) <= height:
        return rows, [], []
    height = max(1, height)
    at = next((place for place, row in enumerate(rows) if row.service == focus), 0)
    first = max(0, min(at - height // 2, len(rows) - height))
    last = first + height
    if height > 2:
        first += bool(first)
        last -= last < len(rows)
        return rows[first:last], rows[:first], rows[last:]
    return rows[first:last], [], []


def _room(row: _Row, cells: int, scene: Scene) -> int:
    return max(_SHORTEST, cells - _indent(row, cells) - 2 - width_of(scene.tail(row.service)))


def _indent(row: _Row, cells: int) -> int:
    """Return where a row begins; deep ones are pushed together where there is little room."""
    return min(2 * len(row.lasts), max(0, cells - _SHORTEST - 4))


def _paint(canvas: Canvas, scene: Scene, row: _Row, number: int, text: str) -> None:
    glyphs = scene.glyphs
    begin = _indent(row, canvas.cells)
    for level, last in enumerate(row.lasts[:-1]):
        if not last and 2 * level + 1 < begin - 1:
            canvas.put(number, 2 * level, glyphs.vertical, Role.FRAME)
    if row.caller is not None and begin >= 2:
        heavy = failing(scene.states, row.caller, row.service)
        corners, tees = (glyphs.heavy_corners, glyphs.heavy_tees) if heavy else (glyphs.corners, glyphs.tees)
        corner = corners[2] if row.lasts[-1] else tees[0]
        line = glyphs.heavy if heavy else glyphs.horizontal
        canvas.put(number, begin - 2, corner + line, Role.FIRING if heavy else Role.FRAME)
    glyph = mark(scene.states, row.service, glyphs)
    at = canvas.put(number, begin, glyphs.back if row.back else glyph.text, Role.DIM if row.back else glyph.role) + 1
    chosen = row.service == scene.focus
    role = Role.STRONG if fires(scene.states, row.service) else Role.DIM if row.back or row.again else Role.PLAIN
    at = canvas.put(number, at, text, Role.SELECTED if chosen else role)
    canvas.name(number, begin, at - begin, row.service, selected=chosen)
    if row.back:
        return
    tail = scene.tail(row.service).replace(glyphs.back, "")
    at = canvas.put(number, at, tail, Role.DIM)
    if row.again:
        canvas.put(number, at + 1, glyphs.ellipsis, Role.DIM)
        return
    for span in scene.note(row.service):
        if at + 1 + width_of(span.text) <= canvas.cells:
            at = canvas.put(number, at + 1, span.text, span.role)


def _count(scene: Scene, rows: list[_Row], shown: list[_Row]) -> str:
    """Return how many services are left out here and stand nowhere else, and how many of them fire."""
    hidden = {row.service for row in rows} - {row.service for row in shown}
    firing = sum(fires(scene.states, service) for service in hidden)
    return f"+{len(hidden)}{f' {scene.glyphs.firing}{firing}' if firing else ''}"
