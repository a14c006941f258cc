"""The shop breaks, the real Prometheus fires, the real Alertmanager routes: Cockpit answers the five questions."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.incident import Incident
from tests.e2e.tmux import Terminal
from tests.e2e.values import VALUES, but_for_times
from tests.e2e.waiting import eventually

pytestmark = pytest.mark.real


def check_five(document: Any, incident: Incident) -> None:
    """Demand the five answers right, with evidence of the systems that gave them."""
    answers = document["answers"]
    values = {question: answer["value"] for question, answer in answers.items()}
    assert but_for_times(values) == but_for_times(VALUES)
    assert f"deployed at {incident.deploy:%H:%M} UTC" in values["change"]
    assert {answer["standing"] for answer in answers.values()} == {"filled"}
    systems = {question: {piece["system"] for piece in answer["evidence"]} for question, answer in answers.items()}
    assert "prometheus" in systems["what"]
    assert systems["when"] <= {"alertmanager", "prometheus"}
    assert systems["when"]
    assert systems["scope"] == {"prometheus"}
    assert {"git", "prometheus"} <= systems["change"]
    assert "map" in systems["owner"]


def test_drill_answers_all_five_with_evidence(broken: Incident) -> None:
    """`cockpit drill --json` fills the five questions from three live systems, and exits 0."""
    said = broken.scene.says("drill", "--json")

    assert said.status == 0, said.err
    document = said.json
    assert document["alert"]["name"] == "PaymentErrorsHigh"
    assert document["alert"]["service"] == "payment"
    assert document["priority"]["proposed"] == "P1"
    check_five(document, broken)
    quoted = " ".join(piece["says"] for piece in document["answers"]["change"]["evidence"])
    assert "v2.4.0" in quoted
    (suspect,) = document["answers"]["change"]["suspects"][:1]
    assert suspect["service"] == "payment"
    assert abs((datetime.fromisoformat(suspect["began"]) - broken.deploy).total_seconds()) < 1
    assert {system["state"] for system in document["systems"]} == {"live"}


def test_deploy_seen_by_git_and_prometheus_is_one_row(broken: Incident) -> None:
    """The tag and the version metric tell of one change, which names both systems."""
    changes = broken.scene.says("changes", "--json").json

    rows = [change for change in changes if change["version"] == "v2.4.0"]
    assert len(rows) == 1
    assert rows[0]["service"] == "payment"
    assert rows[0]["kind"] == "deploy"
    assert set(rows[0]["systems"]) == {"git", "prometheus"}
    assert rows[0]["team"] == "team-payments"


def test_states_are_told_apart(broken: Incident) -> None:
    """Firing, pending, silenced and inhibited alerts of both servers stand in one list, each in its state."""
    states = {alert["name"]: alert["state"] for alert in broken.scene.alerts()}

    assert states["PaymentErrorsHigh"] == "firing"
    assert states["CardGatewaySlow"] == "pending"
    assert states["SearchShardStale"] == "silenced"
    assert states["OrderRateLow"] == "inhibited"
    assert "Watchdog" not in states


def test_alertmanager_routed_the_alert(broken: Incident) -> None:
    """The page went out to the receiver of critical alerts, and each peer's copy is the same row."""
    eventually(
        lambda: any(page.receiver == "pagerduty-checkout" for page in broken.stage.shop.pages), what="a page arrived"
    )
    rows = [alert for alert in broken.scene.alerts() if alert["name"] == "PaymentErrorsHigh"]

    assert len(rows) == 1
    assert len(rows[0]["peers"]) == 2


def test_screen_shows_all_five(broken: Incident, short_folder: Path) -> None:
    """In a real terminal of 80 by 24 the screen fills the drill by itself, with the same answers."""
    with Terminal(short_folder) as terminal:
        broken.scene.opens(terminal)
        terminal.sees("PaymentErrorsHigh", "payment_errors_total > 5 %, now 100 %", within_s=30)
        screen = terminal.sees(
            "100 % of checkout attempts failing at payment step",
            "payment-service v2.4.0",
            "team-payments (PagerDuty escalation)",
            "3 of 3 live",
        )
        assert re.search(r"[45] min before", terminal.answer("CHANGE")), screen
        assert "ongoing" in terminal.answer("WHEN"), screen
        assert re.search(r"✗\d+ P1\? payment \| \d+ firing", terminal.title())


def test_fresh_recording_gives_the_same_drill(broken: Incident, tmp_path: Path) -> None:
    """What `cockpit record` keeps of the live servers says the same, but for times, when it is asked later."""
    recording = tmp_path / "fresh.jsonl.gz"
    kept = broken.scene.says("record", str(recording), "--for", "5s")
    assert kept.status == 0, kept.err

    said = broken.scene.says("drill", "--json", "--recording", str(recording))

    assert said.status == 0, said.err
    check_five(said.json, broken)
