"""One repository: located, fetched where it has a remote, and read."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from cockpit.clock import Clock
from cockpit.model.change import ChangeReport
from cockpit.spans import clock_time, say_seconds
from cockpit.systems.base import Reply, SystemError, Wire
from cockpit.systems.git.history import (
    LOG_FORMAT,
    MOST_CAME,
    TAG_FORMAT,
    Commit,
    Contents,
    Tag,
    changes_of_commits,
    changes_of_tags,
    contents_of,
    matching,
    read_log,
    read_tags,
)
from cockpit.systems.git.memory import Memory
from cockpit.systems.git.mirror import Mirror, branches, no_branch
from cockpit.systems.git.settings import Repository
from cockpit.systems.git.words import failure
from cockpit.text import bare, one_line

MARGIN = timedelta(hours=1)
"""Commits so much older than the window are read too: dates of a branch are not in order."""

MOST_TAGS = 2000
"""Tags that are read, the newest first."""

MOST_COMMITS = 5000
"""Commits that are read at most."""

MOST_ARRIVED = 500
"""Commits that one fetch is asked about."""

MOST_SPANS = 20
"""Tags whose commits are read in one go; the rest is read by the next."""

log = logging.getLogger(__name__)
"""Where it is told that what came with a tag is not known."""

_NO_REMOTE = 2
"""Exit code of `git remote get-url` where there is none."""


@dataclass(frozen=True, slots=True)
class Read:
    """What one repository answered."""

    changes: tuple[ChangeReport, ...]
    complete_to: datetime
    gap: str | None = None
    """Why it is not complete to now."""
    note: str | None = None
    """What else limits it: a shallow clone, or more than is read."""


class Source:
    """One configured repository.

    Args:
        repository: Its settings.
        wire: Runs git.
        clock: Says when it is read.
        cache: The cache folder; empty keeps nothing.
        labels: Added to each change.
    """

    def __init__(self, repository: Repository, wire: Wire, clock: Clock, cache: str, labels: Mapping[str, str]) -> None:
        self.repository = repository
        self._wire = wire
        self._clock = clock
        self._cache = cache
        self._labels = labels
        self._memory = Memory(cache, repository.path, repository.ref)
        self._folder = str(Path(repository.path).expanduser()) if not repository.remote else ""
        self._located = False
        self._contents: dict[tuple[str, str], Contents] = {}
        self.mirror: Mirror | None = None

    async def locate(self) -> None:
        """Find out whether it has a remote, once.

        Raises:
            SystemError: There is no repository.
        """
        if self._located:
            return
        remote = self.repository.path if self.repository.remote else await self._origin()
        if remote is not None:
            self.mirror = Mirror(self.repository, remote, self._wire, self._clock, self._cache)
        self._located = True

    async def _origin(self) -> str | None:
        reply = await self._git("remote", "get-url", "origin", folder=self._folder)
        if reply.status == 0:
            return _absolute(reply.body.decode(errors="replace").strip(), self._folder)
        if reply.status == _NO_REMOTE:
            return None
        raise SystemError(failure(reply, path=self.repository.path), status=reply.status)

    async def read(self, since: datetime) -> Read:
        """Return its changes since then.

        Raises:
            SystemError: It cannot be read; the message has the remedy.
        """
        await self.locate()
        now = self._clock.now()
        if self.mirror is None:
            return await self._changes(self._folder, self.repository.ref, since, now, None)
        mirror = self.mirror
        await mirror.refresh()
        fetched = mirror.fetched or self._memory.read
        if fetched is None:
            raise SystemError(mirror.error or "not fetched yet")
        if mirror.vacant:
            return Read((), fetched)
        gap = None
        if mirror.error is not None and mirror.failed is not None:
            ago = say_seconds((self._clock.now() - mirror.failed).total_seconds())
            gap = f"fetch failed {ago} ago: {mirror.error}"
        try:
            return await self._changes(mirror.folder, mirror.ref, since, fetched, gap)
        except SystemError:
            if gap is not None:
                raise SystemError(gap) from None
            raise

    async def _git(self, command: str, *arguments: str, folder: str, since: datetime | None = None) -> Reply:
        params = [("folder", folder)]
        if since is not None:
            params.append(("since", f"--since={since:%Y-%m-%dT%H:%M:%SZ}"))
        params += [("", argument) for argument in arguments]
        return await self._wire.call(self.repository.path, "git", command, params)

    async def _changes(self, folder: str, ref: str, since: datetime, fetched: datetime, gap: str | None) -> Read:
        if self.repository.tags is not None:
            tags = await self._tags(folder)
            self._memory.note("", fetched, ())
            last = tags[-1].created if len(tags) >= MOST_TAGS else since
            note = _only("tags", MOST_TAGS, last) if last > since else None
            await self._look_into(tags, since, folder)
            changes = changes_of_tags(self.repository, tags, since, self._labels, self._contents)
            return Read(tuple(changes), fetched, gap, note)
        place = await self._git("rev-parse", "--is-shallow-repository", f"{ref}^{{commit}}", folder=folder)
        if place.status != 0:
            if await self._vacant(place, folder):
                return Read((), fetched, gap)
            raise SystemError(await self._why(place, folder), status=place.status)
        shallow, _, tip = place.body.decode(errors="replace").strip().partition("\n")
        commits = await self._commits(folder, ref, since - MARGIN)
        await self._note_arrivals(folder, tip.strip(), fetched)
        known = {commit.hash for commit in commits}
        late = [commit for commit in self._memory.late if commit.hash not in known]
        changes = changes_of_commits(self.repository, [*commits, *late], self._memory.first_seen, since, self._labels)
        return Read(tuple(changes), fetched, gap, _cut(commits, since, shallow=shallow == "true"))

    async def _tags(self, folder: str) -> list[Tag]:
        reply = await self._git(
            "for-each-ref", "--sort=-creatordate", f"--count={MOST_TAGS}", TAG_FORMAT, "refs/tags", folder=folder
        )
        if reply.status != 0:
            raise SystemError(failure(reply, path=self.repository.path), status=reply.status)
        return read_tags(reply.body)

    async def _look_into(self, tags: list[Tag], since: datetime, folder: str) -> None:
        """Read what came with the newest tags of the window; a span of commits never changes, so each is read once."""
        known = matching(self.repository, tags)
        pairs = [(old.commit, new.commit) for old, new in pairwise(known) if new.created >= since]
        pairs = [pair for pair in pairs if all(pair)]
        wanted = [pair for pair in pairs[::-1] if pair not in self._contents][:MOST_SPANS]
        self._contents = {pair: self._contents[pair] for pair in pairs if pair in self._contents}
        for old, new in wanted:
            try:
                reply = await self._git(
                    "log",
                    *("-z", "--no-show-signature", "--no-decorate", "--no-notes", f"--max-count={MOST_CAME}"),
                    *("--name-only", "--no-renames", LOG_FORMAT, f"{old}..{new}", "--"),
                    folder=folder,
                )
            except SystemError as error:  # the tags are known all the same; a recording may lack it
                log.debug("what came with %s of %s: %s", new[:7], self.repository.name, error)
                continue
            if reply.status == 0:
                self._contents[old, new] = contents_of(read_log(reply.body))

    async def _commits(self, folder: str, span: str, since: datetime | None) -> list[Commit]:
        files = ["--name-only", "-m", "--no-renames"] if self.repository.paths else []
        most = MOST_ARRIVED if since is None else MOST_COMMITS
        reply = await self._git(
            "log",
            *("-z", "--first-parent", "--no-show-signature", "--no-decorate", "--no-notes", f"--max-count={most}"),
            *files,
            *(LOG_FORMAT, span, "--"),
            folder=folder,
            since=since,
        )
        if reply.status != 0:
            raise SystemError(failure(reply, path=self.repository.path), status=reply.status)
        return read_log(reply.body)

    async def _note_arrivals(self, folder: str, tip: str, fetched: datetime) -> None:
        """Take note of commits that this fetch brought with dates from before the last one."""
        before = self._memory.tip
        arrived: list[Commit] = []
        if before and before != tip:
            try:
                arrived = await self._commits(folder, f"{before}..{tip}", None)
            except SystemError:
                arrived = []  # the branch was rewritten and what it was is gone
        self._memory.note(tip, fetched, arrived)

    async def _heads(self, folder: str) -> Reply:
        return await self._git("for-each-ref", "--count=20", "--format=%(refname:short)", "refs/heads", folder=folder)

    async def _vacant(self, place: Reply, folder: str) -> bool:
        """Tell whether the repository is sound and has no commit at all."""
        if "unknown revision" not in place.body.decode(errors="replace"):
            return False
        heads = await self._heads(folder)
        return heads.status == 0 and not heads.body.strip()

    async def _why(self, place: Reply, folder: str) -> str:
        if "unknown revision" in place.body.decode(errors="replace"):
            heads = await self._heads(folder)
            if heads.status == 0:
                return no_branch(self.repository.ref, branches(heads.body))
        return failure(place, path=self.repository.path)

    async def close(self) -> None:
        """Give up a fetch that still runs."""
        if self.mirror is not None:
            await self.mirror.close()


def _absolute(remote: str, folder: str) -> str:
    """Return a remote that is a path relative to its clone as an absolute one."""
    if re.match(r"^[a-z][a-z0-9+.-]*://", remote, re.IGNORECASE) or remote.startswith(("/", "~")):
        return remote
    if ":" in remote.partition("/")[0]:
        return remote
    return str(Path(folder) / remote)


def _cut(commits: list[Commit], since: datetime, *, shallow: bool) -> str | None:
    """Return that what was read ends inside of the window, where it does: a shallow clone, or more than is read."""
    last = commits[-1] if commits else None
    if last is None or last.committed <= since:
        return None
    if len(commits) >= MOST_COMMITS:
        return _only("commits", MOST_COMMITS, last.committed)
    if last.parents or not shallow:
        return None
    return f"shallow clone, nothing before {clock_time(last.committed)} UTC; run: git fetch --unshallow"


def _only(what: str, most: int, last: datetime) -> str:
    return f"only the newest {most:,} {what} are read, nothing before {clock_time(last)} UTC"


def said_of(repository: Repository, error: str) -> str:
    """Return an error or gap with the repository's name before it."""
    return one_line(f"{repository.name}: {bare(error)}")
