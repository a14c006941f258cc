"""How complete the deploy feed is: the worst of its sources, and who did not answer, so that it never looks whole."""

from collections.abc import Collection
from datetime import datetime, timedelta, tzinfo

from cockpit.board.state import Board
from cockpit.model.reading import ChangesSeen, Liveness, Reading, Topic
from cockpit.spans import clock_time
from cockpit.text import listed

_SINCE_TOLD_S = 120.0
_SAME = timedelta(minutes=2)
_NAMED = 3


def change_systems(board: Board) -> tuple[str, ...]:
    """Return the names of the systems that report changes."""
    return tuple(system.name for system in board.setup.systems if Topic.CHANGES in system.topics)


def silent(board: Board, name: str) -> bool:
    """Tell whether a system did not answer when it was last asked."""
    state = board.systems.get(name)
    return (name, Topic.CHANGES) in board.failures or (state is not None and state.state is Liveness.DOWN)


def gaps_of(reading: Reading) -> str:
    """Return what of an answer is missing, in its system's own words; empty where nothing is."""
    gaps = reading.answer.gaps if isinstance(reading.answer, ChangesSeen) else ()
    return reading.error or "; ".join(gaps)


def complete_to(reading: Reading) -> datetime:
    """Return up to when an answer is complete."""
    return reading.complete_to or reading.asked


def say(board: Board, names: Collection[str], zone: tzinfo, begin: datetime) -> str:
    """Return `complete to 14:01 (datadog)`, and who did not answer before it."""
    if not names:
        return "no system reports changes"
    readings = {name: board.readings[name, Topic.CHANGES] for name in names if (name, Topic.CHANGES) in board.readings}
    away = [name for name in names if silent(board, name)]
    waiting = [name for name in names if name not in readings and name not in away]
    parts = []
    if away:
        few = listed(away) if len(away) <= _NAMED else f"{len(away)} of {len(names)} systems"
        parts.append(f"{few} did not answer")
    if waiting:
        parts.append(f"asking {', '.join(waiting)}")
    if readings:
        rest = "" if len(readings) == len(names) else "rest "
        parts.append(rest + _whole(board, readings, zone, begin))
    return ", ".join(parts)


def _whole(board: Board, readings: dict[str, Reading], zone: tzinfo, begin: datetime) -> str:
    """Return from when and up to when those who answered are complete, and by whose answer no further."""
    told = {name: clock_time(complete_to(reading), zone, today=board.at) for name, reading in readings.items()}
    worst = min(readings, key=lambda name: complete_to(readings[name]))
    by = f" ({worst})" if len(set(told.values())) > 1 else ""
    reached = {name: _reached(board, name, begin) for name in readings}
    gaps = [name for name, (_, rests) in reached.items() if any(gaps_of(reading) for reading in rests)]
    since = max(moment for moment, _ in reached.values())
    late = (since - begin).total_seconds() > _SINCE_TOLD_S
    from_when = f"asked {'only ' if late else ''}from {clock_time(since, zone, today=board.at)}, "
    asked = from_when if late or board.at - begin > board.setup.window + _SAME else ""
    failed = [name for name in readings if late and (name, Topic.WIDER) in board.failures]
    further = f", {listed(failed)} did not answer for more" if failed else ""
    return f"{asked}complete to {told[worst]}{by}" + (f", gaps in {listed(gaps)}" if gaps else "") + further


def _reached(board: Board, name: str, begin: datetime) -> tuple[datetime, tuple[Reading, ...]]:
    """Return from when on a system was asked without a break until now, and the readings that this rests on."""
    reading = board.readings[name, Topic.CHANGES]
    since = reading.answer.since if isinstance(reading.answer, ChangesSeen) else begin
    wider = board.readings.get((name, Topic.WIDER))
    if since <= begin or wider is None or not isinstance(wider.answer, ChangesSeen):
        return since, (reading,)
    if complete_to(wider) < since or wider.answer.since >= since:
        return since, (reading,)
    return max(wider.answer.since, begin), (reading, wider)


def say_empty(board: Board, names: Collection[str], zone: tzinfo, *, narrowed: bool) -> str:
    """Return why no row is shown: what a filter leaves out, who found nothing up to when, and who did not answer."""
    if not names:
        return "no system that reports changes is configured"
    if narrowed:
        away = [name for name in names if silent(board, name) or (name, Topic.CHANGES) not in board.readings]
        return "nothing matches; esc shows all" + (f"; {listed(away)} did not answer" if away else "")
    told = []
    for name in names:
        failure = board.failures.get((name, Topic.CHANGES))
        reading = board.readings.get((name, Topic.CHANGES))
        if failure is not None:
            told.append(f"{name} did not answer: {failure.error}")
        elif reading is None:
            told.append(f"asking {name}")
        else:
            gaps = gaps_of(reading)
            end = clock_time(complete_to(reading), zone, today=board.at)
            told.append(f"nothing in {name} up to {end}" + (f", with gaps: {gaps}" if gaps else ""))
    return "; ".join(told)
