"""Reads an answer's body as it comes, unpacked, and never more of it than a limit."""

import asyncio
import zlib
from collections.abc import AsyncGenerator, AsyncIterator

from cockpit.systems.base import SystemError

LARGEST = 64 * 1024 * 1024
"""Bytes that an answer may have, unpacked."""

_PIECE = 1024 * 1024
"""Bytes that are unpacked before others on the loop have their turn."""


class Progress:
    """How much of an answer is there, for the words of a timeout."""

    def __init__(self) -> None:
        self.began = False
        """Whether the status line came."""
        self.size = 0
        """Bytes of the body, unpacked."""


async def read_body(chunks: AsyncIterator[bytes], encoding: str, progress: Progress, largest: int = LARGEST) -> bytes:
    """Return the whole body.

    Args:
        chunks: As they come over the wire.
        encoding: The Content-Encoding header.
        progress: Filled in on the way.
        largest: The limit in bytes.

    Raises:
        SystemError: It is larger, packed in a way that nobody asked for, or broken.
    """
    pieces: list[bytes] = []
    unpacked = _unpack(chunks, encoding)
    async for piece in unpacked:
        progress.size += len(piece)
        if progress.size > largest:
            await unpacked.aclose()
            raise SystemError(f"its answer is larger than {largest // (1024 * 1024)} MB")
        pieces.append(piece)
    return b"".join(pieces)


async def _unpack(chunks: AsyncIterator[bytes], encoding: str) -> AsyncGenerator[bytes, None]:
    kind = encoding.strip().lower()
    if kind in {"", "identity"}:
        async for chunk in chunks:
            yield chunk
        return
    if kind not in {"gzip", "x-gzip"}:
        raise SystemError("its answer is packed in a way that was not asked for")
    packer = zlib.decompressobj(31)
    try:
        async for chunk in chunks:
            rest = chunk
            while rest and not packer.eof:
                yield packer.decompress(rest, _PIECE)
                rest = packer.unconsumed_tail
                await asyncio.sleep(0)
        yield packer.flush()
    except zlib.error as error:
        raise SystemError("its answer says gzip and is none") from error
    if not packer.eof:
        raise SystemError("the answer broke off")
