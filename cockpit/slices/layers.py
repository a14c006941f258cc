"""The layers of the map: services, teams and tools, each as a board that the same views draw and the same keys walk on."""

from collections.abc import Mapping
from dataclasses import replace

from cockpit.board.state import Board
from cockpit.model.change import Change
from cockpit.model.handshake import Condition
from cockpit.model.panes import MapView
from cockpit.model.topology import IntegrationMap
from cockpit.model.walk import Layer, View, Walk
from cockpit.slices import integrations
from cockpit.slices.walk import followed
from cockpit.topology.graph import topology_of
from cockpit.topology.layers import Drawable
from cockpit.topology.teammap import TeamNames, team_map, team_names
from cockpit.topology.toolmap import ToolNames, tool_map
from cockpit.triage.handshakes import handshakes
from cockpit.triage.memo import Memo

LAYERS = (Layer.SERVICES, Layer.TEAMS, Layer.TOOLS)
"""In the order in which they are turned."""

_SAID = {
    Condition.FAILS: ("fails", "fail"),
    Condition.WARNING: ("warning", "warnings"),
    Condition.UNKNOWN: ("not known", "not known"),
    Condition.WORKS: ("works", "work"),
}


def _layered(board: Board, layer: Layer) -> Board:
    if layer is Layer.SERVICES:
        return board
    drawn = _teams(board) if layer is Layer.TEAMS else _tools(board)
    return replace(
        board,
        merged=drawn.map,
        health=drawn.states,
        hops=drawn.hops,
        measures={},
        vendors={},
        changes=_by_team(board.changes, board.map) if layer is Layer.TEAMS else (),
    )


_team_names = Memo(team_names)
"""What the teams of a map are called."""

layered = Memo(_layered, kept=4)
"""Return a board whose map and health are those of a layer; that of services is the board itself."""


def _teams(board: Board) -> Drawable:
    return team_map(board.map, board.health, board.hops, board.duties)


def _tools(board: Board) -> Drawable:
    return tool_map(board.setup.map.tools, tuple(board.systems.values()), handshakes(board))


def _by_team(changes: tuple[Change, ...], source: IntegrationMap) -> tuple[Change, ...]:
    names, services = _team_names(source), source.services
    return tuple(
        replace(one, service=names.of(services[one.service].team)) for one in changes if one.service in services
    )


def names_of_teams(board: Board) -> TeamNames:
    """Return what the teams of a board's map are called."""
    return _team_names(board.map)


def names_of_tools(board: Board) -> ToolNames:
    """Return what the tools of a board are called."""
    return ToolNames(board.setup.map.tools, ((one.name, one.kind) for one in board.setup.systems))


def team_at(board: Board, service: str) -> str:
    """Return what the team of a service is called in the layer of teams; empty where the map does not know it."""
    known = board.map.services.get(service)
    return "" if known is None else names_of_teams(board).of(known.team)


def there(board: Board) -> tuple[Layer, ...]:
    """Return the layers that have something in them."""
    return tuple(layer for layer in LAYERS if not layered(board, layer).map.empty)


def turned(walk: Walk, board: Board) -> Walk:
    """Return the walk on the next layer that has something in it."""
    found = there(board)
    if not found or found == (walk.layer,):
        return walk
    at = found.index(walk.layer) if walk.layer in found else -1
    return onto(walk, found[(at + 1) % len(found)], board)


def onto(walk: Walk, layer: Layer, board: Board) -> Walk:
    """Return the walk on another layer, where one last was on it; on that of teams at the owner of the service here."""
    if layer is walk.layer:
        return walk
    before = next((one for one in walk.aside if one.layer is layer), None)
    found = before or Walk(layer=layer, view=View.TREE, before=View.TREE)
    aside = (*(one for one in walk.aside if one.layer is not layer), replace(walk, aside=()))
    found = replace(found, led=walk.led, aside=aside)
    if layer is Layer.SERVICES:
        return found
    team = team_at(board, walk.here) if layer is Layer.TEAMS and walk.layer is Layer.SERVICES else ""
    here = team or found.here or integrations.focus_of(layered(board, layer), "")
    return found if here == found.here else replace(found, centre=here, here=here, came=(), blast=False)


def led(walk: Walk, row: object, service: str, team: str, board: Board) -> Walk:
    """Return the walk after an alert was selected: another one leads it to its service, or to the team that owns it.

    No tool is about one alert: from there it leads back to the services.

    Args:
        walk: Where one was.
        row: The row of the alert list.
        service: Of its alert.
        team: That owns it, by map or label; empty where nobody is known.
        board: What is known.
    """
    if row == walk.led:
        return walk
    if walk.layer is Layer.TEAMS:
        here = team_at(board, service) or names_of_teams(board).of(team)
        return replace(walk, led=row, centre=here, here=here, came=(), blast=False)
    return followed(onto(walk, Layer.SERVICES, board), row, service)


def settled(walk: Walk, board: Board) -> Walk:
    """Return the walk with places that the layer does not have any more left to the board."""
    services = board.map.services
    if walk.layer is Layer.SERVICES:
        return walk
    centre = walk.centre if walk.centre in services else integrations.focus_of(board, "")
    here = walk.here if walk.here in services else centre if walk.here else ""
    return walk if (centre, here) == (walk.centre, walk.here) else replace(walk, centre=centre, here=here)


def cut(board: Board, walk: Walk) -> MapView:
    """Return the pane's title, focus and cursor for a walk on any layer; the board is that of services."""
    if walk.layer is Layer.SERVICES:
        return integrations.cut(board, walk)
    below = layered(board, walk.layer)
    at = settled(walk, below)
    view = integrations.cut(below, at)
    topology = topology_of(below.map)
    into, out = len(topology.callers(view.focus)), len(topology.callees(view.focus))
    if walk.layer is Layer.TEAMS:
        return replace(
            view,
            title=_teams_title(below, walk, at, view.centre),
            right=f"needed by {into}  leads to {out}" if at.here else "",
        )
    felt = f"tools, what rests on {at.centre}" if at.blast else f"tools, {at.view} around {view.centre}"
    return replace(view, title=f"{felt}: {say_conditions(board)}", right=f"told by {into}  tells {out}")


def _teams_title(below: Board, walk: Walk, at: Walk, centre: str) -> str:
    if at.blast:
        found = topology_of(below.map).all_callers(centre)
        return f"teams that need {centre}: {len(found):,}"
    missing = f", {walk.centre} is not in the map" if walk.centre and walk.centre != at.centre else ""
    return f"teams{missing}, {at.view} around {centre}"


def say_conditions(board: Board) -> str:
    """Return how many handshakes do how, the worst first: `1 fails, 3 warnings, 2 not known, 9 work`."""
    counts: Mapping[Condition, int] = {
        condition: sum(one.condition is condition for one in handshakes(board)) for condition in Condition
    }
    said = [f"{number} {_SAID[one][number != 1]}" for one, number in counts.items() if number]
    return ", ".join(said) or "no handshakes"
