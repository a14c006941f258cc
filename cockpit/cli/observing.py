"""Calls that live systems saw, asked once for a command: over a day, by the names of a map."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cockpit.assembly import Assembly
from cockpit.board.reduce import empty, reduce
from cockpit.board.state import Board, Setup
from cockpit.cli.output import note
from cockpit.model.reading import HopsSeen, Reading, Topic
from cockpit.model.topology import Hop, IntegrationMap
from cockpit.spans import rfc3339
from cockpit.systems.base import Circumstances, HopSource, SystemError
from cockpit.systems.recording import NotRecorded

LOOKED_BACK = timedelta(hours=24)
"""How far back is looked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking."""

    readings: tuple[Reading, ...]
    """One a system that saw calls."""
    since: datetime
    until: datetime

    @property
    def span(self) -> str:
        """From when to when was looked."""
        return f"{rfc3339(self.since)} to {rfc3339(self.until)}"

    @property
    def by(self) -> str:
        """Who looked, and at what: `prometheus (service graph)`."""
        told = (
            f"{reading.system} ({reading.answer.source})"
            for reading in self.readings
            if isinstance(reading.answer, HopsSeen)
        )
        return ", ".join(told)


async def ask_calls(assembly: Assembly) -> Asked:
    """Ask every system that sees calls; who does not answer is told and passed over.

    Args:
        assembly: Whose systems are asked; they are left open.
    """
    until = assembly.clock.now().replace(microsecond=0)
    since = until - LOOKED_BACK
    sources = [one for one in assembly.systems if Topic.HOPS in getattr(one, "TOPICS", ())]
    found = await asyncio.gather(*(_ask(one, since, until) for one in sources))
    return Asked(tuple(one for one in found if one is not None), since, until)


async def _ask(system: object, since: datetime, until: datetime) -> Reading | None:
    if not isinstance(system, HopSource):
        return None
    name, kind = getattr(system, "name", ""), getattr(system, "kind", "")
    try:
        seen = await system.hops(Circumstances(), since)
    except NotRecorded:
        return None
    except SystemError as error:
        note(f"{name} was not asked which calls it saw: {error}")
        return None
    return Reading(name, kind, Topic.HOPS, until, until, 0.0, answer=seen) if seen.hops else None


def joined(readings: Sequence[Reading], source: IntegrationMap, assembly: Assembly, at: datetime) -> Board:
    """Return a board on which these readings are told by the names of a map, whatever that says of when traffic was seen."""
    unseen = {name: replace(one, calls=tuple(map(_unseen, one.calls))) for name, one in source.services.items()}
    setup = Setup(
        map=replace(source, services=unseen), systems=assembly.setup.systems, exporters=assembly.setup.exporters
    )
    board = empty(setup, at)
    for reading in readings:
        board = reduce(board, reading)
    return board


def _unseen(hop: Hop) -> Hop:
    return replace(hop, seen=None, sources=())
