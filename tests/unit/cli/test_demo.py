"""`cockpit demo`, on a recording of the same hours: where it begins, how it moves, and what stands for the screen."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cockpit.assembly import Assembly
from cockpit.cli import opening
from cockpit.cli.arguments import parse
from cockpit.cli.options import Usage
from cockpit.cli.play import play
from cockpit.clock import Clock, PlaybackClock
from cockpit.config import Context, SystemSpec
from cockpit.systems.recording import Call, Recording, header_of
from tests.unit.cli.running import run

BEGAN = datetime(2026, 11, 20, 13, 50, tzinfo=UTC)
FIRED = datetime(2026, 11, 20, 14, 6, tzinfo=UTC)
URL = "http://am:9093"


def _alerts(at: datetime) -> bytes:
    firing = {
        "fingerprint": "9f2c",
        "labels": {"alertname": "PaymentErrorsHigh", "app": "payment", "severity": "critical"},
        "annotations": {"summary": "Payments fail"},
        "startsAt": FIRED.isoformat(),
        "endsAt": (at + timedelta(minutes=4)).isoformat(),
        "updatedAt": at.isoformat(),
        "receivers": [{"name": "pagerduty"}],
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
        "generatorURL": "",
    }
    return json.dumps([firing] if at >= FIRED else []).encode()


@pytest.fixture(autouse=True)
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a small recording from 13:50 to 14:30 in the demo's place."""
    context = Context("shop", systems=(SystemSpec("alertmanager", "alertmanager", urls=(URL,)),))
    answers: dict[str, Callable[[datetime], bytes]] = {
        "/api/v2/alerts": _alerts,
        "/api/v2/silences": lambda _: b"[]",
        "/api/v2/status": lambda _: b"{}",
    }
    calls = [
        Call(at, at, "alertmanager", URL, "GET", path, status=200, body=answer(at))
        for at in (BEGAN + timedelta(seconds=30 * number) for number in range(81))
        for path, answer in answers.items()
    ]
    path = tmp_path / "demo.jsonl.gz"
    Recording(header_of(context, BEGAN), calls).save(path)
    monkeypatch.setattr(opening, "recording_path", lambda: path)
    return path


class _Screen:
    """Stands for the screen: keeps what it was opened with."""

    def __init__(self) -> None:
        self.assembly: Assembly | None = None
        self.journal_folder: Path | None = Path("not opened")
        self.recording: object = None

    def __call__(
        self,
        context: Context,
        assemble: Callable[[], Assembly],
        /,
        *,
        clock: Clock,
        journal_folder: Path | None,
        recording: object,
    ) -> int:
        self.assembly, self.journal_folder, self.recording = assemble(), journal_folder, recording
        assert self.assembly.context == context
        assert self.assembly.clock is clock
        return 0

    @property
    def clock(self) -> PlaybackClock:
        """The clock that it runs by."""
        assert self.assembly is not None
        clock = self.assembly.clock
        assert isinstance(clock, PlaybackClock)
        return clock


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> _Screen:
    """Return a screen, with a terminal there."""
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    return _Screen()


def test_without_a_terminal_the_worst_drill_is_printed() -> None:
    """Without a terminal the demo prints the drill of 14:12 as text and exits 0."""
    result = run("demo")
    assert result.code == 0
    assert len(result.out.splitlines()) <= 8
    assert "PaymentErrorsHigh" in result.out
    assert "Started 14:06 UTC, ongoing 6 min" in result.out
    assert run("demo", "--at", "14:20:30").out.count("ongoing 14 min") == 1
    assert run("demo", "--json").document["alert"]["id"] == "9f2c"


def test_before_anything_fires_that_is_said() -> None:
    """At a moment before the incident nothing fires, and the exit code is 0."""
    result = run("demo", "--at", "13:55")
    assert result.code == 0
    assert result.out == "Nothing fires, alertmanager answered\n"


@pytest.mark.parametrize("at", ["13:49", "14:31", "02:00", "noon"])
def test_moment_outside_is_wrong_usage(at: str) -> None:
    """Outside of the recording the demo does not open."""
    result = run("demo", "--at", at)
    assert result.code == 2
    assert result.error.startswith("cockpit: --at: ")


@pytest.mark.parametrize("speed", ["fast", "-1", "nan"])
def test_speed_is_a_number(speed: str, screen: _Screen) -> None:
    """A speed that is none is wrong usage."""
    with pytest.raises(Usage, match="--speed"):
        play(parse(["demo", "--speed", speed]), screen)
    result = run("demo", "--speed", speed)
    assert (result.code, result.out) == (2, "")


def test_commands_answer_from_the_demo() -> None:
    """`--demo` answers alerts and drill from the recording, at its moment, with its history."""
    (alert,) = run("alerts", "--json", "--demo").document
    assert (alert["state"], alert["fired"]) == ("firing", "2026-11-20T14:06:00Z")
    assert run("alerts", "--json", "--demo", "--at", "14:00").document == []
    assert run("drill", "9f2c", "--json", "--demo", "--at", "14:20").document["alert"]["name"] == "PaymentErrorsHigh"


def test_screen_opens_at_its_moment_and_keeps_nothing(screen: _Screen) -> None:
    """The screen begins at 14:12 at the recording's own pace, in UTC, with no journal on disk."""
    assert play(parse(["demo"]), screen) == 0
    assert screen.clock.start == datetime(2026, 11, 20, 14, 12, tzinfo=UTC)
    assert screen.clock.speed == 1
    assert screen.journal_folder is None
    assert screen.recording is not None
    assert screen.assembly is not None
    assert screen.assembly.context.timezone == "UTC"


def test_speed_and_moment_are_the_persons(screen: _Screen) -> None:
    """`--speed 0` stands still at the moment that `--at` names."""
    play(parse(["demo", "--at", "14:20", "--speed", "0"]), screen)
    assert screen.clock.speed == 0
    assert screen.clock.now() == datetime(2026, 11, 20, 14, 20, tzinfo=UTC)


def test_replay_begins_at_the_begin(recording: Path, screen: _Screen) -> None:
    """Another recording is played from its begin."""
    play(parse(["replay", str(recording)]), screen)
    assert screen.clock.start == BEGAN


def test_live_screen_keeps_its_journal(screen: _Screen) -> None:
    """Live systems are watched with the journal in the state folder."""
    play(parse(["--alertmanager", "http://127.0.0.1:1"]), screen)
    assert screen.recording is None
    assert screen.journal_folder is not None


def test_missing_demo_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An installation without the recording says so."""
    monkeypatch.setattr(opening, "recording_path", lambda: tmp_path / "none")
    result = run("demo")
    assert result.code == 2
    assert "no recording" in result.error
