"""What panes say before anything was answered, and when nothing is configured and nobody answers."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from cockpit.config import Context
from cockpit.model.drawing import Role
from cockpit.model.panes import AlertList, ChangeList, DrillView, Header, MapView

if TYPE_CHECKING:
    from cockpit.model.reading import SystemState

_CHANGES = ("git", "prometheus")


def _named(context: Context, *kinds: str) -> str:
    return ", ".join(system.name for system in context.systems if system.kind in kinds)


def first_header(context: Context, clocks: tuple[str, ...], marks: tuple[tuple[str, Role], ...] = ()) -> Header:
    """Return the header of the first frame."""
    return Header(context.name, context.production, context.map or "", live="asking", clocks=clocks, marks=marks)


def first_alerts(context: Context) -> AlertList:
    """Return the alert pane of the first frame: who is being asked."""
    asked = _named(context, "alertmanager") or _named(context, "prometheus")
    return AlertList("asking", empty=f"asking {asked}" if asked else "no alert system is configured")


def first_changes(context: Context) -> ChangeList:
    """Return the change pane of the first frame."""
    asked = _named(context, *_CHANGES)
    return ChangeList("asking", empty=f"asking {asked}" if asked else "no system that reports changes is configured")


def first_drill() -> DrillView:
    """Return the drill pane of the first frame."""
    return DrillView("", empty="asking: the drill fills itself from the selected alert")


def first_map(context: Context) -> MapView:
    """Return the integration pane of the first frame."""
    return MapView("asking", empty=f"map {context.map}" if context.map else "no map")


def with_help(context: Context, systems: "Iterable[SystemState]", alerts: AlertList) -> AlertList:
    """Return the list; where nothing was configured and nobody answers, it says how to connect."""
    states = tuple(systems)
    if alerts.ids or not context.tried or not states or any(state.answered is not None for state in states):
        return alerts
    if all(state.error is None for state in states):
        return alerts
    return replace(alerts, empty=nothing_answers(context), stale=False)


def nothing_answers(context: Context) -> str:
    """Return what the alert pane says when nothing was configured and nobody answered: one command, and what was tried."""
    asked = [place for place in context.tried if "://" in place]
    looked = [place for place in context.tried if "://" not in place]
    return "\n".join(
        (
            "Nothing answers. Connect it with one command:",
            "cockpit --alertmanager http://HOST:9093",
            "To keep it: cockpit init writes an annotated configuration.",
            f"Tried, and still being asked: {', '.join(asked)}",
            *((f"Without a configuration: {', '.join(looked)}",) if looked else ()),
        )
    )
