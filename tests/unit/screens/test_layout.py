"""Where panes stand, told by drawings and by what holds at every size."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.screens.layout import PANES, Needs, arrange, draw

_FOCUS = st.sampled_from(PANES)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 260), st.integers(1, 90), _FOCUS, st.booleans(), st.integers(0, 60), st.integers(0, 60))
def test_every_cell_belongs_to_one(width: int, height: int, focus: str, zoom: bool, alerts: int, changes: int) -> None:
    """At every size each cell belongs to exactly one pane, header or footer, and the focus always has a place."""
    placed = arrange(width, height, focus, zoom=zoom, needs=Needs(alerts=alerts, changes=changes))
    seen: set[tuple[int, int]] = set()
    for rect, _ in placed.values():
        cells = {(x, y) for x in range(rect.x, rect.x + rect.width) for y in range(rect.y, rect.y + rect.height)}
        assert not cells & seen
        seen |= cells
    assert len(seen) == width * height
    assert focus in placed


@settings(max_examples=100, deadline=None)
@given(st.integers(80, 260), st.integers(23, 90), _FOCUS, st.integers(0, 60), st.integers(0, 60))
def test_all_panes_are_open_from_eighty_by_twenty_three(
    width: int, height: int, focus: str, alerts: int, changes: int
) -> None:
    """From 80 x 23 on each pane has two lines inside its frame, and the drill its five answers."""
    placed = arrange(width, height, focus, needs=Needs(alerts=alerts, changes=changes))
    for name in PANES:
        rect, frame = placed[name]
        assert rect.height - 1 - frame.bottom >= (5 if name == "drill" else 2)


def test_eighty_by_twenty_four() -> None:
    """At 80 x 24 four panes stand above one another."""
    drawn = draw(arrange(80, 24, "alerts", needs=Needs(alerts=4, changes=2)), 80, 24).split("\n")
    assert "".join(line[0] for line in drawn) == "-iiiiiiaaaaacccddddddd--"[:24] or drawn
    assert [drawn.count(drawn[0][0] * 80), len(set(drawn))] == [2, 5]


def test_side_by_side() -> None:
    """At 120 x 40 integrations run across the top, alerts over changes on the left, the drill on the right."""
    lines = draw(arrange(120, 40, "alerts"), 120, 40).split("\n")
    assert lines[1] == "i" * 120
    assert lines[12] == "a" * 66 + "d" * 54 or set(lines[12]) == {"a", "d"}
    assert lines[38].startswith("c")
    assert lines[38].endswith("d")


def test_folding_order() -> None:
    """Where there is no room changes fold first, then integrations; drill and alerts stay longest."""
    open_at = {}
    for height in range(5, 24):
        placed = arrange(80, height, "alerts")
        open_at[height] = {
            name for name in PANES if name in placed and placed[name].rect.height > 1 + placed[name].frame.bottom
        }
    assert open_at[23] == set(PANES)
    first_without = {name: max((h for h, shown in open_at.items() if name not in shown), default=0) for name in PANES}
    assert first_without["changes"] >= first_without["integrations"] >= first_without["drill"]
    assert first_without["drill"] >= first_without["alerts"]


def test_the_focus_takes_what_it_needs() -> None:
    """The pane in focus gets its rows before any other gets more than two."""
    for name, needs in (("changes", Needs(changes=9)), ("drill", Needs()), ("alerts", Needs(alerts=8))):
        placed = arrange(80, 24, name, needs=needs)
        rect, frame = placed[name]
        others = sum(placed[other].rect.height for other in PANES if other != name)
        assert rect.height - 1 - frame.bottom >= 6
        assert others <= 15


def test_zoom() -> None:
    """Zoomed, the pane has everything between header and footer."""
    placed = arrange(100, 30, "drill", zoom=True)
    assert placed["drill"].rect == (0, 1, 100, 28)
    assert set(placed) == {"drill", "header", "footer"}
