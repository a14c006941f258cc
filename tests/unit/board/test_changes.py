"""Changes: joined from all systems into rows, the same whoever answered first."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.board.feed import join
from cockpit.board.versions import same_version
from cockpit.model.change import ChangeKind, ChangeReport, Witness
from cockpit.model.reading import ChangesSeen, Topic
from cockpit.topology.naming import Naming
from tests.unit.board.world import AM, GIT, NOON, PROM, SHOP, World, change, report, secs


def test_one_deploy_seen_by_two_systems_is_one_row() -> None:
    """A tag and a version metric of one service and version are one change, with the precise begin and both names."""
    world = World(PROM, GIT, source=SHOP)
    world.wait(600)
    tag = change("v2.4.0", minutes=2, author="first", summary="Faster", url="https://git/x")
    world.changes("prom", change("2.4.0", name="payment", minutes=2.5, tolerance_s=15, previous="2.3.9"))
    world.changes("git", tag)
    (row,) = world.board.changes
    assert (row.service, row.mapped, row.name, row.team) == ("payment", True, "payment-service", "team-payments")
    assert (row.version, row.kind, row.began) == ("v2.4.0", ChangeKind.DEPLOY, tag.began)
    assert (row.author, row.summary, row.url) == ("first", "Faster", "https://git/x")
    assert row.systems == ("git", "prom")
    assert row.tolerance_s == 0


def test_different_versions_are_never_one_row() -> None:
    """Two versions of a service are two rows, however close; so are two changes without a version."""
    world = World(GIT, source=SHOP)
    world.wait(600)
    world.changes("git", change("v1"), change("v2"), change("", minutes=1), change("", minutes=2))
    assert len(world.board.changes) == 4
    assert len({row.id for row in world.board.changes}) == 4


def test_begins_a_quarter_of_an_hour_apart_are_two_rows() -> None:
    """The same version again after more than fifteen minutes is another change."""
    world = World(GIT, source=SHOP)
    world.wait(3600)
    world.changes("git", change(minutes=0), change(minutes=15), change(minutes=15.5))
    assert [len(row.witnesses) for row in world.board.changes] == [1, 2]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("v2.4.0", "2.4.0", True),
        ("V2.4.0", "v2.4.0", True),
        ("3fa9c1b", "3fa9c1b2d4e5f60718293a4b5c6d7e8f90a1b2c3", True),
        ("3fa9c1b", "3fa9c1c2d4e5f60718293a4b5c6d7e8f90a1b2c3", False),
        ("3fa9c", "3fa9c1b", False),
        ("2026112", "20261120", False),
        ("v2", "v2.4", False),
        ("", "", False),
        ("", "v2", False),
        ("vault", "ault", False),
    ],
)
def test_which_versions_are_the_same(one: str, other: str, same: bool) -> None:
    """A leading v is none, a short commit is its long one; nothing else is guessed."""
    assert same_version(one, other) is same
    assert same_version(other, one) is same


def test_the_kind_is_the_most_definite_and_the_begin_that_of_the_doing() -> None:
    """A commit that was deployed is a deploy; it began when it was deployed, not when it was merged."""
    world = World(PROM, GIT, source=SHOP)
    world.wait(1200)
    commit, long = "3fa9c1b", "3fa9c1b2d4e5f60718293a4b5c6d7e8f90a1b2c3"
    world.changes("git", change(commit, minutes=1, kind=ChangeKind.MERGED))
    world.changes("prom", change(long, name="payment", minutes=9, tolerance_s=15, rollback=True))
    (row,) = world.board.changes
    assert (row.kind, row.began, row.tolerance_s) == (ChangeKind.DEPLOY, NOON + timedelta(minutes=9), 15)
    assert row.rollback
    assert row.version == commit
    assert row.witnesses[0].system == "git"


def test_a_moment_of_first_sight_is_worse_than_its_own() -> None:
    """A begin that is only when a fetch first saw it gives way to one that is the change's own."""
    world = World(PROM, GIT, source=SHOP)
    world.wait(1200)
    world.changes("git", change(minutes=2, seen=True))
    (row,) = world.board.changes
    assert row.seen
    world.changes("prom", change(name="payment", minutes=6, tolerance_s=15))
    (row,) = world.board.changes
    assert (row.began, row.seen) == (NOON + timedelta(minutes=6), False)


def test_only_the_window_is_kept_newest_first() -> None:
    """Rows stand newest first, and leave when they are older than the window."""
    world = World(GIT, source=SHOP)
    world.wait(7200)
    world.changes("git", change("v1", minutes=0), change("v2", minutes=60), change("v3", minutes=-130))
    assert [row.version for row in world.board.changes] == ["v2", "v1"]
    world.wait(7201)
    assert [row.version for row in world.board.changes] == ["v2"]
    assert not world.board.older


def test_a_change_behind_an_alert_outlives_the_window() -> None:
    """While an alert is listed that it may explain, a change that left the window is still known as an older one."""
    world = World(AM, GIT, source=SHOP)
    world.wait(600)
    world.changes("git", change("v1", minutes=2))
    world.am(report(started=NOON + timedelta(minutes=6)))
    world.wait(5 * 3600).am(report(started=NOON + timedelta(minutes=6), ends=world.now + timedelta(hours=1)))
    world.changes("git")
    assert not world.board.changes
    assert [row.version for row in world.board.older] == ["v1"]
    world.wait(15).am()
    world.wait(15)
    assert [row.version for row in world.board.older] == ["v1"]
    world.wait(15 * 60)
    assert not world.board.alerts
    assert not world.board.older


def test_an_unmapped_change_keeps_its_name() -> None:
    """A change on nothing of the map stays visible under the name that its source gave."""
    world = World(GIT, source=SHOP)
    world.changes("git", change(name="pricing"))
    (row,) = world.board.changes
    assert (row.service, row.mapped, row.team, row.name) == ("pricing", False, None, "pricing")


def test_an_unchanged_answer_keeps_the_rows() -> None:
    """The rows of an answer that says what the last one did differ only in when it was given."""
    world = World(GIT, source=SHOP)
    world.changes("git", change())
    (row,) = world.board.changes
    world.changes("git", change())
    assert world.board.changes == (row,)
    world.fails("git", PROM.topics[2])
    assert world.board.changes[0] is row


versions = st.sampled_from(["v1", "1", "v2", "", "3fa9c1b", "3fa9c1b2d4", "3fa9c1ff"])
reports_made = st.builds(
    ChangeReport,
    id=st.uuids().map(str),
    name=st.sampled_from(["payment", "payment-service", "ui", "pricing"]),
    version=versions,
    kind=st.sampled_from(ChangeKind),
    began=st.integers(0, 3600).map(lambda seconds: NOON + secs(seconds)),
    tolerance_s=st.sampled_from([0.0, 15.0]),
    seen=st.booleans(),
    rollback=st.booleans(),
    author=st.sampled_from(["", "first", "second"]),
)
witnesses_made = st.lists(st.builds(Witness, st.sampled_from(["git", "prom", "ci"]), reports_made, st.just(NOON)))


@settings(max_examples=80, deadline=None)
@given(witnesses_made, st.randoms(use_true_random=False))
def test_rows_do_not_depend_on_the_order_of_answers(witnesses: list[Witness], chance: object) -> None:
    """However the reports come in, the rows are the same, every report stands in one, and ids are unique."""
    naming = Naming(SHOP)
    rows = join(witnesses, naming, SHOP)
    shuffled = list(witnesses)
    chance.shuffle(shuffled)  # type: ignore[attr-defined] # a random.Random of hypothesis
    assert join(shuffled, naming, SHOP) == rows
    assert len({row.id for row in rows}) == len(rows)
    assert sorted(one.report.id for row in rows for one in row.witnesses) == sorted(one.report.id for one in witnesses)
    assert [row.began for row in rows] == sorted((row.began for row in rows), reverse=True)
    for row in rows:
        assert len(row.witnesses) == 1 or all(
            same_version(one.report.version, other.report.version) for one, other in permutations(row.witnesses, 2)
        )


def test_the_board_does_not_depend_on_who_answered_first() -> None:
    """Three systems answer in every order: the feed is the same but for when each answered."""
    feeds = []
    answers = {
        "git": [change("v2.4.0", minutes=2), change("3fa9c1b", minutes=1, kind=ChangeKind.MERGED)],
        "prom": [change("2.4.0", name="payment", minutes=2.25, tolerance_s=15)],
        "ci": [change("v2.4.0", minutes=1.5, seen=True), change("v9", name="ui")],
    }
    for order in permutations(answers):
        world = World(PROM, GIT, replace(GIT, name="ci", kind="ci"), source=SHOP)
        world.now = NOON + secs(600)
        for system in order:
            world.changes(system, *answers[system])
        feeds.append(world.board.changes)
    assert all(feed == feeds[0] for feed in feeds)


def test_changes_further_back_stand_in_the_wide_feed_alone() -> None:
    """What is asked for a longer time joins what is known, once each; the window and the drill's own changes stay."""
    world = World(PROM, GIT, source=SHOP)
    world.wait(600)
    world.changes("git", change("v2", minutes=2))
    world.changes("prom", change("v2", name="payment", minutes=2.5))
    before = world.board
    old, edge = change("v1", minutes=-600), change("v1.5", name="payment", minutes=-234.5, tolerance_s=60)
    world.changes(
        "prom", change("v1.5", name="payment", minutes=-229, id="finer"), change("v2", name="payment", minutes=2)
    )
    for system, known in (("git", (old, change("v2", minutes=2))), ("prom", (edge,))):
        seen = ChangesSeen(known, world.now - timedelta(days=1))
        world.take(world.reading(system, Topic.WIDER, answer=seen))
    assert [row.version for row in world.board.wide] == ["v2", "v1.5", "v1"]
    assert old.id not in {witness.report.id for row in world.board.changes for witness in row.witnesses}
    assert world.board.systems["git"].state is before.systems["git"].state
    failed = world.fails("git", Topic.WIDER)
    assert failed.systems["git"].error is None
    assert failed.wide is world.board.wide
