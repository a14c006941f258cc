"""What chain and tree are drawn from: a focus with what is known of it, and the counts of what is left out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cockpit.model.drawing import Glyphs, Role, Span
from cockpit.model.health import Health
from cockpit.model.sights import Sights
from cockpit.text import width
from cockpit.topology.focus import Focus, Stub, count_hidden
from cockpit.topology.graph import Topology
from cockpit.topology.paint.marks import badness, fails, health_of
from cockpit.topology.paint.notes import Notes, notes_on, on_hop, via

LEAST = 3
"""Cells that a name is never cut below: with fewer its hop is counted instead."""

LEANEST = 3
"""The leanest drawing: nothing has to stand under a name but the count of what is left out."""

Pair = tuple[str, str]
"""Caller and callee."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a drawing leaves out."""

    texts: Mapping[str, str]
    """By drawn service: `+3►` callers, `►+12✗1` callees, one of which fires; no entry where nothing is left out."""
    elsewhere: int
    """Firing services that nothing connects with what is drawn."""


class Scene:
    """One focus to draw; answers are remembered, for a drawing asks often.

    Args:
        topology: The map's graph.
        focus: What is drawn of it.
        selected: The service under the cursor; empty means the focus' centre.
        sights: What is known of services and hops.
        glyphs: The glyph set.
    """

    def __init__(self, topology: Topology, focus: Focus, selected: str, sights: Sights, glyphs: Glyphs) -> None:
        self.topology = topology
        self.focus = focus
        self.selected = selected or focus.centre
        self.sights = sights
        self.glyphs = glyphs
        self.services = frozenset(focus.services)
        self.callees: dict[str, list[str]] = {name: [] for name in focus.services}
        """Without itself, in the map's order."""
        self.callers: dict[str, list[str]] = {}
        """Without itself, in the map's order."""
        self.selves = frozenset(caller for caller, callee in focus.hops if caller == callee)
        shown = {hop for hop in focus.hops if hop[0] != hop[1]}
        for caller, callee in focus.hops:
            if caller != callee:
                self.callees[caller].append(callee)
        for name in focus.services:
            callers = dict.fromkeys(topology.callers(name))
            self.callers[name] = [caller for caller in callers if (caller, name) in shown]
        self.reserved: dict[str, int] = {}
        """Cells kept free behind a name for its count."""
        self.under = False
        """Whether the counts of a chain's steps stand in the row under their names."""
        self.lean = 0
        """How much of what is known under the steps' names gives way to the steps: from 0, nothing, to `LEANEST`."""
        self._notes: dict[str, Notes] = {}
        self._counts: dict[frozenset[str], tuple[Mapping[str, Stub], Mapping[str, Stub], int]] = {}

    def heavy(self, caller: str, callee: str) -> bool:
        """Tell whether a hop fails."""
        return fails(self.sights, caller, callee)

    def bad(self, service: str) -> int:
        """Return how bad a service is doing, the worst being 0."""
        return badness(self.sights.states, service)

    def worth(self, service: str) -> tuple[int, int]:
        """Return how much a service deserves one of the few places: the selected one first, then the worst."""
        return (0 if service == self.selected else 1, self.bad(service))

    def loud(self, service: str) -> bool:
        """Tell whether a service is the one looked at, or does badly."""
        return service in {self.selected, self.focus.centre} or self.bad(service) < 3

    def marks(self, service: str) -> str:
        """Return the marks behind a service's name: third party, calls itself."""
        known = self.topology.map.services.get(service)
        third = self.glyphs.third_party if known is not None and known.kind == "third-party" else ""
        return third + (self.glyphs.back if service in self.selves else "")

    def tail(self, service: str) -> int:
        """Return the cells behind a name that always stand: marks, and the count of what is left out."""
        reserved = self.reserved.get(service, 0)
        return width(self.marks(service)) + (1 + reserved if reserved else 0)

    def notes(self, service: str) -> Notes:
        """Return what is known of a service."""
        found = self._notes.get(service)
        if found is None:
            found = self._notes[service] = notes_on(self.sights, service, self.glyphs)
        return found

    def brief(self, service: str) -> tuple[Span, ...]:
        """Return the failing share and the change of a service, as far as the drawing has room for them."""
        return tuple(span for span in self.notes(service).brief if self._keeps(service, span))

    def further(self, service: str) -> tuple[Span, ...]:
        """Return what else is known of a service."""
        notes = self.notes(service)
        if not self.lean:
            return notes.further
        return (*(span for span in notes.brief if not self._keeps(service, span)), *notes.further)

    def _keeps(self, service: str, span: Span) -> bool:
        """Tell whether a piece stands whatever the room: the leaner, the fewer, and those of firing services last."""
        if not self.lean or self.lean >= LEANEST:
            return not self.lean
        health = health_of(self.sights.states, service)
        if health is Health.FIRING:
            return True
        return self.lean == 1 and (span.role is Role.CHANGE or health is Health.WARNING)

    def on_hop(self, caller: str, callee: str) -> str:
        """Return what is known of a hop."""
        return on_hop(self.topology, self.sights, caller, callee)

    def via(self, caller: str, callee: str) -> str:
        """Return the same as it stands behind the name that the hop leads to: `via https`."""
        return via(self.topology, self.sights, caller, callee)

    def count(self, drawn: Iterable[str], hops: set[Pair]) -> Counts:
        """Return what is left out of a drawing.

        Args:
            drawn: Its services.
            hops: The calls between two of them that it shows; those to themselves always show.
        """
        services = frozenset(drawn)
        counted = self._counts.get(services)
        if counted is None:
            counted = self._counts[services] = self._hidden(services)
        callers, callees, elsewhere = counted
        above = {name: (stub.count, stub.firing) for name, stub in callers.items()}
        below = {name: (stub.count, stub.firing) for name, stub in callees.items()}
        for caller, callee in self.focus.hops:
            if caller != callee and caller in services and callee in services and (caller, callee) not in hops:
                for side, name in ((below, caller), (above, callee)):
                    hidden, firing = side.get(name, (0, 0))
                    side[name] = (hidden + 1, firing)
        arrow = self.glyphs.arrow
        texts = {name: f"{self.say_count(*numbers)}{arrow}" for name, numbers in above.items()}
        for name, numbers in below.items():
            begin = f"{texts[name]} " if name in texts else ""
            texts[name] = f"{begin}{arrow}{self.say_count(*numbers)}"
        return Counts(texts, elsewhere)

    def say_count(self, hidden: int, firing: int) -> str:
        """Return the count of what is left out and how many of it fire: `+12`, `+12✗1`."""
        return f"+{hidden}{f'{self.glyphs.firing}{firing}' if firing else ''}"

    def stub(self, text: str) -> Span:
        """Return a count in its role."""
        return Span(text, Role.FIRING if self.glyphs.firing in text else Role.DIM)

    def firing(self) -> Iterable[str]:
        """Yield the services of the map that fire."""
        return (
            name
            for name, state in self.sights.states.items()
            if state.health is Health.FIRING and name in self.topology
        )

    def _hidden(self, services: frozenset[str]) -> tuple[Mapping[str, Stub], Mapping[str, Stub], int]:
        if services == self.services:
            return self.focus.callers_hidden, self.focus.callees_hidden, self.focus.elsewhere
        order = [name for name in self.focus.services if name in services]
        return count_hidden(self.topology, order, {name for name in self.firing() if name not in services})
