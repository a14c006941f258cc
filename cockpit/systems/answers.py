"""Decodes what servers answer: in slices, so that nothing else waits, and item by item, so that one broken item hides none.

Every string passes through the cleaner here or in the functions that this module gives; what is known to need no
cleaning by its bytes is not looked at again.
"""

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from operator import eq
from typing import Any, Generic, TypeVar

import msgspec

from cockpit.systems.base import Reply, SystemError
from cockpit.systems.failures import is_web_page
from cockpit.text import LIMIT, clean, one_line

T = TypeVar("T")

SLICE = 500
"""Items that are read before others on the loop have their turn."""

LATEST = datetime(9000, 1, 1, tzinfo=UTC)
"""No moment from outside is later."""

_MOVED = 4096
"""Items of the last answer that are put where moved ones are looked for before others on the loop have their turn."""

_AT = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)
_EXPECTED = re.compile(r"^Expected `(?P<wanted>[^`]*)`(?:, got `(?P<got>[^`]*)`)?")
_MISSING = re.compile(r"^Object missing required field `(?P<field>[^`]*)`")
_KINDS = {
    "str": "text",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
    "datetime": "a time",
}
_ESCAPES = re.compile(rb'\\(?!["\\/n]|u00(?:3[ceCE]|26))')
"""Escapes in JSON that may stand for something to be cleaned: all but those of punctuation and of a new line."""

_HALF = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
"""Half of a surrogate pair, escaped in JSON."""

Raws = list[msgspec.Raw]
"""Items of a list, each still as it came."""


class UnreadableError(ValueError):
    """One item of an answer cannot be read; the message names the place in it and what is wrong there."""


def require_json(reply: Reply) -> bytes:
    """Return an answer's body, which may be JSON.

    Raises:
        SystemError: It is a web page, or empty.
    """
    if is_web_page(reply):
        raise SystemError("answered a web page, not JSON: is this the right address?", status=reply.status)
    if not reply.body:
        raise SystemError("answered nothing where JSON was expected", status=reply.status)
    return reply.body


def decode(body: bytes | msgspec.Raw, kind: Any, path: str = "$") -> Any:
    """Return a body as a value of that type.

    Raises:
        SystemError: It is cut off, no JSON, or has a wrong type somewhere; names the place.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise SystemError(f"answered in another shape than expected: {words_of(error, path)}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        mended = _mended(bytes(body), error)
        if mended is not None:
            return decode(mended, kind, path)
        raise SystemError(_broken(error)) from error


def decode_list(body: bytes) -> Raws:
    """Return the items of a body that is a list, each still as it came.

    Raises:
        SystemError: It is none; null is none either, though it looks as empty as one.
    """
    if body.strip() == b"null":
        raise SystemError("answered null instead of a list")
    items: Raws = decode(body, Raws)
    return items


def _mended(data: bytes, error: Exception) -> bytes | None:
    """Return JSON with stand-ins for what is no text (bytes that are no UTF-8, half of a surrogate pair), where it has any."""
    if isinstance(error, UnicodeDecodeError):
        return data.decode("utf-8", errors="replace").encode()
    if isinstance(error, msgspec.ValidationError | RecursionError) or _HALF.search(data) is None:
        return None
    return _HALF.sub(rb"\\ufffd", data)


def _broken(error: Exception) -> str:
    if "truncated" in str(error):
        return "its JSON is cut off"
    return f"answered something that is not JSON ({one_line(str(error), 100)})"


def words_of(error: Exception, path: str = "$") -> str:
    """Return a decoder's complaint in words, with its place: `$[3].startsAt: expected a time`."""
    if isinstance(error, UnreadableError):
        return f"{path}{error}"
    found = _AT.match(str(error))
    assert found is not None
    what, where = found["what"], f"{path}{found['path'] or ''}"
    if (missing := _MISSING.match(what)) is not None:
        return f"{where}.{missing['field']}: is missing"
    if "datetime" in what:
        return f"{where}: expected a time"
    if (expected := _EXPECTED.match(what)) is not None:
        wanted = " or ".join(_KINDS.get(kind, kind) for kind in expected["wanted"].split(" | ") if kind != "null")
        return f"{where}: expected {wanted}"
    return f"{where}: {one_line(what, 100)}"


class ItemReader(Generic[T]):
    """Reads long lists item by item, and gives the same value again for an item whose bytes did not change.

    Args:
        what: What the items are, for the words about those that cannot be read: `alerts`.
        read: Makes a value of an item's bytes; the flag tells whether its strings are plain, that is, need no
            cleaning. Raises `UnreadableError` or msgspec's errors.
        remember: Whether unchanged items are worth remembering; not where they always change.
    """

    def __init__(self, what: str, read: Callable[[bytes, bool], T], *, remember: bool = True) -> None:
        self._what = what
        self._read = read
        self._remember = remember
        self._before: list[msgspec.Raw] = []
        self._values: list[T | None] = []
        self._now: list[msgspec.Raw] = []
        self._made: list[T | None] = []
        self._moved: dict[bytes, T | None] | None = None
        self._count = 0
        self.unread: list[bytes] = []
        """The items that could not be read since `begin`."""
        self._first = ""

    def begin(self) -> None:
        """Begin a new answer: what the last one held is remembered, what was before it is forgotten."""
        self._before, self._values, self._now, self._made, self._moved = self._now, self._made, [], [], None
        self._count, self.unread, self._first = 0, [], ""

    def end(self) -> None:
        """End an answer: what the last one held need not be remembered any more."""
        self._before, self._values, self._moved = [], [], None

    async def read(self, raws: Sequence[msgspec.Raw], path: str = "$") -> list[T]:
        """Return the values of the items that can be read."""
        found: list[T | None] = [None] * len(raws) if not self._remember else await self._known(raws)
        for number in [number for number, value in enumerate(found) if value is None]:
            if number % SLICE == SLICE - 1:
                await asyncio.sleep(0)
            data = bytes(raws[number])
            try:
                found[number] = self._value(data)
            except (UnreadableError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                self.unread.append(data)
                self._first = self._first or words_of(error, f"{path}[{number}]")
        if self._remember:
            self._now += raws
            self._made += found
        self._count += len(raws)
        return [value for value in found if value is not None]

    async def _known(self, raws: Sequence[msgspec.Raw]) -> list[T | None]:
        """Return the value of each item that the last answer held: most stand where they stood, some moved."""
        here = len(self._now)
        there = self._before[here : here + len(raws)]
        stayed = list(map(eq, raws, there))
        found = [value if same else None for value, same in zip(self._values[here:], stayed, strict=False)]
        found += [None] * (len(raws) - len(found))
        if len(self._before) <= here or (len(stayed) == len(raws) and all(stayed)):
            return found
        if self._moved is None:
            self._moved = {}
            for place in range(here, len(self._before)):
                if place - here >= len(stayed) or not stayed[place - here]:
                    self._moved[bytes(self._before[place])] = self._values[place]
                if place % _MOVED == _MOVED - 1:
                    await asyncio.sleep(0)
        moved = self._moved
        return [moved.get(bytes(raw)) if value is None else value for raw, value in zip(raws, found, strict=True)]

    def _value(self, data: bytes) -> T:
        try:
            return self._read(data, is_plain(data))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            mended = _mended(data, error)
            if mended is None:
                raise
            return self._value(mended)

    @property
    def complaint(self) -> str | None:
        """What could not be read since `begin`: `1 of 300 alerts could not be read: $[3].startsAt: expected a time`."""
        if not self.unread:
            return None
        return f"{len(self.unread)} of {self._count} {self._what} could not be read: {one_line(self._first, 200)}"


def is_plain(data: bytes) -> bool:
    """Tell whether no string inside of a JSON text needs cleaning, by its bytes alone."""
    return (
        len(data) <= LIMIT
        and data.isascii()
        and b"\x7f" not in data
        and (b"\\" not in data or _ESCAPES.search(data) is None)
    )


def clean_labels(labels: Mapping[str, str], plain: bool = False) -> dict[str, str]:
    """Return labels or annotations with cleaned names and values; a name has one line, a value may have several."""
    if plain and "\n" not in "".join(labels):
        return labels if isinstance(labels, dict) else dict(labels)
    return {one_line(name, 200): clean(value) for name, value in labels.items()}


def web_url(url: str | None) -> str | None:
    """Return an address that a browser may be sent to, or null where it is none of http or https."""
    return _web_url(url) if url and len(url) <= LIMIT else None


@lru_cache(maxsize=512)
def _web_url(url: str) -> str | None:
    """Tell it of an address; remembered, as all alerts of a rule have the same."""
    if not url[:8].lower().startswith(("http://", "https://")) or not url.isprintable() or " " in url:
        return None
    return clean(url)


def utc(moment: datetime | None) -> datetime | None:
    """Return a moment in UTC; null for none, for the year 1 (servers' never) and for what no calendar has.

    What lies beyond `LATEST` (people's for ever) becomes that: zones and spans can be added to it.
    """
    if moment is None or moment.year <= 1970:
        return None
    if moment.year >= LATEST.year:
        return LATEST
    if moment.tzinfo is UTC:
        return moment
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None


def joined(parts: Iterable[str | None]) -> str | None:
    """Return what is wrong with an answer in one sentence, each part once, or null where nothing is."""
    return "; ".join(dict.fromkeys(part for part in parts if part)) or None
