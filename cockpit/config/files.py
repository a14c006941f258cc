"""Configuration files: found, read as TOML, and laid over one another, with the origin of every key kept."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cockpit.config.values import ConfigError

Values = Mapping[str, object]
"""A TOML table."""

Keys = tuple[str, ...]
"""Where a value stands: `("contexts", "prod", "window")`."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_AT_LINE = re.compile(r"^(.*?) \(at (?:line (\d+), column (\d+)|end of document)\)$", re.DOTALL)

_ONE_VALUE = ({"file", "env", "command"}, {"url", "urls"})
"""Keys that are one value between them: the upper file's replaces the lower one's whole."""


def is_file(path: Path) -> bool:
    """Tell whether a path is a file; one that no file system could have is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


@dataclass(frozen=True, slots=True)
class Document:
    """What the files say together, and which file said what."""

    values: Values
    origins: Mapping[Keys, str] = field(default_factory=dict)
    """The file of each key."""
    paths: tuple[str, ...] = ()
    """The files, the one that counts most last."""

    def file_of(self, keys: Keys) -> str:
        """Return the file that said this key, or the nearest table around it."""
        for end in range(len(keys), 0, -1):
            if keys[:end] in self.origins:
                return self.origins[keys[:end]]
        return self.paths[-1] if self.paths else "configuration"

    def folder_of(self, keys: Keys) -> Path:
        """Return the folder that a relative path at this key is meant from."""
        return Path(self.file_of(keys)).parent

    def place(self, keys: Keys) -> str:
        """Return how errors name this key: `config.toml: contexts.prod.window`."""
        return f"{self.file_of(keys)}: {dotted(keys)}" if keys else self.file_of(keys)


def dotted(keys: Keys) -> str:
    """Return a key as TOML writes it, quoted where it must be."""
    return ".".join(key if _BARE.fullmatch(key) else repr(key).replace("'", '"') for key in keys)


def read_document(path: Path) -> Document:
    """Return what one file says.

    Raises:
        ConfigError: It cannot be read, or is no TOML; names the line.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(str(path), "there is no such file", "name another one, or write one: cockpit init") from error
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise ConfigError(str(path), f"cannot be read: {reason}", "make it a file that you may read") from error
    except UnicodeDecodeError as error:
        raise ConfigError(str(path), f"is no UTF-8 at byte {error.start}", "save it as UTF-8") from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(path, text, str(error)) from error
    return Document(values, dict.fromkeys(_keys_of(values), str(path)), (str(path),))


def _syntax_error(path: Path, text: str, message: str) -> ConfigError:
    match = _AT_LINE.match(message)
    if match is None:
        return ConfigError(str(path), f"is no TOML: {message}", "correct it")
    what, line, column = match.groups()
    if line is None:
        line, column = str(max(1, len(text.splitlines()))), "end"
    return ConfigError(f"{path}:{line}:{column}", f"is no TOML: {what}", f"correct line {line}")


def _keys_of(values: Values, above: Keys = ()) -> Iterator[Keys]:
    for key, value in values.items():
        yield (*above, key)
        if isinstance(value, Mapping):
            yield from _keys_of(value, (*above, key))


def merge_values(lower: Values, upper: Values) -> dict[str, object]:
    """Return one table over another, key by key; lists and secrets are one value and are replaced whole."""
    merged = dict(lower)
    for group in _ONE_VALUE:
        if group & upper.keys():
            merged = {key: value for key, value in merged.items() if key not in group}
    for key, value in upper.items():
        below = merged.get(key)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        merged[key] = merge_values(below, value) if both else value  # type: ignore[arg-type]  # both are tables here
    return merged


def merge_documents(lower: Document, upper: Document) -> Document:
    """Return one file over another."""
    return Document(
        merge_values(lower.values, upper.values),
        {**lower.origins, **upper.origins},
        (*lower.paths, *upper.paths),
    )
