"""How many lines each pane would like, from what it shows now."""

from typing import TYPE_CHECKING

from cockpit.actions import INTEGRATIONS
from cockpit.model.walk import View
from cockpit.screens.layout import Needs

if TYPE_CHECKING:
    from cockpit.screens.main import MainScreen

TALL = 45
"""Lines from which on the map has more room."""

BESIDE = 140
"""Cells from which on it holds two views, and needs more room for them."""


def needs_of(screen: "MainScreen") -> Needs:
    """Return what the panes need; in focus the map would like all the rows of its drawing."""
    shown, feed = screen.alerts.value, len(screen.changes.value.rows)
    rows = len(shown.ids) + bool(shown.banner) + bool(shown.footer) or _lines(shown.empty, screen.size.width - 4)
    return Needs(
        integrations=_map_rows(screen) if screen.cut is None or screen.walks else 2,
        alerts=max(4, rows + rows % 2),
        changes=feed if feed <= 4 else -(-feed // 4) * 4,
    )


def _map_rows(screen: "MainScreen") -> int:
    width, height = screen.size
    usual = 6 if height < TALL else 12 if width >= BESIDE else 8
    if screen.focus_on != INTEGRATIONS:
        return usual
    return height if screen.walk.view is View.OVERVIEW else max(usual, screen.integrations.drawn_rows)


def _lines(text: str, cells: int) -> int:
    """Return how many lines a text's paragraphs take, about."""
    return sum(1 + len(part) // max(1, cells) for part in text.split("\n"))
