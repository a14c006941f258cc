"""The integration pane's content: the focus with its hop chain, or, without a map, the services that were seen."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from cockpit.board.state import Board
from cockpit.model.alert import State
from cockpit.model.drawing import Drawing, Glyphs, Line, Role, Span, line_width
from cockpit.model.health import Health
from cockpit.model.panes import MapView
from cockpit.model.reading import Liveness
from cockpit.slices.say import count_of
from cockpit.slices.sights import changed_badges, unmapped
from cockpit.text import cut as cut_text
from cockpit.topology.graph import topology_of

Painter = Callable[[int, int, Glyphs], Drawing]
"""Makes the pane's drawing for a width, a height and a glyph set."""


def focus_of(board: Board, service: str) -> str:
    """Return the service to focus on: the selected alert's, else the first journey's first failing step, else an entry."""
    services = board.setup.map.services
    if service in services:
        return service
    worst = next(
        (name for name, health in board.health.items() if health.health is Health.FIRING and name in services), ""
    )
    return worst or next(iter(board.setup.map.entry), "") or next(iter(services), "")


def cut(board: Board, service: str) -> MapView:
    """Return the pane's title and focus for the selected alert's service."""
    integration_map = board.setup.map
    if integration_map.empty:
        seen = _seen(board)
        return MapView(title=f"no map: {len(seen):,} services seen in alerts and targets, hops unknown", focus=service)
    focus = focus_of(board, service)
    topology = topology_of(integration_map)
    journey = topology.chain(focus).journey
    title = f"{journey} journey" if journey else f"calls through {focus}"
    right = f"callers {len(topology.callers(focus))}  callees {len(topology.callees(focus))}"
    stale = bool(board.systems) and all(state.state is Liveness.DOWN for state in board.systems.values())
    return MapView(title=title, focus=focus, right=right if service else "", stale=stale)


def painter(board: Board, view: MapView, now: datetime, *, tree: bool = False, selected: bool = True) -> Painter:
    """Return what draws the pane: the hop chain, the tree, or the list of services seen where there is no map.

    Args:
        board: What is known.
        view: What the pane is about.
        now: The present, for the ages of changes.
        tree: Whether the tree is drawn instead of the chain.
        selected: Whether its focus is a selected alert's service, and not only the place where one looks first.
    """
    if board.setup.map.empty:
        return lambda width, height, glyphs: _island_list(board, now, width, height, glyphs)

    def paint(width: int, height: int, glyphs: Glyphs) -> Drawing:
        topology = topology_of(board.setup.map)
        if tree:
            from cockpit.topology.paint.tree import paint_tree

            return paint_tree(topology, view.focus, width, height, glyphs, board.health)
        from cockpit.topology.paint.chain import paint_chain

        drawing = paint_chain(
            topology,
            view.focus,
            width,
            height,
            glyphs,
            board.health,
            changed=changed_badges(board, now),
            unmapped=unmapped(board),
        )
        return drawing if selected else _unselected(drawing)

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


def _island_list(board: Board, now: datetime, width: int, height: int, glyphs: Glyphs) -> Drawing:
    marks = {
        Health.FIRING: (glyphs.firing, Role.FIRING),
        Health.WARNING: (glyphs.warning, Role.WARNING),
        Health.NO_TRAFFIC: (glyphs.no_traffic, Role.WARNING),
        Health.FINE: (glyphs.fine, Role.FINE),
        Health.UNKNOWN: (glyphs.unknown, Role.UNKNOWN),
    }
    firing: dict[str, int] = {}
    for fold in board.folds.values():
        firing[fold.key.service] = firing.get(fold.key.service, 0) + fold.counts.get(State.FIRING, 0)
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
