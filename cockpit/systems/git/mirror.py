"""Our own bare mirror of a remote, fetched at most every so often and never into anybody's clone."""

import asyncio
import logging
from datetime import datetime
from pathlib import Path

from cockpit.clock import Clock
from cockpit.systems.base import Reply, SystemError, Wire
from cockpit.systems.git.memory import slug
from cockpit.systems.git.settings import Repository
from cockpit.systems.git.words import failure
from cockpit.text import bare

log = logging.getLogger(__name__)
"""Where failing fetches are told."""

FIRST_S = 300.0
"""Seconds that the first fetch of a remote may take: it brings all of its history."""

LATER_S = 60.0
"""Seconds that a later one may take."""

PATIENCE_S = 20.0
"""Seconds of the host for which a reading waits for a fetch; it goes on behind it."""

FIRST_PATIENCE_S = 50.0
"""The same for the first fetch, before which there is nothing to read."""

_MISSING = "couldn't find remote ref"


class Mirror:
    """The mirror of one remote.

    Args:
        repository: What is wanted of it.
        remote: Its URL, or the path of a repository; it may hold a credential, which nobody is told.
        wire: Runs git.
        clock: Says when a fetch is due.
        cache: The cache folder.
    """

    def __init__(self, repository: Repository, remote: str, wire: Wire, clock: Clock, cache: str) -> None:
        self.folder = str(Path(cache or "/nonexistent") / "mirrors" / f"{slug(bare(remote), '')}.git")
        self.ref = repository.ref if repository.ref.startswith("refs/") else f"refs/heads/{repository.ref}"
        self.fetched: datetime | None = None
        """The last successful fetch."""
        self.failed: datetime | None = None
        """When the last fetch failed, where it did."""
        self.error: str | None = None
        self.vacant = False
        """Whether the remote has no commits at all."""
        self._repository = repository
        self._remote = remote
        self._wire = wire
        self._clock = clock
        self._attempted: datetime | None = None
        self._made = False
        self._task: asyncio.Task[None] | None = None

    def _due(self) -> bool:
        now = self._clock.now()
        last = self._attempted
        return last is None or now < last or now - last >= self._repository.fetch_every

    async def refresh(self) -> None:
        """Fetch where that is due, and wait for it a while; a failure is noted, not raised."""
        if self._task is None or self._task.done():
            if not self._due():
                return
            self._attempted = self._clock.now()
            self._task = asyncio.create_task(self._fetch(self._attempted))
        await asyncio.wait([self._task], timeout=PATIENCE_S if self.fetched else FIRST_PATIENCE_S)
        if not self._task.done() and self.error is None and self.fetched is None:
            self.failed, self.error = self._attempted, "the first fetch is still running"

    async def _call(self, command: str, *arguments: str, timeout_s: float | None = None, away: bool = False) -> Reply:
        params = [
            ("folder", self.folder),
            *((("remote", self._remote),) if away else ()),
            *(("", a) for a in arguments),
        ]
        return await self._wire.call(self._repository.path, "git", command, params, timeout_s=timeout_s)

    async def _fetch(self, at: datetime) -> None:
        try:
            await self._try(at)
        except SystemError as error:
            self._note_failure(at, bare(str(error)))
        if self.error is not None:
            log.info("fetching %s: %s", self._repository.name, self.error)

    def _note_failure(self, at: datetime, error: str) -> None:
        self.failed, self.error = at, error
        self._made = False  # whatever it was, the folder may be gone; making it again does no harm

    async def _try(self, at: datetime) -> None:
        if not self._made:
            made = await self._call("init", "--quiet", "--bare")
            if made.status != 0:
                self._note_failure(at, failure(made, path=self.folder))
                return
            self._made = True
        specs = ["+refs/tags/*:refs/tags/*"] if self._repository.tags is not None else [f"+{self.ref}:{self.ref}"]
        reply = await self._call(
            "fetch",
            *("--quiet", "--prune", "--no-tags", "--no-write-fetch-head", "--update-shallow", "cockpit"),
            *specs,
            timeout_s=LATER_S if self.fetched else FIRST_S,
            away=True,
        )
        self.vacant = False
        if reply.status == 0:
            self.fetched, self.failed, self.error = at, None, None
        elif _MISSING in reply.body.decode(errors="replace"):
            await self._tell_missing(at)
        else:
            self._note_failure(at, failure(reply, path=self._repository.path, remote=bare(self._remote)))

    async def _tell_missing(self, at: datetime) -> None:
        listed = await self._call("ls-remote", "--heads", "cockpit", away=True)
        heads = branches(listed.body) if listed.status == 0 else []
        if listed.status == 0 and not heads:
            self.vacant = True
            self.fetched, self.failed, self.error = at, None, None
            return
        self._note_failure(at, no_branch(self._repository.ref, heads))

    async def close(self) -> None:
        """Give up a fetch that still runs."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task], timeout=1.0)


def branches(listed: bytes) -> list[str]:
    """Return the branches' names out of `ls-remote --heads` or `for-each-ref`."""
    lines = listed.decode(errors="replace").splitlines()
    return [line.split("\t")[-1].removeprefix("refs/heads/") for line in lines if line.strip()]


def no_branch(ref: str, heads: list[str], most: int = 5) -> str:
    """Return that there is no such branch, and which ones there are."""
    more = f" and {len(heads) - most} more" if len(heads) > most else ""
    return f"has no {ref}; set `ref` to one of its branches: {', '.join(heads[:most])}{more}"
