"""Which steps of a chain are seen, and in which cell each of them begins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cockpit.text import width
from cockpit.topology.paint.columns import ARROW, Column, Scene, select, wanted

_CAPS = (1000, 24, 18, 14, 11, 9)
_WINDOW_CAP = 14
_WIDEST_GAP = 16


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a chain that is drawn."""

    first: int
    """The first visible step."""
    last: int
    """The last visible step."""
    left: str
    """What stands at the left end, counting hidden steps; empty where none is hidden."""
    right: str
    """The same at the right end."""
    cap: int
    """Cells that a step's name may take."""


def open_window(
    columns: Sequence[Column], centre: int, cells: int, firing: Sequence[bool], ends: tuple[str, str, str]
) -> Window:
    """Return the whole chain with its names as long as they can be, else the window around a step that fits.

    Args:
        columns: All steps.
        centre: The step that has to be seen.
        cells: The width that there is.
        firing: Whether each step fires, for those that are hidden.
        ends: The glyphs of left end, right end and firing.
    """
    for cap in _CAPS:
        if _least(columns, 0, len(columns) - 1, cap) <= cells:
            return Window(0, len(columns) - 1, "", "", cap)
    cap = _WINDOW_CAP

    def marks(first: int, last: int) -> tuple[str, str]:
        fires = (any(firing[:first]), any(firing[last + 1 :]))
        behind = len(columns) - 1 - last
        left = f"{ends[0]}{first}{ends[2] if fires[0] else ''} " if first else ""
        return left, f" {ends[2] if fires[1] else ''}{behind}{ends[1]}" if behind else ""

    def fits(first: int, last: int) -> bool:
        left, right = marks(first, last)
        return width(left) + _least(columns, first, last, cap) + width(right) <= cells

    first = last = centre
    grown = True
    while grown:
        grown = False
        if last + 1 < len(columns) and fits(first, last + 1):
            last, grown = last + 1, True
        if first > 0 and fits(first - 1, last):
            first, grown = first - 1, True
    left, right = marks(first, last)
    room = cells - width(left) - width(right)
    cap = next((one for one in _CAPS if _least(columns, first, last, one) <= room), cap)
    if first == last:
        cap = max(1, min(cap, room - 2 - width(columns[first].tail)))
    return Window(first, last, left, right, cap)


def _least(columns: Sequence[Column], first: int, last: int, cap: int) -> int:
    """Return the fewest cells that these steps take."""
    total = 0
    for place in range(first, last + 1):
        column = columns[place]
        label = min(column.label, 2 + cap + width(column.tail))
        total += max(label + ARROW, column.noted + 1) if place < last else max(label, column.noted)
    return total


def lay_out(scene: Scene, columns: Sequence[Column], window: Window, cells: int, rows: tuple[int, int]) -> list[int]:
    """Return the cell in which each visible step begins: none closer than it needs, the rest shared out.

    Args:
        scene: What is drawn.
        columns: The visible steps with their callers and callees.
        window: How they are seen.
        cells: The width that there is.
        rows: How many rows there are above and below.
    """
    widths: list[int] = []
    names: list[int] = []
    everything: list[int] = []
    for place, column in enumerate(columns):
        is_last = place == len(columns) - 1
        label = min(column.label, 2 + window.cap + width(column.tail))
        need = max(label + (0 if is_last else ARROW), column.noted + (0 if is_last else 1))
        space = 0 if is_last else 1
        widths.append(need)
        names.append(max([need, *(size + space for size in _around(scene, column, rows, extras=False))]))
        everything.append(max([need, *(size + space for size in _around(scene, column, rows, extras=True))]))
    room = cells - width(window.left) - width(window.right)
    for wish in (names, everything):
        wishes = [max(0, wanting - size) for wanting, size in zip(wish, widths, strict=True)]
        gains = _share_out(wishes, room - sum(widths))
        widths = [size + gain for size, gain in zip(widths, gains, strict=True)]
    spare = room - sum(widths)
    gaps = len(columns) - 1
    if gaps > 0 and spare > 0:
        more = min(spare // gaps, _WIDEST_GAP)
        widths = [*(size + more for size in widths[:-1]), widths[-1]]
    begin = width(window.left)
    starts: list[int] = []
    for size in widths:
        starts.append(begin)
        begin += size
    return starts


def _around(scene: Scene, column: Column, rows: tuple[int, int], *, extras: bool) -> Iterator[int]:
    """Yield the cells that the callers and callees of a step wish for, with the counts of those left out."""
    for nodes, room in ((column.above, rows[0]), (column.below, rows[1])):
        shown, hidden, bad = select(scene, nodes, room) if room else ((), 0, False)
        count = 2 + len(str(hidden)) + bad if hidden else 0
        for node in shown:
            yield wanted(scene, node, extras=extras) + count


def _share_out(wishes: list[int], room: int) -> list[int]:
    """Return what of its wish each one gets: the smallest wishes first, so that most are met whole."""
    gains = [0] * len(wishes)
    left = [place for place, wish in enumerate(wishes) if wish > 0]
    while left and room > 0:
        each = max(1, room // len(left))
        for place in list(left):
            gain = min(each, wishes[place] - gains[place], room)
            gains[place] += gain
            room -= gain
            if gains[place] >= wishes[place]:
                left.remove(place)
    return gains
