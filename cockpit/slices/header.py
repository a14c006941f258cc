"""The header: what is not well, how many systems are live, what time it is; and the terminal's title and bell."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo

from cockpit.board.state import Board
from cockpit.model.alert import State
from cockpit.model.drawing import UNICODE, Glyphs, Role
from cockpit.model.drill import Priority
from cockpit.model.panes import Header
from cockpit.model.reading import WRONG_S, Liveness, SystemState, Topic
from cockpit.slices.clocks import clocks
from cockpit.slices.index import Index
from cockpit.spans import age_step, short
from cockpit.text import cut as cut_text
from cockpit.text import one_line

__all__ = ["alert_systems", "bells", "blind", "clocks", "cut", "terminal_title"]

_SKEW_S = 5.0
_LATE_TOLD_S = 30.0
_NAMED = 40
_LATE = {Priority.P1, Priority.P2}


def _age(state: SystemState, now: datetime) -> str:
    since = state.failing_since or state.answered
    age = age_step((now - since).total_seconds()) if since is not None else "0s"
    return f" {age}" if age != "0s" else ""


def _reason(state: SystemState) -> str:
    """Return the shortest true reason, for a line that must hold several systems."""
    error = (state.error or "").lower()
    for sign, word in (
        ("401", "401"),
        ("403", "403"),
        ("429", "429"),
        ("certificate", "certificate"),
        ("500 internal", "500"),
        ("502 bad", "502"),
        ("503 service", "503"),
        ("504 gateway", "504"),
        ("web page", "not JSON"),
        ("answered nothing", "empty answer"),
        ("not complete after", "too slow"),
        ("is not known (dns", "DNS"),
        ("this version does not read", "not read yet"),
    ):
        if sign in error:
            return f" ({word})"
    return ""


def _gap(error: str) -> str:
    """Return the kind of what is missing in an answer; the feed, the drill and doctor have the words."""
    lower = error.lower()
    for sign, word in (("could not be read", "unreadable"), ("warns:", "warning"), ("fetch failed", "fetch failed")):
        if sign in lower:
            return f" ({word})"
    return ""


def _journal(error: str) -> str:
    """Return why answers are not kept, without the file's name: the line is short, and the log has it all."""
    for sign, word in (
        ("locked", "locked, answers wait in memory"),
        ("no space left", "full: no space left, answers wait in memory"),
        ("only read", "of a newer version: only read, nothing kept"),
        ("damaged", "damaged, answers wait in memory"),
        ("cannot be written", "cannot be written, answers wait in memory"),
    ):
        if sign in error:
            return word
    return f"not kept: {error}"


def _not_answering(down: Sequence[SystemState], of: int, now: datetime) -> str:
    """Return who does not answer, each with the time since when, in as few words as tell them apart."""
    if len(down) == of > 1:
        longest = min(down, key=lambda state: state.failing_since or state.answered or now)
        return f"✗ none of {of} systems answers{_age(longest, now)}"
    since = [f"{_age(state, now)}{_reason(state)}" for state in down]
    if len(down) == 1:
        return f"✗ {down[0].name} not answering{since[0]}"
    if len(set(since)) == 1:
        return f"✗ not answering{since[0]}: {', '.join(state.name for state in down)}"
    told = (f"{state.name}{age}" for state, age in zip(down, since, strict=True))
    return f"✗ not answering: {', '.join(told)}"


def _troubles(board: Board, now: datetime) -> Iterator[tuple[int, str, Role]]:
    missing = [(beat.missing_since, beat) for beat in board.heartbeats if beat.missing_since is not None]
    if missing:
        first, beat = min(missing, key=lambda one: one[0])
        name = cut_text(one_line(beat.labels.get("alertname", "heartbeat")), _NAMED)
        age = age_step((now - first).total_seconds())
        what = name if len(missing) == 1 else f"{len(missing)} heartbeats"
        yield 0, f"✗ {what} missing{f' {age}' if age != '0s' else ''}", Role.FIRING
    down = [state for state in board.systems.values() if state.state is Liveness.DOWN]
    if down:
        yield 1, _not_answering(down, len(board.systems), now), Role.FIRING
    for state in board.systems.values():
        up = sum(peer.up for peer in state.peers)
        match state.state:
            case Liveness.STALE:
                yield 2, f"▲ {state.name} stale{_age(state, now)}{_reason(state)}", Role.STALE
            case Liveness.SLOW:
                yield 4, f"▲ {state.name} slow {state.took_s:.0f}s", Role.STALE
            case _ if state.error and state.state is not Liveness.DOWN:
                yield 5, f"▲ {state.name} has gaps{_gap(state.error)}", Role.STALE
        if state.state is not Liveness.DOWN and 0 < up < len(state.peers):
            yield 3, f"▲ {state.name} {up}/{len(state.peers)}", Role.WARNING
        if state.late_s >= _LATE_TOLD_S and state.state is not Liveness.DOWN:
            yield 3, f"▲ {state.name} rules late {age_step(state.late_s)}", Role.STALE
        if abs(state.skew_s) > WRONG_S:
            yield 5, f"▲ {state.name} clock wrong", Role.WARNING
        elif abs(state.skew_s) > _SKEW_S:
            sign = "-" if state.skew_s < 0 else "+"
            yield 5, f"▲ {state.name} clock {sign}{short(round(abs(state.skew_s)))}", Role.WARNING
        if state.insecure:
            yield 6, f"{state.name} not verified", Role.WARNING
    if board.journal_error is not None:
        yield 1, f"▲ journal {_journal(board.journal_error)}", Role.WARNING


def _live(board: Board) -> str:
    states = [state.state for state in board.systems.values()]
    if not states:
        return "no systems"
    if all(state is Liveness.ASKING for state in states):
        return "asking"
    live = sum(state in {Liveness.LIVE, Liveness.SLOW} for state in states)
    return f"{live} of {len(states)} live"


def cut(
    board: Board,
    now: datetime,
    zone: tzinfo,
    *,
    context: str,
    production: bool,
    marks: tuple[tuple[str, Role], ...] = (),
) -> Header:
    """Return the header of a board.

    Args:
        board: What is known.
        now: The present, for ages and clocks.
        zone: The person's time zone.
        context: The context's name.
        production: Whether it must look different.
        marks: What the screen itself has to say: paused, replay ended.
    """
    troubles = sorted(_troubles(board, now), key=lambda trouble: trouble[0])
    return Header(
        context=context,
        production=production,
        map=board.setup.map.name,
        trouble=tuple((text, role) for _, text, role in troubles),
        live=_live(board),
        clocks=clocks(now, zone),
        marks=marks,
    )


def alert_systems(board: Board) -> tuple[SystemState, ...]:
    """Return the states of the systems that alerts come from."""
    wanted = {system.name for system in board.setup.systems if Topic.ALERTS in system.topics}
    wanted = wanted or {system.name for system in board.setup.systems if Topic.RULES in system.topics}
    return tuple(state for name, state in board.systems.items() if name in wanted)


def blind(board: Board) -> SystemState | None:
    """Return one of the alert systems when none of them answers, else null."""
    states = alert_systems(board)
    if states and all(state.state is Liveness.DOWN for state in states):
        return states[0]
    return None


def _firing(index: Index) -> Mapping[Priority, int]:
    """Return the firing folds by priority."""
    return Counter(
        entry.priority for entry in index.entries.values() if not entry.dim and entry.fold.state is State.FIRING
    )


def terminal_title(index: Index, now: datetime, glyphs: Glyphs = UNICODE) -> str:
    """Return `✗1 P1? payment | 3 firing`, `BLIND am 40s`, or `✓ 0 firing`, in a glyph set."""
    board = index.board
    down = blind(board)
    if down is not None:
        return f"BLIND {down.name}{_age(down, now)}"
    firing = index.counts.get(State.FIRING, 0)
    for key in index.order:
        entry = index.entries[key]
        if entry.dim or entry.fold.state is not State.FIRING:
            continue
        mark = "" if entry.chosen else "?"
        where = one_line(entry.lead.service or key.name)
        return f"{glyphs.firing}{index.once('firing', _firing)[entry.priority]} {entry.priority}{mark} {where} | {firing:,} firing"
    states = alert_systems(board)
    if states and all(state.state is Liveness.ASKING for state in states):
        return "asking"
    return f"{glyphs.resolved} {firing:,} firing"


def bells(before: Index | None, after: Index) -> tuple[str, ...]:
    """Return what is worth the bell between two boards; each rings once, when it begins.

    A new fold at P2 or worse, the loss of all alert sources, a missing heartbeat.
    """
    if before is None:
        return ()
    known = before.entries
    changed = (
        () if known is after.entries else [pair for pair in after.entries.items() if known.get(pair[0]) is not pair[1]]
    )
    rung = [
        f"{entry.priority} {key.name} {entry.lead.service}"
        for key, entry in changed
        if entry.fold.state is State.FIRING
        and entry.priority in _LATE
        and not entry.dim
        and (
            (old := known.get(key)) is None
            or old.fold.opened != entry.fold.opened
            or (old.fold.state is not State.FIRING and old.fold.state is not State.LOST)
            or old.priority not in _LATE
        )
    ]
    if blind(after.board) is not None and blind(before.board) is None:
        rung.append("no alert system answers")
    missing = {(beat.system, beat.id) for beat in before.board.heartbeats if beat.missing_since is not None}
    rung += [
        f"heartbeat missing: {beat.matcher}"
        for beat in after.board.heartbeats
        if beat.missing_since is not None and (beat.system, beat.id) not in missing
    ]
    return tuple(rung)
