"""Editing one line as readline does: a pure value and what each key makes of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from cockpit.model.drawing import Line, Role, Span
from cockpit.text import one_line, width


@dataclass(frozen=True, slots=True)
class LineEdit:
    """A text and where the cursor stands in it."""

    text: str = ""
    at: int = 0
    """Characters before the cursor."""
    cut: str = ""
    """What was last cut away, for `ctrl+y`."""

    def insert(self, text: str) -> "LineEdit":
        """Put in a text, on one line and without controls."""
        text = text if len(text) == 1 and text.isprintable() else one_line(text)
        return replace(self, text=self.text[: self.at] + text + self.text[self.at :], at=self.at + len(text))


def editing(text: str) -> LineEdit:
    """Return an edit of a text with the cursor behind it."""
    return LineEdit(text, len(text))


def _word_left(edit: LineEdit) -> int:
    at = edit.at
    while at and not edit.text[at - 1].isalnum():
        at -= 1
    while at and edit.text[at - 1].isalnum():
        at -= 1
    return at


def _word_right(edit: LineEdit) -> int:
    at, end = edit.at, len(edit.text)
    while at < end and not edit.text[at].isalnum():
        at += 1
    while at < end and edit.text[at].isalnum():
        at += 1
    return at


def _rubout(edit: LineEdit) -> int:
    """Return where the blank-separated word before the cursor begins, as `ctrl+w` of a shell takes it."""
    at = edit.at
    while at and edit.text[at - 1].isspace():
        at -= 1
    while at and not edit.text[at - 1].isspace():
        at -= 1
    return at


def _kill(edit: LineEdit, start: int, end: int) -> LineEdit:
    gone = edit.text[start:end]
    return LineEdit(edit.text[:start] + edit.text[end:], start, gone or edit.cut)


def _remove(edit: LineEdit, start: int, end: int) -> LineEdit:
    return replace(edit, text=edit.text[:start] + edit.text[end:], at=start)


def _transpose(edit: LineEdit) -> LineEdit:
    at = min(edit.at + 1, len(edit.text))
    if at < 2:
        return edit
    text = edit.text
    return replace(edit, text=text[: at - 2] + text[at - 1] + text[at - 2] + text[at:], at=at)


_KEYS: Mapping[str, Callable[[LineEdit], LineEdit]] = {
    "left": lambda edit: replace(edit, at=max(0, edit.at - 1)),
    "right": lambda edit: replace(edit, at=min(len(edit.text), edit.at + 1)),
    "home": lambda edit: replace(edit, at=0),
    "end": lambda edit: replace(edit, at=len(edit.text)),
    "alt+b": lambda edit: replace(edit, at=_word_left(edit)),
    "alt+f": lambda edit: replace(edit, at=_word_right(edit)),
    "backspace": lambda edit: _remove(edit, max(0, edit.at - 1), edit.at),
    "delete": lambda edit: _remove(edit, edit.at, edit.at + 1),
    "ctrl+k": lambda edit: _kill(edit, edit.at, len(edit.text)),
    "ctrl+u": lambda edit: _kill(edit, 0, edit.at),
    "ctrl+w": lambda edit: _kill(edit, _rubout(edit), edit.at),
    "alt+backspace": lambda edit: _kill(edit, _word_left(edit), edit.at),
    "alt+d": lambda edit: _kill(edit, edit.at, _word_right(edit)),
    "ctrl+y": lambda edit: edit.insert(edit.cut),
    "ctrl+t": _transpose,
}
_SAME = {
    "ctrl+a": "home",
    "ctrl+e": "end",
    "ctrl+b": "left",
    "ctrl+f": "right",
    "ctrl+h": "backspace",
    "ctrl+d": "delete",
    "ctrl+left": "alt+b",
    "ctrl+right": "alt+f",
}


def edit_key(edit: LineEdit, key: str, character: str | None) -> LineEdit | None:
    """Return what a key makes of the line, or null where it means nothing in a line."""
    change = _KEYS.get(_SAME.get(key, key))
    if change is not None:
        return change(edit)
    if character is not None and character.isprintable() and not key.startswith(("ctrl+", "alt+")):
        return edit.insert(character)
    return None


def paint_edit(edit: LineEdit, cells: int) -> Line:
    """Return the line with its cursor, its begin left out where it is longer than the room."""
    before, here, after = edit.text[: edit.at], edit.text[edit.at : edit.at + 1] or " ", edit.text[edit.at + 1 :]
    while before and width(before) + width(here) > cells:
        before = before[1:]
    while after and width(before) + width(here) + width(after) > cells:
        after = after[:-1]
    return tuple(
        span for span in (Span(before, Role.STRONG), Span(here, Role.SELECTED), Span(after, Role.STRONG)) if span.text
    )
