"""The views of one focus: chain, subway, tree and overview, each by its painter; wide panes hold two."""

from dataclasses import dataclass, replace

from cockpit.model.drawing import Drawing, Glyphs, Role, Span, line_width
from cockpit.model.sights import Sights
from cockpit.model.walk import View, Walk
from cockpit.topology.felt import feeling
from cockpit.topology.focus import Focus, choose
from cockpit.topology.graph import Topology

BESIDE = 138
"""Cells inside a pane from which on chain and subway stand beside each other."""
_RULE = "  | "


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn."""

    topology: Topology
    centre: str
    here: str
    """The service under the cursor."""
    sights: Sights
    glyphs: Glyphs
    walk: Walk


def draw(scene: Drawn, width: int, height: int) -> Drawing:
    """Return the walk's view; chain and overview fit into the height, subway and tree are drawn whole."""
    walk = scene.walk
    if walk.view is View.OVERVIEW:
        return _overview(scene, width, height)
    if walk.blast:
        return _felt(scene, width)
    if walk.view is View.TREE:
        return _tree(scene, width)
    if width >= BESIDE:
        return _beside(scene, width, height)
    return _subway(scene, width) if walk.view is View.SUBWAY else _chain(scene, width, height)


def _focus(scene: Drawn) -> Focus:
    """Return what is drawn around the centre; once the cursor has left that, around the cursor."""
    walk, topology, states = scene.walk, scene.topology, scene.sights.states
    centre = scene.centre if scene.centre in topology else ""
    found = choose(topology, centre, states, depth=walk.depth, folded=walk.folded)
    if centre != scene.centre:  # whatever the map does not know stands beside the same chain
        found = replace(found, centre=scene.centre)
    if scene.here not in topology or scene.here in found.services:
        return found
    return choose(topology, scene.here, states, depth=walk.depth, folded=walk.folded)


def _chain(scene: Drawn, width: int, height: int) -> Drawing:
    from cockpit.topology.paint.chain import paint_chain

    return paint_chain(scene.topology, _focus(scene), width, height, scene.glyphs, scene.sights, selected=scene.here)


def _subway(scene: Drawn, width: int) -> Drawing:
    from cockpit.topology.paint.subway import paint_subway

    return paint_subway(scene.topology, _focus(scene), width, None, scene.glyphs, scene.sights, selected=scene.here)


def _tree(scene: Drawn, width: int) -> Drawing:
    from cockpit.topology.paint.tree import paint_tree

    return paint_tree(scene.topology, _focus(scene), width, None, scene.glyphs, scene.sights, selected=scene.here)


def _felt(scene: Drawn, width: int) -> Drawing:
    """Return whatever depends on the centre, nearest first, as a tree of callers under callees."""
    from cockpit.topology.paint.tree import paint_tree

    felt = feeling(scene.topology, scene.centre, scene.sights.states)
    return paint_tree(scene.topology, felt, width, None, scene.glyphs, scene.sights, selected=scene.here, callers=True)


def _overview(scene: Drawn, width: int, height: int) -> Drawing:
    from cockpit.topology.overview import cell_of
    from cockpit.topology.paint.overview import paint_overview

    cell = scene.walk.cell or (cell_of(scene.topology, scene.here) if scene.here in scene.topology else "")
    return paint_overview(scene.topology, width, height, scene.glyphs, scene.sights, selected=cell)


def _beside(scene: Drawn, width: int, height: int) -> Drawing:
    """Return chain and subway beside each other, the view of the walk with the cursor."""
    left = max(width * 52 // 100, 78)
    chain, subway = _chain(scene, left, height), _subway(scene, width - left - len(_RULE))
    rule = (Span(_RULE.replace("|", scene.glyphs.vertical), Role.FRAME),)
    rows = max(len(chain.lines), min(height, len(subway.lines)))
    top = _top(subway, rows)
    lines = []
    for number in range(rows):
        line = chain.lines[number] if number < len(chain.lines) else ()
        there = number + top
        beside = subway.lines[there] if there < len(subway.lines) else ()
        lines.append((*line, Span(" " * (left - line_width(line))), *rule, *beside))
    if scene.walk.view is View.CHAIN:
        return Drawing(tuple(lines), chain.selected, chain.names)
    at = left + len(_RULE)
    names = tuple((row - top, cell + at, cells, name) for row, cell, cells, name in subway.names)
    selected = None if subway.selected is None else subway.selected - top
    return Drawing(tuple(lines), selected, tuple(name for name in names if 0 <= name[0] < rows))


def _top(drawing: Drawing, rows: int) -> int:
    """Return the first row of a drawing that is shown where it is higher than its room, so that its selection is seen."""
    here = drawing.selected or 0
    return max(0, min(here - rows // 2, len(drawing.lines) - rows))
