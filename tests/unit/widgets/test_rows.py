"""Rows, titles and headers in the room that they have."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.model.drawing import ASCII, UNICODE, Glyphs, Role, Span, line_text, line_width
from cockpit.model.keys import FoldKey, State
from cockpit.model.panes import AlertRow, ChangeRow, Header
from cockpit.model.questions import Standing
from widgets.alertrow import columns, fitted, paint_alert_row
from widgets.alerts import fit_title
from widgets.changerow import change_columns, paint_change_row
from widgets.drill import Shown, block_heights, paint_answer
from widgets.footer import Hint, paint_hints
from widgets.frames import Frame, bottom_line, title_line
from widgets.header import paint_header
from widgets.wrapping import fold_parts

ROW = AlertRow(
    id=FoldKey("PodRestarting", "ui", ""),
    depth=0,
    state=State.FIRING,
    flapping=False,
    priority="P2?",
    name="PodRestarting",
    count=14,
    service="ui",
    team="team-web",
    age="3m",
    value="0.88",
    who="mine 2m",
    extra=("eu-1",),
    role=Role.FIRING,
)
CHANGE = ChangeRow(
    "x", "14:02", "deploy", False, "payment-service", "v2.4.0", "team-payments", "git", suspect=True, why="began before"
)


@settings(max_examples=100, deadline=None)
@given(st.integers(18, 250), st.integers(0, 2), st.sampled_from([UNICODE, ASCII]))
def test_an_alert_row_never_exceeds_its_room(cells: int, extra: int, glyphs: Glyphs) -> None:
    """Rows fit in any room, and the sign and priority are always there."""
    line = paint_alert_row(ROW, columns(cells, extra), glyphs)
    assert line_width(line) <= cells
    assert line_text(line).startswith(f" {glyphs.firing} P2? ")


def test_eighty_columns_hold_everything() -> None:
    """In 80 columns a row shows name with count, service, age, value, team and who has it."""
    text = line_text(paint_alert_row(ROW, columns(77), UNICODE))
    for part in ("PodRestarting ×14", "ui", "3m", "0.88", "team-web", "mine 2m"):
        assert part in text


def _row(**changed: object) -> AlertRow:
    return AlertRow(**{f: getattr(ROW, f) for f in ROW.__slots__} | changed)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(18, 250),
    st.integers(0, 2),
    st.lists(
        st.builds(
            lambda n, s, t, w, x: _row(name=n, service=s, team=t, who=w, extra=(x, x)),
            *[st.text("abcde-", max_size=40)] * 5,
        ),
        max_size=6,
    ),
)
def test_fitted_columns_take_no_more_room(cells: int, extra: int, rows: list[AlertRow]) -> None:
    """Columns fitted to what is seen take together exactly the room that they had, and none goes or appears."""
    plan = columns(cells, extra)
    found = fitted(plan, rows)
    assert sum((found.name, found.service, found.age, found.value, found.team, found.who, *found.extra)) == sum(
        (plan.name, plan.service, plan.age, plan.value, plan.team, plan.who, *plan.extra)
    )
    assert len(found.extra) == len(plan.extra)
    assert min((found.name, *found.extra)) > 0
    assert [bool(getattr(found, name)) for name in ("service", "value", "team", "who")] == [
        bool(getattr(plan, name)) for name in ("service", "value", "team", "who")
    ]


@pytest.mark.parametrize("cells", [64, 75, 77, 84])
def test_labels_that_differ_are_told_apart_where_there_is_little_room(cells: int) -> None:
    """Beside the drill (120x40) and in 80 columns two clusters are told apart in whole, and names stay readable."""
    rows = [_row(extra=(cluster,), who="") for cluster in ("prod-eu-west-1", "prod-us-east-1")]
    plan = fitted(columns(cells, 1), rows)
    for row in rows:
        text = line_text(paint_alert_row(row, plan, UNICODE))
        assert row.extra[0] in text
        assert "PodRestarting ×14" in text
    assert bool(plan.team) == (cells > 64)


def test_names_are_cut_last() -> None:
    """Where others need less than they have, a name and a service that would be cut stand whole."""
    rows = [_row(name="KubePersistentVolumeFillingUp", service="card-gateway", count=1, who="", team="team-payments")]
    text = line_text(paint_alert_row(rows[0], fitted(columns(77), rows), UNICODE))
    for part in ("KubePersistentVolumeFillingUp ", "card-gateway ", "team-payments"):
        assert part in text


def test_a_cut_name_keeps_its_count() -> None:
    """Where a name has to be cut its count stays."""
    long = _row(name="APodKeepsRestartingForNoReason")
    assert "… ×14" in line_text(paint_alert_row(long, columns(60), UNICODE))


@settings(max_examples=60, deadline=None)
@given(st.integers(20, 200))
def test_a_change_row_never_exceeds_its_room(cells: int) -> None:
    """Rows of the feed fit in any room, and a suspect says so in a word."""
    line = paint_change_row(CHANGE, change_columns(cells, 5, 7), UNICODE)
    assert line_width(line) <= cells + 1
    assert "suspect" in line_text(line)


def test_a_change_without_owner_says_so() -> None:
    """A change that belongs to nobody says so instead of leaving a gap."""
    orphan = ChangeRow("x", "14:02", "deploy", False, "thing", "1", "", "git")
    assert "no owner" in line_text(paint_change_row(orphan, change_columns(78), UNICODE))


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 120), st.text(max_size=30), st.lists(st.text(max_size=20), max_size=2), st.booleans())
def test_titles_have_their_cells(cells: int, title: str, right: list[str], focused: bool) -> None:
    """The top and the bottom line of a frame take exactly the pane's width."""
    frame = Frame("├", "┬", bottom=True, bottom_left="╰", bottom_right="┴")
    line = title_line(cells, frame, UNICODE, label="2 Alerts", title=title, right=right, focused=focused)
    assert line_width(line) == cells
    assert line_width(bottom_line(cells, frame, ASCII)) == cells


def test_a_title_tells_the_filter_before_the_counts() -> None:
    """Where a title is too long what a filter hides stays longest, then the counts."""
    assert fit_title("3 firing, 2 pending ─ +5 new", 22) == "3 firing, 2 pending"
    assert fit_title("3 firing, 2 pending, 1 lost", 22) == "3 firing, 2 pending, …"
    assert fit_title("3 firing, 2 pending ─ /pay: 1 of 5; hidden: 1 at P1?", 40) == "/pay: 1 of 5; hidden: 1 at P1?"
    marked = "3 firing, 2 pending ─ /pay: 1 of 5 ─ asked of the server ─ 2 marked"
    assert fit_title(marked, 30) == "/pay: 1 of 5 ─ 2 marked"
    assert fit_title(marked, 50) == "3 firing, 2 pending ─ /pay: 1 of 5 ─ 2 marked"


TROUBLE = (("✗ splunk not answering 3m", Role.FIRING), ("▲ am-eu 1/2", Role.WARNING))
HEADER = Header("prod-eu", True, "checkout", TROUBLE, "4 of 5 live", ("14:12 UTC", "16:12 CEST"))


@pytest.mark.parametrize(
    ("cells", "there", "gone"),
    [
        (100, ("checkout", "16:12", "4 of 5", "am-eu"), ()),
        (86, ("16:12", "4 of 5", "am-eu"), ("checkout",)),
        (76, ("14:12", "4 of 5", "am-eu"), ("checkout", "16:12")),
        (62, ("14:12", "am-eu"), ("16:12", "4 of 5")),
        (50, ("splunk not answering 3m", "am-eu 1/2"), ("14:12",)),
    ],
)
def test_the_header_never_drops_what_is_not_well(cells: int, there: tuple[str, ...], gone: tuple[str, ...]) -> None:
    """It drops map name, second zone, live count and clock, in this order, and never what is not well."""
    text = line_text(paint_header(HEADER, cells))
    assert len(text) <= cells
    assert all(part in text for part in there)
    assert not any(part in text for part in gone)


def test_the_footer_always_has_its_last_key() -> None:
    """Where there is no room for all keys the last one, help, stays."""
    hints = (*(Hint(str(n), "something") for n in range(9)), Hint("?", "help"))
    assert line_text(paint_hints(hints, 40)).rstrip().endswith("? help")


@settings(max_examples=60, deadline=None)
@given(st.integers(20, 120), st.integers(1, 6), st.sampled_from(Standing), st.text(max_size=200))
def test_an_answer_takes_the_lines_that_it_has(cells: int, lines: int, standing: Standing, value: str) -> None:
    """An answer has exactly its lines, all of which fit."""
    shown = Shown("WHAT", standing, value.replace("\n", " "), "prom 3s", ("prometheus: 1 at 14:12", "x" * 200))
    found = paint_answer(shown, cells, lines, UNICODE)
    assert len(found) == lines


def test_standings_are_told_by_signs() -> None:
    """Confirmed, edited and unknown answers differ by a sign, not by colour alone."""
    signs = {line_text(paint_answer(Shown("WHAT", s, "v", ""), 60, 1, UNICODE)[0])[8] for s in Standing}
    assert len(signs) == len(Standing)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 80))
def test_answers_share_the_rows(rows: int) -> None:
    """Every answer has a line at least, together they take no more than there are, and of many few are left."""
    heights = block_heights(rows)
    assert all(height >= 1 for height in heights)
    assert sum(heights) <= max(5, rows)
    assert sum(heights) >= min(rows, 36) - 1


def test_a_source_gives_way_to_its_value() -> None:
    """On a single line the value is told whole rather than who said it."""
    shown = Shown("SCOPE", Standing.FILLED, "100 % of checkout attempts failing", "prometheus")
    assert line_text(paint_answer(shown, 48, 1, UNICODE)[0]).rstrip().endswith("attempts failing")
    assert line_text(paint_answer(shown, 70, 1, UNICODE)[0]).endswith("prometheus")


@pytest.mark.parametrize("cells", range(20, 80))
def test_a_banner_is_broken_between_its_parts(cells: int) -> None:
    """A part that fits a line of its own is not broken, however narrowly the whole misses the room."""
    parts = ("6,000 firing, 61 groups", "; ", "first Storm53 09:16:39")
    lines = [line_text(one) for one in fold_parts(tuple(map(Span, parts)), cells)]
    assert all(len(line) <= cells for line in lines)
    if cells >= 24:
        assert [line for line in lines if "Storm53" in line] == [line for line in lines if "09:16:39" in line]
