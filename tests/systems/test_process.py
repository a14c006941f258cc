"""The wire to git runs processes that cannot ask, cannot hang and cannot outgrow us."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.systems import process
from cockpit.systems.base import SystemError
from cockpit.systems.process import ProcessWire, environment
from tests.systems.gitting import appeared, git, repository, running, stamps


def pretend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a script in git's place."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "git").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


async def test_a_command_answers_with_its_output_and_exit_code(tmp_path: Path) -> None:
    """Output is the body, the exit code the status; of a failure the body is what it said about it."""
    repo = repository(tmp_path / "r")
    wire = ProcessWire(SystemClock())
    good = await wire.call("r", "git", "rev-parse", [("folder", str(repo)), ("", "--is-bare-repository")])
    assert (good.status, good.body) == (0, b"false\n")
    bad = await wire.call("r", "git", "log", [("folder", str(repo))])
    assert bad.status == 128
    assert bad.body.startswith(b"fatal: ")


async def test_arguments_are_never_a_shells(tmp_path: Path) -> None:
    """What stands in an argument is an argument."""
    repo = repository(tmp_path / "r")
    wire = ProcessWire(SystemClock())
    await wire.call(
        "r", "git", "rev-parse", [("folder", str(repo)), ("", f"; touch {tmp_path}/x $(touch {tmp_path}/y)")]
    )
    assert not {tmp_path / "x", tmp_path / "y"} & stamps(tmp_path).keys()


async def test_only_git_is_run() -> None:
    """No other program can be asked for."""
    with pytest.raises(SystemError, match="only git is run"):
        await ProcessWire(SystemClock()).call("x", "sh", "-c", [("", "true")])


async def test_a_command_that_hangs_is_ended_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the limit the whole group is gone, also what ignores being asked, and the message says how long it took."""
    pretend(tmp_path, monkeypatch, f"trap '' TERM\nsleep 600 &\necho $! > {tmp_path}/pid\nwait")
    began = time.monotonic()
    with pytest.raises(SystemError, match=r"git log took longer than 0\.5 s and was ended"):
        await ProcessWire(SystemClock()).call("x", "git", "log", timeout_s=0.5)
    assert time.monotonic() - began < 3
    assert not running(appeared(tmp_path / "pid"))


async def test_a_cancelled_command_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who no longer wants an answer leaves no process behind."""
    pretend(tmp_path, monkeypatch, f"echo $$ > {tmp_path}/pid\nexec sleep 600")
    asking = asyncio.create_task(ProcessWire(SystemClock()).call("x", "git", "log"))
    there = await asyncio.to_thread(appeared, tmp_path / "pid")
    asking.cancel()
    await asyncio.wait([asking], timeout=2)
    assert asking.cancelled()
    assert not running(there)


async def test_an_answer_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer over the limit ends the process and is an error."""
    monkeypatch.setattr(process, "LARGEST", 1 << 20)
    pretend(tmp_path, monkeypatch, "exec cat /dev/zero")
    with pytest.raises(SystemError, match="more than 1 MB"):
        await ProcessWire(SystemClock()).call("x", "git", "log", timeout_s=20)


async def test_a_command_that_complains_without_end_is_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a long complaint the beginning is kept, and the command is not held up by it."""
    pretend(tmp_path, monkeypatch, "echo fatal: no >&2; head -c 1000000 /dev/zero >&2; exit 3")
    reply = await ProcessWire(SystemClock()).call("x", "git", "log", timeout_s=20)
    assert reply.status == 3
    assert reply.body.startswith(b"fatal: no")
    assert len(reply.body) == process.LARGEST_ERROR


async def test_there_is_no_terminal_and_nothing_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that asks gets the end of the file, and there is no terminal it could open."""
    pretend(tmp_path, monkeypatch, "cat; (: < /dev/tty) 2>/dev/null && echo terminal; echo done")
    reply = await ProcessWire(SystemClock()).call("x", "git", "log", timeout_s=20)
    assert reply.body == b"done\n"


def test_git_sees_little_of_our_environment() -> None:
    """A hook's GIT_DIR and an askpass are not passed on; prompts and optional locks are off; parents are not searched."""
    ours = {"HOME": "/h", "GIT_DIR": "/elsewhere", "SSH_ASKPASS": "/x", "LC_ALL": "de_DE", "GIT_ASKPASS": "/x"}
    there = environment(ours, "/srv/git/r")
    assert "GIT_DIR" not in there
    assert "SSH_ASKPASS" not in there
    assert (there["HOME"], there["LC_ALL"], there["GIT_ASKPASS"]) == ("/h", "C", "")
    assert (there["GIT_OPTIONAL_LOCKS"], there["GIT_TERMINAL_PROMPT"]) == ("0", "0")
    assert there["GIT_CEILING_DIRECTORIES"] == "/srv/git"
    assert "BatchMode=yes" in there["GIT_SSH_COMMAND"]
    assert "ConnectTimeout=5" in there["GIT_SSH_COMMAND"]


async def test_two_fetches_into_one_mirror_wait_for_each_other(tmp_path: Path) -> None:
    """Two cockpits of one user that fetch at once both succeed."""
    repo = repository(tmp_path / "r")
    git(repo, "commit", "--quiet", "--allow-empty", "-m", "x")
    mirror = repository(tmp_path / "m", bare=True)
    params = [
        ("folder", str(mirror)),
        ("remote", str(repo)),
        *(("", a) for a in ("--quiet", "cockpit", "+refs/heads/*:refs/heads/*")),
    ]
    wires = [ProcessWire(SystemClock()) for _ in range(4)]
    replies = await asyncio.gather(*(wire.call("r", "git", "fetch", params) for wire in wires))
    assert [reply.status for reply in replies] == [0, 0, 0, 0]


async def test_a_wire_that_was_closed_can_be_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing ends what runs or is just being started; what is asked after that runs to its end."""
    pretend(tmp_path, monkeypatch, "sleep 0.1; echo done")
    children = process.Children()
    before = children.ends
    await children.end()
    started = await asyncio.create_subprocess_exec("sleep", "600", start_new_session=True)
    await children.began(started, before)
    assert started.returncode == -signal.SIGTERM
    assert await process.run_process(["git"], dict(os.environ), children, name="git") == (0, b"done\n", b"")
