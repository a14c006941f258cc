"""The part of a map that a drawing shows: a few services around one, chosen best-first, and what that leaves out."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush

from cockpit.model.health import Health, ServiceHealth
from cockpit.topology.graph import Topology

LIMIT = 24
"""Services of a focus, unless told otherwise."""

_FAR = 10.0
"""What one hop away from the centre costs."""

_STEP = 4.0
"""What one step along the centre's own chain costs."""

_CHAIN = -20.0
"""What the first one costs less: the chain comes before what fires at some distance."""

_BONUS = {Health.FIRING: 8.0, Health.NO_TRAFFIC: 5.0, Health.WARNING: 5.0, Health.UNKNOWN: 0.0, Health.FINE: 0.0}
"""How much nearer a service that does badly is taken to be."""

_LEADS = 25.0
"""How much nearer a firing service in sight, and every service on the way to it, is taken to be."""

_WEIGHT = 0.3
"""How much nearer each unit of weight, up to ten, brings a service."""

_HOST = 3.0
"""How much farther than a call is what a service runs on."""

_SIGHT = 3
"""How many hops away a firing service still draws the focus towards it."""

_LOOKED_AT = 600
"""How many services are looked at for that, lest a key costs more than its frame."""


@dataclass(frozen=True, slots=True)
class Stub:
    """Neighbours of one service that are not drawn, on one side of it."""

    count: int = 0
    """How many of its direct callers, or callees, are left out."""
    firing: int = 0
    """Firing services left out there: direct ones, and those behind whose nearest drawn service this is."""


@dataclass(frozen=True, slots=True)
class Focus:
    """A centre with what is drawn around it; a call among its services is one of its hops."""

    centre: str
    """The service it was chosen for; it may be unknown to the map, and is then not among the services."""
    services: tuple[str, ...] = ()
    """Best first; the centre leads."""
    hops: tuple[tuple[str, str], ...] = ()
    """Caller and callee of each call among the services, each once, calls to itself included."""
    callers_hidden: Mapping[str, Stub] = field(default_factory=dict)
    """By drawn service: callers that are left out; no entry where there are none."""
    callees_hidden: Mapping[str, Stub] = field(default_factory=dict)
    """By drawn service: callees that are left out; no entry where there are none."""
    elsewhere: int = 0
    """Firing services of the map that nothing connects with what is drawn."""


def choose(
    topology: Topology,
    centre: str,
    states: Mapping[str, ServiceHealth],
    *,
    limit: int = LIMIT,
    depth: int | None = None,
    folded: frozenset[str] = frozenset(),
) -> Focus:
    """Return what is drawn around a service: its chain, what fires near it, and what weighs most, nearest first.

    Args:
        topology: The map's graph.
        centre: The service in the middle; for one that the map does not know, the map's heaviest chain is shown.
        states: Health by service.
        limit: How many services there may be.
        depth: How many hops away from the centre they may be; null means any number.
        folded: Services whose callees are left out unless another way leads to them.

    The last few answers are kept: the same graph and the same health, by identity, are not walked again.
    """
    wish = (centre, limit, depth, folded)
    for asked, about, known, focus in _recent:
        if about is topology and known is states and asked == wish:
            return focus
    focus = _choose(topology, centre, states, limit, depth, folded)
    del _recent[_KEPT - 1 :]
    _recent.insert(0, (wish, topology, states, focus))
    return focus


_Wish = tuple[str, int, int | None, frozenset[str]]
_KEPT = 4
_recent: list[tuple[_Wish, Topology, Mapping[str, ServiceHealth], Focus]] = []


def _choose(
    topology: Topology,
    centre: str,
    states: Mapping[str, ServiceHealth],
    limit: int,
    depth: int | None,
    folded: frozenset[str],
) -> Focus:
    chain = [step.service for step in topology.chain(centre).steps]
    begin = centre if centre in topology else chain[0] if chain else ""
    if not begin:
        return Focus(centre)
    firing = {name for name, state in states.items() if state.health is Health.FIRING}
    firing.intersection_update(topology.map.services)
    search = _Search(topology, states, folded, _leading(topology, begin, firing, folded))
    services = search.run(begin, chain, max(1, limit), depth)
    if depth is None and len(topology.map.services) <= limit:
        services += _apart(topology, services)
    drawn = set(services)
    hops = tuple(
        (caller, callee) for caller in services for callee in dict.fromkeys(topology.callees(caller)) if callee in drawn
    )
    callers, callees, elsewhere = count_hidden(topology, services, firing - drawn)
    return Focus(centre, tuple(services), hops, callers, callees, elsewhere)


class _Search:
    """A best-first walk over calls and hosts."""

    def __init__(
        self,
        topology: Topology,
        states: Mapping[str, ServiceHealth],
        folded: frozenset[str],
        leading: frozenset[str],
    ) -> None:
        self._topology = topology
        self._states = states
        self._folded = folded
        self._leading = leading
        self._heap: list[tuple[float, int, str, int]] = []
        self._best: dict[str, float] = {}

    def run(self, begin: str, chain: list[str], limit: int, depth: int | None) -> list[str]:
        """Return the services in the order in which they were reached."""
        self._best[begin] = float("-inf")
        self._heap = [(float("-inf"), 0, begin, 0)]
        if depth is None and begin in chain:
            place = chain.index(begin)
            for number, name in enumerate(chain):
                if not self._folded.intersection(chain[place:number]):
                    self._offer(name, _CHAIN + abs(number - place) * _STEP, abs(number - place))
        services: dict[str, None] = {}
        while self._heap and len(services) < limit:
            _, _, name, hops = heappop(self._heap)
            if name in services:
                continue
            services[name] = None
            if depth is not None and hops >= depth:
                continue
            far = (hops + 1) * _FAR
            for caller in self._topology.callers(name):
                self._offer(caller, far, hops + 1)
            for hosted in self._topology.hosted(name):
                self._offer(hosted, far + _HOST, hops + 1)
            if name not in self._folded:
                for callee in self._topology.callees(name):
                    self._offer(callee, far, hops + 1)
                for host in self._topology.runs_on(name):
                    self._offer(host, far + _HOST, hops + 1)
        return list(services)

    def _offer(self, name: str, far: float, hops: int) -> None:
        service = self._topology.map.services.get(name)
        if service is None:
            return
        state = self._states.get(name)
        cost = far - min(service.weight, 10.0) * _WEIGHT
        if state is not None:
            cost -= _BONUS[state.health]
        if name in self._leading:
            cost -= _LEADS
        if cost < self._best.get(name, float("inf")):
            self._best[name] = cost
            heappush(self._heap, (cost, len(self._best), name, hops))


def _leading(topology: Topology, begin: str, firing: set[str], folded: frozenset[str]) -> frozenset[str]:
    """Return the services on shortest ways from the centre to firing ones near it."""
    if not firing:
        return frozenset()
    came = {begin: begin}
    ahead = deque([(begin, 0)])
    found: set[str] = set()
    while ahead and len(came) < _LOOKED_AT:
        name, hops = ahead.popleft()
        if name in firing:
            way = name
            while way not in found and way != begin:
                found.add(way)
                way = came[way]
        if hops < _SIGHT:
            below = () if name in folded else topology.callees(name)
            for near in (*below, *topology.callers(name)):
                if near not in came:
                    came[near] = name
                    ahead.append((near, hops + 1))
    return frozenset(found)


def _apart(topology: Topology, services: list[str]) -> list[str]:
    """Return what nothing connects with the chosen services; a small map is shown whole."""
    seen = set(services)
    fresh = seen
    while fresh:
        fresh = topology.beside(fresh) - seen
        seen |= fresh
    return [name for name in topology.map.services if name not in seen]


def count_hidden(
    topology: Topology, services: list[str], firing: set[str]
) -> tuple[dict[str, Stub], dict[str, Stub], int]:
    """Return what is left out above and below each drawn service, and how many firing ones no way leads to.

    Args:
        topology: The map's graph.
        services: What is drawn.
        firing: Firing services of the map that are not drawn.
    """
    seen = set(services)
    above: dict[str, list[int]] = {}
    below: dict[str, list[int]] = {}
    left = set(firing)
    beyond: list[tuple[list[int], list[str]]] = []
    for name in services:
        for sides, near, hosts in (
            (below, topology.callees(name), topology.runs_on(name)),
            (above, topology.callers(name), topology.hosted(name)),
        ):
            hidden = [one for one in dict.fromkeys(near) if one not in seen]
            hidden_hosts = [one for one in dict.fromkeys(hosts) if one not in seen and one not in near]
            if not hidden and not hidden_hosts:
                continue
            loud = firing.intersection((*hidden, *hidden_hosts)) if firing else ()
            counts = sides[name] = [len(hidden), len(loud)]
            left.difference_update(loud)
            beyond.append((counts, [*hidden, *hidden_hosts]))
    _count_beyond(topology, seen, left, beyond)
    return _stubs(above), _stubs(below), len(left)


def _count_beyond(
    topology: Topology, seen: set[str], left: set[str], beyond: list[tuple[list[int], list[str]]]
) -> None:
    """Count firing services farther away at the drawn service that is nearest, and take them from those left.

    All sides go on by one hop at a time; what two of them reach at once is counted by the first.
    """
    waves: list[tuple[list[int], set[str]]] = []
    if left:
        for counts, hidden in beyond:
            wave = set(hidden) - seen
            seen |= wave
            waves.append((counts, wave))
    while left and waves:
        further: list[tuple[list[int], set[str]]] = []
        for counts, wave in waves:
            fresh = topology.beside(wave) - seen
            if fresh:
                seen |= fresh
                loud = left & fresh
                counts[1] += len(loud)
                left -= loud
                further.append((counts, fresh))
        waves = further


def _stubs(sides: Mapping[str, list[int]]) -> dict[str, Stub]:
    return {name: Stub(count, firing) for name, (count, firing) in sides.items() if count or firing}
