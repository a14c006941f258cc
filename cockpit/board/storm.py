"""The storm line: from fifty firing alerts on, what most of them have in common and which fired first."""

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from cockpit.board.memory import StormTally, Tally
from cockpit.board.state import Board
from cockpit.model.alert import Alert, AlertKey, FoldKey, State, Storm

FROM = 50
"""Firing alerts from which on it is a storm."""
HALF = 0.5
"""The share that a label must cover to be named."""
_KEPT_FROM = 0.3
_COUNT_AGAIN = 0.35
"""A label below 0.3 of n alerts cannot cover half before 0.4 n of them have come or gone."""
_NEVER = frozenset({"alertname", "severity", "priority", "level", "prometheus", "prometheus_replica", "replica", "job"})
_PLACES = frozenset({"cluster", "region"})
"""Named only where there are several."""
_BROAD = frozenset(
    {"env", "environment", "stage", "tier", "tenant", "org", "team", "owner", "squad", "monitor", "source", "endpoint"}
)
"""Labels that most alerts share on any day: named only where nothing else covers half."""
_FIRST = 5


def after_alerts(before: Board, board: Board, written: Mapping[AlertKey, Alert | None]) -> Board:
    """Return the board with its storm line, given the alerts that were written, as they were before."""
    memory = board.memory
    assert memory is not None
    firing = sum(tally.firing for tally in memory.tallies.values())
    if firing < FROM:
        if memory.storm is None and board.storm is None:
            return board
        return replace(board, storm=None, memory=replace(memory, storm=None))
    tally = _advance(memory.storm, firing, board.alerts, written)
    common, share = _common(board, tally, firing)
    storm = Storm(
        firing=firing,
        folds=sum(one.firing > 0 for one in memory.tallies.values()),
        services=len({key.service for key, one in memory.tallies.items() if one.firing}),
        common=common,
        share=share,
        first=_first(memory.tallies),
    )
    return replace(
        board,
        storm=before.storm if before.storm == storm else storm,
        memory=memory if tally is memory.storm else replace(memory, storm=tally),
    )


def _counts(alert: Alert | None) -> bool:
    return alert is not None and alert.state is State.FIRING and not alert.dim


def _advance(
    tally: StormTally | None,
    firing: int,
    alerts: Mapping[AlertKey, Alert],
    written: Mapping[AlertKey, Alert | None],
) -> StormTally:
    """Return the counts of the labels that may cover half, brought up to date or made anew."""
    if tally is None:
        return _count(alerts.values(), firing)
    changes: list[tuple[Alert, int]] = []
    for key, old in written.items():
        new = alerts.get(key)
        was, now = _counts(old), _counts(new)
        if was and now and old is not None and new is not None and old.labels == new.labels:
            continue
        if was and old is not None:
            changes.append((old, -1))
        if now and new is not None:
            changes.append((new, 1))
    if not changes:
        return tally
    changed = tally.changed + len(changes)
    if changed > _COUNT_AGAIN * tally.counted:
        return _count(alerts.values(), firing)
    counts = dict(tally.counts)
    for alert, step in changes:
        labels = alert.labels
        for pair in counts:
            if labels.get(pair[0]) == pair[1]:
                counts[pair] += step
    return StormTally(counts, tally.counted, changed)


def _count(alerts: Iterable[Alert], firing: int) -> StormTally:
    """Return exact counts of what three in ten of the firing alerts have in common."""
    counter: Counter[tuple[str, str]] = Counter()
    for alert in alerts:
        if _counts(alert):
            counter.update(alert.labels.items())
    kept = {pair: count for pair, count in counter.items() if count >= _KEPT_FROM * firing and pair[0] not in _NEVER}
    return StormTally(kept, firing, 0)


def _common(board: Board, tally: StormTally, firing: int) -> tuple[tuple[str, str] | None, float]:
    """Return the label and value that cover most firing alerts, when they cover half, and their share.

    What configuration puts on everything, and the place where there is only one, tell nothing; what every other
    alert has too tells less than what only the storm has.
    """
    configured = {pair for system in board.setup.systems for pair in system.labels.items()}
    able = [pair for pair, count in tally.counts.items() if count >= HALF * firing and pair not in configured]
    alike = {pair for pair in able if _on_all(board.alerts.values(), pair)}
    able = [pair for pair in able if pair not in alike or (pair[0] not in _PLACES and pair[0] not in _BROAD)]
    if not able:
        return None, 0.0
    ranks = {pair: (pair[0] in _BROAD, pair in alike, -tally.counts[pair]) for pair in able}
    best = sorted(pair for pair in able if ranks[pair] == min(ranks.values()))
    if len(best) > 1:
        outside = {pair: _outside(board.alerts.values(), pair) for pair in best}
        best.sort(key=lambda pair: (outside[pair], pair))
    return best[0], tally.counts[best[0]] / firing


def _on_all(alerts: Iterable[Alert], pair: tuple[str, str]) -> bool:
    """Tell whether every alert, firing or not, has that label with that value, or (of a place) no other value."""
    name, value = pair
    missing = value if name in _PLACES else ""
    return all(alert.labels.get(name, missing) == value for alert in alerts)


def _outside(alerts: Iterable[Alert], pair: tuple[str, str]) -> int:
    """Return how many alerts that are not firing have the label too."""
    name, value = pair
    return sum(1 for alert in alerts if alert.labels.get(name) == value and not _counts(alert))


def _first(tallies: Mapping[FoldKey, Tally]) -> tuple[AlertKey, ...]:
    """Return the first five to fire, which stand in the five folds that fired first."""
    folds = heapq.nsmallest(_FIRST, (one.first for one in tallies.values() if one.first))
    return tuple(key for _, key in heapq.nsmallest(_FIRST, (one for first in folds for one in first)))
