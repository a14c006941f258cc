"""A first map in YAML: services and teams from the labels of alerts and targets, hops from the calls that were observed."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cockpit.model.topology import NO_MAP, Hop, IntegrationMap, Provenance
from cockpit.text import one_line
from cockpit.topology.names import normal
from cockpit.topology.naming import Naming
from cockpit.topology.origins import moment

UNOWNED = "unowned"
"""The team of services whose labels name none; somebody has to replace it."""

TEAM_LABELS = ("team", "owner", "squad")
"""Labels that say who owns what an alert is about."""

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_UNWRITABLE = re.compile("[\ufffe\uffff]")
_RESERVED = frozenset(("y", "n", "yes", "no", "true", "false", "on", "off", "null"))
_KINDS = (
    ("database", ("postgres", "mysql", "mariadb", "mongo", "cassandra", "-db", "database", "elasticsearch")),
    ("cache", ("redis", "memcached", "-cache")),
    ("queue", ("kafka", "rabbitmq", "nats", "-queue", "activemq")),
    ("frontend", ("frontend", "storefront", "-web", "-ui")),
)
"""Kinds that a name gives away."""


@dataclass(slots=True)
class _Seen:
    """What was seen of one service."""

    spelled: Counter[str] = field(default_factory=Counter)
    teams: Counter[str] = field(default_factory=Counter)
    alerts: Counter[str] = field(default_factory=Counter)
    targets: int = 0
    clusters: set[str] = field(default_factory=set)
    namespaces: set[str] = field(default_factory=set)
    labels: Counter[str] = field(default_factory=Counter)
    calls: list[Hop] = field(default_factory=list)
    called: int = 0
    kind: str = ""
    """What the calls give away of it."""


def draft_map(
    name: str,
    alerts_labels: Iterable[Mapping[str, str]],
    targets_labels: Iterable[Mapping[str, str]],
    exporters: Iterable[str],
    observed: IntegrationMap = NO_MAP,
) -> str:
    """Return a map that passes `map check`, with comments that say what was seen and what is left to do.

    Args:
        name: The map's name.
        alerts_labels: The labels of every alert that was seen.
        targets_labels: The labels of every target that is scraped.
        exporters: Label values that name an exporter and not a service.
        observed: Services with the calls that were observed.
    """
    naming = Naming(NO_MAP, exporters)
    seen: dict[str, _Seen] = {}
    nodes: Counter[str] = Counter()
    nameless = alerts = targets = 0
    for labels in alerts_labels:
        alerts += 1
        one = _place(naming, labels, seen, nodes)
        if one is None:
            nameless += 1
        else:
            one.alerts[_tidy(labels.get("alertname", "")) or "unnamed"] += 1
    for labels in targets_labels:
        targets += 1
        one = _place(naming, labels, seen, nodes)
        if one is not None:
            one.targets += 1
    calls = _observe(observed, seen)
    entry = [_word(_spelled(seen[normal(one)])) for one in observed.entry if normal(one) in seen]
    ordered = sorted(seen.values(), key=lambda service: _spelled(service).casefold())
    lines = [
        *_opening(alerts, targets, calls),
        f"map: {_word(_tidy(name) or 'draft')}",
        "",
        "# Where users come in. Name them, and the check tells which services nothing reaches.",
        f"entry: [{', '.join(entry)}]",
        "",
        "# The order in which a user's request takes its steps: `checkout: [ui, auth, payment]`.",
        "journeys: {}",
        "",
        *_services(ordered, {normal(_spelled(one)): _word(_spelled(one)) for one in ordered}),
        *_teams(ordered),
    ]
    if nodes:
        lines += ["", f"# Seen on nodes, which are no services: {_list(nodes)}"]
        lines.append(
            "# A pool of them is one: `pool-a: {team: TEAM, kind: node-pool, match: ['node=~\"pool-a-.*\"']}`."
        )
    if nameless:
        lines += ["", f"# {_count(nameless, 'alert')} named no service in any label."]
    return "\n".join(lines) + "\n"


def _opening(alerts: int, targets: int, calls: int) -> list[str]:
    seen = f"# A first map, from the labels of {_count(alerts, 'alert')} and {_count(targets, 'target')}"
    if not calls:
        return [
            f"{seen}. Nothing here was asked of the services",
            "# themselves: fill in who calls whom, correct the teams, then check it with `cockpit map check FILE`.",
        ]
    return [
        f"{seen}, and from {_count(calls, 'call')} that",
        "# were observed: add what was not, correct the teams, then check it with `cockpit map check FILE`.",
    ]


def _observe(observed: IntegrationMap, seen: dict[str, _Seen]) -> int:
    """Add the services and calls that were observed, and return how many calls."""
    count = 0
    for name, service in observed.services.items():
        spelled = _tidy(name)
        if not spelled or not (service.calls or service.provenance is Provenance.OBSERVED):
            continue
        one = seen.setdefault(normal(spelled), _Seen())
        one.spelled[spelled] += 1
        one.calls += service.calls
        if service.team:
            one.teams[_tidy(service.team)] += 1
        one.kind = "" if service.kind == "service" else service.kind
        count += len(service.calls)
        for hop in service.calls:
            seen.setdefault(normal(_tidy(hop.callee)), _Seen()).called += 1
    return count


def _place(naming: Naming, labels: Mapping[str, str], seen: dict[str, _Seen], nodes: Counter[str]) -> _Seen | None:
    """Return what the labels belong to, noting how it was seen; nodes are counted apart, nameless ones are none."""
    named = naming.of_labels(labels)
    spelled = _tidy(named.service)
    if named.by in {"node", "instance"}:
        nodes[spelled] += 1
        return _Seen()
    if not spelled:
        return None
    service = seen.setdefault(normal(spelled), _Seen())
    service.spelled[spelled] += 1
    service.labels[named.by] += 1
    team = next((_tidy(labels[label]) for label in TEAM_LABELS if labels.get(label)), "")
    if team:
        service.teams[team] += 1
    if named.cluster:
        service.clusters.add(_tidy(named.cluster))
    if named.namespace:
        service.namespaces.add(_tidy(named.namespace))
    return service


def _services(services: list[_Seen], words: Mapping[str, str]) -> list[str]:
    if not services:
        return ["# No label named a service. This one shows the form.", "services:", f"  example: {{team: {UNOWNED}}}"]
    lines = [
        "# Each key is a service; add `calls: [other, …]` for every hop, and `aliases` for its other names.",
        "services:",
    ]
    for service in services:
        name = _spelled(service)
        lines += [f"  # seen in {_evidence(service)}", f"  {_word(name)}:", f"    team: {_word(_team(service))}"]
        if len(service.teams) > 1:
            lines[-1] += f"  # labels also say {_list(Counter(dict(_ranked(service.teams)[1:])))}"
        elif not service.teams:
            lines[-1] += "  # no label says who"
        kind = next((kind for kind, marks in _KINDS if any(mark in f"-{normal(name)}" for mark in marks)), None)
        if service.kind:
            lines.append(f"    kind: {service.kind}")
        elif kind is not None:
            lines.append(f"    kind: {kind}  # judged by its name")
        calls = [_call(hop, words) for hop in service.calls]
        lines += ["    calls:", *calls] if calls else ["    calls: []"]
    return lines


def _call(hop: Hop, words: Mapping[str, str]) -> str:
    """Return a call with how it came to be known."""
    parts = [f"to: {words[normal(_tidy(hop.callee))]}"]
    if hop.protocol:
        parts.append(f"protocol: {_word(_tidy(hop.protocol))}")
    parts.append(f"provenance: {hop.provenance}")
    if hop.seen is not None:
        parts.append(f"seen: {json.dumps(moment(hop.seen))}")
    if hop.sources:
        parts.append(f"sources: [{', '.join(json.dumps(_tidy(one), ensure_ascii=False) for one in hop.sources)}]")
    return f"      - {{{', '.join(parts)}}}"


def _teams(services: list[_Seen]) -> list[str]:
    teams = sorted({_team(service) for service in services} or {UNOWNED}, key=str.casefold)
    lines = [
        "",
        '# How to reach each team: {pagerduty: an escalation policy\'s id, slack: "#channel", jira: KEY, escalation: a text}',
        "teams:",
    ]
    for team in teams:
        lines.append(f"  {_word(team)}: {{}}")
        if team == UNOWNED:
            lines[-1] += "  # nobody yet: give its services to a team, and remove it"
    return lines


def _team(service: _Seen) -> str:
    return _ranked(service.teams)[0][0] if service.teams else UNOWNED


def _spelled(service: _Seen) -> str:
    return _ranked(service.spelled)[0][0]


def _ranked(counter: Counter[str]) -> list[tuple[str, int]]:
    """Return the counts, the most first, equal ones by name."""
    return sorted(counter.items(), key=lambda item: (-item[1], item[0]))


def _evidence(service: _Seen) -> str:
    parts: list[str] = []
    if service.alerts:
        parts.append(f"{_count(service.alerts.total(), 'alert')} ({_list(service.alerts)})")
    if service.targets:
        parts.append(_count(service.targets, "target"))
    calls = len(service.calls) + service.called
    if calls:
        parts.append(_count(calls, "observed call"))
    if service.labels:
        parts.append(f"by label {_list(service.labels)}")
    for what, values in (("cluster", service.clusters), ("namespace", service.namespaces)):
        if values:
            parts.append(f"{what} {_list(Counter(values))}")
    return ", ".join(parts)


def _list(counter: Counter[str]) -> str:
    names = [_tidy(name, 60) for name, _ in _ranked(counter)]
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _tidy(text: str, limit: int = 200) -> str:
    """Return a text on one line, without what no YAML file may hold."""
    return _UNWRITABLE.sub("\ufffd", one_line(text, limit))


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _word(text: str) -> str:
    """Return a text as YAML reads it back, in quotes only where it must be."""
    if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    return json.dumps(text, ensure_ascii=False)
