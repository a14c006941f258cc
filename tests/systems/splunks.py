"""Opens the Splunk system against fakes, for its tests."""

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
from cockpit.systems.http import HttpWire
from cockpit.systems.splunk import System
from tests.fakes.splunk import TOKEN
from tests.systems.wires import spec_of

NOW = datetime(2026, 11, 20, 14, 12, tzinfo=UTC)
"""When the tests' clock stands."""

SINCE = NOW - timedelta(hours=8)
"""From when on they ask."""

PLACE = "config.toml: contexts.prod.systems.splunk"
"""Where it is configured."""


def secret(folder: Path, value: str, key: str = "token") -> Secret:
    """Write a secret and return its source."""
    file = folder / key
    file.write_text(value)
    file.chmod(0o600)
    return Secret(file=str(file), place=f"{PLACE}.{key}")


@asynccontextmanager
async def splunk(
    url: str,
    folder: Path,
    *,
    clock: FixedClock | None = None,
    known: IntegrationMap = NO_MAP,
    token: str = TOKEN,
    timeout_s: float = 5.0,
    common: dict[str, Any] | None = None,
    **settings: Any,
) -> AsyncIterator[System]:
    """Open the system and close it; further arguments are settings of the kind's own, `common` those of all kinds."""
    clock = clock or FixedClock(NOW)
    login: dict[str, Any] = common if common is not None else {"token": secret(folder, token)}
    spec = spec_of(url, extra=settings, timeout_s=timeout_s, **login)
    spec = replace(spec, name="splunk", kind="splunk", place=PLACE)
    wire = HttpWire(spec, clock, manners=System.manners(spec))
    system = System(spec, Surroundings(wire, known, ""), clock)
    try:
        yield system
    finally:
        await system.close()
