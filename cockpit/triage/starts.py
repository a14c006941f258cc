"""Which services started together, counted once for a board and then looked up at each key."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from cockpit.model.alert import Fold, FoldKey, State
from cockpit.triage.memo import Memo

TOGETHER = timedelta(minutes=2)
"""Services that start within this belong to one event."""

_SPAN_S = TOGETHER.total_seconds()
_STARTED = frozenset({State.FIRING, State.LOST, State.INHIBITED})


class Starts:
    """The starts of a board's folds, and how many services started in the two minutes up to each.

    Args:
        folds: A board's folds; those that are over, pending or silenced do not count.
    """

    def __init__(self, folds: Mapping[FoldKey, Fold]) -> None:
        pairs = {(fold.since.timestamp(), key.service) for key, fold in folds.items() if fold.state in _STARTED}
        ordered = sorted(pair for pair in pairs if pair[1])
        self._moments = [moment for moment, _ in ordered]
        self._services = [service for _, service in ordered]
        self._sizes = self._count()
        self._sets: dict[tuple[int, int], frozenset[str]] = {}

    @property
    def earliest(self) -> datetime | None:
        """The earliest start, or null where nothing has started."""
        return datetime.fromtimestamp(self._moments[0], UTC) if self._moments else None

    def together(self, service: str, start: datetime) -> frozenset[str]:
        """Return the most services that started within two minutes of one another, this one at its start among them."""
        moment = start.timestamp()
        first = bisect_left(self._moments, moment)
        end = bisect_right(self._moments, moment + _SPAN_S)
        upto = bisect_right(self._moments, moment)
        best = self._set(bisect_left(self._moments, moment - _SPAN_S), upto)
        largest = max(self._sizes[first:end], default=0)
        if largest > len(best):
            last = self._sizes.index(largest, first, end)
            best = self._set(bisect_left(self._moments, self._moments[last] - _SPAN_S), last + 1)
        return best | {service} if service else best

    def _count(self) -> list[int]:
        inside: dict[str, int] = {}
        sizes = []
        left = 0
        for moment, service in zip(self._moments, self._services, strict=True):
            inside[service] = inside.get(service, 0) + 1
            while self._moments[left] < moment - _SPAN_S:
                gone = self._services[left]
                inside[gone] -= 1
                if not inside[gone]:
                    del inside[gone]
                left += 1
            sizes.append(len(inside))
        return sizes

    def _set(self, begin: int, end: int) -> frozenset[str]:
        found = self._sets.get((begin, end))
        if found is None:
            found = self._sets[begin, end] = frozenset(self._services[begin:end])
        return found


starts_of = Memo(Starts)
"""The starts of a board's folds, made once."""
