"""Which function does which action: one line each."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from cockpit.actions import ANYWHERE
from cockpit.screens import annotating, checking, deciding, going, helping, looking, shifting, taking, walking

if TYPE_CHECKING:
    from cockpit.screens.main import MainScreen

Deed = Callable[["MainScreen"], None]
"""Does one action on the main screen."""


def _to(pane: str) -> Deed:
    return lambda screen: screen.go_to(pane)


DEEDS: Mapping[str, Deed] = {
    **{f"pane-{name}": _to(name) for name in ANYWHERE},
    "next-pane": lambda screen: going.turn(screen, 1),
    "previous-pane": lambda screen: going.turn(screen, -1),
    "down": lambda screen: going.move(screen, 1),
    "up": lambda screen: going.move(screen, -1),
    "top": lambda screen: going.far(screen, -1),
    "bottom": lambda screen: going.far(screen, 1),
    "page-down": lambda screen: going.move(screen, going.page(screen)),
    "page-up": lambda screen: going.move(screen, -going.page(screen)),
    "half-down": lambda screen: going.move(screen, max(1, going.page(screen) // 2)),
    "half-up": lambda screen: going.move(screen, -max(1, going.page(screen) // 2)),
    "open": going.open_row,
    "back": going.go_back,
    "zoom": lambda screen: screen.zoom(True),
    "unzoom": lambda screen: screen.zoom(False),
    "filter": looking.filter_rows,
    "next-match": lambda screen: looking.next_match(screen, 1),
    "previous-match": lambda screen: looking.next_match(screen, -1),
    "whose": looking.turn_whose,
    "fold": looking.fold,
    "fold-all": looking.fold_all,
    "mark": looking.mark,
    "hidden": looking.show_hidden,
    "sort": looking.turn_sort,
    "widen": looking.widen,
    "group": looking.group,
    "view": walking.turn_view,
    "callee": walking.down,
    "caller": walking.up,
    "focus": walking.focus,
    "next-firing": lambda screen: walking.firing(screen, 1),
    "previous-firing": lambda screen: walking.firing(screen, -1),
    "blast": walking.blast,
    "shallower": lambda screen: walking.deeper(screen, -1),
    "deeper": lambda screen: walking.deeper(screen, 1),
    "overview": walking.overview,
    "layer": walking.turn_layer,
    "checklist": checking.show_checklist,
    "shift": shifting.show_shift,
    "refresh": looking.refresh,
    "pause": looking.pause,
    "priority": deciding.choose_priority,
    "confirm-all": deciding.confirm_all,
    "confirm": deciding.confirm,
    "edit": deciding.edit,
    "unknown": deciding.set_unknown,
    "take-back": deciding.take_back,
    "copy-drill": taking.copy_drill,
    "copy-menu": taking.copy_menu,
    "annotate": annotating.annotate,
    "link": taking.show_links,
    "runbook": taking.show_runbook,
    "palette": helping.show_palette,
    "help": helping.show_help,
    "repaint": helping.repaint,
    "suspend": lambda screen: screen.app.action_suspend_process(),
    "quit": helping.quit_or_back,
    "interrupt": lambda screen: helping.leave(screen, "interrupt"),
}
"""By the action's id."""
