"""Makes an alert of what a system reported, of what was known of it before, and of what Prometheus says of it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from cockpit.board.draft import KEPT, Draft
from cockpit.board.join import Book, Cover, Listed
from cockpit.board.memory import Memory
from cockpit.board.moments import later, span
from cockpit.board.occurrences import MANY, alert_subject, begin, close, recent, started_again
from cockpit.board.states import fired_at
from cockpit.matchers import Matcher
from cockpit.model.alert import Alert, AlertKey, AlertReport, State
from cockpit.topology.naming import Named

_SEVERITY = ("severity", "priority", "level")
_TEAM = ("team", "owner", "squad")


_FIELDS = tuple(field.name for field in fields(Alert))
_values = attrgetter(*_FIELDS)


def revised(alert: Alert, **changes: object) -> Alert:
    """Return the alert with other values in some fields; `replace`, at a third of its cost."""
    said: dict[str, Any] = dict(zip(_FIELDS, _values(alert), strict=True))
    said.update(changes)
    return Alert(**said)


class Source(NamedTuple):
    """What a Prometheus adds to an alert."""

    system: str
    rule: str
    hold_s: float
    listed: Listed | None = None


def source_of(
    books: Mapping[str, Book], covers: Sequence[Cover], candidates: Sequence[str], name: str
) -> Source | None:
    """Return whose rule made an alert: one that lists it, else one that has the only rule of that name."""
    for system, slot in covers:
        book = books.get(system)
        listed = None if book is None else book.listed.get(slot)
        if listed is not None:
            return Source(system, listed.rule, listed.hold_s, listed)
    for system in candidates:
        book = books.get(system)
        rules = () if book is None else book.named.get(name, ())
        if len(rules) == 1:
            return Source(system, rules[0].key, rules[0].hold_s)
    return None


def first_of(labels: Mapping[str, str], names: tuple[str, ...]) -> str:
    """Return the first of these labels that says something, or nothing."""
    for name in names:
        value = labels.get(name)
        if value:
            return value
    return ""


def any_match(matchers: tuple[Matcher, ...], labels: Mapping[str, str]) -> bool:
    """Tell whether one of the matchers holds."""
    for matcher in matchers:  # noqa: SIM110 - asked twice for every alert of a storm, where a generator costs as much again
        if matcher.matches(labels):
            return True
    return False


def state_of(report: AlertReport) -> State:
    """Return the state that an Alertmanager's words mean; unprocessed counts as firing."""
    if report.silenced_by:
        return State.SILENCED
    if report.inhibited_by:
        return State.INHIBITED
    return State.SILENCED if report.state == "suppressed" else State.FIRING


def _named(memory: Memory, name: str, labels: Mapping[str, str], before: Alert | None) -> Named:
    """Return what an alert belongs to; one that goes on belongs where it did.

    What its labels do not tell, the place of its pod may.
    """
    if before is not None and before.name == name and before.labels == labels:
        return Named(before.service, before.mapped, before.cluster, before.namespace)
    named = memory.naming.of_labels(labels)
    if named.mapped or not memory.observed.placed.pods:
        return named
    service = memory.observed.placed.pods.get((named.namespace, labels.get("pod", "")))
    return named if service is None else Named(service, True, named.cluster, named.namespace, "pod")


def from_report(
    draft: Draft,
    key: AlertKey,
    report: AlertReport,
    before: Alert | None,
    seen: datetime,
    held: datetime | None,
    covers: Sequence[Cover],
    subjects: Sequence[str],
) -> Alert:
    """Return the alert that an Alertmanager reports.

    Args:
        draft: The next board.
        key: The alert's key.
        report: What was said of it.
        before: The alert as it was known, also under another key; null for one first seen now.
        seen: When that one was last seen.
        held: Since when it had been true when it vanished without being resolved, where it did.
        covers: Where it stands in the books of Prometheus.
        subjects: The name of its occurrences, and those that it may have been known by.
    """
    labels, at, setup = report.labels, draft.at, draft.board.setup
    name = labels.get("alertname") or "unnamed"
    named = _named(draft.memory, name, labels, before)
    candidates = draft.memory.senders.candidates(report.generator, labels) if draft.books else ()
    source = source_of(draft.books, covers, candidates, name)
    fired = report.started
    since = _since(fired, source)
    if before is not None and before.state not in {State.LOST, State.PENDING} and fired > later(seen, KEPT):
        close(draft, subjects[0], before.opened, seen)
        before = None
        opened, last = fired, draft.past.get(subjects[0])
    elif before is None:
        opened, last = begin(draft, subjects, fired)
    else:
        opened, last = before.opened, before.last
    if before is None:
        starts = recent((fired,), at)
    elif before.state is State.PENDING and held is not None:
        starts, since = recent(before.starts, at), min(since, held)
    elif before.state in {State.RESOLVED, State.PENDING} or (
        before.state is not State.LOST and fired != before.fired and fired > seen
    ):
        starts = started_again(before.starts, fired, at)
        if before.state is State.PENDING:
            since = min(since, before.since)
    else:
        starts = recent(before.starts, at)
        since = min(since, before.since)
        fired = fired if before.fired is None else min(fired, before.fired)
    value, value_at = _value(source, before)
    return Alert(
        key=key,
        name=name,
        labels=labels,
        annotations=report.annotations,
        state=state_of(report),
        fired=fired,
        since=since,
        opened=opened,
        seen=at,
        service=named.service,
        mapped=named.mapped,
        cluster=named.cluster,
        namespace=named.namespace,
        severity=first_of(labels, _SEVERITY),
        label_team=first_of(labels, _TEAM) or None,
        ends=report.ends,
        receivers=report.receivers,
        peers=report.peers,
        silenced_by=report.silenced_by,
        inhibited_by=report.inhibited_by,
        generator=report.generator,
        prometheus=source.system if source is not None else None if before is None else before.prometheus,
        rule=source.rule if source is not None else None if before is None else before.rule,
        value=value,
        value_at=value_at,
        starts=starts,
        flapping=len(starts) >= MANY,
        last=last,
        dim=any_match(setup.dim, labels),
    )


def _since(started: datetime, source: Source | None) -> datetime:
    """Return when the condition became true: the earliest of `activeAt` and `startsAt` less the rule's `for`."""
    if source is None:
        return started
    since = later(started, -span(max(0.0, source.hold_s)))
    if source.listed is not None:
        since = min(since, source.listed.alert.active)
    return since


def _value(source: Source | None, before: Alert | None) -> tuple[float | None, datetime | None]:
    """Return the value now and when it was measured; where nobody says it any more, the last one."""
    if source is not None and source.listed is not None:
        value = source.listed.alert.value
        return (None if value is None or math.isnan(value) else value), source.listed.evaluated
    return (None, None) if before is None else (before.value, before.value_at)


def with_source(alert: Alert, source: Source | None) -> Alert:
    """Return an Alertmanager's alert with what Prometheus says of it now; the alert itself where that is the same."""
    if source is None:
        return alert
    since = alert.since if alert.fired is None else min(alert.since, _since(alert.fired, source))
    value, value_at = _value(source, alert)
    if (
        value == alert.value
        and value_at == alert.value_at
        and since == alert.since
        and source.rule == alert.rule
        and source.system == alert.prometheus
    ):
        return alert
    return revised(alert, since=since, value=value, value_at=value_at, rule=source.rule, prometheus=source.system)


def from_listed(
    draft: Draft, key: AlertKey, system: str, name: str, listed: Listed, before: Alert | None, seen: datetime, note: str
) -> Alert:
    """Return the alert that only a Prometheus knows; `before` is how it was known, `seen` when it was last seen."""
    said, at = listed.alert, draft.at
    firing = said.state == "firing"
    fired = fired_at(listed) if firing else None
    starts: tuple[datetime, ...]
    if before is not None and before.state is not State.LOST and said.active > later(seen, KEPT):
        if before.fired is not None:
            close(draft, alert_subject(key), before.opened, seen)
        before, opened, last = None, said.active, draft.past.get(alert_subject(key))
        starts = () if fired is None else recent((fired,), at)
    elif before is None:
        opened, last = begin(draft, (alert_subject(key),), said.active)
        starts = () if fired is None else recent((fired,), at)
    else:
        opened, last, starts = before.opened, before.last, recent(before.starts, at)
        if before.state is State.FIRING or (before.state is State.LOST and before.fired is not None):
            fired = before.fired if firing else None
        elif fired is not None:
            starts = started_again(starts, fired, at)
    labels = said.labels
    named = _named(draft.memory, name, labels, before)
    state = State.FIRING if firing else State.PENDING
    goes_on = firing and before is not None and before.state in {State.FIRING, State.LOST}
    value, value_at = _value(Source(system, listed.rule, listed.hold_s, listed), before)
    return Alert(
        key=key,
        name=name,
        labels=labels if before is None or before.labels != labels else before.labels,
        annotations=said.annotations,
        state=state,
        fired=fired,
        since=min(said.active, before.since) if before is not None and goes_on else said.active,
        opened=opened,
        seen=before.seen if before is not None and before.state is state else at,
        service=named.service,
        mapped=named.mapped,
        cluster=named.cluster,
        namespace=named.namespace,
        severity=first_of(labels, _SEVERITY),
        label_team=first_of(labels, _TEAM) or None,
        prometheus=system,
        rule=listed.rule,
        value=value,
        value_at=value_at,
        starts=starts,
        flapping=len(starts) >= MANY,
        note=note,
        last=last,
        dim=any_match(draft.board.setup.dim, labels),
    )
