"""One call over a wire, and what makes two calls the same."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl

from cockpit.text import bare

IGNORED = frozenset(
    {
        "start",
        "end",
        "time",
        "since",
        "until",
        "from",
        "to",
        "earliest_time",
        "latest_time",
        "step",
        "timeout",
        "folder",
    }
)
"""Parameters that differ at each asking, or from host to host: two calls that differ in nothing else are the same."""

Key = tuple[str, str, str, str, tuple[tuple[str, str], ...]]
"""What makes two calls the same: system, peer, method, path, parameters."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call over a wire, and what came of it."""

    asked: datetime
    at: datetime
    """When the answer or the failure was there."""
    system: str
    peer: str
    method: str
    path: str
    params: tuple[tuple[str, str], ...] = ()
    sent: str | None = None
    """The body of the request."""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: str | None = None
    """Why nothing came back, where nothing did."""
    retry_after_s: float | None = None

    @property
    def key(self) -> Key:
        """What makes two calls the same."""
        return key_of(self.system, self.peer, self.method, self.path, self.params, self.sent)


def key_of(
    system: str, peer: str, method: str, path: str, params: Sequence[tuple[str, str]], sent: str | None = None
) -> Key:
    """Return what makes two calls the same: everything but the moments that they ask about."""
    given = list(params)
    if sent:
        is_json = sent.lstrip()[:1] in {"{", "["}
        given += [("", _without_moments(sent))] if is_json else parse_qsl(sent, keep_blank_values=True)
    kept = tuple((name, bare(value)) for name, value in given if name not in IGNORED)
    return (system, bare(peer), method, bare(path), kept)


def _without_moments(sent: str) -> str:
    """Return a JSON body without the keys that hold the moments it asks about; as it stands where it is no JSON."""
    try:
        return json.dumps(_kept(json.loads(sent)), sort_keys=True)
    except (ValueError, RecursionError):
        return sent


def _kept(value: object) -> object:
    if isinstance(value, dict):
        return {name: _kept(below) for name, below in value.items() if name not in IGNORED}
    return [_kept(below) for below in value] if isinstance(value, list) else value
