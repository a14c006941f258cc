"""The command palette's contents: every action, every named filter, every theme."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cockpit.keymap import Keys, say_keys
from cockpit.situation import Situation


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the palette."""

    id: str
    """An action's id, `view NAME` or `theme NAME`."""
    name: str
    help: str
    keys: str = ""
    reason: str | None = None
    """Why it cannot be done now."""


def commands(keys: Keys, now: Situation, views: Mapping[str, str], themes: Sequence[str]) -> tuple[Command, ...]:
    """Return the palette's lines: actions in the table's order, named filters, themes, and last what cannot be done now."""
    found = []
    for action in keys.actions:
        if action.id == "palette":
            continue
        away = None if now.pane in action.panes else f"it works in {', '.join(action.panes)}"
        found.append(Command(action.id, action.label, action.help, say_keys(action), away or action.why_not(now)))
    found += [Command(f"view {name}", f"view {name}", f"Show only {text}") for name, text in views.items()]
    found += [Command(f"theme {name}", f"theme {name}", "Change the colours.") for name in sorted(themes)]
    return tuple(sorted(found, key=lambda one: one.reason is not None))
