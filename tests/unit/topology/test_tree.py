"""The tree view: every service once with its callees, calls that go round named and not followed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.model.drawing import ASCII, UNICODE, line_width
from cockpit.model.health import ServiceHealth
from cockpit.model.topology import IntegrationMap
from cockpit.topology.graph import Topology, topology_of
from cockpit.topology.paint.tree import paint_tree
from tests.unit.topology.maps import NAMES, health, map_of, random_maps, random_states

LOOP = topology_of(map_of({"ui": ["a", "b"], "a": ["c"], "b": ["a"], "c": ["a", "d"], "d": []}, entry=["ui"]))


def test_callees_stand_under_their_callers() -> None:
    """Callees are indented, a call back is only named, and what stands above already is not written out again."""
    assert paint_tree(LOOP, "a", 40, None, UNICODE, health(d="firing")).text().splitlines() == [
        "○ ui",
        "├─○ a",
        "│ ╰─○ c",
        "│   ├─↺ a",
        "│   ┗━✗ d 40%",
        "╰─○ b",
        "  ╰─○ a …",
    ]


def test_what_does_not_fit_is_counted() -> None:
    """With fewer rows than services those around the focus are shown, and what fires out of sight is counted."""
    names = [f"s{number}" for number in range(30)]
    topology = topology_of(map_of(dict.fromkeys(names, ())))
    drawing = paint_tree(topology, "s15", 30, 10, UNICODE, health(s0="firing", s29="firing", s28="firing"))
    lines = drawing.text().splitlines()
    assert lines[0] == "+11 ✗1"
    assert lines[-1] == "+11 ✗2"
    assert "○ s15" in lines
    assert drawing.selected is not None


@settings(max_examples=100, deadline=None)
@given(
    random_maps(),
    random_states(),
    st.sampled_from(NAMES),
    st.integers(12, 200),
    st.one_of(st.none(), st.integers(1, 30)),
    st.booleans(),
)
def test_any_map_is_drawn_whole(
    source: IntegrationMap,
    states: dict[str, ServiceHealth],
    focus: str,
    width: int,
    height: int | None,
    ascii_only: bool,
) -> None:
    """No row is too wide, there are never too many, and without a limit every service is there."""
    drawing = paint_tree(Topology(source), focus, width, height, ASCII if ascii_only else UNICODE, states)
    assert all(line_width(line) <= width for line in drawing.lines)
    if height is not None:
        assert len(drawing.lines) <= height
    else:
        assert {name for *_, name in drawing.names} == set(source.services)
