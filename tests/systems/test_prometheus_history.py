"""What fired before, out of a Prometheus' own `ALERTS`: every stretch, and every time of which it knows nothing."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.clock import FixedClock
from cockpit.config import Context
from cockpit.model.topology import NO_MAP
from cockpit.systems import prometheus_history as history
from cockpit.systems.base import Circumstances, Surroundings, SystemError
from cockpit.systems.http import HttpWire
from cockpit.systems.prometheus import System
from cockpit.systems.prometheus_history import BY_NAME, FIRED, REACH, SIZE, firings, gaps
from cockpit.systems.recording import PlaybackWire, Recording, RecordingWire, RecordingWriter, header_of
from tests.fakes.prometheus import FakePrometheus, Labels, Metric, constant
from tests.systems.prometheuses import NOW, prometheus
from tests.systems.wires import spec_of

SHIFT = timedelta(hours=12)


def minutes(number: float) -> float:
    """Return so many minutes before the present, in Unix seconds."""
    return NOW.timestamp() - number * 60


def firing(*alerts: tuple[Labels, Sequence[tuple[float, float]]]) -> Metric:
    """Return alerts that fire from so many minutes before the present to so many."""

    def at(moment: float) -> Sequence[tuple[Labels, float]]:
        return [
            ({"__name__": "ALERTS", "alertstate": "firing", **labels}, 1.0)
            for labels, spans in alerts
            if any(minutes(begin) <= moment < minutes(end) for begin, end in spans)
        ]

    return at


def reaching(*spans: tuple[float, float]) -> Metric:
    """Return a server that was there from so many minutes before the present to so many."""
    return lambda at: [({}, 3.0)] if any(minutes(begin) <= at <= minutes(end) for begin, end in spans) else []


def remembering(fired: Metric, reach: Metric) -> dict[str, Metric]:
    """Return what a server answers that saw these alerts fire while it was there."""

    def seen(at: float) -> Sequence[tuple[Labels, float]]:
        return fired(at) if reach(at) else []

    def names(at: float) -> Sequence[tuple[Labels, float]]:
        return [({"alertname": name}, 1.0) for name in sorted({labels["alertname"] for labels, _ in seen(at)})]

    return {
        REACH: reach,
        FIRED: seen,
        SIZE: lambda at: [({}, float(len(seen(at))))] if seen(at) else [],
        BY_NAME: names,
    }


def clock_of(at: datetime | None) -> str | None:
    """Return a moment as a clock shows it."""
    return None if at is None else f"{at:%H:%M}"


@asynccontextmanager
async def opened(fired: Metric, reach: Metric, **more: Any) -> AsyncIterator[System]:
    """Open the system on a server that saw these alerts fire while it was there."""
    async with (
        FakePrometheus(lambda: NOW, remembering(fired, reach)) as server,
        prometheus(server.url, **more) as system,
    ):
        yield system


async def test_stretches_are_told_with_their_times_and_labels() -> None:
    """What ended, what fires still and what flapped is told apart; the system's labels are added, its own bookkeeping is not."""
    fired = firing(
        ({"alertname": "Errors", "service": "payment"}, [(300, 280)]),
        ({"alertname": "Flaps", "service": "ui"}, [(200, 195), (190, 185), (180, 170)]),
        ({"alertname": "Still", "service": "ui"}, [(30, -1)]),
        ({"alertname": "Long", "service": "ui"}, [(900, 700)]),
    )
    async with opened(fired, reaching((900, -1)), labels={"cluster": "eu-1"}) as system:
        seen = await system.history(NOW - SHIFT, NOW, Circumstances())
    found = {alert.labels["alertname"]: alert for alert in seen.alerts}
    assert found["Errors"].labels == {"alertname": "Errors", "service": "payment", "cluster": "eu-1"}
    told = {
        name: [(clock_of(one.began), clock_of(one.ended), one.before) for one in alert.firings]
        for name, alert in found.items()
    }
    assert told == {
        "Errors": [("09:12", "09:32", False)],
        "Flaps": [("10:52", "10:57", False), ("11:02", "11:07", False), ("11:12", "11:22", False)],
        "Still": [("13:42", None, False)],
        "Long": [("02:12", "02:32", True)],
    }
    assert seen.blind == ()
    assert not seen.by_name


async def test_what_it_does_not_reach_is_told() -> None:
    """A server that began later, and was away for a while, says so; an alert over the gap has not ended in it."""
    fired = firing(
        ({"alertname": "Over"}, [(200, 100)]),
        ({"alertname": "Into"}, [(160, 140)]),
    )
    async with opened(fired, reaching((400, 150), (120, -1))) as system:
        seen = await system.history(NOW - SHIFT, NOW, Circumstances())
    told = [(clock_of(begin), clock_of(end)) for begin, end in seen.blind]
    assert told == [("02:12", "07:32"), ("11:42", "12:12")]
    found = {alert.labels["alertname"]: alert.firings for alert in seen.alerts}
    assert [(clock_of(one.began), clock_of(one.ended), one.unsure) for one in found["Over"]] == [
        ("10:52", "12:32", False)
    ]
    assert [(clock_of(one.ended), one.unsure) for one in found["Into"]] == [("11:42", True)]


async def test_too_many_are_told_by_name() -> None:
    """A storm is asked for by name alone, so that its answer stays small."""
    many = firing(*(({"alertname": "Down", "instance": f"i-{number}"}, [(700, 1)]) for number in range(300)))
    async with opened(many, reaching((900, -1))) as system:
        asker = history.HistoryAsker(system._server, {}, steps_s=(300.0,))
        finest = await asker.ask(NOW - SHIFT, NOW, Circumstances())
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(history, "MOST", 5_000)
            coarse = await asker.ask(NOW - SHIFT, NOW, Circumstances())
    assert (len(finest.alerts), finest.by_name) == (300, False)
    assert [dict(alert.labels) for alert in coarse.alerts] == [{"alertname": "Down"}]
    assert coarse.by_name
    assert clock_of(coarse.alerts[0].firings[0].began) == "02:35"


async def test_a_server_that_refuses_is_an_error_in_words() -> None:
    """Where it does not answer there is no history, and the error says why."""
    async with FakePrometheus(lambda: NOW) as server, prometheus(server.url) as system:
        with pytest.raises(SystemError, match="refused"):
            await system.history(NOW - SHIFT, NOW, Circumstances())


async def test_a_server_with_another_clock_is_told_by_ours() -> None:
    """Its times are shifted by its clock's skew."""
    ahead = timedelta(minutes=10)
    fired = firing(({"alertname": "Errors"}, [(60, 50)]))
    async with (
        FakePrometheus(lambda: NOW + ahead, {"up": constant(1), **remembering(fired, reaching((900, -20)))}) as it,
        prometheus(it.url) as system,
    ):
        await system.scopes([], Circumstances())
        await system.history(NOW - SHIFT, NOW, Circumstances())
        seen = await system.history(NOW - SHIFT, NOW, Circumstances())
    began = seen.alerts[0].firings[0].began
    assert abs(began - (NOW - timedelta(minutes=70))) <= timedelta(minutes=1)


async def test_hostile_labels_are_cleaned() -> None:
    """What a label holds can drive no terminal."""
    fired = firing(({"alertname": "A\x1b[2J", "summary": "x\x9b31m"}, [(60, 50)]))
    async with opened(fired, reaching((900, -1))) as system:
        seen = await system.history(NOW - SHIFT, NOW, Circumstances())
    text = "".join(f"{name}{value}" for alert in seen.alerts for name, value in alert.labels.items())
    assert text.isprintable()


async def test_a_recording_answers_as_it_was_asked_then(tmp_path: Path) -> None:
    """Out of a recording the same is told, up to when it was recorded; one in which nobody asked says so."""
    clock = FixedClock(NOW)
    fired = firing(({"alertname": "Errors"}, [(60, 50)]))
    async with FakePrometheus(clock.now, remembering(fired, reaching((900, -1)))) as server:
        spec = spec_of(server.url)
        with RecordingWriter(tmp_path / "r", header_of(Context("prod"), NOW), clock=clock) as writer:
            live = System(spec, Surroundings(RecordingWire(HttpWire(spec, clock), writer, "p"), NO_MAP, ""), clock)
            before = await live.history(NOW - SHIFT, NOW, Circumstances())
            await live.close()
    clock.advance(1800)
    recording = Recording.load(tmp_path / "r")
    played = System(spec, Surroundings(PlaybackWire(recording, "p", clock), NO_MAP, ""), clock)
    again = await played.history(clock.now() - SHIFT, clock.now(), Circumstances())
    assert again.alerts == before.alerts
    assert [(clock_of(begin), clock_of(end)) for begin, end in again.blind] == [("14:12", "14:42")]
    other = System(spec, Surroundings(PlaybackWire(recording, "q", clock), NO_MAP, ""), clock)
    with pytest.raises(SystemError, match="not in the recording"):
        await other.history(clock.now() - SHIFT, clock.now(), Circumstances())


_SEEN = st.sets(st.integers(0, 200), max_size=80)
_BLIND = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 30)), max_size=3)


@settings(max_examples=100, deadline=None)
@given(_SEEN, _BLIND)
def test_every_look_is_in_one_stretch(seen: set[int], away: list[tuple[int, int]]) -> None:
    """Stretches come in order, never touch, hold every moment at which it fired, and no known one at which it did not."""
    step = 15.0
    blind = tuple(sorted((begin * step, (begin + length) * step) for begin, length in away))
    hidden = {look for look in range(201) if any(begin < look * step < end for begin, end in blind)}
    times = sorted(look * step for look in seen - hidden)
    found = firings(times, 0.0, 200 * step, step, blind)
    spans = [(one.began.timestamp(), (one.ended or datetime.max.replace(tzinfo=UTC)).timestamp()) for one in found]
    assert all(begin < end for begin, end in spans)
    assert all(end < begin for (_, end), (begin, _) in pairwise(spans))
    for look in set(range(201)) - hidden:
        assert sum(begin <= look * step < end for begin, end in spans) == (look * step in times)
    assert [one.ended is None for one in found[:-1]] == [False] * (len(found) - 1 if found else 0)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, 100), max_size=60))
def test_every_moment_is_seen_or_in_a_gap(seen: set[int]) -> None:
    """Begin and end aside, a moment is inside a gap exactly where it was not seen."""
    step, times = 120.0, sorted(look * 120.0 for look in seen)
    found = gaps(times, 0.0, 100 * step, step)
    for look in range(101):
        within = any(begin < look * step < end for begin, end in found)
        assert within == (look not in seen and 0 < look < 100)
