"""What an empty alert list says: nothing fires, nobody answers, or a filter leaves everything out."""

from datetime import datetime

from cockpit.board.state import Board
from cockpit.model.alert import Alert, State
from cockpit.model.reading import Liveness, SystemState, Topic

_TELLING = (Topic.ALERTS, Topic.RULES)
"""Topics that say that an alert is there."""


def sources(board: Board) -> tuple[str, ...]:
    """Return the systems that the list rests on: the alert systems, else those whose rules fire."""
    alerting = tuple(system.name for system in board.setup.systems if Topic.ALERTS in system.topics)
    return alerting or tuple(system.name for system in board.setup.systems if Topic.RULES in system.topics)


def last_said(board: Board, alert: Alert) -> datetime | None:
    """Return when an alert was last known to be there, where its system does not answer; null where it does.

    An alert that is lost was last known when it was last seen.
    """
    if alert.state is State.LOST:
        return alert.seen
    system = board.systems.get(alert.key.system)
    if system is None or system.state is not Liveness.DOWN:
        return None
    return max(
        (reading.at for topic in _TELLING if (reading := board.readings.get((system.name, topic)))), default=None
    )


def any_answers(board: Board) -> bool:
    """Tell whether one of them answers, or is being asked for the first time."""
    well = {Liveness.LIVE, Liveness.SLOW, Liveness.STALE, Liveness.ASKING}
    states = [board.systems[name].state for name in sources(board) if name in board.systems]
    return not states or any(state in well for state in states)


def empty(board: Board, *, narrowed: bool, hidden: int) -> str:
    """Return why no row is listed.

    Args:
        board: What is known.
        narrowed: Whether a person's filter stands.
        hidden: Alerts that it hides.
    """
    states = {name: board.systems[name] for name in sources(board) if name in board.systems}
    silent = {name: one for name, one in states.items() if one.state in {Liveness.DOWN, Liveness.STALE}}
    if narrowed:
        blind = f"; {', '.join(silent)} not answering" if silent else ""
        return f"nothing matches; {hidden:,} hidden, esc shows all{blind}"
    if not states:
        return "no alert system is configured"
    answering = [name for name, state in states.items() if state.state in {Liveness.LIVE, Liveness.SLOW}]
    if silent:
        told = [f"{name} not answering" + (f": {state.error}" if state.error else "") for name, state in silent.items()]
        return "not known: " + "; ".join([*told, *(f"0 alerts in {name}" for name in answering)])
    if not answering:
        return "asking " + ", ".join(states)
    return _nothing(states, answering)


def _nothing(states: dict[str, SystemState], answering: list[str]) -> str:
    if len(answering) == 1:
        peers = states[answering[0]].peers
        of = f" ({sum(peer.up for peer in peers)} of {len(peers)} peers)" if len(peers) > 1 else ""
        return f"0 alerts, {answering[0]} answers{of}"
    every = "both" if len(answering) == 2 else f"all {len(answering)}"
    return f"0 alerts, {every} alert systems answer: {', '.join(answering)}"
