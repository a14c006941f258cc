"""How far the screen stays behind a held key: each press' time to the next frame, with other keys pressed in between.

Uses the terminal of the measuring harness; `tests.bench.terminal` starts it.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

HARNESS = Path(__file__).resolve().parents[3] / "shared" / "harness"


def _now() -> int:
    """Return the harness' time."""
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


def lags(session: Any, key: str, presses: int, rate: float, between: Mapping[int, str]) -> list[float]:
    """Return each press' milliseconds to the first frame after it.

    Args:
        session: The harness' terminal, with the program started in it.
        key: The key that is held.
        presses: How often it repeats.
        rate: Repeats a second.
        between: Keys that are pressed just before the repeat of that number.
    """
    changes: list[int] = []
    present = session.screen.on_frame

    def presented() -> None:
        before = session.changes
        present()
        if session.changes != before:
            changes.append(session.t_change)

    session.screen.on_frame = presented
    pressed: list[int] = []
    began = _now()
    for number in range(presses):
        due = began + int(number * 1e9 / rate)
        while _now() < due:
            session.poll(max(0.0, (due - _now()) / 1e9))
        if number in between:
            session.write(session.key_bytes(between[number]))
        pressed.append(session.write(session.key_bytes(key)))
    session.drain(1.5)
    session.screen.on_frame = present
    found: list[float] = []
    place = 0
    for at in pressed:
        while place < len(changes) and changes[place] <= at:
            place += 1
        if place < len(changes):
            found.append((changes[place] - at) / 1e6)
    return found


def main() -> int:
    """Run one program under a held key and print the lags as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--until", required=True)
    parser.add_argument("--presses", type=int, default=300)
    parser.add_argument("--between", default="", help="NUMBER:KEY,…")
    parser.add_argument("--pre", default="", help="keys that are pressed before, a blank between two")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    sys.path.insert(0, str(HARNESS))
    between = {int(part.partition(":")[0]): part.partition(":")[2] for part in options.between.split(",") if part}
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command: Sequence[str] = options.command[options.command[:1] == ["--"] :]
    session = import_module("ttybench_lib.session").Session(
        command, cols=120, rows=40, env={**environment, "COLORTERM": "truecolor"}
    )
    session.start()
    try:
        if session.wait_for(options.until, 90.0) is None:
            print(json.dumps({"error": "never seen"}))
            return 1
        session.wait_quiet(0.5, 10.0)
        for key in options.pre.split():
            session.write(session.key_bytes(key))
            session.wait_quiet(0.3, 10.0)
        found = sorted(lags(session, "j", options.presses, 30.0, between))
    finally:
        session.quit("q q")
    count = len(found)
    print(
        json.dumps(
            {
                "presses": count,
                "p50": round(found[count // 2], 1),
                "p95": round(found[int(count * 0.95)], 1),
                "worst": round(found[-1], 1),
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
