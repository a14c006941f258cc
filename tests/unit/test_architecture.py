"""What a command loads: the contracts of imports that only a fresh process can prove."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

_LOADED = "import json, sys; {code}; print(json.dumps(sorted(sys.modules)))"

HEAVY = {"httpx", "networkx", "yaml", "textual", "rich", "msgspec", "promql_parser"}
"""Libraries that cost time before the arguments are read."""

SCREEN = {"textual", "widgets", "cockpit.app", "cockpit.screens"}
"""What belongs to the screen alone; rich is not named, as httpx loads it where click is installed."""


def _modules(repository: Path, code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED.format(code=code)], cwd=repository, capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_nothing_heavy_is_imported_before_the_arguments_are_read(repository: Path) -> None:
    """Importing the door, and reading the arguments, loads none of the heavy libraries."""
    assert not HEAVY & _modules(repository, "import cockpit.__main__")
    parsed = "from cockpit.cli.arguments import parse; parse(['drill', '--json'])"
    assert not HEAVY & _modules(repository, parsed)


@pytest.mark.parametrize(
    "command",
    [
        "alerts --alertmanager http://127.0.0.1:1",
        "changes --alertmanager http://127.0.0.1:1",
        "drill --json --alertmanager http://127.0.0.1:1",
        "doctor --alertmanager http://127.0.0.1:1",
        "annotate --dry-run --demo",
        "map check checkout",
        "map show checkout",
        "info",
        "init",
    ],
)
def test_commands_run_without_the_screen(repository: Path, command: str) -> None:
    """No command loads Textual or a pane."""
    code = f"import io, contextlib; from cockpit.__main__ import main\nwith contextlib.redirect_stdout(io.StringIO()): main({command.split()!r})"
    done = subprocess.run(
        [sys.executable, "-c", f"import json, sys\n{code}\nprint(json.dumps(sorted(sys.modules)))"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    assert not SCREEN & set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "room",
    ["cockpit.board.reduce", "cockpit.triage.drill", "cockpit.slices.index", "cockpit.poller", "cockpit.assembly"],
)
def test_rooms_that_a_start_waits_for_are_light(repository: Path, room: str) -> None:
    """What the first paint waits for loads no network, no graph library and no YAML."""
    assert not {"httpx", "networkx", "yaml", "promql_parser", "textual"} & _modules(repository, f"import {room}")


def test_graph_library_is_loaded_by_the_topology_alone(repository: Path) -> None:
    """Outside the topology nothing imports networkx."""
    for path in (repository / "cockpit").rglob("*.py"):
        if "topology" not in path.parts:
            assert "import networkx" not in path.read_text(), path
