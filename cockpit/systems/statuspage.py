"""Status pages of third parties: what vendors say of themselves, asked of the pages that the map names."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from cockpit.clock import Clock
from cockpit.config import ConfigError, SystemSpec
from cockpit.config.table import nearest
from cockpit.model.measure import VendorStatus
from cockpit.model.reading import StatusSeen, Topic
from cockpit.model.topology import IntegrationMap
from cockpit.systems.addresses import bare_url
from cockpit.systems.answers import require_json
from cockpit.systems.base import Check, Circumstances, Reply, Surroundings, SystemError
from cockpit.systems.failures import refused
from cockpit.systems.settings import settings_of
from cockpit.systems.status_bodies import Said, read_feed, read_instatus, read_statuspage

EVERY_S = 60.0
"""Seconds between two askings of a page; it is never asked sooner."""

_FEEDS = (".rss", ".atom", ".xml", "/rss", "/atom", "/feed")
"""Ends of an address that is a feed."""
_ELSEWHERE = frozenset({404, 405, 406, 410})
"""Statuses with which a page says that it has no such form."""


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """Keys of this kind's own."""

    components: dict[str, list[str]] = {}
    """By service of the map: the components of its page that it depends on; without them the whole page counts."""


class System:
    """The status pages of the map's services, as one system.

    Args:
        spec: Its settings; with addresses only those of the map's pages are asked.
        around: Its wire and the integration map.
        clock: Says when a page answered.

    Raises:
        ConfigError: A setting of its own is wrong, names a service that the map does not have, or is a credential.
    """

    KIND = "statuspage"
    TOPICS: tuple[Topic, ...] = (Topic.STATUS,)
    CADENCE: Mapping[Topic, float] = {Topic.STATUS: EVERY_S}
    WIRE = "http"
    SETTINGS = Settings

    def __init__(self, spec: SystemSpec, around: Surroundings, clock: Clock) -> None:
        for key in ("token", "password", "api_key", "app_key"):
            if getattr(spec, key) is not None:
                what = "would be sent to the pages of every vendor"
                raise ConfigError(f"{spec.place or spec.name}.{key}", what, "leave it out: status pages ask for none")
        self.name = spec.name
        self.kind = self.KIND
        self.every_s = max(EVERY_S, spec.every.total_seconds() if spec.every else EVERY_S)
        self.CADENCE = {Topic.STATUS: self.every_s}
        self.insecure = spec.verify is False
        self._spec = spec
        self._wire = around.wire
        self._clock = clock
        self._parts = _parts(spec, settings_of(spec, Settings), around.map)
        self._pages = pages_of(spec, around.map)
        self._forms: dict[str, _Form] = {}
        if not self._pages:
            self.TOPICS = ()

    @staticmethod
    def addresses(spec: SystemSpec, known: IntegrationMap) -> tuple[str, ...]:
        """Return the servers that are asked: those of the map's pages, or of them the configured ones."""
        return tuple(dict.fromkeys(_server(page) for page in pages_of(spec, known).values()))

    async def statuses(self, around: Circumstances) -> StatusSeen:  # noqa: ARG002 - the protocol's; a page has no peers
        """Return what each page says, or why it could not be read.

        Raises:
            SystemError: No page could be read.
        """
        pages = tuple(dict.fromkeys(self._pages.values()))
        answers = dict(zip(pages, await asyncio.gather(*map(self._tried, pages)), strict=True))
        now = self._clock.now()
        statuses: list[VendorStatus] = []
        failures: dict[str, SystemError] = {}
        for service, page in self._pages.items():
            answer = answers[page]
            said = answer if isinstance(answer, SystemError) else answer.of(self._parts.get(service, ()), now)
            if isinstance(said, SystemError):
                failures[service] = said
            else:
                statuses.append(VendorStatus(service, said.fine, said.says, now, page, said.incident))
        if failures and not statuses:
            raise next(iter(failures.values()))
        return StatusSeen(tuple(statuses), {service: str(error) for service, error in failures.items()})

    async def _tried(self, page: str) -> "_Answer | SystemError":
        try:
            return await self._ask(page)
        except SystemError as error:
            return error

    async def _ask(self, page: str) -> "_Answer":
        """Return a page's answer in the form that it last had, else in the first one that it has.

        Raises:
            SystemError: It did not answer, or in no form that is known.
        """
        known = self._forms.pop(page, None)
        reasons: list[SystemError] = []
        for form in _forms_of(page) if known is None else (known,):
            reply = await self._wire.call(_server(page), "GET", form.path)
            error = refused(reply, self._spec, form.path, self._clock.now())
            if error is not None and reply.status not in _ELSEWHERE:
                raise error
            answer = _Answer(form, reply)
            said = error or answer.of((), self._clock.now())
            if isinstance(said, SystemError):
                reasons.append(said)
                continue
            self._forms[page] = form
            return answer
        raise reasons[0]

    async def check(self) -> Sequence[Check]:
        """Ask each page once."""
        if not self._pages:
            what, remedy = "status pages", "give a third party a status_page in the map"
            return [Check(self.name, what, ok=True, message="the map names none", remedy=remedy, warning=True)]
        told: list[Check] = []
        for page in dict.fromkeys(self._pages.values()):
            what = f"status page {page}"
            answer = await self._tried(page)
            said = answer if isinstance(answer, SystemError) else answer.of((), self._clock.now())
            if isinstance(said, SystemError):
                remedy = "is it the page's address, and may it be reached from here?"
                told.append(Check(self.name, what, ok=False, message=str(said), remedy=remedy))
            else:
                told.append(Check(self.name, what, ok=True, message=said.says, warning=said.fine is None))
        return told

    async def close(self) -> None:
        """Close the connections."""
        await self._wire.close()


@dataclass(frozen=True, slots=True)
class _Form:
    """One way in which pages tell how they do."""

    path: str
    read: Callable[[bytes, Sequence[str], datetime], Said]
    json: bool = True


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a page answered, in a form that is known."""

    form: _Form
    reply: Reply

    def of(self, parts: Sequence[str], now: datetime) -> Said | SystemError:
        """Return what it says of some components, or of all, or why it cannot be read."""
        try:
            body = require_json(self.reply) if self.form.json else self.reply.body
            return self.form.read(body, parts, now)
        except SystemError as error:
            return error


_PAGES = (
    _Form("/api/v2/summary.json", lambda body, parts, _: read_statuspage(body, parts)),
    _Form("/summary.json", lambda body, _, __: read_instatus(body)),
)
"""Forms of a page whose address says nothing of them: Statuspage's, Instatus'."""


def _forms_of(page: str) -> tuple[_Form, ...]:
    parts = urlsplit(page)
    if parts.path.endswith(_FEEDS):
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return (_Form(path, lambda body, _, now: read_feed(body, now), json=False),)
    return _PAGES


def _server(page: str) -> str:
    parts = urlsplit(bare_url(page))
    return f"{parts.scheme}://{parts.netloc}"


def pages_of(spec: SystemSpec, known: IntegrationMap) -> dict[str, str]:
    """Return the page of each service of the map that has one; with addresses configured only those on their servers."""
    allowed = {_server(url) for url in spec.urls}
    pages = {name: service.status_page for name, service in known.services.items() if service.status_page}
    return {name: page for name, page in pages.items() if not allowed or _server(page) in allowed}


def _parts(spec: SystemSpec, settings: Settings, known: IntegrationMap) -> Mapping[str, tuple[str, ...]]:
    for service in settings.components:
        if known.services and service not in known.services:
            meant = nearest(service, tuple(known.services))
            remedy = f"did you mean {meant}?" if meant else "write the map's name of a service"
            raise ConfigError(f"{spec.place or spec.name}.components.{service}", "is no service of the map", remedy)
    return {service: tuple(parts) for service, parts in settings.components.items()}
