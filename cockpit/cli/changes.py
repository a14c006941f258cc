"""`cockpit changes`: the deploy feed, newest first."""

from collections.abc import Iterable, Sequence

from cockpit.board.state import Board
from cockpit.cli.asking import ask, exit_code, known, tell_unanswered, who_answered
from cockpit.cli.moments import span_of
from cockpit.cli.opening import open_options
from cockpit.cli.options import Options
from cockpit.cli.output import columns, counted, say, say_json, table
from cockpit.model.change import Change, Progress, Witness
from cockpit.model.reading import Topic
from cockpit.spans import clock_time, rfc3339, say_between, say_seconds

_ASKED = frozenset({Topic.CHANGES})

_HEAD = ("BEGAN", "KIND", "SERVICE", "VERSION", "PROGRESS", "TEAM", "SYSTEMS", "SUMMARY")


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
        "progress": change.progress.value,
        "team_by": change.team_by or None,
        "previous": change.previous or None,
        "commits": list(change.commits),
        "files": list(change.files),
        "witnesses": [_witness(witness) for witness in change.witnesses],
    }


def _witness(witness: Witness) -> dict[str, object]:
    """Return what one system said, in its own words, whatever the others said."""
    report = witness.report
    return {
        "system": witness.system,
        "says": report.says,
        "at": rfc3339(witness.at),
        "version": report.version,
        "kind": report.kind.value,
        "began": rfc3339(report.began),
        "ended": rfc3339(report.ended),
        "progress": report.progress.value,
        "owner": report.owner or None,
        "commit": report.commit or None,
        "environment": report.environment or None,
        "url": report.url,
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
        _progress(board, change),
        change.team or "no owner",
        " ".join(change.systems),
        change.summary,
    )


def _progress(board: Board, change: Change) -> str:
    """Return how far it has come: `finished 14:09`, `rolling 3 min`, `failed`."""
    if change.progress is Progress.ROLLING:
        return f"rolling {say_between(change.began, board.at)}"
    word = "failed" if change.progress is Progress.FAILED else "finished"
    if change.ended is not None:
        return f"{word} {clock_time(change.ended, today=board.at)}"
    return "–" if change.progress is Progress.UNKNOWN else word
