"""Argo CD over real sockets: histories, syncs under way, images, and asking for no more than happened."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.clock import FixedClock
from cockpit.config import ConfigError, Secret, SystemSpec
from cockpit.kinds import find_kind
from cockpit.model.change import ChangeKind, Progress
from cockpit.model.reading import ChangesSeen, Topic
from cockpit.model.topology import NO_MAP, IntegrationMap, Service
from cockpit.systems.argocd import System
from cockpit.systems.argocd_answers import image_version, read_application
from cockpit.systems.argocd_changes import Teller, Version, blind_of
from cockpit.systems.base import Circumstances, Surroundings, SystemError
from cockpit.systems.http import HttpWire
from tests.fakes.argocd import SELECTABLE, TOKEN, FakeArgoCD
from tests.fakes.http_server import Answer
from tests.systems.contracts import SAMPLES, Kept, needs_contracts, specification

NOW = datetime(2026, 11, 20, 14, 12, tzinfo=UTC)
SINCE = NOW - timedelta(hours=4)
OLD, MID, NEW = ("a" * 40, "b" * 40, "c" * 40)


def ago(minutes: float) -> datetime:
    """Return a moment so many minutes before now."""
    return NOW - timedelta(minutes=minutes)


def secret(folder: Path, text: str = TOKEN) -> Secret:
    """Return a token in a file."""
    path = folder / "token"
    path.write_text(text)
    path.chmod(0o600)
    return Secret(file=str(path))


@asynccontextmanager
async def argocd(
    url: str, token: Secret | None, clock: FixedClock | None = None, known: IntegrationMap = NO_MAP, **extra: Any
) -> AsyncIterator[System]:
    """Open a system."""
    clock = clock or FixedClock(NOW)
    spec = SystemSpec(
        "argocd", "argocd", "config.toml: contexts.prod.systems.argocd", urls=(url,), token=token, extra=extra
    )
    system = System(spec, Surroundings(HttpWire(spec, clock), known, ""), clock)
    try:
        yield system
    finally:
        await system.close()


async def read(system: System, clock: FixedClock | None = None) -> tuple[ChangesSeen, Circumstances]:
    """Ask for the changes of four hours."""
    now = NOW if clock is None else clock.now()
    around = Circumstances()
    return await system.changes(now - timedelta(hours=4), now, around), around


async def test_the_history_is_the_deploy_log(tmp_path: Path) -> None:
    """Each deploy of the window with begin, end, who began it and what it replaced; going back is a rollback."""
    async with FakeArgoCD(lambda: NOW) as server:
        server.app("payment")
        server.deploy("payment", ago(600), OLD)
        server.sync("payment", ago(60), MID, by="ada\x1b[2J")
        server.finish("payment", ago(55))
        server.deploy("payment", ago(10), OLD, by="")
        async with argocd(server.url, secret(tmp_path), version="revision") as system:
            seen, around = await read(system)
    back, forth = seen.changes
    assert (forth.name, forth.version, forth.commit) == ("payment", "b" * 12, MID)
    assert (forth.began, forth.ended, forth.progress) == (ago(60), ago(55), Progress.DONE)
    assert (forth.author, forth.previous, forth.rollback) == ("ada␛[2J", "a" * 12, False)
    assert (back.rollback, back.author, back.previous) == (True, "automated sync", "b" * 12)
    assert back.url == f"{server.url}/applications/argocd/payment"
    assert (seen.covers, seen.blind, around.partial, around.complete_to) == (("payment",), (), None, NOW)


async def test_a_sync_is_told_while_it_runs_and_when_it_fails(tmp_path: Path) -> None:
    """Rolling from its start, failed with the reason, and done as the same change."""
    clock = FixedClock(NOW)
    async with FakeArgoCD(clock.now) as server:
        server.app("payment")
        server.app("ui")
        async with argocd(server.url, secret(tmp_path), clock, version="revision") as system:
            assert (await read(system, clock))[0].changes == ()
            server.sync("payment", ago(1), NEW)
            server.sync("ui", ago(2), MID, "Failed")
            rolling, failed = (await read(system, clock))[0].changes
            server.finish("payment", clock.now())
            done, _ = (await read(system, clock))[0].changes
    assert (rolling.progress, rolling.ended, rolling.version, rolling.author) == (
        Progress.ROLLING,
        None,
        "c" * 12,
        "ada",
    )
    assert (failed.progress, failed.ended, failed.summary) == (Progress.FAILED, ago(2), "failed it")
    assert (done.id, done.began, done.progress, done.ended) == (rolling.id, rolling.began, Progress.DONE, NOW)


async def test_little_is_asked_where_little_happened(tmp_path: Path) -> None:
    """Everything once, then a short list, and by itself only an application to which something happened."""
    clock = FixedClock(NOW)
    async with FakeArgoCD(clock.now) as server:
        for name in ("payment", "ui", "order"):
            server.app(name)
            server.deploy(name, ago(30), OLD)
        async with argocd(server.url, secret(tmp_path), clock) as system:
            await read(system, clock)
            await read(system, clock)
            assert ["fields" in asked.params for asked in server.asked] == [False, True]
            server.deploy("ui", ago(1), NEW)
            del server.apps["argocd", "order"]
            seen, _ = await read(system, clock)
            assert server.paths()[2:] == ["/api/v1/applications", "/api/v1/applications/ui"]
            assert sorted(seen.covers) == ["payment", "ui"]
            assert [one.name for one in seen.changes] == ["ui", "ui", "payment"]
            server.deploy("payment", ago(0.5), NEW)
            server.hidden.add("payment")
            assert (await read(system, clock))[0].covers == ("ui",)
            server.hidden.clear()
            clock.advance(600)
            assert sorted((await read(system, clock))[0].covers) == ["payment", "ui"]
            assert "fields" not in server.asked[-1].params


@pytest.mark.parametrize("selectable", [None, tuple(name for name in SELECTABLE if "operationState" not in name)])
async def test_servers_that_give_no_short_list(tmp_path: Path, selectable: tuple[str, ...] | None) -> None:
    """One that does not know of fields, or not of these, is asked for everything, and nothing is missed."""
    clock = FixedClock(NOW)
    async with FakeArgoCD(clock.now) as server:
        server.selectable = selectable
        server.app("payment")
        server.deploy("payment", ago(30), OLD)
        async with argocd(server.url, secret(tmp_path), clock) as system:
            await read(system, clock)
            server.deploy("payment", ago(1), NEW)
            assert len((await read(system, clock))[0].changes) == 2
            server.deploy("payment", ago(0.5), MID)
            assert len((await read(system, clock))[0].changes) == 3


async def test_the_image_that_runs_is_the_version(tmp_path: Path) -> None:
    """Its tag stands for the deploy that brought it, also after the next one; images that lag behind are not taken."""
    clock = FixedClock(NOW)
    async with FakeArgoCD(clock.now) as server:
        server.app("payment")
        server.deploy("payment", ago(60), OLD)
        server.images("payment", "registry:5000/acme/payment:v2.3.0", "envoy:1.30")
        async with argocd(server.url, secret(tmp_path), clock) as system:
            assert [one.version for one in (await read(system, clock))[0].changes] == ["v2.3.0"]
            clock.advance(60)
            server.deploy("payment", clock.now(), NEW)
            assert [one.version for one in (await read(system, clock))[0].changes] == ["c" * 12, "v2.3.0"]
            server.images("payment", "registry:5000/acme/payment:v2.4.0", "envoy:1.30")
            first, second = (await read(system, clock))[0].changes
            assert (first.version, first.previous, second.version) == ("v2.4.0", "v2.3.0", "v2.3.0")
            clock.advance(60)
            server.deploy("payment", clock.now(), "d" * 40)
            clock.advance(130)
            assert [one.version for one in (await read(system, clock))[0].changes] == ["v2.4.0", "v2.4.0", "v2.3.0"]


def test_which_image_it_is() -> None:
    """The one that is called like the service, else what all have in common; a digest by its begin, a port is no tag."""
    images = ("acme/payment-service:v2", "busybox:1")
    assert image_version(images, ("payment", "payment_service")) == "v2"
    assert image_version(images, ("ui",)) == ""
    assert image_version(("reg:5000/ui:7", "reg:5000/worker:7"), ("x",)) == "7"
    assert image_version(("reg:5000/ui",), ("ui",)) == ""
    assert image_version((f"ui@sha256:{'ab' * 32}",), ("ui",)) == "abababababab"
    assert image_version((), ("ui",)) == ""


async def test_whose_changes_they_are(tmp_path: Path) -> None:
    """By the settings, with the namespace where names repeat; else the application's name, with where it goes to."""
    async with FakeArgoCD(lambda: NOW) as server:
        server.app("payment-prod", goes="pay")
        server.app("api", namespace="team-a")
        server.app("api", namespace="team-b", project="other")
        for name, namespace in (("payment-prod", "argocd"), ("api", "team-a"), ("api", "team-b")):
            server.deploy(name, ago(5), OLD, namespace=namespace)
        services = {"payment-prod": "payment", "team-a/api": "catalog"}
        async with argocd(server.url, secret(tmp_path), services=services, kind="config") as system:
            seen, _ = await read(system)
        async with argocd(server.url, secret(tmp_path), projects=["other"], selector="tier=web") as system:
            few, _ = await read(system)
            assert dict(server.asked[-1].query)["selector"] == "tier=web"
    assert {one.id.partition("@")[0]: (one.name, one.labels.get("namespace", "")) for one in seen.changes} == {
        "argocd/payment-prod": ("payment", ""), "team-a/api": ("catalog", ""), "team-b/api": ("api", "pay")
    }  # fmt: skip
    assert {one.kind for one in seen.changes} == {ChangeKind.CONFIG}
    assert len({one.id for one in seen.changes}) == 3
    assert few.covers == ("api",)


async def test_a_short_history_says_what_it_forgot(tmp_path: Path) -> None:
    """Where all that is kept lies in the window, what was before is not known, and nothing keeps nothing."""
    async with FakeArgoCD(lambda: NOW) as server:
        for name, limit in (("payment", 3), ("ui", 0)):
            server.app(name)
            server.apps["argocd", name]["spec"]["revisionHistoryLimit"] = limit
        for number in range(5):
            server.deploy("payment", ago(50 - number * 10), f"{number}" * 40)
        async with argocd(server.url, secret(tmp_path)) as system:
            seen, _ = await read(system)
    (blind,) = seen.blind
    assert (blind.begin, blind.end) == (SINCE, ago(30))
    assert blind.says == "argocd/payment keeps its last 3 deploys: what was before 13:42 UTC is not known"
    assert seen.covers == ("payment",)


async def test_broken_parts_hide_no_others(tmp_path: Path) -> None:
    """An application, or a deploy without a time, that cannot be read is told as a gap."""
    async with FakeArgoCD(lambda: NOW) as server:
        server.app("payment")
        server.deploy("payment", ago(5), OLD)
        server.deploy("payment", ago(4), NEW)
        app = server.apps["argocd", "payment"]
        app["status"]["history"][0]["deployedAt"] = "yesterday"
        server.routes["/api/v1/applications"] = Answer(body=json.dumps({"items": [{"metadata": 7}, app]}).encode())
        async with argocd(server.url, secret(tmp_path)) as system:
            seen, around = await read(system)
            server.routes["/api/v1/applications"] = Answer(body=b'{"items": [7]}')
            async with argocd(server.url, secret(tmp_path)) as other:
                with pytest.raises(SystemError, match="1 of 1 applications could not be read"):
                    await read(other)
    assert len(seen.changes) == 1
    assert seen.gaps[0].startswith("1 of 2 applications could not be read: $.items[0].metadata")
    assert seen.gaps[1] == "1 deploys have no time that can be read"
    assert around.partial == "; ".join(seen.gaps)


async def test_a_wrong_token_names_its_setting(tmp_path: Path) -> None:
    """It says which setting holds it, and never the token; doctor knows it too, though the server answers it."""
    async with FakeArgoCD(lambda: NOW) as server, argocd(server.url, secret(tmp_path, "wrong-one")) as system:
        with pytest.raises(SystemError, match=r"setting token in .*systems\.argocd") as caught:
            await read(system)
        (check,) = await system.check()
    assert "wrong-one" not in str(caught.value)
    assert (check.ok, "setting token" in check.message) == (False, True)


async def test_doctor_says_what_is_missing(tmp_path: Path) -> None:
    """No application is a missing permission; names that the map does not have are told with what to write."""
    known = IntegrationMap("m", services={"payment": Service("payment", aliases=("pay",))})
    async with FakeArgoCD(lambda: NOW) as server, argocd(server.url, secret(tmp_path), known=known) as system:
        who, few = await system.check()
        assert (who.message, few.message, few.warning) == ("answers cockpit", "sees no application", True)
        assert "applications, get" in few.remedy
        server.app("PAY")
        server.app("shop-ui")
        _, names = await system.check()
        assert names.message == "2 applications; not in the map: shop-ui"
        del server.apps["argocd", "shop-ui"]
        _, fine = await system.check()
        assert (fine.message, fine.warning) == ("1 application", False)
        server.routes["/api/v1/applications"] = Answer(
            403, b'{"error": "permission denied", "code": 7, "message": "x"}'
        )
        _, refused = await system.check()
    assert (refused.ok, "permission denied" in refused.message) == (False, True)


def test_it_is_a_kind_with_settings() -> None:
    """It reports changes; a wrong word for a version is told."""
    spec = SystemSpec(
        "argocd", "argocd", "c.toml: contexts.x.systems.argocd", urls=("https://argo",), extra={"version": "tag"}
    )
    assert find_kind(spec).TOPICS == (Topic.CHANGES,)
    with pytest.raises(ConfigError, match="version"):
        System(spec, Surroundings(HttpWire(spec, FixedClock(NOW)), NO_MAP, ""), FixedClock(NOW))


_steps = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["ok", "fail", "wait"]), st.booleans()), max_size=8)


@settings(max_examples=60, deadline=None)
@given(_steps)
async def test_in_little_steps_as_all_at_once(steps: list[tuple[str, str, bool]]) -> None:
    """Whatever happens between two askings, what was followed step by step is what one asking tells, each change once."""
    clock = FixedClock(NOW)
    server = FakeArgoCD(clock.now)
    server.app("payment")

    class Direct:
        async def call(self, peer: str, method: str, path: str, params: Any = (), **_: Any) -> Any:
            from cockpit.systems.base import Reply
            from tests.fakes.http_server import Asked

            answer = server._answer_path(Asked(method, path, tuple(params), {"authorization": f"Bearer {TOKEN}"}, b""))
            return Reply(answer.status, answer.body)

        async def close(self) -> None: ...

    spec = SystemSpec("argocd", "argocd", urls=("http://argo",), extra={"version": "revision"})
    follower = System(spec, Surroundings(Direct(), NO_MAP, ""), clock)
    for revision, end, looks in steps:
        clock.advance(7)
        server.sync("payment", clock.now(), revision * 40)
        if looks:
            await read(follower, clock)
        clock.advance(3)
        if end != "wait":
            server.finish("payment", clock.now(), "Succeeded" if end == "ok" else "Failed")
    followed, _ = await read(follower, clock)
    at_once, _ = await read(System(spec, Surroundings(Direct(), NO_MAP, ""), clock), clock)
    assert followed.changes == at_once.changes
    assert len({one.id for one in followed.changes}) == len(followed.changes)


@needs_contracts
async def test_it_keeps_to_its_specification(tmp_path: Path) -> None:
    """Every request that is sent, and every answer of the fake, is as Argo CD specifies."""
    clock = FixedClock(NOW)
    async with FakeArgoCD(clock.now) as server:
        kept = Kept(server)
        server.app("payment")
        server.deploy("payment", ago(60), OLD)
        server.images("payment", "acme/payment:v1")
        async with argocd(server.url, secret(tmp_path), clock, projects=["default"]) as system:
            await read(system, clock)
            server.sync("payment", ago(1), NEW)
            assert len((await read(system, clock))[0].changes) == 2
            server.sync("payment", ago(0), NEW)
            server.hidden.add("payment")
            await read(system, clock)
            assert all(check.ok for check in await system.check())
        kept.hold(specification("argocd"))


@needs_contracts
@pytest.mark.parametrize("name", ["controller-testdata-live-child-application", "docs-operator-manual-application"])
def test_its_own_examples_are_read(name: str) -> None:
    """The project's applications, declared and never synced, are read, and tell no change."""
    import yaml

    raw = yaml.safe_load((SAMPLES / "argocd-application" / f"{name}.yaml").read_text())
    one = read_application(json.dumps(raw, default=str).encode(), False)
    assert one.name == raw["metadata"]["name"]
    assert one.kept == raw["spec"].get("revisionHistoryLimit", 10)
    teller = Teller({}, Version.IMAGE, ChangeKind.DEPLOY, {}, "https://argo")
    assert teller.changes(one, SINCE, NOW) == []
    assert blind_of(one, SINCE) is None
