"""The part of a map that feels a failure of one service: its transitive callers, nearest and worst first."""

from collections.abc import Mapping

from cockpit.model.health import Health, ServiceHealth
from cockpit.topology.focus import LIMIT, Focus, count_hidden
from cockpit.topology.graph import Topology


def feeling(topology: Topology, centre: str, states: Mapping[str, ServiceHealth], *, limit: int = LIMIT) -> Focus:
    """Return a service with what feels a failure of it; what is left out is counted at its neighbours.

    Args:
        topology: The map's graph.
        centre: The service that fails.
        states: Health by service.
        limit: How many services there may be.
    """
    if centre not in topology:
        return Focus(centre)
    services = [centre, *topology.all_callers(centre)][: max(1, limit)]
    drawn = set(services)
    firing = {name for name, state in states.items() if state.health is Health.FIRING and name in topology}
    hops = tuple(
        (caller, callee) for caller in services for callee in dict.fromkeys(topology.callees(caller)) if callee in drawn
    )
    callers, callees, elsewhere = count_hidden(topology, services, firing - drawn)
    return Focus(centre, tuple(services), hops, callers, callees, elsewhere)
