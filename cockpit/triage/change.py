"""RECENT CHANGE: what changed before it, or exactly how far nothing did, by whose word, and who did not answer."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cockpit.model.change import Change, ChangeKind
from cockpit.model.drill import Answer, Evidence, Question, Standing
from cockpit.model.reading import ChangesSeen, Reading, Topic
from cockpit.spans import say_between
from cockpit.text import listed, one_line
from cockpit.topology.names import normal
from cockpit.triage.case import Case, say_time, waiting
from cockpit.triage.names import naming_of
from cockpit.triage.reach import called
from cockpit.triage.suspects import Judgement, judge

LAG_S = 240.0
"""A change system that is complete to within this, or two of its cadences, has answered until now."""
NAMED = 3
"""So many uncovered services or gaps are named; the rest is counted."""

_NONE = re.compile(r"\bnone\b", re.IGNORECASE)
"""A server's own word in an answer that does not say none."""

_VERBS = {
    ChangeKind.DEPLOY: "deployed",
    ChangeKind.MERGED: "merged",
    ChangeKind.CONFIG: "config pushed",
    ChangeKind.FLAG: "changed",
    ChangeKind.INFRASTRUCTURE: "changed",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """How far one change system answered for the window."""

    name: str
    reading: Reading | None
    failing: bool
    since: datetime
    """From when on it answered."""
    until: datetime
    """Up to when it is complete."""
    gaps: tuple[str, ...]
    complete: bool
    """It answered for the whole window, without gaps, and still does."""


def change(case: Case) -> Answer:
    """Answer RECENT CHANGE."""
    judged = judge(case.board, case.subject, case.start)
    asked = ask(case)
    fresh = all(one.complete for one in asked)
    first = next((found for found in judged.related if judged.suspects and found.id == judged.suspects[0].change), None)
    if first is not None:
        return Answer(
            Question.CHANGE,
            say_change(case, first),
            Standing.FILLED,
            tuple(_witnesses(case, first)),
            suspects=judged.suspects,
            fresh=not any(one.name in first.systems and not _answers(case, one) for one in asked),
            detail=_beside(judged, asked),
        )
    if not asked:
        value = "not known: no system that reports changes is configured"
        return Answer(Question.CHANGE, value, Standing.UNKNOWN)
    evidence = tuple(_spans(case, judged, asked))
    silent = waiting(case.board, Topic.CHANGES) if case.asking else ()
    if silent:
        return Answer(Question.CHANGE, f"asking {', '.join(silent)}", Standing.ASKING, evidence, fresh=fresh)
    if judged.unexplained and judged.window:
        value = f"no change explains it; {judged.window:,} in the window"
        if fresh:
            return Answer(Question.CHANGE, value, Standing.FILLED, evidence)
        value = "; ".join((value, *not_complete(asked)))
        return Answer(Question.CHANGE, value, Standing.UNKNOWN, evidence, fresh=False)
    uncovered = _uncovered(case, asked)
    if fresh and not uncovered:
        return Answer(Question.CHANGE, _none(case, judged, asked), Standing.FILLED, evidence)
    value = f"not known: {'; '.join(_unknown(case, judged, asked, uncovered))}"
    return Answer(Question.CHANGE, value, Standing.UNKNOWN, evidence, fresh=fresh)


def window_begin(case: Case) -> datetime:
    """Return from when on changes matter: four hours before the start, or what the configuration says."""
    return case.start - case.board.setup.window


def ask(case: Case) -> tuple[Asked, ...]:
    """Return how far each configured change system answered, in the order of the configuration."""
    return tuple(_asked(case, one.name) for one in case.board.setup.systems if Topic.CHANGES in one.topics)


def _asked(case: Case, name: str) -> Asked:
    board, begin = case.board, window_begin(case)
    pair = (name, Topic.CHANGES)
    reading = board.readings.get(pair)
    failing = pair in board.failing or pair in board.failures
    answer = None if reading is None else reading.answer
    if reading is None or not isinstance(answer, ChangesSeen):
        return Asked(name, None, failing, begin, begin, (), complete=False)
    until = min(reading.complete_to or reading.asked, case.now)
    gaps = (*answer.gaps, *(span.says for span in answer.blind if span.end > begin))
    gaps = gaps or ((reading.error,) if reading.error else ())
    lag = (case.now - until).total_seconds()
    complete = not failing and not gaps and answer.since <= begin and lag < max(2 * reading.every_s, LAG_S)
    return Asked(name, reading, failing, max(begin, answer.since), until, gaps, complete)


def _answers(case: Case, one: Asked) -> bool:
    return one.reading is not None and case.behind(one.name, Topic.CHANGES).fresh


def say_change(case: Case, found: Change) -> str:
    """Return `payment-service v2.4.0 deployed at 14:02 UTC, 4 min before`."""
    words = [found.name or found.service]
    if found.rollback:
        words += ["rolled back to", found.version] if found.version else ["rolled back"]
    else:
        words += [*([found.version] if found.version else []), _VERBS[found.kind]]
    before = say_between(found.began, case.start)
    ahead = f"{before} before" if found.began < case.start else "as it began"
    return f"{' '.join(words)} at {case.clock(found.began)} UTC, {ahead}"


def _witnesses(case: Case, found: Change) -> Iterable[Evidence]:
    """Give each system's own word, as of its latest answer, or as of when it last told of that time."""
    for witness in found.witnesses:
        report, at = witness.report, witness.at
        reading = case.board.readings.get((witness.system, Topic.CHANGES))
        if reading is not None and isinstance(reading.answer, ChangesSeen) and reading.answer.since <= report.began:
            at = max(at, reading.at)
        says = report.says or f"{report.kind} {report.name} {report.version}".strip() + f" at {say_time(report.began)}"
        yield Evidence(witness.system, one_line(says), at, report.url)


def _beside(judged: Judgement, asked: Sequence[Asked]) -> str:
    """Return what else is worth knowing beside a suspect: how many more, and who did not answer."""
    more = len(judged.suspects) - 1
    parts = [f"{more} more {'suspect' if more == 1 else 'suspects'}"] if more else []
    silent = [one.name for one in asked if one.failing or one.reading is None]
    parts += [f"{listed(silent)} not answering"] if silent else []
    return "; ".join(parts)


def _span(case: Case, begin: datetime, end: datetime) -> str:
    return f"{case.clock(begin)} to {case.clock(end)}"


def _place(case: Case) -> str:
    """Return `payment or its callees`."""
    name = case.subject.service
    return f"{name} or its callees" if len(called(case.board.map, name)) > 1 else name


def _after(case: Case, judged: Judgement) -> list[Change]:
    """Return changes of the window on what matters that are no suspects, as they began after the start."""
    return [one for one in judged.related if one.began >= case.start]


def _none(case: Case, judged: Judgement, asked: Sequence[Asked]) -> str:
    """Return exact negative evidence; every change system answered for the whole window."""
    names = ", ".join(one.name for one in asked)
    end = min(one.until for one in asked)
    if not judged.window:
        return f"none {_span(case, window_begin(case), end)} in {names}"
    after = len(_after(case, judged))
    elsewhere = judged.window - len(judged.related)
    end = min(end, case.start) if after else end
    others = [f"{after:,} after it began"] if after else []
    others += [f"{elsewhere:,} elsewhere"] if elsewhere else []
    return f"none on {_place(case)} {_span(case, window_begin(case), end)} in {names}; {', '.join(others)}"


def not_complete(asked: Sequence[Asked]) -> list[str]:
    """Return who did not answer, and where who answered has gaps."""
    silent = [one.name for one in asked if one.failing or one.reading is None]
    parts = [f"{listed(silent)} not answering"] if silent else []
    gaps = [f"{one.name}: {gap}" for one in asked for gap in one.gaps if one.name not in silent]
    parts += [_NONE.sub("nothing", one_line(gap, 120)) for gap in gaps[:NAMED]]
    if len(gaps) > NAMED:
        parts.append(f"{len(gaps) - NAMED} more gaps")
    return parts


def _unknown(case: Case, judged: Judgement, asked: Sequence[Asked], uncovered: Sequence[str]) -> list[str]:
    """Return who did not answer, what the others found nothing in, up to when they are complete, what nobody covers."""
    silent, *gaps = [*not_complete(asked)] or [""]
    if silent and not silent.endswith(" not answering"):
        silent, gaps = "", [silent, *gaps]
    parts = [silent] if silent else []
    nothing: dict[str, list[str]] = {}
    later = []
    for one in asked:
        if one.reading is None or one.until <= one.since:
            continue
        within = judged.systems.get(one.name, 0)
        if not within:
            nothing.setdefault(f"nothing {_span(case, one.since, one.until)}", []).append(one.name)
        elif not one.complete and one.until < case.now - timedelta(seconds=LAG_S):
            later.append(f"{one.name} complete to {case.clock(one.until)}")
        else:
            ahead = any(one.name in found.systems for found in judged.related)
            end = min(one.until, case.start) if ahead else one.until
            said = f"nothing on {_place(case)} {_span(case, one.since, end)}" if case.subject.service else ""
            counted = f"{within:,} {'change' if within == 1 else 'changes'}"
            nothing.setdefault(said or f"{counted} {_span(case, one.since, end)}", []).append(one.name)
    parts += [f"{said} in {', '.join(names)}" for said, names in nothing.items()]
    parts += [*later, *gaps]
    after = len(_after(case, judged))
    parts += [f"{after:,} after it began"] if after else []
    if not case.subject.service:
        parts.append("the alert names no service")
    elif uncovered:
        rest = len(uncovered) - NAMED
        more = f" and {rest} more" if rest > 0 else ""
        parts.append(f"nothing covers {', '.join(uncovered[:NAMED])}{more}")
    return parts


def _uncovered(case: Case, asked: Sequence[Asked]) -> tuple[str, ...]:
    """Return the service and those of its callees that no change system would report."""
    covered = coverage(case, asked)
    return tuple(name for name in called(case.board.map, case.subject.service) if normal(name) not in covered)


def coverage(case: Case, asked: Sequence[Asked]) -> frozenset[str]:
    """Return the services that a change system would report, spelled as names are compared."""
    naming = naming_of(case.board.setup.map, case.board.setup.exporters)
    covered: set[str] = set()
    for one in asked:
        if one.reading is not None and isinstance(one.reading.answer, ChangesSeen):
            covered.update(normal(naming.of_name(name).service) for name in one.reading.answer.covers if name)
    return frozenset(covered)


def _spans(case: Case, judged: Judgement, asked: Sequence[Asked]) -> Iterable[Evidence]:
    """Give each change system's own word: how many changes, from when to when, or why not."""
    for one in asked:
        if one.reading is None or not isinstance(one.reading.answer, ChangesSeen):
            failure = case.board.failures.get((one.name, Topic.CHANGES))
            if failure is not None:
                yield Evidence(one.name, one_line(failure.error or "not answering"), failure.at)
            continue
        count = judged.systems.get(one.name, 0)
        says = f"{count:,} {'change' if count == 1 else 'changes'} {_span(case, one.since, one.until)}"
        covers = one.reading.answer.covers
        if covers:
            rest = f" and {len(covers) - 6} more" if len(covers) > 6 else ""
            says += f", covers {', '.join(covers[:6])}{rest}"
        if one.gaps:
            says += f"; {'; '.join(one.gaps[:NAMED])}"
        yield Evidence(one.name, one_line(says), one.reading.at)
