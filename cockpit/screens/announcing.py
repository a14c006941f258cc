"""Telling before the pager does: the terminal's title always, the bell for what is new and bad."""

from collections.abc import Callable
from datetime import datetime

from cockpit.screens.cutting import Cut
from cockpit.screens.desk import Desk
from cockpit.slices.header import bells, terminal_title
from widgets.strips import guard

_TITLE = 80


class Announcer:
    """Keeps the title right and rings at most once in a while.

    Args:
        desk: The settings and the clock.
        write: Sends control sequences to the terminal.
        ring: Rings the bell.
    """

    def __init__(self, desk: Desk, write: Callable[[str], None], ring: Callable[[], None]) -> None:
        self._desk = desk
        self._write = write
        self._ring = ring
        self._title = ""
        self._rang: datetime | None = None
        self._owed = False

    def announce(self, before: Cut | None, after: Cut) -> None:
        """Say what changed between two cuts."""
        title = terminal_title(after.index, self._desk.minute(), self._desk.glyphs)
        if title != self._title:
            self._title = title
            self.repeat()
        if self._desk.context.bell:
            new = bells(before.index, after.index) if before is not None and after.settled else ()
            self._owed = self._owed or bool(new)
            self._settle()

    def repeat(self) -> None:
        """Say the title once more."""
        if self._title:
            self._write(f"\x1b]2;{guard(self._title)[:_TITLE]}\x07")

    def _settle(self) -> None:
        now = self._desk.now()
        if self._owed and (self._rang is None or now - self._rang >= self._desk.context.bell_every):
            self._owed, self._rang = False, now
            self._ring()
