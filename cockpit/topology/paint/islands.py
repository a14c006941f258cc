"""Services that the map does not know: islands beside the chain, joined to nothing."""

from collections.abc import Sequence

from cockpit.model.drawing import Role, Span
from cockpit.text import width
from cockpit.topology.paint.canvas import Canvas
from cockpit.topology.paint.columns import Scene
from cockpit.topology.paint.marks import badge, fires, mark
from cockpit.topology.paint.shorten import shorten

_LONGEST = 28
_TITLE = "not in map: "


def paint_islands(canvas: Canvas, scene: Scene, services: Sequence[str], row: int, rows: int) -> None:
    """Put as many islands as fit into so many rows, the focus first, else in their order; the rest is counted, a firing one marked."""
    ranked = sorted(services, key=lambda one: one != scene.focus)
    title = _TITLE if canvas.cells >= 40 else ""
    room = min(_LONGEST, canvas.cells - width(title) - 2)
    texts = shorten([(one, room) for one in ranked[: rows * canvas.cells]], scene.glyphs.ellipsis)
    names = {name: text for (name, _), text in texts.items()}
    at = canvas.put(row, 0, title, Role.DIM)
    line, first = row, at
    for number, service in enumerate(ranked):
        badged = badge(scene.states, service, scene.changed, scene.glyphs)
        behind = (Span(f" {badged.text}", badged.role),) if badged is not None else ()
        size = 2 + width(names.get(service, "")) + sum(width(span.text) for span in behind)
        rest = _rest(scene, ranked[number + 1 :])
        over = at + size + (1 + width(rest) if rest and line == row + rows - 1 else 0) > canvas.cells
        if over and at > first and line < row + rows - 1:
            line, at = line + 1, first
        elif over and at > first:
            canvas.put(line, at, _rest(scene, ranked[number:]), Role.DIM)
            return
        elif over:
            behind = ()
        begin = at
        glyph = mark(scene.states, service, scene.glyphs)
        at = canvas.put(line, at, f"{glyph.text} ", glyph.role)
        chosen = service == scene.focus
        at = canvas.put(line, at, names.get(service, ""), Role.SELECTED if chosen else Role.PLAIN)
        canvas.name(line, begin, at - begin, service, selected=chosen)
        for span in behind:
            at = canvas.put(line, at, span.text, span.role)
        at += 2


def _rest(scene: Scene, services: Sequence[str]) -> str:
    """Return the count of what is left out."""
    if not services:
        return ""
    return f"+{len(services)}{scene.glyphs.firing if any(fires(scene.states, one) for one in services) else ''}"
