"""The deploy feed: filtered, grouped, and told in full."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.board.state import Board
from cockpit.model.change import Change, ChangeKind, ChangeReport, Progress, Witness
from cockpit.model.drawing import line_text
from cockpit.model.reading import ChangesSeen, Duty, Reading, Topic
from cockpit.slices.changedetails import cut as details
from cockpit.slices.changes import ChangesView, change_of, cut
from cockpit.slices.feedfilter import parse
from tests.unit.slices.boards import NOW, board, system


def made(service: str, minutes: float, **more: object) -> Change:
    """Return a change so many minutes ago."""
    began = NOW - timedelta(minutes=minutes)
    report = ChangeReport(f"{service}{minutes}", service, "v1", ChangeKind.DEPLOY, began, says=f"tag v1 of {service}")
    change = Change(
        id=f"{service}@v1@{minutes}", service=service, mapped=False, name=service, team="team-a", version="v1",
        kind=ChangeKind.DEPLOY, began=began, ended=None, author="", summary="", url=None, rollback=False, seen=False,
        tolerance_s=0.0, witnesses=(Witness("git", report, NOW),),
    )  # fmt: skip
    return replace(change, **more)  # type: ignore[arg-type]  # the fields differ from test to test


def by(change: Change, *systems: str) -> Change:
    """Return the change as these systems told it."""
    return replace(change, witnesses=tuple(replace(change.witnesses[0], system=name) for name in systems))


FEED = (
    made("payment", 3, team="team-payments", progress=Progress.ROLLING),
    made("search", 10, kind=ChangeKind.FLAG, team=None, summary="Typo tolerance on"),
    by(made("payment", 20, team="team-payments", rollback=True, progress=Progress.FAILED), "argocd", "splunk"),
    made("catalog", 40, kind=ChangeKind.CONFIG, ended=NOW - timedelta(minutes=33), progress=Progress.DONE),
)


def feed(*changes: Change, answering: bool = True) -> Board:
    """Return a board with these changes, on which git answered and splunk did or did not."""
    names = ("git", "splunk")
    readings = {
        (name, Topic.CHANGES): Reading(
            name,
            name,
            Topic.CHANGES,
            NOW,
            NOW,
            0.1,
            ChangesSeen((), NOW - timedelta(hours=4), (name,)),
            complete_to=NOW,
        )
        for name in (names if answering else names[:1])
    }
    failures = (
        {}
        if answering
        else {("splunk", Topic.CHANGES): Reading("splunk", "splunk", Topic.CHANGES, NOW, NOW, 0.1, None, "401")}
    )
    systems = [system(name, kind="git") for name in names]
    return replace(board(systems=systems), readings=readings, failures=failures, changes=changes)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", [0, 1, 2, 3]),
        ("payment", [0, 2]),
        ("!payment", [1, 3]),
        ("team:payments kind:deploy", [0, 2]),
        ("kind:flag kind:config", [1, 3]),
        ("system:splunk", [2]),
        ("service:catalog", [3]),
        ("team:none", [1]),
        ("owner:nobody typo", [1]),
        ("rolling", [0]),
        ("failed", [2]),
        ("rollback system:argo", [2]),
        ("TEAM:PAYMENTS !rolling", [2]),
        ("team:", [0, 1, 2, 3]),
        ("http://x", []),
    ],
)
def test_a_filter_keeps_what_it_says(text: str, kept: list[int]) -> None:
    """Fields stand beside words; several of one field are alternatives; no owner can be asked for."""
    shown = cut(feed(*FEED), ChangesView(parse(text)), NOW)
    assert [row.id for row in shown.rows] == [FEED[place].id for place in kept]


words = st.lists(
    st.sampled_from(["team:a", "kind:flag", "!x", "payment", "system:", ":", "!", "service:a"]), max_size=5
)


@settings(max_examples=60, deadline=None)
@given(words, words)
def test_more_words_keep_no_more(first: list[str], more: list[str]) -> None:
    """A longer filter leaves out at least what a shorter one does, but for alternatives of one field."""
    fields = {word.partition(":")[0] for word in first if ":" in word}
    more = [word for word in more if ":" not in word or word.partition(":")[0] not in fields]
    fewer, longer = parse(" ".join(first)), parse(" ".join([*first, *more]))
    shown = {row.id for row in cut(feed(*FEED), ChangesView(fewer), NOW).rows}
    if len({word.partition(":")[0] for word in more if ":" in word}) == sum(":" in word for word in more):
        assert {row.id for row in cut(feed(*FEED), ChangesView(longer), NOW).rows} <= shown


def test_a_change_says_how_far_it_has_come() -> None:
    """One in progress says for how long, a failed one that it failed, one that ended how long it took."""
    rows = cut(feed(*FEED), ChangesView(), NOW).rows
    assert [row.state for row in rows] == ["rolling 3m", "", "failed", "took 7m"]
    assert [row.failed for row in rows] == [False, False, True, False]


def test_services_stand_together_behind_their_headings() -> None:
    """By service, that of the newest change comes first, with how many changes it has and whose it is."""
    shown = cut(feed(*FEED), ChangesView(grouped=True), NOW)
    assert [(row.name, row.count) for row in shown.rows if row.count] == [("payment", 2), ("search", 1), ("catalog", 1)]
    assert [row.id for row in shown.rows if not row.count] == [FEED[place].id for place in (0, 2, 1, 3)]
    assert shown.rows[0].team == "team-payments"
    assert shown.grouped
    assert shown.title.startswith("by service, 4 in the last 4 h, complete to 14:12")


def test_a_partial_feed_never_looks_complete() -> None:
    """Who did not answer stands before anything else, with rows, without rows, and behind a filter."""
    told = "splunk did not answer, rest complete to 14:12"
    partial = feed(*FEED, answering=False)
    assert cut(partial, ChangesView(), NOW).title == f"4 in the last 4 h, {told}"
    assert (
        cut(partial, ChangesView(parse("nope")), NOW).empty == "nothing matches; esc shows all; splunk did not answer"
    )
    empty = cut(feed(answering=False), ChangesView(), NOW)
    assert empty.title == f"0 in the last 4 h, {told}"
    assert empty.empty == "nothing in git up to 14:12; splunk did not answer: 401"


def test_everything_known_of_a_change_is_told() -> None:
    """Its course, owner and on-call, commits, files, links, each witness in its own words, and who else was asked."""
    one = FEED[3]
    report = replace(
        one.witnesses[0].report,
        ended=one.ended,
        progress=Progress.DONE,
        commit="3fa9c1b",
        url="https://git/x",
        owner="squad",
    )
    change = replace(
        one, witnesses=(Witness("git", report, NOW),), previous="v0", commits=("3fa9c1b Raise it",), files=("limits.py",),
        author="person", team_by="CODEOWNERS",
    )  # fmt: skip
    duty = Duty("P1", "policy", "A. Person", until=NOW + timedelta(hours=3))
    on = replace(feed(change), duties={"team-a": (duty,)})
    text = "\n".join(map(line_text, details(on, change, NOW, NOW.tzinfo, why="on the alert's service")))  # type: ignore[arg-type]  # it is UTC
    for part in (
        "began 13:32, finished 13:39, took 7 min",
        "team-a (from CODEOWNERS)",
        "A. Person until 17:12, in 3 h",
        "1 commit since v0",
        "3fa9c1b Raise it",
        "1 file changed since v0",
        "limits.py",
        "https://git/x",
        "on the alert's service",
        "git          began 13:32, ended 13:39, done, deploy catalog v1",
        "tag v1 of catalog; commit 3fa9c1b; owner squad",
        "splunk       complete to 14:12; does not say that it covers it",
    ):
        assert part in text
    rolling = "\n".join(map(line_text, details(on, FEED[0], NOW, NOW.tzinfo)))  # type: ignore[arg-type]  # likewise
    assert "began 14:09, still rolling for 3 min" in rolling
    orphan = "\n".join(map(line_text, details(feed(answering=False), FEED[1], NOW, NOW.tzinfo)))  # type: ignore[arg-type]  # likewise
    assert "no owner: neither the map nor who reported it names one" in orphan
    assert "did not answer: 401" in orphan


def test_a_change_is_found_by_its_id() -> None:
    """However far back it lies."""
    wide = replace(feed(*FEED[:1]), wide=FEED)
    assert change_of(wide, FEED[3].id) is FEED[3]
    assert change_of(wide, "nothing") is None


def test_ten_thousand_rows_are_made_when_they_are_looked_at() -> None:
    """A long feed costs only what is seen of it."""
    many = tuple(made("svc", number / 60) for number in range(10_000))
    shown = cut(feed(*many), ChangesView(), NOW)
    assert len(shown.rows) == 10_000
    assert shown.rows[-1].id == many[-1].id
    assert [row.id for row in shown.rows[:2]] == [one.id for one in many[:2]]
