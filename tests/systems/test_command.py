"""A command that prints changes: what it is given, what counts of what it prints, and how it is ended."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.assembly import open_live, open_recorded, open_recording
from cockpit.cli.changes import as_json
from cockpit.clock import FixedClock
from cockpit.config import ConfigError, Context, SystemSpec
from cockpit.model.change import ChangeKind, Progress
from cockpit.model.reading import ChangesSeen, Topic
from cockpit.model.topology import NO_MAP
from cockpit.poller import Watch
from cockpit.spans import rfc3339
from cockpit.systems import process
from cockpit.systems.base import Circumstances, Surroundings, SystemError
from cockpit.systems.command import System
from cockpit.systems.command_lines import LineReader, Told
from cockpit.systems.command_wire import CommandWire
from cockpit.systems.recording import Recording
from tests.systems.gitting import appeared, running

NOW = datetime(2026, 11, 20, 14, 12, tzinfo=UTC)
SINCE = NOW - timedelta(hours=4)
PLACE = "config.toml: contexts.prod.systems.flags"
SECRET = "s3cr3t-of-flags"


def spec(*run: str, timeout_s: float = 10.0, labels: dict[str, str] | None = None, **extra: Any) -> SystemSpec:
    """Return the settings of a command."""
    return SystemSpec(
        "flags",
        "command",
        PLACE,
        timeout=timedelta(seconds=timeout_s),
        labels=labels or {},
        extra={"run": list(run), **extra},
    )


def script(tmp_path: Path, text: str) -> str:
    """Return the path of a shell script."""
    path = tmp_path / "changes.sh"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


@asynccontextmanager
async def opened(its: SystemSpec) -> AsyncIterator[System]:
    """Open a command system and close it."""
    system = System(its, Surroundings(CommandWire(its), NO_MAP, ""), FixedClock(NOW))
    try:
        yield system
    finally:
        await system.close()


async def ask(its: SystemSpec) -> tuple[ChangesSeen, Circumstances]:
    """Return what a command reports of four hours."""
    around = Circumstances()
    async with opened(its) as system:
        return await system.changes(SINCE, NOW, around), around


def read(*lines: object, **more: Any) -> Told:
    """Return what lines come to; what is no text is written as JSON."""
    reader = LineReader(SINCE, NOW, more.get("labels", {}))
    for line in lines:
        reader.add(line if isinstance(line, bytes) else json.dumps(line).encode())
    return reader.told()


def a_change(minutes: float = 10, **more: Any) -> dict[str, Any]:
    """Return a line of a change that began so many minutes before now."""
    return {"service": "payment", "began": rfc3339(NOW - timedelta(minutes=minutes)), **more}


async def test_lines_are_changes(tmp_path: Path) -> None:
    """Each line is one change, with the keys that `cockpit changes` prints."""
    line = a_change(
        id="f1",
        team="team-payments",
        version="on",
        kind="flag",
        rollback=True,
        ended=rfc3339(NOW),
        author="ann",
        summary="new checkout for 50 %",
        url="https://flags.example.com/f1",
        mapped=True,
        systems=["flags"],
    )
    seen, around = await ask(spec(script(tmp_path, f"cat <<'X'\n{json.dumps(line)}\nX"), labels={"cluster": "eu"}))
    (change,) = seen.changes
    assert (change.id, change.name, change.version, change.kind) == ("f1", "payment", "on", ChangeKind.FLAG)
    assert (change.began, change.ended, change.rollback) == (NOW - timedelta(minutes=10), NOW, True)
    assert (change.author, change.summary, change.url) == (
        "ann",
        "new checkout for 50 %",
        "https://flags.example.com/f1",
    )
    assert (change.owner, change.owner_by, change.progress) == ("team-payments", "team", Progress.DONE)
    assert (change.labels, seen.covers, seen.gaps) == ({"cluster": "eu"}, ("payment",), ())
    assert (seen.since, around.complete_to, around.partial) == (SINCE, NOW, None)


async def test_what_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment is PATH, HOME, what is configured and the window; it works at home, and arguments are no shell's."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.setenv("FLAG_TOKEN", SECRET)
    text = 'env | sort > "$HOME/env"; pwd > "$HOME/pwd"; printf "%s\\n" "$@" > "$HOME/args"'
    its = spec(
        "~/changes.sh", "$(touch x)", "a b", env={"REGION": "eu", "TOKEN": {"env": "FLAG_TOKEN"}}, covers=["payment"]
    )
    script(tmp_path, text)
    seen, _ = await ask(its)
    there = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    assert set(there) - {"PWD", "_", "OLDPWD", "SHLVL"} == {
        "PATH",
        "HOME",
        "REGION",
        "TOKEN",
        "COCKPIT_SINCE",
        "COCKPIT_UNTIL",
    }
    assert (there["COCKPIT_SINCE"], there["COCKPIT_UNTIL"]) == ("2026-11-20T10:12:00Z", "2026-11-20T14:12:00Z")
    assert (there["REGION"], there["TOKEN"]) == ("eu", SECRET)
    assert (tmp_path / "pwd").read_text().strip() == str(tmp_path)
    assert (tmp_path / "args").read_text() == "$(touch x)\na b\n"
    assert (seen.changes, seen.covers) == ((), ("payment",))


async def test_a_failure_is_told_by_its_last_line_without_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exit code other than 0 is an error with the last line of standard error, cleaned, without a secret."""
    monkeypatch.setenv("FLAG_TOKEN", SECRET)
    text = r"""echo '{"service": "a"}'; printf 'trace\nbad token %s \033]0;x\007at https://u:p@flags.example.com\n\n' "$TOKEN" >&2; exit 3"""
    with pytest.raises(SystemError) as caught:
        await ask(spec(script(tmp_path, text), env={"TOKEN": {"env": "FLAG_TOKEN"}}))
    said = str(caught.value)
    assert said.startswith("changes.sh failed with exit code 3: bad token [secret]")
    assert said.endswith("at https://flags.example.com")
    assert not {"\033", "\007"} & set(said)
    assert caught.value.status == 3


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ("/nowhere/changes", r"/nowhere/changes is not there \(run in config\.toml: .*\.flags\)"),
        ("no-such-command-anywhere", "no-such-command-anywhere is not there"),
        ("/usr", "/usr may not be run; chmod"),
    ],
)
async def test_a_command_that_cannot_be_started_says_why(run: str, said: str) -> None:
    """What is not there, or may not be run, is told with the remedy."""
    with pytest.raises(SystemError, match=said):
        await ask(spec(run))


async def test_a_command_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    """After the timeout the whole group is gone, and the message says which setting it was."""
    text = f"trap '' TERM\nsleep 600 &\necho $! > {tmp_path}/pid\nwait"
    began = time.monotonic()
    with pytest.raises(SystemError, match=r"changes\.sh took longer than 0\.5 s and was ended \(timeout in config"):
        await ask(spec(script(tmp_path, text), timeout_s=0.5))
    assert time.monotonic() - began < 3
    assert not running(appeared(tmp_path / "pid"))


async def test_closing_ends_what_runs(tmp_path: Path) -> None:
    """A command does not outlive us."""
    its = spec(script(tmp_path, f"echo $$ > {tmp_path}/pid\nexec sleep 600"))
    async with opened(its) as system:
        asking = asyncio.create_task(system.changes(SINCE, NOW, Circumstances()))
        pid = await asyncio.to_thread(appeared, tmp_path / "pid")
    with pytest.raises(SystemError, match="was ended by signal 15"):
        await asking
    assert not running(pid)


async def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer over the limit ends the command and is an error."""
    monkeypatch.setattr(process, "LARGEST", 1 << 20)
    with pytest.raises(SystemError, match=r"changes\.sh answered more than 1 MB"):
        await ask(spec(script(tmp_path, "exec cat /dev/zero")))


async def test_only_the_configured_command_is_run(tmp_path: Path) -> None:
    """The wire runs nothing else."""
    wire = CommandWire(spec(script(tmp_path, "true")))
    for method, path, params in (("run", "/bin/sh", []), ("GET", "/x", []), ("run", "/x", [("", "more")])):
        with pytest.raises(SystemError, match="only the configured command is run"):
            await wire.call("flags", method, path, params)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"Traceback (most recent call last):", "line 2: is no JSON (Traceback"),
        (b"[1]", "line 2: is no JSON object; print one object a line, as jq -c '.[]' does"),
        ({"began": "2026-11-20T14:00:00Z"}, "line 2: has no service; every change"),
        ({"service": "a", "begin": "x"}, "line 2: has no began; did you mean it by begin?"),
        ({"service": "a", "began": "14:02"}, "line 2: began is no time; write RFC 3339"),
        ({"service": "a", "began": "2026-11-20T14:02:00"}, "line 2: began is no time"),
        ({"service": "a", "began": True}, "line 2: began is no time"),
        ({"service": "a", "began": -5}, "line 2: began is a time that no calendar has"),
        (a_change(kind="deployed"), "line 2: 'deployed' is no kind of change; kinds: merged, deploy"),
        (a_change(progress="half"), "line 2: 'half' is no progress"),
        (a_change(version=["v1"]), "line 2: version is no text"),
        (a_change(rollback="yes"), "line 2: rollback is neither true nor false"),
        (a_change(labels=["x"]), "line 2: labels is no object of strings"),
        (a_change(ended="2026-11-20T10:15:00Z"), "line 2: ended before it began"),
    ],
)
def test_a_bad_line_is_a_gap_and_the_rest_counts(line: object, said: str) -> None:
    """What cannot be read is told with its line and the remedy; the lines around it count."""
    told = read(a_change(1, id="one"), line, b"", a_change(2, id="two"))
    assert [change.id for change in told.changes] == ["one", "two"]
    assert (len(told.gaps), told.bad) == (1, 1)
    assert told.gaps[0].startswith(said)


def test_many_bad_lines_are_counted() -> None:
    """Three are told one by one."""
    told = read(*[b"nonsense"] * 12)
    assert (len(told.gaps), told.gaps[-1], told.bad) == (4, "9 more lines that cannot be read", 12)


@pytest.mark.parametrize(
    "began",
    ["2026-11-20T14:02:00Z", "2026-11-20T16:02:00+02:00", 1795183320, 1795183320000, 1795183320000000, "1795183320"],
)
def test_times_in_every_unit(began: object) -> None:
    """RFC 3339 with any offset, and epochs in seconds, milliseconds and microseconds, are the same moment."""
    (change,) = read({"service": "a", "began": began}).changes
    assert change.began == datetime(2026, 11, 20, 14, 2, tzinfo=UTC)


def test_what_is_not_in_the_window_is_left_out() -> None:
    """What ended before counts no more, what has not begun not yet; what began before and goes on counts."""
    told = read(
        a_change(600, id="long ago"),
        a_change(-60, id="tomorrow"),
        a_change(600, id="still", ended=rfc3339(NOW - timedelta(minutes=5))),
    )
    assert [change.id for change in told.changes] == ["still"]
    assert told.gaps == ()


def test_a_command_may_tell_of_itself() -> None:
    """Up to when it is complete, what it covers and what it misses are lines of their own."""
    told = read(
        {"complete_to": rfc3339(NOW - timedelta(minutes=3)), "covers": ["payment", "ui"]},
        {"gap": "terraform state is locked"},
        a_change(),
    )
    assert (told.complete_to, told.covers) == (NOW - timedelta(minutes=3), ("payment", "ui"))
    assert (told.gaps, len(told.changes), told.bad) == (("terraform state is locked",), 1, 0)


def test_what_it_prints_comes_out_harmless() -> None:
    """No escape code, and no address that is none of the web, gets through."""
    evil = "x\x1b]52;c;y\x07\u202e"
    told = read(
        a_change(id=evil, version=evil, summary=evil, author=evil, url="javascript:alert(1)", labels={evil: evil})
    )
    (change,) = told.changes
    assert change.url is None
    assert not set("\x1b\x07\u202e") & set(f"{change.id}{change.version}{change.summary}{change.author}{change.labels}")


lines = st.lists(
    st.builds(
        lambda minutes, name, version: a_change(minutes, id=f"{name}{version}", service=name, version=version),
        st.integers(0, 239),
        st.sampled_from("ab"),
        st.sampled_from(["v1", "v2"]),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(lines, st.randoms())
def test_nothing_is_lost_and_nothing_doubled(changes: list[dict[str, Any]], chance: Any) -> None:
    """Lines that come twice and in any order come to the same, newest first."""
    unique = list({change["id"]: change for change in changes}.values())
    mixed = [*unique, *unique]
    chance.shuffle(mixed)
    told = read(*mixed)
    assert told == read(*unique)
    assert len(told.changes) == len(unique)
    assert [change.began for change in told.changes] == sorted((c.began for c in told.changes), reverse=True)


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["service", "began", "ended", "kind", "labels", "covers", "gap", "complete_to", "url", "files"]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode())
)
def test_no_line_breaks_it(line: bytes) -> None:
    """Whatever a line holds, the one after it counts."""
    told = read(line, a_change(id="good"))
    assert "good" in [change.id for change in told.changes]


@pytest.mark.parametrize(
    ("extra", "place", "said"),
    [
        ({}, "run", "names no command"),
        ({"run": "flags --all"}, "run", "expected a list"),
        ({"run": ["./flags"]}, r"run\[0\]", "is a relative path"),
        ({"run": ["x"], "env": {"API_TOKEN": "abc"}}, r"env\.API_TOKEN", "is a secret written as plain text"),
        ({"run": ["x"], "env": {"A": {"file": "/x", "env": "Y"}}}, r"env\.A", "has no source, or more than one"),
        ({"run": ["x"], "env": {"COCKPIT_SINCE": "1"}}, r"env\.COCKPIT_SINCE", "is set by Cockpit"),
        ({"run": ["x"], "evn": {}}, "evn", "unknown key; did you mean env"),
    ],
)
def test_wrong_settings_are_told_with_their_place(extra: dict[str, Any], place: str, said: str) -> None:
    """A wrong setting is one line with the place and the remedy, and no secret in it."""
    its = SystemSpec("flags", "command", PLACE, extra=extra)
    with pytest.raises(ConfigError, match=f"flags\\.{place}: .*{said}") as caught:
        open_live(Context("x", systems=(its,)), config_folder=None)
    assert "abc" not in str(caught.value)


async def test_several_commands_are_several_systems(tmp_path: Path) -> None:
    """Each has its own name and fails alone."""
    good = spec(script(tmp_path, f"echo '{json.dumps(a_change())}'"))
    bad = replace(spec("/nowhere"), name="terraform")
    assembly = open_live(Context("x", systems=(good, bad)), config_folder=None, clock=FixedClock(NOW))
    board = await Watch(systems=assembly.systems, setup=assembly.setup, clock=assembly.clock).once()
    assert [change.systems for change in board.changes] == [("flags",)]
    assert ("terraform", Topic.CHANGES) in board.failures


async def test_what_cockpit_prints_is_understood(tmp_path: Path) -> None:
    """The objects of `cockpit changes --json`, one a line, are read as what they were."""
    line = a_change(id="f1", version="on", kind="flag", author="ann", summary="x", rollback=True, owner="squad")
    its = spec(script(tmp_path, f"echo '{json.dumps(line)}'"))
    assembly = open_live(Context("x", systems=(its,)), config_folder=None, clock=FixedClock(NOW))
    board = await Watch(systems=assembly.systems, setup=assembly.setup, clock=assembly.clock).once()
    (change,) = board.changes
    (again,) = read(as_json(change)).changes
    for field in ("version", "kind", "began", "ended", "author", "summary", "rollback", "progress", "owner"):
        assert getattr(again, field) == getattr(change.witnesses[0].report, field)
    assert (again.id, again.name) == (change.id, change.service)


async def test_a_recording_keeps_what_it_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It plays without running anything, and holds no secret."""
    monkeypatch.setenv("FLAG_TOKEN", SECRET)
    path = script(tmp_path, f"echo '{json.dumps(a_change(summary='with TOKEN'))}' | sed \"s/TOKEN/$TOKEN/\"")
    context = Context("x", systems=(spec(path, env={"TOKEN": {"env": "FLAG_TOKEN"}}),))
    file = tmp_path / "r.jsonl"
    assembly, writer = open_recorded(context, file, config_folder=None, clock=FixedClock(NOW))
    await Watch(systems=assembly.systems, setup=assembly.setup, clock=assembly.clock).once()
    writer.close()
    script(tmp_path, "echo gone")
    assert SECRET.encode() not in file.read_bytes()
    played = open_recording(Recording.load(file), at=NOW + timedelta(seconds=1), speed=0)
    board = await Watch(systems=played.systems, setup=played.setup, clock=played.clock).once()
    assert [change.summary for change in board.changes] == ["with [secret]"]


async def test_doctor_runs_it(tmp_path: Path) -> None:
    """It says how many changes it prints, or what is wrong."""
    async with opened(spec(script(tmp_path, f"echo '{json.dumps(a_change())}'"), covers=["payment"])) as system:
        (check,) = await system.check()
        assert (check.ok, check.check, check.message) == (True, "run changes.sh", "1 change in the window")
    async with opened(spec(script(tmp_path, "echo nonsense"))) as system:
        (check,) = await system.check()
        assert not check.ok
        assert "line 1: is no JSON" in check.message
    async with opened(spec(script(tmp_path, "echo no such flag >&2; exit 2"))) as system:
        (check,) = await system.check()
        assert (check.ok, check.message) == (False, "changes.sh failed with exit code 2: no such flag")
