"""What is remembered of the calls and places that were observed, from one reading to the next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cockpit.board.placed import Placed
from cockpit.model.measure import Measure

Pair = tuple[str, str]
"""Caller and callee."""


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """The last joining of what was observed with the declared map."""

    made_of: tuple[object, ...] = ()
    """The answers that it was made of."""
    structure: object = None
    """What was observed, as a map: another one makes another joined map."""
    placed: Placed = field(default_factory=Placed)
    places: tuple[object, ...] = ()
    """The answers that `placed` was made of."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What the joined map calls a service that is observed under some name."""
    hops: Mapping[Pair, Measure] = field(default_factory=dict)
    """What was measured on hops, without ages."""
    seen: Mapping[Pair, datetime | None] = field(default_factory=dict)
    """When traffic was last seen on each hop."""
    users: Mapping[str, Measure] = field(default_factory=dict)
    """What is measured of users' own calls, by the service that they call."""
    measures: Mapping[str, Measure] = field(default_factory=dict)
    """What the calls of its callers say of each service."""
    folds: object = None
    """The folds that were looked through for nodes."""
    alerting: frozenset[str] = frozenset()
    """Services that alert and are nodes on which something runs."""
    due: datetime | None = None
    """When the age of some hop is told differently; null where there is none."""
    gone: frozenset[str] = frozenset()
    """Systems that were down when ages were last told."""
    told: bool = True
    """Whether the alerts were told where pods are."""
