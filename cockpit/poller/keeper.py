"""The one place where the board moves forward: reduced, published, journalled; what a person did is journalled first."""

import logging
from collections.abc import Callable
from dataclasses import fields
from typing import Protocol

from cockpit.board.reduce import empty, reduce
from cockpit.board.state import Answered, Board, Event, JournalSaid, PriorityChosen, Recalled, Setup, Tick
from cockpit.clock import Clock
from cockpit.model.reading import Reading

log = logging.getLogger(__name__)
"""Where errors of the board and of its readers go."""


class Journal(Protocol):
    """What the watch asks of a journal; none of it raises."""

    @property
    def error(self) -> str | None:
        """Why entries wait in memory, where they do."""

    def recall(self) -> Recalled:
        """Return what it holds from before."""

    def write(self, event: Answered | PriorityChosen) -> None:
        """Keep what a person did."""

    def follow(self, before: Board, after: Board) -> None:
        """Keep what was seen."""


def changed(before: Board, after: Board) -> bool:
    """Tell whether a reader of the boards could see a difference beside their moment."""
    if before is after:
        return False
    for field in fields(Board):
        if field.name != "at":
            old, new = getattr(before, field.name), getattr(after, field.name)
            if old is not new and old != new:
                return True
    return False


class Keeper:
    """Holds the latest board; used by one thread at a time.

    Args:
        setup: What the configuration says about how readings become a board.
        clock: Says when the board begins.
        journal: Where it is kept what people did and what was seen.
        publish: Called with each new board; an exception in it ends nothing.
    """

    def __init__(
        self, setup: Setup, clock: Clock, journal: Journal | None, publish: Callable[[Board], None] | None
    ) -> None:
        self.board = empty(setup, clock.now())
        self.publish = publish
        self._clock = clock
        self._journal = journal
        self._recalled = False

    def restart(self) -> None:
        """Begin again with an empty board at the clock's present moment."""
        self.board = empty(self.board.setup, self._clock.now())
        self._recalled = False

    def recall(self) -> None:
        """Take what the journal held from before, once."""
        if self._journal is not None and not self._recalled:
            self._recalled = True
            self.take(self._journal.recall())

    def decide(self, event: Answered | PriorityChosen) -> None:
        """Take what a person decided, journalled before anything else."""
        if self._journal is not None:
            self._journal.write(event)
        self.take(event)

    def take(self, event: Event) -> None:
        """Move the board forward by one event, publish it, and journal what that opened or ended."""
        before = self.board
        self.board = after = self._reduced(before, event)
        quiet = isinstance(event, Tick) and not changed(before, after)
        if not quiet:
            self._tell(after)
        if self._journal is None:
            return
        self._journal.follow(before, after)
        if self._journal.error != after.journal_error:
            self.board = self._reduced(after, JournalSaid(self._clock.now(), self._journal.error))
            self._tell(self.board)

    def _tell(self, board: Board) -> None:
        """Publish a board, if anybody wants it."""
        if self.publish is None:
            return
        try:
            self.publish(board)
        except Exception:
            log.exception("publishing a board")

    def _reduced(self, board: Board, event: Event) -> Board:
        """Return the next board; an error in making it is logged, and shown as that system's failure."""
        try:
            return reduce(board, event)
        except Exception as error:
            log.exception("reducing %s", type(event).__name__)
            if not isinstance(event, Reading) or event.answer is None:
                return board
            return self._reduced(board, _failed(event, error))


def _failed(reading: Reading, error: Exception) -> Reading:
    return Reading(
        reading.system,
        reading.kind,
        reading.topic,
        reading.asked,
        reading.at,
        reading.took_s,
        error=f"internal error: {type(error).__name__} in the board, see the log",
        every_s=reading.every_s,
        insecure=reading.insecure,
    )
