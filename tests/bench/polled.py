"""How long a poll takes to be on the screen: from its key, and from the moment at which its answer had been sent.

Uses the terminal of the measuring harness, and the times that `tests.bench.serve --log` notes; `tests.bench.terminal`
starts both.
"""

import argparse
import json
import os
import sys
from importlib import import_module
from pathlib import Path
from statistics import median

from tests.bench.held import HARNESS


def main() -> int:
    """Press `r` again and again and print both times in milliseconds as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--until", required=True, help="what is shown at first")
    parser.add_argument("--expect", required=True, help="what is shown after poll number {n}")
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--presses", type=int, default=10)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    sys.path.insert(0, str(HARNESS))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    session = import_module("ttybench_lib.session").Session(
        options.command[options.command[:1] == ["--"] :],
        cols=120,
        rows=40,
        env={**environment, "COLORTERM": "truecolor"},
    )
    session.start()
    from_key: list[float] = []
    from_answer: list[float] = []
    try:
        if session.wait_for(options.until, 30.0) is None:
            print(json.dumps({"error": "never seen"}))
            return 1
        for number in range(1, options.presses + 1):
            session.wait_quiet(0.05, 5.0)
            pressed = session.write(session.key_bytes("r"))
            shown = session.wait_for(options.expect.replace("{n}", str(number)), 8.0)
            if shown is None:
                print(json.dumps({"error": f"poll {number} was not seen"}))
                return 1
            answered = int(options.log.read_text("utf-8").split()[-1])
            from_key.append((shown - pressed) / 1e6)
            from_answer.append((shown - answered) / 1e6)
    finally:
        session.quit("q q")
    print(json.dumps({"key": round(median(from_key), 1), "answer": round(median(from_answer), 1)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
