"""The changes that a drill looks at, found by time, service and system without looking at each: thousands are known."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from datetime import datetime

from cockpit.model.change import Change
from cockpit.topology.names import normal
from cockpit.triage.memo import Memo


class Known:
    """All changes that a board knows, newest first.

    Args:
        changes: Those of the window.
        older: Those before it that an alert may rest on.
    """

    def __init__(self, changes: Sequence[Change], older: Sequence[Change]) -> None:
        self.changes = tuple(sorted((*changes, *older), key=_age))
        self._services: dict[str, list[int]] = {}
        self._systems: dict[str, list[int]] = {}
        for place, change in enumerate(self.changes):
            self._services.setdefault(normal(change.service), []).append(place)
            for system in {witness.system for witness in change.witnesses}:
                self._systems.setdefault(system, []).append(place)

    def between(self, first: datetime, last: datetime) -> range:
        """Return the places of the changes that began between two moments, both included."""
        start = bisect_left(self.changes, -last.timestamp(), key=_age)
        return range(start, bisect_right(self.changes, -first.timestamp(), start, key=_age))

    def of(self, services: Collection[str], within: range) -> list[Change]:
        """Return the changes of services, spelled as names are compared, newest first."""
        places = [place for name in services for place in _in(self._services.get(name, []), within)]
        return [self.changes[place] for place in sorted(places)]

    def counts(self, within: range) -> dict[str, int]:
        """Return how many changes each system told of."""
        return {name: len(_in(places, within)) for name, places in self._systems.items()}


def _age(change: Change) -> float:
    return -change.began.timestamp()


def _in(places: list[int], within: range) -> list[int]:
    return places[bisect_left(places, within.start) : bisect_left(places, within.stop)]


known_of: Memo[[Sequence[Change], Sequence[Change]], Known] = Memo(Known)
"""Returns what is known of a board's changes and older ones, remembered by their identity."""
