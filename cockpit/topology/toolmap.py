"""The map's tools as a map of their own: who must tell whom, with the state of every handshake."""

from collections.abc import Iterable, Sequence

from cockpit.model.handshake import Condition, Handshake, worst
from cockpit.model.health import Health, ServiceHealth
from cockpit.model.measure import Measure
from cockpit.model.reading import Liveness, SystemState
from cockpit.model.topology import Hop, IntegrationMap, Provenance, Service, ToolHop
from cockpit.text import listed
from cockpit.topology.layers import Drawable, worse
from cockpit.topology.names import normal

FEED = "deploy feed"
"""Our own feed of changes."""
RUNBOOKS = "runbooks"
"""What alerts link to."""
DASHBOARDS = "dashboards"
"""Where deploys are annotated."""
SERVICES = "services"
"""The services of the map."""
OWNERS = "owners"
"""The teams that own them."""
ESCALATIONS = "escalations"
"""How owners are escalated to."""
CHANNELS = "channels"
"""Where owners are written to."""
NOBODY = "nobody"
"""Where receivers lead that drop what they get."""

NOTIONS = frozenset({FEED, RUNBOOKS, DASHBOARDS, SERVICES, OWNERS, ESCALATIONS, CHANNELS, NOBODY})
"""What is no tool that could be asked how it does: its health is that of its handshakes."""

_OF_SYSTEM = {
    Liveness.LIVE: Health.FINE,
    Liveness.SLOW: Health.WARNING,
    Liveness.STALE: Health.WARNING,
    Liveness.DOWN: Health.FIRING,
    Liveness.ASKING: Health.UNKNOWN,
}
_OF_HANDSHAKE = {
    Condition.FAILS: Health.FIRING,
    Condition.WARNING: Health.WARNING,
    Condition.UNKNOWN: Health.UNKNOWN,
    Condition.WORKS: Health.FINE,
}


class ToolNames:
    """What each tool is called in the drawing: as the map calls it, by its name or its kind, else by its own name.

    Args:
        tools: The map's tool hops.
        systems: Name and kind of every configured system.
    """

    def __init__(self, tools: Iterable[ToolHop], systems: Iterable[tuple[str, str]]) -> None:
        self._declared: dict[str, str] = {}
        for hop in tools:
            for name in (hop.source, hop.target):
                self._declared.setdefault(normal(name), name)
        self._kinds = {normal(name): kind for name, kind in systems}

    @property
    def declared(self) -> tuple[str, ...]:
        """The map's tools, each once, in its order."""
        return tuple(self._declared.values())

    def of(self, name: str) -> str:
        """Return what a tool or a system is called."""
        known = self._declared.get(normal(name))
        if known is None and normal(name) in self._kinds:
            known = self._declared.get(normal(self._kinds[normal(name)]))
        return name if known is None else known


def declared_hops(tools: Iterable[ToolHop], names: ToolNames) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the map's tool hops, each once, with the labels that they go by."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for hop in tools:
        pair = names.of(hop.source), names.of(hop.target)
        known = found.get(pair, ())
        found[pair] = (*known, hop.label) if hop.label and hop.label not in known else known
    return found


def tool_map(tools: Sequence[ToolHop], systems: Sequence[SystemState], handshakes: Sequence[Handshake]) -> Drawable:
    """Return the tools as a map: the declared ones first, then systems that are not among them, then our own notions.

    Each hop says its state, the worst of its handshakes; a failing one counts as a failing call. A declared hop that no
    handshake judges is not known.

    Args:
        tools: The map's tool hops.
        systems: How every configured system does.
        handshakes: What is known of who tells whom.
    """
    names = ToolNames(tools, ((one.name, one.kind) for one in systems))
    declared = declared_hops(tools, names)
    judged: dict[tuple[str, str], list[Handshake]] = {pair: [] for pair in declared}
    alone: dict[str, list[Handshake]] = {}
    nodes = dict.fromkeys(names.declared)
    nodes.update(dict.fromkeys(names.of(one.name) for one in systems))
    for one in handshakes:
        source = names.of(one.source)
        nodes.setdefault(source)
        if one.target:
            target = names.of(one.target)
            nodes.setdefault(target)
            judged.setdefault((source, target), []).append(one)
        else:
            alone.setdefault(source, []).append(one)
    calls: dict[str, list[Hop]] = {}
    for (source, target), found in judged.items():
        calls.setdefault(source, []).append(_hop(source, target, found, declared=(source, target) in declared))
    told = {target for source, target in judged if source != target}
    known = set(names.declared)
    return Drawable(
        IntegrationMap(
            name="tools",
            entry=tuple(name for name in nodes if name in calls and name not in told),
            services={
                name: Service(
                    name,
                    calls=tuple(calls.get(name, ())),
                    provenance=Provenance.DECLARED if name in known else Provenance.OBSERVED,
                )
                for name in nodes
            },
        ),
        {name: _state(name, names, systems, judged, alone.get(name, ())) for name in nodes},
        {pair: Measure(error_share=1.0) for pair, found in judged.items() if _fails(found)},
    )


def _fails(handshakes: Iterable[Handshake]) -> bool:
    return any(one.condition is Condition.FAILS for one in handshakes)


def _hop(source: str, target: str, handshakes: Sequence[Handshake], *, declared: bool) -> Hop:
    found = worst(handshakes)
    says = Condition.UNKNOWN.value if found is None else f"{found.condition.value} {found.brief}".strip()
    provenance = Provenance.DECLARED if declared else Provenance.OBSERVED
    return Hop(source, target, provenance=provenance, says=says)


def _state(
    name: str,
    names: ToolNames,
    systems: Iterable[SystemState],
    judged: dict[tuple[str, str], list[Handshake]],
    alone: Sequence[Handshake],
) -> ServiceHealth:
    """Return how a tool does: as its systems answer and by what is known of it alone; of a notion by its handshakes."""
    own = [one for one in systems if names.of(one.name) == name]
    health = Health.UNKNOWN
    for system in own:
        health = worse(health, _OF_SYSTEM[system.state])
    counted = list(alone)
    if not own and name in NOTIONS:
        counted += [one for pair, found in judged.items() if name in pair for one in found]
    for one in counted:
        health = worse(health, _OF_HANDSHAKE[one.condition])
    bad = [one.seen for one in counted if one.condition in {Condition.FAILS, Condition.WARNING}]
    failing = sum(one.condition is Condition.FAILS for one in counted)
    failing += sum(system.state is Liveness.DOWN for system in own)
    down = [f"{system.name} not answering" for system in own if system.state is Liveness.DOWN]
    why = (listed(down), *bad) if down else tuple(bad)
    watched = health is not Health.UNKNOWN
    return ServiceHealth(name, health, firing=failing, watched=watched, why=why)
