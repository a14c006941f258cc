"""Puts together what a watch needs, from a configuration or a recording: systems, wires, setup, map and clock."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.board.state import Expected, Setup
from cockpit.clock import Clock, PlaybackClock, SystemClock
from cockpit.config import ConfigError, Context, SystemSpec
from cockpit.kinds import Kind, find_kind
from cockpit.locations import cache_folder
from cockpit.matchers import parse_matcher
from cockpit.model.reading import Topic
from cockpit.model.topology import NO_MAP, IntegrationMap
from cockpit.systems.base import Surroundings, System, Wire
from cockpit.systems.manners import PLAIN
from cockpit.topology.problems import Problem

if TYPE_CHECKING:
    from cockpit.systems.recording import Recording, RecordingWriter
    from cockpit.systems.shared_folder import SharedFolder


@dataclass(frozen=True, slots=True)
class Assembly:
    """Everything that a watch, a command or the screen starts from."""

    systems: tuple[System, ...]
    setup: Setup
    clock: Clock
    map: IntegrationMap
    problems: tuple[Problem, ...]
    """What is wrong with the map."""
    context: Context
    map_text: str | None = None
    """The map's YAML, for a recording's header."""
    wires: tuple[Wire, ...] = field(default=(), repr=False)
    """One a system, in their order; the live ones where a recording is made."""
    recording: "Recording | None" = None
    """What it plays, where it does."""


def open_live(
    context: Context,
    *,
    config_folder: Path | None,
    record: "RecordingWriter | None" = None,
    clock: Clock | None = None,
) -> Assembly:
    """Return the systems of a context, asked live.

    Args:
        context: What is configured.
        config_folder: Where a map of a bare name may lie; null without a configuration.
        record: Keeps every answer, where a recording is made.
        clock: The host's, unless something else is passed in.

    Raises:
        ConfigError: A system or the map is not configured right.
    """
    clock = clock or SystemClock()
    text, file = read_map_text(context.map, config_folder)
    known = _read(text, file)
    folder = _shared_folder(context)
    wires = tuple(_live_wire(spec, find_kind(spec), clock, known[0], folder) for spec in context.systems)
    used = wires
    if record is not None:
        from cockpit.systems.recording import RecordingWire

        used = tuple(RecordingWire(wire, record, spec.name) for wire, spec in zip(wires, context.systems, strict=True))
    return _assemble(context, used, clock, text, known, wires=wires)


def open_recorded(
    context: Context, path: Path, *, config_folder: Path | None, force: bool = False, clock: Clock | None = None
) -> "tuple[Assembly, RecordingWriter]":
    """Return the systems of a context asked live, and the new file that keeps what they answer.

    Raises:
        ConfigError: The file exists already and `force` is not given, or something is not configured right.
    """
    from cockpit.systems.recording import RecordingWriter, header_of

    clock = clock or SystemClock()
    tried = open_live(context, config_folder=config_folder, clock=clock)  # what is wrong is said before a file is made
    opened: list[Assembly] = []
    header = header_of(context, clock.now(), map_text=tried.map_text)
    writer = RecordingWriter(path, header, lambda: _secrets(opened), force=force, clock=clock)
    opened.append(open_live(context, config_folder=config_folder, record=writer, clock=clock))
    return opened[0], writer


def open_recording(
    recording: "Recording", *, at: datetime, speed: float = 1.0, map_name: str | None = None
) -> Assembly:
    """Return the systems of a recording, by its own clock, read-only.

    Args:
        recording: What is played.
        at: The moment that the clock begins at.
        speed: Seconds of the recording per second of the host; 0 stands still.
        map_name: A map that stands instead of the recorded one.

    Raises:
        ConfigError: Its header describes no context, or names a kind that nobody knows.
    """
    from cockpit.systems.recording import PlaybackWire, context_of

    place = recording.name or "recording"
    context = replace(context_of(recording.header, place), map=map_name)
    clock = PlaybackClock(at, recording.ended, speed)
    text, file = (recording.header.map, place) if map_name is None else read_map_text(map_name, None)
    wires = tuple(PlaybackWire(recording, spec.name, clock) for spec in context.systems)
    return _assemble(context, wires, clock, text, _read(text, file), recording=recording)


def _read(text: str | None, file: str) -> tuple[IntegrationMap, tuple[Problem, ...]]:
    if text is None:
        return NO_MAP, ()
    from cockpit.topology.load import read_map

    return read_map(text, file, cycles=False)


def _shared_folder(context: Context) -> "SharedFolder | None":
    """Return the folder in which this context's cockpits share answers; null where they do not."""
    if context.shared_cache is None:
        return None
    from cockpit.systems.shared_folder import SharedFolder

    place = f"{context.source}: contexts.{context.name}.shared_cache"
    if not context.shared_cache:
        return SharedFolder(str(cache_folder() / "answers"), place, own=True)
    return SharedFolder(context.shared_cache, place)


def _live_wire(
    spec: SystemSpec, kind: Kind, clock: Clock, known: IntegrationMap, folder: "SharedFolder | None"
) -> Wire:
    if kind.WIRE == "process":
        from cockpit.systems.process import ProcessWire

        return ProcessWire(clock)
    if kind.WIRE == "command":
        from cockpit.systems.command_wire import CommandWire

        return CommandWire(spec)
    if kind.WIRE == "none":
        from cockpit.systems.unread import NoWire

        return NoWire()
    addresses = getattr(kind, "addresses", None)
    if addresses is not None:
        spec = replace(spec, urls=addresses(spec, known))
    elif not spec.urls:
        raise ConfigError(spec.place, "has no address", 'add url = "http://…"')
    from cockpit.systems.http import HttpWire

    manners = getattr(kind, "manners", None)
    said = manners(spec) if manners is not None else getattr(kind, "MANNERS", PLAIN)
    wire = HttpWire(spec, clock, manners=said)
    if folder is None:
        return wire
    from cockpit.systems.sharing import SharedWire

    return SharedWire(wire, folder, spec, clock)


def _secrets(opened: Sequence[Assembly]) -> Iterator[str]:
    """Return every secret that the live wires have read by now."""
    for assembly in opened:
        for wire in assembly.wires:
            known = getattr(wire, "secrets", None)
            if callable(known):
                yield from known()


def read_map_text(name: str | None, beside: Path | None) -> tuple[str | None, str]:
    """Return a map's YAML and its file; null and nothing where no map is configured.

    Raises:
        ConfigError: It is nowhere, or cannot be read.
    """
    if name is None:
        return None, ""
    from cockpit.topology.load import find_map

    path = find_map(name, beside)
    try:
        return path.read_text("utf-8-sig"), str(path)
    except (OSError, UnicodeDecodeError) as error:
        what = error.strerror if isinstance(error, OSError) else "is no UTF-8"
        raise ConfigError(str(path), f"cannot be read: {what}", "check the path and who may read it") from error


def _assemble(
    context: Context,
    used: Sequence[Wire],
    clock: Clock,
    text: str | None,
    known: tuple[IntegrationMap, tuple[Problem, ...]],
    *,
    wires: tuple[Wire, ...] | None = None,
    recording: "Recording | None" = None,
) -> Assembly:
    integration_map, problems = known
    systems = tuple(
        find_kind(spec)(spec, _around(context, wire, integration_map, recorded=recording is not None), clock)
        for spec, wire in zip(context.systems, used, strict=True)
    )
    return Assembly(
        systems=systems,
        setup=_setup(context, systems, integration_map),
        clock=clock,
        map=integration_map,
        problems=problems,
        context=context,
        map_text=text,
        wires=tuple(used) if wires is None else wires,
        recording=recording,
    )


def _around(context: Context, wire: Wire, integration_map: IntegrationMap, *, recorded: bool) -> Surroundings:
    """Return what a system is built with; a recording leaves what live systems keep in the cache folder alone."""
    cache = "" if recorded else str(cache_folder())
    return Surroundings(wire=wire, map=integration_map, cache=cache, window_s=context.window.total_seconds())


def _setup(context: Context, systems: Iterable[System], integration_map: IntegrationMap) -> Setup:
    specs = {spec.name: spec for spec in context.systems}
    unasked = set() if any(service.scope for service in integration_map.services.values()) else {Topic.SCOPES}
    expected = tuple(
        Expected(
            name=system.name,
            kind=system.kind,
            topics=tuple(topic for topic in topics_of(system) if topic not in unasked),
            every_s=system.every_s,
            urls=specs[system.name].urls,
            labels=specs[system.name].labels,
        )
        for system in systems
        if topics_of(system)
    )
    return Setup(
        map=integration_map,
        systems=expected,
        window=context.window,
        heartbeat=tuple(map(parse_matcher, context.heartbeat)),
        dim=tuple(map(parse_matcher, context.dim)),
        exporters=context.exporters,
        severities=context.severities,
    )


def topics_of(system: System) -> tuple[Topic, ...]:
    """Return what a system is asked for: its kind's topics, or fewer where its settings say so."""
    return tuple(getattr(system, "TOPICS", ()))
