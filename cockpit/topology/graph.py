"""The integration map as a graph: who calls whom, what feels a failure, and the chain that shows a service."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from threading import Lock
from typing import TYPE_CHECKING

from cockpit.model.topology import Hop, IntegrationMap
from cockpit.topology.cycles import find_cycles
from cockpit.topology.reach import Reach

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, slots=True)
class Blast:
    """Everything that feels a failure of one service."""

    callers: tuple[str, ...] = ()
    """Transitive callers, and what runs on it, nearest first."""
    entries: tuple[str, ...] = ()
    """Entry points among them, and the service itself where it is one."""
    journeys: tuple[str, ...] = ()
    """Journeys that contain the service."""
    journeys_through: tuple[str, ...] = ()
    """Further journeys that contain one of the callers."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a chain."""

    service: str
    calls_next: bool
    """Whether it calls the next step; where it does not, the two stand in a journey's order only."""


@dataclass(frozen=True, slots=True)
class Chain:
    """What the chain view draws: a journey, or the calls from an entry point."""

    steps: tuple[Step, ...] = ()
    journey: str | None = None
    """Its name; null where the steps are calls from an entry point."""


class Topology:
    """One map's graph; every answer is in the map's order, and unknown services have no neighbours."""

    def __init__(self, source: IntegrationMap) -> None:
        self.map = source
        """What it was made from."""
        self._calls = {name: tuple(hop.callee for hop in service.calls) for name, service in source.services.items()}
        self._runs_on = {name: service.runs_on for name, service in source.services.items()}
        self._callers = _reversed(self._calls)
        self._hosted = _reversed(self._runs_on)
        self._hops = {(hop.caller, hop.callee): hop for service in source.services.values() for hop in service.calls}
        self._above = Reach(self._callers, self._hosted)
        self._below = Reach(self._calls, self._runs_on)
        self._entries: dict[str, tuple[str, ...]] = {}
        self._shared: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._chains: dict[str, Chain] = {}

    def __contains__(self, service: str) -> bool:
        return service in self.map.services

    def callers(self, service: str) -> tuple[str, ...]:
        """Return who calls it."""
        return self._callers.get(service, ())

    def callees(self, service: str) -> tuple[str, ...]:
        """Return whom it calls."""
        return self._calls.get(service, ())

    def runs_on(self, service: str) -> tuple[str, ...]:
        """Return what it runs on: it depends on these, but calls none of them."""
        return self._runs_on.get(service, ())

    def hosted(self, service: str) -> tuple[str, ...]:
        """Return what runs on it."""
        return self._hosted.get(service, ())

    def beside(self, services: Iterable[str]) -> set[str]:
        """Return everything that a call or a host joins directly with any of the services."""
        names = tuple(services)
        found: set[str] = set()
        for edges in (self._calls, self._callers, self._runs_on, self._hosted):
            found.update(*filter(None, map(edges.get, names)))
        return found

    def hop(self, caller: str, callee: str) -> Hop | None:
        """Return the call from one to the other, or null."""
        return self._hops.get((caller, callee))

    def all_callers(self, service: str) -> tuple[str, ...]:
        """Return everything that depends on it, through any number of calls and hosts, nearest first, without itself."""
        return self._above.of(service)

    def all_callees(self, service: str) -> tuple[str, ...]:
        """Return everything that it depends on, through any number of calls and hosts, nearest first, without itself."""
        return self._below.of(service)

    def entries_of(self, service: str) -> tuple[str, ...]:
        """Return the entry points that feel a failure of a service, itself where it is one; kept for every service."""
        found = self._entries.get(service)
        if found is None:
            felt = {service, *self.all_callers(service)}
            found = tuple(name for name in self.map.entry if name in felt)
            if service in self:
                found = self._entries[service] = self._shared.setdefault(found, found)
        return found

    def journeys_of(self, service: str) -> tuple[str, ...]:
        """Return the journeys that contain it."""
        return tuple(name for name, steps in self.map.journeys.items() if service in steps)

    def blast(self, service: str) -> Blast:
        """Return what feels a failure of the service."""
        callers = self.all_callers(service)
        felt = {service, *callers}
        own = self.journeys_of(service)
        through = (name for name, steps in self.map.journeys.items() if name not in own and not felt.isdisjoint(steps))
        return Blast(callers, self.entries_of(service), own, tuple(through))

    def chain(self, focus: str) -> Chain:
        """Return the chain that shows a service.

        It is the heaviest journey that contains it, else one that contains a direct neighbour of it (whom it is
        drawn beside), else the calls from an entry point through it to the end. A service that the map does not know
        gets the heaviest journey.
        """
        known = focus if focus in self else ""
        found = self._chains.get(known)
        if found is None:
            if len(self._chains) >= _CHAINS:
                self._chains.clear()
            found = self._chains[known] = self._chain(known)
        return found

    def cycles(self) -> tuple[tuple[str, ...], ...]:
        """Return one shortest cycle of calls for each knot of services that reach one another."""
        return find_cycles(self._calls)

    @cached_property
    def distances(self) -> Mapping[str, int]:
        """Calls between each service and the nearest entry point; what none of these reaches is not in it.

        A map without entry points is entered at the services that call others and that nobody calls.
        """
        begin = self.map.entry or tuple(
            name for name in self.map.services if self.callees(name) and not self.callers(name)
        )
        found = {name: 0 for name in begin if name in self}
        ahead = deque(found)
        while ahead:
            name = ahead.popleft()
            further = found[name] + 1
            for callee in self._calls.get(name, ()):
                if callee not in found:
                    found[callee] = further
                    ahead.append(callee)
        return found

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where each service stands in the map's order, from 0."""
        return {name: number for number, name in enumerate(self.map.services)}

    @cached_property
    def digraph(self) -> "nx.DiGraph":
        """The map as a networkx graph; edges carry `kind`, which is `calls` or `runs_on`, calls first."""
        import networkx as nx

        graph = nx.DiGraph(name=self.map.name)
        graph.add_nodes_from((name, {"service": service}) for name, service in self.map.services.items())
        graph.add_edges_from((hop.caller, hop.callee, {"kind": "calls", "hop": hop}) for hop in self._hops.values())
        graph.add_edges_from(
            (name, host, {"kind": "runs_on"})
            for name, hosts in self._runs_on.items()
            for host in hosts
            if (name, host) not in self._hops
        )
        return graph

    def _weight(self, services: Iterable[str]) -> float:
        return sum(self.map.services[name].weight for name in services)

    def _chain(self, focus: str) -> Chain:
        journeys = self.map.journeys
        if not focus:
            candidates = list(journeys)
        else:
            beside = {*self.callers(focus), *self.hosted(focus), *self.callees(focus)}
            candidates = list(self.journeys_of(focus)) or [
                name for name, steps in journeys.items() if not beside.isdisjoint(steps)
            ]
        if candidates:
            best = max(candidates, key=lambda name: self._weight(set(journeys[name])))
            return self._steps(journeys[best], best)
        return self._steps(self._path(focus), None)

    def _steps(self, services: tuple[str, ...], journey: str | None) -> Chain:
        pairs = zip_longest(services, services[1:])
        return Chain(tuple(Step(one, (one, after) in self._hops) for one, after in pairs), journey)

    def _path(self, focus: str) -> tuple[str, ...]:
        """Return calls from the heaviest entry point to the focus, and on along the heaviest callees."""
        services = self.map.services
        if not services:
            return ()
        if not focus:
            focus = max(self.map.entry or services, key=lambda name: services[name].weight)
        if self.hosted(focus) and not self.callers(focus):
            focus = max(self.hosted(focus), key=lambda name: services[name].weight)
        path = dict.fromkeys(self.way_to(focus))
        last = focus
        while True:
            onward = [name for name in self.callees(last) if name not in path]
            if not onward:
                return tuple(path)
            last = max(onward, key=lambda name: services[name].weight)
            path[last] = None

    def way_to(self, focus: str) -> tuple[str, ...]:
        """Return a shortest way of calls to a service from the heaviest entry point, else from its furthest caller.

        The service is the last of it.
        """
        onward: dict[str, str] = {}
        order = [focus]
        for name in order:
            for caller in self.callers(name):
                if caller != focus and caller not in onward:
                    onward[caller] = name
                    order.append(caller)
        entries = [name for name in self.map.entry if name == focus or name in onward]
        begin = max(entries, key=lambda name: self.map.services[name].weight) if entries else order[-1]
        path = [begin]
        while path[-1] != focus:
            path.append(onward[path[-1]])
        return tuple(path)


def _reversed(edges: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    sources: dict[str, list[str]] = {}
    for source, targets in edges.items():
        for target in targets:
            sources.setdefault(target, []).append(source)
    return {target: tuple(names) for target, names in sources.items()}


_KEPT = 8
_SERVICES = 12_000
_CHAINS = 512
_cache: dict[int, Topology] = {}
_lock = Lock()


def topology_of(source: IntegrationMap) -> Topology:
    """Return the graph of a map; the same map, by identity, gets the same graph.

    The graphs last asked for are kept: two at least, more of small maps.
    """
    with _lock:
        found = _cache.pop(id(source), None)
        if found is not None and found.map is source:
            _cache[id(source)] = found
            return found
    made = Topology(source)
    with _lock:
        _cache[id(source)] = made
        held = sum(len(one.map.services) for one in _cache.values())
        while len(_cache) > _KEPT or (len(_cache) > 2 and held > _SERVICES):
            held -= len(_cache.pop(next(iter(_cache))).map.services)
    return made
