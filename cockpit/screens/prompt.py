"""A line that a person is typing: while there is one, every key goes to it and to nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, field

from cockpit.model.drawing import Role
from widgets.lineedit import LineEdit, edit_key, editing

Behind = tuple[str, Role]
"""What stands behind the line: a count, an error."""


def _nothing(_: str) -> Behind:
    return "", Role.DIM


@dataclass(slots=True)
class Prompt:
    """One question answered by one line."""

    label: str
    """What stands before the line."""
    done: Callable[[str], None]
    """Called with the text on Enter."""
    left: Callable[[], None] = lambda: None
    """Called on Escape."""
    typed: Callable[[str], Behind] = _nothing
    """Called with the text at each key; says what stands behind the line."""
    edit: LineEdit = field(default_factory=LineEdit)
    inline: bool = False
    """Whether the line is edited in the drill instead of in the footer."""
    behind: Behind = ("", Role.DIM)
    history: tuple[str, ...] = ()
    """What was typed before, oldest first, for up and down."""
    recalled: int = 0
    """How far back in it the line is."""

    def press(self, key: str, character: str | None) -> bool:
        """Take a key and tell whether the line is finished, for better or worse."""
        if key == "enter":
            self.done(self.edit.text)
            return True
        if key in {"escape", "ctrl+c", "ctrl+g"}:
            self.left()
            return True
        if key in {"up", "down"} and self.history:
            self.recalled = max(0, min(len(self.history), self.recalled + (1 if key == "up" else -1)))
            text = self.history[len(self.history) - self.recalled] if self.recalled else ""
            self._take(editing(text))
            return False
        changed = edit_key(self.edit, key, character)
        if changed is not None:
            self._take(changed)
        return False

    def paste(self, text: str) -> None:
        """Take a pasted text, on one line."""
        self._take(self.edit.insert(text))

    def _take(self, edit: LineEdit) -> None:
        changed = edit.text != self.edit.text
        self.edit = edit
        if changed:
            self.behind = self.typed(edit.text)
