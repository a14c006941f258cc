"""Calls the witnesses for vanished alerts: what each Prometheus and the Alertmanager itself can say."""

from datetime import datetime

from cockpit.board.draft import Draft
from cockpit.board.join import Book, Listed, host_of
from cockpit.board.moments import later, seconds_between, span
from cockpit.board.states import Holder, Testimony, grace_s, restarts
from cockpit.model.alert import Alert
from cockpit.model.reading import Rule, Topic


class Witnesses:
    """Asked for many alerts in one event: what is the same for all of them is worked out once."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._senders = draft.memory.senders
        self._rules: dict[tuple[str, str, str | None], tuple[bool, bool, datetime | None]] = {}
        self._heard: dict[str, dict[str, datetime]] = {}

    def testimonies(self, alert: Alert) -> list[Testimony]:
        """Return what each Prometheus that may have sent the alert says, the likeliest first."""
        draft = self._draft
        known = dict(draft.covers.get(alert.key, ()))
        candidates = self._senders.candidates(alert.generator, alert.labels)
        owner = alert.prometheus if alert.prometheus in known else self._senders.named(alert.generator)
        found = []
        for system in dict.fromkeys((*known, *candidates)):
            book = draft.books.get(system)
            failing = draft.board.failing.get((system, Topic.RULES))
            if book is None:
                owns = system == owner if owner is not None else True
                if owns:
                    found.append(Testimony(system, owns, answers=False, current=False, failing=failing))
                continue
            owns = system == owner if owner is not None else alert.name in book.named
            slot = known.get(system) or book.find(alert.name, alert.labels)
            listed: Listed | None = None if slot is None else book.listed.get(slot)
            if not owns and listed is None:
                continue
            fresh, steady, evaluated = self._rule(book, alert, owns)
            found.append(
                Testimony(
                    system,
                    owns,
                    answers=failing is None,
                    current=self._current(book),
                    listed=listed,
                    fresh=fresh,
                    steady=steady,
                    evaluated=evaluated,
                    failing=failing,
                    back=book.back,
                    grace_s=grace_s(book.interval_s),
                )
            )
        return found

    def _current(self, book: Book) -> bool:
        reading = self._draft.board.readings.get((book.system, Topic.RULES))
        every = 15.0 if reading is None else max(reading.every_s, 10 * reading.took_s)
        return seconds_between(book.at, self._draft.at) <= 2 * every + 15

    def _rule(self, book: Book, alert: Alert, owns: bool) -> tuple[bool, bool, datetime | None]:
        """Return whether the alert's rule is evaluated freshly and for long enough, and when it last was."""
        key = (book.system, alert.name, alert.rule if owns else None)
        known = self._rules.get(key)
        if known is None:
            known = self._rules[key] = standing(book, alert.name, key[2])
        return known

    def holder(self, alert: Alert) -> Holder:
        """Return how the Alertmanager does that an alert vanished from."""
        reading = self._draft.board.readings.get((alert.key.system, Topic.ALERTS))
        answered = self._draft.at if reading is None else reading.at
        peers = () if reading is None else reading.peers
        return Holder(answered, bool(restarts(peers, answered)), self._heard_again(alert))

    def _heard_again(self, alert: Alert) -> datetime | None:
        """Return since when the sender of an alert has been sending others after it vanished; null if it has not."""
        absence = self._draft.absent.get(alert.key)
        system = alert.key.system
        if absence is None or self._senders.labels:
            return None
        latest = self._heard.get(system)
        if latest is None:
            latest = self._heard[system] = {}
            for report in self._draft.reports.get(system, {}).values():
                host = host_of(report.generator) if report.generator else ""
                if report.updated is not None and (host not in latest or latest[host] < report.updated):
                    latest[host] = report.updated
        last = latest.get(host_of(alert.generator) if alert.generator else "")
        return absence.since if last is not None and last > absence.since else None


def standing(book: Book, name: str, rule: str | None) -> tuple[bool, bool, datetime | None]:
    """Return whether a rule is evaluated freshly, whether for long enough, and when it last was.

    A rule that is not there any more is as fresh as its Prometheus.
    """
    named = book.named.get(name, ())
    rules: tuple[Rule, ...] = tuple(one for one in named if one.key == rule) or named
    moments = [one.evaluated for one in rules if one.evaluated is not None]
    evaluated = book.latest if not rules else min(moments) if len(moments) == len(rules) else None
    fresh = evaluated is not None and seconds_between(evaluated, book.server) <= 2 * book.interval_s + 15
    hold = max((one.hold_s for one in rules), default=0.0)
    steady = book.back is None or book.at >= later(book.back, span(hold + book.interval_s))
    return fresh, steady, evaluated
