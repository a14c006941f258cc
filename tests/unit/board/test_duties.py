"""Who is on call, as the board tells it."""

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.board.duties import first_level, told_by
from cockpit.board.state import Expected
from cockpit.model.reading import Duty, Liveness, OnCallSeen, Topic
from cockpit.model.topology import IntegrationMap, Team
from tests.unit.board.world import NOON, World, secs

PAGER = Expected("pagerduty", "pagerduty", (Topic.CHANGES, Topic.ONCALL), 30.0)
TEAMS = IntegrationMap("m", teams={"pay": Team("pay", pagerduty="P1"), "web": Team("web"), "ops": Team("ops", "P2")})


def _duty(person: str, level: int = 1, until: datetime | None = None, policy: str = "P1") -> Duty:
    return Duty(policy, "Payments", person, level, until)


def _on_call(*duties: Duty) -> World:
    world = World(PAGER, source=TEAMS)
    world.take(world.reading("pagerduty", Topic.ONCALL, answer=OnCallSeen(duties), every_s=120.0))
    return world


def test_duties_are_told_by_team_first_level_first() -> None:
    """The team whose policy it is has them, a policy of no team is nobody's, and the same person counts once a level."""
    world = _on_call(_duty("Bo", 2), _duty("Al"), _duty("Al"), _duty("Cy", policy="P9"))
    assert [(one.person, one.level) for one in world.board.duties["pay"]] == [("Al", 1), ("Bo", 2)]
    assert set(world.board.duties) == {"pay"}
    assert [one.person for one in first_level(world.board, "pay")] == ["Al"]
    assert first_level(world.board, "web") == ()
    assert told_by(world.board, world.board.duties["pay"][0]) == ("pagerduty", NOON)


def test_a_duty_ends_at_its_hand_over() -> None:
    """Past the hand-over nobody is named who is no longer on call; a permanent duty stays."""
    world = _on_call(_duty("Al", until=NOON + secs(60)), _duty("Bo", 2))
    before = world.board.duties
    assert world.wait(30).board.duties is before
    assert [one.person for one in world.wait(30).board.duties["pay"]] == ["Bo"]


def test_of_two_schedules_the_later_hand_over_counts() -> None:
    """One person on two schedules of a level is on call until the later end, in whatever order it is told."""
    soon, late = _duty("Al", until=NOON + secs(60)), _duty("Al", until=NOON + secs(90))
    for duties in ((soon, late), (late, soon)):
        assert _on_call(*duties).board.duties["pay"] == (late,)


def test_nobody_is_ill_for_not_telling_who_is_on_call() -> None:
    """A system that answers for its changes does well though the asking for duties fails, and keeps what it said."""
    world = _on_call(_duty("Al"))
    world.take(world.reading("pagerduty", Topic.ONCALL, error="429: asked to be left alone for 30 s"))
    assert world.board.systems["pagerduty"].state is Liveness.LIVE
    assert [one.person for one in world.board.duties["pay"]] == ["Al"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(
            _duty,
            st.sampled_from("abc"),
            st.integers(1, 3),
            st.none() | st.integers(-3, 3).map(lambda n: NOON + secs(n)),
        ),
        max_size=6,
    )
)
def test_only_who_is_on_call_is_named(duties: list[Duty]) -> None:
    """Whatever is told, nobody is named whose duty is over, and everybody else is, once a level."""
    told = _on_call(*duties).board.duties.get("pay", ())
    alive = {(one.level, one.person) for one in duties if one.until is None or one.until > NOON}
    assert [(one.level, one.person) for one in told] == sorted(alive)
