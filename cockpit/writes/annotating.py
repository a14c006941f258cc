"""Marks a deploy on dashboards: what the annotation says, and whether one like it is there. Pure but for asking."""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from html import escape

from cockpit.board.joining import TOGETHER
from cockpit.board.versions import same_version
from cockpit.model.annotation import FROM, OWN, Annotation
from cockpit.model.change import Change, ChangeKind, Progress
from cockpit.model.written import Written
from cockpit.spans import parse_rfc3339, rfc3339
from cockpit.systems.base import Annotator, SystemError
from cockpit.text import one_line
from cockpit.topology.naming import Naming
from cockpit.writes.plan import Looked, Plan

ANNOTATE = "annotate"
"""The journal's word for it."""

LONGEST = 90
"""Characters that a tag's value has at most: Grafana keeps a hundred."""

TAGS_ROOM = 450
"""Characters that all tags have together at most: older Grafanas keep five hundred."""

_VERBS: Mapping[ChangeKind, str] = {
    ChangeKind.DEPLOY: "deployed",
    ChangeKind.CONFIG: "config pushed",
    ChangeKind.FLAG: "flag changed",
    ChangeKind.INFRASTRUCTURE: "changed",
}


def why_not_change(change: Change) -> str | None:
    """Return why a change is not marked on dashboards; null where it can be."""
    if change.kind is ChangeKind.MERGED:
        return (
            f"{change.name or change.service} {change.version} was merged, not deployed: there is nothing to annotate"
        )
    return None


def own_tag(change: Change) -> str:
    """Return the tag by which the annotation of a change is found again; Grafana ends a value at a colon."""
    name = "".join("_" if char == ":" or char.isspace() else char for char in change.id)
    if len(name) > LONGEST:
        name = f"{name[: LONGEST - 13]}~{blake2b(change.id.encode(), digest_size=6).hexdigest()}"
    return f"{OWN}{name}"


def annotation_for(change: Change, tags: Sequence[str], dashboard: str) -> Annotation:
    """Return the annotation that marks a change.

    Args:
        change: The change.
        tags: What makes an annotation a change there.
        dashboard: The dashboard's uid; empty for the whole organisation.
    """
    told = [*tags, f"service:{_value(change.service)}"]
    told += [f"version:{_value(change.version)}"] if change.version else []
    told += [f"team:{_value(change.team)}"] if change.team else []
    told += [f"kind:{change.kind.value}"] if change.kind is not ChangeKind.DEPLOY else []
    told += ["rollback"] if change.rollback else []
    told += ["failed"] if change.progress is Progress.FAILED else []
    told.append(own_tag(change))
    for system in change.systems:
        tag = f"{FROM}{_value(system)}"
        if sum(map(len, told)) + 4 * len(told) + len(tag) < TAGS_ROOM or not any(map(_is_from, told)):
            told.append(tag)
    return Annotation(
        text=text_for(change),
        tags=tuple(dict.fromkeys(told)),
        began=change.began,
        ended=change.ended if change.ended is not None and change.ended > change.began else None,
        dashboard=dashboard,
        service=change.service,
        version=change.version,
    )


def _value(text: str) -> str:
    return one_line(text, LONGEST)


def _is_from(tag: str) -> bool:
    return tag.startswith(FROM)


def text_for(change: Change) -> str:
    """Return what the annotation says; it is HTML to Grafana, so marks in it are escaped."""
    verb = "rolled back" if change.rollback else _VERBS.get(change.kind, "changed")
    words = [change.name or change.service, change.version, verb]
    head = " ".join(word for word in words if word)
    if change.progress is Progress.FAILED:
        head += ", failed"
    head += f" ({change.team})" if change.team else ""
    summary = one_line(change.summary, 300)
    lines = [head, "" if summary in head else summary, change.url or ""]
    return "\n".join(escape(line, quote=False) for line in dict.fromkeys(lines) if line)


class Annotating:
    """One change to be marked on the dashboards of one system.

    Args:
        annotator: The system.
        change: The change.
        naming: Tells which service a name means.
        dashboard: The dashboard's uid, empty for the whole organisation; null for what the system's settings say.
    """

    def __init__(self, annotator: Annotator, change: Change, naming: Naming, *, dashboard: str | None = None) -> None:
        where = annotator.dashboard_for(change.service) if dashboard is None else dashboard
        self._annotator = annotator
        self._naming = naming
        self.wanted = annotation_for(change, annotator.tags, where)
        self.plan = Plan(
            what=ANNOTATE,
            title=f"Annotate {change.name or change.service} {change.version}".rstrip(),
            system=annotator.name,
            subject=f"{annotator.name}/{change.id}",
            lines=tuple(_lines(self.wanted, change)),
            sent=annotator.sends(self.wanted),
        )

    async def look(self) -> Looked:
        """Look where it would stand, and for an annotation of the same deploy."""
        try:
            spot = await self._annotator.spot(self.wanted.dashboard)
            similar = await self._annotator.similar(self.wanted)
        except SystemError as error:
            gone = error.status is None or error.status >= 500 or error.status == 429
            return Looked(error=str(error), unanswered=gone)
        same = next((one for one in similar if is_same(one, self.wanted, self._naming)), None)
        return Looked(spot.says, "" if same is None else _there(same))

    def repeats(self, entry: Written) -> bool:
        """Tell whether an entry of the journal is about the same deploy in the same system."""
        if entry.subject.partition("/")[0] != self.plan.system:
            return False
        with suppress(ValueError, KeyError, TypeError):
            said = json.loads(entry.after)
            began = parse_rfc3339(said["began"])
            known = Annotation("", (), began, service=str(said["service"]), version=str(said["version"]))
            return is_same(known, self.wanted, self._naming)
        return False

    async def do(self) -> tuple[str, Mapping[str, object]]:
        """Write it.

        Raises:
            SystemError: It was refused, or nobody knows.
        """
        written = await self._annotator.annotate(self.wanted)
        says = f"written as annotation {written.id}" if written.id else "written"
        return says, as_json(replace(written, service=self.wanted.service, version=self.wanted.version))


def as_json(one: Annotation) -> dict[str, object]:
    """Return an annotation for the journal and for scripts."""
    return {
        "id": one.id,
        "service": one.service,
        "version": one.version,
        "began": rfc3339(one.began),
        "ended": rfc3339(one.ended),
        "dashboard": one.dashboard or None,
        "text": one.text,
        "tags": list(one.tags),
    }


def is_same(one: Annotation, wanted: Annotation, naming: Naming) -> bool:
    """Tell whether two annotations mark the same deploy: by our tag, or by service, version and time."""
    own = {tag for tag in wanted.tags if tag.startswith(OWN)}
    if own & set(one.tags):
        return True
    if not one.service or not same_version(one.version, wanted.version):
        return False
    named, meant = naming.of_name(one.service), naming.of_name(wanted.service)
    return named.service == meant.service and _near(one.began, wanted.began, TOGETHER)


def _near(one: datetime, other: datetime, within: timedelta) -> bool:
    return abs(one - other) <= within


def _there(one: Annotation) -> str:
    own = any(tag.startswith(OWN) for tag in one.tags)
    by = "by Cockpit" if own else "not by Cockpit"
    place = f", on dashboard {one.dashboard}" if one.dashboard else ""
    return f"annotation {one.id} marks it already, {by}{place}, at {one.began:%H:%M} UTC"


def _lines(wanted: Annotation, change: Change) -> Iterable[tuple[str, str]]:
    yield "dashboard", wanted.dashboard or "none: the whole organisation, on every dashboard that shows these tags"
    yield "from", f"{wanted.began:%d %b %Y %H:%M:%S} UTC"
    if wanted.ended is not None:
        yield "to", f"{wanted.ended:%d %b %Y %H:%M:%S} UTC"
    elif change.progress is Progress.ROLLING:
        yield "to", "still rolling: its end will not be on it"
    for number, line in enumerate(wanted.text.split("\n")):
        yield "" if number else "text", line
    yield "tags", ", ".join(wanted.tags)
