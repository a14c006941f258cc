"""GitHub's REST API as far as Cockpit reads it: pages by Link, ETags, limits told by its own headers."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from typing import Any

from tests.fakes.alertmanager import stamp
from tests.fakes.http_server import Answer, Asked, FakeServer, say

TOKEN = "github_pat_0123456789abcdef"
"""The one token that it takes."""


def user(login: str) -> dict[str, Any]:
    """Return a user as GitHub tells one."""
    api, web = f"https://api.github.example/users/{login}", f"https://github.example/{login}"
    links = (
        "events",
        "followers",
        "following",
        "gists",
        "organizations",
        "received_events",
        "repos",
        "starred",
        "subscriptions",
    )
    said: dict[str, Any] = {f"{name}_url": f"{api}/{name}" for name in links}
    return said | {
        "login": login, "id": 1, "node_id": "U", "avatar_url": f"{web}.png", "gravatar_id": "", "url": api,
        "html_url": web, "type": "User", "site_admin": False,
    }  # fmt: skip


class FakeGitHub(FakeServer):
    """One GitHub with repositories.

    Args:
        now: What time it is there.
        base: The path before the API's own: `/api/v3` of a server of one's own.
    """

    def __init__(self, now: Callable[[], datetime], *, base: str = "", **more: Any) -> None:
        super().__init__(now=now, default=self._answer_path, **more)
        self.now = now
        self.base = base
        self.deployments: dict[str, list[dict[str, Any]]] = {}
        self.statuses: dict[int, list[dict[str, Any]]] = {}
        self.releases: dict[str, list[dict[str, Any]]] = {}
        self.files: dict[tuple[str, str], str] = {}
        self.comparisons: dict[tuple[str, str], dict[str, Any]] = {}
        self.broken: set[str] = set()
        """Repositories that answer 500."""
        self.limited: Mapping[str, str] | None = None
        """Headers of a 403 that is a limit."""
        self.left = 4987
        self.unchanged = 0
        """How many answers were 304."""
        self._ids = count(1001)

    def repository(self, repo: str) -> None:
        """Make a repository."""
        self.deployments.setdefault(repo, [])
        self.releases.setdefault(repo, [])

    def deploy(
        self, repo: str, at: datetime, sha: str, ref: str = "main", environment: str = "production", **more: Any
    ) -> int:
        """Ask for a deployment; returns its id."""
        self.repository(repo)
        number = next(self._ids)
        api = f"https://api.github.example/repos/{repo}"
        made = {
            "id": number, "node_id": "D", "sha": sha.ljust(40, "0"), "ref": ref, "task": "deploy", "environment": environment,
            "original_environment": environment, "creator": user("ada"), "payload": {}, "description": None,
            "transient_environment": False, "url": f"{api}/deployments/{number}", "repository_url": api,
            "statuses_url": f"{api}/deployments/{number}/statuses", "created_at": stamp(at), "updated_at": stamp(at),
        }  # fmt: skip
        self.deployments[repo].append(made | more)
        self.statuses[number] = []
        return number

    def status(self, number: int, at: datetime, state: str, **more: Any) -> None:
        """Say how far a deployment came."""
        api = "https://api.github.example/repos/a/b"
        made = {
            "id": next(self._ids), "node_id": "S", "state": state, "creator": user("ada"), "description": "",
            "target_url": "https://ci.example/1", "url": f"{api}/s", "deployment_url": f"{api}/d", "repository_url": api,
            "created_at": stamp(at), "updated_at": stamp(at),
        }  # fmt: skip
        self.statuses[number].append(made | more)

    def release(self, repo: str, at: datetime | None, tag: str, **more: Any) -> None:
        """Publish a release, or draft one."""
        self.repository(repo)
        number, api = next(self._ids), f"https://api.github.example/repos/{repo}"
        made = {
            "id": number, "node_id": "R", "tag_name": tag, "name": f"Release {tag}", "draft": at is None, "prerelease": False,
            "created_at": "2026-01-01T00:00:00Z", "published_at": None if at is None else stamp(at), "author": user("bo"),
            "target_commitish": "main", "assets": [], "html_url": f"https://github.example/{repo}/releases/{tag}",
            "url": f"{api}/releases/{number}", "assets_url": f"{api}/assets", "upload_url": f"{api}/upload",
            "tarball_url": None, "zipball_url": None,
        }  # fmt: skip
        self.releases[repo].insert(0, made | more)

    def compared(
        self, base: str, head: str, *subjects: str, files: tuple[str, ...] = (), total: int | None = None
    ) -> None:
        """Let there be commits between two, the oldest first."""
        api = "https://api.github.example/repos/a/b"
        person = {"name": "Ada", "email": "a@example.com", "date": "2026-11-20T10:00:00Z"}

        def commit(number: int, subject: str) -> dict[str, Any]:
            inner = {
                "author": person,
                "committer": person,
                "message": f"{subject}\n\nbody",
                "comment_count": 0,
                "url": api,
            }
            return {
                "sha": f"{number:07d}".ljust(40, "f"), "node_id": "C", "url": api, "html_url": api, "comments_url": api,
                "author": user("ada"), "committer": user("ada"), "parents": [],
                "commit": inner | {"tree": {"sha": "0" * 40, "url": api}},
            }  # fmt: skip

        self.comparisons[base.ljust(40, "0"), head.ljust(40, "0")] = {
            **{f"{name}_url": api for name in ("html", "permalink", "diff", "patch")}, "url": api,
            "base_commit": commit(0, "base"), "merge_base_commit": commit(0, "base"), "status": "ahead",
            "ahead_by": len(subjects), "behind_by": 0, "total_commits": total or len(subjects),
            "commits": [commit(number, one) for number, one in enumerate(subjects, 1)],
            "files": [
                {"sha": "0" * 40, "filename": one, "status": "modified", "additions": 1, "deletions": 0, "changes": 1,
                 "blob_url": api, "raw_url": api, "contents_url": api}
                for one in files
            ],
        }  # fmt: skip

    def _answer_path(self, asked: Asked) -> Answer:
        if not asked.headers.get("user-agent"):
            return Answer(403, b"Request forbidden by administrative rules.", content_type="text/html")
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return say(
                {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest", "status": "401"},
                401,
            )
        if self.limited is not None:
            said = {
                "message": "You have exceeded a secondary rate limit.",
                "documentation_url": "https://docs.github.com",
            }
            return Answer(403, say(said).body, self.limited)
        self.left -= 1
        return self._tagged(asked, self._found(asked))

    def _tagged(self, asked: Asked, answer: Answer) -> Answer:
        counts = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": str(self.left), "x-ratelimit-resource": "core"}
        headers = {**answer.headers, **counts, "x-ratelimit-reset": str(int(self.now().timestamp()) + 1800)}
        if answer.status != 200:
            return Answer(answer.status, answer.body, headers)
        tag = f'W/"{hashlib.sha256(answer.body).hexdigest()[:20]}"'
        if asked.headers.get("if-none-match") == tag:
            self.unchanged += 1
            self.left += 1
            return Answer(304, b"", {**headers, "etag": tag})
        return Answer(200, answer.body, {**headers, "etag": tag})

    def _found(self, asked: Asked) -> Answer:
        path = asked.path.removeprefix(self.base)
        missing = say(
            {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}, 404
        )
        if path == "/rate_limit":
            core = {
                "limit": 5000,
                "remaining": self.left,
                "reset": int(self.now().timestamp()),
                "used": 5000 - self.left,
            }
            return say({"resources": {"core": core, "search": core}, "rate": core})
        if self.base and not asked.path.startswith(self.base):
            return missing
        _, repos, owner, name, what, *rest = [*path.split("/"), "", ""][:7] if path.count("/") < 6 else path.split("/")
        repo = f"{owner}/{name}"
        if repos != "repos" or repo not in self.deployments:
            return missing
        if repo in self.broken:
            return say({"message": "Server Error"}, 500)
        rest = [one for one in rest if one]
        if what == "deployments" and not rest:
            wanted = asked.params.get("environment")
            known = [one for one in self.deployments[repo] if wanted in {None, one["environment"]}]
            return self._page(
                asked, sorted(known, key=lambda one: (str(one["created_at"]), int(one["id"])), reverse=True)
            )
        if what == "deployments" and len(rest) == 2:
            return self._page(asked, list(reversed(self.statuses.get(int(rest[0]), []))))
        if what == "releases":
            return self._page(asked, self.releases[repo])
        if what == "compare":
            base, _, head = rest[0].partition("...")
            found = self.comparisons.get((base, head))
            return missing if found is None else say(found)
        text = self.files.get((repo, "/".join(rest))) if what == "contents" else None
        if text is None:
            return missing
        return say({"type": "file", "encoding": "base64", "content": base64.encodebytes(text.encode()).decode()})

    def _page(self, asked: Asked, items: list[dict[str, Any]]) -> Answer:
        size, page = int(asked.params.get("per_page", "30")), int(asked.params.get("page", "1"))
        shown = items[(page - 1) * size : page * size]
        answer = say(shown)
        if page * size >= len(items):
            return answer
        query = "&".join(f"{name}={value}" for name, value in asked.query if name != "page")
        there = f"{self.url}{asked.path}?{query}&page="
        last = -(-len(items) // size)
        return Answer(200, answer.body, {"link": f'<{there}{page + 1}>; rel="next", <{there}{last}>; rel="last"'})
