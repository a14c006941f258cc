"""Reads drawings of chain and tree by their glyphs alone, as an engineer does.

What stands in a drawing's `names` is used for one thing only: to know where a name begins and ends, and which service
a cut name means, after making sure that no two services are cut alike.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from cockpit.model.drawing import UNICODE, Drawing, Glyphs, line_text
from cockpit.model.health import Health, ServiceHealth
from cockpit.text import width
from cockpit.topology.graph import Topology

Pair = tuple[str, str]


@dataclass(frozen=True)
class Label:
    """A name in a drawing."""

    row: int
    cell: int
    size: int
    name: str

    @property
    def end(self) -> int:
        """The cell behind it."""
        return self.cell + self.size


@dataclass
class Read:
    """What the glyphs say."""

    calls: set[Pair] = field(default_factory=set)
    """Caller and callee, by lines."""
    hosts: set[Pair] = field(default_factory=set)
    """What runs on what, by dotted branches."""
    order: list[Pair] = field(default_factory=list)
    """Steps that a dotted arrow joins."""
    steps: list[str] = field(default_factory=list)
    """What stands on the chain's line."""
    services: set[str] = field(default_factory=set)
    """Everything that is named."""
    above: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Callers that are counted and not drawn, and the firing ones among what is left out there."""
    below: dict[str, tuple[int, int]] = field(default_factory=dict)
    """The same of callees."""
    elsewhere: int = 0
    """Firing services that nothing connects."""


def cells(text: str) -> list[str]:
    """Return what stands in each cell of a row; the second cell of a wide character is empty."""
    row: list[str] = []
    for char in text:
        if width(char):
            row += [char, ""][: width(char)]
        elif row:
            row[-1] += char
    return row


class Page:
    """A drawing as a grid of cells with names in it."""

    def __init__(self, drawing: Drawing, glyphs: Glyphs) -> None:
        self.glyphs = glyphs
        self.rows = [cells(line_text(line)) for line in drawing.lines]
        self.labels = [Label(*one) for one in drawing.names]
        self.at = {(label.row, label.cell): label for label in self.labels}
        self.tees = {glyphs.tees[0], glyphs.heavy_tees[0]}
        self.verticals = {glyphs.vertical, glyphs.heavy_vertical}
        self.up = {glyphs.corners[2], glyphs.heavy_corners[2]}
        self.down = {glyphs.corners[0], glyphs.heavy_corners[0]}
        self.lines = {glyphs.horizontal, glyphs.heavy}
        meant: dict[str, str] = {}
        for label in self.labels:
            text = self.text(label.row, label.cell + 2, label.end)
            assert text, f"{label.name} has no name in row {label.row}"
            assert meant.setdefault(text, label.name) == label.name, f"{text} is two services"

    def text(self, row: int, begin: int, end: int | None = None) -> str:
        """Return a piece of a row."""
        return "".join(self.rows[row][begin:end])

    def cell(self, row: int, cell: int) -> str:
        """Return what stands in a cell; a space outside."""
        if 0 <= row < len(self.rows) and 0 <= cell < len(self.rows[row]):
            return self.rows[row][cell]
        return " "

    def branch(self, label: Label) -> str:
        """Return the line of the branch that leads to a name; empty where none does."""
        corner = self.cell(label.row, label.cell - 2) if label.cell >= 2 else " "
        joined = corner in self.tees | self.up | self.down and (label.row, label.cell - 2) not in self.at
        line = self.cell(label.row, label.cell - 1)
        inside = any(
            one.row == label.row and one.cell <= label.cell - 2 < one.end for one in self.labels if one is not label
        )
        return line if joined and not inside and line in self.lines | {self.glyphs.step} else ""

    def owner(self, label: Label) -> tuple[Label, bool]:
        """Return what a branch leads to from a name, and whether that stands under it."""
        column = label.cell - 2
        corner = self.cell(label.row, column)
        for way, through, ends in (
            (-1, self.tees | self.verticals, self.down),
            (1, self.tees | self.verticals, self.up),
        ):
            if corner in ends:
                continue
            row = label.row + way
            while (row, column) not in self.at and self.cell(row, column) in through:
                row += way
            if (row, column) in self.at:
                return self.at[row, column], way > 0
        raise AssertionError(f"a branch that leads nowhere, to {label.name}")

    def count(self, found: Read, label: Label, end: int | None) -> None:
        """Read the marks and counts behind a name."""
        glyphs = self.glyphs
        number = rf"\+(\d+)(?:{re.escape(glyphs.firing)}(\d+))?"
        arrow = re.escape(glyphs.arrow)
        match = re.match(
            rf"(?:{re.escape(glyphs.third_party)})?({re.escape(glyphs.back)})?(?: {number}{arrow}(?= |$))?(?: {arrow}{number}(?= |$))?",
            self.text(label.row, label.end, end),
        )
        assert match is not None
        if match[1]:
            found.calls.add((label.name, label.name))
        self._counted(found, label, match)

    def count_under(self, found: Read, label: Label, end: int | None) -> None:
        """Read the counts in the row under a step, where nothing but notes stands."""
        row = label.row + 1
        if row >= len(self.rows) or any(one.row == row for one in self.labels):
            return
        glyphs = self.glyphs
        number = rf"\+(\d+)(?:{re.escape(glyphs.firing)}(\d+))?"
        arrow = re.escape(glyphs.arrow)
        text = self.text(row, label.cell + 1, end)
        match = re.search(rf"()(?: {number}{arrow}(?= |$))(?: {arrow}{number}(?= |$))?", text)
        match = match or re.search(rf"()(?: {number}{arrow}(?= |$))?(?: {arrow}{number}(?= |$))", text)
        if match is not None:
            self._counted(found, label, match)

    def _counted(self, found: Read, label: Label, match: "re.Match[str]") -> None:
        for side, place in ((found.above, 2), (found.below, 4)):
            if match[place]:
                assert label.name not in side, f"{label.name} is counted twice"
                side[label.name] = (int(match[place]), int(match[place + 1] or 0))


def read(drawing: Drawing, glyphs: Glyphs = UNICODE) -> Read:
    """Return what a drawing of the chain says."""
    page, found = Page(drawing, glyphs), Read()
    free = [label for label in page.labels if not page.branch(label)]
    line = min(label.row for label in free)
    for row in range(len(page.rows)):
        here = [label for label in page.labels if label.row == row]
        for label, after in zip(here, [*here[1:], None][: len(here)], strict=True):
            found.services.add(label.name)
            page.count(found, label, after.cell if after is not None else None)
        if row == line:
            found.steps = [label.name for label in here]
            _read_line(page, found, here)
            for label, after in zip(here, [*here[1:], None][: len(here)], strict=True):
                page.count_under(found, label, after.cell if after is not None else None)
        elif row > line:
            loose = [label for label in here if not page.branch(label)]
            if len(loose) > 1 and _arrow(page, loose[0], loose[1]):
                found.calls.update((loose[0].name, label.name) for label in loose[1:])
    for label in page.labels:
        mark = page.branch(label)
        if mark:
            other, under = page.owner(label)
            pair = (label.name, other.name) if under else (other.name, label.name)
            (found.hosts if mark == glyphs.step else found.calls).add(pair)
    rest = re.search(rf"{re.escape(glyphs.ellipsis + glyphs.firing)}(\d+)$", page.text(line, 0).rstrip())
    found.elsewhere = int(rest[1]) if rest else 0
    return found


def _arrow(page: Page, label: Label, after: Label) -> str:
    """Return the line of the arrow between two names; empty where there is none."""
    if (
        page.cell(label.row, after.cell - 1) != page.glyphs.arrow
        and page.cell(label.row, after.cell - 1) != page.glyphs.step_arrow
    ):
        return ""
    return page.cell(label.row, after.cell - 2)


def _read_line(page: Page, found: Read, labels: list[Label]) -> None:
    for label, after in pairwise(labels):
        line = _arrow(page, label, after)
        head = page.cell(label.row, after.cell - 1)
        if line == page.glyphs.step and head == page.glyphs.step_arrow:
            found.order.append((label.name, after.name))
        else:
            assert line in page.lines, "steps that nothing joins"
            assert head == page.glyphs.arrow
            found.calls.add((label.name, after.name))


def read_tree(drawing: Drawing, glyphs: Glyphs = UNICODE, *, callers: bool = False) -> Read:
    """Return what a drawing of the tree says."""
    page, found = Page(drawing, glyphs), Read()
    last = re.match(rf"{re.escape(glyphs.firing)}(\d+) elsewhere", page.text(-1, 0)) if page.rows else None
    found.elsewhere = int(last[1]) if last else 0
    for label in page.labels:
        found.services.add(label.name)
        if page.text(label.row, 0).startswith("not in map: "):
            continue
        page.count(found, label, None)
        if page.branch(label):
            other, under = page.owner(label)
            assert not under, "a branch that leads down"
            kind = found.hosts if page.branch(label) == glyphs.step else found.calls
            kind.add((label.name, other.name) if callers else (other.name, label.name))
        else:
            assert label.cell == 0, "a name that nothing leads to"
    return found


def calls_of(topology: Topology) -> set[Pair]:
    """Return every call of a map once."""
    return {(hop.caller, hop.callee) for one in topology.map.services.values() for hop in one.calls}


def assert_exact(found: Read, topology: Topology, states: Mapping[str, ServiceHealth]) -> None:
    """No call is read that is not in the map, and each that is not read is counted at those of its ends that are named."""
    calls = calls_of(topology)
    assert found.calls <= calls, f"not in the map: {found.calls - calls}"
    for name in found.services:
        if name not in topology:
            continue
        hidden = {one for one in calls - found.calls if one[0] != one[1]}
        assert (name, name) not in calls or (name, name) in found.calls
        assert found.above.get(name, (0, 0))[0] == sum(callee == name for _, callee in hidden), f"callers of {name}"
        assert found.below.get(name, (0, 0))[0] == sum(caller == name for caller, _ in hidden), f"callees of {name}"
    firing = {name for name, one in states.items() if one.health is Health.FIRING and name in topology}
    told = sum(one[1] for one in (*found.above.values(), *found.below.values())) + found.elsewhere
    assert told >= len(firing - found.services), "a firing service that nothing tells of"
