"""The journal in its file: opened, written in order, and never in anybody's way."""

import logging
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from cockpit.board.state import Act, Board, Noted, PriorityChosen, Recalled, Ticked
from cockpit.clock import Clock
from cockpit.journal import entries, writing
from cockpit.journal.notes import note_statement
from cockpit.journal.opening import open_journal, scope_of
from cockpit.journal.place import make_file, on_network, set_aside
from cockpit.journal.recall import recalled
from cockpit.journal.schema import SCHEMA, prepare, version_of
from cockpit.model.drill import PersonAnswer, Priority, Question
from cockpit.model.written import Written

__all__ = ["OpenJournal", "open_journal", "scope_of"]

log = logging.getLogger(__name__)
"""Where a journal that cannot be written is told in full."""

NAME = "journal.db"
"""The file's name in its folder."""

SNAPSHOT = timedelta(seconds=30)
"""How often at most it is written who was last heard when."""

PATIENCE_S = 0.2
"""Seconds that another writer is waited for; then entries wait in memory."""

MOST_WAITING = 200_000
"""Entries that wait in memory at most; beyond that what was seen goes first, what people did stays."""

_DAMAGED = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})


class OpenJournal:
    """Keeps what people did and what was seen; safe to use from several threads and to kill at any time.

    Entries that cannot be written wait in memory, in order, and each further entry tries again.

    Args:
        folder: Where its file is; made where it is missing.
        clock: Says what time it is.
        scope: Tells contexts apart.
    """

    def __init__(self, folder: Path, clock: Clock, scope: str = "") -> None:
        self._file = folder / NAME
        self._clock = clock
        self._scope = scope
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._waiting: deque[entries.Statement] = deque()
        self._error: str | None = None
        self._notice: str | None = None
        self._read_only = False
        self._closed = False
        self._renewed = False
        self._board: Board | None = None
        self._snapped: datetime | None = None
        self._sightings: dict[entries.Stamp, str] = {}
        self._beats: set[entries.Beat] = set()
        self._answers: dict[tuple[str, Question], PersonAnswer] = {}
        self._chosen: dict[str, Priority] = {}
        self._ticks: dict[tuple[str, str], Ticked] = {}
        self._notes: set[Noted] = set()
        with self._lock:
            self._try_open()

    @property
    def error(self) -> str | None:
        """Why entries wait in memory, or what happened to the file, in an engineer's words."""
        return self._error or self._notice

    @property
    def read_only(self) -> bool:
        """Whether it is of a newer version, and so only read."""
        return self._read_only

    @property
    def waiting(self) -> int:
        """How many entries wait in memory."""
        return len(self._waiting)

    def recall(self) -> Recalled:
        """Return what it holds from before: open and ended occurrences, people's answers, heartbeats."""
        now = self._clock.now()
        with self._lock:
            if self._connection is None:
                self._try_open()
            if self._connection is None:
                return Recalled(now)
            try:
                held = recalled(self._connection, self._scope, now)
            except sqlite3.Error as error:
                self._note(error)
                return Recalled(now)
            self._answers.update({(one.occurrence, one.question): one for one in held.persons})
            self._chosen.update(held.chosen)
            self._ticks.update({(one.occurrence, one.item): one for one in held.ticks})
            self._notes.update(held.notes)
            return held

    def write(self, event: Act) -> None:
        """Keep what a person did: on the disk when this returns, or waiting with `error` set."""
        with self._lock:
            scope, occurrence = self._scope, event.occurrence
            if isinstance(event, PriorityChosen):
                statement = entries.chose(scope, occurrence, event.priority, event.at)
                if event.priority is None:
                    self._chosen.pop(occurrence, None)
                else:
                    self._chosen[occurrence] = event.priority
            elif isinstance(event, Noted):
                statement = note_statement(scope, event)
                self._notes.add(event)
            elif isinstance(event, Ticked):
                statement = entries.ticked(scope, event)
                self._ticks.pop((occurrence, event.item), None)
                if event.ticked:
                    self._ticks[occurrence, event.item] = event
            elif event.answer is None:
                statement = entries.taken_back(scope, occurrence, event.question, event.at)
                self._answers.pop((occurrence, event.question), None)
            else:
                statement = entries.answered(scope, event.answer)
                self._answers[event.answer.occurrence, event.question] = event.answer
            self._add([statement], durable=True)
            if self._closed:
                self._let_go()

    def claim(self, entry: Written, stale: timedelta) -> str | None:
        """Keep that a write begins, on the disk when this returns; return why it must not begin.

        Of several Cockpits with one journal only one may begin: it is looked and kept in one transaction.
        """
        with self._lock:
            self._lost()
            if self._connection is None:
                self._try_open()
            self._add([], durable=True)
            if self._waiting or self._connection is None or self._read_only:
                reason = self.error or "it cannot be written"
                return f"the journal cannot keep it, so nothing is written: {reason}"
            try:
                return writing.claimed(self._connection, self._scope, entry, stale, PATIENCE_S)
            except sqlite3.Error as error:
                self._note(error)
                return f"the journal cannot keep it, so nothing is written: {self._error}"

    def settle(self, entry: Written) -> None:
        """Keep what came of a write: on the disk when this returns, or waiting with `error` set."""
        with self._lock:
            self._add([writing.written(self._scope, entry)], durable=True)
            if self._closed:
                self._let_go()

    def writes(self, what: str, since: datetime) -> tuple[Written, ...]:
        """Return what was kept of writes of one kind, oldest first; nothing where it cannot be read."""
        with self._lock:
            if self._connection is None and not self._try_open():
                return ()
            assert self._connection is not None
            try:
                return tuple(writing.writes(self._connection, self._scope, what, since))
            except sqlite3.Error as error:
                self._note(error)
                return ()

    def follow(self, before: Board, after: Board) -> None:
        """Keep what a step of the board opened and ended, in one transaction; try what waits again."""
        with self._lock:
            if self._closed:
                return
            self._board = after
            if self._renewed or self._lost():
                self._renewed = False
                self._answers, self._chosen, self._ticks, self._notes = {}, {}, {}, set()
                self._sightings, self._beats, self._snapped = {}, set(), None
                new = self._seen(None, after)
            else:
                new = self._seen(before, after)
            if after.persons is not before.persons or not self._answers:
                for answer, statement in entries.carried(self._scope, after, self._answers):
                    self._answers[answer.occurrence, answer.question] = answer
                    new.append(statement)
            if after.chosen is not before.chosen or not self._chosen:
                for occurrence, statement in entries.carried_priorities(self._scope, after, self._chosen):
                    self._chosen[occurrence] = after.chosen[occurrence]
                    new.append(statement)
            if after.ticks is not before.ticks or not self._ticks:
                for tick, statement in entries.carried_ticks(self._scope, after, self._ticks):
                    self._ticks[tick.occurrence, tick.item] = tick
                    new.append(statement)
            new += [note_statement(self._scope, note) for note in after.notes if note not in self._notes]
            self._notes.update(after.notes)
            if self._snapped is None or not timedelta() <= after.at - self._snapped < SNAPSHOT:
                new += self._snapshot(after)
            self._add(new)

    def close(self) -> None:
        """Write what is left and let go of the file; a person's act that comes later is still kept."""
        with self._lock:
            if self._closed:
                return
            self._add(self._snapshot(self._board) if self._board is not None else ())
            self._closed = True
            self._let_go()

    def _seen(self, before: Board | None, after: Board) -> list[entries.Statement]:
        """Return what was opened and ended, all of a kind together, so that many are written quickly."""
        return sorted(entries.opened_or_ended(self._scope, before, after), key=entries.turn)

    def _snapshot(self, board: Board) -> list[entries.Statement]:
        self._snapped = board.at
        new = list(entries.heard(self._scope, board))
        seen = entries.last_sightings(board)
        new += entries.sightings(self._scope, self._sightings, seen)
        self._sightings = seen
        more, self._beats = entries.beats(self._scope, board, self._beats)
        return new + more

    def _add(self, new: Iterable[entries.Statement], *, durable: bool = False) -> None:
        """Let entries wait, and write everything that waits."""
        again = bool(self._waiting)
        self._waiting.extend(new)
        if not self._waiting or self._read_only:
            self._waiting.clear()
            return
        for _ in range(2):  # a damaged file is set aside, and what waits goes into the new one
            if self._connection is None and not self._try_open():
                break
            if self._read_only or self._connection is None:
                self._waiting.clear()
                return
            try:
                _write(self._connection, self._waiting, 0.0 if again and not durable else PATIENCE_S, durable=durable)
            except (sqlite3.Error, OSError) as error:
                self._note(error)
                if self._connection is not None:
                    break
            else:
                self._waiting.clear()
                if self._error is not None:
                    log.info("the journal is written again")
                self._error = None
                return
        self._bound()

    def _bound(self) -> None:
        """Keep what waits from growing without end: what was seen goes first, in order of age."""
        if len(self._waiting) > MOST_WAITING:
            surplus = len(self._waiting) - MOST_WAITING
            kept: deque[entries.Statement] = deque()
            for statement in self._waiting:
                if surplus and not statement[0].startswith("INSERT INTO acts"):
                    surplus -= 1
                else:
                    kept.append(statement)
            self._waiting = kept

    def _try_open(self) -> bool:
        """Open the file, and a new one where it is damaged; tell whether it can be used."""
        for _ in range(2):
            try:
                self._open()
            except (sqlite3.Error, OSError) as error:
                self._let_go()
                if not self._set_aside(error):
                    self._note(error)
                    return False
            else:
                return True
        return False

    def _open(self) -> None:
        make_file(self._file)
        self._connection = _connect(str(self._file))
        self._inode = self._file.stat().st_ino
        version = version_of(self._connection)
        if version > SCHEMA:
            self._connection.close()
            self._connection = _connect(f"{self._file.as_uri()}?mode=ro", uri=True)
            self._read_only = True
            self._error = (
                f"{self._file} is of version {version}, this Cockpit knows {SCHEMA}: it is only read, and nothing is kept; "
                "update Cockpit"
            )
            return
        mode = "DELETE" if on_network(self._file) else "WAL"
        self._connection.execute(f"PRAGMA journal_mode = {mode}").fetchone()
        prepare(self._connection, self._file)

    def _set_aside(self, error: BaseException) -> bool:
        """Move a damaged file away so that a new one can begin; false where that is not what is wrong."""
        if getattr(error, "sqlite_errorname", "") not in _DAMAGED:
            return False
        try:
            aside = set_aside(self._file, self._clock.now())
        except OSError as failure:
            self._note(failure)
            return False
        self._notice = f"{self._file} was damaged: it is kept as {aside.name}, and a new one was begun"
        self._renewed = True
        log.error("%s (%s)", self._notice, error)
        return True

    def _lost(self) -> bool:
        """Tell whether somebody took the file away while it was open; looked at when it is next written."""
        if self._connection is None or self._read_only:
            return False
        try:
            there = os.stat(self._file).st_ino  # noqa: PTH116 - the cheapest look there is, at every step
        except FileNotFoundError:
            there = 0
        except OSError:
            return False
        if there == self._inode:
            return False
        self._let_go()
        log.warning("the journal's file was taken away; it is begun anew")
        return True

    def _note(self, error: BaseException) -> None:
        """Say why it cannot be written."""
        if getattr(error, "sqlite_errorname", "") in _DAMAGED:
            self._let_go()
            self._set_aside(error)
        said = _words(error, self._file)
        if said != self._error:
            log.warning("journal: %s (%s)", said, error)
        self._error = said

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except sqlite3.Error as error:
                log.warning("closing the journal: %s", error)


def _connect(target: str, *, uri: bool = False) -> sqlite3.Connection:
    return sqlite3.connect(target, timeout=PATIENCE_S, isolation_level=None, check_same_thread=False, uri=uri)


def _write(
    connection: sqlite3.Connection, statements: Iterable[entries.Statement], patience_s: float, *, durable: bool
) -> None:
    """Write statements in one transaction, or none of them; durable ones are on the disk afterwards."""
    connection.execute(f"PRAGMA busy_timeout = {int(patience_s * 1000)}")
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    connection.execute("BEGIN IMMEDIATE")
    try:
        for sql, alike in groupby(statements, key=itemgetter(0)):
            connection.executemany(sql, ([entries.storable(value) for value in values] for _, values in alike))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _words(error: BaseException, file: Path) -> str:
    """Return why the journal cannot be written, and what to do."""
    name = getattr(error, "sqlite_errorname", "")
    place = str(file)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return f"{place} is locked by another program; answers wait in memory"
    if name == "SQLITE_FULL" or (isinstance(error, OSError) and error.errno == 28):
        return f"no space left for {place}; make room, answers wait in memory"
    if name.startswith("SQLITE_READONLY") or isinstance(error, PermissionError):
        return f"{place} cannot be written; check who owns it, answers wait in memory"
    if name in _DAMAGED:
        return f"{place} is damaged; answers wait in memory"
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"{place} cannot be written ({why}); answers wait in memory"
