"""What people decided stands before what we say, in the alert's occurrence or its fold's."""

from dataclasses import replace

from cockpit.board.state import Board
from cockpit.model.drill import Answer, Evidence, PersonAnswer, Question, Standing
from cockpit.triage.drill import fill
from tests.unit.triage.boards import KEY, alert, at, board, folded, subject

FOLD = next(iter(folded([alert()])))


def person(standing: Standing, value: str, question: Question = Question.SCOPE, occurrence: str = "") -> PersonAnswer:
    """Return what a person decided."""
    evidence = (Evidence("prometheus", "0.9", at("14:10")),) if standing is Standing.CONFIRMED else ()
    return PersonAnswer(occurrence, question, standing, value, "responder", at("14:11"), evidence)


def decided(answer: PersonAnswer, occurrence: str = alert().occurrence, on: Board | None = None) -> Board:
    """Return a board on which a person decided so."""
    return replace(on or board(), persons={occurrence: {answer.question: answer}})


def scope(on: Board, *, fold: bool = False) -> Answer:
    """Return the scope of the incident's alert or its fold."""
    return fill(on, subject(on, FOLD if fold else KEY)).answers[Question.SCOPE]


def test_edited() -> None:
    """An edited answer is the person's, with ours beside it."""
    answer = scope(decided(person(Standing.EDITED, "all of Europe")))
    assert (answer.value, answer.standing, answer.by, answer.at) == (
        "all of Europe",
        Standing.EDITED,
        "responder",
        at("14:11"),
    )
    assert answer.proposed == "100 % of checkout attempts failing at payment step"


def test_confirmed_and_unchanged() -> None:
    """A confirmed answer that still holds has nothing beside it."""
    answer = scope(decided(person(Standing.CONFIRMED, "100 % of checkout attempts failing at payment step")))
    assert (answer.standing, answer.proposed) == (Standing.CONFIRMED, "")
    assert answer.evidence[0].says == "0.9"


def test_confirmed_and_changed() -> None:
    """A confirmed answer stays as it was confirmed, and what we would say now stands beside it."""
    answer = scope(decided(person(Standing.CONFIRMED, "40 % of checkout attempts failing at payment step")))
    assert answer.value == "40 % of checkout attempts failing at payment step"
    assert answer.proposed == "100 % of checkout attempts failing at payment step"


def test_time_goes_by() -> None:
    """That it lasts longer than when it was confirmed is no other answer."""
    confirmed = person(Standing.CONFIRMED, "Started 14:06 UTC, ongoing 2 min", Question.WHEN)
    on = decided(confirmed)
    answer = fill(on, subject(on)).answers[Question.WHEN]
    assert (answer.value, answer.proposed) == ("Started 14:06 UTC, ongoing 2 min", "")


def test_unknown() -> None:
    """Set to unknown stays unknown, with ours beside it."""
    answer = scope(decided(person(Standing.UNKNOWN, "")))
    assert (answer.value, answer.standing) == ("not known", Standing.UNKNOWN)
    assert answer.proposed == "100 % of checkout attempts failing at payment step"


def test_fold_s_answers_count_for_its_alerts() -> None:
    """What was decided for the fold holds for an alert of it, unless the alert has its own."""
    one = alert()
    of_fold = subject(board(), FOLD).occurrence
    on = decided(person(Standing.EDITED, "of the fold"), of_fold)
    assert scope(on).value == "of the fold"
    both = replace(on, persons={**on.persons, one.occurrence: {Question.SCOPE: person(Standing.EDITED, "its own")}})
    assert scope(both).value == "its own"
    assert scope(both, fold=True).value == "of the fold"


def test_an_only_alert_s_answers_count_for_its_fold() -> None:
    """What was decided for the only alert holds for its fold; with two alerts it does not."""
    answer = person(Standing.EDITED, "of the alert")
    assert scope(decided(answer), fold=True).value == "of the alert"
    two = board([alert(), alert(fingerprint="other")])
    assert scope(decided(answer, on=two), fold=True).standing is Standing.FILLED


def test_a_new_occurrence_starts_empty() -> None:
    """Answers of an earlier occurrence do not come back."""
    on = decided(person(Standing.EDITED, "then"), "alertmanager/9f2c/20261119T000000Z")
    assert scope(on).standing is Standing.FILLED


def test_gone_from_the_board() -> None:
    """A subject that the board has no more gets unknowns, and keeps what people wrote."""
    there = board()
    about = subject(there)
    gone = decided(person(Standing.EDITED, "still here"), about.occurrence, replace(there, alerts={}, folds={}))
    drill = fill(gone, about)
    assert drill.answers[Question.SCOPE].value == "still here"
    assert drill.answers[Question.WHAT].standing is Standing.UNKNOWN
