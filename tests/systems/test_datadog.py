"""Deploys out of Datadog: events, DORA deployments, keys and limits, over real sockets."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cockpit.assembly import open_live
from cockpit.clock import FixedClock
from cockpit.config import ConfigError, Context
from cockpit.kinds import find_kind
from cockpit.model.change import ChangeKind, ChangeReport, Progress
from cockpit.model.reading import ChangesSeen, Topic
from cockpit.model.topology import NO_MAP, IntegrationMap, Service
from cockpit.systems.base import Circumstances, Surroundings, SystemError
from cockpit.systems.datadog import System
from tests.fakes.datadog import API_KEY, APP_KEY, FakeDatadog
from tests.systems.datadogs import NOW, PLACE, SINCE, datadog
from tests.systems.wires import spec_of


def ago(minutes: float) -> datetime:
    """Return the moment so many minutes before now."""
    return NOW - timedelta(minutes=minutes)


async def seen(system: System, told: Circumstances | None = None, since: datetime = SINCE) -> ChangesSeen:
    """Return what it answers for the window."""
    return await system.changes(since, NOW, told or Circumstances())


def only(answer: ChangesSeen) -> ChangeReport:
    """Return the one change."""
    (change,) = answer.changes
    return change


async def test_a_deploy_is_read_out_of_its_tags(tmp_path: Path) -> None:
    """Service, version, owner, author, commit and environment come from the tags; the link leads to the event."""
    tags = ("service:payment", "version:v2.4.0", "team:team-payments", "env:production", "git.commit.sha:3fa9c1b2d4e5")
    async with FakeDatadog(lambda: NOW) as server:
        server.event(ago(10), *tags, "deployed_by:ann", "kube_namespace:pay", title="Deployed payment")
        told = Circumstances()
        async with datadog(server.url, tmp_path, dora=False) as system:
            answer = await seen(system, told)
    change = only(answer)
    assert (change.name, change.version, change.kind) == ("payment", "v2.4.0", ChangeKind.DEPLOY)
    assert (change.began, change.progress) == (ago(10), Progress.DONE)
    assert (change.owner, change.owner_by, change.author) == ("team-payments", "tag team", "ann")
    assert (change.environment, change.commit) == ("production", "3fa9c1b2d4e5")
    assert (change.labels["namespace"], change.labels["service"]) == ("pay", "payment")
    assert change.url == "https://app.datadoghq.com/event/event?id=6567977849972254563"
    assert change.says == 'event "Deployed payment", status success, at 14:02:00'
    assert (told.complete_to, told.partial) == (ago(2), None)
    assert (answer.since, answer.covers, answer.gaps) == (SINCE, ("payment",), ())


async def test_attributes_stand_before_tags_and_a_version_may_be_a_commit(tmp_path: Path) -> None:
    """An event's own service counts; without a version the commit is one; how long it took gives its begin."""
    async with FakeDatadog(lambda: NOW) as server:
        server.event(ago(10), "service:b", "commit:3fa9c1b2d4e5a7", service="a", duration=120 * 10**9)
        async with datadog(server.url, tmp_path, dora=False) as system:
            change = only(await seen(system))
    assert (change.name, change.version) == ("a", "3fa9c1b2d4e5")
    assert (change.began, change.ended) == (ago(12), ago(10))


async def test_the_usual_query_leaves_failed_deploys_out_and_another_tells_of_them(tmp_path: Path) -> None:
    """Only what succeeded is asked for unless the query says more; then a failed deploy is told as failed."""
    async with FakeDatadog(lambda: NOW) as server:
        server.event(ago(10), "service:a", "version:1", status="error")
        server.event(ago(9), "service:a", "version:1", status="info")
        async with datadog(server.url, tmp_path, dora=False) as system:
            assert (await seen(system)).changes == ()
        async with datadog(server.url, tmp_path, dora=False, query="tags:deploy") as system:
            progress = [change.progress for change in (await seen(system)).changes]
    assert progress == [Progress.UNKNOWN, Progress.FAILED]


async def test_flags_and_config_have_queries_and_kinds_of_their_own(tmp_path: Path) -> None:
    """Each search has its kind; a change event says itself what it changed, by whom and where it is felt."""
    queries = [{"query": "tags:config", "kind": "config"}, {"query": "source:flags"}]
    fields = {"service": ["service", "app_name"]}
    more: dict[str, Any] = {
        "changed_resource": {"type": "feature_flag", "name": "new-cart"},
        "impacted_resources": [{"type": "service", "name": "cart"}],
        "author": {"name": "ann@example.com", "type": "user"},
    }
    async with FakeDatadog(lambda: NOW) as server:
        server.event(ago(10), "config", "app_name:order", "rollback")
        server.event(ago(8), "source:flags", title="new-cart to 50 %", **more)
        server.event(ago(7), "service:payment")
        async with datadog(server.url, tmp_path, dora=False, queries=queries, fields=fields) as system:
            flag, config = (await seen(system)).changes
    assert (config.name, config.kind, config.rollback) == ("order", ChangeKind.CONFIG, True)
    assert (flag.name, flag.kind, flag.author) == ("cart", ChangeKind.FLAG, "ann@example.com")


async def test_an_event_without_a_service_is_kept(tmp_path: Path) -> None:
    """It is no reason to be silent about a deploy that its sender forgot to say whose it is."""
    async with FakeDatadog(lambda: NOW) as server:
        server.event(ago(10), title="somebody deployed")
        async with datadog(server.url, tmp_path, dora=False) as system:
            answer = await seen(system)
            (check,) = await system.check()
    assert (only(answer).name, answer.covers) == ("(no service tag)", ())
    assert (check.ok, check.warning) == (True, True)
    assert "1 without a service" in check.message


async def test_deployments_are_read_whatever_unit_their_times_have(tmp_path: Path) -> None:
    """Nanoseconds, milliseconds, text: the begin is the start, the end the finish; the commit has a link."""
    git = {"commit_sha": "66adc9350f2cc9b250b69abddab733dd55e1a588", "repository_id": "github.com/acme/shop"}
    async with FakeDatadog(lambda: NOW) as server:
        server.deploy("shop", ago(20), ago(15), version="v1.12.7", team="backend", git=git)
        server.deploy("cart", "2026-11-20T14:00:00Z", "2026-11-20T14:03:00Z", custom_tags=["rollback:true"])
        async with datadog(server.url, tmp_path, query=False) as system:
            cart, shop = (await seen(system)).changes
    assert (shop.name, shop.version, shop.began, shop.ended) == ("shop", "v1.12.7", ago(20), ago(15))
    assert (shop.owner, shop.owner_by, shop.progress) == ("backend", "DORA team", Progress.DONE)
    assert shop.url == "https://github.com/acme/shop/commit/66adc9350f2cc9b250b69abddab733dd55e1a588"
    assert (cart.began, cart.ended, cart.rollback) == (ago(12), ago(9), True)


async def test_pages_are_followed_and_what_comes_twice_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every event of several pages is there once, though pages overlap; the cursor is the server's."""
    monkeypatch.setattr("cockpit.systems.datadog_search.LIMIT", 10)
    async with FakeDatadog(lambda: NOW) as server:
        server.repeat = 3
        ids = [server.event(ago(200 - number), f"service:s{number}", "version:1") for number in range(35)]
        async with datadog(server.url, tmp_path, dora=False) as system:
            answer = await seen(system)
    assert sorted(change.id for change in answer.changes) == sorted(ids)
    asked = [json.loads(one.body) for one in server.asked]
    assert all(one["page"]["limit"] == 10 and one["filter"]["from"] and one["filter"]["to"] for one in asked)
    assert ["cursor" in one["page"] for one in asked] == [False, True, True, True, True]


async def test_deployments_beyond_a_page_are_asked_by_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no cursor: what ended before the oldest of a full page is asked next, and counts once."""
    monkeypatch.setattr("cockpit.systems.datadog_search.LIMIT", 10)
    async with FakeDatadog(lambda: NOW) as server:
        for number in range(35):
            server.deploy(f"s{number}", ago(200 - number), ago(199 - number))
        async with datadog(server.url, tmp_path, query=False) as system:
            answer = await seen(system)
    assert {change.name for change in answer.changes} == {f"s{number}" for number in range(35)}
    assert (len(answer.changes), answer.gaps) == (35, ())


async def test_more_than_can_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest are kept, and from when on older ones are missing is a gap and a blind span."""
    monkeypatch.setattr("cockpit.systems.datadog_search.LIMIT", 2)
    async with FakeDatadog(lambda: NOW) as server:
        for number in range(30):
            server.event(ago(100 - number), "service:a", f"version:{number}")
            server.deploy("a", ago(100), ago(90))
        told = Circumstances()
        async with datadog(server.url, tmp_path) as system:
            answer = await seen(system, told)
    events, deployments = answer.gaps
    assert events.startswith(
        "more than 20 events match tags:deploy status:success, narrow it: nothing before 12:42 UTC"
    )
    assert "DORA deployments" in deployments
    assert told.partial
    assert answer.blind[0].end == ago(90)


async def test_an_event_that_can_be_found_late_appears_and_nothing_is_doubled(tmp_path: Path) -> None:
    """It is complete only up to a while ago; what was sent before that and indexed later is there at the next asking."""
    clock = FixedClock(NOW)
    async with FakeDatadog(clock.now, lag_s=60) as server:
        server.event(ago(30), "service:a", "version:1")
        server.event(ago(20), "service:a", "version:2", late_s=25 * 60)
        told = Circumstances()
        async with datadog(server.url, tmp_path, clock=clock, dora=False) as system:
            first = await seen(system, told)
            assert told.complete_to == ago(2)
            clock.advance(600)
            second = await system.changes(SINCE, clock.now(), told)
            third = await system.changes(SINCE, clock.now(), told)
    assert [change.version for change in first.changes] == ["1"]
    assert [change.version for change in second.changes] == ["2", "1"]
    assert second.changes == third.changes


@pytest.mark.parametrize(
    ("keys", "scopes", "said"),
    [
        ({"api_key": "wrong-api-key"}, True, "the API key was refused by datadoghq.com (settings api_key, site in "),
        (
            {"app_key": "wrong-app-key"},
            True,
            "the application key was refused, or has no scope events_read (setting app_",
        ),
        ({}, False, "the application key was refused, or has no scope events_read (setting app_key in "),
    ],
)
async def test_a_refusal_says_which_key(tmp_path: Path, keys: dict[str, Any], scopes: bool, said: str) -> None:
    """The API key is asked about by itself, so that the setting to correct is named; no key is ever repeated."""
    async with FakeDatadog(lambda: NOW) as server:
        if not scopes:
            server.scopes.clear()
        async with datadog(server.url, tmp_path, dora=False, **keys) as system:
            with pytest.raises(SystemError) as caught:
                await seen(system)
            (check,) = await system.check()
    assert said in str(caught.value)
    assert PLACE in str(caught.value)
    assert not check.ok
    assert not any(key in f"{caught.value}{check.message}" for key in (API_KEY, APP_KEY, *keys.values()))


async def test_deployments_that_nobody_asked_for_may_be_missing(tmp_path: Path) -> None:
    """Without the scope they are no gap and are left alone for an hour; asked for by name they are one."""
    clock = FixedClock(NOW)
    async with FakeDatadog(lambda: NOW) as server:
        server.scopes.discard("dora_metrics_read")
        server.event(ago(10), "service:a")
        async with datadog(server.url, tmp_path, clock=clock) as system:
            answer = await seen(system)
            asked = server.paths().count("/api/v2/dora/deployments")
            await seen(system)
            assert server.paths().count("/api/v2/dora/deployments") == asked == 1
            clock.advance(3600)
            await seen(system)
            assert server.paths().count("/api/v2/dora/deployments") == 2
            events, deployments = await system.check()
        async with datadog(server.url, tmp_path, dora=True) as system:
            told = Circumstances()
            loud = await seen(system, told)
    assert (answer.gaps, len(answer.changes)) == ((), 1)
    assert (events.ok, events.warning, events.message) == (True, False, "1 in 4 h")
    assert (deployments.ok, deployments.warning) == (True, True)
    assert "dora_metrics_read" in deployments.message
    assert len(loud.changes) == 1
    assert "DORA deployments: 403 Forbidden" in str(told.partial)


async def test_its_limit_is_kept_to(tmp_path: Path) -> None:
    """After a 429 it is left alone for the seconds that its own header says, and asked again then."""
    clock = FixedClock(NOW)
    async with FakeDatadog(lambda: NOW) as server:
        server.limited = 1
        async with datadog(server.url, tmp_path, clock=clock, dora=False) as system:
            with pytest.raises(SystemError, match="429") as caught:
                await seen(system)
            assert caught.value.retry_after_s == 23
            clock.advance(22)
            with pytest.raises(SystemError, match="left alone"):
                await seen(system)
            assert len(server.asked) == 1
            clock.advance(1)
            assert (await seen(system)).changes == ()


async def test_a_page_that_fails_leaves_the_ones_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came is kept, and what did not is a gap with the reason."""
    monkeypatch.setattr("cockpit.systems.datadog_search.LIMIT", 2)
    async with FakeDatadog(lambda: NOW) as server:
        for number in range(5):
            server.event(ago(50 - number), "service:a", f"version:{number}")
        search = server.routes["POST /api/v2/events/search"]

        def once(asked: Any) -> Any:
            server.limited = int("cursor" in json.loads(asked.body)["page"])
            return search(asked)  # type: ignore[operator] # it is a function here

        server.routes["POST /api/v2/events/search"] = once
        async with datadog(server.url, tmp_path, dora=False) as system:
            answer = await seen(system)
    assert [change.version for change in answer.changes] == ["4", "3"]
    assert "429" in answer.gaps[0]
    assert "nothing before 13:25 UTC was read" in answer.gaps[0]


async def test_what_is_no_answer_is_none(tmp_path: Path) -> None:
    """200 with nothing, a refusal as plain text, and events that cannot be read are told; the others count."""
    async with FakeDatadog(lambda: NOW) as server:
        server.event(ago(10), "service:a")
        server.event(ago(9), "service:b")
        server.events[1][1]["attributes"] |= {"timestamp": "soon"}
        server.events[1][1]["attributes"]["attributes"] |= {"timestamp": None}
        body = json.dumps({"data": [one for _, one in server.events]}).encode()
        async with datadog(server.url, tmp_path, dora=False) as system:
            server.empty = True
            with pytest.raises(SystemError, match="answered nothing where JSON was expected"):
                await seen(system)
            server.empty = False
            server.routes["POST /api/v2/events/search"] = lambda _: server_answer(400, b'{"errors":["bad query"]}')
            with pytest.raises(SystemError, match="400 Bad Request: bad query"):
                await seen(system)
            server.routes["POST /api/v2/events/search"] = lambda _: server_answer(200, body)
            answer = await seen(system)
    assert only(answer).name == "a"
    assert answer.gaps == ("1 of 2 events could not be read: $.data[1].attributes.timestamp: expected a time",)


def server_answer(status: int, body: bytes) -> Any:
    """Return an answer as plain text."""
    from tests.fakes.http_server import Answer

    return Answer(status, body, content_type="text/plain")


async def test_what_the_server_left_out_is_a_gap(tmp_path: Path) -> None:
    """Its own warnings, and a search that ran into its time limit, make the answer partial."""
    async with FakeDatadog(lambda: NOW) as server:
        server.event(ago(10), "service:a")
        server.meta = {"status": "timeout", "warnings": [{"detail": "indexes: foo", "title": "missing"}]}
        async with datadog(server.url, tmp_path, dora=False) as system:
            answer = await seen(system)
    assert answer.gaps == ("the search ran into its time limit", "indexes: foo")


async def test_services_that_are_told_are_covered(tmp_path: Path) -> None:
    """`covers` names services without a deploy in the window; a star is the map's, but for third parties."""
    known = IntegrationMap("m", services={"ui": Service("ui"), "card": Service("card", kind="third-party")})
    async with FakeDatadog(lambda: NOW) as server:
        server.event(ago(10), "service:a")
        async with datadog(server.url, tmp_path, known=known, covers=["*", "b"]) as system:
            assert (await seen(system)).covers == ("ui", "b", "a")


async def test_doctor_says_where_nothing_matches(tmp_path: Path) -> None:
    """A search without a match is a warning with what to look at."""
    async with FakeDatadog(lambda: NOW) as server, datadog(server.url, tmp_path) as system:
        events, deployments = await system.check()
    assert (events.check, events.message, events.warning) == ("events tags:deploy status:success", "none in 4 h", True)
    assert "tags" in events.remedy
    assert deployments.warning


@pytest.mark.parametrize(
    ("site", "address", "page"),
    [
        ("datadoghq.com", "https://api.datadoghq.com", "https://app.datadoghq.com/event/event?id=7"),
        ("datadoghq.eu", "https://api.datadoghq.eu", "https://app.datadoghq.eu/event/event?id=7"),
        ("us3.datadoghq.com", "https://api.us3.datadoghq.com", "https://us3.datadoghq.com/event/event?id=7"),
    ],
)
def test_the_site_says_who_is_asked_and_where_a_person_looks(site: str, address: str, page: str) -> None:
    """Without an address the site's server is asked; events link to its web pages."""
    from cockpit.systems.datadog_search import addresses_of
    from cockpit.systems.datadog_settings import event_link

    assert addresses_of(spec_of(extra={"site": site})) == (address,)
    assert event_link(site, "7") == page
    assert event_link(site, "x/../y") is None


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"site": "https://app.datadoghq.com"}, r"systems\.datadog\.site: is no name of a site"),
        ({"site": "api.datadoghq.com"}, 'is the address of a server, not of a site; write "datadoghq.com"'),
        ({"query": " "}, "is empty"),
        ({"query": False, "dora": False}, "asks for neither"),
        ({"lag": "soon"}, "no duration"),
        ({"queries": [{"query": "a", "kind": "flags"}]}, "did you mean flag"),
        ({"queries": [{"qury": "a"}]}, "did you mean query"),
        ({"fields": {"servce": ["x"]}}, "did you mean service"),
        ({"fields": {"service": []}}, "names no field"),
    ],
)
def test_wrong_settings_are_named(extra: dict[str, object], said: str) -> None:
    """Each with its place and what to write."""
    spec = replace(spec_of("http://d:1", extra=extra), name="datadog", kind="datadog", place=PLACE)
    with pytest.raises(ConfigError, match=said):
        find_kind(spec)(spec, Surroundings(None, NO_MAP, ""), FixedClock(NOW))  # type: ignore[arg-type] # nothing is asked


def test_a_missing_key_is_named_before_anything_is_asked() -> None:
    """The site wants both keys; the error says which is missing and what people call its variable."""
    spec = replace(spec_of(), name="datadog", kind="datadog", place=PLACE)
    with pytest.raises(ConfigError, match=r'has no api_key.*add api_key = {env = "DD_API_KEY"}'):
        open_live(Context("x", systems=(spec,)), config_folder=None, clock=FixedClock(NOW))


def test_it_reports_changes_once_a_minute() -> None:
    """Its topic and its cadence, which the configuration may change."""
    slow = System(spec_of("http://d:1", every=timedelta(minutes=5)), Surroundings(None, NO_MAP, ""), FixedClock(NOW))  # type: ignore[arg-type] # nothing is asked
    assert (System.TOPICS, System.CADENCE[Topic.CHANGES], slow.every_s) == ((Topic.CHANGES,), 60.0, 300.0)
