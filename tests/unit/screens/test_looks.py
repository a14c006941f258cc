"""Colours, glyphs and the clipboard on any terminal."""

import pytest

from cockpit.clipboard import copy_text
from cockpit.model.drawing import ASCII, UNICODE, Role
from cockpit.themes import DAY, NIGHT, SIXTEEN, choose_glyphs, choose_palette, palette_of
from widgets.palette import PLAIN, Palette, Tone


def _night() -> Palette:
    return palette_of("cockpit", {name: getattr(NIGHT, name) for name in ("error", "warning")}, dark=True)


@pytest.mark.parametrize("palette", [PLAIN, SIXTEEN, _night(), palette_of("day", {}, dark=DAY.dark)])
def test_every_role_has_a_style_in_every_tone(palette: Palette) -> None:
    """No role is without a style, whatever the theme."""
    for tone in Tone:
        for role in Role:
            palette.style(role, tone)


def test_no_colour_means_none() -> None:
    """With NO_COLOR no style has a colour; weight and reverse video tell what colours told."""
    assert all(style.color is None and style.bgcolor is None for style in PLAIN.styles.values())
    assert PLAIN.style(Role.FIRING) != PLAIN.style(Role.PLAIN)
    assert PLAIN.style(Role.PLAIN, Tone.CURSOR).reverse


def test_sixteen_colours_keep_the_terminals_ground() -> None:
    """With sixteen colours no ground is painted, so that nothing is black on black."""
    assert all(style.bgcolor is None for style in SIXTEEN.styles.values())


def test_production_has_a_hue_of_its_own() -> None:
    """The hue of production is used by no other role."""
    palette = _night()
    ground = palette.style(Role.PRODUCTION).bgcolor
    others = [palette.style(role) for role in Role if role is not Role.PRODUCTION]
    assert all(ground not in {style.color, style.bgcolor} for style in others)


@pytest.mark.parametrize(
    ("colours", "no_color", "ansi", "name"),
    [
        ("truecolor", False, False, "nord"),
        ("256", False, False, "nord"),
        ("standard", False, False, "sixteen"),
        ("truecolor", False, True, "sixteen"),
        ("truecolor", True, False, "plain"),
        (None, False, False, "plain"),
    ],
)
def test_the_palette_fits_the_terminal(colours: str | None, no_color: bool, ansi: bool, name: str) -> None:
    """The theme is used where the terminal can show it, else the sixteen colours, else none."""
    found = choose_palette("nord", {}, dark=True, ansi=ansi, colours=colours, no_color=no_color)
    assert found.name == name


@pytest.mark.parametrize(
    ("wanted", "environment", "ascii_only"),
    [
        (None, {"LANG": "en_GB.UTF-8"}, False),
        (None, {"LANG": "C.utf8"}, False),
        (None, {"LANG": "C"}, True),
        (None, {}, True),
        (None, {"LANG": "en_GB.UTF-8", "LC_ALL": "C"}, True),
        (None, {"LANG": "en_GB.UTF-8", "TERM": "linux"}, True),
        (False, {"LANG": "C"}, False),
        (True, {"LANG": "en_GB.UTF-8"}, True),
    ],
)
def test_glyphs_fit_the_locale(wanted: bool | None, environment: dict[str, str], ascii_only: bool) -> None:
    """ASCII glyphs are taken where the locale is not UTF-8 or TERM is linux, unless the person chose."""
    assert choose_glyphs(wanted, environment) is (ASCII if ascii_only else UNICODE)


def test_the_clipboard_says_how() -> None:
    """Outside tmux the terminal is asked, and the way is told."""
    written: list[str] = []
    said = copy_text("drill", written.append, {})
    assert written == ["drill"]
    assert "OSC 52" in said


def test_the_clipboard_without_tmux_running(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where tmux does not take it that is told, and the terminal is asked instead."""
    monkeypatch.setenv("PATH", str(tmp_path))
    written: list[str] = []
    assert "did not take it" in copy_text("drill", written.append, {"TMUX": "/gone,1,0"})
    assert written == ["drill"]
