"""Calls that no lane shows: badges `↺ name` where they go up or round, else counts at both of their ends."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from cockpit.model.drawing import Glyphs, Role, Span
from cockpit.text import width
from cockpit.topology.focus import Focus, Stub
from cockpit.topology.paint.subway_lanes import LaneRow
from cockpit.topology.paint.subway_words import cells_of, shortened

_BADGES = (32, 20, 14, 10, 8, 6, 5, 4, 3, 2, 1)
"""Cells of a name in a badge, tried in turns."""

_NO_STUB = Stub()


class Told:
    """Badges and counts of all rows of one drawing.

    Args:
        focus: What is drawn.
        glyphs: The glyph set.
        rows: The rows, from the top down.
        rooms: Cells that they should take at most in any row, and more that they may, tried in turns.
    """

    def __init__(self, focus: Focus, glyphs: Glyphs, rows: Sequence[LaneRow], rooms: Sequence[int]) -> None:
        self._focus = focus
        self._glyphs = glyphs
        self._rows = rows
        self._names = tuple(row.service for row in rows)
        self.spans = self._tell(rooms)
        """By service, in the order of rows."""

    def _tell(self, rooms: Sequence[int]) -> dict[str, tuple[Span, ...]]:
        """Return badges where they have room; giving one up counts its calls elsewhere, where that may cost another."""
        rows = self._rows
        given_up: set[str] = set()
        while True:
            counts = self._counted(given_up)
            badges: dict[str, tuple[Span, ...]] = {}
            before = len(given_up)
            for row in rows:
                if row.back and row.service not in given_up:
                    taken = cells_of(counts[row.service])
                    tries = (self._badges(row.back, room - taken - bool(taken)) for room in rooms)
                    told = next((one for one in tries if one is not None), None)
                    if told is None:
                        given_up.add(row.service)
                    else:
                        badges[row.service] = (told,)
            if len(given_up) == before:
                return {name: (*badges.get(name, ()), *counts[name]) for name in self._names}

    def _counted(self, given_up: set[str]) -> dict[str, tuple[Span, ...]]:
        """Return the counts of each row, calls of badges that were given up among them."""
        out = {row.service: len(row.hidden) for row in self._rows}
        into = {row.service: row.unseen for row in self._rows}
        for row in self._rows:
            if row.service in given_up:
                out[row.service] += len(row.back)
                for callee in row.back:
                    into[callee] += 1
        return {name: self._counts(name, into[name], out[name]) for name in self._names}

    def _counts(self, service: str, into: int, out: int) -> tuple[Span, ...]:
        """Return the counts of callers and callees that are not drawn: `+3►`, `►+12✗1`."""
        focus, arrow = self._focus, self._glyphs.arrow
        callers = focus.callers_hidden.get(service, _NO_STUB)
        callees = focus.callees_hidden.get(service, _NO_STUB)
        spans: list[Span] = []
        if said := self._say(callers.count + into, callers.firing):
            spans.append(Span(said + arrow, Role.FIRING if callers.firing else Role.DIM))
        if said := self._say(callees.count + out, callees.firing):
            spans.append(Span(arrow + said, Role.FIRING if callees.firing else Role.DIM))
        return tuple(spans)

    def _say(self, count: int, firing: int) -> str:
        return (f"+{count}" if count else "") + (f"{self._glyphs.firing}{firing}" if firing else "")

    def _badges(self, callees: Sequence[str], room: int) -> Span | None:
        """Return `↺ name` for each call that goes up or round, names cut as little as it needs, or null without room."""
        back = self._glyphs.back
        for cells in _BADGES:
            size = sum(min(cells, width(one)) for one in callees)
            for between in (f" {back} ", ","):
                if 2 + size + (len(callees) - 1) * width(between) <= room:
                    told = self._resolved(callees, cells)
                    if told is not None:
                        return Span(f"{back} " + between.join(told), Role.DIM)
                    break
        return None

    def _resolved(self, callees: Sequence[str], cells: int) -> list[str] | None:
        """Return names of so many cells at most, or null if one of them could be taken for another."""
        if all(width(one) <= cells for one in callees):
            return list(callees)
        ellipsis = self._glyphs.ellipsis
        texts = shortened(tuple((name, cells) for name in self._names), ellipsis)
        told: list[str] = []
        for name in callees:
            text = texts.get((name, cells), "")
            if reads_as(text, self._names, ellipsis) != name:
                text = _inside(name, cells - 2, self._names, ellipsis)
            if not text:
                return None
            told.append(text)
        return told


@lru_cache(maxsize=512)
def _inside(name: str, cells: int, names: tuple[str, ...], ellipsis: str) -> str:
    """Return the shortest piece of a name that no other one has, between two ellipses; empty where there is none."""
    for size in range(1, cells + 1):
        for begin in range(len(name) - size + 1):
            text = f"{ellipsis}{name[begin : begin + size]}{ellipsis}"
            if width(text) <= cells + 2 and reads_as(text, names, ellipsis) == name:
                return text
    return ""


def reads_as(text: str, names: Sequence[str], ellipsis: str) -> str | None:
    """Return the one name that a name, cut or whole, can be read as; null where there are none or several."""
    if text in names:
        return text
    parts = text.split(ellipsis)
    if len(parts) == 3 and not parts[0] and not parts[2] and parts[1]:
        found = [one for one in names if parts[1] in one]
    elif len(parts) == 2:
        head, tail = parts
        least = len(head) + len(tail)
        found = [one for one in names if len(one) > least and one.startswith(head) and one.endswith(tail)]
    else:
        return None
    return found[0] if len(found) == 1 else None


def widest_count(focus: Focus, glyphs: Glyphs) -> int:
    """Return the cells of the widest counts of what the focus leaves out."""
    hidden: Mapping[str, None] = {
        name: None for stubs in (focus.callers_hidden, focus.callees_hidden) for name in stubs
    }
    if not hidden:
        return 0
    told = Told(focus, glyphs, [LaneRow(name) for name in hidden], (0, 0))
    return max(map(cells_of, told.spans.values()))
