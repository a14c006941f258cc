"""Marks the change under the cursor on dashboards: finds where, shows it, and has it confirmed."""

from typing import TYPE_CHECKING

from cockpit.model.drawing import Role
from cockpit.screens.chooser import Choice, Chooser
from cockpit.screens.confirming import Confirming

if TYPE_CHECKING:
    from cockpit.screens.desk import Desk
    from cockpit.screens.main import MainScreen
    from cockpit.systems.base import Annotator


def why_not(desk: "Desk") -> str:
    """Return why no change can be marked from here; empty where one can."""
    from cockpit.writes.allowed import why_not as forbidden

    if desk.recording:
        return forbidden(desk.context, None, recording=True) or ""
    if desk.scribe is None or not desk.annotators:
        kinds = {spec.kind for spec in desk.context.systems}
        if "grafana" in kinds and desk.scribe is None:
            return "not connected yet"
        return "no system takes annotations: configure a Grafana"
    reasons = [desk.scribe.carrier.why_not(one.name) for one in desk.annotators]
    return "" if None in reasons else reasons[0] or ""


def annotate(screen: "MainScreen") -> None:
    """Show what would be written about the change under the cursor, and ask."""
    from cockpit.slices.changes import change_of
    from cockpit.writes.annotating import why_not_change

    row, desk = screen.changes.selected, screen.desk
    change = None if screen.cut is None or row is None else change_of(screen.cut.board, row.id)
    if change is None or desk.scribe is None:
        return
    reason = why_not_change(change)
    if reason is not None:
        screen.say(reason, Role.WARNING)
        return
    carrier = desk.scribe.carrier
    open_ones = [one for one in desk.annotators if carrier.why_not(one.name) is None]
    if len(open_ones) == 1:
        _confirm(screen, open_ones[0], row.id if row else "")
        return

    def chosen(choice: Choice | None) -> None:
        found = next((one for one in open_ones if choice is not None and one.name == choice.id), None)
        if found is not None and row is not None:
            _confirm(screen, found, row.id)

    choices = [Choice(one.name, one.name, key=str(number)) for number, one in enumerate(open_ones, 1)]
    screen.app.push_screen(Chooser("Annotate in", choices, screen.looks), chosen)


def _confirm(screen: "MainScreen", annotator: "Annotator", name: str) -> None:
    """Show the write for the change of that id as the board has it now."""
    from cockpit.slices.changes import change_of
    from cockpit.topology.naming import Naming
    from cockpit.writes.annotating import Annotating

    change = None if screen.cut is None else change_of(screen.cut.board, name)
    if change is None or screen.cut is None or screen.desk.scribe is None:
        screen.say("that change is not on the feed any more", Role.WARNING)
        return
    setup = screen.cut.board.setup
    write = Annotating(annotator, change, Naming(setup.map, setup.exporters))
    screen.app.push_screen(Confirming(write, screen.desk.scribe, screen.looks, screen.say))
