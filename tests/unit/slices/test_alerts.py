"""The alert list: what is listed, in which order, and what is said about the rest."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.model.alert import Alert, FoldKey, Heartbeat, State, Storm
from cockpit.model.drawing import line_text
from cockpit.model.reading import AlertsSeen, Liveness, Reading, Topic
from cockpit.slices.alerts import AlertsView, Sort, Whose, cut
from cockpit.slices.details import cut as cut_details
from cockpit.slices.filter import parse_filter
from cockpit.slices.index import Index, advance
from tests.unit.slices.boards import NOW, alert, board, system


def _names(*alerts: Alert, view: AlertsView | None = None) -> list[str]:
    shown = cut(advance(None, board(*alerts)), view or AlertsView(), NOW)
    assert shown.build is not None
    return [shown.build(number).name for number in range(len(shown.ids))]


def test_worse_rows_stand_first_and_older_ones_before_younger() -> None:
    """Priority decides, then age."""
    young = alert(1, name="Young", severity="critical", minutes=1)
    old = alert(2, name="Old", severity="critical", minutes=9)
    mild = alert(3, name="Mild", severity="warning", minutes=99)
    pending = alert(4, name="Pending", severity="critical", state=State.PENDING)
    done = alert(5, name="Done", severity="critical", state=State.RESOLVED)
    assert _names(done, pending, mild, young, old) == ["Old", "Young", "Mild", "Pending", "Done"]


def test_silenced_inhibited_and_dim_rows_are_hidden_but_counted() -> None:
    """What is hidden by default stands in the title and in the dim line."""
    alerts = (
        alert(1),
        alert(2, name="Quiet", state=State.SILENCED),
        alert(3, name="Under", state=State.INHIBITED),
        alert(4, name="Info", severity="info"),
    )
    shown = cut(advance(None, board(*alerts)), AlertsView(), NOW)
    assert len(shown.ids) == 1
    assert shown.title == "1 firing, 1 silenced, 1 inhibited"
    assert "1 alert" in line_text(shown.footer)
    assert len(_names(*alerts, view=AlertsView(hidden=True))) == 4


def test_alerts_of_one_name_service_and_cluster_are_one_row_until_it_is_opened() -> None:
    """A fold shows its count; opened, its members follow it."""
    alerts = [alert(number, name="PodRestarting", service="ui") for number in range(14)]
    assert _names(*alerts) == ["PodRestarting"]
    fold = FoldKey("PodRestarting", "ui", "")
    opened = _names(*alerts, view=AlertsView(open=frozenset({fold})))
    assert opened[0] == "PodRestarting"
    assert opened[1:] == [f"i-{number}" for number in range(14)]
    assert len(_names(*alerts, view=AlertsView(all_open=True))) == 15


def test_labels_that_differ_among_rows_become_a_column() -> None:
    """Clusters are told apart as soon as there are two."""
    one = cut(advance(None, board(alert(1, cluster="eu"))), AlertsView(), NOW)
    two = cut(advance(None, board(alert(1, cluster="eu"), alert(2, cluster="us"))), AlertsView(), NOW)
    assert one.extra == ()
    assert two.extra == ("cluster",)


def test_a_filter_stands_in_the_title_with_what_it_hides() -> None:
    """A hidden P2 is said loudly."""
    alerts = (alert(1, name="A"), alert(2, name="B", severity="critical"))
    shown = cut(advance(None, board(*alerts)), AlertsView(filter=parse_filter("alertname=A")), NOW)
    assert shown.title == "2 firing ─ /alertname=A: 1 of 2; hidden: 1 at P2?"


def test_only_my_teams_are_listed_when_asked() -> None:
    """`team` lists what the person's teams own."""
    mine, other = alert(1, name="Ours", team="a"), alert(2, name="Theirs", team="b")
    mine, other = replace(mine, label_team="a"), replace(other, label_team="b")
    assert _names(mine, other, view=AlertsView(whose=Whose.TEAM, teams=("a",))) == ["Ours"]


def test_an_empty_list_tells_quiet_from_blind() -> None:
    """Who answered is named, and who did not, with the reason."""
    quiet = cut(advance(None, board(systems=[system("am-eu"), system("am-us")])), AlertsView(), NOW)
    assert quiet.empty == "0 alerts, both alert systems answer: am-eu, am-us"
    assert not quiet.stale
    down = system("am", Liveness.DOWN, error="connection refused")
    blind = cut(advance(None, board(systems=[down])), AlertsView(), NOW)
    assert blind.empty == "not known: am not answering: connection refused"
    assert blind.stale
    waiting = cut(advance(None, board(systems=[system("am", Liveness.ASKING)])), AlertsView(), NOW)
    assert waiting.empty == "asking am"


def test_a_missing_heartbeat_and_a_storm_stand_above_the_rows() -> None:
    """The heartbeat comes first."""
    one = alert(1)
    storm = Storm(4012, 61, 212, ("node_pool", "gp-3"), 0.94, (one.key,))
    beat = Heartbeat("am", 'alertname="Watchdog"', NOW, NOW - timedelta(minutes=3), {"alertname": "Watchdog"})
    shown = cut(advance(None, replace(board(one), storm=storm, heartbeats=(beat,))), AlertsView(), NOW)
    assert line_text(shown.banner) == (
        "✗ heartbeat Watchdog missing since 14:09: alerts of am may not reach us; "
        "4,012 firing, 61 groups, 212 services; 94 % share node_pool=gp-3; first HighErrorRate 14:06:00"
    )


def test_sorting_by_name_and_by_service_is_for_a_person_to_ask() -> None:
    """Other orders keep every row."""
    alerts = (alert(1, name="B", service="x", severity="critical"), alert(2, name="a", service="y"))
    assert _names(*alerts, view=AlertsView(sort=Sort.NAME)) == ["a", "B"]
    assert _names(*alerts, view=AlertsView(sort=Sort.SERVICE)) == ["B", "a"]


_alerts = st.lists(
    st.builds(
        lambda number, name, service, state, severity: alert(
            number, name=name, service=service, state=state, severity=severity
        ),
        st.integers(0, 10**6),
        st.sampled_from("ABC"),
        st.sampled_from(["x", "y", ""]),
        st.sampled_from(State),
        st.sampled_from(["critical", "warning", "", "info"]),
    ),
    max_size=30,
    unique_by=lambda one: one.key,
)


@given(_alerts, st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_every_row_can_be_built_and_no_alert_is_lost(alerts: list[Alert], hidden: bool, all_open: bool) -> None:
    """With nothing hidden and all open each alert is on the list once, alone in its fold or as a row of its own."""
    shown = cut(advance(None, board(*alerts)), AlertsView(hidden=hidden, all_open=all_open), NOW)
    assert shown.build is not None
    rows = [shown.build(number) for number in range(len(shown.ids))]
    assert len(set(shown.ids)) == len(rows)
    if hidden:
        assert sum(row.count for row in rows if row.depth == 0) == len(alerts)


@given(_alerts, _alerts)
@settings(max_examples=60, deadline=None)
def test_an_advanced_index_equals_a_fresh_one(before: list[Alert], after: list[Alert]) -> None:
    """Reuse never shows yesterday's rows."""
    advanced = advance(advance(None, board(*before)), board(*after))
    fresh = advance(None, board(*after))
    assert advanced.order == fresh.order
    assert advanced.entries == fresh.entries
    assert advanced.counts == fresh.counts
    assert advanced.hays == fresh.hays


@given(_alerts, st.sampled_from(("a", "!b", "x", 'severity="critical"')), st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_filter_counts_what_it_keeps_of_what_was_listed(
    alerts: list[Alert], text: str, hidden: bool, all_open: bool
) -> None:
    """The title's two numbers are the alerts that pass and those that the same list holds without the filter."""
    index, wanted = advance(None, board(*alerts)), parse_filter(text)
    view = AlertsView(hidden=hidden, all_open=all_open)
    every, some = cut(index, view, NOW), cut(index, replace(view, filter=wanted), NOW)
    assert every.build is not None
    assert some.build is not None
    total = sum(row.count for row in map(every.build, range(len(every.ids))) if row.depth == 0)
    passing = sum(row.count for row in map(some.build, range(len(some.ids))) if row.depth == 0)
    assert f"/{text}: {passing:,} of {total:,}" in some.title
    for number, row in enumerate(some.ids):
        if not isinstance(row, FoldKey):
            assert wanted.keeps(index.hays[row][1], index.hays[row][0].labels)
            assert some.build(number).depth == 1


@given(_alerts, st.sampled_from(Sort))
@settings(max_examples=60, deadline=None)
def test_every_order_keeps_the_rows_of_one_rank_as_they_stood(alerts: list[Alert], sort: Sort) -> None:
    """Another order moves rows, and loses and doubles none; asked for again it is the same."""
    index = advance(None, board(*alerts))
    first, again = cut(index, AlertsView(sort=sort), NOW), cut(index, AlertsView(sort=sort), NOW)
    assert sorted(first.ids) == sorted(cut(index, AlertsView(), NOW).ids)
    assert first.ids == again.ids


def test_a_title_says_what_was_asked_of_the_server() -> None:
    """Where the server was lately asked for a filter's own alerts the title says so, and not any longer after that."""
    wanted = parse_filter('severity="warning" disk')
    seen = AlertsSeen((), ('severity="warning"',))
    reading = Reading("am", "alertmanager", Topic.FILTERED, NOW, NOW, 0.01, seen)
    asked = board(alert(1))
    asked = replace(asked, readings={**asked.readings, ("am", Topic.FILTERED): reading})

    def title(at: timedelta, view: AlertsView) -> str:
        return cut(advance(None, replace(asked, at=NOW + at)), view, NOW).title

    assert title(timedelta(seconds=20), AlertsView(wanted)).endswith("0 of 1 ─ asked of the server")
    assert "asked" not in title(timedelta(minutes=2), AlertsView(wanted))
    assert "asked" not in title(timedelta(0), AlertsView(parse_filter('severity="critical"')))


def test_while_nobody_answers_ages_stand_still() -> None:
    """An age counts up to when somebody last said that the alert is there, and is marked, in the list and behind Enter."""
    one = alert(1, minutes=6)
    lost = replace(alert(2, name="Gone", state=State.LOST), seen=NOW - timedelta(minutes=2))
    down = board(one, lost, systems=[system("am", Liveness.DOWN)])
    said = Reading("am", "alertmanager", Topic.ALERTS, NOW, NOW - timedelta(minutes=3), 0.01, AlertsSeen(()))
    down = replace(down, readings={("am", Topic.ALERTS): said})
    later = NOW + timedelta(minutes=30)
    shown = cut(advance(None, down), AlertsView(), later)
    assert shown.build is not None
    assert {row.name: row.age for row in map(shown.build, range(2))} == {"HighErrorRate": "3m?", "Gone": "4m?"}
    lines = "\n".join(map(line_text, cut_details(down, one.key, later, UTC)))
    assert "3 min when last seen 14:09" in lines
    assert _rows(advance(None, board(one)), NOW) == ["6m"]


def _rows(index: Index, now: datetime) -> list[str]:
    shown = cut(index, AlertsView(), now)
    assert shown.build is not None
    return [shown.build(number).age for number in range(len(shown.ids))]
