"""Cockpits that share answers: who asks, who does not, how old an answer may be, and what is never kept."""

import asyncio
import fcntl
import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.assembly import open_live
from cockpit.board.state import Setup, Tick
from cockpit.clock import FixedClock
from cockpit.config import ConfigError, SystemSpec
from cockpit.config.direct import Asked as AskedFor
from cockpit.config.load import load
from cockpit.model.reading import AlertsSeen, Reading, Topic
from cockpit.model.topology import NO_MAP
from cockpit.poller.asking import Request, ask
from cockpit.poller.keeper import Keeper
from cockpit.spans import rfc3339
from cockpit.systems import sharing
from cockpit.systems.alertmanager import System as Alertmanager
from cockpit.systems.base import TURN, Reply, Surroundings, SystemError, Turn
from cockpit.systems.http import HttpWire
from cockpit.systems.shared_folder import SharedFolder
from cockpit.systems.shared_key import is_search, question_of
from cockpit.systems.sharing import FRESH, SharedWire
from tests.fakes.http_server import Answer, Asked, FakeServer, in_thread, say
from tests.systems.wires import spec_of

NOW = datetime(2026, 11, 20, 14, 12, tzinfo=UTC)
EVERY_S = 30.0
PEER = "http://vendor.example.com"
SPEC = spec_of(PEER)
PLACE = "config.toml: contexts.prod.shared_cache"


class Vendor:
    """A wire to a server that counts what it is asked, and answers with the count."""

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        self.asked = 0
        self.slow_s = 0.0
        self.reply: Callable[[int], Reply] = lambda count: Reply(200, str(count).encode())
        self._secrets = tuple(secrets)

    def secrets(self) -> tuple[str, ...]:
        """Return the secrets that were read."""
        return self._secrets

    async def call(self, *_: object, **__: object) -> Reply:
        """Return how often it was asked."""
        self.asked += 1
        count = self.asked
        await asyncio.sleep(self.slow_s)
        return self.reply(count)

    async def close(self) -> None:
        """Hold nothing."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder to share."""
    path = tmp_path / "answers"
    path.mkdir(mode=0o700)
    return path


def there(folder: Path, pattern: str = "*") -> list[Path]:
    """Return the files in a folder."""
    return list(folder.glob(pattern))


def cockpit(vendor: Vendor, folder: Path, clock: FixedClock, spec: SystemSpec = SPEC) -> SharedWire:
    """Return the wire of one more cockpit on the host."""
    return SharedWire(vendor, SharedFolder(str(folder), PLACE), spec, clock)


@contextmanager
def turn(every_s: float = EVERY_S) -> Iterator[Turn]:
    """Ask at a cadence."""
    its = Turn(every_s)
    token = TURN.set(its)
    try:
        yield its
    finally:
        TURN.reset(token)


async def get(wire: SharedWire, path: str = "/changes", *params: tuple[str, str]) -> tuple[bytes, float]:
    """Return what a cockpit gets at its turn, and how old it is said to be."""
    with turn() as its:
        return (await wire.call(PEER, "GET", path, params)).body, its.age_s


async def test_one_asks_and_all_know(folder: Path) -> None:
    """A second cockpit gets the first one's answer with its age, and asks nobody."""
    vendor, clock = Vendor(), FixedClock(NOW)
    one, other = cockpit(vendor, folder, clock), cockpit(vendor, folder, clock)
    assert await get(one) == (b"1", 0)
    clock.advance(11)
    assert await get(other) == (b"1", 11)
    assert vendor.asked == 1


async def test_an_answer_is_used_for_less_than_a_cadence(folder: Path) -> None:
    """Who asked it asks anew at its next turn."""
    vendor, clock = Vendor(), FixedClock(NOW)
    wire = cockpit(vendor, folder, clock)
    await get(wire)
    clock.advance(EVERY_S * FRESH)
    assert await get(wire) == (b"2", 0)
    clock.advance(-3600)
    assert await get(wire) == (b"3", 0)


async def test_what_is_no_poll_is_not_shared(folder: Path) -> None:
    """A check and a write are asked by whoever makes them, and leave nothing behind."""
    vendor, clock = Vendor(), FixedClock(NOW)
    wire = cockpit(vendor, folder, clock)
    for _ in range(2):
        await wire.call(PEER, "GET", "/changes")
    with turn():
        for _ in range(2):
            await wire.call(PEER, "POST", "/api/annotations", body=b"{}")
    assert vendor.asked == 4
    assert there(folder) == []


@pytest.mark.parametrize(
    ("method", "path", "shared"),
    [
        ("GET", "/anything", True),
        ("POST", "/prom/api/v1/query_range", True),
        ("POST", "/api/v2/events/search", True),
        ("POST", "/services/search/v2/jobs/export", True),
        ("POST", "/api/v2/dora/deployments", True),
        ("POST", "/api/v2/dora/deployment", False),
        ("POST", "/api/v2/silences", False),
        ("DELETE", "/api/v2/silence/1", False),
        ("PUT", "/x", False),
    ],
)
def test_only_what_changes_nothing_is_shared(method: str, path: str, shared: bool) -> None:
    """GET, and POST to what only searches."""
    assert is_search(method, path) is shared


async def test_different_questions_have_different_answers(folder: Path) -> None:
    """Peer, path, parameters, body, organisation and headers tell them apart."""
    vendor, clock = Vendor(), FixedClock(NOW)
    calls = [
        (SPEC, PEER, "/a", (), None),
        (SPEC, PEER, "/b", (), None),
        (SPEC, PEER, "/a", (("x", "1"),), None),
        (SPEC, "http://other.example.com", "/a", (), None),
        (replace(SPEC, org="tenant"), PEER, "/a", (), None),
        (replace(SPEC, headers={"X-Team": "a"}), PEER, "/a", (), None),
        (replace(SPEC, kind="prometheus"), PEER, "/a", (), None),
        (replace(SPEC, verify=False), PEER, "/a", (), None),
        (SPEC, PEER, "/a", (), b'{"q": 1}'),
        (SPEC, PEER, "/a", (), b"not json"),
    ]
    with turn():
        for _ in range(2):
            for spec, peer, path, params, body in calls:
                await cockpit(vendor, folder, clock, spec).call(peer, "GET", path, params, body=body)
    assert vendor.asked == len(calls)


def keys(every_s: float, *asked: tuple[Sequence[tuple[str, str]], bytes | None]) -> list[tuple[str, float | None]]:
    """Return what calls are known by."""
    found = [question_of(SPEC, PEER, "GET", "/x", params, body, every_s) for params, body in asked]
    return [(one.key, one.anchor) for one in found]


SPELLINGS: list[Callable[[datetime], str]] = [
    lambda at: rfc3339(at) or "",
    lambda at: f"{at.timestamp():.3f}",
    lambda at: f"{at.timestamp() * 1000:.0f}",
]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SPELLINGS), st.integers(0, 86400), st.integers(1, 48))
def test_questions_move_with_the_clock(spell: Callable[[datetime], str], later_s: int, hours: int) -> None:
    """The same span asked later is the same question about a later moment, in parameters and in a body."""

    def asked(at: datetime) -> tuple[list[tuple[str, str]], bytes]:
        begin, end = spell(at - timedelta(hours=hours)), spell(at)
        return [("from", begin), ("to", end), ("limit", "10")], json.dumps(
            {"filter": {"from": begin, "to": end}}
        ).encode()

    (one, first), (other, second) = keys(EVERY_S, asked(NOW), asked(NOW + timedelta(seconds=later_s)))
    assert one == other
    assert first is not None
    assert second is not None
    assert abs(second - first - later_s) < 0.01
    shorter = NOW - timedelta(hours=hours / 2)
    ((third, _),) = keys(EVERY_S, ([("from", spell(shorter)), ("to", spell(NOW)), ("limit", "10")], asked(NOW)[1]))
    assert third != one


def test_what_is_no_moment_stays() -> None:
    """Words such as -4h and small numbers are what they are."""
    told = keys(EVERY_S, *(([("since", value)], None) for value in ("-4h", "-5h", "now", "3600", "true")))
    assert len({key for key, _ in told}) == 5
    assert {anchor for _, anchor in told} == {None}


async def test_an_answer_about_another_time_is_not_taken(folder: Path) -> None:
    """The same span about a moment more than a cadence away is asked for."""
    vendor, clock = Vendor(), FixedClock(NOW)
    wire = cockpit(vendor, folder, clock)
    for at, expected in ((NOW, b"1"), (NOW - timedelta(seconds=20), b"1"), (NOW - timedelta(hours=4), b"2")):
        assert (await get(wire, "/x", ("until", rfc3339(at) or "")))[0] == expected


async def test_many_at_once_ask_once(folder: Path) -> None:
    """While one asks, the others wait for its answer."""
    vendor, clock = Vendor(), FixedClock(NOW)
    vendor.slow_s = 0.2
    answers = await asyncio.gather(*(get(cockpit(vendor, folder, clock)) for _ in range(40)))
    assert {body for body, _ in answers} == {b"1"}
    assert vendor.asked == 1


async def test_nobody_waits_for_ever(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has waited long enough asks by itself, within its own timeout; a lock without an owner holds nobody up."""
    monkeypatch.setattr(sharing, "WAIT_S", 0.2)
    vendor, clock = Vendor(), FixedClock(NOW)
    wire = cockpit(vendor, folder, clock)
    key = question_of(SPEC, PEER, "GET", "/changes", (), None, EVERY_S).key
    held = SharedFolder(str(folder), PLACE).lock(key)
    assert held is not None
    began = time.monotonic()
    assert await get(wire) == (b"1", 0)
    assert 0.2 <= time.monotonic() - began < 2
    os.close(held)
    clock.advance(60)
    began = time.monotonic()
    assert await get(wire) == (b"2", 0)
    assert time.monotonic() - began < 0.15


async def test_a_failure_is_nobody_elses(folder: Path) -> None:
    """What failed is asked again by the next one, and statuses other than 200 are not kept."""
    vendor, clock = Vendor(), FixedClock(NOW)
    one, other = cockpit(vendor, folder, clock), cockpit(vendor, folder, clock)

    def broken(count: int) -> Reply:
        if count == 1:
            raise SystemError("connection refused")
        return Reply(500 if count == 2 else 200, str(count).encode())

    vendor.reply = broken
    with pytest.raises(SystemError, match="refused"):
        await get(one)
    assert (await get(other))[0] == b"2"
    assert (await get(one))[0] == b"3"
    assert (await get(other))[0] == b"3"


async def test_a_rate_limit_stops_all_for_just_as_long(folder: Path) -> None:
    """A server that asked one cockpit to be left alone is asked by none until then."""
    vendor, clock = Vendor(), FixedClock(NOW)
    one, other = cockpit(vendor, folder, clock), cockpit(vendor, folder, clock)
    vendor.reply = lambda _: Reply(429, b"slow down", {"retry-after": "40"})
    with turn():
        assert (await one.call(PEER, "GET", "/a")).status == 429
    vendor.reply = lambda count: Reply(200, str(count).encode())
    clock.advance(10)
    with pytest.raises(SystemError, match="429: asked another Cockpit here to be left alone for 30 s") as caught:
        await get(other, "/b")
    assert (caught.value.retry_after_s, caught.value.status) == (30, 429)
    assert vendor.asked == 1
    clock.advance(31)
    assert (await get(other, "/b"))[0] == b"2"


async def test_no_secret_is_kept(folder: Path) -> None:
    """An answer that repeats a secret is nobody else's, and neither parameters nor credentials are in any file."""
    vendor, clock = Vendor(["hunter2-token"]), FixedClock(NOW)
    wire = cockpit(vendor, folder, clock)
    vendor.reply = lambda _: Reply(200, b'{"token": "hunter2-token"}')
    await get(wire)
    await get(wire)
    assert vendor.asked == 2
    vendor.reply = lambda _: Reply(200, b"fine")
    await get(wire, "/x", ("api_key", "hunter2-token"))
    kept = b"".join(path.read_bytes() + path.name.encode() for path in there(folder))
    assert b"hunter2" not in kept
    assert b"fine" in kept


@pytest.mark.parametrize(("mode", "files"), [(0o700, 0o600), (0o2770, 0o660)])
def test_files_are_for_those_who_share(folder: Path, mode: int, files: int) -> None:
    """They are private in a person's folder, and the group's in a group's."""
    folder.chmod(mode)
    before = os.umask(0o077)
    try:
        asyncio.run(get(cockpit(Vendor(), folder, FixedClock(NOW))))
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in there(folder)} == {files}
    assert len(there(folder)) == 2


@pytest.mark.parametrize(
    ("mode", "said", "remedy"),
    [
        (0o777, "can be written by everybody", "chmod o="),
        (0o1777, "can be written by everybody", "chmod o="),
        (0o755, "can be read by everybody", "chmod o="),
        (0o770, "no setgid", r"chmod g\+s"),
    ],
)
def test_an_unsafe_folder_is_refused(folder: Path, mode: int, said: str, remedy: str) -> None:
    """The error names the place, what is wrong and the command that mends it."""
    folder.chmod(mode)
    with pytest.raises(ConfigError, match=f"{said}.*; {remedy}") as caught:
        SharedFolder(str(folder), PLACE)
    assert caught.value.place == PLACE


def test_a_folder_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is not there is not made; a file is none; one of somebody else's is theirs."""
    with pytest.raises(ConfigError, match=r"is not there; make it: mkdir -m 700 .* install -d -m 2770"):
        SharedFolder(str(tmp_path / "nowhere"), PLACE)
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="is no folder"):
        SharedFolder(str(tmp_path / "file"), PLACE)
    mine = tmp_path / "mine"
    mine.mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 4711)
    with pytest.raises(ConfigError, match=r"belongs to .*; name one of your own, or let a group share it: chgrp"):
        SharedFolder(str(mine), PLACE)


def test_a_folder_of_a_group_that_one_is_not_in_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written there others could not read."""
    folder.chmod(0o2770)
    monkeypatch.setattr(os, "getegid", lambda: 4711)
    monkeypatch.setattr(os, "getgroups", lambda: [4712])
    with pytest.raises(ConfigError, match="which you are not in"):
        SharedFolder(str(folder), PLACE)


def test_a_folder_below_an_open_one_is_refused(tmp_path: Path) -> None:
    """Where everybody may write above it, everybody may put another in its place."""
    above = tmp_path / "open"
    above.mkdir()
    (above / "answers").mkdir(mode=0o700)
    above.chmod(0o777)
    with pytest.raises(ConfigError, match="can be replaced by everybody"):
        SharedFolder(str(above / "answers"), PLACE)


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=300) | st.sampled_from([b'{"form":1}\n', b'{"form":1,"at":1e400,"anchor":null,"status":200}\n'])
)
def test_a_broken_file_is_no_answer(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Whatever lies there, it is asked."""
    folder = tmp_path_factory.mktemp("answers")
    folder.chmod(0o700)
    key = question_of(SPEC, PEER, "GET", "/changes", (), None, EVERY_S).key
    (folder / f"{key}.answer").write_bytes(data)
    (folder / f"{key}.answer").chmod(0o600)
    assert asyncio.run(get(cockpit(Vendor(), folder, FixedClock(NOW)))) == (b"1", 0)


async def test_a_link_or_an_open_file_is_no_answer(folder: Path, tmp_path: Path) -> None:
    """Nothing is read that leads elsewhere, or that others could have written."""
    vendor, clock = Vendor(), FixedClock(NOW)
    wire = cockpit(vendor, folder, clock)
    await get(wire)
    (file,) = there(folder, "*.answer")
    file.chmod(0o666)
    assert (await get(wire))[0] == b"2"
    (file,) = there(folder, "*.answer")
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert (await get(wire))[0] == b"3"
    assert not file.is_symlink()


def test_a_folder_that_vanishes_stops_nobody(folder: Path) -> None:
    """Without it everybody asks."""
    vendor = Vendor()
    wire = cockpit(vendor, folder, FixedClock(NOW))
    folder.rmdir()
    assert [asyncio.run(get(wire)) for _ in range(2)] == [(b"1", 0), (b"2", 0)]


async def test_old_files_are_removed(folder: Path) -> None:
    """What nobody wrote for an hour goes; what is not ours stays."""
    await get(cockpit(Vendor(), folder, FixedClock(NOW)))
    (folder / "README").touch()
    for path in there(folder):
        os.utime(path, (1, 1))
    SharedFolder(str(folder), PLACE)
    assert [path.name for path in there(folder)] == ["README"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 20)), max_size=25))
def test_nothing_is_stale_beyond_the_cadence(
    tmp_path_factory: pytest.TempPathFactory, askings: list[tuple[int, float]]
) -> None:
    """Whoever asks whenever: each gets what the server said less than a cadence ago, as old as it is told to be."""
    folder = tmp_path_factory.mktemp("answers")
    folder.chmod(0o700)
    vendor, clock = Vendor(), FixedClock(NOW)
    said: dict[bytes, datetime] = {}

    def reply(count: int) -> Reply:
        said[str(count).encode()] = clock.now()
        return Reply(200, str(count).encode())

    vendor.reply = reply
    wires = [cockpit(vendor, folder, clock) for _ in range(4)]

    async def run() -> None:
        for who, after in askings:
            clock.advance(after)
            body, age_s = await get(wires[who])
            assert abs((clock.now() - said[body]).total_seconds() - age_s) < 0.001
            assert age_s < EVERY_S

    asyncio.run(run())
    assert vendor.asked <= 1 + sum(after for _, after in askings) / (EVERY_S * FRESH)


async def test_a_reading_is_as_old_as_its_answer(folder: Path) -> None:
    """It was there when the other one got it, is complete to no later, and the server's clock is not called wrong."""
    clock = FixedClock(NOW)
    request = Request(NOW - timedelta(hours=4))
    async with FakeServer({"/api/v2/alerts": lambda _: say([])}, now=clock.now) as server:
        spec = spec_of(server.url)

        def system() -> Alertmanager:
            wire = SharedWire(HttpWire(spec, clock), SharedFolder(str(folder), PLACE), spec, clock)
            return Alertmanager(spec, Surroundings(wire, NO_MAP, ""), clock)

        one, other = system(), system()
        await ask(one, Topic.ALERTS, clock, request, every_s=15)
        clock.advance(10)
        reading = (await ask(other, Topic.ALERTS, clock, request, every_s=15)).reading
        assert sum(asked.path == "/api/v2/alerts" for asked in server.asked) == 1
        assert (reading.at, reading.asked, reading.complete_to) == (NOW, NOW, NOW)
        assert abs(reading.skew_s) < 2
        await one.close()
        await other.close()


def test_an_older_reading_takes_no_time_back() -> None:
    """The board's moment never goes backwards."""
    clock = FixedClock(NOW)
    keeper = Keeper(Setup(), clock, None, None)
    clock.advance(20)
    keeper.take(Tick(NOW + timedelta(seconds=20)))
    keeper.take(Reading("am", "alertmanager", Topic.ALERTS, NOW, NOW + timedelta(seconds=9), 0.1, AlertsSeen(())))
    assert keeper.board.at == NOW + timedelta(seconds=20)
    assert keeper.board.readings["am", Topic.ALERTS].at == NOW + timedelta(seconds=9)


def test_a_clock_that_is_set_back_is_followed() -> None:
    """Only what is older than now is held; a board from the future is not."""
    clock = FixedClock(NOW)
    keeper = Keeper(Setup(), clock, None, None)
    keeper.take(Tick(NOW))
    clock.advance(-3600)
    keeper.take(Reading("am", "alertmanager", Topic.ALERTS, clock.now(), clock.now(), 0.1, AlertsSeen(())))
    assert keeper.board.at == NOW - timedelta(hours=1)


def _config(tmp_path: Path, line: str) -> AskedFor:
    file = tmp_path / "config.toml"
    file.write_text(f'[contexts.prod]\n{line}\n[contexts.prod.systems.alertmanager]\nurl = "http://127.0.0.1:1"\n')
    return AskedFor(config=str(file))


def test_the_setting(tmp_path: Path, folder: Path) -> None:
    """It is off, true for the folder in the cache, or a folder; anything else is an error with its place."""
    assert load(_config(tmp_path, "")).chosen.shared_cache is None
    assert load(_config(tmp_path, "shared_cache = false")).chosen.shared_cache is None
    assert load(_config(tmp_path, f'shared_cache = "{folder}"')).chosen.shared_cache == str(folder)
    for line in ("shared_cache = 1", 'shared_cache = ""'):
        with pytest.raises(ConfigError, match=r"contexts\.prod\.shared_cache"):
            load(_config(tmp_path, line))
    open_live(load(_config(tmp_path, "shared_cache = true")).chosen, config_folder=None)
    own = Path.home() / ".cache" / "cockpit" / "answers"
    assert stat.S_IMODE(own.stat().st_mode) == 0o700
    folder.chmod(0o777)
    with pytest.raises(
        ConfigError, match=r"config\.toml: contexts\.prod\.shared_cache: .* can be written by everybody"
    ):
        open_live(load(_config(tmp_path, f'shared_cache = "{folder}"')).chosen, config_folder=None)


_PROGRAM = """\
import asyncio, sys
from cockpit.assembly import open_live
from cockpit.config import Context, SystemSpec
from cockpit.poller import Watch

spec = SystemSpec("am", "alertmanager", "test", urls=(sys.argv[1],))
assembly = open_live(Context("x", systems=(spec,), shared_cache=sys.argv[2]), config_folder=None)
print("ready", flush=True)
sys.stdin.readline()

async def main():
    watch = Watch(systems=assembly.systems, setup=assembly.setup, clock=assembly.clock)
    board = await watch.once()
    await watch.close()
    print(len(board.readings), sorted(set(r.error for r in board.readings.values()), key=str), flush=True)

asyncio.run(main())
"""
"""One cockpit that asks everything once when it is told to."""


def test_several_processes_ask_once(folder: Path) -> None:
    """Cockpits of one host, each a process, ask a slow server once between them, and all know."""

    async def slow(_: Asked) -> Answer:
        await asyncio.sleep(0.5)
        return say([])

    routes = {"/api/v2/alerts": slow, "/api/v2/silences": slow}
    server = FakeServer(routes)
    with in_thread(server):
        command = [sys.executable, "-c", _PROGRAM, server.url, str(folder)]
        running = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
        ]
        try:
            for one in running:
                assert one.stdout is not None
                assert one.stdout.readline() == "ready\n"
            for one in running:
                assert one.stdin is not None
                one.stdin.write("go\n")
                one.stdin.flush()
            said = [one.communicate(timeout=30)[0] for one in running]
        finally:
            for one in running:
                one.kill()
                one.wait()
        asked = [one.path for one in server.asked]
    assert said == ["2 [None]\n"] * 4
    assert (asked.count("/api/v2/alerts"), asked.count("/api/v2/silences")) == (1, 1)


def test_a_lock_ends_with_its_process(folder: Path) -> None:
    """A cockpit that was killed while it asked leaves no lock behind."""
    shared = SharedFolder(str(folder), PLACE)
    held = shared.lock("k")
    assert held is not None
    assert shared.lock("k") is None
    fcntl.flock(held, fcntl.LOCK_UN)
    os.close(held)
    again = shared.lock("k")
    assert again is not None
    os.close(again)
