"""Steps on the map, as pure functions from one walk to the next."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.board.state import Board, Setup
from cockpit.model.walk import View, Walk
from cockpit.slices import walk as walks
from cockpit.slices.integrations import cut
from cockpit.slices.walk import NoWay
from cockpit.topology.graph import topology_of
from tests.maps import SAMPLES
from tests.unit.slices.boards import board


def _board(name: str) -> Board:
    sample = SAMPLES[name]()
    return replace(board(setup=Setup(map=sample.map)), health=sample.states)


CHECKOUT = _board("checkout")
BOOKING = _board("booking")


def _at(service: str) -> Walk:
    return Walk(centre=service, here=service)


def test_another_alert_leads_the_walk_to_its_service() -> None:
    """Another row under the alert cursor begins the walk anew; the same row leaves it where it is."""
    led = walks.followed(_at("ui"), "row 1", "payment")
    assert (led.centre, led.here) == ("payment", "payment")
    gone = walks.to(led, "order")
    assert walks.followed(gone, "row 1", "payment") is gone
    assert walks.followed(gone, "row 2", "payment").here == "payment"


def test_down_goes_to_the_worst_callee_and_up_the_way_one_came() -> None:
    """`l` goes to the callee that does worst; `h` goes back the same way, though another caller does worse."""
    for start in BOOKING.map.services:
        callees = [name for name in topology_of(BOOKING.map).callees(start) if name != start]
        if not callees:
            continue
        there = walks.down(_at(start), BOOKING)
        assert there.here in callees
        assert all(walks.badness(BOOKING, there.here) <= walks.badness(BOOKING, name) for name in callees)
        assert walks.up(there, BOOKING).here == start


def test_where_nothing_is_called_there_is_no_way() -> None:
    """A step that cannot be taken says why."""
    with pytest.raises(NoWay, match="inventory calls nothing"):
        walks.down(_at("inventory"), CHECKOUT)
    with pytest.raises(NoWay, match="ui is where users come in"):
        walks.up(_at("ui"), CHECKOUT)
    with pytest.raises(NoWay, match="no service is selected"):
        walks.up(Walk(), CHECKOUT)
    with pytest.raises(NoWay, match="where you began"):
        walks.return_(Walk())


steps = st.lists(st.sampled_from(["down", "up", "focus", "turn", "blast", "overview", "fold", "firing"]), max_size=25)


@settings(max_examples=60, deadline=None)
@given(steps, st.sampled_from(sorted(BOOKING.map.services)))
def test_every_walk_goes_back_to_where_it_began(taken: list[str], start: str) -> None:
    """Whatever steps are taken, the cursor stands on a service, and going back ends where the walk began."""
    walk = _at(start)
    for step in taken:
        try:
            match step:
                case "down":
                    walk = walks.down(walk, BOOKING)
                case "up":
                    walk = walks.up(walk, BOOKING)
                case "focus":
                    walk = walks.focus(walk)
                case "turn":
                    walk = walks.turn(walk)
                case "blast":
                    walk = walks.blast(walk, BOOKING)
                case "overview":
                    walk = walks.overview(walk)
                case "fold":
                    walk = walks.fold(walk, BOOKING)
                case _:
                    walk = walks.next_firing(walk, BOOKING, 1)
        except NoWay:
            continue
        assert walk.here in BOOKING.map.services
        assert walk.centre in BOOKING.map.services
    for _ in range(100):
        try:
            walk = walks.return_(walk)
        except NoWay:
            break
    assert walk.centre == start
    assert walk.view is not View.OVERVIEW


def test_f_visits_every_firing_service_once_and_begins_again() -> None:
    """`f` goes to each firing service, the worst first, and then to the first again; `ctrl+f` the other way round."""
    firing = {name for name, health in BOOKING.health.items() if health.firing}
    walk, seen = Walk(), []
    for _ in range(len(firing)):
        walk = walks.next_firing(walk, BOOKING, 1)
        seen.append(walk.here)
    assert sorted(seen) == sorted(firing)
    assert walks.next_firing(walk, BOOKING, 1).here == seen[0]
    assert walks.next_firing(walk, BOOKING, -1).here == seen[-2]


def test_depth_steps_between_one_hop_and_all() -> None:
    """`<` draws fewer hops down to one, `>` more up to all that fit."""
    walk = walks.deeper(Walk(), -1)
    assert walk.depth == 2
    for _ in range(5):
        walk = walks.deeper(walk, -1)
    assert walk.depth == 1
    for _ in range(20):
        walk = walks.deeper(walk, 1)
    assert walk.depth is None


def test_what_a_key_cannot_do_on_the_map_it_says() -> None:
    """Nothing is claimed of a service that the map does not know, and no key pretends to have done something."""
    stranger = _at("node-7")
    for move, why in (
        (walks.blast, "node-7 is not in the map: what feels its failure is not known"),
        (walks.up, "nothing that the map knows calls node-7"),
        (walks.fold, "node-7 calls nothing that the map knows"),
        (walks.unfold_all, "nothing is folded away"),
    ):
        with pytest.raises(NoWay, match=why):
            move(stranger, CHECKOUT)
    with pytest.raises(NoWay, match="all hops are drawn here"):
        walks.deeper(walks.overview(_at("payment")), 1)
    with pytest.raises(NoWay, match="nothing folds here"):
        walks.fold(walks.overview(_at("payment")), CHECKOUT)
    folded = walks.fold(_at("payment"), CHECKOUT)
    assert folded.folded == {"payment"}
    assert walks.unfold_all(folded, CHECKOUT).folded == set()


@pytest.mark.parametrize("view", [View.CHAIN, View.SUBWAY, View.TREE])
def test_the_title_tells_a_service_that_no_map_knows_and_whose_callers_are_counted(view: View) -> None:
    """No view is said to be around a service that it cannot draw, and counts name whom they are of."""
    stranger = cut(CHECKOUT, replace(_at("node-7"), view=view))
    assert stranger.title.startswith("node-7 is not in map")
    assert stranger.right == ""
    assert cut(CHECKOUT, replace(_at("payment"), view=view)).right.startswith("callers ")
    assert cut(CHECKOUT, Walk(centre="payment", here="order", view=view)).right.startswith("order: callers ")


def test_matches_begin_with_names_that_begin_so() -> None:
    """A find lists names that begin with the text first, and takes aliases and teams too."""
    assert walks.matches(CHECKOUT, "pay")[0] == "payment"
    assert walks.matches(CHECKOUT, "") == []
    assert walks.matches(CHECKOUT, "no such thing") == []
    team = CHECKOUT.map.services["order"].team
    assert team is not None
    assert "order" in walks.matches(CHECKOUT, team)


NAMES = ((0, 0, 3, "ui"), (0, 20, 4, "auth"), (2, 2, 3, "ads"), (2, 22, 5, "users"), (3, 2, 2, "db"))


@pytest.mark.parametrize(
    ("here", "by", "there"),
    [("ui", 1, "ads"), ("auth", 1, "users"), ("users", 1, "db"), ("db", -9, "ui"), ("ui", -1, "ui"), ("gone", 1, "ui")],
)
def test_rows_step_to_what_stands_nearest(here: str, by: int, there: str) -> None:
    """`j` and `k` go to the row below or above, to what stands nearest to the cursor's cell."""
    assert walks.step(NAMES, here, by) == there


@pytest.mark.parametrize(("here", "way", "there"), [("ui", 1, "auth"), ("auth", -1, "ui"), ("auth", 1, "auth")])
def test_cells_step_along_a_row(here: str, way: int, there: str) -> None:
    """In a grid one goes along a row, and not beyond its ends."""
    assert walks.beside(NAMES, here, way) == there
