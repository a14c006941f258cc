"""The chain view: a journey on one line, callers above it, callees below it, never wider or higher than it may be."""

from collections.abc import Iterable, Mapping, Sequence

from cockpit.model.drawing import Drawing, Glyphs, Role
from cockpit.text import cut
from cockpit.topology.graph import Topology
from cockpit.topology.paint.canvas import Canvas
from cockpit.topology.paint.columns import Column, Node, Scene, around, bare, count_beneath
from cockpit.topology.paint.frame import Rows, paint_frame
from cockpit.topology.paint.islands import paint_islands
from cockpit.topology.paint.marks import NOTHING, States, badness, fires
from cockpit.topology.paint.window import open_window


def paint_chain(
    topology: Topology,
    focus: str,
    width: int,
    height: int,
    glyphs: Glyphs,
    states: States,
    *,
    changed: Mapping[str, str] = NOTHING,
    unmapped: Sequence[str] = (),
) -> Drawing:
    """Return the chain that shows a service.

    Arrows of line (`──►`, heavy where the hop fails) and branches of line are calls of the map, and nothing else is;
    a dotted arrow is a journey's order, a dotted branch what a service runs on.

    Args:
        topology: The map's graph.
        focus: The selected service; one that the map does not know becomes an island.
        width: Cells that there are; no row takes more.
        height: Rows that there are; there are never more.
        glyphs: The glyph set.
        states: Health by service.
        changed: The age of the latest change by service, for its badge.
        unmapped: Services that do something and are not in the map, worst first.
    """
    cells, rows = max(1, width), max(1, height)
    scene = Scene(topology, focus, states, changed, glyphs)
    islands = list(dict.fromkeys((*([focus] if focus and focus not in topology else []), *unmapped)))
    chain = topology.chain(focus)
    if not chain.steps:
        canvas = Canvas(cells, rows)
        paint_islands(canvas, scene, islands, 0, rows)
        return canvas.drawing()
    apart = bool(islands) and (rows > 2 or (focus not in topology and bool(focus)))
    if apart and rows == 1:
        canvas = Canvas(cells, 1)
        paint_islands(canvas, scene, islands, 0, 1)
        return canvas.drawing()
    room = rows - apart
    alone = room == 1 or (room == 2 and any(step.service == focus for step in chain.steps))
    steps = bare(scene, chain, alone=alone)
    ends = (glyphs.left, glyphs.right, glyphs.firing)
    firing = [fires(states, step.service) for step in steps]
    window = open_window(steps, _centre(scene, steps), cells, firing, ends)
    columns, shared = _fill(scene, steps[window.first : window.last + 1], room)
    columns = count_beneath(scene, columns, [step.service for step in steps])
    told = room - shared.total >= 2 and focus in topology
    canvas = Canvas(cells, shared.total + apart + told)
    paint_frame(canvas, scene, columns, window, shared)
    if told:
        _tell_focus(canvas, scene, shared.total)
    if apart:
        paint_islands(canvas, scene, islands, shared.total + told, 1)
    return canvas.drawing()


def _centre(scene: Scene, steps: Sequence[Column]) -> int:
    """Return the step that has to be seen: the focus, else one beside it, else the first that fires."""
    services = [step.service for step in steps]
    topology, focus = scene.topology, scene.focus
    if focus in services:
        return services.index(focus)
    beside = {*topology.callers(focus), *topology.callees(focus), *topology.hosted(focus)}
    return next(
        (place for place, one in enumerate(services) if one in beside),
        min(range(len(services)), key=lambda place: badness(scene.states, services[place]) > 0),
    )


def _fill(scene: Scene, visible: Sequence[Column], room: int) -> tuple[tuple[Column, ...], Rows]:
    """Return the columns with as much above and below as there is room for, and how the rows are shared out."""
    columns = around(scene, visible)
    shared = _share_rows(scene, columns, room)
    if room >= shared.total + 3:
        deep = around(scene, visible, deep=True)
        deeper = _share_rows(scene, deep, room)
        if deeper.below > shared.below and deeper.below >= max(_height(column.below) for column in deep):
            return deep, deeper
    return columns, shared


def _height(nodes: Sequence[Node]) -> int:
    return sum(1 + len(node.deep) for node in nodes)


def _share_rows(scene: Scene, columns: Sequence[Column], room: int) -> Rows:
    """Share out the rows: the line first, what shows the focus, then note, callees and callers by turns."""
    wish_above = max(len(column.above) for column in columns)
    wish_below = max(_height(column.below) for column in columns)
    wish_note = int(room > 3 or any(column.note for column in columns))
    above = below = note = 0
    left = room - 1
    if left > 0 and not any(column.service == scene.focus for column in columns):
        below = int(_holds(scene.focus, (column.below for column in columns)))
        above = int(not below and _holds(scene.focus, (column.above for column in columns)))
        left -= below + above
    if left > 0 and wish_note:
        note, left = 1, left - 1
    while left > 0 and (above < wish_above or below < wish_below):
        if below < wish_below and (below <= above or above >= wish_above):
            below += 1
        else:
            above += 1
        left -= 1
    return Rows(above, note, below)


def _holds(service: str, groups: Iterable[Sequence[Node]]) -> bool:
    return any(node.service == service for nodes in groups for node in nodes)


def _tell_focus(canvas: Canvas, scene: Scene, row: int) -> None:
    """Say on one row what feels a failure of the focus, and what it runs on."""
    blast = scene.topology.blast(scene.focus)
    told = [f"felt by {', '.join(blast.callers)}" if blast.callers else "felt by no other service"]
    journeys = (*blast.journeys, *blast.journeys_through)
    if journeys:
        told.append(f"{'journey' if len(journeys) == 1 else 'journeys'} {', '.join(journeys)}")
    hosts = scene.topology.runs_on(scene.focus)
    if hosts:
        told.append(f"runs on {', '.join(hosts)}")
    text = f"{scene.focus}: {'; '.join(told)}"
    canvas.put(row, 0, cut(text, canvas.cells, scene.glyphs.ellipsis), Role.DIM)
