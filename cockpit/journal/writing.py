"""Writes to outside systems in the journal: acts that are begun before anything is sent, and settled after."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from cockpit.journal.entries import ACT, WRITE, Statement, moment, storable
from cockpit.model.written import WriteStanding, Written
from cockpit.spans import clock_time, parse_rfc3339

WRITES = timedelta(days=30)
"""How far back it is looked whether the same was written."""

MOST = 5_000
"""Entries that are read at most, the latest."""


def written(scope: str, entry: Written) -> Statement:
    """Return the act of one step of a write."""
    return ACT, (
        scope,
        moment(entry.at),
        entry.subject,
        entry.what,
        WRITE,
        entry.standing.value,
        entry.after,
        entry.by,
        entry.before,
        None,
    )


def writes(connection: sqlite3.Connection, scope: str, what: str, since: datetime) -> Iterator[Written]:
    """Yield what was kept of writes of one kind, oldest first; a row that cannot be read is left out.

    Raises:
        sqlite3.Error: It cannot be read at all.
    """
    rows = connection.execute(
        "SELECT at, occurrence, standing, by, evidence, value FROM acts "
        "WHERE scope = ? AND question = ? AND what = ? AND at >= ? ORDER BY id DESC LIMIT ?",
        (scope, WRITE, what, moment(since), MOST),
    )
    for at, subject, standing, by, before, after in reversed(rows.fetchall()):
        with suppress(ValueError):
            yield Written(
                parse_rfc3339(at), what, subject, WriteStanding(standing), by or "", before or "", after or ""
            )


def in_the_way(entries: Iterable[Written], entry: Written, stale: timedelta) -> str | None:
    """Return why a write must not begin: it was done, or somebody is at it; null where it may.

    Args:
        entries: What was kept before, oldest first.
        entry: What would begin.
        stale: After which one that was begun and never settled is nobody's.
    """
    own = [one for one in entries if one.subject == entry.subject]
    for one in own:
        if one.standing is WriteStanding.DONE:
            name = f" by {one.by}" if one.by else ""
            return f"it was written at {clock_time(one.at, today=entry.at)} UTC{name}: the journal has it"
    if own and own[-1].standing is WriteStanding.BEGUN and abs(entry.at - own[-1].at) < stale:
        name = f" by {own[-1].by}" if own[-1].by else ""
        return f"it is being written{name} since {clock_time(own[-1].at, today=entry.at)} UTC: look again soon"
    return None


def claimed(
    connection: sqlite3.Connection, scope: str, entry: Written, stale: timedelta, patience_s: float
) -> str | None:
    """Keep that a write begins, unless another one is in the way; return which, or null.

    Raises:
        sqlite3.Error: It cannot be kept.
    """
    connection.execute(f"PRAGMA busy_timeout = {int(patience_s * 1000)}")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        known = writes(connection, scope, entry.what, entry.at - WRITES)
        reason = in_the_way(known, entry, stale)
        if reason is None:
            sql, values = written(scope, entry)
            connection.execute(sql, [storable(value) for value in values])
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return reason
