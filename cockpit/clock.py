"""Time is passed in: nothing in Cockpit asks the host for it by itself."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What time it is, for whoever has to know."""

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC."""

    def monotonic(self) -> float:
        """Return seconds of this clock that never run backwards."""

    async def sleep(self, seconds: float) -> None:
        """Wait that many seconds of this clock."""


class SystemClock:
    """The host's clock."""

    def now(self) -> datetime:
        """Return the host's time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the host's monotonic seconds."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait on the running event loop."""
        await asyncio.sleep(seconds)


class FixedClock:
    """A clock that stands where it is put: for one-shot answers from a recording, and for tests."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """Return the moment that was set."""
        return self._at

    def monotonic(self) -> float:
        """Return the moment that was set, as seconds."""
        return self._at.timestamp()

    async def sleep(self, seconds: float) -> None:
        """Move the clock forward instead of waiting."""
        self.advance(seconds)
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        """Move the clock by so many seconds."""
        self._at += timedelta(seconds=seconds)

    def set(self, at: datetime) -> None:
        """Put the clock somewhere else."""
        self._at = at


class PlaybackClock:
    """A recording's own clock: starts at a moment of it and runs at a speed until its end.

    Args:
        start: The first moment, aware.
        end: The last one; the clock stands still there.
        speed: Seconds of the recording per second of the host; 0 stands still.
    """

    def __init__(self, start: datetime, end: datetime, speed: float = 1.0) -> None:
        self.start = start
        self.end = end
        self.speed = speed
        self._began = time.monotonic()

    def now(self) -> datetime:
        """Return the recording's present moment."""
        elapsed = (time.monotonic() - self._began) * self.speed
        return min(self.end, self.start + timedelta(seconds=elapsed))

    def set(self, at: datetime) -> None:
        """Go on from another moment."""
        self.start = at
        self._began = time.monotonic()

    @property
    def ended(self) -> bool:
        """Whether the recording has been played to its end."""
        return self.now() >= self.end

    def monotonic(self) -> float:
        """Return the recording's moment, as seconds."""
        return self.now().timestamp()

    async def sleep(self, seconds: float) -> None:
        """Wait so many seconds of the recording; for ever (an hour at a time) when it stands still."""
        await asyncio.sleep(3600.0 if self.speed <= 0 else seconds / self.speed)
