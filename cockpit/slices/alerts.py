"""The alert list: folded, filtered and sorted from an index; rows are made when they are painted."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Any, NamedTuple

from cockpit.board.moments import later, seconds_between, span
from cockpit.board.state import Board
from cockpit.model.alert import Alert, AlertKey, Fold, FoldKey, State
from cockpit.model.drawing import Line, Role, Span
from cockpit.model.drill import Priority
from cockpit.model.panes import AlertList, AlertRow, RowId
from cockpit.model.reading import AlertsSeen, Liveness, Topic
from cockpit.slices import banner, quiet
from cockpit.slices.filter import NO_FILTER, Filter
from cockpit.slices.index import FoldEntry, Index
from cockpit.slices.say import count_of, say_measure, short_age, short_since, telling
from cockpit.spans import clock_time


class Whose(StrEnum):
    """Whose alerts are listed."""

    ALL = "all"
    TEAM = "team"
    MINE = "mine"


class Sort(StrEnum):
    """How rows are sorted; by priority, entry points reached and age unless a person asks otherwise."""

    WORST = "worst first"
    NEWEST = "newest first"
    NAME = "by name"
    SERVICE = "by service"


@dataclass(frozen=True, slots=True)
class AlertsView:
    """What a person chose to see."""

    filter: Filter = NO_FILTER
    whose: Whose = Whose.ALL
    teams: tuple[str, ...] = ()
    """The person's teams, for `team`."""
    me: str = ""
    """The person's name, for `mine`: what they answered or prioritised."""
    open: frozenset[FoldKey] = frozenset()
    """Folds that are opened, or, where all are open, closed."""
    all_open: bool = False
    hidden: bool = False
    """Whether silenced, inhibited and dimmed rows are shown too."""
    sort: Sort = Sort.WORST
    known: Mapping[FoldKey, Fold] | None = field(default=None, compare=False)
    """The folds that were there at the last key press; null marks nothing as new."""
    zone: tzinfo = UTC
    """The zone of times in this pane."""


_QUIET = {State.SILENCED, State.INHIBITED}
_LOUD = {State.FIRING, State.LOST, State.PENDING}


def _team(board: Board, alert: Alert) -> str:
    service = board.setup.map.services.get(alert.service) if alert.mapped else None
    return (service.team if service is not None else None) or alert.label_team or ""


def _is_mine(board: Board, entry: FoldEntry, me: str) -> bool:
    answers = board.persons.get(entry.fold.occurrence, {})
    return entry.chosen or any(answer.by == me for answer in answers.values())


def _loud(entry: FoldEntry) -> bool:
    return not entry.dim and entry.fold.state in _LOUD


_SORT_KEYS: Mapping[Sort, Callable[[FoldEntry], Any]] = {
    Sort.NEWEST: lambda entry: entry.newest,
    Sort.NAME: lambda entry: entry.fold.key.name.lower(),
    Sort.SERVICE: lambda entry: entry.fold.key.service.lower(),
}
"""By what rows are sorted that stand by rank already."""


def _order(index: Index, sort: Sort) -> tuple[FoldKey, ...]:
    if sort is Sort.WORST:
        return index.order
    key, entries = _SORT_KEYS[sort], index.entries
    return index.once(sort, lambda index: tuple(sorted(index.order, key=lambda fold: key(entries[fold]))))


class _Totals(NamedTuple):
    """What a list of some folds says of all of them together."""

    alerts: int
    levels: Mapping[Priority, int]
    clusters: frozenset[str]
    namespaces: frozenset[str]


def _totals(entries: Iterable[FoldEntry]) -> _Totals:
    listed = list(entries)
    levels = [entry.priority for entry in listed]
    return _Totals(
        sum([len(entry.fold.alerts) for entry in listed]),
        {level: count for level in Priority if (count := levels.count(level))},
        frozenset([entry.fold.key.cluster for entry in listed]),
        frozenset([entry.lead.namespace for entry in listed]),
    )


def _quiet(index: Index) -> frozenset[FoldKey]:
    """Return the folds that are listed only where a person wants to see what is hidden."""
    silenced, inhibited = State.SILENCED, State.INHIBITED
    return frozenset(
        key
        for key, entry in index.entries.items()
        if entry.dim or entry.fold.state is silenced or entry.fold.state is inhibited
    )


def _all(index: Index) -> _Totals:
    return _totals(index.entries.values())


def _heard(index: Index) -> _Totals:
    quiet = index.once("quiet", _quiet)
    return _totals(entry for key, entry in index.entries.items() if key not in quiet)


def _several(index: Index) -> frozenset[FoldKey]:
    """Return the folds of more than one alert: those that can be opened."""
    return frozenset(key for key, entry in index.entries.items() if len(entry.fold.alerts) > 1)


def _passing(
    index: Index, listed: Iterable[FoldEntry], wanted: Filter
) -> tuple[list[FoldEntry], dict[FoldKey, int], int]:
    """Return the folds of which any alert passes a filter, how many do where not all do, and how many in all."""
    hays, keeps, word = index.hays, wanted.keeps, wanted.only_word
    found: list[FoldEntry] = []
    partly: dict[FoldKey, int] = {}
    passing = 0
    for entry in listed:
        if word and entry.hay:
            if word in entry.hay:
                found.append(entry)
                passing += 1
            continue
        members = entry.fold.alerts
        count = sum([keeps(hays[one][1], hays[one][0].labels) for one in members])
        if count:
            found.append(entry)
            passing += count
            if count != len(members):
                partly[entry.fold.key] = count
    return found, partly, passing


class _Rows(NamedTuple):
    """The folds that are listed, in their order."""

    keys: tuple[FoldKey, ...]
    counts: Mapping[FoldKey, int]
    """Alerts that pass, where those are not all of the fold's."""
    passing: int
    """Alerts that are listed."""
    left_out: int
    """Alerts that a filter, or whose they are, leaves out."""
    levels: Mapping[Priority, int]
    """Folds that are left out, by priority."""
    clusters: frozenset[str]
    namespaces: frozenset[str]


def _rows(index: Index, view: AlertsView) -> _Rows:
    """Choose what is listed; what can be known of the whole list is not counted row by row."""
    board, entries = index.board, index.entries
    order, quiet = _order(index, view.sort), index.once("quiet", _quiet)
    whole = index.once("all", _all) if view.hidden else index.once("heard", _heard)
    keys = order if view.hidden or not quiet else tuple(key for key in order if key not in quiet)
    if not view.filter and view.whose is Whose.ALL:
        return _Rows(keys, {}, whole.alerts, 0, {}, whole.clusters, whole.namespaces)
    counts: Mapping[FoldKey, int] = {}
    listed: Sequence[FoldEntry] = index.once(("in order", view.sort), lambda _: tuple([entries[key] for key in order]))
    if quiet and not view.hidden:
        listed = [entry for entry in listed if entry.fold.key not in quiet]
    if view.whose is Whose.TEAM:
        listed = [entry for entry in listed if _team(board, entry.lead) in view.teams]
    elif view.whose is Whose.MINE:
        listed = [entry for entry in listed if _is_mine(board, entry, view.me)]
    if view.filter:
        listed, counts, passing = _passing(index, listed, view.filter)
        if passing == whole.alerts:
            return _Rows(keys, counts, passing, 0, {}, whole.clusters, whole.namespaces)
    totals = _totals(listed)
    if not view.filter:
        passing = totals.alerts
    levels = {level: count - totals.levels.get(level, 0) for level, count in whole.levels.items()}
    keys = tuple([entry.fold.key for entry in listed])
    return _Rows(keys, counts, passing, whole.alerts - passing, levels, totals.clusters, totals.namespaces)


def cut(index: Index, view: AlertsView, now: datetime) -> AlertList:
    """Return the alert pane's content.

    Args:
        index: The index of the board that is shown.
        view: What the person chose to see.
        now: The present, for ages.
    """
    board = index.board
    rows = _rows(index, view)
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
    index: Index, rows: _Rows, wanted: Filter, opened: Collection[FoldKey]
) -> tuple[tuple[RowId, ...], list[int]]:
    """Return the folds with the alerts of those that are open behind them, and where the open ones stand."""
    ids: list[RowId] = []
    fold_at: list[int] = []
    hays, keeps = index.hays, wanted.keeps
    for key in rows.keys:
        if key in opened:
            fold_at.append(len(ids))
        ids.append(key)
        if key in opened:
            members = index.entries[key].fold.alerts
            ids += [one for one in members if keeps(hays[one][1], hays[one][0].labels)] if wanted else members
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


def _age(alert: Alert, since: datetime, state: State, now: datetime) -> str:
    if state is State.RESOLVED and alert.ended is not None:
        return f"lasted {short_since(alert.since, alert.ended)}"
    return short_since(since, now)


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
        team=_team(board, lead),
        age=_age(lead, fold.since, fold.state, now),
        value=_value(board, lead),
        who=_who(board, fold, view.me, now),
        extra=_cells(lead, extra),
        note=_note(board, lead, now, view.zone)
        or (f"+{fold.arrivals:.0f}/min" if fold.arrivals >= 1 and count > 1 else ""),
        new=view.known is not None and key not in view.known,
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
        team=_team(board, alert),
        age=_age(alert, alert.since, alert.state, now),
        value=_value(board, alert),
        who="",
        extra=_cells(alert, extra),
        note=_note(board, alert, now, view.zone),
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
        marks.append(found + _of_the_server(index.board, view.filter))
    if view.sort is not Sort.WORST:
        marks.append(view.sort.value)
    new = 0
    if view.known is not None and view.known is not index.board.folds:
        known = view.known
        new = sum(_loud(index.entries[key]) for key in index.entries if key not in known)
    if new:
        marks.append(f"+{new:,} new")
    return " ─ ".join((title, *marks))


def _of_the_server(board: Board, wanted: Filter) -> str:
    """Return who else was asked for the alerts of a filter, where all of them are too many or too slow to wait for."""
    asked = {str(matcher) for matcher in wanted.matchers}
    for name in quiet.sources(board):
        reading = board.readings.get((name, Topic.FILTERED))
        if reading is None or not isinstance(reading.answer, AlertsSeen):
            continue
        fresh = seconds_between(reading.at, board.at) <= 2 * max(reading.every_s, 10 * reading.took_s)
        if fresh and reading.answer.only and asked.issuperset(reading.answer.only):
            return "; asked of the server"
    return ""


def _footer(index: Index, view: AlertsView) -> Line:
    if not index.dimmed or view.hidden:
        return ()
    return (
        Span(f"{count_of(index.dimmed, 'alert')}{'s' if index.dimmed != 1 else ''} of no urgency not listed", Role.DIM),
    )
