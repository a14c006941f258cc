"""`cockpit drill --checklist`: the hops from where users come in to an alert's data, one line each, as text or JSON."""

import sys
from collections.abc import Iterable
from datetime import tzinfo
from typing import Any

from cockpit.board.state import Board
from cockpit.cli.output import columns
from cockpit.model.checklist import CheckLine, Checklist
from cockpit.model.drawing import ASCII, UNICODE, line_text
from cockpit.model.drill import Subject
from cockpit.slices.checklist import cut
from cockpit.text import one_line

_WIDTH = 120
"""Cells of a line where standard output is no terminal."""
_KEYS = {
    "dashboard": "dashboard",
    "logs": "log query",
    "status_page": "status page",
    "support": "support",
    "runbook": "runbook",
}


def checklist_of(board: Board, subject: Subject, zone: tzinfo) -> Checklist:
    """Return the checklist as this terminal can show it."""
    unicode = "utf" in (sys.stdout.encoding or "").lower()
    return cut(board, subject, board.at, zone, glyphs=UNICODE if unicode else ASCII, width=columns() or _WIDTH)


def as_json(checklist: Checklist) -> dict[str, Any]:
    """Return the checklist as a document."""
    return {"hops": [_hop(line) for line in checklist.lines], "notes": list(checklist.below)}


def _hop(line: CheckLine) -> dict[str, Any]:
    known = dict(line.takes)
    return {
        "service": line.service,
        "alert": line.lead,
        "way": line.way.value,
        "how": line.how,
        "verdict": line.verdict.value,
        "health": line.health.value,
        "says": line.state,
        "change": line.change_told,
        "suspect": line.suspect,
        "vendor": line.vendor or None,
        **{key: known.get(name) for key, name in _KEYS.items()},
        "ticked": line.ticked,
    }


def as_lines(checklist: Checklist) -> Iterable[str]:
    """Return the checklist as lines: what it is about, one line a hop, and under them what each hop has to be looked at."""
    counts = f": {checklist.counts[0]}" if checklist.counts else ""
    yield f"{checklist.title}{counts}"
    yield line_text(checklist.heading).rstrip()
    yield from (line_text(row).rstrip() for row in checklist.rows)
    yield from checklist.below
    for line in checklist.lines:
        yield from (f"{one_line(line.service)}: {name} {text}" for name, text in line.takes)
