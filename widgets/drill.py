"""The drill pane: five answers that always stand at the same place, evidence under each where there is room."""

from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar, NamedTuple

from cockpit.model.drawing import Glyphs, Line, Role, Span
from cockpit.model.panes import DrillView
from cockpit.model.questions import Question, Standing
from cockpit.text import cut, fit, width
from widgets.lineedit import LineEdit, paint_edit
from widgets.palette import Tone
from widgets.pane import Pane, Row
from widgets.wrapping import paragraphs, wrap

_LABEL = 7
"""Width of the labels with the gap behind them."""
_FRONT = 1 + _LABEL + 2
"""Cells before a value: the margin, the label, the standing and a gap."""
_MOST = 6
"""Lines of one answer, before what is left over is shared out: more would tear the five apart."""
_LAST = 4
"""Lines of the owner at most: it has the least to say, and nothing stands under it."""
_SHARED = (3, 0, 2, 1)
"""Who gets a line of what is left over, in this order: change, what, scope, when."""

_ROLES = {
    Standing.FILLED: Role.PLAIN,
    Standing.CONFIRMED: Role.PERSON,
    Standing.EDITED: Role.PERSON,
    Standing.UNKNOWN: Role.UNKNOWN,
    Standing.ASKING: Role.DIM,
}


class Shown(NamedTuple):
    """One answer as it stands on the screen."""

    label: str
    standing: Standing
    value: str
    source: str
    evidence: tuple[str, ...] = ()
    fresh: bool = True
    short: str = ""


def shown_answers(view: DrillView) -> tuple[Shown, ...]:
    """Return the five answers of a view; none where there is no drill."""
    if view.drill is None:
        return ()
    found = []
    for number, question in enumerate(Question):
        answer = view.drill.answers[question]
        value = view.values[number] if number < len(view.values) else answer.value
        source = view.sources[number] if number < len(view.sources) else ""
        evidence = view.evidence[number] if number < len(view.evidence) else ()
        short = view.short[number] if number < len(view.short) else value
        found.append(Shown(question.value.upper(), answer.standing, value, source, evidence, answer.fresh, short))
    return tuple(found)


def mark_of(standing: Standing, glyphs: Glyphs) -> str:
    """Return the sign of a standing: told by a glyph, not by colour alone."""
    return {
        Standing.FILLED: " ",
        Standing.CONFIRMED: glyphs.resolved,
        Standing.EDITED: "*",
        Standing.UNKNOWN: "?",
        Standing.ASKING: glyphs.ellipsis,
    }[standing]


@lru_cache(maxsize=64)
def block_heights(rows: int) -> tuple[int, ...]:
    """Return how many lines each of the five answers has in a pane of so many rows, whatever they say."""
    base = max(1, min(_MOST, rows // len(Question)))
    heights = [base] * len(Question)
    heights[-1] = min(base, _LAST)
    left = rows - sum(heights)
    for turn in range(2 * len(_SHARED)):
        if left > 0:
            heights[_SHARED[turn % len(_SHARED)]] += 1
            left -= 1
    return tuple(heights)


def paint_answer(
    shown: Shown, cells: int, lines: int, glyphs: Glyphs, *, cursor: bool = False, edit: LineEdit | None = None
) -> tuple[Line, ...]:
    """Return the lines of one answer, exactly as many as asked for.

    Args:
        shown: The answer.
        cells: Width of each line.
        lines: How many there are; from three on the last one is kept free. On a single one the source goes where the
            value would be cut beside it.
        glyphs: The glyph set.
        cursor: Whether the cursor stands on it.
        edit: The line that a person is editing in its place.
    """
    role = _ROLES[shown.standing] if shown.fresh else Role.STALE
    mark = mark_of(shown.standing, glyphs)
    front = (
        Span(glyphs.cursor if cursor else " ", Role.KEY),
        Span(fit(shown.label, _LABEL, glyphs.ellipsis), Role.STRONG),
        Span(f"{mark} ", role),
    )
    told = lines > 1 and shown.evidence and shown.standing is Standing.FILLED
    source = "" if told else cut(shown.source, max(0, min(24, (cells - _FRONT) // 3)), glyphs.ellipsis)
    room = cells - _FRONT - 1
    first = room - (width(source) + 1 if source else 0)
    value = shown.short if lines == 1 and shown.short and width(shown.value) > first else shown.value
    if lines == 1 and width(value) > first:
        source, first = "", room
        value = shown.value if width(shown.value) <= room else value
    if edit is not None:
        found = [(*front, *paint_edit(edit, room))]
    else:
        texts = wrap(value, first, room, max(1, lines - 1), glyphs.ellipsis)
        gap = first - width(texts[0]) + 1 if source else 0
        found = [(*front, Span(texts[0], role), Span(" " * gap + source, Role.DIM))]
        found += [(Span(" " * _FRONT), Span(text, role)) for text in texts[1:]]
    last = lines - 1 if lines > 2 else lines
    for number, text in enumerate(shown.evidence):
        if len(found) >= last:
            break
        left = len(shown.evidence) - number - 1
        more = f" (+{left})" if left and len(found) == last - 1 else ""
        role = Role.SUSPECT if text.startswith("suspect") else Role.DIM
        kept = min(left, 1) if not number else left
        texts = wrap(text, room - width(more), room - width(more), max(1, last - len(found) - kept), glyphs.ellipsis)
        found += [(Span(" " * _FRONT), Span(words, role)) for words in texts[:-1]]
        found.append((Span(" " * _FRONT), Span(texts[-1] + more, role)))
    return tuple(found[:lines]) + ((),) * (lines - len(found))


class DrillPane(Pane):
    """The five questions and what is known of each."""

    LABEL: ClassVar[str] = "4 Drill"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.value = DrillView("")
        self.cursor = 0
        """Number of the question under the cursor."""
        self.edit: LineEdit | None = None
        """The line that a person is editing in place of the answer under the cursor."""
        self._shown: tuple[Shown, ...] = ()
        self._painted_answers: dict[tuple[object, ...], tuple[Line, ...]] = {}

    def show(self, value: DrillView) -> None:
        """Take another drill."""
        if value is not self.value:
            self.value = value
            self._shown = shown_answers(value)
        self.stale = value.stale
        self.repaint()

    @property
    def question(self) -> Question:
        """The question under the cursor."""
        return tuple(Question)[self.cursor]

    def move(self, by: int) -> None:
        """Put the cursor so many questions further, not beyond the ends."""
        self.cursor = max(0, min(len(Question) - 1, self.cursor + by))
        self.repaint()

    def heading(self) -> tuple[str, Sequence[str]]:
        """Return what the drill is about, and how much of it is filled and confirmed."""
        drill = self.value.drill
        if drill is None:
            return self.value.title, ()
        short = f"{drill.filled} filled, {drill.confirmed} {self.looks.glyphs.resolved}"
        return self.value.title, (f"{drill.filled} filled, {drill.confirmed} confirmed", short)

    def content(self, cells: int, rows: int) -> Sequence[Row]:
        """Return the five answers, each in a block of its own."""
        if not self._shown:
            return [Row(line) for line in paragraphs(self.value.empty, cells)]
        heights = block_heights(rows)
        glyphs = self.looks.glyphs
        first = max(0, min(self.cursor - rows + 1, len(self._shown) - rows)) if rows < len(self._shown) else 0
        found: list[Row] = []
        for number, shown in enumerate(self._shown[first:], first):
            here = self.focused and number == self.cursor
            edit = self.edit if here else None
            tone = Tone.CURSOR if here and edit is None else Tone.NORMAL
            lines = heights[number]
            key = (number, shown, cells, lines, glyphs.ascii, here, edit)
            painted = self._painted_answers.get(key)
            if painted is None:
                if len(self._painted_answers) > 256:
                    self._painted_answers.clear()
                painted = paint_answer(shown, cells, lines, glyphs, cursor=here, edit=edit)
                self._painted_answers[key] = painted
            found += [Row(line, tone if line else Tone.NORMAL) for line in painted]
        return found
