"""`cockpit shift`: what whoever takes over is told, and the note for the next one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cockpit.model.shift import Part
from cockpit.systems.prometheus_history import FIRED, REACH, SIZE
from tests.fakes.alertmanager import FakeAlertmanager
from tests.fakes.http_server import in_thread
from tests.fakes.prometheus import FakePrometheus, constant
from tests.unit.cli.running import Result, run

KEYS = {
    "at",
    "since",
    "until",
    "notes",
    "firing",
    "ended",
    "changes",
    "baking",
    "silences",
    "on_call",
    "not_known",
    "systems",
}
NOBODY = "http://127.0.0.1:1"


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the journal of each test by itself."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def prometheus() -> Iterator[FakePrometheus]:
    """Run a Prometheus whose one alert fired from two hours to one hour ago."""

    def began(minutes: float) -> float:
        return (datetime.now(UTC) - timedelta(minutes=minutes)).timestamp()

    labels = {"__name__": "ALERTS", "alertname": "Errors", "alertstate": "firing", "service": "payment"}
    versions = "max by (service, version) (app_build_info)"
    server = FakePrometheus(lambda: datetime.now(UTC))
    server.queries = {
        REACH: constant(3),
        FIRED: lambda at: [(labels, 1.0)] if began(120) <= at < began(60) else [],
        SIZE: lambda at: [({}, 1.0)] if began(120) <= at < began(60) else [],
        versions: constant(1, service="payment", version="v1"),
    }
    with in_thread(server):
        yield server


def configured(tmp_path: Path, am: str, prom: str) -> Path:
    """Return a configuration of an Alertmanager and a Prometheus, with a shift of eight hours."""
    file = tmp_path / "config.toml"
    changes = 'changes = [{query = "max by (service, version) (app_build_info)"}]\nplaces = false\nmeasures = false'
    file.write_text(
        '[contexts.prod]\nshift = "8h"\nbaking = "30m"\nme = {name = "ada"}\n'
        f'[contexts.prod.systems.alertmanager]\nurl = "{am}"\n'
        f'[contexts.prod.systems.prometheus]\nurl = "{prom}"\n{changes}\n'
    )
    return file


def start(file: Path, *more: str) -> Result:
    """Run `shift start` with a configuration."""
    return run("shift", "start", "--config", str(file), *more)


def test_everything_is_told(tmp_path: Path, alertmanager: FakeAlertmanager, prometheus: FakePrometheus) -> None:
    """Where everybody answers it exits 0, and what ended stands there with its times, over the shift that is set."""
    alertmanager.fire({"alertname": "Slow", "service": "ui", "severity": "critical", "team": "team-web"})
    file = configured(tmp_path, alertmanager.url, prometheus.url)
    told = start(file, "--json")
    assert told.code == 0, told.err
    document = told.document
    assert set(document) == KEYS
    assert [(row["name"], row["team"], row["proposed"]) for row in document["firing"]] == [("Slow", "team-web", "P2")]
    (ended,) = document["ended"]
    assert (ended["name"], ended["service"], ended["starts"], ended["unsure"]) == ("Errors", "payment", 1, False)
    assert set(document["not_known"]) == {"on_call"}
    assert document["on_call"] is None
    begin, at = (datetime.fromisoformat(document[key]) for key in ("since", "at"))
    assert at - begin == timedelta(hours=8)
    text = start(file)
    assert text.code == 0
    assert "Fires now: 1" in text.out
    assert "Still baking (rolling, or younger than 30 min): 0" in text.out


def test_since_says_how_far_back(tmp_path: Path, alertmanager: FakeAlertmanager, prometheus: FakePrometheus) -> None:
    """With a shorter time what ended before it is not told; nonsense is refused."""
    file = configured(tmp_path, alertmanager.url, prometheus.url)
    assert start(file, "--since", "30m", "--json").document["ended"] == []
    assert start(file, "--since", "soon").code == 2


def test_who_does_not_answer_is_told(tmp_path: Path, alertmanager: FakeAlertmanager) -> None:
    """Without a Prometheus' answer it is not known what ended: null, not an empty list, and the exit code is 3."""
    told = start(configured(tmp_path, alertmanager.url, NOBODY), "--json")
    assert told.code == 3
    assert told.document["ended"] is None
    assert told.document["changes"] is None
    assert told.document["firing"] == []
    assert "connection refused" in told.document["not_known"]["ended"][0]
    assert "prometheus did not say what fired before: " in told.err
    text = start(configured(tmp_path, NOBODY, NOBODY))
    assert text.code == 3
    assert "Fires now: not known" in text.out


def test_a_note_is_shown_at_the_next_start(tmp_path: Path, alertmanager: FakeAlertmanager) -> None:
    """What was left is told with its time and who left it; nothing is kept about its being read."""
    file = configured(tmp_path, alertmanager.url, NOBODY)
    left = run("shift", "note", "--config", str(file), "--json", "database", "failover", "at 16:00")
    assert (left.code, left.document["text"], left.document["by"]) == (0, "database failover at 16:00", "ada")
    journal = tmp_path / "state" / "cockpit" / "journal.db"
    before = journal.read_bytes()
    for _ in range(2):
        told = start(file, "--json")
        assert [(note["text"], note["by"], note["at"]) for note in told.document["notes"]] == [
            ("database failover at 16:00", "ada", left.document["at"])
        ]
    assert journal.read_bytes() == before
    assert "ada" in start(file).out


@pytest.mark.parametrize("said", [(" ",), ("", "")])
def test_an_empty_note_is_refused(said: tuple[str, ...]) -> None:
    """A note that says nothing is wrong usage."""
    refused = run("shift", "note", "--alertmanager", NOBODY, *said)
    assert refused.code == 2
    assert "says nothing" in refused.error


def test_a_note_that_cannot_be_kept_is_a_failure(tmp_path: Path) -> None:
    """Where the journal cannot be written it exits 1 and says why."""
    (tmp_path / "state").write_text("a file where the folder should be")
    failed = run("shift", "note", "--alertmanager", NOBODY, "a note")
    assert failed.code == 1
    assert "not kept" in failed.error


def test_a_recording_answers_and_keeps_no_note() -> None:
    """The demo tells its start of a shift, says what is not in the recording, and takes no note."""
    told = run("shift", "start", "--demo", "--json")
    assert told.code == 0
    assert told.document["not_known"][Part.ENDED] == ["prometheus: not in the recording"]
    assert told.document["firing"][0]["name"] == "PaymentErrorsHigh"
    assert [change["service"] for change in told.document["baking"]] == ["payment", "pricing"]
    assert run("shift", "note", "--demo", "a note").code == 2
    assert run("shift", "start", "--demo").out.startswith(
        "Start of the shift, 14:12 UTC to 21 Nov 02:12\n\nLast hand-off"
    )


def test_shift_alone_names_its_commands() -> None:
    """Without a command below it, it is wrong usage."""
    assert run("shift").code == 2
    assert run("shift", "strat").code == 2
