"""Whatever stands on a board: a drill is filled, honest, and says nothing that a terminal or a chat would follow."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.board.state import Board
from cockpit.model.alert import Alert, AlertKey, FoldKey, PastOccurrence, State, Storm
from cockpit.model.change import Change, ChangeKind
from cockpit.model.drill import PersonAnswer, Question, Standing
from cockpit.model.health import Health, ServiceHealth
from cockpit.model.reading import ChangesSeen, Reading, ScopeSample, SeriesSeen, TargetsSeen, Topic
from cockpit.model.topology import NO_MAP
from cockpit.text import width
from cockpit.triage.drill import fill
from cockpit.triage.figures import figure, percent
from cockpit.triage.priority import propose, quick_priority
from cockpit.triage.say import as_json, as_markdown, as_text, escape
from cockpit.triage.starts import starts_of
from cockpit.triage.subject import find, subject_of, worst
from cockpit.triage.suspects import suspects
from tests.unit.triage.boards import MAP, NOW, RULES, SCOPE, SETUP, alert, board, changes_seen, deploy, reading

_zones = st.sampled_from([UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")])
_near = st.integers(-20_000, 300).map(lambda seconds: NOW + timedelta(seconds=seconds))
_moments = _near | st.sampled_from([datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
_names = st.sampled_from(
    ["payment", "order", "ui", "catalog", "pool-a", "billing", "Billing_", "", "svc-1", "svc-2", "svc-3"]
)
_texts = st.text(max_size=30) | st.sampled_from(
    ["<!channel> @here", "[x](http://e)", "a\nb", "{value:percent}", "x" * 5000]
)
_values = st.none() | st.floats(allow_nan=True)
_expressions = st.sampled_from(
    [RULES.expression, "a > 1", "1 - a / b > 0.5", "up == 0", "absent(up)", "no promql (", "", "a / b * 100 < 99.95"]
)


@st.composite
def alerts(draw: st.DrawFn) -> Alert:
    """Draw an alert in any state."""
    on = draw(_names)
    labels = draw(
        st.dictionaries(
            st.sampled_from(["pod", "instance", "team", "owner", "cluster", "node_pool"]), _texts, max_size=3
        )
    )
    since = draw(_moments)
    return alert(
        draw(st.sampled_from(["A", "B", "PaymentErrorsHigh"])),
        on,
        draw(st.sampled_from("abcdefgh")),
        labels=labels,
        annotations=draw(st.dictionaries(st.just("summary"), _texts)),
        state=draw(st.sampled_from(list(State))),
        since=since,
        opened=since,
        fired=draw(st.none() | _moments),
        ended=draw(st.none() | _near),
        severity=draw(st.sampled_from(["critical", "warning", "", "info", "P1"])),
        label_team=draw(st.none() | _texts),
        receivers=draw(st.sampled_from([(), ("null",), ("pagerduty", "x\ny")])),
        prometheus=draw(st.sampled_from([None, "prometheus", "other"])),
        rule=draw(st.sampled_from([None, RULES.key])),
        value=draw(_values),
        value_at=draw(st.none() | _near),
        generator=draw(st.sampled_from([None, "http://p/graph?g0.expr=a+%3E+1", "http://["])),
        cluster=draw(st.sampled_from(["", "eu-1"])),
        namespace=draw(st.sampled_from(["", "pay"])),
        flapping=draw(st.booleans()),
        note=draw(_texts),
        last=draw(st.none() | st.just(PastOccurrence(NOW, NOW, "a\nb"))),
    )


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """Draw a change."""
    on = draw(_names)
    return deploy(
        on=on,
        version=draw(st.sampled_from(["v1", "v2", ""])),
        kind=draw(st.sampled_from(list(ChangeKind))),
        began=draw(_moments),
        rollback=draw(st.booleans()),
        seen=draw(st.booleans()),
        tolerance_s=draw(st.sampled_from([0.0, 30.0])),
    )


@st.composite
def boards(draw: st.DrawFn) -> Board:
    """Draw a board with any of its parts missing."""
    listed = {one.key: one for one in draw(st.lists(alerts(), max_size=8))}
    on = board(
        listed.values(),
        draw(st.lists(changes(), max_size=4)),
        replace(SETUP, map=draw(st.sampled_from([MAP, NO_MAP]))),
        rules={"prometheus": {RULES.key: replace(RULES, expression=draw(_expressions))}},
        storm=draw(st.none() | st.just(Storm(60, 3, 3, ("node_pool", "x"), 0.9, ()))),
        scopes=draw(
            st.dictionaries(
                _names,
                st.builds(
                    lambda value, denominator, error, usual: (
                        "prometheus",
                        ScopeSample("payment", SCOPE.query, value, NOW, denominator, usual, "5m", None, error),
                    ),
                    _values,
                    _values,
                    st.none() | _texts,
                    _values,
                ),
            )
        ),
        health=draw(st.dictionaries(_names, st.just(ServiceHealth("ui", Health.NO_TRAFFIC, error_share=0.7)))),
        targets=draw(st.just({}) | st.just({"prometheus": TargetsSeen(({"service": "payment", "pod": "a"},))})),
    )
    held = dict(on.readings)
    failing: dict[tuple[str, Topic], datetime] = {}
    failures: dict[tuple[str, Topic], Reading] = {}
    for pair in list(held):
        match draw(st.sampled_from(["fresh", "old", "gone", "failing", "gaps", "late", "uncovered"])):
            case "old":
                held[pair] = replace(held[pair], at=NOW - timedelta(hours=1), asked=NOW - timedelta(hours=1))
            case "gone":
                del held[pair]
            case "failing":
                failing[pair] = NOW - timedelta(minutes=3)
                failures[pair] = replace(held[pair], answer=None, error="no")
            case "gaps" if pair[1] is Topic.CHANGES:
                held[pair] = reading(pair[0], pair[1], changes_seen(gaps=["one failed"]))
            case "late" if pair[1] is Topic.CHANGES:
                held[pair] = reading(pair[0], pair[1], changes_seen("13:00"))
            case "uncovered" if pair[1] is Topic.CHANGES:
                held[pair] = reading(pair[0], pair[1], changes_seen(covers=["payment", "billing"]))
    series = {
        key: (
            "prometheus",
            SeriesSeen(
                key, "x", tuple((NOW - timedelta(seconds=n), 0.1 * n) for n in range(size, 0, -1)), 1.0, value, at
            ),
        )
        for key, size, value, at in (
            (key, draw(st.integers(0, 4)), draw(_values), draw(st.none() | _near)) for key in list(listed)[:2]
        )
    }
    persons = {
        one.occurrence: {
            question: PersonAnswer(
                one.occurrence,
                question,
                draw(st.sampled_from([Standing.EDITED, Standing.CONFIRMED, Standing.UNKNOWN])),
                draw(_texts),
                "responder",
                NOW,
            )
        }
        for one in list(listed.values())[:1]
        for question in (draw(st.sampled_from(list(Question))),)
        if draw(st.booleans())
    }
    return replace(on, readings=held, failing=failing, failures=failures, series=series, persons=persons)


def _everyone_answered(on: Board, start: datetime) -> bool:
    """Tell, by other means than the drill's, whether every change system answered for the whole window."""
    for expected in on.setup.systems:
        if Topic.CHANGES not in expected.topics:
            continue
        pair = (expected.name, Topic.CHANGES)
        said = on.readings.get(pair)
        if said is None or pair in on.failing or pair in on.failures or not isinstance(said.answer, ChangesSeen):
            return False
        if said.answer.gaps or said.error or said.answer.since > start - on.setup.window:
            return False
        if on.at - said.asked > timedelta(minutes=5):
            return False
    return True


_any = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@_any
@given(boards(), _zones, st.booleans())
def test_any_board_fills_a_drill(on: Board, zone: ZoneInfo, asking: bool) -> None:
    """Every alert and fold gets five answers in order, each on one line, filled ones with evidence, none only if earned."""
    keys: list[AlertKey | FoldKey] = [*on.alerts, *on.folds]
    for key in keys:
        about = subject_of(on, key)
        assert about is not None
        drill = fill(on, about, zone, asking=asking)
        assert list(drill.answers) == list(Question)
        start = on.alerts[about.alert].since
        for answer in drill.answers.values():
            assert len(answer.value.splitlines()) <= 1
            assert answer.standing is not Standing.ASKING or asking
            if answer.standing is Standing.FILLED:
                assert answer.value
                assert answer.evidence
                assert all(one.says and len(one.says.splitlines()) == 1 for one in answer.evidence)
                assert all(one.at is not None for one in answer.evidence)
        change = drill.answers[Question.CHANGE]
        if change.by is None and re.search(r"\bnone\b", change.value):
            assert change.standing is Standing.FILLED
            assert _everyone_answered(on, start)
        assert drill.priority.why


@_any
@given(boards(), _zones)
def test_any_drill_can_be_said(on: Board, zone: ZoneInfo) -> None:
    """Chat gets 8 lines of 120 columns at most, scripts get JSON, tickets get Markdown."""
    for key in on.alerts:
        about = subject_of(on, key)
        assert about is not None
        drill = fill(on, about, zone)
        lines = as_text(drill, zone).split("\n")
        assert 6 <= len(lines) <= 8
        assert all(width(line) <= 120 for line in lines)
        assert not any("\x1b" in line or "@here" in line or "<!" in line for line in lines)
        json.dumps(as_json(drill, on), allow_nan=False)
        assert "](http" not in as_markdown(drill, zone).replace("([link](<http", "").replace(r"\](http", "")


@_any
@given(boards())
def test_quick_priority_agrees(on: Board) -> None:
    """The quick priority of an alert is the one that its drill proposes."""
    for one in on.alerts.values():
        about = subject_of(on, one.key)
        assert about is not None
        assert quick_priority(on, one) is propose(on, about).proposed


@_any
@given(boards())
def test_suspects_began_before(on: Board) -> None:
    """Every suspect is a known change that began before the start, and many services together clear what is not common."""
    known = {one.id: one for one in on.changes}
    for one in on.alerts.values():
        about = subject_of(on, one.key)
        assert about is not None
        for found in suspects(on, about):
            change = known[found.change]
            assert min(found.began, change.began) - timedelta(seconds=30) < max(
                one.since, datetime(1971, 1, 1, tzinfo=UTC)
            )
            assert found.why


@_any
@given(boards())
def test_the_worst_fires(on: Board) -> None:
    """The worst is something that fires, and is found by its id and its name."""
    found = worst(on)
    if found is None:
        assert not any(fold.state in {State.FIRING, State.LOST} for fold in on.folds.values())
        return
    assert find(on, f"{found.alert.system}/{found.alert.id}") is not None
    assert find(on, found.name) is not None


@_any
@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(-300, 300)), max_size=12))
def test_services_together_is_the_most(starts: list[tuple[str, int]]) -> None:
    """No two minutes around the start hold more services than are counted."""
    start = NOW - timedelta(hours=1)
    starts = [*starts, ("a", 0)]
    made = [alert(f"A{n}", name, f"f{n}", since=start + timedelta(seconds=off)) for n, (name, off) in enumerate(starts)]
    counted = len(starts_of(board(made).folds).together("a", start))
    best = max(
        len({name for name, off in starts if low <= off <= low + 120})
        for low in {off for _, off in starts if -120 <= off <= 0}
    )
    assert counted == best


@_any
@given(st.text(max_size=60))
def test_escaped_text_is_one_line(text: str) -> None:
    """Escaped text stays on its line and holds no raw tag."""
    assert len(escape(text).splitlines()) <= 1
    assert "<" not in escape(text)


@_any
@given(st.floats())
def test_numbers_can_always_be_said(value: float) -> None:
    """Any number has a figure and a percentage."""
    assert figure(value)
    assert percent(value).endswith(" %")
