"""Lines become strips of exactly the cells asked for, and two strips differ in exactly one span."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.model.drawing import Line, Role, Span, line_text, line_width
from cockpit.text import clean, width
from widgets.palette import PLAIN, Tone
from widgets.strips import changed_span, fit_line, guard, make_strip
from widgets.wrapping import fold_line, fold_parts, wrap

_TEXT = st.text(st.characters(codec="utf-8"), max_size=12).map(clean).map(lambda text: text.replace("\n", " "))
_LINES = st.lists(st.builds(Span, _TEXT, st.sampled_from(Role)), max_size=6).map(tuple)
_CELLS = st.integers(1, 60)


@settings(max_examples=100, deadline=None)
@given(_LINES, _CELLS)
def test_a_fitted_line_has_its_cells(line: Line, cells: int) -> None:
    """A line is cut or padded to exactly the cells asked for, whatever stands in it."""
    assert line_width(fit_line(line, cells)) == cells


@settings(max_examples=100, deadline=None)
@given(_LINES, _LINES, st.integers(4, 60))
def test_the_changed_span_is_all_that_differs(one: Line, other: Line, cells: int) -> None:
    """Outside the changed span two strips show the same, and equal strips have none."""
    old = make_strip(fit_line(one, cells), Tone.NORMAL, PLAIN, cells)
    new = make_strip(fit_line(other, cells), Tone.NORMAL, PLAIN, cells)
    span = changed_span(old, new)
    if span is None:
        assert old.text == new.text
        return
    start, size = span
    assert 0 <= start < start + size <= cells
    assert old.crop(0, start).text == new.crop(0, start).text
    assert old.crop(start + size, cells).text == new.crop(start + size, cells).text
    assert changed_span(new, new) is None


def test_a_small_change_is_a_small_span() -> None:
    """One letter that differs is a span of one cell."""
    old = make_strip((Span("age 5m payment"),), Tone.NORMAL, PLAIN, 14)
    new = make_strip((Span("age 6m payment"),), Tone.NORMAL, PLAIN, 14)
    assert changed_span(old, new) == (4, 1)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40))
def test_no_control_character_reaches_the_terminal(text: str) -> None:
    """The last guard leaves no C0 or C1 character, whatever it is given."""
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in guard(text))


@settings(max_examples=100, deadline=None)
@given(_TEXT, st.integers(4, 30), st.integers(1, 5))
def test_wrapped_text_fits(text: str, cells: int, lines: int) -> None:
    """Wrapped text has at most the lines and cells asked for."""
    found = wrap(text, cells, cells, lines)
    assert 1 <= len(found) <= lines
    assert all(width(line) <= cells for line in found)


@settings(max_examples=100, deadline=None)
@given(_LINES, st.integers(8, 30))
def test_folding_a_line_loses_nothing_but_blanks(line: Line, cells: int) -> None:
    """A folded line fits, and holds every character that is not a blank."""
    found = fold_line(line, cells)
    assert all(line_width(one) <= cells for one in found)
    joined = "".join(line_text(one) for one in found)
    assert joined.replace(" ", "") == line_text(line).replace(" ", "")


@settings(max_examples=100, deadline=None)
@given(_LINES, st.integers(8, 60))
def test_parts_fit_into_their_lines(line: Line, cells: int) -> None:
    """A line folded behind its parts exceeds no line."""
    assert all(line_width(one) <= cells for one in fold_parts(line, cells))


def test_parts_stay_whole_where_they_fit() -> None:
    """A line of parts breaks between them and nowhere else."""
    line = (
        Span("4,000 firing"),
        Span("; "),
        Span("94 % share "),
        Span("pool=gp-3", Role.SUSPECT),
        Span("; "),
        Span("first X"),
    )
    assert [line_text(one) for one in fold_parts(line, 24)] == ["4,000 firing;", "94 % share pool=gp-3;", "first X"]


def test_numbers_keep_their_units() -> None:
    """A line is not broken between a number and its unit."""
    assert wrap("errors > 5 %, now 100 %, since 14:02 UTC", 20, 20, 4) == (
        "errors > 5 %, now",
        "100 %, since",
        "14:02 UTC",
    )
