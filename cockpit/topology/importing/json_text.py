"""JSON text -> values that find their line again when something is wrong with them."""

import json
import re

from cockpit.text import one_line
from cockpit.topology.importing.document import At, Path, Unreadable
from cockpit.topology.nodes import LONGEST

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_SPACE = re.compile(r"[\s,:]*")
_SCALAR = re.compile(r"[^\s,:\[\]{}]+")


def read_json(text: str) -> At:
    """Return the value of a JSON text.

    Raises:
        Unreadable: It is no JSON, too long or too deep; names the line.
    """
    if len(text) > LONGEST * 4:
        raise Unreadable(1, f"the file has {len(text):,} characters", f"at most {LONGEST * 4:,} are read; ask for less")
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        what = f"no JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise Unreadable(error.lineno, what, "save the whole answer; check brackets and quotes at this line") from error
    except RecursionError:
        raise Unreadable(1, "nested deeper than any answer is", "check for unclosed brackets") from None
    except ValueError as error:  # a number of thousands of digits
        raise Unreadable(1, f"no JSON: {one_line(str(error), 100)}", "correct that number") from None
    return At(value, (), lambda path: _json_line(text, path))


def _json_line(text: str, path: Path) -> int:
    """Return the line on which the value at a path begins, or on which the last part of the path that exists does."""
    place = _SPACE.match(text).end()  # type: ignore[union-attr]  # it matches nothing too
    for part in path:
        found = _inside(text, place, part)
        if found is None:
            break
        place = found
    return text.count("\n", 0, place) + 1


def _inside(text: str, place: int, part: str | int) -> int | None:
    """Return where a member of the mapping or list at a place begins."""
    if text[place : place + 1] not in {"{", "["}:
        return None
    mapping = text[place] == "{"
    place = _skip_space(text, place + 1)
    number, found = 0, None
    while place < len(text) and text[place] not in "}]":
        if mapping:
            end = _end(text, place)
            same = json.loads(text[place:end]) == part
            place = _skip_space(text, end)
        else:
            same = number == part
        if same:
            found = place
            if not mapping:
                return place
        place, number = _skip_space(text, _end(text, place)), number + 1
    return found


def _skip_space(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place


def _end(text: str, place: int) -> int:
    """Return where the value that begins at a place ends, without recursion."""
    depth = 0
    while place < len(text):
        char = text[place]
        if char == '"':
            match = _STRING.match(text, place)
        elif char in "{[":
            depth, match = depth + 1, None
        elif char in "}]":
            depth, match = depth - 1, None
        else:
            match = _SCALAR.match(text, place)
        place = match.end() if match else place + 1
        if depth <= 0:
            return place
        place = _skip_space(text, place)
    return place
