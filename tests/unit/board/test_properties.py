"""What holds for any readings in any order."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.board.folds import RANK, fold_key
from cockpit.board.reduce import empty, reduce
from cockpit.board.state import Answered, Board, Event, OpenOccurrence, PriorityChosen, Recalled, Setup, Tick, Ticked
from cockpit.model.alert import AlertKey, AlertReport, Heartbeat, PastOccurrence, Silence, State
from cockpit.model.change import ChangeKind, ChangeReport
from cockpit.model.drill import PersonAnswer, Priority, Question, Standing
from cockpit.model.measure import Measure, Measured, VendorStatus
from cockpit.model.reading import (
    AlertsSeen,
    ChangesSeen,
    Duty,
    HopsSeen,
    MeasuresSeen,
    ObservedHop,
    OnCallSeen,
    Peer,
    Place,
    PlacesSeen,
    Reading,
    Rule,
    RuleAlert,
    RulesSeen,
    ScopeSample,
    ScopesSeen,
    SeriesSeen,
    SilencesSeen,
    StatusSeen,
    TargetsSeen,
    Topic,
)
from tests.unit.board.world import AM, GIT, NOON, PROM, SHOP

SETUP = Setup(map=SHOP, systems=(AM, PROM, GIT))
KEPT = timedelta(minutes=15)

near = st.integers(-7200, 7200).map(lambda seconds: NOON + timedelta(seconds=seconds))
anywhere = st.datetimes(timezones=st.just(UTC))
moments = st.one_of(near, near, near, anywhere)
maybe = st.one_of(st.none(), moments)
numbers = st.floats(allow_nan=True, allow_infinity=True)
words = st.sampled_from(
    ["", "payment", "ui", "web", "HighErrors", "Watchdog", "a", "critical", "warning", "info", "é\x00"]
)
names = st.sampled_from(
    ["alertname", "service", "namespace", "instance", "severity", "cluster", "app", "replica", "team"]
)
labels = st.dictionaries(names, words, max_size=5)
ids = st.sampled_from(["1", "2", "3", "4", ""])
systems = st.sampled_from(["am", "prom", "git", "stranger"])
texts = st.sampled_from(["", "v1", "1", "3fa9c1b", 'x{service="payment"} > 1', "sum(", "é"])
rows = 4

reports = st.builds(
    AlertReport,
    id=ids,
    labels=labels,
    annotations=labels,
    started=moments,
    ends=maybe,
    updated=maybe,
    state=st.sampled_from(["active", "suppressed", "unprocessed", "odd"]),
    silenced_by=st.sampled_from([(), ("s",)]),
    inhibited_by=st.sampled_from([(), ("1",)]),
    generator=st.sampled_from([None, "http://prom:9090/graph", "https://x", "odd", "http:///", "http://[::1"]),
)
listed = st.builds(
    RuleAlert, labels, labels, st.sampled_from(["firing", "pending", "odd"]), moments, st.none() | numbers
)
rules = st.builds(
    Rule,
    key=ids,
    name=words,
    expression=texts,
    hold_s=numbers,
    labels=labels,
    annotations=labels,
    health=st.sampled_from(["ok", "err", "unknown"]),
    error=texts,
    evaluated=maybe,
    alerts=st.lists(listed, max_size=rows).map(tuple),
)
changes = st.builds(
    ChangeReport,
    id=texts,
    name=words,
    version=texts,
    kind=st.sampled_from(ChangeKind),
    began=moments,
    ended=maybe,
    rollback=st.booleans(),
    seen=st.booleans(),
    tolerance_s=numbers,
    labels=labels,
)
samples = st.builds(ScopeSample, words, texts, st.none() | numbers, moments, st.none() | numbers, st.none() | numbers)
keys = st.builds(AlertKey, systems, ids)
figures = st.none() | st.floats(allow_nan=False)
trends = st.lists(figures, max_size=3).map(tuple)
measures = st.builds(
    Measured, st.builds(Measure, figures, figures, figures, figures, trends, maybe), labels, words, words
)
calls = st.builds(
    ObservedHop,
    words,
    words,
    st.builds(Measure, figures, figures, figures, figures, trends, maybe),
    seen=maybe,
    callee_labels=labels,
    callee_kind=st.sampled_from(["service", "database"]),
)
vendors = st.builds(VendorStatus, words, st.none() | st.booleans(), texts, moments)
duties = st.builds(Duty, ids, words, words, st.integers(0, 3), maybe)
answers = st.one_of(
    st.lists(reports, max_size=rows).map(lambda some: AlertsSeen(tuple(some))),
    st.lists(reports, max_size=rows).map(lambda some: AlertsSeen(tuple(some))),
    st.builds(RulesSeen, st.lists(rules, max_size=rows).map(tuple), numbers),
    st.builds(ChangesSeen, st.lists(changes, max_size=rows).map(tuple), moments),
    st.builds(ScopesSeen, st.lists(samples, max_size=rows).map(tuple)),
    st.builds(SeriesSeen, keys, texts, st.just(()), numbers),
    st.builds(TargetsSeen, st.just(({"app": "ui"},))),
    st.builds(Silence, ids, texts, st.just(()), moments, moments, texts, texts).map(lambda one: SilencesSeen((one,))),
    st.builds(MeasuresSeen, st.lists(measures, max_size=rows).map(tuple)),
    st.builds(HopsSeen, st.lists(calls, max_size=rows).map(tuple), words),
    st.builds(PlacesSeen, st.lists(st.builds(Place, ids, words, words, labels), max_size=rows).map(tuple)),
    st.builds(StatusSeen, st.lists(vendors, max_size=2).map(tuple), st.dictionaries(words, texts, max_size=2)),
    st.lists(duties, max_size=rows).map(lambda some: OnCallSeen(tuple(some))),
    st.none(),
)
peers = st.lists(st.builds(Peer, ids, st.booleans(), st.none(), maybe), max_size=2).map(tuple)
TOPIC = {
    AlertsSeen: Topic.ALERTS,
    RulesSeen: Topic.RULES,
    ChangesSeen: Topic.CHANGES,
    ScopesSeen: Topic.SCOPES,
    SeriesSeen: Topic.SERIES,
    TargetsSeen: Topic.TARGETS,
    SilencesSeen: Topic.SILENCES,
    MeasuresSeen: Topic.MEASURES,
    StatusSeen: Topic.STATUS,
    HopsSeen: Topic.HOPS,
    PlacesSeen: Topic.PLACES,
    OnCallSeen: Topic.ONCALL,
}


@st.composite
def readings(draw: Callable[..., object]) -> Reading:
    """Return any reading; mostly of the topic that its answer is of."""
    answer = draw(answers)
    topic = TOPIC.get(type(answer)) if draw(st.integers(0, 9)) else None
    topic = topic or draw(st.sampled_from(Topic))  # type: ignore[assignment] # a topic
    at = draw(moments)
    return Reading(
        draw(systems), "any", topic, at, at, 0.1, answer, draw(st.sampled_from([None, "odd"])),  # type: ignore[arg-type] # drawn
        draw(maybe), draw(peers), draw(st.floats(-1e9, 1e9)), draw(st.floats(0, 1e6)),  # type: ignore[arg-type] # drawn
    )  # fmt: skip


occurrences = st.sampled_from(["am/1/20261120T140000Z", "am/2/x", ""])
said = st.builds(PersonAnswer, occurrences, st.sampled_from(Question), st.just(Standing.EDITED), texts, texts, near)
events: st.SearchStrategy[Event] = st.one_of(
    readings(),
    readings(),
    readings(),
    st.builds(Tick, moments),
    st.builds(Answered, near, occurrences, st.sampled_from(Question), st.none() | said),
    st.builds(PriorityChosen, near, occurrences, st.none() | st.sampled_from(Priority)),
    st.builds(Ticked, near, occurrences, st.sampled_from(["payment", ""]), st.booleans()),
    st.builds(
        Recalled,
        at=near,
        open=st.lists(st.builds(OpenOccurrence, st.just("am/1"), moments, moments), max_size=1).map(tuple),
        past=st.just({"am/2": PastOccurrence(NOON, NOON)}),
        persons=st.lists(said, max_size=1).map(tuple),
        heartbeats=st.lists(st.builds(Heartbeat, systems, texts, moments, maybe, labels), max_size=1).map(tuple),
    ),
)


def whole(board: Board) -> None:
    """Demand what holds on every board."""
    members = [key for fold in board.folds.values() for key in fold.alerts]
    assert len(members) == len(set(members))
    assert set(members) == set(board.alerts)
    assert board.memory is not None
    for key, alert in board.alerts.items():
        assert alert.key == key
        assert key in board.folds[fold_key(board.memory.twins, alert)].alerts
        assert alert.name != "Watchdog"
        assert alert.flapping == (len(alert.starts) >= 3)
        assert alert.occurrence
    for place, fold in board.folds.items():
        alerts = [board.alerts[key] for key in fold.alerts]
        assert fold.key == place
        assert fold.state is alerts[0].state
        assert fold.since == alerts[0].since
        assert {state: n for state in State if (n := sum(one.state is state for one in alerts))} == fold.counts
        assert [(RANK[one.state], one.since) for one in alerts] == sorted(
            (RANK[one.state], one.since) for one in alerts
        )
    memory = board.memory
    assert memory is not None
    assert set(memory.lone.values()) <= set(board.alerts)
    assert set(memory.absent) <= set(board.alerts)
    assert {key for key, one in board.alerts.items() if one.state is State.RESOLVED} == set(memory.resolved)
    assert memory.flapping == {key for key, one in board.alerts.items() if one.flapping}
    assert set(memory.tallies) == set(board.folds)
    assert set(SHOP.services) <= set(board.health)


@settings(max_examples=100, deadline=None)
@given(st.lists(events, max_size=12))
def test_any_reading_is_taken(happened: list[Event]) -> None:
    """Whatever systems answer, in any order and at any time, the board takes it and stays whole."""
    board = empty(SETUP, NOON)
    for event in happened:
        board = reduce(board, event)
        whole(board)
        assert board.at == event.at


@settings(max_examples=60, deadline=None)
@given(st.lists(reports, max_size=8), st.lists(events, max_size=5))
def test_the_same_answer_twice_says_the_same(some: list[AlertReport], before: list[Event]) -> None:
    """One alert per fingerprint, and the same reading again gives the same alerts, folds and storm."""
    board = empty(SETUP, NOON)
    for event in before:
        board = reduce(board, event)
    at = NOON + timedelta(hours=3)
    reading = Reading("am", "alertmanager", Topic.ALERTS, at, at, 0.1, AlertsSeen(tuple(some)))
    once = reduce(board, reading)
    twice = reduce(once, reading)
    there = {one.id for one in some if one.labels.get("alertname") != "Watchdog"}
    assert there >= {
        key.id
        for key, one in once.alerts.items()
        if key.system == "am" and key not in _elsewhere(once) and one.ended is None
    }
    assert twice.alerts == once.alerts
    assert twice.folds == once.folds
    assert twice.storm == once.storm


def _elsewhere(board: Board) -> set[AlertKey]:
    assert board.memory is not None
    return {*board.memory.absent, *board.memory.resolved, *board.memory.lone.values()}


@settings(max_examples=60, deadline=None)
@given(st.lists(events, max_size=10))
def test_resolved_alerts_leave_by_time_alone(happened: list[Event]) -> None:
    """A quarter of an hour after everything else nothing that resolved is left."""
    board = empty(SETUP, NOON)
    for event in happened:
        board = reduce(board, event)
    ends = [alert.ended for alert in board.alerts.values() if alert.state is State.RESOLVED and alert.ended is not None]
    far = datetime.max.replace(tzinfo=UTC)
    at = max(ends, default=NOON)
    board = reduce(board, Tick(at + KEPT if at < far - KEPT else far))
    whole(board)
    assert State.RESOLVED not in {alert.state for alert in board.alerts.values()}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(reports, max_size=6), min_size=1, max_size=5))
def test_a_failed_poll_changes_no_alert(polls: list[list[AlertReport]]) -> None:
    """A failure of any system between good answers changes no alert, fold or occurrence."""
    board = empty(Setup(systems=(AM,)), NOON)
    for number, some in enumerate(polls):
        at = NOON + timedelta(seconds=15 * number)
        board = reduce(board, Reading("am", "am", Topic.ALERTS, at, at, 0.1, AlertsSeen(tuple(some))))
        before = board
        board = reduce(board, Reading("am", "am", Topic.ALERTS, at, at, 0.1, None, "refused"))
        assert board.alerts is before.alerts
        assert board.folds is before.folds
