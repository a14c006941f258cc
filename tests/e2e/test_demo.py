"""The embedded recording: real answers of real servers, and the drill that they give."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cockpit.demo import recording_path
from cockpit.systems.recording import Recording
from tests.e2e.values import VALUES


def ask(*arguments: str) -> Any:
    """Return what Cockpit answers from the demo, as JSON."""
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "cockpit", *arguments, "--demo", "--json"]
    folder = Path(__file__).resolve().parent.parent.parent
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def recording() -> Recording:
    """Return the embedded recording."""
    return Recording.load(recording_path())


def test_demo_drill_gives_the_five_values() -> None:
    """At 14:12 the drill of the worst alert says, by itself, what the documents say."""
    document = ask("drill")

    assert {question: answer["value"] for question, answer in document["answers"].items()} == VALUES
    assert {answer["standing"] for answer in document["answers"].values()} == {"filled"}
    assert all(answer["evidence"] for answer in document["answers"].values())
    assert document["answers"]["what"]["detail"] == "flat since 14:08"
    assert document["priority"]["proposed"] == "P1"
    change = document["answers"]["change"]
    assert {piece["system"] for piece in change["evidence"]} >= {"git", "prometheus"}
    assert change["suspects"][0]["began"] == "2026-11-20T14:02:00Z"


def test_demo_has_life_around_the_incident() -> None:
    """At 14:12 alerts of every state and changes of several kinds stand around the incident."""
    alerts = ask("alerts")
    changes = ask("changes")

    states = {alert["name"]: alert["state"] for alert in alerts}
    assert states["CheckoutLatencyP99"] == "firing"
    assert states["CardGatewaySlow"] == "pending"
    assert states["SearchShardStale"] == "silenced"
    assert states["OrderRateLow"] == "inhibited"
    assert states["SessionEvictionsHigh"] == "resolved"
    assert sum(alert["name"] == "PodRestarting" for alert in alerts) == 14
    unmapped = [alert for alert in alerts if not alert["mapped"]]
    assert {alert["name"] for alert in unmapped} == {"NodeDiskFilling", "InfoInhibitor"}
    assert {change["kind"] for change in changes} >= {"deploy", "config", "merged"}
    assert any(change["rollback"] for change in changes)


@pytest.mark.parametrize(
    ("at", "name", "state"),
    [
        ("13:58", "NodeDiskFilling", "firing"),
        ("14:10:30", "SessionEvictionsHigh", "resolved"),
        ("14:23:30", "PaymentErrorsHigh", "resolved"),
    ],
)
def test_demo_moves_on(at: str, name: str, state: str) -> None:
    """Before, during and after the incident the demo tells what was known then."""
    states = {alert["name"]: alert["state"] for alert in ask("alerts", "--at", at)}

    assert states[name] == state


def test_demo_keeps_raw_answers_and_builds(recording: Recording) -> None:
    """The file holds what the servers sent, and which builds of them sent it; only its clock was moved."""
    assert recording.header.moved_by_s != 0
    assert recording.header.builds["prometheus"].startswith("prometheus 2.")
    assert recording.header.builds["alertmanager"].startswith("alertmanager 0.")
    paths = {call.path for call in recording.calls}
    assert {"/api/v2/alerts", "/api/v1/rules", "/api/v1/query", "/api/v1/query_range"} <= paths
    rules = next(call for call in recording.calls if call.path == "/api/v1/rules")
    groups = json.loads(rules.body)["data"]["groups"]
    queries = {rule["name"]: rule["query"] for group in groups for rule in group["rules"]}
    assert queries["PaymentErrorsHigh"] == (
        "sum(rate(payment_errors_total[1m])) / sum(rate(payment_attempts_total[1m])) > 0.05"
    )
    peers = {call.peer for call in recording.calls if call.path == "/api/v2/alerts"}
    assert len(peers) == 2


def test_demo_stands_where_it_says(recording: Recording) -> None:
    """The recording begins before 13:57:30 and ends after 14:23 UTC of its day, without a gap of a minute."""
    day = (2026, 11, 20)
    assert recording.began < datetime(*day, 13, 57, 30, tzinfo=UTC)
    assert recording.ended > datetime(*day, 14, 23, tzinfo=UTC)
    gaps = [
        (after - before).total_seconds()
        for before, after in zip(recording.moments, recording.moments[1:], strict=False)
    ]
    assert max(gaps) < 60


def test_demo_is_small() -> None:
    """The recording ships with the program, so it stays under two megabytes."""
    assert recording_path().stat().st_size < 2_000_000
