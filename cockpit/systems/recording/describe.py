"""A context in a recording's header: what has to be known to read the answers again, and no secret."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated

import msgspec

from cockpit import __version__
from cockpit.config import DEFAULT_DIM, DEFAULT_EXPORTERS, DEFAULT_HEARTBEAT, ConfigError, Context, Secret, SystemSpec
from cockpit.matchers import MatcherError, parse_matcher
from cockpit.systems.recording.file import Header
from cockpit.systems.unread import UNREAD
from cockpit.text import bare, clean, one_line

_LONGEST_S = 3650 * 86400.0


class _System(msgspec.Struct):
    name: str
    kind: str
    urls: tuple[str, ...] = ()
    labels: dict[str, str] = {}
    every_s: Annotated[float, msgspec.Meta(ge=0.01, le=_LONGEST_S)] | None = None
    extra: dict[str, object] = {}


class _Context(msgspec.Struct):
    name: str = "recording"
    production: bool = False
    window_s: Annotated[float, msgspec.Meta(ge=1.0, le=_LONGEST_S)] = 4 * 3600.0
    shift_s: Annotated[float, msgspec.Meta(ge=1.0, le=_LONGEST_S)] = 12 * 3600.0
    baking_s: Annotated[float, msgspec.Meta(ge=1.0, le=_LONGEST_S)] = 3600.0
    heartbeat: tuple[str, ...] = DEFAULT_HEARTBEAT
    dim: tuple[str, ...] = DEFAULT_DIM
    exporters: tuple[str, ...] = DEFAULT_EXPORTERS
    severities: dict[str, str] = {}
    timezone: str | None = None
    systems: tuple[_System, ...] = ()


def _plain(value: object) -> object:
    """Return a setting as JSON can hold it, URLs without credentials, and references to secrets left out."""
    if isinstance(value, str):
        return bare(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items() if not isinstance(item, Secret)}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}s"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


def header_of(
    context: Context, began: datetime, *, builds: Mapping[str, str] | None = None, map_text: str | None = None
) -> Header:
    """Return the header of a recording that begins in a context; no secret and no credential is in it."""
    systems = [
        {
            "name": spec.name,
            "kind": spec.kind,
            "urls": [bare(url) for url in spec.urls],
            "labels": dict(spec.labels),
            "every_s": None if spec.every is None else spec.every.total_seconds(),
            "extra": {} if spec.kind in UNREAD else _plain(spec.extra),  # what they hold nobody has checked
        }
        for spec in context.systems
    ]
    said: dict[str, object] = {
        "name": context.name,
        "production": context.production,
        "window_s": context.window.total_seconds(),
        "shift_s": context.shift.total_seconds(),
        "baking_s": context.baking.total_seconds(),
        "heartbeat": list(context.heartbeat),
        "dim": list(context.dim),
        "exporters": list(context.exporters),
        "severities": dict(context.severities),
        "timezone": context.timezone,
        "systems": systems,
    }
    return Header(began, __version__, builds=dict(builds or {}), context=said, map=map_text)


def context_of(header: Header, place: str = "recording") -> Context:
    """Return the context that a header describes, read-only.

    Raises:
        ConfigError: The header describes none.
    """
    try:
        said = msgspec.convert(dict(header.context), type=_Context)
        for text in (*said.heartbeat, *said.dim):
            parse_matcher(text)
    except (msgspec.ValidationError, MatcherError) as error:
        raise ConfigError(place, f"its header describes no context: {error}", "record it again") from error
    systems = tuple(
        SystemSpec(
            name=one_line(system.name, 100),
            kind=system.kind,
            place=f"{place}: context.systems.{system.name}",
            urls=system.urls,
            every=None if system.every_s is None else timedelta(seconds=system.every_s),
            labels={one_line(name, 200): clean(value) for name, value in system.labels.items()},
            extra=system.extra,
        )
        for system in said.systems
    )
    return Context(
        name=one_line(said.name, 100),
        production=said.production,
        window=timedelta(seconds=said.window_s),
        shift=timedelta(seconds=said.shift_s),
        baking=timedelta(seconds=said.baking_s),
        timezone=said.timezone,
        heartbeat=said.heartbeat,
        dim=said.dim,
        exporters=said.exporters,
        severities=said.severities,
        systems=systems,
        source=place,
    )
