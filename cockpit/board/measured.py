"""What is measured of services, told by the map's names, and what vendors' status pages say: out of the readings alone."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from cockpit.board.memory import Memory
from cockpit.board.moments import seconds_between, stepped
from cockpit.board.state import Board
from cockpit.model.measure import Measure, Measured, VendorStatus
from cockpit.model.reading import Liveness, MeasuresSeen, Reading, StatusSeen, Topic, shift_of
from cockpit.topology.naming import Naming

AWAY = frozenset({Liveness.DOWN, Liveness.ASKING})
"""States in which a system's measurements are not of now."""

_STALE = 4
"""Cadences after which a measurement is stale."""
_STALE_S = 120.0
"""The same at least, in seconds."""
_Value = TypeVar("_Value")


def lasting(reading: Reading, since: datetime, until: datetime) -> bool:
    """Tell whether so long a span without a measurement makes the last one stale, by the cadence of its reading."""
    every_s = max(reading.every_s, 10 * reading.took_s)
    return seconds_between(since, until) > max(_STALE * every_s, _STALE_S)


def with_measures(board: Board) -> Board:
    """Return the board with what is measured of services and what vendors say; unchanged values are the same objects.

    What else is known of services, by the calls that others make to them, stays where nobody measures them.
    """
    memory = board.memory
    assert memory is not None
    found = {key: reading for key, reading in board.readings.items() if key[1] in {Topic.MEASURES, Topic.STATUS}}
    failed = {name: reading for (name, topic), reading in board.failures.items() if topic is Topic.STATUS}
    if not found and not failed and not memory.measured:
        return board
    ages = {name: _stale_s(board, reading) for (name, topic), reading in found.items() if topic is Topic.MEASURES}
    inputs = (*found.values(), *failed.values(), *ages.values())
    if len(inputs) == len(memory.measured) and all(
        one is other or (one == other and not isinstance(one, Reading))
        for one, other in zip(inputs, memory.measured, strict=True)
    ):
        return board
    own = _kept(_measures(board, memory, found.values(), ages), memory.measures)
    others = {name: one for name, one in board.measures.items() if memory.measures.get(name) is not one}
    return replace(
        board,
        measures=_kept({**others, **own}, board.measures),
        vendors=_kept(_vendors(board, found.values(), failed), board.vendors),
        memory=replace(memory, measured=inputs, measures=own),
    )


def _stale_s(board: Board, reading: Reading) -> float | None:
    """Return the age of a system's measurements where they are not of now."""
    state = board.systems.get(reading.system)
    if (state is None or state.state not in AWAY) and not lasting(reading, reading.at, board.at):
        return None
    return stepped(seconds_between(reading.at, board.at))


def _measures(
    board: Board, memory: Memory, readings: Iterable[Reading], ages: Mapping[str, float | None]
) -> dict[str, Measure]:
    """Return a measure by service: that of the first system in the configuration's order that measures it now."""
    order = {one.name: place for place, one in enumerate(board.setup.systems)}
    best: dict[str, Measure] = {}
    for reading in sorted(readings, key=lambda one: order.get(one.system, len(order))):
        if not isinstance(reading.answer, MeasuresSeen):
            continue
        for service, measure in _by_service(reading.answer.measures, memory.naming).items():
            aged = _aged(replace(measure, system=reading.system), reading, ages[reading.system])
            known = best.get(service)
            if known is None or (known.stale_s is not None and aged.stale_s is None):
                best[service] = aged
    return best


def _aged(measure: Measure, reading: Reading, stale_s: float | None) -> Measure:
    """Return a measure with its age where it is stale: its system is away, or it was not asked for with the last answer."""
    if stale_s is not None or measure.at is None:
        return measure if stale_s is None else replace(measure, stale_s=stale_s)
    there = seconds_between(measure.at, reading.at) + shift_of(reading.skew_s)
    return replace(measure, stale_s=stepped(there)) if there > max(_STALE * reading.every_s, _STALE_S) else measure


def _by_service(measured: Iterable[Measured], naming: Naming) -> dict[str, Measure]:
    """Return one measure by service; of several sources each figure is the first one's that has it."""
    parts: dict[str, dict[int, list[Measure]]] = {}
    for one in measured:
        service = one.service
        if not service:
            named = naming.of_name(one.name, one.labels) if one.name else naming.of_labels(one.labels)
            service = named.service
        if service:
            parts.setdefault(service, {}).setdefault(one.source, []).append(one.measure)
    return {service: _first([_joined(some[source]) for source in sorted(some)]) for service, some in parts.items()}


def _first(measures: list[Measure]) -> Measure:
    errors = next((one for one in measures if one.error_share is not None), measures[0])
    rate = next((one for one in measures if one.rate is not None), measures[0])
    return Measure(
        error_share=errors.error_share,
        latency_s=next((one.latency_s for one in measures if one.latency_s is not None), None),
        rate=rate.rate,
        usual=rate.usual,
        trend=errors.trend or next((one.trend for one in measures if one.trend), ()),
        at=errors.at if errors.error_share is not None else rate.at,
    )


def _joined(measures: list[Measure]) -> Measure:
    """Return several series of one service as one: shares weighted by their requests, the slowest, all requests."""
    if len(measures) == 1:
        return measures[0]
    rates = [one.rate for one in measures if one.rate is not None]
    usual = [one.usual for one in measures if one.usual is not None]
    length = max(len(one.trend) for one in measures)
    trends = [(one, (None,) * (length - len(one.trend)) + one.trend) for one in measures]
    return Measure(
        error_share=_weighted([(one, one.error_share) for one in measures]),
        latency_s=max((one.latency_s for one in measures if one.latency_s is not None), default=None),
        rate=sum(rates) if rates else None,
        usual=sum(usual) if usual else None,
        trend=tuple(_weighted([(one, trend[minute]) for one, trend in trends]) for minute in range(length)),
        at=max((one.at for one in measures if one.at is not None), default=None),
    )


def _weighted(shares: list[tuple[Measure, float | None]]) -> float | None:
    """Return a share of all requests; the largest where it is not known how many requests each stands for."""
    known = [(one.rate, share) for one, share in shares if share is not None]
    told = [share for _, share in known]
    requests = sum(rate for rate, _ in known if rate is not None)
    if not 0 < requests < math.inf or any(rate is None for rate, _ in known):
        return max(told, default=None)
    mean = sum((rate or 0.0) * share for rate, share in known) / requests
    return min(max(told), max(min(told), mean))  # what hardly any requests weigh may round to nothing


def _vendors(board: Board, readings: Iterable[Reading], failures: Mapping[str, Reading]) -> dict[str, VendorStatus]:
    """Return what each page says; of one that does not answer that, never what it said before.

    Args:
        board: Whose map names the pages.
        readings: All good ones.
        failures: The latest failure since then, by system.
    """
    pages = {name: one.status_page for name, one in board.setup.map.services.items() if one.status_page}
    vendors: dict[str, VendorStatus] = {}
    for reading in readings:
        if isinstance(reading.answer, StatusSeen) and reading.system not in failures:
            for status in reading.answer.statuses:
                known = vendors.get(status.service)
                if known is None or known.fine is None or (status.fine is False and known.fine):
                    vendors[status.service] = status
            for service, error in reading.answer.errors.items():
                vendors.setdefault(service, _silent(service, error, reading.at, pages))
    for failure in failures.values():
        for service in pages:
            vendors.setdefault(service, _silent(service, failure.error or "no answer", failure.at, pages))
    return vendors


def _silent(service: str, error: str, at: datetime, pages: Mapping[str, str]) -> VendorStatus:
    return VendorStatus(service, None, f"status page not answering: {error}", at, pages.get(service, ""))


def _kept(made: dict[str, _Value], before: Mapping[str, _Value]) -> Mapping[str, _Value]:
    """Return what was made, equal values as the objects that they were; all of it as it was where nothing differs."""
    kept = {name: before[name] if before.get(name) == value else value for name, value in made.items()}
    same = list(kept) == list(before) and all(kept[name] is before[name] for name in kept)
    return before if same else kept
