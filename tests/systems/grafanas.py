"""What the tests of Grafana share."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cockpit.clock import Clock, FixedClock
from cockpit.config import Secret
from cockpit.model.topology import NO_MAP, IntegrationMap
from cockpit.systems.base import Surroundings
from cockpit.systems.grafana import System
from cockpit.systems.http import HttpWire
from tests.fakes.grafana import TOKEN
from tests.systems.wires import spec_of

NOW = datetime(2026, 11, 20, 14, 12, tzinfo=UTC)
SINCE = NOW - timedelta(hours=4)
PLACE = "config.toml: contexts.prod.systems.grafana"


@asynccontextmanager
async def grafana(
    url: str, *, clock: Clock | None = None, known: IntegrationMap = NO_MAP, **said: Any
) -> AsyncIterator[System]:
    """Open a Grafana and close it."""
    os.environ["TESTS_GRAFANA_TOKEN"] = TOKEN
    settings = {"token": Secret(env="TESTS_GRAFANA_TOKEN", place=f"{PLACE}.token"), **said}
    spec = replace(spec_of(url), name="grafana", kind="grafana", place=PLACE, **settings)
    clock = clock or FixedClock(NOW)
    wire = HttpWire(spec, clock, manners=System.MANNERS)
    system = System(spec, Surroundings(wire, known, ""), clock)
    try:
        yield system
    finally:
        await system.close()
