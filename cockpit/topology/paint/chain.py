"""The chain view: a journey on one line, callers above it, callees below it, never wider or higher than it may be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from cockpit.model.drawing import Drawing, Glyphs, Role
from cockpit.model.sights import Sights
from cockpit.text import cut
from cockpit.text import width as width_of
from cockpit.topology.focus import Focus, choose
from cockpit.topology.graph import Step, Topology
from cockpit.topology.paint.beside import beside
from cockpit.topology.paint.canvas import Canvas, beneath, crop
from cockpit.topology.paint.frame import Frame, Painter, Rows, say_elsewhere
from cockpit.topology.paint.islands import paint_islands, places_of
from cockpit.topology.paint.scene import Counts, Scene
from cockpit.topology.paint.shorten import Place, shorten
from cockpit.topology.paint.sidings import Column, Drawn, columns_of, plan, select, settle
from cockpit.topology.paint.sidings import height as height_of
from cockpit.topology.paint.window import lay_out, open_window

_NOTES = 3
"""Rows that may stand under the names where there is room."""


def paint_chain(
    topology: Topology,
    focus: Focus | str,
    width: int,
    height: int | None,
    glyphs: Glyphs,
    sights: Sights,
    *,
    selected: str = "",
    first_row: int | None = None,
) -> Drawing:
    """Return the chain that shows a service.

    Arrows of line (`──►`, heavy where the hop fails) and branches of line are calls of the map, and nothing else is;
    a dotted arrow is a journey's order, a dotted branch what a service runs on. Every call of the focus is drawn, or
    counted behind the names of both its ends.

    Args:
        topology: The map's graph.
        focus: What is drawn of it, or the service that it is chosen for; one that the map does not know is an island.
        width: Cells that there are; no row takes more.
        height: Rows that there are; there are never more. Null means as many as it takes.
        glyphs: The glyph set.
        sights: What is known of services and hops.
        selected: The service under the cursor; empty means the focus' centre.
        first_row: Where given, the drawing is not fitted into the height: these are the rows of the whole from here.
    """
    if first_row is not None:
        whole = paint_chain(topology, focus, width, None, glyphs, sights, selected=selected)
        return crop(whole, first_row, height)
    chosen = choose(topology, focus, sights.states) if isinstance(focus, str) else focus
    scene = Scene(topology, chosen, selected, sights, glyphs)
    cells = max(1, width)
    rows = None if height is None else max(1, height)
    strange = [name for name in (scene.selected, chosen.centre) if name and name not in topology]
    islands = list(dict.fromkeys((*strange, *sights.unmapped)))
    steps = topology.chain(chosen.centre).steps
    apart = bool(islands) and (rows is None or rows > 2 or bool(strange))
    if not steps or not chosen.services or (apart and rows == 1):
        return _only_islands(scene, islands, cells, rows)
    line = _line(scene, steps, cells, rows, apart=apart)
    if not apart:
        return line.drawing
    places = places_of(scene, islands, cells, 1)
    names = shorten([*line.names, *places], glyphs.ellipsis)
    if any(names[place] != text for place, text in line.names.items()):  # an island's name made one of these ambiguous
        return _paint(scene, *_arrange(scene, steps, cells, None if rows is None else rows - 1), islands, rows).drawing
    return beneath(line.drawing, _islands(scene, islands, cells, names))


def _islands(scene: Scene, islands: Sequence[str], cells: int, names: Mapping[Place, str]) -> Drawing:
    canvas = Canvas(cells, 1)
    paint_islands(canvas, scene, islands, 0, 1, names)
    return canvas.drawing()


@dataclass(frozen=True, slots=True)
class _Line:
    """A chain without islands."""

    drawing: Drawing
    names: Mapping[Place, str]
    """What its names were cut to."""


_KEPT = 8
"""Chains that are kept: going through alerts of services that no map knows shows the same one again and again."""

_kept: dict[tuple[object, ...], tuple[Topology, Sights, _Line]] = {}
"""By what they were drawn of, the last one used last; each holds the graph and the sights whose identity is in its key."""


def _line(scene: Scene, steps: Sequence[Step], cells: int, rows: int | None, *, apart: bool) -> _Line:
    """Return the chain alone, the kept one where nothing of it is different."""
    topology, focus, sights = scene.topology, scene.focus, scene.sights
    selected = scene.selected if scene.selected in topology else ""
    key = (id(topology), id(sights), focus.services, focus.hops, steps, selected, scene.glyphs, cells, rows, apart)
    known = _kept.pop(key, None)
    if known is not None:
        _kept[key] = known
        return known[2]
    made = _paint(scene, *_arrange(scene, steps, cells, None if rows is None else rows - apart), [], rows, apart=apart)
    _kept[key] = (topology, sights, made)
    for old in tuple(_kept)[:-_KEPT]:
        _kept.pop(old, None)
    return made


def _only_islands(scene: Scene, islands: Sequence[str], cells: int, rows: int | None) -> Drawing:
    canvas = Canvas(cells, rows or max(1, len(islands)))
    texts = shorten(places_of(scene, islands, cells, canvas.rows), scene.glyphs.ellipsis)
    paint_islands(canvas, scene, islands, 0, canvas.rows, texts)
    return canvas.drawing(trim=rows is None)


def _arrange(scene: Scene, steps: Sequence[Step], cells: int, room: int | None) -> tuple[Frame, Counts]:
    """Return where everything stands, with room kept for the counts of what does not."""
    columns = columns_of(steps)
    centre = _centre(scene, columns)
    if columns[centre].service not in scene.services:
        columns, centre = columns_of([Step(scene.focus.services[0], calls_next=False)]), 0
    first = scene.count(scene.services, set(scene.focus.hops))
    scene.reserved.update((name, width_of(text)) for name, text in first.texts.items())
    end = width_of(say_elsewhere(scene, first.elsewhere))
    noted = any(scene.brief(column.service) for column in columns)
    scene.under = room is None or room > 3 or (room > 1 and noted)
    most = len(columns)
    while True:
        frame, drawn = _fill(scene, columns, centre, cells, room, end + bool(end), most)
        seen = frame.window.last - frame.window.first + 1
        if seen > 1 and scene.selected in scene.services and scene.selected not in drawn.services:
            most = seen - 1  # fewer steps are wider: whatever else goes, the one under the cursor is seen
            continue
        if scene.under and not frame.rows.note:
            scene.under = False
            continue
        counts = scene.count(drawn.services, drawn.hops)
        short = {name: width_of(text) for name, text in counts.texts.items()}
        short = {name: size for name, size in short.items() if size > scene.reserved.get(name, 0)}
        wider = width_of(say_elsewhere(scene, counts.elsewhere))
        if not short and wider <= end:
            return frame, counts
        scene.reserved.update(short)
        end = max(end, wider)


def _fill(
    scene: Scene, columns: Sequence[Column], centre: int, cells: int, room: int | None, end: int, most: int
) -> tuple[Frame, Drawn]:
    window = open_window(scene, columns, centre, cells, end, most)
    visible = plan(scene, columns[window.first : window.last + 1])
    line = {column.service: place for place, column in enumerate(visible)}
    shared = _share_rows(scene, visible, room)
    picked = [_picked(scene, column, shared, line) for column in visible]
    starts = lay_out(scene, picked, window, cells)
    drawn = Drawn(set(line))
    drawn.hops.update((one.service, after.service) for one, after in pairwise(visible) if one.arrow)
    settled: list[Column] = []
    for place, column in enumerate(picked):
        edge = cells if place == len(picked) - 1 else starts[place + 1] - 1
        settled.append(settle(scene, column, starts[place], edge, drawn, (shared.above, shared.below)))
    above = max(len(column.above) for column in settled)
    below = max(height_of(column.below) for column in settled)
    left = None if room is None else room - (above + 1 + shared.note + below) - 1
    more = tuple(beside(scene, drawn, cells, left))
    note = shared.note
    if note:
        spare = _NOTES if left is None else max(0, left + 1 - (len(more) + 1 if more else 0))
        edges = [*(start - 1 for start in starts[1:]), cells]
        note = min(note + spare, max(1, _note_rows(scene, settled, starts, edges)))
    return Frame(tuple(settled), tuple(starts), window, Rows(above, note, below), more, cells), drawn


def _picked(scene: Scene, column: Column, rows: Rows, line: dict[str, int]) -> Column:
    above = select(scene, column.above, rows.above, line)
    below = select(scene, column.below, rows.below, line)
    return Column(column.service, column.arrow, column.again, above, below)


def _note_rows(scene: Scene, columns: Sequence[Column], starts: Sequence[int], edges: Sequence[int]) -> int:
    """Return the rows that all notes take, each within its column."""
    most = 0
    for column, start, edge in zip(columns, starts, edges, strict=True):
        at, rows = start + 2, 0
        reserved = scene.reserved.get(column.service, 0)
        sizes = [width_of(span.text) for span in scene.brief(column.service)]
        sizes += [reserved] if reserved else []
        sizes += [width_of(span.text) for span in scene.further(column.service)]
        for size in () if column.again else sizes:
            rows = max(rows, 1)
            if at + size > edge and at > start + 2:
                at, rows = start + 2, rows + 1
            if at + size <= edge:
                at += size + 1
        most = max(most, rows)
    return min(most, _NOTES)


def _centre(scene: Scene, steps: Sequence[Column]) -> int:
    """Return the step that has to be seen: the selected one, the centre, else one beside it, else the first that fires."""
    services = [step.service for step in steps]
    for wanted in (scene.selected, scene.focus.centre):
        if wanted in services and wanted in scene.services:
            return services.index(wanted)
    topology, centre = scene.topology, scene.focus.centre
    beside_it = {*topology.callers(centre), *topology.callees(centre), *topology.hosted(centre)} & scene.services
    return next(
        (place for place, one in enumerate(services) if one in beside_it),
        min(
            range(len(services)),
            key=lambda place: (services[place] not in scene.services, scene.bad(services[place]) > 0),
        ),
    )


def _share_rows(scene: Scene, columns: Sequence[Column], room: int | None) -> Rows:
    """Share out the rows: the line first, what shows the selected service, then note, callees and callers by turns."""
    wish_above = max(len(column.above) for column in columns)
    wish_below = max(height_of(column.below) for column in columns)
    noted = any(scene.brief(column.service) for column in columns)
    if room is None:
        return Rows(wish_above, 1, wish_below)
    above = below = note = 0
    left = room - 1
    if left > 0 and not any(column.service == scene.selected for column in columns):
        below = int(any(node.service == scene.selected for column in columns for node in column.below))
        above = int(not below and any(node.service == scene.selected for column in columns for node in column.above))
        left -= below + above
    if left > 0 and (room > 3 or noted):
        note, left = 1, left - 1
    while left > 0 and (above < wish_above or below < wish_below):
        if below < wish_below and (below <= above or above >= wish_above):
            below += 1
        else:
            above += 1
        left -= 1
    return Rows(above, note, below)


def _paint(
    scene: Scene, frame: Frame, counts: Counts, islands: Sequence[str], rows: int | None, *, apart: bool = True
) -> _Line:
    total = frame.rows.total + (len(frame.beside) + 1 if frame.beside else 0)
    told = (rows is None or rows - total - apart >= 2) and scene.selected in scene.topology
    canvas = Canvas(frame.cells, total + told + bool(islands))
    painter = Painter(canvas, scene, frame, dict(counts.texts))
    places = [label.place for label in painter.labels]
    names = shorten([*places, *places_of(scene, islands, frame.cells, 1)], scene.glyphs.ellipsis)
    painter.finish(names, counts.elsewhere)
    if told:
        canvas.put(total, 0, cut(_told(scene), canvas.cells, scene.glyphs.ellipsis), Role.DIM)
    if islands:
        paint_islands(canvas, scene, islands, total + told, 1, names)
    return _Line(canvas.drawing(), {place: names[place] for place in places if place in names})


@lru_cache(maxsize=2)  # each answer holds its whole graph in memory
def _felt(topology: Topology, service: str) -> str:
    """Return in words what feels a failure of a service, and what it runs on."""
    blast = topology.blast(service)
    told = [f"felt by {', '.join(blast.callers[:40])}" if blast.callers else "felt by nothing else"]
    journeys = (*blast.journeys, *blast.journeys_through)
    if journeys:
        told.append(f"{'journey' if len(journeys) == 1 else 'journeys'} {', '.join(journeys)}")
    hosts = topology.runs_on(service)
    if hosts:
        told.append(f"runs on {', '.join(hosts)}")
    return "; ".join(told)


def _told(scene: Scene) -> str:
    team = scene.topology.map.services[scene.selected].team
    owner = f" ({team})" if team else ""
    return f"{scene.selected}{owner}: {_felt(scene.topology, scene.selected)}"
