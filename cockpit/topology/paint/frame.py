"""Puts columns, arrows, branches and the rows beside them onto a canvas."""

from collections.abc import Sequence
from dataclasses import dataclass

from cockpit.model.drawing import Role, Span
from cockpit.text import width
from cockpit.topology.paint.beside import Mention, Row
from cockpit.topology.paint.canvas import Canvas
from cockpit.topology.paint.marks import fires, mark
from cockpit.topology.paint.scene import Scene
from cockpit.topology.paint.shorten import Place
from cockpit.topology.paint.sidings import BRANCH, Column, Node
from cockpit.topology.paint.window import ARROW, Window

HEADING = "beside the chain"
"""Over the calls that neither the chain's line nor its sidings show."""


@dataclass(frozen=True, slots=True)
class Rows:
    """How the rows of a chain are shared out."""

    above: int
    """For callers."""
    note: int
    """0 to 3: under the names."""
    below: int
    """For callees."""

    @property
    def total(self) -> int:
        """All of them, with the chain's own line."""
        return self.above + 1 + self.note + self.below


@dataclass(frozen=True, slots=True)
class Frame:
    """A chain with a place for everything."""

    columns: tuple[Column, ...]
    starts: tuple[int, ...]
    window: Window
    rows: Rows
    beside: tuple[Row, ...]
    cells: int

    def edge(self, place: int) -> int:
        """Return the first cell that is not a column's own."""
        if place == len(self.columns) - 1:
            return self.cells
        return self.starts[place + 1] - 1


@dataclass(frozen=True, slots=True)
class Label:
    """A service's glyph and name, before the name is cut."""

    row: int
    cell: int
    service: str
    cells: int
    """For the name alone."""
    limit: int
    """The first cell that is not its own."""
    again: bool = False
    """Whether it stands elsewhere, with all that is known of it."""
    back: bool = False
    """Whether it is a call that goes round."""
    extras: tuple[Span, ...] = ()
    """What stands behind the name, as far as there is room."""
    counted: bool = True
    """Whether the count of what is left out stands behind the name."""

    @property
    def place(self) -> Place:
        """The name and the cells that it may take."""
        return self.service, self.cells


class Painter:
    """Puts a frame onto a canvas: first branches and labels' places, then, once names are cut, the labels and arrows.

    Args:
        canvas: Where it is put.
        scene: What is drawn.
        frame: Where everything stands.
        texts: The count behind each name that has one.
    """

    def __init__(self, canvas: Canvas, scene: Scene, frame: Frame, texts: dict[str, str]) -> None:
        self._canvas = canvas
        self._scene = scene
        self._frame = frame
        self._counts = texts
        self.labels: list[Label] = []
        """All of them; their names may be cut."""
        rows, last = frame.rows, len(frame.columns) - 1
        for place, column in enumerate(frame.columns):
            begin, edge = frame.starts[place], frame.edge(place)
            limit = frame.cells - width(frame.window.right) if place == last else frame.starts[place + 1]
            room = limit - begin - 2 - (0 if place == last else ARROW)
            if not column.again:
                room -= width(scene.marks(column.service)) if scene.under else self._tail(column.service, again=False)
            cells = max(1, min(room, frame.window.cap))
            counted = not scene.under
            self.labels.append(Label(rows.above, begin, column.service, cells, limit, column.again, counted=counted))
            self._above(column, begin, edge)
            self._below(column, begin, edge)
            if not column.again:
                self._note(column.service, begin, edge)
        self._beside(rows.total + 1)

    def finish(self, names: dict[Place, str], elsewhere: int) -> None:
        """Put all labels with their cut names, and the arrows between them."""
        frame, line = self._frame, self._frame.rows.above
        ends: dict[tuple[int, int], int] = {}
        for label in self.labels:
            ends[label.row, label.cell] = self._label(label, names.get(label.place, ""))
        for place, column in enumerate(frame.columns[:-1]):
            self._arrow(column, frame.columns[place + 1], ends[line, frame.starts[place]], frame.starts[place + 1])
        for number, row in enumerate(frame.beside):
            if row.caller is not None:
                at = frame.rows.total + 1 + number
                self._call(at, ends[at, row.caller.cell] + 1, row.callees[0].cell, heavy=row.heavy)
        window = frame.window
        for text, cell in ((window.left, 0), (window.right.rstrip(), frame.cells - width(window.right))):
            self._canvas.put(line, cell, text, Role.FIRING if self._scene.glyphs.firing in text else Role.DIM)
        if elsewhere:
            text = say_elsewhere(self._scene, elsewhere)
            self._canvas.put(line, frame.cells - width(text), text, Role.FIRING)

    def _tail(self, service: str, *, again: bool) -> int:
        if again:
            return 0
        count = self._counts.get(service)
        return width(self._scene.marks(service)) + (1 + width(count) if count else 0)

    def _label(self, label: Label, text: str) -> int:
        """Put a service's glyph, name and what stands behind it, and return the cell behind all."""
        canvas, scene, service = self._canvas, self._scene, label.service
        glyph = Span(scene.glyphs.back, Role.DIM) if label.back else mark(scene.sights.states, service, scene.glyphs)
        at = canvas.put(label.row, label.cell, glyph.text, glyph.role) + 1
        chosen = service == scene.selected
        role = Role.STRONG if fires(scene.sights.states, service) else Role.PLAIN
        role = Role.DIM if label.again else Role.SELECTED if chosen else role
        at = canvas.put(label.row, at, text, role)
        canvas.name(label.row, label.cell, at - label.cell, service, selected=chosen and not label.again)
        if not label.again:
            at = canvas.put(label.row, at, scene.marks(service), Role.DIM)
            count = self._counts.get(service)
            if count and label.counted:
                at = canvas.put(label.row, at + 1, *scene.stub(count))
        room = label.limit - at
        for span in label.extras:
            if room > width(span.text):
                room -= 1 + width(span.text)
                at = canvas.put(label.row, at + 1, span.text, span.role)
        return at

    def _arrow(self, column: Column, following: Column, end: int, start: int) -> None:
        glyphs, row = self._scene.glyphs, self._frame.rows.above
        if not column.arrow:
            self._canvas.put(row, end + 1, glyphs.step * (start - end - 2) + glyphs.step_arrow, Role.DIM)
            return
        heavy = self._scene.heavy(column.service, following.service)
        said = self._scene.on_hop(column.service, following.service)
        self._call(row, end + 1, start, said, heavy=heavy)

    def _call(self, row: int, begin: int, start: int, said: str = "", *, heavy: bool) -> None:
        glyphs = self._scene.glyphs
        line, role = (glyphs.heavy, Role.FIRING) if heavy else (glyphs.horizontal, Role.FRAME)
        length = start - begin - 1
        if not row_has_room(length, said):
            self._canvas.put(row, begin, line * length + glyphs.arrow, role)
            return
        front = (length - width(said) - 2) // 2
        at = self._canvas.put(row, begin, line * front, role)
        at = self._canvas.put(row, at + 1, said, Role.FIRING if heavy else Role.DIM) + 1
        self._canvas.put(row, at, line * (start - at - 1) + glyphs.arrow, role)

    def _note(self, service: str, begin: int, edge: int) -> None:
        at, row = begin + 2, self._frame.rows.above + 1
        last = self._frame.rows.above + self._frame.rows.note
        count = self._counts.get(service) if self._scene.under else None
        stub = (self._scene.stub(count),) if count else ()
        brief = self._scene.brief(service)
        if at + sum(width(span.text) + 1 for span in (*brief, *stub)) - 1 > edge:
            brief = ()
        for span in (*brief, *stub, *self._scene.further(service)):
            if at + width(span.text) > edge and at > begin + 2:
                at, row = begin + 2, row + 1
            if row > last:
                return
            if at + width(span.text) <= edge:
                at = self._canvas.put(row, at, span.text, span.role) + 1

    def _above(self, column: Column, begin: int, edge: int) -> None:
        """Put the branches to callers, the nearest row last, and note the callers' labels."""
        glyphs = self._scene.glyphs
        for place, node in enumerate(column.above):
            row = self._frame.rows.above - len(column.above) + place
            heavy = node.calls and self._scene.heavy(node.service, column.service)
            light, strong = glyphs.corners[0], glyphs.heavy_corners[0]
            if place:
                light, strong = glyphs.tees[0], glyphs.heavy_tees[0]
            self._branch(row, begin, strong if heavy else light, calls=node.calls, heavy=heavy)
            self._node(row, begin + BRANCH, edge, node, node.service, column.service)

    def _below(self, column: Column, begin: int, edge: int) -> None:
        """Put the branches to callees, and note the callees' labels."""
        if not column.below:
            return
        glyphs, rows = self._scene.glyphs, self._frame.rows
        first = column.below[0]
        heavy = first.calls and self._scene.heavy(column.service, first.service)
        for row in range(rows.above + 1, rows.above + 1 + rows.note):
            role = Role.FIRING if heavy else Role.FRAME
            self._canvas.put(row, begin, glyphs.heavy_vertical if heavy else glyphs.vertical, role)
        self._nodes(rows.above + 1 + rows.note, begin, edge, column.below, column.service)

    def _nodes(self, row: int, cell: int, edge: int, nodes: Sequence[Node], owner: str) -> int:
        glyphs, scene = self._scene.glyphs, self._scene
        for place, node in enumerate(nodes):
            last = place == len(nodes) - 1
            heavy = node.calls and scene.heavy(owner, node.service)
            light, strong = (
                (glyphs.corners[2], glyphs.heavy_corners[2]) if last else (glyphs.tees[0], glyphs.heavy_tees[0])
            )
            self._branch(row, cell, strong if heavy else light, calls=node.calls, heavy=heavy)
            self._node(row, cell + BRANCH, edge, node, owner, node.service)
            after = self._nodes(row + 1, cell + BRANCH, edge, node.deep, node.service)
            if not last:
                follows = nodes[place + 1]
                thick = follows.calls and scene.heavy(owner, follows.service)
                for between in range(row + 1, after):
                    line = glyphs.heavy_vertical if thick else glyphs.vertical
                    self._canvas.put(between, cell, line, Role.FIRING if thick else Role.FRAME)
            row = after
        return row

    def _branch(self, row: int, cell: int, corner: str, *, calls: bool, heavy: bool) -> None:
        glyphs = self._scene.glyphs
        line = glyphs.step if not calls else glyphs.heavy if heavy else glyphs.horizontal
        self._canvas.put(row, cell, corner + line, Role.FIRING if heavy else Role.FRAME if calls else Role.DIM)

    def _node(self, row: int, cell: int, edge: int, node: Node, caller: str, callee: str) -> None:
        scene, service = self._scene, node.service
        extras: tuple[Span, ...] = ()
        if not node.again and not node.back:
            extras = (*scene.brief(service), *scene.further(service))
        said = scene.via(caller, callee) if node.calls else ""
        if said:
            extras = (*extras, Span(said, Role.DIM))
        room = edge - cell - 2 - self._tail(service, again=node.again)
        self.labels.append(Label(row, cell, service, max(1, room), edge, node.again, node.back, extras))

    def _beside(self, row: int) -> None:
        if self._frame.beside:
            self._canvas.put(row - 1, 0, HEADING[: self._frame.cells], Role.DIM)
        for number, one in enumerate(self._frame.beside):
            mentions = [one.caller] if one.caller is not None else []
            mentions += one.callees
            for place, mention in enumerate(mentions):
                self.labels.append(self._mention(row + number, mention, mentions[place + 1 :]))

    def _mention(self, row: int, mention: Mention, following: Sequence[Mention]) -> Label:
        extras = () if mention.again or following else self._scene.brief(mention.service)
        limit = following[0].cell if following else self._frame.cells
        return Label(row, mention.cell, mention.service, mention.cells, limit, mention.again, extras=extras)


def say_elsewhere(scene: Scene, firing: int) -> str:
    """Return the count of firing services that nothing connects with what is drawn; empty where there are none."""
    return f"{scene.glyphs.ellipsis}{scene.glyphs.firing}{firing}" if firing else ""


def row_has_room(length: int, said: str) -> bool:
    """Tell whether words fit into a line of so many cells, with enough of the line on both sides."""
    return bool(said) and length >= width(said) + 6
