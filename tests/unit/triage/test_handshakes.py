"""Handshakes between tools: told with numbers where they can be judged, and as not known everywhere else."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.board.reduce import empty
from cockpit.board.state import Board, Expected, Setup
from cockpit.matchers import parse_matcher
from cockpit.model.alert import AlertKey, Heartbeat, State
from cockpit.model.handshake import Condition, Handshake
from cockpit.model.reading import (
    AlertsSeen,
    ChangesSeen,
    Duty,
    Liveness,
    OnCallSeen,
    Reading,
    Rule,
    RuleAlert,
    RulesSeen,
    SystemState,
    Topic,
)
from cockpit.model.topology import IntegrationMap, Service, Team, ToolHop
from cockpit.topology.toolmap import CHANNELS, DASHBOARDS, ESCALATIONS, NOBODY, RUNBOOKS
from cockpit.triage.handshakes import handshakes
from cockpit.triage.handshakes.alerting import NOT_THERE, tool_of
from tests.unit.triage.boards import MAP, NOW, alert

AM, PROM, GIT = "alertmanager", "prometheus", "git"
SYSTEMS = (
    Expected(AM, AM, (Topic.ALERTS, Topic.SILENCES)),
    Expected(PROM, PROM, (Topic.RULES, Topic.CHANGES)),
    Expected(GIT, GIT, (Topic.CHANGES,)),
)
TOOLS = (ToolHop(PROM, AM), ToolHop(AM, "pagerduty", "severity"))


def rule(name: str, *, firing: int = 0, labels: dict[str, str] | None = None, book: str = "") -> Rule:
    """Return an alerting rule that fires so many times."""
    found = {"severity": "critical"} if labels is None else labels
    alerts = tuple(RuleAlert({"n": str(n)}, {}, "firing", NOW, 1.0) for n in range(firing))
    annotations = {"runbook_url": book} if book else {}
    return Rule(f"g/{name}/0", name, "up == 0", 0.0, found, annotations, "ok", "", NOW, alerts)


def reading(system: str, topic: Topic, answer: object) -> Reading:
    """Return one good reading."""
    return Reading(system, system, topic, NOW, NOW, 0.01, answer, complete_to=NOW)  # type: ignore[arg-type]  # of one union


def board(*rules: Rule, alerts: int = 0, systems: tuple[Expected, ...] = SYSTEMS, **more: object) -> Board:
    """Return a board on which every system answered, with these rules and so many alerts that arrived."""
    arrived = tuple(
        alert(
            fingerprint=f"{n:04}",
            state=State.FIRING,
            prometheus=PROM,
            receivers=("pagerduty-checkout",),
            severity="critical",
        )
        for n in range(alerts)
    )
    answers: dict[Topic, object] = {
        Topic.ALERTS: AlertsSeen(()),
        Topic.RULES: RulesSeen(rules),
        Topic.CHANGES: ChangesSeen((), NOW - timedelta(hours=4), covers=("payment", "order")),
    }
    readings = {
        (one.name, topic): reading(one.name, topic, answers[topic])
        for one in systems
        for topic in one.topics
        if topic in answers
    }
    made = Board(
        setup=Setup(map=replace(MAP, tools=TOOLS), systems=systems),
        at=NOW,
        began=NOW,
        readings=readings,
        systems={one.name: SystemState(one.name, one.kind, Liveness.LIVE, NOW, NOW, None, 15.0) for one in systems},
        alerts={one.key: one for one in arrived},
        rules={PROM: {one.key: one for one in rules}},
    )
    return replace(made, **more)  # type: ignore[arg-type]  # fields of one dataclass


def find(found: Board, name: str) -> Handshake:
    """Return the one handshake of that id."""
    (one,) = [one for one in handshakes(found) if one.id == name]
    return one


def test_alerts_that_arrive_are_counted() -> None:
    """What fires in a Prometheus and stands in an Alertmanager works, with both numbers."""
    one = find(board(rule("A", firing=3), alerts=3), "alerts:prometheus:alertmanager")
    assert (one.condition, one.seen, one.brief) == (Condition.WORKS, "3 of 3 firing alerts arrived", "3 of 3")


def test_an_alert_that_did_not_arrive_fails() -> None:
    """One that the Prometheus fires and no Alertmanager has is named, with what to do."""
    lost = alert("Lost", state=State.FIRING, note=NOT_THERE, key=AlertKey(PROM, "lost"))
    found = board(rule("Lost", firing=2), alerts=1)
    one = find(replace(found, alerts={**found.alerts, lost.key: lost}), "alerts:prometheus:alertmanager")
    assert (one.condition, one.seen) == (Condition.FAILS, "1 of 2 firing alerts did not arrive: Lost")
    assert "alerting.alertmanagers" in one.remedy


@pytest.mark.parametrize(("system", "topic"), [(PROM, Topic.RULES), (AM, Topic.ALERTS)])
def test_who_does_not_answer_leaves_it_unknown(system: str, topic: Topic) -> None:
    """With either end away it is not known whether alerts arrive, and the one that is away is named."""
    failed = replace(reading(system, topic, None), error="connection refused")
    one = find(
        board(rule("A", firing=3), alerts=3, failures={(system, topic): failed}), "alerts:prometheus:alertmanager"
    )
    assert one.condition is Condition.UNKNOWN
    assert one.seen == f"not known: {system} is not answering: connection refused"


def test_runbooks_are_counted_without_heartbeats() -> None:
    """Rules without a runbook are named; a heartbeat and what is of no urgency need none; the map's runbook counts."""
    rules = (
        rule("Has", book="https://runbooks.example.com/has"),
        rule("Bare"),
        rule("Mapped", labels={"service": "payment", "severity": "page"}),
        rule("Watchdog", labels={"severity": "none"}),
    )
    found = board(*rules)
    services = {**MAP.services, "payment": replace(MAP.services["payment"], runbook="runbooks/payment.md")}
    found = replace(found, setup=replace(found.setup, map=replace(MAP, services=services)))
    one = find(found, "runbook:prometheus")
    assert (one.condition, one.target) == (Condition.WARNING, RUNBOOKS)
    assert one.seen == "2 of 3 alerting rules have a runbook link; without: Bare"


def test_a_severity_that_a_route_matches() -> None:
    """Severities are told by where their alerts go; alerts that lead to nobody are a warning and named."""
    found = board(rule("A"), alerts=2)
    dropped = alert("Dropped", fingerprint="d", state=State.FIRING, receivers=("null",), severity="warning")
    found = replace(found, alerts={**found.alerts, dropped.key: dropped})
    one = find(found, "route:alertmanager:pagerduty")
    assert one.seen == "2 of 3 alerts (receiver pagerduty-checkout), severity critical"
    nobody = find(found, f"route:alertmanager:{NOBODY}")
    assert (nobody.condition, "Dropped" in nobody.seen) == (Condition.WARNING, True)


def test_a_route_that_nothing_takes_now_is_not_known() -> None:
    """A declared receiver to which no alert goes is neither well nor broken."""
    one = find(board(rule("A")), "route:alertmanager:pagerduty")
    assert (one.condition, one.seen) == (Condition.UNKNOWN, "not known: none of 0 alerts goes there now")


@pytest.mark.parametrize(
    ("receiver", "tool"),
    [
        ("pagerduty-checkout", "pagerduty"),
        ("team_Slack", "slack"),
        ("web.hook", "receiver web.hook"),
        ("null", NOBODY),
        ("", NOBODY),
    ],
)
def test_receivers_give_their_tool_away(receiver: str, tool: str) -> None:
    """The tool is read out of a receiver's name; one that names none stands for itself."""
    assert tool_of(receiver, ("pagerduty", "slack")) == tool


def test_owners_need_an_escalation_and_a_channel() -> None:
    """Owners are counted by the map: one of seven has an escalation, one a channel; the others are named."""
    found = board(rule("A"))
    escalation, channel = find(found, "escalation"), find(found, "channel")
    assert (escalation.target, escalation.condition, escalation.brief) == (ESCALATIONS, Condition.WARNING, "1 of 7")
    assert (channel.target, channel.condition, channel.brief) == (CHANNELS, Condition.WARNING, "1 of 7")
    assert "team-web" in escalation.seen
    assert find(found, "owner").condition is Condition.WORKS


def test_what_fires_without_an_owner_is_told() -> None:
    """With every service of the map owned, an alert of nobody's is a warning all the same."""
    loose = alert("Loose", on="node-7", fingerprint="x", state=State.FIRING, service="node-7", mapped=False)
    one = find(replace(board(rule("A")), alerts={loose.key: loose}), "owner")
    assert one.condition is Condition.WARNING
    assert "firing without an owner: node-7" in one.seen


def test_deploys_reach_the_feed_by_each_system() -> None:
    """Each change system says how much it told and covers; what nobody covers is named; without Grafana it is not known."""
    found = board(rule("A"))
    assert (
        find(found, "feed:git").seen == "0 changes in the window, complete to 14:12 UTC, covers 2 services of the map"
    )
    one = find(found, "feed")
    assert (one.condition, one.brief) == (Condition.WARNING, "2 of 7")
    dashboards = find(found, "dashboards")
    assert (dashboards.condition, dashboards.target) == (Condition.UNKNOWN, DASHBOARDS)
    assert dashboards.seen == "not known: no grafana is configured"


def test_a_change_system_that_is_away_is_not_known() -> None:
    """While one is away nothing is said of it, and not that nobody covers a service."""
    failed = replace(reading(GIT, Topic.CHANGES, None), error="fetch failed")
    found = board(rule("A"))
    readings = {key: one for key, one in found.readings.items() if key != (GIT, Topic.CHANGES)}
    found = replace(found, readings=readings, failures={(GIT, Topic.CHANGES): failed})
    assert find(found, "feed:git").condition is Condition.UNKNOWN
    assert find(found, "feed").condition is Condition.UNKNOWN


def test_escalations_lead_to_somebody_on_call() -> None:
    """Of the teams with a policy those without anybody on call are named; while nobody answers it is not known."""
    pager = Expected("pager", "pagerduty", (Topic.ONCALL,))
    teams = {"team-web": Team("team-web", pagerduty="P1"), "team-pay": Team("team-pay", pagerduty="P2"), "x": Team("x")}
    found = board(rule("A"), systems=(*SYSTEMS, pager), duties={"team-web": (Duty("P1", "web", "Robin"),)})
    found = replace(found, setup=replace(found.setup, map=replace(MAP, teams=teams)))
    assert find(found, "oncall:pager").condition is Condition.UNKNOWN
    answered = {**found.readings, ("pager", Topic.ONCALL): reading("pager", Topic.ONCALL, OnCallSeen(()))}
    one = find(replace(found, readings=answered), "oncall:pager")
    assert (one.condition, one.brief, one.seen.endswith("without: team-pay")) == (Condition.WARNING, "1 of 2", True)


def test_a_missing_heartbeat_fails() -> None:
    """A heartbeat that is seen works, one that is missing fails."""
    beat = Heartbeat(AM, 'alertname="Watchdog"', NOW, id="w")
    assert find(board(rule("A"), heartbeats=(beat,)), "heartbeat:alertmanager:w").condition is Condition.WORKS
    missing = replace(beat, missing_since=NOW)
    assert find(board(rule("A"), heartbeats=(missing,)), "heartbeat:alertmanager:w").condition is Condition.FAILS


NAMES = st.sampled_from(
    ["prometheus", "alertmanager", "Alert_Manager", "am-eu", "pagerduty", "slack", "nobody", "x\x1b[31m"]
)
HOPS = st.lists(st.builds(ToolHop, NAMES, NAMES, st.sampled_from(["", "severity", "team"])), max_size=6)


@given(hops=HOPS, answered=st.booleans(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_every_handshake_is_told_and_unknown_is_honest(
    hops: list[ToolHop], answered: bool, data: st.DataObject
) -> None:
    """Whatever the map declares: ids are unique, everything has a reason, and before any answer nothing works by a system."""
    systems = (*SYSTEMS, Expected("am-eu", AM, (Topic.ALERTS,)))
    known = replace(MAP, tools=tuple(hops), teams={"team-web": Team("team-web", slack="#web")})
    setup = Setup(map=known, systems=systems, heartbeat=(parse_matcher('alertname="Watchdog"'),))
    firing = data.draw(st.integers(0, 3))
    full = replace(board(rule("A", firing=firing), alerts=firing, systems=systems), setup=setup)
    found = handshakes(full if answered else empty(setup, NOW))
    labelled = {(hop.source, hop.target, hop.label) for hop in hops if hop.label}
    assert labelled <= {
        (one.source, one.target, one.id.rpartition(":")[2]) for one in found if one.id.startswith("label:")
    }
    assert all(one.seen and one.question for one in found)
    if not answered:
        assert {one.condition for one in found if one.place != "map"} <= {Condition.UNKNOWN}
    assert all(one.remedy for one in found if one.condition in {Condition.FAILS, Condition.WARNING})


def test_without_map_and_systems_all_is_not_known() -> None:
    """A board of nothing claims nothing."""
    found = handshakes(empty(Setup(map=IntegrationMap("m", services={"a": Service("a")})), NOW))
    works = {one.id for one in found if one.condition is Condition.WORKS}
    assert works == set()
