"""The checklist of the selected alert: its lines, the hop under the cursor in full, and ticks that nobody has to make."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.layout import Layout
from textual.screen import Screen

from cockpit.actions import INTEGRATIONS
from cockpit.model.checklist import CheckLine, Checklist
from cockpit.model.drawing import Line, Role, Span
from cockpit.model.drill import Subject
from cockpit.model.walk import Layer
from cockpit.screens import taking, walking
from cockpit.screens.deck import Deck
from cockpit.screens.guarding import Guard
from cockpit.screens.layout import Placed, Rect
from cockpit.screens.reader import Page
from cockpit.slices import walk as walks
from cockpit.slices.checkrows import named
from cockpit.text import cut, width
from widgets.footer import FooterBar, Hint
from widgets.frames import BARE, Frame
from widgets.palette import Tone
from widgets.pane import Pane, Row

if TYPE_CHECKING:
    from cockpit.screens.main import MainScreen

_DETAILS = 9
"""Lines that the details have at least where there is room for both."""
_SHORT = 12
"""Lines of a terminal under which there are no details."""


class Lines(Pane):
    """The lines of a checklist, and the cursor, which stays on its hop."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.focused = True
        self.value = Checklist("")
        self.held = ""
        """Why it does not move on, where it does not."""
        self.here = ""
        """The hop under the cursor."""
        self._top = 0

    @property
    def index(self) -> int:
        """The number of the line under the cursor."""
        return next((number for number, line in enumerate(self.value.lines) if line.service == self.here), 0)

    @property
    def line(self) -> CheckLine | None:
        """The line under the cursor."""
        return self.value.lines[self.index] if self.value.lines else None

    @property
    def needed(self) -> int:
        """How many rows would show everything."""
        return len(self.value.lines) + len(self.value.below) + 1

    def show(self, value: Checklist) -> None:
        """Show a checklist; a cursor whose hop is gone goes to the line that stands there now."""
        before = self.index
        self.value, self.stale = value, value.stale
        services = [line.service for line in value.lines]
        if self.here not in services and services:
            lead = next((line.service for line in value.lines if line.lead), services[0])
            self.here = services[min(before, len(services) - 1)] if self.here else lead
        self.repaint()

    def move(self, by: int) -> None:
        """Move the cursor by so many lines, not beyond the ends."""
        if self.value.lines:
            there = max(0, min(len(self.value.lines) - 1, self.index + by))
            self.here = self.value.lines[there].service
            self.repaint()

    def row_at(self, row: int) -> int | None:
        """Return the number of the line that stands in a row; null where none does."""
        number = self._top + row - 1
        return number if row > 0 and number < len(self.value.lines) else None

    def heading(self) -> tuple[str, Sequence[str]]:
        """Return what it is about, and how many hops are how."""
        held = f"{self.held}, " if self.held else ""
        counts = [held + said for said in self.value.counts]
        room = self.size.width - width(counts[-1]) - 12 if counts else self.size.width
        return cut(self.value.title, max(8, room), self.looks.glyphs.ellipsis), counts

    def content(self, cells: int, rows: int) -> list[Row]:
        """Return the heading, the lines around the cursor, and what is left out."""
        del cells
        value, cursor = self.value, self.looks.glyphs.cursor
        below = value.below[: max(0, rows - 4)]
        room = max(1, rows - 1 - len(below))
        if len(value.rows) > room:
            below, room = (), max(1, rows - 1)
            if not self._top <= self.index < self._top + room:
                self._top = max(0, min(self.index - room // 2, len(value.rows) - room))
            self._top = max(0, min(self._top, len(value.rows) - room))
        else:
            self._top = 0
        found = [Row((Span(" "), *value.heading))]
        for number, line in enumerate(value.rows[self._top : self._top + room], self._top):
            here = number == self.index
            found.append(Row((Span(cursor if here else " ", Role.KEY), *line), Tone.CURSOR if here else Tone.NORMAL))
        found += [Row((Span(f" {said}", Role.WARNING),)) for said in below]
        return found


class Checking(Screen[None], inherit_bindings=False):
    """Shows the checklist of one alert until a person goes back; it follows the boards that arrive.

    Args:
        main: The screen behind it: its board, its desk, its looks.
        subject: What the checklist is about.
    """

    HINTS: ClassVar[tuple[Hint, ...]] = (
        Hint("j k", "move"),
        Hint("space", "tick"),
        Hint("enter", "on the map"),
        Hint("y", "copy log query, dashboard"),
        Hint("ctrl+d ctrl+u", "scroll"),
        Hint("q", "back"),
    )

    def __init__(self, main: "MainScreen", subject: Subject) -> None:
        super().__init__()
        self._main = main
        self._subject = subject
        self._guard = Guard()
        self.lines = Lines(id="lines")
        self.page = Page("", (), id="page")
        self.page.focused = False
        self.footer = FooterBar(id="footer")
        for pane in (self.lines, self.page, self.footer):
            pane.looks = main.looks
        self.footer.hints = self.HINTS
        self._deck = Deck(self._place)
        self._needed = 0
        self.follow()

    @property
    def layout(self) -> Layout:
        """The lines over the details over the footer."""
        return self._deck

    def compose(self) -> Sequence[Pane]:
        """Return lines, details and footer."""
        return (self.lines, self.page, self.footer)

    def follow(self) -> None:
        """Show the checklist on the latest board that the main screen shows."""
        main = self._main
        if main.cut is None:
            return
        from cockpit.slices import checklist

        board, desk = main.cut.board, main.desk
        self._subject = checklist.again(board, self._subject)
        cells = (self.size.width or main.size.width) - 3
        failed = main.cutter is not None and main.cutter.failed
        ended = "recording ended" if main.ended else ""
        self.lines.held = "not up to date: internal error" if failed else "PAUSED" if main.paused else ended
        self.lines.show(
            self._guard.safely(
                "checklist",
                lambda: checklist.cut(
                    board, self._subject, desk.now(), desk.pane_zone, glyphs=main.looks.glyphs, width=cells
                ),
                lambda why: Checklist(self._subject.name, below=(why,)),
            )
        )
        self._show_details()
        if self._needed != self.lines.needed and self.is_attached:
            self.lines.refresh(layout=True)

    def on_resize(self) -> None:
        """Cut the lines anew for another width."""
        self.follow()

    def on_unmount(self) -> None:
        """Follow no longer."""
        if self._main.over is self:
            self._main.over = None

    def _show_details(self) -> None:
        line = self.lines.line
        details: tuple[Line, ...] = () if line is None else line.details
        hidden = self.lines.value.below if self.lines.inner.height < self.lines.needed else ()
        below = tuple((Span(said, Role.WARNING),) for said in hidden)
        self.page.show("" if line is None else f"{named(line.service)}: {line.verdict}", (*details, *below))

    def _place(self, columns: int, height: int) -> dict[str, Placed]:
        self._needed = needed = self.lines.needed
        footer = int(height > 2)
        room = height - footer
        details = room - 1 - needed if height >= _SHORT else 0
        details = min(room - 6, max(details, _DETAILS)) if height >= _SHORT else 0
        above = room - details
        closed = Frame("╭", "╮", bottom=True, bottom_left="╰", bottom_right="╯")
        placed = {"lines": Placed(Rect(0, 0, columns, above), Frame("╭", "╮") if details else closed)}
        if details:
            frame = Frame("├", "┤", bottom=True, bottom_left="╰", bottom_right="╯")
            placed["page"] = Placed(Rect(0, above, columns, details), frame)
        if footer:
            placed["footer"] = Placed(Rect(0, height - 1, columns, 1), BARE)
        return placed

    def on_pane_clicked(self, event: Pane.Clicked) -> None:
        """Put the cursor on the line that was clicked."""
        event.stop()
        number = self.lines.row_at(event.row) if event.pane is self.lines else None
        if number is not None:
            self._move(number - self.lines.index)

    def on_key(self, event: events.Key) -> None:
        """Move, tick, take along, go to the hop, or go back."""
        event.stop()
        event.prevent_default()
        key, rows = event.key, max(1, self.lines.inner.height - 1)
        if self.footer.said is not None:
            self.footer.say("")
        ways = {"j": 1, "down": 1, "k": -1, "up": -1, "g": -(1 << 30), "home": -(1 << 30), "G": 1 << 30, "end": 1 << 30}
        ways |= {"pagedown": rows, "pageup": -rows}
        half = max(1, self.page.inner.height // 2)
        if key in ways:
            self._move(ways[key])
        elif key in {"ctrl+d", "ctrl+u"}:
            self.page.scroll(half if key == "ctrl+d" else -half)
        elif key == "space":
            self._tick()
        elif key == "enter":
            self._go()
        elif key == "y":
            self._copy()
        elif key in {"q", "escape", "backspace", "ctrl+c"} or event.character in self._opening:
            self.dismiss()
        elif key == "ctrl+l":
            self.refresh(repaint=True)

    @property
    def _opening(self) -> tuple[str, ...]:
        """The keys that open it: they close it too."""
        return self._main.keys.by_id("checklist").keys

    def _move(self, by: int) -> None:
        self.lines.move(by)
        self.page.top = 0
        self._show_details()

    def _tick(self) -> None:
        """Tick the line under the cursor, or take its tick away."""
        line, main = self.lines.line, self._main
        if line is None:
            return
        from cockpit.board.state import Ticked

        now = main.desk.now()
        main.desk.watch.tell(Ticked(now, line.occurrence, line.service, not line.ticked, main.desk.me))
        error = main.cut.board.journal_error if main.cut is not None else None
        said = f"{named(line.service)} {'no longer ticked' if line.ticked else 'ticked'}"
        self.footer.say(f"{said}; {error}" if error else said, Role.WARNING if error else Role.PERSON)

    def _go(self) -> None:
        """Leave, and make the hop under the cursor the focus of the map."""
        line, main = self.lines.line, self._main
        if line is None:
            return
        if main.cut is None or not main.walks:
            self.footer.say("no map: hops are unknown; cockpit map draft writes one", Role.WARNING)
            return
        from cockpit.slices.layers import onto

        self.dismiss()
        main.go_to(INTEGRATIONS)
        walking.go(main, walks.focus(onto(main.walk, Layer.SERVICES, main.cut.board), line.service))

    def _copy(self) -> None:
        """Copy what the line under the cursor has, or let one of it be chosen."""
        line = self.lines.line
        if line is None:
            return
        if line.takes:
            taking.offer(self._main, f"Copy ─ {named(line.service)}", line.takes)
        else:
            self.footer.say(f"{named(line.service)} has neither log query nor dashboard in the map", Role.DIM)


def show_checklist(screen: "MainScreen") -> None:
    """Show the checklist of the selected alert."""
    row = screen.alerts.cursor
    if row is None or screen.cut is None:
        return
    from cockpit.triage.subject import subject_of

    subject = subject_of(screen.cut.board, row)
    if subject is None:
        screen.say("this alert is no longer known", Role.DIM)
        return
    screen.over = Checking(screen, subject)
    screen.app.push_screen(screen.over)
