"""Where Cockpit's own files are, by the XDG rules; nothing here reads or keeps anything but folders."""

import os
from collections.abc import Mapping
from pathlib import Path

SYSTEM_CONFIG = Path("/etc/cockpit/config.toml")
"""The host's configuration, which a person's own is merged over."""


def _base(variable: str, otherwise: str, environ: Mapping[str, str] | None) -> Path:
    surroundings = os.environ if environ is None else environ
    named = surroundings.get(variable, "")
    if named.startswith("/"):  # the XDG rules: a relative one is to be ignored
        return Path(named)
    home = surroundings.get("HOME", "")
    return (Path(home) if home.startswith("/") else Path.home()) / otherwise


def config_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder of a person's own configuration and maps."""
    return _base("XDG_CONFIG_HOME", ".config", environ) / "cockpit"


def config_file(environ: Mapping[str, str] | None = None) -> Path:
    """Return a person's own configuration, which `cockpit init` writes."""
    return config_folder(environ) / "config.toml"


def config_files(environ: Mapping[str, str] | None = None) -> tuple[Path, ...]:
    """Return the configurations that are merged, the strongest first, whether they exist or not."""
    return (config_file(environ), SYSTEM_CONFIG)


def state_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder of journal and log."""
    return _base("XDG_STATE_HOME", ".local/state", environ) / "cockpit"


def journal_file(environ: Mapping[str, str] | None = None) -> Path:
    """Return the journal."""
    return state_folder(environ) / "journal.db"


def log_file(environ: Mapping[str, str] | None = None) -> Path:
    """Return the log, which is rotated."""
    return state_folder(environ) / "cockpit.log"


def cache_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder of mirrors; it may be deleted at any time."""
    return _base("XDG_CACHE_HOME", ".cache", environ) / "cockpit"


def make_private(folder: Path) -> Path:
    """Make the folder and those above it, readable by its owner only (0700), and return it.

    Raises:
        OSError: It cannot be made, or is somebody else's.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
    return folder
