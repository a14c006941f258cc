"""What one thread hands to another: the latest is taken, and nobody waits for a call that does not come."""

import sys
import threading
from collections.abc import Iterator

import pytest

from cockpit.screens.latest import Latest


@pytest.fixture
def switching() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_latest_is_taken_once() -> None:
    """Of several values the last is taken, once, and only the first of them asks for a call."""
    latest: Latest[int] = Latest()
    assert latest.take() is None
    assert [latest.put(1), latest.put(2)] == [True, False]
    assert latest.take() == 2
    assert latest.take() is None
    assert latest.put(3)


@pytest.mark.usefixtures("switching")
def test_nothing_waits_uncalled() -> None:
    """However two threads interleave, a value that stays behind was called for: the last one always arrives."""
    latest: Latest[int] = Latest()
    calls = threading.Semaphore(0)
    last = 3000

    def give() -> None:
        for number in range(1, last + 1):
            if latest.put(number):
                calls.release()

    giving = threading.Thread(target=give)
    giving.start()
    taken = [0]
    while taken[-1] != last:
        assert calls.acquire(timeout=30)
        value = latest.take()
        assert value is not None
        taken.append(value)
    giving.join()
    assert taken == sorted(set(taken))
