"""Text from outside is safe to show, and takes the cells that are counted."""

import unicodedata

import pytest
import wcwidth
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.text import LIMIT, clean, cut, fit, listed, one_line, width

_any = st.text(max_size=200) | st.text(
    alphabet="\x00\x1b\x9b\u202e\u200b\ufe0f\u200d\U0001f3fbaé漢\t\n\r\ud800", max_size=60
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("a\x00b", "a␀b"),
        ("a\x9b31mb", "a\ufffd31mb"),
        ("abc\u202edef", "abc·def"),
        ("a\tb", "a    b"),
        ("a\r\nb", "a\nb"),
        ("a\rb", "a␍b"),
        ("\x7f", "␡"),
        ("[/dev/sda1]", "[/dev/sda1]"),
        ("zero\u200bwidth", "zero·width"),
        ("\ud800", "\ufffd"),
    ],
)
def test_clean(text: str, expected: str) -> None:
    """Controls become visible stand-ins, everything else stays."""
    assert clean(text) == expected


def test_long_values_are_cut() -> None:
    """What is cut off is counted."""
    assert clean("x" * 10, 4) == "xxxx… (6 more)"
    assert len(clean("x" * 100_000)) < LIMIT + 30


@settings(max_examples=100, deadline=None)
@given(_any)
def test_clean_leaves_nothing_that_drives_a_terminal(text: str) -> None:
    """No control but the newline, no bidi control, no surrogate is left; cleaning twice changes nothing."""
    safe = clean(text)
    assert all(char == "\n" or unicodedata.category(char) not in {"Cc", "Cs"} for char in safe)
    assert not set(safe) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200c\u200d\u200e\u200f\ufe0f"
    )
    assert clean(safe) == safe
    safe.encode()


@settings(max_examples=100, deadline=None)
@given(_any)
def test_one_line_is_one_line(text: str) -> None:
    """No line break of any kind is left."""
    assert len(one_line(text).splitlines()) <= 1
    assert "  " not in one_line(text)


@settings(max_examples=100, deadline=None)
@given(_any, st.integers(0, 40))
def test_fit_takes_exactly_its_cells(text: str, cells: int) -> None:
    """A fitted text takes exactly its cells, a cut one at most that many."""
    line = one_line(text)
    assert width(fit(line, cells)) == cells
    assert width(cut(line, cells)) <= cells
    if width(line) <= cells:
        assert cut(line, cells) == line


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"]), max_size=40))
def test_ascii_is_as_wide_as_long(text: str) -> None:
    """A character of ASCII takes one cell."""
    assert width(text) == len(text)


@pytest.mark.parametrize("text", ["é", "e\u0301", "漢字", "●▲✗○◇★✓→…━▁█", "👍", "한국", "ｱ", "नमस्ते"])
def test_width_agrees_with_terminals(text: str) -> None:
    """Widths are those of the tables that terminals use."""
    assert width(text) == wcwidth.wcswidth(text)


def test_names_are_listed_as_in_a_sentence() -> None:
    """Two names have an "and", more have commas before it."""
    assert [listed(names) for names in ((), ("a",), ("a", "b"), ("a", "b", "c"))] == ["", "a", "a and b", "a, b and c"]
