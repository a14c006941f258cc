"""How handshakes are said: counts, a few names, and why something is not known."""

from collections.abc import Sequence

from cockpit.board.state import Board
from cockpit.model.reading import Liveness, Topic
from cockpit.text import one_line

_NAMED = 5
_REASON = 160


def few(names: Sequence[str]) -> str:
    """Return some names, and how many more there are."""
    shown = ", ".join(one_line(name, 80) for name in names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED:,} more" if len(names) > _NAMED else shown


def counted(number: int, word: str) -> str:
    """Return a count with its word: `1 alert`, `2 alerts`."""
    return f"{number:,} {word}{'s'[: number != 1]}"


def of(part: int, total: int) -> str:
    """Return a part of a whole: `12 of 14`."""
    return f"{part:,} of {total:,}"


def asked(board: Board, topic: Topic) -> tuple[str, ...]:
    """Return the names of the systems that are asked about something."""
    return tuple(one.name for one in board.setup.systems if topic in one.topics)


def silent(board: Board, system: str, topic: Topic) -> str:
    """Return why what a system says of a topic is not known now, or nothing where it is."""
    key = system, topic
    if key in board.failures:
        reason = board.failures[key].error
        return f"{system} is not answering{f': {one_line(reason, _REASON)}' if reason else ''}"
    if key in board.readings:
        return ""
    state = board.systems.get(system)
    if state is not None and state.state is Liveness.DOWN:
        return f"{system} is not answering"
    return f"{system} did not answer yet"
