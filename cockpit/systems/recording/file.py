"""The recording's file: JSON lines, a header and then one line a call, gzip where its name ends in .gz."""

import gzip
import os
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Self

import msgspec

from cockpit.config import ConfigError
from cockpit.spans import parse_rfc3339, rfc3339
from cockpit.systems.recording.call import Call, Key
from cockpit.systems.recording.lines import call_line, read_calls
from cockpit.systems.recording.shelf import Shelf

VERSION = 1
"""Of the format; `cockpit_recording` in the header."""

LARGEST = 1 << 30
"""Bytes of a recording, unpacked, that are read at most."""

ROUND = timedelta(seconds=10)
"""What first answers come within so long of the first one belong to the same round of asking."""


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


class _Head(msgspec.Struct):
    cockpit_recording: int
    began: str
    cockpit: str = ""
    moved_by_s: int = 0
    builds: dict[str, str] = {}
    context: dict[str, object] = {}
    map: str | None = None


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


class Recording:
    """What was recorded: the header, the calls in the order of their answers, and what could not be read."""

    def __init__(
        self,
        header: Header,
        calls: Iterable[Call] = (),
        *,
        problems: Sequence[str] = (),
        truncated: bool = False,
        name: str = "",
    ) -> None:
        self.header = header
        self._shelf = calls if isinstance(calls, Shelf) else Shelf(calls)
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
        calls, truncated = read_calls(data, len(data) if end < 0 else end + 1, problems)
        return cls(
            header, calls, problems=problems, truncated=truncated, name="" if isinstance(source, bytes) else name
        )

    @property
    def calls(self) -> Sequence[Call]:
        """The calls, in the order of their answers."""
        return self._shelf

    @property
    def began(self) -> datetime:
        """The first moment of the recording."""
        return self.header.began

    @property
    def opened(self) -> datetime:
        """The first moment worth a look: everything that was asked at the start had answered by then."""
        first: dict[Key, datetime] = {}
        for call in self._shelf.bare:
            first.setdefault(call.key, call.at)
        begin = min(first.values(), default=self.began)
        return max((self.began, *(at for at in first.values() if at - begin <= ROUND)))

    @cached_property
    def moments(self) -> tuple[datetime, ...]:
        """The moments at which an answer came, in order."""
        return tuple(sorted(call.at for call in self._shelf.bare))

    @property
    def ended(self) -> datetime:
        """The last moment of the recording."""
        return max(self.moments[-1], self.began) if self.moments else self.began

    def heard(self, after: datetime, until: datetime) -> bool:
        """Tell whether an answer came later than the first moment and not later than the second."""
        return bisect_right(self.moments, until) > bisect_right(self.moments, after)

    @cached_property
    def _index(self) -> dict[Key, tuple[list[datetime], list[int]]]:
        index: dict[Key, tuple[list[datetime], list[int]]] = {}
        calls = self._shelf.bare
        for number in sorted(range(len(calls)), key=lambda number: calls[number].at):
            times, numbers = index.setdefault(calls[number].key, ([], []))
            times.append(calls[number].at)
            numbers.append(number)
        return index

    def latest(self, key: Key, until: datetime) -> Call | None:
        """Return the latest call of that key whose answer came at that moment or before, or null."""
        times, numbers = self._index.get(key, ([], []))
        place = bisect_right(times, until)
        return self._shelf[numbers[place - 1]] if place else None

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
