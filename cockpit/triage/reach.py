"""What a service depends on, and how: itself, whom it calls at any distance, and what those run on."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.model.topology import IntegrationMap
from cockpit.topology.graph import Topology, topology_of
from cockpit.triage.memo import Memo


@dataclass(frozen=True, slots=True)
class Near:
    """How one service stands to the one that alerts."""

    hops: int
    """Calls between them, and one more for what something runs on."""
    host: bool
    """It is something that the alert's service or a callee runs on."""
    by: str
    """Who calls it, or runs on it."""


def _no_reaches(_source: IntegrationMap) -> dict[str, Mapping[str, Near]]:
    return {}


_reaches = Memo(_no_reaches)
"""Reaches by service, for each map."""


def reach(source: IntegrationMap, service: str) -> Mapping[str, Near]:
    """Return everything that a service depends on, nearest first, itself at no distance; never empty."""
    known = _reaches(source)
    found = known.get(service)
    if found is None:
        found = known[service] = _reach(topology_of(source), service)
    return found


def _reach(topology: Topology, service: str) -> Mapping[str, Near]:
    found = {service: Near(0, host=False, by=service)}
    ahead = deque([service])
    while ahead:
        name = ahead.popleft()
        near = found[name]
        following = [] if near.host else [(callee, False) for callee in topology.callees(name)]
        following += [(host, True) for host in topology.runs_on(name)]
        for other, host in following:
            if other not in found:
                found[other] = Near(near.hops + 1, host, name)
                ahead.append(other)
    return found


def called(source: IntegrationMap, service: str) -> tuple[str, ...]:
    """Return the service and everything that it calls at any distance, nearest first."""
    return tuple(name for name, near in reach(source, service).items() if not near.host)
