"""What a sample is, and the short notation in which samples are written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cockpit.model.health import Health, ServiceHealth
from cockpit.model.topology import Hop, IntegrationMap, Service, Team
from cockpit.topology.graph import Topology, topology_of


@dataclass(frozen=True, slots=True)
class Sample:
    """A map, and the health of its services on a bad night."""

    map: IntegrationMap
    states: Mapping[str, ServiceHealth]
    """A service that is not there is not watched."""
    focus: str
    """The service that a picture of it looks at."""

    @property
    def topology(self) -> Topology:
        """The map's graph; the same one each time."""
        return topology_of(self.map)


def services(text: str) -> dict[str, Service]:
    """Return the services of a text, one a line: `name team [kind] [weight] > callee callee on host`.

    A kind, a weight, the callees behind `>` and the hosts behind `on` may be left out; `callee/protocol` names the
    protocol of a hop.
    """
    found: dict[str, Service] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        head, _, hosts = line.partition(" on ")
        head, _, callees = head.partition(" >")
        name, team, *rest = head.split()
        weight = next((float(word) for word in rest if word.isdigit()), 1.0)
        kind = next((word for word in rest if not word.isdigit()), "service")
        calls = [callee.partition("/") for callee in callees.split()]
        found[name] = Service(
            name,
            team=team,
            kind=kind,
            weight=weight,
            calls=tuple(Hop(name, callee, protocol) for callee, _, protocol in calls),
            runs_on=tuple(hosts.split()),
        )
    return found


def teams_of(known: Iterable[Service]) -> dict[str, Team]:
    """Return the teams that own services."""
    return {name: Team(name) for name in sorted({one.team for one in known if one.team})}


def build(name: str, text: str, *, entry: Sequence[str], journeys: Mapping[str, str]) -> IntegrationMap:
    """Return a map; a journey is its steps with spaces between."""
    found = services(text)
    return IntegrationMap(
        name=name,
        entry=tuple(entry),
        journeys={journey: tuple(steps.split()) for journey, steps in journeys.items()},
        services=found,
        teams=teams_of(found.values()),
    )


def health(
    source: IntegrationMap, *, firing: str = "", warning: str = "", no_traffic: str = "", unknown: str = ""
) -> dict[str, ServiceHealth]:
    """Return the health of a map's services, each word a service; what is not named is fine, `unknown` is left out."""
    states: dict[str, ServiceHealth] = {}
    told = {
        Health.FIRING: firing.split(),
        Health.WARNING: warning.split(),
        Health.NO_TRAFFIC: no_traffic.split(),
    }
    for number, name in enumerate(source.services):
        if name in unknown.split():
            continue
        found = next((one for one, names in told.items() if name in names), Health.FINE)
        shares = {Health.FIRING: 0.31 + number % 7 / 10, Health.WARNING: 0.021 + number % 5 / 100, Health.FINE: 0.0}
        states[name] = ServiceHealth(
            name,
            found,
            firing=int(found is Health.FIRING),
            error_share=shares.get(found),
            watched=True,
        )
    missing = {name for names in told.values() for name in names} - set(states)
    assert not missing, missing
    return states
