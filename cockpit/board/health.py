"""The health of services, told only as far as something measured them and answered.

An alert of a severity that is not low makes a service red. What is measured makes it yellow at most, however much
fails: red promises an alert that can be selected and acknowledged. Where an alert of a low severity fires on it and
half of its requests fail, both together make it red. A vendor's status page that tells of trouble makes a third party
yellow; one that says all is well measures nothing, so it makes nobody fine.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from cockpit.board.measured import AWAY, lasting
from cockpit.board.memory import Memory
from cockpit.board.moments import seconds_between, stepped
from cockpit.board.state import Board
from cockpit.model.health import Health, ServiceHealth
from cockpit.model.measure import Measure
from cockpit.model.reading import ScopeSample, Topic
from cockpit.model.topology import Service

FEW = 0.1
"""The share of the usual traffic below which there is none."""
FAILING = 0.05
"""The measured share of failing requests from which a service is not fine, though nothing fires."""
MOSTLY_FAILING = 0.5
"""The measured share of failing requests from which any alert makes a service red."""
LEAST_USUAL = 0.1
"""Requests a second that are usual at least where too few are told as no traffic: less than that comes and goes."""


@dataclass(frozen=True, slots=True)
class _Counts:
    """What fires on one service."""

    firing: int = 0
    severe: int = 0
    pending: int = 0


def with_health(board: Board) -> Board:
    """Return the board with the health of every service; unchanged ones are the same objects."""
    assert board.memory is not None
    memory = _counted(board.memory)
    if memory is not board.memory:
        board = replace(board, memory=memory)
    counts, inputs = memory.counts, _inputs(board, memory)
    if len(inputs) == len(memory.health) and all(
        one is other or one == other for one, other in zip(inputs, memory.health, strict=True)
    ):
        return board
    changed = {change.service: change.began for change in reversed(board.changes)}
    watched = _watched(board, memory)
    health: dict[str, ServiceHealth] = {}
    services = board.map.services
    for name in (*services, *sorted(name for name in counts if name not in services)):
        firing = _Counts(*counts.get(name, ()))
        made = _health(board, services.get(name), name, firing, name in watched, changed.get(name))
        before = board.health.get(name)
        health[name] = before if before == made else made
    same = len(health) == len(board.health) and all(
        one is other and name == old
        for (name, one), (old, other) in zip(health.items(), board.health.items(), strict=True)
    )
    return replace(board, health=board.health if same else health, memory=replace(memory, health=inputs))


def _inputs(board: Board, memory: Memory) -> tuple[object, ...]:
    """Return everything that health rests on."""
    away = tuple(name for name, state in board.systems.items() if state.state in AWAY)
    stale = tuple((service, _stale_s(board, system, sample)) for service, (system, sample) in board.scopes.items())
    seen = (board.map, board.measures, board.vendors)
    return (memory.counts, board.scopes, board.changes, memory.covered, away, stale, *seen)


def _counted(memory: Memory) -> Memory:
    """Return the memory with what fires by service; services that only resolved alerts name are there too."""
    if memory.counted is memory.tallies:
        return memory
    found: dict[str, list[int]] = {}
    for key, tally in memory.tallies.items():
        if key.service:
            counts = found.get(key.service)
            if counts is None:
                found[key.service] = [tally.firing, tally.severe, tally.pending]
            else:
                counts[0] += tally.firing
                counts[1] += tally.severe
                counts[2] += tally.pending
    made = {name: (counts[0], counts[1], counts[2]) for name, counts in found.items()}
    return replace(memory, counts=memory.counts if made == memory.counts else made, counted=memory.tallies)


def _watched(board: Board, memory: Memory) -> frozenset[str]:
    """Return the services that a rule of a Prometheus which answers covers."""
    found: frozenset[str] = frozenset()
    for system, services in memory.covered.items():
        state = board.systems.get(system)
        if state is not None and state.state not in AWAY:
            found |= services
    return found


def _health(
    board: Board, service: Service | None, name: str, counts: _Counts, covered: bool, changed: datetime | None
) -> ServiceHealth:
    share, at, stale = _share_of(board, service, name)
    system, sample = board.scopes.get(name, ("", None))
    measured = sample is not None and sample.error is None and _stale_s(board, system, sample) is None
    fresh = (measured and sample is not None and sample.value is not None) or (share is not None and stale is None)
    failing = share if share is not None and stale is None else 0.0
    silent = measured and sample is not None and _no_traffic(sample)
    why = list(_why(board, name, failing))
    if not silent and (lack := _lack(board.measures.get(name))):
        silent = True
        why.append(lack)
    watched = covered or fresh
    if counts.severe or (counts.firing and failing >= MOSTLY_FAILING):
        health = Health.FIRING
    elif counts.firing or failing >= FAILING or _vendor_ails(board, name):
        health = Health.WARNING
    elif silent:
        health = Health.NO_TRAFFIC
    else:
        health = Health.FINE if watched and (stale is None or covered) else Health.UNKNOWN
    return ServiceHealth(
        service=name,
        health=health,
        firing=counts.firing,
        pending=counts.pending,
        error_share=share,
        measured=at,
        watched=watched or silent,
        stale_s=stale,
        changed=changed,
        why=tuple(why),
    )


def _share_of(board: Board, service: Service | None, name: str) -> tuple[float | None, datetime | None, float | None]:
    """Return a service's share of failing requests, when that was measured, and its age where it is stale.

    The map's scope query counts before what is measured of all services, unless only the latter is of now.
    """
    system, sample = board.scopes.get(name, ("", None))
    measure = board.measures.get(name)
    scope_stale = None if sample is None else _stale_s(board, system, sample)
    share = _share(service, sample)
    at = None if sample is None or sample.value is None else sample.at
    if measure is None or measure.error_share is None:
        return share, at, scope_stale
    if share is not None and (scope_stale is None or measure.stale_s is not None):
        return share, at, scope_stale
    return measure.error_share, measure.at, measure.stale_s


def _why(board: Board, name: str, failing: float) -> Iterable[str]:
    """Give what is not well beside alerts."""
    if failing >= FAILING:
        points = failing * 100
        yield f"{points:.0f} % of requests failing" if points >= 9.95 else f"{points:.1f} % of requests failing"
    vendor = board.vendors.get(name)
    if vendor is not None and vendor.fine is False:
        told = f" ({vendor.incident})" if vendor.incident else ""
        yield f"status page says {vendor.says}{told}"
    elif vendor is not None and vendor.fine is None:
        yield vendor.says


def _vendor_ails(board: Board, name: str) -> bool:
    vendor = board.vendors.get(name)
    return vendor is not None and vendor.fine is False


def _lack(measure: Measure | None) -> str:
    """Return how much traffic is missing where nearly all is, by what is usual at this time of the day; else nothing."""
    if measure is None or measure.stale_s is not None or measure.rate is None or measure.usual is None:
        return ""
    if measure.usual < LEAST_USUAL or measure.rate >= measure.usual * FEW:
        return ""
    return f"{_rate(measure.rate)}/s, usually {_rate(measure.usual)}/s"


def _rate(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _no_traffic(sample: ScopeSample) -> bool:
    return sample.denominator is not None and sample.usual is not None and sample.denominator < sample.usual * FEW


def _share(service: Service | None, sample: ScopeSample | None) -> float | None:
    """Return the measured share of failing requests, where that is what the map's query asks for."""
    if service is None or service.scope is None or sample is None or sample.value is None or sample.error is not None:
        return None
    if "{value:percent}" not in service.scope.says or not math.isfinite(sample.value):
        return None
    return min(1.0, max(0.0, sample.value))


def _stale_s(board: Board, system: str, sample: ScopeSample) -> float | None:
    """Return the age of a measurement in steps, where its Prometheus is down or has not measured for long."""
    state = board.systems.get(system)
    reading = board.readings.get((system, Topic.SCOPES))
    asked = sample.at if reading is None else reading.at
    late = seconds_between(asked, board.at) > 120.0 if reading is None else lasting(reading, asked, board.at)
    if not late and (state is None or state.state not in AWAY):
        return None
    return stepped(seconds_between(sample.at, board.at))
