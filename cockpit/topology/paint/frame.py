"""Puts columns, arrows and branches of the chain view onto a canvas."""

from collections.abc import Sequence
from dataclasses import dataclass

from cockpit.model.drawing import Role, Span
from cockpit.text import cut, width
from cockpit.topology.paint.canvas import Canvas
from cockpit.topology.paint.columns import ARROW, BRANCH, Column, Node, Scene, select
from cockpit.topology.paint.marks import failing, fires, mark
from cockpit.topology.paint.shorten import shorten
from cockpit.topology.paint.window import Window, lay_out


@dataclass(frozen=True, slots=True)
class Rows:
    """How the rows of a chain are shared out."""

    above: int
    """For callers."""
    note: int
    """0 or 1: under the names."""
    below: int
    """For callees."""

    @property
    def total(self) -> int:
        """All of them, with the chain's own line."""
        return self.above + 1 + self.note + self.below


@dataclass(frozen=True, slots=True)
class _Label:
    """A service's glyph and name, before the name is cut."""

    row: int
    cell: int
    service: str
    cells: int
    """For the name alone."""
    tail: str = ""
    """Marks behind the name that always stand."""
    extras: tuple[Span, ...] = ()
    """What stands behind the name, as far as there is room."""
    rest: Span | None = None
    """The count of what is left out here: it always stands."""
    limit: int = 0
    """The first cell that is not its own."""
    again: bool = False
    """Whether it stands elsewhere on the chain's line."""


def paint_frame(canvas: Canvas, scene: Scene, columns: Sequence[Column], window: Window, rows: Rows) -> None:
    """Put the visible steps with everything around them, and the counts of hidden steps at the ends."""
    starts = lay_out(scene, columns, window, canvas.cells, (rows.above, rows.below))
    limit = canvas.cells - width(window.right)
    labels: list[_Label] = []
    for place, column in enumerate(columns):
        begin = starts[place]
        last = place == len(columns) - 1
        end = limit if last else starts[place + 1]
        room = end - begin - 2 - width(column.tail) - (0 if last else ARROW)
        labels.append(_Label(rows.above, begin, column.service, min(room, window.cap), column.tail, limit=end))
        edge = canvas.cells if last else end - 1
        labels += _above(canvas, scene, column, begin, edge, rows)
        labels += _below(canvas, scene, column, begin, edge, rows)
        if rows.note:
            _note(canvas, column, rows.above + 1, begin, edge)
    texts = shorten([(label.service, label.cells) for label in labels], scene.glyphs.ellipsis)
    ends = [_label(canvas, scene, label, texts.get((label.service, label.cells), "")) for label in labels]
    line_ends = [end for label, end in zip(labels, ends, strict=True) if label.row == rows.above]
    for place, column in enumerate(columns[:-1]):
        _arrow(canvas, scene, column, columns[place + 1], rows.above, (line_ends[place], starts[place + 1]))
    _ends(canvas, scene, window, rows.above)


def _label(canvas: Canvas, scene: Scene, label: _Label, text: str) -> int:
    """Put a service's glyph, name and what stands behind it, and return the cell behind all."""
    glyph = mark(scene.states, label.service, scene.glyphs)
    at = canvas.put(label.row, label.cell, glyph.text, glyph.role) + 1
    chosen = label.service == scene.focus
    role = Role.STRONG if fires(scene.states, label.service) else Role.DIM if label.again else Role.PLAIN
    role = Role.SELECTED if chosen and not label.again else role
    at = canvas.put(label.row, at, text, role)
    canvas.name(label.row, label.cell, at - label.cell, label.service, selected=chosen)
    at = canvas.put(label.row, at, label.tail, Role.FIRING if scene.glyphs.firing in label.tail else Role.DIM)
    room = label.limit - at - (1 + width(label.rest.text) if label.rest is not None else 0)
    for span in label.extras:
        if room > width(span.text):
            room -= 1 + width(span.text)
            at = canvas.put(label.row, at + 1, span.text, span.role)
    if label.rest is not None:
        at = canvas.put(label.row, at + 1, label.rest.text, label.rest.role)
    return at


def _arrow(canvas: Canvas, scene: Scene, column: Column, following: Column, row: int, cells: tuple[int, int]) -> None:
    glyphs = scene.glyphs
    begin = cells[0] + 1
    length = cells[1] - begin - 1
    if not column.arrow:
        canvas.put(row, begin, glyphs.step * length + glyphs.step_arrow, Role.DIM)
    elif failing(scene.states, column.service, following.service):
        canvas.put(row, begin, glyphs.heavy * length + glyphs.arrow, Role.FIRING)
    else:
        canvas.put(row, begin, glyphs.horizontal * length + glyphs.arrow, Role.FRAME)


def _ends(canvas: Canvas, scene: Scene, window: Window, row: int) -> None:
    for text, cell in ((window.left, 0), (window.right, canvas.cells - width(window.right))):
        canvas.put(row, cell, text, Role.FIRING if scene.glyphs.firing in text else Role.DIM)


def _note(canvas: Canvas, column: Column, row: int, begin: int, edge: int) -> None:
    at = begin + 2
    for span in column.note:
        if at + width(span.text) <= edge:
            at = canvas.put(row, at, span.text, span.role) + 1


def _above(canvas: Canvas, scene: Scene, column: Column, begin: int, edge: int, rows: Rows) -> list[_Label]:
    """Put the branches to callers, the nearest row last, and return the callers' labels."""
    if not rows.above or not column.above:
        return []
    shown, hidden, bad = select(scene, column.above, rows.above)
    if _crowded(edge - begin, hidden):
        _only_count(canvas, scene, rows.above - 1, begin, edge, column.above)
        return []
    labels: list[_Label] = []
    for place, node in enumerate(shown):
        row = rows.above - len(shown) + place
        heavy = node.calls and failing(scene.states, node.service, column.service)
        light, strong = scene.glyphs.corners[0], scene.glyphs.heavy_corners[0]
        if place:
            light, strong = scene.glyphs.tees[0], scene.glyphs.heavy_tees[0]
        _branch(canvas, scene, row, begin, strong if heavy else light, calls=node.calls, heavy=heavy)
        rest = _rest(scene, hidden, bad=bad) if hidden and not place else None
        labels.append(_node(scene, row, begin + BRANCH, edge, node, rest))
    return labels


def _below(canvas: Canvas, scene: Scene, column: Column, begin: int, edge: int, rows: Rows) -> list[_Label]:
    """Put the branches to callees, and return the callees' labels."""
    if not rows.below or not column.below:
        return []
    glyphs = scene.glyphs
    shown, hidden, bad = select(scene, column.below, rows.below)
    row = rows.above + 1 + rows.note
    if _crowded(edge - begin, hidden):
        _only_count(canvas, scene, row, begin, edge, column.below)
        return []
    if rows.note:
        heavy = any(node.calls and failing(scene.states, column.service, node.service) for node in shown)
        role = Role.FIRING if heavy else Role.FRAME
        canvas.put(row - 1, begin, glyphs.heavy_vertical if heavy else glyphs.vertical, role)
    labels: list[_Label] = []
    for place, node in enumerate(shown):
        last = place == len(shown) - 1
        heavy = node.calls and failing(scene.states, column.service, node.service)
        _corner(canvas, scene, row, begin, last=last, calls=node.calls, heavy=heavy)
        rest = _rest(scene, hidden, bad=bad) if hidden and last else None
        labels.append(_node(scene, row, begin + BRANCH, edge, node, rest))
        row += 1
        for number, deep in enumerate(node.deep):
            if not last:
                canvas.put(row, begin, glyphs.vertical, Role.FRAME)
            strong = failing(scene.states, node.service, deep.service)
            ends = number == len(node.deep) - 1
            _corner(canvas, scene, row, begin + BRANCH, last=ends, calls=True, heavy=strong)
            if edge - begin > 2 * BRANCH + 2:
                labels.append(_node(scene, row, begin + 2 * BRANCH, edge, deep, None))
            row += 1
    return labels


def _crowded(cells: int, hidden: int) -> bool:
    """Tell whether there is no room for a branch, a glyph, some of a name and the count."""
    return cells < BRANCH + 4 + (2 + len(str(hidden)) + 1 if hidden else 0)


def _only_count(canvas: Canvas, scene: Scene, row: int, begin: int, edge: int, nodes: Sequence[Node]) -> None:
    """Put the count of what stands here where there is no room for a name."""
    rest = _rest(scene, len(nodes), bad=any(fires(scene.states, node.service) for node in nodes))
    canvas.put(row, begin, cut(rest.text, edge - begin, ""), rest.role)


def _corner(canvas: Canvas, scene: Scene, row: int, cell: int, *, last: bool, calls: bool, heavy: bool) -> None:
    glyphs = scene.glyphs
    light, strong = (glyphs.corners[2], glyphs.heavy_corners[2]) if last else (glyphs.tees[0], glyphs.heavy_tees[0])
    _branch(canvas, scene, row, cell, strong if heavy else light, calls=calls, heavy=heavy)


def _branch(canvas: Canvas, scene: Scene, row: int, cell: int, corner: str, *, calls: bool, heavy: bool) -> None:
    glyphs = scene.glyphs
    line = glyphs.step if not calls else glyphs.heavy if heavy else glyphs.horizontal
    canvas.put(row, cell, corner + line, Role.FIRING if heavy else Role.FRAME if calls else Role.DIM)


def _node(scene: Scene, row: int, cell: int, edge: int, node: Node, rest: Span | None) -> _Label:
    extras = () if node.again else scene.note(node.service)
    tail = scene.tail(node.service)
    room = edge - cell - 2 - (1 + width(rest.text) if rest is not None else 0)
    if node.beneath:
        extras = (Span(f"+{node.beneath}{scene.glyphs.firing}", Role.FIRING), *extras)
        room -= 1 + width(extras[0].text) if room > 4 + width(extras[0].text) else 0
    if room <= width(tail):
        tail = ""
    return _Label(row, cell, node.service, room - width(tail), tail, extras, rest, edge, node.again)


def _rest(scene: Scene, hidden: int, *, bad: bool) -> Span:
    return Span(f"+{hidden}{scene.glyphs.firing if bad else ''}", Role.FIRING if bad else Role.DIM)
