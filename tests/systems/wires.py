"""What the tests of systems share: specs, clocks and a wire that is closed at the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from cockpit.clock import Clock, SystemClock
from cockpit.config import SystemSpec
from cockpit.systems.http import HttpWire

PLACE = "config.toml: contexts.prod.systems.am"
"""Where the tests' system is configured."""


def spec_of(*urls: str, **changed: Any) -> SystemSpec:
    """Return the settings of a system with these addresses; `timeout_s` is its timeout in seconds."""
    timeout = timedelta(seconds=changed.pop("timeout_s", 5.0))
    return replace(SystemSpec("am", "alertmanager", PLACE, urls=urls, timeout=timeout), **changed)


@asynccontextmanager
async def wire_to(spec: SystemSpec, clock: Clock | None = None, /, **more: Any) -> AsyncIterator[HttpWire]:
    """Open a wire and close it."""
    wire = HttpWire(spec, clock or SystemClock(), **more)
    try:
        yield wire
    finally:
        await wire.close()
