"""`cockpit shift start`: what whoever takes over has to know; nothing is kept about its being read."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from cockpit.board.state import Board
from cockpit.cli.asking import ALERTING, ask, exit_code, not_answered, tell_unanswered
from cockpit.cli.changes import as_json as change_json
from cockpit.cli.moments import span_of
from cockpit.cli.opening import Opened, open_options
from cockpit.cli.options import Options
from cockpit.cli.output import columns, note, say, say_json
from cockpit.model.reading import Topic
from cockpit.model.shift import Part, Shift
from cockpit.slices.shift import cut
from cockpit.slices.shiftlines import page, title_of
from cockpit.spans import rfc3339

_NEEDED = ALERTING | {Topic.CHANGES}

_ASKED = _NEEDED | {Topic.PLACES, Topic.ONCALL}


def run(options: Options) -> int:
    """Print the start of a shift."""
    opened = open_options(options)
    context = opened.assembly.context
    back = context.shift if options.since is None else span_of("--since", options.since)
    board = ask(opened, _ASKED, back=back)
    tell_unanswered(opened, board, _NEEDED | {Topic.ONCALL})
    silent = _silent(board, opened)
    shift = _cut(board, opened, back)
    if options.json:
        say_json(as_json(shift, board))
    else:
        for line in as_text(shift):
            say(line)
    return not_answered() if silent else exit_code(board, _NEEDED)


def _cut(board: Board, opened: Opened, back: timedelta) -> Shift:
    context = opened.assembly.context
    return cut(
        board,
        board.at,
        shift=context.shift,
        baking=context.baking,
        back=back,
        teams=context.me.teams,
        recorded=opened.recording is not None,
    )


def _silent(board: Board, opened: Opened) -> bool:
    """Tell whether a server did not say what fired before, and say which; what is not in a recording nobody asked then."""
    silent = False
    for expected in board.setup.systems:
        pair = (expected.name, Topic.HISTORY)
        if Topic.RULES not in expected.topics:
            continue
        if pair in board.failures:
            silent = True
            note(f"{expected.name} did not say what fired before: {board.failures[pair].error}")
        elif pair not in board.readings and opened.recording is None:
            silent = True
    return silent


def as_text(shift: Shift) -> Iterable[str]:
    """Return the start of a shift as lines, times in UTC."""
    yield title_of(shift)
    for line in ((), *page(shift, cells=columns()).lines):
        yield "".join(span.text for span in line).rstrip()


def as_json(shift: Shift, board: Board) -> dict[str, object]:
    """Return the start of a shift as one document; a list is null where nobody knows whether anything belongs there."""

    def known(part: Part, rows: Sequence[object]) -> Sequence[object] | None:
        return None if not rows and part in shift.unknown else rows

    firing = [
        {
            "name": row.name,
            "service": row.service,
            "mapped": row.mapped,
            "cluster": row.cluster,
            "team": row.team or None,
            "state": row.state.value,
            "priority": row.priority.value if row.chosen else None,
            "proposed": None if row.chosen else row.priority.value,
            "count": row.count,
            "since": rfc3339(row.since),
            "flapping": row.flapping,
            "starts": row.starts,
        }
        for row in shift.firing
    ]
    ended = [
        {
            "name": row.name,
            "service": row.service,
            "mapped": row.mapped,
            "cluster": row.cluster,
            "team": row.team or None,
            "count": row.count or None,
            "starts": row.starts,
            "flapping": row.flapping,
            "began": rfc3339(row.began),
            "before": row.before,
            "ended": rfc3339(row.ended),
            "unsure": row.unsure,
        }
        for row in shift.ended
    ]
    changes = [
        {"team": team or None, "changes": [change_json(change) for change in own]} for team, own in shift.changes
    ]
    silences = [
        {
            "system": row.system,
            "id": row.silence.id,
            "matchers": list(row.silence.matchers),
            "ends": rfc3339(row.silence.ends),
            "by": row.silence.created_by,
            "comment": row.silence.comment,
            "holds": row.holds,
        }
        for row in shift.silences
    ]
    on_call = [
        {
            "team": team,
            "person": duty.person,
            "level": duty.level,
            "until": rfc3339(duty.until),
            "policy": duty.policy,
        }
        for team, duties in shift.on_call
        for duty in duties
    ]
    return {
        "at": rfc3339(shift.at),
        "since": rfc3339(shift.since),
        "until": rfc3339(shift.until),
        "notes": [{"at": rfc3339(one.at), "by": one.by, "text": one.text} for one in shift.notes],
        "firing": known(Part.FIRING, firing),
        "ended": known(Part.ENDED, ended),
        "changes": known(Part.CHANGES, changes),
        "baking": known(Part.BAKING, [change_json(change) for change in shift.baking]),
        "silences": known(Part.SILENCES, silences),
        "on_call": known(Part.ON_CALL, on_call),
        "not_known": {part.value: list(said) for part, said in shift.unknown.items()},
        "systems": [
            {"name": state.name, "kind": state.kind, "state": state.state.value, "error": state.error}
            for state in board.systems.values()
        ],
    }
