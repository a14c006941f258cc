"""An Alertmanager's answers over a real socket, made once and given out again: `python -m tests.bench.serve PORT ALERTS`.

With `--changing` each second answer differs from the one before in two hundred alerts; with `--ages` each answer shows
two hundred alerts a day older than the one before, which the list shows in as many cells.
"""

import argparse
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

from tests.bench.generate import alert


def answers(alerts: int, *, changing: bool) -> list[bytes]:
    """Return one answer, or two that differ in two hundred alerts."""
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    raw = [alert(number, 1, now=now) for number in range(alerts)]
    made = [json.dumps(raw).encode()]
    if changing:
        for number in range(min(200, alerts)):
            raw[number]["annotations"] = {"summary": "changed"}
            raw[number]["updatedAt"] = raw[number]["endsAt"]
        made.append(json.dumps(raw).encode())
    return made


def aging(alerts: int, count: int) -> list[bytes]:
    """Return so many answers; two hundred alerts began three hours before the first and a day more before each next."""
    from datetime import UTC, datetime, timedelta

    now = datetime.now(UTC)
    raw = [alert(number, 1, now=now + timedelta(hours=27 if number < 200 else 28)) for number in range(alerts)]
    old = [datetime.fromisoformat(str(one["startsAt"])) for one in raw[:200]]
    made = []
    for day in range(count):
        for number, started in enumerate(old):
            moved = started - timedelta(days=day)
            raw[number]["startsAt"] = moved.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        made.append(json.dumps(raw).encode())
    return made


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("alerts", type=int)
    parser.add_argument("--changing", action="store_true")
    parser.add_argument("--ages", action="store_true")
    parser.add_argument("--log", type=Path, help="where it is noted when an answer about alerts had been sent")
    options = parser.parse_args()
    bodies = aging(options.alerts, 30) if options.ages else answers(options.alerts, changing=options.changing)
    turn = count()
    status = json.dumps(
        {
            "cluster": {"status": "disabled", "peers": []},
            "config": {"original": ""},
            "uptime": "2026-01-01T00:00:00.000Z",
            "versionInfo": {"version": "0.25.0"},
        }
    ).encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            body = {"/api/v2/status": status, "/api/v2/silences": b"[]"}.get(path)
            if path == "/api/v2/alerts":
                body = bodies[next(turn) % len(bodies)]
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")
            self.wfile.flush()
            if path == "/api/v2/alerts" and options.log is not None:
                with options.log.open("a", encoding="utf-8") as log:
                    log.write(f"{time.clock_gettime_ns(time.CLOCK_MONOTONIC)}\n")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class' name for it
            """Say nothing."""

    ThreadingHTTPServer(("127.0.0.1", options.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
