"""Steps a watch through what was recorded before a moment, so that the board has its history there."""

from datetime import datetime, timedelta
from typing import Protocol

from cockpit.model.reading import Topic
from cockpit.poller.watch import Watch
from cockpit.systems.recording import Recording

HISTORY = timedelta(minutes=75)
"""How far back is stepped: an hour of starts for flapping, and fifteen minutes in which an alert may end."""

STEP = timedelta(seconds=15)
"""The cadence at which alerts are asked."""

CHANGES_STEP = timedelta(minutes=2)
"""The cadence at which changes are asked on the way: what was first seen by a later fetch is known only so."""


class SettableClock(Protocol):
    """A clock that can be put somewhere, as `FixedClock` and `PlaybackClock` can."""

    def set(self, at: datetime) -> None:
        """Put the clock there."""


async def fast_forward(watch: Watch, recording: Recording, clock: SettableClock, until: datetime) -> None:
    """Ask through the recorded moments before `until`, then everything at it; nothing is published on the way.

    Args:
        watch: Its systems answer from the recording, by that clock.
        recording: Says at which moments anything was recorded.
        clock: The watch's clock; it stands at `until` in the end.
        until: The moment to arrive at.
    """
    publish, watch.publish = watch.publish, None
    try:
        began = max(recording.began, until - HISTORY)
        steps = max(0, int((until - began) / STEP))
        here = until - steps * STEP
        before, changes = began - STEP, here - CHANGES_STEP
        clock.set(here)
        watch.restart()
        for number in range(steps):
            now = here + number * STEP
            if recording.heard(before, now):
                topics = {Topic.ALERTS, Topic.RULES}
                if now - changes >= CHANGES_STEP:
                    topics.add(Topic.CHANGES)
                    changes = now
                clock.set(now)
                await watch.once(topics)
            before = now
    finally:
        clock.set(until)
        watch.publish = publish
    await watch.once()
