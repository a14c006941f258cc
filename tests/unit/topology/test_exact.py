"""Chain and tree are exact: a reader of the glyphs alone finds the calls that are there, and counts for the others."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cockpit.model.drawing import ASCII, UNICODE, Drawing, Glyphs, line_width
from cockpit.model.sights import Sights
from cockpit.model.topology import IntegrationMap
from cockpit.topology.focus import Focus, choose
from cockpit.topology.graph import Topology, topology_of
from cockpit.topology.paint.canvas import crop
from cockpit.topology.paint.chain import paint_chain
from cockpit.topology.paint.tree import paint_tree
from tests.unit.topology.maps import map_of
from tests.unit.topology.reading import Read, assert_exact, calls_of, read, read_tree
from tests.unit.topology.wild import NAMES, wild_maps, wild_sights

GLYPHS = pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
CENTRES = st.sampled_from([*NAMES, "", "nobody"])
WIDTHS = st.integers(40, 300)
HEIGHTS = st.one_of(st.none(), st.integers(1, 24))
FEW = settings(max_examples=60, deadline=None)


def chosen(topology: Topology, centre: str, sights: Sights, limit: int, depth: int | None, folded: str = "") -> Focus:
    """Return a focus of the map."""
    return choose(topology, centre, sights.states, limit=limit, depth=depth, folded=frozenset({folded}))


def assert_fits(drawing: Drawing, width: int, height: int | None) -> None:
    """No row is too wide, there are not too many, and names stand inside."""
    assert drawing.lines
    assert all(line_width(line) <= width for line in drawing.lines)
    assert height is None or len(drawing.lines) <= height
    for row, cell, size, _ in drawing.names:
        assert 0 <= row < len(drawing.lines)
        assert 0 <= cell < cell + size <= width


def assert_chain_exact(source: IntegrationMap, focus: Focus, drawing: Drawing, glyphs: Glyphs, sights: Sights) -> None:
    """What is read on a chain is of the map, complete or counted, and its steps stand in the journey's order."""
    topology = topology_of(source)
    if not any(name in topology for *_, name in drawing.names):
        return
    found = read(drawing, glyphs)
    assert_exact(found, topology, sights.states)
    steps = [step.service for step in topology.chain(focus.centre).steps]
    run = any(steps[begin : begin + len(found.steps)] == found.steps for begin in range(len(steps)))
    assert run or found.steps == [focus.services[0]]
    assert all(pair[1] not in topology.callees(pair[0]) for pair in found.order)
    hosts = {(name, host) for name, one in source.services.items() for host in one.runs_on}
    assert found.hosts <= hosts


@GLYPHS
@FEW
@given(
    wild_maps(30),
    wild_sights(),
    CENTRES,
    WIDTHS,
    HEIGHTS,
    st.integers(1, 26),
    st.one_of(st.none(), st.integers(0, 4)),
    CENTRES,
)
def test_the_chain_is_exact(
    glyphs: Glyphs,
    source: IntegrationMap,
    sights: Sights,
    centre: str,
    width: int,
    height: int | None,
    limit: int,
    depth: int | None,
    selected: str,
) -> None:
    """Whatever the map and the room: no call that is not there, every other one counted at both ends."""
    topology = topology_of(source)
    focus = chosen(topology, centre, sights, limit, depth, folded=selected)
    here = selected if selected in focus.services else ""
    drawing = paint_chain(topology, focus, width, height, glyphs, sights, selected=here)
    assert_fits(drawing, width, height)
    assert_chain_exact(source, focus, drawing, glyphs, sights)


@GLYPHS
@FEW
@given(wild_maps(30), wild_sights(), CENTRES, WIDTHS, st.integers(1, 26), st.booleans())
def test_the_tree_is_exact(
    glyphs: Glyphs,
    source: IntegrationMap,
    sights: Sights,
    centre: str,
    width: int,
    limit: int,
    callers: bool,
) -> None:
    """Either way up, every call of the focus is read once, and each that leads out of it is counted."""
    topology = topology_of(source)
    focus = chosen(topology, centre, sights, limit, None)
    drawing = paint_tree(topology, focus, width, None, glyphs, sights, callers=callers)
    assert_fits(drawing, width, None)
    found = read_tree(drawing, glyphs, callers=callers)
    assert found.services & set(source.services) == set(focus.services)
    assert found.calls == set(focus.hops)
    assert found.elsewhere == (0 if callers else focus.elsewhere)
    assert found.hosts <= {(name, host) for name, one in source.services.items() for host in one.runs_on}
    assert_exact(found, topology, {} if callers and focus.elsewhere else sights.states)


def assert_whole(found: Read, source: IntegrationMap) -> None:
    """Every service and every call is drawn, and nothing is counted."""
    assert found.services >= set(source.services)
    assert found.calls == calls_of(topology_of(source))
    assert (found.above, found.below, found.elsewhere) == ({}, {}, 0)


@GLYPHS
@FEW
@given(wild_maps(12), wild_sights(), CENTRES, st.integers(100, 300))
def test_twelve_services_are_drawn_whole_at_a_hundred_columns(
    glyphs: Glyphs, source: IntegrationMap, sights: Sights, centre: str, width: int
) -> None:
    """With rows enough nothing is a stub, on the chain and in the tree."""
    topology = topology_of(source)
    assert_whole(read(paint_chain(topology, centre, width, None, glyphs, sights), glyphs), source)
    assert_whole(read_tree(paint_tree(topology, centre, width, None, glyphs, sights), glyphs), source)


@FEW
@given(wild_maps(20), wild_sights(), CENTRES, WIDTHS, st.integers(0, 30), st.integers(1, 12))
def test_a_viewport_is_a_part_of_the_whole(
    source: IntegrationMap, sights: Sights, centre: str, width: int, first: int, height: int
) -> None:
    """Rows that are shown from somewhere on are exactly those of the whole drawing."""
    topology = topology_of(source)
    for paint in (paint_chain, paint_tree):
        whole = paint(topology, centre, width, None, UNICODE, sights)
        assume(first < len(whole.lines))
        part = paint(topology, centre, width, height, UNICODE, sights, first_row=first)
        assert part.lines == whole.lines[first : first + height]
        assert part == crop(whole, first, height)
        assert [(row + first, cell, size, name) for row, cell, size, name in part.names] == [
            one for one in whole.names if first <= one[0] < first + height
        ]


@FEW
@given(wild_maps(12), wild_sights(), CENTRES, st.integers(1, 39), st.integers(1, 10))
def test_it_fits_into_any_terminal(
    source: IntegrationMap, sights: Sights, centre: str, width: int, height: int
) -> None:
    """Narrower than anybody would read it, it still does not break out."""
    topology = topology_of(source)
    for line in paint_chain(topology, centre, width, height, UNICODE, sights).lines:
        assert line_width(line) <= width
    for line in paint_tree(topology, centre, width, height, UNICODE, sights).lines:
        assert line_width(line) <= width


@GLYPHS
def test_a_journey_that_is_no_call_is_never_read_as_one(glyphs: Glyphs) -> None:
    """Steps that do not call one another are joined by dots, and the reader finds no call at all."""
    source = map_of(dict.fromkeys("abc", ()), journeys={"j": ["a", "b", "c"]})
    found = read(paint_chain(topology_of(source), "b", 60, None, glyphs, Sights()), glyphs)
    assert (found.calls, found.order) == (set(), [("a", "b"), ("b", "c")])


@pytest.mark.parametrize(
    ("old", "new"),
    [("──►", "┄┄▷"), ("┄┄▷", "──►"), ("╰─", "╰┄"), ("►+1", "►+2"), ("├─", "  ")],
)
def test_the_reader_notices_what_is_drawn_wrong(old: str, new: str) -> None:
    """A drawing with one glyph changed is not exact any more: the reader does see."""
    calls = {"a": ["b", "d", "e"], "b": ["f"], "c": ["a"], "d": [], "e": [], "f": ["g"], "g": []}
    source = map_of(calls, journeys={"j": ["a", "b", "c"]})
    topology = topology_of(source)
    focus = choose(topology, "a", {}, limit=6)
    drawing = paint_chain(topology, focus, 80, None, UNICODE, Sights())
    assert old in drawing.text()
    assert_chain_exact(source, focus, drawing, UNICODE, Sights())
    with pytest.raises(AssertionError):
        assert_chain_exact(source, focus, spoilt(drawing, old, new), UNICODE, Sights())


def spoilt(drawing: Drawing, old: str, new: str) -> Drawing:
    """Return the drawing with the first of some glyphs replaced."""
    lines = []
    left = True
    for line in drawing.lines:
        text = "".join(span.text for span in line)
        if left and old in text:
            text, left = text.replace(old, new, 1), False
        lines.append((type(line[0])(text),) if line else ())
    return Drawing(tuple(lines), drawing.selected, drawing.names)


def test_a_lone_service_that_calls_itself_says_so_in_a_narrow_drawing() -> None:
    """A name that is cut leaves room for the mark behind it."""
    name = "queue-of-things-to-do-later-or-never-at-all"
    source = map_of({"a": [], name: [name]}, journeys={"j": ["a"]})
    assert (name, name) in read(paint_chain(topology_of(source), "a", 40, None, UNICODE, Sights())).calls
