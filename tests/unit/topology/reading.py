"""Reads a drawing of the chain by its glyphs alone, as an engineer does."""

from dataclasses import dataclass, field
from itertools import pairwise

from cockpit.model.drawing import Drawing, line_text
from cockpit.text import width


@dataclass
class Read:
    """What the glyphs say."""

    calls: set[tuple[str, str]] = field(default_factory=set)
    """Caller and callee, by lines."""
    hosts: set[tuple[str, str]] = field(default_factory=set)
    """What runs on what, by dotted branches."""
    order: list[tuple[str, str]] = field(default_factory=list)
    """Steps that a dotted arrow joins."""
    steps: list[str] = field(default_factory=list)
    """What stands on the chain's line."""


def cells(text: str) -> list[str]:
    """Return what stands in each cell of a row; the second cell of a wide character is empty."""
    row: list[str] = []
    for char in text:
        row += [char, ""][: width(char)] if width(char) else []
    return row


def read(drawing: Drawing) -> Read:
    """Return what the drawing says; it is drawn with the unicode glyphs."""
    found = Read()
    rows = [cells(line_text(line)) for line in drawing.lines]

    def branch(row: int, cell: int) -> str:
        return rows[row][cell - 1] if cell >= 2 and rows[row][cell - 2] in {*"╭╰├┏┗┣"} else ""

    free = [(row, cell, size, name) for row, cell, size, name in drawing.names if not branch(row, cell)]
    line = min(row for row, *_ in free)
    steps = sorted((cell, size, name) for row, cell, size, name in free if row == line)
    found.steps = [name for _, _, name in steps]
    for (cell, size, name), (next_cell, _, following) in pairwise(steps):
        between = "".join(rows[line][cell + size : next_cell])
        if "►" in between:
            assert not {*between} & {*"▷┄"}
            found.calls.add((name, following))
        else:
            assert "▷" in between
            assert not {*between} & {*"─━"}
            found.order.append((name, following))
    starts = {cell: name for cell, _, name in steps}
    for row, cell, _, name in drawing.names:
        mark = branch(row, cell)
        if not mark:
            continue
        if cell - 2 in starts:
            step = starts[cell - 2]
            pair = (name, step) if row < line else (step, name)
        else:
            above = [(r, n) for r, c, _, n in drawing.names if c == cell - 2 and line < r < row]
            pair = (max(above)[1], name)
        (found.hosts if mark == "┄" else found.calls).add(pair)
    return found
