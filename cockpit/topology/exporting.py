"""An integration map as YAML and JSON that are read back as it is; as Mermaid and DOT by way of `diagrams`."""

from collections.abc import Mapping
from pathlib import PurePath

from cockpit.model.topology import DEFAULT_LABELS, Hop, IntegrationMap, Provenance, Service, Team
from cockpit.topology.diagrams import as_dot, as_mermaid
from cockpit.topology.origins import moment
from cockpit.topology.yaml_words import block

__all__ = ["as_dot", "as_json", "as_mermaid", "as_yaml"]

_LINKS = ("repository", "status_page", "support", "pagerduty", "dashboard", "logs")
"""Fields of a service that are written as they are."""

_WAYS = ("pagerduty", "slack", "jira", "escalation")
"""Fields of a team."""


def as_json(source: IntegrationMap) -> dict[str, object]:
    """Return the map as the document that `as_yaml` writes: its keys are those of the YAML format, defaults left out."""
    document: dict[str, object] = {"map": source.name} if source.name else {}
    if source.entry:
        document["entry"] = list(source.entry)
    if source.journeys:
        document["journeys"] = {name: list(steps) for name, steps in source.journeys.items()}
    folder = PurePath(source.path).parent
    document["services"] = {name: _service(service, folder) for name, service in source.services.items()}
    if source.teams:
        document["teams"] = {name: _team(team) for name, team in source.teams.items()}
    if source.tools:
        document["tools"] = [
            {"from": hop.source, "to": hop.target, **({"label": hop.label} if hop.label else {})}
            for hop in source.tools
        ]
    if source.labels != DEFAULT_LABELS:
        document["labels"] = list(source.labels)
    return document


def as_yaml(source: IntegrationMap) -> str:
    """Return the map as YAML; reading it under the same name gives the same map."""
    document = as_json(source)
    lines: list[str] = []
    for key, value in document.items():
        if lines and isinstance(value, Mapping):
            lines.append("")
        lines += block({key: value}, opened=1)
    return "\n".join(lines) + "\n"


def _service(service: Service, folder: PurePath) -> dict[str, object]:
    parts: dict[str, object] = {}
    if service.team is not None:
        parts["team"] = service.team
    if service.kind != "service":
        parts["kind"] = service.kind
    if service.aliases:
        parts["aliases"] = list(service.aliases)
    if service.match:
        parts["match"] = [str(matcher) for matcher in service.match]
    if service.calls:
        parts["calls"] = [_call(hop) for hop in service.calls]
    if service.runs_on:
        parts["runs_on"] = list(service.runs_on)
    if service.runbook is not None:
        parts["runbook"] = _from(folder, service.runbook)
    if service.weight != 1:
        parts["weight"] = service.weight
    if service.scope is not None:
        parts["scope"] = {"query": service.scope.query, "says": service.scope.says}
    if service.measures is not None:
        own = service.measures
        asked = {"errors": own.errors, "latency": own.latency, "rate": own.rate}
        parts["measures"] = {key: query for key, query in asked.items() if query}
    parts.update((key, value) for key in _LINKS if (value := getattr(service, key)) is not None)
    parts.update(_origin(service))
    return parts


def _call(hop: Hop) -> object:
    parts: dict[str, object] = {"to": hop.callee}
    if hop.protocol:
        parts["protocol"] = hop.protocol
    if hop.name:
        parts["name"] = hop.name
    parts.update(_origin(hop))
    return parts if len(parts) > 1 else hop.callee


def _origin(known: Service | Hop) -> dict[str, object]:
    parts: dict[str, object] = {}
    if known.provenance is not Provenance.DECLARED:
        parts["provenance"] = known.provenance.value
    if known.seen is not None:
        parts["seen"] = moment(known.seen)
    if known.sources:
        parts["sources"] = list(known.sources)
    return parts


def _from(folder: PurePath, runbook: str) -> str:
    """Return a runbook's path as seen from the map's folder, where it lies below it."""
    if "://" in runbook:
        return runbook
    path = PurePath(runbook)
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else runbook


def _team(team: Team) -> dict[str, object]:
    return {key: value for key in _WAYS if (value := getattr(team, key)) is not None}
