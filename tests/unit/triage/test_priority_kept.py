"""A proposed priority while its Prometheus does not answer: what was last measured stands, with its age."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.model.alert import Alert, AlertReport
from cockpit.model.drill import Priority, Proposal
from cockpit.model.reading import Topic
from cockpit.triage.priority import propose, quick_priority
from tests.unit.board.world import AM, NOON, PROM, SHOP, World, report
from tests.unit.triage.boards import subject

STARTED = NOON + timedelta(minutes=1)


def failing(*values: float | None) -> World:
    """Return a world in which payment's alert fires since a minute after noon, and its scope came to these values."""
    world = World(AM, PROM, source=SHOP)
    world.wait(60).am(report(started=STARTED))
    for value in values:
        world.wait(15).scope(value)
        world.am(report(started=STARTED))
    return world


def proposal(world: World) -> Proposal:
    """Return what is proposed for payment's alert; the quick way must agree."""
    one: Alert = world.one()
    found = propose(world.board, subject(world.board, one.key))
    assert quick_priority(world.board, one) is found.proposed
    return found


def goes_away(world: World, minutes: float, *reports: AlertReport) -> None:
    """Let the Prometheus not answer any more while the Alertmanager reports these alerts."""
    for _ in range(int(minutes * 4)):
        world.wait(15).prom_fails()
        world.fails("prom", Topic.SCOPES)
        world.am(*reports)


def test_a_proposal_stands_while_prometheus_is_away() -> None:
    """It stays at P1 and says how old the measure is; when Prometheus measures less again it falls."""
    world = failing(1.0)
    assert proposal(world).why == ("100 % of attempts, threshold 50 %",)
    goes_away(world, 6, report(started=STARTED))
    kept = proposal(world)
    assert (kept.proposed, kept.why) == (
        Priority.P1,
        ("scope last measured 6 min ago: 100 % of attempts, threshold 50 %",),
    )
    world.scope(0.0)
    assert proposal(world).proposed is Priority.P2


def test_a_query_that_fails_is_no_zero() -> None:
    """A scope query that comes to an error leaves what it came to before, however often it fails."""
    world = failing(1.0)
    for _ in range(8):
        world.wait(15).scope(None, error="query timed out")
    assert proposal(world).proposed is Priority.P1
    assert proposal(world).why[0].startswith("scope last measured 2 min ago: 100 %")


def test_a_new_occurrence_inherits_no_measure() -> None:
    """What was measured before an occurrence began says nothing of it once nobody measures any more."""
    world = World(AM, PROM, source=SHOP)
    world.wait(10).scope(1.0)
    goes_away(world, 6)
    later = report(2, started=world.now)
    world.am(later)
    found = propose(world.board, subject(world.board, world.one().key))
    assert (found.proposed, found.why) == (Priority.P2, ("severity=critical alone, impact unknown",))


def test_another_query_inherits_nothing() -> None:
    """A failing query keeps only what the same query came to."""
    world = failing(1.0)
    world.wait(15).scope(None, query="c / d", error="query timed out")
    assert world.board.scopes["payment"][1].last is None
    assert proposal(world).proposed is Priority.P2


steps = st.lists(
    st.sampled_from(["away", "error", "am"]) | st.floats(0.0, 1.0).map(lambda value: round(value, 2)), max_size=25
)


@given(steps)
@settings(max_examples=60, deadline=None)
def test_only_a_measure_moves_a_proposal(happened: list[str | float]) -> None:
    """Within an occurrence a proposal is that of the last measure, whoever fails to answer after it."""
    world = failing(0.6)
    last = 0.6
    for step in happened:
        world.wait(15)
        match step:
            case "away":
                world.fails("prom", Topic.SCOPES)
                world.prom_fails()
            case "error":
                world.scope(None, error="query timed out")
            case "am":
                world.am(report(started=STARTED))
            case _:
                last = float(step)
                world.scope(last)
        expected = Priority.P1 if last >= 0.5 else Priority.P2
        assert proposal(world).proposed is expected
