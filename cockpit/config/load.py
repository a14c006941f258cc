"""The one way to a configuration: which files count, which context is meant, and what the command line changes."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from cockpit import locations
from cockpit.config.contexts import read_context
from cockpit.config.direct import Asked, overridden, unconfigured
from cockpit.config.files import Document, merge_documents, read_document
from cockpit.config.systems import check_files
from cockpit.config.table import Table, nearest
from cockpit.config.values import Config, ConfigError, Context

COCKPIT_CONFIG = "COCKPIT_CONFIG"
"""Variable that names a configuration file instead of the usual ones."""


def load(asked: Asked | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """Return the configuration, or what stands for it where there is none.

    Args:
        asked: What the command line says; nothing by default.
        environ: The environment; the process' own by default.

    Raises:
        ConfigError: Something in it is wrong; names the place and the remedy.
    """
    asked = asked or Asked()
    around = os.environ if environ is None else environ
    home = Path(around.get("HOME") or Path.home())
    document, looked_at = find_document(asked, around)
    if document is None:
        if asked.context is not None:
            raise ConfigError("--context", "there is no configuration to choose from", "write one: cockpit init")
        context = unconfigured(asked, around, home, looked_at)
        return Config({context.name: context}, context.name)
    config = read_config(document, home, asked.context)
    chosen = overridden(config.chosen, asked)
    for spec in chosen.systems:
        check_files(spec)
    return replace(config, contexts={**config.contexts, chosen.name: chosen})


def find_document(asked: Asked, environ: Mapping[str, str]) -> tuple[Document | None, tuple[str, ...]]:
    """Return what the files say together, null where there is none, and the paths that were looked at in vain."""
    named = asked.config if asked.config is not None else environ.get(COCKPIT_CONFIG) or None
    if named is not None:
        if not named.strip():
            raise ConfigError("--config", "is empty", "name a file")
        return read_document(Path(named).expanduser().absolute()), ()
    document: Document | None = None
    missing: list[str] = []
    for path in locations.config_files(environ):
        if not _is_there(path):
            missing.append(str(path))
            continue
        below = read_document(path)
        document = below if document is None else merge_documents(below, document)
    return document, tuple(missing)


def _is_there(path: Path) -> bool:
    """Tell whether a file is there; one behind a closed door is, and reading it will say so."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def read_config(document: Document, home: Path, wanted: str | None = None) -> Config:
    """Return the configuration that the files say, with the wanted context chosen, else their default one.

    Raises:
        ConfigError: A key is unknown or wrong, or there is no such context.
    """
    top = Table(document, (), document.values)
    default = top.text("context")
    tables = top.tables("contexts")
    top.finish()
    contexts = {name: read_context(name, table, home) for name, table in tables.items()}
    if not contexts:
        raise ConfigError(document.place(()), "has no context", "add [contexts.prod], or see what cockpit init writes")
    return Config(contexts, _choose(document, contexts, default, wanted), document.paths)


def _choose(document: Document, contexts: Mapping[str, Context], default: str | None, wanted: str | None) -> str:
    name = wanted if wanted is not None else default
    if name is None:
        if len(contexts) == 1:
            return next(iter(contexts))
        names = ", ".join(contexts)
        raise ConfigError(
            document.place(("context",)), "is missing, and there are several", f"choose one of {names}, or --context"
        )
    if name not in contexts:
        place = "--context" if wanted is not None else document.place(("context",))
        meant = nearest(name, contexts)
        known = f"known: {', '.join(contexts)}"
        raise ConfigError(place, f"there is no context {name!r}", f"did you mean {meant}? {known}" if meant else known)
    return name
