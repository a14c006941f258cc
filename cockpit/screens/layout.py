"""Where the panes stand: a pure function of the terminal's size, the focus and what each pane needs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from widgets.frames import BARE, Frame

PANES = ("integrations", "alerts", "changes", "drill")
"""The four panes, in the order of their numbers."""

WIDE = (120, 36)
"""From this size on panes stand side by side."""
_LEAST = {"integrations": 2, "alerts": 2, "changes": 2, "drill": 5}
_FOLDED_FIRST = ("changes", "integrations", "drill", "alerts")
_ANSWERS = 5


class Rect(NamedTuple):
    """Where something stands, in cells."""

    x: int
    y: int
    width: int
    height: int


class Placed(NamedTuple):
    """Where a pane stands and what frame it draws."""

    rect: Rect
    frame: Frame


@dataclass(frozen=True, slots=True)
class Needs:
    """How many lines inside its frame each pane would like."""

    integrations: int = 5
    alerts: int = 4
    changes: int = 2
    drill: int = 5
    drill_full: int = 15
    """With evidence under the answers."""


def arrange(
    width: int, height: int, focus: str, *, zoom: bool = False, needs: Needs | None = None
) -> dict[str, Placed]:
    """Return the place of the header, the footer and each pane that has one.

    From 80 x 23 on all four panes are open; under that they fold to their title line, drill and alerts last.

    Args:
        width: The terminal's cells.
        height: The terminal's lines.
        focus: The pane that keys go to: it takes the room that it needs.
        zoom: Whether it has the whole screen.
        needs: What each pane would like.
    """
    needs = needs or Needs()
    header, footer = int(height > 2), int(height > 7)
    room = Rect(0, header, width, max(0, height - header - footer))
    if zoom:
        placed = {focus: Placed(room, Frame("╭", "╮", bottom=True, bottom_left="╰", bottom_right="╯"))}
    elif width >= WIDE[0] and height >= WIDE[1]:
        placed = _side_by_side(room, focus, needs)
    else:
        placed = _stacked(room, focus, needs)
    if header:
        placed["header"] = Placed(Rect(0, 0, width, 1), BARE)
    if footer:
        placed["footer"] = Placed(Rect(0, height - 1, width, 1), BARE)
    return placed


def stacked_heights(room: int, focus: str, needs: Needs) -> dict[str, int]:
    """Return how many lines inside its frame each pane gets where they stand above one another.

    Args:
        room: Lines for all contents, titles and the bottom line taken off.
        focus: The pane that keys go to.
        needs: What each pane would like.
    """
    least = dict(_LEAST)
    for name in _FOLDED_FIRST:
        if sum(least.values()) <= room:
            break
        if name != focus:
            least[name] = 0 if name in _FOLDED_FIRST[:2] else 2
    if sum(least.values()) > room:
        least = {name: 0 for name in PANES if name != focus} | {focus: max(0, room)}
    heights = dict(least)
    rest = room - sum(heights.values())
    full = {
        "integrations": needs.integrations,
        "alerts": needs.alerts,
        "changes": needs.changes,
        "drill": needs.drill_full,
    }
    wishes = [(focus, full[focus])]
    wishes += [("drill", needs.drill), ("integrations", needs.integrations), ("changes", min(4, needs.changes))]
    wishes += [("alerts", needs.alerts), ("drill", needs.drill_full), ("changes", needs.changes), ("alerts", room)]
    for name, wish in wishes:
        if name != focus and not least[name]:
            continue
        more = max(0, min(rest, wish - heights[name]))
        heights[name] += more
        rest -= more
    return heights


def _stacked(room: Rect, focus: str, needs: Needs) -> dict[str, Placed]:
    shown: tuple[str, ...] = PANES
    if room.height < len(PANES):
        order = sorted(PANES, key=lambda name: (name != focus, -_FOLDED_FIRST.index(name)))
        shown = tuple(name for name in PANES if name in order[: room.height])
    closed = room.height >= len(shown) + 2
    inside = room.height - len(shown) - int(closed)
    heights = stacked_heights(inside, focus, needs) if inside > 0 else dict.fromkeys(PANES, 0)
    placed: dict[str, Placed] = {}
    top = room.y
    for number, name in enumerate(shown):
        last = closed and number == len(shown) - 1
        frame = Frame("├", "┤") if number else Frame("╭", "╮")
        if last:
            frame = replace(frame, bottom=True, bottom_left="╰", bottom_right="╯")
        height = 1 + heights[name] + int(last)
        placed[name] = Placed(Rect(room.x, top, room.width, height), frame)
        top += height
    return placed


def _side_by_side(room: Rect, focus: str, needs: Needs) -> dict[str, Placed]:
    left = room.width * 56 // 100
    above = min(needs.integrations, room.height // 3) + 1
    if focus == "integrations":
        above = max(above, room.height // 2)
    below = room.height - above
    share = 2 if focus == "changes" else 3
    feed = max(4, min(needs.changes, below // share - 2)) + 2
    top = room.y + above
    return {
        "integrations": Placed(Rect(room.x, room.y, room.width, above), Frame("╭", "╮")),
        "alerts": Placed(Rect(room.x, top, left, below - feed), Frame("├", "┬")),
        "changes": Placed(
            Rect(room.x, top + below - feed, left, feed),
            Frame("├", "┤", bottom=True, bottom_left="╰", bottom_right="┴"),
        ),
        "drill": Placed(
            Rect(room.x + left, top, room.width - left, below),
            Frame("", "┤", left=False, bottom=True, bottom_left="", bottom_right="╯"),
        ),
    }


def draw(placed: Mapping[str, Placed], width: int, height: int) -> str:
    """Return a layout as a drawing: each cell the first letter of what stands there."""
    grid = [[" "] * width for _ in range(height)]
    for name, (rect, _) in placed.items():
        for y in range(rect.y, rect.y + rect.height):
            for x in range(rect.x, rect.x + rect.width):
                grid[y][x] = name[0] if name not in {"header", "footer"} else "-"
    return "\n".join("".join(line) for line in grid)
