"""Real git repositories with commits and tags at chosen moments."""

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path


class Repository:
    """One git repository with a `main` branch.

    Args:
        path: Its folder, made here.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True)
        self._git("init", "--quiet", "--initial-branch=main")

    def commit(self, summary: str, at: datetime, author: str = "release-bot") -> str:
        """Commit something at a moment and return the commit's hash."""
        with (self.path / "CHANGES").open("a") as changes:
            changes.write(f"{summary}\n")
        self._git("add", "CHANGES", at=at, author=author)
        self._git("commit", "--quiet", "--message", summary, at=at, author=author)
        return self._git("rev-parse", "HEAD")

    def tag(self, name: str, summary: str, at: datetime, author: str = "release-bot") -> None:
        """Set an annotated tag at a moment."""
        self._git("tag", "--annotate", "--message", summary, name, at=at, author=author)

    def _git(self, *arguments: str, at: datetime | None = None, author: str = "release-bot") -> str:
        stamp = f"{int((at or datetime.now(UTC)).timestamp())} +0000"
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.path),
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": author,
            "GIT_AUTHOR_EMAIL": f"{author}@example.com",
            "GIT_COMMITTER_NAME": author,
            "GIT_COMMITTER_EMAIL": f"{author}@example.com",
            "GIT_AUTHOR_DATE": stamp,
            "GIT_COMMITTER_DATE": stamp,
        }
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, env=environment, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()
