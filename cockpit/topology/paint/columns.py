"""What stands in each column of the chain view: a step, its callers above it, its callees below it."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cockpit.model.drawing import Glyphs, Span
from cockpit.model.health import Health
from cockpit.text import width
from cockpit.topology.graph import Chain, Topology
from cockpit.topology.paint.marks import States, badge, badness, failing, fires, share

ARROW = 4
"""Cells of the shortest arrow between two steps, with the space in front of it."""

BRANCH = 2
"""Cells of a branch in front of a callee or caller, for each level."""


_FARTHEST = 3000
"""Services that are looked at for hidden failures, lest a key press costs more than its frame."""


@dataclass(frozen=True, slots=True)
class Node:
    """One service in a column, above or below its step."""

    service: str
    calls: bool = True
    """Whether it is called or calls; else the one runs on the other."""
    deep: tuple["Node", ...] = ()
    """Its own callees, where there is room for them."""
    again: bool = False
    """Whether it is a visible step as well, which says all about it."""
    beneath: int = 0
    """How many firing services it depends on that are drawn nowhere."""


@dataclass(frozen=True, slots=True)
class Column:
    """One step of the chain with everything that stands over and under it."""

    service: str
    arrow: bool
    """Whether the step calls the next one."""
    tail: str
    """Marks behind its name: third party, calls itself."""
    note: tuple[Span, ...]
    """Under its name: what is measured, and its change."""
    above: tuple[Node, ...] = ()
    below: tuple[Node, ...] = ()

    @property
    def label(self) -> int:
        """Cells of glyph, name and tail."""
        return 2 + width(self.service) + width(self.tail)

    @property
    def noted(self) -> int:
        """Cells of the note with its indent."""
        return 2 + sum(width(span.text) for span in self.note) + max(0, len(self.note) - 1) if self.note else 0


@dataclass(frozen=True, slots=True)
class Scene:
    """What a drawing of the chain is made from."""

    topology: Topology
    focus: str
    states: States
    changed: Mapping[str, str]
    glyphs: Glyphs

    def tail(self, service: str) -> str:
        """Return the marks behind a service's name."""
        known = self.topology.map.services.get(service)
        third = self.glyphs.third_party if known is not None and known.kind == "third-party" else ""
        return third + (self.glyphs.back if service in self.topology.callees(service) else "")

    def note(self, service: str) -> tuple[Span, ...]:
        """Return what is measured of a service, and its change."""
        spans = (share(self.states, service), badge(self.states, service, self.changed, self.glyphs))
        return tuple(span for span in spans if span is not None)

    def worth(self, service: str) -> tuple[int, int]:
        """Return how much a service deserves one of the few places: the focus first, then the worst."""
        return (0 if service == self.focus else 1, badness(self.states, service))

    def loud(self, service: str) -> bool:
        """Tell whether a service is in focus, or does badly."""
        return service == self.focus or badness(self.states, service) < 3


def bare(scene: Scene, chain: Chain, *, alone: bool = False) -> tuple[Column, ...]:
    """Return a chain's columns without what stands over and under them.

    Args:
        scene: What is drawn.
        chain: Its steps.
        alone: There is no row for callees: the firing ones are counted behind the step.
    """
    steps = {step.service for step in chain.steps}
    columns: list[Column] = []
    for step in chain.steps:
        tail = scene.tail(step.service)
        hidden = [one for one in scene.topology.callees(step.service) if one not in steps and fires(scene.states, one)]
        if alone and hidden:
            tail += f" +{len(hidden)}{scene.glyphs.firing}"
        columns.append(Column(step.service, step.calls_next, tail, scene.note(step.service)))
    return tuple(columns)


def count_beneath(scene: Scene, columns: Sequence[Column], steps: Iterable[str]) -> tuple[Column, ...]:
    """Return the columns with the firing services that nothing else shows, each counted once at its nearest callee."""
    nodes = [leaf for column in columns for node in column.below for leaf in (node.deep or (node,))]
    drawn = {*steps, *(node.service for column in columns for node in (*column.above, *column.below))}
    drawn.update(node.service for node in nodes)
    hidden = {name for name, state in scene.states.items() if state.health is Health.FIRING and name not in drawn}
    if not hidden:
        return tuple(columns)
    counts = _nearest(scene.topology, [node.service for node in nodes], hidden, drawn)

    def counted(node: Node) -> Node:
        return replace(
            node, deep=tuple(map(counted, node.deep)), beneath=0 if node.deep else counts.get(node.service, 0)
        )

    return tuple(replace(column, below=tuple(map(counted, column.below))) for column in columns)


def _nearest(topology: Topology, starts: Sequence[str], wanted: set[str], drawn: set[str]) -> dict[str, int]:
    """Return how many wanted services lie nearest beneath each start, on ways that lead through nothing drawn."""
    counts: dict[str, int] = {}
    seen = set(drawn)
    ahead = deque((start, start) for start in dict.fromkeys(starts))
    while ahead and len(seen) < _FARTHEST:
        name, start = ahead.popleft()
        for below in (*topology.callees(name), *topology.runs_on(name)):
            if below not in seen:
                seen.add(below)
                ahead.append((below, start))
                if below in wanted:
                    counts[start] = counts.get(start, 0) + 1
    return counts


def around(scene: Scene, columns: Sequence[Column], *, deep: bool = False) -> tuple[Column, ...]:
    """Return the visible columns with callers above and callees below.

    A call from one visible step to another that is not the next is drawn once, above the one that is called. Failing
    hops stand nearest to the step, so that their heavy lines join it.
    """
    visible = {column.service for column in columns}
    whole: list[Column] = []
    for place, column in enumerate(columns):
        before = columns[place - 1] if place else None
        left = before.service if before is not None and before.arrow else None
        above = _above(scene, column.service, left, visible)
        below = _below(scene, column.service, visible, deep=deep)
        whole.append(Column(column.service, column.arrow, column.tail, column.note, above, below))
    return tuple(whole)


def _above(scene: Scene, service: str, left: str | None, visible: set[str]) -> tuple[Node, ...]:
    topology = scene.topology
    callers = [one for one in topology.callers(service) if one not in {left, service}]
    callers.sort(key=lambda one: one in visible)
    hosted = [one for one in topology.hosted(service) if one not in callers and one not in visible and scene.loud(one)]
    nodes = [*(Node(one, calls=False) for one in hosted), *(Node(one, again=one in visible) for one in callers)]
    return tuple(sorted(nodes, key=lambda node: node.calls and failing(scene.states, node.service, service)))


def _below(scene: Scene, service: str, visible: set[str], *, deep: bool) -> tuple[Node, ...]:
    topology = scene.topology
    callees = [one for one in topology.callees(service) if one not in visible]
    hosts = [one for one in topology.runs_on(service) if one not in callees and one not in visible and scene.loud(one)]
    nodes: list[Node] = []
    for callee in callees:
        further = topology.callees(callee) if deep else ()
        nodes.append(Node(callee, deep=tuple(Node(one, again=one in visible) for one in further if one != callee)))
    nodes.sort(key=lambda node: not failing(scene.states, service, node.service))
    return (*nodes, *(Node(one, calls=False) for one in hosts))


def select(scene: Scene, nodes: Sequence[Node], rows: int) -> tuple[tuple[Node, ...], int, bool]:
    """Return the nodes that get one of so many rows, how many do not, and whether one of these fires."""
    if len(nodes) <= rows:
        return tuple(nodes), 0, False
    if rows <= 0:
        return (), len(nodes), any(fires(scene.states, node.service) for node in nodes)
    ranked = sorted(range(len(nodes)), key=lambda place: (scene.worth(nodes[place].service), place))
    kept = set(ranked[:rows])
    hidden = [node for place, node in enumerate(nodes) if place not in kept]
    shown = tuple(node for place, node in enumerate(nodes) if place in kept)
    return shown, len(hidden), any(fires(scene.states, node.service) for node in hidden)


def wanted(scene: Scene, node: Node, *, extras: bool, level: int = 1) -> int:
    """Return the cells that a node and what is under it take when nothing is cut."""
    own = level * BRANCH + 2 + width(node.service) + width(scene.tail(node.service))
    own += 2 + len(str(node.beneath)) + 1 if node.beneath else 0
    if extras and not node.again:
        own += sum(width(span.text) + 1 for span in scene.note(node.service))
    return max([own, *(wanted(scene, one, extras=extras, level=level + 1) for one in node.deep)])
