"""Grafana's annotations as changes, asked over real sockets."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.clock import FixedClock
from cockpit.config import ConfigError
from cockpit.model.change import ChangeKind, ChangeReport, Progress
from cockpit.model.topology import NO_MAP, IntegrationMap, Service
from cockpit.systems import grafana as module
from cockpit.systems.base import Annotator, ChangeSource, Circumstances, Reply, Surroundings, SystemError
from cockpit.systems.grafana import System
from cockpit.systems.grafana_annotations import NAMELESS, Settings, milliseconds, read_mark
from tests.fakes.grafana import TOKEN, FakeGrafana, ms
from tests.fakes.http_server import Answer, Asked, say
from tests.systems.grafanas import NOW, PLACE, SINCE, grafana
from tests.systems.wires import spec_of

MINUTE = timedelta(minutes=1)


def report(text: str, *tags: str, **said: Any) -> ChangeReport:
    """Return what an annotation of these words and tags tells."""
    raw = {"id": 7, "time": ms(NOW), "timeEnd": ms(NOW), "text": text, "tags": list(tags)}
    return read_mark(say(raw).body, Settings(**said), "https://grafana.example", {}).report


async def test_annotations_with_the_tag_are_changes() -> None:
    """Service, version, owner, begin and end of a deploy come out of its tags; other tags and alerts are left out."""
    async with FakeGrafana() as server:
        began = NOW - 10 * MINUTE
        tags = ("deploy", "service:payment", "version=v2.4.0", "team:team-payments", "commit:3fa9c1b", "env:production")
        server.annotate(began, *tags, text="Ask the new gateway", ended=began + 7 * MINUTE, dashboardUID="abc")
        server.annotate(NOW, "outage")
        server.annotate(NOW, "deploy", "service:auth", alertId=3, newState="alerting")
        async with grafana(server.url) as system:
            assert isinstance(system, ChangeSource)
            assert isinstance(system, Annotator)
            seen = await system.changes(SINCE, NOW, Circumstances())
        (one,) = seen.changes
        assert (one.name, one.version, one.kind) == ("payment", "v2.4.0", ChangeKind.DEPLOY)
        assert (one.began, one.ended, one.progress) == (began, began + 7 * MINUTE, Progress.DONE)
        assert (one.owner, one.owner_by, one.commit) == ("team-payments", "tag team", "3fa9c1b")
        assert (one.environment, one.summary, one.url) == (
            "production",
            "Ask the new gateway",
            f"{server.url}/d/abc",
        )
        assert seen.covers == ("auth", "payment")
        assert (seen.gaps, seen.since) == ((), SINCE)
        asked = server.asked[0].params
        assert (asked["from"], asked["type"], asked["tags"]) == (str(ms(SINCE)), "annotation", "deploy")
        assert server.asked[0].headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("text", "service", "version"),
    [
        ("Deployed payment v2.4.0 to production", "payment", "v2.4.0"),
        ("<b>Deployed</b> payment v2.4.0", "payment", "v2.4.0"),
        ("payment 2.4.0 deployed by Jo", "payment", "2.4.0"),
        ("Release v2.4.0 of payment.", "payment", "v2.4.0"),
        ("rollout, service: payment, version: v2.4.0", "payment", "v2.4.0"),
        ("service=payment version=v2.4.0", "payment", "v2.4.0"),
        ("Deployed the new gateway", NAMELESS, ""),
        ("https://ci.example/1", NAMELESS, ""),
    ],
)
def test_texts_name_service_and_version(text: str, service: str, version: str) -> None:
    """By the way they begin, or by keys; a version has a digit in it, and an address is no key."""
    found = report(text, "deploy")
    assert (found.name, found.version) == (service, version)


def test_keys_and_texts_can_be_set() -> None:
    """What names a service elsewhere is a setting."""
    found = report("Shipped it", "deploy", "squad:p", "unit:pay", service_keys=["unit"], owner_keys=["squad"])
    assert (found.name, found.owner, found.owner_by) == ("pay", "p", "tag squad")
    found = report("ship pay 7", "deploy", texts=["ship {service} {version}"])
    assert (found.name, found.version) == ("pay", "7")
    assert report("", "deploy", service="shop").name == "shop"


@pytest.mark.parametrize(
    ("tags", "kind", "progress", "rollback"),
    [
        (("deploy", "failed"), ChangeKind.DEPLOY, Progress.FAILED, False),
        (("deploy", "status:in-progress"), ChangeKind.DEPLOY, Progress.ROLLING, False),
        (("deploy", "config", "success"), ChangeKind.CONFIG, Progress.DONE, False),
        (("deploy", "kind:flag"), ChangeKind.FLAG, Progress.UNKNOWN, False),
        (("deploy", "rollback"), ChangeKind.DEPLOY, Progress.UNKNOWN, True),
    ],
)
def test_tags_tell_kind_and_progress(
    tags: tuple[str, ...], kind: ChangeKind, progress: Progress, rollback: bool
) -> None:
    """Failed and rolling deploys, rollbacks, config pushes and flags are told apart."""
    found = report("x", *tags)
    assert (found.kind, found.progress, found.rollback) == (kind, progress, rollback)


async def test_annotations_without_a_service_are_a_gap() -> None:
    """They stay visible under a name of their own, and it is said that they could be anybody's."""
    async with FakeGrafana() as server:
        server.annotate(NOW, "deploy", text="freeze is over")
        async with grafana(server.url) as system:
            seen = await system.changes(SINCE, NOW, Circumstances())
    assert [one.name for one in seen.changes] == [NAMELESS]
    assert seen.gaps == ("1 annotation names no service: give them a tag service:NAME",)


async def test_what_cockpit_repeated_says_so() -> None:
    """An annotation about a change that others had reported names them, is less precise, and needs a version to join."""
    async with FakeGrafana() as server:
        server.annotate(NOW, "deploy", "service:a", "version:1", "cockpit:a@1@x", "from:git", "from:prometheus")
        server.annotate(NOW, "deploy", "service:b", "version:2", "cockpit:b@2@x")
        server.annotate(NOW, "deploy", "service:c", "cockpit:c@@x", "from:git")
        async with grafana(server.url) as system:
            seen = await system.changes(SINCE, NOW, Circumstances())
    repeated, first_hand = sorted(seen.changes, key=lambda one: one.name)
    assert (repeated.name, first_hand.name) == ("a", "b")
    assert repeated.says.startswith("annotation 1, by Cockpit from git, prometheus: ")
    assert repeated.tolerance_s > first_hand.tolerance_s == 0


async def test_several_tags_match_any_of_them_or_all() -> None:
    """Any by default; all where the configuration says so."""
    async with FakeGrafana() as server:
        server.annotate(NOW, "deploy", "service:a")
        server.annotate(NOW, "release", "service:b")
        server.annotate(NOW, "deploy", "release", "service:c")
        for said, names in (({}, {"a", "b", "c"}), ({"match_any": False}, {"c"})):
            async with grafana(server.url, extra={"tags": ["deploy", "release"], **said}) as system:
                seen = await system.changes(SINCE, NOW, Circumstances())
            assert {one.name for one in seen.changes} == names


@given(
    spans=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 12)), max_size=30),
    size=st.integers(1, 7),
)
@settings(max_examples=60, deadline=None)
async def test_pages_lose_nothing_and_double_nothing(spans: list[tuple[int, int]], size: int) -> None:
    """Whatever overlaps and however small a page is, each annotation of the window comes once."""
    server = FakeGrafana()
    for begin, length in spans:
        began = SINCE + begin * MINUTE
        server.annotate(began, "deploy", "service:a", ended=began + length * MINUTE)

    class Wire:
        async def call(self, peer: str, method: str, path: str, params: Any = (), **_: object) -> Any:
            headers = {"authorization": f"Bearer {TOKEN}"}
            route = server.routes.get(f"{method} {path}") or server.routes[path]
            answer = route(Asked(method, path, tuple(params), headers, b""))  # type: ignore[operator] # routes are functions here
            assert isinstance(answer, Answer)
            return Reply(answer.status, answer.body, {"content-type": "application/json"})

    system = System(spec_of("http://g:1"), Surroundings(Wire(), NO_MAP, ""), FixedClock(NOW))  # type: ignore[arg-type] # all it needs
    kept, module.PAGE = module.PAGE, size
    try:
        seen = await system.changes(SINCE, NOW, Circumstances())
    finally:
        module.PAGE = kept
    assert sorted(int(one.id) for one in seen.changes) == sorted(one["id"] for one in server.annotations)
    assert not seen.gaps


async def test_coverage_can_be_said() -> None:
    """Services that are always annotated are covered though no tag names them yet; `*` is all of the map."""
    known = IntegrationMap("m", services={"ui": Service("ui"), "auth": Service("auth")})
    async with FakeGrafana() as server:
        server.annotate(NOW, "deploy", "service:payment")
        for said, covers in ((["order"], ("order", "payment")), (["*"], ("ui", "auth", "payment"))):
            async with grafana(server.url, known=known, extra={"covers": said}) as system:
                assert (await system.changes(SINCE, NOW, Circumstances())).covers == covers


async def test_changes_are_told_without_the_list_of_tags() -> None:
    """Where tags cannot be listed the changes count all the same, and cover what they name."""
    async with FakeGrafana() as server:
        server.annotate(NOW, "deploy", "service:payment")
        server.annotate(NOW, "outage", "service:auth")
        server.routes["/api/annotations/tags"] = say({"message": "busy"}, 429, retry_after="30")
        async with grafana(server.url) as system:
            seen = await system.changes(SINCE, NOW, Circumstances())
    assert [one.name for one in seen.changes] == ["payment"]
    assert seen.covers == ("payment",)


async def test_late_annotations_appear() -> None:
    """One that is written later with a time in the past is there at the next asking."""
    async with FakeGrafana() as server, grafana(server.url) as system:
        assert (await system.changes(SINCE, NOW, Circumstances())).changes == ()
        server.annotate(SINCE + MINUTE, "deploy", "service:a")
        assert len((await system.changes(SINCE, NOW, Circumstances())).changes) == 1


async def test_what_did_not_change_is_the_same_object() -> None:
    """The board joins anew only what changed: an annotation is read once, an edited one again, a deleted one is gone."""
    async with FakeGrafana() as server, grafana(server.url) as system:
        for number in range(5):
            server.annotate(SINCE + number * MINUTE, "deploy", f"service:s{number}")
        first = (await system.changes(SINCE, NOW, Circumstances())).changes
        server.annotate(NOW, "deploy", "service:new")
        server.annotations[0]["text"] = "edited"
        del server.annotations[1]
        second = (await system.changes(SINCE, NOW, Circumstances())).changes
    kept = {id(one) for one in first} & {id(one) for one in second}
    assert len(kept) == 3
    assert {one.name for one in second} == {"s0", "s2", "s3", "s4", "new"}
    assert next(one.summary for one in second if one.name == "s0") == "edited"


async def test_a_wrong_token_names_its_setting() -> None:
    """401 names the setting that holds the token and never the token; so does `doctor`."""
    async with FakeGrafana() as server:
        server.token = "another"
        async with grafana(server.url) as system:
            with pytest.raises(SystemError, match="setting token in config") as caught:
                await system.changes(SINCE, NOW, Circumstances())
            assert TOKEN not in str(caught.value)
            (check,) = await system.check()
    assert not check.ok
    assert f"stands in {PLACE}" in check.remedy


async def test_a_missing_permission_is_named() -> None:
    """403 says which permission the service account needs."""
    async with FakeGrafana(permissions={}) as server, grafana(server.url) as system:
        with pytest.raises(SystemError, match="annotations:read"):
            await system.changes(SINCE, NOW, Circumstances())
        (check,) = await system.check()
    assert "annotations:read" in check.remedy


async def test_being_asked_to_wait_is_obeyed() -> None:
    """429 says for how long, and until then it is left alone."""
    async with FakeGrafana() as server, grafana(server.url) as system:
        server.limited_s = 17
        for _ in range(2):
            with pytest.raises(SystemError) as caught:
                await system.changes(SINCE, NOW, Circumstances())
            assert caught.value.retry_after_s == 17
        assert len(server.asked) == 1


async def test_the_organisation_is_named_by_its_own_header() -> None:
    """`org` is sent as Grafana wants it, and has to be a number."""
    async with FakeGrafana(org="2") as server, grafana(server.url, org="2") as system:
        assert (await system.changes(SINCE, NOW, Circumstances())).changes == ()
    with pytest.raises(ConfigError, match="no number of an organisation"):
        System(spec_of("http://g:1", org="main"), Surroundings(None, NO_MAP, ""), None)  # type: ignore[arg-type] # nothing is asked


@pytest.mark.parametrize("body", [b"null", b"", b"<!doctype html>", b"{}"])
async def test_what_is_no_list_is_an_error(body: bytes) -> None:
    """Nothing that is no list of annotations looks like a quiet afternoon."""
    async with FakeGrafana() as server, grafana(server.url) as system:
        server.routes["GET /api/annotations"] = Answer(200, body)
        with pytest.raises(SystemError):
            await system.changes(SINCE, NOW, Circumstances())


async def test_one_that_cannot_be_read_is_a_gap() -> None:
    """The others count all the same."""
    async with FakeGrafana() as server, grafana(server.url) as system:
        server.annotate(NOW, "deploy", "service:a")
        server.annotate(NOW, "deploy", "service:b", time="soon")
        server.routes["GET /api/annotations"] = lambda _: say(server.annotations)
        seen = await system.changes(SINCE, NOW, Circumstances())
    assert [one.name for one in seen.changes] == ["a"]
    assert "1 of 2 annotations could not be read" in seen.gaps[0]


async def test_doctor_proves_reading_and_lists_what_may_be_written() -> None:
    """Nothing is written for it: the permission to write is read from Grafana's list, and the dashboard looked up."""
    async with FakeGrafana() as server:
        async with grafana(server.url, write=True, extra={"dashboard_uid": "abc"}) as system:
            checks = await system.check()
        assert [check.ok for check in checks] == [True, True, True]
        assert checks[0].warning
        assert 'dashboard "Checkout" (abc)' in checks[2].message
        del server.permissions["annotations:create"]
        async with grafana(server.url, write=True, extra={"dashboard_uid": "gone"}) as system:
            checks = await system.check()
        assert [check.ok for check in checks] == [True, False, False]
        assert "annotations:create on annotations:type:dashboard" in checks[1].remedy
        server.lists_permissions = False
        async with grafana(server.url, write=True) as system:
            checks = await system.check()
        assert (checks[1].ok, checks[1].warning) == (True, True)
        assert server.annotations == []
        assert {asked.method for asked in server.asked} == {"GET"}


@given(st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)))
def test_milliseconds_keep_a_moment(at: datetime) -> None:
    """A moment written in milliseconds is read as the same, to the millisecond."""
    at = at.replace(tzinfo=UTC)
    told = read_mark(say({"id": 1, "time": milliseconds(at)}).body, Settings(), "", {}).one
    assert abs((told.began - at).total_seconds()) <= 0.001


@given(st.text(max_size=200), st.lists(st.text(max_size=40), max_size=5))
@settings(max_examples=100, deadline=None)
def test_hostile_words_are_harmless(text: str, tags: list[str]) -> None:
    """Whatever stands in an annotation, its change can be read, and nothing in it drives a terminal."""
    found = report(text, *tags)
    for told in (found.name, found.version, found.summary, found.owner, found.says, found.author):
        assert "\x1b" not in told
        assert "\n" not in told
