"""What the configuration says of a Datadog: its site, the queries that find changes, and how late events may be."""

import re
from datetime import timedelta

import msgspec

from cockpit.config import ConfigError, SystemSpec
from cockpit.model.change import ChangeKind
from cockpit.spans import parse_duration
from cockpit.systems.settings import settings_of

QUERY = "tags:deploy status:success"
"""Finds deploys among events where nothing else is said."""

_SITE = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
_APP = ("app.", "api.")
"""What people copy in front of a site."""


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One search among events."""

    query: str
    kind: ChangeKind = ChangeKind.DEPLOY
    """What an event is that does not say it itself."""


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """Keys of this kind's own."""

    site: str = "datadoghq.com"
    """Where the account is: `datadoghq.eu`, `us3.datadoghq.com`, …"""
    query: str | bool | None = None
    """Finds deploys among events; false asks for no events."""
    queries: list[Query] = []
    """Further searches, each with its kind; beside `query` where that is given, else instead of the default."""
    dora: str | bool | None = None
    """A query over DORA deployments, true for all of them, false for none; without it they are asked where they may be."""
    fields: dict[str, list[str]] = {}
    """Tags or attributes by what they mean, where they are none of the usual ones: `{service = ["app_name"]}`."""
    covers: list[str] = []
    """Services that report their changes here; `"*"` for all of the map."""
    lag: str = "2m"
    """After so long an event that was sent can be found."""


def site_of(spec: SystemSpec) -> str:
    """Return the site of a system's settings.

    Raises:
        ConfigError: It is no name of a host.
    """
    site = spec.extra.get("site", Settings().site)
    place = f"{spec.place or spec.name}.site"
    remedy = 'write it as the address of your account ends: "datadoghq.com", "datadoghq.eu", "us3.datadoghq.com"'
    if not isinstance(site, str) or not _SITE.fullmatch(site):
        raise ConfigError(place, "is no name of a site", remedy)
    if site.startswith(_APP):
        raise ConfigError(place, f"{site} is the address of a server, not of a site", f'write "{site[4:]}"')
    return site


def read_settings(spec: SystemSpec) -> tuple[Settings, tuple[Query, ...]]:
    """Return a system's own settings and the searches that they come to.

    Raises:
        ConfigError: A key is unknown, has a wrong type, or nothing would be asked.
    """
    settings = settings_of(spec, Settings)
    place = spec.place or spec.name
    try:
        parse_duration(settings.lag)
    except ValueError as error:
        raise ConfigError(f"{place}.lag", str(error), 'write one such as "2m"') from error
    searches = tuple(settings.queries)
    if isinstance(settings.query, str):
        searches = (Query(settings.query), *searches)
    elif settings.query is True or (settings.query is None and not searches):
        searches = (Query(QUERY), *searches)
    for one in searches:
        if not one.query.strip():
            raise ConfigError(
                f"{place}.query", "is empty", f'write a query such as "{QUERY}", or false to ask for none'
            )
    if not searches and settings.dora is False:
        raise ConfigError(place, "asks for neither events nor DORA deployments", "leave out query or dora")
    return settings, searches


def lag_of(settings: Settings) -> timedelta:
    """Return how long an event takes until it can be found."""
    return parse_duration(settings.lag)


def event_link(site: str, event: str) -> str | None:
    """Return the page of one event, by its number; null where it has none."""
    if not event.isascii() or not event.isdigit():
        return None
    return f"https://{'app.' if site.count('.') == 1 else ''}{site}/event/event?id={event}"
