"""The alert pane: one row a fold, built only where it is seen; the cursor is kept by what it stands on."""

from collections.abc import Sequence
from typing import ClassVar

from cockpit.model.drawing import Line, Role, Span
from cockpit.model.panes import AlertList, AlertRow, RowId
from cockpit.text import width
from widgets.alertrow import Columns, columns, fitted, paint_alert_row
from widgets.palette import Tone
from widgets.pane import Pane, Row
from widgets.wrapping import fold_parts, paragraphs

_BETWEEN = " ─ "
_AND_MORE = ", …"
_BANNER_LINES = 3
_REMEMBERED = 1024


def fit_title(title: str, cells: int) -> str:
    """Return the title, or what of it fits: what a filter hides, how many are marked, the counts, then all else.

    Counts that do not all fit are cut between two of them.
    """
    parts = title.split(_BETWEEN)
    worth = {part: 2 if part == parts[0] else 1 if part.endswith(" marked") else 3 for part in parts}
    worth |= {part: 0 for part in parts if part.startswith("/")}
    while len(parts) > 1 and width(_BETWEEN.join(parts)) > cells:
        parts.remove(max(reversed(parts), key=worth.__getitem__))
    told = _BETWEEN.join(parts)
    while width(told) > cells and ", " in told.removesuffix(_AND_MORE):
        told = told.removesuffix(_AND_MORE).rpartition(", ")[0] + _AND_MORE
    return told


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
        self._rows_seen: dict[RowId, AlertRow] = {}
        self._built: dict[tuple[RowId, bool], Line] = {}
        self._built_for: tuple[object, ...] = ()
        self._plan: Columns | None = None

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
        return max(0, self.inner.height - self._above - bool(self.value.footer))

    @property
    def _above(self) -> int:
        """How many lines stand above the rows."""
        return len(self._banner(self.inner.width, self.inner.height))

    def _banner(self, cells: int, rows: int) -> tuple[Line, ...]:
        """Return the banner, on as many lines as it needs and as leave most of the pane to the rows."""
        if not self.value.banner:
            return ()
        return fold_parts(self.value.banner, cells - 2)[: max(1, min(_BANNER_LINES, rows // 3))]

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
        number = self._top + line - self._above
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
        for number, line in enumerate(self._banner(cells, rows)):
            here = self.on_banner
            tone = (Tone.CURSOR if self.focused else Tone.IDLE) if here else Tone.NORMAL
            found.append(Row((Span(glyphs.cursor if here and not number else " ", Role.KEY), *line), tone))
        if value.build is None or not value.ids:
            found += [Row(line) for line in paragraphs(value.empty, cells, role=Role.PLAIN)]
        else:
            room = max(0, rows - len(found) - bool(value.footer))
            found += self._paint_rows(range(self._top, min(len(value.ids), self._top + room)), cells)
        if value.footer:
            found += [Row(())] * (rows - 1 - len(found))
            found.append(Row((Span("   "), *value.footer)))
        return found

    def _paint_rows(self, seen: range, cells: int) -> list[Row]:
        """Return the rows of these numbers; each is built once, and painted once a plan of the columns."""
        ids, build, glyphs = self.value.ids, self.value.build, self.looks.glyphs
        assert build is not None
        known = (build, cells, self.looks, seen)
        if self._built_for != known or self._plan is None:
            if self._built_for[:1] != known[:1] or len(self._rows_seen) > _REMEMBERED:
                self._rows_seen.clear()
            for number in seen:
                if ids[number] not in self._rows_seen:
                    self._rows_seen[ids[number]] = build(number)
            rows = [self._rows_seen[ids[number]] for number in seen]
            plan = fitted(columns(cells - 1, len(self.value.extra)), rows, glyphs.times)
            if plan != self._plan or self._built_for[:3] != known[:3] or len(self._built) > _REMEMBERED:
                self._built.clear()
            self._plan, self._built_for = plan, known
        found: list[Row] = []
        for number in seen:
            key = ids[number]
            here = key == self.cursor and not self.on_banner
            line = self._built.get((key, here))
            if line is None:
                line = paint_alert_row(self._rows_seen[key], self._plan, glyphs, cursor=here)
                self._built[key, here] = line
            found.append(Row(line, (Tone.CURSOR if self.focused else Tone.IDLE) if here else Tone.NORMAL))
        return found

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
