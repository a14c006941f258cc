"""Alerts that were asked for by a filter, beside all of them: fresher where they are, and never a word about the rest."""

from cockpit.board.state import Board
from cockpit.model.alert import AlertReport, State
from cockpit.model.reading import AlertsSeen, Liveness, Topic
from tests.unit.board.world import AM, World, report, secs

ONLY = ('service="payment"',)


def filtered(world: World, *reports: AlertReport, asked_before_s: float = 0.0) -> Board:
    """Let the Alertmanager answer what a filter chooses."""
    asked = world.now - secs(asked_before_s)
    said = AlertsSeen(tuple(reports), ONLY)
    return world.take(world.reading("am", Topic.FILTERED, answer=said, asked=asked, peers=world.peers))


def states(board: Board) -> list[State]:
    """Return the alerts' states, by fingerprint."""
    return [alert.state for _, alert in sorted(board.alerts.items())]


def test_what_a_filter_leaves_out_stays() -> None:
    """An answer to a filter adds what is new and brings up what changed; what is not in it is neither gone nor lost."""
    world = World(AM)
    world.am(report(1), report(2))
    world.wait(10)
    board = filtered(world, report(2, state="suppressed", silenced_by=("x",)), report(3))
    assert states(board) == [State.FIRING, State.SILENCED, State.FIRING]
    assert board.readings["am", Topic.ALERTS].at < world.now
    assert len(board.folds) == 1


def test_all_alerts_judge_what_a_filter_brought() -> None:
    """What a filter brought and all alerts do not hold any more, asked for later, is judged as any other that is gone."""
    world = World(AM)
    world.am(report(1))
    filtered(world.wait(5), report(2))
    assert states(world.wait(5).am(report(1))) == [State.FIRING, State.RESOLVED]


def test_an_answer_on_its_way_does_not_undo_a_later_one() -> None:
    """All alerts that were asked for before a filter, and come after it, take nothing away that the filter found."""
    world = World(AM)
    world.am(report(1))
    world.wait(10)
    filtered(world, report(2), asked_before_s=1)
    late = world.reading("am", Topic.ALERTS, answer=AlertsSeen((report(1),)), asked=world.now - secs(8))
    assert states(world.take(late)) == [State.FIRING, State.FIRING]


def test_an_old_answer_to_a_filter_changes_nothing() -> None:
    """What was asked of a filter before all alerts were asked for, and comes after them, is not taken."""
    world = World(AM)
    world.wait(10).am(report(1))
    assert states(filtered(world, report(2), asked_before_s=5)) == [State.FIRING]


def test_a_filter_that_fails_says_nothing_of_its_system() -> None:
    """The system stays live, as all its alerts were answered."""
    world = World(AM)
    world.am(report(1))
    board = world.take(world.reading("am", Topic.FILTERED, error="connection refused"))
    assert board.systems["am"].error is None
    assert board.systems["am"].state is Liveness.LIVE
