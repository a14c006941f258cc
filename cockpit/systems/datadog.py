"""The system datadog: deploys among its events, and the deployments of its DORA metrics."""

from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime, timedelta

from cockpit.clock import Clock
from cockpit.config import ConfigError, SystemSpec
from cockpit.model.change import ChangeReport
from cockpit.model.reading import ChangesSeen, Topic
from cockpit.model.topology import IntegrationMap
from cockpit.spans import say_seconds
from cockpit.systems.base import Check, Circumstances, Surroundings, SystemError
from cockpit.systems.covering import Covers
from cockpit.systems.datadog_events import NAMELESS
from cockpit.systems.datadog_search import Account, Read, addresses_of
from cockpit.systems.datadog_settings import Settings, lag_of, read_settings
from cockpit.systems.event_words import names_of
from cockpit.systems.http import skew_of
from cockpit.systems.manners import Manners
from cockpit.text import one_line

DORA_AGAIN_S = 3600.0
"""Seconds after which DORA deployments are tried again that nobody asked for and that may not be read."""

_REMEDIES = {
    400: "correct the query",
    401: "put a good key where that setting points to",
    403: "put a good key, with that scope, where that setting points to",
    404: "correct site or url",
    429: "ask less often: raise every",
}
"""What to do about an answer's status."""


class System:
    """Events and DORA deployments of one account.

    The whole window is asked each time, so that an event that could be found late is there at the next asking, and
    one that comes on two pages counts once.

    Args:
        spec: Its settings.
        around: Its wire and the integration map.
        clock: Says when it answered.

    Raises:
        ConfigError: A setting of its own is wrong.
    """

    KIND = "datadog"
    TOPICS: tuple[Topic, ...] = (Topic.CHANGES,)
    CADENCE: Mapping[Topic, float] = {Topic.CHANGES: 60.0}
    WIRE = "http"
    SETTINGS = Settings
    MANNERS = Manners(keys={"api_key": "DD-API-KEY", "app_key": "DD-APPLICATION-KEY"}, resets=("x-ratelimit-reset",))

    def __init__(self, spec: SystemSpec, around: Surroundings, clock: Clock) -> None:
        self.name = spec.name
        self.kind = self.KIND
        self.every_s = spec.every.total_seconds() if spec.every else self.CADENCE[Topic.CHANGES]
        self.insecure = spec.verify is False
        self._settings, self._queries = read_settings(spec)
        names = names_of(self._settings.fields, f"{spec.place or spec.name}.fields")
        self._account = Account(spec, around.wire, clock, names)
        self._wire = around.wire
        self._clock = clock
        self._window = timedelta(seconds=around.window_s)
        self._covers = Covers(self._settings.covers, around.map)
        self._no_dora: float | None = None

    @staticmethod
    def addresses(spec: SystemSpec, known: IntegrationMap) -> tuple[str, ...]:  # noqa: ARG004 - a site needs no map
        """Return the server that is asked: the site's, unless one is configured.

        Raises:
            ConfigError: A key is missing that the site would want.
        """
        headers = {name.casefold() for name in spec.headers}
        for key, header in System.MANNERS.keys.items():
            if not spec.urls and getattr(spec, key) is None and header.casefold() not in headers:
                what = f"has no {key}: Datadog is read with an API key and an application key"
                raise ConfigError(spec.place or spec.name, what, f'add {key} = {{env = "DD_{key.upper()}"}}')
        return addresses_of(spec)

    async def changes(self, since: datetime, until: datetime, around: Circumstances) -> ChangesSeen:
        """Return the changes that its events and deployments tell of; a search that fails is a gap.

        Raises:
            SystemError: Nothing answered.
        """
        reads = [
            await self._tried(self._account.events(query, since, until), f"query {query.query}")
            for query in self._queries
        ]
        if self._wants_dora():
            read = await self._tried(self._account.deployments(self._dora, since, until), "DORA deployments")
            if self._may_miss(read):
                self._no_dora = self._clock.monotonic()
            else:
                reads.append(read)
        replies = [read.reply for read in reads if read.reply is not None]
        failures = [read.error for read in reads if read.error is not None]
        if failures and not replies:
            raise failures[0]
        around.skew_s = skew_of(replies[-1], self._clock.now())
        around.complete_to = max(since, until - lag_of(self._settings))
        gaps = tuple(dict.fromkeys(gap for read in reads for gap in read.gaps))
        around.partial = "; ".join(gaps) or None
        changes: dict[str, ChangeReport] = {}
        for change in (change for read in reads for change in read.changes):
            changes.setdefault(change.id, change)
        self._covers.saw(change.name for change in changes.values() if change.name != NAMELESS)
        newest = sorted(changes.values(), key=lambda change: (change.began, change.id), reverse=True)
        blind = tuple(read.blind for read in reads if read.blind is not None)
        return ChangesSeen(tuple(newest), since, self._covers.names, gaps, blind)

    async def _tried(self, asking: Awaitable[Read], what: str) -> Read:
        try:
            return await asking
        except SystemError as error:
            return Read(gaps=[f"{one_line(what, 80)}: {error}"], error=error)

    @property
    def _dora(self) -> str:
        return self._settings.dora if isinstance(self._settings.dora, str) else ""

    def _wants_dora(self) -> bool:
        if self._settings.dora is None and self._no_dora is not None:
            return self._clock.monotonic() - self._no_dora >= DORA_AGAIN_S
        return self._settings.dora is not False

    def _may_miss(self, read: Read) -> bool:
        """Tell whether deployments are missing that nobody asked for: an account need not have them."""
        asked = bool(self._queries) and self._settings.dora is None
        return asked and read.error is not None and read.error.status in {400, 403, 404}

    async def check(self) -> Sequence[Check]:
        """Search once for each query, and list the deployments."""
        until = self._clock.now()
        since = until - self._window
        told: list[Check] = []
        for query in self._queries:
            read = await self._tried(self._account.events(query, since, until), "")
            remedy = "do deploys send events to Datadog, with these tags? set query to what finds them"
            told.append(self._checked(f"events {one_line(query.query, 80)}", read, remedy))
        if self._settings.dora is not False:
            read = await self._tried(self._account.deployments(self._dora, since, until), "")
            remedy = "dora = false asks for none of them"
            if self._may_miss(read):
                said = f"not read: {read.error}"
                told.append(Check(self.name, "DORA deployments", ok=True, message=said, remedy=remedy, warning=True))
            else:
                told.append(self._checked("DORA deployments", read, remedy))
        return told

    def _checked(self, what: str, read: Read, remedy: str) -> Check:
        if read.error is not None:
            remedy = _REMEDIES.get(read.error.status or 0, "is the site right, and may it be reached from here?")
            return Check(self.name, what, ok=False, message=str(read.error), remedy=remedy)
        count, nameless = len(read.changes), sum(change.name == NAMELESS for change in read.changes)
        said = f"{count or 'none'} in {say_seconds(self._window.total_seconds())}"
        said += f", {nameless} without a service" if nameless else ""
        said += f"; {'; '.join(read.gaps)}" if read.gaps else ""
        fine = bool(count) and not read.gaps and not nameless
        return Check(self.name, what, ok=True, message=said, remedy="" if fine else remedy, warning=not fine)

    async def close(self) -> None:
        """Close the connections."""
        await self._wire.close()
