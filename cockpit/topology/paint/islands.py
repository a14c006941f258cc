"""Services that the map does not know: islands beside the chain, joined to nothing."""

from collections.abc import Mapping, Sequence

from cockpit.model.drawing import Role, Span
from cockpit.model.health import Health
from cockpit.text import width
from cockpit.topology.paint.canvas import Canvas
from cockpit.topology.paint.marks import badge, health_of, mark
from cockpit.topology.paint.scene import Scene
from cockpit.topology.paint.shorten import Place
from cockpit.topology.paint.sidings import fires_in

_LONGEST = 28
_TITLE = "not in map: "


def places_of(scene: Scene, services: Sequence[str], cells: int, rows: int) -> list[Place]:
    """Return the islands that may be shown with the cells for their names, the selected one first."""
    ranked = sorted(services, key=lambda one: one != scene.selected)
    room = min(_LONGEST, cells - width(_title(cells)) - 2)
    return [(one, room) for one in ranked[: rows * cells]]


def _title(cells: int) -> str:
    return _TITLE if cells >= 40 else ""


def paint_islands(
    canvas: Canvas, scene: Scene, services: Sequence[str], row: int, rows: int, texts: Mapping[Place, str]
) -> None:
    """Put as many islands as fit into so many rows, the selected one first; the rest is counted, the firing ones apart."""
    ranked = sorted(services, key=lambda one: one != scene.selected)
    names = {place[0]: texts.get(place, "") for place in places_of(scene, services, canvas.cells, rows)}
    states, changed = scene.sights.states, scene.sights.changed
    at = canvas.put(row, 0, _title(canvas.cells), Role.DIM)
    line, first = row, at
    firing = fires_in(scene, ranked)
    for number, service in enumerate(ranked):
        fires = health_of(states, service) is Health.FIRING
        badged = badge(states, service, changed, scene.glyphs)
        behind = (Span(f" {badged.text}", badged.role),) if badged is not None else ()
        size = 2 + width(names.get(service, "")) + sum(width(span.text) for span in behind)
        rest = _rest(scene, len(ranked) - number - 1, firing - fires)
        over = at + size + (1 + width(rest) if rest and line == row + rows - 1 else 0) > canvas.cells
        if over and at > first and line < row + rows - 1:
            line, at = line + 1, first
        elif over and at > first:
            canvas.put(line, at, *scene.stub(_rest(scene, len(ranked) - number, firing)))
            return
        elif over:
            behind = ()
        begin = at
        glyph = mark(states, service, scene.glyphs)
        at = canvas.put(line, at, f"{glyph.text} ", glyph.role)
        chosen = service == scene.selected
        at = canvas.put(line, at, names.get(service, ""), Role.SELECTED if chosen else Role.PLAIN)
        canvas.name(line, begin, at - begin, service, selected=chosen)
        for span in behind:
            at = canvas.put(line, at, span.text, span.role)
        at += 2
        firing -= fires


def _rest(scene: Scene, count: int, firing: int) -> str:
    """Return the count of what is left out."""
    return scene.say_count(count, firing) if count else ""
