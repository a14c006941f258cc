"""Teams and tools on the map, as somebody who looks for whom to call, and for what did not arrive."""

from dataclasses import replace

from cockpit.model.walk import Layer
from cockpit.screens.main import MainScreen
from tests.tui.person import has, sitting
from tests.tui.samples import sample_board


async def test_v_upper_turns_the_layers_and_the_title_says_which() -> None:
    """`V` turns services, teams and tools; each title says so, and the drawing is that layer's."""
    async with sitting(size=(120, 40)) as person:
        await person.press("1", "V")
        assert "teams, tree around team-payments" in person.title("integrations")
        assert has(person.pane("integrations"), "team-payments", "100%")
        assert has(person.pane("integrations"), "PagerDuty escalation", "escalates")
        await person.press("V")
        assert "tools, tree around " in person.title("integrations")
        assert has(person.pane("integrations"), "pagerduty", "not known")
        await person.press("V")
        assert "checkout journey" in person.title("integrations")


async def test_the_same_keys_walk_and_enter_shows_everything_known() -> None:
    """`h`, `l`, `j` and `v` work on teams as on services; Enter shows who is escalated to and what fires."""
    async with sitting(size=(120, 40)) as person:
        await person.press("1", "V", "h")
        assert person.app.main.walk.here == "team-web"
        await person.press("l")
        assert person.app.main.walk.here == "team-payments"
        await person.press("v")
        assert "teams, chain around" in person.title("integrations")
        await person.press("enter")
        assert has(person.lines, "escalation", "PagerDuty escalation")
        assert has(person.lines, "PaymentErrorsHigh on payment")
        await person.press("q")
        assert person.app.main.walk.here == "team-payments"


async def test_a_tool_shows_its_handshakes_with_what_to_do() -> None:
    """Enter on a tool shows each handshake with its state, what was seen and what to do."""
    async with sitting(size=(120, 40)) as person:
        await person.press("1", "V", "V", "g", "enter")
        assert has(person.lines, "prometheus reaches alertmanager")
        assert has(person.lines, "to do: ")


async def test_another_alert_leads_the_map_on_each_layer() -> None:
    """On teams another alert leads to its owner; from tools it leads back to the services."""
    async with sitting(size=(120, 40)) as person:
        main = person.app.main
        await person.press("1", "V", "2", "j")
        service = getattr(main.alerts.cursor, "service", "")
        assert _layer(main) is Layer.TEAMS
        assert main.walk.here == sample_board().map.services[service].team
        await person.press("1", "V", "2", "j")
        assert _layer(main) is Layer.SERVICES
        assert main.walk.here == getattr(main.alerts.cursor, "service", "")


def _layer(main: MainScreen) -> Layer:
    return main.walk.layer


async def test_back_and_the_overview_leave_a_layer() -> None:
    """Backspace goes back on the layer and then to the services; `ctrl+o` is the overview of services."""
    async with sitting(size=(120, 40)) as person:
        main = person.app.main
        await person.press("1", "V", "backspace")
        assert (main.walk.layer, main.focus_on) == (Layer.SERVICES, "integrations")
        await person.press("V", "ctrl+o")
        assert "overview of" in person.title("integrations")


async def test_a_find_is_for_what_the_layer_holds() -> None:
    """`/` finds teams on the layer of teams, and says so where there is none."""
    async with sitting(size=(120, 40)) as person:
        await person.press("1", "V", "/")
        await person.type("team-st")
        assert person.app.main.walk.here == "team-stock"
        await person.type("xx")
        assert has(person.lines[-1:], "no team of that name")


async def test_boards_that_come_keep_the_layer_and_its_cursor() -> None:
    """A new board repaints the layer where one is; the tools are there even where there is no map."""
    async with sitting(size=(80, 24)) as person:
        await person.press("1", "V", "V", "j")
        here = person.app.main.walk.here
        board = sample_board()
        await person.gets(replace(board, at=board.at))
        assert person.app.main.walk.here == here
        assert "tools, tree" in person.title("integrations")
