"""Boards as the journal sees them: made by `reduce` from what an Alertmanager answered."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from cockpit.board.reduce import empty, reduce
from cockpit.board.state import Answered, Board, Event, Expected, Setup
from cockpit.journal.opening import Journal
from cockpit.model.alert import AlertKey, AlertReport
from cockpit.model.drill import Evidence, PersonAnswer, Question, Standing
from cockpit.model.reading import AlertsSeen, Peer, Reading, Topic

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
"""When the tests happen."""

SETUP = Setup(systems=(Expected("am", "alertmanager", (Topic.ALERTS,), urls=("http://am:9093",)),))
"""One Alertmanager."""


def at(minutes: float) -> datetime:
    """Return a moment so many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def alert(name: str, started: float = 0, labels: dict[str, str] | None = None) -> AlertReport:
    """Return an alert that Alertmanager reports as firing; it vanishes only because its sender says that it ended."""
    said = {"alertname": name, "service": "payment", **(labels or {})}
    return AlertReport(f"id-{name}-{'-'.join((labels or {}).values())}", said, {}, at(started), at(1e6), None)


def reading(minutes: float, *alerts: AlertReport) -> Reading:
    """Return what Alertmanager answered at a moment."""
    held = tuple(sorted(alerts, key=lambda one: one.id))
    moment = at(minutes)
    peers = (Peer("am:9093", up=True, started=at(-10000)),)
    return Reading("am", "alertmanager", Topic.ALERTS, moment, moment, 0.1, AlertsSeen(held), peers=peers)


def step(journal: Journal, board: Board, *events: Event) -> Board:
    """Move a board forward as the watch does."""
    for event in events:
        after = reduce(board, event)
        journal.follow(board, after)
        board = after
    return board


def begin(journal: Journal | None = None, minutes: float = 0) -> Board:
    """Return an empty board, with what the journal recalls on it."""
    board = empty(SETUP, at(minutes))
    return board if journal is None else reduce(board, journal.recall())


def answer(occurrence: str, value: str = "it was us", question: Question = Question.CHANGE) -> PersonAnswer:
    """Return a person's answer."""
    evidence = (Evidence("git", "tag v2 at 3fa9c1b", NOON, "https://git/x"), Evidence("map", "services", None))
    return PersonAnswer(occurrence, question, Standing.EDITED, value, "responder", at(7.123456 / 60), evidence)


def answered(answers: Iterable[PersonAnswer]) -> list[Answered]:
    """Return the events of people's answers."""
    return [Answered(one.at, one.occurrence, one.question, one) for one in answers]


KEY = AlertKey("am", "id-Errors-")
"""The alert that most tests are about."""
