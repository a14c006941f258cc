"""Paints a running app's screen into a picture, cell by cell, with the fonts of Debian's fonts-dejavu-core."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from rich.color import ColorType
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import DEFAULT_TERMINAL_THEME, TerminalTheme
from textual.app import App

from cockpit.text import width

FONTS = Path("/usr/share/fonts/truetype/dejavu")
"""Where Debian keeps the font whose box characters join."""

SIZE = 15
"""Height of the font in pixels."""

Colour = tuple[int, int, int]

BACKGROUND: Colour = (18, 20, 24)
FOREGROUND: Colour = (208, 212, 218)


def fonts_present() -> bool:
    """Tell whether pictures can be made on this machine."""
    return (FONTS / "DejaVuSansMono.ttf").exists()


@lru_cache(maxsize=2)
def _font(bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / f"DejaVuSansMono{'-Bold' if bold else ''}.ttf"), SIZE)


def _rgb(parts: Sequence[int]) -> Colour:
    red, green, blue = parts
    return red, green, blue


@lru_cache(maxsize=4096)
def _colours(style: Style, theme: TerminalTheme) -> tuple[Colour, Colour]:
    ink, paper = FOREGROUND, BACKGROUND
    if style.color is not None and style.color.type is not ColorType.DEFAULT:
        ink = _rgb(style.color.get_truecolor(theme, foreground=True))
    if style.bgcolor is not None and style.bgcolor.type is not ColorType.DEFAULT:
        paper = _rgb(style.bgcolor.get_truecolor(theme, foreground=False))
    if style.reverse:
        ink, paper = paper, ink
    if style.dim:
        ink = _rgb([(a * 6 + b * 4) // 10 for a, b in zip(ink, paper, strict=True)])
    return ink, paper


def paint(rows: list[list[Segment]], columns: int, target: Path) -> None:
    """Write rows of segments as a PNG."""
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
            ink, paper = _colours(look, DEFAULT_TERMINAL_THEME)
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
    image.quantize(64).save(target, optimize=True)


def snap(app: App[object], target: Path) -> None:
    """Write what a running app shows now as a PNG."""
    strips = app.screen._compositor.render_strips()
    paint([list(strip) for strip in strips], app.size.width, target)
