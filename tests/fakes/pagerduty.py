"""PagerDuty's REST API as far as Cockpit reads it: paging by offset, UTC only, limits told by its own headers."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from tests.fakes.alertmanager import stamp
from tests.fakes.http_server import Answer, Asked, FakeServer, say

TOKEN = "u+abcdef0123456789"
"""The one API key that it takes."""


def refuse(status: int, code: int, message: str, *errors: str) -> Answer:
    """Return an error as PagerDuty tells it."""
    said: dict[str, Any] = {"code": code, "message": message}
    return say({"error": said | ({"errors": list(errors)} if errors else {})}, status)


class FakePagerDuty(FakeServer):
    """One account.

    Args:
        now: What time it is there.
    """

    def __init__(self, now: Callable[[], datetime], **more: Any) -> None:
        super().__init__(now=now, **more)
        self.now = now
        self.events: list[tuple[datetime, dict[str, Any]]] = []
        """When each can be read, and the event."""
        self.services: list[dict[str, Any]] = []
        self.oncalls: list[dict[str, Any]] = []
        self.forbidden: set[str] = set()
        """Paths that the key may not ask."""
        self.rest_s: int | None = None
        """Seconds to wait that it tells with a 429."""
        self.endless = False
        """Whether it says that there is more for ever, with the same page."""
        self._ids = count(1)
        self.routes["/change_events"] = lambda asked: self._guarded(asked, self._events)
        self.routes["/services"] = lambda asked: self._guarded(asked, self._services)
        self.routes["/oncalls"] = lambda asked: self._guarded(asked, self._oncalls)

    def change(self, at: datetime, summary: str = "Deploy", *services: str, listed_s: float = 0.0, **more: Any) -> str:
        """Send a change event, which is listed after so many seconds; returns its id."""
        number = more.pop("id", f"01E{next(self._ids):023d}")
        event = {
            "id": number,
            "type": "change_event",
            "summary": summary,
            "timestamp": stamp(at),
            "source": "ci",
            "services": [{"id": one, "type": "service_reference"} for one in services],
            "custom_details": {},
            "links": [],
        }
        self.events.append((at + timedelta(seconds=listed_s), event | more))
        return str(number)

    def service(self, number: str, name: str, *teams: str) -> None:
        """Add a service with its teams."""
        known = [{"id": f"T{one}", "type": "team_reference", "summary": one} for one in teams]
        policy = {"id": "PP1", "type": "escalation_policy_reference", "summary": "Default"}
        self.services.append(
            {
                "id": number,
                "type": "service",
                "summary": name,
                "name": name,
                "teams": known,
                "escalation_policy": policy,
            }
        )

    def duty(self, policy: str, person: str, start: datetime | None, end: datetime | None, level: int = 1) -> None:
        """Let somebody be on call."""
        user = {"id": f"U{person}", "type": "user_reference", "summary": person}
        self.oncalls.append(
            {
                "escalation_policy": {
                    "id": policy,
                    "type": "escalation_policy_reference",
                    "summary": f"Policy {policy}",
                },
                "user": user | {"html_url": f"https://acme.pagerduty.example/users/U{person}"},
                "schedule": {"id": "S1", "type": "schedule_reference", "summary": "Primary"},
                "escalation_level": level,
                "start": None if start is None else start.isoformat(),
                "end": None if end is None else end.isoformat(),
            }
        )

    def _guarded(self, asked: Asked, deed: Callable[[Asked], Answer]) -> Answer:
        if asked.headers.get("authorization") != f"Token token={TOKEN}":
            return refuse(401, 2006, "You must provide valid API credentials")
        if "application/vnd.pagerduty+json;version=2" not in asked.headers.get("accept", ""):
            return refuse(400, 2001, "Invalid Input Provided", "Accept header must be version 2")
        if self.rest_s is not None:
            answer = refuse(429, 2020, "Rate Limit Exceeded")
            return Answer(
                429,
                answer.body,
                {"ratelimit-limit": "960", "ratelimit-remaining": "0", "ratelimit-reset": str(self.rest_s)},
            )
        if asked.path in self.forbidden:
            return refuse(403, 2010, "Access Denied", "Token is missing a scope")
        return deed(asked)

    def _page(self, asked: Asked, name: str, items: Iterable[dict[str, Any]]) -> Answer:
        known = list(items)
        limit, offset = min(100, int(asked.params.get("limit", "25"))), int(asked.params.get("offset", "0"))
        if limit + offset > 10_000:
            return refuse(400, 2001, "Invalid Input Provided", "Offset and limit together may not exceed 10000")
        start = 0 if self.endless else offset
        shown = known[start : start + limit]
        more = self.endless or offset + limit < len(known)
        return say({name: shown, "limit": limit, "offset": offset, "total": None, "more": more})

    def _events(self, asked: Asked) -> Answer:
        for name in ("since", "until"):
            if not asked.params.get(name, "").endswith("Z"):
                return refuse(400, 2001, "Invalid Input Provided", f"{name.title()} must be a UTC datetime")
        since, until = (datetime.fromisoformat(asked.params[name]) for name in ("since", "until"))
        seen = [
            event
            for listed, event in self.events
            if listed <= self.now() and since <= datetime.fromisoformat(str(event["timestamp"])) <= until
        ]
        return self._page(asked, "change_events", sorted(seen, key=lambda one: str(one["timestamp"]), reverse=True))

    def _services(self, asked: Asked) -> Answer:
        return self._page(asked, "services", self.services)

    def _oncalls(self, asked: Asked) -> Answer:
        policies = set(asked.all("escalation_policy_ids[]"))
        now = self.now()
        seen = [
            one
            for one in self.oncalls
            if one["escalation_policy"]["id"] in policies
            and (one["end"] is None or datetime.fromisoformat(one["end"]) > now)
        ]
        return self._page(asked, "oncalls", seen)
