"""Kinds of system: a module `cockpit/systems/KIND.py` with a class `System` is one; nothing else has to be told.

Kinds that have no module yet are those of `cockpit.systems.unread`.
"""

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol, cast

from cockpit.clock import Clock
from cockpit.config import ConfigError, SystemSpec
from cockpit.config.systems import COMMON_KEYS
from cockpit.config.table import nearest, unknown_key
from cockpit.model.reading import Topic
from cockpit.systems.base import Surroundings, System
from cockpit.systems.unread import UNREAD, unread_kind

_PACKAGE = "cockpit.systems"


class Kind(Protocol):
    """The class of one kind of system."""

    KIND: str
    """Its name: the module's."""
    TOPICS: tuple[Topic, ...]
    """What it can be asked for."""
    CADENCE: Mapping[Topic, float]
    """Seconds between two askings."""
    WIRE: str
    """http, process (git), command, or none where nobody is asked."""
    SETTINGS: type
    """A struct of the settings that only this kind has.

    A kind that asks servers which the map names has `addresses(spec, map)` besides: they stand for configured ones.
    One over HTTP has `MANNERS`, or `manners(spec)` where they depend on its settings."""

    def __call__(self, spec: SystemSpec, around: Surroundings, clock: Clock) -> System:
        """Return a system of this kind."""


def _load(name: str) -> Kind | None:
    """Return the kind of that name, or null where no module is one."""
    if not name.isidentifier() or find_spec(f"{_PACKAGE}.{name}") is None:
        return None
    kind = getattr(import_module(f"{_PACKAGE}.{name}"), "System", None)
    return cast("Kind", kind) if getattr(kind, "KIND", None) == name else None


def known_kinds() -> tuple[str, ...]:
    """Return the names of all kinds that are read; loads them all."""
    package = import_module(_PACKAGE)
    return tuple(sorted(found.name for found in pkgutil.iter_modules(package.__path__) if _load(found.name)))


def find_kind(spec: SystemSpec) -> Kind:
    """Return the kind of a system, its own keys checked by name where this version reads it.

    Raises:
        ConfigError: There is no such kind, which names those that there are; or a key is unknown to it.
    """
    kind = _load(spec.kind)
    unread = unread_kind(spec.kind) if kind is None else None
    if unread is not None:
        return unread
    if kind is None:
        kinds = sorted({*known_kinds(), *UNREAD})
        meant = nearest(spec.kind, kinds)
        did_you_mean = f"did you mean {meant}? " if meant else ""
        raise ConfigError(
            spec.place,
            f"{spec.kind!r} is no kind of system",
            f'{did_you_mean}known kinds: {", ".join(kinds)}; a system of another name says kind = "…"',
        )
    own = _keys_of(kind.SETTINGS)
    for key in spec.extra:
        if key not in own:
            raise unknown_key(f"{spec.place}.{key}", key, (*COMMON_KEYS, *own))
    return kind


def _keys_of(settings: type) -> tuple[str, ...]:
    from msgspec.structs import fields

    return tuple(field.encode_name for field in fields(settings))
