"""What a context says of keys and theme, checked where it counts: only the screen knows which there are."""

from cockpit.config import ConfigError, Context
from cockpit.config.table import nearest, unknown_key


def check_tastes(context: Context) -> None:
    """Refuse a key for an action, or a theme, that there is not.

    Raises:
        ConfigError: There is one; names the nearest known.
    """
    place = f"{context.source}: contexts.{context.name}"
    if context.keys:
        from cockpit.actions import ACTIONS
        from cockpit.keymap import unknown_ids

        for name in unknown_ids(context.keys):
            raise unknown_key(f"{place}.keys.{name}", name, [action.id for action in ACTIONS])
    if context.theme is not None:
        known = _themes()
        if context.theme not in known:
            meant = nearest(context.theme, known)
            remedy = f"did you mean {meant}?" if meant else f"themes: {', '.join(known)}"
            raise ConfigError(f"{place}.theme", f"there is no theme {context.theme!r}", remedy)


def _themes() -> list[str]:
    from textual.theme import BUILTIN_THEMES

    from cockpit.themes import DAY, NIGHT

    return sorted({NIGHT.name, DAY.name, *BUILTIN_THEMES})
