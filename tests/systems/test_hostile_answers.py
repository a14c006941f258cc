"""Whatever a server answers is an answer or a failure in one line, and nothing made of it does harm or raises."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.board.reduce import reduce
from cockpit.board.state import Tick
from cockpit.model.alert import AlertKey, AlertReport, State
from cockpit.model.drawing import line_text
from cockpit.model.reading import Reading, Topic
from cockpit.slices import details
from cockpit.systems.alertmanager_answers import fingerprint_of
from cockpit.systems.alertmanager_book import AlertBook, PeerPage
from cockpit.systems.base import Reply, SystemError
from cockpit.systems.failures import LONGEST_REST_S, retry_after
from cockpit.systems.http import LONGEST_SKEW_S, skew_of
from cockpit.systems.prometheus_rules import LONGEST_HOLD_S, RuleReader
from tests.fakes.hostile import EVIL, NOW, ZONE, World, answers, look, look_now_and_later, places, sound, with_value

ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1e308,
    -1e308,
    5e-324,
    2**63,
    10**400,
    "",
    EVIL,
    EVIL * 400,
    "two\nlines",
    [],
    {},
    [[]],
    [None],
    {EVIL: EVIL},
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59.999999-23:59",
    "2026-11-20T14:06:60Z",
    "1969-12-31T00:00:00Z",
    "NaN",
    "+Inf",
    "1e308",
    "x" * 100_000,
    "\ud800half",
    "\u0301" * 300,
)
"""Values that no server should send, of every type."""

BODIES = (
    b"",
    b"[",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"null",
    b'"x"',
    b"[null]",
    b"[{}]",
    b"\xff\xfe",
    b"\xef\xbb\xbf[]",
    b"[1e999]",
    b"NaN",
    b"<!DOCTYPE html><title>\x1b]0;PWNTITLE\x07",
    b'{"status":"success"}',
    b'{"status":"success","data":null}',
    b'{"status":"success","data":{"resultType":"\\u001b]0;x","result":[]}}',
    b'{"status":"success","data":{"resultType":"scalar","result":[1e300,"x"]}}',
    b'{"status":"error","errorType":"\\u001b]0;x\\u0007","error":"\\u001b\\nnone"}',
    b'"\\ud800"',
)
"""Whole answers that no server should give."""

_quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
_GOOD = answers()
_PLACES = [(path, place) for path, body in _GOOD.items() for place in places(body)]


def polled(bodies: dict[str, Any], **how: Any) -> World:
    """Ask a world that answers so, demand that all of it is sound, and return it."""
    world = World(bodies, **how)
    sound(world.polled())
    look_now_and_later(world.board)
    return world


@_quick
@given(st.sampled_from(_PLACES), st.sampled_from(ODD))
def test_an_odd_value_anywhere_breaks_nothing(where: tuple[str, tuple[Any, ...]], odd: Any) -> None:
    """One value of another type, size or meaning at any place of any answer: read around, or told in one line."""
    path, place = where
    polled({path: with_value(_GOOD[path], place, odd)})


@_quick
@given(st.sampled_from(sorted(_GOOD)), st.data())
def test_an_answer_cut_off_anywhere_is_told(path: str, data: st.DataObject) -> None:
    """JSON cut off at any byte, or with any bytes changed, is a failure in one line, or what is left of it."""
    whole = bytearray(json.dumps(_GOOD[path]).encode())
    if data.draw(st.booleans()):
        whole = whole[: data.draw(st.integers(0, len(whole)))]
    for _ in range(data.draw(st.integers(0, 3))):
        if whole:
            whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    polled({path: bytes(whole)})


@_quick
@given(st.sampled_from(sorted(_GOOD)), st.binary(max_size=200) | st.sampled_from(BODIES))
def test_any_bytes_are_an_answer_or_a_failure(path: str, body: bytes) -> None:
    """Any body at all gives an answer or a failure, never an error of ours."""
    polled({path: body})


@_quick
@given(
    st.integers(-1, 700) | st.sampled_from([401, 403, 404, 407, 429, 500, 503]),
    st.sampled_from([*BODIES, b'{"message":"\\u001b]52;c;x\\u0007\\nb"}', EVIL.encode() * 400]),
    st.sampled_from(["", "3", "-1", "1e9", "9" * 30, "x", "\u00b2", "Fri, 31 Dec 9999 23:59:59 GMT", EVIL]),
)
def test_any_status_is_told_in_one_line(status: int, body: bytes, rest: str) -> None:
    """Whatever status, body and Retry-After: one line, and nothing of the body drives the terminal."""
    world = World(dict.fromkeys(_GOOD, body), status=status, headers={"retry-after": rest} if rest else None)
    sound(world.polled())
    look(world.board)


DATES = (
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Fri, 31 Dec 9999 23:59:59 -2359",
    "Mon, 01 Jan 0001 00:00:00 GMT",
    "Mon, 01 Jan 0001 00:00:00 +2359",
    "Fri, 20 Nov 99999999999999999 14:12:09 GMT",
    "Fri, 20 Nov 2026 14:12:60 GMT",
    "Fri, 20 Nov 2026 99:99:99 GMT",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "Fri, 20 Nov 2026 14:12:09",
    EVIL,
    "",
)
"""What a Date header may say."""


@pytest.mark.parametrize("date", DATES)
def test_no_date_header_moves_anything_off_the_calendar(date: str) -> None:
    """The year 1, the year 9999 and what is no date at all: told as a wrong clock at most."""
    polled({}, headers={"date": date})


@given(st.text(max_size=60) | st.sampled_from(DATES))
def test_any_date_header_is_a_skew_within_bounds(text: str) -> None:
    """A clock is never said to be further off than ten years, and a rest is never longer than somewhat over an hour."""
    assert abs(skew_of(Reply(200, b"", {"date": text}, 0.1), NOW)) <= LONGEST_SKEW_S
    assert 0 <= (retry_after(text, NOW) or 0.0) <= LONGEST_REST_S


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_clock_that_is_wrong_stands_in_the_header(minutes: int) -> None:
    """A server's clock ten minutes off, either way, is told with its sign, and alerts stand as they do."""
    there = NOW + timedelta(minutes=minutes)
    world = polled({}, headers={"date": there.strftime("%a, %d %b %Y %H:%M:%S GMT")})
    assert {round(state.skew_s / 60) for state in world.board.systems.values()} == {minutes}
    assert len([one for one in world.board.alerts.values() if one.key.system == "am"]) == 2


def read(*alerts: dict[str, Any], page: PeerPage | None = None) -> Callable[[], Any]:
    """Return what reads an answer with these alerts."""
    reader = page or PeerPage("am:9093", {})

    async def reading() -> tuple[AlertReport, ...]:
        await reader.read(json.dumps(list(alerts)).encode())
        return (await AlertBook().join([reader.reports])).alerts

    return reading


def an_alert(name: str, fingerprint: str | None, **changed: Any) -> dict[str, Any]:
    """Return an alert as it is answered."""
    first = _GOOD["/api/v2/alerts"][0]
    return {**first, "labels": {"alertname": name}, "fingerprint": fingerprint, **changed}


async def test_a_strange_fingerprint_hides_no_alert() -> None:
    """Alerts whose fingerprints are long, alike at the begin or no fingerprints at all stay apart, and keep their ids."""
    names = [f"A{number}" for number in range(5)]
    given = [an_alert(name, f"{'f' * 200}{EVIL}{name}") for name in names[:3]]
    given += [an_alert(names[3], None), an_alert(names[4], "")]
    found = await read(*given)()
    assert sorted(report.labels["alertname"] for report in found) == names
    assert [report.id for report in found] == sorted(fingerprint_of(report.labels) for report in found)


async def test_alerts_that_share_a_fingerprint_are_told_apart() -> None:
    """Two alerts with one fingerprint and different labels are two; the same alert twice is one."""
    found = await read(an_alert("A", "same"), an_alert("B", "same"), an_alert("A", "same"))()
    assert [report.labels["alertname"] for report in found] == ["A", "B"]
    assert len({report.id for report in found}) == 2
    again = await read(an_alert("B", "same"), an_alert("A", "same"))()
    assert [report.id for report in again] == [report.id for report in found]


async def test_an_alert_that_cannot_be_read_any_more_stands_as_it_was() -> None:
    """A poll in which an alert has a wrong type is told as a gap; it neither vanishes nor counts as resolved."""
    page = PeerPage("am:9093", {})
    before = await read(an_alert("A", "a"), an_alert("B", "b"), page=page)()
    after = await read(an_alert("A", "a", startsAt="soon"), an_alert("B", "b"), page=page)()
    assert [report.id for report in after] == [report.id for report in before] == ["a", "b"]
    assert page.complaint == "1 of 2 alerts could not be read: $[0].startsAt: expected a time"
    assert [report.id for report in await read(an_alert("B", "b"), page=page)()] == ["b"]


async def test_half_of_a_character_hides_no_alert() -> None:
    """An alert with half of a surrogate pair, or with bytes that are no UTF-8, is read with a stand-in."""
    page = PeerPage("am:9093", {})
    data = json.dumps([an_alert("A", "a", annotations={"summary": "x"})]).encode()
    for odd in (b"\\ud800", b"\\udc00\\ud800 y", b"\xff", b"\xed\xa0\x80"):
        await page.read(data.replace(b'"x"', b'"' + odd + b'"'))
        assert page.complaint is None
        assert "\ufffd" in page.reports[0].annotations["summary"]


def test_alerts_without_a_name_or_labels_are_listed() -> None:
    """No labels, empty labels, an empty name: each is a row, and none hides another."""
    labels: list[dict[str, str]] = [{}, {"alertname": ""}, {"severity": "critical"}, {"": ""}]
    told = [an_alert("x", f"{number:016x}", labels=one) for number, one in enumerate(labels)]
    world = polled({"/api/v2/alerts": told})
    assert len([one for one in world.board.alerts.values() if one.key.system == "am"]) == 4
    assert {one.name for one in world.board.alerts.values() if one.key.system == "am"} == {"unnamed"}


def test_thousands_of_labels_are_shown() -> None:
    """An alert with five thousand labels is one row, and its drill is filled."""
    labels = {"alertname": "Many"} | {f"label_{number}": EVIL for number in range(5000)}
    world = polled({"/api/v2/alerts": [an_alert("Many", "a", labels=labels)]})
    assert world.board.alerts


def test_two_systems_may_have_the_same_fingerprints() -> None:
    """The same fingerprint in two Alertmanagers is two alerts: they are deduplicated within a system only."""
    world = World()
    first = world.polled()[0]
    twin = Reading("am-us", "alertmanager", Topic.ALERTS, NOW, NOW, 0.1, first.answer, complete_to=NOW)
    board = reduce(world.board, twin)
    look(board)
    held = [key for key in board.alerts if key.system in {"am", "am-us"}]
    assert len(held) == 4
    assert len({key.id for key in held}) == 2


def test_a_rule_that_holds_for_ever_is_pending() -> None:
    """A rule's `for` of 1e308 seconds is bounded; what is pending fires in a hundred years."""
    rules = with_value(_GOOD["/api/v1/rules"], ("data", "groups", 0, "rules", 0, "duration"), 1e308)
    world = polled({"/api/v1/rules": rules})
    held = {rule.hold_s for book in world.board.rules.values() for rule in book.values()}
    assert max(held) == LONGEST_HOLD_S


def test_samples_beyond_the_calendar_are_a_failure() -> None:
    """A version metric with a sample in the year 33,000,000 is told; the other systems' changes stand."""
    body = with_value(_GOOD["/api/v1/query_range"], ("data", "result", 0, "values", 0, 0), 1e15)
    world = World({"/api/v1/query_range": body})
    told = {reading.topic: reading for reading in world.polled()}
    assert told[Topic.CHANGES].error == "answered with a time that no calendar has"
    assert told[Topic.RULES].answer is not None


def test_one_bad_source_hides_nothing_of_another() -> None:
    """While a Prometheus answers nonsense to everything, every alert of the Alertmanager stands."""
    nonsense = {path: b"\x1b[2J" for path in _GOOD if "/v1/" in path}
    world = polled(nonsense)
    assert {key.id: one.state for key, one in world.board.alerts.items()} == {
        "9f2c000000000001": State.SILENCED,
        "9f2c000000000002": State.FIRING,
    }


def test_nothing_is_resolved_by_an_answer_that_is_none() -> None:
    """After a good poll come a web page, a cut answer and a wrong type: the alerts stay, the state says why."""
    world = World()
    world.polled()
    before = {key: one.state for key, one in world.board.alerts.items()}
    board = world.board
    for body in (b"<html>", b'[{"labels"', b'{"a": 1}'):
        bad = World({"/api/v2/alerts": body, "/api/v1/rules": body}).polled()
        for reading in bad:
            if reading.topic in {Topic.ALERTS, Topic.RULES}:
                assert reading.answer is None
                board = reduce(board, reading)
    assert {key: one.state for key, one in board.alerts.items()} == before
    assert all(state.error for state in board.systems.values())


@given(st.lists(st.sampled_from(["good", "bytes", "odd", "html", "empty", "later"]), max_size=6), st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_row_of_polls_leaves_a_board_that_can_be_shown(kinds: list[str], data: st.DataObject) -> None:
    """Good and bad polls in any order, with time between them: the board can always be shown, filled and printed."""
    board = World().board
    now = NOW
    for kind in kinds:
        if kind == "later":
            now += timedelta(minutes=data.draw(st.integers(1, 600)))
            board = reduce(board, Tick(now))
            continue
        path = data.draw(st.sampled_from(sorted(_GOOD)))
        bodies: dict[str, Any] = {
            "good": {},
            "bytes": {path: data.draw(st.binary(max_size=50))},
            "odd": {path: with_value(_GOOD[path], data.draw(st.sampled_from(list(places(_GOOD[path])))), EVIL)},
            "html": dict.fromkeys(_GOOD, b"<html>"),
            "empty": {"/api/v2/alerts": [], "/api/v1/rules": {"status": "success", "data": {"groups": []}}},
        }[kind]
        for reading in World(bodies).polled():
            board = reduce(board, reading)
    look(board, max(now, NOW))


async def test_peers_that_all_fail_are_named_in_one_line() -> None:
    """A page that cannot be read is a failure in words, with its place."""
    with pytest.raises(SystemError, match=r"expected a list"):
        await PeerPage("am:9093", {}).read(b'{"status": "success"}')


def test_what_is_for_ever_has_a_year() -> None:
    """A silence until the year 9999 is shown with a year, in every zone."""
    ends = with_value(_GOOD["/api/v2/silences"], (0, "endsAt"), "9999-12-31T23:59:59Z")
    alert = with_value(_GOOD["/api/v2/alerts"], (0, "status", "inhibitedBy"), [])
    world = polled({"/api/v2/silences": ends, "/api/v2/alerts": alert})
    assert world.board.silences["am"]["s1"].ends == datetime(9000, 1, 1, tzinfo=UTC)
    lines = [line_text(line) for line in details.cut(world.board, AlertKey("am", "9f2c000000000001"), NOW, ZONE)]
    assert any("until 1 Jan 9000" in line for line in lines)


@pytest.mark.parametrize(
    "place", [("data", "groups", 0, "rules", 0, "alerts", 0, "activeAt"), ("data", "groups", 0, "rules", 0, "duration")]
)
async def test_a_rule_or_an_alert_of_it_that_cannot_be_read_any_more_stands_as_it_was(place: tuple[Any, ...]) -> None:
    """A Prometheus whose rule or alert has a wrong type in one poll still lists it: nothing is resolved by that."""
    reader = RuleReader({})
    good, bad = _GOOD["/api/v1/rules"], with_value(_GOOD["/api/v1/rules"], place, {"wrong": "type"})
    before = await reader.read(msgspec.Raw(json.dumps(good["data"]).encode()))
    after = await reader.read(msgspec.Raw(json.dumps(bad["data"]).encode()))
    assert {rule.name for rule in after.rules} == {rule.name for rule in before.rules}
    active = [
        {tuple(sorted(one.labels.items())) for rule in seen.rules for one in rule.alerts} for seen in (before, after)
    ]
    assert active[0] == active[1]
    assert "could not be read" in (reader.complaint or "")
    again = await reader.read(msgspec.Raw(json.dumps(good["data"]).encode()))
    assert reader.complaint is None
    assert again.rules == before.rules
