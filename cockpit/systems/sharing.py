"""Lets many cockpits on one host ask once: a wire that looks for another one's answer before it asks by itself."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, timedelta
from email.utils import format_datetime
from typing import cast

from cockpit.clock import Clock
from cockpit.config import SystemSpec
from cockpit.systems.base import TURN, Reply, SystemError, Turn, Wire
from cockpit.systems.failures import http_date, retry_after
from cockpit.systems.shared_folder import Entry, SharedFolder
from cockpit.systems.shared_key import Question, digest_of, is_search, question_of
from cockpit.text import bare

FRESH = 0.8
"""Share of the cadence for which an answer stands for others: who asked it then asks anew at the next turn."""

WAIT_S = 5.0
"""Seconds that are waited for another one's answer, and at most half of the timeout."""

LOOK_S = 0.05
"""Seconds between two looks whether it is there."""

AHEAD_S = 1.0
"""Seconds that an answer may seem to come from the future."""

SHORTEST = 4
"""Characters; an answer that repeats a secret so long or longer is not kept."""

TIDY = 500
"""Answers that are kept before old ones are removed."""


class SharedWire:
    """Passes calls on, and answers of polls to other cockpits; whatever goes wrong with sharing, it asks by itself.

    Only what is asked at a cadence is shared (`TURN`), and only calls that change nothing: `doctor` and whatever
    writes ask by themselves. The turn is told how old the answer is.

    Args:
        inner: The wire that asks.
        folder: Where answers lie.
        spec: The system's settings.
        clock: Says how old an answer is.
    """

    def __init__(self, inner: Wire, folder: SharedFolder, spec: SystemSpec, clock: Clock) -> None:
        self._inner = inner
        self._folder = folder
        self._spec = spec
        self._clock = clock
        self._kept = 0

    def secrets(self) -> tuple[str, ...]:
        """Return the secrets that were read so far, for a recording to leave out."""
        known = getattr(self._inner, "secrets", None)
        return tuple(cast("Callable[[], Iterable[str]]", known)()) if callable(known) else ()

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
        """Return another one's answer that is fresh enough, or ask.

        Raises:
            SystemError: Nothing came back, or the server asked one of us to be left alone.
        """
        turn = TURN.get()
        if turn is None or not is_search(method, path):
            return await self._inner.call(peer, method, path, params, body=body, timeout_s=timeout_s)
        limit = self._spec.timeout.total_seconds() if timeout_s is None else timeout_s
        question = question_of(self._spec, peer, method, path, params, body, turn.every_s)
        rest = digest_of(["rest", self._spec.kind, bare(peer)])
        began = time.monotonic()
        async with self._alone(question, turn, min(WAIT_S, limit / 2)) as there:
            if there is not None:
                return self._given(there, turn)
            await self._leave_alone(rest)
            waited = time.monotonic() - began
            left = timeout_s if waited < LOOK_S else max(0.1, limit - waited)
            reply = await self._inner.call(peer, method, path, params, body=body, timeout_s=left)
            await self._keep(question, rest, reply)
        return reply

    @asynccontextmanager
    async def _alone(self, question: Question, turn: Turn, wait_s: float) -> AsyncIterator[tuple[Entry, bytes] | None]:
        """Give a fresh answer, or nothing and the right to ask, which is ours for as long as nobody waits too long."""
        there = await self._look(question, turn)
        if there is not None:
            yield there
            return
        until, stamp = time.monotonic() + wait_s, self._folder.stamp(question.key)
        held: int | None = None
        try:
            while (held := self._lock(question.key)) is None and time.monotonic() < until:
                await asyncio.sleep(LOOK_S)
                if stamp != (stamp := self._folder.stamp(question.key)):
                    there = await self._look(question, turn)
                    if there is not None:
                        break
            if held is not None and held >= 0 and there is None:
                there = await self._look(question, turn)
            yield there
        finally:
            if held is not None and held >= 0:
                os.close(held)

    def _lock(self, key: str) -> int | None:
        """Return a lock, null where somebody else has it, and -1 where there are no locks: then everybody asks."""
        try:
            return self._folder.lock(key)
        except OSError:
            return -1

    async def _look(self, question: Question, turn: Turn) -> tuple[Entry, bytes] | None:
        """Return what is kept where it is fresh, and about the same moments."""
        there = await asyncio.to_thread(self._folder.read, question.key)
        if there is None or there[0].status != 200:
            return None
        age_s = self._clock.now().timestamp() - there[0].at
        if not -AHEAD_S <= age_s < FRESH * turn.every_s:
            return None
        anchor, other = question.anchor, there[0].anchor
        if (anchor is None) != (other is None):
            return None
        return there if anchor is None or other is None or abs(anchor - other) <= turn.every_s else None

    def _given(self, there: tuple[Entry, bytes], turn: Turn) -> Reply:
        """Return an answer at rest as if it came now; its date moves with it, as its age is no skew."""
        entry, body = there
        age_s = max(0.0, self._clock.now().timestamp() - entry.at)
        turn.age_s = max(turn.age_s, age_s)
        return Reply(entry.status, body, _moved(entry.headers, age_s), entry.elapsed_s)

    async def _leave_alone(self, rest: str) -> None:
        """Refuse to ask a server that asked one of us to be left alone, for just as long.

        Raises:
            SystemError: It did; says for how long still.
        """
        there = await asyncio.to_thread(self._folder.read, rest)
        if there is None or there[0].until is None:
            return
        left = there[0].until - self._clock.now().timestamp()
        if 0 < left <= there[0].until - there[0].at:
            status = there[0].status
            words = f"{status}: asked another Cockpit here to be left alone for {left:.0f} s"
            raise SystemError(words, retry_after_s=left, status=status)

    async def _keep(self, question: Question, rest: str, reply: Reply) -> None:
        """Keep an answer for others, and for how long a server wants to be left alone; nothing else, and no secret."""
        now = self._clock.now()
        if reply.status in {429, 503}:
            seconds = retry_after(reply.headers.get("retry-after"), now)
            if seconds:
                self._write(rest, now.timestamp(), None, Reply(reply.status, b""), now.timestamp() + seconds)
            return
        if reply.status != 200 or self._repeats_a_secret(reply):
            return
        await asyncio.to_thread(self._write, question.key, now.timestamp(), question.anchor, reply)
        self._kept += 1
        if self._kept % TIDY == 0:
            await asyncio.to_thread(self._folder.tidy)

    def _write(self, key: str, at: float, anchor: float | None, reply: Reply, until: float | None = None) -> None:
        self._folder.write(
            key,
            at=at,
            anchor=anchor,
            status=reply.status,
            headers=reply.headers,
            body=reply.body,
            elapsed_s=reply.elapsed_s,
            until=until,
        )

    def _repeats_a_secret(self, reply: Reply) -> bool:
        headers = "\n".join(reply.headers.values())
        return any(
            secret.encode() in reply.body or secret in headers for secret in self.secrets() if len(secret) >= SHORTEST
        )

    async def close(self) -> None:
        """Let go of the wire inside."""
        await self._inner.close()


def _moved(headers: Mapping[str, str], age_s: float) -> dict[str, str]:
    then = http_date(headers.get("date", ""))
    if then is None:
        return dict(headers)
    try:
        moved = (then + timedelta(seconds=age_s)).astimezone(UTC)
    except OverflowError:
        return dict(headers)
    return {**headers, "date": format_datetime(moved, usegmt=True)}
