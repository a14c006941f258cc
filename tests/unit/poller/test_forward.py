"""A watch can be stepped through what was recorded, so that its board has a history."""

from collections.abc import Mapping
from datetime import timedelta

import msgspec
import pytest

from cockpit.board.state import Board
from cockpit.clock import FixedClock, PlaybackClock
from cockpit.model.alert import AlertKey, AlertReport, State
from cockpit.model.reading import AlertsSeen, SilencesSeen, Topic
from cockpit.poller import Watch, fast_forward
from cockpit.systems.base import Check, Circumstances
from cockpit.systems.recording import Call, Header, PlaybackWire, Recording
from tests.unit.poller.pretend import NOON, report, setup_of

KEY = AlertKey("am", "id-Errors")


class FromRecording:
    """A system that reads names of alerts over a wire."""

    TOPICS = (Topic.ALERTS,)
    CADENCE: Mapping[Topic, float] = {Topic.ALERTS: 15.0}

    def __init__(self, wire: PlaybackWire) -> None:
        self.name, self.kind, self.every_s, self.insecure = "am", "alertmanager", 15.0, False
        self.asked = 0
        self._wire = wire

    async def alerts(self, around: Circumstances) -> AlertsSeen:
        """Return the alerts whose names and starts were recorded."""
        self.asked += 1
        body = msgspec.json.decode((await self._wire.call("am", "GET", "/")).body, type=dict[str, float])
        return AlertsSeen(tuple(report(name, started) for name, started in sorted(body.items())))

    async def silences(self, around: Circumstances) -> SilencesSeen:
        """Return none."""
        return SilencesSeen(())

    async def check(self) -> tuple[Check, ...]:
        """Return nothing."""
        return ()

    async def close(self) -> None:
        """Hold nothing."""


def recording(*moments: tuple[float, dict[str, float]]) -> Recording:
    """Return a recording of which alerts there were at which seconds after noon."""
    calls = [
        Call(
            at := NOON + timedelta(seconds=second),
            at,
            "am",
            "am",
            "GET",
            "/",
            status=200,
            body=msgspec.json.encode(held),
        )
        for second, held in moments
    ]
    return Recording(Header(NOON), calls)


def stage(held: Recording, clock: FixedClock | PlaybackClock) -> tuple[Watch, FromRecording]:
    """Return a watch of that recording."""
    system = FromRecording(PlaybackWire(held, "am", clock))
    setup = setup_of(system)  # type: ignore[arg-type]  # has what the setup looks at
    return Watch(systems=[system], setup=setup, clock=clock), system


@pytest.mark.parametrize("playing", [False, True])
async def test_the_board_knows_what_happened_before(playing: bool) -> None:
    """Starts, flapping and ends from before the moment are on the board, which began back then; then all is asked."""
    rounds = [(15.0 * n, {"Errors": 60.0 * (n // 4)} if n % 4 else {"Other": 0.0}) for n in range(20)]
    held = recording(*rounds)
    until = NOON + timedelta(seconds=280)
    clock: FixedClock | PlaybackClock = PlaybackClock(until, held.ended, 0) if playing else FixedClock(until)
    watch, _ = stage(held, clock)
    published: list[Board] = []
    watch.publish = published.append
    await fast_forward(watch, held, clock, until)
    alert = watch.board.alerts[KEY]
    assert alert.flapping
    assert len(alert.starts) >= 3
    assert watch.board.began < NOON + timedelta(seconds=30)
    assert watch.board.at == clock.now() == until
    assert watch.board.alerts[AlertKey("am", "id-Other")].state is not State.PENDING
    assert len(published) == 1


async def test_silence_in_a_recording_is_stepped_over() -> None:
    """Moments at which nothing was recorded cost nothing, and no more than seventy-five minutes are gone through."""
    held = recording((0, {"Errors": 0}), (6 * 3600, {"Errors": 0}), (6 * 3600 + 5, {}))
    until = NOON + timedelta(hours=6, minutes=1)
    clock = FixedClock(until)
    watch, system = stage(held, clock)
    await fast_forward(watch, held, clock, until)
    assert system.asked <= 3
    assert watch.board.began >= until - timedelta(minutes=76)


async def test_before_the_recording_nothing_is_asked_in_vain() -> None:
    """At the very beginning only that moment is asked."""
    held = recording((0, {"Errors": 0}))
    clock = FixedClock(NOON)
    watch, system = stage(held, clock)
    await fast_forward(watch, held, clock, NOON)
    assert system.asked == 1
    assert isinstance(watch.board.alerts[KEY].fired, type(NOON))
    assert isinstance(report("x"), AlertReport)
