"""A map while it is gathered: every service once, however a file spells it, and every hop once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from cockpit.model.topology import Hop, IntegrationMap, Provenance, Service, Team
from cockpit.topology.importing.document import Unreadable
from cockpit.topology.names import normal

MANY = 20_000
"""Services beyond which a file is refused; four times the largest map that is drawn."""

MANY_HOPS = 400_000
"""Hops beyond which it is."""

_NOTHING: Mapping[str, str | None] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file said."""

    map: IntegrationMap
    notes: tuple[str, ...] = ()
    """What was left out, or taken for something, in an engineer's words."""


@dataclass(slots=True)
class _Part:
    """A service while it is gathered."""

    service: Service
    hops: dict[str, Hop] = field(default_factory=dict)
    hosts: dict[str, None] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)


class Sketch:
    """Gathers services, hops, teams and notes.

    Args:
        name: Of the map.
        source: Who tells of it: `jaeger`, `catalog-info.yaml`.
        provenance: How what is gathered came to be known, unless told otherwise.
    """

    def __init__(self, name: str, source: str, provenance: Provenance = Provenance.DECLARED) -> None:
        self._name = name
        self._sources = (source,) if source else ()
        self._provenance = provenance
        self._parts: dict[str, _Part] = {}
        self._teams: dict[str, Team] = {}
        self._entry: dict[str, None] = {}
        self._notes: dict[str, None] = {}
        self._hops = 0

    def __len__(self) -> int:
        return len(self._parts)

    def service(
        self,
        name: str,
        *,
        kind: str = "service",
        team: str | None = None,
        aliases: Iterable[str] = (),
        seen: datetime | None = None,
        provenance: Provenance | None = None,
        texts: Mapping[str, str | None] = _NOTHING,
    ) -> str:
        """Note a service and return its name as it was first spelled; what is known already stays.

        Args:
            name: Its name.
            kind: What it is; the first that is not `service` counts.
            team: Its owner.
            aliases: Its other names; one that is another service's own is left out in the end.
            seen: When traffic of it was seen.
            provenance: How it came to be known.
            texts: Fields of a service that hold a text, by name: repository, runbook, dashboard, ...
        """
        part = self._parts.get(normal(name))
        if part is None:
            if len(self._parts) >= MANY:
                raise Unreadable(1, f"has more than {MANY:,} services", "import a part of it")
            first = Service(name, provenance=provenance or self._provenance, sources=self._sources)
            part = self._parts[normal(name)] = _Part(first)
        known = part.service
        new = {key: value for key, value in texts.items() if value and getattr(known, key) is None}
        part.service = replace(
            known,
            kind=kind if known.kind == "service" else known.kind,
            team=known.team or team,
            seen=max((one for one in (known.seen, seen) if one is not None), default=None),
            **new,  # type: ignore[arg-type]  # names of fields that hold a text
        )
        for alias in aliases:
            part.aliases.setdefault(normal(alias), alias)
        return known.name

    def call(
        self,
        caller: str,
        callee: str,
        *,
        protocol: str = "",
        name: str = "",
        seen: datetime | None = None,
        provenance: Provenance | None = None,
    ) -> None:
        """Note a hop between two services, which are noted too where they are not known."""
        caller, callee = self.service(caller), self.service(callee)
        hops = self._parts[normal(caller)].hops
        hop = Hop(caller, callee, protocol, name, provenance or self._provenance, seen, self._sources)
        known = hops.get(callee)
        self._hops += known is None
        if self._hops > MANY_HOPS:
            raise Unreadable(1, f"has more than {MANY_HOPS:,} hops", "import a part of it")
        if known is not None:
            declared = Provenance.DECLARED in {known.provenance, hop.provenance}
            hop = Hop(
                caller,
                callee,
                known.protocol or protocol,
                known.name or name,
                Provenance.DECLARED if declared else known.provenance,
                max((one for one in (known.seen, seen) if one is not None), default=None),
                self._sources,
            )
        hops[callee] = hop

    def runs_on(self, name: str, host: str) -> None:
        """Note that a service fails with another one."""
        name, host = self.service(name), self.service(host)
        if name != host:
            self._parts[normal(name)].hosts[host] = None

    def known(self, name: str) -> str | None:
        """Return the spelling of a service that is known already, by its name; null where it is not."""
        part = self._parts.get(normal(name))
        return None if part is None else part.service.name

    def called(self) -> set[str]:
        """Return the services that some other one calls."""
        return {hop.callee for part in self._parts.values() for hop in part.hops.values() if hop.callee != hop.caller}

    def team(self, name: str, **ways: str | None) -> str:
        """Note a team and how to reach it, and return its name; what is known already stays."""
        known = self._teams.setdefault(name, Team(name))
        new = {key: value for key, value in ways.items() if value and getattr(known, key) is None}
        self._teams[name] = replace(known, **new)
        return name

    def entry(self, name: str) -> None:
        """Note that users come in at a service."""
        self._entry[self.service(name)] = None

    def note(self, text: str) -> None:
        """Note what was left out, or taken for something."""
        self._notes[text] = None

    def whole(self, name: str = "") -> Imported:
        """Return the map, under another name than the first one where one is given."""
        owners: dict[str, str] = {normal(part.service.name): part.service.name for part in self._parts.values()}
        services: dict[str, Service] = {}
        for part in self._parts.values():
            own = part.service.name
            aliases = [alias for plain, alias in part.aliases.items() if owners.setdefault(plain, own) == own]
            services[own] = replace(
                part.service,
                aliases=tuple(alias for alias in aliases if normal(alias) != normal(own)),
                calls=tuple(part.hops.values()),
                runs_on=tuple(part.hosts),
            )
            if part.service.team is not None:
                self.team(part.service.team)
        whole = IntegrationMap(
            name=name or self._name, entry=tuple(self._entry), services=services, teams=dict(self._teams)
        )
        return Imported(whole, tuple(self._notes))
