"""The whole map as a grid: teams by how many calls lie between their services and an entry point, worst first."""

from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.model.health import Health, ServiceHealth
from cockpit.topology.graph import Topology
from cockpit.topology.paint.marks import badness, health_of

UNREACHED = "unreached"
"""What stands for the distance of a service that no entry point leads to."""

APART = -1
"""The same as a number."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many services there are, and how they do."""

    services: int = 0
    firing: int = 0
    warning: int = 0
    no_traffic: int = 0
    unknown: int = 0
    """Not watched."""

    @property
    def poor(self) -> int:
        """How many do badly without firing."""
        return self.warning + self.no_traffic

    @property
    def calm(self) -> bool:
        """Whether none does badly."""
        return not (self.firing or self.warning or self.no_traffic)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.services + other.services,
            self.firing + other.firing,
            self.warning + other.warning,
            self.no_traffic + other.no_traffic,
            self.unknown + other.unknown,
        )


NONE = Tally()
"""No service at all."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Services of one team at one distance, or at several."""

    tally: Tally
    worst: str
    """The worst service: of equal ones the heaviest."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Every service of a map in exactly one cell."""

    rows: Mapping[str, Tally]
    """By team, the worst team first; empty stands for services without an owner."""
    cells: Mapping[tuple[str, int], Cell]
    """By team and distance; no entry where there is no service."""
    deepest: int
    """The longest distance from an entry point; `APART` where nothing is reached."""
    total: Tally


def grid_of(topology: Topology, states: Mapping[str, ServiceHealth]) -> Grid:
    """Return the map as a grid of team by distance."""
    distances = topology.distances
    counts: dict[tuple[str, int], list[int]] = {}
    worst: dict[tuple[str, int], tuple[int, float, str]] = {}
    for name, service in topology.map.services.items():
        place = (service.team or "", distances.get(name, APART))
        count = counts.get(place)
        if count is None:
            count = counts[place] = [0, 0, 0, 0, 0]
        health = health_of(states, name)
        count[0] += 1
        column = _COUNTED.get(health)
        if column is not None:
            count[column] += 1
        worth = (badness(states, name), -service.weight, name)
        if place not in worst or worth < worst[place]:
            worst[place] = worth
    cells = {place: Cell(Tally(*count), worst[place][2]) for place, count in counts.items()}
    rows: dict[str, Tally] = {}
    for (team, _), cell in cells.items():
        rows[team] = rows.get(team, NONE) + cell.tally
    order = sorted(rows, key=lambda team: _row_worth(team, rows[team]))
    return Grid(
        rows={team: rows[team] for team in order},
        cells=cells,
        deepest=max(distances.values(), default=APART),
        total=sum(rows.values(), NONE),
    )


def together(grid: Grid, deepest: int, states: Mapping[str, ServiceHealth]) -> Mapping[tuple[str, int], Cell]:
    """Return the cells with all distances from one on as that one."""
    cells: dict[tuple[str, int], Cell] = {}
    for (team, distance), cell in grid.cells.items():
        place = team, min(distance, deepest)
        before = cells.get(place)
        if before is None:
            cells[place] = cell
        else:
            worst = min(before.worst, cell.worst, key=lambda name: badness(states, name))
            cells[place] = Cell(before.tally + cell.tally, worst)
    return cells


_COUNTED = {Health.FIRING: 1, Health.WARNING: 2, Health.NO_TRAFFIC: 3, Health.UNKNOWN: 4}


def _row_worth(team: str, tally: Tally) -> tuple[int, int, int, int, str]:
    return (-tally.firing, -tally.poor, -tally.unknown, -tally.services, team)


def name_cell(team: str, first: int, last: int) -> str:
    """Return what a cell is called: `team-payments|3`, `team-payments|6+`, `team-payments|unreached`."""
    if last == APART:
        return f"{team}|{UNREACHED}"
    return f"{team}|{first}" if first == last else f"{team}|{first}+"


def cell_of(topology: Topology, service: str) -> str:
    """Return the name of the cell in which a service stands, or nothing where the map does not know it."""
    known = topology.map.services.get(service)
    if known is None:
        return ""
    distance = topology.distances.get(service, APART)
    return name_cell(known.team or "", distance, distance)


def read_cell(cell: str) -> tuple[str, int, int | None] | None:
    """Return the team, first and last distance (null: without end) that a cell's name says, or null."""
    team, bar, text = cell.rpartition("|")
    if not bar:
        return None
    if text == UNREACHED:
        return team, APART, APART
    digits = text.removesuffix("+")
    if not (digits.isascii() and digits.isdigit()):
        return None
    return team, int(digits), None if text.endswith("+") else int(digits)


def services_in(topology: Topology, cell: str, states: Mapping[str, ServiceHealth]) -> tuple[str, ...]:
    """Return the services of a cell, worst first, of equal ones the heaviest and then the nearest first."""
    found = read_cell(cell)
    if found is None:
        return ()
    team, first, last = found
    distances = topology.distances
    inside = [
        name
        for name, service in topology.map.services.items()
        if (service.team or "") == team
        and (distance := distances.get(name, APART)) >= first
        and (last is None or distance <= last)
    ]
    return _sorted(topology, inside, states)


def services_by_cell(
    topology: Topology, states: Mapping[str, ServiceHealth]
) -> Mapping[tuple[str, int], tuple[str, ...]]:
    """Return the services of every cell by team and distance, in the same order."""
    cells: dict[tuple[str, int], list[str]] = {}
    for name, service in topology.map.services.items():
        cells.setdefault((service.team or "", topology.distances.get(name, APART)), []).append(name)
    return {place: _sorted(topology, names, states) for place, names in cells.items()}


def _sorted(topology: Topology, names: list[str], states: Mapping[str, ServiceHealth]) -> tuple[str, ...]:
    services, distances = topology.map.services, topology.distances
    return tuple(
        sorted(names, key=lambda one: (badness(states, one), -services[one].weight, distances.get(one, APART), one))
    )
