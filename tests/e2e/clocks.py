"""A clock that runs with the real world but can be put ahead of it: minutes of ours without waiting for them."""

import asyncio
import time
from datetime import UTC, datetime, timedelta


class AheadClock:
    """The host's clock, some time ahead."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """Return the moment by this clock."""
        return datetime.now(UTC) + self._ahead

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic() + self._ahead.total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Wait on the running event loop."""
        await asyncio.sleep(seconds)

    def advance(self, **span: float) -> None:
        """Let time pass at once: `minutes=16`."""
        self._ahead += timedelta(**span)
