"""Waiting for the real world: ask again until it holds, with a deadline, never a fixed sleep."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(ask: Callable[[], T], within_s: float = 30.0, *, what: str = "", every_s: float = 0.1) -> T:
    """Return the first true answer.

    An AssertionError or OSError while asking counts as "not yet"; the last one is told at the deadline.

    Args:
        ask: Asked again and again; a true value ends the waiting.
        within_s: The deadline, in seconds.
        what: What is waited for, for the message.
        every_s: Seconds between two questions.

    Raises:
        AssertionError: It did not come true in time.
    """
    pause = threading.Event()
    deadline = time.monotonic() + within_s
    last: object = None
    while True:
        try:
            last = answer = ask()
            if answer:
                return answer
        except (AssertionError, OSError) as error:
            last = error
        if time.monotonic() >= deadline:
            raise AssertionError(f"{what or 'it'} did not come true within {within_s:g} s; last: {last!r}")
        pause.wait(every_s)
