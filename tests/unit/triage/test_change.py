"""RECENT CHANGE: a suspect, nobody, exact negative evidence, or exactly what is not known."""

from dataclasses import replace
from typing import Any

import pytest

from cockpit.board.state import Board, Expected
from cockpit.model.change import ChangeKind
from cockpit.model.drill import Answer, Question, Standing
from cockpit.model.reading import Blind, Topic
from cockpit.triage.drill import fill
from tests.unit.triage.boards import (
    MAP,
    SETUP,
    SYSTEMS,
    alert,
    at,
    board,
    changes_seen,
    deploy,
    failing,
    reading,
    subject,
    with_readings,
)


def change(on: Board, *, asking: bool = False) -> Answer:
    """Return the answer for the incident's alert."""
    return fill(on, subject(on), asking=asking).answers[Question.CHANGE]


def quiet(**more: Any) -> Board:
    """Return a board on which nothing changed."""
    return board(changes=[], **more)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "payment-service v2.4.0 deployed at 14:02 UTC, 4 min before"),
        ({"kind": ChangeKind.MERGED}, "payment-service v2.4.0 merged at 14:02 UTC, 4 min before"),
        ({"kind": ChangeKind.CONFIG}, "payment-service v2.4.0 config pushed at 14:02 UTC, 4 min before"),
        ({"kind": ChangeKind.FLAG}, "payment-service v2.4.0 changed at 14:02 UTC, 4 min before"),
        ({"kind": ChangeKind.INFRASTRUCTURE}, "payment-service v2.4.0 changed at 14:02 UTC, 4 min before"),
        ({"rollback": True, "version": "v2.3.9"}, "payment-service rolled back to v2.3.9 at 14:02 UTC, 4 min before"),
        ({"version": ""}, "payment-service deployed at 14:02 UTC, 4 min before"),
        ({"began": at("14:05:50")}, "payment-service v2.4.0 deployed at 14:05 UTC, 15 s before"),
        ({"began": at("10:30")}, "payment-service v2.4.0 deployed at 10:30 UTC, 3 h 36 min before"),
        (
            {"began": at("14:06:20"), "tolerance_s": 30.0},
            "payment-service v2.4.0 deployed at 14:06 UTC, as it began",
        ),
        ({"ended": at("14:09")}, "payment-service v2.4.0 deployed at 14:02 UTC, 4 min before"),
    ],
)
def test_suspect(more: dict[str, Any], said: str) -> None:
    """Each kind of change has its verb, and a rollback says so."""
    answer = change(board(changes=[deploy(**more)]))
    assert answer.value == said
    assert answer.standing is Standing.FILLED
    assert answer.evidence[0].system == "git"


def test_after_midnight() -> None:
    """What did not happen today carries its date."""
    night = alert(since=at("00:10"), fired=at("00:10"))
    on = replace(board([night], [deploy(clock="00:00")]), at=at("00:20"))
    on = replace(on, changes=(replace(deploy(), began=at("23:50", -1)),))
    assert change(on).value == "payment-service v2.4.0 deployed at 19 Nov 23:50 UTC, 20 min before"


def test_none() -> None:
    """Nothing changed, and every change system answered for the whole window."""
    answer = change(quiet())
    assert answer.value == "none 10:06 to 14:12 in prometheus, git"
    assert answer.standing is Standing.FILLED
    assert [one.system for one in answer.evidence] == ["prometheus", "git"]
    assert answer.evidence[1].says.startswith("0 changes 10:06 to 14:12, covers ui, mobile")


@pytest.mark.parametrize(("begin", "end", "matters"), [("06:00", "10:05", False), ("06:00", "10:07", True)])
def test_a_span_without_samples_matters_only_within_the_window(begin: str, end: str, matters: bool) -> None:
    """Systems are asked further back than one alert's window: what was not measured before that is nothing to it."""
    seen = replace(changes_seen("06:00"), blind=(Blind(at(begin), at(end), f"no samples before {end} UTC"),))
    answer = change(with_readings(quiet(), prometheus_changes=reading("prometheus", Topic.CHANGES, seen)))
    if matters:
        assert answer.standing is Standing.UNKNOWN
        assert f"prometheus: no samples before {end} UTC" in answer.value
    else:
        assert answer.value == "none 10:06 to 14:12 in prometheus, git"


def test_none_of_it() -> None:
    """Changes elsewhere are counted and do not count."""
    answer = change(board(changes=[deploy(on="catalog"), deploy(on="ads")]))
    assert answer.value == "none on payment or its callees 10:06 to 14:12 in prometheus, git; 2 elsewhere"
    assert answer.suspects == ()


def test_after_it_began() -> None:
    """What changed on the service after the start is no suspect, and no negative evidence either."""
    answer = change(board(changes=[deploy("14:09"), deploy(on="catalog")]))
    assert answer.value == (
        "none on payment or its callees 10:06 to 14:06 in prometheus, git; 1 after it began, 1 elsewhere"
    )


def test_too_old() -> None:
    """What changed more than four hours before the start is out of the window."""
    assert change(board(changes=[deploy("10:01")])).value == "none 10:06 to 14:12 in prometheus, git"


def test_nothing_configured() -> None:
    """Without a change system nothing can be said."""
    setup = replace(SETUP, systems=(SYSTEMS[0], replace(SYSTEMS[1], topics=(Topic.RULES,))))
    answer = change(quiet(setup=setup))
    assert answer.value == "not known: no system that reports changes is configured"
    assert answer.standing is Standing.UNKNOWN


def test_words_of_the_contract() -> None:
    """Who did not answer, how far the others did and what nobody covers is told in one sentence."""
    systems = tuple(Expected(name, name, (Topic.CHANGES,), every_s=30.0) for name in ("splunk", "git", "datadog"))
    covers = [name for name in MAP.services if name != "order"]
    lagging = reading("datadog", Topic.CHANGES, changes_seen(covers=covers), complete_to=at("14:01"))
    behind = reading("git", Topic.CHANGES, changes_seen(covers=covers), complete_to=at("14:03"))
    on = board(
        changes=[
            replace(deploy(on="catalog"), witnesses=tuple(replace(w, system="datadog") for w in deploy().witnesses))
        ],
        setup=replace(SETUP, systems=systems),
        readings={("git", Topic.CHANGES): behind, ("datadog", Topic.CHANGES): lagging},
    )
    answer = change(failing(on, "splunk", Topic.CHANGES, "14:00"))
    assert answer.value == (
        "not known: splunk not answering; nothing 10:06 to 14:03 in git; datadog complete to 14:01; nothing covers order"
    )
    assert answer.standing is Standing.UNKNOWN


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (
            failing(quiet(), "git", Topic.CHANGES, "14:05"),
            "not known: git not answering; nothing 10:06 to 14:12 in prometheus; nothing 10:06 to 14:04 in git",
        ),
        (
            with_readings(quiet(), git_changes=None),
            "not known: git not answering; nothing 10:06 to 14:12 in prometheus",
        ),
        (
            with_readings(quiet(), git_changes=reading("git", Topic.CHANGES, changes_seen("12:00"))),
            "not known: nothing 10:06 to 14:12 in prometheus; nothing 12:00 to 14:12 in git",
        ),
        (
            with_readings(
                quiet(), git_changes=reading("git", Topic.CHANGES, changes_seen(gaps=["payment-service: fetch failed"]))
            ),
            "not known: nothing 10:06 to 14:12 in prometheus, git; git: payment-service: fetch failed",
        ),
        (
            with_readings(
                quiet(), git_changes=reading("git", Topic.CHANGES, changes_seen(), error="one repository of two failed")
            ),
            "not known: nothing 10:06 to 14:12 in prometheus, git; git: one repository of two failed",
        ),
        (
            with_readings(
                quiet(),
                git_changes=reading("git", Topic.CHANGES, changes_seen(covers=["payment-service", "inventory"])),
                prometheus_changes=reading("prometheus", Topic.CHANGES, changes_seen(covers=["payment"])),
            ),
            "not known: nothing 10:06 to 14:12 in prometheus, git; nothing covers order",
        ),
    ],
)
def test_not_known(on: Board, said: str) -> None:
    """Anything short of a whole answer is not known, and says how far it goes."""
    answer = change(on)
    assert (answer.value, answer.standing) == (said, Standing.UNKNOWN)
    assert "none" not in answer.value


def test_asking() -> None:
    """Before the first answers the question is being asked, unless a suspect is known already."""
    on = with_readings(quiet(), git_changes=None)
    assert change(on, asking=True).value == "asking git"
    assert change(on, asking=True).standing is Standing.ASKING
    suspected = with_readings(board(), git_changes=None)
    assert change(suspected, asking=True).standing is Standing.FILLED


def test_suspect_while_somebody_is_silent() -> None:
    """A suspect stands although another system is silent, which is told beside it."""
    answer = change(failing(board(), "prometheus", Topic.CHANGES, "14:05"))
    assert answer.standing is Standing.FILLED
    assert answer.detail == "prometheus not answering"
    assert answer.fresh


def storm(services: int = 6) -> list[object]:
    """Return the alerts of services that start within two minutes, the incident's among them."""
    return [
        alert(),
        *(alert(f"Down{n}", f"svc-{n}", f"s{n}", since=at(f"14:06:{10 + n}")) for n in range(services - 1)),
    ]


def test_no_change_explains_it() -> None:
    """Many services starting together with nothing changed on what they share: nobody is blamed."""
    changes = [deploy(), *(deploy(on=f"svc-{n}") for n in range(30))]
    answer = change(board(storm(), changes))  # type: ignore[arg-type] # alerts all
    assert (answer.value, answer.standing) == ("no change explains it; 31 in the window", Standing.FILLED)
    assert answer.suspects == ()


def test_no_change_explains_it_as_far_as_is_known() -> None:
    """The same with a system not answering is not known for certain."""
    on = failing(board(storm()), "git", Topic.CHANGES, "14:05")  # type: ignore[arg-type] # alerts all
    answer = change(on)
    assert answer.value == "no change explains it; 1 in the window; git not answering"
    assert answer.standing is Standing.UNKNOWN


def test_no_service() -> None:
    """An alert that names no service cannot be joined with changes."""
    made = board([alert("X", "", "x1")], [deploy()])
    answer = fill(made, subject(made, next(iter(made.folds)))).answers[Question.CHANGE]
    assert answer.standing is Standing.UNKNOWN
    assert answer.value.endswith("the alert names no service")
    assert answer.suspects == ()
