"""Changes out of a version metric: when a service's set of versions gained one. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

from cockpit.model.change import ChangeKind, ChangeReport
from cockpit.model.reading import Blind
from cockpit.promql import PromqlError, parse
from cockpit.spans import clock_time
from cockpit.systems.prometheus_query import Line
from cockpit.text import clean, one_line

BRIDGED_S = 300.0
"""Seconds for which a version may be missing without having been gone."""

_BUILD = re.compile(r"(?P<of>.+?)_(build_)?(info|version)")
_NOBODY = frozenset({"app", "application", "build", "service", "version"})
"""What stands before `_build_info` in a metric that many services have."""

Place = tuple[str, str, str]
"""A service by name, cluster and namespace."""

Presence = tuple[float, float]
"""The first and the last sample of a stretch in which a version was there."""


@dataclass(frozen=True, slots=True)
class Source:
    """One configured query, and how its series are read."""

    query: str
    version: str = "version"
    service: str | None = None
    kind: ChangeKind = ChangeKind.DEPLOY
    labels: Mapping[str, str] = field(default_factory=dict)
    """Added to each change."""
    names: tuple[str, ...] = ("service",)
    """Labels that may name the service, in order, where `service` names none."""
    found: bool = False
    """Nobody configured it: what it does not tell is no gap, as nobody expects it to."""


@dataclass(frozen=True, slots=True)
class Window:
    """The span that is answered for."""

    since: datetime
    until: datetime
    start: float
    """The first sample that was asked for, some time before `since`."""
    step_s: float


@dataclass(frozen=True, slots=True)
class Found:
    """What one query came to."""

    changes: tuple[ChangeReport, ...]
    covers: tuple[str, ...]
    gaps: tuple[str, ...]
    last: float | None
    """The last sample's time."""
    blind: tuple[Blind, ...] = ()
    """Where nothing was measured."""
    quiet: bool = False
    """What it lacks is not told, as its query was not configured."""


class _Service:
    """The versions of one service, each with the times of its samples."""

    def __init__(self) -> None:
        self.times: dict[str, set[float]] = {}
        self.labels: dict[str, dict[str, str]] = {}

    def add(self, version: str, labels: Mapping[str, str], times: Iterable[float]) -> None:
        self.times.setdefault(version, set()).update(times)
        known = self.labels.get(version)
        self.labels[version] = (
            dict(labels)
            if known is None
            else {name: value for name, value in known.items() if labels.get(name) == value}
        )

    @property
    def all_times(self) -> list[float]:
        return sorted(set().union(*self.times.values()))


def read_changes(source: Source, lines: Sequence[Line], window: Window, link: str | None) -> Found:
    """Return the changes that a version metric shows.

    A change is a sample at which a service's set of versions gains one that it did not have at the sample before;
    gaps up to five minutes are bridged, and those in which nothing at all was measured. A version seen earlier is
    a rollback. What is there at the very first sample is the state from before, not a change.

    Args:
        source: The query, and how to read it.
        lines: Its series.
        window: What was asked for.
        link: Shows the query.
    """
    services, unread = _services(source, lines)
    short = one_line(source.query, 80)
    if not services and source.found:
        return Found((), (), (), None, quiet=True)
    if not services:
        return Found((), (), (f"query {short} has no series: nothing is covered by it{unread}",), None)
    measured = sorted(set().union(*(service.all_times for service in services.values())))
    gaps = [f"query {short}{unread}"] if unread else []
    changes: list[ChangeReport] = []
    covers: list[str] = []
    for place, service in services.items():
        changes += _changes_of(source, place, service, measured, window, link, shared=len(services) > 1)
        last = service.all_times[-1]
        if measured[-1] - last > BRIDGED_S:
            gaps.append(f"{place[0]}: no version since {clock_time(_moment(last))} UTC")
        else:
            covers.append(place[0])
    if source.found:
        return Found(tuple(changes), tuple(dict.fromkeys(covers)), (), measured[-1], quiet=True)
    blind = tuple(_blind(short, measured, window, len(services)))
    return Found(tuple(changes), tuple(dict.fromkeys(covers)), tuple(gaps), measured[-1], blind)


def _services(source: Source, lines: Sequence[Line]) -> tuple[dict[Place, _Service], str]:
    """Return the services of a query's series, and what could not be read, in words."""
    services: dict[Place, _Service] = {}
    nameless = versionless = 0
    otherwise = _otherwise(source, lines)
    for line in lines:
        times = [at for at, value in line.points if value != 0]
        version = line.labels.get(source.version, "")
        name = _name(source, line.labels) or otherwise
        if not times:
            continue
        if not version or not name:
            versionless, nameless = versionless + (not version), nameless + (not name)
            continue
        labels = {one_line(label, 200): clean(value) for label, value in line.labels.items() if label != "__name__"}
        for label, value in source.labels.items():
            labels.setdefault(label, value)
        place = (one_line(name, 200), labels.get("cluster", ""), labels.get("namespace", ""))
        services.setdefault(place, _Service()).add(one_line(version, 100), labels, times)
    said = [
        f"{count} series without {what}"
        for count, what in ((versionless, f"the label {source.version}"), (nameless, "a label that names a service"))
        if count
    ]
    return services, f" ({', '.join(said)})" if said else ""


def _name(source: Source, labels: Mapping[str, str]) -> str:
    names = (source.service,) if source.service else source.names
    return next((labels[name] for name in names if labels.get(name)), "")


def _otherwise(source: Source, lines: Sequence[Line]) -> str:
    """Return whose versions series without a name are: what the configuration says, else what the query selects.

    `sum by (version) (app_build_info{app="payment"})` is of payment, as is `sum by (version) (payment_build_info)`.
    """
    if source.service is not None:
        return "" if any(source.service in line.labels for line in lines) else source.service
    try:
        said = parse(source.query)
    except PromqlError:
        return ""
    for name in source.names:
        values = {value for label, value in said.selectors if label == name}
        if len(values) == 1:
            return values.pop()
    metrics = set(said.metrics)
    stem = _BUILD.fullmatch(metrics.pop()) if len(metrics) == 1 else None
    return "" if stem is None or stem["of"] in _NOBODY else stem["of"]


def _blind(short: str, measured: Sequence[float], window: Window, count: int) -> Iterable[Blind]:
    """Give the stretches of the window in which nothing was measured."""
    first = _moment(measured[0])
    if measured[0] - window.since.timestamp() > window.step_s:
        yield Blind(window.since, first, f"query {short} has no samples before {clock_time(first)} UTC")
    for one, other in pairwise(measured) if count > 1 else ():
        if other - one > BRIDGED_S + window.step_s and other > window.since.timestamp():
            begin, end = _moment(one), _moment(other)
            yield Blind(begin, end, f"query {short} has no samples {clock_time(begin)} to {clock_time(end)} UTC")


def _stretches(times: Sequence[float], measured: Sequence[float], step_s: float, *, shared: bool) -> list[Presence]:
    """Return the stretches in which a version was there, gaps bridged."""
    blind = {after for before, after in pairwise(measured) if shared and after - before > BRIDGED_S + step_s}
    stretches: list[Presence] = []
    for at in times:
        if stretches and (
            at - stretches[-1][1] <= BRIDGED_S + step_s or _only_blind(stretches[-1][1], at, blind, measured)
        ):
            stretches[-1] = (stretches[-1][0], at)
        else:
            stretches.append((at, at))
    return stretches


def _only_blind(before: float, after: float, blind: set[float], measured: Sequence[float]) -> bool:
    """Tell whether nothing at all was measured between two samples."""
    if after not in blind:
        return False
    place = measured.index(after)
    return measured[place - 1] <= before


def _changes_of(
    source: Source,
    place: Place,
    service: _Service,
    measured: Sequence[float],
    window: Window,
    link: str | None,
    *,
    shared: bool,
) -> list[ChangeReport]:
    stretches = {
        version: _stretches(sorted(times), measured, window.step_s, shared=shared)
        for version, times in service.times.items()
    }
    times = service.all_times
    first_known = measured[0] + max(2 * window.step_s, 60.0) if measured[0] > window.start + window.step_s else None
    changes: list[ChangeReport] = []
    for version, there in stretches.items():
        for number, (begin, _) in enumerate(there):
            if begin < window.since.timestamp() or begin == measured[0]:
                continue
            if first_known is not None and times[0] == begin and begin <= first_known:
                continue
            changes.append(
                _report(source, place, service, stretches, version, begin, times, window, link, again=number > 0)
            )
    return sorted(changes, key=lambda change: (change.began, change.version))


def _report(
    source: Source,
    place: Place,
    service: _Service,
    stretches: Mapping[str, Sequence[Presence]],
    version: str,
    begin: float,
    times: Sequence[float],
    window: Window,
    link: str | None,
    *,
    again: bool,
) -> ChangeReport:
    name, cluster, namespace = place
    before = max((at for at in times if at < begin), default=None)
    old = {
        other: next(end for start, end in there if before is not None and start <= before <= end)
        for other, there in stretches.items()
        if other != version and before is not None and any(start <= before <= end for start, end in there)
    }
    began = _moment(begin)
    previous = ", ".join(sorted(old))
    where = "/".join(part for part in (cluster, namespace) if part)
    says = f'{source.version}="{version}" since {began:%H:%M:%S}' + (f", before {previous}" if previous else "")
    return ChangeReport(
        id=f"{where + '/' if where else ''}{name}@{version}@{began:%Y%m%dT%H%M%SZ}",
        name=name,
        version=version,
        kind=source.kind,
        began=began,
        ended=_ended(old, begin, times),
        summary=f"{version} instead of {previous}" if previous else f"{version} appeared",
        url=link,
        rollback=again,
        tolerance_s=max(window.step_s, 0.0 if before is None else min(begin - before, BRIDGED_S + window.step_s)),
        labels=service.labels[version],
        previous=previous,
        says=says,
    )


def _ended(old: Mapping[str, float], begin: float, times: Sequence[float]) -> datetime | None:
    """Return the first sample without any of the old versions; null while one is still there."""
    if not old:
        return _moment(begin)
    last_old = max(old.values())
    after = next((at for at in times if at >= begin and at > last_old), None)
    return None if after is None else _moment(after)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
