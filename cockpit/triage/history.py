"""What fired and ended: the histories of all servers, folded as the alert list folds what fires."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cockpit.board.state import Board
from cockpit.matchers import Matcher
from cockpit.model.alert import FoldKey, State
from cockpit.model.history import Firing, HistorySeen, PastAlert
from cockpit.model.reading import Topic
from cockpit.model.shift import Ended
from cockpit.model.topology import IntegrationMap
from cockpit.triage.memo import Memo
from cockpit.triage.names import naming_of
from cockpit.triage.owner import TEAM_LABELS

FLAPS = 3
"""So many starts within an hour are flapping."""

_HOUR = timedelta(hours=1)
_FIRES = frozenset({State.FIRING, State.LOST})
_HELD = frozenset({State.SILENCED, State.INHIBITED})


@dataclass(frozen=True, slots=True)
class Course:
    """How a fold went: its stretches as one, and how often it began to fire."""

    joined: tuple[Firing, ...]
    starts: int
    """As one, or of the one alert of it that did most often."""
    flapping: bool


@dataclass(frozen=True, slots=True)
class Past:
    """One fold as a server remembers it."""

    mapped: bool
    team: str
    alerts: tuple[PastAlert, ...]
    by_name: bool
    course: Course
    first: datetime | None
    """When the first of its stretches ended; null where none has."""
    until: datetime
    """Up to when the server was asked."""


Histories = Mapping[FoldKey, Past]
"""What one server remembers, by fold."""


def _folded(
    seen: HistorySeen,
    source: IntegrationMap,
    exporters: tuple[str, ...],
    heartbeat: tuple[Matcher, ...],
    dim: tuple[Matcher, ...],
) -> Histories:
    naming = naming_of(source, exporters)
    found: dict[FoldKey, tuple[bool, str, list[PastAlert]]] = {}
    for alert in seen.alerts:
        labels = alert.labels
        if any(matcher.matches(labels) for matcher in (*heartbeat, *dim)):
            continue
        named = naming.of_labels(labels)
        key = FoldKey(labels.get("alertname") or "unnamed", named.service, named.cluster)
        if key not in found:
            service = source.services.get(named.service) if named.mapped else None
            labelled = next((team for label in TEAM_LABELS if (team := labels.get(label, "").strip())), "")
            found[key] = (named.mapped, (service.team if service is not None else None) or labelled, [])
        found[key][2].append(alert)
    return {key: _past(mapped, team, own, seen) for key, (mapped, team, own) in found.items()}


def _past(mapped: bool, team: str, alerts: Sequence[PastAlert], seen: HistorySeen) -> Past:
    stretches = [alert.firings for alert in alerts]
    ends = (one.ended for found in stretches for one in found if one.ended is not None)
    return Past(mapped, team, tuple(alerts), seen.by_name, _course(stretches), min(ends, default=None), seen.until)


def _course(stretches: Sequence[Sequence[Firing]]) -> Course:
    joined = _joined(stretches)
    starts = max([len(joined), *map(len, stretches)], default=0)
    return Course(joined, starts, any(flaps(found) for found in (joined, *stretches)))


def _since(pasts: Sequence[Past], since: datetime) -> Course:
    """Return how a fold went from a moment on; what one server says that was asked from then on is known already."""
    if len(pasts) == 1 and (pasts[0].first is None or pasts[0].first > since):
        return pasts[0].course
    return _course([found for past in pasts for alert in past.alerts if (found := _within(alert.firings, since))])


_histories = Memo(_folded, 8)
"""What one server remembers, while it is the same answer."""


def histories(board: Board) -> dict[FoldKey, list[Past]]:
    """Return what all servers remember, by fold."""
    found: dict[FoldKey, list[Past]] = {}
    setup = board.setup
    for (_, topic), reading in board.readings.items():
        if topic is Topic.HISTORY and isinstance(reading.answer, HistorySeen):
            told = _histories(reading.answer, setup.map, setup.exporters, setup.heartbeat, setup.dim)
            for key, past in told.items():
                found.setdefault(key, []).append(past)
    return found


def starts_of(pasts: Sequence[Past], since: datetime) -> int:
    """Return how often a fold began to fire: as one, or as the one alert of it that did most often."""
    return _since(pasts, since).starts


def ended(board: Board, since: datetime) -> tuple[Ended, ...]:
    """Return the folds that fired and ended since a moment, the latest end first; what fires still is none of them.

    What no server remembers, but the board has as resolved, counts too.
    """
    rows: list[Ended] = []
    known = histories(board)
    there = _there(board)
    for key, pasts in known.items():
        row = _ended(board, key, pasts, since, there)
        if row is not None:
            rows.append(row)
    rows += [row for key in board.folds if key not in known and (row := _resolved(board, key, since)) is not None]
    return tuple(sorted(rows, key=lambda row: (-row.ended.timestamp(), row.name, row.service, row.cluster)))


def _there(board: Board) -> frozenset[str] | None:
    """Return the names of all alerts that are there now; null where a server that lists its own did not answer."""
    for expected in board.setup.systems:
        pair = (expected.name, Topic.RULES)
        if Topic.RULES in expected.topics and (pair not in board.readings or pair in board.failures):
            return None
    return frozenset(key.name for key in board.folds)


def _ended(
    board: Board, key: FoldKey, pasts: Sequence[Past], since: datetime, there: frozenset[str] | None
) -> Ended | None:
    fold = board.folds.get(key)
    if fold is not None and fold.state in _FIRES:
        return None
    course = _since(pasts, since)
    if not course.joined:
        return None
    first, last = course.joined[0], course.joined[-1]
    end = last.ended
    if end is None:
        if fold is None and there is not None and key.name not in there:
            end = max(past.until for past in pasts)  # it ended between two looks, and nobody lists it any more
        elif fold is None or fold.state in _HELD:
            return None
        else:
            end = _end_on_board(board, key)
        if end is None:
            return None
    return Ended(
        name=key.name,
        service=key.service,
        mapped=pasts[0].mapped,
        cluster=key.cluster,
        team=next((past.team for past in pasts if past.team), ""),
        count=0 if any(past.by_name for past in pasts) else max(len(past.alerts) for past in pasts),
        starts=course.starts,
        flapping=course.flapping,
        began=first.began,
        before=first.before,
        ended=max(end, last.began),
        unsure=last.unsure,
    )


def _end_on_board(board: Board, key: FoldKey) -> datetime | None:
    """Return when the last alert of a fold was found resolved; null where one is not."""
    ends = [board.alerts[one].ended for one in board.folds[key].alerts]
    return max((end for end in ends if end is not None), default=None)


def _resolved(board: Board, key: FoldKey, since: datetime) -> Ended | None:
    """Return a fold that the board alone saw end."""
    fold = board.folds[key]
    end = _end_on_board(board, key) if fold.state is State.RESOLVED else None
    lead = board.alerts[fold.alerts[0]]
    if end is None or end < since or lead.dim:
        return None
    service = board.setup.map.services.get(lead.service) if lead.mapped else None
    team = (service.team if service is not None else None) or lead.label_team or ""
    return Ended(
        name=key.name,
        service=key.service,
        mapped=lead.mapped,
        cluster=key.cluster,
        team=team,
        count=len(fold.alerts),
        starts=1,
        flapping=fold.flapping,
        began=fold.since,
        before=False,
        ended=max(end, fold.since),
        unsure=False,
    )


def _within(firings: Iterable[Firing], since: datetime) -> tuple[Firing, ...]:
    return tuple(one for one in firings if one.ended is None or one.ended > since)


def _joined(stretches: Iterable[Sequence[Firing]]) -> tuple[Firing, ...]:
    """Return the stretches in which any of the alerts fired; those that touch are one."""
    joined: list[Firing] = []
    for one in sorted((one for found in stretches for one in found), key=lambda one: one.began):
        last = joined[-1] if joined else None
        if last is None or (last.ended is not None and one.began > last.ended):
            joined.append(one)
        elif last.ended is not None and (one.ended is None or one.ended > last.ended):
            joined[-1] = Firing(last.began, one.ended, last.before, one.unsure)
    return tuple(joined)


def flaps(firings: Sequence[Firing]) -> bool:
    """Tell whether three or more starts lie within an hour."""
    begins = [one.began for one in firings]
    return any(later - first <= _HOUR for first, later in zip(begins, begins[FLAPS - 1 :], strict=False))
