"""Changes out of the rows of a search: counted by service and version, or one row an event. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from cockpit.model.change import ChangeKind, ChangeReport, Progress
from cockpit.systems.answers import web_url
from cockpit.systems.event_words import NAMES, commit_in, first_of, kind_of, moment_of, progress_of, says_yes, words_in

TOGETHER = timedelta(minutes=15)
"""What is logged of one version within this is one rollout; what lies further apart is rolled out again."""

_TIME = "_time"
_LABELS = 40


@dataclass(frozen=True, slots=True)
class Reader:
    """How rows are read."""

    kind: ChangeKind = ChangeKind.DEPLOY
    """What a row is that does not say it itself."""
    names: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NAMES)
    """Fields by what they mean."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Added to each change."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the rows of a search came to."""

    changes: tuple[ChangeReport, ...]
    timeless: tuple[ChangeReport, ...]
    """Those of rows that say no time: their begin is when they were asked for."""
    gaps: tuple[str, ...]


def read_rows(rows: Sequence[Mapping[str, Any]], reader: Reader, until: datetime) -> Found:
    """Return the changes that rows tell of.

    A row that counts events has the time of the first and of the last one: where they lie further apart than a rollout
    takes there are two changes, the later a rollback where another version of the service began in between.
    """
    changes: dict[str, ChangeReport] = {}
    timeless: dict[str, ChangeReport] = {}
    again: list[tuple[ChangeReport, datetime]] = []
    nameless = 0
    for row in rows:
        service = first_of(row, reader.names["service"])[0]
        if not service:
            nameless += 1
            continue
        times = _times(row, reader.names)
        change = _change(row, service, reader, times[0] if times else until, times)
        if not times:
            timeless.setdefault(change.id.rpartition("@")[0], change)
            continue
        changes.setdefault(change.id, change)
        if times[-1] - times[0] > TOGETHER and change.ended is None:
            again.append((change, times[-1]))
    begins: dict[str, list[ChangeReport]] = {}
    for change in changes.values():
        begins.setdefault(change.name, []).append(change)
    later = [_again(change, at, begins[change.name]) for change, at in again]
    for change in later:
        changes.setdefault(change.id, change)
    return Found(tuple(changes.values()), tuple(timeless.values()), tuple(_gaps(rows, nameless, len(timeless), reader)))


def _gaps(rows: Sequence[Mapping[str, Any]], nameless: int, timeless: int, reader: Reader) -> Iterable[str]:
    if nameless:
        have = ", ".join(words_in(name, 40) for name in list(rows[0])[:8])
        yield f"{nameless} of {len(rows)} rows have no field {reader.names['service'][0]} (the first has {have})"
    if timeless:
        yield f"{timeless} rows say no time: add latest(_time) as latest, earliest(_time) as began"


def _times(row: Mapping[str, Any], names: Mapping[str, tuple[str, ...]]) -> tuple[datetime, ...]:
    """Return the moments that a row says of its events, in order: the first, and the last where it counts several."""
    began = _moment(row, (*names["began"], _TIME))
    latest = _moment(row, names["latest"])
    return tuple(sorted(at for at in (began, latest) if at is not None))


def _moment(row: Mapping[str, Any], names: Sequence[str]) -> datetime | None:
    for name in names:
        value = row.get(name)
        for one in value if isinstance(value, list) else (value,):
            at = moment_of(one)
            if at is not None:
                return at
    return None


def _change(
    row: Mapping[str, Any], service: str, reader: Reader, began: datetime, times: Sequence[datetime]
) -> ChangeReport:
    names = reader.names
    commit = commit_in(row, names["commit"])
    version = _one(row, names["version"], 100) or commit[:12] or _one(row, names["commit"], 100)
    kind = _one(row, names["kind"], 40)
    ended = _moment(row, names["ended"])
    owner, named = first_of(row, names["owner"], 100)
    environment = _one(row, names["environment"], 100)
    progress = progress_of(_one(row, names["progress"], 40))
    count = words_in(row.get("count"), 20)
    return ChangeReport(
        id="@".join((*filter(None, (service, version, environment)), f"{began:%Y%m%dT%H%M%SZ}")),
        name=service,
        version=version,
        kind=kind_of(kind) or reader.kind,
        began=began,
        ended=ended if ended is not None and ended >= began else None,
        author=first_of(row, names["author"])[0],
        summary=first_of(row, names["summary"], 300)[0],
        url=web_url(_one(row, names["url"], 1000)),
        rollback=kind.casefold() == "rollback"
        or any(says_yes(row, name) for name in names["rollback"] if row.get(name)),
        seen=not times,
        labels={**reader.labels, **_labels(row, service)},
        previous=_one(row, names["previous"], 100),
        says=_says(service, version, count, times),
        progress=Progress.DONE if progress is Progress.UNKNOWN and ended is not None else progress,
        owner=owner,
        owner_by=f"field {named}" if owner else "",
        commit=commit,
        environment=environment,
    )


def _one(row: Mapping[str, Any], names: Sequence[str], limit: int) -> str:
    """Return one value: the first of several."""
    return first_of(
        {name: value[0] if isinstance(value := row.get(name), list) and value else value for name in names},
        names,
        limit,
    )[0]


def _labels(row: Mapping[str, Any], service: str) -> dict[str, str]:
    labels = {words_in(name, 100): words_in(row[name], 200) for name in list(row)[:_LABELS] if not name.startswith("_")}
    return {"service": service, **{name: value for name, value in labels.items() if name and value}}


def _says(service: str, version: str, count: str, times: Sequence[datetime]) -> str:
    events = f"{count} {'event' if count == '1' else 'events'} of " if count else ""
    when = " to ".join(dict.fromkeys(f"{at:%H:%M:%S}" for at in times))
    return f"{events}{service} {version}".rstrip() + (f", {when}" if when else ", no time told")


def _again(change: ChangeReport, at: datetime, others: Iterable[ChangeReport]) -> ChangeReport:
    """Return the same version's later rollout; `others` are all of its service."""
    between = any(other.version != change.version and change.began < other.began < at for other in others)
    stem = change.id.rpartition("@")[0]
    return replace(change, id=f"{stem}@{at:%Y%m%dT%H%M%SZ}", began=at, rollback=change.rollback or between)
