"""Help, palette, repainting, suspending and leaving."""

from typing import TYPE_CHECKING

from cockpit.actions import DRILL, GROUPS, INTEGRATIONS, Action
from cockpit.commands import commands
from cockpit.keymap import say_keys
from cockpit.model.drawing import Line, Role, Span
from cockpit.screens.chooser import Choice, Chooser
from cockpit.screens.going import back
from cockpit.screens.knowing import situation
from cockpit.screens.reader import Reader
from cockpit.text import fit

if TYPE_CHECKING:
    from cockpit.screens.main import MainScreen

_KEYS = 14
_LABEL = 16
_OWN = {INTEGRATIONS: "Walk", DRILL: "Decide"}
"""The group that a pane's help begins with: what its keys are for."""


def help_lines(actions: tuple[Action, ...], pane: str, *, ascii_only: bool = False) -> tuple[Line, ...]:
    """Return the help: all keys by group, the pane's own group first, those of other panes dimmed and named."""
    lines: list[Line] = []
    for group in sorted(GROUPS, key=lambda group: group != _OWN.get(pane)):
        lines += [(Span(group, Role.TITLE),)]
        for action in actions:
            if action.group != group:
                continue
            here = pane in action.panes
            where = "" if here else f" ({', '.join(action.panes)})"
            lines.append(
                (
                    Span(fit(say_keys(action, ascii_only=ascii_only), _KEYS), Role.KEY if here else Role.DIM),
                    Span(fit(action.label, _LABEL), Role.STRONG if here else Role.DIM),
                    Span(f"{action.help}{where}", Role.PLAIN if here else Role.DIM),
                )
            )
        lines.append(())
    return tuple(lines)


def legend(screen: "MainScreen") -> tuple[Line, ...]:
    """Return what the glyphs mean."""
    glyphs = screen.looks.glyphs
    told = (
        (glyphs.firing, Role.FIRING, "firing at P1 or P2, or a service that fires"),
        (glyphs.warning, Role.WARNING, "firing at P3 or P4, or a service that warns"),
        (glyphs.pending, Role.PENDING, "pending"),
        (glyphs.flapping, Role.WARNING, "flapping: three or more starts in an hour"),
        (glyphs.silenced, Role.DIM, "silenced"),
        (glyphs.inhibited, Role.DIM, "inhibited"),
        (glyphs.resolved, Role.DIM, "resolved, or an answer that a person confirmed"),
        (glyphs.lost, Role.UNKNOWN, "lost: its sender does not answer; or an answer that is not known"),
        ("*", Role.PERSON, "an answer that a person wrote"),
        (glyphs.fine, Role.FINE, "a service that is measured and fine"),
        (glyphs.unknown, Role.UNKNOWN, "a service that nothing watches"),
        (glyphs.no_traffic, Role.WARNING, "a service without traffic"),
        (glyphs.third_party, Role.PLAIN, "a third party"),
        (glyphs.change, Role.CHANGE, "a recent change"),
        (glyphs.new, Role.KEY, "came since the last key"),
        (glyphs.marked, Role.KEY, "behind an alert's state: marked"),
    )
    return ((Span("Signs", Role.TITLE),), *((Span(f"{sign}   ", role), Span(text)) for sign, role, text in told))


def show_help(screen: "MainScreen") -> None:
    """Show all keys."""
    lines = help_lines(screen.keys.actions, screen.focus_on, ascii_only=screen.looks.glyphs.ascii)
    screen.app.push_screen(Reader(f"Keys ─ in the {screen.focus_on} pane", (*lines, *legend(screen)), screen.looks))


def show_palette(screen: "MainScreen") -> None:
    """Find an action, a view or a theme by its name."""
    found = commands(screen.keys, situation(screen), screen.desk.context.views, tuple(screen.app.available_themes))
    choices = [
        Choice(
            one.id,
            one.name,
            one.help if one.reason is None else f"not now: {one.reason}. {one.help}",
            key=one.keys,
            enabled=one.reason is None,
        )
        for one in found
    ]

    def chosen(choice: Choice | None) -> None:
        if choice is not None:
            run(screen, choice.id)

    screen.app.push_screen(Chooser("Commands", choices, screen.looks, find=True), chosen)


def run(screen: "MainScreen", command: str) -> None:
    """Do what a command of the palette says: an action's id, `view NAME` or `theme NAME`."""
    kind, _, name = command.partition(" ")
    if kind == "view" and name:
        from cockpit.slices.filter import FilterError, parse_filter

        try:
            wanted = parse_filter(screen.desk.context.views[name])
            screen.look(filter=wanted)
            screen.desk.watch.narrow(wanted.matchers)
        except FilterError as error:
            screen.say(f"view {name}: {error}", Role.WARNING)
    elif kind == "theme" and name:
        screen.app.theme = name
    else:
        screen.do(screen.keys.by_id(command))


def repaint(screen: "MainScreen") -> None:
    """Paint the whole screen anew."""
    screen.refresh(repaint=True)


def leave(screen: "MainScreen", action: str) -> None:
    """Leave at the second press of the same key."""
    if screen.asked == action:
        screen.app.exit(return_code=0)
        return
    screen.asked = action
    key = next(iter(screen.keys.by_id(action).keys), action)
    screen.say(f"{key} again leaves Cockpit; any other key stays", Role.WARNING)


def quit_or_back(screen: "MainScreen") -> None:
    """Go back, and at the top ask whether to leave."""
    if screen.asked is not None or not back(screen):
        leave(screen, "quit")
