"""Ticks of a checklist belong to the occurrence, and stand whatever is read afterwards."""

from cockpit.board.draft import Draft
from cockpit.board.occurrences import rename
from cockpit.board.reduce import with_setup
from cockpit.board.state import Recalled, Ticked
from tests.unit.board.world import AM, PROM, World, listed, report


def test_a_tick_survives_every_reading() -> None:
    """No refresh takes a tick away; a person does, and only from the line that they mean."""
    world = World()
    world.am(report())
    occurrence = world.one().occurrence
    world.take(Ticked(world.now, occurrence, "payment", by="first"))
    world.take(Ticked(world.now, occurrence, "order", by="first"))
    for _ in range(3):
        world.wait(15).am(report())
        world.prom(listed())
    assert set(world.board.ticks[occurrence]) == {"payment", "order"}
    assert world.board.ticks[occurrence]["payment"].by == "first"
    world.take(Ticked(world.now, occurrence, "payment", ticked=False))
    assert set(world.board.ticks[occurrence]) == {"order"}
    world.take(Ticked(world.now, occurrence, "order", ticked=False))
    assert not world.board.ticks


def test_a_late_recall_keeps_what_was_ticked_since() -> None:
    """What the journal held is joined with what was ticked since the start, which stands."""
    world = World(AM)
    world.am(report())
    occurrence = world.one().occurrence
    world.take(Ticked(world.now, occurrence, "payment", by="now"))
    before = (
        Ticked(world.now, occurrence, "payment", by="before"),
        Ticked(world.now, occurrence, "order", by="before"),
    )
    world.take(Recalled(world.now, ticks=before))
    assert {item: tick.by for item, tick in world.board.ticks[occurrence].items()} == {
        "payment": "now",
        "order": "before",
    }


def test_ticks_go_on_under_another_map_and_another_name() -> None:
    """An edited map loses no tick, and an occurrence that goes on under another name takes its ticks along."""
    world = World(AM, PROM)
    world.am(report())
    occurrence = world.one().occurrence
    world.take(Ticked(world.now, occurrence, "payment"))
    world.board = with_setup(world.board, world.board.setup, world.now)
    assert world.board.memory is not None
    draft = Draft(world.board, world.board.memory, world.now)
    rename(draft, occurrence, "am/other/20261120T120000Z")
    world.board = draft.finish()
    assert [tick.occurrence for tick in world.board.ticks["am/other/20261120T120000Z"].values()] == [
        "am/other/20261120T120000Z"
    ]
    assert occurrence not in world.board.ticks
