"""Opens the Prometheus system against fakes, for its tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cockpit.clock import FixedClock
from cockpit.model.topology import NO_MAP, IntegrationMap
from cockpit.systems.base import Surroundings
from cockpit.systems.http import HttpWire
from cockpit.systems.prometheus import System
from tests.systems.wires import spec_of

NOW = datetime(2026, 11, 20, 14, 12, tzinfo=UTC)
"""When the tests' clock stands."""

VERSIONS = "max by (service, version) (app_build_info)"
"""The usual query of versions."""


@asynccontextmanager
async def prometheus(
    *urls: str, clock: FixedClock | None = None, known: IntegrationMap = NO_MAP, **settings: Any
) -> AsyncIterator[System]:
    """Open the system and close it."""
    clock = clock or FixedClock(NOW)
    spec = replace(spec_of(*urls, **settings), name="prom", kind="prometheus")
    system = System(spec, Surroundings(HttpWire(spec, clock), known, ""), clock)
    try:
        yield system
    finally:
        await system.close()
