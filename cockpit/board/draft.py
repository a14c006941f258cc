"""The next board while an event is worked in: what is written here becomes the board's when it is finished."""

from dataclasses import replace
from datetime import datetime, timedelta

from cockpit.board.memory import Absence, Memory
from cockpit.board.moments import later
from cockpit.board.state import Board
from cockpit.model.alert import Alert, AlertKey, State

HOUR = timedelta(hours=1)
"""Within which starts are counted."""
KEPT = timedelta(minutes=15)
"""For how long a resolved alert stays, and how long an absence ends an occurrence."""


class Draft:
    """A board's alerts, copied so that they can be written.

    Args:
        board: The board before, its readings already those of the event.
        memory: The board's memory.
        at: The moment of the event.
    """

    def __init__(self, board: Board, memory: Memory, at: datetime) -> None:
        self.board = board
        self.memory = memory
        self.at = at
        self.alerts: dict[AlertKey, Alert] = dict(board.alerts)
        self.was: dict[AlertKey, Alert | None] = {}
        """Every alert that was written or dropped, as it was before."""
        self.kin: dict[AlertKey, AlertKey] = {}
        """Alerts whose key changed: the new one to the old one."""
        self.reports = dict(memory.reports)
        self.beats = dict(memory.beats)
        self.quiet = dict(memory.quiet)
        self.books = dict(memory.books)
        self.covers = dict(memory.covers)
        self.lone = dict(memory.lone)
        self.absent: dict[AlertKey, Absence] = dict(memory.absent)
        self.resolved = dict(memory.resolved)
        self.flapping = set(memory.flapping)
        self.open = dict(memory.open)
        self.renamed = dict(memory.renamed)
        self.past = dict(board.past)
        self.persons = board.persons
        self.chosen = board.chosen
        self.ticks = board.ticks
        self.series = board.series
        self.heartbeats = board.heartbeats

    def put(self, alert: Alert) -> None:
        """Write an alert under its key, unless it says what stands there."""
        key = alert.key
        before = self.alerts.get(key)
        if before is alert or (before is not None and before == alert):
            return
        self.was.setdefault(key, before)
        self.alerts[key] = alert
        if alert.flapping:
            self.flapping.add(key)
        elif before is not None and before.flapping:
            self.flapping.discard(key)
        if alert.state is State.RESOLVED:
            self.resolved[key] = alert.ended or self.at
            self.absent.pop(key, None)
        elif key in self.resolved:
            del self.resolved[key]

    def drop(self, key: AlertKey) -> Alert | None:
        """Take an alert off the board and return it."""
        before = self.alerts.pop(key, None)
        if before is not None:
            self.was.setdefault(key, before)
            self.flapping.discard(key)
        self.absent.pop(key, None)
        self.resolved.pop(key, None)
        self.covers.pop(key, None)
        return before

    def finish(self) -> Board:
        """Return the board with what was written; what was not keeps its identity."""
        board, memory = self.board, self.memory
        for key, before in list(self.was.items()):
            if self.alerts.get(key) is before:
                del self.was[key]
        if self.resolved == memory.resolved:
            prune_at = memory.prune_at
        else:
            prune_at = later(min(self.resolved.values()), KEPT) if self.resolved else None
        starts = [self.alerts[key].starts for key in self.flapping]
        return replace(
            board,
            at=self.at,
            alerts=self.alerts if self.was else board.alerts,
            past=board.past if self.past == board.past else self.past,
            persons=self.persons,
            chosen=self.chosen,
            ticks=self.ticks,
            series=self.series,
            heartbeats=board.heartbeats if self.heartbeats == board.heartbeats else self.heartbeats,
            memory=replace(
                memory,
                reports=self.reports,
                beats=self.beats,
                quiet=self.quiet,
                books=self.books,
                covers=self.covers,
                lone=self.lone,
                absent=self.absent,
                resolved=self.resolved,
                prune_at=prune_at,
                flapping=frozenset(self.flapping),
                calm_at=later(min((some[0] for some in starts if some), default=self.at), HOUR) if starts else None,
                open=self.open,
                renamed=self.renamed,
            ),
        )
