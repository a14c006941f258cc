"""`cockpit changes`: the deploy feed, newest first."""

from collections.abc import Iterable, Sequence

from cockpit.board.state import Board
from cockpit.cli.asking import ask, exit_code, known, tell_unanswered, who_answered
from cockpit.cli.moments import span_of
from cockpit.cli.opening import open_options
from cockpit.cli.options import Options
from cockpit.cli.output import columns, counted, say, say_json, table
from cockpit.model.change import Change
from cockpit.model.reading import Topic
from cockpit.spans import clock_time, rfc3339, say_seconds

_ASKED = frozenset({Topic.CHANGES})

_HEAD = ("BEGAN", "KIND", "SERVICE", "VERSION", "TEAM", "SYSTEMS", "SUMMARY")


def run(options: Options) -> int:
    """Print the changes."""
    window = None if options.since is None else span_of("--since", options.since)
    opened = open_options(options, window=window)
    board = ask(opened, _ASKED)
    tell_unanswered(opened, board, _ASKED)
    changes = newest_first(board)
    if options.json:
        say_json([as_json(change) for change in changes])
    else:
        for line in as_text(board, changes):
            say(line)
    return exit_code(board, _ASKED)


def newest_first(board: Board) -> list[Change]:
    """Return the changes of the window, newest first; the board may hold older ones, for what has fired for long."""
    first = board.at - board.setup.window
    changes = [change for change in board.changes if (change.ended or change.began) >= first]
    return sorted(changes, key=lambda change: (change.began, change.id), reverse=True)


def as_json(change: Change) -> dict[str, object]:
    """Return a change in the shape that scripts rely on."""
    return {
        "id": change.id,
        "service": change.service,
        "mapped": change.mapped,
        "team": change.team,
        "version": change.version,
        "kind": change.kind.value,
        "rollback": change.rollback,
        "began": rfc3339(change.began),
        "ended": rfc3339(change.ended),
        "author": change.author,
        "summary": change.summary,
        "url": change.url,
        "systems": list(change.systems),
    }


def as_text(board: Board, changes: Sequence[Change]) -> Iterable[str]:
    """Return the changes as lines, and who answered where there are none."""
    window = say_seconds(board.setup.window.total_seconds())
    answered = who_answered(board, Topic.CHANGES)
    if not changes:
        said = "0 changes" if known(board, Topic.CHANGES) else "not known"
        yield f"{said} in the last {window}, {answered}"
        return
    yield from table(_HEAD, (_row(board, change) for change in changes), columns())
    yield ""
    yield f"{counted(len(changes), 'change')} in the last {window}, times in UTC; {answered}"


def _row(board: Board, change: Change) -> tuple[str, ...]:
    kind = "rollback" if change.rollback else change.kind.value
    return (
        clock_time(change.began, today=board.at) + (" seen" if change.seen else ""),
        kind,
        change.name or change.service,
        change.version or "–",
        change.team or "–",
        " ".join(change.systems),
        change.summary,
    )
