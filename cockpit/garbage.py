"""When Python's cyclic garbage collector runs: never before the first frame, never over a whole storm while keys wait.

Boards hold no cycles and go by reference counts. A full collection walks every alert all the same, and nothing else
runs meanwhile; so what a large board holds is set aside once it is there, and what is left is quickly walked.
"""

import gc
import sys
from collections.abc import Callable

LARGE = 2000
"""Alerts from which on a board is set aside."""

EVERY = 20
"""Boards between two collections of what came since, where the board is large."""

SETTLED = 4
"""Boards after which what was needed to begin is given back to the system."""

_YOUNG = 5000
_MIDDLE = 10
_OLD = 100
"""Ten times what is usual: else everything would be walked again and again while a storm is read for the first time."""
_NEVER = 1_000_000_000


def hold() -> None:
    """Do not collect while the program starts: all it makes then stays."""
    gc.disable()


def go_on() -> None:
    """Collect from now on; what is there already stays, and is not walked again."""
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
    gc.enable()


def give_back() -> None:
    """Give memory that is free back to the system, where the C library can."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


class Aside:
    """Sets large boards aside; used by the thread that makes them.

    Args:
        freeze: Sets aside all that is there.
        collect: Collects what is not set aside.
        trim: Gives free memory back.
    """

    def __init__(
        self,
        freeze: Callable[[], None] = gc.freeze,
        collect: Callable[[], object] = gc.collect,
        trim: Callable[[], None] = give_back,
    ) -> None:
        self._freeze = freeze
        self._collect = collect
        self._trim = trim
        self._known = 0
        self._boards = 0
        self._until_settled = SETTLED

    def after(self, alerts: int) -> None:
        """Look after the garbage behind a board with so many alerts."""
        if self._until_settled:
            self._until_settled -= 1
            if not self._until_settled:
                self._trim()
        if alerts < LARGE:
            if self._known:
                self._known = 0
                gc.unfreeze()
                gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
            return
        self._boards += 1
        if abs(alerts - self._known) * 4 > alerts:
            gc.set_threshold(_YOUNG, _MIDDLE, _NEVER)
            self._known, self._boards, self._until_settled = alerts, 0, SETTLED
            self._freeze()
        elif self._boards >= EVERY:
            self._boards = 0
            self._collect()
            self._freeze()
