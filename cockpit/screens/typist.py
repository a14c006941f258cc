"""Who types: shows the line that is being typed, in the footer or in the drill, and ends it."""

from cockpit.model.drawing import Role
from cockpit.screens.prompt import Prompt
from widgets.drill import DrillPane
from widgets.footer import FooterBar


class Typist:
    """Holds the one line that is being typed.

    Args:
        footer: Shows it, or what it is for.
        drill: Shows it in the place of an answer.
    """

    def __init__(self, footer: FooterBar, drill: DrillPane) -> None:
        self._footer = footer
        self._drill = drill
        self.prompt: Prompt | None = None

    def ask(self, prompt: Prompt) -> None:
        """Begin typing a line."""
        self.prompt = prompt
        prompt.behind = prompt.typed(prompt.edit.text)
        if prompt.inline:
            self._footer.say(prompt.label, Role.DIM)
        self._show()

    def press(self, key: str, character: str | None) -> None:
        """Take a key."""
        prompt = self.prompt
        if prompt is not None and prompt.press(key, character) and self.prompt is prompt:
            self.prompt = None
            if self._footer.said == (prompt.label, Role.DIM):
                self._footer.say("")
        self._show()

    def paste(self, text: str) -> None:
        """Take a pasted text."""
        if self.prompt is not None:
            self.prompt.paste(text)
            self._show()

    def _show(self) -> None:
        prompt = self.prompt
        inline = prompt if prompt is not None and prompt.inline else None
        below = prompt if prompt is not None and not prompt.inline else None
        self._drill.edit = inline.edit if inline is not None else None
        self._drill.repaint()
        if below is not None:
            self._footer.ask(below.label, below.edit, below.behind)
        else:
            self._footer.ask("", None)
