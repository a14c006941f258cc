"""What Prometheus servers measured: the map's scope queries by service, and the series of alerts looked at."""

from dataclasses import replace

from cockpit.board.state import Board
from cockpit.model.reading import ScopeSample, ScopesSeen, SeriesSeen, Topic

_SERIES_KEPT = 64


def with_scopes(board: Board, system: str, seen: ScopesSeen) -> Board:
    """Return the board with one system's samples; of several systems one that has a value is preferred."""
    said = {sample.service: sample for sample in seen.samples}
    scopes = {service: known for service, known in board.scopes.items() if known[0] != system or service in said}
    for service, sample in said.items():
        known = scopes.get(service)
        if known is None or known[0] == system or _better(board, system, sample, *known):
            scopes[service] = (system, _remembering(sample, known[1] if known is not None else None))
    return board if scopes == board.scopes else replace(board, scopes=scopes)


def _remembering(sample: ScopeSample, before: ScopeSample | None) -> ScopeSample:
    """Return a sample that failed with the last one of the same query that did not."""
    if sample.error is None or before is None or before.query != sample.query:
        return sample
    return replace(sample, last=before if before.error is None else before.last)


def _better(board: Board, system: str, sample: ScopeSample, other: str, known: ScopeSample) -> bool:
    """Tell whether a system's sample is to replace another's: that one has no value, fails, or is configured later."""
    if not _says(known) or not _answers(board, other):
        return True
    return _says(sample) and _order(board, system) < _order(board, other)


def _says(sample: ScopeSample) -> bool:
    return sample.value is not None and sample.error is None


def _answers(board: Board, system: str) -> bool:
    return (system, Topic.SCOPES) not in board.failing


def _order(board: Board, system: str) -> int:
    return next((place for place, one in enumerate(board.setup.systems) if one.name == system), len(board.systems))


def with_series(board: Board, system: str, seen: SeriesSeen) -> Board:
    """Return the board with the series of one alert; another system's stands where this one has none."""
    known = board.series.get(seen.alert)
    if known is not None and known[0] != system and known[1].points and not seen.points:
        return board
    series = {key: old for key, old in board.series.items() if key != seen.alert and key in board.alerts}
    for key in list(series)[: max(0, len(series) - _SERIES_KEPT + 1)]:
        del series[key]
    return replace(board, series={**series, seen.alert: (system, seen)})
