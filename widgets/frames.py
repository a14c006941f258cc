"""The frames around panes, whose borders join: pure functions from a frame and a title to lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cockpit.model.drawing import Glyphs, Line, Role, Span
from cockpit.text import cut, width


@dataclass(frozen=True, slots=True)
class Frame:
    """Which borders a pane draws and how their corners join its neighbours.

    Corners are told by the box character that they are in the Unicode set; empty means that a neighbour draws it.
    """

    top_left: str = "╭"
    top_right: str = "╮"
    left: bool = True
    right: bool = True
    bottom_left: str = ""
    bottom_right: str = ""
    bottom: bool = False
    """Whether the pane draws the bottom line."""

    @property
    def columns(self) -> int:
        """How many cells of each line the borders take."""
        return int(self.left) + int(self.right)


BARE = Frame("", "", left=False, right=False)
"""No frame at all."""

_PLACES = "╭╮╰╯├┤┬┴┼─"


@lru_cache(maxsize=256)
def corner(char: str, glyphs: Glyphs) -> str:
    """Return the glyph set's own character for a box character of the Unicode set."""
    if not char:
        return ""
    return (glyphs.corners + glyphs.tees + glyphs.horizontal)[_PLACES.index(char)]


def title_line(
    cells: int,
    frame: Frame,
    glyphs: Glyphs,
    *,
    label: str,
    title: str = "",
    right: Sequence[str] = (),
    focused: bool = False,
) -> Line:
    """Return the top line of a pane: `╭1 Integrations ─ checkout journey ──── callers 3 ──╮`.

    Args:
        cells: Width of the line.
        frame: Which corners it has.
        glyphs: The glyph set.
        label: What stands first, and never goes before the rest.
        title: What stands behind it, cut where it alone is too long.
        right: What stands at the right end: the first of these texts that leaves the title whole, else none.
        focused: Whether keys go to this pane.
    """
    rule = Role.FOCUS if focused else Role.FRAME
    bar = glyphs.horizontal
    begin, end = corner(frame.top_left, glyphs), corner(frame.top_right, glyphs)
    room = cells - len(begin) - len(end)
    if room <= 0:
        return (Span((begin + end)[:cells], Role.FRAME),)
    if not label and title:
        label, title = f" {title}", ""
    label = cut(label, room, glyphs.ellipsis)
    rest = room - width(label)
    spans = [Span(begin, Role.FRAME), Span(label, rule if focused else Role.STRONG)]
    if title and rest > 6:
        text = cut(title, rest - 3, glyphs.ellipsis)
        spans += [Span(f" {bar} ", Role.FRAME), Span(text, Role.TITLE)]
        rest -= 3 + width(text)
    tail = next((text for text in right if text and width(text) + 6 <= rest), "")
    fill = rest - (width(tail) + 4 if tail else 0)
    if fill > 0:
        spans.append(Span(" " + bar * (fill - 1) if fill > 1 else bar, Role.FRAME))
    if tail:
        spans += [Span(f" {tail} ", Role.TITLE), Span(bar * 2, Role.FRAME)]
    spans.append(Span(end, Role.FRAME))
    return tuple(span for span in spans if span.text)


def bottom_line(cells: int, frame: Frame, glyphs: Glyphs) -> Line:
    """Return the bottom line of a pane."""
    begin, end = corner(frame.bottom_left, glyphs), corner(frame.bottom_right, glyphs)
    return (Span((begin + glyphs.horizontal * max(0, cells - len(begin) - len(end)) + end)[:cells], Role.FRAME),)
