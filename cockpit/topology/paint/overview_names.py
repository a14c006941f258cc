"""The overview of a small map: its cells hold the services' names, one under the other, instead of counts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cockpit.model.drawing import Glyphs, Line, Role, Span
from cockpit.model.sights import Sights
from cockpit.text import width
from cockpit.topology.graph import Topology
from cockpit.topology.overview import APART, Grid, services_by_cell
from cockpit.topology.paint.marks import badge, badness, mark, share
from cockpit.topology.paint.overview_layout import GAP, Column, Layout, ranges
from cockpit.topology.paint.shorten import shorten

_MOST = 80
"""Services of the largest map that is shown by names."""

_CAPS = (1000, 24, 18, 14, 11)
"""Cells that a name may take, tried in turn."""


@dataclass(frozen=True, slots=True)
class Named:
    """What stands in each cell."""

    layout: Layout
    lines: Mapping[tuple[str, int], tuple[Line, ...]]
    """By team and distance: a line a service, its spans a space apart, the second one the name."""
    rows: int
    """How many rows all teams take."""


def lay_out_names(
    topology: Topology, grid: Grid, cells: int, rows: int | None, glyphs: Glyphs, sights: Sights
) -> Named | None:
    """Return the names of a map that is small enough, with what is measured where there is room; else null.

    Args:
        topology: The map's graph.
        grid: The same as a grid.
        cells: The room behind the teams' names.
        rows: The rows that there are for teams; null means as many as it takes.
        glyphs: The glyph set.
        sights: What is known of the services.
    """
    if grid.total.services > _MOST:
        return None
    distances = [first for first, _ in ranges(grid, grid.deepest)]
    inside = services_by_cell(topology, sights.states)
    high = sum(max((len(inside.get((team, at), ())) for at in distances), default=0) for team in grid.rows)
    if rows is not None and high > rows:
        return None
    for cap in _CAPS:
        for extras in (True, False) if cap == _CAPS[0] else (False,):
            lines = _lines(inside, cap, glyphs, sights, topology, extras=extras)
            columns = _columns(lines, distances)
            if not columns or columns[-1].at + columns[-1].cells <= cells:
                return Named(Layout(columns, grid.cells, 0), lines, high)
    return None


def _lines(
    inside: Mapping[tuple[str, int], tuple[str, ...]],
    cap: int,
    glyphs: Glyphs,
    sights: Sights,
    topology: Topology,
    *,
    extras: bool,
) -> dict[tuple[str, int], tuple[Line, ...]]:
    every = [name for names in inside.values() for name in names]
    texts = shorten([(name, cap) for name in every], glyphs.ellipsis)

    def line(name: str) -> Line:
        calm = badness(sights.states, name) >= 3
        tail = glyphs.third_party if topology.map.services[name].kind == "third-party" else ""
        spans = [mark(sights.states, name, glyphs), Span(texts[name, cap] + tail, Role.DIM if calm else Role.PLAIN)]
        if extras:
            measured = None if calm else share(sights.states, name)
            spans += filter(None, [measured, badge(sights.states, name, sights.changed, glyphs)])
        return tuple(spans)

    return {place: tuple(map(line, names)) for place, names in inside.items() if names}


def _columns(lines: Mapping[tuple[str, int], tuple[Line, ...]], distances: list[int]) -> tuple[Column, ...]:
    columns: list[Column] = []
    at = GAP
    for distance in distances:
        cells = max(
            sum(width(span.text) + 1 for span in line) - 1
            for (_, where), held in lines.items()
            if where == distance
            for line in held
        )
        cells = max(cells, len("entry" if distance == 0 else "unreached" if distance == APART else "1"))
        columns.append(replace(Column(distance, distance, 1, cells), at=at))
        at += cells + GAP
    return tuple(columns)
