"""`cockpit map import`: files of other formats as one integration map, in YAML or JSON."""

import sys
from dataclasses import replace
from pathlib import Path

from cockpit.cli.options import Options, Usage
from cockpit.cli.output import counted, note, say, say_json
from cockpit.config import ConfigError
from cockpit.model.topology import IntegrationMap
from cockpit.text import one_line
from cockpit.topology.exporting import as_json, as_yaml
from cockpit.topology.importing.document import STANDARD_INPUT, File, Unreadable
from cockpit.topology.importing.formats import FORMATS, Read, format_named, import_files
from cockpit.topology.load import find_map, load_map
from cockpit.topology.merge import merge, united_by_suffix
from cockpit.topology.nodes import LONGEST
from cockpit.topology.problems import close

_NOTES = 20
"""Notes that are told of one file; the others are counted."""


def run(options: Options) -> int:
    """Print the map; 1 where a file cannot be read."""
    if options.format is not None and format_named(options.format) is None:
        names = [one.name for one in FORMATS]
        meant = close(options.format, names)
        remedy = (f"did you mean {meant}? " if meant else "") + f"formats: {', '.join(names)}"
        raise Usage("--format", f"there is no format {options.format!r}", remedy)
    base = None if options.into is None else _base(options.into)
    try:
        reads = import_files([_file(name) for name in options.files or []], options.format)
    except Unreadable as error:
        note(f"{error.file}:{error.line}: {error.what}; {error.remedy}")
        return 1
    maps = [read.imported.map for read in reads]
    whole = merge(*([base] if base is not None else []), *maps, suffixes=True)
    if base is None and len(maps) == 1:
        whole = replace(whole, path=maps[0].path)
    if options.json:
        say_json(as_json(whole))
    else:
        say(as_yaml(whole).rstrip("\n"))
    _tell(reads, whole, base)
    return 0


def _base(name: str) -> IntegrationMap:
    path = find_map(name, None, typed=True)
    base, problems = load_map(path)
    errors = [problem for problem in problems if problem.fatal]
    if base.empty:
        first = errors[0] if errors else None
        what = "the map has no services" if first is None else first.message
        raise ConfigError(f"{path}:{first.line if first else 1}", what, first.remedy if first else "name another map")
    if errors:
        note(f"{path}: {counted(len(errors), 'error')}; what cannot be used is left out, see cockpit map check")
    return base


def _file(name: str) -> File:
    """Return a file that is named, or standard input.

    Raises:
        Unreadable: It is no UTF-8.
        ConfigError: It cannot be opened.
    """
    called = STANDARD_INPUT if name == "-" else one_line(name)
    try:
        raw = _standard_input() if name == "-" else _bytes(Path(name))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigError(called, f"cannot be read: {reason}", "check the path and who may read it") from error
    try:
        return File(called, raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        unread = Unreadable(line, f"no UTF-8: {error.reason}", "save the file as UTF-8")
        unread.file = called
        raise unread from error


def _bytes(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(LONGEST * 4 + 1)


def _standard_input() -> bytes:
    if sys.stdin is None or sys.stdin.isatty():
        raise Usage("-", "standard input is the terminal", "give a file, or pipe one into this command")
    return sys.stdin.buffer.read(LONGEST * 4 + 1)


def _tell(reads: tuple[Read, ...], whole: IntegrationMap, base: IntegrationMap | None) -> None:
    for read in reads:
        place = ", ".join(file.name for file in read.files)
        notes = read.imported.notes
        for text in notes[:_NOTES]:
            note(f"{place}: {text}")
        if len(notes) > _NOTES:
            note(f"{place}: {counted(len(notes) - _NOTES, 'further note')}")
    maps = [*([base] if base is not None else []), *(read.imported.map for read in reads)]
    for first, *others in united_by_suffix(maps):
        note(
            f"{' and '.join(others)} {'are' if len(others) > 1 else 'is'} taken for {first}, and written as an alias of it"
        )
    services, hops = _counts(whole)
    known_services, known_hops = _counts(base) if base is not None else (0, 0)
    said = f"{counted(services, 'service')} and {counted(hops, 'hop')} from {', '.join(_named(reads))}"
    if base is not None:
        said += f" into {base.name}: {services - known_services} and {hops - known_hops} are new"
    unowned = sum(one.team is None for one in whole.services.values())
    if unowned:
        said += f"; {unowned:,} without an owner: add `team:`, then cockpit map check FILE"
    note(said)


def _named(reads: tuple[Read, ...]) -> list[str]:
    return [f"{file.name} ({read.format.name})" for read in reads for file in read.files]


def _counts(source: IntegrationMap) -> tuple[int, int]:
    return len(source.services), sum(len(one.calls) for one in source.services.values())
