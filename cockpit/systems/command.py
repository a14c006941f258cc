"""A command that prints changes: flags, Terraform, maintenance, failovers, certificates, whatever has no module."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cockpit.clock import Clock
from cockpit.config import SystemSpec
from cockpit.model.reading import ChangesSeen, Topic
from cockpit.spans import rfc3339
from cockpit.systems.base import Check, Circumstances, Reply, Surroundings, SystemError
from cockpit.systems.command_lines import LineReader, Told
from cockpit.systems.command_settings import Settings, command_of
from cockpit.systems.command_wire import RUN
from cockpit.text import bare, one_line

AT_ONCE = 500
"""Lines that are read before others on the loop have their turn."""


class System:
    """One command. Several are several systems of this kind.

    Args:
        spec: Its settings.
        around: Its wire and the length of the window.
        clock: Says what the window is for `doctor`.

    Raises:
        ConfigError: A setting of its own is wrong.
    """

    KIND = "command"
    TOPICS = (Topic.CHANGES,)
    CADENCE: Mapping[Topic, float] = {Topic.CHANGES: 30.0}
    WIRE = "command"
    SETTINGS = Settings

    def __init__(self, spec: SystemSpec, around: Surroundings, clock: Clock) -> None:
        self.name = spec.name
        self.kind = self.KIND
        self.every_s = spec.every.total_seconds() if spec.every else self.CADENCE[Topic.CHANGES]
        self.insecure = False
        self._spec = spec
        self._command = command_of(spec)
        self._wire = around.wire
        self._clock = clock
        self._window = timedelta(seconds=around.window_s)

    @property
    def _program(self) -> str:
        return one_line(Path(self._command.run[0]).name, 60)

    async def changes(self, since: datetime, until: datetime, around: Circumstances) -> ChangesSeen:
        """Return what the command prints of that window; a line that cannot be read is a gap, the others count.

        Raises:
            SystemError: It could not be run, took too long or failed.
        """
        told = await self._told(since, until)
        around.complete_to = until if told.complete_to is None else min(until, told.complete_to)
        around.partial = "; ".join(told.gaps) or None
        covers = (*self._command.covers, *told.covers, *(change.name for change in told.changes))
        return ChangesSeen(told.changes, since, tuple(dict.fromkeys(covers)), told.gaps)

    async def _told(self, since: datetime, until: datetime) -> Told:
        program, *arguments = self._command.run
        moments = [("since", rfc3339(since) or ""), ("until", rfc3339(until) or "")]
        reply = await self._wire.call(self.name, RUN, program, [*(("", word) for word in arguments), *moments])
        if reply.status != 0:
            raise SystemError(f"{self._program} {_failure(reply)}", status=reply.status)
        reader = LineReader(since, until, self._spec.labels)
        for number, line in enumerate(reply.body.split(b"\n"), 1):
            reader.add(line)
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
        return reader.told()

    async def check(self) -> Sequence[Check]:
        """Run it once for the window and say what came of it."""
        what, now = f"run {self._program}", self._clock.now()
        try:
            told = await self._told(now - self._window, now)
        except SystemError as error:
            return [Check(self.name, what, ok=False, message=str(error), remedy="run it by hand")]
        count = len(told.changes)
        message = f"{count:,} {'change' if count == 1 else 'changes'} in the window"
        if told.gaps:
            message = f"{message}; {'; '.join(told.gaps)}"
            return [Check(self.name, what, told.bad == 0, message, "correct what it prints", warning=told.bad == 0)]
        if not (self._command.covers or told.covers):
            remedy = 'say whose changes it would report: covers = ["payment"]'
            return [Check(self.name, what, ok=True, message=message, remedy=remedy)]
        return [Check(self.name, what, ok=True, message=message)]

    async def close(self) -> None:
        """End it where it still runs."""
        await self._wire.close()


def _failure(reply: Reply) -> str:
    """Return how a command failed: its exit code, and the last line that it said about it."""
    how = f"was ended by signal {-reply.status}" if reply.status < 0 else f"failed with exit code {reply.status}"
    lines = [line for line in reply.body.decode(errors="replace").splitlines() if line.strip()]
    return f"{how}: {one_line(bare(lines[-1]), 300)}" if lines else how
