"""Where services run, out of where pods run: which service a pod is of, and what a node carries."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cockpit.model.reading import Place
from cockpit.topology.draft import TEAM_LABELS
from cockpit.topology.importing.places import pool_of
from cockpit.topology.names import normal
from cockpit.topology.naming import Naming


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """What places come to, by one map."""

    pods: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Mapped services by namespace and pod, where the pod's own name does not tell as much."""
    nodes: Mapping[str, str] = field(default_factory=dict)
    """Nodes by each of their names (their address too), as names are compared."""
    carries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Services by node: the map's, and others by their own names."""
    pools: Mapping[str, str] = field(default_factory=dict)
    """The map's service that stands for a node, where there is one: its pool."""
    mapped: frozenset[str] = frozenset()
    """Which of the services are the map's."""
    teams: Mapping[str, str] = field(default_factory=dict)
    """Teams that pods' labels name, by service."""

    def hosts(self, alerting: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return what runs on what: on the map's pools, and on those of the nodes by these names.

        Args:
            alerting: Names of services that alert; one that is a node stands for it.
        """
        names = {node: name for name in alerting if (node := self.nodes.get(normal(name))) is not None}
        found: dict[str, dict[str, None]] = {}
        for node, services in self.carries.items():
            for host in filter(None, (self.pools.get(node), names.get(node))):
                for service in services:
                    found.setdefault(service, {}).setdefault(host)
        return {service: tuple(sorted(hosts)) for service, hosts in sorted(found.items())}


def place(places: Sequence[Place], naming: Naming) -> Placed:
    """Return what places come to by a map's names."""
    pods: dict[tuple[str, str], str] = {}
    nodes: dict[str, str] = {}
    carries: dict[str, dict[str, None]] = {}
    mapped: set[str] = set()
    teams: dict[str, Counter[str]] = {}
    for one in places:
        labels = {**one.labels, "pod": one.pod, "namespace": one.namespace}
        named = naming.of_labels(labels)
        if not named.service:
            continue
        if named.mapped:
            mapped.add(named.service)
            if not naming.of_labels({"pod": one.pod, "namespace": one.namespace}).mapped:
                pods[one.namespace, one.pod] = named.service
        carries.setdefault(one.node, {}).setdefault(named.service)
        for name in filter(None, (one.node, one.labels.get("host_ip"))):
            nodes.setdefault(normal(name), one.node)
        team = next((one.labels[label] for label in TEAM_LABELS if one.labels.get(label)), "")
        if team:
            teams.setdefault(named.service, Counter())[team] += 1
    return Placed(
        pods,
        nodes,
        {node: tuple(sorted(services)) for node, services in carries.items()},
        {node: pool for node in carries if (pool := _pool(node, naming))},
        frozenset(mapped),
        {service: usual(counter) for service, counter in teams.items()},
    )


def _pool(node: str, naming: Naming) -> str:
    """Return the map's service that a node belongs to: by its matchers, its name, or the pool that its name tells."""
    named = naming.of_labels({"node": node})
    if not named.mapped and (pool := pool_of({"node": node})):
        named = naming.of_name(pool)
    return named.service if named.mapped else ""


def usual(counter: Counter[str]) -> str:
    """Return what was counted most, of equals the first by name."""
    return min(counter, key=lambda name: (-counter[name], name))
