"""A Splunk search head over a real socket: the export stream with its previews, messages, quota and odd failures."""

import base64
import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fakes.http_server import Answer, Asked, FakeServer, say

TOKEN, SESSION, USER, PASSWORD = "a-good-token", "a-good-session-key", "oncall", "a-good-password"
"""What it lets in."""

QUOTA = "Search not executed: The maximum number of concurrent historical searches on this instance has been reached."
"""What it says where it has no room."""

_UNITS = {"m": 60, "h": 3600, "d": 86400}


class FakeSplunk(FakeServer):
    """One search head with one index.

    Args:
        now: What time it is there.
        v2: Whether it has the newer path.
    """

    def __init__(self, now: Callable[[], datetime], *, v2: bool = True, **more: Any) -> None:
        super().__init__(now=now, **more)
        self.here = now
        self.logged: list[tuple[datetime, dict[str, Any]]] = []
        self.messages: list[dict[str, str]] = []
        """Stand at the end of the stream."""
        self.first_messages: list[dict[str, str]] = []
        """Stand at its begin."""
        self.full = False
        """Whether there is no room for another search."""
        self.empty = False
        """Answer 200 with nothing."""
        self.without_end = False
        """Leave out which row is the last."""
        self.drip: tuple[int, float] | None = None
        paths = ("/services/search/v2/jobs/export", "/services/search/jobs/export")
        self.routes |= {f"POST {path}": self._export for path in paths[0 if v2 else 1 :]}

    def log(self, at: datetime, service: str, version: str, **fields: Any) -> None:
        """Log one event."""
        self.logged.append((at, {"service": service, "version": version, **fields}))

    def searches(self) -> list[str]:
        """Return the searches that were sent."""
        return [asked.params["search"] for asked in self.asked]

    def _export(self, asked: Asked) -> Answer:
        refused = _unauthorized(asked)
        if refused is not None:
            return refused
        if self.full:
            return _says(503, "FATAL", QUOTA)
        form = asked.params
        search = form.get("search", "")
        if not re.match(r"\s*(search\b|\|)", search):
            return _says(400, "FATAL", f"Unknown search command '{search.split('=')[0].split()[0]}'.")
        if "nosuchcmd" in search:
            return _says(400, "FATAL", "Unknown search command 'nosuchcmd'.")
        if form.get("output_mode") != "json":
            return Answer(200, b"<?xml version='1.0'?><results/>", content_type="text/xml")
        if self.empty:
            return Answer(200, b"")
        lines = [{"messages": self.first_messages}] if self.first_messages else []
        rows = list(self._rows(search, form))
        if form.get("preview") != "false" and "|" in search:
            lines += _set(rows[:1], preview=True)
        final = _set(rows, preview=False)
        if self.without_end:
            for line in final:
                line.pop("lastrow", None)
        lines += final
        lines += [{"messages": self.messages}] if self.messages else []
        body = "".join(f"{json.dumps(line)}\n" for line in lines).encode()
        return Answer(200, body, drip=self.drip)

    def _rows(self, search: str, form: dict[str, str]) -> Iterable[dict[str, Any]]:
        begin = datetime.fromtimestamp(float(form["earliest_time"]), UTC) if "earliest_time" in form else None
        own = re.search(r"earliest=-(\d+)([mhd])", search.partition("|")[0])
        if own is not None:
            begin = self.here() - timedelta(seconds=int(own[1]) * _UNITS[own[2]])
        found = [(at, event) for at, event in self.logged if begin is None or begin <= at <= self.here()]
        if "stats" not in search:
            for at, event in reversed(found):
                yield {"_time": at.isoformat(timespec="milliseconds"), "_raw": "…", **event}
            return
        groups: dict[tuple[str, str], list[tuple[datetime, dict[str, Any]]]] = {}
        for at, event in found:
            if "service" in event:
                groups.setdefault((event["service"], event["version"]), []).append((at, event))
        for (service, version), events in sorted(groups.items()):
            row: dict[str, Any] = {"service": service, "version": version, "count": str(len(events))}
            if "latest(_time)" in search:
                row["latest"] = f"{max(at for at, _ in events).timestamp():.6f}"
                row["began"] = f"{min(at for at, _ in events).timestamp():.6f}"
                owners = sorted({event["owner"] for _, event in events if "owner" in event})
                row |= {"owner": owners if len(owners) > 1 else owners[0]} if owners else {}
            yield row


def _set(rows: list[dict[str, Any]], *, preview: bool) -> list[dict[str, Any]]:
    """Return one set of results as lines, the last one marked."""
    lines: list[dict[str, Any]] = [
        {"preview": preview, "offset": offset, "result": row} for offset, row in enumerate(rows)
    ]
    lines = lines or [{"preview": preview}]
    lines[-1]["lastrow"] = True
    return lines


def _says(status: int, kind: str, text: str, **headers: str) -> Answer:
    return say({"messages": [{"type": kind, "text": text}]}, status, **headers)


def _unauthorized(asked: Asked) -> Answer | None:
    said = asked.headers.get("authorization", "")
    basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    if said in {f"Bearer {TOKEN}", f"Splunk {SESSION}", f"Basic {basic}"}:
        return None
    if said.startswith("Basic"):
        return _says(401, "ERROR", "Unauthorized", www_authenticate='Basic realm="/splunk"')
    return _says(401, "WARN", "call not properly authenticated")
