"""`cockpit drill` where little is known, and about whom it is."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cockpit.board.state import Answered
from cockpit.clock import FixedClock
from cockpit.config.direct import Asked
from cockpit.config.load import load
from cockpit.journal.store import open_journal
from cockpit.locations import state_folder
from cockpit.model.drill import PersonAnswer, Question, Standing
from tests.fakes.alertmanager import FakeAlertmanager
from tests.fakes.http_server import in_thread
from tests.fakes.pagerduty import TOKEN, FakePagerDuty
from tests.unit.cli.running import run


@pytest.fixture
def firing(alertmanager: FakeAlertmanager) -> FakeAlertmanager:
    """Return an Alertmanager with a bad and a worse alert."""
    began = datetime.now(UTC) - timedelta(minutes=6)
    alertmanager.fire({"alertname": "DiskFull", "app": "db", "severity": "warning"}, starts=began)
    alertmanager.fire({"alertname": "PaymentErrorsHigh", "app": "payment", "severity": "critical"}, starts=began)
    return alertmanager


def test_worst_is_the_default(firing: FakeAlertmanager) -> None:
    """Without a name the worst alert's drill is printed, with all five answers and the systems."""
    result = run("drill", "--json", "--alertmanager", firing.base, "--map", "checkout")
    assert result.code == 0
    drill = result.document
    assert drill["alert"]["name"] == "PaymentErrorsHigh"
    assert list(drill["answers"]) == ["what", "when", "scope", "change", "owner"]
    assert drill["answers"]["owner"]["value"].startswith("team-payments")
    assert drill["answers"]["change"]["standing"] == "unknown"
    assert drill["answers"]["when"]["value"].endswith("ongoing 6 min")
    for answer in drill["answers"].values():
        assert answer["standing"] != "asking"
        assert answer["evidence"] or answer["standing"] == "unknown"
    assert [system["name"] for system in drill["systems"]] == ["alertmanager"]


def test_owner_says_who_is_on_call(firing: FakeAlertmanager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PagerDuty is asked, the owner's answer names who is on call as the screen does."""
    monkeypatch.setenv("PAGERDUTY_TOKEN", TOKEN)
    now = datetime.now(UTC)
    pager = FakePagerDuty(lambda: datetime.now(UTC))
    pager.duty("PABC123", "Ada", now - timedelta(hours=1), now + timedelta(hours=3, minutes=1))
    (tmp_path / "map.yaml").write_text(
        "map: x\nservices: {payment: {team: team-payments}}\nteams: {team-payments: {pagerduty: PABC123}}\n"
    )
    file = tmp_path / "c.toml"
    with in_thread(pager):
        file.write_text(
            f'[contexts.x]\nmap = "map.yaml"\n[contexts.x.systems.alertmanager]\nurl = "{firing.base}"\n'
            f'[contexts.x.systems.pagerduty]\nurl = "{pager.url}"\ntoken = {{env = "PAGERDUTY_TOKEN"}}\n'
        )
        result = run("drill", "--json", "--config", str(file))
    assert result.code == 0
    evidence = result.document["answers"]["owner"]["evidence"]
    assert any(one["says"].startswith("on call: Ada until") for one in evidence)


def test_alert_is_found_by_id_or_name(firing: FakeAlertmanager) -> None:
    """An alert is meant by its fingerprint, with or without its system, and a fold by its name."""
    where = ("--json", "--alertmanager", firing.base)
    wanted = next(alert["id"] for alert in run("alerts", *where).document if alert["name"] == "DiskFull")
    for name in (wanted, f"alertmanager/{wanted}", "DiskFull"):
        assert run("drill", name, *where).document["alert"]["id"] == wanted


def test_unknown_alert_exits_1(firing: FakeAlertmanager) -> None:
    """An alert that is not there is told, with `null` as the document."""
    result = run("drill", "nope", "--json", "--alertmanager", firing.base)
    assert (result.code, result.document) == (1, None)
    assert "nope: no such alert" in result.error


def test_nothing_fires_is_null_and_0(alertmanager: FakeAlertmanager) -> None:
    """Where nothing fires there is no drill, and that is no failure."""
    result = run("drill", "--json", "--alertmanager", alertmanager.base)
    assert (result.code, result.document) == (0, None)
    assert run("drill", "--alertmanager", alertmanager.base).out == "Nothing fires, alertmanager answered\n"


def test_blind_is_3() -> None:
    """Where nobody answers, it is not known what fires."""
    result = run("drill", "--json", "--alertmanager", "http://127.0.0.1:1")
    assert (result.code, result.document) == (3, None)
    assert run("drill", "--alertmanager", "http://127.0.0.1:1").out.startswith("Not known what fires")


def test_texts_fit_where_they_are_sent(firing: FakeAlertmanager) -> None:
    """The chat text has at most 8 lines of 120 columns, all five questions, and no controls."""
    for form in ("--text", "--markdown"):
        result = run("drill", form, "--alertmanager", firing.base)
        assert result.code == 0
        assert not any(char < " " and char != "\n" for char in result.out)
        assert all(word in result.out.upper() for word in ("WHAT", "WHEN", "SCOPE", "CHANGE", "OWNER"))
    lines = run("drill", "--text", "--alertmanager", firing.base).out.splitlines()
    assert len(lines) <= 8
    assert max(map(len, lines)) <= 120


def test_plain_drill_shows_what_it_rests_on(firing: FakeAlertmanager, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a flag each answer is followed by its evidence, at its time in UTC wherever the person is."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    result = run("drill", "--alertmanager", firing.base)
    assert "startsAt" in result.out
    hours = set(re.findall(r"alertmanager at (\d\d):\d\d:\d\d UTC: ", result.out))
    assert {f"{datetime.now(UTC) - timedelta(minutes=late):%H}" for late in (0, 1)} >= hours != set()
    assert "JST" in result.out


def test_what_a_person_wrote_counts(firing: FakeAlertmanager) -> None:
    """An answer that was edited on the screen stands in the drill, with who wrote it."""
    where = ("--json", "--alertmanager", firing.base)
    alert = next(alert for alert in run("alerts", *where).document if alert["name"] == "PaymentErrorsHigh")
    opened = datetime.fromisoformat(alert["fired"])
    occurrence = f"alertmanager/{alert['id']}/{opened:%Y%m%dT%H%M%SZ}"
    now = datetime.now(UTC)
    context = load(Asked(alertmanagers=(firing.base,))).chosen
    journal = open_journal(state_folder(), FixedClock(now), context)
    said = PersonAnswer(occurrence, Question.SCOPE, Standing.EDITED, "one shop in ten", "responder", now)
    journal.write(Answered(now, occurrence, Question.SCOPE, said))
    journal.close()
    scope = run("drill", alert["id"], *where).document["answers"]["scope"]
    assert (scope["value"], scope["standing"], scope["by"]) == ("one shop in ten", "edited", "responder")
