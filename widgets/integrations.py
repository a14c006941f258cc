"""The integration pane: whatever a painter draws of one focus, in the room that there is."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from cockpit.model.drawing import Drawing, Glyphs, Role
from cockpit.model.panes import MapView
from widgets.pane import Pane, Row
from widgets.wrapping import paragraphs

Painter = Callable[[int, int, Glyphs], Drawing]
"""Draws what it knows into a width and a height: cells, rows, the glyph set."""


class Integrations(Pane):
    """Where the selected alert sits in the chain of integrations."""

    LABEL: ClassVar[str] = "1 Integrations"

    def __init__(self, painter: Painter | None = None, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.painter = painter
        """Null shows the lines of the value instead."""
        self.value = MapView("")
        self.drawing = Drawing(())
        """What was last drawn."""
        self._drawn_for: tuple[object, ...] = ()
        self._top = 0

    @property
    def names(self) -> tuple[tuple[int, int, int, str], ...]:
        """Row, first cell, width and name of everything drawn that can be selected."""
        return self.drawing.names

    @property
    def drawn_rows(self) -> int:
        """How many rows the drawing has, those out of sight included."""
        return len(self.drawing.lines)

    def name_at(self, row: int, cell: int) -> str | None:
        """Return what stands at a place inside the frame, or null."""
        there = row + self._top
        found = (name for line, begin, cells, name in self.names if line == there and begin <= cell < begin + cells)
        return next(found, None)

    def show(self, value: MapView, painter: Painter | None = None) -> None:
        """Take another focus, and another painter where there is one."""
        self.value = value
        self.painter = painter if painter is not None else self.painter
        self.stale = value.stale
        self.repaint()

    def heading(self) -> tuple[str, Sequence[str]]:
        """Return the journey, and how many callers and callees the focus has, or which rows are seen."""
        hidden = self._hidden()
        if hidden:
            long, short = hidden
            return self.value.title, (f"{long}  {self.value.right}".rstrip(), long, short)
        return self.value.title, (self.value.right,)

    def _hidden(self) -> tuple[str, str] | None:
        """Say, at length and shortly, which rows of a drawing higher than the pane are seen, and whether others fire."""
        lines, rows = self.drawing.lines, self.inner.height
        if len(lines) <= rows or rows <= 0:
            return None
        firing = self._firing_away(rows)
        loud = f", {firing} firing out of sight" if firing else ""
        quick = f" {self.looks.glyphs.firing}{firing}" if firing else ""
        seen = f"{self._top + 1} to {self._top + rows} of {len(lines)}"
        return f"rows {seen}{loud}", f"{seen}{quick}"

    def _firing_away(self, rows: int) -> int:
        """Return how many rows out of sight fire, of services that are not in sight too, each once."""
        stands: dict[int, set[str]] = {row: set() for row in range(len(self.drawing.lines))}
        for row, _, _, name in self.names:
            stands[row].add(name)
        seen = set().union(*(names for row, names in stands.items() if self._top <= row < self._top + rows))
        glyph, away = self.looks.glyphs.firing, set()
        for row, line in enumerate(self.drawing.lines):
            fires = {span.text.strip() for span in line if span.role is Role.FIRING and glyph in span.text}
            if not self._top <= row < self._top + rows and fires and (fires != {glyph} or not stands[row] <= seen):
                away.add(frozenset(stands[row]) if fires == {glyph} else row)
        return len(away)

    def content(self, cells: int, rows: int) -> Sequence[Row]:
        """Return what the painter draws."""
        value, glyphs = self.value, self.looks.glyphs
        if value.empty:
            return [Row(line) for line in paragraphs(value.empty, cells)]
        if value.lines or self.painter is None:
            return [Row(line) for line in value.lines]
        wanted = (self.painter, cells, rows, value.version, glyphs)
        if wanted != self._drawn_for:
            self.drawing = self.painter(cells, rows, glyphs)
            self._drawn_for = wanted
        lines = self.drawing.lines
        self._follow(len(lines), rows)
        return [Row(line) for line in lines[self._top : self._top + rows]]

    def _follow(self, total: int, rows: int) -> None:
        """Show the part of a drawing that is higher than the pane in which the selection stands."""
        here = self.drawing.selected
        if here is not None and not self._top <= here < self._top + rows:
            self._top = here - rows // 2
        self._top = max(0, min(self._top, total - rows))
