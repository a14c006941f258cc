"""Prometheus' own view of alerts, indexed so that an Alertmanager's copy finds it by a subset of its labels."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple, Protocol

from cockpit.board.moments import later, seconds_between, span
from cockpit.model.alert import AlertKey
from cockpit.model.reading import Reading, Rule, RuleAlert, RulesSeen, Topic, shift_of

Slot = tuple[str, tuple[str, ...], tuple[str, ...]]
"""The place of one alert in a book: alertname, names of its other labels in order, their values."""
Cover = tuple[str, Slot]
"""A Prometheus and the slot in its book that an Alertmanager's alert is the copy of."""


_DROPPED = 2
"""Labels that relabelling may have taken from an alert on its way, at most."""


class Listed(NamedTuple):
    """One alert that a Prometheus lists, with what matters of its rule."""

    rule: str
    """The rule's key."""
    hold_s: float
    """The rule's `for`."""
    evaluated: datetime
    """When that rule was last evaluated, else when the Prometheus answered."""
    alert: RuleAlert


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """What one Prometheus lists, from one reading."""

    system: str
    at: datetime
    """When it answered, by our clock."""
    server: datetime
    """The same moment by its own clock."""
    interval_s: float
    back: datetime | None
    """Since when it answers again, where it failed or started anew while we watched."""
    listed: Mapping[Slot, Listed]
    shapes: Mapping[str, tuple[tuple[str, ...], ...]]
    """By alertname: the sets of label names that its alerts have, largest first."""
    named: Mapping[str, tuple[Rule, ...]]
    """The rules by alertname."""
    late_s: float
    """How long the rule that waited longest has not been evaluated, when that is over two intervals."""
    latest: datetime | None
    """The latest evaluation of any rule."""
    _partial: dict[tuple[str, tuple[str, ...], tuple[str, ...]], dict[tuple[str, ...], Slot | None]] = field(
        default_factory=dict, repr=False
    )

    def find(self, name: str, labels: Mapping[str, str]) -> Slot | None:
        """Return the slot whose labels these include; labels that never reached Alertmanager are left aside."""
        shapes = self.shapes.get(name)
        if shapes is None:
            return None
        for names in shapes:
            slot = (name, names, tuple([labels.get(one, "") for one in names]))
            if slot in self.listed:
                return slot
        for names in shapes:
            kept = tuple([one for one in names if one in labels])
            if kept and 0 < len(names) - len(kept) <= _DROPPED:
                found = self._without(name, names, kept).get(tuple([labels[one] for one in kept]))
                if found is not None:
                    return found
        return None

    def _without(self, name: str, names: tuple[str, ...], kept: tuple[str, ...]) -> dict[tuple[str, ...], Slot | None]:
        """Return the slots of a shape by their values of some labels only; null where two would be the same."""
        known = self._partial.get((name, names, kept))
        if known is None:
            known = {}
            places = [names.index(one) for one in kept]
            for slot in self.listed:
                if slot[0] == name and slot[1] == names:
                    values = tuple([slot[2][place] for place in places])
                    known[values] = None if values in known else slot
            self._partial[name, names, kept] = known
        return known


def slot_of(name: str, labels: Mapping[str, str], configured: Mapping[str, str]) -> Slot:
    """Return the slot for a Prometheus' labels; labels that only our configuration added take no part."""
    names = _names(tuple(labels))
    if configured:
        names = tuple([one for one in names if configured.get(one) != labels[one]])
    return name, names, tuple([labels[one] for one in names])


@lru_cache(maxsize=4096)
def _names(labels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(one for one in labels if one != "alertname"))


def make_book(reading: Reading, seen: RulesSeen, configured: Mapping[str, str], back: datetime | None) -> Book:
    """Return the index over what a Prometheus answered."""
    listed: dict[Slot, Listed] = {}
    shapes: dict[str, set[tuple[str, ...]]] = {}
    named: dict[str, list[Rule]] = {}
    oldest: datetime | None = None
    latest: datetime | None = None
    for rule in seen.rules:
        named.setdefault(rule.name, []).append(rule)
        if rule.evaluated is not None:
            oldest = rule.evaluated if oldest is None else min(oldest, rule.evaluated)
            latest = rule.evaluated if latest is None else max(latest, rule.evaluated)
        for alert in rule.alerts:
            slot = slot_of(alert.labels.get("alertname") or rule.name, alert.labels, configured)
            before = listed.get(slot)
            if before is None or (before.alert.state != "firing" and alert.state == "firing"):
                listed[slot] = Listed(rule.key, rule.hold_s, rule.evaluated or reading.at, alert)
                shapes.setdefault(slot[0], set()).add(slot[1])
    server = later(reading.at, span(shift_of(reading.skew_s)))
    interval = max(0.0, min(seen.interval_s, 86400.0))
    late = 0.0 if oldest is None else seconds_between(oldest, server)
    return Book(
        system=reading.system,
        at=reading.at,
        server=server,
        interval_s=interval,
        back=back,
        listed=listed,
        shapes={name: tuple(sorted(some, key=lambda one: (-len(one), one))) for name, some in shapes.items()},
        named={name: tuple(rules) for name, rules in named.items()},
        late_s=late if late > 2 * interval else 0.0,
        latest=latest,
    )


def moved(old: Book | None, new: Book) -> set[str]:
    """Return the alertnames whose rules or alerts came or went between two books of one Prometheus."""
    if old is None:
        return {*new.named, *new.shapes}
    names = {
        name
        for name in {*old.named, *new.named}
        if [(rule.key, rule.hold_s) for rule in old.named.get(name, ())]
        != [(rule.key, rule.hold_s) for rule in new.named.get(name, ())]
    }
    for slot in new.listed:
        if slot not in old.listed:
            names.add(slot[0])
    for slot in old.listed:
        if slot not in new.listed:
            names.add(slot[0])
    return names


def lone_key(system: str, slot: Slot) -> AlertKey:
    """Return the key of an alert that only a Prometheus knows: its name and a stable hash of the labels."""
    name, names, values = slot
    text = "\xff".join((name, *(f"{one}\xfe{value}" for one, value in zip(names, values, strict=True))))
    return AlertKey(system, blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest())


class Server(Protocol):
    """What is configured of a system, as far as joining needs it."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def topics(self) -> tuple[Topic, ...]:
        """What it is asked for."""

    @property
    def urls(self) -> tuple[str, ...]:
        """Where it answers."""

    @property
    def labels(self) -> Mapping[str, str]:
        """Added to what it reports."""


@dataclass(frozen=True, slots=True, eq=False)
class Senders:
    """Who may have sent an alert: the configured Prometheus servers and Alertmanagers."""

    hosts: Mapping[str, str]
    """Prometheus by `host:port`."""
    labels: Mapping[str, Mapping[str, str]]
    """Configured labels by Prometheus, in the order of the configuration."""
    alertmanagers: tuple[str, ...]

    def named(self, generator: str | None) -> str | None:
        """Return the Prometheus that a `generatorURL` names, or null."""
        return self.hosts.get(host_of(generator)) if generator else None

    def candidates(self, generator: str | None, labels: Mapping[str, str]) -> tuple[str, ...]:
        """Return who may have sent an alert, most likely first: whom its link names, then whose labels agree."""
        named = self.named(generator)
        agreeing = [
            name
            for name, own in self.labels.items()
            if name != named and all(labels.get(label, value) == value for label, value in own.items())
        ]
        return tuple(agreeing) if named is None else (named, *agreeing)


def senders_of(systems: Iterable[Server]) -> Senders:
    """Return who may send alerts, by what each system is asked for."""
    servers = tuple(systems)
    rules = [server for server in servers if Topic.RULES in server.topics]
    return Senders(
        hosts={host_of(url): server.name for server in reversed(rules) for url in server.urls},
        labels={server.name: server.labels for server in rules},
        alertmanagers=tuple(server.name for server in servers if Topic.ALERTS in server.topics),
    )


def host_of(url: str) -> str:
    """Return `host:port` of a URL, lower-case, with the scheme's port where none is given."""
    parts = url.split("/", 3)
    return _host(parts[0], parts[2]) if len(parts) > 2 else url.lower()


@lru_cache(maxsize=4096)
def _host(scheme: str, place: str) -> str:
    host = place.rsplit("@", 1)[-1].split("?", 1)[0].split("#", 1)[0].lower()
    if ":" in host.rsplit("]", 1)[-1]:
        return host
    return f"{host}:{443 if scheme.lower() == 'https:' else 80}"


def covers_of(
    books: Mapping[str, Book], candidates: Sequence[str], name: str, labels: Mapping[str, str]
) -> tuple[Cover, ...]:
    """Return where an alert stands in the books of those who may have sent it, in the order of the candidates."""
    found = []
    for system in candidates:
        book = books.get(system)
        slot = None if book is None else book.find(name, labels)
        if slot is not None:
            found.append((system, slot))
    return tuple(found)
