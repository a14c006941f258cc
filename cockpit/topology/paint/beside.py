"""Calls of the focus that neither the chain's line nor its sidings show: one row a caller, with whom it calls."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from cockpit.text import width
from cockpit.topology.paint.scene import LEAST, Scene
from cockpit.topology.paint.sidings import Drawn

BEGIN = 1
"""The cell in which rows begin, so that no branch above seems to lead to them."""

ARROW = 5
"""Cells between a caller and its first callee."""

_GAP = 2
_KEPT = 2
"""Rows that what nothing joins leaves to the words about the selected service."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A service in a row."""

    service: str
    cell: int
    cells: int
    """For its name."""
    again: bool


@dataclass(slots=True)
class Row:
    """A caller with some of its callees; or, without a caller, services that nothing here joins."""

    caller: Mention | None = None
    heavy: bool = False
    callees: list[Mention] = field(default_factory=list)


def beside(scene: Scene, drawn: Drawn, cells: int, rows: int | None) -> list[Row]:
    """Return rows for what is not drawn yet, and note it as drawn; at most so many rows, worst first."""
    if rows is not None and rows <= 0:
        return []
    made: list[Row] = []
    for caller, heavy, callees in _groups(scene, drawn):
        _rows_of(scene, drawn, cells, rows, made, (caller, heavy, callees))
    lone = [name for name in scene.focus.services if name not in drawn.services]
    row = Row()
    at = BEGIN
    for name in sorted(lone, key=scene.worth):
        mention = _mention(drawn, name, at, cells - BEGIN - 2 - scene.tail(name))
        if _end(scene, mention) > cells and row.callees:
            row, at = Row(), BEGIN
            mention = _mention(drawn, name, at, cells - BEGIN - 2 - scene.tail(name))
        if not row.callees:
            if rows is not None and len(made) >= rows - _KEPT:
                break
            made.append(row)
        row.callees.append(mention)
        drawn.services.add(name)
        at = _end(scene, mention) + _GAP
    return [one for one in made if one.callees]


def _groups(scene: Scene, drawn: Drawn) -> Iterator[tuple[str, bool, list[str]]]:
    left: dict[tuple[str, bool], list[str]] = {}
    for caller, callee in scene.focus.hops:
        if caller != callee and (caller, callee) not in drawn.hops:
            left.setdefault((caller, scene.heavy(caller, callee)), []).append(callee)
    for caller, heavy in sorted(left, key=lambda key: (not key[1], scene.worth(key[0]))):
        yield caller, heavy, left[caller, heavy]


def _rows_of(
    scene: Scene,
    drawn: Drawn,
    cells: int,
    rows: int | None,
    made: list[Row],
    group: tuple[str, bool, list[str]],
) -> None:
    name, heavy, callees = group
    row: Row | None = None
    at = 0
    for callee in callees:
        for fresh in (False, True):
            if row is None or fresh:
                if rows is not None and len(made) >= rows:
                    return
                caller = _mention(drawn, name, BEGIN, _cap(scene, name, drawn, cells))
                row, at = Row(caller, heavy), _end(scene, caller) + ARROW
            room = cells - at - 2 - (0 if callee in drawn.services else scene.tail(callee))
            if room >= min(width(callee), LEAST) and (room >= min(width(callee), 12) or not row.callees):
                break
        else:
            row = None
            continue
        if not row.callees:
            made.append(row)
        drawn.services.add(name)
        mention = _mention(drawn, callee, at, room)
        row.callees.append(mention)
        drawn.services.add(callee)
        drawn.hops.add((name, callee))
        at = _end(scene, mention) + _GAP


def _cap(scene: Scene, name: str, drawn: Drawn, cells: int) -> int:
    """Return the cells that a caller's name may take, so that there is as much for a callee."""
    tail = 0 if name in drawn.services else scene.tail(name)
    return max(LEAST, (cells - BEGIN - tail - 4 - ARROW - 8) // 2)


def _mention(drawn: Drawn, name: str, cell: int, room: int) -> Mention:
    again = name in drawn.services
    return Mention(name, cell, max(1, min(width(name), room)), again)


def _end(scene: Scene, mention: Mention) -> int:
    """Return the first cell behind a mention with its marks and count."""
    return mention.cell + 2 + mention.cells + (0 if mention.again else scene.tail(mention.service))
