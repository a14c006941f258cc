"""The layout of the main screen for Textual: asks the pure arrangement and places each pane there."""

from typing import TYPE_CHECKING

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement

from widgets.pane import Pane

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.widget import Widget

    from cockpit.screens.layout import Placed


class Deck(Layout):
    """Places panes where a function of the size says, each with its frame.

    Args:
        place: Returns the place of each pane, by its id, for a width and a height.
    """

    name = "deck"

    def __init__(self, place: "Callable[[int, int], dict[str, Placed]]") -> None:
        self._place = place

    def arrange(self, parent: "Widget", children: "list[Widget]", size: Size, greedy: bool = True) -> ArrangeResult:
        """Return the placements; a pane without a place gets none and is not painted."""
        del parent, greedy
        placed = self._place(size.width, size.height)
        found: ArrangeResult = []
        for child in children:
            place = placed.get(child.id or "")
            if place is None or not isinstance(child, Pane):
                continue
            child.frame = place.frame
            found.append(WidgetPlacement(Region(*place.rect), NULL_OFFSET, NULL_SPACING, child))
        return found
