"""Handshakes between tools, judged on one board: does what one tool says arrive at the next, and what is missing."""

from collections.abc import Collection, Iterable

from cockpit.board.state import Board
from cockpit.model.handshake import Condition, Handshake
from cockpit.topology.toolmap import ToolNames, declared_hops
from cockpit.triage.handshakes.alerting import alerts_arrive, evaluated, heartbeats, labelled, routed
from cockpit.triage.handshakes.changing import annotated, fed
from cockpit.triage.handshakes.owning import on_call, owned, reached, severities, with_runbook
from cockpit.triage.memo import Memo

__all__ = ["handshakes"]


def _judged(board: Board) -> tuple[Handshake, ...]:
    found = (
        *evaluated(board),
        *alerts_arrive(board),
        *heartbeats(board),
        *severities(board),
        *labelled(board),
        *routed(board),
        *with_runbook(board),
        *owned(board),
        *reached(board),
        *on_call(board),
        *fed(board),
        *annotated(board),
    )
    return (*found, *_rest(board, found))


handshakes = Memo(_judged)
"""Return every handshake of a board: what can be judged, and of the map's tools also what cannot, as not known."""


def _rest(board: Board, found: Iterable[Handshake]) -> Iterable[Handshake]:
    """Give the map's tool hops that nothing above judged: nobody that is asked tells of them."""
    tools = board.setup.map.tools
    names = ToolNames(tools, ((one.name, one.kind) for one in board.setup.systems))
    configured = {names.of(one.name) for one in board.setup.systems}
    judged = {(names.of(one.source), names.of(one.target)) for one in found if one.target}
    for source, target in declared_hops(tools, names):
        if (source, target) not in judged:
            yield Handshake(
                id=f"tool:{source}:{target}",
                source=source,
                target=target,
                question=f"{source} reaches {target}",
                condition=Condition.UNKNOWN,
                seen=f"not known: {_why(source, target, configured)}",
                remedy="try it by hand",
                check=f"{source} -> {target}",
            )


def _why(source: str, target: str, configured: Collection[str]) -> str:
    away = [name for name in dict.fromkeys((source, target)) if name not in configured]
    if away:
        return f"no {' and no '.join(away)} is configured"
    return f"nothing that is asked tells whether {source} reaches {target}"
