"""Systems over a recording: what was recorded reads the same when it is played."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cockpit.clock import FixedClock
from cockpit.config import Context
from cockpit.model.alert import AlertKey
from cockpit.model.topology import NO_MAP
from cockpit.systems.alertmanager import System as Alertmanager
from cockpit.systems.base import Circumstances, ScopeRequest, Surroundings
from cockpit.systems.http import HttpWire
from cockpit.systems.prometheus import System as Prometheus
from cockpit.systems.recording import Call, Header, PlaybackWire, Recording, RecordingWire, RecordingWriter, header_of
from tests.fakes.alertmanager import Cluster, FakeAlertmanager
from tests.fakes.prometheus import FakePrometheus, constant
from tests.systems.alertmanagers import NOW
from tests.systems.prometheuses import VERSIONS
from tests.systems.wires import spec_of


async def test_what_was_recorded_is_read_again_with_other_times_and_timeouts(tmp_path: Path) -> None:
    """Alerts, series, scopes and changes come out of a recording as they came live, at a later moment of it too."""
    clock = FixedClock(NOW)
    wanted = [ScopeRequest("a", "up")]
    key = AlertKey("am", "f")
    async with FakeAlertmanager(Cluster(clock.now)) as am, FakePrometheus(clock.now) as prom:
        am.fire({"alertname": "A"})
        prom.queries = {"up": constant(1), VERSIONS: constant(1, service="a", version="v1")}
        specs = spec_of(am.url), spec_of(prom.url, extra={"changes": [{"query": VERSIONS}]})
        with RecordingWriter(tmp_path / "r", header_of(Context("prod"), NOW), clock=clock) as writer:
            wires = [RecordingWire(HttpWire(spec, clock), writer, spec.kind + spec.urls[0]) for spec in specs]
            live_am = Alertmanager(specs[0], Surroundings(wires[0], NO_MAP, ""), clock)
            live_prom = Prometheus(specs[1], Surroundings(wires[1], NO_MAP, ""), clock)
            alerts = await live_am.alerts(Circumstances())
            series = await live_prom.series(key, "up == 0", {}, Circumstances())
            scopes = await live_prom.scopes(wanted, Circumstances())
            changes = await live_prom.changes(NOW - timedelta(hours=4), NOW, Circumstances())
            await live_am.close()
            await live_prom.close()
    recording = Recording.load(tmp_path / "r")
    clock.advance(70)
    played = [PlaybackWire(recording, spec.kind + spec.urls[0], clock) for spec in specs]
    slow = spec_of(prom.url, extra={"changes": [{"query": VERSIONS}]}, timeout_s=30.0)
    told = Circumstances()
    assert await Alertmanager(specs[0], Surroundings(played[0], NO_MAP, ""), clock).alerts(told) == alerts
    assert told.skew_s == 0
    system = Prometheus(slow, Surroundings(played[1], NO_MAP, ""), clock)
    again = await system.series(key, "up == 0", {}, told)
    assert (again.points, again.value, told.skew_s) == (series.points, 1, 0)
    assert await system.scopes(wanted, told) == scopes
    later = await system.changes(clock.now() - timedelta(hours=4), clock.now(), told)
    assert (later.changes, later.covers) == (changes.changes, changes.covers)


def test_opens_where_everything_has_answered() -> None:
    """A recording opens at the end of its first round of answers, whatever is asked for the first time later."""
    began = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
    calls = [
        Call(asked=began, at=began + timedelta(seconds=after), system=system, peer="p", method="GET", path="/x")
        for system, after in (("am", 0.4), ("git", 3.0), ("am", 15.4), ("prom", 40.0))
    ]
    assert Recording(Header(began), calls).opened == began + timedelta(seconds=3)
    assert Recording(Header(began)).opened == began
