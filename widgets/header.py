"""The header: one line that tells quiet from blind, and that gives up everything before what is not well."""

from cockpit.model.drawing import Line, Role, Span, line_width
from cockpit.model.panes import Header
from cockpit.text import cut, width
from widgets.pane import Pane, Row


def paint_header(header: Header, cells: int, ellipsis: str = "…") -> Line:
    """Return the header in so many cells.

    Where room is scarce the map's name goes first, then the second zone, then the live count, then what the
    screen has to say of itself, then the first clock; what is not well is cut only where it alone is too long.
    """
    context = Span(f" {header.context} ", Role.PRODUCTION if header.production else Role.STRONG)
    for level in range(6):
        left = [context, Span(" ")] if header.production else [context]
        if header.map and level < 1:
            left.append(Span(f"{header.map} ", Role.DIM))
        marks = header.marks if level < 4 else ()
        for text, role in (*marks, *header.trouble):
            left += [Span(" "), Span(text, role)]
        right = []
        if header.live and level < 3:
            right.append(Span(f"{header.live}  ", Role.DIM if not header.trouble else Role.PLAIN))
        shown = header.clocks if level < 2 else header.clocks[:1] if level < 5 else ()
        right += [Span(f"{clock} ", Role.PLAIN if not number else Role.DIM) for number, clock in enumerate(shown)]
        used = line_width(tuple(left)) + line_width(tuple(right))
        if used + (2 if right else 0) <= cells:
            return (*left, Span(" " * (cells - used)), *right)
    room = cells
    found: list[Span] = []
    for span in left:
        if room <= 0:
            break
        found.append(Span(cut(span.text, room, ellipsis), span.role))
        room -= width(found[-1].text)
    return tuple(found)


class HeaderBar(Pane):
    """The line at the top."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.value = Header("", production=False, map="")

    def show(self, value: Header) -> None:
        """Take another header."""
        self.value = value
        self.repaint()

    def content(self, cells: int, rows: int) -> list[Row]:
        """Return the one line."""
        return [Row(paint_header(self.value, cells, self.looks.glyphs.ellipsis))] * min(rows, 1)
