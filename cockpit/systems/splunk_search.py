"""What the configuration says of a Splunk: its searches, how far back each reaches, and what its fields mean."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from cockpit.config import ConfigError, SystemSpec
from cockpit.config.table import nearest
from cockpit.model.change import ChangeKind
from cockpit.spans import parse_duration
from cockpit.systems.event_words import names_of
from cockpit.systems.settings import settings_of

SEARCH = (
    "index=deploy earliest=-4h"
    " | stats count, latest(_time) as latest, earliest(_time) as began, values(owner) as owner by service, version"
)
"""Finds deploys where nothing else is said; its `earliest` reaches as far back as is asked."""

SCHEMES = ("Bearer", "Splunk")
"""What stands before the token: a token of Splunk's own, or a session key."""

_HOURS = (5, 9, 13, 25, 49, 97, 193, 745)
"""So far back the usual search reaches: a step further than is asked, so that few searches differ."""

_EARLIEST = re.compile(r"(?<![\w.])earliest\s*=\s*(?P<quote>\"?)(?P<value>[^\s\"|]+)(?P=quote)", re.IGNORECASE)
_RELATIVE = re.compile(r"-(\d{1,6})(s|sec|secs|m|min|mins|minute|minutes|h|hr|hrs|hour|hours|d|day|days|w|week|weeks)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


class Search(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One search, as the configuration has it."""

    search: str
    kind: ChangeKind = ChangeKind.DEPLOY
    """What a row is that does not say it itself."""


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """Keys of this kind's own."""

    search: str | None = None
    """Finds deploys."""
    searches: list[Search] = []
    """Further ones, each with its kind; beside `search` where that is given, else instead of the usual one."""
    scheme: str = SCHEMES[0]
    """What stands before the token."""
    fields: dict[str, list[str]] = {}
    """Fields by what they mean, where they are none of the usual ones: `{version = ["build_tag"]}`."""
    covers: list[str] = []
    """Services that log their changes here; `"*"` for all of the map."""
    lag: str = "1m"
    """After so long what was logged can be found."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One search as it is sent."""

    text: str
    since: datetime | None
    """From when on it answers; null where its own words cannot be told."""
    kind: ChangeKind


@dataclass(frozen=True, slots=True)
class Searches:
    """The settings, read."""

    searches: tuple[Search, ...]
    names: Mapping[str, tuple[str, ...]]
    """Fields by what they mean."""
    covers: tuple[str, ...]
    lag: timedelta


def scheme_of(spec: SystemSpec) -> str:
    """Return what stands before the token.

    Raises:
        ConfigError: It is neither of the two.
    """
    scheme = spec.extra.get("scheme", SCHEMES[0])
    if scheme in SCHEMES:
        return str(scheme)
    meant = nearest(scheme, SCHEMES) if isinstance(scheme, str) else None
    remedy = f'did you mean "{meant}"?' if meant else '"Bearer" for a token, "Splunk" for a session key'
    raise ConfigError(f"{spec.place or spec.name}.scheme", "is none that Splunk knows", remedy)


def read_settings(spec: SystemSpec) -> Searches:
    """Return a system's own settings.

    Raises:
        ConfigError: A key is unknown, has a wrong type, or a search is empty.
    """
    settings = settings_of(spec, Settings)
    place = spec.place or spec.name
    scheme_of(spec)
    try:
        lag = parse_duration(settings.lag)
    except ValueError as error:
        raise ConfigError(f"{place}.lag", str(error), 'write one such as "1m"') from error
    searches = tuple(settings.searches)
    if settings.search is not None or not searches:
        searches = (Search(SEARCH if settings.search is None else settings.search), *searches)
    if not all(one.search.strip() for one in searches):
        raise ConfigError(f"{place}.search", "is empty", "write the search, or leave it out for the usual one")
    return Searches(searches, names_of(settings.fields, f"{place}.fields"), tuple(settings.covers), lag)


def wanted(search: Search, since: datetime, until: datetime) -> Wanted:
    """Return a search as it is sent for a window: with the word that it must begin with.

    The usual search reaches as far back as is asked. One of the configuration's own is sent as it is written: with an
    `earliest` of its own it answers for no more than that.
    """
    text = search.search.strip()
    if search.search == SEARCH:
        hours = (until - since).total_seconds() / 3600
        reach = next((step for step in _HOURS if step >= hours), int(hours) + 2)
        return Wanted(f"search {text.replace('-4h', f'-{reach}h', 1)}", since, search.kind)
    base = text.split("|", 1)[0]
    own = _EARLIEST.search(base)
    if not text.startswith("|") and not re.match(r"search\b", text, re.IGNORECASE):
        text = f"search {text}"
    if own is None:
        return Wanted(text, since, search.kind)
    began = _relative(own["value"], until)
    return Wanted(text, None if began is None else max(since, began), search.kind)


def _relative(text: str, until: datetime) -> datetime | None:
    """Return the moment that `-4h` or `-4h@h` says, or null; snapping only reaches further back."""
    found = _RELATIVE.fullmatch(text.partition("@")[0].casefold())
    if found is None:
        return None
    try:
        return until - timedelta(seconds=int(found[1]) * _SECONDS[found[2][0]])
    except OverflowError:
        return None
