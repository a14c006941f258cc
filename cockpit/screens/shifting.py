"""The start of a shift over the main screen: it follows the boards that arrive, and takes a note for the next one."""

from typing import TYPE_CHECKING, ClassVar

from textual import events

from cockpit.model.drawing import Line, Role, Span
from cockpit.screens import taking
from cockpit.screens.guarding import Guard
from cockpit.screens.prompt import Prompt
from cockpit.screens.reader import Reader
from widgets.footer import Hint

if TYPE_CHECKING:
    from cockpit.screens.main import MainScreen
    from cockpit.slices.shiftlines import Page

_FRAME = 4
"""Cells of a line that frame and margins take."""


class Shifting(Reader, inherit_bindings=False):
    """Shows the start of a shift until a person goes back; nothing is kept about its being read.

    Args:
        main: The screen behind it: its board, its desk, its looks.
    """

    HINTS: ClassVar[tuple[Hint, ...]] = (
        Hint("j k", "scroll"),
        Hint("tab", "next part"),
        Hint("i", "leave a note"),
        Hint("Y", "copy"),
        Hint("r", "refresh"),
        Hint("q", "back"),
    )

    def __init__(self, main: "MainScreen") -> None:
        super().__init__("Start of the shift", (), main.looks)
        self._main = main
        self._guard = Guard()
        self._parts: tuple[int, ...] = ()
        self._prompt: Prompt | None = None
        self.follow()

    def on_mount(self) -> None:
        """Ask what fired before, and read the notes anew."""
        self._main.desk.watch.look_back(self._main.desk.context.shift)

    def on_unmount(self) -> None:
        """Follow and ask no longer."""
        self._main.desk.watch.look_back(None)
        if self._main.over is self:
            self._main.over = None

    def on_resize(self) -> None:
        """Cut the lines anew for another width."""
        self.follow()

    def follow(self) -> None:
        """Show the latest board that the main screen shows."""
        main = self._main
        if main.cut is None:
            return
        failed = main.cutter is not None and main.cutter.failed
        ended = "recording ended" if main.ended else ""
        held = "not up to date: internal error" if failed else "PAUSED" if main.paused else ended
        title, made = self._guard.safely("shift", self._cut, self._instead)
        self._parts = made.parts
        self.page.show(f"{held}, {title}" if held else title, made.lines)

    def _cut(self) -> "tuple[str, Page]":
        from cockpit.slices.shift import cut
        from cockpit.slices.shiftlines import page, title_of

        main = self._main
        desk, context = main.desk, main.desk.context
        assert main.cut is not None
        shift = cut(
            main.cut.board,
            desk.now(),
            shift=context.shift,
            baking=context.baking,
            teams=context.me.teams,
            recorded=desk.recording,
        )
        cells = (self.size.width or main.size.width) - _FRAME
        zone = desk.pane_zone
        return title_of(shift, zone=zone), page(shift, zone=zone, glyphs=main.looks.glyphs, cells=cells)

    def _instead(self, why: str) -> "tuple[str, Page]":
        from cockpit.slices.shiftlines import Page

        line: Line = (Span(why, Role.WARNING),)
        return "Start of the shift", Page((line,), ())

    def on_key(self, event: events.Key) -> None:
        """Type the note, or go to a part, take along, scroll, go back."""
        event.stop()
        event.prevent_default()
        if self._prompt is not None:
            if self._prompt.press(event.key, event.character):
                self._prompt = None
            self._show_prompt()
            return
        if self.footer.said is not None:
            self.footer.say("")
        match event.key:
            case "tab":
                self._go(1)
            case "shift+tab":
                self._go(-1)
            case "i":
                self._ask()
            case "Y":
                taking.copy(self._main, "start of the shift", f"{self.page.title_text}\n\n{self.text()}")
            case "r" | "R":
                self._main.desk.watch.refresh()
                self.footer.say("asking every system", Role.DIM)
            case _ if event.character in self._main.keys.by_id("shift").keys:
                self.dismiss()
            case _:
                super().on_key(event)

    def on_paste(self, event: events.Paste) -> None:
        """Put a pasted text into the note that is being typed."""
        event.stop()
        if self._prompt is not None:
            self._prompt.paste(event.text)
            self._show_prompt()

    def _go(self, way: int) -> None:
        """Scroll to the next part, or the one before."""
        page = self.page
        begins = [page.row_of(part) for part in self._parts]
        if way > 0:
            there = next((row for row in begins if row > page.top), page.last)
        else:
            there = next((row for row in reversed(begins) if row < page.top), 0)
        page.scroll(there - page.top)

    def _ask(self) -> None:
        """Begin to type a note."""
        self._prompt = Prompt("note for the next shift: ", self._leave)
        self._show_prompt()

    def _show_prompt(self) -> None:
        prompt = self._prompt
        self.footer.ask(prompt.label if prompt else "", prompt.edit if prompt else None)

    def _leave(self, typed: str) -> None:
        """Keep what was typed."""
        from cockpit.board.state import Noted
        from cockpit.slices.shiftnote import note_text

        text, desk = note_text(typed), self._main.desk
        if not text:
            self.footer.say("nothing was typed: no note is left", Role.DIM)
            return
        desk.watch.tell(Noted(desk.now(), text, desk.me))
        error = self._main.cut.board.journal_error if self._main.cut is not None else None
        kept = "kept until Cockpit ends: a recording keeps no journal" if desk.recording else "kept for the next shift"
        self.footer.say(f"{kept}; {error}" if error else kept, Role.WARNING if error else Role.PERSON)


def show_shift(screen: "MainScreen") -> None:
    """Show the start of a shift."""
    screen.over = Shifting(screen)
    screen.app.push_screen(screen.over)
