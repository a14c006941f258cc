"""What painters show on services and hops, cut from a board once for as long as nothing of it changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cockpit.board.state import Board
from cockpit.model.change import Change, ChangeKind
from cockpit.model.health import ServiceHealth
from cockpit.model.measure import Measure, VendorStatus
from cockpit.model.sights import Sights
from cockpit.model.topology import IntegrationMap
from cockpit.slices.say import short_age
from cockpit.spans import clock_seconds

_HOUR = 3600


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """What of a board is shown, equal where all of it is the same objects and it is the same minute."""

    health: Mapping[str, ServiceHealth]
    measures: Mapping[str, Measure]
    hops: Mapping[tuple[str, str], Measure]
    changes: tuple[Change, ...]
    vendors: Mapping[str, VendorStatus]
    map: IntegrationMap
    now: datetime

    def _ids(self) -> tuple[object, ...]:
        known = (self.health, self.measures, self.hops, self.changes, self.vendors, self.map)
        return (*map(id, known), self.now.replace(second=0, microsecond=0))

    def __hash__(self) -> int:
        return hash(self._ids())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Parts) and self._ids() == other._ids()


def sights_of(board: Board, now: datetime) -> Sights:
    """Return everything that painters show on services and hops; the same object until something of it changes.

    Args:
        board: What is known.
        now: The present, for the ages of changes, which step by the minute.
    """
    return _made(_Parts(board.health, board.measures, board.hops, board.changes, board.vendors, board.map, now))


@lru_cache(maxsize=4)
def _made(parts: _Parts) -> Sights:
    return Sights(
        states=parts.health,
        measures=parts.measures,
        hops=parts.hops,
        changed=_badges(parts.changes, parts.now),
        vendors=parts.vendors,
        unmapped=_unmapped(parts.map, parts.health),
    )


def changed_badges(board: Board, now: datetime) -> dict[str, str]:
    """Return the age of each service's latest change in the window that is more than a merge."""
    return _badges(board.changes, now)


def unmapped(board: Board) -> tuple[str, ...]:
    """Return the services that fire and are not in the map, worst first."""
    return _unmapped(board.map, board.health)


def _badges(changes: Iterable[Change], now: datetime) -> dict[str, str]:
    badges: dict[str, str] = {}
    for change in changes:
        if change.kind is not ChangeKind.MERGED and change.service not in badges:
            seconds = clock_seconds(change.began, now)
            badges[change.service] = short_age(seconds if seconds < _HOUR else seconds // _HOUR * _HOUR).removesuffix(
                "00"
            )
    return badges


def _unmapped(integration_map: IntegrationMap, health: Mapping[str, ServiceHealth]) -> tuple[str, ...]:
    services = integration_map.services
    return tuple(name for name, one in health.items() if name not in services and one.firing and name)
