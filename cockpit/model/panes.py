"""What panes are given: values cut from the board, ready to paint, with nothing of the board in them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, overload

from cockpit.model.drawing import Line, Role
from cockpit.model.keys import AlertKey, FoldKey, State

if TYPE_CHECKING:
    from cockpit.model.drill import Drill


@dataclass(frozen=True, slots=True)
class Header:
    """The one line that tells quiet from blind."""

    context: str
    production: bool
    map: str
    trouble: tuple[tuple[str, Role], ...] = ()
    """What is not well, worst first: never dropped for want of room."""
    live: str = ""
    """`9 of 11 live`, or `asking`."""
    clocks: tuple[str, ...] = ()
    """UTC first, then the person's zone where it differs."""
    marks: tuple[tuple[str, Role], ...] = ()
    """paused, recording ended, read-only journal."""


RowId = AlertKey | FoldKey
"""What an alert row stands for; the cursor is kept by it."""


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One row of the alert list: a fold, or an alert of an open fold."""

    id: RowId
    depth: int
    """0 for a fold, 1 for an alert inside an open one."""
    state: State
    flapping: bool
    priority: str
    """`P1?` proposed, `P1` chosen, empty for what is not firing."""
    name: str
    count: int
    service: str
    team: str
    age: str
    value: str
    who: str
    """Who has it: `mine 2m`, a team, or empty."""
    extra: tuple[str, ...] = ()
    """Values of the columns that differ among rows (cluster, namespace)."""
    note: str = ""
    new: bool = False
    """Came since the last key press."""
    marked: bool = False
    """A person marked it, to do something with several."""
    role: Role = Role.PLAIN


@dataclass(frozen=True, slots=True)
class AlertList:
    """The alert pane's content: its rows are built when they are painted."""

    title: str
    """`3 firing, 2 pending, 7 silenced, 1 just resolved`, with an active filter and what it hides."""
    ids: tuple[RowId, ...] = ()
    build: Callable[[int], AlertRow] | None = None
    """Makes row number n; pure and quick."""
    extra: tuple[str, ...] = ()
    """Names of the extra columns."""
    banner: Line = ()
    """The storm line, or the missing heartbeat; empty where there is none."""
    footer: Line = ()
    """The one dim line with the count of dimmed alerts."""
    empty: str = ""
    """What an empty pane says: who answered and how long ago, or who did not."""
    stale: bool = False
    """Nobody answers: the rows are the last known ones."""
    version: int = 0
    """Changes whenever any row may paint differently."""

    def index(self, row: RowId | None) -> int | None:
        """Return where a row stands, or null."""
        try:
            return None if row is None else self.ids.index(row)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One row of the deploy feed."""

    id: str
    time: str
    kind: str
    rollback: bool
    name: str
    version: str
    team: str
    """Empty means no owner, which is said in a colour that asks for one."""
    systems: str
    suspect: bool = False
    why: str = ""
    seen: bool = False
    summary: str = ""
    service: str = ""
    began: datetime | None = None
    state: str = ""
    """`rolling 3m`, `failed`, or how long it took: `7m`; empty where nobody told its end."""
    failed: bool = False
    rolling: bool = False
    count: int = 0
    """Of a heading over a service's changes: how many they are. Zero for a change."""


class Rows(Sequence[ChangeRow]):
    """Rows of a feed that are made when they are looked at: of thousands a screenful is.

    Args:
        ids: Their ids, in order.
        build: Makes row number n; pure and quick.
    """

    __slots__ = ("_build", "_made", "ids")

    def __init__(self, ids: tuple[str, ...], build: Callable[[int], ChangeRow]) -> None:
        self.ids = ids
        self._build = build
        self._made: dict[int, ChangeRow] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.ids)

    @overload
    def __getitem__(self, number: int) -> ChangeRow: ...
    @overload
    def __getitem__(self, number: slice) -> list[ChangeRow]: ...
    def __getitem__(self, number: int | slice) -> ChangeRow | list[ChangeRow]:
        """Return a row, or several."""
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        place = range(len(self.ids))[number]
        row = self._made.get(place)
        if row is None:
            row = self._made[place] = self._build(place)
        return row


@dataclass(frozen=True, slots=True)
class ChangeList:
    """The change pane's content."""

    title: str
    """`2 in the last 4 h, complete to 14:11`."""
    rows: Sequence[ChangeRow] = ()
    mark: datetime | None = None
    """Where the selected alert began: a rule is drawn there."""
    empty: str = ""
    stale: bool = False
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why a change is a suspect of the selected alert, by its id."""
    orphans: bool = False
    """Whether no change has an owner, so that one without does not stand out."""
    grouped: bool = False
    """Whether the rows stand by service, each service behind a heading."""

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the rows."""
        return self.rows.ids if isinstance(self.rows, Rows) else tuple([row.id for row in self.rows])


@dataclass(frozen=True, slots=True)
class DrillView:
    """The drill pane's content: the drill and how it is said on the screen."""

    title: str
    drill: "Drill | None" = None
    values: tuple[str, ...] = ()
    """The five values as the screen says them, in order."""
    short: tuple[str, ...] = ()
    """The same without what may go where there is no room."""
    sources: tuple[str, ...] = ()
    """`prom 3s` for each."""
    evidence: tuple[tuple[str, ...], ...] = ()
    """Lines of evidence for each answer, shown where there is room."""
    empty: str = ""
    stale: bool = False


@dataclass(frozen=True, slots=True)
class MapView:
    """The integration pane's content beside what its painter knows."""

    title: str
    focus: str = ""
    """The service under the cursor."""
    centre: str = ""
    """The service that the drawing is about."""
    right: str = ""
    """`callers 3  callees 2`."""
    empty: str = ""
    version: int = 0
    lines: tuple[Line, ...] = field(default_factory=tuple)
    """Painted without a painter: what is shown where there is no map."""
    stale: bool = False
    """Nobody answers: the health is the last known one."""
