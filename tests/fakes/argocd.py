"""Argo CD's API as far as Cockpit reads it: a list that can be cut down to some fields, applications, who one is."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.fakes.alertmanager import stamp
from tests.fakes.http_server import Answer, Asked, FakeServer, say

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjb2NrcGl0In0.c2ln"
"""The one token that it takes."""

SELECTABLE = (
    "metadata.name",
    "metadata.namespace",
    "metadata.labels",
    "spec",
    "status.sync.status",
    "status.health",
    "status.summary",
    "status.operationState.startedAt",
    "status.operationState.finishedAt",
    "status.operationState.phase",
)
"""What a list can be cut down to; an application's history is not among it."""


def refuse(status: int, code: int, message: str) -> Answer:
    """Return an error as Argo CD tells it."""
    return say({"error": message, "code": code, "message": message}, status)


class FakeArgoCD(FakeServer):
    """One Argo CD.

    Args:
        now: What time it is there.
    """

    def __init__(self, now: Callable[[], datetime], **more: Any) -> None:
        super().__init__(now=now, default=self._answer_path, **more)
        self.apps: dict[tuple[str, str], dict[str, Any]] = {}
        self.hidden: set[str] = set()
        """Applications that the token may list and not get."""
        self.selectable: tuple[str, ...] | None = SELECTABLE
        """Null for a server that does not know about fields."""

    def app(
        self, name: str, *, namespace: str = "argocd", project: str = "default", goes: str = "pay", **labels: str
    ) -> None:
        """Make an application that was never synced."""
        source = {"repoURL": "https://git.example/config.git", "path": name, "targetRevision": "HEAD"}
        self.apps[namespace, name] = {
            "metadata": {"name": name, "namespace": namespace, "labels": labels, "resourceVersion": "1"},
            "spec": {"project": project, "source": source, "destination": {"name": "eu-1", "namespace": goes}},
            "status": {"sync": {"status": "Synced"}, "health": {"status": "Healthy"}, "summary": {}, "history": []},
        }

    def sync(
        self,
        name: str,
        began: datetime,
        revision: str,
        phase: str = "Running",
        *,
        by: str = "ada",
        namespace: str = "argocd",
    ) -> None:
        """Begin a sync, or one that failed at once."""
        initiated = {"username": by} if by else {"automated": True}
        self.apps[namespace, name]["status"]["operationState"] = {
            "phase": phase,
            "startedAt": stamp(began),
            "message": f"{phase.lower()} it",
            "operation": {"sync": {"revision": revision}, "initiatedBy": initiated},
            "syncResult": {"revision": revision},
        } | ({} if phase == "Running" else {"finishedAt": stamp(began)})

    def finish(self, name: str, at: datetime, phase: str = "Succeeded", *, namespace: str = "argocd") -> None:
        """End the sync that is under way: one that succeeded goes into the history."""
        app = self.apps[namespace, name]
        state = app["status"]["operationState"]
        state |= {"phase": phase, "finishedAt": stamp(at)}
        if phase != "Succeeded":
            return
        history = app["status"]["history"]
        number = history[-1]["id"] + 1 if history else 0
        history.append(
            {
                "id": number,
                "revision": state["syncResult"]["revision"],
                "deployStartedAt": state["startedAt"],
                "deployedAt": stamp(at),
                "initiatedBy": state["operation"]["initiatedBy"],
                "source": app["spec"]["source"],
            }
        )
        del history[: -app["spec"].get("revisionHistoryLimit", 10)]

    def deploy(self, name: str, at: datetime, revision: str, **more: Any) -> None:
        """Sync and succeed at once."""
        self.sync(name, at, revision, **more)
        self.finish(name, at, namespace=more.get("namespace", "argocd"))

    def images(self, name: str, *images: str, namespace: str = "argocd") -> None:
        """Let these images run."""
        self.apps[namespace, name]["status"]["summary"] = {"images": list(images)}

    def _answer_path(self, asked: Asked) -> Answer:
        if asked.path == "/api/version":
            return say({"Version": "v2.13.1+af54ef8"})
        known = asked.headers.get("authorization") == f"Bearer {TOKEN}"
        if asked.path == "/api/v1/session/userinfo":
            return say({"loggedIn": True, "username": "cockpit", "iss": "argocd"} if known else {})
        if not known:
            return refuse(401, 16, "invalid session: token signature is invalid")
        if asked.path == "/api/v1/applications":
            return self._list(asked)
        name = asked.path.removeprefix("/api/v1/applications/")
        app = self.apps.get((asked.params.get("appNamespace", "argocd"), name))
        if app is None or name in self.hidden:
            return refuse(403, 7, "permission denied")
        return say(app)

    def _list(self, asked: Asked) -> Answer:
        projects = asked.all("projects")
        apps = [app for app in self.apps.values() if not projects or app["spec"]["project"] in projects]
        wanted = asked.params.get("fields")
        if wanted and self.selectable is not None:
            names = [name for name in self.selectable if f"items.{name}" in wanted.split(",")]
            apps = [_cut(app, names) for app in apps]
        return say({"metadata": {"resourceVersion": "42"}, "items": apps or None})


def _cut(app: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Return some fields of an application, as the server gives them."""
    made: dict[str, Any] = {}
    for name in names:
        value: Any = app
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if value is not None:
            there = made
            *above, last = name.split(".")
            for part in above:
                there = there.setdefault(part, {})
            there[last] = value
    return made
