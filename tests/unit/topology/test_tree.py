"""The tree view: every service once with its callees, calls that go round named and not followed."""

from datetime import UTC, datetime

from cockpit.model.drawing import UNICODE, Drawing
from cockpit.model.measure import Measure, VendorStatus
from cockpit.model.sights import NO_SIGHTS, Sights
from cockpit.topology.focus import choose
from cockpit.topology.graph import topology_of
from cockpit.topology.paint.chain import paint_chain
from cockpit.topology.paint.subway import paint_subway
from cockpit.topology.paint.tree import paint_tree
from tests.unit.topology.maps import health, map_of

LOOP = topology_of(map_of({"ui": ["a", "b"], "a": ["c"], "b": ["a"], "c": ["a", "d"], "d": []}, entry=["ui"]))


def rows(drawing: Drawing) -> list[str]:
    """Return the rows without the team, which is the same everywhere."""
    return [line.removesuffix("team").rstrip() for line in drawing.text().splitlines()]


def test_callees_stand_under_their_callers() -> None:
    """Callees are indented, a call back is only named, and what stands above already is not written out again."""
    assert rows(paint_tree(LOOP, "a", 40, None, UNICODE, Sights(health(d="firing")))) == [
        "○ ui",
        "├─○ a",
        "│ ╰─○ c",
        "│   ├─↺ a",
        "│   ┗━✗ d  40%",
        "╰─○ b",
        "  ╰─○ a …",
    ]


def test_callers_stand_under_their_callees() -> None:
    """The other way round it begins with the centre, and with whatever else nothing is called by."""
    drawn = rows(paint_tree(LOOP, "a", 40, None, UNICODE, NO_SIGHTS, callers=True))
    assert drawn == ["○ a", "├─○ ui", "├─○ b", "│ ╰─○ ui", "╰─○ c", "  ╰─↺ a", "○ d", "╰─○ c …"]


def test_what_does_not_fit_is_counted() -> None:
    """With fewer rows than services those around the focus are shown, and what fires out of sight is counted."""
    names = [f"s{number:02}" for number in range(24)]
    topology = topology_of(map_of({"s00": names[1:], **dict.fromkeys(names[1:], ())}))
    drawing = paint_tree(topology, "s12", 30, 10, UNICODE, Sights(health(s01="firing", s23="firing", s22="firing")))
    lines = rows(drawing)
    assert lines[0] == "+8✗1"
    assert lines[-1] == "+8✗2"
    assert "├─○ s12" in lines
    assert drawing.selected is not None


def test_what_the_focus_leaves_out_is_counted_at_its_neighbours() -> None:
    """Callers and callees that are not of the focus are counted apart behind the name, firing ones among them."""
    calls = {"hub": [f"to-{number}" for number in range(40)], **{f"to-{number}": [] for number in range(40)}}
    topology = topology_of(map_of(calls | {f"from-{number}": ["hub"] for number in range(5)}))
    focus = choose(topology, "hub", health(to_3="firing"), limit=2)
    assert rows(paint_tree(topology, focus, 40, None, UNICODE, Sights(health(to_3="firing")))) == [
        "○ hub +5► ►+39",
        "┗━✗ to-3        40%",
    ]


def test_what_a_service_runs_on_is_no_call() -> None:
    """A host hangs on a dotted branch under what runs on it, and the other way round in the tree of callers."""
    topology = topology_of(map_of({"a": ["b"], "b": [], "pool": []}, runs_on={"b": ["pool"]}))
    assert rows(paint_tree(topology, "a", 40, None, UNICODE, NO_SIGHTS)) == ["○ a", "╰─○ b", "  ╰┄○ pool"]
    felt = rows(paint_tree(topology, "pool", 40, None, UNICODE, NO_SIGHTS, callers=True))
    assert felt == ["○ pool", "╰┄○ b", "  ╰─○ a"]


def test_columns_go_one_by_one_for_want_of_room() -> None:
    """The failing share stays longest, team and hop go first, and what is left still stands in columns."""
    measure = Measure(0.02, 0.64, 405.0, trend=(0.0, 0.01, 0.05))
    sights = Sights(measures={"ui": measure, "c": measure}, changed={"c": "4m"})
    seen = [
        [word in paint_tree(LOOP, "ui", width, None, UNICODE, sights).text() for word in ("2.0%", "640ms", "team")]
        for width in (100, 40, 16)
    ]
    assert seen == [[True, True, True], [True, True, False], [True, False, False]]


def test_what_is_measured_stands_in_columns_behind_the_names() -> None:
    """Share, change, latency, rate and trend of each service are read down a column; a vendor's words stand behind."""
    measure = Measure(0.02, 0.64, 405.0, trend=(0.0, 0.01, 0.05))
    sights = Sights(
        health(a="firing"),
        {"ui": measure},
        hops={("ui", "a"): Measure(0.3)},
        changed={"a": "4m"},
        vendors={"d": VendorStatus("d", fine=False, says="Partial System Outage", at=datetime(2026, 1, 1, tzinfo=UTC))},
    )
    text = paint_tree(LOOP, "ui", 100, None, UNICODE, sights).text()
    first, second = text.splitlines()[:2]
    assert [word in first for word in ("2.0%", "640ms", "405/s")] == [True] * 3
    assert "⇡4m" in second
    assert "via 30%" in second
    assert "Partial System Outage" in text


def test_a_hop_says_for_how_long_nobody_called() -> None:
    """A call without a request for long is never read as alive; one of a system that is away has the age of its share."""
    hops = {("ui", "a"): Measure(rate=0.0, stale_s=2400.0), ("a", "c"): Measure(0.3, rate=4.0, stale_s=300.0)}
    for text in (
        paint_tree(LOOP, "ui", 120, None, UNICODE, Sights(hops=hops)).text(),
        paint_chain(LOOP, "ui", 160, None, UNICODE, Sights(hops=hops)).text(),
    ):
        assert "no traffic 40m" in text
        assert "30% 5m old" in text
    focus = choose(LOOP, "a", {})
    lanes = paint_subway(LOOP, focus, 120, None, UNICODE, Sights(hops=hops), selected="a").text()
    assert "calls 0/s no traffic 40m" in lanes
    assert "called 30% 4.0/s 5m old" in lanes


def test_what_is_not_in_the_map_and_what_no_call_reaches_stands_below_the_tree() -> None:
    """A firing service is never silent in the tree: the cursor finds an unmapped one, and a far one is counted."""
    topology = topology_of(map_of({"ui": ["auth"], "auth": [], "far": []}, entry=["ui"]))
    sights = Sights(health(far="firing", stranger="firing"), unmapped=("stranger",))
    focus = choose(topology, "ui", sights.states, limit=2)
    drawing = paint_tree(topology, focus, 60, None, UNICODE, sights, selected="stranger")
    assert rows(drawing)[2:] == ["not in map: ✗ stranger", "✗1 elsewhere, joined by no call to what is shown"]
    assert drawing.selected == 2
    assert (2, 12, 10, "stranger") in drawing.names
    assert rows(paint_tree(topology, focus, 60, 3, UNICODE, sights))[1:] == rows(drawing)[2:]
    assert "not in map" not in paint_tree(topology, focus, 60, None, UNICODE, sights, callers=True).text()
