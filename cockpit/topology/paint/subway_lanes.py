"""Lanes: one for each callee, from its first caller's row down to its own, so that a lane leads to exactly one service."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cockpit.topology.paint.subway_order import order_rows


@dataclass(slots=True)
class LaneRow:
    """One service with what its row holds of lanes."""

    service: str
    column: int = 0
    """Where its glyph stands: at the foot of its own lane."""
    joints: dict[int, tuple[str, bool]] = field(default_factory=dict)
    """By column, the callee whose lane it branches onto, and whether that lane begins here."""
    straight: str = ""
    """The callee whose lane begins right under it."""
    through: dict[int, str] = field(default_factory=dict)
    """By column, the callee whose lane passes by."""
    back: tuple[str, ...] = ()
    """Callees that a badge tells: itself, and those that stand above."""
    hidden: tuple[str, ...] = ()
    """Callees for whose lanes there is no room."""
    unseen: int = 0
    """How many of its callers found no lane to it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where services and lanes stand."""

    rows: tuple[LaneRow, ...]
    place: dict[str, int]
    """Each service's row."""
    columns: int
    """How many columns are in use."""
    callers: dict[str, tuple[int, ...]]
    """The rows that branch onto each service's lane, from the top down."""


@lru_cache(maxsize=64)
def lay_lanes(
    services: tuple[str, ...],
    hops: tuple[tuple[str, str], ...],
    steps: tuple[str, ...],
    entries: tuple[str, ...],
    columns: int,
) -> Layout:
    """Return the layout of services and their calls; the same arguments get the same one.

    Args:
        services: What is drawn, in an order that does not depend on health.
        hops: Calls among them.
        steps: The journey, which reads downwards.
        entries: Where users come in.
        columns: How many lanes may run side by side; two more columns hold services without a lane.
    """
    order = order_rows(services, hops, steps, entries)
    place = {name: number for number, name in enumerate(order.rows)}
    below: dict[str, list[str]] = {name: [] for name in order.rows}
    back: dict[str, list[str]] = {name: [] for name in order.rows}
    for caller, callee in hops:
        (back if (caller, callee) in order.back else below)[caller].append(callee)
    for callees in below.values():
        callees.sort(key=place.__getitem__)
    onward = {name: number for number, name in enumerate(steps)}
    tries = [_Lanes(order.rows, place, below, onward, columns, way) for way in _WAYS]
    best = min(tries, key=lambda lanes: (lanes.lost, lanes.crossings + lanes.width))
    for row in best.rows:
        row.back = tuple(back[row.service])
    return Layout(tuple(best.rows), place, best.width, {name: tuple(rows) for name, rows in best.callers.items()})


_WAYS = ("journey", "farthest", "nearest")
"""Which lane may begin right under its caller; of what that gives, the one with the fewest crossings is drawn."""


_LEFTWARDS = 1.5
"""How much farther a column left of the caller is taken to be: branches to the right read best."""


class _Lanes:
    """Columns given from the top down, each to the nearest that is free."""

    def __init__(
        self,
        order: Sequence[str],
        place: dict[str, int],
        below: dict[str, list[str]],
        onward: dict[str, int],
        columns: int,
        way: str,
    ) -> None:
        self._place = place
        self._onward = onward
        self._most = columns
        self._way = way
        self._active: dict[int, str] = {}
        self._column: dict[str, int] = {}
        self.rows: list[LaneRow] = []
        self.callers: dict[str, list[int]] = {}
        self.lost = 0
        """Calls without a lane."""
        self.crossings = 0
        """Lanes that lines of rows cross."""
        self.width = 1
        """Columns in use."""
        by_name: dict[str, LaneRow] = {}
        for number, service in enumerate(order):
            row = by_name[service] = LaneRow(service)
            self.rows.append(row)
            self._put(row, number, below[service])
        for row in self.rows:
            for callee in row.hidden:
                by_name[callee].unseen += 1

    def _put(self, row: LaneRow, number: int, callees: list[str]) -> None:
        service = row.service
        if service in self._column:
            row.column = self._column[service]
            del self._active[row.column]
        else:
            row.column = self._free(number, [self._column[one] for one in callees if one in self._column])
        row.through = dict(self._active)
        for callee in callees:
            if callee in self._column:
                row.joints[self._column[callee]] = (callee, False)
                del row.through[self._column[callee]]
                self.callers[callee].append(number)
        fresh = [one for one in callees if one not in self._column]
        straight = self._straight(row, number, fresh)
        if straight:
            row.straight = straight
            fresh.remove(straight)
            self._begin(straight, row.column, number)
        hidden: list[str] = []
        for callee in fresh:
            column = self._nearest(row)
            if column is None:
                hidden.append(callee)
                continue
            row.joints[column] = (callee, True)
            self._begin(callee, column, number)
        row.hidden = tuple(hidden)
        self.lost += len(hidden)
        if row.joints:
            first, last = min(row.column, *row.joints), max(row.column, *row.joints)
            self.crossings += sum(first < column < last for column in row.through)
            self.width = max(self.width, last + 1)
        self.width = max(self.width, row.column + 1)

    def _begin(self, callee: str, column: int, number: int) -> None:
        self._active[column] = callee
        self._column[callee] = column
        self.callers[callee] = [number]

    def _straight(self, row: LaneRow, number: int, fresh: list[str]) -> str:
        """Return the callee whose lane goes straight down: never to the next row, where no line would be seen."""
        far = [one for one in fresh if self._place[one] > number + 1]
        if not far or row.column >= self._most:
            return ""
        if self._way == "nearest":
            return far[0]
        if self._way == "journey" and row.service in self._onward:
            steps = [one for one in far if self._onward.get(one, -1) > self._onward[row.service]]
            if steps:
                return min(steps, key=self._onward.__getitem__)
        return far[-1]

    def _nearest(self, row: LaneRow) -> int | None:
        """Return the free column for a lane that begins in a row, or null: near, and across few lanes."""
        best, found = float("inf"), None
        for step in (1, -1):
            cost = 0.0 if step > 0 else _LEFTWARDS
            column = row.column + step
            while 0 <= column < self._most and cost + 1 < best:
                cost += 1
                if column not in self._active:
                    best, found = cost, column
                elif column not in row.joints:
                    cost += 2
                column += step
        return found

    def _free(self, number: int, wanted: list[int]) -> int:
        """Return the column for a service without a lane: never right under another service, which would look like a call."""
        above = self.rows[number - 1].column if number else -1
        best: tuple[float, int] | None = None
        for column in range(self._most + 2):
            if column == above or column in self._active:
                continue
            first, last = min([column, *wanted]), max([column, *wanted])
            crossed = sum(first < one < last and one not in wanted for one in self._active)
            cost = 2 * crossed + last - first + 0.2 * column
            if best is None or cost < best[0]:
                best = cost, column
        assert best is not None, "of two columns that no lane may take, one is free"
        return best[1]
