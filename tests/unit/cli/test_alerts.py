"""`cockpit alerts` against Alertmanagers that speak the real protocol."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes.alertmanager import Cluster, FakeAlertmanager
from tests.fakes.http_server import Answer, FakeServer, in_thread
from tests.unit.cli.running import run

KEYS = {
    "id",
    "system",
    "name",
    "service",
    "mapped",
    "team",
    "cluster",
    "severity",
    "priority",
    "proposed",
    "state",
    "flapping",
    "since",
    "fired",
    "summary",
    "labels",
    "peers",
}


def test_alerts_have_the_promised_shape(alertmanager: FakeAlertmanager, cluster: Cluster) -> None:
    """Every state is listed, unfolded, worst first, with exactly the promised keys."""
    began = datetime.now(UTC) - timedelta(minutes=6)
    payment = alertmanager.fire(
        {"alertname": "PaymentErrorsHigh", "app": "payment", "severity": "critical", "cluster": "eu-1"},
        {"summary": "Payments fail"},
        starts=began,
    )
    alertmanager.fire({"alertname": "DiskFull", "app": "db", "team": "team-db"}, starts=began)
    cluster.silence({"alertname": "DiskFull"})
    result = run("alerts", "--json", "--alertmanager", alertmanager.base, "--map", "checkout")
    assert (result.code, result.err) == (0, "")
    first, second = result.document
    assert set(first) == set(second) == KEYS
    assert first["id"] == payment
    assert first["system"] == "alertmanager"
    assert (first["service"], first["mapped"], first["team"]) == ("payment", True, "team-payments")
    assert (first["severity"], first["priority"], first["cluster"]) == ("critical", None, "eu-1")
    assert first["proposed"] in {"P1", "P2"}
    assert (first["state"], first["flapping"]) == ("firing", False)
    assert first["fired"].endswith("Z")
    assert first["summary"] == "Payments fail"
    assert first["labels"]["alertname"] == "PaymentErrorsHigh"
    assert first["peers"] == [alertmanager.address]
    assert (second["state"], second["mapped"], second["team"]) == ("silenced", False, "team-db")


def test_table_is_aligned_and_harmless(alertmanager: FakeAlertmanager) -> None:
    """The text is a table with who answered below it, and nothing in it drives a terminal."""
    alertmanager.fire({"alertname": "A\x1b]52;c;aGk=\x07", "app": "[red]x"}, {"summary": "one\ntwo\x9b31m"})
    result = run("alerts", "--alertmanager", alertmanager.base)
    assert result.code == 0
    assert not any(char < " " and char != "\n" for char in result.out)
    assert "\x9b" not in result.out
    assert "[red]x" in result.out
    assert result.out.splitlines()[0].startswith("STATE")
    assert "1 alert, 1 firing; alertmanager answered" in result.out


def test_quiet_is_not_blind(alertmanager: FakeAlertmanager) -> None:
    """Nothing firing says who answered and exits 0; nobody answering says that and exits 3."""
    quiet = run("alerts", "--alertmanager", alertmanager.base)
    assert (quiet.code, quiet.out) == (0, "0 alerts, alertmanager answered\n")
    blind = run("alerts", "--alertmanager", "http://127.0.0.1:1")
    assert blind.code == 3
    assert blind.out == "not known, alertmanager did not answer\n"
    assert "127.0.0.1:1" in blind.error
    assert run("alerts", "--json", "--alertmanager", "http://127.0.0.1:1").document == []


def test_nobody_configured_for_alerts_is_not_quiet(tmp_path: Path) -> None:
    """A context whose systems tell of no alerts knows nothing, says so and exits 3."""
    config = tmp_path / "c.toml"
    config.write_text('[contexts.x.systems.git]\nrepositories = [{path = "/nowhere", service = "a"}]\n')
    result = run("alerts", "--config", str(config))
    assert (result.code, result.out) == (3, "not known, no system that reports alerts is configured\n")


def test_without_a_configuration_what_was_tried_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is configured and nothing answers, one line says what was tried and how to connect it."""
    monkeypatch.setenv("ALERTMANAGER_URL", "http://127.0.0.1:1")
    result = run("alerts")
    assert result.code == 3
    (line,) = [line for line in result.err.splitlines() if "tried" in line]
    assert "config.toml; " in line
    assert "ALERTMANAGER_URL=http://127.0.0.1:1; PROMETHEUS_URL is not set" in line
    assert line.endswith("say --alertmanager http://HOST:9093, or write a configuration: cockpit init")
    assert "tried" not in run("alerts", "--alertmanager", "http://127.0.0.1:1").err


def test_dead_peer_is_told_and_holds_nothing_back(alertmanager: FakeAlertmanager) -> None:
    """With one of two peers down the alerts are there, the exit code is 0 and the peer is named."""
    alertmanager.fire({"alertname": "A"})
    result = run("alerts", "--json", "--alertmanager", alertmanager.base, "--alertmanager", "http://127.0.0.1:1")
    assert result.code == 0
    assert len(result.document) == 1
    assert "peer 127.0.0.1:1 not answering" in result.error


def test_one_dead_cluster_does_not_hide_the_other(alertmanager: FakeAlertmanager, tmp_path: Path) -> None:
    """With one of two Alertmanagers down the other's alerts are printed, and the exit code is 3."""
    alertmanager.fire({"alertname": "A"})
    config = tmp_path / "c.toml"
    config.write_text(
        f'[contexts.x.systems.am-eu]\nkind = "alertmanager"\nurl = "{alertmanager.base}"\n'
        '[contexts.x.systems.am-us]\nkind = "alertmanager"\nurl = "http://127.0.0.1:1"\n'
    )
    result = run("alerts", "--json", "--config", str(config))
    assert result.code == 3
    assert [alert["system"] for alert in result.document] == ["am-eu"]
    assert "am-us not answering" in result.error
    assert "am-eu answered, am-us did not" in run("alerts", "--config", str(config)).out


def test_alerts_of_several_clusters_name_theirs(alertmanager: FakeAlertmanager, tmp_path: Path) -> None:
    """Where several systems hold alerts they are not joined, and each row says whose it is."""
    alertmanager.fire({"alertname": "A"})
    config = tmp_path / "c.toml"
    config.write_text(
        "".join(
            f'[contexts.x.systems.{name}]\nkind = "alertmanager"\nurl = "{alertmanager.base}"\n'
            for name in ("eu", "us")
        )
    )
    head, *rows = run("alerts", "--config", str(config)).out.splitlines()[:3]
    assert "  SYSTEM  " in head
    assert sorted(row[head.index("SYSTEM") :][:2] for row in rows) == ["eu", "us"]
    assert "SYSTEM" not in run("alerts", "--alertmanager", alertmanager.base).out


def test_nonsense_is_an_answer_that_failed() -> None:
    """An HTML page with status 200 counts as not answered."""
    server = FakeServer(default=lambda _: Answer(200, b"<html>login</html>", content_type="text/html"))
    with in_thread(server):
        result = run("alerts", "--json", "--alertmanager", server.url)
    assert (result.code, result.document) == (3, [])
    assert "alertmanager not answering" in result.error


def test_password_is_nowhere(alertmanager: FakeAlertmanager, tmp_path: Path) -> None:
    """A token that a server refuses and repeats is in no output and no log."""
    (tmp_path / "token").write_text("hunter2hunter2")
    (tmp_path / "token").chmod(0o600)
    config = tmp_path / "c.toml"
    config.write_text(f'[contexts.x.systems.alertmanager]\nurl = "{alertmanager.base}"\ntoken = {{file = "token"}}\n')
    alertmanager.routes["GET /api/v2/alerts"] = lambda asked: Answer(401, asked.headers["authorization"].encode())
    result = run("alerts", "--config", str(config))
    assert result.code == 3
    assert "401" in result.err
    assert "hunter2" not in result.out + result.err
