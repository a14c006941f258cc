"""A recording's calls, packed."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.systems.recording.call import Call
from cockpit.systems.recording.shelf import Shelf

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

_BODIES = st.one_of(
    st.binary(max_size=40),
    st.builds(lambda piece, times: piece * times, st.binary(min_size=1, max_size=8), st.integers(1, 200)),
)


@given(st.lists(st.tuples(st.sampled_from(["/a", "/b"]), _BODIES), max_size=12))
@settings(max_examples=100, deadline=None)
def test_whatever_is_put_on_it_is_taken_from_it(answers: list[tuple[str, bytes]]) -> None:
    """Bodies come back byte by byte, in their order, one by one and all together."""
    calls = [Call(NOON, NOON, "am", "a:1", "GET", path, body=body) for path, body in answers]
    shelf = Shelf(calls)
    assert list(shelf) == calls
    assert [shelf[place] for place in range(len(shelf))] == calls
    assert shelf[1:] == calls[1:]
    assert [call.path for call in shelf.bare] == [call.path for call in calls]


def test_what_is_alike_takes_little_room() -> None:
    """Many answers that differ in a number are kept in a fraction of their size."""
    body = b"".join(b'{"labels":{"alertname":"A%d","pod":"pod-%d"}}' % (n, n * 7) for n in range(200))
    shelf = Shelf(Call(NOON, NOON, "am", "a:1", "GET", "/a", body=body + b"%d" % n) for n in range(100))
    assert sum(len(one.data) for one in shelf._bodies) < 100 * len(body) // 20
