"""What status pages answer, read into one shape: Statuspage, Instatus, and feeds. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from cockpit.spans import parse_rfc3339
from cockpit.systems.answers import decode
from cockpit.systems.base import SystemError
from cockpit.systems.failures import http_date
from cockpit.text import one_line

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

FEED_DAY = timedelta(hours=24)
"""How long an entry of a feed counts that does not say that it is over."""

_OVER = ("resolved", "completed", "operational", "restored", "fixed", "postmortem", "closed")
"""Words by which an entry of a feed says that it is over."""

_TROUBLE = ("minor", "major", "critical", "maintenance")
_DEGRADED = ("degraded_performance", "partial_outage", "major_outage", "under_maintenance")
_INSTATUS = {"UP": True, "HASISSUES": False, "UNDERMAINTENANCE": False}
_INSTATUS_SAYS = {"UP": "All systems operational", "HASISSUES": "Has issues", "UNDERMAINTENANCE": "Under maintenance"}
_HARMLESS = ("none", "maintenance")


@dataclass(frozen=True, slots=True)
class Said:
    """What one page says now."""

    fine: bool | None
    """Null where it says nothing that can be read."""
    says: str
    incident: str = ""
    """The name of the latest open incident."""


class _Status(msgspec.Struct):
    indicator: str = ""
    description: str = ""


class _Component(msgspec.Struct):
    name: str = ""
    status: str = ""
    group: bool | None = None


class _Incident(msgspec.Struct):
    name: str = ""
    impact: str | None = None
    resolved_at: str | None = None


class _Summary(msgspec.Struct):
    status: _Status
    components: list[_Component] | None = None
    incidents: list[_Incident] | None = None


class _InstatusPage(msgspec.Struct):
    status: str


class _InstatusIncident(msgspec.Struct):
    name: str = ""


class _Instatus(msgspec.Struct):
    page: _InstatusPage
    activeIncidents: list[_InstatusIncident] | None = None  # noqa: N815 - the field's name in the answer
    activeMaintenances: list[_InstatusIncident] | None = None  # noqa: N815 - likewise


def read_statuspage(body: bytes, parts: Sequence[str] = ()) -> Said:
    """Return what `/api/v2/summary.json` says; of some components alone where they are named.

    Raises:
        SystemError: It has another shape.
    """
    summary: _Summary = decode(body, _Summary)
    components = [one for one in summary.components or () if not one.group]
    if parts:
        return _of_parts(components, parts)
    open_now = [one for one in summary.incidents or () if not one.resolved_at]
    incident = one_line(open_now[0].name, 120) if open_now else ""
    says = one_line(summary.status.description, 120) or one_line(summary.status.indicator, 40)
    indicator = summary.status.indicator
    if indicator in _TROUBLE:
        return Said(False, says, incident)
    if indicator != "none":
        return Said(None, f"status page says {says or 'nothing'}", incident)
    ailing = _ailing(components)
    if ailing:
        return Said(False, f"{says}, but {ailing}", incident)
    harm = any((one.impact or "none") not in _HARMLESS for one in open_now)
    return Said(not harm, says, incident)


def _of_parts(components: Iterable[_Component], parts: Sequence[str]) -> Said:
    """Return what the named components say; one that the page does not have leaves it unknown."""
    known = {one.name.strip().casefold(): one for one in components}
    wanted = [known.get(part.strip().casefold()) for part in parts]
    found = [one for one in wanted if one is not None]
    ailing = _ailing(found)
    if ailing:
        return Said(False, ailing)
    missing = [part for part, one in zip(parts, wanted, strict=True) if one is None]
    if missing:
        return Said(None, f"status page has no component {one_line(missing[0], 60)}")
    if any(one.status != "operational" for one in found):
        return Said(None, f"status page says {one_line(', '.join(one.status for one in found), 60)}")
    return Said(True, f"{one_line(', '.join(one.name for one in found), 100)} operational")


def _ailing(components: Iterable[_Component]) -> str:
    """Return what is not well, worst first: `API Requests major outage, Webhooks degraded performance`."""
    ailing = [one for one in components if one.status in _DEGRADED]
    ailing.sort(key=lambda one: -_DEGRADED[:3].index(one.status) if one.status in _DEGRADED[:3] else 1)
    told = [f"{one_line(one.name, 40)} {one.status.replace('_', ' ')}" for one in ailing[:2]]
    return ", ".join(told) + (f" and {len(ailing) - 2} more" if len(ailing) > 2 else "")


def read_instatus(body: bytes) -> Said:
    """Return what Instatus' `/summary.json` says.

    Raises:
        SystemError: It has another shape.
    """
    seen: _Instatus = decode(body, _Instatus)
    open_now = [*(seen.activeIncidents or ()), *(seen.activeMaintenances or ())]
    incident = one_line(open_now[0].name, 120) if open_now else ""
    status = one_line(seen.page.status, 40)
    return Said(_INSTATUS.get(status), _INSTATUS_SAYS.get(status, f"status page says {status or 'nothing'}"), incident)


def read_feed(body: bytes, now: datetime) -> Said:
    """Return what an RSS or Atom feed says: trouble while an entry of the last day does not say that it is over.

    Raises:
        SystemError: It is no feed, or one that defines entities.
    """
    from xml.etree import ElementTree as ET

    if b"<!DOCTYPE" in body or b"<!ENTITY" in body or b"\0" in body:
        raise SystemError("is a feed that defines a document type, or no text: not read")
    try:
        root = ET.fromstring(body)  # noqa: S314 - what defines entities was refused above
    except (ET.ParseError, ValueError, LookupError) as error:
        raise SystemError(f"is no feed: {one_line(str(error), 100)}") from error
    kind = root.tag.rpartition("}")[2]
    if kind not in {"rss", "feed", "RDF"}:
        raise SystemError(f"is no feed, but {one_line(kind, 40)}")
    for entry in root.iter():
        if entry.tag.rpartition("}")[2] not in {"item", "entry"}:
            continue
        at = _when(entry)
        words = " ".join(entry.itertext()).casefold()
        if at is not None and timedelta(0) <= now - at < FEED_DAY and not any(word in words for word in _OVER):
            title = one_line(_field(entry, "title"), 120)
            return Said(False, title or "tells of an incident", title)
    return Said(True, "tells of no open incident")


def _field(entry: "Element", *names: str) -> str:
    for name in names:
        for part in entry:
            if part.tag.rpartition("}")[2] == name and part.text:
                return part.text.strip()
    return ""


def _when(entry: "Element") -> datetime | None:
    text = _field(entry, "updated", "published", "pubDate", "date")
    try:
        return parse_rfc3339(text)
    except ValueError:
        return http_date(text)
