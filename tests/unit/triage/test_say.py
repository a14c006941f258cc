"""The drill said outwards stays what it is, whatever an alert says."""

from dataclasses import replace
from datetime import UTC

import pytest

from cockpit.model.drill import Answer, Evidence, PersonAnswer, Question, Standing
from cockpit.model.reading import Liveness
from cockpit.text import width
from cockpit.triage.drill import fill
from cockpit.triage.say import as_json, as_markdown, as_text, escape
from tests.unit.triage.boards import alert, at, board, live, subject


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("payment_errors_total > 5 %", "payment_errors_total > 5 %"),
        ("*bold* _it_ `code`", r"\*bold\* \_it\_ \`code\`"),
        ("[x](http://evil)", r"\[x\](http://evil)"),
        ("<script>alert(1)</script>", "&lt;script>alert(1)&lt;/script>"),
        ("a | b", r"a \| b"),
        ("# no title\n# none", "# no title # none"),
        ("@team", "&#64;team"),
        ("&lt;", "&amp;lt;"),
    ],
)
def test_escape(text: str, said: str) -> None:
    """Markup of a stranger is shown, not followed."""
    assert escape(text) == said


def test_links_of_strangers() -> None:
    """Only http and https are links, and none ends before its end."""
    answer = Answer(
        Question.WHAT,
        "x",
        Standing.FILLED,
        (
            Evidence("a", "one", at("14:00"), "javascript:alert(1)"),
            Evidence("a", "two", at("14:00"), "http://h/a b>)<x"),
        ),
    )
    on = board()
    drill = replace(fill(on, subject(on)), answers={**fill(on, subject(on)).answers, Question.WHAT: answer})
    text = as_markdown(drill)
    assert "javascript" not in text
    assert "([link](<http://h/a%20b%3E)%3Cx>))" in text


def test_chat_is_not_called() -> None:
    """A summary cannot call a channel."""
    on = board([alert(annotations={"summary": "<!channel> @here <@U1>"}, rule=None)], rules={})
    text = as_text(fill(on, subject(on)))
    assert "<!" not in text
    assert "@here" not in text


def test_who_answered() -> None:
    """A person's answer names the person and the time, in the zone asked for."""
    person = PersonAnswer("", Question.SCOPE, Standing.EDITED, "all of Europe", "responder", at("14:11"))
    on = board(persons={alert().occurrence: {Question.SCOPE: person}})
    assert "SCOPE: all of Europe (edited by responder 14:11 UTC)" in as_text(fill(on, subject(on)), UTC)
    said = as_json(fill(on, subject(on)), on)["answers"]
    assert isinstance(said, dict)
    assert (said["scope"]["standing"], said["scope"]["by"]) == ("edited", "responder")


def test_long_lines_are_cut() -> None:
    """However long a summary, the text keeps to its lines and columns."""
    on = board([alert(annotations={"summary": "漢字 and \n" * 400}, rule=None, generator=None)], rules={})
    lines = as_text(fill(on, subject(on))).splitlines()
    assert len(lines) <= 8
    assert all(width(line) <= 120 for line in lines)


def test_states_of_systems() -> None:
    """A system is live, slow, stale or down; one that never answered is down and has no age."""
    on = board()
    asking = replace(live("splunk", "splunk"), state=Liveness.ASKING, answered=None, complete_to=None)
    on = replace(on, systems={"splunk": asking})
    assert as_json(fill(on, subject(on)), on)["systems"] == [
        {
            "name": "splunk",
            "kind": "splunk",
            "state": "down",
            "age_s": None,
            "complete_to": None,
            "error": "no answer yet",
        }
    ]


def test_who_did_not_answer_reads_as_a_sentence_of_its_own() -> None:
    """Several systems that do not answer are told behind the change, and not as if they were part of it."""
    on = board()
    drill = fill(on, subject(on))
    answer = replace(drill.answers[Question.CHANGE], detail="prometheus and git not answering")
    text = as_text(replace(drill, answers={**drill.answers, Question.CHANGE: answer}))
    assert "4 min before; prometheus and git not answering" in text
