"""Everything that is known of one change, as lines: what Enter shows in the feed."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from cockpit.board.state import Board
from cockpit.model.change import Change, Progress, Witness
from cockpit.model.drawing import Line, Role, Span
from cockpit.model.reading import ChangesSeen, Duty, Topic
from cockpit.slices.completeness import change_systems, complete_to, gaps_of
from cockpit.spans import clock_time, say_between
from cockpit.topology.names import normal
from cockpit.triage.names import naming_of

_LABEL = 13
_COMMITS = 50
_FILES = 100


def _pair(name: str, value: str, role: Role = Role.PLAIN) -> Line:
    return (Span(f"{name:<{_LABEL - 1}} ", Role.KEY), Span(value, role))


def _head(text: str) -> tuple[Line, Line]:
    return ((), (Span(text, Role.TITLE),))


def cut(board: Board, change: Change, now: datetime, zone: tzinfo, *, why: str = "") -> tuple[Line, ...]:
    """Return all that anybody knows of a change.

    Args:
        board: What else is known.
        change: The change.
        now: The present.
        zone: The zone of times.
        why: Why it is a suspect of the selected alert; empty where it is none.
    """
    lines = [*_what(change, now, zone)]
    if why:
        lines.append(_pair("suspect", why, Role.SUSPECT))
    lines += _owner(board, change, now, zone)
    since = f" since {change.previous}" if change.previous else ""
    lines += _listed(f"{_counted(len(change.commits), 'commit')}{since}", change.commits, _COMMITS)
    lines += _listed(f"{_counted(len(change.files), 'file')} changed{since}", change.files, _FILES)
    lines += _head("Reported by")
    for witness in change.witnesses:
        lines += _witness(witness, now, zone)
    lines += _head("Who was asked")
    for name in change_systems(board):
        lines.append(_pair(name, *_asked(board, change, name, now, zone)))
    return tuple(lines)


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _what(change: Change, now: datetime, zone: tzinfo) -> Iterator[Line]:
    """Give what was changed, when, by whom."""
    yield _pair("change", f"{change.name} {change.version}".strip(), Role.STRONG)
    yield _pair("kind", change.kind + (", a rollback" if change.rollback else ""))
    if change.previous:
        yield _pair("before it", change.previous)
    yield _pair("service", change.service + ("" if change.mapped else " (not in the map)"))
    yield _pair("progress", *_progress(change, now, zone))
    if change.author:
        yield _pair("author", change.author)
    if change.summary:
        yield _pair("summary", change.summary)
    for link in dict.fromkeys(one.report.url for one in change.witnesses if one.report.url):
        yield _pair("link", link)


def _progress(change: Change, now: datetime, zone: tzinfo) -> tuple[str, Role]:
    """Return `began 14:02, finished 14:09, took 7 min`, and how that stands out."""
    seen = " (first seen then)" if change.seen else ""
    off = f", give or take {change.tolerance_s:.0f} s" if change.tolerance_s else ""
    said = f"began {clock_time(change.began, zone, today=now)}{seen}{off}"
    if change.progress is Progress.ROLLING:
        return f"{said}, still rolling for {say_between(change.began, now)}", Role.CHANGE
    word = "failed" if change.progress is Progress.FAILED else "finished"
    if change.ended is not None:
        end = f"{word} {clock_time(change.ended, zone, today=now)}, took {say_between(change.began, change.ended)}"
    elif change.progress is Progress.UNKNOWN:
        end = "its end is not told"
    else:
        end = f"{word}, its end is not told"
    return f"{said}, {end}", Role.FIRING if change.progress is Progress.FAILED else Role.PLAIN


def _owner(board: Board, change: Change, now: datetime, zone: tzinfo) -> Iterator[Line]:
    if not change.team:
        yield _pair("owner", "no owner: neither the map nor who reported it names one", Role.WARNING)
        return
    yield _pair(
        "owner", f"{change.team} (from {'the map' if change.team_by == 'map' else change.team_by or 'the map'})"
    )
    for duty in board.duties.get(change.team, ()):
        yield _pair("on call", _duty(duty, now, zone))


def _duty(duty: Duty, now: datetime, zone: tzinfo) -> str:
    level = f"level {duty.level}" if duty.level > 1 else ""
    until = "" if duty.until is None else f"until {clock_time(duty.until, zone, today=now)}"
    left = f"in {say_between(now, duty.until)}" if duty.until is not None and duty.until > now else ""
    return ", ".join(part for part in (f"{duty.person} {until}".strip(), left, level) if part)


def _listed(title: str, known: tuple[str, ...], most: int) -> Iterator[Line]:
    if not known:
        return
    yield from _head(title)
    for one in known[:most]:
        yield (Span(one),)
    if len(known) > most:
        yield (Span(f"and {len(known) - most:,} more", Role.DIM),)


def _witness(witness: Witness, now: datetime, zone: tzinfo) -> Iterator[Line]:
    """Give what one system said, in its own words, and where it differs from others."""
    report = witness.report
    told = [f"began {clock_time(report.began, zone, today=now)}"]
    if report.ended is not None:
        told.append(f"ended {clock_time(report.ended, zone, today=now)}")
    if report.progress is not Progress.UNKNOWN:
        told.append(report.progress.value)
    told.append(f"{report.kind} {report.name} {report.version}".strip())
    yield _pair(witness.system, ", ".join(told))
    more = [report.says, f"commit {report.commit}" if report.commit else "", report.environment]
    more += [f"owner {report.owner}" + (f" ({report.owner_by})" if report.owner_by else "") if report.owner else ""]
    more += [f"first told {clock_time(witness.at, zone, today=now)}"]
    yield _pair("", "; ".join(part for part in more if part), Role.DIM)


def _asked(board: Board, change: Change, name: str, now: datetime, zone: tzinfo) -> tuple[str, Role]:
    """Return up to when a system's answer is complete and whether it covers the service, or why it did not answer."""
    failure = board.failures.get((name, Topic.CHANGES))
    reading = board.readings.get((name, Topic.CHANGES))
    if reading is None or not isinstance(reading.answer, ChangesSeen):
        if failure is None:
            return "not asked yet", Role.DIM
        return f"did not answer: {failure.error}", Role.WARNING
    told = [f"complete to {clock_time(complete_to(reading), zone, today=now)}"]
    naming = naming_of(board.setup.map, board.setup.exporters)
    covered = {normal(naming.of_name(one).service) for one in reading.answer.covers if one}
    if name not in change.systems:
        told.append("covers the service" if normal(change.service) in covered else "does not say that it covers it")
    elif covered:
        told.append(f"covers {_counted(len(covered), 'service')}")
    if gaps := gaps_of(reading):
        told.append(f"gaps: {gaps}")
    if failure is not None:
        told.insert(0, f"did not answer: {failure.error}")
    return "; ".join(told), Role.WARNING if failure is not None or gaps else Role.PLAIN
