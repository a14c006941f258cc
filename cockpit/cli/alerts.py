"""`cockpit alerts`: every alert in every state, not folded, worst first."""

from collections.abc import Iterable, Sequence

from cockpit.board.state import Board
from cockpit.cli.asking import ALERTING, alerting_topic, ask, exit_code, known, tell_unanswered, who_answered
from cockpit.cli.opening import open_options
from cockpit.cli.options import Options
from cockpit.cli.output import columns, counted, say, say_json, table
from cockpit.model.alert import Alert, FoldKey, State
from cockpit.model.drill import Priority
from cockpit.model.reading import Topic
from cockpit.spans import clock_seconds, rfc3339, short
from cockpit.triage.priority import quick_priority

_ORDER = (State.FIRING, State.LOST, State.PENDING, State.SILENCED, State.INHIBITED, State.RESOLVED)
"""Worst first."""

_HEAD = ("STATE", "PRI", "ALERT", "SERVICE", "CLUSTER", "TEAM", "SINCE", "SUMMARY")

_SYSTEM = 5
"""Where the system stands in it, if there are several that hold alerts."""


def run(options: Options) -> int:
    """Print the alerts."""
    opened = open_options(options)
    board = ask(opened, ALERTING | {Topic.PLACES})  # an alert may name its service by nothing but its pod
    tell_unanswered(opened, board, ALERTING)
    alerts = worst_first(board)
    if options.json:
        say_json([as_json(board, alert) for alert in alerts])
    else:
        for line in as_text(board, alerts):
            say(line)
    return exit_code(board, {alerting_topic(board)})


def worst_first(board: Board) -> list[Alert]:
    """Return all alerts by state, priority and start."""

    def rank(alert: Alert) -> tuple[int, str, float, str]:
        priority = chosen(board, alert) or quick_priority(board, alert)
        return (_ORDER.index(alert.state), priority.value, alert.since.timestamp(), alert.key.id)

    return sorted(board.alerts.values(), key=rank)


def chosen(board: Board, alert: Alert) -> Priority | None:
    """Return the priority that a person chose for the alert's occurrence, else for its fold's, or null."""
    fold = board.folds.get(FoldKey(alert.name, alert.service, alert.cluster))
    return board.chosen.get(alert.occurrence) or (board.chosen.get(fold.occurrence) if fold else None)


def team_of(board: Board, alert: Alert) -> str | None:
    """Return who owns an alert: its service's team in the map, else its own label's, else null."""
    service = board.setup.map.services.get(alert.service) if alert.mapped else None
    return (service.team if service else None) or alert.label_team


def summary_of(alert: Alert) -> str:
    """Return what the alert says of itself, or an empty text."""
    return next((text for name in ("summary", "description", "message") if (text := alert.annotations.get(name))), "")


def as_json(board: Board, alert: Alert) -> dict[str, object]:
    """Return an alert in the shape that scripts rely on."""
    priority = chosen(board, alert)
    return {
        "id": alert.key.id,
        "system": alert.key.system,
        "name": alert.name,
        "service": alert.service,
        "mapped": alert.mapped,
        "team": team_of(board, alert),
        "cluster": alert.cluster,
        "severity": alert.severity,
        "priority": None if priority is None else priority.value,
        "proposed": quick_priority(board, alert).value,
        "state": alert.state.value,
        "flapping": alert.flapping,
        "since": rfc3339(alert.since),
        "fired": rfc3339(alert.fired),
        "summary": summary_of(alert),
        "labels": dict(alert.labels),
        "peers": list(alert.peers),
    }


def as_text(board: Board, alerts: Sequence[Alert]) -> Iterable[str]:
    """Return the alerts as lines, and who answered where there are none."""
    topic = alerting_topic(board)
    answered = who_answered(board, topic)
    if not alerts:
        yield f"{'0 alerts' if known(board, topic) else 'not known'}, {answered}"
        return
    several = sum(Topic.ALERTS in expected.topics for expected in board.setup.systems) > 1
    head = (*_HEAD[:_SYSTEM], *(["SYSTEM"] if several else []), *_HEAD[_SYSTEM:])
    yield from table(head, (_row(board, alert, several=several) for alert in alerts), columns())
    firing = sum(alert.state is State.FIRING for alert in alerts)
    yield ""
    yield f"{counted(len(alerts), 'alert')}, {firing:,} firing; {answered}"


def _row(board: Board, alert: Alert, *, several: bool) -> tuple[str, ...]:
    priority = chosen(board, alert)
    return (
        f"{alert.state.value}{' ~' if alert.flapping else ''}",
        priority.value if priority else f"{quick_priority(board, alert).value}?",
        alert.name,
        alert.service or "–",
        alert.cluster or "–",
        *([alert.key.system] if several else []),
        team_of(board, alert) or "–",
        short(clock_seconds(alert.since, board.at)),
        summary_of(alert),
    )
