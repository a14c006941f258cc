"""Which firing is the same occurrence, what came before it, and when an alert flaps."""

from datetime import timedelta

from cockpit.board.state import OpenOccurrence, Recalled
from cockpit.model.alert import PastOccurrence, State
from cockpit.model.drill import PersonAnswer, Priority, Question, Standing
from tests.unit.board.world import AM, NOON, World, listed, report, secs


def test_back_within_a_quarter_of_an_hour_is_the_same() -> None:
    """An alert that resolves and fires again within fifteen minutes goes on as one occurrence with two starts."""
    world = World(AM)
    world.am(report())
    first = world.one()
    world.wait(15).am()
    assert world.state() is State.RESOLVED
    world.wait(600).am(report(started=world.now - secs(5)))
    again = world.one()
    assert again.occurrence == first.occurrence
    assert again.state is State.FIRING
    assert again.starts == (first.fired, world.now - secs(5))
    assert again.since == world.now - secs(5)
    assert again.last is None
    assert again.ended is None


def test_after_a_quarter_of_an_hour_a_new_one_begins() -> None:
    """A new occurrence starts empty and quotes the last."""
    world = World(AM)
    world.am(report())
    first, fold = world.one(), world.fold()
    world.wait(15).am()
    ended = world.now
    world.wait(901).am(report(started=world.now))
    again = world.one()
    assert again.occurrence != first.occurrence
    assert again.last == PastOccurrence(first.opened, ended)
    assert again.starts == (world.now,)
    assert world.fold().occurrence != fold.occurrence
    assert world.fold().last == PastOccurrence(fold.opened, ended)


def test_a_start_that_moves_changes_nothing() -> None:
    """Starts move when a Prometheus restarts or a peer dies: the occurrence and its first start stay."""
    world = World(AM)
    world.am(report(started=NOON - timedelta(minutes=5)))
    first = world.one()
    world.wait(15).am(report(started=NOON - timedelta(minutes=2)))
    assert world.one().occurrence == first.occurrence
    assert (world.one().fired, world.one().since, len(world.one().starts)) == (first.fired, first.since, 1)


def test_over_unwatched_time_the_reported_start_decides() -> None:
    """After two hours of no answer it is the same occurrence unless it started fifteen minutes after the last sighting."""
    for after, same in ((-300, True), (800, True), (1000, False)):
        world = World(AM)
        world.am(report())
        first = world.one()
        for _ in range(4):
            world.wait(1800).am_fails()
        world.wait(15).am(report(started=NOON + secs(after)))
        assert (world.one().occurrence == first.occurrence) is same
        if not same:
            assert world.one().last == PastOccurrence(first.opened, NOON)
            assert world.fold().opened == NOON + secs(after)


def test_three_starts_in_an_hour_are_flapping_until_they_are_an_hour_old() -> None:
    """From the third start on an alert and its fold flap; when the first is an hour old they do not."""
    world = World(AM)
    for _ in range(3):
        world.am(report(started=world.now))
        world.wait(60).am()
        world.wait(60)
    world.am(report(started=world.now))
    assert world.one().flapping
    assert world.fold().flapping
    assert len(world.one().starts) == 4
    for _ in range(60):
        world.wait(60).am(report(started=NOON + secs(360)))
    assert not world.one().flapping
    assert not world.fold().flapping


def test_a_restart_between_two_polls_counts_as_a_start() -> None:
    """An alert that ended and began again between two polls has started twice."""
    world = World(AM)
    world.am(report(started=NOON - timedelta(minutes=5)))
    world.wait(15).am(report(started=NOON + secs(10)))
    assert len(world.one().starts) == 2
    assert world.one().since == NOON + secs(10)


def recalled(world: World, opened: int, seen: int, subject: str = "am/0001") -> None:
    """Let the journal say that an occurrence was open, moments in seconds from noon."""
    world.take(Recalled(world.now, open=(OpenOccurrence(subject, NOON + secs(opened), NOON + secs(seen)),)))


def test_a_recalled_occurrence_goes_on() -> None:
    """After a restart an alert is the occurrence that was open, with what people said, if it started in time."""
    subject = "fold/HighErrors/payment/eu-1"
    opened = NOON - timedelta(hours=1)
    said = PersonAnswer("am/0001/20261120T130000Z", Question.WHAT, Standing.CONFIRMED, "x", "first", NOON)
    world = World(AM)
    world.take(
        Recalled(
            NOON,
            open=(OpenOccurrence("am/0001", opened, NOON), OpenOccurrence(subject, opened, NOON)),
            persons=(said,),
            chosen={f"{subject}/20261120T130000Z": Priority.P2},
        )
    )
    world.wait(3600).am(report(started=NOON + secs(600)))
    assert world.one().opened == opened
    assert world.fold().opened == opened
    assert world.board.persons[world.one().occurrence][Question.WHAT] == said
    assert world.board.chosen[world.fold().occurrence] is Priority.P2


def test_a_recalled_occurrence_that_ended_unwatched_is_the_last_one() -> None:
    """An alert that started more than fifteen minutes after the last sighting is new, and quotes the recalled one."""
    world = World(AM)
    recalled(world, -3600, -1200)
    world.am(report(started=NOON - secs(10)))
    assert world.one().opened == NOON - secs(10)
    assert world.one().last == PastOccurrence(NOON - secs(3600), NOON - secs(1200))


def test_the_note_of_the_last_time_is_recalled() -> None:
    """What a person wrote the last time is quoted."""
    last = PastOccurrence(NOON - timedelta(days=1), NOON - timedelta(hours=23), "restarted the gateway")
    world = World(AM)
    world.take(Recalled(NOON, past={"am/0001": last, "fold/HighErrors/payment/eu-1": last}))
    world.am(report())
    assert world.one().last == last
    assert world.fold().last == last


def test_the_journal_may_speak_after_the_first_answer() -> None:
    """What was seen before the journal could be read goes on as the occurrence it was."""
    world = World(AM)
    world.am(report())
    recalled(world, -7200, -600)
    assert world.one().opened == NOON - secs(7200)
    recalled(world, -7200, -600, "fold/HighErrors/payment/eu-1")
    assert world.fold().opened == NOON - secs(7200)


def test_what_was_said_of_a_pending_alert_is_found_after_a_restart() -> None:
    """An occurrence journalled while only Prometheus knew it goes on under its fingerprint."""
    world = World()
    world.prom(listed(state="pending", active=NOON - secs(30)))
    pending = world.one()
    again = World(at=NOON + secs(60))
    said = PersonAnswer(pending.occurrence, Question.WHAT, Standing.EDITED, "the gateway", "first", NOON)
    known = OpenOccurrence(f"prom/{pending.key.id}", pending.opened, NOON)
    again.take(Recalled(again.now, open=(known,), persons=(said,)))
    again.prom(listed(active=NOON - secs(30)))
    again.am(report(started=NOON + secs(30)))
    assert again.one().opened == pending.opened
    assert again.board.persons[again.one().occurrence][Question.WHAT].value == "the gateway"
