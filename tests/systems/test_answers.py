"""Long lists read item by item."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.systems.answers import ItemReader, UnreadableError


class _Made:
    """A value that is nobody else."""

    def __init__(self, number: int) -> None:
        self.number = number


def _read(data: bytes, _plain: bool) -> _Made:
    number = int(data)
    if number < 0:
        raise UnreadableError(": expected none below zero")
    return _Made(number)


def _raws(numbers: list[int]) -> list[msgspec.Raw]:
    return [msgspec.Raw(str(number).encode()) for number in numbers]


_NUMBERS = st.lists(st.integers(-2, 6), max_size=12)


@given(st.lists(st.lists(_NUMBERS, max_size=3), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
async def test_an_item_that_the_last_answer_held_is_the_same_object_wherever_it_stands_now(
    answers: list[list[list[int]]],
) -> None:
    """Items come, go and move; what can be read is there in its order, and only what is new is read."""
    reader = ItemReader("things", _read)
    before: dict[int, list[_Made]] = {}
    for answer in answers:
        reader.begin()
        held: dict[int, list[_Made]] = {}
        for numbers in answer:
            made = await reader.read(_raws(numbers))
            assert [one.number for one in made] == [number for number in numbers if number >= 0]
            for one in made:
                held.setdefault(one.number, []).append(one)
        in_order = len(answer) == 1
        for number, some in held.items():
            if in_order and number in before and len(before[number]) == len(some) == 1:
                assert some[0] is before[number][0]
        assert len(reader.unread) == sum(number < 0 for numbers in answer for number in numbers)
        before = held if in_order else {}


async def test_what_was_ended_is_remembered_for_the_next_answer_alone() -> None:
    """Two answers later an item is read again."""
    reader = ItemReader("things", _read)
    found: list[_Made] = []
    for numbers in ([1], [1], [2], [1]):
        reader.begin()
        found += await reader.read(_raws(numbers))
        reader.end()
    assert found[0] is found[1]
    assert found[3] is not found[0]
