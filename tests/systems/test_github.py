"""GitHub over real sockets: deployments, statuses, releases, owners, comparisons, limits."""

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
from cockpit.model.topology import NO_MAP
from cockpit.systems.base import Circumstances, Surroundings, SystemError
from cockpit.systems.github import URL, System
from cockpit.systems.github_answers import (
    course_of,
    next_page,
    read_deployment,
    read_owner,
    read_release,
    read_status,
    version_of,
)
from cockpit.systems.http import HttpWire
from tests.fakes.github import TOKEN, FakeGitHub
from tests.systems.contracts import SAMPLES, Kept, needs_contracts, specification

NOW = datetime(2026, 11, 20, 14, 12, tzinfo=UTC)
SINCE = NOW - timedelta(hours=4)
REPO = "acme/payment"


def ago(minutes: float) -> datetime:
    """Return a moment so many minutes before now."""
    return NOW - timedelta(minutes=minutes)


def secret(folder: Path, text: str = TOKEN) -> Secret:
    """Return a token in a file."""
    path = folder / "token"
    path.write_text(text)
    path.chmod(0o600)
    return Secret(file=str(path))


def spec_of(
    url: str, token: Secret | None, repositories: list[dict[str, Any]] | None = None, **extra: Any
) -> SystemSpec:
    """Return the settings of a system."""
    wanted = [{"repo": REPO, "service": "payment"}] if repositories is None else repositories
    place = "config.toml: contexts.prod.systems.github"
    return SystemSpec("github", "github", place, urls=(url,), token=token, extra={"repositories": wanted, **extra})


@asynccontextmanager
async def github(spec: SystemSpec, clock: FixedClock | None = None) -> AsyncIterator[System]:
    """Open a system."""
    clock = clock or FixedClock(NOW)
    system = System(spec, Surroundings(HttpWire(spec, clock, manners=System.MANNERS), NO_MAP, ""), clock)
    try:
        yield system
    finally:
        await system.close()


async def read(system: System, clock: FixedClock | None = None) -> tuple[ChangesSeen, Circumstances]:
    """Ask for the changes of four hours."""
    now = NOW if clock is None else clock.now()
    around = Circumstances()
    return await system.changes(now - timedelta(hours=4), now, around), around


async def test_a_deployment_is_what_its_statuses_say(tmp_path: Path) -> None:
    """Begun with its first moving status, ended with the one that says so; rolling, failed and superseded are told."""
    async with FakeGitHub(lambda: NOW) as server:
        done = server.deploy(REPO, ago(60), "aaaaaaa1", "v2.3.0", description="Deploy \x1b]0;x\x07it")
        for minutes, state in ((60, "queued"), (58, "in_progress"), (51, "success"), (30, "inactive")):
            server.status(done, ago(minutes), state, log_url="https://ci.example/run/1")
        failed = server.deploy(REPO, ago(40), "bbbbbbb1")
        server.status(failed, ago(40), "in_progress")
        server.status(failed, ago(38), "failure")
        rolling = server.deploy(REPO, ago(30), "ccccccc1", "refs/tags/payment-2024")
        server.status(rolling, ago(29), "in_progress")
        waiting = server.deploy(REPO, ago(5), "ddddddd1")
        server.status(waiting, ago(5), "waiting")
        server.deploy(REPO, ago(3), "eeeeeee1", payload='{"version": "v9", "service": "x"}')
        server.deploy(REPO, ago(2), "fffffff1", environment="pr-12", transient_environment=True)
        async with github(spec_of(server.url, secret(tmp_path))) as system:
            seen, around = await read(system)
    silent, rolls, fails, first = seen.changes
    assert (first.version, first.began, first.ended, first.progress) == ("v2.3.0", ago(58), ago(51), Progress.DONE)
    assert (first.author, first.url, first.commit[:8]) == ("ada", "https://ci.example/run/1", "aaaaaaa1")
    assert "\x1b" not in first.summary
    assert (fails.version, fails.progress, fails.ended, fails.previous) == (
        "bbbbbbb10000",
        Progress.FAILED,
        ago(38),
        "v2.3.0",
    )
    assert (rolls.version, rolls.progress, rolls.ended, rolls.previous) == (
        "payment-2024",
        Progress.ROLLING,
        None,
        "v2.3.0",
    )
    assert (silent.version, silent.progress, silent.name) == ("v9", Progress.UNKNOWN, "payment")
    assert silent.url == f"{server.url}/{REPO}/commit/{silent.commit}"
    assert (seen.covers, around.partial, around.complete_to) == (("payment",), None, NOW)


async def test_going_back_is_a_rollback(tmp_path: Path) -> None:
    """A commit that ran before the one that it replaces; the same one again is none."""
    async with FakeGitHub(lambda: NOW) as server:
        for minutes, sha in ((300, "aaaaaaa1"), (200, "bbbbbbb1"), (100, "bbbbbbb1"), (50, "aaaaaaa1")):
            server.status(server.deploy(REPO, ago(minutes), sha), ago(minutes - 1), "success")
        async with github(spec_of(server.url, secret(tmp_path))) as system:
            seen, _ = await read(system)
    assert [(one.commit[0], one.rollback, one.previous[:1]) for one in seen.changes] == [
        ("a", True, "b"), ("b", False, "a"), ("b", False, "a")
    ]  # fmt: skip


async def test_what_is_over_is_not_asked_again(tmp_path: Path) -> None:
    """Statuses of a finished deployment are asked no more once they are settled, and an unchanged answer costs nothing."""
    clock = FixedClock(NOW)
    async with FakeGitHub(clock.now) as server:
        old = server.deploy(REPO, ago(60), "aaaaaaa1")
        server.status(old, ago(50), "success")
        young = server.deploy(REPO, ago(10), "bbbbbbb1")
        server.status(young, ago(9), "in_progress")
        async with github(spec_of(server.url, secret(tmp_path), compare=False), clock) as system:
            await read(system, clock)
            first = len(server.asked)
            assert sum("/statuses" in path for path in server.paths()) == 2
            again, _ = await read(system, clock)
            assert [path.rpartition("/")[2] for path in server.paths()[first:]] == [
                "deployments",
                "statuses",
                "releases",
            ]
            assert server.unchanged == 3
            assert len(again.changes) == 2
            server.status(young, clock.now(), "success")
            finished, _ = await read(system, clock)
    assert finished.changes[0].progress is Progress.DONE


async def test_requests_for_details_are_bounded(tmp_path: Path) -> None:
    """A busy repository is read over several refreshes, the newest first; nothing of it is missing meanwhile."""
    async with FakeGitHub(lambda: NOW) as server:
        for number in range(130):
            made = server.deploy(REPO, ago(130 - number), f"{number:08x}")
            server.status(made, ago(100), "success")
        async with github(spec_of(server.url, secret(tmp_path), compare=False)) as system:
            first, _ = await read(system)
            assert sum("/statuses" in path for path in server.paths()) == 40
            assert server.paths().count("/repos/acme/payment/deployments") == 2
            for _ in range(3):
                last, _ = await read(system)
    assert len(first.changes) == len(last.changes) == 130
    assert [one.progress for one in first.changes].count(Progress.DONE) == 40
    assert {one.progress for one in last.changes} == {Progress.DONE}


async def test_releases_are_changes_of_their_own_kind(tmp_path: Path) -> None:
    """Published ones of the window, merged unless configured otherwise; drafts are nobody's business."""
    wanted: list[dict[str, Any]] = [{"repo": REPO, "deployments": False, "releases": "deploy"}, {"repo": "acme/ui"}]
    async with FakeGitHub(lambda: NOW) as server:
        server.release(REPO, ago(20), "v2.4.0")
        server.release(REPO, None, "v2.5.0")
        server.release(REPO, ago(600), "v2.2.0")
        server.release("acme/ui", ago(10), "v1", prerelease=True)
        async with github(spec_of(server.url, secret(tmp_path), wanted)) as system:
            seen, _ = await read(system)
    ui, payment = seen.changes
    assert (ui.name, ui.version, ui.kind, ui.summary) == ("ui", "v1", ChangeKind.MERGED, "Release v1 (pre-release)")
    assert (payment.name, payment.kind, payment.author) == ("payment", ChangeKind.DEPLOY, "bo")
    assert payment.url == "https://github.example/acme/payment/releases/v2.4.0"


async def test_owner_commits_and_files(tmp_path: Path) -> None:
    """The team of everything in CODEOWNERS, asked once an hour, and what came since the version before, asked once."""
    clock = FixedClock(NOW)
    async with FakeGitHub(clock.now) as server:
        server.files[REPO, "CODEOWNERS"] = "# owners\n*  @ada @acme/team-payments # all\n/docs @acme/docs\n"
        for minutes, sha in ((60, "aaaaaaa1"), (10, "bbbbbbb1")):
            server.status(server.deploy(REPO, ago(minutes), sha), ago(minutes - 1), "success")
        server.compared("aaaaaaa1", "bbbbbbb1", "Old", "New \x1b[2J", files=("a.py", "b.py"), total=5)
        async with github(spec_of(server.url, secret(tmp_path)), clock) as system:
            seen, _ = await read(system, clock)
            again, _ = await read(system, clock)
            assert sum("CODEOWNERS" in path for path in server.paths()) == 2
            assert sum("/compare/" in path for path in server.paths()) == 1
            clock.advance(3600)
            await read(system, clock)
            assert sum("CODEOWNERS" in path for path in server.paths()) == 4
    newest = seen.changes[0]
    assert (newest.owner, newest.owner_by) == ("team-payments", "CODEOWNERS")
    assert newest.commits == ("3 more commits", "0000002 New ␛[2J", "0000001 Old")
    assert newest.files == ("a.py", "b.py")
    assert again.changes == seen.changes


async def test_one_repository_that_fails_hides_nothing(tmp_path: Path) -> None:
    """What it told last stays, the gap says since when it does not answer, and the answer is complete only up to then."""
    clock = FixedClock(NOW)
    wanted = [{"repo": REPO}, {"repo": "acme/ui"}, {"repo": "acme/gone"}]
    async with FakeGitHub(clock.now) as server:
        server.deploy(REPO, ago(10), "aaaaaaa1")
        server.deploy("acme/ui", ago(5), "bbbbbbb1")
        async with github(spec_of(server.url, secret(tmp_path), wanted), clock) as system:
            await read(system, clock)
            server.broken.add(REPO)
            clock.advance(60)
            seen, around = await read(system, clock)
            assert {one.name for one in seen.changes} == {"payment", "ui"}
            assert around.complete_to == NOW
            assert seen.gaps[0].startswith("acme/payment: not answering since 14:12: 500")
            assert "there is no acme/gone, or this token may not read it" in seen.gaps[1]
            server.broken |= {"acme/ui"}
            checks = await system.check()
    assert [check.ok for check in checks] == [False, False, False, True]
    assert "Deployments: read" in checks[2].remedy


@pytest.mark.parametrize(
    ("headers", "rest"),
    [
        ({"retry-after": "42", "x-ratelimit-remaining": "3000"}, 42),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 90)}, 90),
        ({"x-ratelimit-remaining": "10"}, 60),
    ],
)
async def test_limits_stop_it_for_just_as_long(tmp_path: Path, headers: dict[str, str], rest: int) -> None:
    """A spent quota until its reset, a secondary limit as long as it says, a minute where it says nothing."""
    async with FakeGitHub(lambda: NOW) as server, github(spec_of(server.url, secret(tmp_path))) as system:
        server.repository(REPO)
        server.limited = headers
        with pytest.raises(SystemError) as caught:
            await read(system)
    assert caught.value.retry_after_s == rest


async def test_a_wrong_token_names_its_setting(tmp_path: Path) -> None:
    """It says which setting holds it, and never the token."""
    async with FakeGitHub(lambda: NOW) as server, github(spec_of(server.url, secret(tmp_path, "ghp_wrong"))) as system:
        with pytest.raises(SystemError, match=r"setting token in .*systems\.github") as caught:
            await read(system)
        (check,) = await system.check()
    assert "ghp_wrong" not in str(caught.value)
    assert (check.ok, "token setting" in check.remedy) == (False, True)


async def test_a_server_of_ones_own(tmp_path: Path) -> None:
    """Its API lies below a path, and people look at it elsewhere; doctor says how many requests are left."""
    async with FakeGitHub(lambda: NOW, base="/api/v3") as server:
        server.deploy(REPO, ago(5), "aaaaaaa1")
        async with github(spec_of(f"{server.url}/api/v3", secret(tmp_path))) as system:
            seen, _ = await read(system)
            checks = await system.check()
    assert seen.changes[0].url == f"{server.url}/{REPO}/commit/{'aaaaaaa1'.ljust(40, '0')}"
    assert checks[0].ok


async def test_doctor_says_where_nothing_is_deployed(tmp_path: Path) -> None:
    """A misspelt environment looks like nothing at all: it is a warning."""
    wanted = [{"repo": REPO, "environment": "prod"}]
    async with FakeGitHub(lambda: NOW) as server:
        server.deploy(REPO, ago(5), "aaaaaaa1")
        async with github(spec_of(server.url, secret(tmp_path), wanted)) as system:
            one, left = await system.check()
            assert not (await read(system))[0].changes
    assert (one.ok, one.warning, one.message) == (True, True, "no deployment to prod")
    assert left.message.endswith("of 5,000 requests left this hour")


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({"repositories": []}, "names no repository"),
        ({"repositories": [{"repo": "payment"}]}, "'payment' is no repository"),
        ({"repositories": [{"repo": REPO, "releases": "deploi"}]}, "deploi"),
        ({"repositories": [{"repo": REPO, "servce": "x"}]}, "did you mean service"),
    ],
)
def test_wrong_settings_are_told(extra: dict[str, Any], words: str) -> None:
    """Each with its place."""
    spec = SystemSpec("github", "github", "c.toml: contexts.x.systems.github", extra=extra)
    with pytest.raises(ConfigError, match=words):
        System(spec, Surroundings(HttpWire(spec, FixedClock(NOW)), NO_MAP, ""), FixedClock(NOW))


def test_it_is_a_kind() -> None:
    """Its address is known without a setting."""
    spec = SystemSpec("github", "github")
    assert find_kind(spec).TOPICS == (Topic.CHANGES,)
    assert System.addresses(spec, NO_MAP) == (URL,)


def test_versions_are_told_from_branches() -> None:
    """A tag or what looks like a version is one; a branch stands for its commit."""
    told = [
        version_of(ref, "3FA9C1B" + "0" * 33)
        for ref in ("v2.4.0", "refs/tags/x", "main", "release-2.4", "payment@1.2.3", "")
    ]
    assert told == ["v2.4.0", "x", "3fa9c1b00000", "release-2.4", "payment@1.2.3", "3fa9c1b00000"]


def test_links_and_owners() -> None:
    """The next page's parameters come out of the Link header, in any order; owners out of odd files, or nobody."""
    link = '<https://x/y?page=1>; rel="prev", <https://x/y?per_page=100&page=3>; rel="next"'
    assert next_page(link) == [("per_page", "100"), ("page", "3")]
    assert next_page('<https://x?page=9>; rel="last"') is None

    def owner(text: str, encoding: str = "base64") -> str:
        import base64

        return read_owner(
            json.dumps({"encoding": encoding, "content": base64.b64encode(text.encode()).decode()}).encode()
        )

    assert owner("* @a/old\n* @a/new @b") == "new"
    assert owner("* @ada") == "ada"
    assert owner("/src @a/b\n*.js @c/d\n\n#* @x/y") == ""
    assert owner("* a@example.com") == ""
    assert owner("* @a/b", "none") == ""
    assert read_owner(b'{"encoding": "base64", "content": "%%%"}') == ""


_states = st.sampled_from(
    ["queued", "waiting", "pending", "in_progress", "success", "failure", "error", "inactive", "odd"]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(_states, st.integers(0, 50)), max_size=6, unique_by=lambda one: one[1]), st.randoms())
def test_the_order_of_statuses_does_not_matter(told: list[tuple[str, int]], chance: Any) -> None:
    """Statuses in any order, twice or once, tell the same course; what ended began before, and what fails is not done."""
    statuses = [(state, ago(60) + timedelta(minutes=minute), None) for state, minute in told]
    course = course_of(statuses)
    shuffled = [*statuses, *statuses]
    chance.shuffle(shuffled)
    assert course_of(shuffled) == course
    assert (course.ended is not None) == (course.progress in {Progress.DONE, Progress.FAILED})
    if told and all(state in {"queued", "waiting"} for state, _ in told):
        assert not course.begun


async def test_pages_overlap_while_they_are_read(tmp_path: Path) -> None:
    """A deployment that arrives between two pages moves another onto the next: it comes once all the same."""
    async with FakeGitHub(lambda: NOW) as server:
        for number in range(150):
            server.deploy(REPO, ago(200 - number), f"{number:08x}")
        route = server.default
        assert route is not None

        def busy(asked: Any) -> Any:
            answer = route(asked)
            if asked.path.endswith("/deployments"):
                server.deploy(REPO, ago(1), "fffffff1")
            return answer

        server.default = busy
        async with github(spec_of(server.url, secret(tmp_path), compare=False)) as system:
            seen, _ = await read(system)
            later, _ = await read(system)
    ids = [one.id for one in seen.changes]
    assert len(ids) == len(set(ids)) == 150
    assert set(ids) < {one.id for one in later.changes}


@needs_contracts
async def test_it_keeps_to_its_specification(tmp_path: Path) -> None:
    """Every request that is sent, and every answer of the fake, is as GitHub specifies (contents stand in no kept one)."""
    async with FakeGitHub(lambda: NOW) as server:
        kept = Kept(server)
        server.files[REPO, ".github/CODEOWNERS"] = "* @acme/team-payments"
        for number in range(120):
            server.status(server.deploy(REPO, ago(130 - number), f"{number:08x}"), ago(5), "success")
        server.release(REPO, ago(20), "v2.4.0")
        server.compared(f"{118:08x}", f"{119:08x}", "One", files=("a",))
        wanted = [{"repo": REPO, "environment": "production"}, {"repo": "acme/ui"}]
        server.repository("acme/ui")
        async with github(spec_of(server.url, secret(tmp_path), wanted)) as system:
            assert len((await read(system))[0].changes) == 121
            assert all(check.ok for check in await system.check())
        kept.hold(specification("github"), unknown=("/contents/",))


@needs_contracts
def test_its_own_examples_are_read() -> None:
    """The vendor's examples of a deployment, its status and releases are read whole."""
    folder = SAMPLES / "github-webhook-examples"

    def sample(name: str) -> Any:
        return json.loads((folder / name).read_text())

    deployment = read_deployment(json.dumps(sample("deployment-payload.json")["deployment"]).encode(), False)
    assert (deployment.version, deployment.environment, deployment.author) == (
        "f95f852bd8fc",
        "production",
        "Codertocat",
    )
    state, at, _ = read_status(
        json.dumps(sample("deployment_status-payload.json")["deployment_status"]).encode(), False
    )
    assert (state, at) == ("success", datetime(2019, 5, 15, 15, 20, 55, tzinfo=UTC))
    for name in ("release-published.payload.json", "release-released.json"):
        release = read_release(json.dumps(sample(name)["release"]).encode(), False)
        assert not isinstance(release, bool)
        assert release.tag
