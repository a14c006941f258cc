"""GitHub: deployments with how far they came, and releases, of the configured repositories."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from cockpit.clock import Clock
from cockpit.config import SystemSpec
from cockpit.model.reading import ChangesSeen, Topic
from cockpit.model.topology import IntegrationMap
from cockpit.spans import clock_time
from cockpit.systems.addresses import bare_url
from cockpit.systems.answers import decode_list, require_json
from cockpit.systems.base import Check, Circumstances, Surroundings, SystemError
from cockpit.systems.failures import remedy_for
from cockpit.systems.github_repository import Budget, Read, Source
from cockpit.systems.github_settings import Settings, read_settings
from cockpit.systems.manners import Manners

URL = "https://api.github.com"
"""Where it is asked unless `url` says otherwise; a server of one's own has `https://HOST/api/v3`."""
EVERY_S = 60.0
"""Seconds between two askings."""
STATUSES = 40
"""Deployments whose statuses one refresh asks for; finished ones are not asked again."""
COMPARISONS = 4
"""Comparisons that one refresh asks for; none is asked twice."""
AT_ONCE = 4
"""Repositories that are read side by side."""


class System:
    """The configured repositories of one GitHub.

    Args:
        spec: Its settings; the token reads deployments and contents.
        around: Its wire.
        clock: Says what time it is.

    Raises:
        ConfigError: A setting of its own is wrong.
    """

    KIND = "github"
    TOPICS: tuple[Topic, ...] = (Topic.CHANGES,)
    CADENCE: Mapping[Topic, float] = {Topic.CHANGES: EVERY_S}
    WIRE = "http"
    SETTINGS = Settings
    MANNERS = Manners(
        headers={
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": "cockpit",
        },
        resets=("x-ratelimit-reset",),
        remaining="x-ratelimit-remaining",
        etags=True,
        kept=("link",),
    )

    def __init__(self, spec: SystemSpec, around: Surroundings, clock: Clock) -> None:
        self.name = spec.name
        self.kind = self.KIND
        self.every_s = spec.every.total_seconds() if spec.every else EVERY_S
        self.insecure = spec.verify is False
        self._spec = spec
        self._wire = around.wire
        self._clock = clock
        self._url = bare_url(self.addresses(spec, around.map)[0])
        settings = read_settings(spec)
        details = (settings.codeowners, settings.compare)
        self._sources = tuple(
            Source(one, spec, around.wire, clock, self._url, details) for one in settings.repositories
        )
        self._alone = asyncio.Lock()

    @staticmethod
    def addresses(spec: SystemSpec, known: IntegrationMap) -> tuple[str, ...]:  # noqa: ARG004 - the same for every map
        """Return where it is asked."""
        return spec.urls[:1] or (URL,)

    async def changes(self, since: datetime, until: datetime, around: Circumstances) -> ChangesSeen:
        """Return the deployments and releases of all repositories; of one that fails what it told last, and that it fails.

        Raises:
            SystemError: None answered, or GitHub asks to be left alone: the limit is the token's, not a repository's.
        """
        async with self._alone:
            told = await self._read_all(since, until)
        failed = {source: one for source, one in zip(self._sources, told, strict=True) if isinstance(one, SystemError)}
        limited = [error for error in failed.values() if error.retry_after_s is not None]
        if limited or len(failed) == len(self._sources):
            raise max(limited or failed.values(), key=lambda error: error.retry_after_s or 0.0)
        reads: list[Read] = []
        gaps: list[str] = []
        for source, one in zip(self._sources, told, strict=True):
            read = source.last if isinstance(one, SystemError) else one
            if isinstance(one, SystemError):
                age = "" if read is None else f" since {clock_time(read.at, today=until)}"
                gaps.append(f"{source.repository.repo}: not answering{age}: {one}")
            if read is not None:
                reads.append(read)
                gaps += [f"{source.repository.repo}: {read.gap}"] if read.gap else []
        changes = {(one.id, one.name): one for read in reads for one in read.changes if one.began >= since}
        around.partial = "; ".join(gaps) or None
        around.complete_to = min(read.at for read in reads)
        return ChangesSeen(
            changes=tuple(sorted(changes.values(), key=lambda one: (one.began, one.id), reverse=True)),
            since=since,
            covers=tuple(dict.fromkeys(name for source in self._sources for name in source.covers())),
            gaps=tuple(gaps),
        )

    async def _read_all(self, since: datetime, until: datetime) -> list[Read | SystemError]:
        gate = asyncio.Semaphore(AT_ONCE)
        budget = Budget(STATUSES, COMPARISONS)

        async def read(source: Source) -> Read | SystemError:
            async with gate:
                try:
                    return await source.read(since, until, budget)
                except SystemError as error:
                    return error

        return list(await asyncio.gather(*map(read, self._sources)))

    async def check(self) -> Sequence[Check]:
        """Ask each repository for one deployment, and how many requests are left."""
        checks = [await self._check_one(source) for source in self._sources]
        left = await self._check_left()
        return [*checks, left] if left is not None else checks

    async def _check_one(self, source: Source) -> Check:
        repository = source.repository
        what = f"GET {self._url}{repository.path}/deployments"
        params = [("per_page", "1")]
        if repository.environment is not None:
            params.append(("environment", repository.environment))
        try:
            path = "/deployments" if repository.deployments else "/releases"
            found = decode_list(require_json(await source.ask(path, params if repository.deployments else params[:1])))
        except SystemError as error:
            return Check(self.name, what, ok=False, message=str(error), remedy=_remedy(error))
        if repository.deployments and not found:
            where = f" to {repository.environment}" if repository.environment else ""
            remedy = "is the environment written as GitHub has it, and does anything report deployments?"
            return Check(self.name, what, ok=True, message=f"no deployment{where}", remedy=remedy, warning=True)
        return Check(self.name, what, ok=True, message="answers")

    async def _check_left(self) -> Check | None:
        """Return how many requests this token has left; nothing where the server keeps no count."""
        what = f"GET {self._url}/rate_limit"
        try:
            reply = await self._wire.call(self._url, "GET", "/rate_limit")
            if reply.status != 200:
                return None
            core = msgspec.json.decode(reply.body, type=_Limits).resources.core
        except (SystemError, msgspec.DecodeError):
            return None
        few = core.remaining < core.limit // 10
        remedy = "give it a token of its own, or a longer every" if few or core.limit <= 60 else ""
        message = f"{core.remaining:,} of {core.limit:,} requests left this hour"
        return Check(self.name, what, ok=True, message=message, remedy=remedy, warning=bool(remedy))

    async def close(self) -> None:
        """Close the connections."""
        await self._wire.close()


class _Limit(msgspec.Struct):
    limit: int
    remaining: int


class _Resources(msgspec.Struct):
    core: _Limit


class _Limits(msgspec.Struct):
    resources: _Resources


def _remedy(error: SystemError) -> str:
    if error.status == 401:
        return "make a fine-grained token that reads deployments and contents, and point the token setting at it"
    if error.status in {403, 404} and error.retry_after_s is None:
        return "a fine-grained token needs Deployments: read and Contents: read of that repository, a classic one repo"
    where = "is the address right (a server of your own: https://HOST/api/v3), and may it be reached from here?"
    return remedy_for(error, where)
