"""What the configuration says of a command that reports changes."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from cockpit.config import ConfigError, Secret, SystemSpec
from cockpit.config.secrets import WAYS
from cockpit.systems.settings import settings_of

_EXAMPLE = 'write the program and its arguments, such as run = ["/usr/local/bin/flag-changes", "--production"]'
_FORMS = ("file", "env", "command")
_SECRET_WORDS = ("token", "secret", "password", "passwd", "api_key", "apikey", "app_key", "private_key")
_HARMLESS_ENDS = ("_file", "_path", "_url", "_command", "_dir")
_OURS = ("COCKPIT_SINCE", "COCKPIT_UNTIL")


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """Keys of this kind's own."""

    run: list[str] = []
    """The program, by its name or whole path, and its arguments."""
    env: dict[str, str | dict[str, str | list[str]]] = {}
    """What its environment holds besides PATH and HOME; a value may be a secret's source."""
    covers: list[str] = []
    """Services whose changes it would report; it may say so itself, too."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command, checked."""

    run: tuple[str, ...]
    """As it is written: a recording of it plays where home is elsewhere."""
    env: Mapping[str, str | Secret]
    covers: tuple[str, ...]


def command_of(spec: SystemSpec) -> Command:
    """Return the command of a system.

    Raises:
        ConfigError: A key is unknown or wrong, or a secret is written as plain text.
    """
    settings, place = settings_of(spec, Settings), spec.place or spec.name
    run = tuple(settings.run)
    if not run or not run[0].strip():
        raise ConfigError(f"{place}.run", "names no command", _EXAMPLE)
    if any("\0" in word for word in run):
        raise ConfigError(f"{place}.run", "has a control character in it", "write the words without it")
    if "/" in run[0] and not run[0].startswith(("/", "~/")):
        raise ConfigError(f"{place}.run[0]", f"{run[0]} is a relative path", "write the whole path, or a name on PATH")
    env = {name: _value(f"{place}.env", name, value) for name, value in settings.env.items()}
    return Command(run, env, tuple(settings.covers))


def _value(place: str, name: str, value: str | Mapping[str, str | list[str]]) -> str | Secret:
    """Return one variable's value, or where it comes from."""
    if not name or "=" in name or not name.isprintable():
        raise ConfigError(f"{place}.{name}", "is no name of a variable", "write letters, digits and underscores")
    if name in _OURS:
        raise ConfigError(f"{place}.{name}", "is set by Cockpit", "leave it out; the command finds the window there")
    if isinstance(value, str):
        folded = name.casefold().replace("-", "_")
        if any(word in folded for word in _SECRET_WORDS) and not folded.endswith(_HARMLESS_ENDS):
            raise ConfigError(f"{place}.{name}", "is a secret written as plain text", WAYS)
        if "\0" in value:
            raise ConfigError(f"{place}.{name}", "has a control character in it", "write the value without it")
        return value
    return _secret(f"{place}.{name}", value)


def _secret(place: str, value: Mapping[str, str | list[str]]) -> Secret:
    form, source = next(iter(value.items()), ("", ""))
    if len(value) != 1 or form not in _FORMS or not source:
        raise ConfigError(place, "has no source, or more than one", WAYS)
    if form == "command":
        import shlex

        try:
            words = tuple(shlex.split(source) if isinstance(source, str) else source)
        except ValueError as error:
            raise ConfigError(place, f"cannot be split into words: {error}", "close the quotes") from error
        return Secret(command=words, place=place)
    if not isinstance(source, str):
        raise ConfigError(place, f"{form} is a list", WAYS)
    return Secret(env=source, place=place) if form == "env" else Secret(file=source, place=place)
