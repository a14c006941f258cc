"""When measures are asked of the cursor's service only."""

from dataclasses import replace

from cockpit.board.state import Expected
from cockpit.model.alert import Storm
from cockpit.model.reading import MeasuresSeen, Topic
from cockpit.poller.sparing import sparingly
from tests.unit.board.world import AM, SHOP, World, report

PROM = Expected("prom", "prometheus", (Topic.RULES, Topic.MEASURES), 15.0)


def _world() -> World:
    world = World(AM, PROM, source=SHOP)
    world.am(report(labels={"alertname": "A", "service": "payment"}))
    return world


def test_usually_all_are_asked() -> None:
    """Neither a storm nor a slow answer: nothing is spared."""
    world = _world()
    assert sparingly(world.board, "prom", None) is None
    world.take(world.reading("prom", Topic.MEASURES, answer=MeasuresSeen(()), took_s=2.0))
    assert sparingly(world.board, "prom", None) is None


def test_in_a_storm_only_the_cursors_service_is_asked() -> None:
    """Its alert's service alone, and none where nothing is looked at."""
    board = replace(_world().board, storm=Storm(60, 3, 2, None, 0.0, ()))
    (key,) = board.alerts
    assert sparingly(board, "prom", key) == "payment"
    assert sparingly(board, "prom", next(iter(board.folds))) == "payment"
    assert sparingly(board, "prom", None) == ""


def test_after_a_slow_answer_it_is_left_alone_once() -> None:
    """The next asking is a small one, and the one after that is whole again."""
    world = _world()
    world.take(world.reading("prom", Topic.MEASURES, answer=MeasuresSeen(()), took_s=2.1))
    (key,) = world.board.alerts
    assert sparingly(world.board, "prom", key) == "payment"
    assert sparingly(world.board, "other", key) is None
    world.take(world.reading("prom", Topic.MEASURES, answer=MeasuresSeen(()), took_s=0.1))
    assert sparingly(world.board, "prom", key) is None
