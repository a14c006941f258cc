"""The screen, live or on a recording; without a terminal what stands for it."""

import sys
from pathlib import Path
from typing import Protocol

from cockpit.assembly import Assembly
from cockpit.cli.options import Options, Usage


class Screen(Protocol):
    """Opens the screen and returns the exit code."""

    def __call__(self, assembly: Assembly, /, *, journal_folder: Path | None, recording: object) -> int:
        """Run until the person leaves."""


def play(options: Options, screen: Screen) -> int:
    """Open the screen on live systems, the demo or a recording.

    Without a terminal the demo and a recording print the worst alert's drill; live systems are wrong usage.
    """
    from cockpit.cli.opening import open_options

    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if options.playing and (options.json or not terminal):
        return _print(options)
    if options.json:
        raise Usage("--json", "the screen is no document", "say what you want: cockpit alerts, cockpit drill")
    if not terminal:
        raise Usage("terminal", "there is none for the screen", "without one use cockpit drill or cockpit alerts")
    opened = open_options(options, at_end=False, speed=1.0)
    if opened.recording is not None:
        return screen(opened.assembly, journal_folder=None, recording=opened.recording)
    from cockpit.locations import state_folder

    return screen(opened.assembly, journal_folder=state_folder(), recording=None)


def _print(options: Options) -> int:
    """Print the worst alert's drill as text; a recording without `--at` is read at its end."""
    from dataclasses import replace

    from cockpit.cli.drill import print_drill
    from cockpit.cli.opening import open_options

    quiet = replace(options, speed=None, form="text")
    print_drill(open_options(quiet), quiet)
    return 0
