"""The words of Graphviz' DOT: ids in their four forms, arrows, brackets, each with its line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cockpit.text import one_line
from cockpit.topology.importing.document import Unreadable

_BLANK = re.compile(r"(?:[\s\ufeff]+|//[^\n]*|/\*.*?\*/|^#[^\n]*)+", re.DOTALL | re.MULTILINE)
_NAME = re.compile(r"[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*|-?(?:\.\d+|\d+(?:\.\d*)?)")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SIGN = re.compile(r"->|--|[{}\[\];,:=+]")
_DEEPEST = 200


@dataclass(frozen=True, slots=True)
class Word:
    """One word."""

    text: str
    """Of an id what it says, of anything else the sign itself."""
    form: str
    """`sign`, `name`, `quoted` or `html`."""
    place: int

    def is_sign(self, *signs: str) -> bool:
        """Tell whether it is one of these signs."""
        return self.form == "sign" and self.text in signs

    def is_keyword(self, word: str) -> bool:
        """Tell whether it is a word of the language, which has no case and no quotes."""
        return self.form == "name" and self.text.lower() == word


def words(text: str) -> Iterator[Word]:
    """Yield the words of a text; quoted pieces that `+` joins are one.

    Raises:
        Unreadable: Something is no word, or a quote or comment has no end.
    """
    place = 0
    joined: Word | None = None
    plus = False
    for word in _single(text, place):
        if joined is not None and plus and word.form == "quoted":
            joined, plus = Word(joined.text + word.text, "quoted", joined.place), False
            continue
        if joined is not None and not plus and word.is_sign("+"):
            plus = True
            continue
        if plus:
            raise Unreadable(line_at(text, word.place), "`+` joins two quoted texts only", "quote both sides")
        if joined is not None:
            yield joined
        joined = word if word.form == "quoted" else None
        if joined is None:
            yield word
    if joined is not None:
        yield joined


def line_at(text: str, place: int) -> int:
    """Return the line of a place."""
    return text.count("\n", 0, place) + 1


def _single(text: str, place: int) -> Iterator[Word]:
    while True:
        blank = _BLANK.match(text, place)
        place = blank.end() if blank else place
        if place >= len(text):
            return
        if found := _SIGN.match(text, place):
            yield Word(found[0], "sign", place)
        elif found := _QUOTED.match(text, place):
            yield Word(_unquoted(found[1]), "quoted", place)
        elif text[place] == "<":
            end = _html_end(text, place)
            yield Word(text[place + 1 : end - 1], "html", place)
            place = end
            continue
        elif found := _NAME.match(text, place):
            yield Word(found[0], "name", place)
        else:
            char = text[place : place + 1]
            what = (
                "a quote is not closed"
                if char == '"'
                else "a comment is not closed"
                if text.startswith("/*", place)
                else ""
            )
            what = what or f"`{one_line(char)}` is not allowed here"
            raise Unreadable(line_at(text, place), what, 'close it, or put the name in quotes: "order-service"')
        place = found.end()


def _unquoted(text: str) -> str:
    """Return a quoted id as DOT reads it: an escaped quote is one, and an escaped end of line is none."""
    return text.replace("\\\r\n", "").replace("\\\n", "").replace('\\"', '"')


def _html_end(text: str, place: int) -> int:
    depth = 0
    for found in re.compile(r"[<>]").finditer(text, place):
        depth += 1 if found[0] == "<" else -1
        if depth == 0:
            return found.end()
        if depth > _DEEPEST:
            break
    raise Unreadable(line_at(text, place), "an HTML label is not closed", "close each `<` with `>`")
