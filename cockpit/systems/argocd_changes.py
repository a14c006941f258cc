"""Turns applications of Argo CD into changes, and remembers which version each of their deploys brought."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from cockpit.model.change import ChangeKind, ChangeReport, Progress
from cockpit.model.reading import Blind
from cockpit.spans import clock_time
from cockpit.systems.argocd_answers import Application, Deployed, Operation, image_version
from cockpit.systems.event_words import as_commit, short_commit

FOLLOWS = timedelta(minutes=2)
"""So long after a deploy the images of an application may still be those of before."""

_MOVING = frozenset({"running", "terminating"})
_BROKEN = frozenset({"failed", "error"})


class Version(StrEnum):
    """What stands for a version."""

    IMAGE = "image"
    """The tag of the image that runs; deploys before the last one seen have their revision."""
    REVISION = "revision"
    """The commit, tag or chart version that was synced."""


class Teller:
    """Tells applications as changes.

    Args:
        services: Whose changes an application's are, by its name or `namespace/name`; else its own name says it.
        version: What stands for a version.
        kind: What a sync is.
        labels: Those of the configuration.
        url: Where people look at Argo CD.
    """

    def __init__(
        self, services: Mapping[str, str], version: Version, kind: ChangeKind, labels: Mapping[str, str], url: str
    ) -> None:
        self._services = services
        self._version = version
        self._kind = kind
        self._labels = labels
        self._url = url
        self._images: dict[tuple[str, str, int], str] = {}

    def service(self, one: Application) -> str:
        """Return whose changes an application's are."""
        return self._services.get(one.called) or self._services.get(one.name) or one.name

    def changes(self, one: Application, since: datetime, now: datetime) -> list[ChangeReport]:
        """Return the deploys of an application that began since a moment, and what is under way or failed."""
        self._note(one, now)
        told: list[ChangeReport] = []
        for place, deploy in enumerate(one.deploys):
            if deploy.began >= since:
                told.append(self._deploy(one, place))
        operation = one.operation
        if operation is not None and operation.began >= since and not operation.dry:
            known = any(deploy.began == operation.began for deploy in one.deploys)
            if not known and operation.phase.lower() in _MOVING | _BROKEN:
                told.append(self._operation(one, operation))
        return told

    def _note(self, one: Application, now: datetime) -> None:
        """Remember the image that runs by the deploy that brought it: the next one takes its place in the answer.

        Images follow a deploy by some seconds: the one from before is not taken for the new one until they had time.
        """
        if self._version is not Version.IMAGE or not one.deploys:
            return
        self._images = {
            key: version
            for key, version in self._images.items()
            if key[:2] != one.key or any(deploy.number == key[2] for deploy in one.deploys)
        }
        operation, last = one.operation, one.deploys[-1]
        if operation is not None and operation.began > last.began and operation.phase.lower() in _MOVING | _BROKEN:
            return
        version = image_version(one.images, (self.service(one), one.name))
        before = self.version(one, one.deploys[-2]) if len(one.deploys) > 1 else ""
        if version and (version != before or now - last.ended >= FOLLOWS):
            self._images[(*one.key, last.number)] = version

    def version(self, one: Application, deploy: Deployed) -> str:
        """Return the version that a deploy brought."""
        return self._images.get((*one.key, deploy.number)) or short_commit(deploy.revision)

    def _deploy(self, one: Application, place: int) -> ChangeReport:
        deploy = one.deploys[place]
        before = one.deploys[place - 1] if place else None
        older = one.deploys[: place - 1] if place else ()
        back = before is not None and before.revision != deploy.revision and bool(deploy.revision)
        version = self.version(one, deploy)
        return self._report(
            one,
            began=deploy.began,
            ended=deploy.ended,
            version=version,
            revision=deploy.revision,
            author=deploy.by,
            summary=f"synced to {short_commit(deploy.revision) or 'a revision that it does not name'}",
            rollback=back and any(other.revision == deploy.revision for other in older),
            previous="" if before is None else self.version(one, before),
            progress=Progress.DONE,
            says=f"history {deploy.number} of {one.called}: {deploy.revision}",
        )

    def _operation(self, one: Application, operation: Operation) -> ChangeReport:
        failed = operation.phase.lower() in _BROKEN
        last = one.deploys[-1] if one.deploys else None
        return self._report(
            one,
            began=operation.began,
            ended=operation.ended if failed else None,
            version=short_commit(operation.revision),
            revision=operation.revision,
            author=operation.by,
            summary=operation.message or f"sync {operation.phase.lower()}",
            rollback=False,
            previous="" if last is None else self.version(one, last),
            progress=Progress.FAILED if failed else Progress.ROLLING,
            says=f"operation of {one.called}: {operation.phase}{f', {operation.message}' if operation.message else ''}",
        )

    def _report(
        self,
        one: Application,
        *,
        began: datetime,
        ended: datetime | None,
        version: str,
        revision: str,
        author: str,
        summary: str,
        rollback: bool,
        previous: str,
        progress: Progress,
        says: str,
    ) -> ChangeReport:
        service = self.service(one)
        mapped = service != one.name
        place = f"{one.namespace}/{one.name}" if one.namespace else one.name
        return ChangeReport(
            id=f"{one.called}@{began:%Y%m%dT%H%M%SZ}",
            name=service,
            version=version,
            kind=self._kind,
            began=began,
            ended=ended,
            author=author,
            summary=summary,
            url=f"{self._url}/applications/{place}",
            rollback=rollback,
            labels=dict(self._labels) if mapped else {**self._labels, **one.labels},
            previous=previous if previous != version else "",
            says=says,
            progress=progress,
            commit=as_commit(revision),
            environment=one.labels.get("environment", "") or one.labels.get("env", ""),
        )


def blind_of(one: Application, since: datetime) -> Blind | None:
    """Return the span of which an application's history says nothing any more, because it keeps only so many deploys."""
    if not one.deploys or len(one.deploys) < one.kept or one.deploys[0].began <= since:
        return None
    end = one.deploys[0].began
    says = (
        f"{one.called} keeps its last {one.kept} deploys: what was before {clock_time(end, today=end)} UTC is not known"
    )
    return Blind(since, end, says)
