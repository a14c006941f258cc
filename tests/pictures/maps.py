"""Sample maps on a bad night: alerts and measures made from their services' health, reduced as any reading is."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cockpit.board.reduce import empty, reduce
from cockpit.board.state import Board, Expected, Setup
from cockpit.clock import FixedClock
from cockpit.config import Context
from cockpit.model.alert import AlertReport
from cockpit.model.health import Health, ServiceHealth
from cockpit.model.measure import Measure, Measured
from cockpit.model.reading import AlertsSeen, Answer, MeasuresSeen, Reading, Topic
from cockpit.screens.desk import Desk
from tests.maps import SAMPLES, Sample

AT = datetime(2026, 11, 20, 14, 12, 9, tzinfo=UTC)
"""The moment that is painted."""

_KINDS = {"alertmanager": Topic.ALERTS, "prometheus": Topic.MEASURES}
_SEVERITIES = {Health.FIRING: "critical", Health.WARNING: "warning"}


@dataclass(frozen=True, slots=True)
class MapScene:
    """A sample map with the alerts that its health makes."""

    name: str
    """As in `tests.maps`."""

    def look(self) -> tuple[Board, Desk]:
        """Return the board, and a desk whose clock stands at its moment."""
        sample = SAMPLES[self.name]()
        expected = tuple(Expected(kind, kind, (topic,)) for kind, topic in _KINDS.items())
        board = empty(Setup(map=sample.map, systems=expected), AT - timedelta(minutes=20))
        board = reduce(board, _reading("prometheus", MeasuresSeen(tuple(_measures(sample)))))
        board = reduce(board, _reading("alertmanager", AlertsSeen(tuple(_alerts(sample)))))
        context = Context(name="prod", source="pictures", map=self.name)
        return board, Desk(context, FixedClock(AT), UTC, "first responder")


def _reading(system: str, answer: Answer) -> Reading:
    return Reading(system, system, _KINDS[system], AT, AT, 0.1, answer, complete_to=AT)


def _alerts(sample: Sample) -> Iterator[AlertReport]:
    for number, (service, state) in enumerate(sample.states.items()):
        severity = _SEVERITIES.get(state.health)
        if severity is None:
            continue
        began = AT - timedelta(minutes=4 + number % 17)
        yield AlertReport(
            id=f"{number:016x}",
            labels={"alertname": "ErrorRateHigh", "service": service, "severity": severity},
            annotations={"summary": f"{service} answers with errors"},
            started=began,
            ends=AT + timedelta(minutes=4),
            updated=AT,
            state="active",
        )


def _measures(sample: Sample) -> Iterator[Measured]:
    for number, (service, state) in enumerate(sample.states.items()):
        if state.health is Health.UNKNOWN:
            continue
        share = state.error_share or 0.0
        rate, usual = _rate(state, number)
        measure = Measure(share, _latency(state, number), rate, usual, _trend(share, number), AT, "prometheus")
        yield Measured(measure, service=service)


def _latency(state: ServiceHealth, number: int) -> float:
    return (0.004, 0.031, 0.12, 0.64, 0.88)[number % 5] * (6 if state.health is Health.FIRING else 1)


def _rate(state: ServiceHealth, number: int) -> tuple[float, float]:
    """Return requests a second now and as usual."""
    usual = (390.0, 47.0, 1200.0, 58.0)[number % 4]
    return (0.0 if state.health is Health.NO_TRAFFIC else usual * 0.97), usual


def _trend(share: float, number: int) -> tuple[float, ...]:
    """Return thirty minutes of error shares: little at first, and what is measured now since eight minutes."""
    little = [share * 0.05 * (1 + math.sin(minute + number)) / 2 for minute in range(22)]
    return (*little, *(share * (minute + 1) / 8 for minute in range(8)))
