"""The two wires of a recording: one that keeps what another wire answers, one that answers out of the file."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime

from cockpit.clock import Clock
from cockpit.systems.base import Reply, SystemError, Wire
from cockpit.systems.recording.call import Call, key_of
from cockpit.systems.recording.file import Recording
from cockpit.systems.recording.writer import RecordingWriter


class NotRecorded(SystemError):  # noqa: N818 - a state of the recording, told as such
    """A call that nobody made while it was recorded, so nobody knows its answer."""


class RecordingWire:
    """Passes every call on and keeps what came back."""

    def __init__(self, inner: Wire, writer: RecordingWriter, system: str) -> None:
        self._inner = inner
        self._writer = writer
        self._system = system

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
        """Ask over the wire inside, keep the answer or the failure, and pass it on."""
        asked = self._writer.now()
        sent = None if body is None else body.decode(errors="replace")
        call = Call(asked, asked, self._system, peer, method, path, tuple(params), sent)
        try:
            reply = await self._inner.call(peer, method, path, params, body=body, timeout_s=timeout_s)
        except SystemError as error:
            self._writer.add(_failed(call, error, self._writer))
            raise
        self._writer.add(_answered(call, reply, self._writer))
        return reply

    async def close(self) -> None:
        """Let go of the wire inside; the file is closed by whoever opened it."""
        await self._inner.close()


def _failed(call: Call, error: SystemError, writer: RecordingWriter) -> Call:
    return Call(
        call.asked,
        writer.now(),
        call.system,
        call.peer,
        call.method,
        call.path,
        call.params,
        call.sent,
        status=error.status,
        error=str(error) or "no answer",
        retry_after_s=error.retry_after_s,
    )


def _answered(call: Call, reply: Reply, writer: RecordingWriter) -> Call:
    return Call(
        call.asked,
        writer.now(),
        call.system,
        call.peer,
        call.method,
        call.path,
        call.params,
        call.sent,
        status=reply.status,
        headers=reply.headers,
        body=reply.body,
    )


class PlaybackWire:
    """Answers with what was recorded last at the clock's present moment; opens no connection."""

    def __init__(self, recording: Recording, system: str, clock: Clock) -> None:
        self._recording = recording
        self._system = system
        self._clock = clock

    async def call(
        self,
        peer: str,
        method: str,
        path: str,
        params: Sequence[tuple[str, str]] = (),
        *,
        body: bytes | None = None,
        timeout_s: float | None = None,  # noqa: ARG002 - the wire's signature; a recording keeps nobody waiting
    ) -> Reply:
        """Return the latest recorded answer to the same call.

        Raises:
            NotRecorded: It was not asked up to that moment.
            SystemError: That is what came back then.
        """
        sent = None if body is None else body.decode(errors="replace")
        call = self._recording.latest(key_of(self._system, peer, method, path, params, sent), self._clock.now())
        if call is None:
            raise NotRecorded("not in the recording")
        if call.error is not None:
            raise SystemError(call.error, retry_after_s=call.retry_after_s, status=call.status)
        elapsed = max(0.0, (call.at - call.asked).total_seconds())
        return Reply(call.status or 0, call.body, self._headers(call), elapsed)

    def _headers(self, call: Call) -> Mapping[str, str]:
        """Return the headers with the date as far from now as it was then: the age of an answer is no skew."""
        if "date" not in call.headers:
            return call.headers
        try:
            then = parsedate_to_datetime(call.headers["date"])
            moved = (then + (self._clock.now() - call.at)).astimezone(UTC)
        except (ValueError, TypeError, OverflowError):
            return call.headers
        return {**call.headers, "date": format_datetime(moved, usegmt=True)}

    async def close(self) -> None:
        """Hold nothing, so nothing is let go."""
