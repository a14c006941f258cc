"""Asks one repository of GitHub, and remembers of it what does not change any more."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from cockpit.clock import Clock
from cockpit.config import SystemSpec
from cockpit.model.change import ChangeKind, ChangeReport, Progress
from cockpit.systems.answers import ItemReader, Raws, decode_list, joined, require_json
from cockpit.systems.base import Reply, SystemError, Wire
from cockpit.systems.failures import refused
from cockpit.systems.github_answers import (
    Course,
    Deployment,
    Release,
    course_of,
    next_page,
    read_comparison,
    read_deployment,
    read_owner,
    read_release,
    read_status,
)
from cockpit.systems.github_settings import Repository

PAGE = 100
"""Deployments a page, the most that it gives."""
PAGES = 10
"""Pages of deployments that are read of one repository."""
RELEASES = 30
"""Releases that are read of one repository."""
WAITING = timedelta(hours=6)
"""So long a deployment may have waited for its turn and still begin within the window."""
SETTLED = timedelta(minutes=15)
"""After so long a final status stays as it is."""
SILENT = timedelta(hours=1)
"""After so long a deployment without any status gets none."""
COMPARED = 5
"""The newest deployments of one repository whose commits and files are asked for."""
OWNER_S = 3600.0
"""Seconds for which the owner of a repository is known once it was asked for."""
SECONDARY_S = 60.0
"""Seconds to wait where GitHub asks for a rest without saying how long."""
PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks for owners, the first file counts."""


@dataclass(slots=True)
class Budget:
    """How many requests for details one refresh may still make."""

    statuses: int
    comparisons: int


@dataclass(frozen=True, slots=True)
class Read:
    """What one repository told."""

    changes: tuple[ChangeReport, ...]
    at: datetime
    """When it was asked."""
    gap: str | None = None


class Source:
    """One repository.

    Args:
        repository: Its settings.
        spec: The system's.
        wire: Over which it is asked.
        clock: Says what is over.
        url: The base URL.
        details: Whether owners and comparisons are asked for.
    """

    def __init__(
        self, repository: Repository, spec: SystemSpec, wire: Wire, clock: Clock, url: str, details: tuple[bool, bool]
    ) -> None:
        self.repository = repository
        self.last: Read | None = None
        self._spec = spec
        self._wire = wire
        self._clock = clock
        self._url = url
        self._owners, self._compares = details
        self._owner = ""
        self._owner_asked: float | None = None
        self._deployments = ItemReader("deployments", read_deployment)
        self._releases = ItemReader("releases", read_release)
        self._courses: dict[int, Course] = {}
        self._settled: set[int] = set()
        self._bases: dict[str, str] = {}
        self._compared: dict[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]] = {}

    async def read(self, since: datetime, until: datetime, budget: Budget) -> Read:
        """Return the deployments and releases of a window.

        Raises:
            SystemError: It did not answer, or asks to be left alone.
        """
        gaps: list[str | None] = []
        changes: list[ChangeReport] = []
        if self.repository.deployments:
            known, gap = await self._deployed(since)
            gaps += [gap, self._deployments.complaint]
            await self._follow(known, since, budget)
            changes += self._told(known, since)
        if self.repository.release_kind is not None:
            changes += await self._released(since)
            gaps.append(self._releases.complaint)
        if changes and self._owners:
            await self._know_owner()
        changes = [replace(one, owner=self._owner, owner_by="CODEOWNERS") if self._owner else one for one in changes]
        if self._compares:
            changes = await self._explained(changes, budget)
        self.last = Read(tuple(changes), until, joined(gaps))
        return self.last

    def covers(self) -> tuple[str, ...]:
        """Return the services whose changes it would have told; none where only merges are read, or it never answered."""
        if self.last is None or not (self.repository.deployments or self.repository.release_kind is ChangeKind.DEPLOY):
            return ()
        return (self._name(""), *(one.name for one in self.last.changes))

    def _name(self, told: str) -> str:
        return self.repository.service or told or self.repository.repo.rpartition("/")[2]

    async def ask(self, path: str, params: Sequence[tuple[str, str]] = ()) -> Reply:
        """Ask for something of the repository.

        Raises:
            SystemError: It was refused; for a rest that GitHub asks for says how long.
        """
        whole = f"{self.repository.path}{path}"
        reply = await self._wire.call(self._url, "GET", whole, params)
        error = refused(reply, self._spec, whole, self._clock.now())
        if error is None:
            return reply
        if error.retry_after_s is None and reply.status in {403, 429} and "rate limit" in str(error):
            raise SystemError(str(error), retry_after_s=SECONDARY_S, status=429)
        if reply.status == 404:
            words = (
                f"404 Not Found: there is no {self.repository.repo}, or this token may not read it ({self._spec.place})"
            )
            raise SystemError(words, status=404)
        raise error

    async def _deployed(self, since: datetime) -> tuple[list[Deployment], str | None]:
        """Return the deployments of the window and what waited before it, each once, newest first; and what is missing."""
        first = since - WAITING
        params = [("per_page", str(PAGE))]
        if self.repository.environment is not None:
            params.append(("environment", self.repository.environment))
        found: dict[int, Deployment] = {}
        self._deployments.begin()
        gap: str | None = None
        asked: list[tuple[str, str]] | None = params
        for number in range(PAGES + 1):
            if asked is None:
                break
            if number == PAGES:
                gap = f"more than {PAGES * PAGE:,} deployments: the oldest ones were not read"
                break
            reply = await self.ask("/deployments", asked)
            page = await self._deployments.read(decode_list(require_json(reply)))
            found |= {one.id: one for one in page}
            asked = next_page(reply.headers.get("link", ""))
            if page and min(one.created for one in page) < first:
                break
        self._deployments.end()
        wanted = self.repository.environment is not None
        kept = [one for one in found.values() if wanted or not one.transient]
        return sorted(kept, key=lambda one: (one.created, one.id), reverse=True), gap

    async def _follow(self, known: Sequence[Deployment], since: datetime, budget: Budget) -> None:
        """Ask how far those came of which more may follow, the newest first, as far as the budget goes."""
        now = self._clock.now()
        recent = [one for one in known if one.created >= since - WAITING]
        listed = {one.id for one in recent}
        self._courses = {number: course for number, course in self._courses.items() if number in listed}
        self._settled &= listed
        for one in recent:
            if one.id in self._settled or budget.statuses <= 0:
                continue
            budget.statuses -= 1
            reply = await self._detail(f"/deployments/{one.id}/statuses", [("per_page", str(PAGE))])
            if reply is None:
                continue
            reader = ItemReader("statuses", read_status, remember=False)
            course = course_of(await reader.read(decode_list(require_json(reply))))
            self._courses[one.id] = course
            over = course.final and course.changed is not None and now - course.changed > SETTLED
            if over or (not course.state and now - one.created > SILENT):
                self._settled.add(one.id)

    def _told(self, known: Sequence[Deployment], since: datetime) -> list[ChangeReport]:
        """Return the deployments of the window that have begun as changes, the newest first."""
        changes: list[ChangeReport] = []
        self._bases = {}
        for place, one in enumerate(known):
            course = self._courses.get(one.id, Course(""))
            began = course.began or one.created
            if not course.begun or began < since:
                continue
            earlier = [other for other in known[place + 1 :] if self._counts(one, other)]
            before = next((other for other in earlier if other.sha != one.sha), None)
            change = self._change(one, course, began, before, rollback=_again(one, before, earlier))
            changes.append(change)
            if before is not None:
                self._bases[change.id] = before.sha
        return changes

    def _counts(self, one: Deployment, other: Deployment) -> bool:
        """Tell whether an earlier deployment is what ran there before."""
        course = self._courses.get(other.id, Course(""))
        same = other.environment == one.environment and other.service == one.service
        return same and course.begun and course.progress is not Progress.FAILED

    def _change(
        self, one: Deployment, course: Course, began: datetime, before: Deployment | None, *, rollback: bool
    ) -> ChangeReport:
        return ChangeReport(
            id=f"deployment {one.id}",
            name=self._name(one.service),
            version=one.version,
            kind=self.repository.kind,
            began=began,
            ended=course.ended,
            author=one.author,
            summary=one.summary,
            url=course.url or f"{self._pages()}/commit/{one.sha}",
            rollback=rollback,
            labels=dict(self._spec.labels),
            previous="" if before is None else before.version,
            says=f"deployment {one.id} of {one.ref} ({one.sha[:7]}) to {one.environment}: {course.state or 'no status'}",
            progress=course.progress,
            commit=one.sha,
            environment=one.environment,
            run=str(one.id),
        )

    def _pages(self) -> str:
        """Return where people look at the repository: the API's address without what makes it one."""
        base = self._url.removesuffix("/api/v3").replace("://api.github.com", "://github.com")
        return f"{base}/{self.repository.repo}"

    async def _released(self, since: datetime) -> list[ChangeReport]:
        """Return the releases that were published in the window."""
        kind = self.repository.release_kind
        assert kind is not None
        reply = await self.ask("/releases", [("per_page", str(RELEASES))])
        raws: Raws = decode_list(require_json(reply))
        self._releases.begin()
        known = [one for one in await self._releases.read(raws) if isinstance(one, Release)]
        self._releases.end()
        return [
            ChangeReport(
                id=f"release {one.id}",
                name=self._name(""),
                version=one.tag,
                kind=kind,
                began=one.published,
                author=one.author,
                summary=one.summary,
                url=one.url,
                labels=dict(self._spec.labels),
                says=f"release {one.tag}: {one.summary}",
            )
            for one in known
            if one.published >= since
        ]

    async def _know_owner(self) -> None:
        """Ask for CODEOWNERS once an hour; a repository without one has no owner by it."""
        at = self._clock.monotonic()
        if self._owner_asked is not None and at - self._owner_asked < OWNER_S:
            return
        for place in PLACES:
            reply = await self._detail(f"/contents/{place}")
            if reply is not None:
                try:
                    self._owner = read_owner(reply.body)
                except (msgspec.DecodeError, RecursionError):
                    self._owner = ""
                break
        else:
            self._owner = ""
        self._owner_asked = at

    async def _explained(self, changes: list[ChangeReport], budget: Budget) -> list[ChangeReport]:
        """Return the changes, the newest deployments with what came since the version before."""
        newest = [one for one in changes if one.id in self._bases][:COMPARED]
        wanted: dict[str, tuple[str, str]] = {}
        for one in newest:
            pair = (self._bases[one.id], one.commit)
            wanted[one.id] = pair
            if pair in self._compared or budget.comparisons <= 0:
                continue
            budget.comparisons -= 1
            reply = await self._detail(f"/compare/{pair[0]}...{pair[1]}", [("per_page", str(PAGE))])
            try:
                self._compared[pair] = ((), ()) if reply is None else read_comparison(reply.body)
            except (msgspec.DecodeError, RecursionError):
                self._compared[pair] = ((), ())
        self._compared = {pair: told for pair, told in self._compared.items() if pair in wanted.values()}
        explained: list[ChangeReport] = []
        for one in changes:
            commits, files = self._compared.get(wanted.get(one.id, ("", "")), ((), ()))
            explained.append(replace(one, commits=commits, files=files) if commits or files else one)
        return explained

    async def _detail(self, path: str, params: Sequence[tuple[str, str]] = ()) -> Reply | None:
        """Return what is nice to know, or null where it is not to be had.

        Raises:
            SystemError: GitHub asks to be left alone.
        """
        try:
            return await self.ask(path, params)
        except SystemError as error:
            if error.retry_after_s is not None:
                raise
            return None


def _again(one: Deployment, before: Deployment | None, earlier: Sequence[Deployment]) -> bool:
    """Tell whether a deployment goes back to what ran before the one that it replaces."""
    if before is None:
        return False
    older = earlier[earlier.index(before) + 1 :]
    return earlier[0] is before and any(other.sha == one.sha for other in older)
