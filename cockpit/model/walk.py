"""A walk on the integration map: which service is looked at, how one came there, and how it is drawn."""

from dataclasses import dataclass, field
from enum import StrEnum


class View(StrEnum):
    """How the focus is drawn."""

    CHAIN = "chain"
    SUBWAY = "subway"
    TREE = "tree"
    OVERVIEW = "overview"


class Layer(StrEnum):
    """What the map is drawn of."""

    SERVICES = "services"
    TEAMS = "teams"
    """Who needs whom, and how each is reached."""
    TOOLS = "tools"
    """Which tool must tell which, and whether it does."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one was."""

    centre: str
    here: str


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a person is on the map, and how they want to see it."""

    led: object = None
    """The alert row that the walk follows; another one begins it anew at that alert's service."""
    centre: str = ""
    """The focus; empty leaves it to the board."""
    here: str = ""
    """The service under the cursor."""
    back: tuple[Place, ...] = ()
    """Where to go back to, the last one last."""
    came: tuple[str, ...] = ()
    """The callers through which one came down, the last one last."""
    view: View = View.CHAIN
    before: View = View.CHAIN
    """What the overview and the blast radius go back to."""
    cell: str = ""
    """The overview's cell under the cursor; empty: that of the service under the cursor."""
    depth: int | None = None
    """Hops from the focus that are drawn; null: all that fit."""
    folded: frozenset[str] = field(default_factory=frozenset)
    """Services whose callees are folded away."""
    blast: bool = False
    """Whether only what feels a failure of the focus is drawn."""
    layer: Layer = Layer.SERVICES
    """What is walked on."""
    aside: tuple["Walk", ...] = ()
    """Where one was on the other layers."""
