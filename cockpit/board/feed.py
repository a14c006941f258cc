"""The deploy feed, joined once and then advanced: only services whose reports changed are joined again.

A system's answer replaces its last one whole. What it says once more, in the same words, stays the same object, with
the moment at which it was first said.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter, contains
from typing import NamedTuple

from cockpit.board.joining import order_of
from cockpit.board.rows import rows_of
from cockpit.model.change import Change, ChangeReport, Progress, Witness
from cockpit.model.topology import IntegrationMap
from cockpit.topology.names import normal
from cockpit.topology.naming import Naming

ServiceKey = tuple[str, bool]
"""A service of the map, or an unmapped one as names are compared."""
Part = tuple[str, str]
"""A system, and which of its answers."""
_Key = tuple[object, ...]
"""What a report is known by within a system."""

_FURTHER = {Progress.UNKNOWN: 0, Progress.ROLLING: 1, Progress.DONE: 2, Progress.FAILED: 3}
_ID = attrgetter("id")
_AHEAD = 300
"""So many reports may be new or have changed in an answer that is compared one with one with the last."""
_PUT_IN = 400
"""Rows that are put into the order one by one at most; more are sorted with all others."""


@dataclass(frozen=True, slots=True, eq=False)
class Feed:
    """All reports, by who gave them and by service, and the rows that they make."""

    parts: Mapping[Part, Sequence[Witness]] = field(default_factory=dict)
    services: Mapping[ServiceKey, Mapping[Part, tuple[Witness, ...]]] = field(default_factory=dict)
    rows: Mapping[ServiceKey, tuple[Change, ...]] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    """Newest first."""


NO_FEED = Feed()
"""Nobody reported anything yet."""


class _Moved(NamedTuple):
    """What one answer changed."""

    entries: Sequence[Witness]
    came: Sequence[Witness]
    gone: Sequence[Witness]


def advance(
    feed: Feed, part: Part, reports: Sequence[ChangeReport], at: datetime, naming: Naming, source: IntegrationMap
) -> Feed:
    """Return the feed after one system's answer; the same one where it says nothing else than before.

    Args:
        feed: What was known.
        part: Whose answer it is; it takes the place of the last one.
        reports: All that it reports now, in any order, some perhaps twice.
        at: When it answered.
        naming: Which service a report belongs to.
        source: The declared map, for teams and names of repositories.
    """
    moved = _moved(feed.parts.get(part, ()), part[0], reports, at)
    if not moved.came and not moved.gone:
        return feed
    came: dict[ServiceKey, list[Witness]] = {}
    gone = {id(witness) for witness in moved.gone}
    place = _Places(naming)
    for witness in moved.came:
        came.setdefault(place(witness.report), []).append(witness)
    for witness in moved.gone:
        came.setdefault(place(witness.report), [])
    services, rows = dict(feed.services), dict(feed.rows)
    old: list[Change] = []
    new: list[Change] = []
    for service, fresh in came.items():
        parts = dict(services.pop(service, {}))
        own = (*(one for one in parts.pop(part, ()) if id(one) not in gone), *fresh)
        if own:
            parts[part] = own
        known = rows.pop(service, ())
        if parts:
            services[service] = parts
            told = own if len(parts) == 1 and own else [one for some in parts.values() for one in some]
            rows[service] = rows_of(*service, told, source, known)
        made = rows.get(service, ())
        before, after = set(map(id, known)), set(map(id, made))
        old += [row for row in known if id(row) not in after]
        new += [row for row in made if id(row) not in before]
    changes = _ordered(feed.changes, old, new) if old or new else feed.changes
    return Feed({**feed.parts, part: moved.entries}, services, rows, changes)


def join(witnesses: Iterable[Witness], naming: Naming, source: IntegrationMap) -> tuple[Change, ...]:
    """Return one row per change, newest first, of reports that are all given at once."""
    answers: dict[tuple[str, datetime], list[ChangeReport]] = {}
    for witness in witnesses:
        answers.setdefault((witness.system, witness.at), []).append(witness.report)
    feed = NO_FEED
    for system, at in sorted(answers):
        feed = advance(feed, (system, str(at)), answers[system, at], at, naming, source)
    return feed.changes


class _Places:
    """Which service a report belongs to, asked once a name where labels say nothing more."""

    def __init__(self, naming: Naming) -> None:
        self._naming = naming
        self._known: dict[str, ServiceKey] = {}

    def __call__(self, report: ChangeReport) -> ServiceKey:
        """Return the map's key, or how an unmapped name is compared."""
        known = None if report.labels else self._known.get(report.name)
        if known is None:
            named = self._naming.of_name(report.name, report.labels)
            known = (named.service if named.mapped else normal(named.service), named.mapped)
            if not report.labels:
                self._known[report.name] = known
        return known


def _moved(before: Sequence[Witness], system: str, reports: Sequence[ChangeReport], at: datetime) -> _Moved:
    """Return what a system reports now, each once, and what of it is new or gone."""
    if len(set(map(_ID, reports))) < len(reports):
        reports = _once(reports)
    return _shifted(before, system, reports, at) or _matched(before, system, reports, at)


def _shifted(before: Sequence[Witness], system: str, reports: Sequence[ChangeReport], at: datetime) -> _Moved | None:
    """Return what moved where an answer is the last one shifted by a few; null where it is not.

    Mostly it is, and thousands of reports are compared at each poll: one with one, without looking any up.
    """
    ahead = next(
        (place for place in range(min(_AHEAD, len(reports))) if before and _is(before[0], reports[place])), None
    )
    if ahead is None:
        return None
    told = zip([one.report for one in before])  # tuples of one: whether one contains the same object is told at once
    same = [*map(contains, told, reports[ahead:] if ahead else reports)]
    if same.count(False) > _AHEAD:
        return None
    entries: list[Witness | None] = [None] * len(reports)
    entries[ahead : ahead + len(same)] = before[: len(same)]
    left = [number for number, unchanged in enumerate(same) if not unchanged]
    lost = {_key(before[number].report): before[number] for number in (*left, *range(len(same), len(before)))}
    came: list[Witness] = []
    for number in (*range(ahead), *(ahead + one for one in left), *range(ahead + len(same), len(reports))):
        report = reports[number]
        known = lost.get(_key(report))
        if known is not None and known.report == report:
            del lost[_key(report)]
        else:
            known = Witness(system, report, at)
            came.append(known)
        entries[number] = known
    return _Moved(entries, came, [*lost.values()])  # type: ignore[arg-type]  # every null was replaced


def _is(witness: Witness, report: ChangeReport) -> bool:
    return witness.report.id == report.id and _key(witness.report) == _key(report)


def _matched(before: Sequence[Witness], system: str, reports: Sequence[ChangeReport], at: datetime) -> _Moved:
    """Return what moved where an answer has another order than the last one, or much of it is new."""
    lost = {_key(one.report): one for one in before}
    entries: list[Witness] = []
    came: list[Witness] = []
    for report in reports:
        key = _key(report)
        known = lost.get(key)
        if known is not None and known.report == report:
            del lost[key]
        else:
            known = Witness(system, report, at)
            came.append(known)
        entries.append(known)
    return _Moved(entries, came, [*lost.values()])


def _key(report: ChangeReport) -> _Key:
    """Return what a report is known by: of one without an id all that it says but how far it has come."""
    if report.id:
        return (report.id, report.name)
    return (report.name, report.version, report.kind, report.began, report.summary, report.author, report.commit)


def _once(reports: Sequence[ChangeReport]) -> list[ChangeReport]:
    """Return the reports, each once: of two under one id the one that knows more, however they came in."""
    kept: dict[_Key, ChangeReport] = {}
    for report in reports:
        key = _key(report)
        known = kept.get(key)
        kept[key] = report if known is None else max(known, report, key=_knowledge)
    return list(kept.values())


def _knowledge(report: ChangeReport) -> tuple[object, ...]:
    """Order reports under one id: by how far the change has come, by its end, and else by their words."""
    return (_FURTHER[report.progress], report.ended is not None, order_of(Witness("", report, report.began)))


def _ordered(changes: tuple[Change, ...], old: Sequence[Change], new: Sequence[Change]) -> tuple[Change, ...]:
    """Return the rows in their order, without the old ones and with the new ones."""
    if len(old) + len(new) > _PUT_IN:
        gone = {change.id for change in old}
        return tuple(sorted([*(one for one in changes if one.id not in gone), *new], key=newest_first))
    order = list(changes)
    for change in old:
        del order[bisect_left(order, newest_first(change), key=newest_first)]
    for change in new:
        order.insert(bisect_left(order, newest_first(change), key=newest_first), change)
    return tuple(order)


def newest_first(change: Change) -> tuple[float, str]:
    """Return what rows are sorted by."""
    return -change.began.timestamp(), change.id
