"""A screen to choose one thing from: palette, copy menu, priority."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.layout import Layout
from textual.screen import Screen

from cockpit.model.drawing import Line, Role, Span
from cockpit.screens.deck import Deck
from cockpit.screens.layout import Placed, Rect
from cockpit.text import fit, width
from widgets.footer import FooterBar, Hint
from widgets.frames import BARE, Frame
from widgets.lineedit import LineEdit, edit_key
from widgets.palette import Tone
from widgets.pane import Looks, Pane, Row


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose."""

    id: str
    name: str
    about: str = ""
    key: str = ""
    """A key that chooses it at once, where nothing is typed to find it."""
    enabled: bool = True


class Choices(Pane):
    """The choices that match, and the cursor."""

    def __init__(self, title: str, above: Sequence[Line], *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.title_text, self.above = title, tuple(above)
        self.choices: tuple[Choice, ...] = ()
        self.cursor = 0
        self.focused = True

    def heading(self) -> tuple[str, Sequence[str]]:
        """Return the title."""
        return self.title_text, ()

    def content(self, cells: int, rows: int) -> list[Row]:
        """Return the choices around the cursor."""
        found = [Row((Span(" "), *line)) for line in self.above[: max(0, rows - 3)]]
        if found:
            found.append(Row(()))
        room = max(1, rows - len(found))
        top = max(0, min(self.cursor - room // 2, len(self.choices) - room))
        names = min(28, max((width(one.name) for one in self.choices), default=0))
        keys = max((width(one.key) for one in self.choices), default=0)
        ellipsis = self.looks.glyphs.ellipsis
        for number, one in enumerate(self.choices[top : top + room], top):
            here = number == self.cursor
            line = (
                Span(self.looks.glyphs.cursor if here else " ", Role.KEY),
                Span(fit(one.key, keys, ellipsis) + (" " if keys else ""), Role.KEY if one.enabled else Role.DIM),
                Span(fit(one.name, names, ellipsis) + "  ", Role.STRONG if one.enabled else Role.DIM),
                Span(fit(one.about, max(0, cells - names - keys - 4), ellipsis), Role.DIM),
            )
            found.append(Row(line, Tone.CURSOR if here else Tone.NORMAL))
        if not self.choices:
            found.append(Row((Span(" nothing of that name", Role.DIM),)))
        return found


class Chooser(Screen[Choice | None], inherit_bindings=False):
    """Lets a person choose one thing, or none.

    Args:
        title: What is chosen.
        choices: From what.
        looks: How panes look.
        above: Lines above the choices.
        start: Where the cursor stands first.
        find: Whether keys type a name to find instead of choosing at once.
    """

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        looks: Looks,
        *,
        above: Sequence[Line] = (),
        start: int = 0,
        find: bool = False,
    ) -> None:
        super().__init__()
        self._all = tuple(choices)
        self._find = find
        self._edit = LineEdit()
        self.list = Choices(title, above, id="page")
        self.footer = FooterBar(id="footer")
        self.list.looks = self.footer.looks = looks
        self.list.choices, self.list.cursor = self._all, start
        self._deck = Deck(self._place)
        self._show_footer()

    @property
    def layout(self) -> Layout:
        """The list over the footer."""
        return self._deck

    def compose(self) -> Sequence[Pane]:
        """Return list and footer."""
        return (self.list, self.footer)

    def _place(self, columns: int, height: int) -> dict[str, Placed]:
        footer = int(height > 2)
        frame = Frame("╭", "╮", bottom=True, bottom_left="╰", bottom_right="╯")
        placed = {"page": Placed(Rect(0, 0, columns, height - footer), frame)}
        if footer:
            placed["footer"] = Placed(Rect(0, height - 1, columns, 1), BARE)
        return placed

    def _show_footer(self) -> None:
        if self._find:
            self.footer.ask(":", self._edit, (f"{len(self.list.choices)} of {len(self._all)}", Role.DIM))
        else:
            self.footer.show_hints((Hint("j k", "move"), Hint("enter", "choose"), Hint("q", "back")))

    def on_key(self, event: events.Key) -> None:
        """Move, choose, type or go back."""
        event.stop()
        event.prevent_default()
        key, pane = event.key, self.list
        steps = {"down": 1, "up": -1, "pagedown": 10, "pageup": -10, "ctrl+n": 1, "tab": 1, "shift+tab": -1}
        steps |= {"ctrl+p": -1} if self._find else {"j": 1, "k": -1, "g": -(1 << 30), "G": 1 << 30}
        if key in steps and pane.choices:
            pane.cursor = max(0, min(len(pane.choices) - 1, pane.cursor + steps[key]))
            pane.repaint()
        elif key == "enter":
            if pane.choices:
                self.dismiss(pane.choices[pane.cursor])
        elif key in {"escape", "ctrl+c"} or (key in {"q", "backspace"} and not self._find):
            self.dismiss(None)
        elif self._find:
            if key == "backspace" and not self._edit.text:
                self.dismiss(None)
                return
            changed = edit_key(self._edit, key, event.character)
            if changed is not None:
                self._search(changed)
        else:
            found = next((one for one in self._all if one.key and one.key == (event.character or key)), None)
            if found is not None:
                self.dismiss(found)

    def _search(self, edit: LineEdit) -> None:
        self._edit = edit
        words = edit.text.lower().split()
        found = [one for one in self._all if all(word in f"{one.name} {one.about} {one.id}".lower() for word in words)]
        first = " ".join(words)
        found.sort(
            key=lambda one: (not one.enabled, not one.name.lower().startswith(first), first not in one.name.lower())
        )
        self.list.choices, self.list.cursor = tuple(found), 0
        self.list.repaint()
        self._show_footer()
