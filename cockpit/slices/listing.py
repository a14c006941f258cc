"""Which folds are listed, and in what order: what a person chose to see, applied to an index column by column.

A long list is narrowed by whole columns and not fold by fold, so that each key of a filter costs milliseconds over
fifty thousand rows; the columns of an order are made once an index.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from enum import StrEnum
from itertools import compress
from typing import Any, NamedTuple

from cockpit.board.state import Board
from cockpit.model.alert import Alert, Fold, FoldKey, State
from cockpit.model.drill import Priority
from cockpit.model.panes import RowId
from cockpit.slices.filter import NO_FILTER, Filter, passes
from cockpit.slices.index import FoldEntry, Index


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
    marked: frozenset[RowId] = frozenset()
    """Rows that a person marked."""


class Rows(NamedTuple):
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


class _Totals(NamedTuple):
    """What the list of all folds says of them together, in whatever order."""

    alerts: int
    levels: Mapping[Priority, int]
    clusters: frozenset[str]
    namespaces: frozenset[str]


class _Columns(NamedTuple):
    """All folds that may be listed, in one order, each column beside the others."""

    keys: tuple[FoldKey, ...]
    entries: tuple[FoldEntry, ...]
    hays: tuple[str, ...]
    """The searched text, empty where a fold has several alerts."""
    several: tuple[int, ...]
    """Where those folds stand."""
    levels: bytes
    """Places in `Priority`."""


_SORT_KEYS: Mapping[Sort, Callable[[FoldEntry], Any]] = {
    Sort.NEWEST: lambda entry: entry.newest,
    Sort.NAME: lambda entry: entry.fold.key.name.lower(),
    Sort.SERVICE: lambda entry: entry.fold.key.service.lower(),
}
"""By what rows are sorted that stand by rank already."""

_LEVELS = tuple(Priority)
_PLACES = {level: place for place, level in enumerate(_LEVELS)}


def team_of(board: Board, alert: Alert) -> str:
    """Return the team of an alert: by the map, else by its label, else none."""
    service = board.setup.map.services.get(alert.service) if alert.mapped else None
    return (service.team if service is not None else None) or alert.label_team or ""


def rows_of(index: Index, view: AlertsView) -> Rows:
    """Choose what is listed; what can be known of the whole list is not counted row by row."""
    whole = _totals(index, hidden=view.hidden)
    if not view.filter and view.whose is Whose.ALL:
        return _all(index, view, whole)
    columns = _columns(index, view)
    mask = _whose(index, view, columns)
    counts: dict[FoldKey, int] = {}
    passing = 0
    if view.filter:
        mask, counts, passing = _passing(index, columns, view.filter, mask)
        if passing == whole.alerts:
            return _all(index, view, whole)
    assert mask is not None
    places = list(compress(range(len(mask)), mask))
    entries = [columns.entries[place] for place in places]
    if not view.filter:
        passing = sum([len(entry.fold.alerts) for entry in entries])
    levels = _tally(bytes([columns.levels[place] for place in places]))
    return Rows(
        tuple([columns.keys[place] for place in places]),
        counts,
        passing,
        whole.alerts - passing,
        {level: count - levels.get(level, 0) for level, count in whole.levels.items()},
        frozenset([entry.lead.cluster for entry in entries]),
        frozenset([entry.lead.namespace for entry in entries]),
    )


def prepare(index: Index, view: AlertsView) -> None:
    """Make now what the first key of a filter would have to wait for."""
    _columns(index, view)


def _all(index: Index, view: AlertsView, whole: _Totals) -> Rows:
    return Rows(_keys(index, view.sort, hidden=view.hidden), {}, whole.alerts, 0, {}, whole.clusters, whole.namespaces)


def _order(index: Index, sort: Sort) -> tuple[FoldKey, ...]:
    if sort is Sort.WORST:
        return index.order
    key, entries = _SORT_KEYS[sort], index.entries
    return index.once(sort, lambda index: tuple(sorted(index.order, key=lambda fold: key(entries[fold]))))


def _quiet(index: Index) -> frozenset[FoldKey]:
    """Return the folds that are listed only where a person wants to see what is hidden."""
    silenced, inhibited = State.SILENCED, State.INHIBITED
    return frozenset(
        [
            key
            for key, entry in index.entries.items()
            if entry.dim or entry.fold.state is silenced or entry.fold.state is inhibited
        ]
    )


def _keys(index: Index, sort: Sort, *, hidden: bool) -> tuple[FoldKey, ...]:
    """Return what may be listed, in its order."""
    keys, quiet = _order(index, sort), index.once("quiet", _quiet)
    return tuple([key for key in keys if key not in quiet]) if quiet and not hidden else keys


def _totals(index: Index, *, hidden: bool) -> _Totals:
    return index.once(("totals", hidden), lambda index: _total(index, hidden=hidden))


def _total(index: Index, *, hidden: bool) -> _Totals:
    quiet = frozenset() if hidden else index.once("quiet", _quiet)
    entries = [entry for key, entry in index.entries.items() if key not in quiet] if quiet else index.entries.values()
    places = _PLACES
    return _Totals(
        sum([len(entry.fold.alerts) for entry in entries]),
        _tally(bytes([places[entry.priority] for entry in entries])),
        frozenset([entry.lead.cluster for entry in entries]),
        frozenset([entry.lead.namespace for entry in entries]),
    )


def _columns(index: Index, view: AlertsView) -> _Columns:
    return index.once(("columns", view.sort, view.hidden), lambda index: _column(index, view.sort, hidden=view.hidden))


def _column(index: Index, sort: Sort, *, hidden: bool) -> _Columns:
    keys, found, places = _keys(index, sort, hidden=hidden), index.entries, _PLACES
    entries = tuple([found[key] for key in keys])
    return _Columns(
        keys,
        entries,
        tuple([entry.hay for entry in entries]),
        tuple([place for place, entry in enumerate(entries) if not entry.hay]),
        bytes([places[entry.priority] for entry in entries]),
    )


def _tally(levels: bytes) -> dict[Priority, int]:
    return {level: count for place, level in enumerate(_LEVELS) if (count := levels.count(place))}


def _whose(index: Index, view: AlertsView, columns: _Columns) -> Sequence[bool] | None:
    """Tell of each fold whether it is of those whose alerts are listed; null where all are."""
    board = index.board
    if view.whose is Whose.TEAM:
        return [team_of(board, entry.lead) in view.teams for entry in columns.entries]
    if view.whose is Whose.MINE:
        return [_is_mine(board, entry, view.me) for entry in columns.entries]
    return None


def _is_mine(board: Board, entry: FoldEntry, me: str) -> bool:
    answers = board.persons.get(entry.fold.occurrence, {})
    return entry.chosen or any(answer.by == me for answer in answers.values())


def _passing(
    index: Index, columns: _Columns, wanted: Filter, mask: Sequence[bool] | None
) -> tuple[list[bool], dict[FoldKey, int], int]:
    """Tell of which folds any alert passes a filter, of how many where not all do, and how many alerts pass in all."""
    entries = columns.entries
    labels = [entry.lead.labels for entry in entries] if wanted.matchers else ()
    found = passes(wanted, columns.hays, labels)
    if mask is not None:
        found = [one and other for one, other in zip(found, mask, strict=True)]
    for place in columns.several:
        found[place] = False
    passing = sum(found)
    partly: dict[FoldKey, int] = {}
    for place in columns.several:
        if mask is None or mask[place]:
            members = entries[place].fold.alerts
            count = sum(members_passing(index, entries[place].fold, wanted))
            if count:
                found[place] = True
                passing += count
                if count != len(members):
                    partly[columns.keys[place]] = count
    return found, partly, passing


def members_passing(index: Index, fold: Fold, wanted: Filter) -> Sequence[bool]:
    """Tell of each alert of a fold whether it passes a filter."""
    hays = index.hays
    members: Iterable[tuple[Alert, str]] = [hays[one] for one in fold.alerts]
    labels = [alert.labels for alert, _ in members] if wanted.matchers else ()
    return passes(wanted, [hay for _, hay in members], labels)
