"""Measures and status pages out of a recording, and out of one that was made before there were any."""

from dataclasses import replace
from pathlib import Path

from cockpit.board.state import Board, Expected, Setup
from cockpit.clock import FixedClock
from cockpit.config import Context
from cockpit.model.reading import OPTIONAL, Liveness, Topic
from cockpit.model.topology import NO_MAP, IntegrationMap, Service
from cockpit.poller import Watch
from cockpit.systems.base import Circumstances, Surroundings, System
from cockpit.systems.http import HttpWire
from cockpit.systems.prometheus import System as Prometheus
from cockpit.systems.prometheus_known import FAMILIES, source_of
from cockpit.systems.recording import PlaybackWire, Recording, RecordingWire, RecordingWriter, header_of
from cockpit.systems.statuspage import System as Statuspage
from tests.fakes.http_server import say
from tests.fakes.prometheus import FakePrometheus, constant, nothing
from tests.fakes.status_pages import FakeStatuspage
from tests.systems.prometheuses import NOW
from tests.systems.wires import spec_of


async def test_what_was_measured_is_read_again(tmp_path: Path) -> None:
    """What was looked for, found and measured comes out of the file as it came live, half a minute later too."""
    clock = FixedClock(NOW)
    source = source_of(FAMILIES[1], (), ("service", "code"), NO_MAP.labels)
    assert source is not None
    known = IntegrationMap("m", services={"v": Service("v", status_page="http://x")})
    async with FakePrometheus(clock.now) as prom, FakeStatuspage(now=clock.now) as page:
        prom.routes["/api/v1/label/__name__/values"] = say({"status": "success", "data": ["http_requests_total"]})
        prom.routes["/api/v1/labels"] = say({"status": "success", "data": ["service", "code"]})
        prom.queries = {source.errors: constant(0.5, service="a"), source.rate: constant(7, service="a")}
        known = replace(known, services={"v": replace(known.services["v"], status_page=page.url)})
        specs = spec_of(prom.url), spec_of(page.url)
        with RecordingWriter(tmp_path / "r", header_of(Context("prod"), NOW), clock=clock) as writer:
            wires = [RecordingWire(HttpWire(spec, clock), writer, spec.urls[0]) for spec in specs]
            live = Prometheus(specs[0], Surroundings(wires[0], known, ""), clock)
            pages = Statuspage(specs[1], Surroundings(wires[1], known, ""), clock)
            measured = await live.measures(Circumstances())
            said = await pages.statuses(Circumstances())
            await live.close()
            await pages.close()
    assert measured.measures[0].measure.error_share == 0.5
    recording = Recording.load(tmp_path / "r")
    clock.advance(30)
    played = [PlaybackWire(recording, spec.urls[0], clock) for spec in specs]
    told = Circumstances()
    again = await Prometheus(specs[0], Surroundings(played[0], known, ""), clock).measures(told)
    assert again.measures[0].measure.error_share == 0.5
    assert again.measures[0].measure.rate == 7
    assert (told.partial, again.errors) == (None, ())
    later = await Statuspage(specs[1], Surroundings(played[1], known, ""), clock).statuses(Circumstances())
    assert [(one.fine, one.says) for one in later.statuses] == [(one.fine, one.says) for one in said.statuses]


async def test_a_recording_without_them_is_whole(tmp_path: Path) -> None:
    """What nobody asked then is no failure now: the systems are live, nothing is told of measures or vendors."""
    clock = FixedClock(NOW)
    async with FakePrometheus(clock.now, {"up": nothing}) as prom:
        spec = replace(spec_of(prom.url), name="prom", kind="prometheus")
        with RecordingWriter(tmp_path / "r", header_of(Context("prod"), NOW), clock=clock) as writer:
            live = Prometheus(
                spec, Surroundings(RecordingWire(HttpWire(spec, clock), writer, "prom"), NO_MAP, ""), clock
            )
            await live.rules(Circumstances())
            await live.targets(Circumstances())
            await live.close()
    recording = Recording.load(tmp_path / "r")
    clock.advance(5)
    system: System = Prometheus(spec, Surroundings(PlaybackWire(recording, "prom", clock), NO_MAP, ""), clock)
    board = await _once(system, clock)
    assert board.systems["prom"].state is Liveness.LIVE
    assert board.systems["prom"].error is None
    assert not [key for key in (*board.failures, *board.failing) if key[1] in OPTIONAL]
    assert (board.measures, board.vendors, board.hops) == ({}, {}, {})


async def _once(system: System, clock: FixedClock) -> Board:
    topics: tuple[Topic, ...] = getattr(system, "TOPICS", ())
    setup = Setup(systems=(Expected(system.name, system.kind, topics),))
    watch = Watch(systems=(system,), setup=setup, clock=clock)
    try:
        return await watch.once()
    finally:
        await watch.close()
