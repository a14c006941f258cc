"""A file's text as values that know their place, so that whoever reads them can name a line."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath

from cockpit.text import clean, one_line

Path = tuple[str | int, ...]
"""Where a value stands: keys of mappings and places in lists."""

NAME = 200
"""Characters of the longest name that is taken over."""

STANDARD_INPUT = "standard input"
"""What a file is called that has no name."""

_TEXT = 1000


class Unreadable(Exception):  # noqa: N818 - it says what the file is, as the user is told
    """A file is not what it should be; `line` is 1 where no place can be named."""

    def __init__(self, line: int, what: str, remedy: str) -> None:
        super().__init__(what)
        self.file = ""
        """Empty where it is the only file."""
        self.line = line
        self.what = what
        self.remedy = remedy


@contextmanager
def in_file(file: "File") -> Iterator[None]:
    """Let an error that is raised within say which file it is about."""
    try:
        yield
    except Unreadable as error:
        error.file = error.file or file.name
        raise


@dataclass(frozen=True, slots=True)
class At:
    """A value and where it stands; what should be another kind of value is `Unreadable`."""

    value: object
    """Of mappings, lists, texts, numbers, booleans and null; of YAML every scalar but null is a text."""
    path: Path
    line_of: Callable[[Path], int]
    """Finds the line of a path; asked for errors only."""

    @property
    def line(self) -> int:
        """The line, from 1."""
        return self.line_of(self.path)

    @property
    def is_mapping(self) -> bool:
        """Whether it has keys."""
        return isinstance(self.value, Mapping)

    @property
    def is_list(self) -> bool:
        """Whether it has items."""
        return isinstance(self.value, list)

    def wrong(self, what: str, remedy: str) -> Unreadable:
        """Return the error that the value is wrong: `raise one.wrong(...)`."""
        return Unreadable(self.line, one_line(f"{self.said()} {what}"), remedy)

    def said(self) -> str:
        """Return the path as a person writes it: `elements.nodes[3].data`."""
        text = ""
        for part in self.path[-8:]:
            text += f"[{part}]" if isinstance(part, int) else f".{clean(part, 60)}"
        return text.removeprefix(".") or "the document"

    def get(self, key: str) -> "At | None":
        """Return what a key of a mapping holds; null where it holds nothing, and where this is no mapping."""
        value = self.value.get(key) if isinstance(self.value, Mapping) else None
        return None if value is None else At(value, (*self.path, key), self.line_of)

    def entries(self) -> Iterator[tuple[str, "At"]]:
        """Yield the keys of a mapping, cleaned, with what they hold, null included."""
        if not isinstance(self.value, Mapping):
            raise self.wrong(f"should be a mapping, not {_kind(self.value)}", "write `key: value`, one a line")
        for key, value in self.value.items():
            yield one_line(str(key), _TEXT), At(value, (*self.path, key), self.line_of)

    def items(self) -> Iterator["At"]:
        """Yield the items of a list, but null."""
        if not isinstance(self.value, list):
            raise self.wrong(f"should be a list, not {_kind(self.value)}", "write it as [one, another]")
        for place, value in enumerate(self.value):
            if value is not None:
                yield At(value, (*self.path, place), self.line_of)

    def text(self, limit: int = _TEXT) -> str:
        """Return a scalar as one cleaned line."""
        value = self.value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return f"{value:.10g}"[:limit]
        if not isinstance(value, str):
            raise self.wrong(f"should be a text, not {_kind(value)}", "write one word, or a text in quotes")
        return one_line(value, limit)

    def name(self) -> str:
        """Return a text that is there and short enough to be a name."""
        text = self.text(NAME + 1)
        if not text or len(text) > NAME:
            what = "is longer than any name" if text else "is an empty text"
            raise self.wrong(what, f"write a name of 1 to {NAME} characters")
        return text

    def text_of(self, key: str) -> str:
        """Return the text of a key; empty where there is none."""
        found = self.get(key)
        return "" if found is None else found.text()

    def items_of(self, key: str) -> Iterator["At"]:
        """Yield the items of a list that a key holds; none where there is no such key."""
        found = self.get(key)
        return iter(()) if found is None else found.items()

    def entries_of(self, key: str) -> Iterator[tuple[str, "At"]]:
        """Yield the keys and values of a mapping that a key holds; none where there is no such key."""
        found = self.get(key)
        return iter(()) if found is None else found.entries()

    def number(self) -> float | None:
        """Return a number, or one in a text; null where it is none, not a number or infinite."""
        try:
            value = float(self.value)  # type: ignore[arg-type]  # what is no number raises
        except (TypeError, ValueError, OverflowError):
            return None
        return value if abs(value) < 1e300 else None


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f'"{one_line(value, 40)}"' if value.strip() else "an empty text"
    return (
        "a mapping" if isinstance(value, Mapping) else "a list" if isinstance(value, list) else one_line(str(value), 40)
    )


@dataclass(frozen=True, slots=True)
class File:
    """A file that is imported."""

    name: str
    """As it was given: a path, or what standard input is called."""
    text: str

    @property
    def base(self) -> str:
        """Its name without folders."""
        return PurePath(self.name).name

    @property
    def stem(self) -> str:
        """What a map from it is called where it gives no name itself."""
        return "imported" if self.name == STANDARD_INPUT else one_line(PurePath(self.name).stem, NAME) or "imported"

    def teller(self, form: str) -> str:
        """Return who tells of what it says: the file, or its format where it has no name."""
        return form if self.name == STANDARD_INPUT else one_line(self.base, NAME)
