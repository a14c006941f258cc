"""Boards made by hand, without a reducer, for what is cut from them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cockpit.board.state import Board, Expected, Setup
from cockpit.model.alert import Alert, AlertKey, Fold, FoldKey, State
from cockpit.model.reading import AlertsSeen, Liveness, Reading, SystemState, Topic

NOW = datetime(2026, 11, 20, 14, 12, tzinfo=UTC)
"""The present of these boards."""


def alert(
    number: int,
    *,
    name: str = "HighErrorRate",
    service: str = "payment",
    state: State = State.FIRING,
    severity: str = "warning",
    minutes: float = 6,
    **labels: str,
) -> Alert:
    """Return one alert."""
    since = NOW - timedelta(minutes=minutes)
    cluster = labels.get("cluster", "")
    return Alert(
        key=AlertKey("am", f"{number:016x}"),
        name=name,
        labels={"alertname": name, "service": service, "severity": severity, "instance": f"i-{number}", **labels},
        annotations={"summary": f"summary {number}"},
        state=state,
        fired=since,
        since=since,
        opened=since,
        seen=NOW,
        service=service,
        mapped=False,
        cluster=cluster,
        namespace=labels.get("namespace", ""),
        severity=severity,
        ended=NOW - timedelta(minutes=1) if state in {State.RESOLVED, State.LOST} else None,
        dim=severity in {"info", "none"},
    )


def folded(alerts: Iterable[Alert]) -> dict[FoldKey, Fold]:
    """Return the folds of some alerts, members in the order given."""
    groups: dict[FoldKey, list[Alert]] = {}
    for one in alerts:
        groups.setdefault(FoldKey(one.name, one.service, one.cluster), []).append(one)
    return {
        key: Fold(
            key=key,
            alerts=tuple(one.key for one in members),
            state=members[0].state,
            since=min(one.since for one in members),
            opened=min(one.opened for one in members),
            counts={state: n for state in State if (n := sum(one.state is state for one in members))},
        )
        for key, members in groups.items()
    }


def system(
    name: str, state: Liveness = Liveness.LIVE, *, error: str | None = None, kind: str = "alertmanager"
) -> SystemState:
    """Return how one system does."""
    failing = NOW - timedelta(seconds=45) if state in {Liveness.DOWN, Liveness.STALE} else None
    answered = None if state is Liveness.ASKING else (failing or NOW - timedelta(seconds=4))
    return SystemState(name, kind, state, answered, answered, error, 15.0, failing_since=failing)


def board(*alerts: Alert, systems: Iterable[SystemState] = (), setup: Setup | None = None) -> Board:
    """Return a board with these alerts."""
    states = tuple(systems) or (system("am"),)
    expected = tuple(
        Expected(
            state.name,
            state.kind,
            (Topic.CHANGES,) if state.kind == "git" else (Topic.ALERTS,),
            urls=("http://am:9093",),
        )
        for state in states
    )
    readings = {
        (state.name, Topic.ALERTS): Reading(
            state.name,
            state.kind,
            Topic.ALERTS,
            state.answered,
            state.answered,
            0.01,
            AlertsSeen(()),
            complete_to=state.answered,
        )
        for state in states
        if state.answered is not None and state.kind == "alertmanager"
    }
    return Board(
        setup=replace(setup or Setup(), systems=expected),
        at=NOW,
        began=NOW - timedelta(hours=1),
        readings=readings,
        systems={state.name: state for state in states},
        alerts={one.key: one for one in alerts},
        folds=folded(alerts),
    )
