"""Reads out of the journal what a board has to know from before."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from cockpit.board.state import OpenOccurrence, Recalled, Ticked
from cockpit.journal.entries import TICK, WRITE, moment
from cockpit.journal.notes import notes_of
from cockpit.model.alert import Heartbeat, PastOccurrence
from cockpit.model.drill import Evidence, PersonAnswer, Priority, Question, Standing
from cockpit.spans import parse_rfc3339

PAST = timedelta(days=30)
"""How far back ended occurrences are remembered on the board; the file keeps them all."""

MOST_PAST = 20_000
"""Ended occurrences that are remembered on the board, the latest."""

RECENT = timedelta(days=7)
"""How long answers are remembered whose occurrence is not known to be open, and heartbeats that do not beat."""


def recalled(connection: sqlite3.Connection, scope: str, at: datetime) -> Recalled:
    """Return what the journal holds of a scope; a row that cannot be read is left out.

    Raises:
        sqlite3.Error: It cannot be read at all.
    """
    since = moment(at - PAST)
    known = tuple(_open(connection, scope, since))
    names = {f"{one.subject}/{one.opened:%Y%m%dT%H%M%SZ}" for one in known}
    answers, chosen, ticks = _acts(connection, scope, moment(at - RECENT), names)
    return Recalled(
        at=at,
        open=known,
        past=dict(_past(connection, scope, since)),
        persons=answers,
        chosen=chosen,
        ticks=ticks,
        notes=notes_of(connection, scope),
        heartbeats=tuple(_beats(connection, scope, moment(at - RECENT))),
    )


def _open(connection: sqlite3.Connection, scope: str, since: str) -> Iterator[OpenOccurrence]:
    rows = connection.execute(
        "SELECT o.subject, max(o.opened), coalesce(o.seen, w.at, o.opened) AS last FROM occurrences o "
        "LEFT JOIN watch w ON w.scope = o.scope AND w.system = o.system "
        "WHERE o.scope = ? AND o.ended IS NULL GROUP BY o.subject HAVING last >= ?",
        (scope, since),
    )
    for subject, opened, seen in rows:
        with suppress(ValueError):
            yield OpenOccurrence(subject, parse_rfc3339(opened), parse_rfc3339(seen))


def _past(connection: sqlite3.Connection, scope: str, since: str) -> Iterator[tuple[str, PastOccurrence]]:
    rows = connection.execute(
        "SELECT subject, opened, max(ended), note FROM occurrences WHERE scope = ? AND ended >= ? "
        "GROUP BY subject ORDER BY max(ended) DESC LIMIT ?",
        (scope, since, MOST_PAST),
    )
    for subject, opened, ended, note in reversed(rows.fetchall()):
        with suppress(ValueError):
            yield subject, PastOccurrence(parse_rfc3339(opened), parse_rfc3339(ended), note)


def _acts(
    connection: sqlite3.Connection, scope: str, since: str, names: set[str]
) -> tuple[tuple[PersonAnswer, ...], dict[str, Priority], tuple[Ticked, ...]]:
    answers: list[PersonAnswer] = []
    chosen: dict[str, Priority] = {}
    ticks: list[Ticked] = []
    rows = connection.execute(
        "SELECT max(id), at, occurrence, question, standing, value, by, evidence, priority FROM acts "
        "WHERE scope = ? AND question IS NOT ? "
        "GROUP BY occurrence, question, CASE WHEN question = ? THEN value END ORDER BY max(id)",
        (scope, WRITE, TICK),
    )
    for _, at, occurrence, question, standing, value, by, evidence, priority in rows:
        if occurrence not in names and at < since:
            continue
        with suppress(ValueError, TypeError, KeyError):
            if question is None:
                if priority is not None:
                    chosen[occurrence] = Priority(priority)
            elif question == TICK:
                if standing is not None:
                    ticks.append(Ticked(parse_rfc3339(at), occurrence, value, by=by))
            elif standing is not None:
                shown = tuple(map(_evidence, json.loads(evidence or "[]")))
                moment_of = parse_rfc3339(at)
                answers.append(
                    PersonAnswer(occurrence, Question(question), Standing(standing), value, by, moment_of, shown)
                )
    return tuple(answers), chosen, tuple(ticks)


def _evidence(said: dict[str, str | None]) -> Evidence:
    at = said["at"]
    return Evidence(said["system"] or "", said["says"] or "", parse_rfc3339(at) if at else None, said["url"])


def _beats(connection: sqlite3.Connection, scope: str, since: str) -> Iterator[Heartbeat]:
    rows = connection.execute(
        "SELECT system, matcher, seen, missing_since, labels, id FROM heartbeats WHERE scope = ? AND seen >= ? "
        "ORDER BY system, id",
        (scope, since),
    )
    for system, matcher, seen, missing, labels, name in rows:
        with suppress(ValueError):
            yield Heartbeat(
                system,
                matcher,
                parse_rfc3339(seen),
                parse_rfc3339(missing) if missing else None,
                json.loads(labels),
                name,
            )
