"""Where painters put pieces of text by row and cell, in any order, and get the finished drawing."""

from cockpit.model.drawing import Drawing, Line, Role, Span
from cockpit.text import cut, width


class Canvas:
    """Pieces of text by place; nothing is ever painted outside it, and a piece that would overlap is left out.

    Args:
        cells: How wide it is.
        rows: How high it is.
    """

    def __init__(self, cells: int, rows: int) -> None:
        self.cells = cells
        self.rows = rows
        self._pieces: list[list[tuple[int, str, Role]]] = [[] for _ in range(rows)]
        self._names: list[tuple[int, int, int, str]] = []
        self._selected: int | None = None

    def put(self, row: int, cell: int, text: str, role: Role = Role.PLAIN) -> int:
        """Put a piece of text and return the cell behind it."""
        end = cell + width(text)
        if 0 <= row < self.rows and cell < self.cells and text:
            self._pieces[row].append((cell, text if end <= self.cells else cut(text, self.cells - cell, ""), role))
        return end

    def name(self, row: int, cell: int, cells: int, name: str, *, selected: bool = False) -> None:
        """Note where something stands that can be selected."""
        if 0 <= row < self.rows and cell < self.cells:
            self._names.append((row, cell, min(cells, self.cells - cell), name))
            if selected and self._selected is None:
                self._selected = row

    def drawing(self, *, trim: bool = False) -> Drawing:
        """Return what was put, with spaces between; where it is trimmed, without empty rows at its end."""
        rows = self._pieces
        while trim and len(rows) > 1 and not rows[-1]:
            rows = rows[:-1]
        return Drawing(tuple(map(_line, rows)), self._selected, tuple(sorted(self._names)))


def crop(whole: Drawing, first: int, height: int | None) -> Drawing:
    """Return so many rows of a drawing from one on, and what stands in them."""
    last = len(whole.lines) if height is None else first + height
    names = tuple((row - first, cell, size, name) for row, cell, size, name in whole.names if first <= row < last)
    selected = whole.selected - first if whole.selected is not None and first <= whole.selected < last else None
    return Drawing(whole.lines[max(0, first) : last], selected, names)


def beneath(above: Drawing, below: Drawing) -> Drawing:
    """Return two drawings as one, the second under the first."""
    rows = len(above.lines)
    names = tuple((row + rows, cell, size, name) for row, cell, size, name in below.names)
    selected = above.selected if below.selected is None else below.selected + rows
    return Drawing((*above.lines, *below.lines), selected, (*above.names, *names))


def _line(pieces: list[tuple[int, str, Role]]) -> Line:
    spans: list[Span] = []
    at = 0
    for cell, text, role in sorted(pieces):
        if cell < at:
            continue
        if cell > at:
            spans.append(Span(" " * (cell - at)))
        spans.append(Span(text, role))
        at = cell + width(text)
    return tuple(spans)
