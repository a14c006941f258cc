"""Configurations, maps, recordings and repositories with anything in them: read, or refused in one line."""

import asyncio
import copy
import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.assembly import open_live, open_recording
from cockpit.board.feed import join
from cockpit.board.reduce import empty, reduce
from cockpit.board.state import Expected, Setup
from cockpit.board.versions import same_version
from cockpit.clock import FixedClock
from cockpit.config import ConfigError, Context, SystemSpec
from cockpit.config.direct import Asked
from cockpit.config.load import load
from cockpit.model.change import ChangeKind, ChangeReport, Witness
from cockpit.model.reading import Topic
from cockpit.poller.asking import Request, ask
from cockpit.poller.watch import Watch
from cockpit.systems.base import Reply, Surroundings
from cockpit.systems.git import System as Git
from cockpit.systems.git.history import LOG_FORMAT, TAG_FORMAT
from cockpit.systems.recording import Call, Recording, header_of
from cockpit.topology.load import read_map
from cockpit.topology.naming import Naming
from tests.fakes.hostile import EVIL, MAP, NOW, answers, harmless, look, places, sound, with_value

ODD: tuple[Any, ...] = (
    True,
    0,
    -1,
    10**18,
    1e308,
    float("nan"),
    float("inf"),
    "",
    " ",
    EVIL,
    "two\nlines",
    "\x00",
    "x" * 100_000,
    [],
    [1],
    ["a", ["b"]],
    {},
    {EVIL: EVIL},
    {"file": "/nope"},
    {"command": "'"},
    {"file": "", "env": ""},
    "999999999d",
    "9" * 30 + "d",
    "36500d",
    "0s",
    "1ms",
    "http://",
    "http://[::1",
    "http://h:99999",
    "ftp://x",
    "((",
    'a=~"(("',
    "../../etc/passwd",
    "/proc/self/mem",
    "Mars/Phobos",
    "\u0663s",
)
"""Values that no setting should have."""

_quick = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


def configuration(folder: Path) -> dict[str, Any]:
    """Return a configuration in which nearly every setting stands, and everything is right."""
    token = folder / "token"
    token.write_text("secret")
    token.chmod(0o600)
    (folder / "checkout.yaml").write_text((Path(__file__).parents[2] / "maps" / "checkout.yaml").read_text())
    alertmanager = {
        "urls": ["http://am:1", "http://am:2"],
        "labels": {"cluster": "eu"},
        "every": "15s",
        "timeout": "5s",
        "org": "o",
        "headers": {"X-A": "b"},
        "proxy": "http://p:1",
        "verify": False,
        "user": "u",
        "password": {"env": "HOME"},
        "filter": ['a="b"'],
        "receiver": "r.*",
    }
    prometheus = {
        "kind": "prometheus",
        "url": "http://p:9090",
        "token": {"file": str(token)},
        "changes": [{"query": "x", "version": "v", "service": "s", "kind": "deploy"}],
    }
    repository = {"path": "/tmp", "service": "payment", "ref": "main", "kind": "deploy", "fetch": "2m"}
    context = {
        "map": "checkout",
        "production": True,
        "window": "4h",
        "timezone": "Europe/Berlin",
        "times": "utc",
        "me": {"name": "a", "teams": ["t"]},
        "heartbeat": ['alertname="Watchdog"'],
        "dim": ['severity=~"none|info"'],
        "exporters": ["x"],
        "severities": {"sev1": "P2"},
        "bell": True,
        "bell_every": "1m",
        "views": {"v": "a"},
        "keys": {"down": "j"},
        "theme": "textual-dark",
        "ascii": True,
        "mouse": False,
        "systems": {"alertmanager": alertmanager, "p": prometheus, "git": {"repositories": [repository]}},
    }
    return {"context": "prod", "contexts": {"prod": context}}


def test_the_configuration_of_these_tests_is_right(tmp_path: Path) -> None:
    """Nothing is refused where nothing is wrong: else the tests below would prove nothing."""
    file = tmp_path / "config.toml"
    file.write_text(tomli_w.dumps(configuration(tmp_path)))
    context = load(Asked(config=str(file)), {"HOME": str(tmp_path)}).chosen
    assert len(open_live(context, config_folder=tmp_path).systems) == 3


@_quick
@given(st.data())
def test_a_wrong_setting_is_refused_in_one_line(tmp_path: Path, data: st.DataObject) -> None:
    """One setting of another type or with any value: taken, or refused with place and remedy in one line."""
    good = configuration(tmp_path)
    path = data.draw(st.sampled_from([place for place in places(good) if place]))
    wrong = with_value(good, path, data.draw(st.sampled_from(ODD)))
    if data.draw(st.booleans()):
        wrong = _with_key(wrong, data.draw(st.sampled_from(["\x1b", "", "nope", EVIL])))
    file = tmp_path / "config.toml"
    file.write_text(tomli_w.dumps(wrong))
    try:
        context = load(Asked(config=str(file)), {"HOME": str(tmp_path)}).chosen
        opened = open_live(context, config_folder=tmp_path)
    except ConfigError as error:
        harmless(str(error), lines=False)
        assert len(str(error)) < 1100
        return
    look(empty(opened.setup, NOW))


def _with_key(document: dict[str, Any], key: str) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    contexts = changed.get("contexts")
    there = contexts.get("prod") if isinstance(contexts, dict) else None
    if isinstance(there, dict):
        there[key] = "x"
    return changed


@pytest.mark.parametrize("name", ["x" * 300, "a/" * 3000, "\x00", EVIL])
def test_a_map_of_any_name_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    """A map's name that no file can have is a wrong setting, not an error of ours."""
    with pytest.raises(ConfigError) as told:
        open_live(Context("c", map=name), config_folder=tmp_path)
    harmless(str(told.value), lines=False)


MAPS = (
    "services: {null: {team: t}}\nteams: {t: {}}",
    "services: &a {a: *a}",
    "a: &a [x, x]\nb: &b [*a, *a]\nservices: *b",
    "map: " + "[" * 5000,
    "map: !!python/object/apply:os.system [id]",
    'map: "\\e]0;PWNTITLE\\a"\nservices: {"\\e[2J": {team: "\\u202e"}}',
    "services: {a: {scope: {query: '" + "(" * 5000 + "', says: '{value:percent}'}}}",
    "\x00",
    "- a",
)


@pytest.mark.parametrize("text", MAPS)
def test_any_map_is_read_or_told(text: str) -> None:
    """A map with aliases of itself, controls in names or no names at all: problems with lines, and nothing raises."""
    found, problems = read_map(text, "map.yaml")
    assert problems
    harmless(problems, lines=False)
    harmless(tuple(found.services), lines=False)


@_quick
@given(st.text(max_size=200))
def test_any_text_is_a_map_with_problems_or_without(text: str) -> None:
    """Whatever stands in a map's file, reading it gives a map and its problems."""
    harmless(read_map(text, "map.yaml")[1], lines=False)


def test_a_map_of_five_thousand_services_is_walked(recwarn: pytest.WarningsRecorder) -> None:
    """A map with 5,000 services in one deep chain is read, focused and painted."""
    services = "".join(f"  s{n}: {{team: t, calls: [s{n + 1}]}}\n" for n in range(4999))
    found, problems = read_map(
        f"map: c\nentry: [s0]\nservices:\n{services}  s4999: {{team: t}}\nteams: {{t: {{}}}}", "c"
    )
    assert not problems
    look(empty(Setup(map=found), NOW))
    assert not recwarn.list


def recording() -> list[bytes]:
    """Return the lines of a small recording: a header, and what was asked of an Alertmanager and a Prometheus."""
    specs = (
        SystemSpec("am", "alertmanager", urls=("http://am:1",)),
        SystemSpec("prometheus", "prometheus", urls=("http://prom:9090",)),
    )
    header = header_of(Context("shop", systems=specs), NOW - timedelta(minutes=1), map_text="map: x\nservices: {a: {}}")
    calls = [
        Call(NOW, NOW, system, peer, "GET", path, status=200, body=json.dumps(answers()[path]).encode())
        for system, peer, path in (
            ("am", "http://am:1", "/api/v2/alerts"),
            ("am", "http://am:1", "/api/v2/silences"),
            ("prometheus", "http://prom:9090", "/api/v1/rules"),
        )
    ]
    return list(Recording(header, calls).lines())


def played(data: bytes) -> None:
    """Play a recording once, or see it refused in one line."""
    try:
        found = Recording.load(data)
        harmless(found.problems, lines=False)
        opened = open_recording(found, at=found.ended)
    except ConfigError as error:
        harmless(str(error), lines=False)
        return
    watch = Watch(systems=opened.systems, setup=opened.setup, clock=opened.clock)
    board = asyncio.run(watch.once())
    sound(board.failures.values())
    look(board, board.at)


@_quick
@given(st.data())
def test_any_recording_is_played_or_refused(data: st.DataObject) -> None:
    """One odd value in a recording's header or lines, the file cut off or changed anywhere: played as far as it goes."""
    lines = recording()
    if data.draw(st.booleans()):
        number = data.draw(st.integers(0, len(lines) - 1))
        line = json.loads(lines[number])
        path = data.draw(st.sampled_from([place for place in places(line) if place and place[0] != "body"]))
        lines[number] = json.dumps(with_value(line, path, data.draw(st.sampled_from([None, *ODD])))).encode() + b"\n"
    whole = b"".join(lines)
    if data.draw(st.booleans()):
        whole = gzip.compress(whole, mtime=0)
    if data.draw(st.booleans()):
        whole = whole[: data.draw(st.integers(0, len(whole)))]
    if whole and data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole = whole[:at] + bytes([data.draw(st.integers(0, 255))]) + whole[at + 1 :]
    played(whole)


class GitWire:
    """Answers every git command with the same bytes.

    Args:
        out: What git writes.
    """

    def __init__(self, out: bytes) -> None:
        self._out = out

    async def call(
        self,
        peer: str,
        method: str,
        path: str,
        params: Sequence[tuple[str, str]] = (),
        *,
        body: bytes | None = None,
        timeout_s: float | None = None,
    ) -> Reply:
        """Return the bytes."""
        del peer, method, params, body, timeout_s
        return Reply(0, b"false\n" + b"a" * 40 if path == "rev-parse" else self._out)

    async def close(self) -> None:
        """Hold nothing."""


def read_git(out: bytes, **repository: object) -> int:
    """Read a repository whose git writes this, demand that all is harmless, and return how many changes there are."""
    clock = FixedClock(NOW)
    named = {"path": "/srv/x", "service": "payment", **repository}
    system = Git(
        SystemSpec("git", "git", "c", extra={"repositories": [named]}), Surroundings(GitWire(out), MAP, ""), clock
    )
    request = Request(NOW - timedelta(hours=8))
    reading = asyncio.run(ask(system, Topic.CHANGES, clock, request, every_s=120)).reading
    sound([reading])
    setup = Setup(map=MAP, systems=(Expected("git", "git", (Topic.CHANGES,)),))
    board = reduce(empty(setup, NOW), reading)
    look(board)
    return len(board.changes)


def commits(*some: Mapping[str, str]) -> bytes:
    """Return commits as `git log -z` writes them."""
    assert LOG_FORMAT.count("%x00") == 5
    usual = {
        "hash": "a" * 40,
        "parents": "",
        "date": "2026-11-20T14:02:00+00:00",
        "author": "Responder",
        "subject": "s",
    }
    return "\0".join("\0" + "\0".join({**usual, **one}.values()) for one in some).encode("utf-8", "surrogateescape")


DATES = ("9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "", EVIL, "2026-13-40")


@pytest.mark.parametrize(
    "odd",
    [
        *({"date": date} for date in DATES),
        {"subject": EVIL},
        {"author": EVIL},
        {"subject": "x" * 100_000},
        {"parents": EVIL},
    ],
)
def test_an_odd_commit_hides_no_other(odd: dict[str, str]) -> None:
    """A commit with any date, author or subject: the one beside it is read, and nothing drives the terminal."""
    good = {"hash": "b" * 40, "subject": "beside"}
    assert read_git(commits(odd, good)) >= 1
    assert read_git(commits(odd, good), paths={"a": "payment"}) >= 0


def test_a_commit_without_a_hash_is_none() -> None:
    """What git names without a hash is left out: its name would be shown as a version."""
    assert read_git(commits({"hash": "\x1b]0;x"}, {"hash": "\n\n"})) == 0


@_quick
@given(st.binary(max_size=300))
def test_any_bytes_of_git_are_commits_or_none(out: bytes) -> None:
    """Whatever git writes, reading it gives changes or a failure in one line."""
    read_git(out)
    read_git(out, tags="v*")


@pytest.mark.parametrize("field", range(TAG_FORMAT.count("%00") + 1))
def test_an_odd_tag_hides_no_other(field: int) -> None:
    """A tag with anything in any field: the one beside it is read."""
    good = ["v1", "a" * 40, "", "2026-11-20T14:02:00+00:00", "Responder", "Responder", "release"]
    odd = ["v2", *good[1:]]
    odd[field] = EVIL.replace("\x00", "").replace("\n", "")
    assert read_git("\n".join("\0".join(one) for one in (odd, good)).encode(), tags="v*", kind="deploy") >= 1


def _certainly_other(one: str, other: str) -> bool:
    """Tell whether a system that reports both in turn deployed something else in between."""
    commits = one.startswith("abcdef"), other.startswith("abcdef")
    return bool(one and other) and commits[0] == commits[1] and not same_version(one, other)


def _reports(pairs: Sequence[tuple[str, int]]) -> Iterator[Witness]:
    for number, (version, seconds) in enumerate(pairs):
        began = NOW + timedelta(seconds=seconds)
        yield Witness("git", ChangeReport(f"id{number:04}", "payment", version, ChangeKind.DEPLOY, began), NOW)


@_quick
@given(
    st.lists(
        st.tuples(st.sampled_from(["", "v1", "1", "V1", "abcdef0", "abcdef01", "abcdef02", "2"]), st.integers(0, 3000))
    )
)
def test_changes_are_joined_as_one_by_one(pairs: list[tuple[str, int]]) -> None:
    """Joining by what versions have in common gives the rows that comparing each with each would give."""
    rows = join(_reports(pairs), Naming(MAP, ()), MAP)
    groups: list[list[tuple[str, int]]] = []
    for version, at in sorted(pairs, key=lambda pair: pair[1]):
        fitting = [
            group
            for group in groups
            if at - group[0][1] <= 900
            and all(same_version(version, other) for other, _ in group)
            and not any(group[-1][1] < moment < at and _certainly_other(version, other) for other, moment in pairs)
        ]
        if fitting:
            max(fitting, key=lambda group: group[-1][1]).append((version, at))
        else:
            groups.append([(version, at)])
    assert sorted(len(row.witnesses) for row in rows) == sorted(map(len, groups))
    assert len({row.id for row in rows}) == len(rows)


def test_thousands_of_changes_at_one_moment_are_joined() -> None:
    """Ten thousand commits seen by one fetch are as many rows, without comparing each with each."""
    rows = join(_reports([(f"{number:07x}abc", 0) for number in range(10_000)]), Naming(MAP, ()), MAP)
    assert len(rows) == 10_000
