"""A repository with a remote is fetched into a mirror of our own."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from cockpit.clock import FixedClock
from cockpit.systems.base import SystemError
from cockpit.systems.process import ProcessWire
from cockpit.systems.recording import Recording, RecordingWire, RecordingWriter
from cockpit.systems.recording.file import Header
from cockpit.systems.recording.wires import PlaybackWire
from tests.systems.gitting import NOON, appeared, changes, commit, git, minutes, repository, running, stamps, system


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at noon."""
    return FixedClock(NOON)


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A repository with one commit."""
    repo = repository(tmp_path / "upstream" / "payment-service")
    commit(repo, "first", NOON - minutes(100))
    return repo


@pytest.fixture
def clone(tmp_path: Path, remote: Path) -> Path:
    """A clone of it."""
    git(tmp_path, "clone", "--quiet", str(remote), "clone")
    return tmp_path / "clone"


async def test_a_clone_is_never_fetched_into_but_its_remote_is_read(
    tmp_path: Path, clock: FixedClock, remote: Path, clone: Path
) -> None:
    """What is at the remote is seen although the user's clone does not have it, and the clone stays as it was."""
    commit(remote, "second", NOON - minutes(3))
    before = stamps(clone)
    asked = system({"path": str(clone), "service": "payment"}, clock=clock, cache=tmp_path / "cache")
    seen, around = await changes(asked, clock)
    assert [change.summary for change in seen.changes] == ["second", "first"]
    assert around.complete_to == NOON
    assert stamps(clone) == before
    assert not (tmp_path / "cache" / "mirrors").stat().st_mode & 0o077


async def test_systems_that_share_a_remote_take_turns(tmp_path: Path, clock: FixedClock, clone: Path) -> None:
    """Several readers of one remote make and fill its one mirror at the same time, and all of them can read it."""
    commit(clone, "second", NOON - minutes(3))
    git(clone, "push", "--quiet", "origin", "HEAD:refs/heads/other", "HEAD:refs/tags/v1.0.0")
    named: list[dict[str, object]] = [
        {"ref": "main"},
        {"tags": "v*"},
        {"ref": "other"},
        {"ref": "main", "kind": "config"},
    ]
    systems = [system({"path": str(clone), **one}, clock=clock, cache=tmp_path / "cache") for one in named * 2]
    for seen, around in await asyncio.gather(*(changes(one, clock) for one in systems)):
        assert seen.gaps == ()
        assert around.partial is None
    assert len(list((tmp_path / "cache" / "mirrors").iterdir())) == 1


async def test_a_remote_is_fetched_at_most_every_so_often(
    tmp_path: Path, clock: FixedClock, remote: Path, clone: Path
) -> None:
    """Between two fetches the mirror answers, complete to the last one."""
    asked = system({"path": str(clone), "fetch": "10m"}, clock=clock, cache=tmp_path / "cache")
    await changes(asked, clock)
    commit(remote, "second", NOON + minutes(1))
    clock.advance(300)
    seen, around = await changes(asked, clock)
    assert len(seen.changes) == 1
    assert around.complete_to == NOON
    clock.advance(301)
    seen, around = await changes(asked, clock)
    assert len(seen.changes) == 2
    assert around.complete_to == NOON + minutes(10) + minutes(1 / 60)


async def test_a_remote_that_is_gone_leaves_the_old_mirror_answering(
    tmp_path: Path, clock: FixedClock, remote: Path, clone: Path
) -> None:
    """The failure is a gap with its age, what was fetched still answers, complete to the last success; also restarted."""
    asked = system({"path": str(clone), "service": "payment"}, clock=clock, cache=tmp_path / "cache")
    await changes(asked, clock)
    shutil.move(remote, tmp_path / "away")
    clock.advance(480)
    await changes(asked, clock)
    clock.advance(60)
    for one in (asked, system({"path": str(clone), "service": "payment"}, clock=clock, cache=tmp_path / "cache")):
        seen, around = await changes(one, clock)
        assert [change.summary for change in seen.changes] == ["first"]
        assert around.complete_to == NOON
        assert around.partial is not None
        assert around.partial.startswith("clone: fetch failed ")
        assert "no git repository at" in around.partial
    shutil.move(tmp_path / "away", remote)
    clock.advance(120)
    seen, around = await changes(asked, clock)
    assert (seen.gaps, around.complete_to) == ((), clock.now())


async def test_a_commit_that_came_late_counts_from_the_fetch_that_saw_it(
    tmp_path: Path, clock: FixedClock, remote: Path, clone: Path
) -> None:
    """A commit dated yesterday and pushed now began now, marked seen, and stays so after a restart; a fresh one keeps its date."""
    cache = tmp_path / "cache"
    asked = system({"path": str(clone), "service": "payment"}, clock=clock, cache=cache)
    first, _ = await changes(asked, clock)
    assert [change.seen for change in first.changes] == [False]
    commit(remote, "long in the drawer", NOON - minutes(60 * 24))
    clock.advance(600)
    seen_at = clock.now()
    await changes(asked, clock)
    commit(remote, "fresh", seen_at + minutes(1))
    clock.advance(600)
    for one in (asked, system({"path": str(clone), "service": "payment"}, clock=clock, cache=cache)):
        seen, _ = await changes(one, clock)
        said = {change.summary: (change.began, change.seen) for change in seen.changes}
        assert said["long in the drawer"] == (seen_at, True)
        assert said["fresh"] == (seen_at + minutes(1), False)


async def test_a_url_is_mirrored_and_its_branches_are_named(tmp_path: Path, clock: FixedClock, remote: Path) -> None:
    """A URL needs no clone; a branch that it does not have is told with those it has."""
    url = f"file://{remote}"
    seen, _ = await changes(system({"path": url, "service": "s"}, clock=clock, cache=tmp_path / "a"), clock)
    assert len(seen.changes) == 1
    with pytest.raises(SystemError, match=r"payment-service: .*has no mian; set `ref` to one of its branches: main"):
        await changes(system({"path": url, "ref": "mian"}, clock=clock, cache=tmp_path / "b"), clock)


async def test_an_empty_remote_has_no_changes(tmp_path: Path, clock: FixedClock) -> None:
    """A remote without a commit answers with nothing, and is complete."""
    empty = repository(tmp_path / "empty.git", bare=True)
    seen, around = await changes(system({"path": f"file://{empty}"}, clock=clock, cache=tmp_path / "c"), clock)
    assert (seen.changes, seen.gaps, seen.covers, around.complete_to) == ((), (), ("empty",), NOON)


async def test_a_rewritten_branch_is_read_as_it_is_now(
    tmp_path: Path, clock: FixedClock, remote: Path, clone: Path
) -> None:
    """After a forced push the old commits are gone and no error remains."""
    asked = system({"path": str(clone)}, clock=clock, cache=tmp_path / "cache")
    await changes(asked, clock)
    git(remote, "commit", "--quiet", "--amend", "-m", "rewritten", at=NOON - minutes(1))
    clock.advance(180)
    seen, around = await changes(asked, clock)
    assert [change.summary for change in seen.changes] == ["rewritten"]
    assert around.partial is None


async def test_tags_of_a_remote_are_fetched(tmp_path: Path, clock: FixedClock, remote: Path, clone: Path) -> None:
    """A new tag at the remote is a deploy, whatever branch it stands on."""
    git(remote, "tag", "-a", "-m", "release", "v1.0", at=NOON - minutes(2))
    asked = system({"path": str(clone), "tags": "v*", "kind": "deploy"}, clock=clock, cache=tmp_path / "cache")
    seen, _ = await changes(asked, clock)
    assert [change.version for change in seen.changes] == ["v1.0"]


async def test_lock_files_of_a_killed_fetch_hold_nothing_up(
    tmp_path: Path, clock: FixedClock, remote: Path, clone: Path
) -> None:
    """A mirror with stale lock files is fetched all the same."""
    asked = system({"path": str(clone)}, clock=clock, cache=tmp_path / "cache")
    await changes(asked, clock)
    (mirror,) = (tmp_path / "cache" / "mirrors").iterdir()
    for name in ("packed-refs.lock", "HEAD.lock", "refs/heads/main.lock"):
        (mirror / name).touch()
    commit(remote, "second", NOON)
    clock.advance(180)
    seen, around = await changes(asked, clock)
    assert around.partial is None
    assert len(seen.changes) == 2


async def test_credentials_of_a_remote_are_told_to_nobody(tmp_path: Path, clock: FixedClock, clone: Path) -> None:
    """A password in a clone's origin is neither in errors, nor in a recording, nor on a command line."""
    git(clone, "remote", "set-url", "origin", "https://bot:hunter22@127.0.0.1:1/x.git")
    target = tmp_path / "r.jsonl"
    with RecordingWriter(target, Header(NOON), clock=clock) as writer:
        wire = RecordingWire(ProcessWire(clock), writer, "git")
        asked = system({"path": str(clone)}, clock=clock, cache=tmp_path / "cache", wire=wire)
        with pytest.raises(SystemError) as failed:
            await changes(asked, clock)
    assert "hunter22" not in str(failed.value)
    assert "127.0.0.1" in str(failed.value) or "refused" in str(failed.value)
    assert "hunter22" not in target.read_text()
    assert "hunter22" not in "".join(map(str, stamps(tmp_path / "cache")))


async def test_a_recorded_reading_is_replayed(tmp_path: Path, clock: FixedClock, remote: Path, clone: Path) -> None:
    """The recording of a session answers as git did, with another cache folder and git gone."""
    commit(remote, "second", NOON - minutes(3))
    target = tmp_path / "r.jsonl.gz"
    setting: dict[str, object] = {"path": str(clone), "service": "payment"}
    with RecordingWriter(target, Header(NOON), clock=clock) as writer:
        wire = RecordingWire(ProcessWire(clock), writer, "git")
        live, _ = await changes(system(setting, clock=clock, cache=tmp_path / "cache", wire=wire), clock)
    shutil.rmtree(clone)
    shutil.rmtree(remote)
    later = FixedClock(NOON + minutes(7))
    playback = PlaybackWire(Recording.load(target), "git", later)
    seen, around = await changes(system(setting, clock=later, cache="", wire=playback), later)
    assert seen.changes == live.changes
    assert around.partial is None


async def test_closing_ends_a_fetch_that_hangs(
    tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fetch that never answers is ended with everything it started when the system is closed."""
    folder = tmp_path / "bin"
    folder.mkdir()
    ssh = folder / "ssh"
    pid = tmp_path / "pid"
    ssh.write_text(f"#!/bin/sh\necho $$ > {pid}.new && mv {pid}.new {pid}\nexec sleep 600\n")
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    asked = system({"path": "ssh://git@example.com/x.git"}, clock=clock, cache=tmp_path / "cache")
    asking = asyncio.create_task(changes(asked, clock))
    there = await asyncio.to_thread(appeared, pid)
    asking.cancel()
    async with asyncio.timeout(2):
        await asked.close()
    assert not running(there)
