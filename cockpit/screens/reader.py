"""A screen of lines to read, to scroll and to select from with the terminal's own means."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.layout import Layout
from textual.screen import Screen

from cockpit.model.drawing import Line, Role, Span, line_text
from cockpit.screens.deck import Deck
from cockpit.screens.layout import Placed, Rect
from widgets.footer import FooterBar, Hint
from widgets.frames import BARE, Frame
from widgets.pane import Looks, Pane, Row
from widgets.wrapping import fold_line

_FRAMED = Frame("╭", "╮", bottom=True, bottom_left="╰", bottom_right="╯")


class Page(Pane):
    """Lines and how far they are scrolled."""

    def __init__(self, title: str, lines: Sequence[Line], *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.title_text = title
        self.lines = tuple(lines)
        self.top = 0
        self.focused = True
        self._folded: tuple[Line, ...] = ()
        self._folded_for = -1

    @property
    def last(self) -> int:
        """How far it can be scrolled."""
        return max(0, len(self.wrapped()) - self.inner.height)

    def show(self, title: str, lines: Sequence[Line]) -> None:
        """Show other lines, scrolled as far as they were."""
        self.title_text, self.lines = title, tuple(lines)
        self._folded_for = -1
        self.top = max(0, min(self.top, self.last)) if self.size.height else 0
        self.repaint()

    def scroll(self, by: int) -> None:
        """Scroll by so many lines, not beyond the ends."""
        self.top = max(0, min(self.last, self.top + by))
        self.repaint()

    def wrapped(self) -> tuple[Line, ...]:
        """Return the lines as they are painted: what is too long goes on in the next, nothing is cut."""
        cells = self.inner.width - (2 if self.frame is not BARE else 0)
        if self._folded_for != cells:
            self._folded_for = cells
            self._folded = tuple(folded for line in self.lines for folded in fold_line(line, cells))
        return self._folded

    def row_of(self, line: int) -> int:
        """Return the row that a line begins in: those before it may be folded into several."""
        cells = self.inner.width - (2 if self.frame is not BARE else 0)
        return sum(len([*fold_line(one, cells)]) for one in self.lines[:line])

    def heading(self) -> tuple[str, Sequence[str]]:
        """Return the title, and how much there is."""
        total, rows = len(self.wrapped()), self.inner.height
        return self.title_text, (f"{min(total, self.top + rows)}/{total}",) if total > rows else ()

    def content(self, cells: int, rows: int) -> list[Row]:
        """Return the lines that are seen."""
        del cells
        margin = (Span(" "),) if self.frame is not BARE else ()
        return [Row((*margin, *line)) for line in self.wrapped()[self.top : self.top + rows]]


class Reader(Screen[None], inherit_bindings=False):
    """Shows lines until a person goes back.

    Args:
        title: What they are.
        lines: The lines.
        looks: How panes look.
        plain: Whether there is no frame, so that lines can be selected as they are.
        said: What the footer says first.
    """

    HINTS: ClassVar[tuple[Hint, ...]] = (Hint("j k", "scroll"), Hint("g G", "ends"), Hint("q", "back"))

    def __init__(self, title: str, lines: Sequence[Line], looks: Looks, *, plain: bool = False, said: str = "") -> None:
        super().__init__()
        self._plain = plain
        self.page = Page(title, lines, id="page")
        self.footer = FooterBar(id="footer")
        self.page.looks = self.footer.looks = looks
        self.footer.hints = self.HINTS
        self._deck = Deck(self._place)
        if said:
            self.footer.said = (said, Role.STRONG)

    @property
    def layout(self) -> Layout:
        """The page over the footer."""
        return self._deck

    def compose(self) -> Sequence[Pane]:
        """Return page and footer."""
        return (self.page, self.footer)

    def text(self) -> str:
        """Return what it shows, without roles."""
        return "\n".join(line_text(line) for line in self.page.lines)

    def _place(self, width: int, height: int) -> dict[str, Placed]:
        footer = int(height > 2)
        placed = {"page": Placed(Rect(0, 0, width, height - footer), BARE if self._plain else _FRAMED)}
        if footer:
            placed["footer"] = Placed(Rect(0, height - 1, width, 1), BARE)
        return placed

    def on_key(self, event: events.Key) -> None:
        """Scroll, or go back."""
        event.stop()
        event.prevent_default()
        page, rows = self.page, max(1, self.page.inner.height)
        ways = {
            "j": 1,
            "down": 1,
            "k": -1,
            "up": -1,
            "g": -(1 << 30),
            "home": -(1 << 30),
            "G": 1 << 30,
            "end": 1 << 30,
            "pagedown": rows - 1,
            "space": rows - 1,
            "pageup": 1 - rows,
            "ctrl+d": rows // 2,
            "ctrl+u": -(rows // 2),
        }
        if event.key in ways:
            page.scroll(ways[event.key])
        elif event.key in {"q", "escape", "backspace", "enter", "ctrl+c"}:
            self.dismiss()
        elif event.key == "ctrl+l":
            self.refresh(repaint=True)
