"""Joins what all change systems report into rows: one per change, with every system that saw it.

The result depends on what was reported, never on who answered first.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from cockpit.board.moments import later
from cockpit.board.state import Board
from cockpit.model.change import Change, ChangeKind, Witness
from cockpit.model.reading import ChangesSeen, Topic
from cockpit.model.topology import IntegrationMap
from cockpit.topology.naming import Naming

TOGETHER = timedelta(minutes=15)
"""Begins of one service and version that lie this close are one change."""
_LONGEST = timedelta(days=7)
_DEFINITE = (
    ChangeKind.DEPLOY,
    ChangeKind.CONFIG,
    ChangeKind.FLAG,
    ChangeKind.INFRASTRUCTURE,
    ChangeKind.MERGED,
)
"""Kinds, the most definite first."""
_TAG = re.compile(r"[vV](?=\d)")
_SHORTEST = 7
_COMMIT = re.compile(r"[0-9a-f]{7,64}")


def with_changes(board: Board) -> Board:
    """Return the board with the changes of all systems joined anew."""
    memory = board.memory
    assert memory is not None
    witnesses = list(_witnesses(board, Topic.CHANGES))
    changes = _kept(join(witnesses, memory.naming, board.setup.map), board.changes)
    further = [one for one in _witnesses(board, Topic.WIDER) if one.report.began < _joint(board, one.system)]
    if further or board.wide:
        wide = _kept(join([*witnesses, *further], memory.naming, board.setup.map), board.wide)
        board = replace(board, wide=wide)
    return within_window(board, changes)


def _witnesses(board: Board, wanted: Topic) -> Iterator[Witness]:
    for (system, topic), reading in board.readings.items():
        if topic is wanted and isinstance(reading.answer, ChangesSeen):
            yield from (Witness(system, report, reading.at) for report in reading.answer.changes)


def _joint(board: Board, system: str) -> datetime:
    """Return from when on what is asked at the cadence tells of a system's changes, and a little later.

    Longer times are measured more coarsely: what both tell of there is joined into one row.
    """
    reading = board.readings.get((system, Topic.CHANGES))
    seen = None if reading is None else reading.answer
    return later(seen.since if isinstance(seen, ChangesSeen) else board.at, TOGETHER)


def _kept(changes: tuple[Change, ...], before: tuple[Change, ...]) -> tuple[Change, ...]:
    """Return the changes, those that are as they were as the same objects."""
    known = {change.id: change for change in before}
    return tuple(known[one.id] if known.get(one.id) == one else one for one in changes)


def within_window(board: Board, changes: tuple[Change, ...] | None = None) -> Board:
    """Return the board with the changes of its window, and the older ones that an alert in any state may rest on.

    Without those the drill of a silenced or just resolved alert would say none of what was reported.
    """
    first = later(board.at, -board.setup.window)
    every = board.changes if changes is None else changes
    shown = tuple(change for change in every if change.began >= first)
    ids = {change.id for change in shown}
    gone = [change for change in (*every, *board.changes, *board.older) if change.id not in ids]
    older: tuple[Change, ...] = ()
    if gone:
        since = min((alert.since for alert in board.alerts.values()), default=None)
        if since is not None:
            reach = max(later(since, -board.setup.window), later(board.at, -_LONGEST))
            unique = {change.id: change for change in reversed(gone) if reach <= change.began < first}
            older = tuple(sorted(unique.values(), key=_newest_first))
    if _same(shown, board.changes) and _same(older, board.older):
        return board
    return replace(
        board,
        changes=board.changes if _same(shown, board.changes) else shown,
        older=board.older if _same(older, board.older) else older,
    )


def _same(new: tuple[Change, ...], old: tuple[Change, ...]) -> bool:
    return len(new) == len(old) and all(one is other for one, other in zip(new, old, strict=True))


def _newest_first(change: Change) -> tuple[float, str]:
    return (-(change.began - _EPOCH).total_seconds(), change.id)


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def same_version(one: str, other: str) -> bool:
    """Tell whether two systems mean the same version: a leading v is none, a short commit is its long one.

    An empty version is like no other.
    """
    if not one or not other:
        return False
    one, other = _plain(one), _plain(other)
    if one == other:
        return True
    if not (_COMMIT.fullmatch(one) and _COMMIT.fullmatch(other)) or one.isdigit() or other.isdigit():
        return False
    return one.startswith(other) or other.startswith(one)


def _plain(version: str) -> str:
    version = _TAG.sub("", version.strip(), count=1) if _TAG.match(version.strip()) else version.strip()
    return version.lower()


def join(witnesses: Iterable[Witness], naming: Naming, source: IntegrationMap) -> tuple[Change, ...]:
    """Return one row per change, newest first; a report that a system gives twice counts once."""
    services: dict[tuple[str, bool], list[Witness]] = {}
    seen: set[tuple[str, str, str]] = set()
    for witness in sorted(witnesses, key=_order):
        report = witness.report
        key = (witness.system, report.id, report.name)
        if report.id and key in seen:
            continue
        seen.add(key)
        named = naming.of_name(report.name, report.labels)
        services.setdefault((named.service, named.mapped), []).append(witness)
    rows: dict[str, Change] = {}
    taken: dict[str, int] = {}
    for (service, mapped), known in services.items():
        for group in _groups(known):
            change = _row(service, mapped, group, source)
            again = taken[change.id] = taken.get(change.id, 0) + 1
            if again > 1:
                change = replace(change, id=f"{change.id}+{again}")
            rows[change.id] = change
    return tuple(sorted(rows.values(), key=_newest_first))


def _order(witness: Witness) -> tuple[datetime, str, str, str, str, str]:
    report = witness.report
    return (report.began, witness.system, report.id, report.version, report.kind.value, report.name)


def _groups(witnesses: Sequence[Witness]) -> list[list[Witness]]:
    """Return the reports of one service that are one change each; they come in order of begin."""
    groups: list[list[Witness]] = []
    still_open: dict[str, deque[tuple[list[Witness], set[str]]]] = {}
    for witness in witnesses:
        version, began = witness.report.version, witness.report.began
        alike = still_open.setdefault(_stem(version), deque()) if version else deque()
        while alike and began > later(alike[0][0][0].report.began, TOGETHER):
            alike.popleft()
        for group, versions in alike:
            if all(same_version(version, other) for other in versions):
                group.append(witness)
                versions.add(version)
                break
        else:
            groups.append([witness])
            alike.append((groups[-1], {version}))
    return groups


def _stem(version: str) -> str:
    """Return what all spellings of the same version have in common: thousands of changes at once are told apart by it."""
    plain = _plain(version)
    return plain[:_SHORTEST] if _COMMIT.fullmatch(plain) else plain


def _row(service: str, mapped: bool, group: Sequence[Witness], source: IntegrationMap) -> Change:
    """Return the row of one change: the most definite kind, the most precise begin, what anybody knows of the rest."""
    reports = [witness.report for witness in group]
    first = reports[0]
    done = [report for report in reports if report.kind is not ChangeKind.MERGED] or reports
    best = min(done, key=lambda report: (report.seen, report.tolerance_s, report.began))
    known = source.services.get(service) if mapped else None
    name = (known.repository if known is not None else None) or first.name or service
    version = _shown([report.version for report in reports])
    stamp = f"{first.began:%Y%m%dT%H%MZ}"
    tail = "" if version else f"{group[0].system}:{first.id}@"
    return Change(
        id=f"{service}@{_plain(version)}@{tail}{stamp}",
        service=service,
        mapped=mapped,
        name=name,
        team=None if known is None else known.team,
        version=version,
        kind=min((report.kind for report in reports), key=_DEFINITE.index),
        began=best.began,
        ended=max((report.ended for report in reports if report.ended is not None), default=None),
        author=next((report.author for report in reports if report.author), ""),
        summary=next((report.summary for report in reports if report.summary), ""),
        url=next((report.url for report in reports if report.url), None),
        rollback=any(report.rollback for report in reports),
        seen=best.seen,
        tolerance_s=best.tolerance_s,
        witnesses=tuple(group),
    )


def _shown(versions: Sequence[str]) -> str:
    """Return the version as a reader knows it: the short commit, or the tag with its v."""
    if all(_COMMIT.fullmatch(version) for version in versions):
        return min(versions, key=lambda version: (len(version), version))
    return max(versions, key=lambda version: (_TAG.match(version) is not None, version))
