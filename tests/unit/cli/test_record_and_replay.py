"""`cockpit record`, and answers from what it kept."""

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes.alertmanager import FakeAlertmanager
from tests.fakes.http_server import Answer, Asked
from tests.unit.cli.running import run


@pytest.fixture
def firing(alertmanager: FakeAlertmanager) -> FakeAlertmanager:
    """Return an Alertmanager with one alert."""
    began = datetime.now(UTC) - timedelta(minutes=6)
    alertmanager.fire({"alertname": "PaymentErrorsHigh", "app": "payment", "severity": "critical"}, starts=began)
    return alertmanager


@pytest.fixture
def recorded(firing: FakeAlertmanager, tmp_path: Path) -> Path:
    """Return a recording of a second."""
    path = tmp_path / "r.jsonl.gz"
    result = run("record", str(path), "--for", "1s", "--map", "checkout", "--alertmanager", firing.base)
    assert result.code == 0, result.err
    return path


def test_recording_says_what_it_kept(firing: FakeAlertmanager, tmp_path: Path) -> None:
    """A recording ends after its time and says how much of whom it kept; the file is private."""
    path = tmp_path / "r.jsonl"
    result = run("record", str(path), "--for", "1s", "--json", "--alertmanager", firing.base)
    assert result.code == 0
    assert result.document["systems"] == ["alertmanager"]
    assert result.document["calls"] >= 2
    assert path.stat().st_mode & 0o777 == 0o600
    assert "kept" in result.err
    assert json.loads(path.read_text().splitlines()[0])["cockpit_recording"] == 1


def test_file_is_not_overwritten_unasked(firing: FakeAlertmanager, tmp_path: Path) -> None:
    """A file that is there is left alone, unless `--force` says otherwise."""
    path = tmp_path / "r.jsonl"
    path.write_text("mine")
    refused = run("record", str(path), "--for", "1s", "--alertmanager", firing.base)
    assert refused.code == 2
    assert "--force" in refused.error
    assert path.read_text() == "mine"
    assert run("record", str(path), "--for", "1s", "--force", "--alertmanager", firing.base).code == 0


def test_recording_of_nobody_failed(tmp_path: Path) -> None:
    """A recording in which nobody answered exits 1."""
    result = run("record", str(tmp_path / "r.jsonl"), "--for", "1s", "--alertmanager", "http://127.0.0.1:1")
    assert result.code == 1


def test_secret_is_not_in_the_file(firing: FakeAlertmanager, tmp_path: Path) -> None:
    """A token that the server repeats is not kept."""
    (tmp_path / "token").write_text("hunter2hunter2")
    (tmp_path / "token").chmod(0o600)
    config = tmp_path / "c.toml"
    config.write_text(f'[contexts.x.systems.alertmanager]\nurl = "{firing.base}"\ntoken = {{file = "token"}}\n')
    firing.fire({"alertname": "A", "leak": "hunter2hunter2"})
    path = tmp_path / "r.jsonl"
    assert run("record", str(path), "--for", "1s", "--config", str(config)).code == 0
    assert "hunter2" not in path.read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_a_recording_cleanly(
    firing: FakeAlertmanager, tmp_path: Path, repository: Path, number: signal.Signals
) -> None:
    """Ctrl+c and SIGTERM end the file whole, with one line on what was kept, and exit 0."""
    path = tmp_path / "r.jsonl.gz"
    watched = threading.Event()
    answer = firing.routes["GET /api/v2/silences"]

    def told(asked: Asked) -> Answer:
        watched.set()
        assert callable(answer)
        made = answer(asked)
        assert isinstance(made, Answer)
        return made

    firing.routes["GET /api/v2/silences"] = told
    process = subprocess.Popen(
        [sys.executable, "-m", "cockpit", "record", str(path), "--alertmanager", firing.base],
        cwd=repository,
        stderr=subprocess.PIPE,
        env={**os.environ},
        text=True,
    )
    assert watched.wait(20)
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert "kept" in err
    assert "Traceback" not in err
    assert run("alerts", "--json", "--recording", str(path)).document[0]["name"] == "PaymentErrorsHigh"


def test_recording_answers_like_the_live_system(recorded: Path) -> None:
    """Alerts and drill of a recording are what the live systems said, by the recording's own clock and map."""
    alerts = run("alerts", "--json", "--recording", str(recorded))
    assert (alerts.code, alerts.err) == (0, "")
    assert alerts.document[0]["team"] == "team-payments"
    drill = run("drill", "--json", "--recording", str(recorded))
    assert drill.code == 0
    assert drill.document["answers"]["when"]["value"].endswith("ongoing 6 min")
    assert drill.document["answers"]["owner"]["value"].startswith("team-payments")


def test_moment_outside_is_wrong_usage(recorded: Path) -> None:
    """`--at` outside of the recording exits 2."""
    outside = datetime.now(UTC) - timedelta(hours=3)
    result = run("alerts", "--recording", str(recorded), "--at", f"{outside:%H:%M}")
    assert result.code == 2
    assert "outside of the recording" in result.error


def test_replay_without_a_terminal_prints_the_drill(recorded: Path) -> None:
    """Where there is no screen, the worst alert's drill stands for it."""
    result = run("replay", str(recorded))
    assert result.code == 0
    assert "PaymentErrorsHigh" in result.out
    assert len(result.out.splitlines()) <= 8
    assert run("replay", str(recorded), "--json").document["alert"]["name"] == "PaymentErrorsHigh"


def test_file_that_is_cut_off_is_read_up_to_there(recorded: Path) -> None:
    """A recording that was cut off in the middle still answers, and says so."""
    raw = recorded.read_bytes()
    recorded.write_bytes(raw[: len(raw) - 10])
    assert run("alerts", "--json", "--recording", str(recorded)).document


@pytest.mark.parametrize("content", [b"", b"nonsense\n", b'{"cockpit_recording": 99}\n', b"\x1f\x8b\x00"])
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes) -> None:
    """A file that is none, and one that is not there, exit 2 with its name."""
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    result = run("alerts", "--recording", str(path))
    assert result.code == 2
    assert str(path) in result.error
    assert run("alerts", "--recording", str(tmp_path / "none")).code == 2
