"""How each system does: quiet is told from blind."""

from datetime import timedelta

from cockpit.model.reading import Liveness, Peer, Topic
from tests.unit.board.world import AM, GIT, NOON, PROM, SHOP, World, change, listed, report, secs


def state(world: World, name: str) -> Liveness:
    """Return how a system does now."""
    return world.board.systems[name].state


def test_nothing_asked_yet_is_asking() -> None:
    """Every configured system is there from the start, in the order of the configuration."""
    world = World(AM, PROM, GIT)
    assert list(world.board.systems) == ["am", "prom", "git"]
    assert {one.state for one in world.board.systems.values()} == {Liveness.ASKING}


def test_an_answer_makes_it_live_and_age_makes_it_stale() -> None:
    """An answer younger than two cadences is live; an older one stale, though nothing failed."""
    world = World(AM)
    world.am()
    assert state(world, "am") is Liveness.LIVE
    assert world.board.systems["am"].answered == NOON
    world.wait(30)
    assert state(world, "am") is Liveness.LIVE
    world.wait(1)
    assert state(world, "am") is Liveness.STALE


def test_failing_is_stale_and_then_down() -> None:
    """A system that failed is stale with the reason, and down when it has failed for four cadences."""
    world = World(AM)
    world.am()
    world.wait(15).am_fails()
    known = world.board.systems["am"]
    assert (known.state, known.error, known.failing_since) == (Liveness.STALE, "connection refused", world.now)
    world.wait(60).am_fails()
    assert state(world, "am") is Liveness.STALE
    world.wait(1)
    assert state(world, "am") is Liveness.DOWN
    assert world.board.systems["am"].failing_since == NOON + secs(15)
    world.am()
    known = world.board.systems["am"]
    assert (known.state, known.error, known.failing_since) == (Liveness.LIVE, None, None)


def test_never_answered_and_failed_is_down() -> None:
    """A system that failed and never answered is down at once; so is one of whose peers none is up."""
    world = World(AM, PROM)
    world.prom_fails()
    assert state(world, "prom") is Liveness.DOWN
    world.am()
    world.wait(15).fails("am", Topic.ALERTS, peers=(Peer("am-0:9093", False), Peer("am-1:9093", False)))
    assert state(world, "am") is Liveness.DOWN


def test_one_topic_that_fails_is_no_system_that_is_down() -> None:
    """A Prometheus whose changes fail while its rules answer is stale, with the reason."""
    world = World(PROM)
    world.prom(listed())
    world.fails("prom", Topic.CHANGES)
    for _ in range(20):
        world.wait(15).prom(listed())
    known = world.board.systems["prom"]
    assert (known.state, known.error) == (Liveness.STALE, "connection refused")


def test_a_failed_look_at_one_alert_is_no_failing_system() -> None:
    """What is asked for the cursor's alert only says nothing about the system."""
    world = World(PROM)
    world.prom(listed())
    world.fails("prom", Topic.SERIES)
    assert state(world, "prom") is Liveness.LIVE


def test_a_slow_answer_is_slow() -> None:
    """An answer that took over two seconds, or over half its cadence, is slow."""
    world = World(AM)
    world.am()
    world.take(world.reading("am", Topic.ALERTS, answer=world.board.readings["am", Topic.ALERTS].answer, took_s=2.5))
    assert state(world, "am") is Liveness.SLOW
    world.am()
    assert state(world, "am") is Liveness.LIVE


def test_rules_evaluated_late_are_told() -> None:
    """A Prometheus whose rules were not evaluated for over two intervals says for how long."""
    world = World(PROM)
    world.prom(listed(), late_s=29)
    assert world.board.systems["prom"].late_s == 0
    world.prom(listed(), late_s=90)
    assert world.board.systems["prom"].late_s == 90


def test_how_far_changes_are_complete_is_told() -> None:
    """A change system says up to when its answer is complete; a partial answer says why."""
    world = World(GIT, source=SHOP)
    assert world.board.systems["git"].complete_to is None
    world.changes("git", change(), complete=timedelta(minutes=8))
    assert world.board.systems["git"].complete_to == NOON - timedelta(minutes=8)
    seen = world.board.readings["git", Topic.CHANGES].answer
    world.take(world.reading("git", Topic.CHANGES, answer=seen, error="fetch failed 8 min ago"))
    known = world.board.systems["git"]
    assert (known.state, known.error) == (Liveness.LIVE, "fetch failed 8 min ago")
    assert known.complete_to == NOON


def test_prometheus_down_while_alertmanager_lives() -> None:
    """Alerts go on as Alertmanager tells them; the Prometheus is told as down and takes nothing away."""
    world = World()
    world.prom(listed())
    world.am(report())
    for _ in range(10):
        world.wait(15)
        world.prom_fails()
        world.am(report())
    assert state(world, "prom") is Liveness.DOWN
    assert state(world, "am") is Liveness.LIVE
    assert (world.state(), world.one().note, world.one().value) == ("firing", "", 0.5)


def test_everything_down_and_back() -> None:
    """The last board stays while nothing answers, and goes on without a restart when it does."""
    world = World()
    world.prom(listed())
    world.am(report())
    before = world.one()
    for _ in range(20):
        world.wait(15)
        world.am_fails()
        world.prom_fails()
    assert {one.state for one in world.board.systems.values()} == {Liveness.DOWN}
    assert world.one() is before
    world.wait(15).am(report())
    world.prom(listed())
    assert {one.state for one in world.board.systems.values()} == {Liveness.LIVE}
    assert world.one().occurrence == before.occurrence


def test_an_unknown_system_s_reading_is_taken() -> None:
    """A reading of a system that nobody configured has its state behind the configured ones."""
    world = World(AM)
    world.changes("stranger", change())
    assert list(world.board.systems) == ["am", "stranger"]
    assert state(world, "stranger") is Liveness.LIVE
