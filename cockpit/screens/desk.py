"""What the screens are given to work with; they reach for nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Protocol

from cockpit.clock import Clock
from cockpit.config import Context
from cockpit.model.drawing import UNICODE, Glyphs
from cockpit.model.panes import RowId

if TYPE_CHECKING:
    from cockpit.board.state import Act
    from cockpit.matchers import Matcher
    from cockpit.systems.base import Annotator
    from cockpit.writes.carrying import Scribe


class Watching(Protocol):
    """What the screens ask of the watch; every call is safe from any thread."""

    def attend(self, key: RowId | None) -> None:
        """Say which alert is looked at."""

    def narrow(self, matchers: "Sequence[Matcher]") -> None:
        """Say which matchers the alert list is filtered by."""

    def widen(self, window: timedelta | None) -> None:
        """Say how far back changes are looked at; null is the configured window."""

    def look_back(self, span: timedelta | None) -> None:
        """Say how far back it is looked what fired; null is not at all."""

    def refresh(self) -> None:
        """Ask everything at once."""

    def pause(self, paused: bool) -> None:
        """Stop asking, or go on."""

    def tell(self, event: "Act") -> None:
        """Say what a person decided."""


class NoWatch:
    """Stands in until the watch is there: what is asked of it is forgotten."""

    def attend(self, key: RowId | None) -> None:
        """Forget which alert is looked at."""

    def narrow(self, matchers: "Sequence[Matcher]") -> None:
        """Forget a filter."""

    def widen(self, window: timedelta | None) -> None:
        """Forget a window."""

    def look_back(self, span: timedelta | None) -> None:
        """Forget how far back it is looked."""

    def refresh(self) -> None:
        """Ask nobody."""

    def pause(self, paused: bool) -> None:
        """Hold nothing."""

    def tell(self, event: "Act") -> None:
        """Forget a decision."""


@dataclass(slots=True)
class Desk:
    """One context, one person, one clock."""

    context: Context
    clock: Clock
    zone: tzinfo = UTC
    """The person's time zone: of the header and of WHEN."""
    me: str = ""
    """The person's name, as the journal keeps it."""
    glyphs: Glyphs = UNICODE
    watch: Watching = field(default_factory=NoWatch)
    recording: bool = False
    """Whether a recording is played."""
    scribe: "Scribe | None" = None
    """Writes to outside systems; null until they are there, and while a recording is played."""
    annotators: "tuple[Annotator, ...]" = ()
    """The systems on whose dashboards changes can be marked."""

    @property
    def pane_zone(self) -> tzinfo:
        """The zone of times in panes other than header and WHEN."""
        return self.zone if self.context.times == "local" else UTC

    def now(self) -> datetime:
        """Return the present of the desk's clock."""
        return self.clock.now()

    def minute(self) -> datetime:
        """Return the present minute: ages in panes step with the header's clock, and with nothing else."""
        return self.clock.now().replace(second=0, microsecond=0)
