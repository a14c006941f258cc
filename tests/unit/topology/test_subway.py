"""The subway view says exactly what the map says, in any width."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.model.drawing import ASCII, UNICODE, Drawing, Glyphs, Role, line_text, line_width
from cockpit.model.health import Health, ServiceHealth
from cockpit.model.measure import Measure, VendorStatus
from cockpit.model.sights import NO_SIGHTS, Sights
from cockpit.topology.focus import Focus, Stub, choose
from cockpit.topology.graph import Topology
from cockpit.topology.load import find_map, load_map
from cockpit.topology.paint.marks import fails
from cockpit.topology.paint.subway import paint_subway, rows_of
from tests.unit.topology.glyph_reader_subway import ReadSubway, cells_in, read_subway
from tests.unit.topology.maps import health, map_of
from tests.unit.topology.worlds import World, worlds

NOW = datetime(2026, 11, 21, 14, 12, tzinfo=UTC)
GLYPHS = st.sampled_from((UNICODE, ASCII))


def check(world: World, focus: Focus, drawing: Drawing, read: ReadSubway, cells: int) -> None:
    """Compare what the glyphs say with what the focus holds.

    Raises:
        AssertionError: A call is drawn that is none, or one is neither drawn nor told nor counted at both ends.
    """
    hops = set(focus.hops)
    assert sorted(read.rows) == sorted(focus.services)
    assert len(set(read.calls)) == len(read.calls), "a call is drawn once"
    told = {*read.calls, *read.badges}
    assert len(told) == len(read.calls) + len(read.badges)
    assert told <= hops, "no call is drawn that is none"
    for name in focus.services:
        for counted, stubs, end in ((read.callees, focus.callees_hidden, 0), (read.callers, focus.callers_hidden, 1)):
            hidden = stubs.get(name, Stub())
            missing = sum(hop[end] == name for hop in hops - told)
            assert counted.get(name, (0, 0)) == (hidden.count + missing, hidden.firing)
    assert {hop for hop in read.branches if fails(world.sights, *hop)} == read.failing & read.branches
    assert all(fails(world.sights, *hop) for hop in read.failing)
    assert (f"{focus.elsewhere} elsewhere" in drawing.text()) == bool(focus.elsewhere)
    assert all(line_width(line) <= cells for line in drawing.lines)


@settings(max_examples=250, deadline=None)
@given(worlds(), GLYPHS, st.integers(40, 300), st.data())
def test_the_glyphs_say_what_the_focus_holds(world: World, glyphs: Glyphs, cells: int, data: st.DataObject) -> None:
    """A reader of glyphs finds no call that is none, and every call drawn, told by a badge, or counted at both ends."""
    centre = data.draw(st.sampled_from(world.names))
    limit = data.draw(st.integers(1, 24))
    selected = data.draw(st.sampled_from(("", *world.names)))
    focus = choose(world.topology, centre, world.sights.states, limit=limit)
    drawing = paint_subway(world.topology, focus, cells, None, glyphs, world.sights, selected=selected)
    check(world, focus, drawing, read_subway(drawing, glyphs), cells)


@settings(max_examples=150, deadline=None)
@given(worlds(most=12), GLYPHS, st.integers(100, 300))
def test_of_twelve_services_nothing_is_a_count(world: World, glyphs: Glyphs, cells: int) -> None:
    """Up to 12 services in 100 columns or more every call has its lane or its badge."""
    focus = choose(world.topology, world.names[0], world.sights.states)
    drawing = paint_subway(world.topology, focus, cells, None, glyphs, world.sights)
    read = read_subway(drawing, glyphs)
    assert {*read.calls, *read.badges} == set(focus.hops)
    assert not read.callers
    assert not read.callees


@pytest.mark.parametrize("name", ["s{}", "payment-orchestrator-service-{:02}-eu", "名前のとても長いサービス{:02}"])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_twelve_services_that_all_call_one_another_are_told_whole(name: str, glyphs: Glyphs) -> None:
    """Even of 144 calls in 100 columns none is a count, and every badge can be read as one service only."""
    names = [name.format(number) for number in range(12)]
    topology = Topology(map_of(dict.fromkeys(names, names)))
    focus = choose(topology, names[0], {})
    read = read_subway(paint_subway(topology, focus, 100, None, glyphs, NO_SIGHTS), glyphs)
    assert len(read.calls) + len(read.badges) == len(focus.hops) == 144
    assert {*read.calls, *read.badges} == set(focus.hops)


@settings(max_examples=60, deadline=None)
@given(worlds(), GLYPHS, st.integers(40, 200), st.data())
def test_a_viewport_is_the_crop_of_the_whole(world: World, glyphs: Glyphs, cells: int, data: st.DataObject) -> None:
    """Any rows of it look as they look in the whole drawing, and names and selection stand where they stand there."""
    focus = choose(world.topology, world.names[0], world.sights.states)
    selected = data.draw(st.sampled_from(focus.services))
    first, height = data.draw(st.integers(0, 15)), data.draw(st.integers(0, 15))
    whole = paint_subway(world.topology, focus, cells, None, glyphs, world.sights, selected=selected)
    part = paint_subway(world.topology, focus, cells, height, glyphs, world.sights, selected=selected, first_row=first)
    assert part.lines == whole.lines[first : first + height]
    assert part.names == tuple((row - first, *rest) for row, *rest in whole.names if first <= row < first + height)
    inside = whole.selected is not None and first <= whole.selected < first + height
    assert part.selected == (whole.selected - first if inside and whole.selected is not None else None)
    assert tuple(name for _, _, _, name in whole.names) == rows_of(world.topology, focus, cells)


@settings(max_examples=60, deadline=None)
@given(worlds(), st.integers(40, 120))
def test_cut_names_stay_distinct(world: World, cells: int) -> None:
    """No two services read alike, however little room there is."""
    focus = choose(world.topology, world.names[0], {})
    drawing = paint_subway(world.topology, focus, cells, None, UNICODE, NO_SIGHTS)
    labels = [_label(drawing, number) for number in range(len(drawing.names))]
    assert len(set(labels)) == len(labels)


def _label(drawing: Drawing, number: int) -> str:
    row, cell, size, _ = drawing.names[number]
    return "".join(cells_in(line_text(drawing.lines[row]))[cell : cell + size])


@settings(max_examples=60, deadline=None)
@given(worlds(), st.integers(40, 200))
def test_rows_and_lanes_do_not_depend_on_health(world: World, cells: int) -> None:
    """Services stay in their rows while their health changes."""
    focus = choose(world.topology, world.names[0], {}, limit=30)
    loud = {name: ServiceHealth(name, Health.FIRING) for name in world.names}
    other = choose(world.topology, world.names[0], loud, limit=30)
    if set(focus.services) == set(other.services):
        assert rows_of(world.topology, focus, cells) == rows_of(world.topology, other, cells)


def _draw(calls: dict[str, list[str]], *, cells: int = 80, sights: Sights = NO_SIGHTS, selected: str = "") -> str:
    topology = Topology(map_of(calls))
    focus = choose(topology, next(iter(calls)), sights.states)
    text = paint_subway(topology, focus, cells, None, UNICODE, sights, selected=selected).text()
    return "\n".join(line.replace("  team", "").rstrip() for line in text.split("\n"))


def test_callers_branch_onto_the_lane_of_the_callee() -> None:
    """A lane leads to one service, whoever joins it on its way."""
    assert _draw({"ui": ["api"], "app": ["api"], "api": ["db"], "db": []}) == ("○   ui\n├─○ app\n○─╮ api\n  ○ db")


def test_a_line_passes_under_a_lane_without_touching_it() -> None:
    """The checkout's mobile app calls auth and payment, and not the catalogue, whose lane its line crosses."""
    topology = Topology(load_map(find_map("checkout", None))[0])
    focus = choose(topology, "payment", {})
    for glyphs, line in ((UNICODE, "├───│─┼─○ mobile"), (ASCII, "+---|-+-. mobile")):
        text = paint_subway(topology, focus, 80, None, glyphs, NO_SIGHTS).text()
        assert line in text


def test_what_fails_is_heavy() -> None:
    """The way to a firing service can be followed without colour."""
    drawing = _draw({"ui": ["api", "ads"], "api": ["db"], "ads": [], "db": []}, sights=Sights(health(db="firing")))
    assert "━┓" in drawing
    assert "─╮" in drawing


def test_a_call_that_goes_round_is_a_badge() -> None:
    """A cycle has one call that goes up: it is named, and no line shows it; so is a service that calls itself."""
    drawing = _draw({"ui": ["api"], "api": ["ui", "api"]})
    assert drawing == "○─╮ ui\n  ○ api  ↺ ui ↺ api"


def test_a_journey_reads_downwards() -> None:
    """Steps stand in the journey's order though no call joins them."""
    calls = {"pay": ["bank"], "cart": ["db"], "ui": ["cart", "pay"], "bank": [], "db": []}
    topology = Topology(map_of(calls, journeys={"buy": ["ui", "cart", "pay"]}))
    rows = rows_of(topology, choose(topology, "pay", {}), 100)
    assert [name for name in rows if name in {"ui", "cart", "pay"}] == ["ui", "cart", "pay"]
    assert rows == ("ui", "cart", "db", "pay", "bank")


def test_an_entry_stands_right_above_what_it_calls() -> None:
    """An entry point that calls only one service does not drag a lane over the whole drawing."""
    calls = {"ui": ["a"], "a": ["b"], "b": ["c"], "c": [], "partner": ["c"]}
    topology = Topology(map_of(calls, entry=["ui", "partner"]))
    assert rows_of(topology, choose(topology, "c", {}), 100) == ("ui", "a", "b", "partner", "c")


def test_the_lines_of_the_selected_service_stand_out() -> None:
    """They are drawn last, over what they cross, and in a role of their own."""
    calls = {"ui": ["one", "two"], "app": ["two", "one"], "one": [], "two": []}
    topology = Topology(map_of(calls))
    drawing = paint_subway(topology, choose(topology, "ui", {}), 60, None, UNICODE, NO_SIGHTS, selected="app")
    assert drawing.selected is not None
    assert any(span.role is Role.FOCUS and "─" in span.text for span in drawing.lines[drawing.selected])


def test_what_is_measured_on_the_selected_service_s_calls_stands_at_their_other_ends() -> None:
    """Each hop of the service under the cursor is told with its own errors, latency and rate."""
    topology = Topology(map_of({"ui": ["api"], "api": ["db"], "db": []}))
    hops = {
        ("ui", "api"): Measure(error_share=0.4, rate=12.0),
        ("api", "db"): Measure(error_share=0.0, latency_s=0.002),
    }
    sights = Sights(hops=hops)
    lines = (
        paint_subway(topology, choose(topology, "api", {}), 100, None, UNICODE, sights, selected="api")
        .text()
        .split("\n")
    )
    assert lines[0].endswith("calls 40% 12/s")
    assert lines[0].startswith("○━┓")
    assert lines[2].endswith("called 0% 2ms")


def test_figures_and_marks_stand_beside_a_service() -> None:
    """Error share, latency, rate, trend, change, suspicion and a vendor's words stand right of the lanes."""
    topology = Topology(map_of({"pay": ["bank"], "bank": []}, kinds={"bank": "third-party"}))
    sights = Sights(
        {"pay": ServiceHealth("pay", Health.FIRING, error_share=0.38, suspect=True)},
        {"pay": Measure(error_share=0.38, latency_s=5.0, rate=61.0, trend=(0.0,) * 15 + (0.4,) * 15)},
        changed={"pay": "12m"},
        vendors={"bank": VendorStatus("bank", fine=False, says="Partial Outage", at=NOW)},
    )
    focus = choose(topology, "pay", sights.states)
    first, second = paint_subway(topology, focus, 80, None, UNICODE, sights).text().split("\n")
    assert "pay    38%  5.0s  61" in first
    assert "▁█" in first
    assert "⇡12m suspect" in first
    assert "bank◇" in second
    assert second.endswith("Partial Outage")
    narrow = paint_subway(topology, focus, 40, None, UNICODE, sights).text().split("\n")
    assert "38%" in narrow[0]
    assert "suspect" in narrow[0]


def test_a_hidden_firing_service_shows_where_it_is_hidden() -> None:
    """Callers and callees are counted apart, and the firing ones among them."""
    calls = {"hub": [f"c{number}" for number in range(30)], **{f"c{number}": [] for number in range(30)}}
    calls |= {f"u{number}": ["hub"] for number in range(9)}
    states = health(**{f"c{number}": "firing" for number in range(4)})
    topology = Topology(map_of(calls))
    for glyphs, counted in ((UNICODE, ("+9►", "►+29✗3")), (ASCII, ("+9>", ">+29X3"))):
        focus = choose(topology, "hub", states, limit=2)
        text = paint_subway(topology, focus, 80, None, glyphs, Sights(states)).text()
        assert all(count in text for count in counted)


def test_what_no_map_knows_stands_under_the_lanes() -> None:
    """An unmapped service is told, joined to nothing; so is what fires where no way leads."""
    topology = Topology(map_of({"a": ["b"], "b": [], "far": [], "off": []}))
    sights = Sights(health(far="firing", stranger="firing"), unmapped=("stranger",))
    focus = choose(topology, "a", sights.states, limit=2)
    text = paint_subway(topology, focus, 80, None, UNICODE, sights).text()
    assert "not in map: ✗ stranger" in text
    assert "✗1 elsewhere" in text
    chosen = paint_subway(topology, focus, 80, None, UNICODE, sights, selected="stranger")
    assert chosen.selected == 2
    assert (2, 12, 10, "stranger") in chosen.names
    assert paint_subway(topology, focus, 80, 1, UNICODE, sights, selected="stranger", first_row=2).selected == 0
