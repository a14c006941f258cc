"""The checkout incident as a board, built by hand: 14:12:03 on a day in November, payment failing since 14:06."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cockpit.board.state import Board, Expected, Setup
from cockpit.model.alert import Alert, AlertKey, AlertReport, Fold, FoldKey, State
from cockpit.model.change import Change, ChangeKind, ChangeReport, Witness
from cockpit.model.drill import Subject
from cockpit.model.reading import (
    AlertsSeen,
    ChangesSeen,
    Liveness,
    Reading,
    Rule,
    RuleAlert,
    RulesSeen,
    ScopeSample,
    ScopesSeen,
    SeriesSeen,
    SystemState,
    Topic,
)
from cockpit.model.topology import Hop, IntegrationMap, ScopeQuery, Service, Team
from cockpit.triage.subject import subject_of

DAY = datetime(2026, 11, 20, tzinfo=UTC)
"""The day of the incident."""


def at(clock: str, day: int = 0) -> datetime:
    """Return a moment of that day, or of one some days off, by `HH:MM` or `HH:MM:SS`."""
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    return DAY + timedelta(days=day, hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)


NOW = at("14:12:03")
"""The board's moment."""

RULE = "sum(rate(payment_errors_total[1m])) / sum(rate(payment_attempts_total[1m])) > 0.05"
"""The expression of the incident's alert."""

SCOPE = ScopeQuery(
    'sum(rate(checkout_failed_total{step="payment"}[5m])) / sum(rate(checkout_attempts_total[5m]))',
    "{value:percent} of checkout attempts failing at payment step",
)
"""The scope of payment."""


def service(name: str, team: str | None, calls: Iterable[str] = (), **more: object) -> Service:
    """Return a service of the map."""
    hops = tuple(Hop(name, callee) for callee in calls)
    return replace(Service(name, team=team, calls=hops), **more)  # type: ignore[arg-type] # keywords of the caller


MAP = IntegrationMap(
    name="checkout",
    entry=("ui", "mobile"),
    journeys={"checkout": ("ui", "auth", "catalog", "payment", "order", "inventory")},
    services={
        one.name: one
        for one in (
            service("ui", "team-web", ["auth", "catalog", "payment"], kind="frontend"),
            service("mobile", "team-web", ["payment"], kind="frontend"),
            service("auth", "team-identity"),
            service("catalog", "team-catalogue"),
            service(
                "payment",
                "team-payments",
                ["order"],
                runs_on=("pool-a",),
                repository="payment-service",
                weight=10.0,
                scope=SCOPE,
            ),
            service("order", "team-orders", ["inventory"], runs_on=("pool-a",)),
            service("inventory", "team-stock"),
            service("pool-a", "team-platform", kind="node-pool"),
        )
    },
    teams={
        "team-payments": Team("team-payments", escalation="PagerDuty escalation"),
        "team-web": Team("team-web", slack="#web"),
    },
)
"""The checkout journey."""

SYSTEMS = (
    Expected("alertmanager", "alertmanager", (Topic.ALERTS, Topic.SILENCES), urls=("http://am:9093",)),
    Expected("prometheus", "prometheus", (Topic.RULES, Topic.SCOPES, Topic.SERIES, Topic.CHANGES)),
    Expected("git", "git", (Topic.CHANGES,), every_s=120.0),
)
"""What is configured."""

SETUP = Setup(map=MAP, systems=SYSTEMS)
"""The configuration."""

KEY = AlertKey("alertmanager", "9f2c")
"""The incident's alert."""


def alert(name: str = "PaymentErrorsHigh", on: str = "payment", fingerprint: str = "9f2c", **more: object) -> Alert:
    """Return a firing alert, started at 14:06:05."""
    labels = {"alertname": name, "service": on, "severity": "critical"}
    made = Alert(
        key=AlertKey("alertmanager", fingerprint),
        name=name,
        labels=labels,
        annotations={"summary": "Payments fail"},
        state=State.FIRING,
        fired=at("14:06:35"),
        since=at("14:06:05"),
        opened=at("14:06:35"),
        seen=at("14:12"),
        service=on,
        mapped=on in MAP.services,
        cluster="",
        namespace="",
        severity="critical",
        receivers=("pagerduty-checkout",),
        prometheus="prometheus",
        rule="checkout/PaymentErrorsHigh/0",
        value=1.0,
        value_at=at("14:12:03"),
        generator="http://prom:9090/graph?g0.expr=up",
    )
    return replace(made, **more)  # type: ignore[arg-type] # keywords of the caller


def deploy(clock: str = "14:02", on: str = "payment", version: str = "v2.4.0", **more: object) -> Change:
    """Return a deploy that git knows of."""
    when = at(clock)
    name = "payment-service" if on == "payment" else on
    report = ChangeReport(version, name, version, ChangeKind.DEPLOY, when, says=f"tag {version} at 3fa9c1b")
    made = Change(
        id=f"git/{name}@{version}",
        service=on,
        mapped=on in MAP.services,
        name=name,
        team=None,
        version=version,
        kind=ChangeKind.DEPLOY,
        began=when,
        ended=None,
        author="responder",
        summary="",
        url=None,
        rollback=False,
        seen=False,
        tolerance_s=0.0,
        witnesses=(Witness("git", report, at("14:12")),),
    )
    return replace(made, **more)  # type: ignore[arg-type] # keywords of the caller


def folded(alerts: Iterable[Alert]) -> dict[FoldKey, Fold]:
    """Return the folds of some alerts."""
    grouped: dict[FoldKey, list[Alert]] = {}
    for one in alerts:
        grouped.setdefault(FoldKey(one.name, one.service, one.cluster), []).append(one)
    return {
        key: Fold(
            key,
            tuple(one.key for one in sorted(same, key=lambda one: one.since)),
            same[0].state,
            min(one.since for one in same),
            min(one.opened for one in same),
            {same[0].state: len(same)},
        )
        for key, same in grouped.items()
    }


def reading(system: str, topic: Topic, answer: object, clock: str = "14:12", **more: object) -> Reading:
    """Return a good reading."""
    made = Reading(system, system, topic, at(clock), at(clock), 0.1, answer)  # type: ignore[arg-type] # any answer
    return replace(made, **more)  # type: ignore[arg-type] # keywords of the caller


def changes_seen(since: str = "10:00", covers: Iterable[str] = MAP.services, gaps: Iterable[str] = ()) -> ChangesSeen:
    """Return a change system's answer."""
    return ChangesSeen((), at(since), tuple(covers), tuple(gaps))


REPORT = AlertReport("9f2c", {}, {}, at("14:06:35"), None, None)
RULES = Rule(
    "checkout/PaymentErrorsHigh/0",
    "PaymentErrorsHigh",
    RULE,
    30.0,
    {},
    {},
    "ok",
    "",
    at("14:12"),
    (RuleAlert({}, {}, "firing", at("14:06:05"), 1.0),),
)
"""The rule that fires."""

SAMPLE = ScopeSample("payment", SCOPE.query, 1.0, at("14:12:03"), 47.0, 47.0, "5m", "http://prom:9090/graph")
"""What the scope query said."""


def readings() -> dict[tuple[str, Topic], Reading]:
    """Return what every system last answered."""
    made = (
        reading("alertmanager", Topic.ALERTS, AlertsSeen((REPORT,))),
        reading("prometheus", Topic.RULES, RulesSeen((RULES,))),
        reading("prometheus", Topic.SCOPES, ScopesSeen((SAMPLE,))),
        reading("prometheus", Topic.SERIES, None),
        reading("prometheus", Topic.CHANGES, changes_seen(), every_s=30.0),
        reading("git", Topic.CHANGES, changes_seen(), every_s=120.0),
    )
    return {(one.system, one.topic): one for one in made}


def points(values: Iterable[float], end: datetime = NOW, step_s: float = 30.0) -> tuple[tuple[datetime, float], ...]:
    """Return samples at a step, the last one at the end."""
    listed = list(values)
    return tuple(
        (end - timedelta(seconds=step_s * (len(listed) - 1 - index)), value) for index, value in enumerate(listed)
    )


def series(values: Iterable[float], *, end: datetime = NOW, now: float | None = -1.0) -> tuple[str, SeriesSeen]:
    """Return a series of the incident's alert; its value now is the last point unless given."""
    made = points(values, end)
    value = made[-1][1] if now == -1.0 else now
    return "prometheus", SeriesSeen(KEY, RULE, made, 30.0, value, end)


def live(name: str, kind: str) -> SystemState:
    """Return how a system does that answered just now."""
    return SystemState(name, kind, Liveness.LIVE, at("14:12"), at("14:12"), None, 15.0)


def board(
    alerts: Iterable[Alert] = (alert(),), changes: Iterable[Change] = (deploy(),), setup: Setup = SETUP, **more: object
) -> Board:
    """Return the incident's board; what is given replaces what it holds."""
    listed = tuple(alerts)
    made = Board(
        setup=setup,
        at=NOW,
        began=at("13:00"),
        readings=readings(),
        systems={one.name: live(one.name, one.kind) for one in setup.systems},
        alerts={one.key: one for one in listed},
        folds=folded(listed),
        changes=tuple(changes),
        rules={"prometheus": {RULES.key: RULES}},
        scopes={"payment": ("prometheus", SAMPLE)},
    )
    return replace(made, **more)  # type: ignore[arg-type] # keywords of the caller


def subject(on: Board, key: AlertKey | FoldKey = KEY) -> Subject:
    """Return the subject of an alert that the board has."""
    found = subject_of(on, key)
    assert found is not None
    return found


def with_readings(on: Board, **changed: object) -> Board:
    """Return a board with some readings replaced: `git_changes=None` takes one away."""
    held: dict[tuple[str, Topic], Reading] = dict(on.readings)
    for name, value in changed.items():
        system, _, topic = name.rpartition("_")
        pair = (system, Topic(topic))
        if value is None:
            held.pop(pair, None)
        else:
            assert isinstance(value, Reading)
            held[pair] = value
    return replace(on, readings=held)


def failing(on: Board, system: str, topic: Topic, since: str) -> Board:
    """Return a board on which a system's topic fails; its last good reading, if any, is from before."""
    held: dict[tuple[str, Topic], Reading] = dict(on.readings)
    old = held.get((system, topic))
    if old is not None and old.at > at(since):
        before = at(since) - timedelta(minutes=1)
        held[system, topic] = replace(old, at=before, asked=before)
    failure = Reading(system, system, topic, NOW, NOW, 5.0, None, "connection refused")
    failures: Mapping[tuple[str, Topic], Reading] = {**on.failures, (system, topic): failure}
    return replace(on, readings=held, failures=failures, failing={**on.failing, (system, topic): at(since)})
