"""What can be done now: the situation of the main screen, and the keys that its footer shows."""

from dataclasses import replace
from typing import TYPE_CHECKING

from cockpit.actions import CHANGES, INTEGRATIONS
from cockpit.keymap import say_key
from cockpit.model.questions import Standing
from cockpit.model.walk import Layer, View
from cockpit.situation import Situation
from widgets.footer import Hint

if TYPE_CHECKING:
    from cockpit.actions import Action
    from cockpit.model.drill import Answer
    from cockpit.screens.main import MainScreen


def confirmable(answer: "Answer") -> bool:
    """Tell whether an answer is ours, says something, and no person decided about it."""
    return answer.standing is Standing.FILLED and answer.by is None


def situation(screen: "MainScreen") -> Situation:
    """Return what decides which actions can be done now."""
    changes = screen.focus_on == CHANGES
    looked_for = {CHANGES: screen.searched_changes, INTEGRATIONS: screen.searched_services}
    searched = looked_for.get(screen.focus_on, screen.searched)
    found = Situation(pane=screen.focus_on, searched=bool(searched))
    if screen.cut is None:
        return found
    from cockpit.screens import annotating
    from cockpit.slices.copies import links, runbook

    board, row, change = screen.cut.board, screen.alerts.cursor, screen.changes.selected
    selected = row is not None and bool(screen.alerts.value.ids)
    drill = screen.followed.drill if screen.followed is not None else None
    found = replace(
        found,
        selected=selected,
        runbook=row is not None and runbook(board, row) is not None,
        link=change is not None if changes else row is not None and bool(links(board, row)),
        change=change is not None,
        no_annotating=annotating.why_not(screen.desk),
        map=screen.walks,
        layers=screen.walks or bool(board.systems),
        can_suspend=screen.app._driver is not None and screen.app._driver.can_suspend,  # noqa: SLF001 - nothing public tells it
    )
    if drill is None:
        return found
    answer = drill.answers[screen.drill.question]
    return replace(
        found,
        drill=True,
        answer=confirmable(answer),
        decided=answer.by is not None,
        confirmable=sum(confirmable(one) and one.fresh for one in drill.answers.values()),
        foldable=drill.subject.count > 1 or drill.subject.fold is None,
    )


_IN_OVERVIEW = {"focus": "choose", "callee": "column right", "caller": "column left"}
_ON_LAYER = {"focus": "everything known", "callee": "worst behind it", "caller": "before it", "next-firing": "next ill"}


def _label(screen: "MainScreen", action: "Action") -> str:
    """Return what an action's key does here, in a word or two; on the map that depends on what is drawn."""
    walk = screen.walk
    if screen.focus_on != INTEGRATIONS or not screen.walks:
        return action.label
    if walk.view is View.OVERVIEW:
        return _IN_OVERVIEW.get(action.id, action.label)
    return action.label if walk.layer is Layer.SERVICES else _ON_LAYER.get(action.id, action.label)


def hints(screen: "MainScreen") -> tuple[Hint, ...]:
    """Return the keys of the pane in focus, those that can do nothing now dimmed."""
    now = situation(screen) if screen.is_attached else Situation(pane=screen.focus_on)
    ascii_only = screen.looks.glyphs.ascii
    return tuple(
        Hint(say_key(action.keys[0], ascii_only=ascii_only), _label(screen, action), action.why_not(now) is None)
        for action in screen.keys.hints(screen.focus_on)
        if action.keys
    )
