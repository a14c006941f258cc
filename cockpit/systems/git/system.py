"""The system git: its repositories read side by side, what answered joined and what did not named."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from cockpit.clock import Clock
from cockpit.config import SystemSpec
from cockpit.model.reading import ChangesSeen, Topic
from cockpit.systems.base import Check, Circumstances, Surroundings, SystemError
from cockpit.systems.git.settings import Repository, Settings, read_settings
from cockpit.systems.git.source import Read, Source, said_of
from cockpit.systems.git.words import failure

AT_ONCE = 4
"""Repositories that are read side by side."""

BY_HAND = "fetch it by hand, as the same user and without a terminal: git fetch </dev/null"
"""What to do about a failure that git's words say nothing better about."""


class System:
    """Commits and tags of repositories."""

    KIND = "git"
    TOPICS = (Topic.CHANGES,)
    CADENCE: Mapping[Topic, float] = {Topic.CHANGES: 120.0}
    WIRE = "process"
    SETTINGS = Settings

    def __init__(self, spec: SystemSpec, around: Surroundings, clock: Clock) -> None:
        self.name = spec.name
        self.kind = self.KIND
        self.every_s = spec.every.total_seconds() if spec.every else self.CADENCE[Topic.CHANGES]
        self.insecure = False
        self._wire = around.wire
        self._clock = clock
        self._alone = asyncio.Lock()
        self._window = timedelta(seconds=around.window_s)
        self._sources = tuple(
            Source(repository, around.wire, clock, around.cache, dict(spec.labels))
            for repository in read_settings(spec)
        )

    async def _read_all(self, since: datetime) -> list[Read | SystemError]:
        gate = asyncio.Semaphore(AT_ONCE)

        async def read(source: Source) -> Read | SystemError:
            async with gate:
                try:
                    return await source.read(since)
                except SystemError as error:
                    return SystemError(said_of(source.repository, str(error)), status=error.status)

        return list(await asyncio.gather(*map(read, self._sources)))

    async def changes(self, since: datetime, until: datetime, around: Circumstances) -> ChangesSeen:  # noqa: ARG002 - a branch is always read to its end
        """Return the changes of all repositories that can be read; those that cannot are gaps.

        Raises:
            SystemError: None can be read.
        """
        async with self._alone:
            read = await self._read_all(since)
        good = [(source.repository, it) for source, it in zip(self._sources, read, strict=True) if isinstance(it, Read)]
        failed = [it for it in read if isinstance(it, SystemError)]
        if failed and not good:
            raise SystemError("; ".join(map(str, failed)), status=failed[0].status)
        late = [said_of(repository, it.gap) for repository, it in good if it.gap]
        notes = [said_of(repository, it.note) for repository, it in good if it.note]
        gaps = [*map(str, failed), *late]
        if good:
            around.complete_to = min(it.complete_to for _, it in good)
        around.partial = "; ".join(gaps) or None
        changes = {change.id: change for _, it in good for change in it.changes}
        return ChangesSeen(
            changes=tuple(sorted(changes.values(), key=lambda change: (change.began, change.id), reverse=True)),
            since=since,
            covers=tuple(dict.fromkeys(name for repository, _ in good for name in repository.covers)),
            gaps=(*gaps, *notes),
        )

    async def check(self) -> Sequence[Check]:
        """Prove that git is there and every repository can be read."""
        try:
            version = await self._wire.call("git", "git", "version", ())
        except SystemError as error:
            return [Check(self.name, "git", ok=False, message=str(error), remedy="install git")]
        said = version.body.decode(errors="replace").strip() if version.status == 0 else failure(version, path="git")
        checks = [Check(self.name, "git", ok=version.status == 0, message=said)]
        read = await self._read_all(self._clock.now() - self._window)
        for source, it in zip(self._sources, read, strict=True):
            checks.append(self._checked(source.repository, it))
        return checks

    def _checked(self, repository: Repository, read: Read | SystemError) -> Check:
        tried = f"tags {repository.tags} of" if repository.tags is not None else f"{repository.ref} of"
        check = f"{tried} {repository.name}"
        failed = str(read) if isinstance(read, SystemError) else read.gap
        if failed:
            what, _, remedy = failed.partition("; ")
            return Check(self.name, check, ok=False, message=what, remedy=remedy or BY_HAND)
        assert isinstance(read, Read)
        if read.note:
            return Check(self.name, check, ok=True, message=read.note, warning=True)
        count = len(read.changes)
        return Check(
            self.name, check, ok=True, message=f"{count} {'change' if count == 1 else 'changes'} in the window"
        )

    async def close(self) -> None:
        """Give up fetches that still run."""
        await asyncio.gather(*(source.close() for source in self._sources))
        await self._wire.close()
