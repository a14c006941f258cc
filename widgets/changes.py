"""The change pane: the deploy feed, newest first or by service, and a rule where the alert began."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from cockpit.model.drawing import Glyphs, Line, Role, Span
from cockpit.model.panes import ChangeList, ChangeRow
from cockpit.text import width
from widgets.changerow import change_columns, paint_change_row, wanted_of
from widgets.palette import Tone
from widgets.pane import Pane, Row
from widgets.wrapping import paragraphs

_ROOMY = 96
"""Cells from which on it is told how long a change took."""
_RULE_ROWS = 3
"""Rows from which on there is room for the rule where the alert began."""


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
        self._visited = False
        """Whether a person was in it; until then the cursor stands on the newest."""

    def show(self, value: ChangeList) -> None:
        """Take another feed; the cursor stays on its change, and where that is gone on what stands in its place."""
        ids = value.ids
        self._visited = self._visited or self.focused
        if ids is not self._ids:
            before, self._ids = self._here, ids
            self._here = self._find() if self._visited else None
            before = before if self._visited else None
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
        self._visited = True
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
            wanted_of([row for row in seen if not row.count]),
            max((width(row.state) for row in seen), default=0),
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
