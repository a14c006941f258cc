"""Configurations written for one test."""

from pathlib import Path

import pytest

from cockpit.config import Config, ConfigError
from cockpit.config.direct import Asked
from cockpit.config.load import load


def write(path: Path, text: str) -> Path:
    """Write a file with the folders above it, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def loaded(home: Path, text: str, asked: Asked | None = None, **environ: str) -> Config:
    """Return the configuration of a person whose one file says this."""
    write(home / ".config" / "cockpit" / "config.toml", text)
    return load(asked, {"HOME": str(home), **environ})


def refused(home: Path, text: str, asked: Asked | None = None) -> ConfigError:
    """Return the error with which such a file is refused."""
    with pytest.raises(ConfigError) as caught:
        loaded(home, text, asked)
    return caught.value


def system(body: str) -> str:
    """Return a configuration with one system that says this."""
    return f"[contexts.prod.systems.alertmanager]\n{body}\n"
