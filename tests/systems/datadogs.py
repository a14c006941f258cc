"""Opens the Datadog system against fakes, for its tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cockpit.clock import FixedClock
from cockpit.config import Secret
from cockpit.model.topology import NO_MAP, IntegrationMap
from cockpit.systems.base import Surroundings
from cockpit.systems.datadog import System
from cockpit.systems.http import HttpWire
from tests.fakes.datadog import API_KEY, APP_KEY
from tests.systems.wires import spec_of

NOW = datetime(2026, 11, 20, 14, 12, tzinfo=UTC)
"""When the tests' clock stands."""

SINCE = NOW - timedelta(hours=8)
"""From when on they ask."""

PLACE = "config.toml: contexts.prod.systems.datadog"
"""Where it is configured."""


def key_file(folder: Path, name: str, value: str) -> Secret:
    """Write a key and return its source."""
    file = folder / name
    file.write_text(value)
    file.chmod(0o600)
    return Secret(file=str(file), place=f"{PLACE}.{name}")


@asynccontextmanager
async def datadog(
    url: str,
    folder: Path,
    *,
    clock: FixedClock | None = None,
    known: IntegrationMap = NO_MAP,
    api_key: str = API_KEY,
    app_key: str = APP_KEY,
    **settings: Any,
) -> AsyncIterator[System]:
    """Open the system and close it; further arguments are settings of the kind's own."""
    clock = clock or FixedClock(NOW)
    keys: dict[str, Any] = {
        "api_key": key_file(folder, "api_key", api_key),
        "app_key": key_file(folder, "app_key", app_key),
    }
    spec = replace(spec_of(url, extra=settings), name="datadog", kind="datadog", place=PLACE, **keys)
    system = System(spec, Surroundings(HttpWire(spec, clock, manners=System.MANNERS), known, ""), clock)
    try:
        yield system
    finally:
        await system.close()
