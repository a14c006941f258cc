"""Finds a map's file and turns its text into an `IntegrationMap` and the problems it has."""

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from cockpit.config import ConfigError
from cockpit.config.files import is_file
from cockpit.model.topology import IntegrationMap, Service
from cockpit.text import one_line
from cockpit.topology.check import check
from cockpit.topology.nodes import LONGEST, compose
from cockpit.topology.parts import Parts, read_parts
from cockpit.topology.problems import ERROR, Problem, close, in_order
from cockpit.topology.reader import Reader

ENDINGS = (".yaml", ".yml")
"""How the name of a map's file ends."""


def read_map(text: str, file: str, *, cycles: bool = True) -> tuple[IntegrationMap, tuple[Problem, ...]]:
    """Return the map that a YAML text says, and everything that is wrong with it, by place; never raises.

    What cannot be used is left out of the map: unknown services in calls, steps and entries, a scope that
    does not parse.

    Args:
        text: The document.
        file: What problems call it; a runbook's path is seen from its folder.
        cycles: Whether calls that go round are told; who only draws the map spares the memory that finding them takes.
    """
    root, refusal = compose(text, file)
    if root is None:
        return IntegrationMap(path=file), (refusal,) if refusal else ()
    reader = Reader(file)
    parts = read_parts(root, reader)
    check(parts, reader, cycles=cycles)
    return _whole(parts, file, reader), in_order(reader.problems)


def load_map(path: Path) -> tuple[IntegrationMap, tuple[Problem, ...]]:
    """Return the map in a file and its problems; a file that cannot be read is a problem too."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(LONGEST * 4 + 1)
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        problem = _unread(path, f"no UTF-8: {error.reason}", "save the file as UTF-8", line, column)
        return IntegrationMap(path=str(path)), (problem,)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        problem = _unread(path, f"cannot be read: {one_line(reason)}", "check the path and who may read it")
        return IntegrationMap(path=str(path)), (problem,)
    return read_map(text, str(path))


def _unread(path: Path, message: str, remedy: str, line: int = 1, column: int = 1) -> Problem:
    return Problem(str(path), line, column, ERROR, "bad-yaml", message, remedy)


def _whole(parts: Parts, file: str, reader: Reader) -> IntegrationMap:
    """Return the map without what does not exist in it."""
    bad = {(one.line, one.column) for one in reader.problems if one.rule == "bad-query"}
    services: dict[str, Service] = {}
    for name, part in parts.services.items():
        scope_places = {(word.line, word.column) for word in (part.scope, part.query, part.says) if word is not None}
        services[name] = replace(
            part.service,
            calls=tuple(hop for hop in part.service.calls if hop.callee in parts.services),
            runs_on=tuple(one for one in part.service.runs_on if one in parts.services),
            scope=None if scope_places & bad else part.service.scope,
        )
    journeys = {
        name: tuple(word.text for word in steps if word.text in parts.services)
        for name, steps in parts.journeys.items()
    }
    return IntegrationMap(
        name=parts.name,
        path=file,
        entry=tuple(word.text for word in parts.entry if word.text in parts.services),
        journeys={name: steps for name, steps in journeys.items() if steps},
        services=services,
        teams=parts.teams,
        tools=parts.tools,
        labels=parts.labels,
    )


def find_map(name: str, beside: Path | None = None, *, typed: bool = False) -> Path:
    """Return the file of a map that is named by a path, by a name beside the configuration, or by one that ships.

    Args:
        name: A path (it has a `/` or ends in .yaml or .yml), or a name.
        beside: The folder of the configuration, where there is one.
        typed: A person typed it: a path is then seen from the working folder first, else from the configuration's.

    Raises:
        ConfigError: There is none; names what was tried.
    """
    if "/" in name or name.endswith(ENDINGS):
        path = Path(name)
        if name.startswith("~/"):
            path = Path.home() / name[2:]
        places = [Path(), *([beside] if beside else [])]
        tried = [folder / path for folder in (places if typed else reversed(places))]
    else:
        tried = [folder / f"{name}{ending}" for folder in _folders(beside) for ending in ENDINGS]
    tried = list(dict.fromkeys(tried))
    for path in tried:
        if is_file(path) or _is_pipe(path):  # a shell's <(command) is a pipe
            return path
    meant = close(name, shipped_maps())
    raise ConfigError(
        f'map "{one_line(name, 100)}"',
        f"no such map; tried {', '.join(one_line(str(path)) for path in tried)}",
        (f"did you mean {meant}? " if meant else "")
        + f"give the path of a map's file, or one of those that ship: {', '.join(shipped_maps()) or 'none'}",
    )


def _is_pipe(path: Path) -> bool:
    try:
        return path.is_fifo()
    except (OSError, ValueError):
        return False


def _folders(beside: Path | None) -> list[Path]:
    shipped = shipped_folder()
    return [*([beside, beside / "maps"] if beside else []), *([shipped] if shipped else [])]


def shipped_folder() -> Path | None:
    """Return the folder of the maps that ship: inside the installed package, else the checkout's; null if neither is there."""
    packed = files("cockpit") / "maps"
    if isinstance(packed, Path) and packed.is_dir():
        return packed
    checkout = Path(__file__).resolve().parents[2] / "maps"
    return checkout if checkout.is_dir() else None


def shipped_maps() -> tuple[str, ...]:
    """Return the names of the maps that ship."""
    folder = shipped_folder()
    return () if folder is None else tuple(sorted(path.stem for path in folder.glob("*.yaml")))
