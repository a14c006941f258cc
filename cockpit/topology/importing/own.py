"""Cockpit's own maps: the YAML, the same document as JSON, and what `cockpit map show --json` prints."""

from dataclasses import replace

from cockpit.topology.importing.document import At, File, Unreadable
from cockpit.topology.importing.json_text import read_json
from cockpit.topology.importing.sketch import Imported
from cockpit.topology.load import read_map
from cockpit.topology.parts import HOP_KEYS, MAP_KEYS, SERVICE_KEYS
from cockpit.topology.problems import Problem
from cockpit.topology.yaml_words import flow

_ALL_THE_SAME = frozenset({"no-owner", "unreachable", "cycle", "unknown-team"})
"""Rules that say what is missing, not what is wrong: an imported map is not finished."""


def recognise(root: At) -> bool:
    """Tell whether a document looks like a map."""
    services = root.get("services")
    if services is None:
        return False
    if services.is_list:
        return root.get("hops") is not None or root.get("map") is not None
    if any(root.get(key) is not None for key in ("map", "entry", "journeys", "teams")):
        return True
    known = {key for _, one in (services.entries() if services.is_mapping else ()) for key in _keys(one)}
    return bool(known) and known <= {*SERVICE_KEYS}


def _keys(one: At) -> list[str]:
    return [key for key, _ in one.entries()] if one.is_mapping else []


def read(file: File) -> Imported:
    """Return the map; what `map check` would say of it is a note, and of a document that is none an error."""
    if file.text.lstrip()[:1] == "{":
        root = read_json(file.text)
        text = flow(_as_map(root) if root.get("services") is not None and _listed(root) else root.value)
        source, problems = read_map(text, file.name)
        problems = tuple(replace(one, line=1, column=1) for one in problems)
    else:
        source, problems = read_map(file.text, file.name)
    if not source.services:
        first = next(iter(problems), None)
        if first is None:
            raise Unreadable(1, "the map has no services", "add one under `services:`")
        raise Unreadable(first.line, first.message, first.remedy)
    return Imported(source, tuple(_said(one) for one in problems if one.rule not in _ALL_THE_SAME))


def _said(problem: Problem) -> str:
    return f"line {problem.line}: {problem.message}, and left out; {problem.remedy}"


def _listed(root: At) -> bool:
    services = root.get("services")
    return services is not None and services.is_list


def _as_map(root: At) -> dict[str, object]:
    """Return what `cockpit map show --json` prints as the document of a map."""
    calls: dict[str, list[object]] = {}
    for hop in root.items_of("hops"):
        caller, callee = hop.get("caller"), hop.get("callee")
        if caller is None or callee is None:
            raise hop.wrong("has no `caller` and `callee`", "save what `cockpit map show --json` prints")
        parts: dict[str, object] = {"to": callee.name()}
        parts.update((key, one.value) for key, one in hop.entries() if key in HOP_KEYS and one.value)
        calls.setdefault(caller.name(), []).append(parts)
    services: dict[str, object] = {}
    for service in root.items_of("services"):
        name = service.get("name")
        if name is None:
            raise service.wrong("has no `name`", "save what `cockpit map show --json` prints")
        said = {key: one.value for key, one in service.entries() if key in SERVICE_KEYS and one.value not in (None, [])}
        services[name.name()] = {**said, "calls": calls.get(name.name(), [])}
    teams: dict[str, object] = {
        str(one["team"]): {} for one in services.values() if isinstance(one, dict) and one.get("team")
    }
    document = {key: one.value for key, one in root.entries() if key in MAP_KEYS and one.value is not None}
    return {**document, "services": services, "teams": document.get("teams") or teams}
