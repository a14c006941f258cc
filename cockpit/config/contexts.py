"""One context: what it says about the map, the person, the pane and the systems."""

from collections.abc import Mapping
from pathlib import Path

from cockpit.config.files import is_file
from cockpit.config.systems import read_system
from cockpit.config.table import Table
from cockpit.config.values import ConfigError, Context, Me
from cockpit.config.zones import check_zone
from cockpit.matchers import MatcherError, parse_matcher

_PRIORITIES = ("P1", "P2", "P3", "P4")
_ENDINGS = ("", ".yaml", ".yml")


def read_context(name: str, table: Table, home: Path) -> Context:
    """Return a context as it is configured.

    Raises:
        ConfigError: A key is unknown, or has a wrong type or value.
    """
    plain = Context(name)
    timezone = table.text("timezone")
    context = Context(
        name=name,
        map=_map(table, home),
        production=table.flag("production", plain.production),
        read_only=table.flag("read_only", plain.read_only),
        window=table.duration("window") or plain.window,
        shift=table.duration("shift") or plain.shift,
        baking=table.duration("baking") or plain.baking,
        timezone=None if timezone is None else check_zone(table.place("timezone"), timezone),
        times=table.choice("times", ("utc", "local"), plain.times),
        me=_me(table),
        heartbeat=_matchers(table, "heartbeat", plain.heartbeat),
        dim=_matchers(table, "dim", plain.dim),
        exporters=_or(table.texts("exporters"), plain.exporters),
        severities=table.words("severities", _priority),
        bell=table.flag("bell", plain.bell),
        bell_every=table.duration("bell_every") or plain.bell_every,
        views=table.words("views"),
        keys=_keys(table),
        theme=table.text("theme"),
        ascii=table.flag("ascii", False) if table.has("ascii") else None,
        mouse=table.flag("mouse", plain.mouse),
        shared_cache=_shared_cache(table, home),
        systems=tuple(read_system(key, below, home) for key, below in table.tables("systems").items()),
        source=table.document.file_of(table.keys),
    )
    table.finish()
    return context


def _or(value: tuple[str, ...] | None, default: tuple[str, ...]) -> tuple[str, ...]:
    """Return the default for a list that is not there; an empty one is meant."""
    return default if value is None else value


def _map(table: Table, home: Path) -> str | None:
    """Return the map's file where it lies beside the configuration, else the name as it stands."""
    value = table.text("map")
    if value is None:
        return None
    path = table.resolve(value, home, "map")
    for ending in _ENDINGS:
        candidate = path.with_name(path.name + ending)
        if is_file(candidate):
            return str(candidate)
    return str(path) if value.startswith(("~", "/")) else value


def _shared_cache(table: Table, home: Path) -> str | None:
    """Return the folder in which answers are shared: empty for Cockpit's own, null for none."""
    if not table.has("shared_cache"):
        return None
    value = table.values["shared_cache"]
    if isinstance(value, bool):
        return "" if value else None
    if not isinstance(value, str):
        raise table.error("shared_cache", "is neither a folder nor true or false", 'write a folder "/…", or true')
    return table.path("shared_cache", home)


def _me(table: Table) -> Me:
    below = table.table("me")
    if below is None:
        return Me()
    me = Me(name=below.text("name") or "", teams=below.texts("teams") or ())
    below.finish()
    return me


def _matchers(table: Table, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    texts = table.texts(key)
    for number, text in enumerate(texts or ()):
        try:
            parse_matcher(text)
        except MatcherError as error:
            what, _, remedy = str(error).partition("; ")
            remedy = remedy or 'write one such as alertname="Watchdog"'
            raise table.error(key, what, remedy, item=number) from error
    return _or(texts, default)


def _priority(place: str, value: str) -> str:
    if value not in _PRIORITIES:
        raise ConfigError(place, f"{value!r} is no priority", f"write one of {', '.join(_PRIORITIES)}")
    return value


def _keys(table: Table) -> Mapping[str, str]:
    """Return the key map: a key, several separated by commas, or a list of them, by action."""
    below = table.table("keys")
    if below is None:
        return {}
    return {
        action: ",".join(below.texts(action) or ()) if isinstance(value, list) else below.text(action) or ""
        for action, value in below.values.items()
    }
