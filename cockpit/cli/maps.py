"""Which map a `map` command means: the one that is named, else the recording's, else the context's."""

from dataclasses import dataclass
from pathlib import Path

from cockpit.assembly import read_map_text
from cockpit.cli.opening import asked_of, folder_of, read_recording
from cockpit.cli.options import Options, Usage
from cockpit.config import ConfigError
from cockpit.config.load import load
from cockpit.model.topology import IntegrationMap
from cockpit.topology.load import load_map, read_map
from cockpit.topology.problems import Problem


@dataclass(frozen=True, slots=True)
class Chosen:
    """A map that was chosen."""

    file: str
    """How problems call it."""
    text: str
    """Its YAML; empty where the file cannot be read, which checking it will say."""
    unread: Path | None = None
    """The file, where it cannot be read."""

    def read(self) -> tuple[IntegrationMap, tuple[Problem, ...]]:
        """Return the map and what is wrong with it."""
        return load_map(self.unread) if self.unread else read_map(self.text, self.file)


def choose_map(options: Options) -> Chosen:
    """Return the map that is meant.

    Raises:
        Usage: None is named, and none configured.
        ConfigError: There is no such map.
    """
    from cockpit.topology.load import find_map

    named = options.file if options.file is not None else options.map_name
    if named is not None:
        return _file(find_map(named, None, typed=True))
    if options.playing:
        recording = read_recording(options)
        if recording.header.map is None:
            raise Usage("map", "the recording has no map", "name a map's file")
        return Chosen(recording.name or "recording", recording.header.map)
    config = load(asked_of(options))
    if config.chosen.map is None:
        raise Usage("map", "no map is configured", "name a map's file, or one that ships: checkout")
    return _file(find_map(config.chosen.map, folder_of(config)))


def _file(path: Path) -> Chosen:
    try:
        text, file = read_map_text(str(path), None)
    except ConfigError:
        return Chosen(str(path), "", path)
    return Chosen(file, text or "")
