"""What the tests of git stand on: repositories made by git itself, and a system that reads them."""

import os
import subprocess
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cockpit.clock import FixedClock
from cockpit.config import SystemSpec
from cockpit.model.reading import ChangesSeen
from cockpit.model.topology import NO_MAP
from cockpit.systems.base import Circumstances, Surroundings, Wire
from cockpit.systems.git import System
from cockpit.systems.process import ProcessWire

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
"""When the tests happen."""


def minutes(count: float) -> timedelta:
    """Return so many minutes."""
    return timedelta(minutes=count)


def git(folder: Path, *arguments: str, at: datetime = NOON, who: str = "Responder") -> str:
    """Run git in a folder at a moment, and return what it wrote."""
    stamp = f"{int(at.timestamp())} +0000"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": who,
        "GIT_AUTHOR_EMAIL": "a@example.com",
        "GIT_COMMITTER_NAME": who,
        "GIT_COMMITTER_EMAIL": "a@example.com",
        "GIT_AUTHOR_DATE": stamp,
        "GIT_COMMITTER_DATE": stamp,
    }
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def repository(folder: Path, *, bare: bool = False) -> Path:
    """Make an empty repository whose branch is main."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main", *(["--bare"] if bare else []))
    return folder


def commit(
    folder: Path,
    subject: str,
    at: datetime,
    files: Sequence[str] = ("changes",),
    who: str = "Responder",
    text: str = "",
) -> str:
    """Commit something and return its hash."""
    for file in files:
        there = folder / file
        there.parent.mkdir(parents=True, exist_ok=True)
        with there.open("a") as changed:
            changed.write(f"{subject[:50]} {at} {text}\n")
    git(folder, "add", "--", *files, at=at)
    git(folder, "commit", "--quiet", "--message", subject, at=at, who=who)
    return git(folder, "rev-parse", "HEAD")


def system(
    *repositories: dict[str, object],
    clock: FixedClock,
    cache: Path | str = "",
    wire: Wire | None = None,
    labels: dict[str, str] | None = None,
) -> System:
    """Return the system git over repositories."""
    spec = SystemSpec("git", "git", "config.toml: git", extra={"repositories": list(repositories)}, labels=labels or {})
    return System(spec, Surroundings(wire or ProcessWire(clock), NO_MAP, str(cache)), clock)


async def changes(asked: System, clock: FixedClock, hours: float = 4) -> tuple[ChangesSeen, Circumstances]:
    """Ask for the changes of the last hours."""
    around = Circumstances()
    now = clock.now()
    return await asked.changes(now - timedelta(hours=hours), now, around), around


def stamps(folder: Path) -> dict[Path, int]:
    """Return when everything in a folder was last changed."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def feed(folder: Path, stream: str) -> None:
    """Import a history."""
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=stream.encode(), check=True)


def running(pid: str) -> bool:
    """Tell whether a process runs."""
    said = subprocess.run(["ps", "-o", "stat=", "-p", pid.strip()], capture_output=True, text=True, check=False)
    return said.stdout.strip()[:1] not in {"", "Z"}


def appeared(path: Path) -> str:
    """Wait for a file and return what it holds."""
    for _ in range(1000):
        if path.exists():
            return path.read_text()
        time.sleep(0.01)
    raise AssertionError(f"{path} did not appear")
