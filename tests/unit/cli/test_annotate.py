"""`cockpit annotate` on a real repository and a Grafana that speaks the real protocol."""

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cockpit.__main__ import main
from tests.fakes.grafana import TOKEN, FakeGrafana, ms
from tests.fakes.http_server import in_thread, say
from tests.needs import needs
from tests.systems.gitting import commit, git, repository
from tests.unit.cli.running import run

pytestmark = needs("git")


@pytest.fixture
def server() -> Iterator[FakeGrafana]:
    """Run a Grafana."""
    fake = FakeGrafana()
    with in_thread(fake):
        yield fake


@pytest.fixture
def config(tmp_path: Path, server: FakeGrafana, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a configuration with two deploys of payment and a Grafana that may be written."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("GRAFANA_TOKEN", TOKEN)
    now = datetime.now(UTC).replace(microsecond=0)
    folder = repository(tmp_path / "payment-service")
    for version, age in (("v2.3.0", timedelta(hours=2)), ("v2.4.0", timedelta(minutes=30))):
        commit(folder, f"Release {version}", now - age)
        git(folder, "tag", "-a", version, "-m", version, at=now - age)
    path = tmp_path / "c.toml"
    path.write_text(
        '[contexts.x]\nmap = "checkout"\nread_only = false\n[contexts.x.systems.git]\n'
        f'repositories = [{{path = "{folder}", service = "payment", tags = "v*", kind = "deploy"}}]\n'
        f'[contexts.x.systems.grafana]\nurl = "{server.url}"\ntoken = {{env = "GRAFANA_TOKEN"}}\nwrite = true\n'
    )
    return path


def test_dry_run_shows_and_writes_nothing(config: Path, server: FakeGrafana) -> None:
    """Everything that would be written is shown: the place, the time, the text and every tag."""
    result = run("annotate", "--dry-run", "--config", str(config))
    assert (result.code, result.err) == (0, "")
    for said in ("payment-service v2.4.0", "the whole organisation", "deploy, service:payment", "nothing like it yet"):
        assert said in result.out
    assert server.annotations == []


def test_yes_writes_the_newest_deploy_once(config: Path, server: FakeGrafana) -> None:
    """Without a name the newest deploy is meant; the second time it is there already, and both exit 0."""
    for state in ("done", "already"):
        result = run("annotate", "--yes", "--json", "--config", str(config))
        assert result.code == 0
        assert result.document["state"] == state
        assert result.document["sends"]["tags"][:3] == ["deploy", "service:payment", "version:v2.4.0"]
    (there,) = server.annotations
    assert there["text"].startswith("payment-service v2.4.0 deployed")
    assert result.document["annotation"] is None


def test_what_was_annotated_is_one_row_of_the_feed(config: Path, server: FakeGrafana) -> None:
    """What Cockpit wrote stands beside who reported it, and doubles nothing."""
    assert run("annotate", "--yes", "--config", str(config)).code == 0
    changes = run("changes", "--json", "--config", str(config)).document
    assert [(one["version"], one["systems"]) for one in changes] == [
        ("v2.4.0", ["git", "grafana"]),
        ("v2.3.0", ["git"]),
    ]
    assert len(server.annotations) == 1


def test_a_change_is_named_by_id_or_by_service_and_version(config: Path, server: FakeGrafana) -> None:
    """Its id, how its id begins, or service and version; what is not there exits 1."""
    ids = [one["id"] for one in run("changes", "--json", "--config", str(config)).document]
    for name in ((ids[1],), ("--service", "payment-service", "--version", "2.3.0")):
        document = run("annotate", "--dry-run", "--json", *name, "--config", str(config)).document
        assert (document["change"], document["state"]) == (ids[1], "planned")
    result = run("annotate", "--dry-run", "payment@9", "--config", str(config))
    assert result.code == 1
    assert "payment@9: no such change" in result.error
    assert server.annotations == []


def test_a_version_that_nobody_reported_is_told_first_hand(config: Path, server: FakeGrafana) -> None:
    """A pipeline can say what it deployed, with begin and end; the feed then has it from Grafana."""
    now = datetime.now(UTC).replace(microsecond=0)
    began, ended = now - timedelta(minutes=9), now - timedelta(minutes=2)
    times = ("--began", began.isoformat(), "--ended", ended.isoformat())
    result = run("annotate", "--yes", "--service", "order", "--version", "v7", *times, "--config", str(config))
    assert result.code == 0, result.err
    (there,) = server.annotations
    assert (there["time"], there["timeEnd"]) == (ms(began), ms(ended))
    changes = run("changes", "--json", "--config", str(config)).document
    assert (changes[0]["service"], changes[0]["version"], changes[0]["systems"]) == ("order", "v7", ["grafana"])
    for began_at, state in ((None, "already"), (began, "already"), (began - timedelta(hours=1), "done")):
        at = () if began_at is None else ("--began", began_at.isoformat())
        again = run("annotate", "--yes", "--json", "--service", "order", "--version", "7", *at, "--config", str(config))
        assert again.document["state"] == state


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("read_only = false", "", "read_only = false stands in contexts.x"),
        ("write = true", "", "write = true is missing in contexts.x.systems.grafana"),
    ],
)
def test_read_only_says_why(config: Path, server: FakeGrafana, old: str, new: str, said: str) -> None:
    """Nothing is asked or written, the setting is named; a dry run says it too and shows the rest."""
    config.write_text(config.read_text().replace(old, new))
    result = run("annotate", "--yes", "--config", str(config))
    assert (result.code, said in result.error) == (2, True)
    shown = run("annotate", "--dry-run", "--config", str(config))
    assert (shown.code, said in shown.error) == (0, True)
    assert "deploy, service:payment" in shown.out
    assert server.annotations == []


def test_nobody_to_confirm_is_wrong_usage(config: Path, server: FakeGrafana) -> None:
    """Without a terminal it is not written by itself."""
    result = run("annotate", "--config", str(config))
    assert result.code == 2
    assert "say --yes" in result.error
    assert server.annotations == []


@pytest.mark.parametrize(("typed", "code"), [("yes\n", 0), ("y\n", 1), ("", 1)])
def test_a_person_confirms_by_typing_yes(
    config: Path, server: FakeGrafana, monkeypatch: pytest.MonkeyPatch, typed: str, code: int
) -> None:
    """The question names the place; anything but yes leaves it."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    told = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    monkeypatch.setattr(sys, "stderr", told)
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert main(["annotate", "--config", str(config)]) == code
    assert "Write it to the whole organisation, grafana at 127.0.0.1" in told.getvalue()
    assert len(server.annotations) == (code == 0)


def test_a_grafana_that_is_down_is_3(config: Path, server: FakeGrafana) -> None:
    """What cannot be looked at is not written, and the exit code says that a system did not answer."""
    server.default = None
    server.routes["GET /api/annotations"] = server.routes["POST /api/annotations"] = say({"message": "starting"}, 503)
    result = run("annotate", "--yes", "--config", str(config))
    assert result.code == 3
    assert "503" in result.err


def test_without_a_grafana_it_says_what_to_add() -> None:
    """A context without a system that takes annotations names the section."""
    result = run("annotate", "--demo", "--dry-run")
    assert result.code == 2
    assert "no system takes annotations" in result.error


def test_flags_that_contradict_one_another() -> None:
    """Each is told in one line."""
    assert "--service" in run("annotate", "--version", "v1", "--demo").error
    assert "names a change and a service" in run("annotate", "x", "--service", "y", "--demo").error
