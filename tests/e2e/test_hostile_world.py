"""The whole program before servers, a map and a repository that want to do harm: every byte that it writes is looked at."""

import json
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.pty_session import PtySession
from tests.e2e.repositories import Repository
from tests.e2e.scene import Scene
from tests.fakes.hostile import EVIL, PAYLOADS, answers, harm_in, stamp
from tests.fakes.http_server import Answer, Asked, FakeServer, in_thread, say
from tests.needs import needs
from tests.unit.cli.running import Result, run

GIT_EVIL = "".join(char for char in EVIL if char not in "\x00\n<>")
"""What git takes as a name or a subject."""

_OURS = re.compile(
    rb"\x1b\[[0-9;:]*m"  # colours
    rb"|\x1b\[[0-9;]*[HABCDGdJKX]"  # the cursor, and clearing
    rb"|\x1b\[\?(?:7|25|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048)[hl]"
    rb"|\x1b\[\?(?:2026|2048)\$p|\x1b\[[<>=][0-9;]*u|\x1b\[\?u|\x1b\[>4;\dm|\x1b\[c|\x1b\[>q|\x1b\[6n"
    rb"|\x1b\[2[23];[02]t|\x1b\]22;[a-z-]*\x07"  # the window's title kept, the pointer's shape
    rb"|\x1b\]52;c;[A-Za-z0-9+/=]*\x07"  # the clipboard, base 64
)
"""What Textual and Cockpit write to drive the terminal."""

_TITLE = re.compile(rb"\x1b\]2;([^\x00-\x1f\x7f]*)\x07")


def audit(written: bytes) -> list[str]:
    """Return what of the bytes that reached a terminal is none of what the program itself means to write."""
    found = [f"a payload: {payload!r}" for payload in PAYLOADS if len(payload) > 1 and payload.encode() in written]
    rest = bytearray()
    place = 0
    while place < len(written):
        if written[place] != 0x1B:
            rest.append(written[place])
            place += 1
            continue
        title = _TITLE.match(written, place)
        ours = title or _OURS.match(written, place)
        if ours is None:
            found.append(f"a sequence: {written[place : place + 30]!r}")
            place += 1
            continue
        rest += title[1] if title is not None else b""
        place = ours.end()
    harm = harm_in(rest.decode(errors="replace").replace("\x07", "").replace("\r", ""), lines=True)
    return [*found, *([f"a control: {harm}"] if harm else [])]


@pytest.mark.parametrize("payload", [one for one in PAYLOADS if len(one) > 1])
def test_the_audit_finds_what_it_looks_for(payload: str) -> None:
    """A payload that reached the terminal, alone or in the middle of what the program writes, would be found."""
    assert audit(payload.encode())
    assert audit(b"\x1b[1;1H\x1b[38;5;1mfine" + payload.encode() + b"\x1b[0m")
    assert audit("\x1b[1;1H\x1b]2;✗1 P1? payment\x07│ fine \x1b[0m".encode()) == []


def _escaped(text: str) -> str:
    """Return a text as it stands in YAML's double quotes."""
    return "".join(char if 32 <= ord(char) < 127 and char not in '"\\' else f"\\U{ord(char):08x}" for char in text)


def _map() -> str:
    evil = _escaped(EVIL)
    return f"""map: "shop{evil}"
entry: ["ui{evil}"]
journeys: {{"pay{evil}": ["ui{evil}", payment]}}
services:
  "ui{evil}": {{team: "web{evil}", kind: frontend, calls: [payment]}}
  payment:
    team: "pay{evil}"
    repository: "payment-service{evil}"
    runbook: "https://r/{evil}"
    scope: {{query: "sum(rate(a[5m])) / sum(rate(b[5m]))", says: "{{value:percent}} of {evil} failing"}}
teams:
  "web{evil}": {{escalation: "{evil}", slack: "{evil}"}}
  "pay{evil}": {{escalation: "{evil}", slack: "{evil}"}}
"""


def _everywhere(value: Any) -> Any:
    """Return a document with the evil text behind every text that is no time, number or state."""
    if isinstance(value, dict):
        kept = {"startsAt", "endsAt", "updatedAt", "activeAt", "lastEvaluation", "uptime", "state", "status", "type"}
        kept |= {
            "resultType",
            "values",
            "value",
            "health",
            "query",
            "fingerprint",
            "service",
            "version",
            "generatorURL",
        }
        kept |= {"severity", "isRegex", "name"} if "isRegex" in value else set()
        return {name: below if name in kept else _everywhere(below) for name, below in value.items()} | (
            {EVIL: EVIL} if "alertname" in value else {}
        )
    if isinstance(value, list):
        return [_everywhere(below) for below in value]
    return value + EVIL if isinstance(value, str) else value


def _hostile(path: str) -> Callable[[Asked], Answer]:
    def answer(_: Asked) -> Answer:
        now = datetime.now(UTC)
        body = answers(now)[path]
        if path == "/api/v2/alerts":
            usual = {"endsAt": stamp(-4, now), "updatedAt": stamp(0, now), "annotations": {"summary": "x"}}
            odd = ("[/dev/sda1]", "[@click=app.quit]x[/]", "two\nlines", "", "x" * 100_000)
            body += [
                {**usual, "labels": {"alertname": name, "severity": "critical"}, "startsAt": stamp(9 + n, now)}
                for n, name in enumerate(odd)
            ]
        changed = _everywhere(body)
        if isinstance(changed, dict) and "data" in changed:
            changed["status"] = "success"
        return say(changed)

    return answer


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Scene]:
    """Return Cockpit before an Alertmanager, a Prometheus, a map and a repository full of evil texts."""
    alertmanager = FakeServer({path: _hostile(path) for path in answers() if "/v2/" in path})
    prometheus = FakeServer({path: _hostile(path) for path in answers() if "/v1/" in path})
    now = datetime.now(UTC)
    repository = Repository(tmp_path / "payment")
    repository.commit(f"one {GIT_EVIL}", now - timedelta(minutes=200), author=f"Ada {GIT_EVIL}")
    repository.commit(f"two {GIT_EVIL}", now - timedelta(minutes=14), author=f"Ada {GIT_EVIL}")
    (tmp_path / "map.yaml").write_text(_map())
    with in_thread(alertmanager, prometheus):
        systems: dict[str, dict[str, object]] = {
            "am": {"kind": "alertmanager", "urls": [alertmanager.url]},
            "prometheus": {"url": prometheus.url, "changes": [{"query": "app_build_info"}]},
            "git": {"repositories": [{"path": str(repository.path), "service": "payment", "kind": "deploy"}]},
        }
        yield Scene(tmp_path / "cockpit", systems, tmp_path / "map.yaml")


KEYS = (
    "j",
    "j",
    "Z",
    "G",
    "\r",
    "q",
    "v",
    "3",
    "j",
    "\r",
    "q",
    "d",
    "j",
    "+",
    "_",
    "y",
    "\x1b",
    "o",
    "\x1b",
    "p",
    "\x1b",
    "?",
    "q",
    ":",
    "\x1b",
    "1",
    "l",
    "Y",
    "q",
    "/",
    "x",
    "\x1b",
    "t",
    "t",
    "t",
    ".",
    "w",
    "r",
    "\x0c",
)
"""Through every pane and every window of the screen."""


@needs("git")
def test_nothing_from_outside_drives_the_terminal(hostile: Scene) -> None:
    """In a real terminal, through every window: of all bytes written, each sequence is one that the program means."""
    with PtySession(120, 40) as terminal:
        command = (sys.executable, "-m", "cockpit", "--config", str(hostile.config))
        terminal.runs(command, hostile.environment, hostile.folder)
        terminal.sees("firing", "[/dev/sda1]", "OWNER")
        for key in KEYS:
            terminal.types(key)
            terminal.reads(0.25 if key == "\x1b" else 0.06)
        terminal.types("qqqq")  # back from a filter and a pane, and then out, asked once
        assert terminal.ends() == 0
        assert audit(terminal.written) == []
        assert terminal.left_on == []
    assert "Traceback" not in (hostile.folder / "state" / "cockpit" / "cockpit.log").read_text()


def cockpit(scene: Scene, *arguments: str, monkeypatch: pytest.MonkeyPatch) -> Result:
    """Run a command of Cockpit in this process, and demand that nothing that it says drives a terminal."""
    for name, value in scene.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(scene.folder)
    found = run(*arguments, "--config", str(scene.config))
    for text in (found.out, found.err):
        assert harm_in(text, lines=True) is None, harm_in(text, lines=True)
    assert "Traceback" not in found.err
    assert "internal error" not in found.err
    assert all(line.startswith("cockpit: ") and len(line) < 1100 for line in found.err.splitlines())
    return found


COMMANDS = (
    ("alerts",),
    ("changes",),
    ("drill",),
    ("drill", "--text"),
    ("drill", "--markdown"),
    ("drill", "[/dev/sda1]"),
    ("drill", "nobody\x1b]0;PWNTITLE\x07"),
    ("map", "check"),
    ("map", "show"),
    ("map", "show", "--view", "tree"),
    ("map", "draft"),
    ("doctor",),
    ("info",),
    ("alerts", "--json"),
    ("changes", "--json"),
    ("drill", "--json"),
    ("doctor", "--json"),
)
"""What prints something of what was asked."""


@needs("git")
def test_nothing_from_outside_reaches_a_pipe_either(hostile: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command prints clean text, or JSON whose every text is clean, and tells what is wrong in lines of its own."""
    for command in COMMANDS:
        found = cockpit(hostile, *command, monkeypatch=monkeypatch)
        if "--json" in command:
            assert harm_in(json.dumps(found.document, ensure_ascii=False), lines=True) is None
        elif "draft" not in command:
            assert found.out or found.code


def _bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(b" " * (1 << 20)) for _ in range(80)) + packer.flush()


_BOMB = _bomb()


def _circle(asked: Asked) -> Answer:
    return Answer(302, b"", {"location": f"{asked.path}?again"})


TROUBLES: dict[str, tuple[Callable[[Asked], Answer], str]] = {
    "401": (lambda _: say({"message": EVIL}, 401), "401 Unauthorized: it wants credentials"),
    "403": (lambda _: say(EVIL, 403), "403 Forbidden"),
    "404": (lambda _: Answer(404, b"404 page not found", content_type="text/plain"), "is the address right"),
    "429": (lambda _: say("slow", 429), "429 Too Many Requests: slow"),
    "429 with a rest": (lambda _: say("x", 429, Retry_After="7"), "asks to be left alone for 7 s"),
    "429 with an absurd rest": (lambda _: say("x", 429, Retry_After="9" * 30), "asks to be left alone for 3900 s"),
    "500 with a page": (lambda _: Answer(500, EVIL.encode(), content_type="text/html"), "a web page, not JSON"),
    "500 with lines": (lambda _: Answer(500, b"boom\n\x1b[2J", content_type="text/plain"), "boom"),
    "200 with a page": (lambda _: Answer(200, b"<!DOCTYPE html>\x1b]0;x\x07"), "answered a web page, not JSON"),
    "a circle": (_circle, "redirects in a circle"),
    "another place": (
        lambda _: Answer(302, b"", {"location": "http://127.0.0.1:1/x"}),
        "points to http://127.0.0.1:1/x",
    ),
    "no place": (lambda _: Answer(302, b"", {"location": "javascript:x"}), "no address that can be asked"),
    "a drip": (lambda _: Answer(200, b"[" + b" " * 500, drip=(1, 0.1)), "its answer was not complete after 0.4 s"),
    "silence": (lambda _: Answer(hang=True), "no answer in 0.4 s"),
    "a reset": (lambda _: Answer(reset=True), "closed without an answer"),
    "half an answer": (lambda _: Answer(200, b'[{"labels": {}}]', cut=5), "the answer broke off"),
    "cut JSON": (lambda _: Answer(200, b'[{"labels": {"alertname"'), "its JSON is cut off"),
    "another shape": (lambda _: say({"status": "success"}), "expected a list"),
    "too much": (lambda _: Answer(200, _BOMB, {"content-encoding": "gzip"}), "larger than 64 MB"),
    "no gzip": (lambda _: Answer(200, b"[]", {"content-encoding": "gzip"}), "says gzip and is none"),
    "another packing": (lambda _: Answer(200, b"[]", {"content-encoding": "br"}), "was not asked for"),
    "nothing": (lambda _: Answer(200, b""), "answered nothing where JSON was expected"),
    "headers without end": (lambda _: Answer(200, b"[]", {"x": "y" * 200_000}), "not HTTP"),
}
"""What one Alertmanager does, and what is said of it."""
LONG = frozenset({"too much"})
"""Where the size decides and not the time, however busy the machine is."""


class Two:
    """One Alertmanager that is well, and one that is not, as told."""

    def __init__(self, folder: Path) -> None:
        now = datetime.now(UTC)
        self.good = FakeServer(
            {
                "/api/v2/alerts": lambda _: say(answers(now)["/api/v2/alerts"]),
                "/api/v2/silences": lambda _: say([]),
                "/api/v2/status": lambda _: say({}),
            }
        )
        self.bad = FakeServer()
        self.folder = folder
        self.scene: Scene | None = None

    def begin(self, timeout: str = "400ms") -> Scene:
        """Write the configuration once both listen."""
        systems: dict[str, dict[str, object]] = {
            "bad": {"kind": "alertmanager", "urls": [self.bad.url], "timeout": timeout},
            "good": {"kind": "alertmanager", "urls": [self.good.url]},
        }
        return Scene(self.folder, systems)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    """Run both."""
    both = Two(tmp_path / "cockpit")
    with in_thread(both.good, both.bad):
        yield both


def test_one_bad_source_never_hides_another(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever one Alertmanager does: the other's alerts are printed, one line says why, and the exit code is 3."""
    for name, (trouble, why) in TROUBLES.items():
        scene = two.begin("30s" if name in LONG else "400ms")
        two.bad.default = trouble
        found = cockpit(scene, "alerts", "--json", monkeypatch=monkeypatch)
        assert [one["system"] for one in found.document] == ["good", "good"], name
        assert found.code == 3, name
        assert "bad not answering: " in found.err, name
        assert why in found.err, f"{name}: {found.err}"
        assert all(line.startswith("cockpit: bad ") for line in found.err.splitlines()), name


def test_a_large_answer_is_read(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """20 MB of alerts are read within the usual time, and each is there."""
    scene = two.begin("10s")
    first = answers(datetime.now(UTC))["/api/v2/alerts"][1]
    many = [
        {
            **first,
            "fingerprint": f"{n:016x}",
            "labels": {"alertname": "Many", "n": str(n)},
            "annotations": {"d": "x" * 10_000},
        }
        for n in range(2000)
    ]
    body = json.dumps(many).encode()
    two.bad.default = lambda asked: Answer(200, body if asked.path.endswith("/alerts") else b"[]")
    found = cockpit(scene, "alerts", "--json", monkeypatch=monkeypatch)
    assert len(body) > 20_000_000
    assert len(found.document) == 2002


def test_the_screen_says_why_and_lists_what_it_knows(two: Two) -> None:
    """In a real terminal: the good system's alerts stand, the header names who does not answer, with the reason."""
    scene = two.begin()
    two.bad.default = TROUBLES["401"][0]
    with PtySession(120, 40) as terminal:
        command = (sys.executable, "-m", "cockpit", "--config", str(scene.config))
        terminal.runs(command, scene.environment, scene.folder)
        terminal.sees("bad not answering", "(401)", "Other", "1 of 2 live")
        two.bad.default = TROUBLES["silence"][0]
        terminal.types("r")
        terminal.sees("bad not answering", "Other")
        two.bad.default = lambda asked: say([] if "status" not in asked.path else {})
        terminal.types("r")
        terminal.sees("2 of 2 live", "Other")
        terminal.types("qq")
        assert terminal.ends() == 0
        assert audit(terminal.written) == []
