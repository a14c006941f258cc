"""The one place where the board moves forward: reduced, published, journalled; what a person did is journalled first."""

import logging
from collections.abc import Callable
from dataclasses import fields
from typing import Protocol

from cockpit.board.reduce import empty, reduce
from cockpit.board.state import Act, Board, Event, JournalSaid, Recalled, Setup, Tick
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

    def write(self, event: Act) -> None:
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
        self._kept = self.board
        """What the journal followed last."""
        self._soon: Callable[[Callable[[], None]], object] | None = None
        self._due = False

    def defer(self, soon: Callable[[Callable[[], None]], object] | None) -> None:
        """Let what was seen be journalled soon and not at once, by whoever calls back; null ends that."""
        self._soon = soon
        self.keep()

    def restart(self) -> None:
        """Begin again with an empty board at the clock's present moment."""
        self.board = self._kept = empty(self.board.setup, self._clock.now())
        self._recalled = False

    def recall(self) -> None:
        """Take what the journal held from before, once."""
        if self._journal is not None and not self._recalled:
            self._recalled = True
            self.take(self._journal.recall())

    def reread(self) -> None:
        """Take the notes that the journal holds by now: another Cockpit may have kept one."""
        if self._journal is not None:
            self.take(Recalled(self._clock.now(), notes=self._journal.recall().notes))

    def decide(self, event: Act) -> None:
        """Take what a person decided, journalled before anything else."""
        if self._journal is not None:
            self._journal.write(event)
        self.take(event)

    def take(self, event: Event) -> None:
        """Move the board forward by one event and publish it; what that opened or ended is journalled then, or soon."""
        before = self.board
        after = self._reduced(before, event)
        if after.at < before.at <= self._clock.now():  # what another Cockpit was answered before takes no time back
            after = self._reduced(after, Tick(before.at))
        self.board = after
        if not isinstance(event, Tick) or changed(before, after):
            self._tell(after)
        if self._soon is None:
            self.keep()
        elif not self._due:
            self._due = True
            self._soon(self.keep)

    def keep(self) -> None:
        """Journal what was seen since the last time, and say on the board where that is in trouble."""
        self._due = False
        if self._journal is None:
            return
        before, self._kept = self._kept, self.board
        self._journal.follow(before, self.board)
        if self._journal.error != self.board.journal_error:
            self.board = self._reduced(self.board, JournalSaid(self._clock.now(), self._journal.error))
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
