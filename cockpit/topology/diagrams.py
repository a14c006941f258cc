"""An integration map as a Mermaid flowchart and as DOT; both are imported again with the same services and hops."""

import re
from collections.abc import Iterator, Mapping

from cockpit.model.topology import Hop, IntegrationMap, Provenance, Service
from cockpit.topology.origins import moment

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]+")
_SLUG = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
"""Names that are the label's where a box has one, so that the box may stand under another spelling."""

_SEPARATOR = re.compile(r"[.-]")
_RESERVED = frozenset(
    [
        "end",
        "graph",
        "flowchart",
        "subgraph",
        "direction",
        "style",
        "linkstyle",
        "classdef",
        "class",
        "click",
        "default",
        "node",
        "edge",
        "strict",
        "digraph",
        "call",
        "href",
        "interpolate",
        "acctitle",
        "accdescr",
        "title",
    ]
)
_HANDLE = re.compile(r"[A-Za-z]+_?\d+")
"""What a name must not look like to stand for itself beside numbered boxes."""
_MERMAID_SHAPES = {
    "database": ("[(", ")]"),
    "cache": ("[(", ")]"),
    "queue": ("[[", "]]"),
    "third-party": ("{{", "}}"),
    "frontend": ("([", "])"),
    "node-pool": ("[/", "/]"),
}
_DOT_SHAPES = {
    "database": "cylinder",
    "cache": "cylinder",
    "queue": "cds",
    "third-party": "hexagon",
    "frontend": "oval",
    "node-pool": "box3d",
}
_ENTITY = re.compile(r"[^\w .,:/@+()=?!*'-]|//|(?<=fa):|(?<=fa[bsrlk]):")


def as_mermaid(source: IntegrationMap) -> str:
    """Return the map as a flowchart: teams are subgraphs, inferred hops dotted, `runs on` a line without a head."""
    identities = _identities(source)
    lines = ["flowchart LR"]
    for number, (team, services) in enumerate(_by_team(source).items()):
        inner = "  " if team is None else "    "
        if team is not None:
            lines.append(f'  subgraph team_{number}["{_label(_titled(team))}"]')
        for service in services:
            opening, closing = _MERMAID_SHAPES.get(service.kind, ("[", "]"))
            style = "" if service.kind == "service" else f":::{service.kind}"
            lines.append(f'{inner}{identities[service.name]}{opening}"{_label(service.name)}"{closing}{style}')
        if team is not None:
            lines.append("  end")
    for service in source.services.values():
        for hop in service.calls:
            arrow = "-.->" if hop.provenance is Provenance.INFERRED else "-->"
            said = _said(hop)
            label = f'|"{_label(said)}"|' if said else ""
            lines.append(f"  {identities[hop.caller]} {arrow}{label} {identities[hop.callee]}")
        lines += [f'  {identities[service.name]} -.-|"runs on"| {identities[host]}' for host in service.runs_on]
    return "\n".join(lines) + "\n"


def as_dot(source: IntegrationMap) -> str:
    """Return the map as a digraph: teams are clusters, and each edge says how it came to be known."""
    title = _quoted(source.name.replace("\\", "/") or "map")
    lines = [f"digraph {title} {{", "  rankdir=LR;", "  node [shape=box];"]
    nodes = _nodes(source)
    for number, (team, services) in enumerate(_by_team(source).items()):
        inner = "  " if team is None else "    "
        if team is not None:
            lines += [f"  subgraph cluster_team_{number} {{", f"    label={_quoted(_escaped(_titled(team)))};"]
        lines += [f"{inner}{_quoted(nodes[one.name])}{_attributes(_looks(one, nodes[one.name]))};" for one in services]
        if team is not None:
            lines.append("  }")
    for service in source.services.values():
        caller = _quoted(nodes[service.name])
        lines += [
            f"  {caller} -> {_quoted(nodes[hop.callee])}{_attributes(dict(_edge(hop)))};" for hop in service.calls
        ]
        said = {"dir": "none", "style": "dotted", "label": "runs on"}
        lines += [f"  {caller} -> {_quoted(nodes[host])}{_attributes(said)};" for host in service.runs_on]
    return "\n".join([*lines, "}"]) + "\n"


def _by_team(source: IntegrationMap) -> dict[str | None, list[Service]]:
    """Return the services by owner, those without one last."""
    teams: dict[str | None, list[Service]] = {}
    for service in source.services.values():
        teams.setdefault(service.team, []).append(service)
    return {**{team: services for team, services in teams.items() if team is not None}, **_of_nobody(teams)}


def _of_nobody(teams: Mapping[str | None, list[Service]]) -> dict[str | None, list[Service]]:
    return {None: teams[None]} if None in teams else {}


def _titled(team: str) -> str:
    """Return a title that says that this is a team."""
    return team if re.search(r"(?i)(?:^|[\s_.:-])team(?:$|[\s_.:-])", team) else f"team: {team}"


def _said(hop: Hop) -> str:
    return ": ".join(part for part in (hop.protocol, hop.name) if part)


def _identities(source: IntegrationMap) -> dict[str, str]:
    """Return a handle for each service that Mermaid takes for one: its name where that can be read back, else a number."""
    taken: set[str] = set()
    identities: dict[str, str] = {}
    for number, name in enumerate(source.services):
        plain = _SEPARATOR.sub("_", name) if _SLUG.fullmatch(name) else name
        usable = _PLAIN.fullmatch(plain) and plain.lower() not in _RESERVED and not _HANDLE.fullmatch(plain)
        identities[name] = plain if usable and plain not in taken and plain not in source.services else f"n{number}"
        if plain == name and usable:
            identities[name] = name
        taken.add(identities[name])
    return identities


def _label(text: str) -> str:
    """Return a text in which nothing means anything to Mermaid."""
    return _ENTITY.sub(lambda found: "".join(f"#{ord(char)};" for char in found[0]), text)


def _nodes(source: IntegrationMap) -> dict[str, str]:
    """Return a node for each service: its name, or a handle where DOT has no way to write the name."""
    return {name: _handle(number, source) if "\\" in name else name for number, name in enumerate(source.services)}


def _handle(number: int, source: IntegrationMap) -> str:
    return next(
        f"{letter}{number}" for letter in ("n", "node", "service", "n_") if f"{letter}{number}" not in source.services
    )


def _quoted(text: str) -> str:
    text = text.replace('"', '\\"')
    return f'"{text}"'


def _escaped(text: str) -> str:
    """Return a text as a label says it."""
    return text.replace("\\", "\\\\").replace("&", "&amp;")


def _attributes(said: Mapping[str, str]) -> str:
    return " [" + ", ".join(f"{key}={_quoted(value)}" for key, value in said.items()) + "]" if said else ""


def _looks(service: Service, node: str) -> dict[str, str]:
    looks = {} if node == service.name else {"label": _escaped(service.name)}
    if service.kind != "service":
        looks["kind"] = service.kind
    if service.kind in _DOT_SHAPES:
        looks["shape"] = _DOT_SHAPES[service.kind]
    return looks


def _edge(hop: Hop) -> Iterator[tuple[str, str]]:
    said = _said(hop)
    if said:
        yield "label", _escaped(said)
    if hop.provenance is not Provenance.DECLARED:
        yield "provenance", hop.provenance.value
        yield "style", "dashed" if hop.provenance is Provenance.INFERRED else "solid"
    if hop.seen is not None:
        yield "seen", moment(hop.seen)
