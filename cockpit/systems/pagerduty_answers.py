"""What PagerDuty answers, read into our words: change events, services, who is on call. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec

from cockpit.config import SystemSpec
from cockpit.model.change import ChangeKind, ChangeReport
from cockpit.model.reading import Duty
from cockpit.spans import parse_rfc3339
from cockpit.systems.answers import UnreadableError, decode, utc, web_url
from cockpit.systems.base import Reply, SystemError
from cockpit.systems.event_words import NAMES, first_of, kind_of, progress_of, says_yes, short_commit, words_in
from cockpit.systems.failures import refused
from cockpit.text import one_line

MOST = 60
"""Custom details that are kept of one event."""


class Fields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names under which the senders put into `custom_details` what Cockpit asks for; the first that is there counts."""

    version: tuple[str, ...] = (*NAMES["version"], "tag", "build_number")
    commit: tuple[str, ...] = NAMES["commit"]
    owner: tuple[str, ...] = NAMES["owner"]
    author: tuple[str, ...] = NAMES["author"]
    environment: tuple[str, ...] = NAMES["environment"]
    service: tuple[str, ...] = NAMES["service"]
    progress: tuple[str, ...] = (*NAMES["progress"], "state", "build_state")
    kind: tuple[str, ...] = NAMES["kind"]


class _Reference(msgspec.Struct):
    id: str = ""
    summary: str | None = None
    name: str | None = None
    html_url: str | None = None

    @property
    def called(self) -> str:
        return one_line(self.name or self.summary or "", 120)


class _Link(msgspec.Struct):
    href: str | None = None


class _Event(msgspec.Struct):
    id: str
    timestamp: str
    summary: str | None = None
    source: str | None = None
    services: list[_Reference] | None = None
    links: list[_Link] | None = None
    custom_details: Any = None


class _Service(msgspec.Struct):
    id: str
    summary: str | None = None
    name: str | None = None
    teams: list[_Reference] | None = None


class _OnCall(msgspec.Struct):
    escalation_policy: _Reference
    user: _Reference
    escalation_level: int = 1
    start: str | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """One change event, cleaned."""

    id: str
    at: datetime
    summary: str
    source: str
    services: tuple[tuple[str, str], ...]
    """Id and, where it is told, name."""
    details: Mapping[str, str]
    """The custom details, flat."""
    url: str | None


@dataclass(frozen=True, slots=True)
class KnownService:
    """What PagerDuty knows of one of its services."""

    name: str
    team: str
    """The first team that it belongs to there; empty for none."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What decides how events become changes."""

    kind: ChangeKind
    fields: Fields
    labels: Mapping[str, str]
    """Those of the configuration."""
    mapped: Mapping[str, tuple[str, ...]]
    """The map's services by PagerDuty's id of them."""
    services: Mapping[str, KnownService] = field(default_factory=dict)
    """PagerDuty's services by id."""


def read_event(data: bytes, plain: bool) -> ChangeEvent:  # noqa: ARG001 - every text is short, and cleaned at once
    """Return one change event.

    Raises:
        UnreadableError: Its time is none.
    """
    raw = msgspec.json.decode(data, type=_Event)
    links = (web_url(link.href) for link in raw.links or ())
    return ChangeEvent(
        id=one_line(raw.id, 120),
        at=_moment(raw.timestamp, "timestamp"),
        summary=one_line(raw.summary or "", 300),
        source=one_line(raw.source or "", 120),
        services=tuple((one_line(one.id, 80), one.called) for one in raw.services or () if one.id or one.called),
        details=flat(raw.custom_details),
        url=next((link for link in links if link is not None), None),
    )


def flat(details: object, above: str = "") -> dict[str, str]:
    """Return custom details as plain cleaned text; those of a field within by `outer.inner`.

    Names compare without case, and `-` and blanks in them are `_`.
    """
    found: dict[str, str] = {}
    for name, value in list(details.items())[:MOST] if isinstance(details, Mapping) else ():
        key = f"{above}{_key(str(name))}"
        if isinstance(value, Mapping) and not above:
            found |= flat(value, f"{key}.")
        elif text := words_in(value):
            found.setdefault(key, text)
    return found


def _key(name: str) -> str:
    return one_line(name, 80).casefold().replace("-", "_").replace(" ", "_")


def _pick(details: Mapping[str, str], names: Sequence[str]) -> str:
    return first_of(details, [_key(name) for name in names])[0]


def _moment(text: str, name: str) -> datetime:
    try:
        at = utc(parse_rfc3339(text))
    except ValueError:
        at = None
    if at is None:
        raise UnreadableError(f".{name}: expected a time")
    return at


def read_service(data: bytes, plain: bool) -> tuple[str, KnownService]:  # noqa: ARG001 - likewise
    """Return one service with its id."""
    raw = msgspec.json.decode(data, type=_Service)
    team = next((one.called for one in raw.teams or () if one.called), "")
    return one_line(raw.id, 80), KnownService(_Reference(raw.id, raw.summary, raw.name).called, team)


def read_duty(data: bytes, plain: bool) -> tuple[Duty, datetime | None]:  # noqa: ARG001 - likewise
    """Return one duty, and since when it lasts; null for always.

    Raises:
        UnreadableError: A time is none: read as no end it would name somebody for ever.
    """
    raw = msgspec.json.decode(data, type=_OnCall)
    person = raw.user.called
    if not person:
        raise UnreadableError(".user: has no name")
    policy = raw.escalation_policy
    until = _moment(raw.end, "end") if raw.end is not None else None
    since = _moment(raw.start, "start") if raw.start is not None else None
    duty = Duty(
        policy=one_line(policy.id, 80),
        policy_name=policy.called,
        person=person,
        level=raw.escalation_level,
        until=until,
        url=web_url(raw.user.html_url),
    )
    return duty, since


def changes_of(event: ChangeEvent, telling: Telling) -> tuple[ChangeReport, ...]:
    """Return the changes that an event tells: one a service that it names."""
    fields, details = telling.fields, event.details
    commit = _pick(details, fields.commit)
    own = ChangeReport(
        id=event.id,
        name="",
        version=_pick(details, fields.version) or short_commit(commit),
        kind=kind_of(_pick(details, fields.kind)) or telling.kind,
        began=event.at,
        author=_pick(details, fields.author),
        summary=event.summary,
        url=event.url,
        rollback=any(details.get(name) and says_yes(details, name) for name in NAMES["rollback"]),
        labels={**telling.labels, **details},
        says=f"change event {event.id}: {event.summary}",
        progress=progress_of(_pick(details, fields.progress)),
        commit=commit,
        environment=_pick(details, fields.environment),
    )
    told: dict[str, ChangeReport] = {}
    for service, called in event.services or (("", ""),):
        known = telling.services.get(service)
        name = _name(event, telling, service, called or (known.name if known is not None else ""))
        owner = _pick(details, fields.owner)
        by = "custom_details" if owner else ""
        if not owner and known is not None and known.team:
            owner, by = known.team, "pagerduty service"
        told.setdefault(name, replace(own, name=name, owner=owner, owner_by=by))
    return tuple(told.values())


def _name(event: ChangeEvent, telling: Telling, service: str, called: str) -> str:
    """Return what the board finds a service by: the map's own name where one service of it has that id alone."""
    mapped = telling.mapped.get(service, ())
    if len(mapped) == 1:
        return mapped[0]
    told = _pick(event.details, telling.fields.service)
    return (told if mapped or not called else called) or called or told or event.source or service


def refusal(reply: Reply, spec: SystemSpec, path: str, now: datetime) -> SystemError | None:
    """Return the error for an answer that is none, with the reasons that PagerDuty lists beside its message."""
    error = refused(reply, spec, path, now)
    if error is None or reply.status == 401:
        return error
    try:
        said = decode(reply.body, _Refused).error
    except SystemError:
        return error
    reasons = [one_line(one, 200) for one in _reasons(said.errors) if one not in str(error)]
    words = "; ".join(reasons[:3])
    return SystemError(f"{error}{': ' if words else ''}{words}", retry_after_s=error.retry_after_s, status=error.status)


class _Error(msgspec.Struct):
    errors: Any = None


class _Refused(msgspec.Struct):
    error: _Error


def _reasons(errors: object) -> Sequence[str]:
    if isinstance(errors, str):
        return [errors]
    return [one for one in errors if isinstance(one, str)] if isinstance(errors, list) else []
