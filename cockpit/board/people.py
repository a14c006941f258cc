"""What people decided, and what the journal remembers: no refresh ever overwrites it."""

from collections.abc import Mapping
from dataclasses import replace

from cockpit.board.draft import Draft
from cockpit.board.occurrences import alert_subject, fold_subject, same_after_gap
from cockpit.board.state import Answered, Board, Noted, PriorityChosen, Recalled, Ticked
from cockpit.model.alert import Alert, Fold
from cockpit.model.drill import PersonAnswer, Question


def answered(board: Board, event: Answered) -> Board:
    """Return the board with a person's answer, or without it where it was taken back."""
    occurrence = _present(board, event.occurrence)
    answers = dict(board.persons.get(occurrence, {}))
    if event.answer is None:
        answers.pop(event.question, None)
    else:
        answers[event.question] = replace(event.answer, occurrence=occurrence)
    persons = {name: known for name, known in board.persons.items() if name != occurrence}
    if answers:
        persons[occurrence] = answers
    return replace(board, at=event.at, persons=persons)


def chose(board: Board, event: PriorityChosen) -> Board:
    """Return the board with a person's priority, or without it where it was taken back."""
    occurrence = _present(board, event.occurrence)
    chosen = {name: known for name, known in board.chosen.items() if name != occurrence}
    if event.priority is not None:
        chosen[occurrence] = event.priority
    return replace(board, at=event.at, chosen=chosen)


def ticked(board: Board, event: Ticked) -> Board:
    """Return the board with a line of a checklist ticked, or without the tick where it was taken away."""
    occurrence = _present(board, event.occurrence)
    lines = {item: known for item, known in board.ticks.get(occurrence, {}).items() if item != event.item}
    if event.ticked:
        lines[event.item] = replace(event, occurrence=occurrence)
    ticks = {name: known for name, known in board.ticks.items() if name != occurrence}
    if lines:
        ticks[occurrence] = lines
    return replace(board, at=event.at, ticks=ticks)


MOST_NOTES = 50
"""Notes for the next shift that the board holds, the latest."""


def noted(board: Board, event: Noted) -> Board:
    """Return the board with a person's note for the next shift."""
    return replace(board, at=event.at, notes=joined_notes(board.notes, (event,)))


def joined_notes(known: tuple[Noted, ...], more: tuple[Noted, ...]) -> tuple[Noted, ...]:
    """Return the latest of all notes, each once, oldest first; the known ones where nothing is new."""
    if set(more) <= set(known):
        return known
    return tuple(sorted({*known, *more}, key=lambda note: (note.at, note.by, note.text))[-MOST_NOTES:])


def _present(board: Board, occurrence: str) -> str:
    """Return what an occurrence is called now; its alert may have been given another key since the person looked."""
    renamed = {} if board.memory is None else board.memory.renamed
    seen = {occurrence}
    while occurrence in renamed and renamed[occurrence] not in seen:
        occurrence = renamed[occurrence]
        seen.add(occurrence)
    return occurrence


def recalled(draft: Draft, event: Recalled) -> None:
    """Take what the journal held; what has been decided since then stands."""
    board = draft.board
    draft.open = {**{known.subject: known for known in event.open}, **draft.open}
    draft.past = {**event.past, **draft.past}
    persons: dict[str, Mapping[Question, PersonAnswer]] = {}
    for answer in event.persons:
        persons[answer.occurrence] = {**persons.get(answer.occurrence, {}), answer.question: answer}
    for occurrence, answers in draft.persons.items():
        persons[occurrence] = {**persons.get(occurrence, {}), **answers}
    draft.persons = persons
    draft.chosen = {**event.chosen, **draft.chosen}
    ticks: dict[str, Mapping[str, Ticked]] = {}
    for tick in event.ticks:
        ticks[tick.occurrence] = {**ticks.get(tick.occurrence, {}), tick.item: tick}
    for occurrence, lines in draft.ticks.items():
        ticks[occurrence] = {**ticks.get(occurrence, {}), **lines}
    draft.ticks = ticks
    notes = joined_notes(draft.board.notes, event.notes)
    if notes is not draft.board.notes:
        draft.board = replace(draft.board, notes=notes)
    known_beats = {(beat.system, beat.id, tuple(sorted(beat.labels.items()))) for beat in draft.heartbeats}
    draft.heartbeats += tuple(
        beat
        for beat in event.heartbeats
        if (beat.system, beat.id, tuple(sorted(beat.labels.items()))) not in known_beats
    )
    if draft.open and board.alerts:
        for alert in board.alerts.values():
            _reopen(draft, alert)


def _reopen(draft: Draft, alert: Alert) -> None:
    """Let an alert that was seen before the journal could be read go on as the occurrence it was."""
    known = draft.open.get(alert_subject(alert.key))
    if known is not None and same_after_gap(alert.fired or alert.since, known):
        del draft.open[alert_subject(alert.key)]
        draft.put(replace(alert, opened=known.opened, last=draft.past.get(alert_subject(alert.key))))


def reopened(draft: Draft, fold: Fold) -> Fold:
    """Return a fold that was seen before the journal could be read as the occurrence it was."""
    known = draft.open.get(fold_subject(fold.key))
    last = draft.past.get(fold_subject(fold.key))
    if known is not None and same_after_gap(fold.since, known):
        del draft.open[fold_subject(fold.key)]
        return replace(fold, opened=known.opened, last=last)
    return fold if fold.last == last else replace(fold, last=last)
