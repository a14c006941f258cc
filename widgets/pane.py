"""A pane: paints lines inside its own frame and repaints only the cells that differ.

It knows nothing of the board: whoever owns it gives it a value, and it turns the value into lines.
"""

import logging
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from cockpit.model.drawing import UNICODE, Glyphs, Line, Role, Span
from widgets.frames import BARE, Frame, bottom_line, title_line
from widgets.palette import PLAIN, Palette, Tone
from widgets.strips import changed_span, fit_line, in_ascii, make_strip
from widgets.wrapping import paragraphs

log = logging.getLogger(__name__)
"""Where the trace of an error of ours goes."""


class Row(NamedTuple):
    """One line inside a frame, and how it stands out."""

    line: Line
    tone: Tone = Tone.NORMAL


_EMPTY = Row(())


class Looks(NamedTuple):
    """How panes look: shared by all of them, changed at once."""

    palette: Palette = PLAIN
    glyphs: Glyphs = UNICODE


def inside(size: Size, frame: Frame) -> Size:
    """Return the room that a frame leaves."""
    rows = size.height if frame is BARE else size.height - 1 - int(frame.bottom)
    return Size(max(0, size.width - frame.columns), max(0, rows))


class Pane(Widget):
    """The base of everything on the main screen."""

    DEFAULT_CSS = ""
    COMPONENT_CLASSES: ClassVar[set[str]] = set()
    LABEL: ClassVar[str] = ""
    """What stands first in the frame: `1 Integrations`."""

    class Clicked(Message):
        """Something was clicked.

        Attributes:
            pane: The pane.
            row: Number of the row inside the frame.
            cell: Number of the cell in that row.
        """

        def __init__(self, pane: "Pane", row: int, cell: int) -> None:
            super().__init__()
            self.pane = pane
            self.row = row
            self.cell = cell

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.looks = Looks()
        """Set by `restyle`."""
        self.frame: Frame = BARE
        """Set by the layout before it places the pane."""
        self.focused = False
        """Whether keys go to this pane."""
        self.stale = False
        """Whether what it shows is only the last that is known."""
        self._failed = ""
        self._strips: list[Strip] = []
        self._rows: list[Row] = []
        self._painted: tuple[Size, Frame, Looks] | None = None

    @property
    def inner(self) -> Size:
        """The room inside the frame, in cells."""
        return inside(self.size, self.frame)

    def heading(self) -> tuple[str, Sequence[str]]:
        """Return the title and what may stand right of it, the longest first."""
        return "", ()

    def content(self, cells: int, rows: int) -> Sequence[Row]:
        """Return at most so many rows of at most so many cells.

        Args:
            cells: Width inside the frame.
            rows: Height inside the frame.
        """
        del cells, rows
        return ()

    def restyle(self, looks: Looks) -> None:
        """Take another palette or glyph set, and repaint."""
        self.looks = looks
        self.repaint()

    def repaint(self) -> None:
        """Bring what is painted in line with the value; cells that do not differ are left alone."""
        size = self.size
        if not size.width or not size.height:
            self._painted = None
            return
        if self._painted != (size, self.frame, self.looks):
            self._paint_all()
            self.refresh()
            return
        regions: list[Region] = []
        known = self._rows
        for number, row in enumerate(self._lines(size)):
            if row == known[number]:
                continue
            known[number] = row
            strip = self._strip_of(number, row, size)
            span = changed_span(self._strips[number], strip)
            if span is not None:
                self._strips[number] = strip
                regions.append(Region(span[0], number, span[1], 1))
        if regions:
            self.refresh(*regions)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the painted strips (called by Textual's compositor)."""
        if self._painted != (self.size, self.frame, self.looks):
            self._paint_all()
        strips = self._strips[crop.y : crop.bottom]
        if crop.x or crop.right != self.size.width:
            return [strip.crop(crop.x, crop.right) for strip in strips]
        return strips

    def _paint_all(self) -> None:
        size = self.size
        self._rows = self._lines(size)
        self._strips = [self._strip_of(number, row, size) for number, row in enumerate(self._rows)]
        self._painted = (size, self.frame, self.looks)

    def _lines(self, size: Size) -> list[Row]:
        """Return a row for every line of the pane; those inside the frame not yet fitted into it."""
        cells, height = inside(size, self.frame)
        body = self._body(cells, height)
        body += [_EMPTY] * (height - len(body))
        if self.stale:
            body = [Row(row.line, row.tone.stale) for row in body]
        frame, glyphs = self.frame, self.looks.glyphs
        if frame is BARE:
            return body
        title, beside = self.heading()
        top = title_line(size.width, frame, glyphs, label=self.LABEL, title=title, right=beside, focused=self.focused)
        rows = [Row(top), *body]
        if frame.bottom and size.height > 1:
            rows.append(Row(bottom_line(size.width, frame, glyphs)))
        return rows[: size.height]

    def _body(self, cells: int, height: int) -> list[Row]:
        """Return what stands inside the frame; where that cannot be painted, that it could not be shown."""
        try:
            body = list(self.content(cells, height)[:height])
        except Exception as error:  # a pane's outermost edge: shown in it, and logged; the other panes go on
            kind = type(error).__name__
            if self._failed != kind:
                self._failed = kind
                log.exception("the %s pane could not be painted", self.id)
            said = f"could not be shown: {kind}; the trace is in the log, cockpit info says where"
            return [Row(line) for line in paragraphs(said, cells)][:height]
        self._failed = ""
        return body

    def _strip_of(self, number: int, row: Row, size: Size) -> Strip:
        """Return the strip of one line, with its borders where it stands between them."""
        frame, glyphs = self.frame, self.looks.glyphs
        line = row.line
        if frame is not BARE and 0 < number <= inside(size, frame).height:
            side = (Span(glyphs.vertical, Role.FRAME),)
            line = fit_line(line, size.width - frame.columns, glyphs.ellipsis)
            line = (*(side if frame.left else ()), *line, *(side if frame.right else ()))
        line = fit_line(line, size.width, glyphs.ellipsis)
        return make_strip(in_ascii(line) if glyphs.ascii else line, row.tone, self.looks.palette, size.width)

    def on_click(self, event: events.Click) -> None:
        """Say what was clicked."""
        event.stop()
        self.post_message(self.Clicked(self, event.y - (self.frame is not BARE), event.x - self.frame.left))
