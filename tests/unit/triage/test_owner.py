"""OWNER: the map, a label, a receiver, the namespace, or nobody."""

from dataclasses import replace

import pytest

from cockpit.matchers import parse_matcher
from cockpit.model.alert import Alert
from cockpit.model.drill import Answer, PersonAnswer, Question, Standing
from cockpit.model.reading import Duty, OnCallSeen, Reading, Topic
from cockpit.model.topology import IntegrationMap
from cockpit.triage.drill import fill
from tests.unit.triage.boards import MAP, NOW, SETUP, alert, at, board, subject


def owner(one: Alert, source: IntegrationMap = MAP, *others: Alert) -> Answer:
    """Return the answer for an alert."""
    on = board([one, *others], setup=replace(SETUP, map=source))
    return fill(on, subject(on, one.key)).answers[Question.OWNER]


def stray(**more: object) -> Alert:
    """Return an alert of a service that no map knows."""
    labels = {"alertname": "X", "severity": "warning"}
    return alert("X", "billing", "x1", **{"labels": labels, "receivers": (), **more})


def test_map() -> None:
    """The map's team comes first, with how to escalate."""
    answer = owner(alert(labels={"team": "team-else"}))
    assert answer.value == "team-payments (PagerDuty escalation)"
    assert answer.evidence[0].system == "map"


def test_map_without_escalation() -> None:
    """A team without a way to escalate stands alone, its channel beside it."""
    answer = owner(alert("UiSlow", "ui", "u1"))
    assert (answer.value, answer.detail) == ("team-web", "#web")


@pytest.mark.parametrize("label", ["team", "owner", "squad"])
def test_label(label: str) -> None:
    """A label says it where the map does not; a team that the map knows keeps its escalation."""
    answer = owner(stray(labels={label: "team-payments"}))
    assert answer.value == "team-payments (PagerDuty escalation)"
    assert answer.evidence[0].says == f'label {label}="team-payments"'
    assert owner(stray(labels={label: "team-new"})).value == "team-new"


def test_receiver() -> None:
    """Else the receiver that it routes to; one that leads nowhere does not count."""
    assert owner(stray(receivers=("pagerduty-checkout",))).value == "routes to pagerduty-checkout"
    assert owner(stray(receivers=("null",))).standing is Standing.UNKNOWN


def test_namespace() -> None:
    """Else the one team that owns everything else in its namespace, marked as inferred."""
    beside = alert("Y", "payment", "y1", namespace="pay")
    answer = owner(stray(namespace="pay"), MAP, beside)
    assert answer.value == "team-payments? (PagerDuty escalation)"
    assert answer.evidence[0].says == "namespace pay: payment belongs to team-payments"
    assert (
        owner(stray(namespace="pay"), MAP, beside, alert("Z", "ui", "z1", namespace="pay")).standing is Standing.UNKNOWN
    )


def test_namespace_by_the_map() -> None:
    """A matcher of the map on the namespace counts as well."""
    matched = replace(MAP.services["payment"], match=(parse_matcher('namespace="pay"'),))
    source = replace(MAP, services={**MAP.services, "payment": matched})
    assert owner(stray(namespace="pay"), source).value == "team-payments? (PagerDuty escalation)"


@pytest.mark.parametrize(
    ("one", "source", "said"),
    [
        (stray(), MAP, "not known: billing is not in map checkout; no team, owner or squad label; no receiver"),
        (stray(), IntegrationMap(), "not known: no map; no team, owner or squad label; no receiver"),
        (
            stray(service="payment"),
            replace(MAP, services={"payment": replace(MAP.services["payment"], team=None)}),
            "not known: payment has no team in map checkout; no team, owner or squad label; no receiver",
        ),
        (
            stray(service=""),
            MAP,
            "not known: the alert names no service; no team, owner or squad label; no receiver",
        ),
    ],
)
def test_unknown(one: Alert, source: IntegrationMap, said: str) -> None:
    """Where nobody says, what was asked is told."""
    answer = owner(one, source)
    assert (answer.value, answer.standing) == (said, Standing.UNKNOWN)


def _with_duties(*duties: Duty, person: PersonAnswer | None = None) -> Answer:
    on = board([alert()])
    if person is not None:
        on = replace(on, persons={alert().occurrence: {Question.OWNER: person}})
    reading = Reading("pagerduty", "pagerduty", Topic.ONCALL, NOW, NOW, 0.1, OnCallSeen(duties))
    on = replace(on, duties={"team-payments": duties}, readings={**on.readings, ("pagerduty", Topic.ONCALL): reading})
    return fill(on, subject(on)).answers[Question.OWNER]


def test_on_call() -> None:
    """Who is on call stands beside the team, until when, and every level is evidence by the word of who knows."""
    first = Duty("P1", "Payments", "Ada L.", 1, at("18:00"), "https://pd.example/u/1")
    answer = _with_duties(first, Duty("P1", "", "Bo", 2))
    assert answer.value == "team-payments (PagerDuty escalation)"
    assert answer.detail == "on call: Ada L. until 18:00 UTC, in 3 h 48 min"
    _, one, other = answer.evidence
    assert (one.system, one.url, one.at) == ("pagerduty", "https://pd.example/u/1", NOW)
    assert one.says == "on call: Ada L. until 18:00 UTC, in 3 h 48 min, level 1, Payments"
    assert other.says == "on call: Bo permanently, level 2"


def test_on_call_of_a_confirmed_owner() -> None:
    """A confirmed owner is still told with who is on call now; one that a person wrote is not."""
    duty = Duty("P1", "Payments", "Ada", 1, at("18:00"))
    confirmed = PersonAnswer(
        alert().occurrence, Question.OWNER, Standing.CONFIRMED, "team-payments (PagerDuty escalation)", "bo", NOW
    )
    answer = _with_duties(duty, person=confirmed)
    assert (answer.standing, answer.detail) == (Standing.CONFIRMED, "on call: Ada until 18:00 UTC, in 3 h 48 min")
    edited = _with_duties(duty, person=replace(confirmed, standing=Standing.EDITED, value="team-else"))
    assert (edited.value, edited.detail) == ("team-else", "")
