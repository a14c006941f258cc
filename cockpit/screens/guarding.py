"""The outermost edge of what a pane shows: an error of ours is told in that pane and kept in the log, and the rest goes on."""

import logging
from collections.abc import Callable
from typing import TypeVar

log = logging.getLogger(__name__)
"""Where the trace of an error goes."""

T = TypeVar("T")


class Guard:
    """Makes what panes show; an error that was logged once is not logged again until that pane could be shown."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def safely(self, what: str, make: Callable[[], T], instead: Callable[[str], T]) -> T:
        """Return what is made, or what is shown instead where that fails.

        Args:
            what: The pane, for the log.
            make: Makes its value.
            instead: Makes another one of a sentence that says that this one could not be shown.
        """
        try:
            made = make()
        except Exception as error:  # a pane's outermost edge: shown in it, and logged
            kind = type(error).__name__
            if self._known.get(what) != kind:
                self._known[what] = kind
                log.exception("the %s could not be shown", what)
            return instead(f"could not be shown: {kind}; the trace is in the log, cockpit info says where")
        self._known.pop(what, None)
        return made
