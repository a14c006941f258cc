"""What Prometheus adds to an alert, and what only Prometheus knows."""

from dataclasses import replace
from datetime import timedelta

from cockpit.board.state import Answered, PriorityChosen
from cockpit.model.alert import AlertKey, State
from cockpit.model.drill import PersonAnswer, Priority, Question, Standing
from cockpit.model.reading import RulesSeen, Topic
from tests.unit.board.world import AM, INTERVAL_S, NOON, PROM, World, labels_of, listed, report, rule, secs


def test_since_is_the_earliest_of_active_and_start_less_for() -> None:
    """The condition became true at Prometheus' activeAt, or at startsAt less the rule's `for`, whichever is earlier."""
    world = World()
    world.am(report(started=NOON - timedelta(minutes=5)))
    assert world.one().since == NOON - timedelta(minutes=5)
    world.prom(listed(active=NOON - timedelta(minutes=4)))
    assert world.one().since == NOON - timedelta(minutes=6)
    world.prom(listed(active=NOON - timedelta(minutes=9)))
    assert world.one().since == NOON - timedelta(minutes=9)
    assert world.one().fired == NOON - timedelta(minutes=5)


def test_value_and_rule_come_from_prometheus() -> None:
    """An alert carries its value, when that was evaluated, its rule and whose it is, whoever answered first."""
    for order in ("prometheus first", "alertmanager first"):
        world = World()
        for step in sorted(("alertmanager", "prometheus"), reverse=order == "prometheus first"):
            if step == "alertmanager":
                world.am(report())
            else:
                world.prom(listed(value=0.38))
        alert = world.one()
        assert (alert.value, alert.value_at) == (0.38, NOON - secs(1))
        assert (alert.prometheus, alert.rule) == ("prom", "shop/HighErrors/0")
        assert alert.rule in world.board.rules["prom"]
        assert alert.key == AlertKey("am", "0001")


def test_a_value_that_is_not_listed_any_more_stays_the_last_one() -> None:
    """Where nobody says the value any more, the last one stands with its time."""
    world = World()
    world.am(report())
    world.prom(listed(value=0.38))
    world.wait(15).prom()
    world.am(report())
    assert (world.one().value, world.one().value_at) == (0.38, NOON - secs(1))


def test_the_generator_s_prometheus_is_preferred() -> None:
    """Of two servers that list an alert, the one that its link names gives the value; the other makes no double."""
    world = World(AM, replace(PROM, name="prom-b", urls=("http://prom-b:9090",)), PROM)
    world.prom(listed(value=2), system="prom-b")
    world.prom(listed(value=1))
    world.am(report())
    assert world.one().prometheus == "prom"
    assert world.one().value == 1


def test_labels_that_the_configuration_adds_agree_or_not() -> None:
    """A Prometheus whose configured labels differ from the alert's is not its own; one whose labels agree is."""
    us = replace(PROM, name="prom-us", urls=(), labels={"cluster": "us-1"})
    eu = replace(PROM, name="prom-eu", urls=(), labels={"cluster": "eu-1"})
    world = World(AM, us, eu)
    world.prom(listed(value=1, cluster="us-1"), system="prom-us")
    world.prom(listed(value=2, cluster="eu-1"), system="prom-eu")
    world.am(report(generator=None))
    (alert,) = [one for one in world.named() if one.key.system == "am"]
    assert (alert.prometheus, alert.value) == ("prom-eu", 2)
    assert [one.key.system for one in world.named() if one is not alert] == ["prom-us"]


def test_labels_dropped_on_the_way_do_not_part_an_alert() -> None:
    """An alert joins though relabelling took a label from it, as long as only one could be meant."""
    world = World()
    world.prom(listed(1, replica="a"), listed(2, replica="a"))
    world.am(report(1), report(2))
    assert sorted(alert.key for alert in world.named()) == [("am", "0001"), ("am", "0002")]
    assert {alert.prometheus for alert in world.named()} == {"prom"}


def test_pending_is_known_from_prometheus_alone() -> None:
    """An alert that waits for its `for` is pending, under the name of its Prometheus and a stable id."""
    world = World()
    world.am()
    world.prom(listed(state="pending", active=NOON - secs(30)))
    alert = world.one()
    assert (alert.state, alert.fired, alert.since) == (State.PENDING, None, NOON - secs(30))
    assert alert.key.system == "prom"
    world.wait(15).prom(listed(state="pending", active=NOON - secs(30)))
    assert world.one().key == alert.key


def test_pending_that_ends_leaves_no_row() -> None:
    """A pending alert whose condition ended never fired: it is gone, and nothing is called resolved."""
    world = World()
    world.am()
    world.prom(listed(state="pending", active=NOON - secs(30)))
    world.wait(15).prom()
    assert not world.board.alerts
    assert not world.board.folds
    assert not world.board.past


def test_pending_becomes_the_alert_that_alertmanager_reports() -> None:
    """What was pending goes on under its fingerprint: one row, the same opening, and what people said of it."""
    world = World()
    world.am()
    world.prom(listed(state="pending", active=NOON - secs(55)))
    pending, fold = world.one(), world.fold()
    said = PersonAnswer(pending.occurrence, Question.WHAT, Standing.EDITED, "the card gateway", "first", NOON)
    world.take(Answered(NOON, pending.occurrence, Question.WHAT, said))
    world.take(PriorityChosen(NOON, fold.occurrence, Priority.P1))
    world.wait(15).prom(listed(active=NOON - secs(55)))
    assert world.state() is State.FIRING
    world.am(report(started=NOON + secs(5)))
    alert = world.one()
    assert alert.key == AlertKey("am", "0001")
    assert alert.opened == pending.opened
    assert alert.since == NOON - secs(55)
    assert world.board.persons[alert.occurrence][Question.WHAT].value == "the card gateway"
    assert world.board.persons[alert.occurrence][Question.WHAT].occurrence == alert.occurrence
    assert world.fold().opened == fold.opened
    assert world.board.chosen == {world.fold().occurrence: Priority.P1}
    assert len(world.board.folds) == 1
    assert len(alert.starts) == 1


def test_an_answer_given_while_the_key_changed_is_not_lost() -> None:
    """An answer about the occurrence under its former name is kept under its present one."""
    world = World()
    world.am()
    world.prom(listed(state="pending", active=NOON - secs(55)))
    old = world.one().occurrence
    world.wait(15).prom(listed(active=NOON - secs(55)))
    world.am(report(started=NOON + secs(5)))
    said = PersonAnswer(old, Question.OWNER, Standing.EDITED, "us", "first", world.now)
    world.take(Answered(world.now, old, Question.OWNER, said))
    assert world.board.persons[world.one().occurrence][Question.OWNER].value == "us"


def test_firing_that_never_arrives_is_noted() -> None:
    """What Prometheus fires and no answering Alertmanager has gets the note, after its time to arrive."""
    world = World()
    world.am()
    world.prom(listed(active=NOON - secs(70)))
    assert (world.state(), world.one().note) == (State.FIRING, "")
    world.wait(2 * INTERVAL_S + 31).am()
    assert world.one().note == "not in Alertmanager"
    world.wait(15).am_fails()
    world.prom(listed(active=NOON - secs(70)))
    assert world.one().note == ""


def test_without_alertmanager_prometheus_alone_gives_the_alerts() -> None:
    """With no Alertmanager configured what Prometheus lists are the alerts, without a note, resolved when it says so."""
    world = World(PROM)
    world.prom(listed(1), listed(2, state="pending", active=NOON))
    assert sorted(alert.state for alert in world.named()) == [State.FIRING, State.PENDING]
    world.wait(600).prom(listed(1))
    assert (world.state(), world.one().note) == (State.FIRING, "")
    world.wait(15).prom_fails()
    assert world.state() is State.FIRING
    world.wait(15).prom()
    world.wait(90).prom()
    assert world.state() is State.RESOLVED


def test_a_prometheus_just_back_loses_what_it_does_not_list() -> None:
    """Without an Alertmanager, what a restarted Prometheus does not list yet is lost until it must have been judged."""
    world = World(PROM)
    world.prom(listed())
    world.wait(15).prom_fails()
    world.wait(15).prom()
    assert world.state() is State.LOST
    world.wait(15).prom(listed(active=world.now))
    assert (world.state(), world.one().since) == (State.FIRING, NOON - timedelta(minutes=6))
    world.wait(90).prom()
    assert world.state() is State.RESOLVED


def test_suppressed_alerts_are_silenced_or_inhibited() -> None:
    """A silence counts before an inhibition; what is not processed yet fires; a muted one is silenced."""
    world = World(AM)
    world.am(
        report(1, name="A", state="suppressed", silenced_by=("s-1",)),
        report(2, name="B", state="suppressed", inhibited_by=("0001",)),
        report(3, name="C", state="suppressed", silenced_by=("s-1",), inhibited_by=("0001",)),
        report(4, name="D", state="unprocessed"),
        report(5, name="E", state="suppressed"),
    )
    states = {alert.name: alert.state for alert in world.board.alerts.values()}
    silenced, firing = State.SILENCED, State.FIRING
    assert states == {"A": silenced, "B": State.INHIBITED, "C": silenced, "D": firing, "E": silenced}
    assert world.one("A").silenced_by == ("s-1",)


def test_alerts_are_deduplicated_within_a_system_and_never_between() -> None:
    """One fingerprint of one system is one alert; two Alertmanagers with the same fingerprint give two."""
    world = World(AM, replace(AM, name="am-us"))
    world.am(report(), report())
    world.am(report(), system="am-us")
    assert sorted(key.system for key in world.board.alerts) == ["am", "am-us"]


def test_a_rule_may_name_its_alerts_by_itself() -> None:
    """A listed alert without an alertname label has its rule's name."""
    world = World()
    labels = {name: value for name, value in labels_of("HighErrors", "payment", 1).items() if name != "alertname"}
    bare = replace(listed(), labels=labels)
    world.take(world.reading("prom", Topic.RULES, answer=RulesSeen((rule("HighErrors", NOON, bare),))))
    world.am(report())
    assert world.one().prometheus == "prom"
