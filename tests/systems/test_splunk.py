"""Deploys out of Splunk: the searches that are sent, the stream that comes back, and every way in which it fails."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.assembly import open_live
from cockpit.clock import FixedClock
from cockpit.config import ConfigError, Context
from cockpit.kinds import find_kind
from cockpit.model.change import ChangeKind, Progress
from cockpit.model.reading import ChangesSeen, Topic
from cockpit.model.topology import NO_MAP, IntegrationMap, Service
from cockpit.systems.base import Circumstances, Surroundings, SystemError
from cockpit.systems.splunk import EXPORT, EXPORT_V1, System
from cockpit.systems.splunk_rows import Reader, read_rows
from cockpit.systems.splunk_search import SEARCH, Search, wanted
from cockpit.systems.splunk_stream import read_stream
from tests.fakes.http_server import Answer, FakeServer
from tests.fakes.splunk import PASSWORD, QUOTA, SESSION, TOKEN, USER, FakeSplunk
from tests.systems.splunks import NOW, PLACE, SINCE, secret, splunk
from tests.systems.wires import spec_of


def ago(minutes: float) -> datetime:
    """Return the moment so many minutes before now."""
    return NOW - timedelta(minutes=minutes)


async def seen(system: System, told: Circumstances | None = None) -> ChangesSeen:
    """Return what it answers for the window."""
    return await system.changes(SINCE, NOW, told or Circumstances())


async def test_the_usual_search_finds_deploys_with_time_and_owner(tmp_path: Path) -> None:
    """One search a refresh: service, version, first and latest time, and the owner where the events name one."""
    async with FakeSplunk(lambda: NOW) as server:
        server.log(ago(10), "payment", "v2.4.0", owner="team-payments")
        server.log(ago(7), "payment", "v2.4.0", owner="team-payments")
        server.log(ago(90), "cart", "1.9")
        told = Circumstances()
        async with splunk(server.url, tmp_path) as system:
            answer = await seen(system, told)
        (asked,) = server.asked
    payment, cart = answer.changes
    assert (payment.name, payment.version, payment.began, payment.kind) == (
        "payment",
        "v2.4.0",
        ago(10),
        ChangeKind.DEPLOY,
    )
    assert (payment.owner, payment.owner_by, cart.owner) == ("team-payments", "field owner", "")
    assert payment.says == "2 events of payment v2.4.0, 14:02:00 to 14:05:00"
    assert (cart.began, cart.progress, cart.seen) == (ago(90), Progress.UNKNOWN, False)
    assert (answer.since, answer.covers, answer.gaps) == (SINCE, ("cart", "payment"), ())
    assert (told.complete_to, told.partial) == (ago(1), None)
    assert asked.path == EXPORT
    assert asked.params["search"].startswith("search index=deploy earliest=-9h | stats count, latest(_time) as latest")
    wanted_form = {"output_mode": "json", "preview": "false", "adhoc_search_level": "fast", "timeout": "5"}
    assert wanted_form.items() <= asked.params.items()
    assert float(asked.params["earliest_time"]) == SINCE.timestamp()


@pytest.mark.parametrize(
    ("hours", "reach"), [(4, "-5h"), (8, "-9h"), (8.5, "-9h"), (24, "-25h"), (168, "-193h"), (1000, "-1002h")]
)
def test_the_usual_search_reaches_as_far_as_is_asked(hours: float, reach: str) -> None:
    """Never less, and in steps, so that few different searches are sent."""
    asked = wanted(Search(SEARCH), NOW - timedelta(hours=hours), NOW)
    assert f"earliest={reach} |" in asked.text
    assert asked.since == NOW - timedelta(hours=hours)


@pytest.mark.parametrize(
    ("text", "sent", "since"),
    [
        ("index=deploy | stats count by service", "search index=deploy | stats count by service", SINCE),
        ("index=deploy earliest=-4h", "search index=deploy earliest=-4h", ago(240)),
        ('search index=deploy earliest="-90m@m"', 'search index=deploy earliest="-90m@m"', ago(90)),
        ("SEARCH index=deploy earliest=-30d", "SEARCH index=deploy earliest=-30d", SINCE),
        ("| tstats count where index=deploy", "| tstats count where index=deploy", SINCE),
        ("searching=1", "search searching=1", SINCE),
        ("index=deploy earliest=@d", "search index=deploy earliest=@d", None),
        ("index=deploy earliest=11/20/2026:00:00:00", "search index=deploy earliest=11/20/2026:00:00:00", None),
        ("index=d | eval earliest=-4h", "search index=d | eval earliest=-4h", SINCE),
        ("index=d earliest=-999999w", "search index=d earliest=-999999w", None),
    ],
)
def test_a_search_of_ones_own_is_sent_as_written_and_answers_for_its_own_time(
    text: str, sent: str, since: datetime | None
) -> None:
    """It gets the word that it must begin with; with an `earliest` it never claims to have looked further back."""
    asked = wanted(Search(text), SINCE, NOW)
    assert (asked.text, asked.since) == (sent, since)


async def test_a_version_that_came_again_is_a_change_again(tmp_path: Path) -> None:
    """The search counts both rollouts in one row; the later one is a change of its own, and rolled the other back."""
    async with FakeSplunk(lambda: NOW) as server:
        server.log(ago(120), "payment", "v1")
        server.log(ago(60), "payment", "v2")
        server.log(ago(10), "payment", "v1")
        async with splunk(server.url, tmp_path) as system:
            answer = await seen(system)
    told = [(change.version, change.began, change.rollback) for change in answer.changes]
    assert told == [("v1", ago(10), True), ("v2", ago(60), False), ("v1", ago(120), False)]


async def test_events_are_read_one_by_one_too(tmp_path: Path) -> None:
    """A search that does not count gives rows with `_time`; status, end, author, commit and link are read by name."""
    more = {"status": "failed", "user": "ann", "git_sha": "3fa9c1b2d4e5", "url": "https://ci/1", "env": "production"}
    async with FakeSplunk(lambda: NOW) as server:
        server.log(ago(10), "payment", "v2", **more)
        server.log(ago(8), "cart", "v1", finished=f"{ago(5).timestamp():.0f}", kind="flag", rollback="true")
        async with splunk(server.url, tmp_path, search="index=deploy") as system:
            cart, payment = (await seen(system)).changes
    assert (payment.began, payment.progress, payment.author) == (ago(10), Progress.FAILED, "ann")
    assert (payment.commit, payment.url, payment.environment) == ("3fa9c1b2d4e5", "https://ci/1", "production")
    assert (cart.began, cart.ended, cart.progress) == (ago(8), ago(5), Progress.DONE)
    assert (cart.kind, cart.rollback) == (ChangeKind.FLAG, True)


async def test_rows_without_a_time_are_told_of_when_they_were_first_seen(tmp_path: Path) -> None:
    """The search that everybody writes says no time: its changes are honest about that, and a gap says what to add."""
    clock = FixedClock(NOW)
    async with FakeSplunk(clock.now) as server:
        server.log(ago(30), "cart", "v1")
        search = "index=deploy | stats count by service,version"
        async with splunk(server.url, tmp_path, clock=clock, search=search) as system:
            first = await seen(system)
            clock.advance(60)
            server.log(clock.now(), "cart", "v2")
            later = Circumstances()
            second = await system.changes(SINCE + timedelta(seconds=60), clock.now(), later)
    (change,) = first.changes
    assert (change.began, change.seen, change.tolerance_s) == (NOW, True, 8 * 3600)
    assert {(one.version, one.began, one.tolerance_s) for one in second.changes} == {
        ("v1", NOW, 8 * 3600),
        ("v2", clock.now(), 60),
    }
    assert "add latest(_time) as latest" in str(later.partial)


async def test_previews_are_dropped() -> None:
    """Rows that stand before the search is done are not rows; the set after them counts."""
    lines = [
        {"preview": True, "offset": 0, "lastrow": True, "result": {"service": "cart", "count": "1"}},
        {"preview": False, "offset": 0, "result": {"service": "cart", "count": "3"}},
        {"preview": False, "offset": 1, "lastrow": True, "result": {"service": "order", "count": "1"}},
    ]
    stream = await read_stream("\n".join(map(json.dumps, lines)).encode())
    assert ([row["count"] for row in stream.rows], stream.gaps) == (["3", "1"], [])
    with pytest.raises(SystemError, match="only previews"):
        await read_stream(json.dumps(lines[0]).encode())


async def test_a_failure_at_the_end_of_the_stream_is_noticed(tmp_path: Path) -> None:
    """Rows before a late FATAL line count, and the answer says that it is partial; without rows it failed."""
    fatal = {"type": "FATAL", "text": "Error in 'lookup' command: the lookup table 'x' does not exist."}
    async with FakeSplunk(lambda: NOW) as server:
        server.messages = [fatal]
        server.log(ago(10), "cart", "v1")
        told = Circumstances()
        async with splunk(server.url, tmp_path) as system:
            assert len((await seen(system, told)).changes) == 1
            server.logged.clear()
            with pytest.raises(SystemError, match="the search failed: Error in 'lookup' command"):
                await seen(system)
    assert told.partial == f"the search failed before its end: {fatal['text']}"


async def test_an_empty_answer_is_no_quiet_one(tmp_path: Path) -> None:
    """200 with nothing is an error; an end of no rows is an answer."""
    async with FakeSplunk(lambda: NOW) as server, splunk(server.url, tmp_path) as system:
        assert (await seen(system)).changes == ()
        server.empty = True
        with pytest.raises(SystemError, match="answered nothing"):
            await seen(system)


@pytest.mark.parametrize(
    ("messages", "gaps"),
    [
        ([{"type": "INFO", "text": "Your timerange was substituted"}], ()),
        ([{"type": "WARN", "text": "Search peer sh2 is down"}], ("Search peer sh2 is down",)),
        ([{"type": "WARN", "text": "Configuration initialization for /opt took longer than expected (1013ms)"}], ()),
    ],
)
async def test_warnings_make_it_partial_but_for_idle_ones(
    tmp_path: Path, messages: list[dict[str, str]], gaps: tuple[str, ...]
) -> None:
    """What says that results may be missing is a gap; how long something took is none."""
    async with FakeSplunk(lambda: NOW) as server:
        server.first_messages = messages
        server.log(ago(10), "cart", "v1")
        async with splunk(server.url, tmp_path) as system:
            assert (await seen(system)).gaps == gaps


async def test_no_room_for_another_search_is_waited_for(tmp_path: Path) -> None:
    """The quota as 503, or as a warning in a 200, leaves the search head alone for a while."""
    async with FakeSplunk(lambda: NOW) as server, splunk(server.url, tmp_path) as system:
        server.full = True
        with pytest.raises(SystemError, match=r"503.*maximum number of concurrent") as caught:
            await seen(system)
        assert caught.value.retry_after_s == 30
        server.full = False
        server.messages = [{"type": "WARN", "text": QUOTA}]
        with pytest.raises(SystemError, match="maximum number of concurrent") as warned:
            await seen(system)
        assert warned.value.retry_after_s == 30


@pytest.mark.parametrize(
    ("login", "scheme", "said"),
    [
        ({"token": "wrong-token"}, "Bearer", "the token was refused .*call not properly authenticated; a session key"),
        ({"token": SESSION}, "Bearer", "the token was refused .*call not properly authenticated; a session key"),
        ({"token": TOKEN}, "Splunk", "the token was refused .*: call not properly authenticated$"),
        ({"user": USER, "password": "wrong-password"}, "Bearer", "user and password were refused .*: Unauthorized$"),
        ({"token": SESSION}, "Splunk", None),
        ({"user": USER, "password": PASSWORD}, "Bearer", None),
    ],
)
async def test_who_may_ask(tmp_path: Path, login: dict[str, str], scheme: str, said: str | None) -> None:
    """A token, a session key and a password let in; a refusal names the setting and never what it holds."""
    common = {key: text if key == "user" else secret(tmp_path, text, key) for key, text in login.items()}
    async with FakeSplunk(lambda: NOW) as server, splunk(server.url, tmp_path, common=common, scheme=scheme) as system:
        if said is None:
            assert (await seen(system)).changes == ()
            return
        with pytest.raises(SystemError, match=said) as caught:
            await seen(system)
        (check,) = await system.check()
    assert PLACE in str(caught.value)
    assert not any(text in f"{caught.value}{check.message}" for key, text in login.items() if key != "user")
    assert (check.ok, check.remedy) == (False, "put a good token where that setting points to")


async def test_an_older_search_head_is_asked_at_its_own_path(tmp_path: Path) -> None:
    """The path without v2 is found once and kept; nothing there at all is said with what to look at."""
    async with FakeSplunk(lambda: NOW, v2=False) as server, splunk(server.url, tmp_path) as system:
        await seen(system)
        await seen(system)
        assert server.paths() == [EXPORT, EXPORT_V1, EXPORT_V1]
    async with FakeServer() as other, splunk(other.url, tmp_path) as system:
        with pytest.raises(SystemError, match="404"):
            await seen(system)
        (check,) = await system.check()
    assert "8089" in check.remedy


async def test_a_search_that_takes_too_long_is_cancelled(tmp_path: Path) -> None:
    """Giving up closes the connection, which ends the search there; it is not sent a second time."""
    async with FakeSplunk(lambda: NOW) as server:
        for number in range(50):
            server.log(ago(10), f"s{number}", "v1")
        server.drip = (64, 0.02)
        async with splunk(server.url, tmp_path, timeout_s=0.3) as system:
            with pytest.raises(SystemError, match=r"not complete after 0\.3 s"):
                await seen(system)
            _, open_still = await asyncio.wait(server._tasks, timeout=5)
            assert (len(open_still), server.in_flight, len(server.asked)) == (0, 0, 1)


async def test_a_wrong_search_is_told_with_its_setting(tmp_path: Path) -> None:
    """Splunk's own words, and where the search stands; of several searches the others count."""
    searches = [{"search": "| nosuchcmd"}, {"search": "index=deploy", "kind": "config"}]
    async with FakeSplunk(lambda: NOW) as server:
        server.log(ago(10), "cart", "v1")
        async with splunk(server.url, tmp_path, search="| nosuchcmd") as system:
            with pytest.raises(SystemError, match=r"Unknown search command 'nosuchcmd'\. \(setting search in config"):
                await seen(system)
        told = Circumstances()
        async with splunk(server.url, tmp_path, searches=searches) as system:
            (change,) = (await seen(system, told)).changes
    assert change.kind is ChangeKind.CONFIG
    assert "nosuchcmd" in str(told.partial)


async def test_a_stream_that_breaks_off_is_partial(tmp_path: Path) -> None:
    """Without a last row nobody knows what is missing; a broken line is counted."""
    async with FakeSplunk(lambda: NOW) as server:
        server.log(ago(10), "cart", "v1")
        server.without_end = True
        async with splunk(server.url, tmp_path) as system:
            assert (await seen(system)).gaps == ("its answer broke off before the last row",)
    line = json.dumps({"preview": False, "lastrow": True, "result": {"service": "a"}}).encode()
    stream = await read_stream(b'{"preview": 3}\n' + line)
    assert stream.gaps == ["1 lines of its answer could not be read: $.preview: expected true or false"]


@pytest.mark.parametrize("body", [b"<response/>", b"<!doctype html>", b"no", b'{"a"', b"[1]", b"{}"])
async def test_what_is_no_stream_is_said(body: bytes) -> None:
    """XML, a web page and other things are errors in words."""
    with pytest.raises(SystemError, match="answered"):
        await read_stream(body)


async def test_rows_without_a_service_are_counted(tmp_path: Path) -> None:
    """They are a gap that names the fields there are, and a setting names the right one."""
    async with FakeSplunk(lambda: NOW) as server:
        server.logged.append((ago(10), {"app_name": "cart", "tag": "7"}))
        async with splunk(server.url, tmp_path, search="index=deploy") as system:
            (gap,) = (await seen(system)).gaps
        fields = {"service": ["app_name"], "version": ["tag"]}
        async with splunk(server.url, tmp_path, search="index=deploy", fields=fields) as system:
            (change,) = (await seen(system)).changes
    assert gap == "1 of 1 rows have no field service (the first has _time, _raw, app_name, tag)"
    assert (change.name, change.version) == ("cart", "7")


async def test_doctor_runs_the_search_once(tmp_path: Path) -> None:
    """Nothing found, and an `earliest` that reaches too short, are warnings with what to do."""
    known = IntegrationMap("m", services={"ui": Service("ui")})
    async with FakeSplunk(lambda: NOW) as server:
        async with splunk(server.url, tmp_path) as system:
            (nothing,) = await system.check()
        server.log(ago(10), "cart", "v1")
        async with splunk(server.url, tmp_path, known=known, covers=["*"]) as system:
            (fine,) = await system.check()
            assert (await seen(system)).covers == ("ui", "cart")
        async with splunk(server.url, tmp_path, search="index=deploy earliest=-2h") as system:
            (short,) = await system.check()
            assert (await seen(system)).since == ago(120)
    assert (nothing.ok, nothing.warning, nothing.message) == (True, True, "no changes in 4 h")
    assert "index" in nothing.remedy
    assert (fine.ok, fine.warning, fine.message) == (True, False, "1 change in 4 h")
    assert "reaches back to 12:12 UTC only" in short.message


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"search": " "}, "is empty"),
        ({"scheme": "splunk"}, 'did you mean "Splunk"'),
        ({"lag": "1 minute"}, "no duration"),
        ({"serch": "x"}, "did you mean search"),
        ({"fields": {"versoin": ["x"]}}, "did you mean version"),
        ({"searches": [{"search": "x", "kind": "deploys"}]}, "did you mean deploy"),
    ],
)
def test_wrong_settings_are_named(extra: dict[str, object], said: str) -> None:
    """Each with its place and what to write."""
    spec = replace(spec_of("http://s:1", extra=extra), name="splunk", kind="splunk", place=PLACE)
    with pytest.raises(ConfigError, match=said):
        find_kind(spec)(spec, Surroundings(None, NO_MAP, ""), FixedClock(NOW))  # type: ignore[arg-type] # nothing is asked


async def test_a_configuration_with_a_session_key_asks_with_it(tmp_path: Path) -> None:
    """The scheme of the settings reaches the wire that a configuration opens."""
    async with FakeSplunk(lambda: NOW) as server:
        spec = replace(spec_of(server.url, extra={"scheme": "Splunk"}), name="splunk", kind="splunk", place=PLACE)
        spec = replace(spec, token=secret(tmp_path, SESSION))
        (system,) = open_live(Context("x", systems=(spec,)), config_folder=None, clock=FixedClock(NOW)).systems
        assert isinstance(system, System)
        assert (await seen(system)).changes == ()
        await system.close()
    assert system.CADENCE[Topic.CHANGES] == system.every_s == 60


ROWS = st.lists(
    st.fixed_dictionaries(
        {"service": st.sampled_from(["a", "b"]), "version": st.sampled_from(["1", "2", "3"])},
        optional={
            "began": st.integers(0, 400).map(lambda minutes: f"{ago(minutes).timestamp():.3f}"),
            "latest": st.integers(0, 400).map(lambda minutes: ago(minutes).isoformat()),
            "owner": st.sampled_from(["x", ["x", "y"], [], "", None]),
            "count": st.integers(0, 9).map(str),
        },
    ),
    max_size=12,
)


@settings(max_examples=100, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_rows_in_any_order_and_twice_come_to_the_same_changes(rows: list[dict[str, Any]], chance: Any) -> None:
    """Every service and version of a row is there, nothing is doubled, and the order does not count."""
    mixed = [*rows, *rows]
    chance.shuffle(mixed)
    found, again = read_rows(rows, Reader(), NOW), read_rows(mixed, Reader(), NOW)
    assert {change.id for change in found.changes} == {change.id for change in again.changes}
    assert len({change.id for change in again.changes}) == len(again.changes)
    told = {(change.name, change.version) for change in (*found.changes, *found.timeless)}
    assert told == {(row["service"], row["version"]) for row in rows}


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_are_a_stream_or_refused(body: bytes) -> None:
    """Whatever comes, it is rows or an error in words."""
    try:
        stream = asyncio.run(read_stream(body))
    except SystemError as error:
        assert str(error)
    else:
        read_rows(stream.rows, Reader(), NOW)


async def test_a_web_page_is_none(tmp_path: Path) -> None:
    """The port of Splunk's web pages is named as what it is."""
    page = Answer(200, b"<!doctype html><p>Splunk", content_type="text/html")
    async with FakeServer({EXPORT: page}) as server, splunk(server.url, tmp_path) as system:
        with pytest.raises(SystemError, match="8089"):
            await seen(system)
