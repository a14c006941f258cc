"""Cockpit's own watch on real servers, asked step by step, by a clock that a test can put ahead."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from cockpit.assembly import open_live
from cockpit.board.state import Board
from cockpit.config.direct import Asked
from cockpit.config.load import load
from cockpit.model.alert import Alert, State
from cockpit.poller import Watch
from tests.e2e.clocks import AheadClock
from tests.e2e.scene import Scene

LONG_UP = 6
"""Minutes by which the watch's clock is ahead at first: to it, the servers of a test were not started just now."""


class Watcher:
    """Somebody who keeps a watch open.

    Args:
        scene: Whose configuration is watched.
    """

    def __init__(self, scene: Scene) -> None:
        self.clock = AheadClock()
        self.clock.advance(minutes=LONG_UP)
        context = load(Asked(config=str(scene.config)), {**scene.environment, "PATH": ""}).chosen
        assembly = open_live(context, config_folder=Path(scene.folder), clock=self.clock)
        self.watch = Watch(systems=assembly.systems, setup=assembly.setup, clock=self.clock)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.watch.close()

    async def looks(self) -> Board:
        """Ask everything once and return the board."""
        return await self.watch.once()

    async def sees(self, there: Callable[[Board], bool], what: str, within_s: float = 40.0) -> Board:
        """Ask again and again until something stands on the board, and return it."""
        deadline = time.monotonic() + within_s
        while True:
            board = await self.looks()
            if there(board):
                return board
            said = {alert.name: alert.state.value for alert in board.alerts.values()}
            assert time.monotonic() < deadline, f"{what} did not come true within {within_s:g} s; there is {said}"
            await asyncio.sleep(0.2)


def named(board: Board, name: str) -> list[Alert]:
    """Return the alerts of that name."""
    return [alert for alert in board.alerts.values() if alert.name == name]


def states(board: Board, *names: str) -> set[State]:
    """Return the states of the alerts with one of these names; of all, where none is given."""
    return {alert.state for alert in board.alerts.values() if not names or alert.name in names}
