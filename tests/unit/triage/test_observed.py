"""The drill where calls and places are observed: suspects, who feels it, who owns it, where it runs."""

from datetime import UTC

from cockpit.board.state import Board
from cockpit.model.drawing import line_text
from cockpit.model.drill import Answer, Question
from cockpit.model.reading import ChangesSeen, TargetsSeen, Topic
from cockpit.slices.details import cut as cut_details
from cockpit.triage.drill import fill
from cockpit.triage.subject import worst
from tests.unit.board.test_observed import called, hops, places, pod, world
from tests.unit.board.world import NOON, change, report, secs


def answers(board: Board) -> dict[Question, Answer]:
    """Return the answers for the worst that fires."""
    subject = worst(board)
    assert subject is not None
    return dict(fill(board, subject).answers)


def test_a_change_on_an_observed_callee_is_a_suspect() -> None:
    """Who was seen to be called counts as called: a deploy there before the alert is named."""
    here = world()
    seen = ChangesSeen((change(name="order", minutes=-9),), NOON - secs(4 * 3600), ("order", "payment"))
    here.take(here.reading("prom", Topic.CHANGES, answer=seen))
    here.am(report())
    assert not answers(here.board)[Question.CHANGE].suspects
    hops(here, called("payment", "order"))
    (suspect,) = answers(here.board)[Question.CHANGE].suspects
    assert suspect.why[0].startswith("on order, which payment calls, began 4 min before it")


def test_who_was_seen_to_call_feels_it() -> None:
    """Observed callers stand in the blast radius as declared ones do."""
    here = world()
    here.am(report())
    hops(here, called("ui", "payment"))
    assert "felt by ui" in answers(here.board)[Question.SCOPE].value


def test_a_node_is_felt_by_what_runs_there() -> None:
    """An alert that only names a node says which services its pods are of."""
    here = world()
    places(here, pod("payment-5d8f9c7b64-x2x4z", "node-1"), pod("order-0", "node-2"))
    here.am(report(labels={"alertname": "NodeDown", "node": "node-1", "severity": "critical"}))
    scope = answers(here.board)[Question.SCOPE]
    assert "felt by payment" in scope.value
    assert "order" not in scope.value


def test_the_owner_of_what_no_file_declares_is_inferred() -> None:
    """Labels of its targets name the team of a service that is only observed; it is marked."""
    here = world()
    targets = TargetsSeen(({"app_kubernetes_io_name": "search", "team": "team-search"},))
    here.take(here.reading("prom", Topic.TARGETS, answer=targets))
    here.am(report(labels={"alertname": "SearchDown", "app": "search"}, receivers=()))
    assert answers(here.board)[Question.OWNER].value == "team-search?"


def test_details_say_which_node_a_pod_runs_on() -> None:
    """Beside the service stands its pod's node, with the time of that where it is old."""
    here = world()
    labels = {"alertname": "PodDown", "pod": "payment-5d8f9c7b64-x2x4z", "namespace": "shop"}
    board = here.am(report(labels=labels))
    board = places(here, pod("payment-5d8f9c7b64-x2x4z", "node-1"))
    (key,) = board.alerts
    now = "\n".join(map(line_text, cut_details(board, key, here.now, UTC)))
    later = "\n".join(map(line_text, cut_details(board, key, here.now + secs(3600), UTC)))
    assert "runs on      node-1\n" in now
    assert "runs on      node-1 (as of 14:00" in later
