"""From lines of text and role to strips of styled cells, and from two of them to the span that differs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from cockpit.model.drawing import ASCII, UNICODE, Line, Span
from cockpit.text import cut, width
from widgets.palette import Palette, Tone

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""What would drive the terminal. All text was cleaned where it entered; this is the last guard."""

_STAND_IN = "\N{REPLACEMENT CHARACTER}"

_NEW_LINE = "\N{SYMBOL FOR NEWLINE}"


def guard(text: str) -> str:
    """Return the text with stand-ins for control characters, and for any whose width the toolkit sees differently."""
    if _CONTROL.search(text):
        text = _CONTROL.sub(_STAND_IN, text.replace("\n", _NEW_LINE))
    if text.isascii():
        return text
    if cell_len(text) == width(text):
        return text
    return "".join(char if cell_len(char) == width(char) else _STAND_IN * width(char) for char in text)


@lru_cache(maxsize=1)
def _ascii_signs() -> Mapping[str, str]:
    """Return the ASCII sign for each sign of the other glyph set."""
    signs = {"·": "."}
    for field in fields(UNICODE):
        ours, plain = getattr(UNICODE, field.name), getattr(ASCII, field.name)
        if isinstance(ours, str):
            signs.update(zip(ours, plain, strict=True))
    return {ours: plain for ours, plain in signs.items() if not ours.isascii()}


def in_ascii(line: Line) -> Line:
    """Return the line, as wide as it is, in ASCII: our signs by theirs, what else a terminal could not show by `?`."""
    if all(span.text.isascii() for span in line):
        return line
    signs = _ascii_signs()
    return tuple(
        Span("".join(char if char.isascii() else signs.get(char, "?" * width(char)) for char in span.text), span.role)
        for span in line
    )


def fit_line(line: Line, cells: int, ellipsis: str = "…") -> Line:
    """Return the line cut or padded to exactly so many cells."""
    used = 0
    for number, span in enumerate(line):
        size = width(span.text)
        if used + size > cells:
            text = cut(span.text, cells - used, ellipsis)
            kept = (*line[:number], Span(text, span.role))
            short = cells - used - width(text)
            return (*kept, Span(" " * short)) if short else kept
        used += size
    return line if used == cells else (*line, Span(" " * (cells - used)))


def make_strip(line: Line, tone: Tone, palette: Palette, cells: int) -> Strip:
    """Return a line's strip, neighbours of one style joined; the line must be that many cells wide."""
    styles = palette.styles
    segments: list[Segment] = []
    text, style = "", None
    for span in line:
        look = styles[tone, span.role]
        if look is style:
            text += span.text
            continue
        if text:
            segments.append(Segment(guard(text), style))
        text, style = span.text, look
    if text:
        segments.append(Segment(guard(text), style))
    return Strip(segments, cells)


def changed_span(old: Strip, new: Strip) -> tuple[int, int] | None:
    """Return the first cell that differs and how many do to the last one, or null where none does."""
    before = [(segment.text, segment.style) for segment in old]
    after = [(segment.text, segment.style) for segment in new]
    start = _common(before, after, reverse=False)
    end = _common(before, after, reverse=True)
    cells = new.cell_length
    if old.cell_length != cells:
        return 0, cells
    return (start, cells - start - end) if start + end < cells else None


def _common(before: Sequence[tuple[str, object]], after: Sequence[tuple[str, object]], *, reverse: bool) -> int:
    """Return how many cells at the begin (or the end) are the same in both.

    A character of which any part may differ is not counted, so that no wide one is ever cut in half.
    """
    step = -1 if reverse else 1
    same = 0
    rest_before, rest_after = before[::step], after[::step]
    number = 0
    while number < min(len(rest_before), len(rest_after)) and rest_before[number] == rest_after[number]:
        same += width(rest_before[number][0])
        number += 1
    if number < min(len(rest_before), len(rest_after)):
        (text_before, style_before), (text_after, style_after) = rest_before[number], rest_after[number]
        if style_before is style_after:
            left, right = text_before[::step], text_after[::step]
            pairs = enumerate(zip(left, right, strict=False))
            alike = next((number for number, (one, other) in pairs if one != other), min(len(left), len(right)))
            while alike and not (_has_width(left, alike) and _has_width(right, alike)):
                alike -= 1
            same += width(left[:alike])
    return same


def _has_width(text: str, at: int) -> bool:
    """Tell whether a character takes cells of its own: one that does not belongs to the one before it."""
    return at >= len(text) or text[at].isascii() or width(text[at]) > 0
