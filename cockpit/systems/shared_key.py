"""What makes two calls of two cockpits the same: everything but the moments that they ask about. Pure."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from cockpit.config import SystemSpec
from cockpit.spans import parse_rfc3339
from cockpit.text import bare

MOVING = frozenset(
    {"start", "end", "time", "since", "until", "from", "to", "earliest_time", "latest_time", "earliest", "latest"}
)
"""Parameters, and keys of a JSON body, that move with the clock."""

IGNORED = frozenset({"timeout"})
"""Parameters that change nothing about an answer."""

SEARCHES = (
    "/api/v1/query",
    "/api/v1/query_range",
    "/api/v1/series",
    "/api/v1/labels",
    "/api/v2/events/search",
    "/api/v2/dora/deployments",
    "/search/jobs/export",
    "/search/v2/jobs/export",
)
"""Ends of paths where POST only searches; any other POST does something, and is nobody else's."""

_FORM = 1
_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))


@dataclass(frozen=True, slots=True)
class Question:
    """A call as cockpits share it."""

    key: str
    """The same for all that ask the same, about spans of the same length."""
    anchor: float | None
    """The latest moment that it asks about, in Unix seconds; null where it asks about none."""


def is_search(method: str, path: str) -> bool:
    """Tell whether a call changes nothing, so that one answer may stand for several."""
    return method == "GET" or (method == "POST" and path.endswith(SEARCHES))


def question_of(
    spec: SystemSpec,
    peer: str,
    method: str,
    path: str,
    params: Sequence[tuple[str, str]],
    body: bytes | None,
    every_s: float,
) -> Question:
    """Return a call as cockpits share it.

    Moments are taken by how far they lie before the latest one, in steps of the cadence. Credentials are not in
    it: what one of those who share may read, all may.

    Args:
        spec: The system's settings.
        peer: Who is asked.
        method: GET or POST.
        path: What is asked.
        params: Its parameters.
        body: What is sent besides.
        every_s: The cadence in seconds.
    """
    moments: list[tuple[str, float]] = []
    kept = [(name, _steady(name, value, moments), name in MOVING) for name, value in params if name not in IGNORED]
    sent = _steady_body(body, moments)
    anchor = max((at for _, at in moments), default=None)
    spans = [] if anchor is None else [(name, round((anchor - at) / max(every_s, 1.0))) for name, at in moments]
    headers = sorted((name.lower(), value) for name, value in spec.headers.items() if isinstance(value, str))
    told = [
        _FORM, spec.kind, bare(peer), method, path, kept, sent, spans, spec.org, headers, spec.verify is False
    ]  # fmt: skip
    return Question(digest_of(told), anchor)


def digest_of(told: object) -> str:
    """Return a name for a file that stands for all of this."""
    return hashlib.blake2b(json.dumps(told, sort_keys=True).encode(errors="replace"), digest_size=16).hexdigest()


def _steady(name: str, value: str, moments: list[tuple[str, float]]) -> str:
    """Return a value without the moment that it is, which is noted; any other as it stands."""
    at = _moment(value) if name in MOVING else None
    if at is None:
        return bare(value)
    moments.append((name, at))
    return "moment"


def _steady_body(body: bytes | None, moments: list[tuple[str, float]]) -> str | None:
    if body is None:
        return None
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return hashlib.blake2b(body, digest_size=16).hexdigest()
    return json.dumps(_walk("", said, moments), sort_keys=True)


def _walk(name: str, said: Any, moments: list[tuple[str, float]]) -> Any:
    if isinstance(said, dict):
        return {key: _walk(key, value, moments) for key, value in said.items()}
    if isinstance(said, list):
        return [_walk(name, value, moments) for value in said]
    if name in MOVING and isinstance(said, str | int | float) and not isinstance(said, bool):
        return _steady(name, str(said), moments)
    return said


def _moment(text: str) -> float | None:
    """Return a moment in Unix seconds: RFC 3339, or an epoch in any unit; null for what is none, such as `-4h`."""
    try:
        return parse_rfc3339(text).timestamp()
    except ValueError:
        pass
    try:
        value = float(text)
    except ValueError:
        return None
    if not isfinite(value) or value < 1e9:
        return None
    return next((value / unit for limit, unit in _UNITS if value >= limit), value)
