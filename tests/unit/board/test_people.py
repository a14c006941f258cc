"""What people decided stands, whatever is read afterwards; the journal's word is taken once."""

from datetime import timedelta

from cockpit.board.reduce import with_setup
from cockpit.board.state import Answered, JournalSaid, PriorityChosen, Recalled, Setup
from cockpit.model.alert import State
from cockpit.model.drill import PersonAnswer, Priority, Question, Standing
from cockpit.model.reading import Topic
from tests.unit.board.world import AM, NOON, PROM, SHOP, World, change, listed, report


def said(world: World, value: str) -> PersonAnswer:
    """Return what a person wrote about the only alert's SCOPE."""
    return PersonAnswer(world.one().occurrence, Question.SCOPE, Standing.EDITED, value, "first", world.now)


def test_an_answer_survives_every_reading() -> None:
    """No refresh overwrites what a person wrote; taking it back removes it."""
    world = World()
    world.am(report())
    occurrence = world.one().occurrence
    world.take(Answered(world.now, occurrence, Question.SCOPE, said(world, "half")))
    world.take(PriorityChosen(world.now, occurrence, Priority.P2))
    for _ in range(5):
        world.wait(15).am(report())
        world.prom(listed())
    assert world.board.persons[occurrence][Question.SCOPE].value == "half"
    assert world.board.chosen[occurrence] is Priority.P2
    world.take(Answered(world.now, occurrence, Question.SCOPE, None))
    world.take(PriorityChosen(world.now, occurrence, None))
    assert not world.board.persons
    assert not world.board.chosen


def test_a_late_recall_overwrites_nothing() -> None:
    """What was decided since the start stands against what the journal held from before."""
    world = World(AM)
    world.am(report())
    occurrence = world.one().occurrence
    world.take(Answered(world.now, occurrence, Question.SCOPE, said(world, "now")))
    world.take(PriorityChosen(world.now, occurrence, Priority.P1))
    world.take(Recalled(world.now, persons=(said(world, "before"),), chosen={occurrence: Priority.P4}))
    assert world.board.persons[occurrence][Question.SCOPE].value == "now"
    assert world.board.chosen[occurrence] is Priority.P1


def test_the_journal_s_trouble_is_told() -> None:
    """Why answers wait in memory stands on the board until they do not."""
    world = World(AM)
    assert world.take(JournalSaid(NOON, "disk full")).journal_error == "disk full"
    assert world.take(JournalSaid(NOON, None)).journal_error is None


def test_another_map_names_anew_and_forgets_nothing() -> None:
    """Under an edited map the same readings name their services anew; occurrences and answers go on."""
    world = World(AM, PROM)
    world.am(report(service="payments"))
    world.prom(listed(service="payments"))
    world.changes("prom", change())
    before, fold = world.one(), world.fold()
    world.take(Answered(world.now, before.occurrence, Question.SCOPE, said(world, "half")))
    world.wait(15).prom_fails()
    failing = world.board.failing
    mapped = SHOP.services["payment"]
    source = SHOP.__class__(services={"payment": mapped.__class__("payment", aliases=("payments",), team="team-p")})
    world.board = with_setup(world.board, Setup(map=source, systems=(AM, PROM)), world.now)
    after = world.one()
    assert (after.service, after.mapped, after.state) == ("payment", True, State.FIRING)
    assert after.occurrence == before.occurrence
    assert after.prometheus == "prom"
    assert world.board.persons[after.occurrence][Question.SCOPE].value == "half"
    assert world.fold().opened <= fold.opened
    assert world.board.failing == failing
    assert world.board.readings["am", Topic.ALERTS].at == NOON
    assert set(world.board.health) == {"payment", "payment-service"} - {"payment-service"}
    assert world.board.at == NOON + timedelta(seconds=15)
