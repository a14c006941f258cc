"""What live systems tell of who calls whom and what runs where, joined with the declared map.

The joined map is made anew only when its structure changes, as whoever draws it goes by its identity; what is measured
on hops, and how long ago traffic was seen on them, is kept beside it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cockpit.board.hop_measures import aged, ages_at, of_services, together
from cockpit.board.moments import LAST
from cockpit.board.observation import Observed, Pair
from cockpit.board.placed import Placed, place, usual
from cockpit.board.state import Board
from cockpit.model.measure import Measure
from cockpit.model.reading import HopsSeen, ObservedHop, PlacesSeen, Reading, TargetsSeen, Topic
from cockpit.model.topology import NO_MAP, Hop, IntegrationMap, Provenance, Service, Team
from cockpit.topology.draft import TEAM_LABELS
from cockpit.topology.merge import merge
from cockpit.topology.names import normal
from cockpit.topology.naming import Naming

COARSE_S = 600
"""To how many seconds the joined map tells when something was last seen."""

MOST = 5000
"""Services that are added for nothing but a label of a target."""

_TOPICS = (Topic.HOPS, Topic.PLACES, Topic.TARGETS)
_NAME_LABEL = "app_kubernetes_io_name"


@dataclass(frozen=True, slots=True)
class _Seen:
    """One hop as all that told of it say."""

    protocol: str
    kind: str
    """What the callee is."""
    seen: datetime | None
    sources: tuple[str, ...]
    measure: Measure


def observing(board: Board) -> Board:
    """Return the board with what the readings on it tell of calls and places; the same one where they tell nothing new."""
    memory = board.memory
    assert memory is not None
    before = memory.observed
    readings = _readings(board)
    if not readings and not before.made_of:
        return board
    made_of = tuple(reading.answer for reading in readings)
    alerting = _alerting(board, before)
    if _same(made_of, before.made_of) and alerting == before.alerting:
        return board
    naming = memory.naming
    answers = tuple(one.answer for one in readings if isinstance(one.answer, PlacesSeen))
    placed = before.placed if _same(answers, before.places) else _placed(readings, naming)
    alerting = _alerting(board, replace(before, placed=placed, folds=None))
    found, users, spelled = _hops(readings, naming)
    hosts = placed.hosts(alerting)
    teams, labelled = _labelled(readings, naming, placed)
    sketch = _sketch(board.setup.map, found, users, hosts, placed, labelled, teams, spelled)
    if sketch == before.structure:
        merged, names = board.merged, before.names
    else:
        merged = None if sketch is None else merge(board.setup.map, sketch)
        names = {} if merged is None or sketch is None else _names(merged, sketch)
    observed = Observed(
        made_of=made_of,
        structure=sketch,
        placed=placed,
        places=answers,
        names=names,
        hops=_measured(found, names),
        seen=_moments(found, names),
        users={names.get(name, name): measure for name, measure in users.items()},
        measures=before.measures,
        folds=board.folds,
        alerting=alerting,
        told=before.told and placed is before.placed,
        due=board.at if found or users or board.hops or before.measures else None,
    )
    return aging(replace(board, merged=merged, memory=replace(memory, observed=observed)))


def aging(board: Board) -> Board:
    """Return the board with how long there has been no traffic on its hops, and with what hops say of services."""
    memory = board.memory
    assert memory is not None
    known = memory.observed
    if known.due is None or board.at < known.due:
        return board
    hops = {pair: aged(measure, known.seen.get(pair), board.at) for pair, measure in known.hops.items()}
    hops = {pair: old if (old := board.hops.get(pair)) == measure else measure for pair, measure in hops.items()}
    coming = {**hops, **{("", name): measure for name, measure in known.users.items()}}
    measures = of_services(coming)
    measures = {name: old if (old := known.measures.get(name)) == one else one for name, one in measures.items()}
    others = {name: one for name, one in board.measures.items() if known.measures.get(name) is not one}
    everyone = {**measures, **others}
    due = min((ages_at(known.seen.get(pair), board.at) for pair in hops), default=LAST)
    return replace(
        board,
        hops=board.hops if hops == board.hops else hops,
        measures=board.measures if everyone == board.measures else everyone,
        memory=replace(memory, observed=replace(known, measures=measures, due=due)),
    )


def _readings(board: Board) -> list[Reading]:
    """Return the readings that tell of calls and places, in the order of the configuration."""
    order = {one.name: number for number, one in enumerate(board.setup.systems)}
    found = [item for item in board.readings.items() if item[0][1] in _TOPICS]
    found.sort(key=lambda item: (order.get(item[0][0], len(order)), item[0]))
    return [reading for _, reading in found]


def _same(now: tuple[object, ...], before: tuple[object, ...]) -> bool:
    return len(now) == len(before) and all(one is other for one, other in zip(now, before, strict=True))


def _alerting(board: Board, before: Observed) -> frozenset[str]:
    """Return the services that alert and are nodes on which something runs."""
    if before.folds is board.folds:
        return before.alerting
    if not before.placed.nodes:
        return frozenset()
    services = {key.service for key in board.folds}
    mapped = board.setup.map.services
    return frozenset(name for name in services if name not in mapped and normal(name) in before.placed.nodes)


def _placed(readings: Iterable[Reading], naming: Naming) -> Placed:
    answers = [reading.answer for reading in readings if isinstance(reading.answer, PlacesSeen)]
    return place([one for answer in answers for one in answer.places], naming)


def _hops(
    readings: Iterable[Reading], naming: Naming
) -> tuple[dict[Pair, _Seen], dict[str, Measure], dict[str, frozenset[str]]]:
    """Return the hops by the map's names (others by their own), users' calls, and other names of what is not mapped.

    Several sources that see the same hop see the same requests: the first that sees traffic counts. What one source
    sees under several names of it adds up.
    """
    names = _Names(naming)
    told = list(_told(readings))
    for _, hop in told:
        names.add(hop)
    by_pair: dict[Pair, dict[str, list[ObservedHop]]] = {}
    for source, hop in told:
        pair = names.caller(hop), names.callee(hop)
        if pair[1]:
            by_pair.setdefault(pair, {}).setdefault(source, []).append(hop)
    found: dict[Pair, _Seen] = {}
    users: dict[str, Measure] = {}
    for pair in sorted(by_pair):
        seen = _seen(by_pair[pair])
        if pair[0]:
            found[pair] = seen
        elif seen.measure.rate is not None:
            users[pair[1]] = seen.measure
    return found, users, {name: frozenset(others) for name, others in names.others.items()}


def _told(readings: Iterable[Reading]) -> Iterator[tuple[str, ObservedHop]]:
    for reading in readings:
        if isinstance(reading.answer, HopsSeen):
            for hop in reading.answer.hops:
                yield f"{reading.system} {hop.source or reading.answer.source}".strip(), hop


def _seen(by_source: Mapping[str, list[ObservedHop]]) -> _Seen:
    hops = [hop for told in by_source.values() for hop in told]
    measures = [together([hop.measure for hop in told]) for told in by_source.values()]
    busy = next((one for one in measures if one.rate), None)
    return _Seen(
        next((hop.protocol for hop in hops if hop.protocol), ""),
        next((hop.callee_kind for hop in hops if hop.callee_kind != "service"), "service"),
        max((hop.seen for hop in hops if hop.seen is not None), default=None),
        tuple(sorted(by_source)),
        busy or next((one for one in measures if one.rate is not None), measures[0]),
    )


class _Names:
    """What the ends of calls are called: as the map does, else each by one of the ways in which it is written."""

    def __init__(self, naming: Naming) -> None:
        self._naming = naming
        self._known: dict[tuple[str, str], str] = {}
        self._spelled: dict[str, str] = {}
        self.others: dict[str, set[str]] = {}
        """Other names of services that are not mapped."""

    def add(self, hop: ObservedHop) -> None:
        """Look at both ends of a call."""
        for name, labels in ((hop.caller, hop.caller_labels), (hop.callee, hop.callee_labels)):
            if not name:
                continue
            found = self._find(name, labels)
            if found is None:
                plain = normal(name)
                self._spelled[plain] = min(name, self._spelled.get(plain, name))
                front = labels.get("service", "")
                if front and normal(front) != plain:
                    self.others.setdefault(plain, set()).add(front)

    def _find(self, name: str, labels: Mapping[str, str]) -> str | None:
        """Return the map's name of an end, by what matches, its name, or what else it is called; null for none."""
        named = self._naming.of_name(name, labels)
        if named.mapped:
            return named.service
        for other in (labels.get("service"), labels.get("workload")):
            if other and (named := self._naming.of_name(other)).mapped:
                return named.service
        return None

    def _named(self, name: str, labels: Mapping[str, str]) -> str:
        if not name:
            return ""
        return self._find(name, labels) or self._spelled.get(normal(name), name)

    def caller(self, hop: ObservedHop) -> str:
        """Return who calls; empty for users and nobody."""
        return self._named(hop.caller, hop.caller_labels)

    def callee(self, hop: ObservedHop) -> str:
        """Return who is called."""
        return self._named(hop.callee, hop.callee_labels)


def _labelled(readings: Iterable[Reading], naming: Naming, placed: Placed) -> tuple[dict[str, str], dict[str, str]]:
    """Return teams by service, as labels of targets and pods name them, and services that a Kubernetes label names.

    The latter come with who scrapes them.
    """
    teams: dict[str, Counter[str]] = {}
    services: dict[str, str] = {}
    for reading in readings:
        if not isinstance(reading.answer, TargetsSeen):
            continue
        for labels in reading.answer.targets:
            named = naming.of_labels(labels)
            if not named.service or named.by in {"node", "instance"}:
                continue
            team = next((labels[label] for label in TEAM_LABELS if labels.get(label)), "")
            if team:
                teams.setdefault(normal(named.service), Counter())[team] += 1
            if not named.mapped and named.by == _NAME_LABEL and len(services) < MOST:
                services.setdefault(named.service, f"{reading.system} targets")
    of_pods = {normal(service): team for service, team in placed.teams.items()}
    return {**of_pods, **{service: usual(counter) for service, counter in teams.items()}}, services


def _sketch(
    declared: IntegrationMap,
    hops: Mapping[Pair, _Seen],
    users: Mapping[str, Measure],
    hosts: Mapping[str, tuple[str, ...]],
    placed: Placed,
    labelled: Mapping[str, str],
    teams: Mapping[str, str],
    others: Mapping[str, frozenset[str]],
) -> IntegrationMap | None:
    """Return what was observed as a map of its own; null where that is nothing."""
    services: dict[str, Service] = {}

    def known(name: str) -> Service:
        return services.get(name) or Service(name, provenance=Provenance.OBSERVED)

    for (caller, callee), one in hops.items():
        moment = _coarse(one.seen)
        hop = Hop(caller, callee, one.protocol, "", Provenance.OBSERVED, moment, one.sources)
        before = known(caller)
        services[caller] = _noted(replace(before, calls=(*before.calls, hop)), moment, one.sources)
        before = known(callee)
        kind = before.kind if one.kind == "service" else one.kind
        services[callee] = _noted(replace(before, kind=kind), moment, one.sources)
    for name in users:
        services.setdefault(name, Service(name, provenance=Provenance.OBSERVED))
    plain = {normal(name) for name in services}
    for name, source in sorted(labelled.items()):
        if normal(name) not in plain:
            plain.add(normal(name))
            services[name] = Service(name, provenance=Provenance.INFERRED, sources=(source,))
    spelled = {normal(name): name for name in (*declared.services, *services)}
    for service, on in hosts.items():
        name = service if service in placed.mapped else spelled.get(normal(service), "")
        if not name:
            continue
        before = services.get(name) or Service(name, provenance=Provenance.INFERRED, sources=("kube_pod_info",))
        services[name] = replace(before, runs_on=on)
        for host in on:
            if host not in declared.services:
                node = Service(host, kind="node-pool", provenance=Provenance.INFERRED, sources=("kube_pod_info",))
                services.setdefault(host, node)
    if not services:
        return None
    owned = {
        name: one
        if name in declared.services
        else replace(one, team=teams.get(normal(name)), aliases=tuple(sorted(others.get(normal(name), ()))))
        for name, one in sorted(services.items())
    }
    owners = sorted({one.team for one in owned.values() if one.team})
    entry = () if declared.entry else tuple(sorted(users))
    return IntegrationMap(entry=entry, services=owned, teams={team: Team(team) for team in owners})


def _noted(service: Service, seen: datetime | None, sources: tuple[str, ...]) -> Service:
    latest = max((at for at in (service.seen, seen) if at is not None), default=None)
    return replace(service, seen=latest, sources=tuple(sorted({*service.sources, *sources})))


def _coarse(at: datetime | None) -> datetime | None:
    """Return a moment to ten minutes, so that a map does not change with every request."""
    return None if at is None else datetime.fromtimestamp(at.timestamp() // COARSE_S * COARSE_S, UTC)


def _names(merged: IntegrationMap, sketch: IntegrationMap) -> dict[str, str]:
    """Return what the joined map calls each service of the sketch."""
    naming = Naming(replace(NO_MAP, services=merged.services), ())
    return {name: name if name in merged.services else naming.of_name(name).service for name in sketch.services}


def _measured(found: Mapping[Pair, _Seen], names: Mapping[str, str]) -> dict[Pair, Measure]:
    """Return what is measured on hops, by the joined map's names."""
    named: dict[Pair, list[Measure]] = {}
    for (caller, callee), one in found.items():
        named.setdefault((names.get(caller, caller), names.get(callee, callee)), []).append(one.measure)
    return {pair: together(measures) for pair, measures in named.items()}


def _moments(found: Mapping[Pair, _Seen], names: Mapping[str, str]) -> dict[Pair, datetime | None]:
    """Return when traffic was last seen on hops, by the joined map's names."""
    named: dict[Pair, datetime | None] = {}
    for (caller, callee), one in found.items():
        pair = names.get(caller, caller), names.get(callee, callee)
        known = [at for at in (named.get(pair), one.seen) if at is not None]
        named[pair] = max(known, default=None)
    return named
