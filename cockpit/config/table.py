"""One table of a configuration, read key by key: types are checked, and what nobody asked for is an unknown key."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from cockpit.config.files import Document, Keys, Values
from cockpit.config.values import ConfigError
from cockpit.spans import parse_duration
from cockpit.text import clean

T = TypeVar("T")

LONGEST = timedelta(days=3650)
"""No duration is longer: moments and spans must stay on the calendar."""

_KINDS: Mapping[type, str] = {
    str: "a string",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
}
"""How an error calls what stands in the file."""


def said(value: object) -> str:
    """Return what kind of thing a value is, for an error; never the value, which may be a secret."""
    return _KINDS.get(type(value), "a date or time")


def _is_plain(text: str) -> bool:
    """Tell whether a text is one line without anything that could drive a terminal."""
    return "\n" not in text and clean(text, len(text)) == text


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that someone who wrote this one most likely meant, or null."""
    import difflib

    names = list(known)
    folded = {name.casefold().replace("-", "_"): name for name in names}
    same = folded.get(word.casefold().replace("-", "_"))
    found = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return same or (found[0] if found else None)


def unknown_key(place: str, key: str, known: Iterable[str]) -> ConfigError:
    """Return the error for a key that nobody knows; names the nearest known one, else all of them."""
    names = sorted(known)
    meant = nearest(key, names)
    remedy = f"did you mean {meant}?" if meant else f"known here: {', '.join(names) or 'nothing'}"
    return ConfigError(place, "unknown key", remedy)


class Table:
    """A table at its place in the document; every key that is read is remembered as known.

    Args:
        document: The files together.
        keys: Where the table stands.
        values: Its content.
    """

    def __init__(self, document: Document, keys: Keys, values: Values) -> None:
        self.document = document
        self.keys = keys
        self.values = values
        self._known: dict[str, None] = {}

    def place(self, *below: str, item: int | None = None) -> str:
        """Return how errors name a key of this table, or an item of the list there."""
        place = self.document.place((*self.keys, *below))
        return place if item is None else f"{place}[{item}]"

    def error(self, key: str, what: str, remedy: str, *, item: int | None = None) -> ConfigError:
        """Return an error at a key of this table, or at an item of the list there."""
        return ConfigError(self.place(key, item=item), what, remedy)

    def has(self, key: str) -> bool:
        """Tell whether the key is there, and count it as known."""
        self._known[key] = None
        return key in self.values

    def _read(self, key: str, kind: type[T], wanted: str) -> T | None:
        if not self.has(key):
            return None
        value = self.values[key]
        if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
            raise self.error(key, f"is {said(value)}", f"write {wanted}")
        if isinstance(value, str):
            self._check_controls(key, value)
        return value

    def _check_controls(self, key: str, value: str, item: int | None = None) -> None:
        if not _is_plain(value):
            raise self.error(key, "has a control character in it", "write the value without it", item=item)

    def text(self, key: str) -> str | None:
        """Return a string that is not empty."""
        value = self._read(key, str, 'a string, such as "…"')
        if value is not None and not value.strip():
            raise self.error(key, "is empty", "write something, or leave the key out")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self._read(key, bool, "true or false")
        return default if value is None else value

    def texts(self, key: str) -> tuple[str, ...] | None:
        """Return a list of strings."""
        values = self._read(key, list, 'a list of strings, such as ["…"]')
        if values is None:
            return None
        for number, value in enumerate(values):
            if not isinstance(value, str):
                raise self.error(key, f"is {said(value)}", "write a string", item=number)
            self._check_controls(key, value, number)
        return tuple(values)

    def duration(self, key: str) -> timedelta | None:
        """Return a duration of more than nothing."""
        value = self._read(key, str, 'a duration as a string, such as "500ms", "2s", "5m", "4h" or "7d"')
        if value is None:
            return None
        try:
            span = parse_duration(value)
        except (ValueError, OverflowError) as error:
            raise self.error(key, f"{value!r} is no duration", "write one such as 500ms, 2s, 5m, 4h or 7d") from error
        if span <= timedelta():
            raise self.error(key, "is no time at all", "write a duration of more than nothing")
        if span > LONGEST:
            raise self.error(key, "is longer than ten years", "write a shorter one")
        return span

    def table(self, key: str) -> "Table | None":
        """Return a table below this one."""
        values = self._read(key, dict, f"a table: [{'.'.join((*self.keys, key))}]")
        return None if values is None else Table(self.document, (*self.keys, key), values)

    def tables(self, key: str) -> Mapping[str, "Table"]:
        """Return a table of tables by name; names are shown, so each has to have something to show."""
        above = self.table(key)
        if above is None:
            return {}
        for name in above.values:
            if not name.strip() or not _is_plain(name):
                raise above.error(name, "is no name", "write letters, digits and hyphens")
        found = {name: above.table(name) for name in above.values}
        return {name: table for name, table in found.items() if table is not None}

    def words(self, key: str, check: Callable[[str, str], str] | None = None) -> Mapping[str, str]:
        """Return a table of strings by name; `check` gets the place and the value, and may change or refuse it."""
        below = self.table(key)
        if below is None:
            return {}
        words = {name: below.text(name) or "" for name in below.values}
        return {name: check(below.place(name), word) for name, word in words.items()} if check else words

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        """Return one of a few words."""
        value = self.text(key)
        if value is None:
            return default
        if value not in choices:
            raise self.error(key, f"{value!r} is none of {', '.join(choices)}", f"write one of {', '.join(choices)}")
        return value

    def path(self, key: str, home: Path) -> str | None:
        """Return a path, absolute: `~` is the home, and a relative one is meant from the file's folder."""
        value = self.text(key)
        return None if value is None else str(self.resolve(value, home, key))

    def resolve(self, value: str, home: Path, key: str) -> Path:
        """Return where a path of this table leads."""
        if value == "~" or value.startswith("~/"):
            return home / value[2:]
        return self.document.folder_of((*self.keys, key)) / value

    def rest(self) -> dict[str, object]:
        """Return the keys that nobody asked for."""
        return {key: value for key, value in self.values.items() if key not in self._known}

    def known(self) -> tuple[str, ...]:
        """Return the keys that were asked for, there or not."""
        return tuple(self._known)

    def finish(self) -> None:
        """Refuse a key that nobody asked for.

        Raises:
            ConfigError: There is one; names the nearest known key.
        """
        for key in self.rest():
            raise unknown_key(self.place(key), key, self._known)
