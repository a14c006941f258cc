"""The integration pane's content: the focus with its hop chain, or, without a map, the services that were seen."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from cockpit.board.state import Board
from cockpit.model.alert import Fold, FoldKey, State
from cockpit.model.drawing import Drawing, Glyphs, Line, Role, Span, line_width
from cockpit.model.health import Health
from cockpit.model.panes import MapView
from cockpit.model.reading import Liveness
from cockpit.model.walk import View, Walk
from cockpit.slices.mapviews import Drawn, draw
from cockpit.slices.say import count_of
from cockpit.slices.sights import changed_badges, sights_of
from cockpit.text import cut as cut_text
from cockpit.topology.graph import Topology, topology_of
from cockpit.triage.memo import Memo

_JOURNEYS = 3

Painter = Callable[[int, int, Glyphs], Drawing]
"""Makes the pane's drawing for a width, a height and a glyph set."""


def focus_of(board: Board, service: str) -> str:
    """Return the service to focus on: the given one, else the first that fires, else an entry."""
    services = board.map.services
    if service:
        return service
    worst = next(
        (name for name, health in board.health.items() if health.health is Health.FIRING and name in services), ""
    )
    return worst or next(iter(board.map.entry), "") or next(iter(services), "")


def cut(board: Board, walk: Walk) -> MapView:
    """Return the pane's title, focus and cursor for a walk."""
    integration_map = board.map
    if integration_map.empty:
        seen = _seen(board)
        return MapView(title=f"no map: {len(seen):,} services seen in alerts and targets, hops unknown")
    centre = focus_of(board, walk.centre)
    here = walk.here or centre
    stale = bool(board.systems) and all(state.state is Liveness.DOWN for state in board.systems.values())
    topology = topology_of(integration_map)
    right = f"callers {len(topology.callers(here))}  callees {len(topology.callees(here))}"
    right = "" if not walk.here or here not in topology else right if here == centre else f"{here}: {right}"
    return MapView(title=_title(topology, centre, walk), focus=here, centre=centre, right=right, stale=stale)


def _title(topology: Topology, centre: str, walk: Walk) -> str:
    """Return what is drawn, in a few words."""
    total = len(topology.map.services)
    if walk.view is View.OVERVIEW:
        return f"overview of {_counted(total, 'service')}"
    if walk.blast:
        return f"what feels a failure of {centre}: {say_blast(topology, centre)}"
    if centre not in topology and centre:
        return f"{centre} is not in map {topology.map.name}".rstrip()
    if walk.view is not View.CHAIN:
        return f"{walk.view} around {centre}"
    journey = topology.chain(centre).journey
    return f"{journey} journey" if journey else f"calls through {centre}"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'s'[: number != 1]}"


def say_blast(topology: Topology, service: str) -> str:
    """Return in a few words what feels a failure of a service, counted on the whole graph."""
    felt = topology.blast(service)
    if not felt.callers and not felt.journeys:
        return "no other service"
    said = [_counted(len(felt.callers), "service")]
    if felt.entries:
        said.append(_counted(len(felt.entries), "entry point"))
    journeys = (*felt.journeys, *felt.journeys_through)
    if journeys:
        shown = ", ".join(journeys[:_JOURNEYS])
        rest = f" and {len(journeys) - _JOURNEYS} more" if len(journeys) > _JOURNEYS else ""
        said.append(f"journey{'s'[: len(journeys) != 1]} {shown}{rest}")
    return ", ".join(said)


def painter(board: Board, view: MapView, walk: Walk, now: datetime) -> Painter:
    """Return what draws the pane: the walk's view of its focus, or the services seen where there is no map.

    Chain and subway stand beside each other where there is room for both. What is higher than the pane is drawn
    whole: the pane shows the part with the cursor.

    Args:
        board: What is known.
        view: What the pane is about.
        walk: Where the person is on the map.
        now: The present, for the ages of changes.
    """
    if board.map.empty:
        return lambda width, height, glyphs: _island_list(board, now, width, height, glyphs)

    @lru_cache(maxsize=2)
    def paint(width: int, height: int, glyphs: Glyphs) -> Drawing:
        scene = Drawn(topology_of(board.map), view.centre, view.focus, sights_of(board, now), glyphs, walk)
        drawing = draw(scene, width, height)
        return drawing if walk.here or walk.view is View.OVERVIEW else _unselected(drawing)

    return paint


def _unselected(drawing: Drawing) -> Drawing:
    """Return the drawing with nothing standing out as selected."""
    lines = tuple(
        tuple(Span(span.text, Role.PLAIN) if span.role is Role.SELECTED else span for span in line)
        for line in drawing.lines
    )
    return replace(drawing, lines=lines, selected=None)


def _seen(board: Board) -> list[str]:
    """Return every service seen in alerts, changes and targets, worst first."""
    order = {Health.FIRING: 0, Health.WARNING: 1, Health.NO_TRAFFIC: 2, Health.UNKNOWN: 3, Health.FINE: 4}
    known = {name: order[health.health] for name, health in board.health.items() if name}
    for change in board.changes:
        known.setdefault(change.service, 3)
    return sorted(known, key=lambda name: (known[name], name))


def _firing(folds: Mapping[FoldKey, Fold]) -> Mapping[str, int]:
    firing: dict[str, int] = {}
    for key, fold in folds.items():
        count = fold.counts.get(State.FIRING)
        if count:
            firing[key.service] = firing.get(key.service, 0) + count
    return firing


_firing_by_service = Memo(_firing)
"""Firing alerts by service."""


def _island_list(board: Board, now: datetime, width: int, height: int, glyphs: Glyphs) -> Drawing:
    marks = {
        Health.FIRING: (glyphs.firing, Role.FIRING),
        Health.WARNING: (glyphs.warning, Role.WARNING),
        Health.NO_TRAFFIC: (glyphs.no_traffic, Role.WARNING),
        Health.FINE: (glyphs.fine, Role.FINE),
        Health.UNKNOWN: (glyphs.unknown, Role.UNKNOWN),
    }
    firing = _firing_by_service(board.folds)
    badges = changed_badges(board, now)
    lines: list[Line] = []
    row: list[Span] = []
    names = _seen(board)
    for number, name in enumerate(names):
        health = board.health.get(name)
        mark, role = marks[health.health if health is not None else Health.UNKNOWN]
        tail = "".join(
            (
                f" {firing[name]}" if firing.get(name, 0) > 1 else "",
                f" {glyphs.change}{badges[name]}" if name in badges else "",
            )
        )
        piece = (Span(f"{mark} ", role), Span(cut_text(name, 24, glyphs.ellipsis)), Span(f"{tail}  ", Role.DIM))
        if row and line_width((*row, *piece)) > width:
            if len(lines) + 1 >= height:
                lines.append(_with_rest(row, len(names) - number, width))
                return Drawing(tuple(lines))
            lines.append(tuple(row))
            row = []
        row += piece
    if row:
        lines.append(tuple(row))
    if not lines:
        lines.append((Span("nothing seen yet", Role.DIM),))
    return Drawing(tuple(lines[:height]))


def _with_rest(row: list[Span], left: int, width: int) -> Line:
    tail = Span(count_of(left, "more"), Role.DIM)
    kept = list(row)
    while kept and line_width((*kept, tail)) > width:
        kept.pop()
    return (*kept, tail)


def in_cell(board: Board, walk: Walk) -> list[tuple[str, str]]:
    """Return the services of the overview's cell under the cursor, worst first, with what is known of each."""
    from cockpit.topology.overview import cell_of, services_in

    topology = topology_of(board.map)
    cell = walk.cell or (cell_of(topology, walk.here) if walk.here in topology else "")
    found = []
    for name in services_in(topology, cell, board.health):
        health = board.health.get(name)
        watched = health is not None and health.health is not Health.UNKNOWN
        said = [health.health.value.replace("-", " ") if health is not None and watched else "not watched"]
        if health is not None and health.error_share is not None:
            said.append(f"{health.error_share:.1%} failing")
        said.append(topology.map.services[name].team or "no owner")
        found.append((name, ", ".join(said)))
    return found
