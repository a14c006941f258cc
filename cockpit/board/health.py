"""The health of services, told only as far as something measured them and answered."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from cockpit.board.memory import Memory
from cockpit.board.moments import seconds_between
from cockpit.board.state import Board
from cockpit.model.health import Health, ServiceHealth
from cockpit.model.reading import Liveness, ScopeSample, Topic
from cockpit.model.topology import Service

FEW = 0.1
"""The share of the usual traffic below which there is none."""
FAILING = 0.05
"""The measured share of failing requests from which a service is not fine, though nothing fires."""
_STALE = 4
"""Cadences after which a measurement is stale."""
_AGE_STEPS = ((600.0, 30.0), (3600.0, 60.0), (math.inf, 600.0))
_AWAY = frozenset({Liveness.DOWN, Liveness.ASKING})


@dataclass(frozen=True, slots=True)
class _Counts:
    """What fires on one service."""

    firing: int = 0
    severe: int = 0
    pending: int = 0


def with_health(board: Board) -> Board:
    """Return the board with the health of every service; unchanged ones are the same objects."""
    memory = board.memory
    assert memory is not None
    inputs = _inputs(board, memory)
    if len(inputs) == len(memory.health) and all(
        one is other or one == other for one, other in zip(inputs, memory.health, strict=True)
    ):
        return board
    counts = _counts(board, memory)
    changed: dict[str, datetime] = {}
    for change in board.changes:
        changed.setdefault(change.service, change.began)
    watched = _watched(board, memory)
    health: dict[str, ServiceHealth] = {}
    services = board.setup.map.services
    for name in (*services, *sorted(name for name in counts if name not in services)):
        made = _health(board, services.get(name), name, counts.get(name, _Counts()), name in watched, changed.get(name))
        before = board.health.get(name)
        health[name] = before if before == made else made
    same = len(health) == len(board.health) and all(
        one is other and name == old
        for (name, one), (old, other) in zip(health.items(), board.health.items(), strict=True)
    )
    return replace(board, health=board.health if same else health, memory=replace(memory, health=inputs))


def _inputs(board: Board, memory: Memory) -> tuple[object, ...]:
    """Return everything that health rests on."""
    away = tuple(name for name, state in board.systems.items() if state.state in _AWAY)
    stale = tuple((service, _stale_s(board, system, sample)) for service, (system, sample) in board.scopes.items())
    return (memory.tallies, board.scopes, board.changes, memory.covered, away, stale)


def _counts(board: Board, memory: Memory) -> Mapping[str, _Counts]:
    """Return what fires by service; services that only resolved alerts name are there too."""
    counts: dict[str, _Counts] = {}
    for key in board.folds:
        tally = memory.tallies[key]
        if key.service:
            old = counts.get(key.service, _Counts())
            counts[key.service] = _Counts(
                old.firing + tally.firing, old.severe + tally.severe, old.pending + tally.pending
            )
    return counts


def _watched(board: Board, memory: Memory) -> frozenset[str]:
    """Return the services that a rule of a Prometheus which answers covers."""
    found: frozenset[str] = frozenset()
    for system, services in memory.covered.items():
        state = board.systems.get(system)
        if state is not None and state.state not in _AWAY:
            found |= services
    return found


def _health(
    board: Board, service: Service | None, name: str, counts: _Counts, covered: bool, changed: datetime | None
) -> ServiceHealth:
    system, sample = board.scopes.get(name, ("", None))
    stale = None if sample is None else _stale_s(board, system, sample)
    measured = sample is not None and sample.error is None and stale is None
    fresh = measured and sample is not None and sample.value is not None
    share = _share(service, sample)
    silent = measured and sample is not None and _no_traffic(sample)
    watched = covered or fresh
    if counts.severe:
        health = Health.FIRING
    elif counts.firing or (fresh and share is not None and share >= FAILING):
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
        measured=None if sample is None or sample.value is None else sample.at,
        watched=watched or silent,
        stale_s=stale,
        changed=changed,
    )


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
    every = 15.0 if reading is None else max(reading.every_s, 10 * reading.took_s)
    lasting = seconds_between(asked, board.at) > max(_STALE * every, 120.0)
    if not lasting and (state is None or state.state not in _AWAY):
        return None
    age = max(0.0, seconds_between(sample.at, board.at))
    step = next(step for limit, step in _AGE_STEPS if age < limit or limit == math.inf)
    return age // step * step
