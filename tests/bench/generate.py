"""Writes recordings of any size: `python -m tests.bench.generate ALERTS FILE [--per-fold N] [--map FILE]`.

The alerts are spread over 400 services with one name a fold, numbered in the order in which the list shows them (one
severity, each younger than the one before), so that a measurement knows which alert a key leads to.
"""

import argparse
import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

NOW = datetime(2026, 11, 20, 14, 12, tzinfo=UTC)
"""The last moment of every generated recording."""

PEER = "http://127.0.0.1:9093"
"""The address that the recorded Alertmanager had."""


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def alert(number: int, per_fold: int, *, now: datetime = NOW) -> dict[str, object]:
    """Return one alert as Alertmanager's API answers it."""
    name = f"HighErrorRate{number // per_fold:05d}"
    service = f"svc-{number // per_fold % 400:03d}-checkout-api"
    labels = {
        "alertname": name,
        "service": service,
        "severity": "critical",
        "team": f"team-{number // per_fold % 30:02d}",
        "instance": f"i-{number:05d}.example.net:9100",
        "cluster": f"eu-{number // per_fold % 3}",
    }
    started = now - timedelta(hours=30) + timedelta(seconds=number)
    return {
        "labels": labels,
        "annotations": {
            "summary": f"Error ratio 31% on {service}",
            "runbook_url": f"https://runbooks.example.net/{name}",
        },
        "fingerprint": hashlib.blake2b(f"{number}".encode(), digest_size=8).hexdigest(),
        "startsAt": _stamp(started),
        "endsAt": _stamp(now + timedelta(minutes=4)),
        "updatedAt": _stamp(now - timedelta(seconds=5)),
        "generatorURL": "http://127.0.0.1:9090/graph?g0.expr=error_ratio+%3E+0.05&g0.tab=1",
        "receivers": [{"name": "team-page"}],
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
    }


def lines(
    count: int, per_fold: int, map_text: str | None, *, polls: int = 1, every: float = 15.0
) -> list[dict[str, object]]:
    """Return a whole recording, header first; with several polls each one changes two hundred alerts."""
    alerts = [alert(number, per_fold) for number in range(count)]
    status = {
        "cluster": {"status": "disabled", "peers": []},
        "config": {"original": ""},
        "uptime": _stamp(NOW - timedelta(days=9)),
        "versionInfo": {
            "version": "0.25.0",
            "revision": "",
            "branch": "",
            "buildUser": "",
            "buildDate": "",
            "goVersion": "",
        },
    }
    began = NOW - timedelta(seconds=every * polls)
    made: list[dict[str, object]] = [
        {
            "cockpit_recording": 1,
            "began": _stamp(began),
            "cockpit": "generated",
            "moved_by_s": 0,
            "builds": {"alertmanager": "generated"},
            "context": {
                "name": "generated",
                "production": False,
                "window_s": 14400,
                "heartbeat": ['alertname="Watchdog"'],
                "dim": [],
                "timezone": "UTC",
                "systems": [
                    {
                        "name": "alertmanager",
                        "kind": "alertmanager",
                        "urls": [PEER],
                        "labels": {},
                        "every_s": every,
                        "extra": {},
                    }
                ],
            },
            "map": map_text,
        }
    ]
    for poll in range(polls):
        at = began + timedelta(seconds=every * (poll + 1))
        for number in range(min(200, count)) if poll else ():
            alerts[number]["annotations"] = {"summary": f"poll {poll} of {number}"}
        for path, body in (("/api/v2/status", status), ("/api/v2/alerts", alerts), ("/api/v2/silences", [])):
            made.append(
                {
                    "asked": _stamp(at - timedelta(milliseconds=300)),
                    "at": _stamp(at),
                    "system": "alertmanager",
                    "peer": PEER,
                    "method": "GET",
                    "path": path,
                    "params": [],
                    "status": 200,
                    "headers": {"content-type": "application/json"},
                    "body": json.dumps(body),
                }
            )
    return made


def main() -> None:
    """Write the recording that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("alerts", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--per-fold", type=int, default=1)
    parser.add_argument("--polls", type=int, default=1)
    parser.add_argument("--every", type=float, default=15.0)
    parser.add_argument("--map", type=Path)
    options = parser.parse_args()
    map_text = options.map.read_text("utf-8") if options.map is not None else None
    made = lines(options.alerts, options.per_fold, map_text, polls=options.polls, every=options.every)
    options.file.write_text("".join(json.dumps(line) + "\n" for line in made), "utf-8")


if __name__ == "__main__":
    main()
