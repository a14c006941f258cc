"""One row of the deploy feed: its columns, its signs and words, and the heading over a service's changes."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from cockpit.model.drawing import Glyphs, Line, Role, Span
from cockpit.model.panes import ChangeRow
from cockpit.text import width
from widgets.cells import Cell, lay


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


def wanted_of(rows: Sequence[ChangeRow]) -> Wanted:
    """Return the widths that the texts of these rows would like."""
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
        Cell(
            glyphs.of_change(row.kind, rollback=row.rollback, failed=row.failed),
            1,
            Role.FIRING if row.failed else Role.DIM if quiet else Role.CHANGE,
        ),
        Cell(body, plan.what, Role.SUSPECT if row.suspect else Role.DIM if quiet else Role.PLAIN),
        Cell(row.state, plan.state, state_role),
        Cell(team, plan.team, team_role),
        Cell(row.systems, plan.systems, Role.DIM),
        Cell(_suspicion(row, plan.suspect), plan.suspect, Role.SUSPECT),
    ]
    mark = glyphs.cursor if cursor else " "
    return (Span(mark, Role.KEY), *lay([cell for cell in cells if cell.cells > 0], glyphs.ellipsis))


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
