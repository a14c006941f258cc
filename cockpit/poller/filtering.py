"""What a person's filter asks of the servers beside all alerts, while those are many, slow or not to be had: pure."""

from cockpit.board.state import Board
from cockpit.board.systems import SLOW_S
from cockpit.model.reading import AlertsSeen, Topic
from cockpit.systems.base import System

MANY = 5000
"""Alerts of one system above which those of a filter are asked for by themselves."""


def worth_filtering(board: Board, system: str) -> bool:
    """Tell whether the filtered alerts of a system come sooner than all of them: these are many, slow, or failed."""
    if (system, Topic.ALERTS) in board.failures:
        return True
    reading = board.readings.get((system, Topic.ALERTS))
    if reading is None or not isinstance(reading.answer, AlertsSeen):
        return False
    return reading.took_s > SLOW_S or len(reading.answer.alerts) > MANY


def to_be_filtered(board: Board, systems: tuple[System, ...]) -> tuple[System, ...]:
    """Return the systems that are worth asking for the alerts of a filter."""
    return tuple(system for system in systems if worth_filtering(board, system.name))
