"""The journal's tables, and how a file of an older version becomes one of this."""

import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path

SCHEMA = 1
"""The version of the tables, kept in `PRAGMA user_version`."""

TABLES = (
    """
    CREATE TABLE occurrences (
        scope TEXT NOT NULL, subject TEXT NOT NULL, opened TEXT NOT NULL, system TEXT NOT NULL,
        seen TEXT, ended TEXT, note TEXT,
        PRIMARY KEY (scope, subject, opened)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX occurrences_ended ON occurrences (scope, ended)",
    """
    CREATE TABLE acts (
        id INTEGER PRIMARY KEY, scope TEXT NOT NULL, at TEXT NOT NULL, occurrence TEXT NOT NULL, what TEXT NOT NULL,
        question TEXT, standing TEXT, value TEXT, by TEXT, evidence TEXT, priority TEXT
    )
    """,
    "CREATE INDEX acts_occurrence ON acts (scope, occurrence)",
    "CREATE TABLE watch (scope TEXT NOT NULL, system TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (scope, system))",
    """
    CREATE TABLE heartbeats (
        scope TEXT NOT NULL, system TEXT NOT NULL, id TEXT NOT NULL, labels TEXT NOT NULL, matcher TEXT NOT NULL,
        seen TEXT NOT NULL, missing_since TEXT,
        PRIMARY KEY (scope, system, id, labels)
    )
    """,
)
"""What a new file is made of. An occurrence without `seen` was there when its system was last heard (`watch`);
`scope` tells contexts apart, and acts are only ever added."""

UPGRADES: Mapping[int, tuple[str, ...]] = {}
"""By version: the statements that make the next version out of it."""


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of a file; 0 of a new one."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def prepare(connection: sqlite3.Connection, file: Path | None) -> None:
    """Make the tables, or bring them to this version; a file that is changed is copied first.

    Raises:
        sqlite3.Error: It cannot be written.
        OSError: The copy cannot be written.
    """
    version = version_of(connection)
    if version >= SCHEMA:
        return
    if version > 0 and file is not None:
        keep_copy(connection, file.with_name(f"{file.name}.bak-v{version}"))
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = version_of(connection)  # another Cockpit may have been quicker
        while version < SCHEMA:
            for statement in TABLES if version == 0 else UPGRADES[version]:
                connection.execute(statement)
            version = SCHEMA if version == 0 else version + 1
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("COMMIT")
    except sqlite3.Error:
        connection.execute("ROLLBACK")
        raise


def keep_copy(connection: sqlite3.Connection, file: Path) -> None:
    """Copy the database to a file that only its owner can read; a copy that is there already stays."""
    try:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        return
    copy = sqlite3.connect(file)
    try:
        connection.backup(copy)
    finally:
        copy.close()
