"""`cockpit changes` on real repositories."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.needs import needs
from tests.systems.gitting import commit, git, repository
from tests.unit.cli.running import run

KEYS = {
    "id",
    "service",
    "mapped",
    "team",
    "version",
    "kind",
    "rollback",
    "began",
    "ended",
    "author",
    "summary",
    "url",
    "systems",
    "progress",
    "team_by",
    "previous",
    "commits",
    "files",
    "witnesses",
}

pytestmark = needs("git")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return a configuration with one repository: a tag half an hour ago, and one six hours ago."""
    now = datetime.now(UTC).replace(microsecond=0)
    folder = repository(tmp_path / "payment-service")
    for version, age in (("v2.3.0", timedelta(hours=6)), ("v2.4.0", timedelta(minutes=30))):
        commit(folder, f"Release {version}", now - age)
        git(folder, "tag", "-a", version, "-m", version, at=now - age)
    path = tmp_path / "c.toml"
    path.write_text(
        '[contexts.x]\nmap = "checkout"\n[contexts.x.systems.git]\n'
        f'repositories = [{{path = "{folder}", service = "payment", tags = "v*", kind = "deploy"}}]\n'
    )
    return path


def test_changes_have_the_promised_shape(config: Path) -> None:
    """The window's changes are listed with exactly the promised keys."""
    result = run("changes", "--json", "--config", str(config))
    assert (result.code, result.err) == (0, "")
    (change,) = result.document
    assert set(change) == KEYS
    assert (change["service"], change["mapped"], change["team"]) == ("payment", True, "team-payments")
    assert (change["version"], change["kind"], change["rollback"]) == ("v2.4.0", "deploy", False)
    assert change["began"].endswith("Z")
    assert change["ended"] is None
    assert change["systems"] == ["git"]
    assert (change["progress"], change["team_by"], change["previous"]) == ("unknown", "map", "v2.3.0")
    assert [line.split(" ", 1)[1] for line in change["commits"]] == ["Release v2.4.0"]
    (witness,) = change["witnesses"]
    assert witness["system"] == "git"
    assert witness["says"].startswith("tag v2.4.0 at ")
    assert (witness["began"], witness["ended"], witness["owner"]) == (change["began"], None, None)


def test_since_widens_the_window(config: Path) -> None:
    """`--since` replaces the configured window, and the newest comes first."""
    result = run("changes", "--json", "--since", "12h", "--config", str(config))
    assert [change["version"] for change in result.document] == ["v2.4.0", "v2.3.0"]
    assert run("changes", "--json", "--since", "10m", "--config", str(config)).document == []


def test_text_says_who_answered(config: Path) -> None:
    """The table ends with who answered, and an empty one says so too."""
    result = run("changes", "--config", str(config))
    assert result.out.splitlines()[0].startswith("BEGAN")
    assert "1 change in the last 4 h, times in UTC; git answered" in result.out
    empty = run("changes", "--since", "10m", "--config", str(config)).out
    assert empty == "0 changes in the last 10 min, git answered\n"


def test_no_change_system_is_said() -> None:
    """Where no system reports changes, that is said, and nothing failed."""
    result = run("changes", "--alertmanager", "http://127.0.0.1:1")
    assert result.code == 0
    assert "no system that reports changes is configured" in result.out


def test_repository_that_is_gone_is_3(tmp_path: Path) -> None:
    """A change system that cannot answer exits 3, and the answer is printed all the same."""
    path = tmp_path / "c.toml"
    path.write_text(f'[contexts.x.systems.git]\nrepositories = [{{path = "{tmp_path}/none"}}]\n')
    result = run("changes", "--json", "--config", str(path))
    assert (result.code, result.document) == (3, [])
    assert "git not answering" in result.error


@pytest.mark.parametrize("since", ["4", "soon", "0s"])
def test_since_is_a_duration(since: str) -> None:
    """Anything else is wrong usage."""
    result = run("changes", "--since", since)
    assert result.code == 2
    assert "--since" in result.error
