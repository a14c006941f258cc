"""The footer: the keys that do something here, or what was just said, or the line that is being typed."""

from collections.abc import Sequence
from typing import NamedTuple

from cockpit.model.drawing import Line, Role, Span
from cockpit.text import width
from widgets.lineedit import LineEdit, paint_edit
from widgets.pane import Pane, Row


class Hint(NamedTuple):
    """A key and what it does."""

    key: str
    label: str
    enabled: bool = True


def paint_hints(hints: Sequence[Hint], cells: int) -> Line:
    """Return as many hints as fit, in their order; the last one always has its place."""
    if not hints:
        return ()
    last = hints[-1]
    room = cells - 2 - width(last.key) - 1 - width(last.label)
    spans = [Span(" ")]
    for hint in hints[:-1]:
        size = width(hint.key) + width(hint.label) + 3
        if size > room:
            continue
        room -= size
        spans += _hint(hint)
    spans += _hint(last)
    return (*spans[:-1], Span(spans[-1].text.rstrip(), spans[-1].role))


def _hint(hint: Hint) -> list[Span]:
    return [
        Span(hint.key, Role.KEY if hint.enabled else Role.DIM),
        Span(f" {hint.label}  ", Role.PLAIN if hint.enabled else Role.DIM),
    ]


class FooterBar(Pane):
    """The line at the bottom."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.hints: tuple[Hint, ...] = ()
        self.said: tuple[str, Role] | None = None
        """What was just said, in place of the keys until the next key."""
        self.prompt = ""
        """What stands before a line that is being typed."""
        self.edit: LineEdit | None = None
        self.after: tuple[str, Role] = ("", Role.DIM)
        """What stands behind it: a count, an error."""

    def show_hints(self, hints: tuple[Hint, ...]) -> None:
        """Show these keys where nothing else is to be said."""
        self.hints = hints
        self.repaint()

    def say(self, text: str, role: Role = Role.STRONG) -> None:
        """Say something until the next key; an empty text takes it back."""
        self.said = (text, role) if text else None
        self.repaint()

    def ask(self, prompt: str, edit: LineEdit | None, after: tuple[str, Role] = ("", Role.DIM)) -> None:
        """Show a line that is being typed; null ends it."""
        self.prompt, self.edit, self.after = prompt, edit, after
        self.repaint()

    def content(self, cells: int, rows: int) -> list[Row]:
        """Return the one line."""
        if rows < 1:
            return []
        if self.edit is not None:
            tail, role = self.after
            room = cells - width(self.prompt) - 2
            tail_room = min(width(tail), room // 2) if tail else 0
            typed = paint_edit(self.edit, max(1, room - tail_room - 2))
            return [Row((Span(" "), Span(self.prompt, Role.KEY), *typed, Span(f"  {tail}" if tail else "", role)))]
        if self.said is not None:
            return [Row((Span(" "), Span(*self.said)))]
        return [Row(paint_hints(self.hints, cells))]
