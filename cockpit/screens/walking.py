"""Walking on the integration map by the keys of its pane; the alert list goes along, and leads it back."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from cockpit.model.drawing import Role
from cockpit.model.keys import FoldKey
from cockpit.model.panes import RowId
from cockpit.model.walk import Layer, View, Walk
from cockpit.screens.prompt import Behind, Prompt
from cockpit.slices import walk as walks
from cockpit.slices.walk import NoWay
from widgets.lineedit import editing

if TYPE_CHECKING:
    from cockpit.board.state import Board
    from cockpit.screens.main import MainScreen

REST_S = 0.1
"""Seconds after which a cursor that stays where it is leads the alert list: until then a key costs the map alone."""

Move = Callable[[Walk, "Board"], Walk]
"""One step on the map."""


def step(screen: "MainScreen", move: Move) -> bool:
    """Take a step, or say why there is none; the alert list goes to the worst alert of the service there.

    Returns:
        Whether it was taken.
    """
    if screen.cut is None:
        screen.say("nothing was answered yet", Role.DIM)
        return False
    try:
        found = move(*_here(screen))
    except NoWay as none:
        screen.say(str(none), Role.DIM)
        return False
    go(screen, found)
    return True


def _here(screen: "MainScreen") -> "tuple[Walk, Board]":
    """Return the walk, and a board whose map is that of its layer."""
    from cockpit.slices.layers import layered, settled

    assert screen.cut is not None
    below = layered(screen.cut.board, screen.walk.layer)
    return settled(screen.walk, below), below


def go(screen: "MainScreen", walk: Walk) -> None:
    """Show a walk; once the cursor rests, the alert list goes to the worst alert of the service under it."""
    if screen.cut is None:
        return
    gone = walk.here != screen.walk.here
    screen.look_at(walk)
    if gone:
        here = walk.here
        asyncio.get_running_loop().call_later(REST_S, lambda: _lead(screen, here))


def _lead(screen: "MainScreen", here: str) -> None:
    """Put the alert list on the worst alert of a service, where it lists one and the map's cursor is still on it."""
    if screen.cut is None or screen.walk.here != here or not screen.is_attached:
        return
    row = _row_of(screen, here)
    if row is not None and row != screen.alerts.cursor:
        screen.walk = replace(screen.walk, led=row)
        screen.select(row)


def _row_of(screen: "MainScreen", here: str) -> RowId | None:
    """Return the first row of the alert list that is of a service, or of one of a team's; null where there is none."""
    from cockpit.slices.layers import team_at

    assert screen.cut is not None
    board, layer = screen.cut.board, screen.walk.layer
    if layer is Layer.TOOLS:
        return None
    for row in screen.alerts.value.ids:
        known = row if isinstance(row, FoldKey) else board.alerts.get(row)
        if known is not None and here == (known.service if layer is Layer.SERVICES else team_at(board, known.service)):
            return row
    return None


def down(screen: "MainScreen") -> None:
    """Go to the worst callee; in the overview one column further."""
    if screen.walk.view is View.OVERVIEW:
        _beside(screen, 1)
    else:
        step(screen, walks.down)


def up(screen: "MainScreen") -> None:
    """Go the way one came, else to the worst caller; in the overview one column back."""
    if screen.walk.view is View.OVERVIEW:
        _beside(screen, -1)
    else:
        step(screen, walks.up)


def rows(screen: "MainScreen", by: int) -> None:
    """Go so many rows of the drawing down or up."""
    walk, names = screen.walk, screen.integrations.names
    if walk.view is View.OVERVIEW:
        go(screen, replace(walk, cell=walks.step(names, _cell(screen), by)))
    else:
        go(screen, walks.to(walk, walks.step(names, walk.here, by)))


def point(screen: "MainScreen", row: int, cell: int) -> None:
    """Put the cursor on what stands at a place of the drawing, if anything does."""
    name = screen.integrations.name_at(row, cell)
    if name is not None:
        overview = screen.walk.view is View.OVERVIEW
        go(screen, replace(screen.walk, cell=name) if overview else walks.to(screen.walk, name))


def _beside(screen: "MainScreen", way: int) -> None:
    go(screen, replace(screen.walk, cell=walks.beside(screen.integrations.names, _cell(screen), way)))


def _cell(screen: "MainScreen") -> str:
    """Return the overview's cell under the cursor, as it is drawn: the one gone to, else that of the service."""
    from cockpit.topology.graph import topology_of
    from cockpit.topology.overview import cell_of, read_cell

    walk = screen.walk
    if walk.cell or screen.cut is None:
        return walk.cell
    topology = topology_of(screen.cut.board.map)
    wanted = read_cell(cell_of(topology, walk.here)) if walk.here in topology else None
    if wanted is None:
        return ""
    for _, _, _, name in screen.integrations.names:
        cell = read_cell(name)
        if cell is not None and cell[0] == wanted[0] and cell[1] <= wanted[1] and (cell[2] or wanted[1]) >= wanted[1]:
            return name
    return ""


def focus(screen: "MainScreen") -> None:
    """Make the service under the cursor the focus; in the overview, let one of the cell's services be chosen.

    Of a team or a tool everything known is shown.
    """
    if screen.walk.layer is not Layer.SERVICES:
        _show_known(screen)
        return
    if screen.walk.view is not View.OVERVIEW:
        step(screen, lambda walk, _: walks.focus(walk))
        return
    if screen.cut is None:
        return
    from cockpit.screens.chooser import Choice, Chooser
    from cockpit.slices.integrations import in_cell

    found = in_cell(screen.cut.board, screen.walk)
    if len(found) <= 1:
        step(screen, lambda walk, _: walks.focus(walk, *(name for name, _ in found)))
        return

    def chosen(choice: Choice | None) -> None:
        if choice is not None:
            go(screen, walks.focus(screen.walk, choice.id))

    choices = [Choice(name, name, about) for name, about in found]
    screen.app.push_screen(Chooser("Services ─ worst first", choices, screen.looks), chosen)


def _show_known(screen: "MainScreen") -> None:
    """Make the team or tool under the cursor the focus, and show everything known of it."""
    if screen.cut is None:
        return
    from cockpit.screens.reader import Reader
    from cockpit.slices.known import known

    step(screen, lambda walk, _: walks.focus(walk))
    walk, name = screen.walk, screen.walk.here
    if name:
        board, zone, glyphs = screen.cut.board, screen.desk.pane_zone, screen.looks.glyphs
        lines = known(board, walk.layer, name, screen.desk.now(), zone, glyphs)
        screen.app.push_screen(Reader(f"{walks.NOUNS[walk.layer].capitalize()} ─ {name}", lines, screen.looks))


def back(screen: "MainScreen") -> bool:
    """Go back to where one was on the map, in the end to its services; tell whether there was such a place."""
    try:
        walk = walks.return_(screen.walk)
    except NoWay:
        if screen.cut is None or screen.walk.layer is Layer.SERVICES:
            return False
        from cockpit.slices.layers import onto

        walk = onto(screen.walk, Layer.SERVICES, screen.cut.board)
    go(screen, walk)
    return True


def turn_layer(screen: "MainScreen") -> None:
    """Turn between services, teams and tools."""
    if screen.cut is None:
        screen.say("nothing was answered yet", Role.DIM)
        return
    from cockpit.slices.layers import turned

    walk = turned(screen.walk, screen.cut.board)
    if walk.layer is screen.walk.layer:
        services = walk.layer is Layer.SERVICES
        why = "the map has no teams and no tools" if services else "without a map there are no services and no teams"
        screen.say(f"there are only {walk.layer}: {why}", Role.DIM)
        return
    screen.look_at(walk)


def turn_view(screen: "MainScreen") -> None:
    """Turn to the next view."""
    go(screen, walks.turn(screen.walk))


def overview(screen: "MainScreen") -> None:
    """Show the overview of services by team, or go back to the view before."""
    walk = screen.walk
    if screen.cut is not None and walk.layer is not Layer.SERVICES:
        from cockpit.slices.layers import onto

        walk = onto(walk, Layer.SERVICES, screen.cut.board)
        if walk.view is View.OVERVIEW:
            go(screen, walk)
            return
    go(screen, walks.overview(walk))


def blast(screen: "MainScreen") -> None:
    """Show only what feels a failure of the service under the cursor, or everything again."""
    step(screen, walks.blast)


def deeper(screen: "MainScreen", by: int) -> None:
    """Draw one hop more or less around the focus."""
    if not step(screen, lambda walk, _: walks.deeper(walk, by)):
        return
    depth = screen.walk.depth
    screen.say(
        "as deep as there is room" if depth is None else f"{depth} hop{'s'[: depth != 1]} from the focus", Role.DIM
    )


def fold(screen: "MainScreen") -> None:
    """Fold away what the service under the cursor calls, or show it again."""
    if step(screen, walks.fold):
        folded = screen.walk.here in screen.walk.folded
        screen.say(f"what {screen.walk.here} calls is {'folded away' if folded else 'shown again'}", Role.DIM)


def unfold_all(screen: "MainScreen") -> None:
    """Show again whatever was folded away."""
    step(screen, walks.unfold_all)


def firing(screen: "MainScreen", way: int) -> None:
    """Make the next (or the previous) firing service the focus."""
    step(screen, lambda walk, board: walks.next_firing(walk, board, way))


def find(screen: "MainScreen") -> None:
    """Ask for a service; the pane follows while its name is typed, Escape brings one back to where one was."""
    if screen.cut is None:
        screen.say("nothing was answered yet", Role.DIM)
        return
    before = screen.walk

    def typed(text: str) -> Behind:
        assert screen.cut is not None
        found = walks.matches(_here(screen)[1], text)
        if text.strip() and not found:
            return f"no {walks.NOUNS[screen.walk.layer]} of that name", Role.WARNING
        go(screen, walks.focus(before, found[0]) if found else before)
        return (f"{found[0]}, 1 of {len(found):,}" if found else ""), Role.DIM

    def done(text: str) -> None:
        if typed(text)[1] is Role.WARNING:
            go(screen, before)
            screen.say(f"no {walks.NOUNS[screen.walk.layer]} is called {text}", Role.WARNING)
            return
        screen.searched_services = text.strip() or screen.searched_services

    screen.typist.ask(Prompt("/", done, lambda: go(screen, before), typed, editing("")))


def next_match(screen: "MainScreen", way: int) -> None:
    """Make the next service that matches what was last looked for the focus."""
    if screen.cut is None:
        return
    found = walks.matches(_here(screen)[1], screen.searched_services)
    if not found:
        screen.say(f"no {walks.NOUNS[screen.walk.layer]} matches {screen.searched_services}", Role.DIM)
        return
    if found == [screen.walk.here]:
        screen.say(f"{found[0]} is the only match", Role.DIM)
        return
    at = found.index(screen.walk.here) if screen.walk.here in found else (-1 if way > 0 else 0)
    go(screen, walks.focus(screen.walk, found[(at + way) % len(found)]))
