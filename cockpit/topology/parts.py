"""The parts of a map as they stand in its file: services, journeys, teams and tools, each name with its place."""

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

from cockpit.matchers import Matcher, MatcherError, parse_matcher
from cockpit.model.topology import DEFAULT_LABELS, Hop, ScopeQuery, Service, Team, ToolHop
from cockpit.topology.measuring import read_measures
from cockpit.topology.origins import ORIGIN_KEYS, Origin, read_origin
from cockpit.topology.problems import nearest
from cockpit.topology.reader import Entry, Reader, Word, is_null

if TYPE_CHECKING:
    from yaml import Node

MAP_KEYS = ("map", "entry", "journeys", "services", "teams", "tools", "labels")
"""Keys of the document."""

SERVICE_KEYS = (
    "team",
    "kind",
    "aliases",
    "match",
    "calls",
    "runs_on",
    "repository",
    "runbook",
    "weight",
    "scope",
    "measures",
    "status_page",
    "support",
    "pagerduty",
    "dashboard",
    "logs",
    *ORIGIN_KEYS,
)
"""Keys of a service."""

HOP_KEYS = ("to", "protocol", "name", *ORIGIN_KEYS)
"""Keys of a call that is written as a mapping."""

SCOPE_KEYS = ("query", "says")
"""Keys of a scope."""

TEAM_KEYS = ("pagerduty", "slack", "jira", "escalation")
"""Keys of a team."""

TOOL_KEYS = ("from", "to", "label")
"""Keys of a tool integration."""

KINDS = (
    "frontend",
    "service",
    "database",
    "cache",
    "queue",
    "third-party",
    "job",
    "node-pool",
    "cluster",
    "zone",
    "dns",
)
"""What a service can be."""


@dataclass(frozen=True, slots=True)
class ServicePart:
    """One service, with the places of the names that it uses."""

    key: Word
    service: Service
    """Its calls and runs_on may name services that do not exist."""
    team: Word | None = None
    calls: tuple[Word, ...] = ()
    runs_on: tuple[Word, ...] = ()
    aliases: tuple[Word, ...] = ()
    scope: Word | None = None
    """The whole scope, for what is missing in it."""
    query: Word | None = None
    says: Word | None = None
    measures: tuple[Word, ...] = ()
    """Its own queries of error share, latency and rate."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A whole map as it stands in its file."""

    name: str = ""
    entry: tuple[Word, ...] = ()
    journeys: dict[str, tuple[Word, ...]] = field(default_factory=dict)
    services: dict[str, ServicePart] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    tools: tuple[ToolHop, ...] = ()
    labels: tuple[str, ...] = DEFAULT_LABELS


def read_parts(root: "Node", reader: Reader) -> Parts:
    """Return what the document says, noting what has another type than it should."""
    top = reader.mapping(root, "", MAP_KEYS, "a mapping with `map:` and `services:`")
    services = _value(top, "services")
    if not reader.problems and (services is None or is_null(services)):
        reader.problem(root, "bad-yaml", "the map has no services", "add `services:` with one entry for each service")
    name = _text(reader, top, "map")
    labels = _value(top, "labels")
    return Parts(
        name=name.text if name else PurePath(reader.file).stem,
        entry=reader.texts(_value(top, "entry"), "entry", "a service"),
        journeys=_journeys(reader, _value(top, "journeys")),
        services=_services(reader, services),
        teams=_teams(reader, _value(top, "teams")),
        tools=_tools(reader, _value(top, "tools")),
        labels=DEFAULT_LABELS
        if labels is None or is_null(labels)
        else tuple(word.text for word in reader.texts(labels, "labels", "a label's name")),
    )


def _value(entries: dict[str, Entry], key: str) -> "Node | None":
    entry = entries.get(key)
    return None if entry is None else entry.value


def _text(reader: Reader, entries: dict[str, Entry], key: str) -> Word | None:
    entry = entries.get(key)
    return None if entry is None else reader.text(entry.value, entry.key.path)


def _plain(reader: Reader, entries: dict[str, Entry], key: str) -> str | None:
    word = _text(reader, entries, key)
    return None if word is None else word.text


def _journeys(reader: Reader, node: "Node | None") -> dict[str, tuple[Word, ...]]:
    journeys: dict[str, tuple[Word, ...]] = {}
    for name, entry in reader.mapping(node, "journeys", None, "checkout: [ui, auth, payment]").items():
        path = entry.key.path
        steps: list[Word] = []
        for item in reader.items(entry.value, path, "a service"):
            word = reader.text(item, path, "a service's name")
            if word is not None and steps and steps[-1].text == word.text:
                reader.problem(word, "duplicate", f"{path} takes the step {word.text} twice in a row", "keep it once")
            elif word is not None:
                steps.append(word)
        if steps:
            journeys[name] = tuple(steps)
        elif is_null(entry.value) or entry.value.value == []:
            reader.problem(entry.key, "bad-yaml", f"{path} has no steps", "list its services in order, or remove it")
    return journeys


def _services(reader: Reader, node: "Node | None") -> dict[str, ServicePart]:
    """Return the services; each one's nodes go as soon as it is read, for those of a large map are larger than it."""
    entries = reader.mapping(node, "services", None, "payment: {team: team-payments, calls: [order]}")
    if node is not None and entries:
        node.value = []
    return {name: _service(reader, entries.pop(name)) for name in tuple(entries)}


def _service(reader: Reader, entry: Entry) -> ServicePart:
    path = entry.key.path
    keys = reader.mapping(entry.value, path, SERVICE_KEYS, "{team: team-payments, calls: [order]}")
    name = entry.key.text
    team = _text(reader, keys, "team")
    targets, hops = _calls(reader, name, _value(keys, "calls"), f"{path}.calls")
    runs_on = reader.texts(_value(keys, "runs_on"), f"{path}.runs_on", "a service")
    aliases = reader.texts(_value(keys, "aliases"), f"{path}.aliases", "a name")
    scope_at, query, says = _scope(reader, keys)
    asked, measures = read_measures(reader, keys)
    weight = reader.number(keys["weight"].value, keys["weight"].key.path) if "weight" in keys else None
    provenance, seen, sources = read_origin(reader, keys)
    service = Service(
        name=name,
        team=team.text if team else None,
        kind=_kind(reader, keys),
        aliases=tuple(word.text for word in aliases),
        match=_match(reader, _value(keys, "match"), f"{path}.match"),
        calls=hops,
        runs_on=tuple(word.text for word in runs_on),
        repository=_plain(reader, keys, "repository"),
        runbook=_runbook(reader, keys),
        weight=1.0 if weight is None else weight,
        scope=ScopeQuery(query.text, says.text) if query and says else None,
        measures=measures,
        status_page=_url(reader, keys, "status_page"),
        support=_plain(reader, keys, "support"),
        pagerduty=_plain(reader, keys, "pagerduty"),
        dashboard=_url(reader, keys, "dashboard"),
        logs=_plain(reader, keys, "logs"),
        provenance=provenance,
        seen=seen,
        sources=sources,
        line=entry.key.line,
    )
    return ServicePart(entry.key, service, team, targets, runs_on, aliases, scope_at, query, says, asked)


def _calls(reader: Reader, caller: str, node: "Node | None", path: str) -> tuple[tuple[Word, ...], tuple[Hop, ...]]:
    """Return whom a service calls and its hops, in the order of the file; a hop twice is a duplicate."""
    from yaml import MappingNode

    targets: dict[str, Word] = {}
    hops: list[Hop] = []
    for item in reader.items(node, path, "a service, or {to: a service, protocol: https, name: what for}"):
        protocol = name = ""
        origin = Origin()
        if isinstance(item, MappingNode):
            keys = reader.mapping(item, path, HOP_KEYS, "{to: order}")
            target = _text(reader, keys, "to")
            protocol, name = _plain(reader, keys, "protocol") or "", _plain(reader, keys, "name") or ""
            origin = read_origin(reader, keys)
            if "to" not in keys or (target is None and is_null(keys["to"].value)):
                reader.problem(item, "bad-yaml", f"a call in {path} has no `to`", "write {to: order, protocol: https}")
        else:
            target = reader.text(item, path, "a service's name")
        if target is None:
            continue
        if target.text in targets:
            first = targets[target.text].line
            message = f"{caller} calls {target.text} twice, first in line {first}"
            reader.problem(target, "duplicate", message, "keep one of the two; several uses of one callee are one hop")
            continue
        targets[target.text] = target
        hops.append(Hop(caller, target.text, protocol, name, *origin))
    return tuple(targets.values()), tuple(hops)


def _kind(reader: Reader, keys: dict[str, Entry]) -> str:
    word = _text(reader, keys, "kind")
    if word is None:
        return "service"
    if word.text not in KINDS:
        remedy = f'did you mean "{nearest(word.text, KINDS)}"? kinds: {", ".join(KINDS)}'
        reader.problem(word, "bad-yaml", f'{word.path}: there is no kind "{word.text}"', remedy)
        return "service"
    return word.text


def _match(reader: Reader, node: "Node | None", path: str) -> tuple[Matcher, ...]:
    """Return the matchers; if one of them cannot be read there are none, lest the service match too much."""
    words = reader.texts(node, path, "a matcher", verbatim=True)
    matchers: list[Matcher] = []
    for word in words:
        try:
            matchers.append(parse_matcher(word.text))
        except (MatcherError, RecursionError, OverflowError) as error:
            message, _, remedy = str(error).partition("; ")
            remedy = remedy or "write a regular expression that compiles, or compare with ="
            reader.problem(word, "bad-yaml", f"{path}: {message}", remedy)
    return tuple(matchers) if len(matchers) == len(words) else ()


def _scope(reader: Reader, keys: dict[str, Entry]) -> tuple[Word | None, Word | None, Word | None]:
    entry = keys.get("scope")
    if entry is None or is_null(entry.value):
        return None, None, None
    path = entry.key.path
    parts = reader.mapping(entry.value, path, SCOPE_KEYS, '{query: EXPRESSION, says: "{value:percent} of …"}')
    query = parts.get("query")
    return (
        entry.key if parts else None,
        None if query is None else reader.text(query.value, query.key.path, "a PromQL expression", verbatim=True),
        _text(reader, parts, "says"),
    )


def _runbook(reader: Reader, keys: dict[str, Entry]) -> str | None:
    """Return a URL as it stands, and a path as seen from the map's folder."""
    word = _text(reader, keys, "runbook")
    if word is None:
        return None
    if "://" in word.text:
        return _url(reader, keys, "runbook")
    return str(PurePath(reader.file).parent / word.text)


def _url(reader: Reader, keys: dict[str, Entry], key: str) -> str | None:
    """Return a link that can be opened: http or https, nothing else."""
    word = _text(reader, keys, key)
    if word is None:
        return None
    if not word.text.lower().startswith(("http://", "https://")):
        reader.problem(
            word, "bad-yaml", f"{word.path} is no link that can be opened", "begin it with https:// or http://"
        )
        return None
    return word.text


def _teams(reader: Reader, node: "Node | None") -> dict[str, Team]:
    teams: dict[str, Team] = {}
    shape = 'team-payments: {slack: "#payments", escalation: PagerDuty escalation}'
    for name, entry in reader.mapping(node, "teams", None, shape).items():
        keys = reader.mapping(entry.value, entry.key.path, TEAM_KEYS, '{slack: "#payments"}, or {}')
        teams[name] = Team(name, **{key: _plain(reader, keys, key) for key in TEAM_KEYS})
    return teams


def _tools(reader: Reader, node: "Node | None") -> tuple[ToolHop, ...]:
    tools: dict[ToolHop, None] = {}
    shape = "{from: prometheus, to: alertmanager}"
    for item in reader.items(node, "tools", shape):
        keys = reader.mapping(item, "tools", TOOL_KEYS, shape)
        source, target = _plain(reader, keys, "from"), _plain(reader, keys, "to")
        label = _plain(reader, keys, "label") or ""
        if source is None or target is None:
            if keys or is_null(item):
                reader.problem(item, "bad-yaml", "a tool integration needs `from` and `to`", f"write {shape}")
            continue
        hop = ToolHop(source, target, label)
        if hop in tools:
            reader.problem(item, "duplicate", f"{source} to {target} stands here a second time", "keep it once")
        tools[hop] = None
    return tuple(tools)
