"""Writing frames: only the cells that changed, with as few bytes as they take."""

from rich.console import Console
from textual._compositor import ChopsUpdate, CompositorUpdate


class ExactUpdate(CompositorUpdate):
    """A partial update of Textual's, written from the first changed cell of each span.

    Textual's own begins each span at the left edge of its widget.
    """

    def __init__(self, update: ChopsUpdate) -> None:
        self._update = update

    def render_segments(self, console: Console) -> str:
        """Return the update as a terminal takes it."""
        update = self._update
        parts: list[str] = []
        for y, first, last in update.spans:
            x_now = -1
            for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if strip is None or x >= last or end <= first:
                    continue
                start = max(x, first)
                piece = strip if start == x and end <= last else strip.crop(start - x, min(end, last) - x)
                if x_now != start:
                    parts.append(f"\x1b[{y + 1};{start + 1}H")
                x_now = start + piece.cell_length
                parts.append(piece.render(console))
        return "".join(parts)
