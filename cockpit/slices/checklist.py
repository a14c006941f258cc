"""The checklist of one alert, cut from a board: one line a hop, filled by itself; a person may tick what they looked at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from cockpit.board.state import Board, Ticked
from cockpit.model.alert import State
from cockpit.model.checklist import Ahead, CheckLine, Checklist, Verdict, Way
from cockpit.model.drawing import UNICODE, Glyphs, Line, Role, Span
from cockpit.model.drill import Subject
from cockpit.model.health import Health
from cockpit.model.reading import Liveness
from cockpit.slices.checkchange import Feed, changed, feed_of
from cockpit.slices.checkhealth import Condition, condition, folds_of
from cockpit.slices.checkrows import columns, heading, rows
from cockpit.slices.checkway import ways
from cockpit.spans import clock_time
from cockpit.text import listed, one_line
from cockpit.topology.graph import topology_of
from cockpit.triage.case import occurrences
from cockpit.triage.subject import subject_of

_CALLERS = 4
_LEFT = 6
_LABEL = 15
_LINKS = ("dashboard", "log query", "status page", "support", "runbook")
_LINK = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class _Scene:
    """What every line is cut from."""

    board: Board
    subject: Subject
    feed: Feed
    ticks: Mapping[str, Ticked]
    now: datetime
    zone: tzinfo
    glyphs: Glyphs


def cut(
    board: Board, subject: Subject, now: datetime, zone: tzinfo, *, glyphs: Glyphs = UNICODE, width: int = 78
) -> Checklist:
    """Return the checklist of an alert or fold; of one that is gone from the board what is known of its hops all the same.

    Args:
        board: What is known.
        subject: What it is about.
        now: The present.
        zone: The zone of its times.
        glyphs: The glyph set.
        width: Cells of a line.
    """
    found = ways(board, subject.service)
    scene = _Scene(board, subject, feed_of(board, subject, now, zone), ticks_of(board, subject), now, zone, glyphs)
    lines = tuple(_line(scene, hop) for hop in found.hops)
    shown = columns(lines, width)
    return Checklist(
        title=_title(board, subject),
        counts=_counts(lines, glyphs),
        lines=lines,
        heading=heading(shown, glyphs),
        rows=rows(lines, shown, glyphs),
        below=tuple(_below(scene, found.left)),
        stale=bool(board.systems) and all(state.state is Liveness.DOWN for state in board.systems.values()),
    )


def ticks_of(board: Board, subject: Subject) -> Mapping[str, Ticked]:
    """Return the ticks that count for a subject, by line: those of the nearest occurrence first."""
    found: dict[str, Ticked] = {}
    for name in occurrences(board, subject):
        for item, tick in board.ticks.get(name, {}).items():
            found.setdefault(item, tick)
    return found


def again(board: Board, subject: Subject) -> Subject:
    """Return the subject as the board has it now: a fold may have got another lead and begun anew; itself where it is gone."""
    return subject_of(board, subject.fold or subject.alert) or subject


def _title(board: Board, subject: Subject) -> str:
    alert = board.alerts.get(subject.alert)
    gone = ", no longer listed" if alert is None else f", {alert.state}" if alert.state is not State.FIRING else ""
    on = f" on {subject.service}" if subject.service else ""
    return one_line(f"{subject.name}{on}{gone}")


def _counts(lines: Iterable[CheckLine], glyphs: Glyphs) -> tuple[str, ...]:
    """Return how many hops are how, the longest way of saying it first."""
    known = [*lines]
    firing = sum(line.health is Health.FIRING for line in known)
    look = sum(line.verdict is Verdict.LOOK and line.health is not Health.FIRING for line in known)
    unknown = sum(line.verdict is Verdict.UNKNOWN for line in known)
    ticked = sum(line.ticked for line in known)
    parts = [(firing, "firing"), (look, "to look at"), (unknown, "not known"), (ticked, "ticked")]
    hops = f"{len(known):,} hop{'s'[: len(known) != 1]}"
    signs = zip((glyphs.firing, glyphs.warning, glyphs.unknown, "[x]"), parts, strict=True)
    return (
        ", ".join([hops, *(f"{count:,} {what}" for count, what in parts if count)]),
        " ".join([hops, *(f"{sign}{count:,}" for sign, (count, _) in signs if count)]),
    )


def _below(scene: _Scene, left: tuple[str, ...]) -> Iterable[str]:
    """Give what is left out, and what is in the way of knowing more."""
    board, service = scene.board, scene.subject.service
    if board.map.empty:
        yield "no map: who calls whom is not known; cockpit map draft writes one"
    elif service not in board.map.services:
        named = one_line(service) or "the alert's service"
        yield f"{named} is not in map {one_line(board.map.name)}: its hops are not known".replace("  ", " ")
    if left:
        ill = {Health.FIRING: 0, Health.WARNING: 0, Health.NO_TRAFFIC: 0}
        for name in left:
            known = board.health.get(name)
            if known is not None and known.health in ill:
                ill[known.health] += 1
        told = [
            f"{count:,} {word}"
            for count, word in zip(ill.values(), ("firing", "warning", "no traffic"), strict=True)
            if count
        ]
        names = ", ".join(one_line(name, 60) for name in left[:_LEFT])
        more = f" and {len(left) - _LEFT:,} more" if len(left) > _LEFT else ""
        yield f"no line: {len(left):,} further below{''.join(f', {one}' for one in told)}: {names}{more}"
    for name, state in board.systems.items():
        if state.state in {Liveness.STALE, Liveness.DOWN}:
            last = (
                f", last answered {clock_time(state.answered, scene.zone, today=scene.now)}" if state.answered else ""
            )
            yield one_line(f"{name} not answering{last}")
    if scene.feed.missing and not scene.feed.missing.endswith(" not answering"):
        yield f"changes: {one_line(scene.feed.missing)}"


def _line(scene: _Scene, hop: Ahead) -> CheckLine:
    """Return one hop with everything that is known of it."""
    board, name = scene.board, hop.service
    service = board.map.services.get(name)
    doing = condition(board, hop, scene.now, scene.zone, scene.glyphs)
    change = changed(board, name, scene.feed, scene.now, scene.zone, scene.glyphs)
    takes = tuple(_takes(board, name))
    tick = scene.ticks.get(name)
    made = CheckLine(
        service=name,
        lead=name == scene.subject.service,
        way=hop.way,
        how=one_line(_how(hop)),
        health=doing.health,
        verdict=Verdict.LOOK if change.suspect else doing.verdict,
        state=doing.said,
        change=change.said,
        change_told=next((text for label, text in change.told if label == "last change"), change.said),
        suspect=change.suspect,
        vendor=doing.vendor,
        vendor_ails=doing.vendor_ails,
        takes=takes,
        third_party=service is not None and service.kind == "third-party",
        ticked=tick is not None,
        occurrence=tick.occurrence if tick is not None else scene.subject.occurrence,
    )
    told = [*doing.told, *_said_vendor(doing), *change.told, *_said_links(takes), *_said_how(scene, hop)]
    told += _said_owner(board, name)
    if tick is not None:
        told.append(("ticked", f"{tick.by or 'somebody'} {clock_time(tick.at, scene.zone, today=scene.now)}"))
    return replace(made, details=tuple(_pair(label, text) for label, text in told))


def _pair(label: str, text: str) -> Line:
    return (Span(f"{label:<{_LABEL - 1}} ", Role.KEY), Span(one_line(text, 4000)))


def _how(hop: Ahead) -> str:
    match hop.way:
        case Way.ENTRY:
            return "users come in"
        case Way.BEGIN:
            return "no caller known"
        case Way.CALL:
            return f"{hop.by} calls it"
        case Way.HOST:
            return f"{hop.by} runs on it"
        case Way.NEXT:
            return f"after {hop.by}"


def _said_how(scene: _Scene, hop: Ahead) -> Iterable[tuple[str, str]]:
    """Give how one comes to a hop, what the call is for, and who else calls it."""
    topology = topology_of(scene.board.map)
    call = topology.hop(hop.by, hop.service) if hop.way is Way.CALL else None
    about = ": ".join(filter(None, (call.protocol, call.name))) if call is not None else ""
    others = [name for name in topology.callers(hop.service) if name not in {hop.by, hop.service}]
    shown = [*others[:_CALLERS], *([f"{len(others) - _CALLERS:,} more"] if len(others) > _CALLERS else [])]
    calls = (
        f"; {listed(shown)} call{'s'[: len(others) == 1]} it{' too' if hop.way is Way.CALL else ''}" if others else ""
    )
    journey = f" in the {hop.journey} journey" if hop.way is Way.NEXT else ""
    yield "how", f"{_how(hop)}{journey}{f' ({about})' if about else ''}{calls}"


def _said_vendor(doing: Condition) -> Iterable[tuple[str, str]]:
    if doing.vendor:
        yield "vendor", doing.vendor


def _said_links(takes: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    known = dict(takes)
    yield from ((name, known[name]) for name in _LINKS if name in known)
    if missing := [name for name in _LINKS[:2] if name not in known]:
        yield "not in the map", " and ".join(missing)


def _said_owner(board: Board, name: str) -> Iterable[tuple[str, str]]:
    service = board.map.services.get(name)
    if service is None:
        return
    team = board.map.teams.get(service.team or "")
    reach = "" if team is None else ", ".join(filter(None, (team.escalation, team.slack)))
    duty = next(iter(board.duties.get(service.team or "", ())), None)
    on_call = f"; on call: {duty.person}" if duty is not None else ""
    yield "owner", f"{service.team or 'no owner in the map'}{f' ({reach})' if reach else ''}{on_call}"


def _takes(board: Board, name: str) -> Iterable[tuple[str, str]]:
    """Give what of a service can be copied, each on one line."""
    service = board.map.services.get(name)
    if service is not None and service.logs and (logs := " ".join(service.logs.split())):
        yield "log query", logs
    if dashboard := _dashboard(board, name, service.dashboard if service is not None else None):
        yield "dashboard", dashboard
    if service is not None:
        for what, text in (
            ("status page", service.status_page),
            ("support", service.support),
            ("runbook", service.runbook),
        ):
            if text and (one := " ".join(text.split())):
                yield what, one


def _dashboard(board: Board, name: str, declared: str | None) -> str:
    """Return the map's link to a service's dashboard, else one that an alert of it is annotated with."""
    if declared and _is_link(declared):
        return declared
    for fold in folds_of(board.folds).get(name, ()):
        alert = board.alerts.get(fold.alerts[0])
        for key, value in sorted(alert.annotations.items()) if alert is not None else ():
            if ("dashboard" in key.lower() or "grafana" in key.lower()) and _is_link(value):
                return value
    return ""


def _is_link(text: str) -> bool:
    return text.startswith(_LINK) and not any(char.isspace() for char in text)
