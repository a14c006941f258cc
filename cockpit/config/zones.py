"""The person's time zone: the configured one, else `$TZ`, else the host's."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from cockpit.config.values import ConfigError

_LOCALTIME = Path("/etc/localtime")


def find_zone(name: str) -> tzinfo | None:
    """Return the zone of an IANA name, or null where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # a name with a path in it, a folder, or a name nobody knows
        return None


def check_zone(place: str, name: str) -> str:
    """Return the name.

    Raises:
        ConfigError: There is no such zone; names the nearest.
    """
    if find_zone(name) is None:
        from zoneinfo import available_timezones

        from cockpit.config.table import nearest

        meant = nearest(name, available_timezones())
        remedy = f"did you mean {meant}?" if meant else "write an IANA name such as Europe/Berlin"
        raise ConfigError(place, f"{name!r} is no time zone", remedy)
    return name


def person_zone(configured: str | None, environ: Mapping[str, str], at: datetime) -> tzinfo:
    """Return the zone that a person reads times in.

    Args:
        configured: The context's `timezone`.
        environ: The environment, for `$TZ`; a value that names no zone is passed over.
        at: The present, for a host whose zone has no name.
    """
    if configured:
        return find_zone(configured) or UTC
    wanted = environ.get("TZ", "").removeprefix(":")
    if wanted:
        zone = find_zone(wanted)
        if zone is not None:
            return zone
    return _host_zone() or at.astimezone().tzinfo or UTC


def _host_zone() -> tzinfo | None:
    """Return the zone that `/etc/localtime` is a link to: a name keeps summer time, an offset does not."""
    try:
        _, found, name = str(_LOCALTIME.resolve(strict=True)).partition("/zoneinfo/")
    except OSError:
        return None
    return find_zone(name) if found else None
