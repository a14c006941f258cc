"""The alert pane: one row a fold, built only where it is seen; the cursor is kept by what it stands on."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from cockpit.model.drawing import Glyphs, Line, Role, Span
from cockpit.model.keys import State
from cockpit.model.panes import AlertList, AlertRow, RowId
from cockpit.text import width
from widgets.cells import Cell, lay
from widgets.palette import Tone
from widgets.pane import Pane, Row
from widgets.wrapping import paragraphs


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths of the alert list's columns; zero leaves one out."""

    name: int
    service: int
    age: int
    value: int
    team: int
    who: int
    extra: tuple[int, ...] = ()


_MARKS = 7
"""Cells before the name: new or cursor, state, priority, and the gaps between."""
_EXTRA = 12
_BETWEEN = " ─ "


@lru_cache(maxsize=64)
def columns(cells: int, extra: int = 0) -> Columns:
    """Return the widths for a row of so many cells with so many extra columns.

    Where room is scarce, first who has it goes, then the value, the extra columns, the team, the service.
    """
    room = cells - _MARKS
    age = 5
    if cells < 44:
        return Columns(max(1, room - 1 - age), 0, age, 0, 0, 0)
    if cells < 58:
        service = room // 4
        return Columns(room - service - age - 2, service, age, 0, 0, 0)
    value, who = (7, 0) if cells < 74 else (8, 12)
    shown = min(extra, 2 if cells >= 96 else 1 if cells >= 84 else 0)
    rest = room - age - value - who - shown * (_EXTRA + 1) - (5 if who else 4)
    team = max(11, min(24, rest * 32 // 100))
    service = max(9, min(24, rest * 24 // 100))
    return Columns(rest - team - service, service, age, value, team, who, (_EXTRA,) * shown)


_STATES = {
    State.FIRING: "firing",
    State.PENDING: "pending",
    State.SILENCED: "silenced",
    State.INHIBITED: "inhibited",
    State.RESOLVED: "resolved",
    State.LOST: "lost",
}
_QUIET = {State.SILENCED, State.INHIBITED, State.RESOLVED}


def _glyph(row: AlertRow, glyphs: Glyphs) -> str:
    if row.flapping and row.state is State.FIRING:
        return glyphs.flapping
    if row.state is State.FIRING and row.role is Role.WARNING:
        return glyphs.warning
    return str(getattr(glyphs, _STATES[row.state]))


def paint_alert_row(row: AlertRow, plan: Columns, glyphs: Glyphs, *, cursor: bool = False) -> Line:
    """Return one row of the alert list.

    Args:
        row: What it says.
        plan: Widths of the columns.
        glyphs: The glyph set.
        cursor: Whether the cursor stands on it.
    """
    mark = glyphs.cursor if cursor else glyphs.new if row.new else " "
    quiet = row.state in _QUIET
    text = Role.DIM if quiet else Role.PLAIN
    indent = "  " * row.depth
    count = f"{glyphs.times}{row.count:,}" if row.count > 1 else ""
    name = f"{indent}{row.name} {count}" if count else f"{indent}{row.name}"
    who, who_role = (row.who, Role.PERSON) if row.who else (row.note, Role.DIM)
    cells = [
        Cell(name, plan.name, text if row.depth or quiet else Role.STRONG, keep=width(count)),
        Cell(row.service, plan.service, text),
        Cell(row.age, plan.age, text),
        Cell(row.value, plan.value, text),
        *(Cell(value, size, Role.DIM) for value, size in zip(row.extra, plan.extra, strict=False)),
        Cell(row.team, plan.team, Role.DIM),
        Cell(who, plan.who, who_role),
    ]
    front = (
        Span(mark, Role.KEY),
        Span(f"{_glyph(row, glyphs)} ", row.role),
        Span(f"{row.priority:<3} ", row.role if row.priority else Role.PLAIN),
    )
    return front + lay([cell for cell in cells if cell.cells > 0], glyphs.ellipsis)


def fit_title(title: str, cells: int) -> str:
    """Return the title, or what of it fits: what a filter hides before the counts, those before all else."""
    parts = title.split(_BETWEEN)
    worth = {part: 0 if part.startswith("/") else 1 if part == parts[0] else 2 for part in parts}
    while len(parts) > 1 and width(_BETWEEN.join(parts)) > cells:
        parts.remove(max(reversed(parts), key=worth.__getitem__))
    return _BETWEEN.join(parts)


class Alerts(Pane):
    """The alert list."""

    LABEL: ClassVar[str] = "2 Alerts"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.value = AlertList("")
        self.cursor: RowId | None = None
        """What the cursor stands on."""
        self.on_banner = False
        """Whether the cursor stands on the storm line above the rows."""
        self._here: int | None = None
        self._top = 0
        self._built: dict[tuple[RowId, bool], Line] = {}
        self._built_for: tuple[object, ...] = ()

    def show(self, value: AlertList, *, moved: RowId | None = None) -> None:
        """Take another list; the cursor's row stays where it is on the screen.

        Args:
            value: The list.
            moved: Where the cursor shall stand instead of where it did.
        """
        if value is not self.value:
            before = self._here
            self.value = value
            self.on_banner = self.on_banner and bool(value.banner)
            self._here = self._find()
            if moved is None:
                self._keep(before)
        if moved is not None:
            self.cursor = moved
            self._here = self._find()
        self.stale = value.stale
        self.repaint()

    @property
    def index(self) -> int | None:
        """The number of the cursor's row."""
        return self._here

    @property
    def rows(self) -> int:
        """How many alert rows there is room for."""
        return max(0, self.inner.height - bool(self.value.banner) - bool(self.value.footer))

    def move(self, by: int) -> RowId | None:
        """Put the cursor so many rows further, not beyond the ends, and return what it stands on."""
        ids = self.value.ids
        if not ids:
            return None
        if self.on_banner or (by == -1 and self._here == 0 and self.value.banner):
            self.on_banner = by < 0
            self.repaint()
            return self.cursor
        self._here = 0 if self._here is None else max(0, min(len(ids) - 1, self._here + by))
        self.cursor = ids[self._here]
        self.repaint()
        return self.cursor

    def row_at(self, line: int) -> RowId | None:
        """Return what a line inside the frame stands for."""
        number = self._top + line - bool(self.value.banner)
        return (
            self.value.ids[number] if self._top <= number < len(self.value.ids) and line < self.inner.height else None
        )

    def heading(self) -> tuple[str, Sequence[str]]:
        """Return the counts, and where in a long list the cursor stands."""
        total = len(self.value.ids)
        here = self._here
        return fit_title(self.value.title, self.inner.width - width(self.LABEL) - 5), (
            f"{here + 1:,}/{total:,}",
        ) if here is not None and total > self.rows else ()

    def content(self, cells: int, rows: int) -> Sequence[Row]:
        """Return the banner, the rows that are seen and the dim line."""
        value, glyphs = self.value, self.looks.glyphs
        self._follow()
        found: list[Row] = []
        if value.banner:
            here = self.on_banner
            tone = (Tone.CURSOR if self.focused else Tone.IDLE) if here else Tone.NORMAL
            found.append(Row((Span(glyphs.cursor if here else " ", Role.KEY), *value.banner), tone))
        room = rows - len(found) - bool(value.footer)
        self._forget(cells)
        plan = columns(cells - 1, len(value.extra))
        if value.build is None or not value.ids:
            found += [Row(line) for line in paragraphs(value.empty, cells)]
        else:
            for number in range(self._top, min(len(value.ids), self._top + max(0, room))):
                key = value.ids[number]
                here = key == self.cursor and not self.on_banner
                line = self._built.get((key, here))
                if line is None:
                    line = paint_alert_row(value.build(number), plan, glyphs, cursor=here)
                    self._built[key, here] = line
                found.append(Row(line, (Tone.CURSOR if self.focused else Tone.IDLE) if here else Tone.NORMAL))
        if value.footer:
            found += [Row(())] * (rows - 1 - len(found))
            found.append(Row((Span("   "), *value.footer)))
        return found

    def _forget(self, cells: int) -> None:
        now = (self.value.build, cells, self.looks)
        if self._built_for != now or len(self._built) > 1024:
            self._built.clear()
            self._built_for = now

    def _find(self) -> int | None:
        ids, here = self.value.ids, self._here
        if here is not None and here < len(ids) and ids[here] == self.cursor:
            return here
        return self.value.index(self.cursor)

    def _keep(self, before: int | None) -> None:
        """Keep the cursor on its row and that row where it is; if it is gone, on the nearest one."""
        ids = self.value.ids
        if not ids:
            self._top = 0
            return
        if self._here is None:
            self._here = min(before or 0, len(ids) - 1)
            self.cursor = ids[self._here]
        if before is not None:
            self._top = max(0, self._here - (before - self._top))

    def _follow(self) -> None:
        """Scroll by half a page when the cursor leaves the viewport."""
        here, rows = self._here, self.rows
        if here is None or rows <= 0:
            return
        if not self._top <= here < self._top + rows:
            self._top = here - rows // 2
        self._top = max(0, min(self._top, len(self.value.ids) - rows))
