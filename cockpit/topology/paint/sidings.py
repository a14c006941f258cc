"""What stands over and under each step of a chain: callers above, callees below, each call of a step once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from cockpit.model.health import Health
from cockpit.text import width
from cockpit.topology.graph import Step
from cockpit.topology.paint.marks import health_of
from cockpit.topology.paint.scene import LEAST, Pair, Scene

BRANCH = 2
"""Cells of a branch in front of a callee or caller, for each level."""

_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Node:
    """One service above or below a step."""

    service: str
    calls: bool = True
    """Whether it is called or calls; else the one runs on the other."""
    back: bool = False
    """Whether the call goes back to where it came from, and is only named."""
    again: bool = False
    """Whether the service stands elsewhere too, with all that is known of it."""
    deep: tuple["Node", ...] = ()
    """Its own callees."""


@dataclass(frozen=True, slots=True)
class Column:
    """One step of the chain with everything that stands over and under it."""

    service: str
    arrow: bool
    """Whether the step calls the next one."""
    again: bool = False
    """Whether the step stands further left already."""
    above: tuple[Node, ...] = ()
    below: tuple[Node, ...] = ()

    def label(self, scene: Scene) -> int:
        """Return the cells of glyph, name and what always stands behind it."""
        return 2 + width(self.service) + self.tail(scene)

    def tail(self, scene: Scene) -> int:
        """Return the cells of what always stands behind its name on the line."""
        if self.again:
            return 0
        return width(scene.marks(self.service)) if scene.under else scene.tail(self.service)

    def noted(self, scene: Scene) -> int:
        """Return the cells of the note with its indent."""
        if self.again:
            return 0
        reserved = scene.reserved.get(self.service, 0) if scene.under else 0
        sizes = [*(width(span.text) for span in scene.brief(self.service)), *([reserved] if reserved else [])]
        return 1 + sum(size + 1 for size in sizes) if sizes else 0


@dataclass(slots=True)
class _Twig:
    service: str
    path: tuple[str, ...]
    back: bool = False
    deep: list["_Twig"] = field(default_factory=list)

    def node(self) -> Node:
        return Node(self.service, back=self.back, deep=tuple(twig.node() for twig in self.deep))


def columns_of(steps: Sequence[Step]) -> tuple[Column, ...]:
    """Return a chain's columns without what stands over and under them."""
    return tuple(Column(step.service, step.calls_next) for step in steps)


def plan(scene: Scene, columns: Sequence[Column]) -> tuple[Column, ...]:
    """Return the visible columns with every call of a step above or below it.

    A call from one step to a later one that is not the next stands above the one that is called; a call back to an
    earlier one below the caller. Failing hops stand nearest to the step, so that their heavy lines join it.
    """
    seen: dict[str, int] = {}
    for place, column in enumerate(columns):
        seen.setdefault(column.service, place)
    arrows = {(one.service, after.service) for one, after in pairwise(columns) if one.arrow}
    below = _below(scene, seen, arrows)
    planned: list[Column] = []
    for place, column in enumerate(columns):
        if seen[column.service] != place:
            planned.append(replace(column, again=True))
            continue
        under = [*(twig.node() for twig in below[column.service]), *_hosts(scene, column.service, seen)]
        over = _above(scene, column.service, seen, arrows)
        planned.append(replace(column, again=False, above=tuple(over), below=tuple(under)))
    return tuple(planned)


def _above(scene: Scene, service: str, line: Mapping[str, int], arrows: set[Pair]) -> list[Node]:
    callers = [
        one for one in scene.callers[service] if (one, service) not in arrows and line.get(one, -1) < line[service]
    ]
    callers.sort(key=lambda one: (scene.heavy(one, service), one in line))
    loud = [
        one
        for one in scene.topology.hosted(service)
        if one in scene.services and one not in line and one not in callers and scene.loud(one)
    ]
    return [*(Node(one, calls=False) for one in loud), *(Node(one) for one in callers)]


def _hosts(scene: Scene, service: str, line: Mapping[str, int]) -> Iterator[Node]:
    callees = scene.callees[service]
    for host in scene.topology.runs_on(service):
        if host in scene.services and host not in line and host not in callees and scene.loud(host):
            yield Node(host, calls=False)


def _below(scene: Scene, line: Mapping[str, int], arrows: set[Pair]) -> dict[str, list[_Twig]]:
    """Return what each step calls, and under the first mention of each callee what that one calls, and so on."""
    below: dict[str, list[_Twig]] = {}
    ahead: list[_Twig] = []
    for service, place in line.items():
        twigs = [
            _Twig(callee, (service,), back=callee in line)
            for callee in scene.callees[service]
            if callee not in line or (line[callee] < place and (service, callee) not in arrows)
        ]
        below[service] = _failing_first(scene, service, twigs)
        ahead += below[service]
    written = set(line)
    for twig in ahead:  # grows as it is walked: level by level
        if twig.back or twig.service in written or len(twig.path) >= _DEEPEST:
            continue
        written.add(twig.service)
        path = (*twig.path, twig.service)
        callees = [one for one in scene.callees[twig.service] if one not in line]
        twigs = [_Twig(one, path, back=one in path) for one in callees]
        twig.deep = _failing_first(scene, twig.service, twigs)
        ahead += twig.deep
    return below


def _failing_first(scene: Scene, caller: str, twigs: list[_Twig]) -> list[_Twig]:
    return sorted(twigs, key=lambda twig: (not scene.heavy(caller, twig.service), twig.back))


def height(nodes: Sequence[Node]) -> int:
    """Return the rows that nodes and what is under them take."""
    return sum(1 + height(node.deep) for node in nodes)


def wanted(scene: Scene, node: Node, owner: str, *, extras: bool, level: int = 1) -> int:
    """Return the cells that a node and what is under it take when nothing is cut."""
    own = level * BRANCH + 2 + width(node.service)
    if not node.again and not node.back:
        own += scene.tail(node.service)
        if extras:
            own += sum(width(span.text) + 1 for span in (*scene.brief(node.service), *scene.further(node.service)))
            own += 5 + width(scene.on_hop(owner, node.service)) if node.calls else 0
    return max([own, *(wanted(scene, one, node.service, extras=extras, level=level + 1) for one in node.deep)])


def select(scene: Scene, nodes: Sequence[Node], rows: int, line: Mapping[str, int]) -> tuple[Node, ...]:
    """Return the nodes that get one of so many rows, the most telling ones, each with what it hangs on."""
    if height(nodes) <= rows:
        return tuple(nodes)
    flat: list[tuple[Node, int]] = []

    def flatten(some: Sequence[Node], parent: int) -> None:
        for node in some:
            flat.append((node, parent))
            flatten(node.deep, len(flat) - 1)

    flatten(nodes, -1)
    depth: list[int] = []
    for _, parent in flat:
        depth.append(0 if parent < 0 else depth[parent] + 1)

    def rank(place: int) -> tuple[int, int, bool, int, int]:
        node = flat[place][0]
        bad = min(scene.bad(node.service), 2)
        elsewhere = node.back or node.service in line
        return (0 if node.service == scene.selected else 1, bad, elsewhere, depth[place], place)

    kept: set[int] = set()
    for place in sorted(range(len(flat)), key=rank):
        way = []
        at = place
        while at >= 0 and at not in kept:
            way.append(at)
            at = flat[at][1]
        if len(kept) + len(way) <= rows:
            kept.update(way)
    numbers = iter(range(len(flat)))

    def pruned(some: Sequence[Node]) -> tuple[Node, ...]:
        left: list[Node] = []
        for node in some:
            stays = next(numbers) in kept
            deep = pruned(node.deep)
            if stays:
                left.append(replace(node, deep=deep) if deep != node.deep else node)
        return tuple(left)

    return pruned(nodes)


@dataclass(slots=True)
class Drawn:
    """What a drawing shows so far."""

    services: set[str] = field(default_factory=set)
    hops: set[Pair] = field(default_factory=set)


def settle(scene: Scene, column: Column, begin: int, edge: int, drawn: Drawn, rows: tuple[int, int]) -> Column:
    """Return the column with the nodes that have room for a name, and note what is drawn.

    Args:
        scene: What is drawn.
        column: With all that could stand around it.
        begin: Its first cell.
        edge: The first cell that is not its own.
        drawn: What the drawing shows so far; added to.
        rows: How many rows there are above and below.
    """
    below = _settled(scene, column.below if rows[1] else (), column.service, begin + BRANCH, edge, drawn, up=False)
    above = _settled(scene, column.above if rows[0] else (), column.service, begin + BRANCH, edge, drawn, up=True)
    return replace(column, above=above, below=below)


def _settled(
    scene: Scene, nodes: Sequence[Node], owner: str, cell: int, edge: int, drawn: Drawn, *, up: bool
) -> tuple[Node, ...]:
    kept: list[Node] = []
    for node in nodes:
        again = node.back or node.service in drawn.services
        if cell + 2 + min(width(node.service), LEAST) + (0 if again else scene.tail(node.service)) > edge:
            continue
        drawn.services.add(node.service)
        if node.calls:
            drawn.hops.add((node.service, owner) if up else (owner, node.service))
        deep = _settled(scene, node.deep, node.service, cell + BRANCH, edge, drawn, up=up)
        kept.append(replace(node, again=again, deep=deep))
    return tuple(kept)


def fires_in(scene: Scene, services: Sequence[str]) -> int:
    """Return how many of these services fire."""
    return sum(health_of(scene.sights.states, one) is Health.FIRING for one in dict.fromkeys(services))
