"""Opens the Alertmanager system against fakes, for its tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from cockpit.clock import FixedClock
from cockpit.model.topology import NO_MAP, IntegrationMap
from cockpit.systems.alertmanager import System
from cockpit.systems.base import Surroundings
from cockpit.systems.http import HttpWire
from tests.systems.wires import spec_of

NOW = datetime(2026, 11, 20, 14, 12, tzinfo=UTC)
"""When the tests' clock stands."""


@asynccontextmanager
async def alertmanager(
    *urls: str, clock: FixedClock | None = None, known: IntegrationMap = NO_MAP, **settings: Any
) -> AsyncIterator[System]:
    """Open the system and close it."""
    clock = clock or FixedClock(NOW)
    spec = spec_of(*urls, **settings)
    system = System(spec, Surroundings(HttpWire(spec, clock), known, ""), clock)
    try:
        yield system
    finally:
        await system.close()
