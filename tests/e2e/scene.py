"""Cockpit pointed at real servers: a configuration of its own, its command line, and its screen in a real terminal."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from tests.e2e.tmux import Terminal

ROOT = Path(__file__).resolve().parent.parent.parent
"""The checkout."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command of Cockpit said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its standard output, decoded."""
        return json.loads(self.out)


class Scene:
    """Cockpit with a configuration.

    Args:
        folder: Where configuration, state and cache are.
        systems: The systems of its one context, as in the file.
        map_file: The integration map, or null.
        settings: Further keys of the context.
    """

    def __init__(
        self,
        folder: Path,
        systems: Mapping[str, Mapping[str, object]],
        map_file: Path | None = None,
        settings: Mapping[str, object] | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.config = folder / "config.toml"
        context: dict[str, object] = {"timezone": "UTC", **(settings or {}), "systems": dict(systems)}
        if map_file is not None:
            context["map"] = str(map_file)
        self.config.write_text(tomli_w.dumps({"contexts": {"shop": context}}))
        self.environment = {
            "HOME": str(folder),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "PYTHONPATH": str(ROOT),
            "TZ": "UTC",
        }

    def says(self, *arguments: str, within_s: float = 60.0) -> Said:
        """Run a command of Cockpit and return what it said."""
        done = subprocess.run(
            [sys.executable, "-m", "cockpit", *arguments[:1], "--config", str(self.config), *arguments[1:]],
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **self.environment},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def drill(self, *arguments: str) -> Any:
        """Return `drill --json`, whatever its exit code."""
        return self.says("drill", "--json", *arguments).json

    def alerts(self) -> list[dict[str, Any]]:
        """Return `alerts --json`, whatever its exit code."""
        return list(self.says("alerts", "--json").json)

    def opens(self, terminal: Terminal, *arguments: str) -> None:
        """Open the screen in a terminal."""
        command: Sequence[str] = (sys.executable, "-m", "cockpit", "--config", str(self.config), *arguments)
        terminal.runs(command, self.environment)
