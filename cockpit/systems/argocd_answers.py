"""What Argo CD answers, read into our words: applications with their history, the operation under way, their images. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from cockpit.spans import parse_rfc3339
from cockpit.systems.answers import utc
from cockpit.systems.event_words import short_commit
from cockpit.text import one_line
from cockpit.topology.names import normal

LIMIT = 10
"""Deploys that Argo CD keeps of an application unless it is told otherwise."""


class _Metadata(msgspec.Struct):
    name: str
    namespace: str | None = None
    labels: dict[str, str] | None = None


class _Destination(msgspec.Struct):
    name: str | None = None
    namespace: str | None = None


class _Spec(msgspec.Struct):
    project: str | None = None
    destination: _Destination | None = None
    revisionHistoryLimit: int | None = None  # noqa: N815 - the field's name in the answer


class _Initiator(msgspec.Struct):
    username: str | None = None
    automated: bool | None = None


class _History(msgspec.Struct):
    id: int = 0
    revision: str | None = None
    revisions: list[str] | None = None
    deployedAt: str | None = None  # noqa: N815 - likewise
    deployStartedAt: str | None = None  # noqa: N815 - likewise
    initiatedBy: _Initiator | None = None  # noqa: N815 - likewise


class _Sync(msgspec.Struct):
    revision: str | None = None
    revisions: list[str] | None = None
    dryRun: bool | None = None  # noqa: N815 - likewise


class _Asked(msgspec.Struct):
    sync: _Sync | None = None
    initiatedBy: _Initiator | None = None  # noqa: N815 - likewise


class _Operation(msgspec.Struct):
    phase: str | None = None
    startedAt: str | None = None  # noqa: N815 - likewise
    finishedAt: str | None = None  # noqa: N815 - likewise
    message: str | None = None
    operation: _Asked | None = None
    syncResult: _Sync | None = None  # noqa: N815 - likewise


class _Summary(msgspec.Struct):
    images: list[str] | None = None


class _Status(msgspec.Struct):
    history: list[_History] | None = None
    operationState: _Operation | None = None  # noqa: N815 - likewise
    summary: _Summary | None = None


class _Application(msgspec.Struct):
    metadata: _Metadata
    spec: _Spec | None = None
    status: _Status | None = None


@dataclass(frozen=True, slots=True)
class Deployed:
    """One deploy of an application's history."""

    number: int
    revision: str
    began: datetime
    ended: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Operation:
    """The sync that is under way, or the last one."""

    phase: str
    began: datetime
    ended: datetime | None
    revision: str
    by: str
    message: str
    dry: bool
    """Whether it only tries out."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """What gives away that something happened to an application."""

    began: str | None
    ended: str | None
    images: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Application:
    """One application, cleaned."""

    name: str
    namespace: str
    """Where it is declared; empty where the answer does not say."""
    project: str
    deploys: tuple[Deployed, ...]
    """Oldest first."""
    operation: Operation | None
    images: tuple[str, ...]
    pulse: Pulse
    labels: Mapping[str, str] = field(default_factory=dict)
    """Its own, and the namespace and the cluster that it goes to."""
    kept: int = LIMIT
    """Deploys that its history keeps."""
    odd: int = 0
    """Deploys whose times cannot be read."""

    @property
    def key(self) -> tuple[str, str]:
        """What tells applications apart."""
        return self.namespace, self.name

    @property
    def called(self) -> str:
        """`argocd/payment`, or its name alone."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


def read_application(data: bytes, plain: bool) -> Application:  # noqa: ARG001 - every text is short, and cleaned at once
    """Return one application, whole or with the asked fields alone."""
    raw = msgspec.json.decode(data, type=_Application)
    status, spec = raw.status or _Status(), raw.spec or _Spec()
    deploys = [found for one in status.history or () if (found := _deployed(one)) is not None]
    operation = status.operationState
    images = tuple(sorted(one_line(image, 300) for image in (status.summary or _Summary()).images or ()))
    there = spec.destination or _Destination()
    own = {one_line(name, 200): one_line(value, 200) for name, value in (raw.metadata.labels or {}).items()}
    goes = {"namespace": one_line(there.namespace or "", 200), "cluster": one_line(there.name or "", 200)}
    return Application(
        name=one_line(raw.metadata.name, 200),
        namespace=one_line(raw.metadata.namespace or "", 200),
        project=one_line(spec.project or "", 200),
        deploys=tuple(sorted(deploys, key=lambda one: (one.began, one.number))),
        operation=None if operation is None else _operation(operation),
        images=images,
        pulse=Pulse(*((operation.startedAt, operation.finishedAt) if operation is not None else (None, None)), images),
        labels={**own, **{name: value for name, value in goes.items() if value}},
        kept=LIMIT if spec.revisionHistoryLimit is None else spec.revisionHistoryLimit,
        odd=len(status.history or ()) - len(deploys),
    )


def tells_operations(raws: Sequence[msgspec.Raw]) -> bool:
    """Tell whether any of these applications says when it was synced."""
    return any(b'"startedAt"' in bytes(raw) for raw in raws)


def _moment(text: str | None) -> datetime | None:
    try:
        return None if text is None else utc(parse_rfc3339(text))
    except ValueError:
        return None


def _revision(one: str | None, several: Sequence[str] | None) -> str:
    return one_line(one or next((text for text in several or () if text), ""), 120)


def _by(initiator: _Initiator | None) -> str:
    if initiator is None:
        return ""
    return one_line(initiator.username or "", 80) or ("automated sync" if initiator.automated else "")


def _deployed(raw: _History) -> Deployed | None:
    ended = _moment(raw.deployedAt)
    if ended is None:
        return None
    began = _moment(raw.deployStartedAt) or ended
    return Deployed(raw.id, _revision(raw.revision, raw.revisions), min(began, ended), ended, _by(raw.initiatedBy))


def _operation(raw: _Operation) -> Operation | None:
    began = _moment(raw.startedAt)
    if began is None:
        return None
    asked = raw.operation or _Asked()
    syncs: list[Any] = [one for one in (raw.syncResult, asked.sync) if one is not None]
    return Operation(
        phase=one_line(raw.phase or "", 40),
        began=began,
        ended=_moment(raw.finishedAt),
        revision=next((found for one in syncs if (found := _revision(one.revision, one.revisions))), ""),
        by=_by(asked.initiatedBy),
        message=one_line(raw.message or "", 300),
        dry=asked.sync is not None and asked.sync.dryRun is True,
    )


def image_version(images: Sequence[str], names: Sequence[str]) -> str:
    """Return the tag of the image that carries one of these names, or of the only one; empty where none does.

    An image by its digest alone has the begin of that for a version.
    """
    named = {normal(name) for name in names if name}
    found = [image for image in images if normal(_called(image)) in named]
    several = found or images
    versions = {_tag(image) for image in several}
    return versions.pop() if len(versions) == 1 else ""


def _called(image: str) -> str:
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]


def _tag(image: str) -> str:
    plain, _, digest = image.partition("@")
    tag = plain.rpartition("/")[2].partition(":")[2]
    return tag or (short_commit(digest.removeprefix("sha256:")) if digest else "")
