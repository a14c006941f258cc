"""Opens the journal that is wanted: one in a file, or one that ends with the process."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from cockpit.board.state import Act, Board, Noted, PriorityChosen, Recalled, Ticked
from cockpit.clock import Clock
from cockpit.config import Context
from cockpit.model.drill import PersonAnswer, Priority, Question
from cockpit.model.written import Written
from cockpit.text import bare


class Journal(Protocol):
    """What every journal does; none of it raises."""

    @property
    def error(self) -> str | None:
        """Why entries wait in memory, or what happened to the file, in an engineer's words."""

    @property
    def read_only(self) -> bool:
        """Whether it is of a newer version, and so only read."""

    @property
    def waiting(self) -> int:
        """How many entries wait in memory."""

    def recall(self) -> Recalled:
        """Return what it holds from before."""

    def write(self, event: Act) -> None:
        """Keep what a person did."""

    def claim(self, entry: Written, stale: timedelta) -> str | None:
        """Keep that a write to an outside system begins, on the disk when this returns; return why it must not begin.

        Args:
            entry: What begins.
            stale: After which one that was begun and never settled is nobody's.
        """

    def settle(self, entry: Written) -> None:
        """Keep what came of a write."""

    def writes(self, what: str, since: datetime) -> tuple[Written, ...]:
        """Return what was kept of writes of one kind, oldest first."""

    def follow(self, before: Board, after: Board) -> None:
        """Keep what was seen."""

    def close(self) -> None:
        """Write what is left and let go of the file."""


def open_journal(folder: Path | None, clock: Clock, context: Context | None = None) -> Journal:
    """Open the journal in a folder, or one in memory that ends with the process; never raises.

    Args:
        folder: The state folder, made where it is missing.
        clock: Says when it was recalled and when a damaged file was set aside.
        context: Keeps what is seen in one context apart from the others.
    """
    if folder is None:
        return PassingJournal(clock)
    from cockpit.journal.store import OpenJournal

    return OpenJournal(folder, clock, scope_of(context))


def scope_of(context: Context | None) -> str:
    """Return what tells a context's entries from others: its name, and its addresses where no file names it."""
    if context is None:
        return ""
    if context.source in {"", "command line", "environment", "amtool", "default"}:
        addresses = sorted(url for spec in context.systems for url in spec.urls)
        return " ".join([context.name, *map(bare, addresses)])
    return context.name


class PassingJournal:
    """Keeps what people did for as long as the process lives; what was seen is on the board for as long.

    Args:
        clock: Says what time it is.
    """

    error: str | None = None
    """Nothing can be in its way."""
    read_only = False
    """It is of this version."""
    waiting = 0
    """Nothing waits."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._persons: dict[tuple[str, Question], PersonAnswer] = {}
        self._chosen: Mapping[str, Priority] = {}
        self._ticks: dict[tuple[str, str], Ticked] = {}
        self._notes: tuple[Noted, ...] = ()
        self._writes: list[Written] = []

    def recall(self) -> Recalled:
        """Return what people did before."""
        persons, ticks = tuple(self._persons.values()), tuple(self._ticks.values())
        return Recalled(self._clock.now(), persons=persons, chosen=self._chosen, ticks=ticks, notes=self._notes)

    def write(self, event: Act) -> None:
        """Keep what a person did."""
        if isinstance(event, PriorityChosen):
            rest = {occurrence: one for occurrence, one in self._chosen.items() if occurrence != event.occurrence}
            self._chosen = rest if event.priority is None else {**rest, event.occurrence: event.priority}
        elif isinstance(event, Noted):
            self._notes = (*self._notes, event)
        elif isinstance(event, Ticked):
            self._ticks.pop((event.occurrence, event.item), None)
            if event.ticked:
                self._ticks[event.occurrence, event.item] = event
        elif event.answer is None:
            self._persons.pop((event.occurrence, event.question), None)
        else:
            self._persons[event.answer.occurrence, event.question] = event.answer

    def claim(self, entry: Written, stale: timedelta) -> str | None:
        """Keep that a write begins, unless the same was done or is being done."""
        from cockpit.journal.writing import WRITES, in_the_way

        reason = in_the_way(self.writes(entry.what, entry.at - WRITES), entry, stale)
        if reason is None:
            self._writes.append(entry)
        return reason

    def settle(self, entry: Written) -> None:
        """Keep what came of a write."""
        self._writes.append(entry)

    def writes(self, what: str, since: datetime) -> tuple[Written, ...]:
        """Return what was kept of writes of one kind, oldest first."""
        return tuple(one for one in self._writes if one.what == what and one.at >= since)

    def follow(self, before: Board, after: Board) -> None:
        """Keep under which names people's answers go on."""
        if after.persons is not before.persons:
            self._persons.update(
                {(one.occurrence, one.question): one for answers in after.persons.values() for one in answers.values()}
            )
        self._notes = after.notes or self._notes
        if after.chosen is not before.chosen:
            self._chosen = {**self._chosen, **after.chosen}
        if after.ticks is not before.ticks:
            self._ticks.update(
                {(one.occurrence, one.item): one for lines in after.ticks.values() for one in lines.values()}
            )

    def close(self) -> None:
        """Hold nothing, so nothing is let go."""
