"""Which steps of a chain are seen, and in which cell each of them begins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cockpit.text import width
from cockpit.topology.paint.scene import LEANEST, Scene
from cockpit.topology.paint.sidings import Column, fires_in, wanted

ARROW = 4
"""Cells of the shortest arrow between two steps, with the space in front of it."""

_CAPS = (1000, 24, 18, 14, 11, 9)
_WAYS = (
    *((lean, cap) for lean in range(LEANEST) for cap in _CAPS if cap >= 14),
    *((lean, cap) for lean in (LEANEST - 1, LEANEST) for cap in _CAPS),
)
"""How the whole chain is tried: what is known of the steps gives way before their names do, and both before a step."""
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
    scene: Scene, columns: Sequence[Column], centre: int, cells: int, end: int = 0, most: int | None = None
) -> Window:
    """Return the whole chain with its names as long as they can be, else the window around a step that fits.

    Args:
        scene: What is drawn; steps that are not of its services are hidden.
        columns: All steps.
        centre: The step that has to be seen.
        cells: The width that there is.
        end: Cells kept free behind the chain.
        most: How many steps may be seen; null means as many as fit.
    """
    glyphs = scene.glyphs
    most = len(columns) if most is None else most
    lowest = highest = centre
    while lowest > 0 and columns[lowest - 1].service in scene.services:
        lowest -= 1
    while highest < len(columns) - 1 and columns[highest + 1].service in scene.services:
        highest += 1
    whole = lowest == 0 and highest == len(columns) - 1
    services = [column.service for column in columns]

    def marks(first: int, last: int) -> tuple[str, str]:
        before, behind = services[:first], services[last + 1 :]
        left = f"{glyphs.left}{first}{_firing(scene, before)} " if before else ""
        right = f" {len(behind)}{_firing(scene, behind)}{glyphs.right}" if behind else ""
        return left, right + " " * end

    def fits(first: int, last: int, cap: int) -> bool:
        left, right = marks(first, last)
        return width(left) + _least(scene, columns, first, last, cap) + width(right) <= cells

    for scene.lean, cap in _WAYS if whole and len(columns) <= most else ():
        if fits(0, len(columns) - 1, cap):
            return Window(0, len(columns) - 1, "", " " * end, cap)
    scene.lean = 0
    cap = _WINDOW_CAP
    first = last = centre
    grown = True
    while grown:
        grown = False
        if last < highest and last - first + 1 < most and fits(first, last + 1, cap):
            last, grown = last + 1, True
        if first > lowest and last - first + 1 < most and fits(first - 1, last, cap):
            first, grown = first - 1, True
    left, right = marks(first, last)
    cap = next((one for one in _CAPS if fits(first, last, one)), cap)
    if first == last:
        room = cells - width(left) - width(right)
        cap = max(1, min(cap, room - 2 - columns[first].tail(scene)))
    return Window(first, last, left, right, cap)


def _firing(scene: Scene, services: Sequence[str]) -> str:
    count = fires_in(scene, services)
    return f"{scene.glyphs.firing}{count}" if count else ""


def _least(scene: Scene, columns: Sequence[Column], first: int, last: int, cap: int) -> int:
    """Return the fewest cells that these steps take."""
    total = 0
    for column in columns[first : last + 1]:
        label = _label(scene, column, cap)
        noted = column.noted(scene)
        total += max(label, noted) if column is columns[last] else max(label + ARROW, noted + 1)
    return total


def _label(scene: Scene, column: Column, cap: int) -> int:
    return min(column.label(scene), 2 + cap + column.tail(scene))


def lay_out(scene: Scene, columns: Sequence[Column], window: Window, cells: int) -> list[int]:
    """Return the cell in which each visible step begins: none closer than it needs, the rest shared out.

    Args:
        scene: What is drawn.
        columns: The visible steps with what of their callers and callees gets a row.
        window: How they are seen.
        cells: The width that there is.
    """
    widths: list[int] = []
    names: list[int] = []
    everything: list[int] = []
    for place, column in enumerate(columns):
        is_last = place == len(columns) - 1
        label = _label(scene, column, window.cap)
        need = max(label + (0 if is_last else ARROW), column.noted(scene) + (0 if is_last else 1))
        space = 0 if is_last else 1
        widths.append(need)
        full = column.label(scene) + (0 if is_last else ARROW + 2)
        names.append(max([need, full, *(size + space for size in _around(scene, column, extras=False))]))
        hop = width(scene.on_hop(column.service, columns[place + 1].service)) if column.arrow and not is_last else 0
        note = column.noted(scene) + sum(1 + width(span.text) for span in scene.further(column.service))
        wish = max(full + (hop + 4 if hop else 0), min(note, 30))
        everything.append(max([need, wish, *(size + space for size in _around(scene, column, extras=True))]))
    room = cells - width(window.left) - width(window.right)
    for wishes in (names, everything):
        short = [max(0, wanting - size) for wanting, size in zip(wishes, widths, strict=True)]
        gains = _share_out(short, room - sum(widths))
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


def _around(scene: Scene, column: Column, *, extras: bool) -> Iterator[int]:
    """Yield the cells that the callers and callees of a step wish for."""
    for node in (*column.above, *column.below):
        yield wanted(scene, node, column.service, extras=extras)


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
