"""Settings of a kind's own: what stands in the configuration beside the keys that all kinds have in common."""

import re
from typing import TypeVar, get_args

import msgspec

from cockpit.config import ConfigError, SystemSpec
from cockpit.config.table import nearest
from cockpit.model.change import ChangeKind
from cockpit.systems.answers import words_of

S = TypeVar("S", bound=msgspec.Struct)

_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>[^`]*)`(?: - at `\$(?P<path>[^`]*)`)?")


_NO_KIND = re.compile(r"Invalid enum value '(?P<word>[^']*)'")


def kind_error(place: str, message: str) -> ConfigError | None:
    """Return the error for a word that is no kind of change, with the nearest one; null where a decoder's complaint is another."""
    found = _NO_KIND.search(message)
    if found is None:
        return None
    known = [kind.value for kind in ChangeKind]
    meant = nearest(found["word"], known)
    did_you_mean = f"did you mean {meant}? " if meant else ""
    return ConfigError(place, f"{found['word']!r} is no kind of change", f"{did_you_mean}kinds: {', '.join(known)}")


def settings_of(spec: SystemSpec, kind: type[S]) -> S:
    """Return the settings of a kind's own.

    Raises:
        ConfigError: A key is unknown (the nearest known one is named) or has a wrong type.
    """
    try:
        return msgspec.convert(dict(spec.extra), kind)
    except msgspec.ValidationError as error:
        place = spec.place or spec.name
        found = _UNKNOWN.search(str(error))
        if found is None:
            where, _, what = words_of(error, "").rpartition(": ")
            wrong_kind = kind_error(f"{place}{where}", str(error))
            if wrong_kind is not None:
                raise wrong_kind from error
            raise ConfigError(f"{place}{where}", what, "see the configuration that `cockpit init` writes") from error
        path, key = found["path"] or "", found["key"]
        raise ConfigError(f"{place}{path}.{key}", "unknown key", _remedy(key, _fields(kind, path))) from error


def _fields(kind: type[msgspec.Struct], path: str) -> list[str]:
    """Return the keys that are known at a path of a struct."""
    if not path:
        return [field.encode_name for field in msgspec.structs.fields(kind)]
    name = re.split(r"[.\[]", path.lstrip("."))[0]
    for field in msgspec.structs.fields(kind):
        if field.encode_name == name:
            inner = _struct_in(field.type)
            return [below.encode_name for below in msgspec.structs.fields(inner)] if inner is not None else []
    return []


def _struct_in(kind: object) -> type[msgspec.Struct] | None:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    return next((found for part in get_args(kind) if (found := _struct_in(part)) is not None), None)


def _remedy(key: str, known: list[str]) -> str:
    import difflib

    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"known here: {', '.join(sorted(known)) or 'nothing'}"
