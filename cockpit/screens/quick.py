"""A screen that paints what follows a frame right behind it."""

from textual.screen import Screen
from textual.timer import Timer

FRAME_S = 1 / 240
"""Seconds between two frames at least: Textual's sixtieth keeps a filtered list waiting behind the key that was typed."""


class QuickScreen(Screen[None], inherit_bindings=False):
    """A screen with its own pace."""

    _frames: Timer | None = None

    @property
    def _update_timer(self) -> Timer:
        """What paints: at once after a rest, and then at the pace."""
        if self._frames is None:
            self._frames = self.set_interval(FRAME_S, self._on_timer_update, name="screen_update", pause=True)
        return self._frames
