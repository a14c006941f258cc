"""The calls of a recording, their bodies packed: one answer is needed at a time, and many are much like the first."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from operator import eq
from typing import NamedTuple, overload

from cockpit.systems.recording.call import Call

_SMALLEST = 256
"""Bytes below which packing saves nothing."""
_LARGEST = 256 * 1024
"""Bytes above which a body stays as it is: it would take long, and such recordings hold few of them."""
_RAW = -15
"""Deflate without a header."""


class _Body(NamedTuple):
    """A body as it is kept."""

    data: bytes
    like: bytes | None
    """The body that it was packed beside, empty where beside none; null where it is not packed."""

    def whole(self) -> bytes:
        if self.like is None:
            return self.data
        return zlib.decompressobj(_RAW, zdict=self.like).decompress(self.data)


class Shelf(Sequence[Call]):
    """Calls in the order of their answers; a body is unpacked when its call is taken.

    Args:
        calls: What stands on it from the begin.
    """

    def __init__(self, calls: Iterable[Call] = ()) -> None:
        self._calls: list[Call] = []
        self._bodies: list[_Body] = []
        self._first: dict[tuple[str, str], bytes] = {}
        for call in calls:
            self.add(call)

    def add(self, call: Call, same: int | None = None) -> None:
        """Put a call behind the others.

        Args:
            call: The call.
            same: The place of one that has the same body.
        """
        self._bodies.append(self._packed(call) if same is None else self._bodies[same])
        self._calls.append(replace(call, body=b"") if call.body else call)

    @property
    def bare(self) -> Sequence[Call]:
        """The calls without bodies, for whoever needs none."""
        return self._calls

    def _packed(self, call: Call) -> _Body:
        body = call.body
        if not _SMALLEST <= len(body) <= _LARGEST:
            return _Body(body, None)
        like = self._first.setdefault((call.system, call.path), body)
        if like is body:
            return _Body(body, None)
        packer = zlib.compressobj(1, wbits=_RAW, zdict=like)
        data = packer.compress(body) + packer.flush()
        return _Body(data, like)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    def __hash__(self) -> int:
        return hash(tuple(self._calls))

    def __len__(self) -> int:
        return len(self._calls)

    def _at(self, place: int) -> Call:
        body = self._bodies[place].whole()
        return replace(self._calls[place], body=body) if body else self._calls[place]

    def __iter__(self) -> Iterator[Call]:
        return map(self._at, range(len(self._calls)))

    @overload
    def __getitem__(self, place: int) -> Call: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Call]: ...
    def __getitem__(self, place: int | slice) -> Call | Sequence[Call]:
        if isinstance(place, slice):
            return [self._at(one) for one in range(len(self._calls))[place]]
        return self._at(place)
