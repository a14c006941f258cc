"""The row of one change: what all who reported it know of it together."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from cockpit.board.joining import groups_of
from cockpit.board.versions import plain, shown
from cockpit.model.change import Change, ChangeKind, ChangeReport, Progress, Witness
from cockpit.model.topology import IntegrationMap

_DEFINITE = (
    ChangeKind.DEPLOY,
    ChangeKind.CONFIG,
    ChangeKind.FLAG,
    ChangeKind.INFRASTRUCTURE,
    ChangeKind.MERGED,
)
"""Kinds, the most definite first."""

_FURTHEST = (Progress.FAILED, Progress.DONE, Progress.ROLLING)
"""How far a change has come, by whose word counts first."""

BY_MAP = "map"
"""Where the team is known from, where the map says it."""


def rows_of(
    service: str, mapped: bool, witnesses: Sequence[Witness], source: IntegrationMap, known: Sequence[Change] = ()
) -> tuple[Change, ...]:
    """Return the rows of one service's changes, each with an id of its own.

    Args:
        service: The map's key, or how an unmapped one is compared.
        mapped: Whether the map has it.
        witnesses: All reports on it.
        source: The declared map.
        known: Its rows so far: those that rest on the same reports are kept as they are.
    """
    called = service if mapped else min([one.report.name or service for one in witnesses])
    same = {tuple(map(id, row.witnesses)): row for row in known if row.service == called}
    rows: list[Change] = []
    taken: dict[str, int] = {}
    for group in groups_of(witnesses):
        change = _row(called, mapped, group, source, same.get(tuple(map(id, group))))
        again = taken[change.id] = taken.get(change.id, 0) + 1
        rows.append(change if again == 1 else _numbered(change, again, known))
    return tuple(rows)


def _numbered(change: Change, number: int, known: Sequence[Change]) -> Change:
    """Return one of several changes that would have the same id."""
    change = replace(change, id=f"{change.id}+{number}")
    return next((row for row in known if row.id == change.id and row == change), change)


def _row(service: str, mapped: bool, group: Sequence[Witness], source: IntegrationMap, same: Change | None) -> Change:
    """Return the row of one change: the most definite kind, the most precise begin, what anybody knows of the rest."""
    if same is not None and "+" not in same.id:
        return same
    reports = [witness.report for witness in group]
    first = best = reports[0]
    version, kind, progress, ended = first.version, first.kind, first.progress, first.ended
    author, summary, url, previous = first.author, first.summary, first.url, first.previous
    rollback, commits, files = first.rollback, first.commits, first.files
    if len(reports) > 1:
        done = [report for report in reports if report.kind is not ChangeKind.MERGED] or reports
        best = min(done, key=_precision)
        version = shown([report.version for report in reports if report.version])
        kind = min((report.kind for report in reports), key=_DEFINITE.index)
        progress = _progress(reports)
        for report in reports:
            author, summary, url = author or report.author, summary or report.summary, url or report.url
            previous, rollback = previous or report.previous, rollback or report.rollback
            commits, files = max(commits, report.commits, key=len), max(files, report.files, key=len)
            if report.ended is not None:
                ended = report.ended if ended is None else max(ended, report.ended)
    known = source.services.get(service) if mapped else None
    team, by = _team(None if known is None else known.team, group)
    tail = "" if version else f"{group[0].system}:{first.id}@"
    began = first.began
    stamp = f"{began.year:04}{began.month:02}{began.day:02}T{began.hour:02}{began.minute:02}Z"
    return Change(
        id=f"{service.replace('%', '%25').replace('@', '%40')}@{plain(version)}@{tail}{stamp}",
        service=service,
        mapped=mapped,
        name=(known.repository if known is not None else None) or first.name or service,
        team=team,
        version=version,
        kind=kind,
        began=best.began,
        ended=ended,
        author=author,
        summary=summary,
        url=url,
        rollback=rollback,
        seen=best.seen,
        tolerance_s=best.tolerance_s,
        witnesses=tuple(group),
        progress=progress,
        team_by=by,
        previous=previous,
        commits=commits,
        files=files,
    )


def _precision(report: ChangeReport) -> tuple[bool, float, datetime]:
    return report.seen, report.tolerance_s, report.began


def _progress(reports: Sequence[ChangeReport]) -> Progress:
    """Return how far it has come: failed where anybody says so, done where anybody does, else rolling.

    Nobody is believed that it still rolls where another knows its end.
    """
    told = {report.progress for report in reports}
    if len(told) == 1 and Progress.ROLLING not in told:
        return reports[0].progress
    found = next((progress for progress in _FURTHEST if progress in told), Progress.UNKNOWN)
    if found is Progress.ROLLING and any(report.ended is not None for report in reports):
        return Progress.DONE
    return found


def _team(declared: str | None, group: Sequence[Witness]) -> tuple[str | None, str]:
    """Return who owns it and where that is from: the map, else the first report that names an owner."""
    if declared:
        return declared, BY_MAP
    for witness in group:
        if witness.report.owner:
            return witness.report.owner, witness.report.owner_by or witness.system
    return None, ""
