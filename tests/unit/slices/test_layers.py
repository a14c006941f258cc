"""Layers of the map: how one turns between them, and where an alert leads."""

from dataclasses import replace
from datetime import UTC

from cockpit.board.reduce import reduce
from cockpit.model.drawing import UNICODE, line_text
from cockpit.model.reading import MeasuresSeen, Reading, Topic
from cockpit.model.walk import Layer, View, Walk
from cockpit.slices.known import known
from cockpit.slices.layers import cut, layered, led, onto, settled, there, turned
from cockpit.topology.load import read_map
from tests.tui.samples import NOW, sample_board
from tests.unit.slices.boards import board as small

BOARD = sample_board()
START = Walk(led="row", centre="payment", here="payment")


def test_layers_turn_and_come_back_where_one_was() -> None:
    """Services, teams, tools, and services again at the same place; teams begin at the owner of the service here."""
    teams = turned(START, BOARD)
    assert (teams.layer, teams.here, teams.view) == (Layer.TEAMS, "team-payments", View.TREE)
    tools = turned(teams, BOARD)
    assert tools.layer is Layer.TOOLS
    assert tools.here in layered(BOARD, Layer.TOOLS).map.services
    back = turned(tools, BOARD)
    assert replace(back, aside=()) == START
    assert turned(back, BOARD).here == "team-payments"


def test_a_place_on_the_tools_is_kept() -> None:
    """Whoever comes back to the tools is where they were."""
    tools = replace(onto(START, Layer.TOOLS, BOARD), here="pagerduty", view=View.SUBWAY)
    again = onto(onto(tools, Layer.SERVICES, BOARD), Layer.TOOLS, BOARD)
    assert (again.here, again.view) == ("pagerduty", View.SUBWAY)


def test_another_alert_leads_to_its_team_and_from_tools_to_its_service() -> None:
    """The layer of teams stays and goes to the owner; no tool is about one alert, so from there it is its service."""
    teams = led(onto(START, Layer.TEAMS, BOARD), "other", "catalog", "", BOARD)
    assert (teams.layer, teams.centre, teams.here) == (Layer.TEAMS, "team-catalogue", "team-catalogue")
    tools = led(onto(START, Layer.TOOLS, BOARD), "other", "catalog", "", BOARD)
    assert (tools.layer, tools.here) == (Layer.SERVICES, "catalog")
    same = onto(START, Layer.TOOLS, BOARD)
    assert led(same, "row", "payment", "", BOARD) is same


def test_an_unmapped_alert_leads_to_the_team_of_its_label_or_to_nobody() -> None:
    """Without a service in the map its label's team counts; without either it is told that there is no owner."""
    teams = onto(START, Layer.TEAMS, BOARD)
    assert led(teams, "a", "node-7", "team-web", BOARD).here == "team-web"
    assert led(teams, "b", "node-7", "", BOARD).here == "no owner"
    assert "no owner is not in the map" in cut(BOARD, led(teams, "b", "node-7", "", BOARD)).title


def test_titles_say_the_layer_and_the_handshakes() -> None:
    """The pane says which layer it shows, and of tools how many handshakes do how."""
    teams = cut(BOARD, onto(START, Layer.TEAMS, BOARD))
    assert teams.title == "teams, tree around team-payments"
    assert teams.right.startswith("needed by 1  leads to ")
    tools = cut(BOARD, onto(START, Layer.TOOLS, BOARD))
    assert tools.title.startswith("tools, tree around ")
    assert "not known" in tools.title


def test_what_a_layer_does_not_have_any_more_is_left_to_it() -> None:
    """A tool that went away leaves the cursor on one that there is."""
    walk = replace(onto(START, Layer.TOOLS, BOARD), centre="gone", here="gone")
    found = settled(walk, layered(BOARD, Layer.TOOLS))
    assert found.here == found.centre != "gone"


def test_the_tools_are_there_without_a_map() -> None:
    """Without a map there is still what systems tell one another."""
    board = small()
    assert there(board) == (Layer.TOOLS,)
    assert turned(Walk(), board).layer is Layer.TOOLS


def test_everything_known_of_a_team_and_a_tool_can_be_read() -> None:
    """A team's page has escalation, what fires and whom it needs; a tool's has each handshake with what to do."""
    team = [line_text(line) for line in known(BOARD, Layer.TEAMS, "team-payments", NOW, UTC, UNICODE)]
    assert any(line.startswith("escalation") and "PagerDuty" in line for line in team)
    assert any("PaymentErrorsHigh on payment" in line for line in team)
    assert any("payment calls order" in line for line in team)
    tool = "\n".join(line_text(line) for line in known(BOARD, Layer.TOOLS, "prometheus", NOW, UTC, UNICODE))
    assert "prometheus reaches alertmanager" in tool
    assert "to do: " in tool
    (gone,) = known(BOARD, Layer.TOOLS, "nothing", NOW, UTC, UNICODE)
    assert line_text(gone) == "nothing is no longer known"


def test_a_tool_tells_what_it_does_not_answer_besides() -> None:
    """Calls, measures and places that fail make no system ill, so the tool's page says since when and why."""
    asked = Reading("prometheus", "prometheus", Topic.HOPS, NOW, NOW, 1.0, error="answered 503", every_s=60.0)
    part = replace(asked, topic=Topic.MEASURES, answer=MeasuresSeen(()), error="rate of db: answered 422")
    board = reduce(reduce(BOARD, asked), part)
    assert board.systems["prometheus"].error == BOARD.systems["prometheus"].error
    lines = [line_text(line) for line in known(board, Layer.TOOLS, "prometheus", NOW, UTC, UNICODE)]
    assert any(line.startswith("calls ") and line.endswith(": answered 503") for line in lines)
    assert "measures     not in full: rate of db: answered 422" in lines
    assert not any(line.startswith("places") for line in lines)


def test_every_node_of_either_layer_can_be_read() -> None:
    """Whatever the cursor can stand on has a page, channels and what is missing included."""
    text = "map: m\nservices:\n  a: {team: t, calls: [b]}\n  b: {team: u}\nteams:\n  t: {jira: T, slack: x}\n  u: {pagerduty: P}\n"
    made = replace(BOARD, setup=replace(BOARD.setup, map=read_map(text, "m.yaml")[0]))
    for layer in (Layer.TEAMS, Layer.TOOLS):
        for name in layered(made, layer).map.services:
            lines = [line_text(line) for line in known(made, layer, name, NOW, UTC, UNICODE)]
            assert lines, name
            assert "no longer known" not in lines[0], name
