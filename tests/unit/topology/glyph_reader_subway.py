"""Reads a subway drawing by its glyphs alone: follows lanes from row to row, as an engineer's finger does."""

import re
from dataclasses import dataclass, field

from cockpit.model.drawing import Drawing, Glyphs, line_text
from cockpit.text import width
from cockpit.topology.paint.subway_told import reads_as


@dataclass
class ReadSubway:
    """What the glyphs say."""

    rows: list[str] = field(default_factory=list)
    """Services from the top down."""
    calls: list[tuple[str, str]] = field(default_factory=list)
    """Caller and callee, by lanes; a call that is drawn twice is here twice."""
    failing: set[tuple[str, str]] = field(default_factory=set)
    """Those that branch off with a heavy joint."""
    branches: set[tuple[str, str]] = field(default_factory=set)
    """Those that branch off, and do not begin right under their caller."""
    badges: list[tuple[str, str]] = field(default_factory=list)
    """Caller and callee, by `↺ name`."""
    callers: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Callers that are counted and not drawn, and how many fire."""
    callees: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Callees that are counted and not drawn, and how many fire."""


def cells_in(text: str) -> list[str]:
    """Return what stands in each cell, marks on a character with it; the second cell of a wide one is empty."""
    row: list[str] = []
    for char in text:
        if width(char):
            row += [char, ""][: width(char)]
        elif row:
            row[-1] += char
    return row


class _Set:
    """What the glyphs of a set mean on a lane."""

    def __init__(self, glyphs: Glyphs) -> None:
        self.nodes = {glyphs.fine, glyphs.warning, glyphs.firing, glyphs.unknown, glyphs.no_traffic}
        self.flat = {glyphs.horizontal, glyphs.heavy}
        self.upright = {glyphs.vertical, glyphs.heavy_vertical}
        self.heavy = {*glyphs.heavy_corners, *glyphs.heavy_tees}
        pairs = ((glyphs.corners, glyphs.tees), (glyphs.heavy_corners, glyphs.heavy_tees))
        self.begins = {corners[0] for corners, _ in pairs} | {corners[1] for corners, _ in pairs}
        self.begins |= {tees[2] for _, tees in pairs}
        self.joins = {tees[place] for _, tees in pairs for place in (0, 1, 4)}
        kinds = (self.nodes, self.flat, self.upright, self.begins, self.joins)
        assert sum(map(len, kinds)) == len(set().union(*kinds)), "no glyph of lanes means two things"
        self.alike = glyphs.ascii
        """Joints look alike whether the line goes on or not."""
        self.both = {tees[place] for _, tees in pairs for place in (2, 4)}
        """Joints from which a line goes on."""


def read_subway(drawing: Drawing, glyphs: Glyphs) -> ReadSubway:
    """Return what a whole drawing says.

    Args:
        drawing: All rows; labels stand where its names say, so that cut ones can be told.
        glyphs: The set that it is drawn with.
    """
    found = ReadSubway()
    labels = {row: (cell, size, name) for row, cell, size, name in drawing.names}
    assert sorted(labels) == list(range(len(labels))), "rows of services come first, one each"
    assert len(drawing.names) == len(labels)
    found.rows = [labels[row][2] for row in sorted(labels)]
    grid = []
    for row, (cell, size, name) in sorted(labels.items()):
        cells = cells_in(line_text(drawing.lines[row]))
        grid.append(cells[:cell])
        _read_words(found, name, "".join(cells[cell + size :]), glyphs)
    _read_lanes(found, grid, glyphs)
    return found


def _read_words(found: ReadSubway, service: str, text: str, glyphs: Glyphs) -> None:
    back, arrow, firing = map(re.escape, (glyphs.back, glyphs.arrow, glyphs.firing))
    for told in re.findall(rf"(?<!\S){back} (\S+)", text):
        for name in told.split(","):
            meant = reads_as(name, found.rows, glyphs.ellipsis)
            assert meant is not None, f"{name!r} can be read as several services"
            found.badges.append((service, meant))
    count = rf"(?=[+{firing}])(?:\+(\d+))?(?:{firing}(\d+))?"
    for into in re.findall(rf"(?<!\S){count}{arrow}(?!\S)", text):
        assert service not in found.callers
        found.callers[service] = (int(into[0] or 0), int(into[1] or 0))
    for out in re.findall(rf"(?<!\S){arrow}{count}(?!\S)", text):
        assert service not in found.callees
        found.callees[service] = (int(out[0] or 0), int(out[1] or 0))


def _read_lanes(found: ReadSubway, grid: list[list[str]], glyphs: Glyphs) -> None:
    kinds = _Set(glyphs)
    lanes: dict[int, list[str]] = {}
    """By cell, who calls whatever stands at the foot of the lane that comes from above."""
    above: tuple[int, str] | None = None
    """The service in the row above and its cell, where no lane is known to begin yet."""
    for service, cells in zip(found.rows, grid, strict=True):
        nodes = [cell for cell, glyph in enumerate(cells) if glyph in kinds.nodes]
        assert len(nodes) == 1, "a row has one service"
        at = nodes[0]
        if above is not None and _seen(cells, above[0]) in kinds.upright | kinds.joins:
            lanes[above[0]] = [above[1]]
        branches, over = _branches(cells, at, kinds, glyphs.heavy)
        known = {at, *branches, *over}
        for cell, glyph in enumerate(cells):
            if cell in known or glyph == " ":
                continue
            assert glyph in kinds.upright, f"{glyph!r} leads nowhere"
            assert cell in lanes, "a lane comes from somewhere"
            _weigh(lanes[cell], heavy=glyph == glyphs.heavy_vertical)
            known.add(cell)
        assert set(lanes) <= known, "a lane does not end in the void"
        for caller in lanes.pop(at, []):
            found.calls.append((caller, service))
        for cell, glyph in branches.items():
            assert (cell in lanes) == (glyph in kinds.joins)
            lanes.setdefault(cell, []).append(f"{service}")
            if glyph in kinds.heavy:
                lanes[cell][-1] = service + _HEAVY
            lanes[cell][-1] += _BRANCH
        above = at, service
    assert not lanes
    found.branches = {(_bare(one), to) for one, to in found.calls if one.endswith(_BRANCH)}
    found.failing = {(_bare(one), to) for one, to in found.calls if _HEAVY in one}
    found.calls = [(_bare(one), to) for one, to in found.calls]


_HEAVY, _BRANCH = "\0heavy", "\0branch"


def _bare(caller: str) -> str:
    return caller.partition("\0")[0]


def _seen(cells: list[str], cell: int) -> str:
    return cells[cell] if cell < len(cells) else " "


def _weigh(callers: list[str], *, heavy: bool) -> None:
    """Hold a lane to its weight: heavy from where a failing call joins it; one that begins right under its caller shows it first."""
    known = any(_HEAVY in caller for caller in callers)
    assert heavy or not known, "a heavy lane stays heavy"
    if heavy and not known:
        assert _BRANCH not in callers[0], "a heavy lane has a failing call"
        callers[0] += _HEAVY


def _branches(cells: list[str], at: int, kinds: _Set, heavy: str) -> tuple[dict[int, str], set[int]]:
    """Return the joints that a row's own line ends at or runs through, and the other cells that it runs over."""
    joints: dict[int, str] = {}
    over: set[int] = set()
    for step in (1, -1):
        cell = at + step
        light = False
        while 0 <= cell < len(cells) and cells[cell] in kinds.flat:
            over.add(cell)
            light = light or cells[cell] != heavy
            cell += step
            glyph = cells[cell]
            goes_on = 0 <= cell + step < len(cells) and cells[cell + step] in kinds.flat
            if glyph in kinds.begins | kinds.joins:
                joints[cell] = glyph
                assert not (light and glyph in kinds.heavy), "a failing call is heavy all the way"
                if not kinds.alike:
                    assert goes_on == (glyph in kinds.both)
            else:
                assert goes_on, "a line ends at a lane"
                assert glyph in kinds.upright | kinds.flat
                over.add(cell)
                light = light or glyph in kinds.flat - {heavy}
            cell += step
    return joints, over
