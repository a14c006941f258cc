"""What is copied of a hostile alert: it does nothing when it is pasted into a shell or a chat."""

import shlex
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.model.alert import AlertKey
from cockpit.slices.copies import copies
from cockpit.triage.drill import fill
from cockpit.triage.say import as_text
from cockpit.triage.subject import subject_of
from tests.fakes.hostile import EVIL, World, answers, harm_in, with_value

KEY = AlertKey("am", "9f2c000000000002")
"""The alert whose texts are changed."""

SHELL = ("'; id #", '"; id; "', "$(id)", "`id`", "a\nid\n", "--config.file=/etc/passwd", "x y", "\\", EVIL)
"""What a shell would take for more than a text."""


def offered(labels: dict[str, str], annotations: dict[str, str]) -> dict[str, str]:
    """Return what the copy menu offers of an alert with these labels and annotations."""
    body = with_value(answers()["/api/v2/alerts"], (1, "labels"), {"alertname": "Other", **labels})
    world = World({"/api/v2/alerts": with_value(body, (1, "annotations"), annotations)})
    world.polled()
    return dict(copies(world.board, KEY))


@pytest.mark.parametrize("text", SHELL)
def test_a_copied_command_is_one_command(text: str) -> None:
    """Whatever names and values labels have, the amtool command is one line of words, none of them an option of it."""
    command = offered({"pod": text, text: "x"}, {})["amtool command"]
    assert "\n" not in command
    words = shlex.split(command)
    assert words[:4] == ["amtool", "--alertmanager.url=http://am:9093", "silence", "add"]
    assert [word for word in words[: words.index("--")] if word.startswith("-")] == [
        "--alertmanager.url=http://am:9093",
        "--duration=1h",
        "--comment=",
    ]
    assert len(words) - words.index("--") - 1 == 3


@pytest.mark.parametrize("text", SHELL)
def test_a_copied_link_is_one_line(text: str) -> None:
    """A runbook is copied on one line, and an address with white space in it is no link."""
    found = offered({}, {"runbook_url": f"https://r/{text}", "dashboard": f"https://d/{text}"})
    assert found.get("runbook", found.get("runbook_url"))
    assert all("\n" not in value for name, value in found.items() if name != "PromQL")


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=4), st.text(max_size=60))
def test_nothing_copied_drives_a_terminal_or_calls_a_channel(labels: dict[str, Any], summary: str) -> None:
    """Any labels and any summary: copies are clean, and the drill's text is at most 8 lines without a mention."""
    body = with_value(answers()["/api/v2/alerts"], (1, "labels"), {"alertname": "Other", **labels})
    body = with_value(body, (1, "annotations"), {"summary": f"@here <!channel> {summary}"})
    world = World({"/api/v2/alerts": body})
    world.polled()
    for value in dict(copies(world.board, KEY)).values():
        assert harm_in(value, lines=True) is None
    about = subject_of(world.board, KEY)
    assert about is not None
    text = as_text(fill(world.board, about))
    assert harm_in(text, lines=True) is None
    assert len(text.split("\n")) <= 8
    assert "@here" not in text
    assert "<!channel" not in text
