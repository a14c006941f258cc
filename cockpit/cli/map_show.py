"""`cockpit map show`: an integration map as text, around one service."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

from cockpit.cli.map_layers import on_layer
from cockpit.cli.map_sights import Seen, look
from cockpit.cli.maps import choose_map
from cockpit.cli.options import Options, Usage
from cockpit.cli.output import coloured, columns, counted, note, say, say_json
from cockpit.model.drawing import ASCII, UNICODE, Drawing, Glyphs, Role, Span
from cockpit.model.topology import NO_MAP, IntegrationMap, Service
from cockpit.spans import rfc3339
from cockpit.topology.problems import Problem, close

_VIEWS = ("chain", "subway", "tree", "overview")
"""Views that there are."""

_LAYERS = ("services", "teams", "tools")
"""Layers that there are."""

_NARROWEST = 20
_WIDEST = 1000
_USUAL = 100
"""Columns where standard output is no terminal."""

_COLOURS = {
    Role.DIM: "2",
    Role.STRONG: "1",
    Role.TITLE: "1",
    Role.FIRING: "1;31",
    Role.WARNING: "33",
    Role.CHANGE: "36",
    Role.SUSPECT: "1;36",
    Role.STALE: "2",
    Role.PENDING: "2",
    Role.SELECTED: "7",
    Role.FOCUS: "7",
    Role.UNKNOWN: "2",
    Role.FRAME: "2",
}
"""Terminal attributes by role; a role that is not here is plain."""


def run(options: Options) -> int:
    """Print the graph."""
    if options.layer not in _LAYERS:
        raise Usage("--layer", f"there is no layer {options.layer!r}", f"layers: {', '.join(_LAYERS)}")
    of_services = options.layer == _LAYERS[0]
    if not options.view:
        options = replace(options, view="chain" if of_services else "tree")
    if options.view not in _VIEWS:
        raise Usage("--view", f"there is no view {options.view!r}", f"views: {', '.join(_VIEWS)}")
    if options.callers and options.view != "tree":
        raise Usage("--callers", f"the {options.view} has one direction only", "add --view tree")
    if options.view == "overview" and not of_services:
        raise Usage("--view", f"the overview is of services, not of {options.layer}", "views: chain, subway, tree")
    width = _width(options)
    try:
        chosen = choose_map(options)
    except Usage:
        seen = look(options, NO_MAP)
        if seen.map.empty:
            raise
        return _say(seen, width, options)
    declared, problems = chosen.read()
    if declared.empty:
        _tell(chosen.file, problems)
        if options.json:
            say_json(None)
        note(f"{chosen.file}: has no services")
        return 1
    seen = look(options, declared)
    if seen.board is None:  # else it was told with the systems
        _tell(chosen.file, problems)
    return _say(seen, width, options)


def _say(seen: Seen, width: int, options: Options) -> int:
    seen, told = (seen, None) if options.layer == _LAYERS[0] else on_layer(seen, options.layer)
    named = None if options.focus is None else _focus(options.focus, seen.map, options.layer)
    if options.json:
        say_json(as_json(seen.map) if told is None else told)
        return 0
    glyphs = ASCII if options.ascii or not _unicode() else UNICODE
    focus = named or _first(seen)
    say("\n".join(lines(_draw(seen, focus, width, glyphs, options))))
    return 0


def _tell(file: str, problems: Sequence[Problem]) -> None:
    """Tell on standard error that a map has errors."""
    if errors := sum(problem.fatal for problem in problems):
        note(f"{file}: {counted(errors, 'error')}; what cannot be used is left out, see cockpit map check")


def _unicode() -> bool:
    import sys

    return "utf" in (sys.stdout.encoding or "").lower() and os.environ.get("TERM") not in {"linux", "dumb"}


def _width(options: Options) -> int:
    if options.width is None:
        return max(_NARROWEST, columns() or _USUAL)
    if not options.width.isdecimal() or not _NARROWEST <= int(options.width) <= _WIDEST:
        raise Usage("--width", f"{options.width!r} is no width", f"write a number from {_NARROWEST} to {_WIDEST}")
    return int(options.width)


def _focus(asked: str, integration_map: IntegrationMap, layer: str) -> str:
    """Return the service, team or tool that is named, by name or alias."""
    services = integration_map.services
    from cockpit.topology.naming import Naming

    named = Naming(integration_map, ()).of_name(asked)
    if named.mapped:
        return named.service
    meant = close(asked, services)
    raise Usage(
        "--focus",
        f"the map has no {layer.removesuffix('s')} {asked!r}",
        f"did you mean {meant}?" if meant else f"{layer}: {', '.join(list(services)[:20])}",
    )


def _first(seen: Seen) -> str:
    """Return where one looks first: the worst service that fires, else the first entry."""
    from cockpit.slices.integrations import focus_of

    services = seen.map.services
    if seen.board is not None:
        return focus_of(seen.board, "")
    return next((name for name in seen.map.entry if name in services), next(iter(services)))


def _draw(seen: Seen, centre: str, width: int, glyphs: Glyphs, options: Options) -> Drawing:
    from cockpit.topology.focus import choose
    from cockpit.topology.graph import topology_of

    topology = topology_of(seen.map)
    if options.view == "overview":
        from cockpit.topology.paint.overview import paint_overview

        return paint_overview(topology, width, None, glyphs, seen.sights)
    focus = choose(topology, centre, seen.sights.states)
    if options.view == "tree":
        from cockpit.topology.paint.tree import paint_tree

        return paint_tree(topology, focus, width, None, glyphs, seen.sights, callers=options.callers)
    if options.view == "subway":
        from cockpit.topology.paint.subway import paint_subway

        return paint_subway(topology, focus, width, None, glyphs, seen.sights)
    from cockpit.topology.paint.chain import paint_chain

    return paint_chain(topology, focus, width, None, glyphs, seen.sights)


def lines(drawing: Drawing) -> Iterable[str]:
    """Return the drawing's rows, coloured where the terminal may be."""
    if not coloured():
        yield from drawing.text().rstrip("\n").split("\n")
        return
    for line in drawing.lines:
        yield "".join(map(_coloured, line))


def _coloured(span: Span) -> str:
    colour = _COLOURS.get(span.role)
    return span.text if colour is None or not span.text.strip() else f"\x1b[{colour}m{span.text}\x1b[0m"


def as_json(integration_map: IntegrationMap) -> dict[str, object]:
    """Return the graph as one document."""
    return {
        "map": integration_map.name,
        "entry": list(integration_map.entry),
        "journeys": {name: list(steps) for name, steps in integration_map.journeys.items()},
        "services": [_service(service) for service in integration_map.services.values()],
        "hops": [
            {
                "caller": hop.caller,
                "callee": hop.callee,
                "protocol": hop.protocol,
                "name": hop.name,
                "provenance": hop.provenance.value,
                "seen": rfc3339(hop.seen),
                "sources": list(hop.sources),
            }
            for service in integration_map.services.values()
            for hop in service.calls
        ],
        "tools": [{"from": hop.source, "to": hop.target, "label": hop.label} for hop in integration_map.tools],
    }


def _service(service: Service) -> dict[str, object]:
    return {
        "name": service.name,
        "team": service.team,
        "kind": service.kind,
        "aliases": list(service.aliases),
        "runs_on": list(service.runs_on),
        "weight": service.weight,
        "provenance": service.provenance.value,
        "seen": rfc3339(service.seen),
        "sources": list(service.sources),
    }
