"""The screen, live or on a recording; without a terminal what stands for it."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cockpit.cli.options import Options, Usage
from cockpit.clock import Clock, SystemClock
from cockpit.config import Context

if TYPE_CHECKING:
    from cockpit.assembly import Assembly


class Screen(Protocol):
    """Opens the screen and returns the exit code."""

    def __call__(
        self,
        context: Context,
        assemble: "Callable[[], Assembly]",
        /,
        *,
        clock: Clock,
        journal_folder: Path | None,
        recording: object,
    ) -> int:
        """Run until the person leaves; what is watched is put together once the first frame is there."""


def play(options: Options, screen: Screen) -> int:
    """Open the screen on live systems, the demo or a recording.

    Without a terminal the demo and a recording print the worst alert's drill; live systems are wrong usage.
    """
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if options.playing and (options.json or not terminal):
        return _print(options)
    if options.json:
        raise Usage("--json", "the screen is no document", "say what you want: cockpit alerts, cockpit drill")
    if not terminal:
        raise Usage("terminal", "there is none for the screen", "without one use cockpit drill or cockpit alerts")
    return _play_recording(options, screen) if options.playing else _play_live(options, screen)


def _play_live(options: Options, screen: Screen) -> int:
    from cockpit.cli.asked import asked_of, folder_of
    from cockpit.cli.tastes import check_tastes
    from cockpit.config.load import load
    from cockpit.locations import state_folder

    config = load(asked_of(options), os.environ)
    check_tastes(config.chosen)
    clock = SystemClock()

    def assemble() -> "Assembly":
        from cockpit.assembly import open_live

        return open_live(config.chosen, config_folder=folder_of(config), clock=clock)

    return screen(config.chosen, assemble, clock=clock, journal_folder=state_folder(), recording=None)


def _play_recording(options: Options, screen: Screen) -> int:
    from cockpit.cli.opening import open_options

    assembly = open_options(options, at_end=False, speed=1.0).assembly
    return screen(
        assembly.context,
        lambda: assembly,
        clock=assembly.clock,
        journal_folder=None,
        recording=assembly.recording,
    )


def _print(options: Options) -> int:
    """Print the worst alert's drill as text; a recording without `--at` is read at its end."""
    from dataclasses import replace

    from cockpit import garbage
    from cockpit.cli.drill import print_drill
    from cockpit.cli.moments import speed_of
    from cockpit.cli.opening import open_options
    from cockpit.locations import log_file
    from cockpit.logs import open_log

    open_log(log_file())
    garbage.go_on()
    if options.speed is not None:
        speed_of(options.speed)
    quiet = replace(options, speed=None, form="text")
    print_drill(open_options(quiet), quiet)
    return 0
