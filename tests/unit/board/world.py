"""A small world to tell scenarios in: servers answer or fail, time passes, and the board follows."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cockpit.board.reduce import empty, reduce
from cockpit.board.state import Board, Event, Expected, Setup, Tick
from cockpit.model.alert import Alert, AlertReport, Fold, State
from cockpit.model.change import ChangeKind, ChangeReport
from cockpit.model.reading import (
    AlertsSeen,
    ChangesSeen,
    Peer,
    Reading,
    Rule,
    RuleAlert,
    RulesSeen,
    ScopeSample,
    ScopesSeen,
    Topic,
)
from cockpit.model.topology import IntegrationMap, ScopeQuery, Service

NOON = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
"""When the scenarios begin."""
AM = Expected("am", "alertmanager", (Topic.ALERTS, Topic.SILENCES), 15.0, ("http://am-0:9093", "http://am-1:9093"))
"""An Alertmanager of two peers."""
PROM = Expected("prom", "prometheus", (Topic.RULES, Topic.SCOPES, Topic.CHANGES), 15.0, ("http://prom:9090",))
"""A Prometheus that may have sent its alerts."""
GIT = Expected("git", "git", (Topic.CHANGES,), 120.0)
"""A change system."""
HOLD_S = 60.0
"""The `for` of the rules here."""
INTERVAL_S = 15.0
"""Their evaluation interval."""

SHOP = IntegrationMap(
    name="shop",
    entry=("ui",),
    services={
        "ui": Service("ui", team="team-web"),
        "payment": Service(
            "payment",
            team="team-payments",
            aliases=("payment-service",),
            repository="payment-service",
            scope=ScopeQuery("a / b", "{value:percent} of attempts"),
        ),
        "order": Service("order", team="team-orders"),
    },
)
"""A map of three services."""


def secs(seconds: float) -> timedelta:
    """Return a span."""
    return timedelta(seconds=seconds)


class World:
    """Servers that answer, and the board that follows them.

    Args:
        systems: What is configured.
        source: The map.
        at: When watching begins.
    """

    def __init__(
        self,
        *systems: Expected,
        source: IntegrationMap | None = None,
        at: datetime = NOON,
        setup: Setup | None = None,
    ) -> None:
        self.now = at
        self.setup = setup or Setup(map=source or IntegrationMap(), systems=systems or (AM, PROM))
        self.board: Board = empty(self.setup, at)
        self.peers: tuple[Peer, ...] = (Peer("am-0:9093", True), Peer("am-1:9093", True))

    def take(self, event: Event) -> Board:
        """Reduce one event."""
        self.board = reduce(self.board, event)
        return self.board

    def wait(self, seconds: float) -> "World":
        """Let time pass, with a tick at its end."""
        self.now += secs(seconds)
        self.take(Tick(self.now))
        return self

    def reading(self, system: str, topic: Topic, **said: object) -> Reading:
        """Return a reading of now."""
        kind = next((one.kind for one in self.setup.systems if one.name == system), system)
        every = next((one.every_s for one in self.setup.systems if one.name == system), 15.0)
        made = Reading(system, kind, topic, self.now, self.now, 0.05, every_s=every)
        return replace(made, **said)  # type: ignore[arg-type] # the fields differ from test to test

    def am(self, *reports: AlertReport, system: str = "am", skew_s: float = 0.0) -> Board:
        """Let the Alertmanager answer with these alerts."""
        seen = AlertsSeen(tuple(sorted(reports, key=lambda one: one.id)))
        return self.take(self.reading(system, Topic.ALERTS, answer=seen, peers=self.peers, skew_s=skew_s))

    def prom(
        self, *alerts: RuleAlert, names: Iterable[str] = ("HighErrors",), system: str = "prom", late_s: float = 1.0
    ) -> Board:
        """Let a Prometheus answer: one rule a name, each with its alerts, last evaluated that long ago."""
        every = {*names, *(alert.labels["alertname"] for alert in alerts)}
        return self.take(self.reading(system, Topic.RULES, answer=self.rules(alerts, every, late_s)))

    def rules(self, alerts: Iterable[RuleAlert], names: Iterable[str], late_s: float = 1.0) -> RulesSeen:
        """Return what a Prometheus says: one rule a name."""
        known = tuple(alerts)
        return RulesSeen(
            tuple(rule(name, self.now - secs(late_s), *(one for one in known if one.labels["alertname"] == name))
            for name in sorted(names)),
            INTERVAL_S,
        )  # fmt: skip

    def fails(self, system: str, topic: Topic, *, peers: tuple[Peer, ...] = ()) -> Board:
        """Let a poll fail."""
        return self.take(self.reading(system, topic, error="connection refused", peers=peers))

    def am_fails(self) -> Board:
        """Let no peer of the Alertmanager answer."""
        return self.fails("am", Topic.ALERTS)

    def prom_fails(self) -> Board:
        """Let the Prometheus not answer."""
        return self.fails("prom", Topic.RULES)

    def changes(self, system: str, *reports: ChangeReport, complete: timedelta = timedelta(0)) -> Board:
        """Let a change system answer for the window."""
        seen = ChangesSeen(reports, self.now - timedelta(hours=4))
        return self.take(self.reading(system, Topic.CHANGES, answer=seen, complete_to=self.now - complete))

    def scope(self, value: float | None, *, service: str = "payment", system: str = "prom", **said: object) -> Board:
        """Let a Prometheus answer a scope query."""
        sample = replace(ScopeSample(service, "a / b", value, self.now), **said)  # type: ignore[arg-type] # as above
        return self.take(self.reading(system, Topic.SCOPES, answer=ScopesSeen((sample,))))

    def one(self, name: str = "HighErrors") -> Alert:
        """Return the only alert of that name."""
        (found,) = self.named(name)
        return found

    def named(self, name: str = "HighErrors") -> list[Alert]:
        """Return the alerts of that name."""
        return [alert for alert in self.board.alerts.values() if alert.name == name]

    def state(self, name: str = "HighErrors") -> State:
        """Return the state of the only alert of that name."""
        return self.one(name).state

    def fold(self, name: str = "HighErrors") -> Fold:
        """Return the only fold of that name."""
        (found,) = [fold for fold in self.board.folds.values() if fold.key.name == name]
        return found


def labels_of(name: str, service: str, number: int, **more: str) -> dict[str, str]:
    """Return the labels that a Prometheus gives an alert."""
    return {"alertname": name, "service": service, "instance": f"i-{number}", "severity": "critical", **more}


def report(
    number: int = 1,
    *,
    name: str = "HighErrors",
    service: str = "payment",
    started: datetime = NOON - timedelta(minutes=5),
    ends: datetime | None = None,
    labels: Mapping[str, str] | None = None,
    **said: object,
) -> AlertReport:
    """Return what an Alertmanager says of one alert: with the external label that a Prometheus adds."""
    own = dict(labels if labels is not None else labels_of(name, service, number)) | {"cluster": "eu-1"}
    made = AlertReport(
        id=f"{number:04x}",
        labels=own,
        annotations={"summary": f"{name} on {service}"},
        started=started,
        ends=ends or started + timedelta(hours=3),
        updated=started,
        receivers=("pager",),
        peers=("am-0:9093", "am-1:9093"),
        generator="http://prom:9090/graph?g0.expr=x",
    )
    return replace(made, **said)  # type: ignore[arg-type] # the fields differ from test to test


def listed(
    number: int = 1,
    *,
    name: str = "HighErrors",
    service: str = "payment",
    state: str = "firing",
    active: datetime = NOON - timedelta(minutes=6),
    value: float | None = 0.5,
    **more: str,
) -> RuleAlert:
    """Return what a Prometheus lists of one alert."""
    return RuleAlert(labels_of(name, service, number, **more), {"summary": "s"}, state, active, value)


def rule(name: str, evaluated: datetime | None, *alerts: RuleAlert, **said: object) -> Rule:
    """Return one alerting rule."""
    made = Rule(
        f"shop/{name}/0", name, f'{name.lower()}{{service="payment"}} > 1', HOLD_S, {}, {}, "ok", "", evaluated, alerts
    )
    return replace(made, **said)  # type: ignore[arg-type] # as above


def change(
    version: str = "v2.4.0",
    *,
    name: str = "payment-service",
    minutes: float = 0,
    kind: ChangeKind = ChangeKind.DEPLOY,
    **said: object,
) -> ChangeReport:
    """Return what a change system says of one change, so many minutes after noon."""
    began = NOON + timedelta(minutes=minutes)
    made = ChangeReport(f"{name}@{version}@{minutes}", name, version, kind, began)
    return replace(made, **said)  # type: ignore[arg-type] # as above
