"""Splunk's export stream: one JSON object a line; previews dropped, messages kept, a failure at its end noticed."""

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any

import msgspec

from cockpit.systems.answers import SLICE, words_of
from cockpit.systems.base import SystemError
from cockpit.text import one_line

MOST = 50_000
"""Rows that are read at most."""

QUOTA_REST_S = 30.0
"""Seconds for which a search head is left alone that has no room for another search."""

_QUOTA = re.compile(r"maximum number of concurrent|concurrency limit|search not executed", re.IGNORECASE)
_HARMLESS = re.compile(r"took longer than expected|configuration initiali[sz]ation", re.IGNORECASE)
_BAD = frozenset({"FATAL", "ERROR"})


class _Message(msgspec.Struct):
    type: str = ""
    text: str = ""


class _Line(msgspec.Struct):
    preview: bool = False
    lastrow: bool = False
    result: dict[str, Any] | None = None
    results: list[dict[str, Any]] | None = None
    messages: list[_Message] | None = None


@dataclass(slots=True)
class Stream:
    """What one search answered."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    """Why rows may be missing, in Splunk's own words where it says so."""


def quota(words: str) -> bool:
    """Tell whether a message says that there is no room for another search."""
    return _QUOTA.search(words) is not None


async def read_stream(body: bytes) -> Stream:
    """Return the rows of a stream.

    Raises:
        SystemError: It is empty, holds no final rows, or the search failed before it had any.
    """
    if not body.strip():
        raise SystemError("answered nothing (200, empty): a search that fails can look like this, try it in Splunk")
    if body.lstrip()[:1] == b"<":
        raise SystemError("answered XML or a web page, not JSON: is this the management port (8089)?")
    stream, state = Stream(), _State()
    for number, line in enumerate(body.splitlines()):
        if number % SLICE == SLICE - 1:
            await asyncio.sleep(0)
        if line.strip():
            state.take(line, stream)
    state.judge(stream)
    return stream


class _State:
    """What is known of a stream while it is read."""

    def __init__(self) -> None:
        self.messages: dict[tuple[str, str], None] = {}
        self.unread = 0
        self.why = ""
        self.ended = False
        self.previews = 0
        self.left_out = 0

    def take(self, line: bytes, stream: Stream) -> None:
        try:
            said = msgspec.json.decode(line, type=_Line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self.unread += 1
            self.why = self.why or words_of(error) if isinstance(error, msgspec.ValidationError) else "no JSON"
            return
        for message in said.messages or ():
            self.messages[one_line(message.type, 20).upper(), one_line(message.text, 300)] = None
        if said.preview:
            self.previews += 1
            return
        rows = [*([said.result] if said.result is not None else []), *(said.results or ())]
        room = max(0, MOST - len(stream.rows))
        stream.rows += rows[:room]
        self.left_out += len(rows) - min(room, len(rows))
        self.ended = self.ended or said.lastrow or said.results is not None

    def judge(self, stream: Stream) -> None:
        """Say what is missing.

        Raises:
            SystemError: Everything is.
        """
        bad = [text for kind, text in self.messages if kind in _BAD or quota(text)]
        warned = [text for kind, text in self.messages if kind == "WARN" and not _HARMLESS.search(text)]
        if bad and not stream.rows:
            rest = QUOTA_REST_S if any(map(quota, bad)) else None
            raise SystemError(f"the search failed: {'; '.join(bad[:3])}", retry_after_s=rest)
        if not stream.rows and not self.ended:
            raise SystemError(self._nothing())
        stream.gaps += [f"the search failed before its end: {text}" for text in bad[:3]]
        stream.gaps += [text for text in warned if text not in bad][:3]
        if self.unread:
            stream.gaps.append(f"{self.unread} lines of its answer could not be read: {self.why}")
        if not self.ended and not bad:
            stream.gaps.append("its answer broke off before the last row")
        if self.left_out:
            stream.gaps.append(f"{self.left_out:,} rows beyond the first {MOST:,} were left out: narrow the search")

    def _nothing(self) -> str:
        if self.unread:
            return f"answered something that is not a stream of JSON ({self.why})"
        told = "; ".join(text for _, text in self.messages)
        what = "only previews" if self.previews else "no rows and no end of them"
        return f"answered {what}{': ' + told if told else ''}"
