"""Handshakes: whether what one tool says arrives at the next, as far as anybody can tell."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Condition(StrEnum):
    """How a handshake does; the worst first, and nobody calls one well that was not seen to be."""

    FAILS = "fails"
    WARNING = "warning"
    UNKNOWN = "not known"
    WORKS = "works"


WORST_FIRST = tuple(Condition)
"""Conditions, the worst first."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """One thing that one tool must tell another, and what was seen of it."""

    id: str
    """Stable: `alerts:prometheus:alertmanager`."""
    source: str
    """The tool that tells: a system's name, a name of the map's `tools`, or one of our own notions such as `owners`."""
    target: str
    """Whom it tells; empty where the handshake is about the source alone."""
    question: str
    """What must hold: `prometheus reaches alertmanager`."""
    condition: Condition
    seen: str
    """What was seen, with numbers; of what is not known why."""
    remedy: str = ""
    """What to do, where there is something to do."""
    brief: str = ""
    """The number alone, for a drawing: `12 of 14`."""
    place: str = "map"
    """The system that it was seen at, or `map`."""
    check: str = ""
    """What `cockpit doctor` calls it, where that is not the question."""


def worst(handshakes: Iterable[Handshake]) -> Handshake | None:
    """Return the worst of some handshakes, of equal ones the first; null where there are none."""
    return min(handshakes, key=lambda one: WORST_FIRST.index(one.condition), default=None)
