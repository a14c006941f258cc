"""What was observed as a map of its own, to be merged with the declared one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cockpit.board.calls import Call
from cockpit.board.observation import Pair
from cockpit.board.placed import Placed
from cockpit.model.measure import Measure
from cockpit.model.topology import Hop, IntegrationMap, Provenance, Service, Team
from cockpit.topology.names import normal

COARSE = 10
"""To how many minutes the joined map tells when something was last seen."""

_POD_INFO = "kube_pod_info"


def outline(hops: Mapping[Pair, Call]) -> dict[Pair, tuple[object, ...]]:
    """Return everything of the hops that the joined map tells."""
    return {pair: (one.protocol, one.kind, _coarse(one.seen), one.sources) for pair, one in hops.items()}


def sketch(
    declared: IntegrationMap,
    hops: Mapping[Pair, Call],
    users: Mapping[str, Measure],
    hosts: Mapping[str, tuple[str, ...]],
    placed: Placed,
    labelled: Mapping[str, str],
    teams: Mapping[str, str],
    others: Mapping[str, frozenset[str]],
) -> IntegrationMap | None:
    """Return what was observed as a map of its own; null where that is nothing."""
    parts: dict[str, _Part] = {}
    for (caller, callee), one in hops.items():
        moment = _coarse(one.seen)
        calling = parts.setdefault(caller, _Part())
        calling.calls.append(Hop(caller, callee, one.protocol, "", Provenance.OBSERVED, moment, one.sources))
        called = parts.setdefault(callee, _Part())
        called.kind = called.kind if one.kind == "service" else one.kind
        for part in (calling, called):
            part.saw(moment, one.sources)
    for name in users:
        parts.setdefault(name, _Part())
    plain = {normal(name) for name in parts}
    for name, source in sorted(labelled.items()):
        if normal(name) not in plain:
            plain.add(normal(name))
            parts[name] = _Part(Provenance.INFERRED, sources={source})
    spelled = {normal(name): name for name in (*declared.services, *parts)}
    for service, on in hosts.items():
        name = service if service in placed.mapped else spelled.get(normal(service), "")
        if not name:
            continue
        parts.setdefault(name, _Part(Provenance.INFERRED, sources={_POD_INFO})).runs_on = on
        for host in on:
            if host not in declared.services:
                parts.setdefault(host, _Part(Provenance.INFERRED, "node-pool", sources={_POD_INFO}))
    if not parts:
        return None
    services: dict[str, Service] = {}
    for name, part in sorted(parts.items()):
        known, same = name in declared.services, normal(name)
        services[name] = Service(
            name,
            team=None if known else teams.get(same),
            kind=part.kind,
            aliases=() if known else tuple(sorted(others.get(same, ()))),
            calls=tuple(part.calls),
            runs_on=part.runs_on,
            provenance=part.provenance,
            seen=part.seen,
            sources=tuple(sorted(part.sources)),
        )
    owners = sorted({one.team for one in services.values() if one.team})
    entry = () if declared.entry else tuple(sorted(users))
    return IntegrationMap(entry=entry, services=services, teams={team: Team(team) for team in owners})


@dataclass(slots=True)
class _Part:
    """What is known of one service while a map is made."""

    provenance: Provenance = Provenance.OBSERVED
    kind: str = "service"
    calls: list[Hop] = field(default_factory=list)
    runs_on: tuple[str, ...] = ()
    seen: datetime | None = None
    sources: set[str] = field(default_factory=set)

    def saw(self, at: datetime | None, sources: Iterable[str]) -> None:
        """Note that a call of it was seen, and by whom."""
        if at is not None and (self.seen is None or at > self.seen):
            self.seen = at
        self.sources.update(sources)


def _coarse(at: datetime | None) -> datetime | None:
    """Return a moment to ten minutes, so that a map does not change with every request."""
    return None if at is None else at.replace(minute=at.minute // COARSE * COARSE, second=0, microsecond=0)
