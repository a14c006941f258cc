"""The change pane: the deploy feed, newest first, with the suspect marked and a rule where the alert began."""

from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar, NamedTuple

from cockpit.model.drawing import Glyphs, Line, Role, Span
from cockpit.model.panes import ChangeList, ChangeRow
from cockpit.text import width
from widgets.cells import Cell, lay
from widgets.palette import Tone
from widgets.pane import Pane, Row
from widgets.wrapping import paragraphs


class ChangeColumns(NamedTuple):
    """Widths of the feed's columns; zero leaves one out."""

    time: int
    what: int
    team: int
    systems: int
    suspect: int


class Wanted(NamedTuple):
    """Widths that the texts of a feed would like."""

    what: int = 0
    team: int = 22
    systems: int = 24


_ANYTHING = Wanted()
_LEAST = 10
"""What teams and systems keep where what changed needs their room."""


@lru_cache(maxsize=64)
def change_columns(cells: int, time: int = 5, suspect: int = 0, wanted: Wanted = _ANYTHING) -> ChangeColumns:
    """Return the widths for a row of so many cells.

    Where room is scarce, first the systems are cut, then the teams, then what changed.

    Args:
        cells: Width of the row.
        time: Width of the widest time.
        suspect: Width of the widest word about a suspect, 0 where there is none.
        wanted: What the texts of the feed would like.
    """
    rest = cells - 4 - time - (suspect + 1 if suspect else 0)
    if rest < 34:
        return ChangeColumns(time, max(1, rest), 0, 0, suspect)
    team = min(22, wanted.team)
    systems = min(24, wanted.systems) if rest >= 46 else 0
    least = max(min(wanted.what, rest), rest * 2 // 5)
    missing = least - (rest - team - 1 - (systems + 1 if systems else 0))
    if missing > 0:
        given = min(missing, max(0, systems - _LEAST))
        systems -= given
        team -= min(missing - given, max(0, team - _LEAST))
    return ChangeColumns(time, rest - team - 1 - (systems + 1 if systems else 0), team, systems, suspect)


def _wanted(rows: Sequence[ChangeRow]) -> Wanted:
    return Wanted(
        max((width(_body(row)) for row in rows), default=0),
        max((width(row.team or _NOBODY) for row in rows), default=0),
        max((width(row.systems) for row in rows), default=0),
    )


_NOBODY = "no owner"


def _body(row: ChangeRow) -> str:
    word = "" if row.kind == "deploy" else f" {row.kind}"
    return f"{f'{row.name} {row.version}'.strip()}{word}{' (seen)' if row.seen else ''}"


def _tells_more(row: ChangeRow) -> bool:
    """Tell whether a summary says more than which version of what it is."""
    return bool(row.summary) and not (row.version in row.summary and len(row.summary.split()) < 3)


def paint_change_row(
    row: ChangeRow, plan: ChangeColumns, glyphs: Glyphs, *, cursor: bool = False, orphans: bool = False
) -> Line:
    """Return one row of the feed; a change without an owner says so, because somebody will have to ask.

    Args:
        row: What it says.
        plan: Widths of the columns.
        glyphs: The glyph set.
        cursor: Whether the cursor stands on it.
        orphans: Whether no change of the feed has an owner, so that one without does not stand out.
    """
    glyph = glyphs.rollback if row.rollback else glyphs.change
    quiet = row.kind == "merged"
    team, team_role = (row.team, Role.DIM) if row.team else (_NOBODY, Role.DIM if orphans else Role.WARNING)
    body = _body(row)
    if _tells_more(row) and plan.what - width(body) > 14:
        body = f"{body}  {row.summary}"
    cells = [
        Cell(row.time, plan.time, Role.PLAIN),
        Cell(glyph, 1, Role.DIM if quiet else Role.CHANGE),
        Cell(body, plan.what, Role.SUSPECT if row.suspect else Role.DIM if quiet else Role.PLAIN),
        Cell(team, plan.team, team_role),
        Cell(row.systems, plan.systems, Role.DIM),
        Cell(_suspicion(row, plan.suspect), plan.suspect, Role.SUSPECT),
    ]
    mark = glyphs.cursor if cursor else " "
    return (Span(mark, Role.KEY), *lay([cell for cell in cells if cell.cells > 0], glyphs.ellipsis))


def _suspicion(row: ChangeRow, room: int) -> str:
    if not row.suspect:
        return ""
    told = f"suspect: {row.why}"
    return told if row.why and width(told) <= room else "suspect"


class Changes(Pane):
    """The deploy feed."""

    LABEL: ClassVar[str] = "3 Changes"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.value = ChangeList("")
        self.cursor: str | None = None
        """Id of the change under the cursor; a pane without focus shows the suspect or the newest."""
        self._top = 0

    def show(self, value: ChangeList) -> None:
        """Take another feed; the cursor stays on its change."""
        self.value = value
        if self.index is None:
            self.cursor = value.rows[0].id if value.rows else None
        self.stale = value.stale
        self.repaint()

    @property
    def index(self) -> int | None:
        """The number of the cursor's row."""
        return next((number for number, row in enumerate(self.value.rows) if row.id == self.cursor), None)

    @property
    def selected(self) -> ChangeRow | None:
        """The change under the cursor."""
        here = self.index
        return None if here is None else self.value.rows[here]

    def move(self, by: int) -> None:
        """Put the cursor so many rows further, not beyond the ends."""
        rows = self.value.rows
        if rows:
            self.cursor = rows[max(0, min(len(rows) - 1, (self.index or 0) + by))].id
            self.repaint()

    def heading(self) -> tuple[str, Sequence[str]]:
        """Return how many there are and how complete the feed is."""
        total, here = len(self.value.rows), self.index
        long = self.focused and here is not None and total > self.inner.height
        return self.value.title, (f"{(here or 0) + 1:,}/{total:,}",) if long else ()

    def content(self, cells: int, rows: int) -> Sequence[Row]:
        """Return the changes that are seen, and a rule where the selected alert began."""
        value, glyphs = self.value, self.looks.glyphs
        self._follow()
        if not value.rows:
            return [Row(line) for line in paragraphs(value.empty, cells)]
        suspect = max((7 + 2 + width(row.why) for row in value.rows if row.suspect), default=0)
        seen = value.rows[self._top : self._top + rows]
        plan = change_columns(
            cells - 1,
            max(width(row.time) for row in value.rows),
            suspect if suspect <= cells // 3 else min(suspect, len("suspect")),
            _wanted(seen),
        )
        orphans = not any(row.team for row in value.rows)
        found: list[Row] = []
        rule = value.mark is not None and rows > 3
        for number, row in enumerate(value.rows[self._top :], self._top):
            if len(found) >= rows:
                break
            if rule and value.mark is not None and row.began is not None and row.began <= value.mark:
                rule = False
                if number:
                    found.append(Row(_rule(cells, glyphs)))
            here = self.focused and row.id == self.cursor
            line = paint_change_row(row, plan, glyphs, cursor=here, orphans=orphans)
            found.append(Row(line, Tone.CURSOR if here else Tone.NORMAL))
        return found

    def _follow(self) -> None:
        here, rows = self.index if self.focused else 0, self.inner.height
        if here is None or rows <= 0:
            return
        if not self._top <= here < self._top + rows:
            self._top = here - rows // 2
        self._top = max(0, min(self._top, len(self.value.rows) - rows))


def _rule(cells: int, glyphs: Glyphs) -> Line:
    text = " the alert began here "
    return (Span(f" {glyphs.step * 4}{text}{glyphs.step * max(0, cells - width(text) - 6)}", Role.DIM),)
