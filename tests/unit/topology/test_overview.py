"""The overview: every service counted once, no firing one hidden, whatever the size of map and pane."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.model.drawing import ASCII, UNICODE, Drawing, Glyphs, Role, line_text, line_width
from cockpit.model.health import Health, ServiceHealth
from cockpit.model.sights import NO_SIGHTS, Sights
from cockpit.model.topology import NO_MAP, IntegrationMap
from cockpit.topology.graph import Topology
from cockpit.topology.overview import cell_of, read_cell, services_in
from cockpit.topology.paint.overview import paint_overview
from tests.maps import boutique, checkout, demo, generated
from tests.unit.topology.maps import map_of, random_maps, random_states
from tests.unit.topology.reading import cells

_TEAMS = (
    "",
    "web",
    "money",
    "a|b",
    "名前のチーム",
    "team-with-a-rather-long-name-eu",
    "team-with-a-rather-long-name-us",
)


@st.composite
def _owned_maps(draw: st.DrawFn) -> IntegrationMap:
    """Draw a map whose services belong to any teams, or to none."""
    source = draw(random_maps())
    owners = st.sampled_from(_TEAMS)
    services = {name: replace(one, team=draw(owners) or None) for name, one in source.services.items()}
    return replace(source, services=services)


def _at(drawing: Drawing, name: str) -> str:
    """Return the text of a cell."""
    row, first, size, _ = next(entry for entry in drawing.names if entry[3] == name)
    return "".join(cells(line_text(drawing.lines[row]))[first : first + size])


def _hidden(drawing: Drawing) -> tuple[set[int], int, int]:
    """Return the rows that count hidden teams, and the services and firing ones in them."""
    rows: set[int] = set()
    services = firing = 0
    for number, line in enumerate(drawing.lines):
        text = line_text(line)
        if re.match(r"\+[\d,]+ teams?\b", text):
            rows.add(number)
            for count, what in re.findall(r"([\d,]+) (service|firing)", text):
                services += int(count.replace(",", "")) if what == "service" else 0
                firing += int(count.replace(",", "")) if what == "firing" else 0
    return rows, services, firing


def _counts(drawing: Drawing, glyphs: Glyphs) -> tuple[int, int]:
    """Return how many services a drawing counts, and how many firing ones, by what is written in it."""
    rows, services, firing = _hidden(drawing)
    for row, _, _, name in drawing.names:
        text = _at(drawing, name)
        found = re.match(rf"\s*(\d+)(?: {glyphs.firing}(\d+))?", text)
        if row not in rows and read_cell(name) is not None and found is not None:
            services += int(found[1])
            firing += int(found[2] or 0)
    return services, firing


def _loud(states: Mapping[str, ServiceHealth], names: Sequence[str]) -> int:
    return sum(states[name].health is Health.FIRING for name in names if name in states)


@settings(max_examples=100, deadline=None)
@given(_owned_maps(), st.data(), st.integers(1, 300), st.none() | st.integers(0, 12), st.sampled_from([UNICODE, ASCII]))
def test_it_fits(source: IntegrationMap, data: st.DataObject, width: int, height: int | None, glyphs: Glyphs) -> None:
    """No row is wider than the pane and there are no more rows than it has, but for the first; names lie inside."""
    states = data.draw(random_states(tuple(source.services)))
    unmapped = tuple(data.draw(st.lists(st.sampled_from(["x", "名前", "stray-service"]), max_size=3, unique=True)))
    drawing = paint_overview(Topology(source), width, height, glyphs, Sights(states, unmapped=unmapped))
    assert all(line_width(line) <= width for line in drawing.lines)
    assert height is None or len(drawing.lines) <= max(1, height)
    for row, first, size, _ in drawing.names:
        assert 0 <= row < len(drawing.lines)
        assert 0 <= first < first + size <= width
    if glyphs.ascii and all(text.isascii() for text in (*source.services, *_teams_of(source), *unmapped)):
        assert drawing.text().isascii()


def _teams_of(source: IntegrationMap) -> set[str]:
    return {one.team for one in source.services.values() if one.team}


@settings(max_examples=100, deadline=None)
@given(_owned_maps(), st.data())
def test_every_service_stands_in_exactly_one_cell(source: IntegrationMap, data: st.DataObject) -> None:
    """The cells of a whole drawing hold every service once, each worst first, and its name leads to the same cell."""
    states = data.draw(random_states(tuple(source.services)))
    topology = Topology(source)
    drawing = paint_overview(topology, data.draw(st.integers(20, 300)), None, UNICODE, Sights(states))
    held = [services_in(topology, name, states) for _, _, _, name in drawing.names]
    assert sorted(one for names in held for one in names) == sorted(source.services)
    order = [Health.FIRING, Health.WARNING, Health.NO_TRAFFIC, Health.UNKNOWN, Health.FINE]
    for names in held:
        ranks = [order.index(states[one].health) if one in states else 3 for one in names]
        assert ranks == sorted(ranks)
    for name in source.services:
        assert name in services_in(topology, cell_of(topology, name), states)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([100, 240]), st.integers(0, 5), st.integers(40, 300), st.none() | st.integers(4, 60), st.data())
def test_what_is_hidden_is_counted(count: int, seed: int, width: int, height: int | None, data: st.DataObject) -> None:
    """The counts in the cells and those of the hidden teams make up the map, and so do those of the firing ones."""
    sample = generated(count, seed)
    glyphs = data.draw(st.sampled_from([UNICODE, ASCII]))
    chosen = data.draw(st.sampled_from(sorted(sample.map.services)))
    selected = cell_of(sample.topology, chosen)
    drawing = paint_overview(sample.topology, width, height, glyphs, Sights(sample.states), selected=selected)
    assert _counts(drawing, glyphs) == (count, _loud(sample.states, list(sample.map.services)))
    assert drawing.selected is not None
    within = [name for row, _, _, name in drawing.names if row == drawing.selected]
    assert any(chosen in services_in(sample.topology, name, sample.states) for name in within)
    title = line_text(drawing.lines[0])
    assert f"{glyphs.firing}{_loud(sample.states, list(sample.map.services))}" in title.replace(" ", "")


@settings(max_examples=60, deadline=None)
@given(_owned_maps(), st.data(), st.integers(60, 300))
def test_a_firing_service_of_a_small_map_shows(source: IntegrationMap, data: st.DataObject, width: int) -> None:
    """However few rows there are, each firing service is counted in a cell, a line or the title."""
    states = data.draw(random_states(tuple(source.services)))
    drawing = paint_overview(Topology(source), width, data.draw(st.integers(1, 8)), UNICODE, Sights(states))
    loud = _loud(states, list(source.services))
    assert (f"✗ {loud} firing" in drawing.text() or f"✗{loud}" in drawing.text()) == bool(loud)


def test_every_team_is_reached_row_by_row() -> None:
    """Stepping down by the names in the drawing, that of the line of hidden teams among them, comes to every team."""
    sample = generated(1_000)
    sights = Sights(sample.states)
    seen: list[str] = []
    selected = paint_overview(sample.topology, 100, 20, UNICODE, sights).names[0][3]
    while selected:
        seen.append(selected.rpartition("|")[0])
        drawing = paint_overview(sample.topology, 100, 20, UNICODE, sights, selected=selected)
        assert drawing.selected is not None
        assert drawing.lines[drawing.selected]
        selected = next((one for row, _, _, one in drawing.names if row > drawing.selected), "")
    assert set(seen) == {one.team or "" for one in sample.map.services.values()}
    assert len(seen) == len(set(seen))


def test_a_small_map_shows_names() -> None:
    """A map that fits shows its services by name, glyph and share, teams and services worst first."""
    sample = boutique()
    text = paint_overview(sample.topology, 80, 20, UNICODE, Sights(sample.states)).text()
    assert all(name in text for name in sample.map.services)
    assert "✗ cartservice 71%" in text
    assert [line.split()[1] for line in text.splitlines()[2:4]] == ["cart", "orders"]
    assert "entry" in text
    assert "unreached" not in text


def test_what_no_entry_point_reaches_stands_last() -> None:
    """Services that no entry point reaches have a column of their own."""
    sample = demo()
    drawing = paint_overview(sample.topology, 160, None, UNICODE, Sights(sample.states))
    assert services_in(sample.topology, "money|unreached", sample.states) == ("accounting", "fraud-detection")
    assert line_text(drawing.lines[1]).split()[-1] == "unreached"
    assert cell_of(sample.topology, "accounting") == "money|unreached"
    assert cell_of(sample.topology, "nobody") == ""


def test_the_selected_cell_stands_out_without_colour() -> None:
    """The selection has a cursor in front of it, and the deepest distances that stand together are selected by theirs."""
    sample = generated(1_000)
    deep = max(sample.topology.distances, key=sample.topology.distances.__getitem__)
    drawing = paint_overview(
        sample.topology, 60, None, UNICODE, Sights(sample.states), selected=cell_of(sample.topology, deep)
    )
    assert drawing.selected is not None
    line = drawing.lines[drawing.selected]
    assert "›" in line_text(line)
    assert next(span.text for span in line if span.role is Role.SELECTED) == "›"
    small = checkout()
    text = paint_overview(small.topology, 80, 20, ASCII, NO_SIGHTS, selected="team-payments|1").text()
    assert ">. payment" in text


def test_hidden_teams_are_counted_with_what_fires() -> None:
    """The last row counts the teams for which there is none, and what fires in them."""
    sample = generated(1_000)
    lines = paint_overview(sample.topology, 80, 6, UNICODE, Sights(sample.states)).text().splitlines()
    assert re.match(r"\+83 teams, 2 firing, 965 services", lines[-1])


def test_services_that_no_map_knows_show_beside_the_grid() -> None:
    """Unmapped services stand on the last row; those without room are counted, a firing one marked."""
    sample = checkout()
    states = {**sample.states, "stray": ServiceHealth("stray", Health.FIRING, firing=1)}
    sights = Sights(states, unmapped=("stray", *(f"unmapped-service-{number}" for number in range(9))))
    drawing = paint_overview(sample.topology, 100, 20, UNICODE, sights)
    assert line_text(drawing.lines[-1]).startswith("not in map: ✗ stray  ○ unmapped-service-0")
    assert re.search(r"\+\d$", line_text(drawing.lines[-1]))
    assert "10 not in map, 1 firing" in line_text(drawing.lines[0])
    assert "stray" in [name for *_, name in drawing.names]
    hidden = Sights(states, unmapped=(*(f"unmapped-service-{number}" for number in range(9)), "stray"))
    assert line_text(paint_overview(sample.topology, 80, 20, UNICODE, hidden).lines[-1]).endswith("✗")


def test_a_map_without_entry_points_is_entered_where_nobody_calls() -> None:
    """Distances then count from the services that call others and that nobody calls."""
    topology = Topology(map_of({"ui": ["api"], "api": ["db"], "db": [], "alone": [], "a": ["b"], "b": ["a"]}))
    assert topology.distances == {"ui": 0, "api": 1, "db": 2}
    assert services_in(topology, "team|unreached", {}) == ("a", "alone", "b")


def test_without_services_it_says_so() -> None:
    """A map without services is an overview of none."""
    assert paint_overview(Topology(NO_MAP), 80, 10, UNICODE, NO_SIGHTS).text().startswith("0 services of 0 teams")


@pytest.mark.parametrize("cell", ["", "team", "team|", "team|x", "team|-3", "team|+", "nobody|2"])
def test_what_is_no_cell_holds_nothing(cell: str) -> None:
    """Names that are no cell's hold no services, and selecting one selects nothing."""
    sample = boutique()
    assert services_in(sample.topology, cell, sample.states) == ()
    drawing = paint_overview(sample.topology, 80, 20, UNICODE, Sights(sample.states), selected=cell)
    assert drawing.selected is None
