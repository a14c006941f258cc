"""The start of a shift as lines: for the screen, and without their roles for the command line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import islice

from cockpit.model.change import Change, ChangeKind, Progress
from cockpit.model.drawing import UNICODE, Glyphs, Line, Role, Span
from cockpit.model.drill import Priority
from cockpit.model.keys import State
from cockpit.model.reading import Duty
from cockpit.model.shift import Ended, Ending, Fires, Part, Shift
from cockpit.spans import clock_time, in_zone, say_between, say_seconds
from cockpit.text import cut, fit, one_line, width

MOST = 200
"""Rows of one part that are shown; more are counted."""

_NARROWEST = 9
_ENDLESS = 10_000
_LOUD = frozenset({Priority.P1, Priority.P2})


@dataclass(frozen=True, slots=True)
class Page:
    """The lines, and where each part begins."""

    lines: tuple[Line, ...]
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Way:
    """How everything is said."""

    shift: Shift
    zone: tzinfo
    glyphs: Glyphs
    cells: int

    def clock(self, at: datetime) -> str:
        return clock_time(at, self.zone, today=self.shift.at)

    @property
    def zone_name(self) -> str:
        return "UTC" if self.zone is UTC else in_zone(self.shift.at, self.zone).strftime("%Z")


def page(shift: Shift, *, zone: tzinfo = UTC, glyphs: Glyphs = UNICODE, cells: int | None = None) -> Page:
    """Return the start of a shift as lines.

    Args:
        shift: What it says.
        zone: The zone of its times.
        glyphs: The glyph set.
        cells: Cells a line; null means any number. Notes and what is not known are never cut, and may be longer.
    """
    way = _Way(shift, zone, glyphs, cells or _ENDLESS)
    window, baking = say_seconds(shift.window_s), say_seconds(shift.baking_s)
    since, until = way.clock(shift.since), way.clock(shift.until)
    parts: tuple[tuple[Part, str, int | None, Iterable[Line], str], ...] = (
        (Part.NOTES, "Last hand-off", None, _notes(way), "nobody left a note"),
        (Part.FIRING, "Fires now", len(shift.firing), _firing(way), "nothing fires"),
        (Part.ENDED, f"Fired and ended since {since}", len(shift.ended), _ended(way), "nothing"),
        (
            Part.CHANGES,
            f"Changes of the last {window}, by team",
            sum(len(changes) for _, changes in shift.changes),
            _changes(way),
            "none",
        ),
        (
            Part.BAKING,
            f"Still baking (rolling, or younger than {baking})",
            len(shift.baking),
            _baking(way),
            "none",
        ),
        (Part.SILENCES, f"Silences that end by {until}", len(shift.silences), _silences(way), "none"),
        (Part.ON_CALL, "On call", None, _on_call(way), "nobody is known"),
    )
    lines: list[Line] = []
    begins: list[int] = []
    for part, title, count, told, nothing in parts:
        if lines:
            lines.append(())
        begins.append(len(lines))
        rows, unknown = [*told], shift.unknown.get(part, ())
        dimmed = f", {shift.dimmed:,} of no urgency" if part is Part.FIRING and shift.dimmed else ""
        lines.append((Span(f"{title}{_counted(count, known=not unknown)}{dimmed}", Role.TITLE),))
        lines += rows
        if count is not None and count > MOST:
            lines.append((Span(f"  and {count - MOST:,} more", Role.DIM),))
        if not rows and not unknown:
            lines.append((Span(f"  {nothing}", Role.DIM),))
        lines += [(Span("  not known: ", Role.UNKNOWN), Span(said, Role.WARNING)) for said in unknown]
    return Page(tuple(lines), tuple(begins))


def title_of(shift: Shift, *, zone: tzinfo = UTC) -> str:
    """Return `Start of the shift, 14:12 UTC to 02:12`."""
    way = _Way(shift, zone, UNICODE, _ENDLESS)
    return f"Start of the shift, {clock_time(shift.at, zone)} {way.zone_name} to {way.clock(shift.until)}"


def _counted(count: int | None, *, known: bool) -> str:
    if count is None:
        return ""
    return f": {count:,}" if known else f": {count:,} known" if count else ": not known"


def _table(
    rows: Sequence[Sequence[Span]], way: _Way, shrinking: Sequence[int], *, spare: int | None = None
) -> Iterable[Line]:
    """Give aligned rows; where there is too little room, a spare column goes, then the widest shrinking one gives way."""
    if not rows:
        return
    columns = range(len(rows[0]))
    widths = [max(width(row[column].text) for row in rows) for column in columns]
    shown = [column for column in columns if widths[column]]
    room = way.cells - sum(widths[column] + 2 for column in shown)
    if spare in shown and room < 0:
        widths[spare] = max(0, widths[spare] + room)
        if widths[spare] < _NARROWEST:
            shown.remove(spare)
    while sum(widths[column] + 2 for column in shown) > way.cells and shrinking:
        widest = max(shrinking, key=lambda column: widths[column])
        if widths[widest] <= _NARROWEST:
            break
        widths[widest] -= 1
    dots = way.glyphs.ellipsis
    for row in rows:
        line, left = [Span("  ")], way.cells - 2
        for column in shown:
            last = column == shown[-1]
            text = cut(row[column].text, max(1, left), dots) if last else fit(row[column].text, widths[column], dots)
            line.append(Span(text if last else f"{text}  ", row[column].role))
            left -= widths[column] + 2
        yield tuple(line)


def _notes(way: _Way) -> Iterable[Line]:
    for note in way.shift.notes:
        ago = say_between(note.at, way.shift.at)
        yield (
            Span(f"  {way.clock(note.at)} {way.zone_name}", Role.STRONG),
            Span(f"  {one_line(note.by) or 'somebody'}, {ago} ago", Role.DIM),
        )
        yield from ((Span("    "), Span(line, Role.PERSON)) for line in note.text.splitlines() or [""])


def _named(name: str, count: int, way: _Way) -> str:
    return one_line(f"{name} {way.glyphs.times}{count:,}" if count > 1 else name)


def _place(service: str, cluster: str) -> str:
    return one_line(" ".join(filter(None, (service, cluster)))) or "no service"


def _owner(team: str | None) -> Span:
    return Span(one_line(team)) if team else Span("no owner", Role.WARNING)


def _firing(way: _Way) -> Iterable[Line]:
    return _table([_fires(row, way) for row in way.shift.firing[:MOST]], way, (1, 2, 4))


def _fires(row: Fires, way: _Way) -> Sequence[Span]:
    glyphs = way.glyphs
    loud = row.priority in _LOUD
    sign, role = (glyphs.firing, Role.FIRING) if loud else (glyphs.warning, Role.WARNING)
    if row.state is State.LOST:
        sign, role = glyphs.lost, Role.UNKNOWN
    starts = f"{row.starts:,} starts since {way.clock(way.shift.since)}" if row.starts and row.starts > 1 else ""
    starts = f"{glyphs.flapping} {starts or 'flapping'}" if row.flapping else starts
    return (
        Span(f"{sign} {row.priority.value}{'' if row.chosen else '?'}", role),
        Span(_named(row.name, row.count, way), Role.STRONG),
        Span(_place(row.service, row.cluster)),
        Span(say_between(row.since, way.shift.at)),
        _owner(row.team),
        Span(starts, Role.WARNING if row.flapping else Role.DIM),
    )


def _ended(way: _Way) -> Iterable[Line]:
    return _table([_past(row, way) for row in way.shift.ended[:MOST]], way, (1, 2, 5))


def _past(row: Ended, way: _Way) -> Sequence[Span]:
    glyphs = way.glyphs
    sign, role = (glyphs.flapping, Role.WARNING) if row.flapping else (glyphs.resolved, Role.DIM)
    before, unsure = "before " if row.before else "", "?" if row.unsure else ""
    often = f"{row.starts:,} times" if row.starts > 1 else say_between(row.began, row.ended)
    return (
        Span(sign, role),
        Span(_named(row.name, row.count, way)),
        Span(_place(row.service, row.cluster)),
        Span(f"{before}{way.clock(row.began)} to {way.clock(row.ended)}{unsure}"),
        Span(often, role if row.flapping else Role.PLAIN),
        _owner(row.team),
    )


def _changes(way: _Way) -> Iterable[Line]:
    on_call = dict(way.shift.on_call)
    every = (change for _, changes in way.shift.changes for change in changes)
    rows = iter([*_table([_change(change, way) for change in islice(every, MOST)], way, (2, 3, 5), spare=6)])
    left = MOST
    for team, changes in way.shift.changes:
        if not left:
            break
        left -= min(left, len(changes))
        duty = _first_level(on_call.get(team, ()), way)
        owner = _owner(team)
        yield (
            Span(f"  {owner.text}", Role.STRONG if team else owner.role),
            *((Span(f"  on call: {duty}", Role.DIM),) if duty else ()),
        )
        yield from islice(rows, len(changes))


def _glyph(change: Change, glyphs: Glyphs) -> str:
    return glyphs.of_change(change.kind.value, rollback=change.rollback, failed=change.progress is Progress.FAILED)


def _change(change: Change, way: _Way) -> Sequence[Span]:
    name = one_line(f"{change.name or change.service} {change.version}")
    role = Role.WARNING if change.rollback or change.progress is Progress.FAILED else Role.PLAIN
    return (
        Span(f"  {way.clock(change.began)}{' seen' if change.seen else ''}"),
        Span(_glyph(change, way.glyphs), Role.CHANGE),
        Span(name, Role.STRONG),
        Span("rollback" if change.rollback else change.kind.value, role),
        Span(*_progress(change, way)),
        Span(" ".join(change.systems), Role.DIM),
        Span(one_line(change.summary), Role.DIM),
    )


def _progress(change: Change, way: _Way) -> tuple[str, Role]:
    match change.progress:
        case Progress.ROLLING:
            return f"rolling {say_between(change.began, way.shift.at)}", Role.CHANGE
        case Progress.FAILED:
            return "failed", Role.WARNING
        case _ if change.ended is not None and change.ended > change.began:
            return f"done {way.clock(change.ended)}", Role.DIM
        case _:
            return "", Role.DIM


def _baking(way: _Way) -> Iterable[Line]:
    return _table([_bakes(change, way) for change in way.shift.baking[:MOST]], way, (1, 4))


def _bakes(change: Change, way: _Way) -> Sequence[Span]:
    now = way.shift.at
    rolling = change.progress is Progress.ROLLING
    over = change.ended or change.began
    said = f"rolling {say_between(change.began, now)}" if rolling else f"{say_between(min(over, now), now)} old"
    return (
        Span(_glyph(change, way.glyphs), Role.CHANGE),
        Span(one_line(f"{change.name or change.service} {change.version}"), Role.STRONG),
        Span("" if change.kind is ChangeKind.DEPLOY else change.kind.value),
        Span(said, Role.CHANGE if rolling else Role.PLAIN),
        _owner(change.team),
    )


def _silences(way: _Way) -> Iterable[Line]:
    silences = way.shift.silences[:MOST]
    for row, line in zip(silences, _table([_ending(row, way) for row in silences], way, (3,)), strict=True):
        yield line
        by = one_line(": ".join(filter(None, (row.silence.created_by, row.silence.comment))))
        if by:
            yield (Span(f"    {by}", Role.DIM),)


def _ending(row: Ending, way: _Way) -> Sequence[Span]:
    silence = row.silence
    alerts = f"holds {row.holds:,} alert{'s'[: row.holds != 1]}" if row.holds else "holds nothing now"
    return (
        Span(way.clock(silence.ends), Role.STRONG),
        Span(f"in {say_between(way.shift.at, silence.ends)}"),
        Span(alerts, Role.WARNING if row.holds else Role.DIM),
        Span(one_line(" ".join(silence.matchers)), Role.STRONG),
    )


def _on_call(way: _Way) -> Iterable[Line]:
    for team, duties in way.shift.on_call:
        first = _first_level(duties, way)
        behind = [duty for duty in duties if duty.level != duties[0].level]
        then = "".join(f"; level {duty.level}: {_until(duty, way)}" for duty in behind)
        yield (Span(f"  {one_line(team)}", Role.STRONG), Span(f"  {first}{then}"))


def _first_level(duties: Sequence[Duty], way: _Way) -> str:
    return ", ".join(_until(duty, way) for duty in duties if duty.level == duties[0].level)


def _until(duty: Duty, way: _Way) -> str:
    person = one_line(duty.person)
    if duty.until is None:
        return f"{person}, permanently"
    left = f", in {say_between(way.shift.at, duty.until)}" if duty.until > way.shift.at else ", over"
    return f"{person} until {way.clock(duty.until)}{left}"
