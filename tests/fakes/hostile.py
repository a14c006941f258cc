"""A world that wants to do harm: texts that drive terminals, answers with one odd value, and a look at all that is made of them."""

import asyncio
import copy
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cockpit.board.reduce import empty, reduce
from cockpit.board.state import Board, Expected, Setup, Tick
from cockpit.cli import alerts as alerts_command
from cockpit.cli import changes as changes_command
from cockpit.clock import FixedClock
from cockpit.config import SystemSpec
from cockpit.model.alert import AlertKey, FoldKey
from cockpit.model.drawing import UNICODE, Line, line_text
from cockpit.model.reading import Reading, Topic
from cockpit.model.walk import View, Walk
from cockpit.poller.asking import Request, ask
from cockpit.poller.attending import SeriesRequest
from cockpit.slices import alerts, changes, details, drillview, header, index, integrations
from cockpit.systems import alertmanager, prometheus
from cockpit.systems.base import Reply, ScopeRequest, Surroundings, System
from cockpit.topology.load import read_map
from cockpit.triage.drill import fill
from cockpit.triage.say import as_json, as_markdown, as_text
from cockpit.triage.subject import subject_of

NOW = datetime(2026, 11, 20, 14, 12, 9, tzinfo=UTC)
"""When it happens."""

ZONE = ZoneInfo("Europe/Berlin")
"""The person's."""

MAP = read_map((Path(__file__).parents[2] / "maps" / "checkout.yaml").read_text(), "checkout.yaml")[0]
"""The shipped map."""

PAYLOADS = (
    "\x1b]52;c;UFdORUQ=\x07",
    "\x1b]0;PWNTITLE\x07",
    "\x1bPq#PWNDCS\x1b\\",
    "\x9b38;2;9;8;7m",
    "\x1b[38;2;1;2;3m",
    "\x1b[?1000h",
    "\x1b]8;;http://PWNLINK\x1b\\x\x1b]8;;\x1b\\",
    "\x9d0;PWNC1\x9c",
    "\x1bc",
    "\x00",
    "\x05\x08\x0e\x7f",
    "\u202ePWNBIDI",
    "\u2066iso\u2069",
)
"""What would drive the terminal, or turn what is read around, if it ever got there."""

EVIL = (
    "".join(PAYLOADS) + "[/dev/sda1][@click=app.quit]x[/][bold]b[/bold]\u200d\ufe0f\U0001f469\U0001f3fd\u200d\U0001f680"
)
"""All of it in one text, with markup of the toolkit's and characters whose width nobody agrees about."""

_DRIVES = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ud800-\udfff]")


def harm_in(text: str, *, lines: bool = False) -> str | None:
    """Return what of a text drives a terminal or hides something, with what stands around it; null for nothing.

    Args:
        text: The text.
        lines: Whether it may have several lines.
    """
    found = _DRIVES.search(text) or (None if lines else re.search("\n", text))
    return None if found is None else repr(text[max(0, found.start() - 20) : found.end() + 20])


def harmless(value: object, *, lines: bool = True) -> None:
    """Demand that no text in a value, at any depth, does harm."""
    if isinstance(value, str):
        assert harm_in(value, lines=lines) is None, harm_in(value, lines=lines)
    elif isinstance(value, Mapping):
        for name, below in value.items():
            harmless(name, lines=lines)
            harmless(below, lines=lines)
    elif is_dataclass(value):
        for field in fields(value):
            harmless(getattr(value, field.name), lines=lines)
    elif isinstance(value, Iterable):
        for below in value:
            harmless(below, lines=lines)


def stamp(minutes: float, now: datetime = NOW) -> str:
    """Return the moment so many minutes ago as servers write it."""
    return (now - timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


_RULE = "sum(rate(payment_errors_total[1m])) / sum(rate(payment_attempts_total[1m])) > 0.05"
_LABELS = {"alertname": "PaymentErrorsHigh", "service": "payment", "severity": "critical", "cluster": "eu-1"}


_CALL = {
    "client": "ui",
    "server": "payment",
    "source_workload": "ui",
    "destination_workload": "payment",
    "pod": "payment-0",
    "namespace": "shop",
    "node": "node-1",
}
"""Labels of a series that tells of a call and of a place alike."""


def answers(now: datetime = NOW) -> dict[str, Any]:
    """Return what a healthy Alertmanager and a healthy Prometheus answer, by path."""

    def _stamp(minutes: float) -> str:
        return stamp(minutes, now)

    at = now.timestamp()
    first = {
        "labels": {**_LABELS, "team": "pay", "instance": "a:1"},
        "annotations": {"summary": "Payments fail", "description": "one\ntwo", "runbook_url": "https://r/x"},
        "startsAt": _stamp(6),
        "endsAt": _stamp(-4),
        "updatedAt": _stamp(0),
        "fingerprint": "9f2c000000000001",
        "receivers": [{"name": "pagerduty"}],
        "status": {"state": "suppressed", "silencedBy": ["s1"], "inhibitedBy": ["9f2c000000000002"], "mutedBy": []},
        "generatorURL": "http://prom:9090/graph?g0.expr=up%3D%3D0",
    }
    second = {
        "labels": {"alertname": "Other", "service": "order", "severity": "warning", "pod": "order-7d9f-abcde"},
        "annotations": {},
        "startsAt": _stamp(5),
        "endsAt": _stamp(-4),
        "updatedAt": _stamp(0),
        "fingerprint": "9f2c000000000002",
        "receivers": [{"name": "x"}],
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
    }
    silence = {
        "id": "s1",
        "startsAt": _stamp(60),
        "endsAt": _stamp(-60),
        "updatedAt": _stamp(60),
        "createdBy": "responder",
        "comment": "known",
        "matchers": [{"name": "alertname", "value": "Pay.*", "isRegex": True, "isEqual": True}],
        "status": {"state": "active"},
    }
    rule = {
        "name": "PaymentErrorsHigh",
        "query": _RULE,
        "type": "alerting",
        "state": "firing",
        "duration": 30,
        "labels": {"severity": "critical"},
        "annotations": {"summary": "x"},
        "health": "ok",
        "lastError": "",
        "lastEvaluation": _stamp(0.1),
        "alerts": [
            {"labels": _LABELS, "annotations": {}, "state": "firing", "activeAt": _stamp(6.5), "value": "1e+00"},
            {
                "labels": {"alertname": "PaymentErrorsHigh", "service": "catalog"},
                "annotations": {},
                "state": "pending",
                "activeAt": _stamp(0.2),
                "value": "NaN",
            },
        ],
    }
    broken = {"name": "Broken", "query": "sum(", "type": "alerting", "health": "err", "lastError": "boom", "alerts": []}
    v1 = {"metric": {"service": "payment", "version": "v1"}, "values": [[at - 17000 + n * 60, "1"] for n in range(270)]}
    v2 = {"metric": {"service": "payment", "version": "v2"}, "values": [[at - 900 + n * 60, "1"] for n in range(16)]}
    target = {"labels": {"job": "pay", "instance": "a:1"}, "health": "down", "scrapePool": "p", "lastError": "refused"}
    return {
        "/api/v2/alerts": [first, second],
        "/api/v2/silences": [silence],
        "/api/v2/status": {
            "cluster": {"status": "ready", "name": "x", "peers": [{"name": "a", "address": "b"}]},
            "versionInfo": {"version": "0.25"},
            "uptime": _stamp(600),
            "config": {"original": "route: {}"},
        },
        "/api/v1/rules": {
            "status": "success",
            "data": {"groups": [{"name": "checkout", "interval": 15, "rules": [rule, broken]}]},
            "warnings": ["partial"],
        },
        "/api/v1/label/__name__/values": {
            "status": "success",
            "data": ["istio_requests_total", "kube_pod_info", "traces_service_graph_request_total"],
        },
        "/api/v1/query": {
            "status": "success",
            "data": {"resultType": "vector", "result": [{"metric": _CALL, "value": [at, "0.98"]}]},
        },
        "/api/v1/query_range": {"status": "success", "data": {"resultType": "matrix", "result": [v1, v2]}},
        "/api/v1/targets": {"status": "success", "data": {"activeTargets": [target]}},
    }


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the path of every value in a document, of long lists only the first three."""
    yield path
    below = value.items() if isinstance(value, dict) else enumerate(value[:3]) if isinstance(value, list) else ()
    for name, inner in below:
        yield from places(inner, (*path, name))


def with_value(document: Any, path: Sequence[Any], value: Any) -> Any:
    """Return a document with another value at a place."""
    if not path:
        return value
    changed = copy.deepcopy(document)
    there = changed
    for name in path[:-1]:
        there = there[name]
    there[path[-1]] = value
    return changed


class ScriptedWire:
    """Answers by path, as told.

    Args:
        bodies: By path: bytes as they are, any other value as JSON.
        status: Of every answer.
        headers: Of every answer.
    """

    def __init__(self, bodies: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self._bodies = {
            path: body if isinstance(body, bytes) else json.dumps(body).encode() for path, body in bodies.items()
        }
        self._status = status
        self._headers = {"content-type": "application/json", **(headers or {})}

    async def call(
        self,
        peer: str,
        method: str,
        path: str,
        params: Sequence[tuple[str, str]] = (),
        *,
        body: bytes | None = None,
        timeout_s: float | None = None,
    ) -> Reply:
        """Return the path's answer; nothing is found elsewhere."""
        del peer, method, params, body, timeout_s
        if path not in self._bodies:
            return Reply(404, b"404 page not found", {"content-type": "text/plain"})
        return Reply(self._status, self._bodies[path], self._headers, 0.01)

    async def close(self) -> None:
        """Hold nothing."""


class World:
    """One Alertmanager and one Prometheus behind a wire that answers as told, and the board that their answers make.

    Args:
        bodies: What they answer instead of what healthy ones do, by path.
        status: Of every answer.
        headers: Of every answer.
    """

    def __init__(
        self, bodies: Mapping[str, Any] | None = None, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        self.clock = FixedClock(NOW)
        wire = ScriptedWire({**answers(), **(bodies or {})}, status, headers)
        around = Surroundings(wire, MAP, "")
        self.alertmanager = alertmanager.System(
            SystemSpec("am", "alertmanager", "config.toml", urls=("http://am:9093",)), around, self.clock
        )
        extra = {"changes": [{"query": "app_build_info"}]}
        self.prometheus = prometheus.System(
            SystemSpec("prometheus", "prometheus", "config.toml", urls=("http://prom:9090",), extra=extra),
            around,
            self.clock,
        )
        self.setup = Setup(
            map=MAP,
            systems=tuple(
                Expected(one.name, one.kind, one.TOPICS, urls=urls)
                for one, urls in (
                    (self.alertmanager, ("http://am:9093",)),
                    (self.prometheus, ("http://prom:9090",)),
                )
            ),
        )
        self.board = empty(self.setup, NOW - timedelta(seconds=1))

    def polled(self) -> list[Reading]:
        """Ask everything once, move the board, and return the readings."""
        return asyncio.run(self.asked())

    async def asked(self) -> list[Reading]:
        """Ask everything once, where an event loop runs already."""
        of: dict[Topic, System] = {Topic.ALERTS: self.alertmanager, Topic.SILENCES: self.alertmanager}
        asked = (*of, Topic.RULES, Topic.SCOPES, Topic.CHANGES, Topic.TARGETS, Topic.SERIES, Topic.HOPS, Topic.PLACES)
        return [await self._asked(of.get(topic, self.prometheus), topic) for topic in asked]

    async def _asked(self, system: System, topic: Topic) -> Reading:
        query = MAP.services["payment"].scope
        alert = next(iter(self.board.alerts.values()), None)
        key = AlertKey("am", "x") if alert is None else alert.key
        series = SeriesRequest("prometheus", key, _RULE, {} if alert is None else alert.labels)
        request = Request(NOW - timedelta(hours=8), (ScopeRequest("payment", query.query if query else "up"),), series)
        reading = (await ask(system, topic, self.clock, request, every_s=15)).reading
        self.board = reduce(self.board, reading)
        return reading


def sound(readings: Iterable[Reading]) -> None:
    """Demand of each reading that it is an answer or one line of why there is none, and no error of ours."""
    for reading in readings:
        assert reading.answer is not None or reading.error
        if reading.error is not None:
            assert "internal error" not in reading.error
            assert len(reading.error) < 1500
            harmless(reading.error, lines=False)


def _lines(some: Iterable[Line]) -> None:
    for line in some:
        harmless(line_text(line), lines=False)


def look(board: Board, now: datetime = NOW) -> None:
    """Make all that the screen and the command line ever make of a board, and demand that it is harmless."""
    found = index.advance(None, board)
    shown = alerts.cut(found, alerts.AlertsView(all_open=True, hidden=True, zone=ZONE, known={}), now)
    harmless((shown.title, shown.empty), lines=False)
    _lines((shown.banner, shown.footer))
    for number in range(min(len(shown.ids), 30)):
        assert shown.build is not None
        harmless(shown.build(number))
    feed = changes.cut(board, changes.ChangesView(zone=ZONE), now)
    harmless((feed.title, feed.empty, feed.rows[:30]), lines=False)
    top = header.cut(board, now, ZONE, context="prod", production=True)
    harmless((top, header.terminal_title(found, now)), lines=False)
    told = alerts_command.worst_first(board)
    document = [alerts_command.as_json(board, alert) for alert in told]
    json.dumps(document, allow_nan=False)
    harmless(document)
    list(alerts_command.as_text(board, told))
    harmless([changes_command.as_json(change) for change in board.changes[:30]])
    keys: list[AlertKey | FoldKey] = [*board.alerts, *board.folds]
    for key in keys[:12]:
        _look_at(board, key, now)


def _look_at(board: Board, key: AlertKey | FoldKey, now: datetime) -> None:
    subject = subject_of(board, key)
    assert subject is not None
    drill = fill(board, subject, ZONE, asking=True)
    harmless(drill.answers, lines=False)
    view = drillview.cut(board, drill, now)
    harmless((view.values, view.evidence, view.sources), lines=False)
    document = as_json(fill(board, subject, ZONE), board)
    json.dumps(document, allow_nan=False)
    harmless(document)
    text = as_text(drill, ZONE)
    assert len(text.split("\n")) <= 8
    harmless((text, as_markdown(drill, ZONE)))
    harmless([line_text(line) for line in details.cut(board, key, now, ZONE)])
    for way in View:
        walk = Walk(centre=subject.service, here=subject.service, view=way)
        chain = integrations.cut(board, walk)
        harmless((chain.title, chain.right), lines=False)
        _lines(integrations.painter(board, chain, walk, now)(78, 6, UNICODE).lines)


def look_now_and_later(board: Board) -> None:
    """Look at a board, and once more when half an hour has passed and nobody answered."""
    look(board)
    later = NOW + timedelta(minutes=30)
    look(reduce(board, Tick(later)), later)
