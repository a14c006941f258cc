"""Changes are found by time, service and system as if each had been looked at."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.model.change import Change
from cockpit.topology.names import normal
from cockpit.triage.window import Known
from tests.unit.triage.boards import at, deploy

minutes = st.integers(0, 400)


def made(number: int, minute: int, service: str, systems: frozenset[str]) -> Change:
    """Return a change so many minutes after ten, told by these systems."""
    one = deploy()
    told = tuple(replace(one.witnesses[0], system=system) for system in sorted(systems))
    return replace(one, id=str(number), began=at("10:00") + timedelta(minutes=minute), service=service, witnesses=told)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(minutes, st.sampled_from(["payment", "Card_Gateway", "ui"]), st.frozensets(st.sampled_from("ab")))
    ),
    minutes,
    minutes,
)
def test_what_is_found_is_what_each_change_says(
    told: list[tuple[int, str, frozenset[str]]], first: int, last: int
) -> None:
    """Window, services and counts by system are those of going through all changes."""
    changes = [made(number, *one) for number, one in enumerate(told)]
    known = Known(changes[::2], changes[1::2])
    begin, end = (at("10:00") + timedelta(minutes=one) for one in (first, last))
    within = known.between(begin, end)
    expected = [one for one in changes if begin <= one.began <= end]
    assert {known.changes[place].id for place in within} == {one.id for one in expected}
    found = known.of({normal("card-gateway"), "ui"}, within)
    assert {one.id for one in found} == {one.id for one in expected if one.service != "payment"}
    assert [one.began for one in found] == sorted((one.began for one in found), reverse=True)
    counts = known.counts(within)
    assert all(counts.get(name, 0) == sum(name in one.systems for one in expected) for name in "ab")
