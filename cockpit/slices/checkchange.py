"""What a checklist says of a service's last change, and how far it is known that there was none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from cockpit.board.state import Board
from cockpit.model.change import Change, ChangeKind
from cockpit.model.drawing import Glyphs
from cockpit.model.drill import Subject, Suspect
from cockpit.model.reading import Topic
from cockpit.spans import clock_time
from cockpit.text import one_line
from cockpit.topology.names import normal
from cockpit.triage.case import Case, waiting
from cockpit.triage.change import Asked, ask, coverage, not_complete, window_begin
from cockpit.triage.memo import Memo
from cockpit.triage.suspects import judge

_TOLD = 4
"""Changes of one service that the details name."""


def _by_service(changes: tuple[Change, ...], older: tuple[Change, ...]) -> Mapping[str, tuple[Change, ...]]:
    found: dict[str, list[Change]] = {}
    for change in sorted((*changes, *older), key=lambda one: one.began, reverse=True):
        found.setdefault(normal(change.service), []).append(change)
    return {service: tuple(known) for service, known in found.items()}


_changes_of = Memo(_by_service)


@dataclass(frozen=True, slots=True)
class Changed:
    """What is known of one service's changes."""

    said: str
    """For the line."""
    suspect: bool = False
    told: tuple[tuple[str, str], ...] = ()
    """For the details, as name and text."""


@dataclass(frozen=True, slots=True)
class Feed:
    """What change systems answered for the window of one alert."""

    nothing: str
    """What is said of a covered service without a change: how far nothing changed, or who did not answer."""
    evidence: str
    """The same in full, with who says so."""
    complete: bool
    """Every change system answered for the whole window."""
    missing: str = ""
    """Who did not answer, or has gaps."""
    covered: frozenset[str] = frozenset()
    """Services that would be reported, as names are compared."""
    suspects: Mapping[str, Suspect] = field(default_factory=dict)
    """By the change's id, best first."""


def feed_of(board: Board, subject: Subject, now: datetime, zone: tzinfo) -> Feed:
    """Return how far changes are known for a subject; nothing is where its alert is no longer listed."""
    alert = board.alerts.get(subject.alert)
    if alert is None:
        return Feed("no change known", "no change known: the alert is no longer listed", complete=False)
    case = Case(board, subject, alert, None if subject.fold is None else board.folds.get(subject.fold), zone)
    asked = ask(case)
    suspects = {one.change: one for one in judge(board, subject, case.start).suspects}
    if not asked:
        told = "not known: no system that reports changes is configured"
        return Feed("not known: no change system", told, complete=False, suspects=suspects)
    if silent := waiting(board, Topic.CHANGES):
        asking = f"asking {', '.join(silent)}"
        return Feed(asking, asking, complete=False, suspects=suspects)
    covered = coverage(case, asked)
    if all(one.complete for one in asked):
        begin, end = window_begin(case), min(one.until for one in asked)
        first, last = clock_time(begin, zone, today=now), clock_time(end, zone, today=now)
        told = f"no change {first} to {last} in {', '.join(one.name for one in asked)}"
        return Feed(f"no change {first}-{last}", told, complete=True, covered=covered, suspects=suspects)
    begin = window_begin(case)
    parts = not_complete(asked) or [_span(one, begin, now, zone) for one in asked if not one.complete]
    missing = "; ".join(parts)
    said = f"no change known; {missing}"
    return Feed(said, said, complete=False, missing=missing, covered=covered, suspects=suspects)


def _span(one: Asked, begin: datetime, now: datetime, zone: tzinfo) -> str:
    """Return how far a system answered that neither failed nor has gaps."""
    if one.since > begin:
        return f"{one.name} answered only from {clock_time(one.since, zone, today=now)} on"
    return f"{one.name} complete to {clock_time(one.until, zone, today=now)}"


def changed(board: Board, service: str, feed: Feed, now: datetime, zone: tzinfo, glyphs: Glyphs) -> Changed:
    """Return what is known of a service's changes: of several the likeliest suspect, else the latest."""
    known = _changes_of(board.changes, board.older).get(normal(service), ())
    order = {change: number for number, change in enumerate(feed.suspects)}
    first = min((one for one in known if one.id in order), key=lambda one: order[one.id], default=None)
    first = first or next(iter(known), None)
    if first is None:
        return _nothing(service, feed)
    suspect = first.id in order
    mark = glyphs.rollback if first.rollback else glyphs.change
    said = f"{mark} {'suspect ' if suspect else ''}{_name(first)} {clock_time(first.began, zone, today=now)}"
    told = list(_told(first, feed, now, zone))
    others = [one for one in known if one is not first]
    told += [("also", _sentence(one, now, zone)) for one in others[: _TOLD - 1]]
    if len(others) >= _TOLD:
        told.append(("also", f"{len(others) - _TOLD + 1:,} more changes"))
    if not feed.complete and feed.missing:
        told.append(("not complete", one_line(feed.missing)))
    return Changed(one_line(said), suspect, tuple(told))


def _nothing(service: str, feed: Feed) -> Changed:
    """Say that no change is known, as far as that is known."""
    if feed.complete and normal(service) not in feed.covered:
        said = "no change known; not covered"
        return Changed(said, told=(("last change", f"no change known; no change system would report {service}"),))
    return Changed(one_line(feed.nothing), told=(("last change", one_line(feed.evidence)),))


def _name(change: Change) -> str:
    """Return what a change is called where its service is known: its version, else what kind of change it is."""
    verb = "merged " if change.kind is ChangeKind.MERGED else ""
    return f"{verb}{change.version}" if change.version else str(change.kind)


def _sentence(change: Change, now: datetime, zone: tzinfo) -> str:
    """Return what was changed, when and by whom, and who says so."""
    words = [
        change.name or change.service,
        change.version,
        f"({change.kind}{', a rollback' if change.rollback else ''})",
    ]
    by = f" by {change.author}" if change.author else ""
    seen = "first seen" if change.seen else "began"
    at = clock_time(change.began, zone, today=now)
    return one_line(f"{' '.join(filter(None, words))} {seen} {at}{by}, says {', '.join(change.systems)}")


def _told(change: Change, feed: Feed, now: datetime, zone: tzinfo) -> Iterable[tuple[str, str]]:
    """Give a change's details."""
    said = _sentence(change, now, zone)
    yield "last change", said
    if change.id in feed.suspects:
        yield "suspect", one_line("; ".join(feed.suspects[change.id].why))
    if change.summary and (summary := one_line(change.summary)) not in said:
        yield "summary", summary
    if change.url:
        yield "link", one_line(change.url, 2000)
