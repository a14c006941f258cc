"""The tree view: callees under callers, or callers under callees; what stands further up already is only named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cockpit.model.drawing import Drawing, Glyphs, Role, Span
from cockpit.model.sights import Sights
from cockpit.text import cut, one_line
from cockpit.text import width as width_of
from cockpit.topology.focus import Focus, choose
from cockpit.topology.graph import Topology
from cockpit.topology.paint.below import paint_below, strangers
from cockpit.topology.paint.canvas import Canvas, beneath, crop
from cockpit.topology.paint.marks import fires, mark
from cockpit.topology.paint.notes import Notes
from cockpit.topology.paint.scene import LEAST, Scene
from cockpit.topology.paint.shorten import shorten

_DEEPEST = 40
_COUNT = 12
"""Cells kept for the count behind a name when it is asked how deep a tree may be."""
_GAP = 2
_TEAM = 20
"""Cells that a team's name may take."""
_DROPPED = (7, 8, 3, 2, 1, 6, 5, 4, 0)
"""The columns of what is known in the order in which they go for want of room: team and hop, trend, rate, latency, a
vendor's words, suspect, change, share."""


@dataclass(frozen=True, slots=True)
class _Row:
    service: str
    owner: str | None
    """Under whom it stands."""
    lasts: tuple[bool, ...]
    """For each level, whether its branch ends here."""
    back: bool = False
    """Whether it is one of those above it: a call that goes round."""
    again: bool = False
    """Whether it is written out elsewhere."""
    more: bool = False
    """Whether something is under it there."""
    calls: bool = True
    """Whether a call leads to it; else the one runs on the other."""


def paint_tree(
    topology: Topology,
    focus: Focus | str,
    width: int,
    height: int | None,
    glyphs: Glyphs,
    sights: Sights,
    *,
    selected: str = "",
    callers: bool = False,
    first_row: int | None = None,
) -> Drawing:
    """Return the focus as a tree, entry points first; `↺ name` is a call back, `name …` is written out elsewhere.

    Branches of line are calls and nothing else is; a dotted one is what a service runs on. What is not in the map, and
    what fires where no way leads, stands below; callers under callees are only what feels a failure.

    Args:
        topology: The map's graph.
        focus: What is drawn of it, or the service that it is chosen for.
        width: Cells that there are.
        height: Rows that there are; null means as many as it takes.
        glyphs: The glyph set.
        sights: What is known of services and hops.
        selected: The service under the cursor, empty for the focus' centre; where not all rows fit, they are those
            around it.
        callers: Whether callers stand under callees, beginning with the centre, instead of callees under callers.
        first_row: Where given, the rows of the whole from here are shown, instead of those around the selected one.
    """
    if first_row is not None:
        whole = paint_tree(topology, focus, width, None, glyphs, sights, selected=selected, callers=callers)
        return crop(whole, first_row, height)
    chosen = choose(topology, focus, sights.states) if isinstance(focus, str) else focus
    scene = Scene(topology, chosen, selected, sights, glyphs)
    cells = max(1, width)
    counts = scene.count(scene.services, set(chosen.hops))
    if height is not None and not callers:
        islands = strangers(topology, chosen, sights, scene.selected)
        height = max(1, height - bool(islands) - bool(chosen.elsewhere))
    rows = _rows(scene, cells, callers=callers)
    shown, above, below = _part(rows, scene.selected, height)
    canvas = Canvas(cells, len(shown) + bool(above) + bool(below))
    painter = _Painter(canvas, scene, shown, counts.texts, callers=callers)
    taken = painter.paint(int(bool(above)))
    if above:
        canvas.put(0, 0, *scene.stub(_count(scene, above, shown)))
    if below:
        canvas.put(canvas.rows - 1, 0, *scene.stub(_count(scene, below, shown)))
    drawing = canvas.drawing()
    if callers:
        return drawing
    under = paint_below(topology, chosen, cells, glyphs, sights, selected=scene.selected, taken=taken)
    return beneath(drawing, under)


def _rows(scene: Scene, cells: int, *, callers: bool) -> list[_Row]:
    """Return the whole tree, what is under each service written out once, and no deeper than there is room for."""
    under = {name: _under(scene, name, callers=callers) for name in scene.focus.services}
    owned = {below for beneath in under.values() for below, _ in beneath}
    order = [name for name in scene.topology.map.services if name in scene.services]
    begins = [scene.focus.centre] if callers else [*scene.topology.map.entry]
    roots = [name for name in begins if name in scene.services] + [name for name in order if name not in owned]
    deepest = max(0, min(_DEEPEST, (cells - 2 - LEAST - 2 - _COUNT) // 2))
    rows: list[_Row] = []
    done: set[str] = set()
    for root in (*dict.fromkeys(roots), *order):
        if root in done:
            continue
        stack: list[tuple[str, bool, tuple[str, ...], tuple[bool, ...]]] = [(root, True, (), ())]
        while stack:
            name, calls, path, lasts = stack.pop()
            beneath = under[name]
            back = name in path
            again = not back and (name in done or (len(path) >= deepest and bool(beneath) and bool(path)))
            rows.append(_Row(name, path[-1] if path else None, lasts, back, again, bool(beneath), calls))
            if back or again:
                continue
            done.add(name)
            last = len(beneath) - 1
            stack += reversed(
                [(one, leads, (*path, name), (*lasts, at == last)) for at, (one, leads) in enumerate(beneath)]
            )
    return rows


def _under(scene: Scene, name: str, *, callers: bool) -> list[tuple[str, bool]]:
    """Return what stands under a service: calls first, then what it runs on, or what runs on it."""
    calls = (scene.callers if callers else scene.callees)[name]
    hosts = scene.topology.hosted(name) if callers else scene.topology.runs_on(name)
    loose = [one for one in dict.fromkeys(hosts) if one in scene.services and one not in calls and one != name]
    return [*((one, True) for one in calls), *((one, False) for one in loose)]


def _part(rows: list[_Row], selected: str, height: int | None) -> tuple[list[_Row], list[_Row], list[_Row]]:
    """Return the rows that fit around the selected one, and what is left out above and below."""
    if height is None or len(rows) <= height:
        return rows, [], []
    height = max(1, height)
    at = next((place for place, row in enumerate(rows) if row.service == selected), 0)
    first = max(0, min(at - height // 2, len(rows) - height))
    last = first + height
    if height > 2:
        first += bool(first)
        last -= last < len(rows)
        return rows[first:last], rows[:first], rows[last:]
    return rows[first:last], [], []


def _count(scene: Scene, rows: list[_Row], shown: list[_Row]) -> str:
    """Return how many services are left out here and stand nowhere else, and how many of them fire."""
    hidden = {row.service for row in rows} - {row.service for row in shown}
    return scene.say_count(len(hidden), sum(fires(scene.sights.states, service) for service in hidden))


class _Painter:
    """Puts rows onto a canvas: branches and names first, then what is known of each service behind them."""

    def __init__(
        self, canvas: Canvas, scene: Scene, rows: Sequence[_Row], counts: Mapping[str, str], *, callers: bool
    ) -> None:
        self._canvas = canvas
        self._scene = scene
        self._rows = rows
        self._counts = counts
        self._callers = callers

    def paint(self, first: int) -> frozenset[str]:
        """Put all rows, from a row of the canvas on; return what the names were cut to."""
        cells = self._canvas.cells
        places = [(row.service, self._room(row)) for row in self._rows]
        texts = shorten(places, self._scene.glyphs.ellipsis)
        ends = [self._put(row, first + at, texts.get(places[at], "")) for at, row in enumerate(self._rows)]
        noted = [self._notes(row) for row in self._rows]
        widths = [max((width_of(note.text) for note in notes if note), default=0) for notes in zip(*noted, strict=True)]
        begin = max((end for end, notes in zip(ends, noted, strict=True) if any(notes)), default=0) + _GAP
        for dropped in _DROPPED:
            if begin + sum(size + _GAP for size in widths if size) - _GAP <= cells:
                break
            widths[dropped] = 0
        aligned = any(widths)
        for at, notes in enumerate(noted):
            cell = begin if aligned else ends[at] + 1
            for note, size in zip(notes, widths, strict=True):
                if note is not None and (size or not aligned) and cell + width_of(note.text) <= cells:
                    self._canvas.put(first + at, cell, note.text, note.role)
                    cell += 0 if aligned else width_of(note.text) + 1
                if aligned and size:
                    cell += size + _GAP
        return frozenset(texts.values())

    def _begin(self, row: _Row) -> int:
        return 2 * len(row.lasts)

    def _room(self, row: _Row) -> int:
        """Return the cells for a name."""
        return max(1, self._canvas.cells - self._begin(row) - 2 - width_of(self._tail(row)))

    def _tail(self, row: _Row) -> str:
        """Return what always stands behind a name."""
        if row.back:
            return ""
        if row.again:
            return f" {self._scene.glyphs.ellipsis}" if row.more else ""
        count = self._counts.get(row.service)
        return self._scene.marks(row.service) + (f" {count}" if count else "")

    def _put(self, row: _Row, number: int, text: str) -> int:
        """Put branches, glyph, name and what always stands behind it, and return the cell behind all."""
        canvas, scene, glyphs = self._canvas, self._scene, self._scene.glyphs
        begin = self._begin(row)
        for level, last in enumerate(row.lasts[:-1]):
            if not last:
                canvas.put(number, 2 * level, glyphs.vertical, Role.FRAME)
        if row.owner is not None:
            pair = (row.service, row.owner) if self._callers else (row.owner, row.service)
            heavy = row.calls and scene.heavy(*pair)
            corners, tees = (glyphs.heavy_corners, glyphs.heavy_tees) if heavy else (glyphs.corners, glyphs.tees)
            corner = corners[2] if row.lasts[-1] else tees[0]
            line = glyphs.heavy if heavy else glyphs.horizontal if row.calls else glyphs.step
            role = Role.FIRING if heavy else Role.FRAME if row.calls else Role.DIM
            canvas.put(number, begin - 2, corner + line, role)
        named = row.back or row.again
        glyph = Span(glyphs.back, Role.DIM) if row.back else mark(scene.sights.states, row.service, glyphs)
        at = canvas.put(number, begin, glyph.text, glyph.role) + 1
        chosen = row.service == scene.selected and not named
        role = Role.STRONG if fires(scene.sights.states, row.service) else Role.PLAIN
        at = canvas.put(number, at, text, Role.DIM if named else Role.SELECTED if chosen else role)
        canvas.name(number, begin, at - begin, row.service, selected=chosen)
        tail = self._tail(row)
        return canvas.put(number, at, tail, scene.stub(tail).role) if tail else at

    def _notes(self, row: _Row) -> tuple[Span | None, ...]:
        """Return what is known of a service and of the call that leads to it, one piece a column."""
        scene = self._scene
        via = None
        if row.owner is not None and row.calls:
            pair = (row.service, row.owner) if self._callers else (row.owner, row.service)
            said = scene.via(*pair)
            via = Span(said, Role.DIM) if said else None
        if row.back or row.again:
            return (*Notes().columns, None, via)
        team = scene.topology.map.services[row.service].team
        return (*scene.notes(row.service).columns, Span(cut(one_line(team), _TEAM), Role.DIM) if team else None, via)
