"""A Datadog account over a real socket: events that can be found late, cursors, DORA deployments, keys, limits."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fakes.http_server import Answer, Asked, FakeServer, say

API_KEY, APP_KEY = "a-good-api-key", "a-good-app-key"
"""The keys that it takes."""


def stamp(at: datetime) -> str:
    """Return a moment as events have it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class FakeDatadog(FakeServer):
    """One account.

    Args:
        now: What time it is there.
        lag_s: Seconds after which an event that was sent can be found.
    """

    def __init__(self, now: Callable[[], datetime], *, lag_s: float = 0.0, **more: Any) -> None:
        super().__init__(now=now, **more)
        self.lag = timedelta(seconds=lag_s)
        self.events: list[tuple[datetime, dict[str, Any]]] = []
        """Each with the moment from which on it can be found."""
        self.deployments: list[dict[str, Any]] = []
        self.scopes = {"events_read", "dora_metrics_read"}
        self.limited = 0
        """So many requests are refused as too many."""
        self.repeat = 0
        """So many events of a page stand on the next one again."""
        self.empty = False
        """Answer 200 with nothing."""
        self.meta: dict[str, Any] = {}
        """Added to what it says of a page."""
        self.dora_type = "application/vnd.api+json"
        """The content type of lists of deployments; as it was recorded, the specification has another."""
        self.here = now
        self.routes |= {
            "POST /api/v2/events/search": self._search,
            "POST /api/v2/dora/deployments": self._list,
            "/api/v1/validate": self._validate,
        }

    def event(
        self,
        at: datetime,
        *tags: str,
        status: str = "success",
        title: str = "Deployed",
        late_s: float = 0.0,
        **more: Any,
    ) -> str:
        """Send an event, and return its id."""
        number = len(self.events) + 1
        inner = {
            "title": title,
            "status": status,
            "service": "undefined",
            "timestamp": round(at.timestamp() * 1000),
            "evt": {"id": str(6567977849972254562 + number), "source_id": 100, "type": "api"},
            **more,
        }
        one = {
            "id": f"AgAAAYGCFX{number:04}",
            "type": "event",
            "attributes": {"timestamp": stamp(at), "message": title, "tags": ["deploy", *tags], "attributes": inner},
        }
        self.events.append((at + self.lag + timedelta(seconds=late_s), one))
        return str(one["id"])

    def deploy(self, service: str, started: Any, finished: Any, **more: Any) -> None:
        """Keep a DORA deployment; moments are kept as nanoseconds, other values as they are."""
        times = {"started_at": _ns(started), "finished_at": _ns(finished)}
        attributes = {"service": service, "env": "production", **times, **more}
        one = {"id": f"{len(self.deployments):016x}", "type": "dora_deployment", "attributes": attributes}
        self.deployments.append(one)

    def _refused(self, asked: Asked, scope: str) -> Answer | None:
        if self.limited:
            self.limited -= 1
            said = {"x_ratelimit_limit": "300", "x_ratelimit_period": "3600", "x_ratelimit_remaining": "0"}
            return say({"errors": ["Rate limit exceeded"]}, 429, **said, x_ratelimit_reset="23")
        good = asked.headers.get("dd-api-key") == API_KEY
        if not good or (scope and (asked.headers.get("dd-application-key") != APP_KEY or scope not in self.scopes)):
            return say({"errors": ["Forbidden"]}, 403)
        return Answer(200, b"") if self.empty else None

    def _validate(self, asked: Asked) -> Answer:
        return self._refused(asked, "") or say({"valid": True})

    def _search(self, asked: Asked) -> Answer:
        refused = self._refused(asked, "events_read")
        if refused is not None:
            return refused
        body = json.loads(asked.body)
        told, page = body.get("filter", {}), body.get("page", {})
        begin, end = _moment(told.get("from")), _moment(told.get("to"))
        if begin is None or end is None or page.get("limit", 10) > 1000:
            bad = json.dumps({"errors": ["input_validation_error(Field 'filter' is invalid)"]}).encode()
            return Answer(400, bad, content_type="text/plain")
        found = [
            one
            for known, one in self.events
            if known <= self.here()
            and begin <= _moment(one["attributes"]["timestamp"], datetime.min) <= end
            and _matches(told.get("query", "*"), one)
        ]
        found.sort(key=lambda one: one["attributes"]["timestamp"], reverse=body.get("sort", "").startswith("-"))
        start = _place(page.get("cursor"))
        size = page.get("limit", 10)
        data = found[max(0, start - self.repeat) : start + size]
        if start >= len(found):
            return say({"data": []})
        cursor = base64.b64encode(json.dumps({"after": start + size}).encode()).decode()
        url = f"{self.url}/api/v2/events/search?page%5Bcursor%5D={cursor}"
        meta: dict[str, Any] = {"page": {"after": cursor}, **self.meta}
        return say({"data": data, "meta": meta, "links": {"next": url}})

    def _as_api(self, answer: Answer) -> Answer:
        return Answer(answer.status, answer.body, answer.headers, content_type=self.dora_type)

    def _list(self, asked: Asked) -> Answer:
        refused = self._refused(asked, "dora_metrics_read")
        if refused is not None:
            return refused
        told = json.loads(asked.body)["data"]
        if told.get("type") != "dora_deployments_list_request":
            detail = 'got type "" expected one of "dora_deployments_list_request"'
            return self._as_api(say({"errors": [{"status": "400", "title": "Bad Request", "detail": detail}]}, 400))
        window = told["attributes"]
        begin, end = _moment(window.get("from")), _moment(window.get("to"))
        assert begin is not None
        assert end is not None
        found = [one for one in self.deployments if begin <= _ended(one) <= end]
        found.sort(key=_ended, reverse=True)
        return self._as_api(say({"data": found[: window.get("limit", 10)]}))


def _matches(query: str, one: dict[str, Any]) -> bool:
    """Tell whether an event satisfies terms such as `tags:deploy status:success`, all of them."""
    inner, tags = one["attributes"]["attributes"], one["attributes"]["tags"]
    for term in query.split():
        name, _, value = term.partition(":")
        if term != "*" and not (
            (name == "tags" and value in tags) or inner.get(name) == value or f"{name}:{value}" in tags
        ):
            return False
    return True


def _moment(text: Any, default: datetime | None = None) -> Any:
    return datetime.fromisoformat(text) if isinstance(text, str) and "T" in text else default


def _place(cursor: str | None) -> int:
    return int(json.loads(base64.b64decode(cursor))["after"]) if cursor else 0


def _ns(at: Any) -> Any:
    return round(at.timestamp()) * 10**9 if isinstance(at, datetime) else at


def _ended(one: dict[str, Any]) -> datetime:
    at = one["attributes"]["finished_at"]
    return _moment(at) or datetime.fromtimestamp(at / 1e9, UTC)
