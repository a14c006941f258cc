"""Several maps made one, no node doubled and no hop lost."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from cockpit.model.topology import DEFAULT_LABELS, Hop, IntegrationMap, Service, Team
from cockpit.topology.names import normal
from cockpit.topology.sameness import RANK, Matched, Same

_Value = TypeVar("_Value")

_TEXTS = (
    "team",
    "repository",
    "runbook",
    "scope",
    "measures",
    "status_page",
    "support",
    "pagerduty",
    "dashboard",
    "logs",
)
"""Fields of a service of which the first one that is set counts."""

_WAYS = ("pagerduty", "slack", "jira", "escalation")
"""Fields of a team, likewise."""


def merge(base: IntegrationMap, *others: IntegrationMap, suffixes: bool = False) -> IntegrationMap:
    """Return one map that knows what all know.

    Services are the same whose names or aliases are (see `sameness`); what is declared wins over what was observed, that
    over what was inferred, and among equals the earlier map. Sources are joined, of two moments the later counts.

    Args:
        base: Whose name, path and words count first.
        others: What is added.
        suffixes: Whether `payment-service` and `payment` are the same where no map has both.
    """
    maps = (base, *others)
    matched = Matched(maps, suffixes=suffixes)
    teams = _Teams(maps)
    services: dict[str, Service] = {}
    for same in matched.all():
        services[same.name] = _service(same, matched, teams)
    return IntegrationMap(
        name=next((one.name for one in maps if one.name), ""),
        path=base.path,
        entry=_each(_named(matched, number, name) for number, one in enumerate(maps) for name in one.entry),
        journeys=_journeys(maps, matched),
        services=services,
        teams=teams.teams,
        tools=_each(hop for one in maps for hop in one.tools),
        labels=next((one.labels for one in maps if one.labels != DEFAULT_LABELS), DEFAULT_LABELS),
    )


def united_by_suffix(maps: Sequence[IntegrationMap]) -> tuple[tuple[str, ...], ...]:
    """Return the names of each service that only an ending such as `-service` told to be one; the kept name first."""
    united: list[tuple[str, ...]] = []
    for same in Matched(maps, suffixes=True).all():
        names: dict[str, str] = {}
        for _, service in same.members:
            names.setdefault(normal(service.name), service.name)
        if same.by_suffix and len(names) > 1:
            united.append(tuple(names.values()))
    return tuple(united)


def _named(matched: Matched, number: int, name: str) -> str:
    same = matched.of(number, name)
    return name if same is None else same.name


def _service(same: Same, matched: Matched, teams: "_Teams") -> Service:
    known = [service for _, service in same.members]
    first = known[0]
    joined: dict[str, object] = {
        key: next((value for one in known if (value := getattr(one, key)) is not None), None) for key in _TEXTS
    }
    if first.team is not None or joined["team"] is not None:
        joined["team"] = teams.spelled(str(joined["team"]))
    return replace(
        first,
        kind=next((one.kind for one in known if one.kind != "service"), "service"),
        aliases=_aliases(same, matched),
        match=next((one.match for one in known if one.match), ()),
        calls=_calls(same, matched),
        runs_on=_each(_named(matched, number, host) for number, one in same.members for host in one.runs_on),
        weight=next((one.weight for one in known if one.weight != 1), 1.0),
        seen=_latest(one.seen for one in known),
        sources=_each(source for one in known for source in one.sources),
        **joined,  # type: ignore[arg-type]  # by the names in _TEXTS, which are fields of a service
    )


def _aliases(same: Same, matched: Matched) -> tuple[str, ...]:
    """Return every other name, without those that are another service's."""
    aliases: dict[str, str] = {}
    for number, service in same.members:
        for name in (service.name, *service.aliases):
            plain = normal(name)
            if plain != normal(same.name) and plain not in same.dropped and matched.of(number, name) is same:
                aliases.setdefault(plain, name)
    return tuple(aliases.values())


def _calls(same: Same, matched: Matched) -> tuple[Hop, ...]:
    found: dict[str, list[Hop]] = {}
    for number, service in same.members:
        for hop in service.calls:
            found.setdefault(_named(matched, number, hop.callee), []).append(hop)
    return tuple(_hop(same.name, callee, hops) for callee, hops in found.items())


def _hop(caller: str, callee: str, hops: list[Hop]) -> Hop:
    hops = sorted(hops, key=lambda hop: RANK[hop.provenance])
    return Hop(
        caller,
        callee,
        next((hop.protocol for hop in hops if hop.protocol), ""),
        next((hop.name for hop in hops if hop.name), ""),
        hops[0].provenance,
        _latest(hop.seen for hop in hops),
        _each(source for hop in hops for source in hop.sources),
    )


def _journeys(maps: Sequence[IntegrationMap], matched: Matched) -> dict[str, tuple[str, ...]]:
    journeys: dict[str, tuple[str, ...]] = {}
    for number, one in enumerate(maps):
        for name, steps in one.journeys.items():
            walked = [_named(matched, number, step) for step in steps]
            journeys.setdefault(
                name, tuple(step for place, step in enumerate(walked) if place == 0 or walked[place - 1] != step)
            )
    return journeys


class _Teams:
    """The teams of several maps, each once; their names compare as services' do."""

    def __init__(self, maps: Sequence[IntegrationMap]) -> None:
        self.teams: dict[str, Team] = {}
        self._spelled: dict[str, str] = {}
        for one in maps:
            for name, team in one.teams.items():
                spelled = self._spelled.setdefault(normal(name), name)
                known = self.teams.get(spelled, Team(spelled))
                self.teams[spelled] = replace(
                    known, **{key: getattr(known, key) or getattr(team, key) for key in _WAYS}
                )

    def spelled(self, name: str) -> str:
        """Return a team's name as the first map that has it spells it."""
        return self._spelled.setdefault(normal(name), name)


def _latest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


def _each(values: Iterable[_Value]) -> tuple[_Value, ...]:
    return tuple(dict.fromkeys(values))
