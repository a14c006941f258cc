"""Shows the sample on this terminal: `python -m tests.tui.show`, to look at."""

import sys

from cockpit.app import Cockpit
from cockpit.screens.cutting import Cutter
from cockpit.themes import choose_glyphs
from tests.tui.samples import sample_board, sample_desk


def begin(app: Cockpit) -> None:
    """Deliver the sample."""
    app.main.cutter = Cutter(app.desk, app.main.receive)
    app.main.cutter.take(sample_board())


if __name__ == "__main__":
    desk = sample_desk(production="--production" in sys.argv)
    desk.glyphs = choose_glyphs(True if "--ascii" in sys.argv else None)
    Cockpit(desk, begin).run(mouse=False)
