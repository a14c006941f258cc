"""The deploy feed, the drill pane, sparklines and copies."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.model.change import Change, ChangeKind, ChangeReport, Witness
from cockpit.model.drawing import ASCII, UNICODE, line_text, line_width
from cockpit.model.drill import Answer, Drill, Evidence, Priority, Proposal, Question, Standing, Subject, Suspect
from cockpit.model.reading import ChangesSeen, Liveness, Reading, Topic
from cockpit.slices.changes import ChangesView
from cockpit.slices.changes import cut as cut_changes
from cockpit.slices.copies import copies, copies_of, runbook
from cockpit.slices.details import cut as cut_details
from cockpit.slices.drillview import cut as cut_drill
from cockpit.slices.feedfilter import parse
from cockpit.slices.spark import sparkline
from tests.unit.slices.boards import NOW, alert, board, system


def _change(
    minutes: float, *, version: str = "v2.4.0", kind: ChangeKind = ChangeKind.DEPLOY, team: str | None = "t"
) -> Change:
    began = NOW - timedelta(minutes=minutes)
    report = ChangeReport(version, "payment", version, kind, began)
    return Change(
        id=f"payment@{version}", service="payment", mapped=False, name="payment-service", team=team, version=version, kind=kind,
        began=began, ended=None, author="", summary="", url=None, rollback=False, seen=False, tolerance_s=0.0,
        witnesses=(Witness("git", report, NOW),),
    )  # fmt: skip


def _answered(name: str, complete: datetime) -> tuple[tuple[str, Topic], Reading]:
    reading = Reading(
        name, "git", Topic.CHANGES, NOW, NOW, 0.1, ChangesSeen((), NOW - timedelta(hours=4)), complete_to=complete
    )
    return (name, Topic.CHANGES), reading


def test_the_feed_says_how_complete_it_is() -> None:
    """The title shows the worst of what systems are complete to."""
    systems = [system("git", kind="git"), system("ci", kind="git")]
    readings = dict([_answered("git", NOW), _answered("ci", NOW - timedelta(minutes=1))])
    made = replace(board(systems=systems), readings=readings, changes=(_change(10),))
    feed = cut_changes(made, ChangesView(), NOW)
    assert feed.title == "1 in the last 4 h, complete to 14:11 (ci)"
    assert feed.rows[0].time == "14:02"
    assert feed.rows[0].systems == "git"


def test_a_wide_window_says_from_when_on_was_asked() -> None:
    """A window wider than what was asked for does not pass for complete."""
    made = replace(board(systems=[system("git", kind="git")]), readings=dict([_answered("git", NOW)]))
    feed = cut_changes(made, ChangesView(window=timedelta(hours=24)), NOW)
    assert feed.title == "0 in the last 24 h, asked only from 10:12, complete to 14:12"


def test_a_wide_window_is_as_complete_as_what_was_asked_for_it() -> None:
    """What was asked further back says from when; with a break before what is known now, or a failure, it is not."""
    git, window = [system("git", kind="git")], ChangesView(window=timedelta(hours=24))
    readings = dict([_answered("git", NOW)])

    def asked(until: timedelta) -> Reading:
        at = NOW - until
        return Reading("git", "git", Topic.WIDER, at, at, 0.1, ChangesSeen((), NOW - timedelta(hours=24)))

    made = replace(board(systems=git), changes=(_change(9),), wide=(_change(9), _change(600, version="v1")))
    whole = replace(made, readings={**readings, ("git", Topic.WIDER): asked(timedelta(hours=3))})
    feed = cut_changes(whole, window, NOW)
    assert feed.title == "2 in the last 24 h, asked from 19 Nov 14:12, complete to 14:12"
    assert cut_changes(whole, ChangesView(), NOW).title == "1 in the last 4 h, complete to 14:12"
    broken = replace(made, readings={**readings, ("git", Topic.WIDER): asked(timedelta(hours=5))})
    assert "asked only from 10:12, complete to 14:12" in cut_changes(broken, window, NOW).title
    failure = Reading("git", "git", Topic.WIDER, NOW, NOW, 0.1, None, "exit 128")
    failed = replace(made, readings=readings, failures={("git", Topic.WIDER): failure})
    assert cut_changes(failed, window, NOW).title.endswith("complete to 14:12, git did not answer for more")


def test_the_feed_names_who_did_not_answer_where_it_would_look_complete() -> None:
    """An empty feed is never just empty."""
    made = board(systems=[system("git", Liveness.DOWN, error="exit 128", kind="git")])
    failure = Reading("git", "git", Topic.CHANGES, NOW, NOW, 0.1, None, "exit 128")
    made = replace(made, failures={("git", Topic.CHANGES): failure})
    feed = cut_changes(made, ChangesView(), NOW)
    assert feed.title == "0 in the last 4 h, git did not answer"
    assert feed.empty == "git did not answer: exit 128"
    assert feed.stale


def test_a_suspect_is_marked_with_its_reason() -> None:
    """The mark belongs to the selected alert."""
    made = replace(board(systems=[system("git", kind="git")]), changes=(_change(10),))
    suspect = Suspect("payment@v2.4.0", "payment", NOW, ("on the alert's service, began 4 min before it",))
    feed = cut_changes(made, ChangesView(), NOW, suspects=(suspect,))
    assert feed.reasons == {feed.rows[0].id: "on the alert's service, began 4 min before it"}


def test_rows_outside_the_window_are_left_out_and_words_filter() -> None:
    """A person may narrow the feed."""
    made = replace(board(systems=[system("git", kind="git")]), changes=(_change(10), _change(300, version="v2.3.9")))
    assert len(cut_changes(made, ChangesView(), NOW).rows) == 1
    assert len(cut_changes(made, ChangesView(window=timedelta(hours=24)), NOW).rows) == 2
    feed = cut_changes(made, ChangesView(filter=parse("nope")), NOW)
    assert feed.title.startswith("/nope: 0 of 1 in the last 4 h, ")
    assert feed.empty == "nothing matches; esc shows all; git did not answer"


def _drill(**answers: Answer) -> Drill:
    one = alert(1)
    filled = {
        question: answers.get(question.value, Answer(question, "said", Standing.FILLED, (Evidence("am", "x", NOW),)))
        for question in Question
    }
    return Drill(Subject(one.key, one.name, one.service, 3, "o"), Proposal(Priority.P1, ("why",)), filled)


def test_the_drill_drops_the_words_that_its_labels_say() -> None:
    """`Started` and `deployed` stand in the label already."""
    drill = _drill(
        what=Answer(Question.WHAT, "errors > 5 %, now 100 %", Standing.FILLED, detail="flat since 14:08"),
        when=Answer(Question.WHEN, "Started 14:06 UTC, ongoing 6 min", Standing.FILLED),
        change=Answer(Question.CHANGE, "payment-service v2.4.0 deployed at 14:02 UTC, 4 min before", Standing.FILLED),
    )
    view = cut_drill(board(), drill, NOW)
    assert view.title == "HighErrorRate ×3 ─ P1?"
    assert view.values[0] == "errors > 5 %, now 100 %, flat since 14:08"
    assert view.values[1] == "14:06 UTC, ongoing 6 min"
    assert view.values[3] == "payment-service v2.4.0 at 14:02 UTC, 4 min before"
    assert view.sources[2] == "am"


def test_an_old_source_shows_its_age_and_a_person_their_name() -> None:
    """What a person wrote is theirs; what a stale system said is old."""
    old = replace(system("am"), answered=NOW - timedelta(seconds=70))
    drill = _drill(owner=Answer(Question.OWNER, "team-a", Standing.EDITED, by="first responder"))
    view = cut_drill(board(systems=[old]), drill, NOW)
    assert view.sources[0] == "am 1m"
    assert view.sources[4] == "first responder"


def test_what_was_decided_says_when() -> None:
    """An answer that a person took over says when, in UTC: what it says of then is not about now."""
    answer = Answer(Question.WHEN, "Started 14:06 UTC, ongoing 56 s", Standing.CONFIRMED, by="Responder", at=NOW)
    assert cut_drill(board(), _drill(when=answer), NOW).sources[1] == "Responder 14:12"


def test_evidence_does_not_tick() -> None:
    """The second of a sample is not shown: a screen at rest is not repainted at each poll."""
    said = Evidence("am", "1 at 14:12:07, rule up > 0", NOW)
    view = cut_drill(board(), _drill(what=Answer(Question.WHAT, "x", Standing.FILLED, evidence=(said,))), NOW)
    assert view.evidence[0] == ("am: 1 at 14:12, rule up > 0",)


def test_details_tell_an_occurrence_that_is_older_than_its_start() -> None:
    """Starts move when a Prometheus restarts: then the details say since when the occurrence is open."""
    moved = replace(alert(1), opened=NOW - timedelta(minutes=24))
    lines = [line_text(line) for line in cut_details(board(moved), moved.key, NOW, UTC)]
    assert any("open since   13:48: one occurrence" in line for line in lines)
    calm = [line_text(line) for line in cut_details(board(alert(1)), moved.key, NOW, UTC)]
    assert not any("open since" in line for line in calm)


def test_details_show_labels_annotations_and_the_other_members() -> None:
    """Everything that is known stands there."""
    made = board(alert(1), alert(2, pod="p-2"))
    text = "\n".join(line_text(line) for line in cut_details(made, alert(1).key, NOW, UTC))
    assert "summary 1" in text
    assert "1 other in this fold" in text
    assert "pod=p-2" in text
    gone = cut_details(made, alert(9).key, NOW, UTC)
    assert "no longer known" in line_text(gone[0])


def test_copies_can_be_pasted_into_a_shell() -> None:
    """Quotes in labels stay inside their matcher."""
    one = alert(1, name='It\'s "bad"')
    one = replace(one, annotations={"runbook_url": "https://runbooks.example.net/x"})
    offers = dict(copies(board(one), one.key))
    assert offers["matcher"].startswith('alertname="It\'s \\"bad\\""')
    assert "--alertmanager.url=http://am:9093" in offers["amtool command"]
    assert offers["runbook_url"] == "https://runbooks.example.net/x"
    assert runbook(board(one), one.key) == "https://runbooks.example.net/x"


@given(
    st.lists(st.tuples(st.integers(-4000, 100), st.floats(-1e6, 1e6)), max_size=50),
    st.integers(1, 80),
    st.none() | st.floats(-10, 10),
    st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_a_sparkline_is_as_wide_as_asked(
    points: list[tuple[int, float]], cells: int, threshold: float | None, plain: bool
) -> None:
    """Any points, any threshold: two rows of exactly so many cells."""
    series = [(NOW + timedelta(seconds=second), value) for second, value in points]
    glyphs = ASCII if plain else UNICODE
    line, marks = sparkline(series, NOW, cells, glyphs, threshold=threshold, changes=(NOW - timedelta(minutes=5),))
    assert line_width(line) == cells
    assert line_width(marks) == cells


def test_copies_of_several_are_one_text_of_each_kind() -> None:
    """Matchers and links have a line each; commands are one line that runs them all; what is said twice is there once."""
    one, two = alert(1), alert(2, name="Disk")
    made = board(one, two)
    offers = dict(copies_of(made, (one.key, two.key, one.key)))
    assert offers["2 matchers"].count("\n") == 1
    assert offers["2 amtool commands"].count(" && ") == 1
    assert "\n" not in offers["2 amtool commands"]
    assert copies_of(made, ()) == ()
