"""Writes values as YAML that reads well and is read back as it was: flow where it fits a line, block where it does not."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

WIDEST = 110
"""Columns of the longest line with a mapping or a list in it."""

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z")
_RESERVED = frozenset(("y", "n", "yes", "no", "true", "false", "on", "off", "null"))
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029]")


def word(text: str) -> str:
    """Return a text as YAML reads it back, in quotes only where it must be."""
    if (_PLAIN.fullmatch(text) and text.lower() not in _RESERVED) or _MOMENT.fullmatch(text):
        return text
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def number(value: float) -> str:
    """Return a number as YAML 1.1 reads it back: with a point before an exponent."""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    mantissa, mark, exponent = repr(value).partition("e")
    return mantissa + (".0" if mark and "." not in mantissa else "") + mark + exponent


def flow(value: object) -> str:
    """Return a value on one line; any document that JSON can say."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{word(key)}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(flow, value)) + "]"
    return number(float(value)) if isinstance(value, int | float) else word(str(value))


def block(document: Mapping[str, object], indent: str = "", *, opened: int = 0) -> Iterator[str]:
    """Yield the lines of a mapping.

    Args:
        document: Its values are texts, numbers, lists and mappings.
        indent: What stands before each line.
        opened: Levels below which a mapping is always written line by line.
    """
    for key, value in document.items():
        head = f"{indent}{word(key)}:"
        line = f"{head} {flow(value)}"
        if isinstance(value, Mapping) and value and (opened > 0 or len(line) > WIDEST):
            yield head
            yield from block(value, f"{indent}  ", opened=opened - 1)
        elif isinstance(value, Sequence) and not isinstance(value, str) and value and len(line) > WIDEST:
            yield head
            yield from (f"{indent}  - {flow(one)}" for one in value)
        else:
            yield line
