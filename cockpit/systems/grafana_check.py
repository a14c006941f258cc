"""What `doctor` finds out about a Grafana, with requests that change nothing."""

from collections.abc import Awaitable, Callable, Sequence

from cockpit.config import SystemSpec
from cockpit.model.annotation import Spot
from cockpit.systems.addresses import address_of
from cockpit.systems.answers import decode, decode_list, require_json
from cockpit.systems.base import Check, Reply, SystemError
from cockpit.systems.failures import remedy_for
from cockpit.systems.grafana import CREATE, PATH, READ
from cockpit.systems.grafana_annotations import Settings
from cockpit.text import one_line

PERMISSIONS = "/api/access-control/user/permissions"
"""Where Grafana lists what these credentials may do."""

_ORGANISATION = "annotations:type:organization"
_DASHBOARD = "annotations:type:dashboard"

Get = Callable[[str, Sequence[tuple[str, str]]], Awaitable[Reply]]
"""Asks for a path with parameters; raises SystemError for anything but an answer."""


async def checks(
    spec: SystemSpec,
    settings: Settings,
    get: Get,
    spot: Callable[[str], Awaitable[Spot]],
    read: Sequence[tuple[str, str]],
) -> list[Check]:
    """Return a line for reading, and where it may be written one for the permission and one for each dashboard.

    Args:
        spec: The system's settings.
        settings: Those of its kind's own.
        get: Asks it.
        spot: Finds a dashboard.
        read: Parameters that ask for one annotation.
    """
    told = [await _reading(spec, settings, get, read)]
    if told[0].ok and spec.write:
        told.append(await _writing(spec, settings, get))
        boards = dict.fromkeys((settings.dashboard_uid, *settings.dashboards.values()))
        told += [await _dashboard(spec, board, spot) for board in boards if board]
    return told


def _whose(spec: SystemSpec) -> str:
    return f"the service account whose token stands in {spec.place}" if spec.place else "the service account"


async def _reading(spec: SystemSpec, settings: Settings, get: Get, read: Sequence[tuple[str, str]]) -> Check:
    what = f"GET {PATH} on {address_of(spec.urls[0]) if spec.urls else spec.name}"
    try:
        items = decode_list(require_json(await get(PATH, read)))
    except SystemError as error:
        remedies = {
            401: f"make a new token for {_whose(spec)}, or correct org",
            403: f"give {_whose(spec)} the permission {READ}",
        }
        remedy = remedies.get(error.status or 0, "is url right, with its sub-path, and can it be reached from here?")
        return Check(spec.name, what, ok=False, message=str(error), remedy=remedy_for(error, remedy))
    tagged = f"tagged {' or '.join(settings.tags)}" if settings.tags else "of any tag"
    if items:
        return Check(spec.name, what, ok=True, message=f"there are annotations {tagged}")
    remedy = f"let deploys be annotated, {tagged}, or set tags to those that yours have"
    return Check(spec.name, what, ok=True, message=f"no annotation {tagged} yet", remedy=remedy, warning=True)


async def _writing(spec: SystemSpec, settings: Settings, get: Get) -> Check:
    what = f"may write annotations, by GET {PERMISSIONS}"
    try:
        scopes: dict[str, object] = decode(require_json(await get(PERMISSIONS, ())), dict[str, object])
    except SystemError as error:
        remedy = "look at the service account's permissions in Grafana"
        message = f"not known, it does not list permissions: {error}"
        return Check(spec.name, what, ok=True, message=message, remedy=remedy, warning=True)
    wanted = [] if settings.dashboard_uid else [_ORGANISATION]
    wanted += [_DASHBOARD] if settings.dashboard_uid or settings.dashboards else []
    missing = [scope for scope in wanted if not _allowed(scopes.get(CREATE), scope)]
    if not missing:
        return Check(spec.name, what, ok=True, message=f"{CREATE} is granted")
    remedy = f"give {_whose(spec)} {CREATE} on {' and '.join(missing)}"
    return Check(spec.name, what, ok=False, message=f"{CREATE} is missing on {', '.join(missing)}", remedy=remedy)


async def _dashboard(spec: SystemSpec, board: str, spot: Callable[[str], Awaitable[Spot]]) -> Check:
    what = f"dashboard {one_line(board, 60)} is there"
    try:
        found = await spot(board)
    except SystemError as error:
        remedy = "write the uid that stands behind /d/ in its address"
        return Check(spec.name, what, ok=False, message=str(error), remedy=remedy)
    return Check(spec.name, what, ok=True, message=found.says)


def _allowed(scopes: object, wanted: str) -> bool:
    """Tell whether the scopes of a permission hold one; permissions on dashboards are of another kind since Grafana 12."""
    if not isinstance(scopes, list):
        return False
    own = wanted.rpartition(":")[0]
    known = {wanted, f"{own}:*", f"{own.rpartition(':')[0]}:*", "*"}
    on_boards = wanted == _DASHBOARD and any(str(one).startswith(("dashboards:", "folders:")) for one in scopes)
    return on_boards or any(str(one) in known for one in scopes)
