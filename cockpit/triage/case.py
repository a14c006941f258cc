"""What every question is asked about: the board, the subject, its alerts, and how fresh what feeds them is."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from urllib.parse import quote

from cockpit.board.state import Board
from cockpit.model.alert import Alert, Fold, FoldKey
from cockpit.model.drill import Evidence, Subject
from cockpit.model.reading import Liveness, Reading, Rule, Topic
from cockpit.model.topology import Service
from cockpit.spans import clock_time, rfc3339

LOOKED_AT = 512
"""Alerts of one fold that are looked at: its worst and oldest; a drill is made at each key."""

REST = 10.0
"""A system is not asked again before so many times what its last answer took: till then that answer is fresh."""

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""No start is earlier: a server's zero time leaves no room for four hours before it."""
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
"""And none is later."""


@dataclass(frozen=True, slots=True)
class Behind:
    """How one system does that stands behind an answer."""

    system: str
    fresh: bool
    """It answered within twice its cadence, or twice its rest where it is slow."""
    at: datetime | None
    """Its last good answer."""
    failing: datetime | None
    """Since when it has been failing."""

    def trouble(self, now: datetime) -> str:
        """Return `prometheus not answering since 14:08`; empty while it is fresh."""
        if self.fresh:
            return ""
        if self.failing is not None:
            return f"{self.system} not answering since {clock_time(self.failing, today=now)}"
        if self.at is not None:
            return f"{self.system} last answered {clock_time(self.at, today=now)}"
        return f"{self.system} not answering"


def behind(board: Board, system: str, topic: Topic) -> Behind:
    """Return how a system does in one topic."""
    reading = board.readings.get((system, topic))
    failing = board.failing.get((system, topic))
    if reading is None:
        return Behind(system, fresh=False, at=None, failing=failing)
    state = board.systems.get(system)
    young = (board.at - reading.at).total_seconds() < 2 * max(reading.every_s, REST * reading.took_s)
    alive = state is None or state.state not in {Liveness.STALE, Liveness.DOWN}
    return Behind(system, young and (alive or failing is None), reading.at, failing)


def waiting(board: Board, topic: Topic) -> tuple[str, ...]:
    """Return the systems that are asked for a topic and have neither answered nor failed yet."""
    return tuple(
        expected.name
        for expected in board.setup.systems
        if topic in expected.topics
        and (expected.name, topic) not in board.readings
        and (expected.name, topic) not in board.failures
        and (expected.name, topic) not in board.failing
    )


@dataclass(frozen=True, slots=True)
class Case:
    """One subject on one board, as the five questions see it."""

    board: Board
    subject: Subject
    alert: Alert
    """The alert itself, or the fold's worst and oldest."""
    fold: Fold | None
    """The fold, where the whole fold is meant."""
    zone: tzinfo = UTC
    asking: bool = False
    """Whether systems that have not answered yet may still do so."""

    @property
    def now(self) -> datetime:
        """The board's moment."""
        return self.board.at

    @property
    def start(self) -> datetime:
        """When the condition became true: of a fold, the earliest among those in its worst state."""
        start = self.alert.since if self.fold is None else min(self.fold.since, self.alert.since)
        return min(max(start, EARLIEST), LATEST)

    @property
    def members(self) -> tuple[Alert, ...]:
        """The alerts that the drill answers for, worst and oldest first, at most `LOOKED_AT`."""
        if self.fold is None:
            return (self.alert,)
        known = (self.board.alerts.get(key) for key in self.fold.alerts[:LOOKED_AT])
        return tuple(alert for alert in known if alert is not None) or (self.alert,)

    @property
    def service(self) -> Service | None:
        """The map's service, where it is mapped."""
        return self.board.setup.map.services.get(self.subject.service)

    @property
    def rule(self) -> Rule | None:
        """The rule that made the alert, where its Prometheus is known."""
        return self.board.rules.get(self.alert.prometheus or "", {}).get(self.alert.rule or "")

    def clock(self, at: datetime) -> str:
        """Return `14:06` in UTC, with its date where that is not today's."""
        return clock_time(at, today=self.now)

    def seconds(self, at: datetime) -> str:
        """Return `14:06:03` in UTC, with its date where that is not today's."""
        return f"{self.clock(at)}:{at.astimezone(UTC):%S}"

    def behind(self, system: str, topic: Topic) -> Behind:
        """Return how a system does in one topic."""
        return behind(self.board, system, topic)

    @property
    def alert_reading(self) -> Reading | None:
        """The reading that the alert came from."""
        topic = Topic.ALERTS if (self.alert.key.system, Topic.ALERTS) in self.board.readings else Topic.RULES
        return self.board.readings.get((self.alert.key.system, topic))

    @property
    def alert_behind(self) -> Behind | None:
        """How those do that say that it is still there: the freshest counts; null where nobody was asked."""
        asked = [(self.alert.key.system, Topic.ALERTS), (self.alert.key.system, Topic.RULES)]
        if self.alert.prometheus is not None and self.alert.value is not None:
            asked.append((self.alert.prometheus, Topic.RULES))
        known = [self.behind(*pair) for pair in asked if pair in self.board.readings or pair in self.board.failing]
        return next((one for one in known if one.fresh), known[0] if known else None)

    @property
    def alert_fresh(self) -> bool:
        """Whether somebody who lists it answered within twice the cadence."""
        one = self.alert_behind
        return one is None or one.fresh

    def alert_says(self, says: str) -> Evidence:
        """Return evidence from the alert itself."""
        reading = self.alert_reading
        at = self.alert.seen if reading is None else reading.at
        return Evidence(self.alert.key.system, says, at, self.alert_url)

    @property
    def alert_url(self) -> str | None:
        """A link to the alert in its Alertmanager."""
        for expected in self.board.setup.systems:
            if expected.name == self.alert.key.system and expected.kind == "alertmanager" and expected.urls:
                matcher = quote(f'{{alertname="{self.alert.name}"}}', safe="")
                return f"{expected.urls[0].rstrip('/')}/#/alerts?filter={matcher}"
        return self.alert.generator


def say_time(at: datetime) -> str:
    """Return a moment as systems write it."""
    return rfc3339(at) or ""


def occurrences(board: Board, subject: Subject) -> tuple[str, ...]:
    """Return the occurrences whose answers count for a subject, nearest first.

    An alert has its own, then its fold's; a fold has its own, and its only member's where it has but one.
    """
    names = [subject.occurrence]
    if subject.fold is not None:
        fold = board.folds.get(subject.fold)
        member = board.alerts.get(subject.alert)
        if member is not None and (len(fold.alerts) if fold is not None else subject.count) == 1:
            names.append(member.occurrence)
        return tuple(names)
    alert = board.alerts.get(subject.alert)
    fold = None if alert is None else board.folds.get(FoldKey(alert.name, alert.service, alert.cluster))
    if fold is not None:
        names.append(fold.occurrence)
    return tuple(names)
