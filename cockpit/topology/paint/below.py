"""What stands under a subway or a tree, joined to nothing: services that the map does not know, and what fires elsewhere."""

from collections.abc import Collection, Mapping

from cockpit.model.drawing import Drawing, Glyphs, Role
from cockpit.model.sights import Sights
from cockpit.text import cut
from cockpit.text import width as width_of
from cockpit.topology.focus import Focus
from cockpit.topology.graph import Topology
from cockpit.topology.paint.canvas import Canvas
from cockpit.topology.paint.marks import badge, fires, mark
from cockpit.topology.paint.shorten import shorten

_TITLE = "not in map: "
_LONGEST = 28


def paint_below(
    topology: Topology,
    focus: Focus,
    cells: int,
    glyphs: Glyphs,
    sights: Sights,
    *,
    selected: str = "",
    taken: Collection[str] = (),
) -> Drawing:
    """Return a row of what is not in the map, the selected one first, and one that counts what fires where no way leads.

    Args:
        topology: The map's graph.
        focus: What is drawn above.
        cells: Cells that there are.
        glyphs: The glyph set.
        sights: What is known of services.
        selected: The service under the cursor.
        taken: What names were cut to above: no other one may read the same.
    """
    islands = strangers(topology, focus, sights, selected)
    canvas = Canvas(cells, bool(islands) + bool(focus.elsewhere))
    if islands:
        _put_islands(canvas, islands, _texts(islands[:cells], glyphs, taken), sights, glyphs, selected)
    if focus.elsewhere:
        text = f"{glyphs.firing}{focus.elsewhere} elsewhere, joined by no call to what is shown"
        canvas.put(canvas.rows - 1, 0, cut(text, cells, glyphs.ellipsis), Role.FIRING)
    return canvas.drawing()


def strangers(topology: Topology, focus: Focus, sights: Sights, selected: str = "") -> tuple[str, ...]:
    """Return the services that the map does not know: the selected one, the centre, and those that fire."""
    strange = [name for name in (selected, focus.centre) if name and name not in topology]
    return tuple(dict.fromkeys((*strange, *sights.unmapped)))


def _texts(names: tuple[str, ...], glyphs: Glyphs, taken: Collection[str]) -> Mapping[str, str]:
    """Return names as they are written, cut where they are long."""
    texts = shorten([(name, _LONGEST) for name in names], glyphs.ellipsis)
    return {name: name if texts[name, _LONGEST] in taken else texts[name, _LONGEST] for name in names}


def _put_islands(
    canvas: Canvas,
    names: tuple[str, ...],
    texts: Mapping[str, str],
    sights: Sights,
    glyphs: Glyphs,
    selected: str,
) -> None:
    """Put as many as fit into one row; the rest is counted."""
    cells = canvas.cells
    at = canvas.put(0, 0, _TITLE, Role.DIM)
    for number, name in enumerate(names[:cells]):
        glyph = mark(sights.states, name, glyphs)
        text = texts[name]
        change = badge(sights.states, name, sights.changed, glyphs)
        behind = f" {change.text}" if change is not None else ""
        rest = names[number:]
        count = f"+{len(rest)}{glyphs.firing if any(fires(sights.states, one) for one in rest) else ''}"
        more = width_of(f" +{len(names)}{glyphs.firing}") if len(rest) > 1 else 0
        if at + 2 + width_of(text) + width_of(behind) + more > cells:
            canvas.put(0, at, count, Role.DIM)
            return
        begin, chosen = at, name == selected
        at = canvas.put(0, at, f"{glyph.text} ", glyph.role)
        at = canvas.put(0, at, text, Role.SELECTED if chosen else Role.PLAIN)
        canvas.name(0, begin, at - begin, name, selected=chosen)
        if change is not None:
            at = canvas.put(0, at, behind, change.role)
        at += 2
