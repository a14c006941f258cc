"""The drill: the five answers from the board alone, and over them what people decided."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, tzinfo

from cockpit.board.state import Board
from cockpit.model.drill import Answer, Drill, Evidence, PersonAnswer, Question, Standing, Subject
from cockpit.text import one_line
from cockpit.triage.case import Case, occurrences
from cockpit.triage.change import change
from cockpit.triage.owner import owner
from cockpit.triage.priority import propose
from cockpit.triage.scope import scope
from cockpit.triage.what import what
from cockpit.triage.when import when

_ASK = {
    Question.WHAT: what,
    Question.WHEN: when,
    Question.SCOPE: scope,
    Question.CHANGE: change,
    Question.OWNER: owner,
}

LONGEST = 1000
"""Characters of a value that are kept."""


def fill(board: Board, subject: Subject, zone: tzinfo = UTC, *, asking: bool = False) -> Drill:
    """Return the drill of a subject: five answers in order, a person's before ours.

    Args:
        board: Everything known now.
        subject: An alert or a fold of it; one that is gone from the board gets unknowns, and what people wrote.
        zone: The person's zone, told beside UTC.
        asking: Whether systems that have not answered yet are still being asked; never on the command line.
    """
    case = _case(board, subject, zone, asking=asking)
    persons = _persons(board, subject)
    answers = {}
    for question, ask in _ASK.items():
        ours = _gone(question) if case is None else _tidy(ask(case))
        person = persons.get(question)
        answers[question] = ours if person is None else overlay(ours, person)
    return Drill(subject, propose(board, subject), answers)


def _case(board: Board, subject: Subject, zone: tzinfo, *, asking: bool) -> Case | None:
    fold = None if subject.fold is None else board.folds.get(subject.fold)
    alert = board.alerts.get(subject.alert if fold is None else fold.alerts[0])
    return None if alert is None else Case(board, subject, alert, fold, zone, asking)


def _tidy(answer: Answer) -> Answer:
    """Return an answer all of whose texts stand on one line, whatever an alert, a rule or a commit says."""
    evidence = tuple(Evidence(one.system, one_line(one.says), one.at, one.url) for one in answer.evidence)
    return replace(
        answer, value=one_line(answer.value, LONGEST), detail=one_line(answer.detail, LONGEST), evidence=evidence
    )


def _gone(question: Question) -> Answer:
    return Answer(question, "not known: the alert is no longer listed", Standing.UNKNOWN, fresh=False)


def _persons(board: Board, subject: Subject) -> Mapping[Question, PersonAnswer]:
    """Return what people decided, the nearest occurrence first."""
    found: dict[Question, PersonAnswer] = {}
    for name in occurrences(board, subject):
        for question, answer in board.persons.get(name, {}).items():
            found.setdefault(question, answer)
    return found


def overlay(ours: Answer, person: PersonAnswer) -> Answer:
    """Return a person's answer in place of ours, with ours beside it where it says something else now.

    Who of a confirmed owner is on call is told on: that changes with the hours, the owner does not.
    """
    filled = ours.standing is Standing.FILLED
    differs = filled and (person.standing is Standing.UNKNOWN or _substance(ours.value) != _substance(person.value))
    value = person.value or ("not known" if person.standing is Standing.UNKNOWN else ours.value)
    evidence = person.evidence or (ours.evidence if not differs else ())
    return replace(
        ours,
        value=one_line(value, LONGEST),
        standing=person.standing,
        evidence=evidence,
        by=person.by,
        at=person.at,
        fresh=True,
        detail=ours.detail if ours.question is Question.OWNER and not differs else "",
        proposed=ours.value if differs else "",
    )


def _substance(value: str) -> str:
    """Return an answer without how long it has lasted, which grows by itself."""
    return value.partition(", ongoing ")[0]
