"""When details are asked for the cursor's row only: in a storm, and of a server that took long: pure."""

from cockpit.board.state import Board
from cockpit.board.systems import SLOW_S
from cockpit.model.alert import AlertKey, FoldKey
from cockpit.model.reading import Topic
from cockpit.poller.attending import lead


def sparingly(board: Board, system: str, attended: AlertKey | FoldKey | None) -> str | None:
    """Return the one service whose measures are asked of a system, perhaps none; null where those of all are.

    A server whose last answer took long is left alone once, and then asked for everything again.
    """
    last = board.readings.get((system, Topic.MEASURES))
    if board.storm is None and (last is None or last.took_s <= SLOW_S):
        return None
    key = lead(board, attended)
    return "" if key is None else board.alerts[key].service
