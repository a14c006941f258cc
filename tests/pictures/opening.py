"""Opens the app on a board, for a kind of terminal, without watching anything."""

import io
from dataclasses import dataclass, replace
from typing import Literal

from rich.console import Console

from cockpit.app import Cockpit
from cockpit.board.state import Board
from cockpit.model.drawing import ASCII, UNICODE
from cockpit.screens.cutting import Cutter
from cockpit.screens.desk import Desk
from tests.tui.person import FakeWatch

Colours = Literal["standard", "256", "truecolor"] | None
"""How many colours a terminal has, in rich's words; null for none."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """What the app is shown on."""

    colours: Colours = "truecolor"
    ascii: bool = False
    """Whether the ASCII glyphs are chosen."""
    theme: str | None = None
    """A theme other than the default one."""


def opened(board: Board, desk: Desk, terminal: Terminal) -> Cockpit:
    """Return an app that shows the board once it runs; what a person decides is answered as the watch would."""
    watch = FakeWatch()
    used = Desk(
        replace(desk.context, theme=terminal.theme),
        desk.clock,
        desk.zone,
        desk.me,
        ASCII if terminal.ascii else UNICODE,
        watch,
        recording=True,
    )

    def begin(app: Cockpit) -> None:
        app.main.cutter = watch.cutter = Cutter(used, app.main.receive)
        watch.publish(board)

    app = Cockpit(used, begin)
    app.console = Console(file=io.StringIO(), color_system=terminal.colours, force_terminal=True, legacy_windows=False)
    return app
