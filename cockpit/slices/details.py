"""Everything that is known of one alert, as lines: what Enter shows."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from cockpit.board.state import Board
from cockpit.model.alert import Alert, AlertKey, Fold, FoldKey, State
from cockpit.model.drawing import UNICODE, Glyphs, Line, Role, Span
from cockpit.model.panes import RowId
from cockpit.model.reading import PlacesSeen, Rule, Topic
from cockpit.promql import Expression, PromqlError, parse
from cockpit.slices.quiet import last_said
from cockpit.slices.say import say_measure, significant
from cockpit.slices.spark import sparkline
from cockpit.spans import clock_seconds, clock_time, say_between, say_seconds
from cockpit.triage.figures import say_threshold
from cockpit.triage.owner import on_call, team_of

_LABEL_WIDTH = 13
_OTHERS = 40
_PLACES_OLD_S = 900
"""Seconds after which it is told from when it is known where pods run."""


def _pair(name: str, value: str, role: Role = Role.PLAIN) -> Line:
    return (Span(f"{name:<{_LABEL_WIDTH - 1}} ", Role.KEY), Span(value, role))


def _paragraph(name: str, value: str) -> Iterator[Line]:
    """Give a value's lines, the first one behind its name."""
    first, *rest = value.split("\n") or [""]
    yield _pair(name, first)
    for more in rest:
        if more.strip():
            yield _pair("", more)


def _head(text: str) -> tuple[Line, Line]:
    return ((), (Span(text, Role.TITLE),))


def find(board: Board, row: RowId) -> tuple[Alert, Fold | None] | None:
    """Return the alert that a row stands for, with its fold where the row is one; null when it is gone."""
    if isinstance(row, FoldKey):
        fold = board.folds.get(row)
        return None if fold is None else (board.alerts[fold.alerts[0]], fold)
    alert = board.alerts.get(row)
    return None if alert is None else (alert, None)


def _rule(board: Board, alert: Alert) -> Rule | None:
    return board.rules.get(alert.prometheus or "", {}).get(alert.rule or "")


def _lasted(board: Board, alert: Alert, now: datetime, zone: tzinfo) -> str:
    seen = last_said(board, alert)
    if seen is None:
        return say_between(alert.since, alert.ended or now)
    return f"{say_between(alert.since, max(seen, alert.since))} when last seen {clock_time(seen, zone, today=now)}"


def _times(board: Board, alert: Alert, rule: Rule | None, now: datetime, zone: tzinfo) -> Iterator[Line]:
    yield _pair("true since", f"{clock_time(alert.since, zone, today=now)}, {_lasted(board, alert, now, zone)}")
    if clock_seconds(alert.opened, alert.since) >= 60:
        yield _pair(
            "open since", f"{clock_time(alert.opened, zone, today=now)}: one occurrence, begun anew by its rule"
        )
    if alert.fired is not None:
        yield _pair("fired", clock_time(alert.fired, zone, today=now))
    if alert.ended is not None:
        yield _pair("ended" if alert.state is State.RESOLVED else "lost", clock_time(alert.ended, zone, today=now))
    if rule is not None:
        yield _pair("for", say_seconds(rule.hold_s))
    if len(alert.starts) > 1:
        times = ", ".join(clock_time(start, zone, today=now) for start in alert.starts)
        yield _pair(
            "starts", f"{len(alert.starts)} in the last hour: {times}" + ("; flapping" if alert.flapping else "")
        )
    if alert.last is not None:
        past = alert.last
        note = f", note: {past.note}" if past.note else ""
        yield _pair(
            "last time", f"{clock_time(past.started, zone, today=now)}, {say_between(past.started, past.ended)}{note}"
        )


def _placed(board: Board, alert: Alert, now: datetime, zone: tzinfo) -> Iterator[Line]:
    """Give the node that the alert's pod runs on, and from when that is known where it is not of now."""
    pod = alert.labels.get("pod")
    if not pod:
        return
    for (_, topic), reading in board.readings.items():
        if topic is not Topic.PLACES or not isinstance(reading.answer, PlacesSeen):
            continue
        place = next(
            (one for one in reading.answer.places if one.pod == pod and one.namespace == alert.namespace), None
        )
        if place is not None:
            read = reading.answer.read or reading.at
            old = clock_seconds(read, now) > _PLACES_OLD_S
            yield _pair("runs on", place.node + (f" (as of {clock_time(read, zone, today=now)})" if old else ""))
            return


def _owned(board: Board, alert: Alert) -> Iterator[Line]:
    """Give the team, and who of it is on call."""
    team = team_of(board, alert)
    if team:
        yield _pair("team", team)
        called = on_call(board, team)
        if called:
            yield _pair("on call", called.removeprefix("on call: "))


def _suppression(board: Board, alert: Alert, now: datetime, zone: tzinfo) -> Iterator[Line]:
    for silence_id in alert.silenced_by:
        silence = board.silences.get(alert.key.system, {}).get(silence_id)
        if silence is None:
            yield _pair("silenced by", f"{silence_id} (not known in detail)", Role.DIM)
            continue
        until = clock_time(silence.ends, zone, today=now)
        comment = " ".join(silence.comment.split())
        yield _pair("silenced by", f"{silence.created_by} until {until}: {comment}  {' '.join(silence.matchers)}")
    for fingerprint in alert.inhibited_by:
        source = board.alerts.get(AlertKey(alert.key.system, fingerprint))
        yield _pair("inhibited by", f"{source.name} on {source.service}" if source is not None else fingerprint)


def _series(board: Board, alert: Alert, rule: Rule | None, now: datetime, width: int, glyphs: Glyphs) -> Iterator[Line]:
    known = board.series.get(alert.key)
    if known is None or not known[1].points:
        return
    series = known[1]
    expression = rule.expression if rule is not None else series.expression
    try:
        parsed = parse(expression)
    except PromqlError:
        parsed = Expression("")
    threshold, limit = parsed.threshold, say_threshold(parsed)
    began = [change.began for change in board.changes if change.service == alert.service]
    cells = max(10, min(60, width - 30))
    line, marks = sparkline(series.points, now, cells, glyphs, threshold=threshold, changes=began)
    yield from _head("Last 60 minutes")
    peak = max(value for _, value in series.points)
    yield (*line, Span(f"  peak {say_measure(peak, expression)}", Role.DIM))
    if marks and marks[0].text.strip():
        yield (*marks, Span("  changes", Role.DIM))
    if limit:
        yield (Span(f"fires at {limit}", Role.DIM),)


def _others(board: Board, alert: Alert, fold: Fold, zone: tzinfo, now: datetime) -> Iterator[Line]:
    others = [key for key in fold.alerts if key != alert.key]
    if not others:
        return
    yield from _head(f"{len(others):,} other{'s' if len(others) > 1 else ''} in this fold")
    for key in others[:_OTHERS]:
        other = board.alerts[key]
        differing = [
            f"{name}={value}" for name, value in sorted(other.labels.items()) if alert.labels.get(name) != value
        ]
        yield (
            Span(f"{other.state:<9} {clock_time(other.since, zone, today=now)}  ", Role.DIM),
            Span(" ".join(differing) or key.id),
        )
    if len(others) > _OTHERS:
        yield (Span(f"and {len(others) - _OTHERS:,} more; z opens the fold", Role.DIM),)


def cut(
    board: Board, row: RowId, now: datetime, zone: tzinfo, *, width: int = 78, glyphs: Glyphs = UNICODE
) -> tuple[Line, ...]:
    """Return everything known of an alert or of a fold's lead alert; one line when it is gone."""
    found = find(board, row)
    if found is None:
        return ((Span("this alert is no longer known", Role.DIM),),)
    alert, fold = found
    rule = _rule(board, alert)
    fold = fold or next((known for known in board.folds.values() if alert.key in known.alerts), None)
    lines: list[Line] = [
        _pair("alert", alert.name, Role.STRONG),
        _pair(
            "state", f"{alert.state}{', flapping' if alert.flapping else ''}{'; ' + alert.note if alert.note else ''}"
        ),
        _pair("service", f"{alert.service or '(none)'}{'' if alert.mapped else ' (not in the map)'}"),
        *_placed(board, alert, now, zone),
        *_owned(board, alert),
        *_times(board, alert, rule, now, zone),
        *_suppression(board, alert, now, zone),
    ]
    if alert.receivers:
        lines.append(_pair("routes to", ", ".join(alert.receivers)))
    if alert.peers:
        lines.append(_pair("held by", ", ".join(alert.peers)))
    lines.append(_pair("fingerprint", f"{alert.key.id} in {alert.key.system}", Role.DIM))
    if alert.value is not None:
        said = say_measure(alert.value, rule.expression if rule is not None else "")
        exact = significant(alert.value, 6)
        lines.append(_pair("value", said if said == exact else f"{said} ({exact})"))
    if rule is not None:
        lines += _paragraph("expression", rule.expression)
        if rule.health == "err":
            lines.append(_pair("rule broken", rule.error, Role.WARNING))
    if alert.generator:
        lines.append(_pair("source", alert.generator, Role.DIM))
    lines += _series(board, alert, rule, now, width, glyphs)
    for title, pairs in (("Annotations", alert.annotations), ("Labels", alert.labels)):
        lines += _head(title)
        for name, value in sorted(pairs.items()):
            lines += _paragraph(name, value)
    if fold is not None:
        lines += _others(board, alert, fold, zone, now)
    return tuple(lines)
