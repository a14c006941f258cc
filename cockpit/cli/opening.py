"""From options to what answers them: a configuration asked live, or a recording at a moment of it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.assembly import Assembly, open_live, open_recording
from cockpit.cli.asked import asked_of, folder_of
from cockpit.cli.moments import moment_of, speed_of
from cockpit.cli.options import Options, Usage
from cockpit.cli.output import counted, note
from cockpit.config.direct import direct_map
from cockpit.config.load import load
from cockpit.config.zones import person_zone
from cockpit.demo import DEFAULT_AT, recording_path

if TYPE_CHECKING:
    from cockpit.systems.recording import Recording

__all__ = ["Opened", "asked_of", "folder_of", "open_options", "read_recording", "tell_problems"]


@dataclass(frozen=True, slots=True)
class Opened:
    """What answers a command."""

    assembly: Assembly
    zone: tzinfo
    """The person's."""
    at: datetime | None = None
    """The moment of the recording, where one answers."""

    @property
    def recording(self) -> "Recording | None":
        """The recording that answers, or null."""
        return self.assembly.recording


def open_options(
    options: Options,
    *,
    window: timedelta | None = None,
    at_end: bool = True,
    speed: float = 0.0,
    environ: Mapping[str, str] | None = None,
) -> Opened:
    """Return what answers these options.

    Args:
        options: The command line's.
        window: Of changes, instead of the configured one.
        at_end: Without `--at` a recording other than the demo answers from its end, else from its first answers.
        speed: Of a recording, where the options say nothing of it.
        environ: The environment; the process' own by default.

    Raises:
        ConfigError: Configuration, map or recording is wrong.
        Usage: The moment or the speed is none.
    """
    around = os.environ if environ is None else environ
    if options.playing:
        return _open_recording(options, window, around, at_end=at_end, speed=speed)
    config = load(asked_of(options), around)
    context = config.chosen if window is None else replace(config.chosen, window=window)
    assembly = open_live(context, config_folder=folder_of(config))
    tell_problems(assembly)
    return Opened(assembly, person_zone(context.timezone, around, assembly.clock.now()))


def _open_recording(
    options: Options, window: timedelta | None, environ: Mapping[str, str], *, at_end: bool, speed: float
) -> Opened:
    recording = read_recording(options)
    wanted = options.at if options.at is not None or not options.plays_demo else DEFAULT_AT
    otherwise = recording.ended if at_end else recording.opened
    at = otherwise if wanted is None else moment_of(wanted, recording.began, recording.ended)
    pace = speed if options.speed is None else speed_of(options.speed)
    assembly = open_recording(recording, at=at, speed=pace, map_name=direct_map(asked_of(options)))
    if window is not None:
        assembly = replace(assembly, setup=replace(assembly.setup, window=window))
    if options.plays_demo:  # the incident reads the same wherever it is shown
        assembly = replace(assembly, context=replace(assembly.context, timezone="UTC"))
    tell_problems(assembly)
    return Opened(assembly, person_zone(assembly.context.timezone, environ, at), at)


def read_recording(options: Options) -> "Recording":
    """Return the recording that is meant, what could not be read of it told.

    Raises:
        ConfigError: There is none.
    """
    from cockpit.systems.recording import Recording

    if options.plays_demo:
        if not recording_path().is_file():
            raise Usage("demo", "this installation has no recording of it", "install cockpit again")
        return Recording.load(recording_path())
    recording = Recording.load(Path(options.played_file or "").expanduser())
    if not recording.calls:
        raise Usage(recording.name, "holds no answers", "record it again: cockpit record FILE")
    if recording.truncated:
        note(f"{recording.name}: cut off; played up to {recording.ended.astimezone(UTC):%H:%M:%S} UTC")
    if recording.problems:
        note(f"{recording.name}: {counted(len(recording.problems), 'line')} left out; {recording.problems[0]}")
    return recording


def tell_problems(assembly: Assembly) -> None:
    """Tell on standard error that the map has errors, and how to see them."""
    errors = sum(problem.fatal for problem in assembly.problems)
    if errors:
        file = assembly.map.path or "the map"
        note(f"{file}: {counted(errors, 'error')}; what cannot be used is left out, see cockpit map check")
