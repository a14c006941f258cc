"""A recording can be moved in time by one constant, and nothing else in it changes."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.systems.recording import Call, Header, Recording, moved

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def one(body: bytes, **changed: object) -> Call:
    """Return a call with that body."""
    given: dict[str, object] = {"system": "s", "peer": "p", "method": "GET", "path": "/", "status": 200, "body": body}
    return Call(NOON, NOON, **(given | changed))  # type: ignore[arg-type]  # put together from names


def shifted(body: bytes, seconds: int, **changed: object) -> Call:
    """Return what becomes of a call."""
    return moved(Recording(Header(NOON), [one(body, **changed)]), seconds).calls[0]


def test_moments_in_answers_move_and_keep_their_form() -> None:
    """RFC 3339 moves with its fraction and zone; never stays never; numbers that are no moments stay."""
    body = (
        b'{"startsAt":"2026-11-20T23:59:59.123456789Z","x":"2026-11-20T13:00:00+02:00","never":"0001-01-01T00:00:00Z",'
        b'"n":1790000000,"text":"since 2026-11-20T12:00:00.5Z, 2026-11-20"}'
    )
    assert shifted(body, 61).body == (
        b'{"startsAt":"2026-11-21T00:01:00.123456789Z","x":"2026-11-20T13:01:01+02:00","never":"0001-01-01T00:00:00Z",'
        b'"n":1790000000,"text":"since 2026-11-20T12:01:01.5Z, 2026-11-20"}'
    )


def test_samples_move_and_their_values_do_not() -> None:
    """The time of a sample moves by the constant in vectors, ranges and scalars; a value that looks like one stays."""
    body = b'{"value":[1790000000.123,"1790000000"],"values":[[1790000000,"1"],[1790000015.5 , "NaN"]],"result":[1790000000,"3"]}'
    there = json.loads(shifted(body, -100).body)
    assert there == {
        "value": [1789999900.123, "1790000000"],
        "values": [[1789999900, "1"], [1789999915.5, "NaN"]],
        "result": [1789999900, "3"],
    }


def test_what_git_says_moves() -> None:
    """Strict ISO dates between NULs move, hashes and subjects do not."""
    body = b"\0" + b"1790000000" * 4 + b"\0\x002026-11-20T12:00:00+00:00\0Ada\0at [1790000000] \xff\0"
    assert shifted(body, 3600).body == body.replace(b"12:00:00", b"13:00:00")


def test_parameters_and_date_headers_move() -> None:
    """Start, end, time, since and until move, whatever their form; other parameters do not; the Date header does."""
    params = (
        ("query", "x 1790000000"),
        ("start", "1790000000.5"),
        ("since", "--since=2026-11-20T12:00:00Z"),
        ("step", "15"),
    )
    there = shifted(b"", 10, params=params, headers={"date": "Fri, 20 Nov 2026 12:00:00 GMT", "x": "2026"})
    assert there.params == (
        ("query", "x 1790000000"),
        ("start", "1790000010.5"),
        ("since", "--since=2026-11-20T12:00:10Z"),
        ("step", "15"),
    )
    assert dict(there.headers) == {"date": "Fri, 20 Nov 2026 12:00:10 GMT", "x": "2026"}


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=80), st.integers(-(10**6), 10**6))
def test_moving_there_and_back_changes_nothing(body: bytes, seconds: int) -> None:
    """The header counts by how much it was moved; back again it is what it was, whatever its bodies hold."""
    recording = Recording(Header(NOON), [one(body), one(body)])
    there = moved(recording, seconds)
    assert there.header.moved_by_s == seconds
    assert there.header.began == NOON + timedelta(seconds=seconds)
    assert {c.at for c in there.calls} == {NOON + timedelta(seconds=seconds)}
    back = moved(there, -seconds)
    assert back.calls == recording.calls
    assert back.header == recording.header
