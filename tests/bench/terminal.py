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
from dataclasses import dataclass
from pathlib import Path
from statistics import median
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
def _served(alerts: int, *how: str) -> Iterator[str]:
    port = _free_port()
    command = [sys.executable, "-m", "tests.bench.serve", str(port), str(alerts), *how]
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
            "args": ["--until", "READY", "--keys", "sort=s*6", "--keys", "filter=f F f F f F", "--key-timeout", "8"],
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
            "rounds": 2,
        },
        "idle": {
            "args": ["--until", "HighErrorRate00000", "--pre", "j k", "--idle", "60", "--quit", "q q"],
            "cmd": [*cockpit, "replay", str(_recording(folder, 100, 1)), "--at", "14:12", "--speed", "0"],
            "rounds": 2,
        },
        "poll of 200 cells": {
            "args": [
                "--until",
                "HighErrorRate00000 .* 3h0",
                "--keys",
                "poll=r*8",
                "--expect",
                "poll=HighErrorRate00000 .* {n}d3h ",
                "--key-timeout",
                "8",
                "--quit",
                "q q",
            ],
            "cmd": [*cockpit, "--config", str(_config(folder, "ages", urls["ages"], "10m"))],
        },
        "demo": {
            "args": ["--until", "PaymentErrorsHigh", "--idle", "3", "--quit", "q q"],
            "cmd": [*cockpit, "demo", "--speed", "0"],
        },
    }
    for view, pressed in {"chain": "1", "subway": "1 v"}.items():
        found[f"walk {view}"] = {
            "args": [
                "--until", "PaymentErrorsHigh", "--pre", pressed, "--keys", "rows=j k j k j k j k j k j k j k j k j k j k",
                "--keys", "hops=h l h l h l h l h l h l h l h l", "--quit", "q q",
            ],
            "cmd": [*cockpit, "demo", "--speed", "0"],
        }  # fmt: skip
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
            "--until", "HighErrorRate00000", "--keys", "sort==*8", "--keys", "open=/", "--keys", "filter=s v c - 0 1 3",
            "--keys", "off=ctrl+u", "--keys", "again=s v c - 0 1 3", "--keys", "leave=escape", "--key-timeout", "8", "--quit", "q q", "--timeout", "60",
        ],
        "cmd": [*cockpit, "replay", "--at", "14:12", "--speed", "0", str(_recording(folder, 50_000, 1))],
    }  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the table."""

    what: str
    reference: float
    ours: float
    limit: float
    unit: str = "ms"

    def said(self) -> str:
        """Return the line: a limit is a ratio where there is a reference, else in the unit."""
        if not self.reference:
            kept = "yes" if self.ours <= self.limit else "**no**"
            return f"| {self.what} |  | {self.ours:.4g} {self.unit} |  | {self.limit:g} {self.unit} | {kept} |"
        ratio = self.ours / self.reference
        kept = "yes" if ratio <= self.limit else "**no**"
        shown = f"{self.reference:.4g} {self.unit} | {self.ours:.4g} {self.unit} | {ratio:.2f}"
        return f"| {self.what} | {shown} | {self.limit:g} | {kept} |"


def table(
    medians: Mapping[str, Mapping[str, float]], lags: Mapping[str, Mapping[str, float]], polls: Mapping[str, float]
) -> list[str]:
    """Return the table of everything that was measured, with what each may be at most."""

    def of(case: str, metric: str) -> float:
        return medians.get(case, {}).get(metric, float("nan"))

    def against(what: str, ours: float, reference: float, limit: float, unit: str = "ms") -> Measured:
        return Measured(what, reference, ours, limit, unit)

    until, press = "start.until_ms", "key.j.match_ms"
    found = [
        against("cold start to the first frame, B", of("start", until), of("B", until), 1.35),
        against("first alert on screen, B", of("first alert", until), of("B", until), 2.6),
    ]
    for shape in ("folded", "open"):
        for count in SIZES:
            case = f"{shape} {count}"
            found += [
                against(f"`j`, {count:,} alerts {shape}, p50, A", of(case, f"{press}.p50"), of("A", "key.j.first_ms.p50"), 3.5),
                against(f"`j`, {count:,} alerts {shape}, p95, A", of(case, f"{press}.p95"), of("A", "key.j.first_ms.p95"), 5),
                against(f"CPU a press, {count:,} alerts {shape}, A", of(case, "key.j.cpu_ms"), of("A", "key.j.cpu_ms"), 3.5),
            ]  # fmt: skip
    tmux = "tmux 1000"
    found += [
        against("`j` through tmux, p50, direct", of(tmux, f"{press}.p50"), of("folded 1000", f"{press}.p50"), 1.3),
        against("bytes a press in tmux", of(tmux, "key.j.bytes"), 0, 1536, "B"),
        against("bytes a press in tmux, D", of(tmux, "key.j.bytes"), of("D tmux", "key.j.bytes"), 0.2, "B"),
    ]
    poll = "poll of 200 cells"
    found += [
        against("a poll that changes 200 cells, D", of(poll, "key.poll.match_ms.p50"), of("D", "key.r.settled_ms.p50"), 0.15),
        against("the same from the answer's last byte, D", polls.get("answer", float("nan")), of("D", "key.r.settled_ms.p50"), 0.15),
        against("its CPU, D", of(poll, "key.poll.cpu_ms"), of("D", "key.r.cpu_ms"), 0.15),
        against("its bytes, D", of(poll, "key.poll.bytes"), of("D", "key.r.bytes"), 0.15, "B"),
        against("idle: bytes a minute", of("idle", "idle.bytes_per_s") * 60, 0, 0, "B"),
        against("idle: CPU a minute", of("idle", "idle.cpu_s_per_min"), 0, max(0.05, of("B", "idle.cpu_s_per_min")), "s"),
        against("polls every 2 s: bytes a minute", of("quiet polls", "idle.bytes_per_s") * 60, 0, 300, "B"),
        against("polls every 2 s: CPU a minute", of("quiet polls", "idle.cpu_s_per_min"), 0, 0.5, "s"),
    ]  # fmt: skip
    for view in ("chain", "subway"):
        for keys in ("rows", "hops"):
            key = f"key.{keys}"
            found += [
                against(f"a key on the map, {view}, {keys}, p50, A", of(f"walk {view}", f"{key}.settled_ms.p50"), of("A", "key.j.settled_ms.p50"), 1.5),
                against(f"its CPU, {view}, {keys}, A", of(f"walk {view}", f"{key}.cpu_ms"), of("A", "key.j.cpu_ms"), 1.5),
            ]  # fmt: skip
    many = "sort and filter 50000"
    found += [
        against(f"sort of 50,000, {q}, C", of(many, f"key.sort.settled_ms.{q}"), of("C", f"key.sort.settled_ms.{q}"), 8)
        for q in ("p50", "p95")
    ]
    found += [
        against(f"filter of 50,000, {q}, C", of(many, f"key.filter.settled_ms.{q}"), of("C", f"key.filter.settled_ms.{q}"), 8)
        for q in ("p50", "p95")
    ]  # fmt: skip
    found += [
        against(f"filter of 50,000 taken off, {how}, C", of(many, f"key.{key}.settled_ms.p50"), of("C", "key.filter.settled_ms.p50"), 8)
        for how, key in (("its line emptied", "off"), ("Escape (waits 10 ms for what may follow)", "leave"))
    ]  # fmt: skip
    for name, limits in HELD.items():
        found += [
            against(f"held `j`, {name}: {q}", lags.get(name, {}).get(q, float("nan")), 0, limits[q]) for q in limits
        ]
    found.append(
        against(
            "memory with the demo (Pss), B", of("demo", "memory_end.pss_mb"), of("B", "memory_end.pss_mb"), 2.2, "MB"
        )
    )
    head = "| measured, and against which reference | reference | ours | ratio | at most | kept |"
    return [head, "|---|---:|---:|---:|---:|---|", *(line.said() for line in found)]


HELD: Mapping[str, Mapping[str, float]] = {
    "sorting 50,000": {"p50": 50, "p95": 50, "worst": 50},
    "taking a filter off 50,000": {"p50": 50, "p95": 50, "worst": 50},
    "an answer of 20,000 alerts every 3 s": {"p95": 50, "worst": 100},
}
"""What a held key is measured beside, and its lag's limits in milliseconds."""

_HELD_BESIDE = (
    ("--between", "100:=,130:=,160:=,190:="),
    ("--pre", "/ s v c - 0 1 3 enter", "--between", "150:escape"),
    ("--presses", "300"),
)
"""How each of them comes about."""


def held(folder: Path, urls: Mapping[str, str], python: str, rounds: int) -> dict[str, dict[str, float]]:
    """Return the medians of a held key's lags."""
    replay = [python, "-m", "cockpit", "replay", "--at", "14:12", "--speed", "0", str(_recording(folder, 50_000, 1))]
    live = [python, "-m", "cockpit", "--config", str(_config(folder, "merge", urls["many"], "3s"))]
    found: dict[str, list[dict[str, float]]] = {name: [] for name in HELD}
    paths = os.pathsep.join((str(ROOT), str(HARNESS)))
    around = {**os.environ, "PYTHONPATH": paths, "XDG_STATE_HOME": str(folder / "state")}
    for _ in range(rounds):
        for name, extra, command in zip(HELD, _HELD_BESIDE, (replay, replay, live), strict=True):
            run = [python, "-m", "tests.bench.held", "--until", "HighErrorRate00000", *extra, "--", *command]
            done = subprocess.run(run, cwd=ROOT, env=around, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                found[name].append(json.loads(done.stdout))
            print(f"held {name}: {done.stdout.strip() or done.stderr[-300:]}", file=sys.stderr)
    return {
        name: {quantile: median(one[quantile] for one in some) for quantile in some[0]}
        for name, some in found.items()
        if some
    }


def polled(folder: Path, python: str) -> dict[str, float]:
    """Return how long a poll that changes 200 cells takes to be shown, from its key and from its answer."""
    log = folder / "served"
    paths = os.pathsep.join((str(ROOT), str(HARNESS)))
    around = {**os.environ, "PYTHONPATH": paths, "XDG_STATE_HOME": str(folder / "state" / "polled")}
    with _served(1000, "--ages", "--log", str(log)) as url:
        shown = ["--until", "HighErrorRate00000 .* 3h0", "--expect", "HighErrorRate00000 .* {n}d3h ", "--presses", "20"]
        command = [python, "-m", "cockpit", "--config", str(_config(folder, "polled", url, "10m"))]
        run = [python, "-m", "tests.bench.polled", *shown, "--log", str(log), "--", *command]
        done = subprocess.run(run, cwd=ROOT, env=around, capture_output=True, text=True, check=False)
    print(f"polled: {done.stdout.strip() or done.stderr[-300:]}", file=sys.stderr)
    return dict(json.loads(done.stdout)) if done.returncode == 0 else {}


def main() -> int:
    """Run the cases and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--only",
        default="",
        help="part of cases' names, or some names with commas; `held` for a held key, `polled` for polls",
    )
    parser.add_argument("--out", type=Path, help="where every single result is kept")
    parser.add_argument(
        "--python", default=sys.executable, help="the Python to measure with: one with run-time packages only"
    )
    options = parser.parse_args()
    if not HARNESS.exists():
        print(
            f"the measuring harness is not there: {HARNESS.name} is looked for beside the repository", file=sys.stderr
        )
        return 1
    compiled = [options.python, "-m", "compileall", "-q", "cockpit", "widgets", "tests/bench", str(HARNESS)]
    subprocess.run(compiled, cwd=ROOT, check=False)
    with (
        tempfile.TemporaryDirectory() as made,
        _served(60) as few,
        _served(1000, "--ages") as ages,
        _served(20_000, "--changing") as many,
    ):
        folder = Path(made)
        urls = {"few": few, "ages": ages, "many": many}
        out = options.out or folder / "out"
        lags = held(folder, urls, options.python, options.rounds) if options.only in {"", "held"} else {}
        polls = polled(folder, options.python) if options.only in {"", "polled"} else {}
        if options.only not in {"held", "polled"}:
            _measure(cases(folder, urls, options.python), folder, out, options)
    medians: dict[str, dict[str, float]] = {}
    if (out / "summary.json").exists():
        found = json.loads((out / "summary.json").read_text("utf-8"))
        medians = {name: case["median"] for name, case in found["cases"].items()}
    print("\n".join(table(medians, lags, polls)))
    return 0


def _measure(measured: Mapping[str, Any], folder: Path, out: Path, options: argparse.Namespace) -> None:
    """Let the harness run the cases, interleaved, and keep its summary."""
    around = {
        "PYTHONDONTWRITEBYTECODE": "",
        "COLORTERM": "truecolor",
        "PYTHONPATH": str(ROOT),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    only = options.only
    if "," in only:
        measured, only = {name: case for name, case in measured.items() if name in only.split(",")}, ""
    for name, case in measured.items():
        case["args"] += ["--env", f"XDG_STATE_HOME={folder / 'state' / name.replace(' ', '-')}"]
    common = ["--cols", "120", "--rows", "40"]
    for name, value in around.items():
        common += ["--env", f"{name}={value}"]
    path = folder / "spec.json"
    path.write_text(json.dumps({"reference": "A", "common": common, "cases": measured}), "utf-8")
    command = [options.python, str(HARNESS / "ttyab.py"), str(path), "--rounds", str(options.rounds), "--out", str(out)]
    subprocess.run([*command, "--only", only], check=False, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
