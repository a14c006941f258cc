"""Cells side by side: pure layout of one row's texts into columns."""

from collections.abc import Sequence
from typing import NamedTuple

from cockpit.model.drawing import Line, Role, Span
from cockpit.text import fit, width


class Cell(NamedTuple):
    """A text and the column that it stands in."""

    text: str
    cells: int
    """Width of the column, the gap behind it not counted."""
    role: Role = Role.PLAIN
    keep: int = 0
    """So many cells at the end of the text are kept when it is cut (a count behind a name)."""


def lay(cells: Sequence[Cell], ellipsis: str = "…", gap: int = 1) -> Line:
    """Return the cells as one line; a text too long takes the room of empty neighbours to its right."""
    spans: list[Span] = []
    number = 0
    while number < len(cells):
        cell = cells[number]
        room, number = cell.cells, number + 1
        wanted = width(cell.text)
        while wanted > room and number < len(cells) and not cells[number].text:
            room += gap + cells[number].cells
            number += 1
        if room <= 0:
            continue
        spans.append(Span(_fit(cell, room, ellipsis) + " " * (gap if number < len(cells) else 0), cell.role))
    return tuple(spans)


def _fit(cell: Cell, room: int, ellipsis: str) -> str:
    if cell.keep and width(cell.text) > room > cell.keep + 1:
        tail = cell.text[-cell.keep :]
        return fit(cell.text[: -cell.keep].rstrip(), room - width(tail) - 1, ellipsis) + " " + tail
    return fit(cell.text, room, ellipsis)
