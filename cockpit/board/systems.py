"""How each system does: asking, live, slow, stale or down, from its readings and failures alone."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from cockpit.board.join import Book
from cockpit.board.moments import seconds_between
from cockpit.board.state import Board, Expected
from cockpit.model.reading import OPTIONAL, Liveness, Peer, Reading, SystemState, Topic

ON_DEMAND = frozenset({Topic.SERIES, Topic.TARGETS})
"""Topics that are asked now and then: their age says nothing."""
BESIDE = frozenset({Topic.FILTERED, Topic.WIDER, Topic.HISTORY})
"""Topics that a person's view asks for beside the others: they say nothing of how a system does."""
SLOW_S = 2.0
"""An answer that took longer is slow."""
STALE = 2
"""Cadences after which a reading is stale."""
DOWN = 4
"""Cadences of failing after which a system is down."""


def with_systems(board: Board) -> Board:
    """Return the board with every system's state at its moment; unchanged states are the same objects."""
    books: Mapping[str, Book] = {} if board.memory is None else board.memory.books
    expected = {one.name: one for one in board.setup.systems}
    for (name, topic), reading in (*board.readings.items(), *board.failures.items()):
        if name not in expected and topic not in BESIDE:
            expected[name] = Expected(name, reading.kind, (topic,), reading.every_s)
    states: dict[str, SystemState] = {}
    same = len(expected) == len(board.systems)
    for name, one in expected.items():
        state = state_of(board, one, books.get(name))
        before = board.systems.get(name)
        if before is not None and before == state:
            state = before
        else:
            same = False
        states[name] = state
    return board if same else replace(board, systems=states)


def state_of(board: Board, system: Expected, book: Book | None = None) -> SystemState:
    """Return how one system does at the board's moment."""
    name, at = system.name, board.at
    topics = tuple(dict.fromkeys((*system.topics, *(topic for known, topic in board.readings if known == name))))
    topics = tuple(dict.fromkeys((*topics, *(topic for known, topic in board.failures if known == name))))
    topics = tuple(topic for topic in topics if topic not in BESIDE)
    good = {topic: board.readings.get((name, topic)) for topic in topics}
    bad = {topic: board.failures[name, topic] for topic in topics if (name, topic) in board.failures}
    main = tuple(topic for topic in topics if topic not in ON_DEMAND | OPTIONAL) or topics
    answered = max((reading.at for reading in good.values() if reading is not None), default=None)
    latest = _latest([*good.values(), *bad.values()])
    best = _latest([reading for topic, reading in good.items() if topic in main]) or _latest(list(good.values()))
    changes = good.get(Topic.CHANGES)
    failing = {topic: board.failing.get((name, topic), reading.at) for topic, reading in bad.items() if topic in main}
    since = _failing_since(failing, answered)
    state = _liveness(main, good, bad, since, at)
    error = next((bad[topic].error or "no answer" for topic in main if topic in bad), None)
    if error is None:
        told = (reading for topic, reading in good.items() if topic in main or topic not in OPTIONAL)
        error = next((reading.error for reading in told if reading is not None and reading.error), None)
    return SystemState(
        name=name,
        kind=system.kind,
        state=state,
        answered=answered,
        complete_to=None if changes is None else changes.complete_to or changes.asked,
        error=error,
        every_s=system.every_s if best is None else best.every_s,
        took_s=max((one.took_s for topic, one in good.items() if one is not None and topic in main), default=0.0),
        peers=_peers(good, bad, main),
        skew_s=0.0 if best is None else best.skew_s,
        insecure=latest is not None and latest.insecure,
        late_s=0.0 if book is None else book.late_s,
        failing_since=since,
        topics={topic: None if reading is None else reading.at for topic, reading in good.items()},
    )


def _latest(readings: list[Reading | None]) -> Reading | None:
    return max((reading for reading in readings if reading is not None), key=lambda one: one.at, default=None)


def _failing_since(failing: Mapping[Topic, datetime], answered: datetime | None) -> datetime | None:
    """Return since when it has been failing: the first failure after its last good answer, else the first of all."""
    after = [moment for moment in failing.values() if answered is None or moment > answered]
    return min(after or failing.values(), default=None)


def _liveness(
    main: tuple[Topic, ...],
    good: Mapping[Topic, Reading | None],
    bad: Mapping[Topic, Reading],
    since: datetime | None,
    at: datetime,
) -> Liveness:
    answers = [(topic, reading) for topic, reading in good.items() if topic in main and reading is not None]
    failures = [reading for topic, reading in bad.items() if topic in main]
    if not answers and not failures:
        return Liveness.LIVE if any(good.values()) else Liveness.ASKING
    every = min([_every(reading) for _, reading in answers] or [reading.every_s for reading in failures])
    if failures and not any(topic not in bad for topic, _ in answers):
        unreachable = any(one.peers and not any(peer.up for peer in one.peers) for one in failures)
        if not answers or unreachable or (since is not None and seconds_between(since, at) > DOWN * every):
            return Liveness.DOWN
    aging = [reading for topic, reading in answers if topic is not Topic.SCOPES]
    if failures or any(seconds_between(reading.at, at) > STALE * _every(reading) for reading in aging):
        return Liveness.STALE
    slow = any(one.took_s > SLOW_S or one.took_s > one.every_s / 2 for _, one in answers)
    return Liveness.SLOW if slow else Liveness.LIVE


def _every(reading: Reading) -> float:
    """Return the cadence that the reading's topic keeps: never sooner than ten times what the answer took."""
    return max(reading.every_s, 10 * reading.took_s)


def _peers(
    good: Mapping[Topic, Reading | None], bad: Mapping[Topic, Reading], main: tuple[Topic, ...]
) -> tuple[Peer, ...]:
    """Return the peers as the latest reading that names them saw them."""
    known = [reading for topic in main for reading in (good.get(topic), bad.get(topic))]
    latest = _latest([reading for reading in known if reading is not None and reading.peers])
    return () if latest is None else latest.peers
