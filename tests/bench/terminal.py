"""Measures the screen in a real pty beside the references: `python -m tests.bench.terminal [--rounds N] [--only NAME]`.

Needs the measuring harness beside the repository (`../shared/harness`). Makes its recordings in a temporary folder,
starts loopback servers for what must be polled, runs all cases interleaved and prints one table of ratios.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.generate import lines

ROOT = Path(__file__).resolve().parents[2]
HARNESS = ROOT.parent / "shared" / "harness"
SIZES = (100, 1_000, 50_000)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def _served(alerts: int, *, changing: bool = False) -> Iterator[str]:
    port = _free_port()
    command = [sys.executable, "-m", "tests.bench.serve", str(port), str(alerts), *(["--changing"] if changing else [])]
    with subprocess.Popen(command, cwd=ROOT) as server:
        try:
            while True:
                with socket.socket() as attempt:
                    if attempt.connect_ex(("127.0.0.1", port)) == 0:
                        break
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _config(folder: Path, name: str, url: str, every: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(
        f'[contexts.bench]\nbell = false\n[contexts.bench.systems.alertmanager]\nurl = "{url}"\nevery = "{every}"\n'
    )
    return path


def _recording(folder: Path, count: int, per_fold: int) -> Path:
    path = folder / f"alerts-{count}-{per_fold}.jsonl"
    checkout = (ROOT / "maps" / "checkout.yaml").read_text("utf-8")
    path.write_text("".join(json.dumps(line) + "\n" for line in lines(count, per_fold, checkout)), "utf-8")
    return path


def cases(folder: Path, urls: Mapping[str, str], python: str) -> dict[str, dict[str, Any]]:
    """Return the harness' cases by name."""
    cockpit = [python, "-m", "cockpit"]
    reference = str(HARNESS / "references")
    found: dict[str, dict[str, Any]] = {
        "A": {
            "args": ["--until", "READY", "--keys", "j=j*100", "--flood", "j*150@30"],
            "cmd": [python, f"{reference}/app_noop.py"],
        },
        "B": {
            "args": ["--until", "READY", "--idle", "30", "--quit", "q"],
            "cmd": [python, f"{reference}/app_minimal.py"],
        },
        "C": {
            "args": ["--until", "READY", "--keys", "sort=s*6", "--keys", "filter=text:fFfF", "--key-timeout", "8"],
            "cmd": [python, f"{reference}/curses_list.py", "50000"],
        },
        "D": {
            "args": ["--until", "READY", "--keys", "j=j*60", "--keys", "r=r*10"],
            "cmd": [python, f"{reference}/mock_naive.py", "1000"],
        },
        "A tmux": {
            "args": ["--tmux", "--until", "READY", "--keys", "j=j*100"],
            "cmd": [python, f"{reference}/app_noop.py"],
        },
        "D tmux": {
            "args": ["--tmux", "--until", "READY", "--keys", "j=j*60"],
            "cmd": [python, f"{reference}/mock_naive.py", "1000"],
        },
        "start": {
            "args": ["--until", "asking", "--quit", "q q"],
            "cmd": [*cockpit, "--config", str(_config(folder, "first", urls["few"], "15s"))],
        },
        "first alert": {
            "args": ["--until", "HighErrorRate00000", "--quit", "q q"],
            "cmd": [*cockpit, "--config", str(_config(folder, "first", urls["few"], "15s"))],
        },
        "quiet polls": {
            "args": ["--until", "HighErrorRate00000", "--pre", "j k", "--idle", "60", "--quit", "q q"],
            "cmd": [*cockpit, "--config", str(_config(folder, "quiet", urls["few"], "2s"))],
            "rounds": 3,
        },
        "idle": {
            "args": ["--until", "HighErrorRate00000", "--pre", "j k", "--idle", "60", "--quit", "q q"],
            "cmd": [*cockpit, "replay", str(_recording(folder, 100, 1)), "--at", "14:12", "--speed", "0"],
            "rounds": 3,
        },
        "changing polls": {
            "args": ["--until", "HighErrorRate00000", "--pre", "j k", "--idle", "40", "--quit", "q q"],
            "cmd": [*cockpit, "--config", str(_config(folder, "changing", urls["changing"], "4s"))],
            "rounds": 3,
        },
        "merge": {
            "args": ["--until", "HighErrorRate00000", "--flood", "j*300@30", "--quit", "q q"],
            "cmd": [*cockpit, "--config", str(_config(folder, "merge", urls["many"], "3s"))],
        },
        "demo": {
            "args": ["--until", "PaymentErrorsHigh", "--idle", "3", "--quit", "q q"],
            "cmd": [*cockpit, "demo", "--speed", "0"],
        },
    }
    shown = "Drill . HighErrorRate0*{n} "
    for count in SIZES:
        replay = [*cockpit, "replay", "--at", "14:12", "--speed", "0"]
        folded, opened = _recording(folder, count, 1), _recording(folder, count, count)
        keys = ["--keys", "j=j*99", "--expect", f"j={shown}", "--quit", "q q", "--timeout", "60"]
        found[f"folded {count}"] = {"args": ["--until", "HighErrorRate00000", *keys], "cmd": [*replay, str(folded)]}
        found[f"open {count}"] = {
            "args": [
                "--until", "HighErrorRate00000", "--pre", "Z", "--keys", "j=j*98",
                "--expect", "j=Drill . HighErrorRate00000 i-0*{i}[.]", "--quit", "q q", "--timeout", "60",
            ],
            "cmd": [*replay, str(opened)],
        }  # fmt: skip
    found["tmux 1000"] = {
        "args": [
            "--tmux",
            "--until",
            "HighErrorRate00000",
            "--keys",
            "j=j*99",
            "--expect",
            f"j={shown}",
            "--quit",
            "q q",
        ],
        "cmd": [*cockpit, "replay", "--at", "14:12", "--speed", "0", str(_recording(folder, 1000, 1))],
    }
    found["sort and filter 50000"] = {
        "args": [
            "--until", "HighErrorRate00000", "--keys", "sort=,*6", "--keys", "filter=text:/svc-013 enter esc", "--quit", "q q",
            "--timeout", "60", "--flood", "j*90@30",
        ],
        "cmd": [*cockpit, "replay", "--at", "14:12", "--speed", "0", str(_recording(folder, 50_000, 1))],
    }  # fmt: skip
    return found


def main() -> int:
    """Run the cases and print the harness' table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="")
    parser.add_argument("--out", type=Path)
    parser.add_argument(
        "--python", default=sys.executable, help="the Python to measure with: one with run-time packages only"
    )
    options = parser.parse_args()
    if not HARNESS.exists():
        print(
            f"the measuring harness is not there: {HARNESS.name} is looked for beside the repository", file=sys.stderr
        )
        return 1
    with (
        tempfile.TemporaryDirectory() as made,
        _served(60) as few,
        _served(1000, changing=True) as changing,
        _served(20_000, changing=True) as many,
    ):
        folder = Path(made)
        urls = {"few": few, "changing": changing, "many": many}
        common = [
            "--cols",
            "120",
            "--rows",
            "40",
            "--env",
            "PYTHONDONTWRITEBYTECODE=",
            "--env",
            "COLORTERM=truecolor",
        ]
        common += [
            "--env",
            f"PYTHONPATH={ROOT}",
            "--env",
            f"XDG_STATE_HOME={folder / 'state'}",
            "--env",
            f"XDG_CACHE_HOME={folder / 'cache'}",
        ]
        spec = {"reference": "A", "common": common, "cases": cases(folder, urls, options.python)}
        path = folder / "spec.json"
        path.write_text(json.dumps(spec), "utf-8")
        out = options.out or folder / "out"
        command = [
            options.python,
            str(HARNESS / "ttyab.py"),
            str(path),
            "--rounds",
            str(options.rounds),
            "--out",
            str(out),
        ]
        return subprocess.run([*command, "--only", options.only], check=False, env={**os.environ}).returncode


if __name__ == "__main__":
    sys.exit(main())
