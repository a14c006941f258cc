"""PagerDuty over real sockets: change events, and who is on call."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.assembly import open_live
from cockpit.clock import FixedClock
from cockpit.config import ConfigError, Context, Secret, SystemSpec
from cockpit.model.change import ChangeKind, Progress
from cockpit.model.reading import Topic
from cockpit.model.topology import IntegrationMap, Service, Team
from cockpit.systems.base import Circumstances, Reply, Surroundings, SystemError
from cockpit.systems.http import HttpWire
from cockpit.systems.pagerduty import URL, System
from tests.fakes.http_server import Answer
from tests.fakes.pagerduty import TOKEN, FakePagerDuty
from tests.systems.contracts import SAMPLES, Kept, needs_contracts, specification

NOW = datetime(2026, 11, 20, 14, 12, tzinfo=UTC)
SINCE = NOW - timedelta(hours=4)
MAP = IntegrationMap(
    "checkout",
    services={"payment": Service("payment", "team-payments", pagerduty="PPAY"), "ui": Service("ui", "team-web")},
    teams={"team-payments": Team("team-payments", pagerduty="PABC123"), "team-web": Team("team-web")},
)


def _token(folder: Path, text: str = TOKEN) -> Secret:
    path = folder / "token"
    path.write_text(text)
    path.chmod(0o600)
    return Secret(file=str(path))


@asynccontextmanager
async def pagerduty(
    url: str, token: Secret | None = None, known: IntegrationMap = MAP, clock: FixedClock | None = None, **extra: Any
) -> AsyncIterator[System]:
    """Open a system on an account."""
    clock = clock or FixedClock(NOW)
    place = "config.toml: contexts.prod.systems.pagerduty"
    spec = SystemSpec("pagerduty", "pagerduty", place, urls=(url,), token=token, extra=extra)
    system = System(spec, Surroundings(HttpWire(spec, clock, manners=System.MANNERS), known, ""), clock)
    try:
        yield system
    finally:
        await system.close()


async def test_a_change_event_is_a_change_of_the_maps_service(tmp_path: Path) -> None:
    """The service comes by the map's id, the rest out of the custom details, under whatever of the usual names."""
    async with FakePagerDuty(lambda: NOW) as server:
        number = server.change(
            NOW - timedelta(minutes=10), "Deployed\x1b[31m payment", "PPAY",
            custom_details={"Version": "v2.4.0", "git_sha": "3fa9c1b", "team": "team-x", "build-state": "passed", "rollback": False, "deployed_by": "ci"},
            links=[{"href": "javascript:x"}, {"href": "https://ci.example/1", "text": "build"}],
        )  # fmt: skip
        async with pagerduty(server.url, _token(tmp_path)) as system:
            around = Circumstances()
            seen = await system.changes(SINCE, NOW, around)
    (change,) = seen.changes
    assert (change.id, change.name, change.version, change.commit) == (number, "payment", "v2.4.0", "3fa9c1b")
    assert (change.began, change.kind, change.progress) == (
        NOW - timedelta(minutes=10),
        ChangeKind.DEPLOY,
        Progress.DONE,
    )
    assert (change.owner, change.owner_by, change.author) == ("team-x", "custom_details", "ci")
    assert change.url == "https://ci.example/1"
    assert "\x1b" not in change.summary
    assert (seen.covers, seen.gaps, around.partial) == (("payment",), (), None)
    assert around.complete_to == NOW - timedelta(seconds=60)


async def test_names_and_teams_come_from_its_services_where_the_map_says_nothing(tmp_path: Path) -> None:
    """A service that the map does not name has PagerDuty's name and team; they are asked once an hour."""
    clock = FixedClock(NOW)
    async with FakePagerDuty(clock.now) as server:
        server.service("PCAT", "Catalog", "team-catalogue")
        server.change(NOW, "x", "PCAT", "PPAY")
        async with pagerduty(server.url, _token(tmp_path), clock=clock) as system:
            for _ in range(3):
                seen = await system.changes(SINCE, clock.now(), Circumstances())
            assert server.paths().count("/services") == 1
            clock.advance(3600)
            await system.changes(SINCE, clock.now(), Circumstances())
            assert server.paths().count("/services") == 2
    found = {change.name: (change.owner, change.owner_by) for change in seen.changes}
    assert found == {"Catalog": ("team-catalogue", "pagerduty service"), "payment": ("", "")}


async def test_events_without_a_service_keep_what_they_say(tmp_path: Path) -> None:
    """The name is that of the details, else the source; who may not list services still gets the changes."""
    async with FakePagerDuty(lambda: NOW) as server:
        server.forbidden.add("/services")
        server.change(NOW, "a", custom_details={"service": "order"})
        server.change(NOW, "b", custom_details="plain text", source="terraform")
        server.change(NOW, "c", "PX")
        async with pagerduty(server.url, _token(tmp_path), kind="config", covers=["ui"]) as system:
            seen = await system.changes(SINCE, NOW, Circumstances())
    assert [(one.name, one.kind) for one in seen.changes] == [
        ("ci", ChangeKind.CONFIG), ("terraform", ChangeKind.CONFIG), ("order", ChangeKind.CONFIG)
    ]  # fmt: skip
    assert seen.covers[0] == "ui"


async def test_all_pages_are_read_and_nothing_comes_twice(tmp_path: Path) -> None:
    """Everything of the window comes once, whatever arrives while it is being read; what is listed late comes later."""
    clock = FixedClock(NOW)
    async with FakePagerDuty(clock.now) as server:
        for number in range(250):
            server.change(
                NOW - timedelta(seconds=number), f"n{number}", "PPAY", custom_details={"version": f"v{number}"}
            )
        late = server.change(NOW - timedelta(minutes=2), "late", "PPAY", listed_s=150)
        server.change(NOW - timedelta(hours=5), "old", "PPAY")
        async with pagerduty(server.url, _token(tmp_path), clock=clock) as system:
            first = await system.changes(SINCE, clock.now(), Circumstances())
            clock.advance(60)
            again = await system.changes(SINCE, clock.now(), Circumstances())
    assert len({change.id for change in first.changes}) == len(first.changes) == 250
    assert {change.id for change in again.changes} - {change.id for change in first.changes} == {late}


async def test_more_than_it_gives_is_a_gap(tmp_path: Path) -> None:
    """One that says more for ever is left, and said to be; so is what lies behind its reach."""
    async with FakePagerDuty(lambda: NOW) as server:
        server.endless = True
        server.change(NOW, "x", "PPAY")
        async with pagerduty(server.url, _token(tmp_path)) as system:
            around = Circumstances()
            seen = await system.changes(SINCE, NOW, around)
    assert len(seen.changes) == 1
    assert around.partial == seen.gaps[0] == "/change_events says that there is more and gives nothing new"
    assert len(server.asked) == 3


async def test_a_broken_event_hides_no_other(tmp_path: Path) -> None:
    """One without a time is told as a gap, with its place."""
    async with FakePagerDuty(lambda: NOW) as server:
        server.change(NOW, "good", "PPAY")
        server.routes["/change_events"] = Answer(
            body=json.dumps(
                {"change_events": [{"id": "a", "timestamp": "soon"}, server.events[0][1]], "more": False}
            ).encode()
        )
        async with pagerduty(server.url, _token(tmp_path)) as system:
            seen = await system.changes(SINCE, NOW, Circumstances())
    assert len(seen.changes) == 1
    assert seen.gaps == ("1 of 2 change events could not be read: $.change_events[0].timestamp: expected a time",)


async def test_a_wrong_token_names_its_setting(tmp_path: Path) -> None:
    """It says which setting holds it, and never the token."""
    async with FakePagerDuty(lambda: NOW) as server, pagerduty(server.url, _token(tmp_path, "wrong-one")) as system:
        with pytest.raises(SystemError, match=r"setting token in .*systems\.pagerduty") as caught:
            await system.changes(SINCE, NOW, Circumstances())
        checks = await system.check()
    assert "wrong-one" not in str(caught.value)
    assert not any(check.ok for check in checks if "change_events" in check.check or "oncalls" in check.check)


async def test_its_limit_is_respected(tmp_path: Path) -> None:
    """A 429 with its reset header leaves it alone for just so long."""
    clock = FixedClock(NOW)
    async with FakePagerDuty(clock.now) as server, pagerduty(server.url, _token(tmp_path), clock=clock) as system:
        server.rest_s = 17
        with pytest.raises(SystemError) as caught:
            await system.changes(SINCE, NOW, Circumstances())
        assert caught.value.retry_after_s == 17
        server.rest_s = None
        clock.advance(16)
        with pytest.raises(SystemError, match="asked to be left alone"):
            await system.on_call(Circumstances())
        limited = [check for check in await system.check() if not check.ok]
        assert limited
        assert all(check.remedy.startswith("try again after that") for check in limited)
        assert len(server.asked) == 1
        clock.advance(1)
        await system.on_call(Circumstances())


async def test_its_reasons_are_told(tmp_path: Path) -> None:
    """The reasons beside its message come through: the message alone says nothing."""
    async with FakePagerDuty(lambda: NOW) as server, pagerduty(server.url, _token(tmp_path)) as system:
        server.forbidden.add("/oncalls")
        with pytest.raises(SystemError, match=r"Access Denied.*Token is missing a scope"):
            await system.on_call(Circumstances())
        checks = {check.check.rpartition("/")[2]: check for check in await system.check()}
    assert (checks["oncalls"].ok, checks["oncalls"].remedy) == (False, "a scoped token needs oncalls.read")
    assert checks["change_events"].ok


async def test_who_is_on_call(tmp_path: Path) -> None:
    """Of the policies that the map's teams name, who is on call now, until when, by level; never who was or will be."""
    async with FakePagerDuty(lambda: NOW) as server:
        hour = timedelta(hours=1)
        server.duty("PABC123", "Ada\u202e", NOW - hour, NOW + hour)
        server.duty("PABC123", "Bo", None, None, level=2)
        server.duty("PABC123", "Cy", NOW + hour, NOW + 2 * hour)
        server.duty("PELSE", "Di", NOW - hour, NOW + hour)
        async with pagerduty(server.url, _token(tmp_path)) as system:
            around = Circumstances()
            one, other = (await system.on_call(around)).duties
    assert (one.policy, one.policy_name, one.person, one.level) == ("PABC123", "Policy PABC123", "Ada·", 1)
    assert one.until == NOW + hour
    assert (other.person, other.level, other.until) == ("Bo", 2, None)
    assert dict(server.asked[0].query)["earliest"] == "true"


async def test_an_odd_time_is_no_duty_for_ever(tmp_path: Path) -> None:
    """A hand-over that cannot be read is an error, not somebody who never goes off call, and not nobody."""
    async with FakePagerDuty(lambda: NOW) as server:
        server.duty("PABC123", "Ada", None, NOW + timedelta(hours=1))
        server.oncalls[0]["end"] = "tomorrow"
        server.routes["/oncalls"] = Answer(body=json.dumps({"oncalls": server.oncalls, "more": False}).encode())
        async with pagerduty(server.url, _token(tmp_path)) as system:
            with pytest.raises(SystemError, match=r"\$\.oncalls\[0\]\.end: expected a time"):
                await system.on_call(Circumstances())


async def test_doctor_names_what_the_map_has_wrong(tmp_path: Path) -> None:
    """Ids of services that it does not know and teams without anybody on call are told, with what to do."""
    async with FakePagerDuty(lambda: NOW) as server, pagerduty(server.url, _token(tmp_path)) as system:
        checks = {check.check.rpartition("/")[2]: check for check in await system.check()}
        assert checks["services"].message == "does not know payment (PPAY)"
        assert checks["oncalls"].message == "nobody on call for team-payments (PABC123)"
        assert all(check.ok for check in checks.values())
        server.service("PPAY", "Payment")
        server.duty("PABC123", "Ada", None, None)
        checks = {check.check.rpartition("/")[2]: check for check in await system.check()}
    assert checks["oncalls"].message == "somebody is on call for 1 of 1 escalation policies"
    assert checks["covers"].warning


def test_it_is_asked_for_what_there_is() -> None:
    """Duties only where a team names a policy, changes unless switched off; its address is known without a setting."""
    spec = SystemSpec("pagerduty", "pagerduty")
    assert System.addresses(spec, MAP) == (URL,)
    (system,) = open_live(Context("x", systems=(spec,)), config_folder=None).systems
    assert isinstance(system, System)
    assert system.TOPICS == (Topic.CHANGES,)
    off = replace(spec, extra={"changes": False, "from": "a@example.com"}, every=timedelta(seconds=45))
    wire = HttpWire(replace(spec, urls=(URL,)), FixedClock(NOW))
    built = System(off, Surroundings(wire, MAP, ""), FixedClock(NOW))
    assert (built.TOPICS, built.every_s, built.CADENCE[Topic.ONCALL]) == ((Topic.ONCALL,), 45, 120)
    with pytest.raises(ConfigError, match="did you mean version"):
        System(replace(spec, extra={"fields": {"verson": ["v"]}}), Surroundings(wire, MAP, ""), FixedClock(NOW))


class _Paging:
    """A wire to an account whose events move between pages while they are read."""

    def __init__(self, batches: list[list[int]]) -> None:
        self.known: list[int] = []
        self.batches = batches

    async def call(self, peer: str, method: str, path: str, params: Any = (), **_: Any) -> Reply:
        asked = dict(params)
        if path != "/change_events":
            return Reply(200, b'{"services": []}')
        if self.batches:
            self.known = sorted({*self.known, *self.batches.pop(0)}, reverse=True)
        offset, limit = int(asked["offset"]), int(asked["limit"]) // 50
        shown = [
            {
                "id": str(one),
                "timestamp": (NOW - timedelta(hours=1) + timedelta(seconds=one)).isoformat(),
                "services": [],
            }
            for one in self.known[offset : offset + limit]
        ]
        said = {"change_events": shown, "more": offset + limit < len(self.known)}
        return Reply(200, json.dumps(said).encode())

    async def close(self) -> None: ...


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 600), max_size=4), max_size=6))
async def test_nothing_is_lost_or_doubled_in_any_interleaving(batches: list[list[int]]) -> None:
    """Whatever arrives between pages, late and out of order, comes once, and all of it by the time nothing more comes."""
    everything = {str(one) for batch in batches for one in batch}
    wire = _Paging([list(batch) for batch in batches])
    system = System(SystemSpec("pagerduty", "pagerduty"), Surroundings(wire, MAP, ""), FixedClock(NOW))
    for _ in range(len(batches) + 1):
        seen = await system.changes(SINCE, NOW, Circumstances())
        assert len({one.id for one in seen.changes}) == len(seen.changes)
    assert {one.id for one in seen.changes} == everything


@needs_contracts
async def test_it_keeps_to_its_specification(tmp_path: Path) -> None:
    """Every request that is sent, and every answer of the fake, is as PagerDuty specifies."""
    async with FakePagerDuty(lambda: NOW) as server:
        kept = Kept(server)
        server.service("PPAY", "Payment", "Engineering")
        server.duty("PABC123", "Ada", NOW - timedelta(hours=1), NOW + timedelta(hours=1))
        for number in range(120):
            server.change(NOW, f"n{number}", "PPAY", custom_details={"version": "1"})
        async with pagerduty(server.url, _token(tmp_path), teams=["T1"]) as system:
            assert len((await system.changes(SINCE, NOW, Circumstances())).changes) == 120
            assert (await system.on_call(Circumstances())).duties
            assert all(check.ok for check in await system.check())
            server.forbidden.add("/oncalls")
            with pytest.raises(SystemError):
                await system.on_call(Circumstances())
        kept.hold(specification("pagerduty-rest"))


class _Sample:
    """A wire that answers with the vendor's own examples."""

    async def call(self, peer: str, method: str, path: str, params: Any = (), **_: Any) -> Reply:
        name = f"get_{path.strip('/')}_200_response.json"
        return Reply(200, (SAMPLES / "pagerduty-examples" / name).read_bytes(), {"content-type": "application/json"})

    async def close(self) -> None: ...


@needs_contracts
async def test_its_own_examples_are_read() -> None:
    """The vendor's examples of change events, services and on-call entries are read whole."""
    known = replace(MAP, teams={"eng": Team("eng", pagerduty="PT20YPA")})
    at = datetime(2015, 3, 7, tzinfo=UTC)
    system = System(SystemSpec("pagerduty", "pagerduty"), Surroundings(_Sample(), known, ""), FixedClock(at))
    around = Circumstances()
    seen = await system.changes(datetime(2020, 7, 17, tzinfo=UTC), datetime(2020, 7, 18, tzinfo=UTC), around)
    assert [(one.version, one.progress) for one in seen.changes] == [("2", Progress.DONE), ("1", Progress.DONE)]
    assert around.partial is None
    (duty,) = (await system.on_call(around)).duties
    assert (duty.person, duty.level, duty.policy_name) == ("Tim Wright", 2, "Engineering Escalation Policy")
    assert duty.until == datetime(2015, 3, 7, 20, 28, 51, tzinfo=UTC)
