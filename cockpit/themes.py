"""Themes: the looks that ship with Cockpit, and how any theme of Textual becomes styles for roles."""

import os
from collections.abc import Mapping

from rich.style import Style
from textual.color import Color, ColorParseError
from textual.theme import Theme

from cockpit.model.drawing import ASCII, UNICODE, Glyphs, Role
from widgets.palette import PLAIN, Palette, with_tones

NIGHT = Theme(
    name="cockpit",
    primary="#5fafd7",
    secondary="#87afaf",
    accent="#5fafd7",
    warning="#ffaf5f",
    error="#ff5f5f",
    success="#87af87",
    foreground="#c6c6c6",
    background="#121212",
    surface="#1c1c1c",
    panel="#303030",
    dark=True,
)
"""The default: nearly colourless at rest, every colour one of the 256."""

DAY = Theme(
    name="cockpit-light",
    primary="#005f87",
    secondary="#5f8787",
    accent="#005f87",
    warning="#af5f00",
    error="#af0000",
    success="#5f875f",
    foreground="#303030",
    background="#ffffff",
    surface="#eeeeee",
    panel="#d0d0d0",
    dark=False,
)
"""The same on a light ground."""

_PRODUCTION = Style(color="#ffffff", bgcolor="#8700af", bold=True)
"""A violet that nothing else has: never red, amber or green."""


def _color(variables: Mapping[str, str], name: str, fallback: str) -> Color:
    try:
        return Color.parse(variables.get(name, fallback))
    except ColorParseError:
        return Color.parse(fallback)


def palette_of(name: str, variables: Mapping[str, str], *, dark: bool, many: bool = True) -> Palette:
    """Return the styles of a theme of Textual.

    Args:
        name: The theme's name.
        variables: Its colours by name, as CSS has them.
        dark: Whether its ground is dark.
        many: Whether the terminal has more than 256 colours; of those, none lies near a dark tint but greys.
    """
    ground = _color(variables, "background", "#121212" if dark else "#ffffff")
    text = _color(variables, "foreground", "#c6c6c6" if dark else "#303030")
    strong = Color.parse("#ffffff" if dark else "#000000")

    def style(color: Color, *, bold: bool = False, underline: bool = False) -> Style:
        return Style(color=color.rich_color, bgcolor=ground.rich_color, bold=bold, underline=underline)

    firing = _color(variables, "error", "#ff5f5f")
    warning = _color(variables, "warning", "#ffaf5f")
    accent = _color(variables, "accent", "#5fafd7")
    fine = _color(variables, "success", "#87af87")
    dim = text.blend(ground, 0.37)
    looks = {
        Role.PLAIN: style(text),
        Role.DIM: style(dim),
        Role.STRONG: style(text.blend(strong, 0.7), bold=True),
        Role.TITLE: style(text.blend(ground, 0.15)),
        Role.KEY: style(accent, bold=True),
        Role.FIRING: style(firing, bold=True),
        Role.WARNING: style(warning),
        Role.FINE: style(fine.blend(ground, 0.25)),
        Role.UNKNOWN: style(text.blend(ground, 0.3)),
        Role.PENDING: style(dim),
        Role.STALE: style(warning.blend(ground, 0.2)),
        Role.SUSPECT: style(warning, bold=True),
        Role.CHANGE: style(accent),
        Role.SELECTED: Style(color=ground.rich_color, bgcolor=text.rich_color),
        Role.MATCH: style(strong, underline=True),
        Role.PERSON: style(accent.blend(strong, 0.35)),
        Role.PRODUCTION: _PRODUCTION,
        Role.PAUSED: Style(color=ground.rich_color, bgcolor=warning.rich_color, bold=True),
        Role.FRAME: style(text.blend(ground, 0.68)),
        Role.FOCUS: style(accent, bold=True),
    }
    return Palette(
        name,
        with_tones(
            looks,
            cursor=Style(bgcolor=(ground.blend(accent, 0.22) if many else ground.blend(text, 0.2)).rich_color),
            idle=Style(bgcolor=ground.blend(text, 0.10).rich_color),
            stale=Style(color=dim.rich_color, bold=False),
        ),
    )


def _sixteen() -> Palette:
    looks = dict.fromkeys(Role, Style())
    looks |= dict.fromkeys((Role.DIM, Role.FRAME, Role.PENDING), Style(dim=True))
    looks |= {
        Role.STRONG: Style(bold=True),
        Role.KEY: Style(color="cyan", bold=True),
        Role.FIRING: Style(color="red", bold=True),
        Role.WARNING: Style(color="yellow"),
        Role.FINE: Style(color="green"),
        Role.STALE: Style(color="yellow"),
        Role.SUSPECT: Style(color="yellow", bold=True),
        Role.CHANGE: Style(color="cyan"),
        Role.SELECTED: Style(reverse=True),
        Role.MATCH: Style(underline=True),
        Role.PERSON: Style(color="cyan"),
        Role.PRODUCTION: Style(color="magenta", reverse=True, bold=True),
        Role.PAUSED: Style(reverse=True, bold=True),
        Role.FOCUS: Style(color="cyan", bold=True),
    }
    return Palette(
        "sixteen",
        with_tones(
            looks, cursor=Style(reverse=True, bold=True), idle=Style(bold=True), stale=Style(dim=True), flat=True
        ),
    )


SIXTEEN = _sixteen()
"""Sixteen colours on the terminal's own ground, whatever that is."""


def choose_palette(
    name: str, variables: Mapping[str, str], *, dark: bool, ansi: bool, colours: str | None, no_color: bool
) -> Palette:
    """Return the palette for a theme on a terminal.

    Args:
        name: The theme's name.
        variables: Its colours by name.
        dark: Whether its ground is dark.
        ansi: Whether the theme keeps to the terminal's own colours.
        colours: How many the terminal has, in rich's words: null, standard, 256 or truecolor.
        no_color: Whether the person wants none.
    """
    if no_color or colours is None:
        return PLAIN
    if ansi or colours == "standard":
        return SIXTEEN
    return palette_of(name, variables, dark=dark, many=colours == "truecolor")


def choose_glyphs(wanted: bool | None, environment: Mapping[str, str] = os.environ) -> Glyphs:
    """Return the glyph set: what was configured, else ASCII where the locale is not UTF-8 or TERM is linux or dumb."""
    if wanted is not None:
        return ASCII if wanted else UNICODE
    if environment.get("TERM", "") in {"linux", "dumb"}:
        return ASCII
    locale = next((value for name in ("LC_ALL", "LC_CTYPE", "LANG") if (value := environment.get(name))), "")
    return UNICODE if "utf-8" in locale.lower() or "utf8" in locale.lower() else ASCII
