"""The deploy feed: one change once, nothing lost and nothing doubled, whoever told of it when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.board.feed import NO_FEED, Feed, advance, join
from cockpit.board.reduce import empty, reduce
from cockpit.board.state import Expected, Setup
from cockpit.model.change import Change, ChangeKind, ChangeReport, Progress, Witness
from cockpit.model.reading import ChangesSeen, Reading, Topic
from cockpit.topology.naming import Naming
from tests.unit.board.world import NOON, SHOP, change, secs

NAMING = Naming(SHOP)
SYSTEMS = ("argocd", "datadog", "git")


def rows(*told: tuple[str, ChangeReport]) -> tuple[Change, ...]:
    """Return the rows of what systems report, all at once."""
    return join([Witness(system, report, NOON) for system, report in told], NAMING, SHOP)


def at(minutes: float) -> datetime:
    """Return a moment so many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def test_four_systems_tell_of_one_deploy() -> None:
    """A tag, a bare commit, a version with its commit and a metric are one row; who began first stands first."""
    commit = "3fa9c1b2d4e5f60718293a4b5c6d7e8f90a1b2c3"
    (row,) = rows(
        ("argocd", change(commit[:7], minutes=1)),
        ("git", change("v2.4.0", minutes=0)),
        ("github", change("2.4.0", minutes=2, commit=commit, previous="2.3.9", commits=("a one",), files=("x.py",))),
        ("prometheus", change("2.4.0", name="payment", minutes=3, tolerance_s=15)),
    )
    assert row.systems == ("git", "argocd", "github", "prometheus")
    assert (row.version, row.previous, row.commits, row.files) == ("v2.4.0", "2.3.9", ("a one",), ("x.py",))


def test_two_deploys_that_a_system_numbers_are_two_rows() -> None:
    """A second deploy of the version has its own row, and other systems' words go to the one that they are nearest to."""
    first, second = rows(
        ("github", change(minutes=0, id="1", run="1")),
        ("github", change(minutes=6, id="2", run="2")),
        ("prometheus", change(name="payment", minutes=0.5)),
        ("datadog", change(minutes=6.5, id="d")),
    )[::-1]
    assert [one.system for one in first.witnesses] == ["github", "prometheus"]
    assert [one.system for one in second.witnesses] == ["github", "datadog"]
    assert first.id != second.id


def test_back_and_forth_is_three_deploys() -> None:
    """What a system deployed, took back and deployed again within minutes was deployed twice."""
    told = [("git", change("v2", minutes=0)), ("git", change("v1", minutes=4, rollback=True))]
    found = rows(*told, ("git", change("v2", minutes=8)), ("prometheus", change("v2", name="payment", minutes=8.5)))
    assert [(row.version, len(row.witnesses)) for row in found] == [("v2", 2), ("v1", 1), ("v2", 1)]


def test_a_retry_after_a_failure_is_another_deploy() -> None:
    """A deploy that failed and the one that then succeeded are two."""
    failed = change(minutes=0, id="1", progress=Progress.FAILED, ended=at(3))
    retried = change(minutes=5, id="2", progress=Progress.DONE, ended=at(9))
    assert [row.progress for row in rows(("datadog", failed), ("datadog", retried))] == [Progress.DONE, Progress.FAILED]


def test_one_deploy_after_the_other_is_two() -> None:
    """Of two spans of one system the second of which begins after the first ended, each is a deploy."""
    spans = [change(minutes=0, id="1", ended=at(2)), change(minutes=4, id="2", ended=at(6))]
    assert len(rows(*(("datadog", one) for one in spans))) == 2
    assert len(rows(("datadog", spans[0]), ("datadog", replace(spans[1], began=at(1))))) == 1


def test_staging_is_not_production() -> None:
    """A deploy to another environment is another; how a vendor spells production is not."""
    staging, production = change(minutes=0, environment="staging"), change(minutes=5, environment="production")
    found = rows(("github", staging), ("github", production), ("datadog", change(minutes=6, environment="prod")))
    assert [row.systems for row in found] == [("github", "datadog"), ("github",)]


def test_what_is_told_at_the_end_belongs_to_a_long_roll_out() -> None:
    """A roll-out of forty minutes gathers what is told of its version until it ends."""
    (row,) = rows(
        ("argocd", change(minutes=0, ended=at(40), progress=Progress.DONE)), ("datadog", change(minutes=41, id="end"))
    )
    assert (row.began, row.ended, row.systems) == (at(0), at(40), ("argocd", "datadog"))


@pytest.mark.parametrize(
    ("told", "progress"),
    [
        ((Progress.UNKNOWN, Progress.UNKNOWN), Progress.UNKNOWN),
        ((Progress.UNKNOWN, Progress.ROLLING), Progress.ROLLING),
        ((Progress.ROLLING, Progress.DONE), Progress.DONE),
        ((Progress.DONE, Progress.FAILED), Progress.FAILED),
    ],
)
def test_the_furthest_word_counts(told: Sequence[Progress], progress: Progress) -> None:
    """Failed before done before rolling; each keeps what it said, and the begin counts."""
    (row,) = rows(*((f"s{number}", change(minutes=number, progress=one)) for number, one in enumerate(told)))
    assert row.progress is progress
    assert [one.report.progress for one in row.witnesses] == list(told)
    assert row.began == at(0)


def test_nobody_rolls_where_another_knows_the_end() -> None:
    """A change whose end one system knows is done, whatever another still says."""
    (row,) = rows(("argocd", change(progress=Progress.ROLLING)), ("datadog", change(minutes=1, ended=at(7))))
    assert (row.progress, row.ended) == (Progress.DONE, at(7))


def test_the_owner_is_the_maps_else_the_events_else_nobody() -> None:
    """Where the team is from is said; the map comes first, and a service without one takes the event's owner."""
    owned = change(owner="squad-x", owner_by="CODEOWNERS")
    (mapped,) = rows(("github", owned))
    (unmapped,) = rows(("github", replace(owned, name="pricing")))
    (nobody,) = rows(("github", change(name="pricing")))
    assert (mapped.team, mapped.team_by) == ("team-payments", "map")
    assert (unmapped.team, unmapped.team_by) == ("squad-x", "CODEOWNERS")
    assert (nobody.team, nobody.team_by) == (None, "")


def test_an_unmapped_service_is_one_however_it_is_spelled() -> None:
    """Names of services that the map lacks compare as all names do."""
    (row,) = rows(("git", change(name="Fraud_Check")), ("argocd", change(name="fraud-check", minutes=1)))
    assert row.systems == ("git", "argocd")
    assert not row.mapped


def test_an_event_read_twice_is_one_and_the_later_word_counts() -> None:
    """An event on two overlapping pages, rolling on the one and done on the other, is done, in whichever order."""
    rolling = change(id="7", progress=Progress.ROLLING)
    done = replace(rolling, progress=Progress.DONE, ended=at(5))
    for told in ((rolling, done), (done, rolling), (done, rolling, done)):
        (row,) = rows(*(("datadog", one) for one in told))
        assert (row.progress, row.ended, len(row.witnesses)) == (Progress.DONE, at(5), 1)


def test_a_poll_joins_only_what_changed() -> None:
    """A service whose reports are as they were keeps its rows, the same objects, and its first moments."""
    ui, payment = change("v1", name="ui"), change("v2", minutes=1)
    first = advance(NO_FEED, ("git", ""), (ui, payment), at(2), NAMING, SHOP)
    again = advance(first, ("git", ""), (replace(ui), replace(payment)), at(3), NAMING, SHOP)
    assert again is first
    later = advance(first, ("git", ""), (ui, replace(payment, progress=Progress.DONE)), at(3), NAMING, SHOP)
    assert later.changes[1] is first.changes[1]
    assert later.changes[0].witnesses[0].at == at(3)
    gone = advance(later, ("git", ""), (ui,), at(4), NAMING, SHOP)
    assert gone.changes == (first.changes[1],)


reports = st.builds(
    ChangeReport,
    id=st.integers(0, 40).map(str),
    name=st.sampled_from(["payment", "payment-service", "ui", "pricing", "Pricing"]),
    version=st.sampled_from(["v1", "1", "v2", "", "3fa9c1b", "3fa9c1b2d4", "3fa9c1ff"]),
    kind=st.sampled_from(ChangeKind),
    began=st.integers(0, 3600).map(lambda seconds: NOON + secs(seconds)),
    ended=st.one_of(st.none(), st.integers(0, 5400).map(lambda seconds: NOON + secs(seconds))),
    progress=st.sampled_from(Progress),
    commit=st.sampled_from(["", "3fa9c1b2d4e5", "3fa9c1ffffff", "0123abc"]),
    environment=st.sampled_from(["", "prod", "production", "staging"]),
    run=st.sampled_from(["", "1", "2"]),
    owner=st.sampled_from(["", "team-x"]),
)
histories = st.dictionaries(st.sampled_from(SYSTEMS), st.lists(st.tuples(reports, st.integers(0, 20)), max_size=25))


def said(changes: Sequence[Change]) -> list[Change]:
    """Return rows as if everybody had first said it at noon."""
    return [replace(row, witnesses=tuple(replace(one, at=NOON) for one in row.witnesses)) for row in changes]


def once(told: Sequence[ChangeReport]) -> list[ChangeReport]:
    """Return the reports, of several with one id and name the first."""
    return list({(one.id, one.name): one for one in reversed(told)}.values())


@settings(max_examples=60, deadline=None)
@given(histories, st.randoms(use_true_random=False))
def test_the_feed_after_any_interleaving_is_that_of_the_sorted_whole(
    history: dict[str, list[tuple[ChangeReport, int]]], chance: object
) -> None:
    """Events come late, twice, out of order, on overlapping pages and across restarts: nothing is lost or doubled."""
    visible = {
        system: list({(report.id, report.name): (report, tick) for report, tick in told}.values())
        for system, told in history.items()
    }
    polls = [(system, tick) for system in visible for tick in range(0, 21, 4)]
    chance.shuffle(polls)  # type: ignore[attr-defined]  # a random.Random of hypothesis
    feed: Feed = NO_FEED
    answers: dict[str, list[ChangeReport]] = {}

    def poll(feed: Feed, system: str, tick: int) -> Feed:
        page = [report for report, since in visible[system] if since <= tick]
        page += page[: len(page) // 2]
        chance.shuffle(page)  # type: ignore[attr-defined]  # likewise
        answers[system] = once(page)
        return advance(feed, (system, ""), page, NOON + secs(tick), NAMING, SHOP)

    for number, (system, tick) in enumerate(polls):
        feed = poll(NO_FEED if number == len(polls) // 2 else feed, system, tick)
        if number >= len(polls) // 2:
            answers = {name: told for name, told in answers.items() if (name, "") in feed.parts}
        known = [Witness(name, one, NOON) for name, told in answers.items() for one in told]
        assert said(feed.changes) == said(join(known, NAMING, SHOP))
    for system in visible:
        feed = poll(feed, system, 20)
    whole = [Witness(name, report, NOON) for name in sorted(visible) for report, _ in visible[name]]
    assert said(feed.changes) == said(join(whole, NAMING, SHOP))
    counted = sorted((one.system, one.report.id, one.report.name) for row in feed.changes for one in row.witnesses)
    assert counted == sorted((one.system, one.report.id, one.report.name) for one in whole)
    assert len({row.id for row in feed.changes}) == len(feed.changes)


@settings(max_examples=40, deadline=None)
@given(histories, st.permutations(SYSTEMS))
def test_a_board_that_follows_polls_is_the_board_that_starts_late(
    history: dict[str, list[tuple[ChangeReport, int]]], order: list[str]
) -> None:
    """After a restart the last answers alone give the rows that watching all the time gave."""
    setup = Setup(map=SHOP, systems=tuple(Expected(name, name, (Topic.CHANGES,), 30.0) for name in SYSTEMS))
    final = NOON + timedelta(hours=1)

    def answer(system: str, tick: int, moment: datetime) -> Reading:
        told = tuple(once([report for report, since in history.get(system, []) if since <= tick]))
        seen = ChangesSeen(told, NOON - timedelta(hours=4))
        return Reading(system, system, Topic.CHANGES, moment, moment, 0.1, seen, complete_to=moment)

    watching = empty(setup, NOON)
    for tick in range(0, 21, 5):
        for system in order:
            watching = reduce(watching, answer(system, tick, NOON + secs(tick)))
    late = empty(setup, final)
    for system in SYSTEMS:
        watching = reduce(watching, answer(system, 20, final))
        late = reduce(late, answer(system, 20, final))
    assert said(watching.changes) == said(late.changes)
