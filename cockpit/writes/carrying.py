"""Carries a write out: allowed, looked at, claimed in the journal, sent once, settled in the journal."""

import json
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from cockpit.clock import Clock
from cockpit.config import Context, SystemSpec
from cockpit.journal.writing import WRITES
from cockpit.model.written import WriteStanding, Written
from cockpit.spans import clock_time
from cockpit.systems.base import SystemError
from cockpit.writes.allowed import why_not
from cockpit.writes.plan import Looked, Outcome, State, Write

STALE = timedelta(minutes=2)
"""After which a write that was begun and never settled no longer keeps others from it: its Cockpit is gone."""


class Book(Protocol):
    """What is asked of a journal."""

    def claim(self, entry: Written, stale: timedelta) -> str | None:
        """Keep that a write begins, on the disk when this returns; return why it must not begin."""

    def settle(self, entry: Written) -> None:
        """Keep what came of it."""

    def writes(self, what: str, since: datetime) -> tuple[Written, ...]:
        """Return what was kept of writes, oldest first."""


class Carrier:
    """Carries out the writes of one person in one context.

    Args:
        context: Says what may be written.
        book: The journal.
        clock: Says when it was.
        by: Who confirms.
        recording: Whether a recording is played.
    """

    def __init__(self, context: Context, book: Book, clock: Clock, by: str, *, recording: bool = False) -> None:
        self._specs: Mapping[str, SystemSpec] = {spec.name: spec for spec in context.systems}
        self._context = context
        self._book = book
        self._clock = clock
        self._by = by
        self._recording = recording

    def why_not(self, system: str) -> str | None:
        """Return why nothing may be written to a system; null where it may be."""
        return why_not(self._context, self._specs.get(system), recording=self._recording)

    async def look(self, write: Write) -> Looked:
        """Return where it would stand, and whether it is there already by the system's word or the journal's."""
        looked = await write.look()
        if not looked.free:
            return looked
        before = self._before(write)
        if before is None:
            return looked
        zoned = clock_time(before.at, today=self._clock.now())
        by = f" by {before.by}" if before.by else ""
        there = f"written at {zoned} UTC{by}, the journal says, and taken away since; nothing is written a second time"
        return Looked(looked.target, there)

    def _before(self, write: Write) -> Written | None:
        """Return the entry that says that the same was written."""
        plan = write.plan
        entries = self._book.writes(plan.what, self._clock.now() - WRITES)
        done = (entry for entry in entries if entry.standing is WriteStanding.DONE)
        return next((entry for entry in done if entry.subject == plan.subject or write.repeats(entry)), None)

    async def do(self, write: Write) -> Outcome:
        """Write it unless it may not be written or is there; whatever happens is an outcome, and in the journal."""
        plan = write.plan
        reason = self.why_not(plan.system)
        if reason is not None:
            return Outcome(State.REFUSED, reason)
        looked = await self.look(write)
        if looked.there:
            return Outcome(State.ALREADY, looked.there)
        if looked.error:
            return Outcome(State.REFUSED, looked.error, unanswered=looked.unanswered)
        before = _json({"target": looked.target, "there": None})
        begun = Written(
            self._clock.now(), plan.what, plan.subject, WriteStanding.BEGUN, self._by, before, _json(plan.sent)
        )
        reason = self._book.claim(begun, STALE)
        if reason is not None:
            return Outcome(State.REFUSED, reason)
        try:
            says, after = await write.do()
        except SystemError as error:
            known = (
                error.status is not None and 300 <= error.status < 500
            )  # a proxy's 502 says nothing of what is behind
            standing = WriteStanding.FAILED if known else WriteStanding.UNKNOWN
            self._settle(begun, standing, {"error": str(error), "sent": plan.sent})
            if known:
                return Outcome(State.FAILED, f"nothing was written: {error}")
            says = f"not known whether it was written: {error}; trying again looks first"
            return Outcome(State.UNKNOWN, says, unanswered=True)
        self._settle(begun, WriteStanding.DONE, after)
        return Outcome(State.DONE, says, after)

    def _settle(self, begun: Written, standing: WriteStanding, after: Mapping[str, object]) -> None:
        now = self._clock.now()
        self._book.settle(Written(now, begun.what, begun.subject, standing, begun.by, begun.before, _json(after)))


def _json(document: Mapping[str, object]) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True)


class Scribe:
    """Carries out writes beside a screen: each step is told to whoever asked, in another thread.

    Args:
        carrier: What carries them out.
        perform: Runs a coroutine where the systems are asked.
    """

    def __init__(self, carrier: Carrier, perform: Callable[[Callable[[], Coroutine[None, None, None]]], None]) -> None:
        self.carrier = carrier
        self._perform = perform

    def look(self, write: Write, told: Callable[[Looked], None]) -> None:
        """Look, and tell what was seen."""

        async def looking() -> None:
            told(await self.carrier.look(write))

        self._perform(looking)

    def do(self, write: Write, told: Callable[[Outcome], None]) -> None:
        """Write, and tell what came of it."""

        async def doing() -> None:
            told(await self.carrier.do(write))

        self._perform(doing)
