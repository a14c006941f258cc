"""SCOPE: the measured share, no traffic, instances, the blast radius, or unknown."""

from dataclasses import replace

import pytest

from cockpit.board.state import Board
from cockpit.model.drill import Answer, Question, Standing
from cockpit.model.reading import TargetsSeen, Topic
from cockpit.model.topology import ScopeQuery
from cockpit.triage.drill import fill
from cockpit.triage.scope import noun_of
from tests.unit.triage.boards import MAP, NOW, SAMPLE, SETUP, alert, at, board, failing, folded, subject, with_readings


def scope(on: Board, *, asking: bool = False) -> Answer:
    """Return the answer for the incident's alert."""
    return fill(on, subject(on), asking=asking).answers[Question.SCOPE]


def sampled(**more: object) -> Board:
    """Return a board whose scope sample differs."""
    return board(scopes={"payment": ("prometheus", replace(SAMPLE, **more))})  # type: ignore[arg-type] # keywords


@pytest.mark.parametrize(
    ("value", "said"),
    [(1.0, "100 %"), (0.38, "38 %"), (0.041, "4.1 %"), (0.0, "0 %")],
)
def test_share(value: float, said: str) -> None:
    """The map's sentence holds the measured share."""
    assert scope(sampled(value=value)).value == f"{said} of checkout attempts failing at payment step"


@pytest.mark.parametrize(
    ("says", "value", "said"),
    [
        ("{value:number} orders lost a minute", 1234.5, "1,230 orders lost a minute"),
        ("{value:duration} behind", 372.0, "6 min behind"),
        ("{value:duration} a request", 0.25, "250 ms a request"),
    ],
)
def test_other_units(says: str, value: float, said: str) -> None:
    """A sentence may say a number or a duration."""
    services = {**MAP.services, "payment": replace(MAP.services["payment"], scope=ScopeQuery(SAMPLE.query, says))}
    on = replace(sampled(value=value), setup=replace(SETUP, map=replace(MAP, services=services)))
    assert scope(on).value == said


@pytest.mark.parametrize(
    ("usual", "said"),
    [
        (47.0, "no attempts in 5 min, normally 47/s"),
        (0.123, "no attempts in 5 min, normally 0.123/s"),
        (None, "no attempts in 5 min"),
    ],
)
def test_zero_denominator(usual: float | None, said: str) -> None:
    """Nothing to divide by is told as what it is: nobody tries."""
    assert scope(sampled(value=None, denominator=0.0, usual=usual)).value == said


@pytest.mark.parametrize(
    ("query", "noun"),
    [
        ("a / sum(rate(checkout_attempts_total[5m]))", "attempts"),
        ("a / sum(rate(http_requests_total[5m]))", "requests"),
        ("a / sum(rate(http_request_duration_seconds_count[5m]))", "requests"),
        ("a / rate(rpc_seconds_count[5m])", "traffic"),
        ("a / job:login:rate5m", "logins"),
        ("a / queue_message_total", "messages"),
        ("a", "traffic"),
        ("(", "traffic"),
    ],
)
def test_noun(query: str, noun: str) -> None:
    """What is counted is named after the denominator's metric."""
    assert noun_of(query) == noun


def test_stale_share() -> None:
    """A share measured before its Prometheus fell silent carries its time."""
    old = replace(sampled(), scopes={"payment": ("prometheus", replace(SAMPLE, at=at("14:07")))})
    answer = scope(failing(old, "prometheus", Topic.SCOPES, "14:08"))
    assert answer.value == (
        "100 % of checkout attempts failing at payment step, at 14:07 (prometheus not answering since 14:08)"
    )
    assert not answer.fresh


def test_blast_radius_beside_the_share() -> None:
    """Who feels it stands beside the share."""
    assert scope(board()).detail == "felt by ui, mobile; journey checkout"


def instances(total: int, **more: object) -> Board:
    """Return a board on which three pods of catalog fire, of so many known ones in two clusters."""
    alerts = [
        alert(
            "PodRestarting",
            "catalog",
            f"f{n}",
            labels={"alertname": "PodRestarting", "pod": f"catalog-{n}", "instance": "exporter:1", "cluster": "eu-1"},
            cluster="eu-1",
            **more,
        )
        for n in range(3)
    ]
    targets = tuple({"service": "catalog", "pod": f"catalog-{n}", "cluster": "eu-1"} for n in range(total))
    seen = {"prometheus": TargetsSeen((*targets, {"service": "catalog", "pod": "c-9", "cluster": "us-1"}))}
    return board(alerts, targets=seen)


@pytest.mark.parametrize(("total", "said"), [(5, "3 of 5 instances in eu-1"), (2, "3 instances in eu-1")])
def test_instances(total: int, said: str) -> None:
    """Without a scope query instances are counted against the known ones, with the blast radius."""
    on = instances(total)
    answer = fill(on, subject(on, next(iter(on.folds)))).answers[Question.SCOPE]
    assert answer.value == f"{said}, felt by ui; journey checkout"
    assert answer.standing is Standing.FILLED
    assert 'pod="catalog-0"' in answer.evidence[0].says


def test_instances_in_several_clusters() -> None:
    """The same alert in another cluster counts too."""
    here = instances(5)
    there = alert("PodRestarting", "catalog", "u1", labels={"alertname": "PodRestarting", "pod": "c-9"}, cluster="us-1")
    alerts = [*here.alerts.values(), there]
    on = replace(here, alerts={one.key: one for one in alerts}, folds=folded(alerts))
    answer = fill(on, subject(on, there.key)).answers[Question.SCOPE]
    assert answer.value == "3 of 5 instances in eu-1, 1 of 1 instance in us-1, felt by ui; journey checkout"


def test_blast_radius_alone() -> None:
    """Where no instance is named the blast radius stands alone."""
    on = board([alert("AuthSlow", "auth", "a1")])
    answer = fill(on, subject(on, next(iter(on.folds)))).answers[Question.SCOPE]
    assert answer.value == "felt by ui; journey checkout"
    assert answer.evidence[0].system == "map"


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ("billing", "not known: billing is not in map checkout; its alerts name no instance"),
        ("", "not known: the alert names no service and no instance"),
    ],
)
def test_unknown(on: str, said: str) -> None:
    """What nobody can say is not known, and why."""
    made = board([alert("X", on, "x1")])
    answer = fill(made, subject(made, next(iter(made.folds)))).answers[Question.SCOPE]
    assert (answer.value, answer.standing) == (said, Standing.UNKNOWN)


def test_failed_query() -> None:
    """A query that fails gives way to the blast radius, its error stays as evidence."""
    answer = scope(sampled(value=None, denominator=None, error="422 execution: many-to-many"))
    assert answer.value == "felt by ui, mobile; journey checkout"
    assert any("many-to-many" in one.says for one in answer.evidence)


def test_asking() -> None:
    """Before the scope query's first answer it is being asked."""
    on = with_readings(board(scopes={}), prometheus_scopes=None)
    assert (scope(on, asking=True).standing, scope(on, asking=True).value) == (Standing.ASKING, "asking prometheus")
    assert scope(on).standing is Standing.FILLED


def test_moment_of_the_sample() -> None:
    """Evidence quotes the sample with its time and its link."""
    (evidence,) = scope(board()).evidence
    assert (evidence.at, evidence.url) == (NOW, SAMPLE.url)
    assert evidence.says.startswith("1 at 14:12:03, rate window 5m, denominator 47/s, query sum(rate(")
