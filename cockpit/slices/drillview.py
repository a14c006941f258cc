"""The drill as its pane shows it: five values, what each rests on, and how old that is."""

import re
from datetime import UTC, datetime

from cockpit.board.state import Board
from cockpit.model.alert import FoldKey
from cockpit.model.drill import Answer, Drill, Evidence, Question, Standing
from cockpit.model.panes import DrillView
from cockpit.model.reading import Liveness
from cockpit.slices.say import telling
from cockpit.spans import age_step, clock_time

_SECONDS = re.compile(r" at (\d\d:\d\d):\d\d\b")


def say_value(answer: Answer, *, short: bool = False) -> str:
    """Return an answer as the screen says it, without the words that its label already says.

    Args:
        answer: The answer.
        short: Whether what stands behind the value goes too.
    """
    value = answer.value
    if answer.standing in {Standing.FILLED, Standing.CONFIRMED}:
        if answer.question is Question.WHEN:
            value = value.removeprefix("Started ")
        elif answer.question is Question.CHANGE:
            value = value.replace(" deployed at ", " at ", 1)
    between = ";" if answer.question is Question.CHANGE else ","
    return f"{value}{between} {answer.detail}" if answer.detail and not short else value


def _source(board: Board, answer: Answer, now: datetime) -> str:
    if answer.standing in {Standing.CONFIRMED, Standing.EDITED}:
        at = f" {clock_time(answer.at, UTC, today=now)}" if answer.at is not None else ""
        return f"{answer.by or 'somebody'}{at}"
    if not answer.evidence:
        return ""
    first = answer.evidence[0]
    state = board.systems.get(first.system)
    if state is None or state.answered is None:
        return first.system
    age = (now - state.answered).total_seconds()
    if age < 2 * state.every_s:
        return first.system
    return f"{first.system} {age_step(age)}"


def _calm(says: str) -> str:
    """Return the words without seconds in the time of their sample: a screen at rest does not tick."""
    return _SECONDS.sub(r" at \1", says)


def _evidence(answer: Answer, now: datetime) -> tuple[str, ...]:
    """Return what an answer rests on, one line each: what a person did not take over, why a suspect is one, who says so."""
    lines = [f"now: {answer.proposed}"] if answer.proposed else []
    lines += [f"suspect: {'; '.join(suspect.why)}" for suspect in answer.suspects[:3]]
    return (*lines, *(_quote(item, now) for item in answer.evidence))


def _quote(item: Evidence, now: datetime) -> str:
    """Return a system, when it said it, unless the words tell that themselves or it never changes, and its words.

    The words tell times in UTC, so everything in a drill does.
    """
    at = clock_time(item.at, UTC, today=now) if item.at is not None and item.system != "map" else ""
    return f"{item.system}{f' {at}' if at and f'at {at}' not in item.says else ''}: {_calm(item.says)}"


def _among(board: Board, drill: Drill) -> str:
    """Return what tells one alert from the others of its fold, behind its name."""
    alert = board.alerts.get(drill.subject.alert)
    if alert is None or drill.subject.fold is not None:
        return ""
    fold = board.folds.get(FoldKey(alert.name, alert.service, alert.cluster))
    if fold is None or len(fold.alerts) < 2:
        return ""
    beside = board.alerts[fold.alerts[1] if fold.alerts[0] == alert.key else fold.alerts[0]]
    return f" {telling(alert, beside.labels)}"


def cut(board: Board, drill: Drill | None, now: datetime) -> DrillView:
    """Return the drill pane's content; with no drill, why there is none."""
    stale = bool(board.systems) and all(state.state is Liveness.DOWN for state in board.systems.values())
    if drill is None:
        return DrillView(
            title="", empty="nothing selected: the drill fills itself from the selected alert", stale=stale
        )
    priority = drill.priority
    level = priority.chosen.value if priority.chosen is not None else f"{priority.proposed}?"
    count = f" ×{drill.subject.count:,}" if drill.subject.count > 1 else _among(board, drill)
    answers = [drill.answers[question] for question in Question]
    return DrillView(
        title=f"{drill.subject.name}{count} ─ {level}",
        drill=drill,
        values=tuple(say_value(answer) for answer in answers),
        short=tuple(say_value(answer, short=True) for answer in answers),
        sources=tuple(_source(board, answer, now) for answer in answers),
        evidence=tuple(_evidence(answer, now) for answer in answers),
        stale=stale,
    )
