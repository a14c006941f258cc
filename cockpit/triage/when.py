"""WHEN it began: in UTC and the person's zone, how long, ongoing or flapping, and what two systems say of it."""

from datetime import datetime, timedelta

from cockpit.board.moments import later, seconds_between, span
from cockpit.model.alert import Alert, State
from cockpit.model.drill import Answer, Evidence, Question, Standing
from cockpit.model.reading import Topic
from cockpit.spans import clock_time, in_zone, say_between, say_seconds
from cockpit.triage.case import Behind, Case, say_time

APART = timedelta(minutes=1)
"""From here on the condition's begin and the firing are both told."""
LOOKED_FOR = 4096
"""Alerts of a rule among which the one is looked for."""


def when(case: Case) -> Answer:
    """Answer WHEN it began."""
    alert = case.alert
    start = case.start
    behind = case.alert_behind
    stood = _stood(case, alert, start, behind)
    value = f"{_began(case, alert, start)}, {stood}" if stood else _began(case, alert, start)
    return Answer(
        Question.WHEN,
        value,
        Standing.FILLED,
        tuple(_evidence(case, alert, start)),
        fresh=behind is None or behind.fresh,
        detail=_detail(case, alert),
    )


def _both(case: Case, at: datetime) -> str:
    """Return `14:06 UTC (16:06 CEST)`, the bracket only where the person's clock reads otherwise."""
    text = f"{case.clock(at)} UTC"
    there = in_zone(at, case.zone)
    if not there.utcoffset():
        return text
    other = clock_time(at, case.zone, today=case.now)
    return f"{text} ({other} {there.tzname() or ''})".replace(" )", ")")


def _began(case: Case, alert: Alert, start: datetime) -> str:
    if alert.state is State.PENDING:
        return f"Pending since {_both(case, start)}"
    if alert.fired is not None and alert.fired - start >= APART:
        return f"True since {_both(case, start)}, fired {case.clock(alert.fired)}"
    return f"Started {_both(case, start)}"


def _stood(case: Case, alert: Alert, start: datetime, behind: Behind | None) -> str:
    """Return how long it has lasted, or how it ended."""
    ended = alert.ended or case.now
    if alert.state is State.RESOLVED:
        return f"lasted {say_between(start, ended)}, resolved {case.clock(ended)}"
    if alert.state is State.LOST:
        why = alert.note or "its sender is not answering"
        return f"lost {case.clock(ended)} ({why})"
    if behind is not None and not behind.fresh:
        seen = behind.at or alert.seen
        return f"ongoing {say_between(start, seen)} when last seen {case.clock(seen)} ({behind.trouble(case.now)})"
    if alert.state is State.PENDING:
        return _fires(case, start)
    text = f"ongoing {say_between(start, case.now)}"
    if _flapping(case, alert):
        starts = len(alert.starts)
        text += f", flapping ({starts} starts in an hour)" if starts > 1 else ", flapping"
    return text


def _flapping(case: Case, alert: Alert) -> bool:
    return alert.flapping or (case.fold is not None and case.fold.flapping)


def _fires(case: Case, start: datetime) -> str:
    rule = case.rule
    if rule is None:
        return f"for {say_between(start, case.now)}"
    left = seconds_between(case.now, later(start, span(rule.hold_s)))
    return f"fires in {say_seconds(left)}" if left > 0 else "fires at the next evaluation"


def _detail(case: Case, alert: Alert) -> str:
    """Return what is added where there is room: a note, who silenced it, the last time."""
    parts = []
    if alert.note and alert.state is not State.LOST:
        parts.append(alert.note)
    if alert.state is State.SILENCED:
        parts.append(_silenced(case, alert))
    if alert.state is State.INHIBITED:
        parts.append("inhibited by another alert")
    last = alert.last if case.fold is None else case.fold.last or alert.last
    if last is not None:
        note = f", note: {last.note}" if last.note else ""
        parts.append(f"last time {case.clock(last.started)}, {say_between(last.started, last.ended)}{note}")
    return "; ".join(parts)


def _silenced(case: Case, alert: Alert) -> str:
    known = case.board.silences.get(alert.key.system, {})
    for name in alert.silenced_by:
        if name in known:
            return f"silenced until {case.clock(known[name].ends)} by {known[name].created_by}"
    return "silenced"


def _evidence(case: Case, alert: Alert, start: datetime) -> list[Evidence]:
    """Return what each system said of the begin; the alert's own first, or the only one while it is pending."""
    found: list[Evidence] = []
    if alert.fired is not None:
        found.append(case.alert_says(f"startsAt {say_time(alert.fired)}"))
    active = _active(case, alert, start)
    rule = case.rule
    hold = "" if rule is None else f", for {say_seconds(rule.hold_s)}"
    if active and alert.prometheus is not None:
        at = case.behind(alert.prometheus, Topic.RULES).at or alert.seen
        found.append(Evidence(alert.prometheus, f"activeAt {say_time(start)}{hold}", at, alert.generator))
    elif alert.fired is not None and rule is not None and rule.hold_s and alert.prometheus is not None:
        at = case.behind(alert.prometheus, Topic.RULES).at or alert.seen
        found.append(Evidence(alert.prometheus, f"the rule holds{hold.removeprefix(',')}", at, alert.generator))
    if not found:
        found.append(case.alert_says(f"activeAt {say_time(start)}"))
    if alert.ended is not None and alert.state is State.RESOLVED:
        found.append(case.alert_says(f"not listed any more at {say_time(alert.ended)}"))
    return found


def _active(case: Case, alert: Alert, start: datetime) -> bool:
    """Tell whether the alert's Prometheus says itself that its condition became true then."""
    rule = case.rule
    if rule is None:
        return alert.fired is None or alert.fired - start >= APART
    return any(one.active == start for one in rule.alerts[:LOOKED_FOR])
