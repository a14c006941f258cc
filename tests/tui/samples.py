"""A board of the checkout incident made by hand, without servers or reducer, for what is painted of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cockpit.board.state import Board, Expected, Setup
from cockpit.clock import FixedClock
from cockpit.config import Context, Me, SystemSpec
from cockpit.model.alert import Alert, AlertKey, State
from cockpit.model.change import Change, ChangeKind, ChangeReport, Witness
from cockpit.model.health import Health, ServiceHealth
from cockpit.model.reading import (
    AlertsSeen,
    Answer,
    ChangesSeen,
    Liveness,
    Reading,
    Rule,
    RulesSeen,
    ScopeSample,
    ScopesSeen,
    SystemState,
    Topic,
)
from cockpit.model.topology import IntegrationMap
from cockpit.screens.desk import Desk
from cockpit.topology.load import read_map
from tests.unit.slices.boards import folded

NOW = datetime(2026, 11, 20, 14, 12, 9, tzinfo=UTC)
"""The present of the sample."""

_MAP = Path(__file__).parents[2] / "maps" / "checkout.yaml"
_EXPRESSION = "sum(rate(payment_errors_total[1m])) / sum(rate(payment_attempts_total[1m])) > 0.05"


@lru_cache(maxsize=1)
def checkout_map() -> IntegrationMap:
    """Return the shipped map."""
    return read_map(_MAP.read_text(), str(_MAP))[0]


def alert(
    number: int,
    name: str,
    service: str,
    *,
    state: State = State.FIRING,
    severity: str = "warning",
    minutes: float = 6,
    value: float | None = None,
    rule: str | None = None,
    **labels: str,
) -> Alert:
    """Return one alert of the sample."""
    since = NOW - timedelta(minutes=minutes)
    return Alert(
        key=AlertKey("alertmanager", f"{number:016x}"),
        name=name,
        labels={"alertname": name, "service": service, "severity": severity, **labels},
        annotations={
            "summary": f"{name} on {service}",
            "runbook_url": f"https://runbooks.example.net/{name}",
        },
        state=state,
        fired=None if state is State.PENDING else since + timedelta(seconds=2),
        since=since,
        opened=since,
        seen=NOW,
        service=service,
        mapped=service in checkout_map().services,
        cluster=labels.get("cluster", ""),
        namespace=labels.get("namespace", ""),
        severity=severity,
        receivers=("pagerduty-checkout",),
        peers=("am-0:9093",),
        prometheus="prometheus",
        rule=rule,
        value=value,
        value_at=NOW - timedelta(seconds=3),
        ended=NOW - timedelta(minutes=1) if state in {State.RESOLVED, State.LOST} else None,
        generator="http://prometheus:9090/graph?g0.expr=x",
    )


def sample_alerts() -> tuple[Alert, ...]:
    """Return the alerts of the incident."""
    return (
        alert(
            1,
            "PaymentErrorsHigh",
            "payment",
            severity="critical",
            minutes=6.1,
            value=1.0,
            rule="checkout/PaymentErrorsHigh/0",
        ),
        alert(2, "CheckoutLatencyP99", "catalog", minutes=4.2, value=0.88),
        *(alert(10 + n, "PodRestarting", "ui", minutes=3 + n / 10, instance=f"ui-{n}") for n in range(14)),
        alert(40, "QueueDepthGrowing", "order", state=State.PENDING, minutes=1.4, value=812.0),
        alert(41, "CertificateExpiresSoon", "auth", state=State.SILENCED, minutes=600),
        alert(42, "InventoryTimeouts", "inventory", state=State.RESOLVED, minutes=14),
    )


def change(
    name: str, service: str, version: str, minutes: float, *, kind: ChangeKind = ChangeKind.DEPLOY, summary: str = ""
) -> Change:
    """Return one change of the sample."""
    began = NOW - timedelta(minutes=minutes)
    report = ChangeReport(
        f"{name}@{version}", name, version, kind, began, summary=summary, says=f"tag {version} at 3fa9c1b"
    )
    known = checkout_map().services.get(service)
    return Change(
        id=report.id,
        service=service,
        mapped=known is not None,
        name=name,
        team=known.team if known is not None else None,
        version=version,
        kind=kind,
        began=began,
        ended=None,
        author="Responder",
        summary=summary,
        url=f"https://git.example.net/{name}/{version}",
        rollback=False,
        seen=False,
        tolerance_s=0.0,
        witnesses=(Witness("git", report, NOW - timedelta(seconds=9)),),
    )


def sample_changes() -> tuple[Change, ...]:
    """Return the changes of the incident."""
    return (
        change("payment-service", "payment", "v2.4.0", 10.1, summary="Ask the new card gateway"),
        change("pricing", "pricing", "7c1f2aa", 41, kind=ChangeKind.CONFIG, summary="Raise the free shipping limit"),
        change("catalog", "catalog", "v1.19.2", 150, summary="Cache category pages"),
        change("ui", "ui", "9d8e7f6", 170, kind=ChangeKind.MERGED, summary="Wording of the empty basket"),
    )


def _state(name: str, kind: str, topics: tuple[Topic, ...], age: float) -> SystemState:
    at = NOW - timedelta(seconds=age)
    return SystemState(name, kind, Liveness.LIVE, at, at, None, 15.0, topics=dict.fromkeys(topics, at))


def sample_board() -> Board:
    """Return the board of the incident."""
    alerts = sample_alerts()
    integration_map = checkout_map()
    at = NOW - timedelta(seconds=3)
    rule = Rule("checkout/PaymentErrorsHigh/0", "PaymentErrorsHigh", _EXPRESSION, 0.0, {}, {}, "ok", "", at)
    topics = {
        "alertmanager": (Topic.ALERTS, Topic.SILENCES),
        "prometheus": (Topic.RULES, Topic.SCOPES, Topic.SERIES),
        "git": (Topic.CHANGES,),
    }
    answers: dict[Topic, Answer] = {
        Topic.ALERTS: AlertsSeen(()),
        Topic.RULES: RulesSeen((rule,), 15.0),
        Topic.SCOPES: ScopesSeen(()),
        Topic.CHANGES: ChangesSeen((), NOW - timedelta(hours=4), covers=tuple(integration_map.services)),
    }
    readings = {
        (name, topic): Reading(name, name, topic, at, at, 0.01, answers[topic], complete_to=at)
        for name, asked in topics.items()
        for topic in asked
        if topic in answers
    }
    scope = integration_map.services["payment"].scope
    sample = ScopeSample("payment", scope.query if scope else "x", 1.0, at, 47.0, 47.0, "5m")
    health = {name: ServiceHealth(name, Health.FINE, watched=True) for name in integration_map.services}
    health |= {
        "payment": ServiceHealth("payment", Health.FIRING, 1, error_share=1.0, measured=at, watched=True),
        "catalog": ServiceHealth("catalog", Health.WARNING, 1, error_share=0.04, measured=at, watched=True),
        "ui": ServiceHealth("ui", Health.WARNING, 14, error_share=0.021, measured=at, watched=True),
        "order": ServiceHealth("order", Health.NO_TRAFFIC, 0, 1, measured=at, watched=True),
        "inventory": ServiceHealth("inventory", Health.UNKNOWN),
    }
    return Board(
        setup=Setup(
            map=integration_map,
            systems=tuple(Expected(name, name, asked) for name, asked in topics.items()),
        ),
        at=NOW,
        began=NOW - timedelta(hours=1),
        readings=readings,
        systems={name: _state(name, name, asked, 4) for name, asked in topics.items()},
        alerts={one.key: one for one in alerts},
        folds=folded(alerts),
        changes=sample_changes(),
        rules={"prometheus": {rule.key: rule}},
        scopes={"payment": ("prometheus", sample)},
        health=dict(sorted(health.items())),
    )


def sample_context(**changed: object) -> Context:
    """Return the configuration's context of the sample."""
    specs = tuple(
        SystemSpec(name, name, urls=(f"http://{name}:9090",)) for name in ("alertmanager", "prometheus", "git")
    )
    context = Context(
        "prod-eu", map="checkout", timezone="Europe/Berlin", me=Me("first responder", ("team-payments",)), systems=specs
    )
    return replace(context, **changed)  # type: ignore[arg-type]  # fields of one dataclass


def sample_desk(**changed: object) -> Desk:
    """Return a desk whose clock stands still."""
    from zoneinfo import ZoneInfo

    return Desk(sample_context(**changed), FixedClock(NOW), ZoneInfo("Europe/Berlin"), "first responder")
