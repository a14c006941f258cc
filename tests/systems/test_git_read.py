"""Commits and tags of a repository without a remote are changes."""

import os
import shutil
from pathlib import Path

import pytest

from cockpit.clock import FixedClock
from cockpit.model.change import ChangeKind
from cockpit.systems.base import SystemError
from tests.systems.gitting import NOON, changes, commit, feed, git, minutes, repository, stamps, system


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at noon."""
    return FixedClock(NOON)


async def test_first_parent_commits_of_the_branch_are_merged_changes(tmp_path: Path, clock: FixedClock) -> None:
    """Each first-parent commit within the window is one change, newest first; what a merge brought in is not."""
    repo = repository(tmp_path / "payment-service")
    commit(repo, "long ago", NOON - minutes(600))
    commit(repo, "Raise the limit", NOON - minutes(60), who="Committer")
    git(repo, "checkout", "--quiet", "-b", "side")
    commit(repo, "on the side", NOON - minutes(50), files=["other"])
    git(repo, "checkout", "--quiet", "main")
    git(repo, "merge", "--quiet", "--no-ff", "-m", "Merge the side", "side", at=NOON - minutes(40))
    seen, around = await changes(system({"path": str(repo), "service": "payment"}, clock=clock), clock)
    assert [change.summary for change in seen.changes] == ["Merge the side", "Raise the limit"]
    merge, raised = seen.changes
    assert (raised.kind, raised.began, raised.author) == (ChangeKind.MERGED, NOON - minutes(60), "Committer")
    assert raised.name == "payment"
    assert raised.says == f"commit {raised.version} on main"
    assert merge.id != raised.id
    assert not merge.seen
    assert (seen.covers, seen.gaps, around.partial, around.complete_to) == (("payment",), (), None, NOON)


async def test_matching_tags_are_deploys_at_their_creator_date(tmp_path: Path, clock: FixedClock) -> None:
    """With tags each matching one is a change of the configured kind, with the tag before it; commits are no rows."""
    repo = repository(tmp_path / "payment-service")
    commit(repo, "one", NOON - minutes(600))
    git(repo, "tag", "-a", "-m", "two three", "v2.3.0", at=NOON - minutes(590))
    head = commit(repo, "two", NOON - minutes(60))
    git(repo, "tag", "-a", "-m", "Release 2.4.0", "v2.4.0", at=NOON - minutes(58), who="Linus")
    git(repo, "tag", "nightly-1")
    setting: dict[str, object] = {
        "path": str(repo),
        "service": "payment",
        "tags": "v*",
        "kind": "deploy",
        "url_template": "https://git.example/{commit}?tag={tag}",
    }
    seen, _ = await changes(system(setting, clock=clock, labels={"cluster": "eu"}), clock)
    (only,) = seen.changes
    assert (only.version, only.previous, only.kind) == ("v2.4.0", "v2.3.0", ChangeKind.DEPLOY)
    assert (only.began, only.author, only.summary) == (NOON - minutes(58), "Linus", "Release 2.4.0")
    assert only.says == f"tag v2.4.0 at {head[:7]}"
    assert only.url == f"https://git.example/{head}?tag=v2.4.0"
    assert only.labels == {"cluster": "eu"}


async def test_a_lightweight_tag_counts_at_its_commits_date(tmp_path: Path, clock: FixedClock) -> None:
    """A tag without a tagger is dated and signed by the commit it stands on."""
    repo = repository(tmp_path / "r")
    commit(repo, "two", NOON - minutes(60), who="Barbara")
    git(repo, "tag", "v1")
    seen, _ = await changes(system({"path": str(repo), "tags": "v*"}, clock=clock), clock)
    assert [(c.began, c.author, c.kind) for c in seen.changes] == [(NOON - minutes(60), "Barbara", ChangeKind.MERGED)]


async def test_paths_split_one_repository(tmp_path: Path, clock: FixedClock) -> None:
    """A commit is a change of every service whose files it touches, by the longest path; merges count what they brought."""
    repo = repository(tmp_path / "charts")
    commit(repo, "start", NOON - minutes(300), files=["README"])
    commit(repo, "both", NOON - minutes(30), files=["charts/payment/a", "charts/catalog/ü b"])
    commit(repo, "special", NOON - minutes(20), files=["charts/payment/gateway/x"])
    commit(repo, "neither", NOON - minutes(10), files=["docs/x", "charts/paymentx"])
    git(repo, "checkout", "--quiet", "-b", "side")
    commit(repo, "on the side", NOON - minutes(9), files=["charts/catalog/z"])
    git(repo, "checkout", "--quiet", "main")
    git(repo, "merge", "--quiet", "--no-ff", "-m", "merge", "side", at=NOON - minutes(8))
    paths = {"charts/payment": "payment", "charts/catalog/": "catalog", "charts/payment/gateway": "card-gateway"}
    seen, _ = await changes(system({"path": str(repo), "paths": paths, "kind": "config"}, clock=clock), clock)
    assert sorted((change.summary, change.name) for change in seen.changes) == [
        ("both", "catalog"),
        ("both", "payment"),
        ("merge", "catalog"),
        ("special", "card-gateway"),
    ]
    assert len({change.id for change in seen.changes}) == 4
    assert set(seen.covers) == {"payment", "catalog", "card-gateway"}


async def test_hostile_messages_are_made_safe(tmp_path: Path, clock: FixedClock) -> None:
    """Escape codes, markup, record separators and long subjects reach nobody, and shift no field."""
    repo = repository(tmp_path / "r")
    subject = "\x1b]52;c;aGk=\x07[bold]x[/] \x01\x1e\u202eevil " + "long " * 3000
    commit(repo, subject, NOON - minutes(5), who="Eve\x1b[31m\x9b", files=["f" * 40, "x\ny"])
    commit(repo, "good", NOON - minutes(4))
    setting: dict[str, object] = {"path": str(repo), "service": "s", "paths": {"x": "t"}}
    seen, _ = await changes(system(setting, clock=clock), clock)
    assert seen.changes[0].summary == "good"
    text = "".join(change.summary + change.author for change in seen.changes)
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\n", "\x1e"} & set(text)
    assert max(len(change.summary) for change in seen.changes) < 500


async def test_no_lock_is_taken_and_nothing_written(tmp_path: Path, clock: FixedClock) -> None:
    """A repository that is locked by its user, and one that cannot be written, are read all the same and left as they are."""
    repo = repository(tmp_path / "r")
    commit(repo, "one", NOON - minutes(5))
    git(repo, "worktree", "add", "--quiet", str(tmp_path / "tree"), "-b", "work")
    commit(tmp_path / "tree", "two", NOON - minutes(4))
    locks = [repo / ".git" / name for name in ("index.lock", "HEAD.lock", "packed-refs.lock", "config.lock")]
    locks.append(repo / ".git" / "worktrees" / "tree" / "index.lock")
    for lock in locks:
        lock.touch()
    before = stamps(repo / ".git")
    asked = system(
        {"path": str(repo)}, {"path": str(tmp_path / "tree"), "ref": "work"}, clock=clock, cache=tmp_path / "cache"
    )
    seen, around = await changes(asked, clock)
    assert {change.summary for change in seen.changes} == {"one", "two"}
    assert around.partial is None
    assert stamps(repo / ".git") == before


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (shutil.rmtree, "is not there; correct `path`"),
        (lambda repo: shutil.rmtree(repo / ".git"), "is no git repository; correct `path`"),
        (lambda repo: git(repo, "branch", "-m", "trunk"), "has no main; set `ref` to one of its branches: trunk"),
        (lambda repo: os.truncate(repo / ".git" / "HEAD", 0), "is no git repository"),
    ],
)
async def test_what_cannot_be_read_is_named_with_its_remedy(
    tmp_path: Path, clock: FixedClock, spoil: object, words: str
) -> None:
    """A repository that is gone, is none, or has another branch says so; the others answer and the gap is told."""
    assert callable(spoil)
    bad, good = repository(tmp_path / "above" / "bad"), repository(tmp_path / "good")
    commit(bad, "x", NOON - minutes(5))
    commit(good, "y", NOON - minutes(5))
    spoil(bad)
    settings: list[dict[str, object]] = [{"path": str(bad), "service": "bad"}, {"path": str(good), "service": "good"}]
    seen, around = await changes(system(*settings, clock=clock), clock)
    assert [change.name for change in seen.changes] == ["good"]
    assert seen.covers == ("good",)
    assert len(seen.gaps) == 1
    assert seen.gaps[0].startswith("bad: ")
    assert words in seen.gaps[0]
    assert around.partial == seen.gaps[0]
    with pytest.raises(SystemError, match="bad: "):
        await changes(system(settings[0], clock=clock), clock)


async def test_a_folder_inside_of_another_repository_is_none_of_its_own(tmp_path: Path, clock: FixedClock) -> None:
    """A path below somebody else's repository is not read as that one."""
    repo = repository(tmp_path / "outer")
    commit(repo, "x", NOON - minutes(5))
    (repo / "inner").mkdir()
    with pytest.raises(SystemError, match="no git repository"):
        await changes(system({"path": str(repo / "inner")}, clock=clock), clock)


async def test_an_empty_repository_has_no_changes(tmp_path: Path, clock: FixedClock) -> None:
    """No commit yet is an answer, with tags as without."""
    repo = repository(tmp_path / "r")
    for tags in (None, "v*"):
        seen, around = await changes(system({"path": str(repo), "tags": tags}, clock=clock), clock)
        assert (seen.changes, seen.gaps, around.partial) == ((), (), None)


async def test_a_shallow_clone_says_how_far_back_it_goes(tmp_path: Path, clock: FixedClock) -> None:
    """A boundary inside of the window is a gap; one before it is none."""
    repo = repository(tmp_path / "r")
    for number in range(6):
        commit(repo, f"commit {number}", NOON - minutes(60 - 10 * number))
    for depth in (2, 4):
        git(tmp_path, "clone", "--quiet", f"--depth={depth}", f"file://{repo}", f"clone{depth}")
        git(tmp_path / f"clone{depth}", "remote", "remove", "origin")
    asked = system({"path": str(tmp_path / "clone2"), "service": "s"}, clock=clock)
    seen, _ = await changes(asked, clock)
    assert seen.gaps == ("clone2: shallow clone, nothing before 11:40 UTC; run: git fetch --unshallow",)
    assert len(seen.changes) == 2
    seen, _ = await changes(asked, clock, hours=0.25)
    assert seen.gaps == ()


async def test_git_that_is_missing_is_named(tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git the error says what to install, and the doctor too."""
    repo = repository(tmp_path / "r")
    asked = system({"path": str(repo)}, clock=clock)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemError, match="git is not installed"):
        await changes(asked, clock)
    (check,) = await asked.check()
    assert not check.ok
    assert check.remedy == "install git"


async def test_somebody_elses_repository_is_told_with_the_remedy(tmp_path: Path, clock: FixedClock) -> None:
    """Git refuses a repository of another user; the message has the command that allows it."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a repository away")
    repo = repository(tmp_path / "r")
    commit(repo, "x", NOON)
    for path in (repo, repo / ".git"):
        os.chown(path, 65534, 65534)
    with pytest.raises(SystemError, match=r"git config --global --add safe\.directory"):
        await changes(system({"path": str(repo)}, clock=clock), clock)


async def test_the_doctor_checks_every_repository(tmp_path: Path, clock: FixedClock) -> None:
    """One line for git and one a repository, with what came of it and what to do."""
    repo = repository(tmp_path / "good")
    commit(repo, "x", NOON - minutes(1))
    asked = system({"path": str(repo)}, {"path": str(tmp_path / "gone")}, clock=clock)
    program, good, gone = await asked.check()
    assert program.ok
    assert program.message.startswith("git version")
    assert good.ok
    assert good.message == "1 change in the window"
    assert not gone.ok
    assert "is not there" in gone.message
    assert gone.remedy == "correct `path`"
    await asked.close()


async def test_a_huge_history_is_read_only_as_far_as_the_window(tmp_path: Path, clock: FixedClock) -> None:
    """Of a long branch only the window's commits come over the wire."""
    repo = repository(tmp_path / "r")
    stamp = int((NOON - minutes(4000 / 3)).timestamp())
    stream = "".join(
        f"commit refs/heads/main\ncommitter A <a@b> {stamp + 20 * n} +0000\ndata 3\nc{n % 10}\n\n" for n in range(4000)
    )
    feed(repo, stream)
    seen, _ = await changes(system({"path": str(repo)}, clock=clock), clock, hours=2)
    assert 300 <= len(seen.changes) <= 361


async def test_a_tag_tells_what_came_with_it(tmp_path: Path, clock: FixedClock) -> None:
    """A tag has the commits since the tag before it and the files that they changed; asked again, git is not."""
    repo = repository(tmp_path / "payment-service")
    commit(repo, "one", NOON - minutes(600), files=["old.py"])
    git(repo, "tag", "-a", "-m", "first", "v1", at=NOON - minutes(590))
    commit(repo, "Raise the limit", NOON - minutes(80), files=["limits.py", "README"])
    head = commit(repo, "Tell of the limit", NOON - minutes(60), files=["README"])
    git(repo, "tag", "-a", "-m", "second", "v2", at=NOON - minutes(58))
    asked = system({"path": str(repo), "service": "payment", "tags": "v*", "kind": "deploy"}, clock=clock)
    seen, _ = await changes(asked, clock)
    (only,) = seen.changes
    assert only.commit == head
    assert [said.split(" ", 1)[1] for said in only.commits] == ["Tell of the limit", "Raise the limit"]
    assert only.commits[0].startswith(head[:7])
    assert sorted(only.files) == ["README", "limits.py"]
    again, _ = await changes(asked, clock)
    assert again == seen
    older, _ = await changes(asked, clock, hours=24)
    assert older.changes[-1].commits == ()
