"""Heartbeats: alerts that always fire; once one was seen and then is not, that is the loudest thing there is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from cockpit.board.draft import Draft
from cockpit.board.join import slot_of
from cockpit.board.memory import Absence
from cockpit.board.moments import later, span
from cockpit.board.states import EARLY, restarts
from cockpit.matchers import Matcher
from cockpit.model.alert import Heartbeat
from cockpit.model.reading import Reading, RulesSeen, shift_of


def listen(draft: Draft, reading: Reading) -> None:
    """Note which heartbeats an Alertmanager holds; call it after its alerts were merged.

    One that is not there is missing when no reachable peer restarted in the last five minutes and either its last
    `endsAt` or two polls have passed. A poll that failed says nothing.
    """
    system = reading.system
    reports = draft.reports.get(system, {})
    beating: dict[str, Mapping[str, str]] = {}
    for fingerprint in draft.beats.get(system, ()):
        report = reports.get(fingerprint)
        if report is not None:
            beating[fingerprint] = report.labels
    previous = draft.memory.reports.get(system, {})
    server = later(reading.at, span(shift_of(reading.skew_s)))
    for beat in draft.heartbeats:
        if beat.system == system and beat.id and beat.id not in beating and (system, beat.id) not in draft.quiet:
            report = previous.get(beat.id)
            over = report is None or report.ends is None or later(server, EARLY) >= report.ends
            early = not (report is not None and report.ends is not None and over)
            draft.quiet[system, beat.id] = Absence(reading.at, beat.seen, early)
    _beat(draft, reading, beating, held=bool(restarts(reading.peers, reading.at)))


def listen_alone(draft: Draft, reading: Reading, seen: RulesSeen) -> None:
    """Note which heartbeats a Prometheus lists, where no Alertmanager is configured to hold them."""
    if draft.memory.senders.alertmanagers:
        return
    configured = draft.memory.senders.labels.get(reading.system, {})
    beating: dict[str, Mapping[str, str]] = {}
    for rule in seen.rules:
        for alert in rule.alerts:
            labels = alert.labels if alert.labels.get("alertname") else {**alert.labels, "alertname": rule.name}
            if alert.state == "firing" and _matcher(draft.board.setup.heartbeat, labels) is not None:
                name, names, values = slot_of(rule.name, labels, configured)
                beating["\xff".join((name, *names, *values))] = labels
    for beat in draft.heartbeats:
        if beat.system == reading.system and beat.id not in beating and (beat.system, beat.id) not in draft.quiet:
            draft.quiet[beat.system, beat.id] = Absence(reading.at, beat.seen, early=True)
    back = draft.books[reading.system].back
    _beat(draft, reading, beating, held=back is not None and reading.at < later(back, span(2 * seen.interval_s)))


def _beat(draft: Draft, reading: Reading, beating: Mapping[str, Mapping[str, str]], *, held: bool) -> None:
    """Write the heartbeats of one system: those that beat, and those that are missing."""
    system = reading.system
    known: list[Heartbeat] = []
    met: set[str] = set()
    before = {beat.id for beat in draft.heartbeats if beat.system == system}
    new = [labels for fingerprint, labels in beating.items() if fingerprint not in before]
    for beat in draft.heartbeats:
        if beat.system != system:
            known.append(beat)
        elif beat.id in beating:
            met.add(beat.id)
            draft.quiet.pop((system, beat.id), None)
            known.append(replace(beat, seen=reading.at, missing_since=None, labels=beating[beat.id]))
        else:
            known.extend(_still(draft, beat, reading, new, held=held))
    for fingerprint in sorted(beating):
        if fingerprint not in met:
            matcher = _matcher(draft.board.setup.heartbeat, beating[fingerprint])
            known.append(Heartbeat(system, matcher or "", reading.at, None, beating[fingerprint], fingerprint))
    draft.heartbeats = tuple(known)


def _still(
    draft: Draft, beat: Heartbeat, reading: Reading, new: Sequence[Mapping[str, str]], *, held: bool
) -> Iterator[Heartbeat]:
    """Give back a heartbeat that does not beat, missing where it has been for long enough."""
    if any(_succeeds(labels, beat.labels) for labels in new):
        draft.quiet.pop((beat.system, beat.id), None)
        return
    if beat.missing_since is not None:
        yield beat
        return
    absence = draft.quiet.get((beat.system, beat.id))
    if absence is None:
        absence = draft.quiet[beat.system, beat.id] = Absence(reading.at, beat.seen, early=True)
    waited = reading.at >= later(absence.since, span(2 * reading.every_s))
    if not held and (waited or not absence.early):
        yield replace(beat, missing_since=absence.since)
    else:
        yield beat


def _succeeds(labels: Mapping[str, str], before: Mapping[str, str]) -> bool:
    """Tell whether a new heartbeat is an older one: the same labels, or with some of them given or taken."""
    return all(labels[name] == value for name, value in before.items() if name in labels)


def _matcher(matchers: tuple[Matcher, ...], labels: Mapping[str, str]) -> str | None:
    return next((str(matcher) for matcher in matchers if matcher.matches(labels)), None)
