"""Calls as lines of a recording's file."""

import base64
import binascii
import zlib
from collections.abc import Mapping

import msgspec

from cockpit.spans import parse_rfc3339, rfc3339
from cockpit.systems.recording.call import Call
from cockpit.systems.recording.shelf import Shelf


class Line(msgspec.Struct, omit_defaults=True):
    """One call as it stands in the file."""

    asked: str
    at: str
    system: str
    peer: str
    method: str
    path: str
    params: list[tuple[str, str]] = []
    sent: str | None = None
    status: int | None = None
    headers: dict[str, str] = {}
    body: str | None = None
    body64: str | None = None
    """Instead of `body` where the answer is no UTF-8."""
    same: int | None = None
    """Instead of `body` where it equals that of call number so and so, from 0."""
    crc32: int | None = None
    """Of the body's bytes, so that damage inside a packed file is not taken for an answer."""
    error: str | None = None
    retry_after_s: float | None = None


def call_line(call: Call, same: int | None) -> bytes:
    """Return a call's line; with a number it refers to that call's body instead of repeating it."""
    line = Line(
        asked=rfc3339(call.asked) or "",
        at=rfc3339(call.at) or "",
        system=call.system,
        peer=call.peer,
        method=call.method,
        path=call.path,
        params=list(call.params),
        sent=call.sent,
        status=call.status,
        headers=dict(call.headers),
        error=call.error,
        retry_after_s=call.retry_after_s,
    )
    if same is not None:
        line.same = same
    elif call.error is None:
        line.crc32 = zlib.crc32(call.body)
        try:
            line.body = call.body.decode()
        except UnicodeDecodeError:
            line.body64 = base64.b64encode(call.body).decode()
    return msgspec.json.encode(line) + b"\n"


def read_calls(data: bytes, start: int, problems: list[str]) -> tuple[Shelf, bool]:
    """Read the lines behind the header, which ends at `start`; none of them is copied."""
    truncated = False
    shelf = Shelf()
    places: dict[int, int] = {}
    words: dict[str, str] = {}
    decoder = msgspec.json.Decoder(Line)
    view = memoryview(data)
    number = 0
    while start < len(data):
        end = data.find(b"\n", start)
        last = end < 0
        text = view[start:] if last else view[start:end]
        if text:
            try:
                line = decoder.decode(text)
                same = _same(line, places)
                call = _call(line, None if same is None else shelf[same].body, words)
                places[number] = len(shelf)
                shelf.add(call, same)
            except (msgspec.DecodeError, ValueError, binascii.Error) as error:
                if last:
                    truncated = True
                else:
                    problems.append(f"line {number + 2}: {error}")
        start = len(data) if last else end + 1
        number += 1
    return shelf, truncated


def _same(line: Line, places: Mapping[int, int]) -> int | None:
    """Return where the call stands whose body a line refers to; null where it refers to none."""
    if line.error is not None or line.same is None:
        return None
    if line.same not in places:
        raise ValueError(f"refers to the body of call {line.same}, which is not there")
    return places[line.same]


def _call(line: Line, same: bytes | None, words: dict[str, str]) -> Call:
    """Return the call of a line, its body where it refers to one; `words` keeps each word that calls have in common once."""

    def once(word: str) -> str:
        return words.setdefault(word, word)

    body = b""
    if line.error is None:
        if same is not None:
            body = same
        elif line.body64 is not None:
            body = base64.b64decode(line.body64, validate=True)
        elif line.body is not None:
            body = line.body.encode()
        else:
            raise ValueError("has neither body nor error")
        if line.crc32 is not None and zlib.crc32(body) != line.crc32:
            raise ValueError("its body is damaged")
    return Call(
        asked=parse_rfc3339(line.asked),
        at=parse_rfc3339(line.at),
        system=once(line.system),
        peer=once(line.peer),
        method=once(line.method),
        path=once(line.path),
        params=tuple((once(name), once(value)) for name, value in line.params),
        sent=line.sent,
        status=line.status,
        headers={once(name): once(value) for name, value in line.headers.items()},
        body=body,
        error=line.error,
        retry_after_s=line.retry_after_s,
    )
