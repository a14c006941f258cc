"""Taking along: the drill and other texts to the clipboard, links and runbooks shown in full."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cockpit.actions import CHANGES
from cockpit.model.drawing import Role, Span
from cockpit.screens.chooser import Choice, Chooser
from cockpit.screens.reader import Reader

if TYPE_CHECKING:
    from cockpit.screens.main import MainScreen


def show_plain(screen: "MainScreen", title: str, text: str, said: str) -> None:
    """Show a text without frames, to select from."""
    lines = [(Span(line),) for line in text.split("\n")]
    screen.app.push_screen(Reader(title, lines, screen.looks, plain=True, said=said))


def copy(screen: "MainScreen", what: str, text: str) -> None:
    """Put a text on the clipboard as well as this terminal can, say how, and show it to select from."""
    from cockpit.clipboard import copy_text

    said = copy_text(text, screen.app.copy_to_clipboard)
    show_plain(screen, what, text, f"{said}; q goes back")


def copy_drill(screen: "MainScreen") -> None:
    """Copy the drill as plain text, for chat."""
    from cockpit.triage.say import as_text

    drill = screen.followed.drill if screen.followed is not None else None
    if drill is not None:
        copy(screen, f"drill of {drill.subject.name}", as_text(drill, screen.desk.zone))


def copy_menu(screen: "MainScreen") -> None:
    """Offer what else can be copied of the marked alerts, else of the selected one."""
    row = screen.alerts.cursor
    if row is None or screen.cut is None:
        return
    from cockpit.slices.alerts import still_marked
    from cockpit.slices.copies import copies, copies_of

    board = screen.cut.board
    marked = still_marked(board, screen.cutter.view.marked) if screen.cutter is not None else ()
    offers = copies_of(board, marked) if len(marked) > 1 else copies(board, marked[0] if marked else row)
    choices = [Choice(text, name, text, key=str(number)) for number, (name, text) in enumerate(offers, 1)]

    def chosen(choice: Choice | None) -> None:
        if choice is not None:
            copy(screen, choice.name, choice.id)

    screen.app.push_screen(
        Chooser(f"Copy ─ {len(marked):,} marked" if marked else "Copy", choices, screen.looks), chosen
    )


def show_links(screen: "MainScreen") -> None:
    """Show the links of the alert or change under the cursor."""
    if screen.cut is None:
        return
    from cockpit.slices.changes import change_of
    from cockpit.slices.copies import links

    found: Sequence[tuple[str, str]] = ()
    if screen.focus_on == CHANGES:
        row = screen.changes.selected
        change = change_of(screen.cut.board, row.id) if row is not None else None
        witnesses = change.witnesses if change is not None else ()
        urls = {one.report.url: one.system for one in witnesses if one.report.url}
        found = [(system, url) for url, system in urls.items()]
    elif screen.alerts.cursor is not None:
        found = links(screen.cut.board, screen.alerts.cursor)
    offer(screen, "Links", found)


def show_runbook(screen: "MainScreen") -> None:
    """Show where the runbook is."""
    if screen.cut is None or screen.alerts.cursor is None:
        return
    from cockpit.slices.copies import runbook

    found = runbook(screen.cut.board, screen.alerts.cursor)
    offer(screen, "Runbook", [("runbook", found)] if found else [])


def offer(screen: "MainScreen", what: str, found: Sequence[tuple[str, str]]) -> None:
    """Copy the one text there is, or let one of several be chosen, given as name and text."""
    if not found:
        screen.say("there is no link", Role.WARNING)
    elif len(found) == 1:
        copy(screen, found[0][0], found[0][1])
    else:
        choices = [Choice(text, name, text, key=str(number)) for number, (name, text) in enumerate(found, 1)]

        def chosen(choice: Choice | None) -> None:
            if choice is not None:
                copy(screen, choice.name, choice.id)

        screen.app.push_screen(Chooser(what, choices, screen.looks), chosen)
