"""A recording keeps what came over the wires and answers with it again."""

import asyncio
import gzip
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.clock import FixedClock
from cockpit.config import ConfigError, Context, Secret, SystemSpec
from cockpit.systems.base import Reply, SystemError
from cockpit.systems.recording import (
    Call,
    Header,
    NotRecorded,
    PlaybackWire,
    Recording,
    RecordingWire,
    RecordingWriter,
    context_of,
    header_of,
)
from cockpit.systems.recording.file import LARGEST

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def call(second: float, body: bytes = b"{}", **changed: object) -> Call:
    """Return a call of the system `am` that was answered at a second after noon."""
    at = NOON + timedelta(seconds=second)
    given: dict[str, object] = {"system": "am", "peer": "http://am-0:9093", "method": "GET", "path": "/alerts"}
    given |= {"status": 200, "body": body, **changed}
    return Call(at, at, **given)  # type: ignore[arg-type]  # a call of a test is put together from names


class Talker:
    """A wire that answers with what it is given, one after another."""

    def __init__(self, *answers: bytes | SystemError) -> None:
        self.answers = list(answers)
        self.closed = False

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
        """Return the next answer."""
        answer = self.answers.pop(0)
        if isinstance(answer, SystemError):
            raise answer
        return Reply(200, answer, {"date": "Fri, 20 Nov 2026 12:00:00 GMT"})

    async def close(self) -> None:
        """Note that it was closed."""
        self.closed = True


moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000, tzinfo=UTC)
)
texts = st.text(st.characters(codec="utf-8"), max_size=20)
calls = st.builds(
    Call,
    asked=moments,
    at=moments,
    system=texts,
    peer=texts,
    method=texts,
    path=texts,
    params=st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
    sent=st.none() | texts,
    status=st.none() | st.integers(0, 599),
    headers=st.dictionaries(texts, texts, max_size=2),
    body=st.binary(max_size=30) | st.just(b"the same again"),
    retry_after_s=st.none() | st.floats(0, 100),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(calls, max_size=6), moments, st.booleans())
def test_whatever_is_kept_is_read_again(kept: list[Call], began: datetime, packed: bool) -> None:
    """Any bodies, headers and parameters come back as they were, packed or not."""
    header = Header(began, "0.1", 7, {"am": "0.25"}, {"name": "prod"}, "map: checkout")
    data = b"".join(Recording(header, kept).lines())
    read = Recording.load(gzip.compress(data) if packed else data)
    assert read.header == header
    assert list(read.calls) == kept
    assert not read.problems
    assert not read.truncated


@settings(max_examples=60, deadline=None)
@given(st.lists(calls, max_size=5), st.data(), st.booleans())
def test_a_file_that_is_cut_off_is_read_up_to_there(kept: list[Call], data: st.DataObject, packed: bool) -> None:
    """Cut at any byte behind the header, what is read is the beginning of what was kept, and nothing is invented."""
    lines = list(Recording(Header(NOON), kept).lines())
    whole = gzip.compress(b"".join(lines)) if packed else b"".join(lines)
    cut = data.draw(st.integers(0, len(whole)))
    try:
        read = Recording.load(whole[:cut])
    except ConfigError as error:
        assert "no recording" in str(error)
        assert packed or cut < len(lines[0])
        return
    assert list(read.calls) == kept[: len(read.calls)]
    if not packed:
        complete = sum(1 for n in range(1, len(lines)) if sum(map(len, lines[: n + 1])) - 1 <= cut)
        assert len(read.calls) == complete


def test_lines_that_are_wrong_are_named_and_the_others_read() -> None:
    """A wrong line is left out with its number; references count the lines, so later ones stay right."""
    good = list(Recording(Header(NOON), [call(1, b"one"), call(2, b"two"), call(3, b"two")]).lines())
    wrong = [
        b"nonsense\n",
        b'{"asked": 3}\n',
        b'{"asked":"x","at":"y","system":"","peer":"","method":"","path":"","body":""}\n',
    ]
    same = good[3].replace(b'"same":1', b'"same":4')
    nowhere = good[3].replace(b'"same":1', b'"same":2')
    read = Recording.load(b"".join([good[0], good[1], *wrong, good[2], same, nowhere, good[1]]))
    assert [c.body for c in read.calls] == [b"one", b"two", b"two", b"one"]
    assert [problem.partition(":")[0] for problem in read.problems] == ["line 3", "line 4", "line 5", "line 8"]
    assert not read.truncated


@pytest.mark.parametrize("data", [b"", b"{}", b"\x00\xff", b"[1]\n", b'{"cockpit_recording": 1}\n', b"\x1f\x8b\x08"])
def test_what_is_no_recording_is_told(data: bytes) -> None:
    """Anything else is an error with a remedy, and no crash."""
    with pytest.raises(ConfigError, match="is no recording"):
        Recording.load(data)


def test_a_newer_format_and_a_missing_file_are_told(tmp_path: Path) -> None:
    """A format that is not ours names both; a file that is not there names itself."""
    with pytest.raises(ConfigError, match="has format 2, this version reads 1"):
        Recording.load(b'{"cockpit_recording": 2, "began": "2026-11-20T12:00:00Z"}\n')
    with pytest.raises(ConfigError, match="No such file"):
        Recording.load(tmp_path / "none")


def test_a_recording_larger_than_the_limit_is_read_up_to_it() -> None:
    """A file that unpacks to more than is read at once says so and keeps its beginning."""
    data = b"".join(Recording(Header(NOON), [call(n, b"x" * 1000 + b"%d" % n) for n in range(50)]).lines())
    for raw in (data, gzip.compress(data)):
        read = Recording.load(raw, largest=10_000)
        assert 0 < len(read.calls) < 10
        assert any("larger than 10,000 bytes" in problem for problem in read.problems)
    assert LARGEST > 1 << 28


def test_damage_in_the_middle_keeps_what_stands_before() -> None:
    """A packed file with wrong bytes in it is read up to them, and says so."""
    bodies = [os.urandom(2000) for _ in range(20)]
    whole = bytearray(
        gzip.compress(b"".join(Recording(Header(NOON), [call(n, body) for n, body in enumerate(bodies)]).lines()))
    )
    half = len(whole) // 2
    whole[half : half + 64] = b"\xff" * 64
    read = Recording.load(bytes(whole))
    assert read.problems
    assert 0 < len(read.calls) < len(bodies)
    assert {c.body for c in read.calls} <= set(bodies)


@pytest.mark.parametrize("name", ["r.jsonl", "r.jsonl.gz"])
async def test_each_answer_is_in_the_file_at_once(tmp_path: Path, name: str) -> None:
    """What was answered is readable before the writer is closed, and only for its owner."""
    clock = FixedClock(NOON)
    writer = RecordingWriter(tmp_path / name, Header(NOON), clock=clock)
    wire = RecordingWire(Talker(b"one", SystemError("refused", retry_after_s=3, status=429), b"one"), writer, "am")
    for count in (1, 2, 3):
        try:
            reply = await wire.call("http://am-0", "GET", "/alerts", [("active", "true")])
            assert reply.body == b"one"
        except SystemError:
            assert count == 2
        clock.advance(15)
        assert len(Recording.load(tmp_path / name).calls) == count
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    writer.close()
    read = Recording.load(tmp_path / name)
    assert [(c.body, c.error, c.retry_after_s, c.status) for c in read.calls] == [
        (b"one", None, None, 200),
        (b"", "refused", 3.0, 429),
        (b"one", None, None, 200),
    ]
    assert not read.truncated
    if name == "r.jsonl":
        assert (tmp_path / name).read_text().count('"body":"one"') == 1


def test_an_existing_file_is_kept_unless_forced(tmp_path: Path) -> None:
    """Nothing is overwritten by accident; with force the old content is gone."""
    file = tmp_path / "r.jsonl"
    file.write_text("precious" * 1000)
    with pytest.raises(ConfigError, match="exists already; choose another name, or overwrite it with --force"):
        RecordingWriter(file, Header(NOON))
    assert file.read_text().startswith("precious")
    RecordingWriter(file, Header(NOON), force=True).close()
    assert Recording.load(file).calls == ()
    with pytest.raises(ConfigError, match="choose a place that can be written"):
        RecordingWriter(tmp_path / "no" / "r", Header(NOON))


def test_secrets_are_never_written(tmp_path: Path) -> None:
    """Known secrets go from parameters, bodies, errors and headers, in the spellings of JSON and URLs; learnt while it records."""
    known: list[str] = []
    secret = 'pa"ss/wörd+1'
    file = tmp_path / "r.jsonl"
    with RecordingWriter(file, Header(NOON, map='pa"ss/wörd+1'), lambda: known, force=True) as writer:
        known.append(secret)
        spellings = f'{secret} pa\\"ss/w\\u00f6rd+1 pa%22ss%2Fw%C3%B6rd%2B1 pa%22ss/w%C3%B6rd%2B1'
        writer.add(call(1, spellings.encode(), params=(("token", secret),), headers={"location": secret}))
        writer.add(call(2, b"\xff" + secret.encode("latin-1"), error=f"refused {secret}", sent=secret))
        writer.add(
            call(3, b"", peer="https://me:hunter2@host:9093", error="at https://me:hunter2@host/x and ssh://git@h/x")
        )
    text = "\n".join(line for line in file.read_text().splitlines()[1:])
    for spelling in (*spellings.split(), "wörd", "hunter2"):
        assert spelling not in text
    third = Recording.load(file).calls[2]
    assert third.peer == "https://host:9093"
    assert third.error == "at https://host/x and ssh://git@h/x"


def test_a_full_disk_ends_the_recording_and_nothing_else() -> None:
    """The writer keeps its error for whoever asks, and goes on accepting calls."""
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    writer = RecordingWriter(Path("/dev/full"), Header(NOON), force=True)
    writer.add(call(1))
    assert writer.error is not None
    assert "No space left" in writer.error
    writer.close()


async def ask(recording: Recording, second: float, **changed: object) -> bytes:
    """Ask a recording at a second after noon."""
    wire = PlaybackWire(recording, "am", FixedClock(NOON + timedelta(seconds=second)))
    given: dict[str, object] = {"peer": "http://am-0:9093", "method": "GET", "path": "/alerts", **changed}
    return (await wire.call(**given)).body  # type: ignore[arg-type]  # put together from names


async def test_playback_answers_with_the_latest_at_or_before_the_moment() -> None:
    """What was answered last at that moment is the answer; before the first there is none."""
    recording = Recording(Header(NOON), [call(10, b"a"), call(20, b"b"), call(30, b"c")])
    assert [await ask(recording, second) for second in (10, 19.9, 20, 29, 30, 1e6)] == [
        b"a",
        b"a",
        b"b",
        b"b",
        b"c",
        b"c",
    ]
    with pytest.raises(NotRecorded, match="not in the recording"):
        await ask(recording, 9.9)


async def test_playback_tells_calls_apart_by_all_but_their_moments() -> None:
    """Peer, path, method, body and parameters count; start, end, time, since, until and step do not."""
    asked = (("query", "up"), ("start", "1"), ("end", "2"), ("step", "15"))
    recording = Recording(
        Header(NOON),
        [
            call(1, b"range", path="/range", params=asked),
            call(2, b"form", method="POST", path="/range", sent="query=up&time=1"),
            call(3, b"json", method="POST", path="/x", sent='{"a": 1}'),
        ],
    )
    later = (("query", "up"), ("start", "7"), ("end", "8"), ("step", "60"))
    assert await ask(recording, 9, path="/range", params=later) == b"range"
    assert await ask(recording, 9, path="/range", method="POST", body=b"query=up&time=9") == b"form"
    assert await ask(recording, 9, path="/x", method="POST", body=b'{"a": 1}') == b"json"
    for other in (
        {"path": "/range", "params": (("query", "down"),)},
        {"path": "/range", "params": later, "peer": "http://am-1:9093"},
        {"path": "/x", "method": "POST", "body": b'{"a": 2}'},
    ):
        with pytest.raises(NotRecorded):
            await ask(recording, 9, **other)


async def test_playback_fails_as_the_call_failed() -> None:
    """A recorded failure is raised again with its status and Retry-After."""
    recording = Recording(Header(NOON), [call(1, b"", error="503 busy", status=503, retry_after_s=7)])
    with pytest.raises(SystemError, match="503 busy") as raised:
        await ask(recording, 2)
    assert (raised.value.status, raised.value.retry_after_s) == (503, 7)
    assert not isinstance(raised.value, NotRecorded)


def test_it_knows_when_anything_was_heard() -> None:
    """The moments of answers, its end, and whether there was one between two moments."""
    recording = Recording(Header(NOON), [call(30), call(10)])
    assert recording.ended == NOON + timedelta(seconds=30)
    assert recording.heard(NOON, NOON + timedelta(seconds=10))
    assert not recording.heard(NOON + timedelta(seconds=10), NOON + timedelta(seconds=29))
    assert Recording(Header(NOON)).ended == NOON


async def test_closing_closes_the_wire_inside(tmp_path: Path) -> None:
    """The recording wire lets go of what it wraps, and leaves the file to its owner."""
    inner = Talker(b"x")
    with RecordingWriter(tmp_path / "r", Header(NOON)) as writer:
        wire = RecordingWire(inner, writer, "am")
        await wire.close()
        assert inner.closed
        await asyncio.gather(wire.call("p", "GET", "/"))
    assert len(Recording.load(tmp_path / "r").calls) == 1


def test_a_context_is_described_without_its_secrets() -> None:
    """What is needed to read the answers again is in the header; tokens, passwords and credentials are not."""
    context = Context(
        "prod",
        production=True,
        window=timedelta(hours=7),
        shift=timedelta(hours=8),
        baking=timedelta(minutes=20),
        heartbeat=('alertname="Beat"',),
        timezone="Europe/Berlin",
        severities={"sev1": "P2"},
        systems=(
            SystemSpec(
                "am",
                "alertmanager",
                urls=("https://me:hunter2@am-0:9093",),
                token=Secret(env="TOKEN"),
                every=timedelta(seconds=30),
                labels={"cluster": "eu"},
                extra={"repositories": [{"path": "https://a:hunter2@h/x", "fetch": timedelta(minutes=2)}]},
            ),
        ),
    )
    header = header_of(context, NOON, builds={"am": "0.25"}, map_text="map: x")
    (line,) = Recording(header).lines()
    assert b"hunter2" not in line
    assert b"TOKEN" not in line
    read = context_of(Recording.load(line).header)
    assert (read.name, read.production, read.window, read.timezone) == (
        "prod",
        True,
        timedelta(hours=7),
        "Europe/Berlin",
    )
    assert (read.shift, read.baking) == (timedelta(hours=8), timedelta(minutes=20))
    assert (read.heartbeat, dict(read.severities)) == (('alertname="Beat"',), {"sev1": "P2"})
    (system,) = read.systems
    assert (system.urls, system.every, dict(system.labels)) == (
        ("https://am-0:9093",),
        timedelta(seconds=30),
        {"cluster": "eu"},
    )
    assert system.extra == {"repositories": [{"path": "https://h/x", "fetch": "120s"}]}
    with pytest.raises(ConfigError, match="describes no context"):
        context_of(Header(NOON, context={"systems": 3}))
