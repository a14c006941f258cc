"""`cockpit record`: keeps what every system answers in one file, until it is ended."""

import asyncio
import signal
from contextlib import suppress
from datetime import UTC, timedelta
from pathlib import Path

from cockpit.assembly import Assembly, open_recorded
from cockpit.cli.moments import span_of
from cockpit.cli.opening import asked_of, folder_of, tell_problems
from cockpit.cli.options import Options
from cockpit.cli.output import counted, note, say_json
from cockpit.config.load import load
from cockpit.poller import Watch
from cockpit.spans import rfc3339, say_seconds
from cockpit.systems.recording import Recording, RecordingWriter


def run(options: Options) -> int:
    """Record until the time is over, or ctrl+c; 1 where nothing could be kept."""
    limit = None if options.for_how_long is None else span_of("--for", options.for_how_long)
    config = load(asked_of(options))
    path = Path(options.file or "").expanduser()
    assembly, writer = open_recorded(config.chosen, path, config_folder=folder_of(config), force=options.force)
    tell_problems(assembly)
    names = ", ".join(system.name for system in assembly.systems)
    until = f"for {say_seconds(limit.total_seconds())}" if limit else "until ctrl+c"
    note(f"recording {names} into {path} {until}")
    try:
        asyncio.run(_record(assembly, limit))
    finally:
        writer.close()
    return _tell(writer, path, options)


async def _record(assembly: Assembly, limit: timedelta | None) -> None:
    """Watch everything, the series of every alert included, until the time is over or a signal comes."""
    watch = Watch(systems=assembly.systems, setup=assembly.setup, clock=assembly.clock, all_series=True)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, watch.stop)
    await asyncio.gather(*(system.check() for system in assembly.systems))  # keeps what each server says of its build
    watch.look_back(assembly.context.shift)
    watching = asyncio.create_task(watch.run())
    with suppress(TimeoutError):
        async with asyncio.timeout(None if limit is None else limit.total_seconds()):
            await asyncio.shield(watching)
    watch.stop()
    await watching


def _tell(writer: RecordingWriter, path: Path, options: Options) -> int:
    """Say what was kept."""
    recording = Recording.load(path)
    began, ended = recording.began.astimezone(UTC), recording.ended.astimezone(UTC)
    systems = sorted({call.system for call in recording.calls if call.error is None})
    size = path.stat().st_size
    if options.json:
        say_json(
            {
                "file": str(path),
                "calls": writer.calls,
                "systems": systems,
                "began": rfc3339(began),
                "ended": rfc3339(ended),
                "bytes": size,
                "error": writer.error,
            }
        )
    note(
        f"kept {counted(writer.calls, 'answer')} of {counted(len(systems), 'system')} from {began:%H:%M:%S} to "
        f"{ended:%H:%M:%S} UTC in {path}, {size:,} bytes; see it: cockpit replay {path}"
    )
    if writer.error is not None:
        note(f"the recording ended early: {writer.error}")
    return 0 if systems and writer.error is None else 1
