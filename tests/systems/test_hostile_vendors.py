"""Vendors that answer anything: what comes of it is changes that the board takes, or an error in words."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.board.reduce import empty, reduce
from cockpit.board.state import Setup
from cockpit.clock import FixedClock
from cockpit.config import SystemSpec
from cockpit.model.reading import Answer, Reading, Topic
from cockpit.model.topology import IntegrationMap, Service, Team
from cockpit.systems.argocd import System as ArgoCD
from cockpit.systems.base import Circumstances, Reply, Surroundings, SystemError
from cockpit.systems.github import System as GitHub
from cockpit.systems.pagerduty import System as PagerDuty
from cockpit.text import clean

NOW = datetime(2026, 11, 20, 14, 12, tzinfo=UTC)
MAP = IntegrationMap(
    "m", services={"payment": Service("payment", "pay", pagerduty="P1")}, teams={"pay": Team("pay", pagerduty="P2")}
)

_times = st.sampled_from(
    [
        "2026-11-20T14:00:00Z",
        "2026-11-20T16:00:00.123456789+02:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "soon",
        "",
    ]
)
_texts = st.one_of(
    st.text(max_size=12),
    _times,
    st.sampled_from(["P1", "P2", "success", "\x1b]0;x\x07", "v1", "a" * 40, "\u202e", "none"]),
)
_leaves = st.one_of(st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.floats(allow_nan=False), _texts)
_anything = st.recursive(
    _leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3), max_leaves=6
)


def _shape(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return objects with these fields, any of which may be missing or something else."""
    odd = {name: st.one_of(values, values, values, _anything) for name, values in fields.items()}
    return st.fixed_dictionaries({}, optional=odd)


def _items(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(st.one_of(one, one, one, _anything), max_size=4)


_reference = _shape(id=_texts, summary=_texts, name=_texts, html_url=_texts)
_event = _shape(
    id=_texts, timestamp=_times, summary=_texts, source=_texts, services=_items(_reference), custom_details=_anything,
    links=_items(_shape(href=_texts)),
)  # fmt: skip
_duty = _shape(
    escalation_policy=_reference, user=_reference, escalation_level=st.integers(-3, 9), start=_times, end=_times
)
_pages = _shape(
    change_events=_items(_event),
    oncalls=_items(_duty),
    services=_items(_reference),
    more=st.booleans(),
    error=_anything,
)
_deployment = _shape(
    id=st.integers(0, 5), sha=_texts, ref=_texts, environment=_texts, payload=_anything, created_at=_times, state=_texts,
    creator=_shape(login=_texts), tag_name=_texts, published_at=_times, log_url=_texts,
)  # fmt: skip
_operation = _shape(
    phase=st.sampled_from(["Running", "Failed", "Succeeded", "x"]), startedAt=_times, finishedAt=_times, message=_texts
)
_history = _shape(
    id=st.integers(0, 5), revision=_texts, revisions=_items(_texts), deployedAt=_times, deployStartedAt=_times
)
_app = _shape(
    metadata=st.fixed_dictionaries({"name": _texts}, optional={"namespace": _texts, "labels": _anything}),
    spec=_shape(revisionHistoryLimit=st.integers(-1, 3), destination=_shape(namespace=_texts)),
    status=_shape(history=_items(_history), operationState=_operation, summary=_shape(images=_items(_texts))),
)
_bodies: dict[str, st.SearchStrategy[bytes]] = {
    "pagerduty": _pages.map(lambda said: json.dumps(said).encode()),
    "github": _items(_deployment).map(lambda said: json.dumps(said).encode()),
    "argocd": _shape(items=_items(_app)).map(lambda said: json.dumps(said).encode()),
}


class _Anything:
    """A wire whose every answer is drawn."""

    def __init__(self, draw: Callable[[], Reply]) -> None:
        self._draw = draw

    async def call(self, peer: str, method: str, path: str, params: Any = (), **_: Any) -> Reply:
        return self._draw()

    async def close(self) -> None: ...


def _safe(text: str) -> bool:
    """Tell whether a text is one line without anything that drives a terminal or misleads a reader."""
    return clean(text, 100_000) == text and "\n" not in text


def _system(kind: str, wire: _Anything) -> Any:
    extra = {"repositories": [{"repo": "a/b"}]} if kind == "github" else {}
    made: Any = {"pagerduty": PagerDuty, "github": GitHub, "argocd": ArgoCD}[kind]
    return made(SystemSpec(kind, kind, urls=("http://x",), extra=extra), Surroundings(wire, MAP, ""), FixedClock(NOW))


@pytest.mark.parametrize("kind", sorted(_bodies))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
async def test_whatever_a_vendor_answers_is_taken_or_told(kind: str, data: st.DataObject) -> None:
    """Odd answers, at any status, are changes and duties that the board takes, or an error; nothing of them drives a terminal."""
    odd = st.binary(max_size=12)

    def draw() -> Reply:
        status = data.draw(st.sampled_from([200, 200, 200, 200, 401, 403, 404, 429, 500]))
        link = data.draw(st.sampled_from(["", '<http://x?page=2>; rel="next"', "<;>; rel=next"]))
        return Reply(status, data.draw(st.one_of(_bodies[kind], _bodies[kind], _bodies[kind], odd)), {"link": link})

    system = _system(kind, _Anything(draw))
    board = empty(Setup(map=MAP), NOW)
    for topic in (Topic.CHANGES, Topic.CHANGES, Topic.ONCALL):
        answer: Answer
        try:
            if topic is Topic.CHANGES:
                answer = await system.changes(NOW - timedelta(hours=4), NOW, Circumstances())
            elif kind == "pagerduty":
                answer = await system.on_call(Circumstances())
            else:
                continue
        except SystemError as error:
            assert _safe(str(error))
            continue
        board = reduce(board, Reading(kind, kind, topic, NOW, NOW, 0.1, answer))
        if topic is Topic.CHANGES:
            told = [text for one in board.changes for text in (one.service, one.version, one.author, one.summary)]
            assert all(map(_safe, told))
            assert len({one.id for one in board.changes}) == len(board.changes)
    assert all(_safe(check.message) for check in await system.check())
