"""What decides whether an action can be done now, and the reasons against it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides whether an action can be done now."""

    pane: str = "alerts"
    selected: bool = False
    """An alert or fold is selected."""
    drill: bool = False
    """Its drill is filled."""
    answer: bool = False
    """The question under the drill's cursor has an answer by us that a person could confirm."""
    decided: bool = False
    """A person decided about that question."""
    confirmable: int = 0
    """Answers that are filled, fresh and not yet confirmed."""
    runbook: bool = False
    link: bool = False
    foldable: bool = False
    """The selected row is a fold of several alerts, or one of its members."""
    change: bool = False
    """A change is under the cursor."""
    no_annotating: str = ""
    """Why no change can be marked on dashboards; empty where one can."""
    map: bool = True
    layers: bool = True
    """The map has another layer: teams, tools."""
    searched: bool = False
    """Something was looked for."""
    can_suspend: bool = True


WhyNot = Callable[[Situation], str | None]
"""Says why an action cannot be done now, or null."""


def always(_: Situation) -> str | None:
    """Say nothing against an action."""
    return None


def first_of(*reasons: WhyNot) -> WhyNot:
    """Return the first of several reasons that there is."""
    return lambda now: next((said for reason in reasons if (said := reason(now)) is not None), None)


def unless(field: str, reason: str) -> WhyNot:
    """Return a reason for where something is not so."""
    return lambda now: None if getattr(now, field) else reason
