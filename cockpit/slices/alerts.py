"""The alert list: folded, filtered and sorted from an index; rows are made when they are painted."""

from bisect import bisect_right
from collections.abc import Collection, Mapping
from datetime import datetime, tzinfo
from itertools import compress

from cockpit.board.moments import later, seconds_between, span
from cockpit.board.state import Board
from cockpit.model.alert import Alert, AlertKey, Fold, FoldKey, State
from cockpit.model.drawing import Line, Role, Span
from cockpit.model.drill import Priority
from cockpit.model.panes import AlertList, AlertRow, RowId
from cockpit.model.reading import AlertsSeen, Liveness, Topic
from cockpit.slices import banner, quiet
from cockpit.slices.filter import Filter
from cockpit.slices.index import FoldEntry, Index
from cockpit.slices.listing import AlertsView, Rows, Sort, Whose, members_passing, rows_of, team_of
from cockpit.slices.say import count_of, say_measure, short_age, short_since, telling
from cockpit.spans import clock_time

__all__ = ["AlertsView", "Sort", "Whose", "counts_line", "cut"]


_LOUD = {State.FIRING, State.LOST, State.PENDING}


def _loud(entry: FoldEntry) -> bool:
    return not entry.dim and entry.fold.state in _LOUD


def _several(index: Index) -> frozenset[FoldKey]:
    """Return the folds of more than one alert: those that can be opened."""
    return frozenset([key for key, entry in index.entries.items() if len(entry.fold.alerts) > 1])


def cut(index: Index, view: AlertsView, now: datetime) -> AlertList:
    """Return the alert pane's content.

    Args:
        index: The index of the board that is shown.
        view: What the person chose to see.
        now: The present, for ages.
    """
    board = index.board
    rows = rows_of(index, view)
    counts, entries = rows.counts, index.entries
    several = index.once("several", _several)
    opened = several - view.open if view.all_open else several & view.open
    shown, fold_at = _with_members(index, rows, view.filter, opened) if opened else (rows.keys, [])
    extra = tuple(name for name, seen in (("cluster", rows.clusters), ("namespace", rows.namespaces)) if len(seen) > 1)

    def build(number: int) -> AlertRow:
        row = shown[number]
        if isinstance(row, FoldKey):
            return _fold_row(index, view, row, counts.get(row) or len(entries[row].fold.alerts), extra, now)
        fold = shown[fold_at[bisect_right(fold_at, number) - 1]]
        return _alert_row(index, view, board.alerts[row], entries[FoldKey(*fold)], extra, now)

    return AlertList(
        title=_title(index, view, rows.passing, rows.left_out, rows.levels),
        ids=shown,
        build=build,
        extra=extra,
        banner=banner.line(board, view.zone),
        footer=_footer(index, view),
        empty=""
        if shown
        else quiet.empty(board, narrowed=bool(view.filter) or view.whose is not Whose.ALL, hidden=rows.left_out),
        stale=not quiet.any_answers(board),
        version=index.version,
    )


def _with_members(
    index: Index, rows: Rows, wanted: Filter, opened: Collection[FoldKey]
) -> tuple[tuple[RowId, ...], list[int]]:
    """Return the folds with the alerts of those that are open behind them, and where the open ones stand."""
    ids: list[RowId] = []
    fold_at: list[int] = []
    for key in rows.keys:
        if key in opened:
            fold_at.append(len(ids))
        ids.append(key)
        if key in opened:
            fold = index.entries[key].fold
            ids += compress(fold.alerts, members_passing(index, fold, wanted)) if wanted else fold.alerts
    return tuple(ids), fold_at


def _cells(alert: Alert, extra: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(alert.cluster if name == "cluster" else alert.namespace for name in extra)


def _value(board: Board, alert: Alert) -> str:
    if alert.value is None or alert.state is State.RESOLVED:
        return ""
    rule = board.rules.get(alert.prometheus or "", {}).get(alert.rule or "")
    return say_measure(alert.value, rule.expression if rule is not None else "")


def _role(state: State, priority: Priority) -> Role:
    match state:
        case State.FIRING:
            return Role.FIRING if priority in {Priority.P1, Priority.P2} else Role.WARNING
        case State.LOST:
            return Role.UNKNOWN
        case State.PENDING:
            return Role.PENDING
        case _:
            return Role.DIM


def _who(board: Board, fold: Fold, me: str, now: datetime) -> str:
    answers = board.persons.get(fold.occurrence)
    if not answers:
        return ""
    latest = max(answers.values(), key=lambda answer: answer.at)
    name = "mine" if latest.by == me else latest.by
    return f"{name} {short_since(latest.at, now)}"


def _age(board: Board, alert: Alert, since: datetime, state: State, now: datetime) -> str:
    """Return how long it has lasted: only up to when somebody last said so, with a mark, where nobody knows since."""
    if state is State.RESOLVED and alert.ended is not None:
        return f"lasted {short_since(alert.since, alert.ended)}"
    seen = quiet.last_said(board, alert)
    return short_since(since, now) if seen is None else f"{short_since(since, max(since, seen))}?"


def _note(board: Board, alert: Alert, now: datetime, zone: tzinfo) -> str:
    if alert.note:
        return alert.note
    if alert.state is State.SILENCED and alert.silenced_by:
        silence = board.silences.get(alert.key.system, {}).get(alert.silenced_by[0])
        return f"silenced until {clock_time(silence.ends, zone, today=now)}" if silence is not None else "silenced"
    if alert.state is State.INHIBITED and alert.inhibited_by:
        source = board.alerts.get(AlertKey(alert.key.system, alert.inhibited_by[0]))
        return f"inhibited by {source.name}" if source is not None else "inhibited"
    if alert.state is not State.PENDING:
        return ""
    sender = board.systems.get(alert.prometheus or "")
    if sender is not None and sender.state is Liveness.DOWN:
        return f"{sender.name} not answering"
    rule = board.rules.get(alert.prometheus or "", {}).get(alert.rule or "")
    if rule is None:
        return ""
    left = seconds_between(now, later(alert.since, span(rule.hold_s)))
    return f"fires in {short_age(max(0.0, left))}"


def _fold_row(
    index: Index, view: AlertsView, key: FoldKey, count: int, extra: tuple[str, ...], now: datetime
) -> AlertRow:
    entry, board = index.entries[key], index.board
    fold, lead = entry.fold, entry.lead
    loud = fold.state in _LOUD
    return AlertRow(
        id=key,
        depth=0,
        state=fold.state,
        flapping=fold.flapping,
        priority=(entry.priority.value + ("" if entry.chosen else "?")) if loud else "",
        name=key.name,
        count=count,
        service=lead.service,
        team=team_of(board, lead),
        age=_age(board, lead, fold.since, fold.state, now),
        value=_value(board, lead),
        who=_who(board, fold, view.me, now),
        extra=_cells(lead, extra),
        note=_note(board, lead, now, view.zone)
        or (f"+{fold.arrivals:.0f}/min" if fold.arrivals >= 1 and count > 1 else ""),
        new=view.known is not None and key not in view.known,
        marked=key in view.marked,
        role=_role(fold.state, entry.priority),
    )


def _alert_row(
    index: Index, view: AlertsView, alert: Alert, entry: FoldEntry, extra: tuple[str, ...], now: datetime
) -> AlertRow:
    board, members = index.board, entry.fold.alerts
    beside = board.alerts[members[1] if members[0] == alert.key else members[0]]
    return AlertRow(
        id=alert.key,
        depth=1,
        state=alert.state,
        flapping=alert.flapping,
        priority="",
        name=telling(alert, beside.labels),
        count=1,
        service=alert.service,
        team=team_of(board, alert),
        age=_age(board, alert, alert.since, alert.state, now),
        value=_value(board, alert),
        who="",
        extra=_cells(alert, extra),
        note=_note(board, alert, now, view.zone),
        marked=alert.key in view.marked,
        role=_role(alert.state, entry.priority),
    )


def counts_line(counts: Mapping[State, int]) -> str:
    """Return `3 firing, 2 pending, 7 silenced, 1 just resolved`; what is zero is left out but firing."""
    parts = [count_of(counts.get(State.FIRING, 0), "firing")]
    words = (
        (State.LOST, "lost"),
        (State.PENDING, "pending"),
        (State.SILENCED, "silenced"),
        (State.INHIBITED, "inhibited"),
        (State.RESOLVED, "just resolved"),
    )
    parts += [count_of(counts[state], word) for state, word in words if counts.get(state)]
    return ", ".join(parts)


def _known(board: Board, zone: tzinfo) -> str:
    """Return how the counts are told: as they are, as of when somebody answered last, or not at all."""
    if quiet.any_answers(board):
        return "{}"
    answered = [board.systems[name].answered for name in quiet.sources(board) if name in board.systems]
    last = max((moment for moment in answered if moment is not None), default=None)
    return "not known" if last is None else f"as of {clock_time(last, zone, today=board.at)}: {{}}"


def _title(index: Index, view: AlertsView, passing: int, hidden: int, left_out: Mapping[Priority, int]) -> str:
    title = _known(index.board, view.zone).format(counts_line(index.counts))
    marks = []
    if view.filter or view.whose is not Whose.ALL:
        what = " ".join(
            part for part in (view.filter.text, f"[{view.whose}]" if view.whose is not Whose.ALL else "") if part
        )
        loud = [f"{left_out[level]} at {level}?" for level in (Priority.P1, Priority.P2) if left_out.get(level)]
        found = f"/{what}: {passing:,} of {passing + hidden:,}" + (f"; hidden: {', '.join(loud)}" if loud else "")
        marks.append(found)
        if _of_the_server(index.board, view.filter):
            marks.append("asked of the server")
    if view.sort is not Sort.WORST:
        marks.append(view.sort.value)
    marked = len(still_marked(index.board, view.marked))
    if marked:
        marks.append(f"{marked:,} marked")
    new = 0
    if view.known is not None and view.known is not index.board.folds:
        known = view.known
        new = sum([_loud(index.entries[key]) for key in index.entries.keys() - known.keys()])
    if new:
        marks.append(f"+{new:,} new")
    return " ─ ".join((title, *marks))


def still_marked(board: Board, marked: Collection[RowId]) -> tuple[RowId, ...]:
    """Return the marked rows that are still there, in an order of their own."""
    return tuple(sorted((row for row in marked if row in board.folds or row in board.alerts), key=str))


def _of_the_server(board: Board, wanted: Filter) -> bool:
    """Tell whether a server was asked for a filter's own alerts, where all are too many or too slow to wait for."""
    asked = {str(matcher) for matcher in wanted.matchers}
    for name in quiet.sources(board):
        reading = board.readings.get((name, Topic.FILTERED))
        if reading is None or not isinstance(reading.answer, AlertsSeen):
            continue
        fresh = seconds_between(reading.at, board.at) <= 2 * max(reading.every_s, 10 * reading.took_s)
        if fresh and reading.answer.only and asked.issuperset(reading.answer.only):
            return True
    return False


def _footer(index: Index, view: AlertsView) -> Line:
    if not index.dimmed or view.hidden:
        return ()
    return (
        Span(f"{count_of(index.dimmed, 'alert')}{'s' if index.dimmed != 1 else ''} of no urgency not listed", Role.DIM),
    )
