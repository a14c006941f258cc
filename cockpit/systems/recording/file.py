"""The recording's file: JSON lines, a header and then one line a call, gzip where its name ends in .gz."""

import base64
import binascii
import gzip
import os
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl

import msgspec

from cockpit.config import ConfigError
from cockpit.spans import parse_rfc3339, rfc3339
from cockpit.text import bare

VERSION = 1
"""Of the format; `cockpit_recording` in the header."""

LARGEST = 1 << 30
"""Bytes of a recording, unpacked, that are read at most."""

IGNORED = frozenset({"start", "end", "time", "since", "until", "step", "timeout", "folder"})
"""Parameters that differ at each asking, or from host to host: two calls that differ in nothing else are the same."""

ROUND = timedelta(seconds=10)
"""What first answers come within so long of the first one belong to the same round of asking."""

Key = tuple[str, str, str, str, tuple[tuple[str, str], ...]]
"""What makes two calls the same: system, peer, method, path, parameters."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a recording says of itself."""

    began: datetime
    cockpit: str = ""
    """The version that wrote it."""
    moved_by_s: int = 0
    """By how many seconds all times were moved since."""
    builds: Mapping[str, str] = field(default_factory=dict)
    """By system: what its server says of its build."""
    context: Mapping[str, object] = field(default_factory=dict)
    """The context it was recorded in; see `describe`."""
    map: str | None = None
    """The integration map, as YAML text."""


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


class _Head(msgspec.Struct):
    cockpit_recording: int
    began: str
    cockpit: str = ""
    moved_by_s: int = 0
    builds: dict[str, str] = {}
    context: dict[str, object] = {}
    map: str | None = None


def key_of(
    system: str, peer: str, method: str, path: str, params: Sequence[tuple[str, str]], sent: str | None = None
) -> Key:
    """Return what makes two calls the same: everything but the moments that they ask about."""
    given = list(params)
    if sent:
        given += [("", sent)] if sent.lstrip()[:1] in {"{", "["} else parse_qsl(sent, keep_blank_values=True)
    kept = tuple((name, bare(value)) for name, value in given if name not in IGNORED)
    return (system, bare(peer), method, bare(path), kept)


def head_line(header: Header) -> bytes:
    """Return the header's line."""
    head = _Head(
        cockpit_recording=VERSION,
        began=rfc3339(header.began) or "",
        cockpit=header.cockpit,
        moved_by_s=header.moved_by_s,
        builds=dict(header.builds),
        context=dict(header.context),
        map=header.map,
    )
    return msgspec.json.encode(head) + b"\n"


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


class Recording:
    """What was recorded: the header, the calls in the order of their answers, and what could not be read."""

    def __init__(
        self,
        header: Header,
        calls: Sequence[Call] = (),
        *,
        problems: Sequence[str] = (),
        truncated: bool = False,
        name: str = "",
    ) -> None:
        self.header = header
        self.calls = tuple(calls)
        self.problems = tuple(problems)
        """Lines that were left out, named: `line 17: no JSON`."""
        self.truncated = truncated
        """Whether the file ends in the middle of a line."""
        self.name = name
        """The file it came from, or empty."""

    @classmethod
    def load(cls, source: Path | str | bytes, *, largest: int = LARGEST) -> Self:
        """Read a recording from a file or from its bytes, up to where it is cut off.

        Raises:
            ConfigError: There is none.
        """
        name = "recording" if isinstance(source, bytes) else str(source)
        try:
            raw = source if isinstance(source, bytes) else Path(source).read_bytes()
        except OSError as error:
            raise ConfigError(name, error.strerror or str(error), "name a file that `cockpit record` wrote") from error
        problems: list[str] = []
        data = _unpack(raw, largest, problems)
        del raw
        end = data.find(b"\n")
        header = _read_head(data if end < 0 else data[:end], name)
        calls, truncated = _read_calls(data, len(data) if end < 0 else end + 1, problems)
        return cls(
            header, calls, problems=problems, truncated=truncated, name="" if isinstance(source, bytes) else name
        )

    @property
    def began(self) -> datetime:
        """The first moment of the recording."""
        return self.header.began

    @property
    def opened(self) -> datetime:
        """The first moment worth a look: everything that was asked at the start had answered by then."""
        first: dict[Key, datetime] = {}
        for call in self.calls:
            first.setdefault(call.key, call.at)
        begin = min(first.values(), default=self.began)
        return max((self.began, *(at for at in first.values() if at - begin <= ROUND)))

    @cached_property
    def moments(self) -> tuple[datetime, ...]:
        """The moments at which an answer came, in order."""
        return tuple(sorted(call.at for call in self.calls))

    @property
    def ended(self) -> datetime:
        """The last moment of the recording."""
        return max(self.moments[-1], self.began) if self.moments else self.began

    def heard(self, after: datetime, until: datetime) -> bool:
        """Tell whether an answer came later than the first moment and not later than the second."""
        return bisect_right(self.moments, until) > bisect_right(self.moments, after)

    @cached_property
    def _index(self) -> dict[Key, tuple[list[datetime], list[Call]]]:
        index: dict[Key, tuple[list[datetime], list[Call]]] = {}
        for call in sorted(self.calls, key=lambda call: call.at):
            times, calls = index.setdefault(call.key, ([], []))
            times.append(call.at)
            calls.append(call)
        return index

    def latest(self, key: Key, until: datetime) -> Call | None:
        """Return the latest call of that key whose answer came at that moment or before, or null."""
        times, calls = self._index.get(key, ([], []))
        place = bisect_right(times, until)
        return calls[place - 1] if place else None

    def lines(self) -> Iterator[bytes]:
        """Return the file's lines, repeated bodies by reference."""
        yield head_line(self.header)
        known: dict[bytes, int] = {}
        for number, call in enumerate(self.calls):
            same = known.setdefault(call.body, number) if call.error is None else number
            yield call_line(call, None if same == number else same)

    def save(self, path: Path, *, force: bool = False) -> None:
        """Write it to a file that only its owner can read, packed where the name ends in .gz.

        Raises:
            ConfigError: The file exists and force is not given, or it cannot be written.
        """
        data = b"".join(self.lines())
        packed = gzip.compress(data, mtime=0) if path.name.endswith(".gz") else data
        with os.fdopen(open_new(path, force=force), "wb") as file:
            file.write(packed)


def open_new(path: Path, *, force: bool) -> int:
    """Open a new file that only its owner can read and return its descriptor.

    Raises:
        ConfigError: It exists and force is not given, or it cannot be written.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | (os.O_TRUNC if force else os.O_EXCL)
    try:
        descriptor = os.open(path, flags, 0o600)
        os.fchmod(descriptor, 0o600)
    except FileExistsError as error:
        raise ConfigError(str(path), "exists already", "choose another name, or overwrite it with --force") from error
    except OSError as error:
        raise ConfigError(str(path), error.strerror or str(error), "choose a place that can be written") from error
    return descriptor


def _unpack(raw: bytes, largest: int, problems: list[str]) -> bytes:
    if not raw.startswith(b"\x1f\x8b"):
        if len(raw) > largest:
            problems.append(f"larger than {largest:,} bytes: the rest was left out")
        return raw[:largest]
    parts: list[bytes] = []
    room = largest
    while raw.startswith(b"\x1f\x8b"):
        member = zlib.decompressobj(wbits=31)
        try:
            part = member.decompress(raw, room)
        except zlib.error as error:
            problems.append(f"damaged: {error}; read up to there")
            part = _unpack_slowly(raw, room)
            raw = b""
        parts.append(part)
        room -= len(part)
        if member.unconsumed_tail or room <= 0:
            problems.append(f"larger than {largest:,} bytes unpacked: the rest was left out")
            break
        raw = member.unused_data
    return b"".join(parts)


def _unpack_slowly(raw: bytes, room: int) -> bytes:
    member = zlib.decompressobj(wbits=31)
    whole = bytearray()
    try:
        for start in range(0, len(raw), 256):
            whole += member.decompress(raw[start : start + 256])
            if len(whole) > room:
                break
    except zlib.error:
        pass
    return bytes(whole[:room])


def _read_head(line: bytes, name: str) -> Header:
    remedy = "name a file that `cockpit record` wrote"
    try:
        head = msgspec.json.decode(line, type=_Head)
        began = parse_rfc3339(head.began)
    except (msgspec.DecodeError, ValueError) as error:
        raise ConfigError(name, "is no recording: its first line is no header", remedy) from error
    if head.cockpit_recording != VERSION:
        raise ConfigError(
            name, f"has format {head.cockpit_recording}, this version reads {VERSION}", "use the version that wrote it"
        )
    return Header(began, head.cockpit, head.moved_by_s, head.builds, head.context, head.map)


def _read_calls(data: bytes, start: int, problems: list[str]) -> tuple[list[Call], bool]:
    """Read the lines behind the header, which ends at `start`; none of them is copied."""
    truncated = False
    numbered: dict[int, Call] = {}
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
                numbered[number] = _call(decoder.decode(text), numbered, words)
            except (msgspec.DecodeError, ValueError, binascii.Error) as error:
                if last:
                    truncated = True
                else:
                    problems.append(f"line {number + 2}: {error}")
        start = len(data) if last else end + 1
        number += 1
    return list(numbered.values()), truncated


def _call(line: Line, before: Mapping[int, Call], words: dict[str, str]) -> Call:
    """Return the call of a line; `words` keeps each word that calls have in common once."""

    def once(word: str) -> str:
        return words.setdefault(word, word)

    body = b""
    if line.error is None:
        if line.same is not None:
            if line.same not in before:
                raise ValueError(f"refers to the body of call {line.same}, which is not there")
            body = before[line.same].body
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
