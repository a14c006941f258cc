"""Which services of several maps are one and the same, by their names and aliases alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cockpit.model.topology import IntegrationMap, Provenance, Service
from cockpit.topology.names import normal

SUFFIXES = ("-service", "-svc", "service")
"""Endings that say nothing: `payment-service` is `payment` where no map has both."""

RANK = {Provenance.DECLARED: 0, Provenance.OBSERVED: 1, Provenance.INFERRED: 2}
"""Whose word counts first."""


@dataclass(eq=False, slots=True)
class Same:
    """One service as several maps know it."""

    members: list[tuple[int, Service]] = field(default_factory=list)
    """The number of each map and its service, the one whose word counts first standing first."""
    dropped: set[str] = field(default_factory=set)
    """Aliases that belong to another service, normalised."""
    by_suffix: bool = False
    """Whether only an ending told that these are one."""

    @property
    def maps(self) -> set[int]:
        """Numbers of the maps that have it."""
        return {number for number, _ in self.members}

    @property
    def first(self) -> Service:
        """The service whose word counts first."""
        return self.members[0][1]

    @property
    def name(self) -> str:
        """What it is called when all are one."""
        return self.first.name


class Matched:
    """The services of several maps, each once.

    Names are the same as in `names.normal`. A key counts before an alias, and two services that stand apart in one map
    stay apart, whatever another map's aliases say; none of this depends on the order of the maps.

    Args:
        maps: What is matched.
        suffixes: Whether `payment-service` and `payment` are the same where no map has both.
    """

    def __init__(self, maps: Sequence[IntegrationMap], *, suffixes: bool = False) -> None:
        self._of: dict[tuple[int, str], Same] = {}
        self._moved: dict[Same, Same] = {}
        self._keys = self._by_key(maps)
        self._by_alias()
        if suffixes:
            self._by_suffix()
        self._names = {name: self.root(same) for name, same in self._keys.items()}
        for same in self.all():
            for _, service in same.members:
                for alias in map(normal, service.aliases):
                    if alias not in same.dropped:
                        self._names.setdefault(alias, same)

    def all(self) -> list[Same]:
        """Return every service once, in the order in which the maps name them."""
        return list(dict.fromkeys(self.root(same) for same in self._of.values()))

    def root(self, same: Same) -> Same:
        """Return what one was united into."""
        while same in self._moved:
            same = self._moved[same]
        return same

    def of(self, number: int, name: str) -> Same | None:
        """Return what a map means by a name; null where nobody knows it."""
        same = self._of.get((number, name))
        return self.root(same) if same is not None else self._names.get(normal(name))

    def _by_key(self, maps: Sequence[IntegrationMap]) -> dict[str, Same]:
        keys: dict[str, Same] = {}
        for number, source in enumerate(maps):
            for name, service in source.services.items():
                same = keys.setdefault(normal(name), Same())
                same.members.append((number, service))
                self._of[number, name] = same
        for same in keys.values():
            same.members.sort(key=_order)
        return keys

    def _by_alias(self) -> None:
        """Unite what shares a name, in an order that only the names decide."""
        claims: dict[str, dict[str, Same]] = {}
        for key, same in self._keys.items():
            for _, service in same.members:
                for alias in map(normal, service.aliases):
                    if alias != key:
                        claims.setdefault(alias, {})[key] = same
        for alias in sorted(claims):
            claimants = [claims[alias][key] for key in sorted(claims[alias])]
            claimants.sort(key=lambda same: RANK[same.first.provenance])
            owner = self._keys.get(alias) or claimants[0]
            for same in claimants:
                if not self._unite(owner, same):
                    self.root(same).dropped.add(alias)

    def _by_suffix(self) -> None:
        stems: dict[str, list[Same]] = {}
        for same in self.all():
            names = {normal(one) for _, service in same.members for one in (service.name, *service.aliases)}
            for stem in {_stem(name) for name in names - same.dropped}:
                stems.setdefault(stem, []).append(same)
        for stem in sorted(stems):
            alike = list(dict.fromkeys(map(self.root, stems[stem])))
            if len(alike) < 2 or sum(len(one.maps) for one in alike) > len(set().union(*(one.maps for one in alike))):
                continue
            for same in alike[1:]:
                self._unite(alike[0], same)
            self.root(alike[0]).by_suffix = True

    def _unite(self, one: Same, other: Same) -> bool:
        """Make two one, unless a map has both; tell whether they are one now."""
        one, other = self.root(one), self.root(other)
        if one is other:
            return True
        if one.maps & other.maps:
            return False
        one.members = sorted([*one.members, *other.members], key=_order)
        one.dropped |= other.dropped
        one.by_suffix |= other.by_suffix
        self._moved[other] = one
        return True


def _order(member: tuple[int, Service]) -> tuple[int, int]:
    number, service = member
    return RANK[service.provenance], number


def _stem(name: str) -> str:
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix) + 1:
            return name.removesuffix(suffix)
    return name
