"""What a service leads to, and what leads to it; the latest answers are kept, however large the map is."""

from collections import deque
from collections.abc import Mapping
from threading import Lock

MOST = 250_000
"""Names in all answers that are kept: some fifty of the largest of a map of 5,000 services, or all of a usual one's."""


class Reach:
    """Everything that is reached from a service through any number of steps, nearest first, without itself.

    Args:
        steps: Mappings from a service to those one step away.
        most: How many names are kept in all.
    """

    def __init__(self, *steps: Mapping[str, tuple[str, ...]], most: int = MOST) -> None:
        self._steps = steps
        self._most = most
        self._known: dict[str, tuple[str, ...]] = {}
        self._names = 0
        self._lock = Lock()

    @property
    def kept(self) -> int:
        """How many names are kept."""
        return self._names

    def of(self, service: str) -> tuple[str, ...]:
        """Return what is reached from a service."""
        with self._lock:
            found = self._known.pop(service, None)
            if found is not None:
                self._known[service] = found
                return found
        found = self._walk(service)
        with self._lock:
            if service not in self._known:
                self._known[service] = found
                self._names += len(found) + 1
            while self._names > self._most and len(self._known) > 1:
                oldest = next(iter(self._known))
                self._names -= len(self._known.pop(oldest)) + 1
        return found

    def _walk(self, start: str) -> tuple[str, ...]:
        seen = {start: None}
        ahead = deque([start])
        while ahead:
            here = ahead.popleft()
            for steps in self._steps:
                for name in steps.get(here, ()):
                    if name not in seen:
                        seen[name] = None
                        ahead.append(name)
        return tuple(seen)[1:]
