"""Alertmanager, API v2: alerts and silences of one cluster, whose peers are asked side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import msgspec

from cockpit.clock import Clock
from cockpit.config import ConfigError, SystemSpec
from cockpit.matchers import Matcher, MatcherError, parse_matcher
from cockpit.model.alert import Silence
from cockpit.model.reading import AlertsSeen, SilencesSeen, Topic
from cockpit.systems.alertmanager_answers import RawServer, read_silence
from cockpit.systems.alertmanager_book import AlertBook, PeerPage
from cockpit.systems.alertmanager_check import checks
from cockpit.systems.answers import ItemReader, decode, decode_list, joined, require_json, utc
from cockpit.systems.base import Check, Circumstances, Reply, Surroundings, SystemError
from cockpit.systems.failures import refused
from cockpit.systems.http import skew_of
from cockpit.systems.peers import Peers
from cockpit.systems.settings import settings_of

STATUS_EVERY_S = 60.0
"""Seconds after which a peer is asked again when it was started."""


STATUS_TIMEOUT_S = 1.0
"""Seconds that this may take: alerts do not wait for it longer."""


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """Keys of this kind's own."""

    filter: list[str] = []
    """Matchers that the server applies: only alerts that satisfy all of them are asked for."""
    receiver: str | None = None
    """A regular expression of receivers, which the server applies."""


class _Narrow(NamedTuple):
    """What is asked for beside all alerts, and what was answered."""

    only: tuple[str, ...]
    pages: Mapping[str, PeerPage]
    book: AlertBook


class System:
    """One Alertmanager cluster.

    Args:
        spec: Its settings; `urls` are its peers.
        around: Its wire and the integration map.
        clock: Says when a peer's start is asked again.

    Raises:
        ConfigError: A setting of its own is wrong.
    """

    KIND = "alertmanager"
    TOPICS: tuple[Topic, ...] = (Topic.ALERTS, Topic.SILENCES)
    CADENCE: Mapping[Topic, float] = {Topic.ALERTS: 15.0, Topic.SILENCES: 15.0}
    WIRE = "http"
    SETTINGS = Settings

    def __init__(self, spec: SystemSpec, around: Surroundings, clock: Clock) -> None:
        self.name = spec.name
        self.kind = self.KIND
        self.every_s = spec.every.total_seconds() if spec.every else self.CADENCE[Topic.ALERTS]
        self.insecure = spec.verify is False
        self._spec = spec
        self._wire = around.wire
        self._tools = around.map.tools
        self._clock = clock
        settings = settings_of(spec, Settings)
        self._params = _params(spec, settings)
        self._peers = Peers(spec.urls)
        self._pages = self._new_pages()
        self._narrow: _Narrow | None = None
        self._book = AlertBook()
        self._status_at: dict[str, float] = {}
        self._silences: dict[str, ItemReader[tuple[Silence, object]]] = {}

    async def alerts(self, around: Circumstances) -> AlertsSeen:
        """Return every alert that the reachable peers hold, in any state, joined by fingerprint.

        Raises:
            SystemError: No peer answered.
        """
        said = await self._peers.ask(self._peer_alerts, around)
        around.skew_s = max((one.answer for one in said), key=abs)
        pages = [self._pages[one.url] for one in said]
        around.partial = joined(page.complaint for page in pages)
        return await self._book.join([page.reports for page in pages])

    def filters(self, matchers: Sequence[Matcher]) -> bool:
        """Tell whether the server knows any of the labels: those of the settings it does not."""
        return bool(self._known_there(matchers))

    async def filtered(self, matchers: Sequence[Matcher], around: Circumstances) -> AlertsSeen:
        """Return the alerts that satisfy the matchers, as far as the server can tell, joined by fingerprint.

        Raises:
            SystemError: No peer answered.
        """
        only = self._known_there(matchers)
        if self._narrow is None or self._narrow.only != only:
            self._narrow = _Narrow(only, self._new_pages(), AlertBook())
        narrow = self._narrow

        async def read(url: str) -> None:
            asked = (*self._params, *(("filter", matcher) for matcher in only))
            await narrow.pages[url].read(require_json(await self._get(url, "/api/v2/alerts", asked)))

        said = await self._peers.ask(read, around, aside=True)
        pages = [narrow.pages[one.url] for one in said]
        around.partial = joined(page.complaint for page in pages)
        return replace(await narrow.book.join([page.reports for page in pages]), only=only)

    def _known_there(self, matchers: Sequence[Matcher]) -> tuple[str, ...]:
        return tuple(str(matcher) for matcher in matchers if matcher.name not in self._spec.labels)

    def _new_pages(self) -> dict[str, PeerPage]:
        return {url: PeerPage(address, self._spec.labels) for url, address in self._peers.addresses.items()}

    async def _peer_alerts(self, url: str) -> float:
        """Read one peer's alerts into its page and return its clock's skew in seconds."""
        reply = await self._get(url, "/api/v2/alerts", self._params)
        skew = skew_of(reply, self._clock.now())
        await self._pages[url].read(require_json(reply))
        await self._ask_start(url)
        return skew

    async def _ask_start(self, url: str) -> None:
        """Ask when a peer was started, from time to time and after it was down; no answer changes nothing."""
        now = self._clock.monotonic()
        due = self._status_at.get(url, float("-inf")) + STATUS_EVERY_S
        if now < due and not self._peers.was_down(url):
            return
        self._status_at[url] = now
        try:
            reply = await self._get(url, "/api/v2/status", timeout_s=STATUS_TIMEOUT_S)
            status = decode(require_json(reply), RawServer)
        except SystemError:
            return
        self._peers.started(url, utc(status.uptime))

    async def silences(self, around: Circumstances) -> SilencesSeen:
        """Return the active and pending silences; of one that peers hold in several states the latest.

        Raises:
            SystemError: No peer answered.
        """
        said = await self._peers.ask(self._peer_silences, around, aside=True)
        latest: dict[str, tuple[Silence, object]] = {}
        for one in said:
            for silence, updated in one.answer:
                known = latest.get(silence.id)
                if known is None or str(updated or "") > str(known[1] or ""):
                    latest[silence.id] = (silence, updated)
        around.partial = joined(reader.complaint for reader in self._silences.values())
        current = (silence for silence, _ in latest.values() if silence.state in {"active", "pending"})
        return SilencesSeen(tuple(sorted(current, key=lambda silence: (silence.ends, silence.id))))

    async def _peer_silences(self, url: str) -> list[tuple[Silence, object]]:
        reply = await self._get(url, "/api/v2/silences")
        reader = self._silences.setdefault(url, ItemReader("silences", read_silence))
        reader.begin()
        return await reader.read(decode_list(require_json(reply)))

    async def check(self) -> Sequence[Check]:
        """Ask every peer for its status and its alerts, and compare what they say."""
        return await checks(self.name, self._peers, self._get, self._params, self._tools, self._clock)

    async def close(self) -> None:
        """Close the connections."""
        await self._wire.close()

    async def _get(
        self, url: str, path: str, params: Sequence[tuple[str, str]] = (), timeout_s: float | None = None
    ) -> Reply:
        reply = await self._wire.call(url, "GET", path, params, timeout_s=timeout_s)
        error = refused(reply, self._spec, path, self._clock.now())
        if error is not None:
            raise error
        return reply


def _params(spec: SystemSpec, settings: Settings) -> tuple[tuple[str, str], ...]:
    """Return what `/alerts` is asked with; the server's defaults show alerts in every state."""
    params: list[tuple[str, str]] = []
    for number, text in enumerate(settings.filter):
        try:
            params.append(("filter", str(parse_matcher(text))))
        except MatcherError as error:
            what, _, remedy = str(error).partition("; ")
            raise ConfigError(f"{spec.place or spec.name}.filter[{number}]", what, remedy or "correct it") from error
    if settings.receiver is not None:
        params.append(("receiver", settings.receiver))
    return tuple(params)
