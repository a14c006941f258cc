"""The keys that actions have for a person: which action a key means in a pane, and how keys are said and documented."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cockpit.actions import ACTIONS, ANYWHERE, GROUPS, Action

FORBIDDEN = frozenset({"ctrl+a", "ctrl+b", "ctrl+h", "ctrl+i", "ctrl+m", "[", "A", "B", "C", "D", "F", "H", "O", "P"})
"""Keys that tmux takes, that terminals send for others, or that a slow link makes out of an arrow or function key."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The actions with the keys that they have for this person."""

    actions: tuple[Action, ...]

    def find(self, key: str, pane: str) -> Action | None:
        """Return the action of a key in a pane; null where it has none anywhere in reach."""
        return next((action for action in self.actions if key in action.keys and pane in action.panes), None)

    def elsewhere(self, key: str) -> Action | None:
        """Return the action that a key has in another pane."""
        return next((action for action in self.actions if key in action.keys), None)

    def by_id(self, name: str) -> Action:
        """Return the action of an id."""
        return next(action for action in self.actions if action.id == name)

    def hints(self, pane: str) -> tuple[Action, ...]:
        """Return the footer's actions in a pane, in their order; help is always the last."""
        here = f"pane-{pane}"
        found = (action for action in self.actions if action.rank and pane in action.panes and action.id != here)
        return tuple(sorted(found, key=lambda action: action.rank))


def make_keys(chosen: Mapping[str, str]) -> Keys:
    """Return the actions with a person's own keys.

    Args:
        chosen: Action id to keys, separated by commas. A key given to an action is taken from any other in reach.
    """
    given = {name: tuple(key.strip() for key in keys.split(",") if key.strip()) for name, keys in chosen.items()}
    actions = []
    for action in ACTIONS:
        if action.id in given:
            actions.append(replace(action, keys=given[action.id]))
            continue
        taken = {
            key
            for name, keys in given.items()
            if any(other.id == name and set(other.panes) & set(action.panes) for other in ACTIONS)
            for key in keys
        }
        actions.append(replace(action, keys=tuple(key for key in action.keys if key not in taken)))
    return Keys(tuple(actions))


def unknown_ids(chosen: Iterable[str]) -> tuple[str, ...]:
    """Return those of the ids that no action has."""
    known = {action.id for action in ACTIONS}
    return tuple(name for name in chosen if name not in known)


_NAMES = {"escape": "esc", "pagedown": "pgdn", "pageup": "pgup", "down": "↓", "up": "↑", "space": "space"}


def say_key(key: str, *, ascii_only: bool = False) -> str:
    """Return a key as footer and help show it."""
    shown = _NAMES.get(key, key)
    return key if ascii_only and not shown.isascii() else shown


def say_keys(action: Action, *, ascii_only: bool = False) -> str:
    """Return an action's keys as help shows them."""
    return " ".join(say_key(key, ascii_only=ascii_only) for key in action.keys)


def keys_page(actions: Iterable[Action] = ACTIONS) -> str:
    """Return the keys page of the documents, in Markdown."""
    lines = ["# Keys", "", "Every action has an id; `keys` in the configuration gives it others.", ""]
    group = ""
    for action in sorted(actions, key=lambda one: GROUPS.index(one.group)):
        if action.group != group:
            group = action.group
            lines += ["", f"## {group}", "", "| keys | id | where | does |", "|---|---|---|---|"]
        keys = " ".join(f"`{say_key(key)}`" for key in action.keys)
        where = "everywhere" if action.panes == ANYWHERE else ", ".join(action.panes)
        lines.append(f"| {keys} | {action.id} | {where} | {action.help.replace('|', '/')} |")
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"
