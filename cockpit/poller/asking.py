"""Asks one system for one topic; whatever comes of it is a reading."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from cockpit.clock import Clock
from cockpit.matchers import Matcher
from cockpit.model.alert import AlertKey
from cockpit.model.reading import Answer, Reading, Topic
from cockpit.poller.attending import SeriesRequest
from cockpit.poller.cadence import every_of
from cockpit.systems.base import (
    TURN,
    AlertSource,
    ChangeSource,
    Circumstances,
    FilterSource,
    HealthSource,
    HistorySource,
    HopSource,
    MeasureSource,
    OnCallSource,
    PlaceSource,
    RuleSource,
    ScopeRequest,
    StatusSource,
    System,
    SystemError,
    Turn,
)
from cockpit.systems.recording import NotRecorded

log = logging.getLogger(__name__)
"""Where the trace of an internal error goes."""

PATIENCE_S = 60.0
"""Seconds of the host after which an asking is given up that no time limit of the system itself has ended."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a topic has to know to be asked."""

    since: datetime
    """Begin of the window of changes, or of the time whose alerts are asked for."""
    scopes: tuple[ScopeRequest, ...] = ()
    series: SeriesRequest | None = None
    matchers: tuple[Matcher, ...] = ()
    """What the alerts are to satisfy that are asked for beside all of them."""
    only: str | None = None
    """Where measures are asked sparingly: of this service alone, which may be none."""


class Asked(NamedTuple):
    """What came of asking."""

    reading: Reading
    retry_after_s: float | None = None
    """For how long the server asked to be left alone."""
    recorded: bool = True
    """False where a recording has nothing to say to this: nobody asked then."""
    alert: AlertKey | None = None
    """Of a series: the alert it was asked for."""


async def ask(
    system: System,
    topic: Topic,
    clock: Clock,
    request: Request,
    *,
    every_s: float,
    patience_s: float = PATIENCE_S,
) -> Asked:
    """Ask a system for a topic and return the reading; only being cancelled raises.

    This is the outermost edge of a system: an error of ours is logged, and shown where the answer would be.
    """
    asked, began = clock.now(), clock.monotonic()
    around = Circumstances()
    answer: Answer | None = None
    error: str | None = None
    retry_after_s: float | None = None
    recorded = True
    turn = Turn(every_s)
    token = TURN.set(turn)
    try:
        async with asyncio.timeout(patience_s):
            answer = await _answer(system, topic, asked, request, around)
        error = around.partial
    except SystemError as failure:
        error = str(failure) or "failed and did not say why"
        retry_after_s = failure.retry_after_s
        recorded = not isinstance(failure, NotRecorded)
    except TimeoutError:
        error = f"no answer within {patience_s:g} s"
    except Exception as failure:
        log.exception("asking %s for %s", system.name, topic)
        error = f"internal error: {type(failure).__name__} in {system.kind}.{topic}, see the log"
    finally:
        TURN.reset(token)
    age = timedelta(seconds=turn.age_s)
    reading = Reading(
        system=system.name,
        kind=system.kind,
        topic=topic,
        asked=asked - age,
        at=clock.now() - age,
        took_s=max(0.0, clock.monotonic() - began),
        answer=answer,
        error=error,
        complete_to=None if answer is None else _complete_to(around.complete_to or asked, asked, age),
        peers=around.peers,
        skew_s=around.skew_s,
        every_s=every_s,
        insecure=system.insecure,
    )
    return Asked(reading, retry_after_s, recorded, request.series.alert if request.series else None)


def _complete_to(said: datetime, asked: datetime, age: timedelta) -> datetime:
    """Return up to when an answer is complete that is so old."""
    return min(said, asked - age) if age else said


async def _answer(system: System, topic: Topic, until: datetime, request: Request, around: Circumstances) -> Answer:
    match topic:
        case Topic.ALERTS if isinstance(system, AlertSource):
            return await system.alerts(around)
        case Topic.FILTERED if isinstance(system, FilterSource):
            return await system.filtered(request.matchers, around)
        case Topic.SILENCES if isinstance(system, AlertSource):
            return await system.silences(around)
        case Topic.RULES if isinstance(system, RuleSource):
            return await system.rules(around)
        case Topic.CHANGES | Topic.WIDER if isinstance(system, ChangeSource):
            return await system.changes(request.since, until, around)
        case Topic.HISTORY if isinstance(system, HistorySource):
            return await system.history(request.since, until, around)
        case Topic.SCOPES if isinstance(system, HealthSource):
            return await system.scopes(request.scopes, around)
        case Topic.SERIES if isinstance(system, HealthSource) and request.series is not None:
            wanted = request.series
            return await system.series(wanted.alert, wanted.expression, wanted.labels, around)
        case Topic.TARGETS if isinstance(system, HealthSource):
            return await system.targets(around)
        case Topic.HOPS if isinstance(system, HopSource):
            return await system.hops(around)
        case Topic.PLACES if isinstance(system, PlaceSource):
            return await system.places(around)
        case Topic.MEASURES if isinstance(system, MeasureSource):
            return await system.measures(around, only=request.only)
        case Topic.STATUS if isinstance(system, StatusSource):
            return await system.statuses(around)
        case Topic.ONCALL if isinstance(system, OnCallSource):
            return await system.on_call(around)
        case _:
            raise SystemError(f"{system.kind} cannot be asked for {topic}")


def topics_of(system: System) -> tuple[Topic, ...]:
    """Return what a system can be asked for."""
    return tuple(getattr(system, "TOPICS", ()))


def cadence_of(system: System, topic: Topic) -> float:
    """Return the seconds between two askings of a system for a topic."""
    return every_of(system.every_s, getattr(system, "CADENCE", {}), topic)
