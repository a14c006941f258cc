"""A series as one row of eighth blocks, with its threshold and the changes that fell into it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from cockpit.model.drawing import Glyphs, Line, Role, Span


def buckets(points: Sequence[tuple[datetime, float]], start: datetime, end: datetime, cells: int) -> list[float | None]:
    """Return the worst (largest) value of each of so many equal spans; null where there was no sample."""
    found: list[float | None] = [None] * cells
    length = (end - start).total_seconds()
    if cells <= 0 or length <= 0:
        return found
    for at, value in points:
        place = int((at - start).total_seconds() / length * cells)
        if 0 <= place <= cells:
            place = min(place, cells - 1)
            known = found[place]
            found[place] = value if known is None else max(known, value)
    return found


def sparkline(
    points: Sequence[tuple[datetime, float]],
    now: datetime,
    cells: int,
    glyphs: Glyphs,
    *,
    threshold: float | None = None,
    changes: Sequence[datetime] = (),
    span: timedelta = timedelta(hours=1),
) -> tuple[Line, Line]:
    """Return the series of the last hour and, under it, the marks of changes.

    Values over the threshold are told by role; the scale runs from zero (or the smallest, if below) to the largest
    of values and threshold.
    """
    start = now - span
    values = buckets(points, start, now, cells)
    known = [value for value in values if value is not None]
    top = max([*known, threshold if threshold is not None else 0.0, 0.0], default=0.0)
    bottom = min([*known, 0.0], default=0.0)
    steps = len(glyphs.spark)
    spans: list[Span] = []
    for value in values:
        if value is None:
            spans.append(Span("·" if not glyphs.ascii else " ", Role.DIM))
            continue
        height = 0 if top == bottom else round((value - bottom) / (top - bottom) * (steps - 1))
        over = threshold is not None and value > threshold
        spans.append(Span(glyphs.spark[max(0, min(steps - 1, height))], Role.FIRING if over else Role.PLAIN))
    marks = [" "] * cells
    for at in changes:
        place = int((at - start).total_seconds() / span.total_seconds() * cells)
        if 0 <= place < cells:
            marks[place] = glyphs.change
    return _joined(spans), (Span("".join(marks), Role.CHANGE),)


def _joined(spans: Sequence[Span]) -> Line:
    joined: list[Span] = []
    for span in spans:
        if joined and joined[-1].role is span.role:
            joined[-1] = Span(joined[-1].text + span.text, span.role)
        else:
            joined.append(span)
    return tuple(joined)
