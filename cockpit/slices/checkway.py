"""Which hops a checklist has: from where users come in to the alert's service, and on to its data. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cockpit.board.state import Board
from cockpit.model.checklist import Ahead, Way
from cockpit.model.health import Health
from cockpit.slices.walk import badness, worst_first
from cockpit.topology.graph import Chain, Topology, topology_of
from cockpit.triage.reach import reach

MOST = 40
"""Lines behind the alert's service, the worst first, that are no steps of the chain; the rest is counted."""

DATA = frozenset({"database", "cache", "queue", "third-party"})
"""Kinds of services that are looked at however far below the alert's service they are."""

_BAD = frozenset({Health.FIRING, Health.WARNING, Health.NO_TRAFFIC})


@dataclass(frozen=True, slots=True)
class Ways:
    """The hops of one checklist, and what the alert's service depends on beside them."""

    hops: tuple[Ahead, ...]
    left: tuple[str, ...] = ()
    """Services below it that have no line, worst first."""


def ways(board: Board, service: str) -> Ways:
    """Return the hops of a service's checklist, each service once, in the order in which they are looked at.

    First the chain up to the service, then whom it calls (worst first) and what it runs on, the rest of the chain, and
    last its data and whatever is ill further below. A service that the map does not know stands alone.
    """
    topology = topology_of(board.map)
    if service not in topology:
        return Ways((Ahead(service, Way.BEGIN),))
    chain = topology.chain(service)
    steps = tuple(dict.fromkeys(step.service for step in chain.steps))
    before = _before(topology, steps, service)
    hops = list(_led(topology, chain, before))
    seen = {hop.service for hop in hops}
    beside, below = list(_beside(board, topology, service)), list(_below(board, topology, service))
    wanted = set(steps)
    spare = [hop for hop in (*beside, *below) if hop.service not in wanted and hop.service not in seen]
    shown = {hop.service for hop in sorted(spare, key=lambda hop: badness(board, hop.service))[:MOST]} | wanted
    for hop in (*beside, *_led(topology, chain, steps), *below):
        if hop.service in shown and hop.service not in seen:
            seen.add(hop.service)
            hops.append(hop)
    return Ways(
        tuple(hops), tuple(worst_first(board, (name for name in reach(board.map, service) if name not in seen)))
    )


def _before(topology: Topology, steps: Sequence[str], service: str) -> tuple[str, ...]:
    """Return the way from where users come in to the service, itself at the end."""
    if service in steps:
        return tuple(steps[: steps.index(service) + 1])
    led = {*topology.callers(service), *topology.hosted(service)}
    last = next((number for number, name in enumerate(steps) if name in led), None)
    return topology.way_to(service) if last is None else (*steps[: last + 1], service)


def _led(topology: Topology, chain: Chain, names: Sequence[str]) -> Iterable[Ahead]:
    """Return the hops of a way, each led to by the one before it."""
    for number, name in enumerate(names):
        if number:
            yield _hop(topology, chain, names[number - 1], name)
        else:
            yield Ahead(name, Way.ENTRY if name in topology.map.entry else Way.BEGIN)


def _hop(topology: Topology, chain: Chain, before: str, name: str) -> Ahead:
    """Return how one service follows another."""
    if topology.hop(before, name) is not None:
        return Ahead(name, Way.CALL, before)
    if name in topology.runs_on(before):
        return Ahead(name, Way.HOST, before)
    return Ahead(name, Way.NEXT, before, chain.journey or "")


def _beside(board: Board, topology: Topology, service: str) -> Iterable[Ahead]:
    """Return whom the service calls, worst first, and what it runs on."""
    callees = [name for name in topology.callees(service) if name != service]
    yield from (Ahead(name, Way.CALL, service) for name in worst_first(board, callees))
    hosts = [name for name in topology.runs_on(service) if name != service and name not in callees]
    yield from (Ahead(name, Way.HOST, service) for name in hosts)


def _below(board: Board, topology: Topology, service: str) -> Iterable[Ahead]:
    """Return the service's data and what is ill further below it, worst first."""
    near = reach(board.map, service)
    further = [name for name, one in near.items() if one.hops > 1 and _matters(board, name)]
    for name in sorted(further, key=lambda name: (badness(board, name), near[name].hops)):
        called = topology.hop(near[name].by, name) is not None
        yield Ahead(name, Way.CALL if called else Way.HOST, near[name].by)


def _matters(board: Board, name: str) -> bool:
    known, health = board.map.services.get(name), board.health.get(name)
    return (known is not None and known.kind in DATA) or (health is not None and health.health in _BAD)
