"""What has become of an alert that vanished: judged in the order that the words give."""

from dataclasses import replace
from datetime import timedelta

from cockpit.board.occurrences import last_seen
from cockpit.model.alert import State
from cockpit.model.reading import Peer, Topic
from tests.unit.board.world import AM, NOON, PROM, World, listed, report, secs


def firing() -> World:
    """Return a world in which one alert fires, known to both servers."""
    world = World()
    world.prom(listed())
    world.am(report())
    return world


def test_still_listed_by_its_prometheus_is_still_firing() -> None:
    """(1) Its Prometheus answers and lists it: firing, and after its time to arrive the note says so."""
    world = firing().wait(15)
    world.prom(listed())
    world.am()
    assert (world.state(), world.one().note) == (State.FIRING, "")
    for _ in range(6):
        world.wait(15)
        world.prom(listed())
        world.am()
    assert (world.state(), world.one().note) == (State.FIRING, "not in Alertmanager")
    world.wait(15).am(report())
    assert (world.state(), world.one().note) == (State.FIRING, "")


def test_not_listed_by_a_fresh_prometheus_is_resolved() -> None:
    """(2) Its Prometheus answers with a fresh evaluation and does not list it: resolved, whatever endsAt said."""
    world = firing().wait(15)
    world.prom()
    world.am(report())
    assert world.state() is State.FIRING
    world.wait(5).am()
    alert = world.one()
    assert (alert.state, alert.ended, alert.note) == (State.RESOLVED, world.now, "")


def test_a_prometheus_that_does_not_evaluate_proves_nothing() -> None:
    """(2) With an evaluation that is too old the missing alert is not resolved by it."""
    world = World()
    world.prom(listed())
    world.am(report(ends=NOON + secs(10)))
    world.wait(15).prom(late_s=200)
    world.am()
    assert world.state() is State.LOST
    assert world.one().note == "its rule not evaluated since 13:56"


def test_vanished_before_its_end_is_resolved_without_a_prometheus() -> None:
    """(3) Without a Prometheus an alert that went before its last endsAt was ended by its sender."""
    world = World(AM)
    world.am(report(ends=NOON + timedelta(minutes=4)))
    world.wait(15).am()
    assert world.state() is State.RESOLVED


def test_vanished_at_its_end_is_lost() -> None:
    """(4) An alert that ran out was not sent again: its sender does not answer, and nobody says that it ended."""
    world = World(AM)
    world.am(report(ends=NOON + timedelta(minutes=4)))
    world.wait(241).am()
    assert world.state() is State.LOST
    assert world.one().note == "sender not answering since 14:00"


def test_the_end_counts_by_the_server_s_clock() -> None:
    """(3) With Alertmanager's clock ahead of ours an alert that ran out there is lost, not resolved."""
    world = World(AM)
    world.am(report(ends=NOON + timedelta(minutes=4)), skew_s=120)
    world.wait(130).am(skew_s=120)
    assert world.state() is State.LOST


def test_a_restarted_peer_proves_nothing_for_five_minutes() -> None:
    """(3) What vanished while a reachable peer had just restarted is lost until it is five minutes old."""
    world = World(AM)
    world.am(report(), report(2, name="Other"))
    world.wait(15)
    world.peers = (Peer("am-0:9093", True, started=world.now - secs(10)), Peer("am-1:9093", True))
    world.am(report(2, name="Other"))
    assert world.state() is State.LOST
    assert world.one().note == "Alertmanager restarted, not sent again since 14:00"
    world.wait(301).am(report(2, name="Other"))
    assert world.state() is State.RESOLVED


def test_all_peers_restarted_and_nothing_sent_since_stays_lost() -> None:
    """(4) Where every peer restarted and its sender is not heard again nobody can say what became of an alert."""
    world = World(AM)
    world.am(report())
    world.wait(15)
    world.peers = (Peer("am-0:9093", True, started=world.now), Peer("am-1:9093", True, started=world.now))
    world.am()
    world.wait(400).am()
    assert world.state() is State.LOST
    back = report(2, name="Other", updated=world.now)
    world.wait(15).am(back)
    assert world.state() is State.RESOLVED


def test_one_of_two_peers_killed_changes_nothing() -> None:
    """A dead peer is named by its system and holds nothing back."""
    world = firing().wait(15)
    world.peers = (Peer("am-0:9093", True), Peer("am-1:9093", False, "refused"))
    world.prom(listed())
    world.am(report(peers=("am-0:9093",)))
    assert world.state() is State.FIRING
    assert [peer.up for peer in world.board.systems["am"].peers] == [True, False]
    world.wait(15).prom()
    world.am()
    assert world.state() is State.RESOLVED


def stopped() -> World:
    """Return a world whose Prometheus stopped until its alert ran out at the one living peer."""
    world = World()
    world.prom(listed(), names=["HighErrors", "Quiet"])
    world.am(report(ends=NOON + secs(240)))
    world.peers = (Peer("am-0:9093", False, "refused"), Peer("am-1:9093", True))
    for _ in range(17):
        world.wait(15)
        world.prom_fails()
        world.am(*([report(ends=NOON + secs(240))] if world.now < NOON + secs(240) else []))
    return world


def test_prometheus_stopped_until_its_alerts_vanish_resolves_nothing() -> None:
    """With a peer killed and Prometheus stopped what vanishes is lost, and says since when it is not heard."""
    world = stopped()
    assert world.state() is State.LOST
    assert world.one().note == "sender not answering since 14:00"
    assert world.fold().counts == {State.LOST: 1}


def test_lost_comes_back_as_the_same_occurrence() -> None:
    """A lost alert that fires again after its Prometheus' restart goes on, with its first start."""
    before = firing().one()
    world = stopped()
    lost = world.one()
    world.wait(60).prom(listed(state="pending", active=world.now))
    world.am()
    assert world.state() is State.PENDING
    world.wait(60).prom(listed(active=world.now - secs(61)))
    world.am(report(started=world.now))
    back = world.one()
    assert back.state is State.FIRING
    assert back.occurrence == lost.occurrence == before.occurrence
    assert back.since == before.since
    assert back.note == ""


def test_a_prometheus_just_back_does_not_resolve_what_is_lost() -> None:
    """After a restart it must have evaluated for the rule's `for` and an interval; then nothing is left over."""
    world = stopped()
    world.wait(15).prom()
    world.am()
    assert world.state() is State.LOST
    assert world.one().note.startswith("sender only back since")
    world.wait(60).prom()
    assert world.state() is State.LOST
    world.wait(20).prom()
    assert world.state() is State.RESOLVED
    world.wait(901)
    assert not world.board.alerts
    assert not world.board.folds


def test_a_failed_poll_resolves_nothing() -> None:
    """With everything down the last board stands as it was."""
    world = firing()
    alerts = world.board.alerts
    for _ in range(100):
        world.wait(15)
        world.am_fails()
        world.prom_fails()
    assert world.board.alerts is alerts
    assert world.state() is State.FIRING


def test_a_rule_that_was_removed_ends_its_alerts() -> None:
    """An alert whose rule its Prometheus does not have any more is resolved."""
    world = firing().wait(15)
    world.prom(names=["Other"])
    world.am(report())
    world.take(world.reading("prom", Topic.RULES, answer=world.rules((), ["Other"])))
    world.wait(15).am()
    assert world.state() is State.RESOLVED


def test_another_prometheus_does_not_resolve_what_is_not_its_own() -> None:
    """A second server with the same rule does not say that the alert of one that is down has ended."""
    world = World(AM, PROM, replace(PROM, name="prom-us", urls=("http://prom-us:9090",)))
    world.prom(listed())
    world.prom(system="prom-us")
    world.am(report(ends=NOON + secs(60)))
    world.wait(61).prom_fails()
    world.prom(system="prom-us")
    world.am()
    assert world.state() is State.LOST


def test_resolved_stays_a_quarter_of_an_hour() -> None:
    """A resolved alert is kept below the firing ones for fifteen minutes, and is then the last occurrence."""
    world = World(AM)
    world.am(report())
    world.wait(15).am()
    ended = world.now
    world.wait(899)
    assert world.state() is State.RESOLVED
    world.wait(1)
    assert not world.board.alerts
    last = world.board.past["am/0001"]
    assert (last.started, last.ended) == (report().started, ended)
    assert "fold/HighErrors/payment/eu-1" in world.board.past


def test_the_last_sighting_is_that_of_its_system() -> None:
    """An alert that says the same at every poll is the same object, and was last seen at the last answer."""
    world = firing()
    alert = world.one()
    world.wait(300).am(report())
    assert world.one() is alert
    assert last_seen(world.board, alert) == world.now
    seen = world.now
    world.wait(15).prom_fails()
    world.am()
    assert last_seen(world.board, world.one()) == seen


def test_what_vanished_is_not_called_resolved_before_an_overdue_prometheus_was_asked() -> None:
    """After a suspended laptop the old answer of a Prometheus is no word on what became of an alert."""
    world = World()
    world.prom(listed())
    world.am(report(ends=NOON + secs(240)))
    world.wait(7200).am()
    assert world.state() is State.FIRING
    world.wait(1).prom()
    assert world.state() is State.RESOLVED


def test_a_clock_that_is_wrong_by_years_shifts_nothing() -> None:
    """A server whose clock is years off is not believed about the time: what vanished early is not called lost or late."""
    for skew_s in (0.0, 9 * 365 * 86400.0, -9 * 365 * 86400.0):
        world = World(AM)
        world.am(report(ends=NOON + timedelta(minutes=4)), skew_s=skew_s)
        world.wait(30).am(skew_s=skew_s)
        assert world.state() is State.RESOLVED
