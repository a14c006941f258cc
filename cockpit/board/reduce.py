"""`reduce(board, event)`: the only way forward for a board. Pure; the time is the event's.

What an event does not change keeps its identity: mappings, tuples and the alerts, folds, changes and states in them.
Only `Board.at` is new with every event, so readers compare what they show by identity and repaint what differs.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from cockpit.board import alerts, changes, heartbeats, people, storm
from cockpit.board.coverage import Coverage
from cockpit.board.draft import Draft
from cockpit.board.duties import with_duties
from cockpit.board.folds import let_arrivals_age, refold
from cockpit.board.health import with_health
from cockpit.board.join import Book, senders_of
from cockpit.board.measured import with_measures
from cockpit.board.measures import with_scopes, with_series
from cockpit.board.memory import Memory
from cockpit.board.moments import later
from cockpit.board.observed import aging, observing
from cockpit.board.occurrences import alert_subject, calm_down, fold_subject, forget_resolved, last_seen
from cockpit.board.relocating import relocated
from cockpit.board.state import (
    Answered,
    Board,
    Event,
    JournalSaid,
    Noted,
    OpenOccurrence,
    PriorityChosen,
    Recalled,
    Setup,
    Tick,
    Ticked,
)
from cockpit.board.systems import with_systems
from cockpit.model.alert import State
from cockpit.model.history import HistorySeen
from cockpit.model.reading import (
    AlertsSeen,
    Answer,
    ChangesSeen,
    HopsSeen,
    MeasuresSeen,
    OnCallSeen,
    PlacesSeen,
    Reading,
    RulesSeen,
    ScopesSeen,
    SeriesSeen,
    SilencesSeen,
    StatusSeen,
    TargetsSeen,
    Topic,
)
from cockpit.topology.naming import Naming

_ANSWERS: Mapping[Topic, type[Answer]] = {
    Topic.ALERTS: AlertsSeen,
    Topic.FILTERED: AlertsSeen,
    Topic.SILENCES: SilencesSeen,
    Topic.RULES: RulesSeen,
    Topic.CHANGES: ChangesSeen,
    Topic.WIDER: ChangesSeen,
    Topic.SCOPES: ScopesSeen,
    Topic.SERIES: SeriesSeen,
    Topic.TARGETS: TargetsSeen,
    Topic.HOPS: HopsSeen,
    Topic.PLACES: PlacesSeen,
    Topic.MEASURES: MeasuresSeen,
    Topic.STATUS: StatusSeen,
    Topic.ONCALL: OnCallSeen,
    Topic.HISTORY: HistorySeen,
}
"""What answers which topic."""


def empty(setup: Setup, at: datetime) -> Board:
    """Return the board on which nothing is known yet: every system is being asked."""
    return with_health(with_systems(_remembering(Board(setup=setup, at=at, began=at))))


def _remembering(board: Board) -> Board:
    """Return the board with a memory made for its setup."""
    if board.memory is not None and board.memory.setup is board.setup:
        return board
    naming = Naming(board.setup.map, board.setup.exporters)
    memory = Memory(
        setup=board.setup, naming=naming, senders=senders_of(board.setup.systems), coverage=Coverage(naming)
    )
    return replace(board, memory=memory)


def with_setup(board: Board, setup: Setup, at: datetime) -> Board:
    """Return what the board would be under another setup (an edited map): its readings taken again, in their order.

    Occurrences, what people decided and what the journal held go on.
    """
    open_now = [
        OpenOccurrence(alert_subject(key), alert.opened, last_seen(board, alert))
        for key, alert in board.alerts.items()
        if alert.state is not State.RESOLVED
    ]
    open_now += [
        OpenOccurrence(fold_subject(key), fold.opened, max(last_seen(board, board.alerts[one]) for one in fold.alerts))
        for key, fold in board.folds.items()
        if fold.state is not State.RESOLVED
    ]
    persons = tuple(answer for answers in board.persons.values() for answer in answers.values())
    ticks = tuple(tick for lines in board.ticks.values() for tick in lines.values())
    held = Recalled(at, tuple(open_now), board.past, persons, board.chosen, ticks, board.heartbeats, board.notes)
    moved = reduce(empty(setup, board.began), held)
    events = [*board.readings.values(), *board.failures.values()]
    for reading in sorted(events, key=lambda one: one.at):
        moved = reduce(moved, reading)
    moved = replace(moved, failing={**moved.failing, **board.failing}, journal_error=board.journal_error)
    return reduce(moved, Tick(at))


def reduce(board: Board, event: Event) -> Board:
    """Return the board after the event; any reading is taken, whatever a system answered."""
    board = _remembering(board)
    match event:
        case Reading():
            return _read(board, event)
        case Tick():
            return _passed(board, event.at)
        case Answered():
            return people.answered(board, event)
        case PriorityChosen():
            return people.chose(board, event)
        case Ticked():
            return people.ticked(board, event)
        case Noted():
            return people.noted(board, event)
        case Recalled():
            return _recalled(board, event)
        case JournalSaid():
            return replace(board, at=event.at, journal_error=event.error)


def _read(board: Board, reading: Reading) -> Board:
    """Take one reading: keep it, work it in, and say how its system does."""
    key = (reading.system, reading.topic)
    if reading.answer is None or not isinstance(reading.answer, _ANSWERS.get(reading.topic, ())):
        return _failed(board, reading)
    previous = board.readings.get(key)
    failed = board.failing.get(key)
    board = replace(
        board,
        at=reading.at,
        readings={**board.readings, key: reading},
        failures=_without(board.failures, key),
        failing=_without(board.failing, key),
    )
    match reading.answer:
        case AlertsSeen() if reading.topic is Topic.FILTERED:
            board = _merge_filtered(board, reading, reading.answer)
        case AlertsSeen():
            board = _merge_alerts(board, reading, reading.answer, previous)
        case RulesSeen():
            board = _merge_rules(board, reading, reading.answer, failed)
        case SilencesSeen():
            known = {silence.id: silence for silence in reading.answer.silences}
            if known != board.silences.get(reading.system):
                board = replace(board, silences={**board.silences, reading.system: known})
        case ScopesSeen():
            board = with_scopes(board, reading.system, reading.answer)
        case SeriesSeen():
            board = with_series(board, reading.system, reading.answer)
        case TargetsSeen():
            if board.targets.get(reading.system) != reading.answer:
                board = observing(replace(board, targets={**board.targets, reading.system: reading.answer}))
        case HopsSeen() | PlacesSeen():
            board = observing(board)
        case ChangesSeen():
            board = changes.with_changes(board, reading, reading.answer)
    return _passed(board, reading.at)


def _failed(board: Board, reading: Reading) -> Board:
    """Keep a failure beside the last good reading, which stands; nothing resolves by it."""
    key = (reading.system, reading.topic)
    if reading.answer is not None:
        reading = replace(reading, answer=None, error=reading.error or "answered something else than it was asked")
    board = replace(
        board,
        at=reading.at,
        failures={**board.failures, key: reading},
        failing=board.failing if key in board.failing else {**board.failing, key: reading.at},
    )
    if reading.topic is Topic.RULES and board.memory is not None and board.memory.absent:
        draft = Draft(board, board.memory, reading.at)
        alerts.settle(draft, [one for one in draft.absent if draft.alerts[one].state is not State.LOST])
        board = _finish(board, draft)
    return _passed(board, reading.at)


def _merge_alerts(board: Board, reading: Reading, seen: AlertsSeen, previous: Reading | None) -> Board:
    assert board.memory is not None
    draft = Draft(board, board.memory, reading.at)
    forget_resolved(draft)
    alerts.from_alertmanager(draft, reading, seen, previous)
    heartbeats.listen(draft, reading)
    return _finish(board, draft)


def _merge_filtered(board: Board, reading: Reading, seen: AlertsSeen) -> Board:
    """Take the alerts of a filter, where they are not older than all of them."""
    whole = board.readings.get((reading.system, Topic.ALERTS))
    if whole is not None and reading.asked < whole.asked:
        return board
    assert board.memory is not None
    draft = Draft(board, board.memory, reading.at)
    forget_resolved(draft)
    alerts.from_filter(draft, reading, seen, whole)
    return _finish(board, draft)


def _merge_rules(board: Board, reading: Reading, seen: RulesSeen, failed: datetime | None) -> Board:
    memory = board.memory
    assert memory is not None
    draft = Draft(board, memory, reading.at)
    forget_resolved(draft)
    alerts.from_prometheus(draft, reading, seen, _back(memory.books.get(reading.system), reading, failed))
    heartbeats.listen_alone(draft, reading, seen)
    board = _finish(board, draft)
    board = replace(board, rules={**board.rules, reading.system: {rule.key: rule for rule in seen.rules}})
    covered = memory.coverage.of_rules(seen.rules)
    if covered != memory.covered.get(reading.system):
        assert board.memory is not None
        board = replace(board, memory=replace(board.memory, covered={**memory.covered, reading.system: covered}))
    return board


def _back(book: Book | None, reading: Reading, failed: datetime | None) -> datetime | None:
    """Return since when a Prometheus evaluates again, where it failed or started anew while it was watched."""
    back = None if book is None else book.back
    if failed is not None:
        back = reading.at
    started = max((peer.started for peer in reading.peers if peer.up and peer.started is not None), default=None)
    if started is not None and book is not None and started > book.server:
        back = started if back is None else max(back, started)
    return back


def _finish(board: Board, draft: Draft) -> Board:
    """Return the board with what was drafted, and with the folds and the storm line that follow from it."""
    return storm.after_alerts(board, refold(draft.finish(), draft), draft.was)


def _passed(board: Board, at: datetime) -> Board:
    """Let time pass: what is resolved leaves, marks and arrivals age, systems go stale, changes leave the window."""
    memory = board.memory
    assert memory is not None
    board = replace(board, at=at)
    calms = memory.flapping and memory.calm_at is not None and at >= memory.calm_at
    if calms or (memory.prune_at is not None and at >= memory.prune_at):
        draft = Draft(board, memory, at)
        forget_resolved(draft)
        calm_down(draft)
        board = _finish(board, draft)
    assert board.memory is not None
    board = _relocated(observing(board), at)
    assert board.memory is not None
    board = let_arrivals_age(board, board.memory, at)
    board = with_duties(with_measures(aging(with_systems(board))))
    if (board.changes and board.changes[-1].began < later(at, -board.setup.window)) or board.older:
        board = changes.within_window(board)
    return with_health(board)


def _relocated(board: Board, at: datetime) -> Board:
    """Return the board with the alerts of pods whose service has become known."""
    memory = board.memory
    assert memory is not None
    if memory.observed.told:
        return board
    draft = Draft(board, memory, at)
    relocated(draft)
    memory = replace(memory, observed=replace(memory.observed, told=True))
    board = _finish(board, draft) if draft.was else board
    assert board.memory is not None
    return replace(board, memory=replace(board.memory, observed=memory.observed))


def _recalled(board: Board, event: Recalled) -> Board:
    """Take what the journal held from before."""
    assert board.memory is not None
    draft = Draft(board, board.memory, event.at)
    people.recalled(draft, event)
    next_board = _finish(board, draft)
    folds = {key: people.reopened(draft, fold) for key, fold in next_board.folds.items()}
    if any(fold is not next_board.folds[key] for key, fold in folds.items()):
        assert next_board.memory is not None
        memory = replace(next_board.memory, open=dict(draft.open))
        next_board = replace(next_board, folds=folds, memory=memory)
    return next_board


_Kept = TypeVar("_Kept")


def _without(known: Mapping[tuple[str, Topic], _Kept], key: tuple[str, Topic]) -> Mapping[tuple[str, Topic], _Kept]:
    """Return the mapping without a key; the same one where it is not there."""
    return known if key not in known else {one: value for one, value in known.items() if one != key}
