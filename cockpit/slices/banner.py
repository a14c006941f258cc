"""The line above the alert list: a heartbeat that is missing, a storm; and what Enter shows of it."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

from cockpit.board.state import Board
from cockpit.model.alert import Heartbeat
from cockpit.model.drawing import Line, Role, Span
from cockpit.slices.say import telling
from cockpit.spans import clock_time, in_zone, say_between


def line(board: Board, zone: tzinfo) -> Line:
    """Return the missing heartbeat and the storm, as parts that a line may be broken behind."""
    alarm, storm = _alarm(board, zone), _storm(board, zone)
    return (*alarm, Span("; "), *storm) if alarm and storm else alarm or storm


def known(board: Board, zone: tzinfo = UTC) -> tuple[Line, ...]:
    """Return what Enter on the line shows: every missing heartbeat, and the first alerts of the storm, one a line."""
    return (*_heartbeats(board, zone), *_first(board, zone))


def _alarm(board: Board, zone: tzinfo) -> Line:
    missing = [beat for beat in board.heartbeats if beat.missing_since is not None]
    if not missing:
        return ()
    since = clock_time(min(beat.missing_since or beat.seen for beat in missing), zone, today=board.at)
    if len(missing) == 1:
        (beat,) = missing
        told = f"✗ heartbeat {_name(beat)} missing since {since}: alerts of {beat.system} may not reach us"
        return (Span(told, Role.FIRING),)
    names = Counter(f"{_name(beat)} of {beat.system}" for beat in missing)
    each = ", ".join(name if count == 1 else f"{name} ×{count}" for name, count in names.items())
    return (
        Span(f"✗ {len(missing)} heartbeats missing since {since}, alerts may not reach us: ", Role.FIRING),
        Span(each, Role.FIRING),
    )


def _name(beat: Heartbeat) -> str:
    return beat.labels.get("alertname", beat.matcher)


def _storm(board: Board, zone: tzinfo) -> Line:
    storm = board.storm
    if storm is None:
        return ()
    parts: list[Line] = [
        (Span(f"{storm.firing:,} firing, {storm.folds:,} groups, {storm.services:,} services", Role.STRONG),)
    ]
    if storm.common is not None:
        share = Span(f"{int(storm.share * 100)} % share ", Role.STRONG)
        parts.append((share, Span(f"{storm.common[0]}={storm.common[1]}", Role.SUSPECT)))
    first = board.alerts.get(storm.first[0]) if storm.first else None
    if first is not None:
        parts.append((Span(f"first {first.name} {_second(first.since, zone, board.at)}", Role.STRONG),))
    return tuple(span for number, part in enumerate(parts) for span in ((Span("; "), *part) if number else part))


def _second(at: datetime, zone: tzinfo, today: datetime) -> str:
    """Return the second of a moment, with its date where that is not today's."""
    return f"{clock_time(at, zone, today=today)}:{in_zone(at, zone):%S}"


def _heartbeats(board: Board, zone: tzinfo) -> Iterator[Line]:
    for beat in board.heartbeats:
        if beat.missing_since is None:
            continue
        since = f"{clock_time(beat.missing_since, zone, today=board.at)}, {say_between(beat.missing_since, board.at)}"
        yield (Span(f"heartbeat {_name(beat)} missing since {since}", Role.FIRING),)
        yield (Span(f"last seen {_second(beat.seen, zone, board.at)} in {beat.system}, matched by {beat.matcher}"),)
        yield (Span(" ".join(f"{name}={value}" for name, value in beat.labels.items()), Role.DIM),)
        yield (Span("Until it is back, that nothing fires may mean that nothing arrives."),)
        yield ()


def _first(board: Board, zone: tzinfo) -> Iterator[Line]:
    for key in board.storm.first if board.storm is not None else ():
        alert = board.alerts.get(key)
        if alert is not None:
            told = telling(alert, {"alertname": alert.name, "service": alert.service})
            yield (
                Span(f"{_second(alert.since, zone, board.at)}  ", Role.DIM),
                Span(alert.name, Role.FIRING),
                Span(f"  {alert.service}  {told if told != alert.name else ''}"),
            )
