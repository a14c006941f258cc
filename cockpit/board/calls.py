"""Calls that several systems observed, told once: by the map's names where it has them, else each by its own."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from cockpit.board.hop_measures import together
from cockpit.board.observation import Pair
from cockpit.model.measure import Measure
from cockpit.model.reading import HopsSeen, ObservedHop, Reading
from cockpit.topology.names import normal
from cockpit.topology.naming import Naming


@dataclass(frozen=True, slots=True)
class Call:
    """One hop as all that told of it say."""

    protocol: str
    kind: str
    """What the callee is."""
    seen: datetime | None
    """When traffic was last seen on it."""
    sources: tuple[str, ...]
    """Who told of it: a system and which of its sources."""
    measure: Measure


def calls_of(
    readings: Iterable[Reading], naming: Naming
) -> tuple[dict[Pair, Call], dict[str, Measure], dict[str, frozenset[str]]]:
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
    found: dict[Pair, Call] = {}
    users: dict[str, Measure] = {}
    for pair in sorted(by_pair):
        call = _call(by_pair[pair])
        if pair[0]:
            found[pair] = call
        elif call.measure.rate is not None:
            users[pair[1]] = call.measure
    return found, users, {name: frozenset(others) for name, others in names.others.items()}


def _told(readings: Iterable[Reading]) -> Iterator[tuple[str, ObservedHop]]:
    for reading in readings:
        if isinstance(reading.answer, HopsSeen):
            for hop in reading.answer.hops:
                yield f"{reading.system} {hop.source or reading.answer.source}".strip(), hop


def _call(by_source: Mapping[str, list[ObservedHop]]) -> Call:
    hops = [hop for told in by_source.values() for hop in told]
    measures = [together([hop.measure for hop in told]) for told in by_source.values()]
    busy = next((one for one in measures if one.rate), None)
    return Call(
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
        self._known: dict[tuple[str, tuple[tuple[str, str], ...]], str | None] = {}
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
        key = (name, tuple(labels.items()))
        if key not in self._known:
            self._known[key] = self._look(name, labels)
        return self._known[key]

    def _look(self, name: str, labels: Mapping[str, str]) -> str | None:
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
