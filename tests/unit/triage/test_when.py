"""WHEN it began: both forms, both zones, and every way in which it can stand."""

from dataclasses import replace
from datetime import UTC, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cockpit.board.state import Board
from cockpit.model.alert import PastOccurrence, State
from cockpit.model.drill import Answer, Question
from cockpit.model.reading import RuleAlert, Topic
from cockpit.triage.drill import fill
from tests.unit.triage.boards import NOW, RULES, alert, at, board, failing, folded, subject

BERLIN = ZoneInfo("Europe/Berlin")


def when(on: Board, zone: tzinfo = UTC) -> Answer:
    """Return the answer for the incident's alert."""
    return fill(on, subject(on), zone).answers[Question.WHEN]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "Started 14:06 UTC, ongoing 6 min"),
        ({"since": at("14:11:40"), "fired": at("14:11:40")}, "Started 14:11 UTC, ongoing 23 s"),
        ({"since": at("14:05:36")}, "Started 14:05 UTC, ongoing 7 min"),
        ({"since": at("14:06"), "fired": at("14:08")}, "True since 14:06 UTC, fired 14:08, ongoing 6 min"),
        ({"since": at("13:00"), "fired": at("13:00")}, "Started 13:00 UTC, ongoing 1 h 12 min"),
        ({"since": at("22:30", -1), "fired": at("22:30", -1)}, "Started 19 Nov 22:30 UTC, ongoing 15 h 42 min"),
        (
            {"state": State.RESOLVED, "ended": at("14:10:59")},
            "Started 14:06 UTC, lasted 4 min, resolved 14:10",
        ),
        (
            {"state": State.LOST, "ended": at("14:10"), "note": "sender not answering since 14:08"},
            "Started 14:06 UTC, lost 14:10 (sender not answering since 14:08)",
        ),
        (
            {"flapping": True, "starts": (at("13:20"), at("13:40"), at("14:06"))},
            "Started 14:06 UTC, ongoing 6 min, flapping (3 starts in an hour)",
        ),
        (
            {"state": State.PENDING, "fired": None, "since": at("14:11:45")},
            "Pending since 14:11 UTC, fires in 12 s",
        ),
        ({"state": State.PENDING, "fired": None}, "Pending since 14:06 UTC, fires at the next evaluation"),
        (
            {"state": State.PENDING, "fired": None, "rule": None, "since": at("14:09")},
            "Pending since 14:09 UTC, for 3 min",
        ),
        ({"fired": None}, "Started 14:06 UTC, ongoing 6 min"),
    ],
)
def test_value(more: dict[str, Any], said: str) -> None:
    """Each state and each pair of starts reads as the contract says."""
    assert when(board([alert(**more)])).value == said


def test_pending_for_minutes() -> None:
    """A pending alert says when it will fire by its rule's `for`."""
    waiting = alert(state=State.PENDING, fired=None, since=at("14:10"))
    on = board([waiting], rules={"prometheus": {RULES.key: replace(RULES, hold_s=300.0)}})
    assert when(on).value == "Pending since 14:10 UTC, fires in 2 min"


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        (BERLIN, "Started 14:06 UTC (15:06 CET), ongoing 6 min"),
        (ZoneInfo("Europe/London"), "Started 14:06 UTC, ongoing 6 min"),
        (ZoneInfo("Asia/Kolkata"), "Started 14:06 UTC (19:36 IST), ongoing 6 min"),
        (ZoneInfo("America/New_York"), "Started 14:06 UTC (09:06 EST), ongoing 6 min"),
    ],
)
def test_zones(zone: tzinfo, said: str) -> None:
    """The person's zone stands in brackets where its clock reads otherwise."""
    assert when(board(), zone).value == said


def test_summer_time() -> None:
    """The zone's name is that of the moment."""
    july = board([alert(since=at("14:06", -130), fired=at("14:06", -130))])
    assert when(july, BERLIN).value.startswith("Started 13 Jul 14:06 UTC (13 Jul 16:06 CEST)")


def test_evidence_of_both_starts() -> None:
    """Where they differ by a minute or more both starts are quoted."""
    active = replace(RULES, hold_s=120.0, alerts=(RuleAlert({}, {}, "firing", at("14:06"), 1.0),))
    on = board([alert(since=at("14:06"), fired=at("14:08"))], rules={"prometheus": {RULES.key: active}})
    says = {one.system: one.says for one in when(on).evidence}
    assert says["alertmanager"] == "startsAt 2026-11-20T14:08:00Z"
    assert says["prometheus"] == "activeAt 2026-11-20T14:06:00Z, for 2 min"


def test_evidence_of_the_hold() -> None:
    """Where the start was reckoned from `startsAt`, the rule's `for` is quoted."""
    reckoned = replace(RULES, hold_s=120.0, alerts=())
    on = board([alert(since=at("14:06"), fired=at("14:08"))], rules={"prometheus": {RULES.key: reckoned}})
    assert [one.says for one in when(on).evidence] == ["startsAt 2026-11-20T14:08:00Z", "the rule holds for 2 min"]


def test_stale_does_not_go_on() -> None:
    """Once nobody who lists it answers, it is ongoing only up to the last sighting."""
    on = failing(board(), "alertmanager", Topic.ALERTS, "14:09")
    on = failing(on, "prometheus", Topic.RULES, "14:09")
    answer = when(on)
    assert answer.value == (
        "Started 14:06 UTC, ongoing 2 min when last seen 14:08 (alertmanager not answering since 14:09)"
    )
    assert not answer.fresh


def test_one_of_two_is_enough() -> None:
    """A Prometheus that answers vouches for it while Alertmanager does not."""
    answer = when(failing(board(), "alertmanager", Topic.ALERTS, "14:09"))
    assert answer.value == "Started 14:06 UTC, ongoing 6 min"
    assert answer.fresh


def test_last_time_is_quoted() -> None:
    """The last occurrence is told beside it, with its note."""
    last = PastOccurrence(at("03:12", -2), at("03:26", -2), "restarted it")
    assert when(board([alert(last=last)])).detail == "last time 18 Nov 03:12, 14 min, note: restarted it"


def test_fold_tells_its_earliest() -> None:
    """A fold began with the earliest of its members."""
    alerts = [
        alert(fingerprint=str(n), since=NOW - timedelta(minutes=n), fired=NOW - timedelta(minutes=n)) for n in (3, 9)
    ]
    on = board(alerts)
    (key,) = folded(alerts)
    assert fill(on, subject(on, key)).answers[Question.WHEN].value == "Started 14:03 UTC, ongoing 9 min"
