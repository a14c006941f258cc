"""The change pane: the cursor, headings, the rule where an alert began, and what rows say."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.model.drawing import ASCII, UNICODE, Glyphs, line_text
from cockpit.model.panes import ChangeList, ChangeRow, Rows
from widgets.changerow import change_columns, paint_change_row
from widgets.changes import Changes

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def row(number: int, *, count: int = 0) -> ChangeRow:
    """Return the row of a change so many minutes ago, or a heading."""
    name = f"svc-{number}/" if count else f"c{number}"
    return ChangeRow(
        name, "12:00", "deploy", False, name, "v1", "t", "git", began=NOON - timedelta(minutes=number), count=count
    )


def pane(count: int, **more: object) -> Changes:
    """Return a pane in focus with so many changes."""
    made = Changes(id="changes")
    made.focused = True
    made.show(ChangeList("", Rows(tuple(f"c{number}" for number in range(count)), row), **more))  # type: ignore[arg-type]  # as the test wants
    return made


def texts(made: Changes, rows: int, cells: int = 78) -> list[str]:
    """Return what it paints in so many rows."""
    return [line_text(one.line) for one in made.content(cells, rows)]


@settings(max_examples=80, deadline=None)
@given(
    st.integers(1, 60),
    st.integers(1, 20),
    st.one_of(st.none(), st.integers(-2, 62)),
    st.lists(st.sampled_from([1, -1, 5, -5, 100, -100]), max_size=12),
)
def test_the_cursor_is_always_seen(count: int, rows: int, mark: int | None, moves: list[int]) -> None:
    """However it moves and wherever the rule lies, the cursor's row is painted, and rows stay in order."""
    began = None if mark is None else NOON - timedelta(minutes=mark)
    made = pane(count, mark=began)
    for by in moves:
        made.move(by)
        painted = texts(made, rows)
        assert len(painted) <= rows
        assert sum(text.startswith(UNICODE.cursor) for text in painted) == 1
        assert any(f" c{made.index} " in text for text in painted)
        if rows > 3 and count >= rows:
            assert len(painted) == rows


def test_the_rule_lies_where_the_alert_began() -> None:
    """Between what began after the alert and what began before it; scrolled past it, there is none."""
    made = pane(40, mark=NOON - timedelta(minutes=2.5))
    painted = texts(made, 10)
    assert "the alert began here" in painted[3]
    assert " c2 " in painted[2]
    assert " c3 " in painted[4]
    made.move(30)
    assert not any("the alert began here" in text for text in texts(made, 10))


def test_the_cursor_stays_on_its_change() -> None:
    """A new change above moves the row, not the cursor; where the change is gone, it stays in its place."""
    made = pane(5)
    made.move(2)
    made.show(ChangeList("", [row(99), *(row(number) for number in range(5))]))
    assert (made.cursor, made.index) == ("c2", 3)
    made.show(ChangeList("", [row(number) for number in (0, 1, 3, 4)]))
    assert made.index == 3
    made.show(ChangeList(""))
    assert made.selected is None
    made.show(ChangeList("", [row(7)]))
    assert made.cursor == "c7"


def test_the_cursor_stands_on_the_newest_until_somebody_comes() -> None:
    """What other systems tell a moment later does not leave it in the middle of a feed that nobody has been in."""
    made = Changes(id="changes")
    for names in (("c5",), ("c2", "c5"), ("c1", "c2", "c5", "c7")):
        made.show(ChangeList("", Rows(names, row)))
        assert made.cursor == names[0]
    made.focused = True
    for later in (("c1", "c2"), ("c0", "c1", "c2")):
        made.show(ChangeList("", Rows(later, row)))
        assert made.cursor == "c1"


def test_the_cursor_never_rests_on_a_heading() -> None:
    """Up and down go over the headings of services, to the first and the last change."""
    made = Changes(id="changes")
    made.focused = True
    made.show(ChangeList("", [row(1, count=2), row(1), row(2), row(3, count=1), row(3)], grouped=True))
    seen = []
    for by in (0, 1, 1, 1, -1, -1, -1, 100, -100):
        made.move(by)
        seen.append(made.cursor)
    assert seen == ["c1", "c2", "c3", "c3", "c2", "c1", "c1", "c3", "c1"]
    assert texts(made, 10)[0].strip().startswith("svc-1/  2 changes")


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_kinds_are_told_by_sign_and_word(glyphs: Glyphs) -> None:
    """A config push, a flag, infrastructure, a rollback and a failed deploy look different and say so."""
    plan = change_columns(100, state=10)
    kinds = [
        ChangeRow("1", "12:00", "deploy", False, "x", "v1", "t", "git"),
        ChangeRow("2", "12:00", "config", False, "x", "v1", "t", "git"),
        ChangeRow("3", "12:00", "flag", False, "x", "v1", "t", "git"),
        ChangeRow("4", "12:00", "infrastructure", False, "x", "v1", "t", "git"),
        ChangeRow("5", "12:00", "deploy", True, "x", "v1", "t", "git"),
        ChangeRow("6", "12:00", "deploy", False, "x", "v1", "t", "git", state="failed", failed=True),
    ]
    painted = [line_text(paint_change_row(one, plan, glyphs)) for one in kinds]
    assert len({text[7] for text in painted}) == len(kinds)
    for text, word in zip(painted[1:], ("config", "flag", "infrastructure", "rollback", "failed"), strict=True):
        assert word in text


def test_a_deploy_in_progress_says_so_in_a_narrow_pane() -> None:
    """What rolls, and that it belongs to nobody, is said at 60 columns too."""
    rolling = ChangeRow(
        "1", "12:00", "deploy", False, "payment-service", "v2.4.0", "", "git argocd", state="rolling 3m", rolling=True
    )
    text = line_text(paint_change_row(rolling, change_columns(60, state=10), UNICODE))
    assert "rolling 3m" in text
    assert "no owner" in text


def test_a_feed_without_a_row_of_room_paints_nothing() -> None:
    """A pane folded to its title is no failure, whatever it holds."""
    assert texts(pane(3), 0) == []
