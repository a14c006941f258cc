"""Steps of a walk on the integration map, each from one walk to the next. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from cockpit.board.state import Board
from cockpit.model.health import Health
from cockpit.model.walk import Layer, Place, View, Walk
from cockpit.topology.graph import Topology, topology_of

_ORDER = {Health.FIRING: 0, Health.WARNING: 1, Health.NO_TRAFFIC: 2, Health.UNKNOWN: 3, Health.FINE: 4}
VIEWS = (View.CHAIN, View.SUBWAY, View.TREE, View.OVERVIEW)
"""The views in the order in which they are turned."""
NOUNS = {Layer.SERVICES: "service", Layer.TEAMS: "team", Layer.TOOLS: "tool"}
"""What stands on each layer of the map."""
_LONGEST = 50
"""Places that are remembered to go back to."""
DEEPEST = 9
"""The most hops from the focus that can be asked for; beyond that all are drawn that fit."""


class NoWay(Exception):  # noqa: N818 - an answer to a person, no failure of the program
    """There is nowhere to go; the message says why."""


def followed(walk: Walk, row: object, service: str) -> Walk:
    """Return the walk after an alert was selected: another row leads it to that alert's service."""
    if row == walk.led:
        return walk
    return replace(walk, led=row, centre=service, here=service, came=(), blast=False)


def badness(board: Board, service: str) -> tuple[int, float]:
    """Return how bad a service is doing, the worst and the heaviest first."""
    health = board.health.get(service)
    known = board.map.services.get(service)
    return _ORDER[health.health if health is not None else Health.UNKNOWN], -(known.weight if known else 0.0)


def worst_first(board: Board, services: Iterable[str]) -> list[str]:
    """Return services worst first; those alike keep their order."""
    return sorted(services, key=lambda name: badness(board, name))


def down(walk: Walk, board: Board) -> Walk:
    """Go to the worst callee.

    Raises:
        NoWay: It calls nothing.
    """
    callees = [name for name in _topology(board).callees(walk.here) if name != walk.here]
    if not callees:
        services = walk.layer is Layer.SERVICES
        said = f"{walk.here} calls nothing that the map knows" if services else f"nothing comes behind {walk.here}"
        raise NoWay(said if walk.here else f"no {NOUNS[walk.layer]} is selected")
    return replace(walk, here=worst_first(board, callees)[0], came=(*walk.came, walk.here)[-_LONGEST:])


def up(walk: Walk, board: Board) -> Walk:
    """Go the way one came, else to the worst caller.

    Raises:
        NoWay: Nothing calls it.
    """
    topology = _topology(board)
    if walk.came and walk.here in topology.callees(walk.came[-1]):
        return replace(walk, here=walk.came[-1], came=walk.came[:-1])
    callers = [name for name in topology.callers(walk.here) if name != walk.here]
    if not callers:
        entry = walk.here in board.map.entry
        said = f"{walk.here} is where users come in" if entry else f"nothing that the map knows calls {walk.here}"
        if walk.layer is not Layer.SERVICES:
            said = f"nothing leads to {walk.here}"
        raise NoWay(said if walk.here else f"no {NOUNS[walk.layer]} is selected")
    return replace(walk, here=worst_first(board, callers)[0], came=())


def to(walk: Walk, service: str) -> Walk:
    """Put the cursor on a service that is drawn."""
    return walk if service == walk.here else replace(walk, here=service, came=())


def focus(walk: Walk, service: str = "") -> Walk:
    """Make a service the focus, by default the one under the cursor; where one was is remembered."""
    there = service or walk.here
    view = walk.before if walk.view is View.OVERVIEW else walk.view
    if not there or (there == walk.centre and view is walk.view):
        return replace(walk, here=there or walk.here, view=view)
    back = (*walk.back, Place(walk.centre, walk.here))[-_LONGEST:]
    return replace(walk, centre=there, here=there, came=(), back=back, view=view, blast=False)


def return_(walk: Walk) -> Walk:
    """Go back to where one was before; leaves blast radius and overview first.

    Raises:
        NoWay: One was nowhere else.
    """
    if walk.blast:
        return replace(walk, blast=False)
    if walk.view is View.OVERVIEW:
        return replace(walk, view=walk.before)
    if not walk.back:
        raise NoWay("this is where you began")
    place = walk.back[-1]
    return replace(walk, centre=place.centre, here=place.here, back=walk.back[:-1], came=())


def turn(walk: Walk) -> Walk:
    """Turn to the next view; the overview is of services alone."""
    views = VIEWS if walk.layer is Layer.SERVICES else VIEWS[:-1]
    view = views[(views.index(walk.view) + 1) % len(views)]
    return replace(walk, view=view, before=walk.view if view is View.OVERVIEW else view, blast=False)


def overview(walk: Walk) -> Walk:
    """Show the overview, or go back to the view before."""
    if walk.view is View.OVERVIEW:
        return replace(walk, view=walk.before)
    return replace(walk, view=View.OVERVIEW, before=walk.view, blast=False)


def blast(walk: Walk, board: Board) -> Walk:
    """Show only what feels a failure of the service under the cursor, or everything again.

    Raises:
        NoWay: The map does not know it.
    """
    if walk.blast:
        return replace(walk, blast=False)
    if walk.here and walk.here not in board.map.services:
        raise NoWay(f"{walk.here} is not in the map: what feels its failure is not known")
    shown = focus(walk)
    return replace(shown, blast=True)


def deeper(walk: Walk, by: int) -> Walk:
    """Draw one hop more or less around the focus; beyond the deepest, all that fit.

    Raises:
        NoWay: All are drawn anyway.
    """
    if walk.view is View.OVERVIEW or walk.blast:
        raise NoWay("all hops are drawn here: depth is for chain, subway and tree")
    if walk.depth is None:
        return walk if by > 0 else replace(walk, depth=2)
    depth = max(1, walk.depth + by)
    return replace(walk, depth=None if depth > DEEPEST else depth)


def fold(walk: Walk, board: Board) -> Walk:
    """Fold the callees of the service under the cursor away, or show them again.

    Raises:
        NoWay: There is nothing to fold.
    """
    if walk.view is View.OVERVIEW or walk.blast:
        raise NoWay("nothing folds here: chain, subway and tree do")
    if not _topology(board).callees(walk.here):
        down(walk, board)
    return replace(walk, folded=walk.folded ^ {walk.here})


def unfold_all(walk: Walk, board: Board) -> Walk:
    """Show again whatever was folded away.

    Raises:
        NoWay: Nothing was.
    """
    if not walk.folded & board.map.services.keys():
        raise NoWay("nothing is folded away: z folds what a service calls")
    return replace(walk, folded=frozenset())


def next_firing(walk: Walk, board: Board, way: int) -> Walk:
    """Make the next firing service the focus, worst first, and after the last the first again.

    Raises:
        NoWay: No service fires, or this is the only one.
    """
    firing = [name for name, health in board.health.items() if name and health.firing]
    firing = sorted(firing, key=lambda name: (badness(board, name), name))
    noun = NOUNS[walk.layer]
    if not firing:
        raise NoWay("no tool fails" if walk.layer is Layer.TOOLS else f"no {noun} is firing")
    if firing == [walk.here] == [walk.centre]:
        raise NoWay(f"{walk.here} is the only {noun} that {'fails' if walk.layer is Layer.TOOLS else 'fires'}")
    at = firing.index(walk.here) if walk.here in firing else (-1 if way > 0 else 0)
    return focus(walk, firing[(at + way) % len(firing)])


def matches(board: Board, text: str) -> list[str]:
    """Return the services whose name, alias or team holds every word of a text: begins of names first, then worst."""
    words = text.lower().split()
    if not words:
        return []
    found = []
    for name, service in board.map.services.items():
        hay = " ".join((name, *service.aliases, service.team or "")).lower()
        if all(word in hay for word in words):
            found.append(name)
    found += [name for name in board.health if name and name not in board.map.services and words[0] in name.lower()]
    return sorted(found, key=lambda name: (not name.lower().startswith(words[0]), badness(board, name)))


def step(names: Sequence[tuple[int, int, int, str]], here: str, by: int) -> str:
    """Return the thing so many rows below (or above) in a drawing: of the next row the one nearest to this one's cell.

    Args:
        names: Row, first cell, width and name of everything drawn that can be selected.
        here: Where the cursor stands.
        by: How many rows to go; never beyond the ends.
    """
    if not names:
        return here
    at = next(((row, cell) for row, cell, _, name in names if name == here), None)
    if at is None:
        return names[0][3]
    rows = sorted({row for row, _, _, _ in names})
    there = rows[max(0, min(len(rows) - 1, rows.index(at[0]) + by))]
    if there == at[0]:
        return here
    return min((entry for entry in names if entry[0] == there), key=lambda entry: abs(entry[1] - at[1]))[3]


def beside(names: Sequence[tuple[int, int, int, str]], here: str, way: int) -> str:
    """Return the next thing in the same row of a drawing, to the right or to the left."""
    at = next(((row, cell) for row, cell, _, name in names if name == here), None)
    if at is None:
        return names[0][3] if names else here
    row = sorted((entry for entry in names if entry[0] == at[0]), key=lambda entry: entry[1] * way)
    return next((entry[3] for entry in row if entry[1] * way > at[1] * way), here)


def _topology(board: Board) -> Topology:
    return topology_of(board.map)
