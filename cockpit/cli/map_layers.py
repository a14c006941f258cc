"""The layers of `cockpit map show` that are not services: teams and tools, drawn and as JSON."""

from collections.abc import Mapping

from cockpit.cli.map_sights import Seen
from cockpit.model.handshake import Handshake
from cockpit.model.health import ServiceHealth


def on_layer(seen: Seen, name: str) -> tuple[Seen, Mapping[str, object]]:
    """Return the map of a layer with what is known of it, and the same as one document.

    Args:
        seen: The map of services; where nobody was asked, what only systems tell is not known.
        name: Of the layer: teams or tools.
    """
    from cockpit.board.reduce import empty
    from cockpit.board.state import Setup
    from cockpit.clock import SystemClock
    from cockpit.model.walk import Layer
    from cockpit.slices.layers import layered
    from cockpit.slices.sights import sights_of
    from cockpit.triage.handshakes import handshakes

    layer = Layer(name)
    board = seen.board if seen.board is not None else empty(Setup(map=seen.map), SystemClock().now())
    below = layered(board, layer)
    document = {
        "map": seen.map.name,
        "layer": name,
        "nodes": [_node(node, below.health.get(node)) for node in below.map.services],
        "hops": [
            {"from": hop.caller, "to": hop.callee, "says": hop.says, "provenance": hop.provenance.value}
            for one in below.map.services.values()
            for hop in one.calls
        ],
        "handshakes": [_handshake(one) for one in handshakes(board)] if layer is Layer.TOOLS else [],
    }
    return Seen(below.map, sights_of(below, board.at), below), document


def _node(name: str, state: ServiceHealth | None) -> dict[str, object]:
    return {
        "name": name,
        "health": "unknown" if state is None else state.health.value,
        "firing": 0 if state is None else state.firing,
        "why": [] if state is None else list(state.why),
    }


def _handshake(one: Handshake) -> dict[str, object]:
    return {
        "id": one.id,
        "from": one.source,
        "to": one.target or None,
        "question": one.question,
        "state": one.condition.value,
        "seen": one.seen,
        "remedy": one.remedy,
        "system": one.place,
    }
