"""The Watchdog is never a row while it beats, and the loudest thing when it stops."""

from datetime import timedelta

from cockpit.board.state import Recalled
from cockpit.model.alert import AlertReport
from cockpit.model.reading import Peer
from tests.unit.board.world import AM, NOON, PROM, World, listed, report, secs


def watchdog(number: int = 9, *, ends: float = 240, cluster: str = "eu-1") -> AlertReport:
    """Return a Watchdog whose deadline is that many seconds after noon."""
    labels = {"alertname": "Watchdog", "severity": "none"}
    made = report(number, name="Watchdog", labels=labels, ends=NOON + secs(ends))
    return AlertReport(made.id, {**labels, "cluster": cluster}, {}, made.started, made.ends, made.updated)


def missing(world: World) -> list[str]:
    """Return the fingerprints of the heartbeats that are missing."""
    return [beat.id for beat in world.board.heartbeats if beat.missing_since is not None]


def test_a_heartbeat_is_no_alert() -> None:
    """While it beats it is no row, in no fold and in no count."""
    world = World()
    world.am(watchdog())
    world.prom(listed(name="Watchdog"))
    assert not world.board.alerts
    assert not world.board.folds
    (beat,) = world.board.heartbeats
    assert (beat.system, beat.matcher, beat.seen, beat.missing_since) == ("am", 'alertname="Watchdog"', NOON, None)


def test_it_is_missing_once_its_deadline_has_passed() -> None:
    """A heartbeat that ran out is missing at the first good answer without it, and back when it beats again."""
    world = World(AM)
    world.am(watchdog(ends=60))
    world.wait(75).am()
    assert world.board.heartbeats[0].missing_since == world.now
    world.wait(15).am()
    assert world.board.heartbeats[0].missing_since == world.now - secs(15)
    world.wait(15).am(watchdog(ends=400))
    assert not missing(world)


def test_it_is_missing_after_two_polls_without_it() -> None:
    """One that went before its deadline is missing when two cadences have passed."""
    world = World(AM)
    world.am(watchdog())
    world.wait(15).am()
    assert not missing(world)
    world.wait(30).am()
    assert world.board.heartbeats[0].missing_since == NOON + secs(15)


def test_it_is_not_missing_while_its_system_does_not_answer() -> None:
    """A system that is down is told elsewhere; no failed poll makes a heartbeat missing."""
    world = World(AM)
    world.am(watchdog(ends=30))
    for _ in range(50):
        world.wait(15).am_fails()
    assert not missing(world)


def test_a_restarted_alertmanager_is_given_time() -> None:
    """A peer that restarted does not have the heartbeat until it is sent again."""
    world = World(AM)
    world.am(watchdog(ends=60))
    world.wait(75)
    world.peers = (Peer("am-0:9093", True, started=world.now - secs(5)),)
    world.am()
    world.wait(60).am()
    assert not missing(world)
    world.wait(300).am()
    assert missing(world) == ["0009"]


def test_each_cluster_s_heartbeat_counts() -> None:
    """Where two clusters send one each, the one that stops is missing though the other beats."""
    world = World(AM)
    world.am(watchdog(8, cluster="us-1"), watchdog(9))
    world.wait(60).am(watchdog(8, cluster="us-1"))
    world.wait(60).am(watchdog(8, cluster="us-1"))
    assert missing(world) == ["0009"]


def test_one_that_was_given_a_label_is_not_missing() -> None:
    """A heartbeat that goes on with one more label takes the place of the older one."""
    world = World(AM)
    world.am(watchdog(9))
    new = watchdog(10)
    new = AlertReport("000a", {**new.labels, "replica": "a"}, {}, new.started, new.ends, None)
    world.wait(60).am(new)
    world.wait(60).am(new)
    assert [beat.id for beat in world.board.heartbeats] == ["000a"]


def test_one_seen_before_a_restart_is_missed_after_it() -> None:
    """A heartbeat that the journal remembers is missing when it is not there now, and beats when it is."""
    world = World(AM)
    world.am(watchdog())
    beats = world.board.heartbeats
    for there in (False, True):
        again = World(AM, at=NOON + timedelta(hours=1))
        again.take(Recalled(again.now, heartbeats=beats))
        for _ in range(4):
            again.wait(15).am(*([watchdog(ends=9000)] if there else []))
        assert (missing(again) == []) is there
        assert len(again.board.heartbeats) == 1


def test_prometheus_alone_has_a_heartbeat_too() -> None:
    """Without an Alertmanager the heartbeat is the one that Prometheus lists."""
    world = World(PROM)
    world.prom(listed(name="Watchdog"))
    assert not world.board.alerts
    world.wait(15).prom(names=["Watchdog"])
    world.wait(31).prom(names=["Watchdog"])
    assert world.board.heartbeats[0].missing_since == NOON + secs(15)
