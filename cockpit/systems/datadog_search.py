"""Asks one Datadog account: events page by page, DORA deployments stretch by stretch, and which key was refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus

import msgspec

from cockpit.clock import Clock
from cockpit.config import SystemSpec
from cockpit.model.change import ChangeReport
from cockpit.model.reading import Blind
from cockpit.spans import clock_time, rfc3339
from cockpit.systems.answers import ItemReader, decode, require_json
from cockpit.systems.base import Reply, SystemError, Wire
from cockpit.systems.datadog_events import Page, Reader, after, finished, read_deployment, read_event, warnings
from cockpit.systems.datadog_settings import Query, site_of
from cockpit.systems.failures import refused, what_it_said
from cockpit.text import one_line

LIMIT = 1000
"""Items of a page, the most that the server gives."""

PAGES = 10
"""Pages that are read of one search at most; what is older is told as a gap."""

EVENTS = "/api/v2/events/search"
"""Where events are searched."""

DEPLOYMENTS = "/api/v2/dora/deployments"
"""Where DORA deployments are listed."""

VALIDATE = "/api/v1/validate"
"""Tells whether the API key is a good one, whatever the application key is."""

_SCOPES: Mapping[str, str] = {EVENTS: "events_read", DEPLOYMENTS: "dora_metrics_read"}


@dataclass(slots=True)
class Read:
    """What one search came to."""

    changes: list[ChangeReport] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    reply: Reply | None = None
    """The last good answer."""
    error: SystemError | None = None
    blind: Blind | None = None
    """The stretch of the window that was too full to be read."""

    def cut(self, since: datetime, what: str) -> None:
        """Note that what is older than the oldest was not read."""
        oldest = min((change.began for change in self.changes), default=since)
        says = f"{what}: nothing before {clock_time(oldest)} UTC was read"
        self.gaps.append(says)
        if oldest > since:
            self.blind = Blind(since, oldest, says)


def addresses_of(spec: SystemSpec) -> tuple[str, ...]:
    """Return the server that is asked: the configured one, else the site's."""
    return spec.urls[:1] or (f"https://api.{site_of(spec)}",)


class Account:
    """One account, as far as changes go.

    Args:
        spec: The system's settings.
        wire: Leads to it.
        clock: Says until when it asked to be left alone.
        names: Tags and attributes by what they mean.
    """

    def __init__(self, spec: SystemSpec, wire: Wire, clock: Clock, names: Mapping[str, tuple[str, ...]]) -> None:
        self._spec = spec
        self._wire = wire
        self._clock = clock
        self._site = site_of(spec)
        self._reader = Reader(site=self._site, names=names, labels=spec.labels)
        self._peer = addresses_of(spec)[0]

    async def events(self, query: Query, since: datetime, until: datetime) -> Read:
        """Return what one search finds, the newest first, page by page.

        Raises:
            SystemError: A page did not come; of the two keys it says which was refused.
        """
        read, cursor, reader = Read(), "", replace(self._reader, kind=query.kind)
        filtered = {"query": query.query, "from": rfc3339(since), "to": rfc3339(until)}
        for _ in range(PAGES):
            page = {"limit": LIMIT, **({"cursor": cursor} if cursor else {})}
            told = await self._page(EVENTS, {"filter": filtered, "page": page, "sort": "-timestamp"}, read, since)
            if told is None:
                return read
            items = ItemReader[ChangeReport]("events", lambda data, _: read_event(data, reader), remember=False)
            read.changes += await items.read(told.data, "$.data")
            read.gaps += [gap for gap in (items.complaint, *warnings(told)) if gap]
            before, cursor = cursor, after(told)
            if not cursor or cursor == before or not told.data:
                return read
        read.cut(since, f"more than {PAGES * LIMIT:,} events match {one_line(query.query, 60)}, narrow it")
        return read

    async def deployments(self, query: str, since: datetime, until: datetime) -> Read:
        """Return DORA deployments; without a query all. A full page is followed by what ended before its oldest.

        Raises:
            SystemError: A page did not come; of the two keys it says which was refused.
        """
        read, end = Read(), until
        narrowed = {"query": query} if query else {}
        for _ in range(PAGES):
            window = {"from": rfc3339(since), "to": rfc3339(end), "limit": LIMIT, "sort": "-finished_at", **narrowed}
            body = {"data": {"type": "dora_deployments_list_request", "attributes": window}}
            told = await self._page(DEPLOYMENTS, body, read, since)
            if told is None:
                return read
            items = ItemReader[ChangeReport](
                "deployments", lambda data, _: read_deployment(data, self._reader), remember=False
            )
            found = await items.read(told.data, "$.data")
            read.changes += found
            read.gaps += [items.complaint] if items.complaint else []
            oldest = finished(found)
            if len(told.data) < LIMIT or oldest is None:
                return read
            before, end = end, min(end, oldest + timedelta(seconds=1))
            if end == before:
                break
        read.cut(since, f"more than {PAGES * LIMIT:,} DORA deployments, narrow them")
        return read

    async def _page(self, path: str, body: object, read: Read, since: datetime) -> Page | None:
        """Return one page; null where others came before it and it failed, which is told as a gap then."""
        try:
            return await self._asked(path, body, read)
        except SystemError as error:
            if read.reply is None:
                raise
            read.cut(since, str(error))
            return None

    async def _asked(self, path: str, body: object, read: Read) -> Page:
        reply = await self._wire.call(self._peer, "POST", path, body=msgspec.json.encode(body))
        error = refused(reply, self._spec, path, self._clock.now())
        if error is not None and error.status in {401, 403}:
            error = SystemError(await self._which_key(reply, path), status=error.status)
        if error is not None:
            raise error
        page: Page = decode(require_json(reply), Page)
        read.reply = reply
        return page

    async def _which_key(self, reply: Reply, path: str) -> str:
        """Return which of the two keys was refused: the API key can be asked about by itself."""
        place, said = self._spec.place or self._spec.name, what_it_said(reply)
        status = f"{reply.status} {HTTPStatus(reply.status).phrase}"
        quoted = f" ({said})" if said and said.casefold() not in {"forbidden", "unauthorized"} else ""
        try:
            alone = (await self._wire.call(self._peer, "GET", VALIDATE)).status
        except SystemError:
            alone = 0
        if alone in {401, 403}:
            return (
                f"{reply.status}: the API key was refused by {self._site}{quoted} (settings api_key, site in {place})"
            )
        if alone == 200:
            missing = f"the application key was refused, or has no scope {_SCOPES[path]}{quoted}"
            return f"{status}: {missing} (setting app_key in {place}; the API key is good)"
        return f"{status}: one of the keys was refused{quoted} (settings api_key, app_key in {place})"
