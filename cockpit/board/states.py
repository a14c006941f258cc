"""Judges alerts that vanished from an Alertmanager that answers: firing, pending, resolved, or lost.

In this order: (1) its Prometheus answers and lists it: it still holds; (2) its Prometheus answers with a fresh
evaluation and does not list it: resolved; (3) no reachable peer has it, it vanished before the last `endsAt`
seen and no reachable peer restarted in the last five minutes: resolved; (4) anything else: lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from cockpit.board.join import Listed
from cockpit.board.memory import Absence
from cockpit.board.moments import later, seconds_between, span
from cockpit.model.alert import State
from cockpit.model.reading import Peer

RESTART = timedelta(minutes=5)
"""For how long a peer that restarted proves nothing by not having an alert."""
NOT_THERE = "not in Alertmanager"
"""The note of what a Prometheus lists and no Alertmanager has."""
EARLY = timedelta(seconds=2)
"""What a server's Date header may be off by: `endsAt` must lie further ahead than that to be called ahead."""
SENDER_BACK = timedelta(hours=1)
"""Without a Prometheus to ask: how long a sender must have sent others before one that it does not send is over."""


def grace_s(interval_s: float) -> float:
    """Return for how many seconds an alert may be on its way from Prometheus to Alertmanager."""
    return 2 * interval_s + 30


@dataclass(frozen=True, slots=True)
class Testimony:
    """What one Prometheus can say of a vanished alert."""

    system: str
    owns: bool
    """It is the one whose rule makes the alert, as far as can be told."""
    answers: bool
    """Its last poll was good."""
    current: bool
    """That answer is no older than two polls."""
    listed: Listed | None = None
    fresh: bool = False
    """The alert's rule was evaluated within two intervals and 15 s before that answer."""
    steady: bool = False
    """It has been evaluating for the rule's `for` and one interval since it came back."""
    evaluated: datetime | None = None
    """The rule's last evaluation."""
    failing: datetime | None = None
    """Since when it has not been answering."""
    back: datetime | None = None
    """Since when it answers again."""
    grace_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Holder:
    """How the Alertmanager does from which an alert vanished."""

    answered: datetime
    """Its last good answer."""
    restarted: bool
    """A reachable peer started in the last five minutes."""
    heard: datetime | None = None
    """Without a Prometheus: since when the alert's sender has been sending others again."""


class Verdict(NamedTuple):
    """What has become of a vanished alert."""

    state: State
    note: str = ""
    listed: Listed | None = None
    """How its Prometheus lists it, where one does."""
    system: str = ""
    """That Prometheus."""


def judge(
    absence: Absence, started: datetime, testimonies: Sequence[Testimony], holder: Holder, at: datetime
) -> Verdict | None:
    """Return what has become of a vanished alert; null while a Prometheus that answers is about to be asked.

    Args:
        absence: How it vanished.
        started: When it last started to fire.
        testimonies: What the Prometheus servers that may have sent it say, the likeliest first.
        holder: The Alertmanager that it vanished from.
        at: The present moment.
    """
    listing = [one for one in testimonies if one.listed is not None and one.answers and one.current]
    for one in sorted(listing, key=lambda one: one.listed is not None and one.listed.alert.state != "firing"):
        return _still(one, absence, holder)
    owners = [one for one in testimonies if one.owns]
    if owners and all(one.answers for one in owners):
        if not all(one.current for one in owners):
            return None
        if all(one.fresh and one.steady and (one.evaluated or started) > started for one in owners):
            return Verdict(State.RESOLVED)
    if absence.early and not absence.listed and not holder.restarted:
        blind = absence.restarted == "all"
        if not blind or (not owners and holder.heard is not None):
            return Verdict(State.RESOLVED)
    if not owners and holder.heard is not None and at - holder.heard >= SENDER_BACK:
        return Verdict(State.RESOLVED)
    return Verdict(State.LOST, _why_lost(absence, owners, at))


def _still(one: Testimony, absence: Absence, holder: Holder) -> Verdict:
    """Return what it means that a Prometheus lists a vanished alert."""
    assert one.listed is not None
    if one.listed.alert.state != "firing":
        return Verdict(State.PENDING, "", one.listed, one.system)
    fired = max(absence.since, fired_at(one.listed))
    arrived = seconds_between(fired, holder.answered) <= one.grace_s
    return Verdict(State.FIRING, "" if arrived else NOT_THERE, one.listed, one.system)


def fired_at(listed: Listed) -> datetime:
    """Return when an alert that a Prometheus lists as firing left pending, as it does not say so itself."""
    return min(later(listed.alert.active, span(listed.hold_s)), max(listed.alert.active, listed.evaluated))


def _why_lost(absence: Absence, owners: Sequence[Testimony], at: datetime) -> str:
    """Return the note of a lost alert: what is not heard any more, and since when (UTC)."""
    for one in owners:
        if not one.answers:
            return f"sender not answering since {_said(one.failing or absence.seen, at)}"
    for one in owners:
        if not one.fresh:
            when = "" if one.evaluated is None else f" since {_said(one.evaluated, at)}"
            return f"its rule not evaluated{when}"
    for one in owners:
        if not one.steady and one.back is not None:
            return f"sender only back since {_said(one.back, at)}"
    if absence.restarted:
        return f"Alertmanager restarted, not sent again since {_said(absence.since, at)}"
    return f"sender not answering since {_said(absence.seen, at)}"


def _said(moment: datetime, at: datetime) -> str:
    day = "" if moment.date() == at.date() else f"{moment.day} {moment:%b} "
    return f"{day}{moment:%H:%M}"


def restarts(peers: Sequence[Peer], at: datetime) -> str:
    """Return whether `some` or `all` of the reachable peers started in the last five minutes, or nothing."""
    reachable = [peer for peer in peers if peer.up]
    fresh = [peer for peer in reachable if peer.started is not None and at - peer.started < RESTART]
    if not fresh:
        return ""
    return "all" if len(fresh) == len(reachable) else "some"
