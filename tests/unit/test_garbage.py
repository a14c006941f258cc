"""The garbage collector's times."""

import gc
from collections.abc import Iterator

import pytest

from cockpit.garbage import EVERY, LARGE, SETTLED, Aside


@pytest.fixture(autouse=True)
def _thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def _counted() -> tuple[Aside, list[str]]:
    done: list[str] = []
    return Aside(freeze=lambda: done.append("freeze"), collect=lambda: done.append("collect"), trim=lambda: None), done


def test_a_small_board_is_left_to_the_collector() -> None:
    """Nothing is set aside where a collection takes no time."""
    aside, done = _counted()
    for _ in range(3 * EVERY):
        aside.after(LARGE - 1)
    assert done == []


def test_a_large_board_is_set_aside_once_and_again_when_it_has_grown() -> None:
    """What comes by and by does not count, a storm that doubles does."""
    aside, done = _counted()
    for alerts in (LARGE, LARGE + 10, 2 * LARGE):
        aside.after(alerts)
    assert done == ["freeze", "freeze"]


def test_beside_a_large_board_what_came_since_is_collected_now_and_then() -> None:
    """Whatever came since the last time is walked before it is set aside too."""
    aside, done = _counted()
    for _ in range(EVERY + 1):
        aside.after(LARGE)
    assert done == ["freeze", "collect", "freeze"]


def test_memory_that_was_needed_to_begin_is_given_back_once_the_board_has_settled() -> None:
    """It is given back once, and again behind a storm."""
    done: list[str] = []
    aside = Aside(freeze=lambda: None, collect=lambda: None, trim=lambda: done.append("trim"))
    for _ in range(3 * SETTLED):
        aside.after(7)
    assert done == ["trim"]
    for _ in range(3 * SETTLED):
        aside.after(LARGE)
    assert done == ["trim", "trim"]
