"""Text from outside, made safe to show, and the width it takes on a terminal.

Every string that a system answers passes through `clean` once, where it enters (the modules of
`cockpit.systems`); nothing behind them has to think of it again.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

LIMIT = 4096
"""Characters kept of one value; what is cut is counted."""

_STAND_INS = {
    **{code: 0x2400 + code for code in range(0x20) if code not in (0x09, 0x0A)},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
}
"""C0 and DEL become their pictures, C1 the replacement character."""

_DROPPED = re.compile(
    "[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufe00-\ufe0f\u061c\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u3164\uffa0\ufff0-\ufffb\U0001f3fb-\U0001f3ff\U000e0000-\U000e0fff\U0001f1e6-\U0001f1ff]"
)
"""Bidi and zero-width controls, variation selectors, joiners, skin tones, flags: they move or hide what is read."""

_STAND_IN = "\u00b7"
"""What is shown for a dropped control, so that a reader sees that something stood there."""

_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def clean(value: str, limit: int = LIMIT) -> str:
    r"""Return the text without anything that could drive a terminal or mislead a reader.

    Newline and tab stay (tabs as four spaces); other controls become visible stand-ins; a carriage return
    before a newline goes. At most `limit` characters are kept, with the number of the cut ones behind them.
    """
    cut = len(value) - limit
    if cut > 0:
        value = value[:limit]
    if not value.isascii() or _UNSAFE.search(value) or "\t" in value:
        value = value.replace("\r\n", "\n").replace("\t", "    ")
        value = _SURROGATE.sub("\ufffd", value)
        value = value.translate(_STAND_INS)
        value = _DROPPED.sub(_STAND_IN, value)
    return f"{value}… ({cut:,} more)" if cut > 0 else value


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence has them: `a`, `a and b`, `a, b and c`."""
    *others, last = names or ("",)
    return f"{', '.join(others)} and {last}" if others else last


def one_line(value: str, limit: int = 400) -> str:
    """Return the cleaned text on one line, its runs of white space folded to one space."""
    return " ".join(clean(value, limit).split())


@lru_cache(maxsize=4096)
def _char_width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def width(value: str) -> int:
    """Return how many terminal cells the text takes."""
    if value.isascii():
        return len(value)
    return sum(map(_char_width, value))


def fit(value: str, cells: int, ellipsis: str = "…") -> str:
    """Return the text padded or cut to exactly so many cells, a cut one ending in the ellipsis."""
    if value.isascii() and len(value) <= cells:
        return value + " " * (cells - len(value))
    size = width(value)
    if size <= cells:
        return value + " " * (cells - size)
    if cells <= 0:
        return ""
    room = cells - width(ellipsis)
    if room < 0:
        return " " * cells
    kept: list[str] = []
    for char in value:
        wide = _char_width(char)
        if wide > room:
            break
        kept.append(char)
        room -= wide
    return "".join(kept) + ellipsis + " " * room


def fitting(value: str, cells: int) -> int:
    """Return how many characters at the begin of the text fit into so many cells."""
    if value.isascii():
        return max(0, min(len(value), cells))
    for number, char in enumerate(value):
        cells -= _char_width(char)
        if cells < 0:
            return number
    return len(value)


def cut(value: str, cells: int, ellipsis: str = "…") -> str:
    """Return the text cut to at most so many cells, without padding."""
    return fit(value, cells, ellipsis).rstrip(" ") if width(value) > cells else value


_USER_INFO = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)([^/\s?#\"'<>\\]*)@")


def _without_user(found: re.Match[str]) -> str:
    scheme, user = found.groups()
    if scheme.lower() in {"ssh://", "git+ssh://"}:  # a login name is no credential there, and belongs to the address
        name = user.partition(":")[0]
        return f"{scheme}{name}@" if name else scheme
    return scheme


def bare(value: str) -> str:
    """Return the text with the credentials of every URL in it removed."""
    return _USER_INFO.sub(_without_user, value) if "://" in value else value
