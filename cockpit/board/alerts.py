"""Merges what Alertmanagers and Prometheus servers report of alerts into the one list of them.

An Alertmanager's alert is the alert; a Prometheus adds to it when it became true, its value and its rule. What only
a Prometheus knows (pending, or not in Alertmanager) stands under that Prometheus' name until an Alertmanager has it.
Alerts are deduplicated within a system, never between systems.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from cockpit.board.derive import any_match, from_listed, from_report, revised, source_of, with_source
from cockpit.board.draft import Draft
from cockpit.board.join import Book, Cover, Slot, covers_of, lone_key, make_book, moved
from cockpit.board.memory import Absence
from cockpit.board.moments import later, seconds_between, span
from cockpit.board.occurrences import MANY, alert_subject, rename, started_again
from cockpit.board.states import EARLY, NOT_THERE, Verdict, fired_at, grace_s, judge, restarts
from cockpit.board.witness import Witnesses, standing
from cockpit.model.alert import Alert, AlertKey, AlertReport, State
from cockpit.model.reading import AlertsSeen, Reading, RulesSeen, Topic, shift_of


def from_alertmanager(draft: Draft, reading: Reading, seen: AlertsSeen, previous: Reading | None) -> None:
    """Take what an Alertmanager answered: what it reports, what vanished, and what only Prometheus still lists.

    `previous` is its last good answer before this one.
    """
    system = reading.system
    before = draft.reports.get(system, {})
    now = {report.id: report for report in (*seen.alerts, *_fresher(draft, reading))}
    draft.reports[system] = now
    last = reading.at if previous is None else previous.at
    _take(draft, system, before, now, last)
    restarted = restarts(reading.peers, reading.at)
    server = later(reading.at, span(shift_of(reading.skew_s)))
    for fingerprint in [fingerprint for fingerprint in before if fingerprint not in now]:
        old, key = before[fingerprint], AlertKey(system, fingerprint)
        if key in draft.alerts and key not in draft.absent and key not in draft.resolved:
            early = old.ends is not None and later(server, EARLY) < old.ends
            draft.absent[key] = Absence(reading.at, last, early, restarted, held=draft.alerts[key].since)
    asks = draft.memory.senders.labels
    settle(
        draft,
        [
            key
            for key, absence in draft.absent.items()
            if key.system == system and not (asks and not absence.restarted and draft.alerts[key].state is State.LOST)
        ],
    )
    note_lone(draft)


def from_filter(draft: Draft, reading: Reading, seen: AlertsSeen, whole: Reading | None) -> None:
    """Take the alerts that an Alertmanager holds of those that a filter chooses; what is not among them stays as it is.

    `whole` is its last good answer about all alerts.
    """
    before = draft.reports.get(reading.system, {})
    now = {report.id: report for report in seen.alerts}
    draft.reports[reading.system] = {**before, **now}
    _take(draft, reading.system, before, now, reading.at if whole is None else whole.at)
    note_lone(draft)


def _fresher(draft: Draft, reading: Reading) -> tuple[AlertReport, ...]:
    """Return what a filter was answered while all alerts were still on their way: they know nothing later of it."""
    filtered = draft.board.readings.get((reading.system, Topic.FILTERED))
    if filtered is None or filtered.asked < reading.asked or not isinstance(filtered.answer, AlertsSeen):
        return ()
    return filtered.answer.alerts


def _take(
    draft: Draft, system: str, before: Mapping[str, AlertReport], now: Mapping[str, AlertReport], last: datetime
) -> None:
    """Put what is new or says something else than before on the board; heartbeats are noted apart."""
    gone = {key.id for key in draft.absent if key.system == system}
    beats = draft.beats.get(system, frozenset())
    heartbeat = draft.board.setup.heartbeat
    fresh_beats = set(beats)
    for fingerprint, report in now.items():
        old = before.get(fingerprint)
        if old is not None and fingerprint not in gone and (old is report or alike(old, report)):
            continue
        if any_match(heartbeat, report.labels):
            fresh_beats.add(fingerprint)
            draft.drop(AlertKey(system, fingerprint))
            continue
        fresh_beats.discard(fingerprint)
        _report(draft, AlertKey(system, fingerprint), report, last)
    if fresh_beats != beats:
        draft.beats[system] = frozenset(fresh_beats)


def alike(old: AlertReport, new: AlertReport) -> bool:
    """Tell whether two reports say the same but for the moving deadline and the moment of the last send."""
    return (
        (old.labels is new.labels or old.labels == new.labels)
        and old.started == new.started
        and old.state == new.state
        and old.silenced_by == new.silenced_by
        and old.inhibited_by == new.inhibited_by
        and old.peers == new.peers
        and old.receivers == new.receivers
        and old.generator == new.generator
        and (old.annotations is new.annotations or old.annotations == new.annotations)
    )


def _report(draft: Draft, key: AlertKey, report: AlertReport, last: datetime) -> None:
    """Put one reported alert on the board, joined with what Prometheus lists of it."""
    covers: tuple[Cover, ...] = ()
    if draft.books:
        name = report.labels.get("alertname") or "unnamed"
        candidates = draft.memory.senders.candidates(report.generator, report.labels)
        covers = _held(covers_of(draft.books, candidates, name, report.labels), draft.covers.get(key, ()))
    before = draft.alerts.get(key)
    absence = draft.absent.pop(key, None)
    if before is None:
        seen = last
    elif absence is not None:
        seen = max(absence.seen, before.seen)
    else:
        seen = before.seen if before.state is State.RESOLVED else max(last, before.seen)
    if draft.lone:
        kin = _absorb(draft, covers)
        if kin is not None and before is None:
            draft.kin[key] = kin.key
            before = kin
            seen = max([seen, *(draft.books[system].at for system, _ in covers if system in draft.books)])
    subjects = [alert_subject(key)]
    if draft.open and before is None:
        subjects += [alert_subject(lone_key(*cover)) for cover in covers]
    held = None if absence is None else absence.held
    alert = from_report(draft, key, report, before, seen, held, covers, subjects)
    if before is not None and before.key != key:
        old = before.occurrence
        if alert.opened == before.opened:
            rename(draft, old, alert.occurrence)
        if before.key in draft.series:
            system, series = draft.series[before.key]
            rest = {other: known for other, known in draft.series.items() if other != before.key}
            draft.series = {**rest, key: (system, replace(series, alert=key))}
    if covers:
        draft.covers[key] = covers
    draft.put(alert)


def _held(covers: tuple[Cover, ...], before: tuple[Cover, ...]) -> tuple[Cover, ...]:
    """Return the places, with those in other books where it stood before: who once listed it can say that it ended."""
    if not before:
        return covers
    found = {system for system, _ in covers}
    return covers + tuple(cover for cover in before if cover[0] not in found)


def _absorb(draft: Draft, covers: Iterable[Cover]) -> Alert | None:
    """Take the alerts off the board that were known only to a Prometheus and are these; return the first to open."""
    kin: Alert | None = None
    for cover in covers:
        key = draft.lone.pop(cover, None)
        alert = None if key is None else draft.drop(key)
        if alert is not None and (kin is None or alert.opened < kin.opened):
            kin = alert
    return kin


def from_prometheus(draft: Draft, reading: Reading, seen: RulesSeen, back: datetime | None) -> None:
    """Take what a Prometheus lists; `back` is since when it answers again, where it had failed or started anew."""
    system = reading.system
    old = draft.books.get(system)
    book = make_book(reading, seen, draft.memory.senders.labels.get(system, {}), back)
    draft.books[system] = book
    names = moved(old, book)
    only = set(draft.lone.values())
    covered: set[Slot] = set()
    books, senders = draft.books, draft.memory.senders
    for key, alert in list(draft.alerts.items()):
        if key in only:
            continue
        covers = draft.covers.get(key, ())
        joins_anew = alert.name in names
        if joins_anew:
            candidates = senders.candidates(alert.generator, alert.labels)
            covers = _held(covers_of(books, candidates, alert.name, alert.labels), covers)
            if covers:
                draft.covers[key] = covers
                if draft.lone:
                    _adopt(draft, key, covers)
        for cover in covers:
            if cover[0] == system:
                covered.add(cover[1])
        if key in draft.absent:
            continue
        if key in draft.resolved:
            _return(draft, alert, covers, book)
        elif joins_anew:
            draft.put(with_source(alert, source_of(books, covers, candidates, alert.name)))
        elif covers and any(cover[0] == system for cover in covers):
            draft.put(with_source(alert, source_of(books, covers, (), alert.name)))
    _list_lone(draft, book, covered, reading.at if old is None else old.at)
    settle(draft, list(draft.absent))


def _adopt(draft: Draft, key: AlertKey, covers: Iterable[Cover]) -> None:
    """Let an Alertmanager's alert take over what people decided while only a Prometheus was known to have it."""
    kin = _absorb(draft, covers)
    if kin is not None:
        rename(draft, kin.occurrence, draft.alerts[key].occurrence)


def _return(draft: Draft, alert: Alert, covers: Iterable[Cover], book: Book) -> None:
    """Let a resolved alert become absent again when its Prometheus lists it once more."""
    for system, slot in covers:
        if system == book.system and slot in book.listed:
            draft.resolved.pop(alert.key, None)
            draft.absent[alert.key] = Absence(book.at, alert.seen, early=False, listed=True)


def _list_lone(draft: Draft, book: Book, covered: set[Slot], last: datetime) -> None:
    """Put on the board what only this Prometheus lists, and judge what it listed before and does not any more."""
    heartbeat = draft.board.setup.heartbeat
    for slot, listed in book.listed.items():
        if slot in covered:
            continue
        cover = (book.system, slot)
        key = draft.lone.get(cover)
        if key is None:
            labels = listed.alert.labels
            if any_match(heartbeat, labels if labels.get("alertname") else {**labels, "alertname": slot[0]}):
                continue
            key = draft.lone[cover] = lone_key(*cover)
        before = draft.alerts.get(key)
        seen = last if before is None or before.state in {State.FIRING, State.PENDING} else before.seen
        note = _lone_note(draft, fired_at(listed), book) if listed.alert.state == "firing" else ""
        draft.put(from_listed(draft, key, book.system, slot[0], listed, before, seen, note))
    for cover, key in list(draft.lone.items()):
        if cover[0] == book.system and cover[1] not in book.listed:
            _end_lone(draft, cover, key, book, last)


def _end_lone(draft: Draft, cover: Cover, key: AlertKey, book: Book, last: datetime) -> None:
    """Judge an alert that only a Prometheus knew and that it does not list any more."""
    alert = draft.alerts.get(key)
    if alert is None:
        del draft.lone[cover]
        return
    if alert.state is State.RESOLVED:
        return
    fresh, steady, evaluated = standing(book, alert.name, alert.rule)
    seen = max(alert.seen, last) if alert.state is not State.LOST else alert.seen
    if fresh and steady and evaluated is not None and evaluated > alert.since:
        if alert.fired is None:
            draft.drop(key)
            del draft.lone[cover]
        else:
            draft.put(replace(alert, state=State.RESOLVED, seen=seen, ended=draft.at, note=""))
    elif alert.fired is not None and alert.state is not State.LOST:
        note = "not listed any more, its rule not evaluated" if not fresh else "not listed since its Prometheus is back"
        draft.put(replace(alert, state=State.LOST, seen=seen, ended=draft.at, note=note))


def note_lone(draft: Draft) -> None:
    """Say of what only a Prometheus lists as firing that it is not in Alertmanager, once it should be."""
    for (system, _), key in draft.lone.items():
        alert = draft.alerts.get(key)
        if alert is not None and alert.state is State.FIRING and alert.fired is not None and system in draft.books:
            note = _lone_note(draft, alert.fired, draft.books[system])
            if note != alert.note:
                draft.put(replace(alert, note=note))


def _lone_note(draft: Draft, fired: datetime, book: Book) -> str:
    """Return the note of an alert that no Alertmanager has although all of them answer, once it had time to arrive."""
    alertmanagers = draft.memory.senders.alertmanagers
    answers = [draft.board.readings.get((name, Topic.ALERTS)) for name in alertmanagers]
    if not answers or any((name, Topic.ALERTS) in draft.board.failing for name in alertmanagers):
        return ""
    waited = [seconds_between(fired, answer.at) for answer in answers if answer is not None]
    return NOT_THERE if len(waited) == len(answers) and min(waited) > grace_s(book.interval_s) else ""


def settle(draft: Draft, keys: Iterable[AlertKey]) -> None:
    """Judge vanished alerts by what is known now."""
    witnesses = Witnesses(draft)
    for key in keys:
        alert = draft.alerts.get(key)
        absence = draft.absent.get(key)
        if alert is None or absence is None:
            draft.absent.pop(key, None)
            continue
        testimonies = witnesses.testimonies(alert)
        verdict = judge(absence, alert.fired or alert.since, testimonies, witnesses.holder(alert), draft.at)
        if verdict is not None:
            _apply(draft, alert, absence, verdict)


def _apply(draft: Draft, alert: Alert, absence: Absence, verdict: Verdict) -> None:
    """Write what has become of a vanished alert."""
    state, listed = verdict.state, verdict.listed
    seen = max(alert.seen, absence.seen)
    if listed is None:
        if alert.state is state and alert.note == verdict.note:
            return
        ended = alert.ended if alert.state is state and alert.ended is not None else draft.at
        draft.put(revised(alert, state=state, note=verdict.note, ended=ended, seen=seen))
        return
    if not absence.listed or absence.seen < draft.books[verdict.system].at:
        seen = max(seen, draft.books[verdict.system].at)
        draft.absent[alert.key] = replace(absence, listed=True, seen=seen)
    starts, fired, since = alert.starts, alert.fired, alert.since
    if alert.state is State.PENDING and state is State.FIRING and absence.held is not None:
        since = min(listed.alert.active, absence.held)
    elif alert.state is State.RESOLVED or (alert.state is State.PENDING and state is State.FIRING):
        since = listed.alert.active
        if state is State.FIRING:
            fired = fired_at(listed)
            starts = started_again(starts, fired, draft.at)
    elif state is State.PENDING:
        since = listed.alert.active
    hidden = {State.SILENCED, State.INHIBITED}
    draft.put(
        revised(
            alert,
            state=alert.state if alert.state in hidden and state is State.FIRING and not verdict.note else state,
            note=verdict.note,
            ended=None,
            seen=alert.seen if alert.state is state else seen,
            fired=fired,
            since=since,
            starts=starts,
            flapping=len(starts) >= MANY,
            value=listed.alert.value,
            value_at=listed.evaluated,
            prometheus=verdict.system,
            rule=listed.rule,
        )
    )
