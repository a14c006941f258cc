"""The rest of the command line on real servers: draft and check, doctor, record and replay, systems not read yet."""

import json
from pathlib import Path

import pytest

from tests.e2e.incident import Incident
from tests.e2e.scene import Scene

pytestmark = pytest.mark.real


def test_drafted_map_is_accepted(broken: Incident, tmp_path: Path) -> None:
    """What real alerts and targets say becomes a map that has nothing wrong, and that the drill can use."""
    drafted = broken.scene.says("map", "draft")
    assert drafted.status == 0, drafted.err
    path = tmp_path / "drafted.yaml"
    path.write_text(drafted.out)

    checked = broken.scene.says("map", "check", str(path), "--json")

    assert (checked.status, checked.json) == (0, [])
    alert = next(one for one in broken.scene.says("alerts", "--json", "--map", str(path)).json if one["mapped"])
    assert alert["service"]


def test_map_queries_are_asked(broken: Incident, tmp_path: Path) -> None:
    """The shop's own map passes, and a query that only a real Prometheus refuses is pointed at with its words."""
    assert broken.scene.says("map", "check", "--json").json == []
    path = tmp_path / "bad.yaml"
    query = 'label_replace(up, "a", "$1", "b", "(")'
    path.write_text(
        "map: x\nentry: [a]\nservices:\n  a:\n    team: t\n    scope:\n"
        f'      query: {query}\n      says: "{{value:number}} up"\nteams: {{t: {{}}}}\n'
    )

    said = broken.scene.says("map", "check", str(path), "--json")

    (problem,) = said.json
    assert said.status == 1
    assert (problem["rule"], problem["line"], problem["column"]) == ("bad-query", 7, 14)
    assert "invalid regular expression" in problem["message"]


def test_doctor_finds_every_handshake_in_order(broken: Incident) -> None:
    """On a healthy stage nothing fails, and alerts are seen on their way from tool to tool."""
    said = broken.scene.says("doctor", "--json")

    assert said.status == 0, said.out
    checks = {check["check"]: check for check in said.json}
    assert all(check["ok"] for check in checks.values())
    for handshake in ("prometheus -> alertmanager", "alertmanager -> pagerduty", "peers agree", "scope of payment"):
        assert handshake in checks
    assert all(check["remedy"] for check in checks.values() if check["warning"])


def test_recorded_session_answers_the_same(broken: Incident, tmp_path: Path) -> None:
    """A few seconds of the incident, recorded and played back, drill like the live servers, but for the time."""
    file = tmp_path / "session.jsonl.gz"
    kept = broken.scene.says("record", str(file), "--for", "4s", "--json")
    assert kept.status == 0, kept.err
    assert kept.json["systems"] == ["alertmanager", "git", "prometheus"]

    played = broken.scene.says("drill", "--json", "--recording", str(file))

    assert played.status == 0, played.err
    live = broken.scene.drill()
    for question in ("what", "scope", "change", "owner"):
        assert played.json["answers"][question]["value"] == live["answers"][question]["value"]


def test_change_system_that_does_not_answer_is_missed_and_said(broken: Incident, tmp_path: Path) -> None:
    """With a Datadog that is down all else answers, RECENT CHANGE never says none, and every command says why."""
    nobody = {"url": "http://127.0.0.1:1", "api_key": {"command": "echo key"}, "app_key": {"command": "echo key"}}
    scene = Scene(tmp_path, {**broken.systems(), "datadog": nobody}, broken.map)

    drilled = scene.says("drill", "SearchShardStale", "--json")

    assert drilled.status == 3
    change = drilled.json["answers"]["change"]
    assert change["standing"] == "unknown"
    assert change["value"].startswith("not known: datadog not answering; nothing on search")
    states = {system["name"]: system for system in drilled.json["systems"]}
    assert states["datadog"]["state"] == "down"
    assert "connection refused" in states["datadog"]["error"]
    assert "connection refused" in drilled.err
    assert json.loads(scene.says("changes", "--json").out)
    assert scene.says("doctor").status == 1
