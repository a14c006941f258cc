"""What the header says: how every system does, and what is peculiar about this screen now."""

from typing import TYPE_CHECKING

from cockpit.model.drawing import Role
from cockpit.model.keys import State
from cockpit.screens import first
from cockpit.slices.clocks import clocks

if TYPE_CHECKING:
    from cockpit.model.panes import Header
    from cockpit.screens.guarding import Guard
    from cockpit.screens.main import MainScreen


def header_of(screen: "MainScreen", guard: "Guard") -> "Header":
    """Return the header for what the screen shows now."""
    desk, cut = screen.desk, screen.cut
    context, at, zone = desk.context, desk.now(), desk.zone
    marks: list[tuple[str, Role]] = []
    if screen.paused:
        marks.append((" PAUSED ", Role.PAUSED))
    if screen.ended:
        marks.append((" recording ended ", Role.PAUSED))
    if screen.cutter is not None and screen.cutter.failed:
        marks.append((" not up to date: internal error, see the log ", Role.PAUSED))
    if cut is None:
        return first.first_header(context, clocks(at, zone), tuple(marks))
    if cut.view.filter or cut.view.whose != "all":
        marks.append((f"{cut.index.counts.get(State.FIRING, 0):,} firing in all", Role.STRONG))
    from cockpit.slices import header

    said = tuple(marks)
    return guard.safely(
        "header",
        lambda: header.cut(cut.board, at, zone, context=context.name, production=context.production, marks=said),
        lambda why: first.first_header(context, clocks(at, zone), ((f" {why} ", Role.PAUSED), *said)),
    )
