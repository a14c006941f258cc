"""Drawings: rows of text and role, made by pure painters and painted by panes and the command line alike."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from cockpit.text import width


class Role(StrEnum):
    """What a piece of text means; the theme says how that looks. Meaning is never by colour alone."""

    PLAIN = "plain"
    DIM = "dim"
    STRONG = "strong"
    TITLE = "title"
    KEY = "key"
    FIRING = "firing"
    WARNING = "warning"
    FINE = "fine"
    UNKNOWN = "unknown"
    PENDING = "pending"
    STALE = "stale"
    SUSPECT = "suspect"
    CHANGE = "change"
    SELECTED = "selected"
    MATCH = "match"
    PERSON = "person"
    PRODUCTION = "production"
    PAUSED = "paused"
    FRAME = "frame"
    FOCUS = "focus"


class Span(NamedTuple):
    """A piece of one row."""

    text: str
    role: Role = Role.PLAIN


Line = tuple[Span, ...]
"""One row, left to right."""


def line_width(line: Line) -> int:
    """Return how many cells a row takes."""
    return sum(width(span.text) for span in line)


def line_text(line: Line) -> str:
    """Return the row without its roles."""
    return "".join(span.text for span in line)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Rows of text and role, and where its things stand."""

    lines: tuple[Line, ...]
    selected: int | None = None
    """The row that holds the selection, where there is one."""
    names: tuple[tuple[int, int, int, str], ...] = ()
    """Row, first cell, width and name of each thing that can be selected."""

    def text(self) -> str:
        """Return the drawing as plain text."""
        return "\n".join(line_text(line).rstrip() for line in self.lines)


@dataclass(frozen=True, slots=True)
class Glyphs:
    """A glyph set; every glyph is one cell wide in it."""

    fine: str = "●"
    warning: str = "▲"
    firing: str = "✗"
    unknown: str = "○"
    pending: str = "◌"
    flapping: str = "~"
    silenced: str = "S"
    inhibited: str = "I"
    resolved: str = "✓"
    lost: str = "?"
    no_traffic: str = "↓"
    third_party: str = "◇"
    change: str = "⇡"
    rollback: str = "⇣"
    config: str = "≡"
    flag: str = "⚑"
    infrastructure: str = "■"
    ellipsis: str = "…"
    left: str = "‹"
    right: str = "›"
    back: str = "↺"
    times: str = "×"
    horizontal: str = "─"
    vertical: str = "│"
    heavy: str = "━"
    heavy_vertical: str = "┃"
    step: str = "┄"
    arrow: str = "►"
    step_arrow: str = "▷"
    corners: str = "╭╮╰╯"
    tees: str = "├┤┬┴┼"
    heavy_corners: str = "┏┓┗┛"
    heavy_tees: str = "┣┫┳┻╋"
    spark: str = "▁▂▃▄▅▆▇█"
    cursor: str = "›"
    new: str = "+"
    marked: str = "*"
    ascii: bool = False

    def of_change(self, kind: str, *, rollback: bool = False, failed: bool = False) -> str:
        """Return the glyph of a change of a kind."""
        if failed:
            return self.firing
        if rollback:
            return self.rollback
        return {"config": self.config, "flag": self.flag, "infrastructure": self.infrastructure}.get(kind, self.change)


UNICODE = Glyphs()
"""Glyphs that agree in width in rich, tmux and xterm."""

ASCII = Glyphs(
    fine="o",
    warning="!",
    firing="X",
    unknown=".",
    pending=":",
    resolved="v",
    no_traffic="0",
    third_party="*",
    change="^",
    rollback="v",
    config="=",
    flag="P",
    infrastructure="#",
    ellipsis="~",
    left="<",
    right=">",
    back="@",
    times="x",
    horizontal="-",
    vertical="|",
    heavy="=",
    heavy_vertical="#",
    step=".",
    arrow=">",
    step_arrow=">",
    corners=",,``",
    tees="++,`+",
    heavy_corners=";;``",
    heavy_tees="**;`*",
    spark="_.:-=+*#",
    cursor=">",
    ascii=True,
)
"""For terminals whose locale is not UTF-8, and for TERM=linux or dumb.

A line that begins (`,`, heavy `;`), one that is joined (`+`, heavy `*`) and one that ends are told apart, and a crossing
(`-|-`) from all of them.
"""
