"""The change pane: the deploy feed, newest first, with the suspect marked and a rule where the alert began."""

from collections.abc import Sequence
from dataclasses import replace
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
    state: int = 0


class Wanted(NamedTuple):
    """Widths that the texts of a feed would like."""

    what: int = 0
    team: int = 22
    systems: int = 24


_ANYTHING = Wanted()
_LEAST = 10
"""What teams and systems keep where what changed needs their room."""
_ROOMY = 96
"""Cells from which on it is told how long a change took."""
_RULE_ROWS = 3
"""Rows from which on there is room for the rule where the alert began."""


@lru_cache(maxsize=64)
def change_columns(
    cells: int, time: int = 5, suspect: int = 0, wanted: Wanted = _ANYTHING, state: int = 0
) -> ChangeColumns:
    """Return the widths for a row of so many cells.

    Where room is scarce, first the systems are cut, then the teams, then what changed.

    Args:
        cells: Width of the row.
        time: Width of the widest time.
        suspect: Width of the widest word about a suspect, 0 where there is none.
        wanted: What the texts of the feed would like.
        state: Width of the widest word about how far a change has come, 0 where there is none.
    """
    rest = cells - 4 - time - (suspect + 1 if suspect else 0)
    state = state if rest - state - 1 >= _LEAST else 0
    rest -= state + 1 if state else 0
    if rest < 34:
        return ChangeColumns(time, max(1, rest), 0, 0, suspect, state)
    team = min(22, wanted.team)
    systems = min(24, wanted.systems) if rest >= 46 else 0
    least = max(min(wanted.what, rest), rest * 2 // 5)
    missing = least - (rest - team - 1 - (systems + 1 if systems else 0))
    if missing > 0:
        given = min(missing, max(0, systems - _LEAST))
        systems -= given
        team -= min(missing - given, max(0, team - _LEAST))
    return ChangeColumns(time, rest - team - 1 - (systems + 1 if systems else 0), team, systems, suspect, state)


def _wanted(rows: Sequence[ChangeRow]) -> Wanted:
    return Wanted(
        max((width(_body(row)) for row in rows), default=0),
        max((width(row.team or _NOBODY) for row in rows), default=0),
        max((width(row.systems) for row in rows), default=0),
    )


_NOBODY = "no owner"


def _body(row: ChangeRow) -> str:
    word = "" if row.kind == "deploy" else f" {row.kind}"
    word += " rollback" if row.rollback else ""
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
    if row.count:
        return _paint_heading(row, plan, glyphs, cursor=cursor)
    quiet = row.kind == "merged"
    team, team_role = (row.team, Role.DIM) if row.team else (_NOBODY, Role.DIM if orphans else Role.WARNING)
    body = _body(row)
    if _tells_more(row) and plan.what - width(body) > 14:
        body = f"{body}  {row.summary}"
    state_role = Role.FIRING if row.failed else Role.CHANGE if row.rolling else Role.DIM
    cells = [
        Cell(row.time, plan.time, Role.PLAIN),
        Cell(_glyph(row, glyphs), 1, Role.FIRING if row.failed else Role.DIM if quiet else Role.CHANGE),
        Cell(body, plan.what, Role.SUSPECT if row.suspect else Role.DIM if quiet else Role.PLAIN),
        Cell(row.state, plan.state, state_role),
        Cell(team, plan.team, team_role),
        Cell(row.systems, plan.systems, Role.DIM),
        Cell(_suspicion(row, plan.suspect), plan.suspect, Role.SUSPECT),
    ]
    mark = glyphs.cursor if cursor else " "
    return (Span(mark, Role.KEY), *lay([cell for cell in cells if cell.cells > 0], glyphs.ellipsis))


def _glyph(row: ChangeRow, glyphs: Glyphs) -> str:
    """Return the sign of what was done, which its word says too."""
    if row.failed:
        return glyphs.firing
    if row.rollback:
        return glyphs.rollback
    kinds = {"config": glyphs.config, "flag": glyphs.flag, "infrastructure": glyphs.infrastructure}
    return kinds.get(row.kind, glyphs.change)


def _paint_heading(row: ChangeRow, plan: ChangeColumns, glyphs: Glyphs, *, cursor: bool) -> Line:
    """Return the line over a service's changes."""
    counted = f"{row.name}  {row.count:,} {'change' if row.count == 1 else 'changes'}"
    team, role = (row.team, Role.DIM) if row.team else (_NOBODY, Role.WARNING)
    cells = [
        Cell(counted, plan.time + 1 + 1 + 1 + plan.what + (plan.state + 1 if plan.state else 0), Role.TITLE),
        Cell(team, plan.team, role),
        Cell("", plan.systems),
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
        self._ids: tuple[str, ...] = ()
        self._here: int | None = None

    def show(self, value: ChangeList) -> None:
        """Take another feed; the cursor stays on its change, and where that is gone on what stands in its place."""
        ids = value.ids
        if ids is not self._ids:
            before, self._ids = self._here, ids
            self._here = self._find()
            if self._here is None and ids:
                self._put(min(before, len(ids) - 1) if before else 0, 1)
            elif not ids:
                self.cursor = None
        self.value = value
        self.stale = value.stale
        self.repaint()

    def _find(self) -> int | None:
        """Return where the cursor's change stands: mostly where it stood."""
        here, ids = self._here, self._ids
        if here is not None and here < len(ids) and ids[here] == self.cursor:
            return here
        try:
            return None if self.cursor is None else ids.index(self.cursor)
        except ValueError:
            return None

    @property
    def index(self) -> int | None:
        """The number of the cursor's row."""
        return self._here

    @property
    def selected(self) -> ChangeRow | None:
        """The change under the cursor."""
        return None if self._here is None or self._here >= len(self.value.rows) else self.value.rows[self._here]

    def move(self, by: int) -> None:
        """Put the cursor so many rows further, not beyond the ends; it never rests on a heading."""
        if self._ids:
            self._put(max(0, min(len(self._ids) - 1, (self._here or 0) + by)), by)
            self.repaint()

    def _put(self, place: int, way: int) -> None:
        """Put the cursor on a row, or on the next one that is no heading; the first row of all may be one."""
        if self._ids[place].endswith("/"):
            place = place - 1 if way < 0 and place else place + 1
        self._here, self.cursor = place, self._ids[place]

    def heading(self) -> tuple[str, Sequence[str]]:
        """Return how many there are and how complete the feed is."""
        total, here = len(self._ids), self._here
        long = self.focused and here is not None and total > self.inner.height
        return self.value.title, (f"{(here or 0) + 1:,}/{total:,}",) if long else ()

    def content(self, cells: int, rows: int) -> Sequence[Row]:
        """Return the changes that are seen, and a rule where the selected alert began."""
        value, glyphs = self.value, self.looks.glyphs
        if not value.rows:
            return [Row(line) for line in paragraphs(value.empty, cells)]
        rule = self._rule_at(rows)
        self._follow(rows, rule)
        seen = [self._reasoned(row, cells) for row in value.rows[self._top : self._top + rows]]
        suspect = max((7 + 2 + width(why) for why in value.reasons.values()), default=0)
        plan = change_columns(
            cells - 1,
            max(width(row.time) for row in (*seen, value.rows[-1])),
            suspect if suspect <= cells // 3 else min(suspect, len("suspect")),
            _wanted([row for row in seen if not row.count]),
            max(width(row.state) for row in seen),
        )
        found: list[Row] = []
        for number, row in enumerate(seen, self._top):
            if number == rule:
                found.append(Row(_rule(cells, glyphs)))
            here = self.focused and number == self._here
            line = paint_change_row(row, plan, glyphs, cursor=here, orphans=value.orphans)
            found.append(Row(line, Tone.CURSOR if here else Tone.NORMAL))
        return found[:rows]

    def _reasoned(self, row: ChangeRow, cells: int) -> ChangeRow:
        """Return a row as it is shown here: a suspect with its reason, and how long it took only where there is room."""
        if row.state and cells < _ROOMY and not row.failed and not row.rolling:
            row = replace(row, state="")
        why = self.value.reasons.get(row.id)
        return row if why is None else replace(row, suspect=True, why=why)

    def _rule_at(self, rows: int) -> int | None:
        """Return before which row the selected alert began; null where nothing is newer, or there is no room."""
        mark, known = self.value.mark, self.value.rows
        if mark is None or rows <= _RULE_ROWS or self.value.grouped:
            return None
        first, end = 0, len(known)
        while first < end:
            middle = (first + end) // 2
            began = known[middle].began
            first, end = (first, middle) if began is not None and began <= mark else (middle + 1, end)
        return first if 0 < first < len(known) else None

    def _follow(self, rows: int, rule: int | None) -> None:
        """Let the top follow the cursor, half a page at a time; the rule takes a row where it is seen."""
        here, total = self._here if self.focused else 0, len(self._ids)
        if here is None or rows <= 0:
            return
        seen = rows - (rule is not None and self._top <= rule < self._top + rows)
        if not self._top <= here < self._top + seen:
            self._top = here - rows // 2
        last = total - rows + (rule is not None and rule > total - rows)
        self._top = max(0, min(self._top, last))
        if rule is not None and self._top <= rule <= here and here - self._top + 2 > rows:
            self._top += 1
        if self.value.grouped and here == 1 and self._top == 1:
            self._top = 0


def _rule(cells: int, glyphs: Glyphs) -> Line:
    text = " the alert began here "
    return (Span(f" {glyphs.step * 4}{text}{glyphs.step * max(0, cells - width(text) - 6)}", Role.DIM),)
