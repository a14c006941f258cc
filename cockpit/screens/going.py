"""Going about: between panes, within one, and back."""

from typing import TYPE_CHECKING

from cockpit.actions import ALERTS, ANYWHERE, CHANGES, DRILL, INTEGRATIONS
from cockpit.model.drawing import Line, Role, Span
from cockpit.screens import walking
from cockpit.screens.reader import Reader

if TYPE_CHECKING:
    from cockpit.screens.main import MainScreen

_FAR = 1 << 30
_BANNER = {True: "The first to fire", False: "The heartbeat"}


def move(screen: "MainScreen", by: int) -> None:
    """Move the cursor of the pane in focus by so many rows; without a map the integrations pane moves the alert cursor."""
    match screen.focus_on:
        case pane if pane == CHANGES:
            screen.changes.move(by)
            screen.show_hints()
        case pane if pane == DRILL:
            screen.drill.move(by)
            screen.show_hints()
        case pane if pane == INTEGRATIONS and screen.walks:
            walking.rows(screen, by)
        case _:
            before = screen.alerts.cursor
            screen.alerts.move(by)
            if screen.alerts.cursor != before:
                screen.follow()


def page(screen: "MainScreen") -> int:
    """Return how many rows a page of the pane in focus has."""
    if screen.focus_on == ALERTS:
        return max(1, screen.alerts.rows - 1)
    return max(1, screen.panes[screen.focus_on].inner.height - 1)


def far(screen: "MainScreen", way: int) -> None:
    """Move to the first or the last row."""
    move(screen, way * _FAR)


def turn(screen: "MainScreen", way: int) -> None:
    """Go to the next pane, or the one before."""
    screen.go_to(ANYWHERE[(ANYWHERE.index(screen.focus_on) + way) % len(ANYWHERE)])


def back(screen: "MainScreen") -> bool:
    """Leave the marks, then a filter, then the zoom, then the pane; tell whether there was anything to leave."""
    if screen.focus_on == INTEGRATIONS and walking.back(screen):
        return True
    if screen.focus_on == CHANGES and screen.feed is not None and screen.feed.filter:
        from cockpit.slices.feedfilter import NO_FEED_FILTER

        screen.set_feed(filter=NO_FEED_FILTER)
    elif screen.focus_on == ALERTS and screen.cutter is not None and screen.cutter.view.marked:
        screen.look(marked=frozenset())
    elif screen.focus_on != CHANGES and _narrowed(screen):
        from cockpit.slices.alerts import Whose
        from cockpit.slices.filter import NO_FILTER

        screen.look(filter=NO_FILTER, whose=Whose.ALL)
        screen.desk.watch.narrow(())
    elif screen.zoomed:
        screen.zoom(False)
    elif screen.focus_on != ALERTS:
        screen.go_to(ALERTS)
    else:
        return False
    return True


def _narrowed(screen: "MainScreen") -> bool:
    """Tell whether the alert list leaves rows out because a person asked for it."""
    return screen.cutter is not None and bool(screen.cutter.view.filter or screen.cutter.view.whose != "all")


def go_back(screen: "MainScreen") -> None:
    """Leave whatever there is to leave; at the top it does nothing."""
    back(screen)


def open_row(screen: "MainScreen") -> None:
    """Show everything known of the alert or change under the cursor."""
    if screen.cut is None:
        return
    from cockpit.slices import banner, details

    board, zone = screen.cut.board, screen.desk.pane_zone
    if screen.focus_on == CHANGES:
        screen.app.push_screen(Reader("Change", _change_lines(screen), screen.looks))
    elif screen.alerts.on_banner:
        screen.app.push_screen(Reader(_BANNER[board.storm is not None], banner.known(board, zone), screen.looks))
    elif screen.alerts.cursor is not None:
        width = screen.size.width - 4
        lines = details.cut(
            board, screen.alerts.cursor, screen.desk.now(), zone, width=width, glyphs=screen.looks.glyphs
        )
        name = screen.followed.drill.subject.name if screen.followed and screen.followed.drill else ""
        screen.app.push_screen(Reader(f"Alert ─ {name}", lines, screen.looks))


def _change_lines(screen: "MainScreen") -> tuple[Line, ...]:
    from cockpit.slices.changedetails import cut
    from cockpit.slices.changes import change_of

    row = screen.changes.selected
    change = change_of(screen.cut.board, row.id) if row is not None and screen.cut is not None else None
    if change is None or row is None or screen.cut is None:
        return ((Span("this change is no longer known", Role.DIM),),)
    why = screen.changes.value.reasons.get(row.id, "")
    return cut(screen.cut.board, change, screen.desk.now(), screen.desk.pane_zone, why=why)
