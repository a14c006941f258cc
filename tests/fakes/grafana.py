"""A Grafana that keeps annotations, as the real one does: milliseconds, tags in pairs, latest end first, permissions."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from tests.fakes.http_server import Answer, Asked, FakeServer, say

TOKEN = "glsa_secret_of_the_tests"
ALL = {
    "annotations:read": ["annotations:*"],
    "annotations:create": ["annotations:type:organization", "annotations:type:dashboard"],
    "dashboards:read": ["dashboards:*"],
}
"""Permissions of a service account that may read and write."""


def ms(at: datetime) -> int:
    """Return a moment in milliseconds."""
    return round(at.timestamp() * 1000)


class FakeGrafana(FakeServer):
    """One organisation of a Grafana.

    Args:
        permissions: What the token may do, by action.
        org: The organisation that requests have to name, where it is not the first.
    """

    def __init__(self, *, permissions: Mapping[str, list[str]] = ALL, org: str | None = None, **more: Any) -> None:
        super().__init__(default=self._by_id, **more)
        self.permissions = dict(permissions)
        self.org = org
        self.token = TOKEN
        self.annotations: list[dict[str, Any]] = []
        self.dashboards = {"abc": "Checkout"}
        self.lists_permissions = True
        self.limited_s = 0
        """Seconds for which it asks to be left alone."""
        self.loses_answers = False
        """Whether it writes and then breaks the connection."""
        self._next = 1
        self.routes |= {
            "GET /api/annotations": self._list,
            "POST /api/annotations": self._add,
            "/api/annotations/tags": self._tags,
            "/api/access-control/user/permissions": self._permissions,
        }

    def annotate(self, began: datetime, *tags: str, text: str = "", ended: datetime | None = None, **more: Any) -> int:
        """Put an annotation there, as a pipeline or a person would."""
        name, self._next = self._next, self._next + 1
        self.annotations.append(
            {
                "id": name,
                "alertId": 0,
                "alertName": "",
                "dashboardUID": "",
                "panelId": 0,
                "userId": 1,
                "newState": "",
                "prevState": "",
                "created": ms(began),
                "updated": ms(began),
                "time": ms(began),
                "timeEnd": ms(ended or began),
                "text": text,
                "tags": list(tags),
                "login": "sa-1-pipeline",
                "email": "",
                "avatarUrl": "",
                "data": {},
                **more,
            }
        )
        return name

    def _refusal(self, asked: Asked, permission: str) -> Answer | None:
        if self.limited_s:
            return say({"message": "Too many requests"}, 429, retry_after=str(self.limited_s))
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return say({"message": "Invalid API key", "traceID": ""}, 401)
        if self.org is not None and asked.headers.get("x-grafana-org-id") != self.org:
            return say({"message": "You are not a member of this organization"}, 401)
        if permission and permission not in self.permissions:
            words = f"You'll need additional permissions to perform this action. Permissions needed: {permission}"
            return say({"accessErrorId": "ACE0123456789", "message": words, "title": "Access denied"}, 403)
        return None

    def _list(self, asked: Asked) -> Answer:
        refusal = self._refusal(asked, "annotations:read")
        if refusal is not None:
            return refusal
        params = asked.params
        found = self.annotations
        if params.get("type"):
            found = [one for one in found if bool(one["alertId"]) is (params["type"] == "alert")]
        if params.get("from") and params.get("to"):
            begin, end = int(params["from"]), int(params["to"])
            found = [one for one in found if one["time"] <= end and one["timeEnd"] >= begin]
        wanted = {_pair(tag) for tag in asked.all("tags")}
        if wanted:
            some = params.get("matchAny") == "true"
            found = [one for one in found if _matches(map(_pair, one["tags"]), wanted, some=some)]
        if params.get("dashboardUID"):
            found = [one for one in found if one["dashboardUID"] == params["dashboardUID"]]
        found = sorted(found, key=lambda one: (-one["timeEnd"], -one["time"]))
        return say(found[: int(params.get("limit") or 100)])

    def _add(self, asked: Asked) -> Answer:
        refusal = self._refusal(asked, "annotations:create")
        if refusal is not None:
            return refusal
        body = json.loads(asked.body)
        if not body.get("text"):
            return say({"message": "Failed to save annotation"}, 400)
        name, self._next = self._next, self._next + 1
        began = body.get("time") or 0
        self.annotations.append(
            {
                "id": name,
                "alertId": 0,
                "dashboardUID": body.get("dashboardUID", ""),
                "panelId": body.get("panelId", 0),
                "newState": "",
                "prevState": "",
                "time": began,
                "timeEnd": body.get("timeEnd") or began,
                "text": body["text"],
                "tags": body.get("tags") or [],
                "login": "sa-1-cockpit",
                "data": {},
            }
        )
        return Answer(reset=True) if self.loses_answers else say({"message": "Annotation added", "id": name})

    def _by_id(self, asked: Asked) -> Answer:
        if asked.path.startswith("/api/dashboards/uid/"):
            refusal = self._refusal(asked, "dashboards:read")
            title = self.dashboards.get(asked.path.rpartition("/")[2])
            if title is None:  # of what is not there it does not say whether it could be seen
                return say({"message": "Dashboard not found"}, 404)
            return refusal or say({"dashboard": {"title": title}, "meta": {"slug": title.lower()}})
        if asked.path.startswith("/api/annotations/"):
            refusal = self._refusal(asked, "annotations:read")
            name = asked.path.rpartition("/")[2]
            found = next((one for one in self.annotations if str(one["id"]) == name), None)
            return refusal or (say({"message": "Annotation not found"}, 404) if found is None else say(found))
        return Answer(404, b'{"message": "Not found"}')

    def _tags(self, asked: Asked) -> Answer:
        refusal = self._refusal(asked, "annotations:read")
        if refusal is not None:
            return refusal
        word = asked.params.get("tag", "")
        counted: dict[str, int] = {}
        for one in self.annotations:
            for key, value in map(_pair, one["tags"]):
                if word in key or word in value:
                    tag = f"{key}:{value}" if value else key
                    counted[tag] = counted.get(tag, 0) + 1
        limit = int(asked.params.get("limit") or 100)
        told = [{"tag": tag, "count": count} for tag, count in sorted(counted.items())]
        return say({"result": {"tags": told[:limit]}})

    def _permissions(self, asked: Asked) -> Answer:
        if not self.lists_permissions:
            return say({"message": "Not found"}, 404)
        return self._refusal(asked, "") or say(self.permissions)


def _pair(tag: str) -> tuple[str, str]:
    """Return a tag as it is compared: what stands behind a second colon takes no part."""
    parts = [part.strip() for part in tag.split(":")]
    return parts[0], parts[1] if len(parts) > 1 else ""


def _matches(tags: Iterable[tuple[str, str]], wanted: set[tuple[str, str]], *, some: bool) -> bool:
    there = wanted & set(tags)
    return bool(there) if some else there == wanted
