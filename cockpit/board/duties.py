"""Who is on call, by team: what the readings say, as far as it still holds at the board's moment."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from cockpit.board.state import Board
from cockpit.model.reading import Duty, OnCallSeen, Reading, Topic


def with_duties(board: Board) -> Board:
    """Return the board with who is on call for each team of the map; the same board where that did not change.

    A duty whose hand-over has passed is left out: who follows is not known before the system is asked again.
    """
    readings = [one for (_, topic), one in board.readings.items() if topic is Topic.ONCALL]
    if not readings and not board.duties:
        return board
    found = _by_team(board, readings)
    kept = {team: board.duties[team] if board.duties.get(team) == duties else duties for team, duties in found.items()}
    if list(kept) == list(board.duties) and all(kept[team] is board.duties[team] for team in kept):
        return board
    return replace(board, duties=kept)


def _by_team(board: Board, readings: list[Reading]) -> Mapping[str, tuple[Duty, ...]]:
    """Return the duties by team, in the map's order, first level first."""
    by_policy: dict[str, dict[tuple[int, str], Duty]] = {}
    for reading in readings:
        for duty in reading.answer.duties if isinstance(reading.answer, OnCallSeen) else ():
            if duty.until is None or duty.until > board.at:
                known = by_policy.setdefault(duty.policy, {})
                before = known.get((duty.level, duty.person))
                if before is None or _longer(duty, before):
                    known[duty.level, duty.person] = duty
    return {
        name: tuple(sorted(by_policy[team.pagerduty].values(), key=lambda one: (one.level, one.person)))
        for name, team in board.setup.map.teams.items()
        if team.pagerduty and team.pagerduty in by_policy
    }


def _longer(duty: Duty, other: Duty) -> bool:
    """Tell whether a duty lasts longer than another: of one person on two schedules the later hand-over counts."""
    return other.until is not None and (duty.until is None or duty.until > other.until)


def first_level(board: Board, team: str) -> tuple[Duty, ...]:
    """Return whom a page of a team reaches first; nobody where that is not known."""
    duties = board.duties.get(team, ())
    return tuple(duty for duty in duties if duty.level == duties[0].level)


def told_by(board: Board, duty: Duty) -> tuple[str, datetime] | None:
    """Return the system that names a duty, and when it answered."""
    for (system, topic), reading in board.readings.items():
        if topic is Topic.ONCALL and isinstance(reading.answer, OnCallSeen) and duty in reading.answer.duties:
            return system, reading.at
    return None
