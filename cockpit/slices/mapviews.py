"""The views of one focus: chain, subway, tree and overview, each by its painter; wide panes hold two."""

from dataclasses import dataclass

from cockpit.model.drawing import Drawing, Glyphs
from cockpit.model.sights import Sights
from cockpit.model.walk import View, Walk
from cockpit.topology.graph import Topology

BESIDE = 138
"""Cells inside a pane from which on chain and subway stand beside each other."""


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
    if scene.walk.blast or scene.walk.view is View.TREE:
        return _tree(scene, width, callers=scene.walk.blast)
    return _chain(scene, width, height)


def _chain(scene: Drawn, width: int, height: int) -> Drawing:
    from cockpit.topology.paint.chain import paint_chain

    return paint_chain(scene.topology, scene.here or scene.centre, width, height, scene.glyphs, scene.sights)


def _tree(scene: Drawn, width: int, *, callers: bool) -> Drawing:
    from cockpit.topology.paint.tree import paint_tree

    return paint_tree(scene.topology, scene.here, width, None, scene.glyphs, scene.sights, callers=callers)
