"""`cockpit doctor`: what works, what does not, and what to do."""

from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from cockpit.board.reduce import empty
from cockpit.board.state import Expected, Setup
from cockpit.cli.handshakes import handshakes
from cockpit.model.reading import Topic
from cockpit.model.topology import IntegrationMap, Service
from cockpit.systems.unread import UNREAD
from tests.fakes.alertmanager import FakeAlertmanager
from tests.fakes.http_server import in_thread
from tests.fakes.prometheus import Alerting, FakePrometheus
from tests.unit.cli.running import run

KEYS = {"system", "check", "ok", "message", "remedy", "warning", "known"}


def test_system_that_works_passes(alertmanager: FakeAlertmanager) -> None:
    """A working Alertmanager passes every check, and the exit code is 0."""
    result = run("doctor", "--json", "--alertmanager", alertmanager.base)
    assert result.code == 0
    assert all(set(check) == KEYS for check in result.document)
    assert any(check["system"] == "alertmanager" and check["ok"] for check in result.document)


def test_system_that_is_down_fails_with_a_remedy() -> None:
    """An Alertmanager that is not there fails with what to do, and the exit code is 1."""
    result = run("doctor", "--json", "--alertmanager", "http://127.0.0.1:1")
    assert result.code == 1
    failed = [check for check in result.document if not check["ok"]]
    assert failed
    assert all(check["remedy"] for check in failed)
    text = run("doctor", "--alertmanager", "http://127.0.0.1:1")
    assert text.code == 1
    assert "FAIL" in text.out


def test_clock_that_is_off_is_told(alertmanager: FakeAlertmanager) -> None:
    """A server whose clock is minutes off is told with what to do."""
    alertmanager.ahead_s = 120
    checks = run("doctor", "--json", "--alertmanager", alertmanager.base).document
    assert any(check["warning"] and "ahead" in check["message"] and check["remedy"] for check in checks)


def test_label_that_the_next_tool_needs_is_missed(alertmanager: FakeAlertmanager) -> None:
    """A hop of the map that goes by a label is judged by the alerts that carry it."""
    alertmanager.fire({"alertname": "A", "severity": "page"})
    alertmanager.fire({"alertname": "B"})
    checks = run("doctor", "--json", "--map", "checkout", "--alertmanager", alertmanager.base).document
    (check,) = [check for check in checks if check["check"] == "alertmanager -> pagerduty by severity"]
    assert (check["message"], check["warning"]) == ("1 of 2 alerts carry it; without: B", True)


@pytest.mark.parametrize(
    ("line", "place", "remedy"),
    [
        ('keys = {hlp = "f1"}', "keys.hlp: unknown key", "did you mean help?"),
        ('theme = "nrod"', "theme: there is no theme 'nrod'", "did you mean nord?"),
    ],
)
def test_what_the_screen_would_not_know_is_refused(tmp_path: Path, line: str, place: str, remedy: str) -> None:
    """A key for an action, or a theme, that there is not is an error with the nearest that there is."""
    config = tmp_path / "c.toml"
    config.write_text(f'[contexts.x]\n{line}\n[contexts.x.systems.alertmanager]\nurl = "http://127.0.0.1:1"\n')
    for command in (("doctor",), ()):
        result = run(*command, "--config", str(config), terminal=True)
        assert (result.code, result.out) == (2, "")
        assert f"contexts.x.{place}" in result.error
        assert remedy in result.error


def test_kind_that_is_not_read_is_a_warning(
    alertmanager: FakeAlertmanager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A system of the configuration that this version does not read is said plainly, and fails nothing."""
    monkeypatch.setitem(cast("dict[str, tuple[Topic, ...]]", UNREAD), "later", (Topic.CHANGES,))
    config = tmp_path / "c.toml"
    config.write_text(f'[contexts.x.systems.alertmanager]\nurl = "{alertmanager.base}"\n[contexts.x.systems.later]\n')
    result = run("doctor", "--config", str(config))
    assert result.code == 0
    warned, unknown = [line for line in result.out.splitlines() if "this version does not read later yet" in line]
    assert warned.startswith("warn ")
    assert unknown.startswith("? ")
    assert "deploys reach the feed by later" in unknown


def test_certificate_that_nobody_verifies_is_a_warning(alertmanager: FakeAlertmanager, tmp_path: Path) -> None:
    """`verify = false` is told, with what would be better."""
    config = tmp_path / "c.toml"
    config.write_text(f'[contexts.x.systems.alertmanager]\nurl = "{alertmanager.base}"\nverify = false\n')
    checks = run("doctor", "--json", "--config", str(config)).document
    (check,) = [check for check in checks if check["check"] == "certificate"]
    assert (check["ok"], check["warning"]) == (True, True)
    assert check["remedy"].startswith("verify = ")


def test_alerts_on_their_way_are_awaited(alertmanager: FakeAlertmanager) -> None:
    """What fires since a moment only has not failed to arrive, and has not arrived either: a warning."""
    rule = Alerting("Young", "up == 0")
    rule.active({"app": "payment"}, datetime.now(UTC))
    prometheus = FakePrometheus(lambda: datetime.now(UTC))
    prometheus.rules = [rule]
    with in_thread(prometheus):
        flags = ("--alertmanager", alertmanager.base, "--prometheus", prometheus.url)
        checks = run("doctor", "--json", *flags).document
    (check,) = [check for check in checks if check["check"] == "prometheus -> alertmanager"]
    assert (check["ok"], check["warning"], check["message"]) == (True, True, "0 of 1 firing alerts arrived")
    assert "try again" in check["remedy"]


def test_board_of_nobody_claims_nothing() -> None:
    """Where nothing was answered every handshake is not known, which is no failure and no warning."""
    setup = Setup(
        systems=(Expected("am", "alertmanager", (Topic.ALERTS,)), Expected("p", "prometheus", (Topic.RULES,)))
    )
    checks = handshakes(empty(setup, datetime(2026, 11, 20, tzinfo=UTC)))
    assert {"p -> am", "every alert has a runbook link", "deploys reach the feed"} <= {one.check for one in checks}
    assert all(one.ok and not one.warning and one.message.startswith("not known: ") for one in checks)


def test_status_pages_that_nobody_asks_are_told() -> None:
    """A map that names pages, in a context that asks none, is told how; no failure, no warning."""
    known = IntegrationMap("m", services={"bank": Service("bank", status_page="https://status.example.com")})
    pages = Expected("pages", "statuspage", (Topic.STATUS,))
    at = datetime(2026, 11, 20, tzinfo=UTC)
    (check,) = [one for one in handshakes(empty(Setup(map=known), at)) if "status pages" in one.check]
    assert (check.ok, check.warning, check.message) == (True, False, "1 in the map, and nobody outside is asked")
    assert "systems.statuspage" in check.remedy
    asked = handshakes(empty(Setup(map=known, systems=(pages,)), at))
    assert not [one for one in asked if "status pages" in one.check]
