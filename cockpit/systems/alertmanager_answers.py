"""What Alertmanager's API v2 says of alerts and silences, from 0.22 on, as this program's words."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from cockpit.matchers import Matcher
from cockpit.model.alert import AlertReport, Silence
from cockpit.systems.answers import UnreadableError, clean_labels, utc, web_url
from cockpit.text import clean, one_line

_STATES = frozenset({"active", "suppressed", "unprocessed"})
_FNV_OFFSET = 14695981039346656037
_FNV_PRIME = 1099511628211
_SEPARATOR = b"\xff"
_SHORT = 400
"""Characters of receivers' names, or of ids, that are remembered as they were cleaned: they are the same everywhere."""
_PRINT = re.compile(r"[\w.:~+=-]{1,128}", re.ASCII)


class RawReceiver(msgspec.Struct, gc=False):
    """A receiver as it stands in an alert."""

    name: str = ""


class RawState(msgspec.Struct, gc=False):
    """An alert's status."""

    state: str = "active"
    silencedBy: list[str] | None = None  # noqa: N815 - the field's name in the answer
    inhibitedBy: list[str] | None = None  # noqa: N815 - the field's name in the answer
    mutedBy: list[str] | None = None  # noqa: N815 - the field's name in the answer


class RawAlert(msgspec.Struct, gc=False):
    """An alert as it is answered; only what every version sends is required."""

    labels: dict[str, str]
    startsAt: datetime  # noqa: N815 - the field's name in the answer
    annotations: dict[str, str] | None = None
    endsAt: datetime | None = None  # noqa: N815 - the field's name in the answer
    updatedAt: datetime | None = None  # noqa: N815 - the field's name in the answer
    fingerprint: str | None = None
    status: RawState | None = None
    receivers: list[RawReceiver] | None = None
    generatorURL: str | None = None  # noqa: N815 - the field's name in the answer


_NONE: Mapping[str, AlertReport] = {}
_ALERTS = msgspec.json.Decoder(RawAlert)


def fingerprint_of(labels: Mapping[str, str]) -> str:
    """Return the fingerprint that Prometheus and Alertmanager give to labels (64 bits of FNV-1a, in hex)."""
    value = _FNV_OFFSET
    for name in sorted(labels):
        for byte in name.encode() + _SEPARATOR + labels[name].encode() + _SEPARATOR:
            value = ((value ^ byte) * _FNV_PRIME) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def read_alert(
    data: bytes, plain: bool, address: str, added: Mapping[str, str], known: Mapping[str, AlertReport] = _NONE
) -> AlertReport:
    """Return one peer's word for one alert.

    Args:
        data: The alert as JSON.
        plain: Whether no string in it needs cleaning.
        address: The peer's.
        added: Labels of the system's settings; they replace none.
        known: What it said before, by id: labels and annotations that are the same are the same objects.

    Raises:
        UnreadableError: It starts at no time that a calendar has.
        msgspec.ValidationError: Something has a wrong type or is missing.
    """
    raw = _ALERTS.decode(data)
    started = utc(raw.startsAt) or utc(raw.updatedAt)
    if started is None:
        raise UnreadableError(".startsAt: expected a time")
    status = raw.status or RawState()
    labels = clean_labels(raw.labels, plain)
    for name, value in added.items():
        labels.setdefault(name, value)
    annotations = clean_labels(raw.annotations, plain) if raw.annotations else {}
    name = _id(raw.fingerprint) or fingerprint_of(raw.labels)
    before = known.get(name)
    return AlertReport(
        id=name,
        labels=labels if before is None or before.labels != labels else before.labels,
        annotations=annotations if before is None or before.annotations != annotations else before.annotations,
        started=started,
        ends=utc(raw.endsAt),
        updated=utc(raw.updatedAt),
        state=status.state if status.state in _STATES else "active",
        silenced_by=_words((*(status.silencedBy or ()), *(status.mutedBy or ())))
        if status.silencedBy or status.mutedBy
        else (),
        inhibited_by=tuple(dict.fromkeys([_id(name) or one_line(name, 200) for name in status.inhibitedBy]))
        if status.inhibitedBy
        else (),
        receivers=_words([receiver.name for receiver in raw.receivers]) if raw.receivers else (),
        peers=(address,),
        generator=web_url(raw.generatorURL),
    )


def named_in(data: bytes) -> str:
    """Return the id of an alert of which something else cannot be read; empty where that cannot be read either."""
    try:
        raw = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    said = raw.get("fingerprint") if isinstance(raw, dict) else None
    return _id(said) if isinstance(said, str) else ""


def _id(fingerprint: str | None) -> str:
    """Return a fingerprint that can be an id as it is; empty for any other, of which a cut part names no alert."""
    return fingerprint if fingerprint and _PRINT.fullmatch(fingerprint) else ""


def _words(values: Iterable[str]) -> tuple[str, ...]:
    found = tuple(values)
    return _short_words(found) if sum(map(len, found)) <= _SHORT else _cleaned(found)


def _cleaned(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one_line(value, 200) for value in values if value))


_short_words = lru_cache(maxsize=512)(_cleaned)


def apart(reports: Sequence[AlertReport]) -> tuple[tuple[AlertReport, ...], ...]:
    """Return the reports of one fingerprint, those of different labels apart: a print that two share hides neither."""
    groups: dict[tuple[tuple[str, str], ...], list[AlertReport]] = {}
    for report in reports:
        groups.setdefault(tuple(sorted(report.labels.items())), []).append(report)
    first, *others = sorted(groups)
    told = [tuple(groups[first])]
    for labels in others:
        name = f"{reports[0].id}~{fingerprint_of(dict(labels))}"
        told.append(tuple(replace(report, id=name) for report in groups[labels]))
    return tuple(told)


def join_reports(reports: Sequence[AlertReport]) -> AlertReport:
    """Return what several peers say of one alert as one report: the earliest start, the latest ends, all of the rest.

    It counts as active where any peer says so: that one would notify.
    """
    if len(reports) == 1:
        return reports[0]
    latest = max(reports, key=lambda report: (report.updated or report.started, report.annotations != {}))
    states = {report.state for report in reports}
    return AlertReport(
        id=latest.id,
        labels=latest.labels,
        annotations=latest.annotations,
        started=min(report.started for report in reports),
        ends=_latest(report.ends for report in reports),
        updated=_latest(report.updated for report in reports),
        state=next(state for state in ("active", "suppressed", "unprocessed") if state in states),
        silenced_by=_union(report.silenced_by for report in reports),
        inhibited_by=_union(report.inhibited_by for report in reports),
        receivers=_union(report.receivers for report in reports),
        peers=_union(report.peers for report in reports),
        generator=latest.generator or next((report.generator for report in reports if report.generator), None),
    )


def _latest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


def _union(values: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for several in values for value in several))


class RawMatcher(msgspec.Struct):
    """A silence's condition."""

    name: str
    value: str
    isRegex: bool = False  # noqa: N815 - the field's name in the answer
    isEqual: bool | None = True  # noqa: N815 - the field's name in the answer


class RawSilence(msgspec.Struct):
    """A silence as it is answered."""

    id: str
    startsAt: datetime  # noqa: N815 - the field's name in the answer
    endsAt: datetime  # noqa: N815 - the field's name in the answer
    matchers: list[RawMatcher] | None = None
    status: dict[str, Any] | None = None
    updatedAt: datetime | None = None  # noqa: N815 - the field's name in the answer
    createdBy: str = ""  # noqa: N815 - the field's name in the answer
    comment: str = ""


_SILENCES = msgspec.json.Decoder(RawSilence)


def read_silence(data: bytes, plain: bool) -> tuple[Silence, datetime | None]:  # noqa: ARG001 - a reader's signature
    """Return a silence and when it was updated.

    Raises:
        UnreadableError: It has no begin or end that a calendar has.
        msgspec.ValidationError: Something has a wrong type or is missing.
    """
    raw = _SILENCES.decode(data)
    starts, ends = utc(raw.startsAt), utc(raw.endsAt)
    if starts is None or ends is None:
        raise UnreadableError(f".{'startsAt' if starts is None else 'endsAt'}: expected a time")
    state = (raw.status or {}).get("state", "active")
    silence = Silence(
        id=one_line(raw.id, 100),
        state=one_line(str(state), 20),
        matchers=tuple(map(_matcher, raw.matchers or ())),
        starts=starts,
        ends=ends,
        created_by=one_line(raw.createdBy),
        comment=clean(raw.comment),
    )
    return silence, utc(raw.updatedAt)


def _matcher(raw: RawMatcher) -> str:
    equal = raw.isEqual is not False
    operator = {(True, True): "=~", (True, False): "!~", (False, True): "=", (False, False): "!="}[raw.isRegex, equal]
    return str(Matcher(one_line(raw.name, 200), operator, clean(raw.value)))


class RawVersion(msgspec.Struct):
    """What a server is."""

    version: str = ""


class RawMember(msgspec.Struct):
    """One member of a cluster."""

    name: str = ""
    address: str = ""


class RawCluster(msgspec.Struct):
    """The cluster as one member sees it."""

    status: str = "disabled"
    name: str = ""
    peers: list[RawMember] | None = None


class RawConfig(msgspec.Struct):
    """Its configuration."""

    original: str = ""


class RawServer(msgspec.Struct):
    """`/api/v2/status`."""

    uptime: datetime | None = None
    cluster: RawCluster = msgspec.field(default_factory=RawCluster)
    versionInfo: RawVersion = msgspec.field(default_factory=RawVersion)  # noqa: N815 - the field's name in the answer
    config: RawConfig = msgspec.field(default_factory=RawConfig)
