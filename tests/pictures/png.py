"""Paints a running app's screen into a picture, cell by cell, with the fonts of Debian's fonts-dejavu-core."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from rich.color import Color, ColorSystem, ColorType
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.app import App

from cockpit.text import width

FONTS = Path("/usr/share/fonts/truetype/dejavu")
"""Where Debian keeps the font whose box characters join."""

SIZE = 15
"""Height of the font in pixels."""

Colour = tuple[int, int, int]

BACKGROUND: Colour = (18, 20, 24)
FOREGROUND: Colour = (208, 212, 218)

TERMINAL = TerminalTheme(
    BACKGROUND,
    FOREGROUND,
    [
        (0, 0, 0),
        (205, 49, 49),
        (19, 161, 14),
        (196, 160, 0),
        (58, 120, 200),
        (188, 63, 188),
        (17, 168, 205),
        (204, 204, 204),
    ],
)
"""The sixteen colours, about as terminals of today have them."""

_STEPS = 7
"""Shades that are kept between ink and paper, for the edges of letters."""

_SHADES = 255
"""Colours that a picture has at most."""


def fonts_present() -> bool:
    """Tell whether pictures can be made on this machine."""
    return (FONTS / "DejaVuSansMono.ttf").exists()


@lru_cache(maxsize=2)
def _font(bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / f"DejaVuSansMono{'-Bold' if bold else ''}.ttf"), SIZE)


def _rgb(parts: Sequence[int]) -> Colour:
    red, green, blue = parts
    return red, green, blue


def _shown(color: Color | None, otherwise: Colour, system: ColorSystem) -> Colour:
    """Return a colour as a terminal with so many colours shows it."""
    if color is None or color.type is ColorType.DEFAULT:
        return otherwise
    if color.type is ColorType.TRUECOLOR and system is not ColorSystem.TRUECOLOR:
        color = color.downgrade(system)
    return _rgb(color.get_truecolor(TERMINAL))


@lru_cache(maxsize=4096)
def _colours(style: Style, system: ColorSystem) -> tuple[Colour, Colour]:
    ink = _shown(style.color, FOREGROUND, system)
    paper = _shown(style.bgcolor, BACKGROUND, system)
    if style.reverse:
        ink, paper = paper, ink
    if style.dim:
        ink = _rgb([(a * 6 + b * 4) // 10 for a, b in zip(ink, paper, strict=True)])
    return ink, paper


def _shades(pairs: Iterable[tuple[Colour, Colour]]) -> Image.Image:
    """Return a picture that holds the colours of all pairs of ink and paper, and the steps between them."""
    kept: dict[Colour, None] = {BACKGROUND: None}
    for step in (0, _STEPS, *range(1, _STEPS)):
        for ink, paper in pairs:
            red, green, blue = (b + (a - b) * step // _STEPS for a, b in zip(ink, paper, strict=True))
            kept[red, green, blue] = None
    image = Image.new("P", (1, 1))
    flat = [part for colour in list(kept)[:_SHADES] for part in colour]
    image.putpalette(flat + flat[:3] * (256 - len(flat) // 3))
    return image


def paint(rows: list[list[Segment]], columns: int, target: Path, system: ColorSystem = ColorSystem.TRUECOLOR) -> None:
    """Write rows of segments as a PNG.

    Args:
        rows: The screen, line by line.
        columns: How many cells a line has.
        target: The file.
        system: How many colours the terminal has.
    """
    used: dict[tuple[Colour, Colour], None] = {}
    plain = _font(False)
    cell = round(plain.getlength("M"))
    ascent, descent = plain.getmetrics()
    line = ascent + descent
    margin = 8
    image = Image.new("RGB", (columns * cell + 2 * margin, len(rows) * line + 2 * margin), BACKGROUND)
    draw = ImageDraw.Draw(image)
    for number, row in enumerate(rows):
        x, y = margin, margin + number * line
        for text, style, _ in row:
            look = style or Style.null()
            ink, paper = _colours(look, system)
            used[ink, paper] = None
            font = _font(bool(look.bold))
            for char in text:
                wide = cell * width(char)
                if paper != BACKGROUND:
                    draw.rectangle((x, y, x + wide - 1, y + line - 1), fill=paper)
                if char != " ":
                    draw.text((x, y), char, font=font, fill=ink)
                if look.underline:
                    draw.line((x, y + ascent + 1, x + wide - 1, y + ascent + 1), fill=ink)
                x += wide
    target.parent.mkdir(parents=True, exist_ok=True)
    image.quantize(palette=_shades(used), dither=Image.Dither.NONE).save(target, optimize=True)


def snap(app: App[None], target: Path) -> None:
    """Write what a running app shows now as a PNG, with the colours that its console has."""
    strips = app.screen._compositor.render_strips()
    systems = {"standard": ColorSystem.STANDARD, "256": ColorSystem.EIGHT_BIT}
    system = systems.get(app.console.color_system or "", ColorSystem.TRUECOLOR)
    paint([list(strip) for strip in strips], app.size.width, target, system)
