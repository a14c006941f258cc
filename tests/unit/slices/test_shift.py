"""The start of a shift: what fires, what ended, what changed, what bakes, what comes, and what of it is not known."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from unicodedata import category
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.board.state import Board, Expected, Noted, Setup
from cockpit.model.alert import Alert, Silence, State
from cockpit.model.change import Change, ChangeKind, Progress
from cockpit.model.drawing import ASCII, line_text, line_width
from cockpit.model.drill import Priority
from cockpit.model.history import Firing, HistorySeen, PastAlert
from cockpit.model.reading import (
    AlertsSeen,
    Answer,
    ChangesSeen,
    Duty,
    OnCallSeen,
    Reading,
    RulesSeen,
    SilencesSeen,
    Topic,
)
from cockpit.model.shift import Part, Shift
from cockpit.model.topology import IntegrationMap, Service, Team
from cockpit.slices.shift import bakes, cut
from cockpit.slices.shiftlines import page, title_of
from cockpit.slices.shiftnote import note_text
from tests.tui.samples import change as sample_change
from tests.unit.slices.boards import NOW, alert, board, folded

SHIFT, BAKING = timedelta(hours=12), timedelta(hours=1)

SYSTEMS = {
    "am": (Topic.ALERTS, Topic.SILENCES),
    "prom": (Topic.RULES,),
    "git": (Topic.CHANGES,),
    "pager": (Topic.ONCALL,),
}


def ago(minutes: float) -> datetime:
    """Return so many minutes before the present."""
    return NOW - timedelta(minutes=minutes)


def told(system: str, topic: Topic, answer: Answer | None, error: str | None = None, age_s: float = 4) -> Reading:
    """Return what a system answered."""
    at = NOW - timedelta(seconds=age_s)
    return Reading(system, system, topic, at, at, 0.1, answer, error, complete_to=at)


def fired(name: str, *spans: tuple[float, float | None], **labels: str) -> PastAlert:
    """Return an alert that fired from so many minutes ago to so many; null fires still."""
    stretches = tuple(Firing(ago(begin), None if end is None else ago(end)) for begin, end in spans)
    return PastAlert({"alertname": name, "service": "payment", **labels}, stretches)


def history(*alerts: PastAlert, blind: Iterable[tuple[float, float]] = (), by_name: bool = False) -> HistorySeen:
    """Return what a server remembers of the last shift."""
    spans = tuple((ago(begin), ago(end)) for begin, end in blind)
    return HistorySeen(alerts, NOW - SHIFT, NOW, 15.0, spans, by_name)


def known(
    *alerts: Alert, past: HistorySeen | None = None, without: Iterable[tuple[str, Topic]] = (), **changed: object
) -> Board:
    """Return a board of which everything is known, but for what is left out."""
    answers: Mapping[tuple[str, Topic], Answer] = {
        ("am", Topic.ALERTS): AlertsSeen(()),
        ("am", Topic.SILENCES): SilencesSeen(()),
        ("git", Topic.CHANGES): ChangesSeen((), NOW - timedelta(hours=4)),
        ("pager", Topic.ONCALL): OnCallSeen(()),
        ("prom", Topic.HISTORY): past or history(),
    }
    gone = set(without)
    made = board(*alerts)
    teams = {"team-payments": Team("team-payments"), "team-web": Team("team-web")}
    services = {"payment": Service("payment", team="team-payments"), "ui": Service("ui", team="team-web")}
    setup = Setup(
        map=IntegrationMap("shop", services=services, teams=teams),
        systems=tuple(Expected(name, name, topics) for name, topics in SYSTEMS.items()),
    )
    readings = {pair: told(*pair, answer) for pair, answer in answers.items() if pair not in gone}
    return replace(made, setup=setup, readings=readings, **changed)  # type: ignore[arg-type]  # fields of one dataclass


def begun(shown: Board, **more: object) -> Shift:
    """Return the start of a shift."""
    return cut(shown, NOW, shift=SHIFT, baking=BAKING, **more)  # type: ignore[arg-type]  # its own keywords


def text(shift: Shift, cells: int | None = None) -> str:
    """Return how it reads."""
    return "\n".join(line_text(line).rstrip() for line in page(shift, cells=cells).lines)


def test_everything_is_known_and_quiet() -> None:
    """Where everybody answered and nothing is there, nothing is said not to be known."""
    shift = begun(known())
    assert not shift.unknown
    assert "not known" not in text(shift)
    assert (shift.since, shift.until) == (NOW - SHIFT, NOW + SHIFT)
    assert title_of(shift) == "Start of the shift, 14:12 UTC to 21 Nov 02:12"


def test_what_fires_stands_worst_first_with_its_owner() -> None:
    """Priority, then age; a chosen one says so, dimmed ones are counted, and starts are told where a server knows them."""
    alerts = [
        alert(1, name="Slow", service="ui", minutes=50),
        alert(2, name="Errors", severity="critical", minutes=5),
        alert(3, name="Nobody", service="x", severity="critical", minutes=9),
        alert(4, name="Quiet", severity="info"),
        alert(5, name="Held", state=State.SILENCED),
    ]
    past = history(fired("Errors", (200, 190), (180, 170), (5, None)))
    shown = known(*alerts, past=past)
    fold = next(fold for key, fold in shown.folds.items() if key.name == "Slow")
    shift = begun(replace(shown, chosen={fold.occurrence: Priority.P1}))
    assert [(row.name, row.team, row.priority, row.chosen, row.starts) for row in shift.firing] == [
        ("Slow", "team-web", Priority.P1, True, None),
        ("Nobody", "", Priority.P2, False, None),
        ("Errors", "team-payments", Priority.P2, False, 3),
    ]
    said = text(shift)
    assert "Fires now: 3, 1 of no urgency" in said
    assert "no owner" in said
    assert "3 starts since 02:12" in said


def test_what_fired_and_ended_is_folded_with_its_flaps() -> None:
    """Alerts of a fold are one row; what fires still, what is held and what never counts is none."""
    past = history(
        fired("Flaps", (300, 290), (280, 270), (260, 250), instance="a"),
        fired("Flaps", (295, 240), instance="b"),
        fired("Once", (100, 87), service="ui"),
        fired("Errors", (5, None)),
        fired("Held", (60, None)),
        fired("Watchdog", (700, 100)),
        fired("Info", (70, 60), severity="info"),
    )
    shift = begun(known(alert(1, name="Errors"), alert(2, name="Held", state=State.SILENCED), past=past))
    assert [(row.name, row.count, row.starts, row.flapping, row.team) for row in shift.ended] == [
        ("Once", 1, 1, False, "team-web"),
        ("Flaps", 2, 3, True, "team-payments"),
    ]
    said = text(shift)
    assert "12:32 to 12:45" in said
    assert "3 times" in said


def test_what_ended_after_the_server_was_asked_counts_as_the_board_saw_it() -> None:
    """An alert that the server still saw firing, or never did, and that the board has as resolved, has ended."""
    resolved = [alert(1, name="Errors", state=State.RESOLVED), alert(2, name="New", state=State.RESOLVED, minutes=3)]
    shift = begun(known(*resolved, past=history(fired("Errors", (60, 50), (6, None)))))
    assert [(row.name, row.starts) for row in shift.ended] == [("Errors", 2), ("New", 1)]
    assert all(row.ended == NOW - timedelta(minutes=1) for row in shift.ended)


def test_what_nobody_lists_any_more_has_ended() -> None:
    """An alert that fired at the server's last look, and that neither it nor anybody lists now, ended since."""
    shown = known(past=history(fired("Errors", (6, None))))
    assert begun(shown).ended == ()
    listed = replace(
        shown, readings={**shown.readings, ("prom", Topic.RULES): told("prom", Topic.RULES, RulesSeen(()))}
    )
    assert [(row.name, row.ended) for row in begun(listed).ended] == [("Errors", NOW)]
    elsewhere = folded([alert(1, name="Errors", service="under-another-name")])
    assert begun(replace(listed, folds=elsewhere, alerts={a.key: a for a in [alert(1, name="Errors")]})).ended == ()


def test_two_servers_that_saw_the_same_tell_it_once() -> None:
    """What a second server saw a little later is the same stretch."""
    shown = known(past=history(fired("Errors", (60, 50))))
    other = told("prom-2", Topic.HISTORY, history(fired("Errors", (59.5, 49.5))))
    shift = begun(replace(shown, readings={**shown.readings, ("prom-2", Topic.HISTORY): other}))
    assert [(row.count, row.starts) for row in shift.ended] == [(1, 1)]


@pytest.mark.parametrize(
    ("blind", "said"),
    [
        ([(720, 0)], "prom knows nothing of this time"),
        ([(720, 600)], "prom does not reach back before 04:12 UTC"),
        ([(300, 280)], "prom knows nothing from 09:12 to 09:32 UTC"),
        ([(30, 0)], "prom knows nothing since 13:42 UTC"),
    ],
)
def test_times_without_a_word_are_named(blind: list[tuple[float, float]], said: str) -> None:
    """Where the server was not there, or does not reach back, that is told with its times."""
    assert begun(known(past=history(blind=blind))).unknown == {Part.ENDED: (said,)}


def test_a_storm_is_told_by_name() -> None:
    """Where alerts could not be told apart, that is said, and no count is."""
    past = history(PastAlert({"alertname": "Down"}, (Firing(ago(60), ago(50)),)), by_name=True)
    shift = begun(known(past=past))
    assert [(row.name, row.service, row.count) for row in shift.ended] == [("Down", "", 0)]
    assert "told by their names alone" in text(shift)


@pytest.mark.parametrize(
    ("pair", "parts", "said"),
    [
        (("am", Topic.ALERTS), {Part.FIRING}, "am did not answer: refused"),
        (("am", Topic.SILENCES), {Part.SILENCES}, "am did not answer: refused"),
        (("git", Topic.CHANGES), {Part.CHANGES, Part.BAKING}, "git did not answer: refused"),
        (("pager", Topic.ONCALL), {Part.ON_CALL}, "pager did not answer: refused"),
        (("prom", Topic.HISTORY), {Part.ENDED}, "prom did not answer: refused"),
    ],
)
def test_who_did_not_answer_is_named_where_it_matters(pair: tuple[str, Topic], parts: set[Part], said: str) -> None:
    """A system that failed makes just its own parts unknown, never quiet; so does one that nobody has asked yet."""
    shown = known(without=[pair])
    failed = begun(replace(shown, failures={pair: told(*pair, None, "refused")}))
    assert set(failed.unknown) == parts
    assert said in text(failed)
    assert ": 0\n" not in text(failed).partition("not known")[0].rpartition("\n\n")[2]
    asking = begun(shown)
    assert set(asking.unknown) == parts
    assert f"{pair[0]} is being asked" in text(asking)
    assert f"{pair[0]}: not in the recording" in text(begun(shown, recorded=True))


def test_nobody_to_ask_is_not_quiet() -> None:
    """Without any system nothing is known, and no part says none."""
    shift = begun(replace(known(), setup=Setup(), readings={}))
    assert set(shift.unknown) == set(Part) - {Part.NOTES, Part.BAKING}
    assert "no Prometheus is configured" in text(shift)
    assert "nothing fires" not in text(shift)


def test_gaps_of_change_systems_are_told() -> None:
    """What a change system says of its own gaps, and how far it is behind, stands with the changes."""
    seen = ChangesSeen((), NOW - timedelta(hours=4), gaps=("payment: fetch failed",))
    late = told("git", Topic.CHANGES, seen, age_s=900)
    shown = known()
    shift = begun(replace(shown, readings={**shown.readings, ("git", Topic.CHANGES): late}))
    assert shift.unknown[Part.CHANGES] == ("git: payment: fetch failed", "git is complete to 13:57 UTC")


def _changed(minutes: float, kind: ChangeKind = ChangeKind.DEPLOY, **fields: object) -> Change:
    made = sample_change("payment-service", "payment", f"v{minutes:g}", 0, kind=kind)
    fields = {"began": ago(minutes), "team": "team-payments", "id": f"{kind}{minutes}", **fields}
    return replace(made, **fields)  # type: ignore[arg-type]  # fields of one dataclass


def test_changes_stand_by_team_and_what_bakes_is_named() -> None:
    """Own teams first, without an owner last; rolling ones bake however old, failed ones and commits never."""
    changes = (
        _changed(10),
        _changed(30, ChangeKind.MERGED),
        _changed(40, progress=Progress.FAILED),
        _changed(90, ended=ago(20), progress=Progress.DONE),
        _changed(100, progress=Progress.ROLLING, team="team-web"),
        _changed(150),
        _changed(20, team=None),
    )
    shift = begun(known(changes=changes), teams=("team-web",))
    assert [team for team, _ in shift.changes] == ["team-web", "team-payments", ""]
    assert [change.version for change in shift.baking] == ["v10", "v20", "v90", "v100"]
    said = text(shift)
    assert "Changes of the last 4 h, by team: 7" in said
    assert "rolling 1 h 40 min" in said
    assert "done 13:52" in said
    assert "no owner" in said


def test_what_was_done_has_the_feeds_sign() -> None:
    """Config pushes, flags, infrastructure, rollbacks and what failed are told from deploys as they are in the feed."""
    changes = (
        _changed(10),
        _changed(20, ChangeKind.CONFIG),
        _changed(30, ChangeKind.FLAG),
        _changed(40, ChangeKind.INFRASTRUCTURE),
        _changed(50, rollback=True),
        _changed(55, progress=Progress.FAILED),
    )
    said = text(begun(known(changes=changes)))
    for version, sign in zip(("v10", "v20", "v30", "v40", "v50", "v55"), "⇡≡⚑■⇣✗", strict=True):
        lines = [line for line in said.splitlines() if f" {version}" in line]
        assert lines
        assert all(sign in line for line in lines)


def test_many_witnesses_do_not_cost_the_names_their_room() -> None:
    """In a narrow terminal the list of systems gives way before services and versions do."""
    many = ("git", "github", "pagerduty", "splunk", "datadog", "argocd", "grafana")
    one = _changed(20)
    told = tuple(replace(one.witnesses[0], system=name) for name in many)
    said = text(begun(known(changes=(_changed(10), replace(one, witnesses=told)))), 80)
    assert said.count("payment-service v20") == 2
    assert "git github" in said


def test_a_change_bakes_for_as_long_as_is_set() -> None:
    """The setting counts from its end where that is known, else from its begin."""
    assert bakes(_changed(59), NOW, BAKING)
    assert not bakes(_changed(60), NOW, BAKING)
    assert bakes(_changed(100, ended=ago(59)), NOW, BAKING)
    assert not bakes(_changed(59), NOW, timedelta(minutes=30))


def _silence(name: str, minutes: float, state: str = "active") -> Silence:
    return Silence(
        name, state, (f'alertname="{name}"',), ago(60), NOW + timedelta(minutes=minutes), "ada", "it is known"
    )


def test_silences_that_end_in_this_shift_are_told_with_what_they_hold() -> None:
    """The first to end first, with who made it and how many alerts it holds; later and expired ones are none."""
    silences = [_silence("late", 60), _silence("soon", 10), _silence("after", 13 * 60), _silence("gone", 5, "expired")]
    held = replace(alert(1, state=State.SILENCED), silenced_by=("soon",))
    shift = begun(known(held, silences={"am": {one.id: one for one in silences}}))
    assert [(row.silence.id, row.holds) for row in shift.silences] == [("soon", 1), ("late", 0)]
    said = text(shift)
    assert "14:22  in 10 min" in said
    assert "holds 1 alert" in said
    assert "ada: it is known" in said


def test_who_is_on_call_is_told_with_the_next_hand_over() -> None:
    """Own teams first, the first level and those behind it, and the team's changes name them too."""
    duties = {
        "team-payments": (
            Duty("P1", "pay", "Ada", 1, NOW + timedelta(hours=3, minutes=48)),
            Duty("P1", "pay", "Bo", 2),
        ),
        "team-web": (Duty("P2", "web", "Cy", 1),),
    }
    shift = begun(known(duties=duties, changes=(_changed(10),)), teams=("team-web",))
    assert [team for team, _ in shift.on_call] == ["team-web", "team-payments"]
    said = text(shift)
    assert said.count("Ada until 18:00, in 3 h 48 min") == 2
    assert "level 2: Bo, permanently" in said


def test_the_last_hand_off_is_told_however_old() -> None:
    """Of the notes those of the last shift stand newest first; of none there the last one does, with its date."""
    notes = (Noted(ago(3000), "old", "ada"), Noted(ago(60), "first\nsecond", "bo"), Noted(ago(5), "last", "cy"))
    shift = begun(known(notes=notes))
    assert [note.text for note in shift.notes] == ["last", "first\nsecond"]
    assert "    second" in text(shift)
    old = begun(known(notes=notes[:1]))
    assert "18 Nov 12:12 UTC  ada, 2 d 2 h ago" in text(old)


def test_times_are_in_the_zone_that_is_asked_for() -> None:
    """In a person's zone every time is that zone's, and it is named."""
    shift = begun(known(notes=(Noted(ago(5), "a", "ada"),)))
    zone = ZoneInfo("Europe/Berlin")
    assert title_of(shift, zone=zone) == "Start of the shift, 15:12 CET to 21 Nov 03:12"
    assert "15:07 CET" in "\n".join(map(line_text, page(shift, zone=zone).lines))


def _harmless(said: str) -> bool:
    """Tell whether a text holds no control."""
    return not any(category(char) == "Cc" for char in said)


_WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(max_examples=60, deadline=None)
@given(_WORDS, _WORDS, st.integers(20, 200), st.integers(0, 5))
def test_no_line_is_wider_than_its_room_or_drives_a_terminal(name: str, team: str, cells: int, count: int) -> None:
    """Whatever things are called, rows are one line each within their room from 60 cells on, and hold no control."""
    alerts = [alert(number, name=f"{name}{number}", service=team) for number in range(count)]
    past = history(*(fired(f"{name}{number}", (60, 50), team=team) for number in range(count)))
    changes = tuple(_changed(number, name=name, team=team, summary=name) for number in range(count))
    silences = {"am": {str(number): replace(_silence(name, 5), id=str(number)) for number in range(count)}}
    shift = begun(known(*alerts, past=past, changes=changes, silences=silences))
    for glyphs in (page(shift, cells=cells), page(shift, cells=cells, glyphs=ASCII)):
        for line in glyphs.lines:
            assert _harmless(line_text(line))
            assert cells < 60 or line_width(line) <= max(cells, 80)
        assert [glyphs.lines[part][0].text.partition(" ")[0] for part in glyphs.parts] == [
            "Last",
            "Fires",
            "Fired",
            "Changes",
            "Still",
            "Silences",
            "On",
        ]


@settings(max_examples=60, deadline=None)
@given(_WORDS)
def test_notes_are_kept_clean(typed: str) -> None:
    """What was typed is kept with its lines and without anything that drives a terminal; cleaning it twice changes nothing."""
    kept = note_text(typed)
    assert _harmless(kept.replace("\n", "").replace("\t", ""))
    assert note_text(kept) == kept


def test_halves_of_characters_do_not_stop_a_note() -> None:
    """Half a character from a torn paste is replaced, not refused."""
    assert note_text("a\ud800b").encode()
