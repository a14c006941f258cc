"""The checkout incident: the five values of the contract, to the letter."""

from datetime import UTC
from zoneinfo import ZoneInfo

from cockpit.model.drill import Priority, Question, Standing
from cockpit.model.reading import Topic
from cockpit.triage.drill import fill
from cockpit.triage.say import as_json, as_markdown, as_text
from cockpit.triage.subject import find, subject_of, worst
from tests.unit.triage.boards import KEY, board, series, subject

FIVE = {
    "what": "payment_errors_total > 5 %, now 100 %",
    "when": "Started 14:06 UTC, ongoing 6 min",
    "scope": "100 % of checkout attempts failing at payment step",
    "change": "payment-service v2.4.0 deployed at 14:02 UTC, 4 min before",
    "owner": "team-payments (PagerDuty escalation)",
}
"""The five values."""


def test_five_values() -> None:
    """The drill of the incident reads as the contract says, in the order of the questions."""
    drill = fill(board(), subject(board()))
    assert {question.value: answer.value for question, answer in drill.answers.items()} == FIVE
    assert list(drill.answers) == list(Question)
    assert all(answer.standing is Standing.FILLED and answer.fresh for answer in drill.answers.values())
    assert (drill.filled, drill.confirmed) == (5, 0)


def test_five_values_of_the_fold() -> None:
    """The fold of the one alert says the same."""
    on = board()
    (key,) = on.folds
    drill = fill(on, subject(on, key))
    assert {question.value: answer.value for question, answer in drill.answers.items()} == FIVE


def test_direction() -> None:
    """The direction stands beside the value."""
    on = board(series={KEY: series([0.0] * 10 + [0.4, 0.9] + [1.0] * 9)})
    answer = fill(on, subject(on)).answers[Question.WHAT]
    assert (answer.value, answer.detail) == (FIVE["what"], "flat since 14:08")


def test_evidence() -> None:
    """Every answer rests on the systems that gave it, which are quoted with the time of the reading."""
    drill = fill(board(), subject(board()))
    systems = {question.value: [one.system for one in answer.evidence] for question, answer in drill.answers.items()}
    assert systems["what"] == ["prometheus"]
    assert systems["when"][0] == "alertmanager"
    assert systems["scope"] == ["prometheus"]
    assert systems["change"] == ["git"]
    assert systems["owner"] == ["map"]
    what = drill.answers[Question.WHAT].evidence[0]
    assert what.says.startswith("1 at 14:12:03, rule sum(rate(payment_errors_total[1m])) / ")
    assert "startsAt 2026-11-20T14:06:35Z" in drill.answers[Question.WHEN].evidence[0].says
    scope = drill.answers[Question.SCOPE].evidence[0]
    assert "rate window 5m" in scope.says
    assert drill.answers[Question.CHANGE].evidence[0].says == "tag v2.4.0 at 3fa9c1b"
    assert "services.payment.team" in drill.answers[Question.OWNER].evidence[0].says
    assert all(one.at is not None for answer in drill.answers.values() for one in answer.evidence)


def test_priority() -> None:
    """The proposal quotes the measured share and the threshold that it passes."""
    proposal = fill(board(), subject(board())).priority
    assert (proposal.proposed, proposal.chosen) == (Priority.P1, None)
    assert proposal.why == ("100 % of checkout attempts failing, threshold 50 %",)


def test_json() -> None:
    """The document has the contract's keys."""
    on = board()
    said = as_json(fill(on, subject(on)), on)
    assert said["alert"] == {
        "id": "9f2c",
        "system": "alertmanager",
        "name": "PaymentErrorsHigh",
        "service": "payment",
        "count": 1,
    }
    assert said["priority"] == {
        "proposed": "P1",
        "chosen": None,
        "why": ["100 % of checkout attempts failing, threshold 50 %"],
    }
    answers = said["answers"]
    assert isinstance(answers, dict)
    assert {name: answer["value"] for name, answer in answers.items()} == FIVE
    assert answers["change"]["suspects"] == [
        {
            "id": "git/payment-service@v2.4.0",
            "service": "payment",
            "began": "2026-11-20T14:02:00Z",
            "why": ["on the alert's service, began 4 min before it"],
        }
    ]
    systems = said["systems"]
    assert isinstance(systems, list)
    assert systems[2] == {
        "name": "git",
        "kind": "git",
        "state": "live",
        "age_s": 3,
        "complete_to": "2026-11-20T14:12:00Z",
        "error": None,
    }


def test_text() -> None:
    """The text for chat is a title, five lines and the suspect's reason."""
    on = board()
    lines = as_text(fill(on, subject(on)), UTC).splitlines()
    assert lines[0].startswith("P1? PaymentErrorsHigh on payment")
    assert lines[1:6] == [
        f"{name.upper()}: {value}{', felt by ui, mobile; journey checkout' if name == 'scope' else ''}"
        for name, value in FIVE.items()
    ]
    assert lines[6:] == ["Suspect: payment, on the alert's service, began 4 min before it"]


def test_markdown() -> None:
    """The text for a ticket holds every value, the evidence and links."""
    on = board()
    text = as_markdown(fill(on, subject(on)))
    assert all(value in text for value in FIVE.values())
    assert "[link](<http://prom:9090/graph>)" in text


def test_other_zone() -> None:
    """The person's zone stands in brackets behind UTC."""
    on = board()
    drill = fill(on, subject(on), ZoneInfo("Europe/Berlin"))
    assert drill.answers[Question.WHEN].value == "Started 14:06 UTC (15:06 CET), ongoing 6 min"


def test_ways_to_name_it() -> None:
    """It is found as the worst, by fingerprint, by system and fingerprint, and its fold by name."""
    on = board()
    worst_one = worst(on)
    assert worst_one is not None
    assert worst_one.alert == KEY
    by_id, by_both, by_name = find(on, "9f2c"), find(on, "alertmanager/9f2c"), find(on, "PaymentErrorsHigh")
    assert by_id == by_both == subject_of(on, KEY)
    assert by_name is not None
    assert by_name.fold is not None
    assert find(on, "nothing") is None
    assert worst(board([])) is None


def test_series_topic_is_known() -> None:
    """The fixture's readings stand for what the drill asks: a slip there would hide a defect here."""
    assert ("prometheus", Topic.SERIES) in board().readings
