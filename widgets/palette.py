"""How roles look: one rich style for each role and tone, resolved once a theme."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from rich.style import Style

from cockpit.model.drawing import Role


class Tone(IntEnum):
    """How a whole row stands out."""

    NORMAL = 0
    CURSOR = 1
    """The row under the cursor of the pane in focus."""
    IDLE = 2
    """The row under the cursor of another pane."""
    STALE = 3
    """A row of a pane whose systems do not answer: the last that is known."""
    STALE_CURSOR = 4
    """Such a row under the cursor of the pane in focus."""
    STALE_IDLE = 5
    """Such a row under the cursor of another pane."""

    @property
    def stale(self) -> "Tone":
        """The tone of the same row in a pane whose systems do not answer."""
        return {Tone.CURSOR: Tone.STALE_CURSOR, Tone.IDLE: Tone.STALE_IDLE}.get(self, Tone.STALE)


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """Styles by tone and role; compared by identity, so that a new one repaints everything."""

    name: str
    styles: Mapping[tuple[Tone, Role], Style]

    def style(self, role: Role, tone: Tone = Tone.NORMAL) -> Style:
        """Return the style of a role in a tone."""
        return self.styles[tone, role]


def _plain() -> Palette:
    """Return the palette without any colour: weight, dimming and reverse video only."""
    bold, dim, reverse = Style(bold=True), Style(dim=True), Style(reverse=True, bold=True)
    looks = dict.fromkeys(Role, Style())
    looks |= dict.fromkeys((Role.DIM, Role.FRAME, Role.PENDING, Role.FINE), dim)
    looks |= dict.fromkeys((Role.STRONG, Role.FIRING, Role.WARNING, Role.KEY, Role.PERSON, Role.CHANGE), bold)
    looks |= {
        Role.SUSPECT: bold,
        Role.MATCH: Style(underline=True),
        Role.FOCUS: Style(bold=True, reverse=True),
        Role.SELECTED: reverse,
        Role.PRODUCTION: reverse,
        Role.PAUSED: reverse,
    }
    return Palette("plain", with_tones(looks, cursor=reverse, idle=bold, stale=dim, flat=True))


def with_tones(
    looks: Mapping[Role, Style], *, cursor: Style, idle: Style, stale: Style, flat: bool = False
) -> dict[tuple[Tone, Role], Style]:
    """Return the styles of all tones.

    Args:
        looks: The styles of the normal tone.
        cursor: Added to what stands under the cursor.
        idle: The same in a pane without focus.
        stale: Replaces the colours of what is no longer known to be true.
        flat: Whether the cursor's row takes the cursor's style alone (reverse video over many colours is unreadable).
    """
    styles: dict[tuple[Tone, Role], Style] = {}
    for role in Role:
        look = looks[role]
        framed = role in {Role.FRAME, Role.FOCUS, Role.TITLE}
        styles[Tone.NORMAL, role] = look
        styles[Tone.CURSOR, role] = look if framed else cursor if flat else look + cursor
        styles[Tone.IDLE, role] = look if framed else look + idle
        old = looks[Role.PLAIN] + stale + Style(reverse=True) if role is Role.SELECTED else look + stale
        styles[Tone.STALE, role] = look if framed else old
        styles[Tone.STALE_CURSOR, role] = look if framed else cursor + stale if flat else look + stale + cursor
        styles[Tone.STALE_IDLE, role] = look if framed else look + stale + idle
    return styles


PLAIN = _plain()
"""No colours at all: for NO_COLOR, and until a theme is known."""
