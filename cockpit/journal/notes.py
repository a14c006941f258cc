"""Notes for the next shift in the journal: acts that are only ever added, and never grow too old to be read."""

import sqlite3
from contextlib import suppress

from cockpit.board.people import MOST_NOTES
from cockpit.board.state import SHIFT, Noted
from cockpit.journal.entries import moment
from cockpit.spans import parse_rfc3339

NOTE = "note"
"""What stands for the question of an act that is a note; its words stand as the value."""

_NOTE = (
    "INSERT INTO acts (scope, at, occurrence, what, question, standing, value, by, evidence, priority) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def note_statement(scope: str, note: Noted) -> tuple[str, tuple[str | None, ...]]:
    """Return the act of leaving a note, as a statement with its values."""
    return _NOTE, (scope, moment(note.at), SHIFT, NOTE, NOTE, None, note.text, note.by, None, None)


def notes_of(connection: sqlite3.Connection, scope: str) -> tuple[Noted, ...]:
    """Return the latest notes of a scope, oldest first; a row that cannot be read is left out.

    Raises:
        sqlite3.Error: It cannot be read at all.
    """
    rows = connection.execute(
        "SELECT DISTINCT at, value, by FROM acts WHERE scope = ? AND occurrence = ? AND question = ? "
        "ORDER BY at DESC LIMIT ?",
        (scope, SHIFT, NOTE, MOST_NOTES),
    )
    found: list[Noted] = []
    for at, text, by in rows:
        with suppress(ValueError, TypeError):
            found.append(Noted(parse_rfc3339(at), str(text), str(by or "")))
    return tuple(reversed(found))
