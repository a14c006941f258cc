"""What a person decides: the standing of each answer, and the priority."""

from typing import TYPE_CHECKING

from cockpit.model.drawing import Role, Span
from cockpit.model.drill import Drill, PersonAnswer, Priority, Question, Standing
from cockpit.screens.chooser import Choice, Chooser
from cockpit.screens.knowing import confirmable
from cockpit.screens.prompt import Prompt
from widgets.lineedit import editing

if TYPE_CHECKING:
    from cockpit.screens.main import MainScreen


def decide(screen: "MainScreen", drill: Drill, question: Question, standing: Standing, value: str) -> None:
    """Say what a person decided about one answer."""
    now = screen.desk.now()
    answer = drill.answers[question]
    evidence = answer.evidence if standing is Standing.CONFIRMED else ()
    from cockpit.board.state import Answered

    person = PersonAnswer(drill.subject.occurrence, question, standing, value, screen.desk.me, now, evidence)
    screen.desk.watch.tell(Answered(now, drill.subject.occurrence, question, person))


def _drill(screen: "MainScreen") -> Drill | None:
    return screen.followed.drill if screen.followed is not None else None


def confirm(screen: "MainScreen") -> None:
    """Confirm the answer under the cursor."""
    drill = _drill(screen)
    if drill is not None:
        question = screen.drill.question
        decide(screen, drill, question, Standing.CONFIRMED, drill.answers[question].value)
        screen.say(f"{question.upper()} of {drill.subject.name} confirmed", Role.PERSON)


def confirm_all(screen: "MainScreen") -> None:
    """Confirm every answer that is filled and fresh; stale ones are left for a look of their own."""
    drill = _drill(screen)
    if drill is None:
        return
    mine = [answer for answer in drill.answers.values() if confirmable(answer)]
    fresh = [answer for answer in mine if answer.fresh]
    for answer in fresh:
        decide(screen, drill, answer.question, Standing.CONFIRMED, answer.value)
    stale = ", ".join(answer.question.upper() for answer in mine if not answer.fresh)
    left = f"; not fresh, so left: {stale}" if stale else ""
    screen.say(f"{len(fresh)} answers of {drill.subject.name} confirmed{left}", Role.PERSON)


def edit(screen: "MainScreen") -> None:
    """Let a person write the answer under the cursor; it is kept for the drill that was shown when this began."""
    drill = _drill(screen)
    if drill is None:
        return
    question = screen.drill.question
    old = drill.answers[question]

    def done(text: str) -> None:
        if text.strip():
            decide(screen, drill, question, Standing.EDITED, text.strip())
            screen.say(f"{question.upper()} of {drill.subject.name} kept", Role.PERSON)

    label = f"{question.upper()} of {drill.subject.name}: enter keeps it, esc leaves it as it was"
    value = old.value if old.standing is not Standing.UNKNOWN or old.by is None else ""
    screen.typist.ask(Prompt(label, done, edit=editing(value), inline=True))


def set_unknown(screen: "MainScreen") -> None:
    """Say that the answer under the cursor is not known."""
    drill = _drill(screen)
    if drill is not None:
        question = screen.drill.question
        decide(screen, drill, question, Standing.UNKNOWN, "not known")
        screen.say(f"{question.upper()} of {drill.subject.name} set to unknown; U takes it back", Role.PERSON)


def take_back(screen: "MainScreen") -> None:
    """Take back what a person decided about the answer under the cursor."""
    drill = _drill(screen)
    if drill is not None:
        from cockpit.board.state import Answered

        question = screen.drill.question
        screen.desk.watch.tell(Answered(screen.desk.now(), drill.subject.occurrence, question, None))
        screen.say(f"{question.upper()} of {drill.subject.name} is ours again", Role.PERSON)


_MEANING = {
    Priority.P1: "total outage, critical loss: page all hands, executive updates",
    Priority.P2: "major feature degraded: rapid response team, updates every 30 min",
    Priority.P3: "partial, minor issue: schedule the investigation, open a ticket",
    Priority.P4: "cosmetic, low urgency: log it, backlog",
}


def choose_priority(screen: "MainScreen") -> None:
    """Let a person choose the priority of the selected alert, or take the choice back."""
    drill = _drill(screen)
    if drill is None:
        return
    subject, proposal = drill.subject, drill.priority

    def chosen(choice: Choice | None) -> None:
        if choice is None:
            return
        from cockpit.board.state import PriorityChosen

        priority = Priority(choice.id) if choice.id else None
        screen.desk.watch.tell(PriorityChosen(screen.desk.now(), subject.occurrence, priority))
        screen.say(
            f"{subject.name} is {priority}" if priority else f"{subject.name}: priority is proposed again", Role.PERSON
        )

    choices = [
        Choice(
            level.value,
            level.value,
            f"{meaning}{' (proposed)' if level is proposal.proposed else ''}",
            key=level.value[-1],
        )
        for level, meaning in _MEANING.items()
    ]
    if proposal.chosen is not None:
        choices.append(Choice("", "clear", f"take back {proposal.chosen}", key="0"))
    why = tuple((Span(f"proposed {proposal.proposed}: {reason}", Role.DIM),) for reason in proposal.why)
    start = next((n for n, one in enumerate(choices) if one.id == (proposal.chosen or proposal.proposed)), 0)
    screen.app.push_screen(
        Chooser(f"Priority of {subject.name}", tuple(choices), screen.looks, above=why, start=start), chosen
    )
