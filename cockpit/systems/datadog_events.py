"""Changes out of Datadog's answers: events of its search, and DORA deployments. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from cockpit.model.change import ChangeKind, ChangeReport, Progress
from cockpit.systems.answers import UnreadableError, web_url
from cockpit.systems.datadog_settings import event_link
from cockpit.systems.event_words import (
    NAMES,
    commit_in,
    first_of,
    kind_of,
    moment_of,
    progress_of,
    says_yes,
    tags_in,
    words_in,
)

NAMELESS = "(no service tag)"
"""What a change is called whose event names no service."""

_ALSO = {"kube_namespace": "namespace", "kube_cluster_name": "cluster", "cluster_name": "cluster"}
"""Tags of the agent's, and the labels that alerts have in their place."""
_DEPLOYMENT = ("kube_deployment", "kube_app_name")
"""Tags of the agent's that name a service where no other does."""
_LONGEST_NS = 7 * 86400 * 10**9


@dataclass(frozen=True, slots=True)
class Reader:
    """How events are read."""

    kind: ChangeKind = ChangeKind.DEPLOY
    """What an event is that does not say it itself."""
    site: str = "datadoghq.com"
    names: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NAMES)
    """Tags and attributes by what they mean."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Added to each change."""


class Page(msgspec.Struct):
    """A page of events, each still as it came."""

    data: list[msgspec.Raw]
    meta: dict[str, Any] | None = None


class _Outer(msgspec.Struct):
    timestamp: Any = None
    message: Any = None
    tags: list[Any] | None = None
    attributes: dict[str, Any] | None = None


class _Event(msgspec.Struct):
    id: str
    attributes: _Outer


class _Deployment(msgspec.Struct):
    id: str
    attributes: dict[str, Any]


def after(page: Page) -> str:
    """Return the cursor of the next page; empty where there is none."""
    cursor = _below(page.meta, "page").get("after")
    return cursor if isinstance(cursor, str) else ""


def warnings(page: Page) -> tuple[str, ...]:
    """Return what the server says is missing from a page."""
    meta = page.meta or {}
    said = [words_in(one.get("detail")) or words_in(one.get("title")) for one in _list(meta, "warnings")]
    timeout = ["the search ran into its time limit"] if meta.get("status") == "timeout" else []
    return tuple(filter(None, [*timeout, *said]))


def read_event(data: bytes, reader: Reader) -> ChangeReport:
    """Return the change that one event tells of.

    An event stands for the end of what it tells of, so its begin is its time less its duration, where it has one.

    Raises:
        UnreadableError: It says no time.
    """
    event = msgspec.json.decode(data, type=_Event)
    inner, tags = event.attributes.attributes or {}, tags_in(event.attributes.tags or ())
    at = moment_of(event.attributes.timestamp) or moment_of(inner.get("timestamp"))
    if at is None:
        raise UnreadableError(".attributes.timestamp: expected a time")
    fields: dict[str, Any] = {**tags, **{name: value for name, value in inner.items() if words_in(value)}}
    resource = _below(inner, "changed_resource")
    names = reader.names
    service, version = _name(fields, inner, names["service"]), first_of(fields, names["version"], 100)[0]
    version = version or words_in(_below(inner, "new_value").get("version"), 100)
    commit = commit_in(fields, names["commit"])
    owner, named = first_of(fields, names["owner"], 100)
    title = words_in(inner.get("title"), 300) or words_in(event.attributes.message, 300)
    status = words_in(inner.get("status"), 40)
    took = _duration(inner)
    return ChangeReport(
        id=words_in(event.id, 300),
        name=service,
        version=version or commit[:12] or first_of(fields, names["commit"], 100)[0],
        kind=kind_of(words_in(resource.get("type"))) or kind_of(first_of(tags, names["kind"])[0]) or reader.kind,
        began=at - took,
        ended=at if took else None,
        author=words_in(_below(inner, "author").get("name")) or first_of(fields, names["author"])[0],
        summary=title,
        url=event_link(reader.site, words_in(_below(inner, "evt").get("id"))),
        rollback=says_yes(tags, "rollback") or "rollback" in (tags.get("type"), tags.get("change_type")),
        labels=_labels(tags, service, reader.labels),
        previous=first_of(fields, names["previous"], 100)[0]
        or words_in(_below(inner, "prev_value").get("version"), 100),
        says=f'event "{title}"{f", status {status}" if status else ""}, at {at:%H:%M:%S}',
        progress=progress_of(tags.get("progress", "")) if "progress" in tags else progress_of(status),
        owner=owner,
        owner_by=f"tag {named}" if owner else "",
        commit=commit,
        environment=first_of(fields, names["environment"], 100)[0],
    )


def read_deployment(data: bytes, reader: Reader) -> ChangeReport:
    """Return the change that one DORA deployment tells of.

    Raises:
        UnreadableError: It does not say when it started.
    """
    deployment = msgspec.json.decode(data, type=_Deployment)
    said = deployment.attributes
    began, ended = moment_of(said.get("started_at")), moment_of(said.get("finished_at"))
    if began is None:
        raise UnreadableError(".attributes.started_at: expected a time")
    tags = tags_in(_values(said.get("custom_tags")))
    service = words_in(said.get("service")) or NAMELESS
    commit = commit_in(_below(said, "git"), ("commit_sha",))
    version = words_in(said.get("version"), 100) or commit[:12]
    repository = words_in(_below(said, "git").get("repository_id") or _below(said, "git").get("repository_url"))
    team, environment = words_in(said.get("team"), 100), words_in(said.get("env"), 100)
    finished = f", finished {ended:%H:%M:%S}" if ended else ""
    bad = ", it caused a failure" if said.get("change_failure") is True else ""
    named = {"env": environment, "team": team, "repository": repository}
    return ChangeReport(
        id=f"dora:{words_in(deployment.id, 300)}",
        name=service,
        version=version,
        kind=ChangeKind.DEPLOY,
        began=began,
        ended=ended,
        author=first_of(tags, NAMES["author"])[0],
        summary=f"deployment to {environment}" if environment else "deployment",
        url=web_url(f"https://{repository}/commit/{commit}")
        if commit and repository.startswith("github.com/")
        else None,
        rollback=says_yes(tags, "rollback") or words_in(_below(said, "remediation").get("type")) == "rollback",
        labels=_labels({**tags, **{name: value for name, value in named.items() if value}}, service, reader.labels),
        says=f"DORA deployment of {service} {version}".rstrip() + f", started {began:%H:%M:%S}{finished}{bad}",
        progress=Progress.DONE if ended else Progress.ROLLING,
        owner=team,
        owner_by="DORA team" if team else "",
        commit=commit,
        environment=environment,
        run=words_in(deployment.id, 300),
    )


def finished(changes: Sequence[ChangeReport]) -> datetime | None:
    """Return the earliest end among deployments: what is older is asked for up to there."""
    return min((one.ended or one.began for one in changes), default=None)


def _name(fields: Mapping[str, Any], inner: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """Return the service that an event names: by an attribute, a tag, or as what a change had an impact on."""
    hit = [words_in(one.get("name")) for one in _list(inner, "impacted_resources") if one.get("type") == "service"]
    return first_of(fields, (*names, *_DEPLOYMENT))[0] or next(filter(None, hit), "") or NAMELESS


def _labels(tags: Mapping[str, str], service: str, added: Mapping[str, str]) -> dict[str, str]:
    """Return tags as labels: with the names that alerts have, and what the settings add."""
    labels = {name: value for name, value in tags.items() if value}
    for tag, label in _ALSO.items():
        if labels.get(tag):
            labels.setdefault(label, labels[tag])
    if service != NAMELESS:
        labels.setdefault("service", service)
    return {**added, **labels}


def _duration(inner: Mapping[str, Any]) -> timedelta:
    """Return how long what an event tells of took: its `duration`, in nanoseconds."""
    took = inner.get("duration")
    sound = isinstance(took, int) and not isinstance(took, bool) and 0 < took <= _LONGEST_NS
    return timedelta(seconds=took / 1e9) if sound and took is not None else timedelta()


def _below(value: Mapping[str, Any] | None, name: str) -> Mapping[str, Any]:
    below = (value or {}).get(name)
    return below if isinstance(below, dict) else {}


def _values(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _list(value: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return [one for one in _values(value.get(name)) if isinstance(one, dict)]
