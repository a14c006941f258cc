"""Editing a line as readline does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.model.drawing import line_width
from widgets.lineedit import LineEdit, edit_key, editing, paint_edit

_KEYS = st.sampled_from(
    [
        "left",
        "right",
        "home",
        "end",
        "backspace",
        "delete",
        "x",
        "ctrl+a",
        "ctrl+e",
        "ctrl+k",
        "ctrl+u",
        "ctrl+w",
        "ctrl+y",
        "ctrl+t",
        "ctrl+b",
        "ctrl+f",
        "ctrl+d",
        "ctrl+h",
        "alt+b",
        "alt+f",
        "alt+d",
        "alt+backspace",
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=20), st.lists(_KEYS, max_size=20))
def test_the_cursor_stays_in_the_line(text: str, keys: list[str]) -> None:
    """Whatever is pressed, the cursor stands in the text and the painted line fits."""
    edit = LineEdit().insert(text)
    for key in keys:
        edit = edit_key(edit, key, key if len(key) == 1 else None) or edit
        assert 0 <= edit.at <= len(edit.text)
        assert line_width(paint_edit(edit, 12)) <= 12 or "\u0300" in edit.text


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (("ctrl+a", "ctrl+k"), ""),
        (("ctrl+w",), "asked the "),
        (("ctrl+u", "ctrl+y", "ctrl+y"), "asked the teamasked the team"),
        (("ctrl+a", "alt+f", "ctrl+k"), "asked"),
        (("alt+b", "alt+backspace"), "asked team"),
        (("ctrl+t",), "asked the tema"),
        (("home", "delete", "end", "backspace"), "sked the tea"),
    ],
)
def test_readline_keys(keys: tuple[str, ...], text: str) -> None:
    """The keys that every shell has do what they do there."""
    edit = editing("asked the team")
    for key in keys:
        edit = edit_key(edit, key, None) or edit
    assert edit.text == text


def test_a_key_without_a_meaning_is_left() -> None:
    """A key that means nothing in a line is nobody's."""
    assert edit_key(editing("x"), "f5", None) is None


def test_a_paste_is_one_line() -> None:
    """A pasted text with newlines and controls becomes one clean line."""
    assert editing("a").insert("b\n\x1b[2Jc").text == "ab ␛[2Jc"
