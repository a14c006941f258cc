"""Unknown is honest: RECENT CHANGE says none only when every change system answered for the whole window."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.board.state import Board, Expected
from cockpit.model.alert import AlertKey
from cockpit.model.drill import Answer, Question, Standing
from cockpit.model.reading import Blind, ChangesSeen, Reading, Topic
from cockpit.slices import changes as feed
from cockpit.triage.drill import fill
from cockpit.triage.subject import subject_of
from tests.unit.board.world import AM, NOON, SHOP, World, change, report

GIT = Expected("git", "git", (Topic.CHANGES,), 120.0)
ARGO = Expected("argo", "argocd", (Topic.CHANGES,), 30.0)
DATA = Expected("datadog", "datadog", (Topic.CHANGES,), 30.0)
ALL = ("git", "argo", "datadog")
BEGAN = NOON + timedelta(minutes=6)
COVERS = ("ui", "payment", "order")


def incident(minutes: float = 12) -> World:
    """Return a world in which one alert fires since 14:06 and three change systems are configured."""
    world = World(AM, GIT, ARGO, DATA, source=SHOP, at=NOON)
    world.wait(minutes * 60)
    world.am(report(started=BEGAN, ends=world.now + timedelta(hours=1)))
    return world


def says(world: World, system: str, **said: object) -> None:
    """Let a change system answer; all of it, unless something else is said."""
    seen = ChangesSeen((), world.now - timedelta(hours=8), COVERS)
    more: dict[str, object] = {}
    for name, value in said.items():
        if name in {"changes", "since", "covers", "gaps", "blind"}:
            seen = replace(seen, **{name: value})  # type: ignore[arg-type]  # fields of one dataclass
        else:
            more[name] = value
    world.take(world.reading(system, Topic.CHANGES, answer=seen, complete_to=world.now, **more))


def answer(board: Board) -> Answer:
    """Return what RECENT CHANGE says of the alert."""
    about = subject_of(board, AlertKey("am", "0001"))
    assert about is not None
    return fill(board, about).answers[Question.CHANGE]


def says_none(text: str) -> bool:
    """Tell whether the word none stands in it."""
    return re.search(r"\bnone\b", text, re.IGNORECASE) is not None


def test_none_where_all_three_answered_for_the_whole_window() -> None:
    """Three systems answered without gaps: none, with the span and the systems."""
    world = incident()
    for name in ALL:
        says(world, name)
    found = answer(world.board)
    assert found.value == "none 10:06 to 14:12 in git, argo, datadog"
    assert found.standing is Standing.FILLED


def _failed(world: World) -> None:
    world.fails("argo", Topic.CHANGES)


def _answered_then_failed(world: World) -> None:
    says(world, "argo")
    world.wait(30)
    world.fails("argo", Topic.CHANGES)


def _never_asked(world: World) -> None:
    del world


def _lags(world: World) -> None:
    says(world, "argo")
    late = world.board.readings["argo", Topic.CHANGES]
    world.take(replace(late, complete_to=world.now - timedelta(minutes=11)))


def _too_short(world: World) -> None:
    says(world, "argo", since=NOON - timedelta(hours=1))


def _gaps(world: World) -> None:
    says(world, "argo", gaps=("project shop: permission denied; none of it was read",))


def _partial(world: World) -> None:
    says(world, "argo", error="warns: none of the stores answered")


def _blind(world: World) -> None:
    says(world, "argo", blind=(Blind(NOON - timedelta(hours=2), NOON, "no samples 12:00 to 14:00 UTC"),))


def _silent_since(world: World) -> None:
    says(world, "argo")
    world.wait(40 * 60)
    world.am(report(started=BEGAN, ends=world.now + timedelta(hours=1)))
    for name in ("git", "datadog"):
        says(world, name)


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (_failed, "argo not answering"),
        (_answered_then_failed, "argo not answering"),
        (_never_asked, "argo not answering"),
        (_lags, "nothing 10:06 to 14:01 in argo"),
        (_too_short, "nothing 13:00 to 14:12 in argo"),
        (_gaps, "argo: project shop: permission denied; nothing of it was read"),
        (_partial, "argo: warns: nothing of the stores answered"),
        (_blind, "argo: no samples 12:00 to 14:00 UTC"),
        (_silent_since, "nothing 10:06 to 14:12 in argo"),
    ],
)
def test_one_of_three_that_does_not_know_makes_it_unknown(trouble: Callable[[World], None], told: str) -> None:
    """One system fails, lags, knows a part or was never asked: not known, its word told, and the word none nowhere."""
    world = incident()
    for name in ("git", "datadog"):
        says(world, name)
    trouble(world)
    found = answer(world.board)
    assert found.standing is Standing.UNKNOWN
    assert told in found.value
    assert not says_none(found.value)
    assert found.value.startswith("not known")


def test_what_the_others_found_is_told_beside_who_did_not_answer() -> None:
    """Who was asked, up to when, and who did not answer: all three stand in the answer."""
    world = incident()
    says(world, "git")
    says(world, "datadog")
    world.fails("argo", Topic.CHANGES)
    assert answer(world.board).value == "not known: argo not answering; nothing 10:06 to 14:12 in git, datadog"


def test_a_service_that_nobody_covers_is_unknown() -> None:
    """Everybody answered, and nobody would have reported a change on the service: not known."""
    world = incident()
    for name in ALL:
        says(world, name, covers=("ui", "order"))
    assert answer(world.board).value.endswith("nothing covers payment")
    assert not says_none(answer(world.board).value)


def test_a_suspect_stands_whoever_does_not_answer() -> None:
    """A deploy before the start is named though two systems are down, and who they are is told beside it."""
    world = incident()
    says(world, "git", changes=(change("v2.4.0", minutes=2),))
    world.fails("argo", Topic.CHANGES)
    found = answer(world.board)
    assert found.value.startswith("payment-service v2.4.0 deployed at 14:02 UTC, 4 min before")
    assert "argo and datadog not answering" in found.detail


@pytest.mark.parametrize("state", ["suppressed", "resolved", "lost"])
def test_a_change_that_left_the_feed_still_counts(state: str) -> None:
    """A deploy 20 min before the start is named five hours later, also for a silenced, resolved or lost alert."""
    world = World(AM, GIT, source=SHOP, at=NOON)
    world.wait(600)
    say = report(started=BEGAN + timedelta(minutes=15), ends=NOON + timedelta(hours=9))
    world.am(say)
    world.wait(3.9 * 3600)
    deploy = change("v2.4.0", minutes=1)
    held = replace(say, state="suppressed", silenced_by=("s",)) if state == "suppressed" else say
    world.am(replace(held, ends=world.now + timedelta(hours=1)) if state != "lost" else replace(held, ends=world.now))
    says(world, "git", changes=(deploy,))
    world.wait(15 * 60)
    if state in {"resolved", "lost"}:
        world.am()
    says(world, "git", changes=(deploy,))
    assert not world.board.changes
    found = answer(world.board)
    assert "payment-service v2.4.0 deployed at 14:01 UTC" in found.value
    assert not says_none(found.value)


def test_the_feed_says_of_each_system_how_far_it_knows() -> None:
    """An empty feed names who failed and what has gaps, and never looks quiet."""
    world = incident()
    says(world, "git")
    says(world, "datadog", gaps=("one of two pages",), error="one of two pages")
    world.fails("argo", Topic.CHANGES)
    shown = feed.cut(world.board, feed.ChangesView(), world.now)
    assert "argo" in shown.title
    assert "argo" in shown.empty
    assert "connection refused" in shown.empty
    assert "gaps" in shown.empty


_states = st.sampled_from(["whole", "failed", "never", "lagging", "short", "gaps", "partial", "then failed", "old"])


@settings(max_examples=80, deadline=None)
@given(st.tuples(_states, _states, _states), st.integers(0, 3))
def test_none_is_said_only_when_it_is_earned(states: tuple[str, str, str], elsewhere: int) -> None:
    """Whatever three systems do: none is said exactly when all of them answered for the whole window."""
    world = incident()
    others = tuple(change(f"v{n}", name="ui", minutes=n, id=f"ui{n}") for n in range(elsewhere))
    for name, state in zip(ALL, states, strict=True):
        seen = {"changes": others} if name == "git" else {}
        if state in {"whole", "then failed", "lagging", "old"}:
            says(world, name, **seen)
        match state:
            case "failed" | "then failed":
                world.fails(name, Topic.CHANGES)
            case "short":
                says(world, name, since=NOON, **seen)
            case "gaps":
                says(world, name, gaps=("none was read",), **seen)
            case "partial":
                says(world, name, error="none was read", **seen)
            case "lagging" | "old":
                held: Reading = world.board.readings[name, Topic.CHANGES]
                world.take(replace(held, complete_to=world.now - timedelta(minutes=20)))
    found = answer(world.board)
    assert says_none(found.value) == (set(states) == {"whole"})
    assert (found.standing is Standing.FILLED) == (set(states) == {"whole"})
