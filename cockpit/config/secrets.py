"""Where secrets come from: a file that only its owner reads, the environment, or a command; never plain text."""

import shlex
import stat
from pathlib import Path

from cockpit.config.table import Table, said, unknown_key
from cockpit.config.values import ConfigError, Secret

WAYS = 'write {file = "…"}, {env = "…"} or {command = "…"}'
"""The remedy for everything that is no secret's source."""

_FORMS = ("file", "env", "command")
_OTHERS_READ = stat.S_IRGRP | stat.S_IROTH


def read_secret_source(table: Table, key: str, home: Path) -> Secret | None:
    """Return where the secret at a key comes from; it is not read.

    Raises:
        ConfigError: It is written as plain text, or as none of the three forms.
    """
    if not table.has(key):
        return None
    value = table.values[key]
    if isinstance(value, str):
        raise table.error(key, "is a secret written as plain text", WAYS)
    if not isinstance(value, dict):
        raise table.error(key, f"is {said(value)}", WAYS)
    source = Table(table.document, (*table.keys, key), value)
    for name in value:
        if name not in _FORMS:
            raise unknown_key(source.place(name), name, _FORMS)
    if len(value) != 1:
        raise table.error(key, "has no source" if not value else "has more than one source", WAYS)
    return _source(source, home)


def _source(source: Table, home: Path) -> Secret:
    place = source.place()
    if (file := source.path("file", home)) is not None:
        return Secret(file=file, place=place)
    if (name := source.text("env")) is not None:
        return Secret(env=name, place=place)
    listed = isinstance(source.values["command"], list)
    words = source.texts("command") or () if listed else _split(source)
    if not words or not words[0]:
        raise source.error("command", "is empty", "write a command and its arguments")
    return Secret(command=words, place=place)


def _split(source: Table) -> tuple[str, ...]:
    """Return a command's words as a shell would split them; no shell runs it."""
    try:
        return tuple(shlex.split(source.text("command") or ""))
    except ValueError as error:
        raise source.error("command", f"cannot be split into words: {error}", "close the quotes") from error


def check_secret_file(secret: Secret) -> None:
    """Refuse a secret's file that others may read; one that is not there is told when the system is asked.

    Raises:
        ConfigError: Others may read it; the remedy is the chmod.
    """
    if secret.file is None or secret.key:
        return
    try:
        mode = Path(secret.file).stat().st_mode
    except OSError:
        return
    if mode & _OTHERS_READ:
        raise ConfigError(
            secret.place,
            f"{secret.file} can be read by others (mode {stat.S_IMODE(mode):04o})",
            f"chmod 600 {shlex.quote(secret.file)}",
        )
