"""Grafana: annotations with certain tags are changes, and changes of others can be marked on its dashboards."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import msgspec

from cockpit.clock import Clock
from cockpit.config import ConfigError, SystemSpec
from cockpit.model.annotation import OWN, Annotation, Spot
from cockpit.model.reading import ChangesSeen, Topic
from cockpit.systems.addresses import address_of, bare_url
from cockpit.systems.answers import ItemReader, UnreadableError, decode, decode_list, require_json
from cockpit.systems.base import Check, Circumstances, Reply, Surroundings, SystemError
from cockpit.systems.covering import Covers
from cockpit.systems.failures import refused
from cockpit.systems.grafana_annotations import NAMELESS, Mark, Settings, milliseconds, pair_of, read_mark
from cockpit.systems.http import skew_of
from cockpit.systems.manners import Manners
from cockpit.systems.settings import settings_of
from cockpit.text import one_line

PATH = "/api/annotations"
"""Where annotations are asked and written."""
TAGS = "/api/annotations/tags"
"""Where the tags are listed that annotations have."""

EVERY_S = 30.0
"""Seconds between two askings."""
PAGE = 1000
"""Annotations asked for at a time; each further page asks for one more, so that a recording tells pages apart."""
PAGES = 50
"""Pages that are asked at most; what is beyond them is a gap that is told."""
AHEAD = timedelta(minutes=5)
"""How far beyond now is asked: a server's clock may be ahead."""
NEAR = timedelta(minutes=15)
"""Annotations that begin so close to one another may mark the same change."""
NAMED_S = 600.0
"""Seconds for which it is remembered which services its tags name."""

READ, CREATE = "annotations:read", "annotations:create"
"""The permissions that reading and writing take."""


class _Tag(msgspec.Struct):
    tag: str = ""


class _Tags(msgspec.Struct):
    tags: list[_Tag] = msgspec.field(default_factory=list)


class _TagsSaid(msgspec.Struct):
    result: _Tags = msgspec.field(default_factory=_Tags)


class _Written(msgspec.Struct):
    id: int | str | None = None


class _Board(msgspec.Struct):
    title: str = ""


class _BoardSaid(msgspec.Struct):
    dashboard: _Board = msgspec.field(default_factory=_Board)


class System:
    """One organisation of a Grafana.

    Args:
        spec: Its settings; `org` is sent as `X-Grafana-Org-Id`.
        around: Its wire.
        clock: Says what time it is.

    Raises:
        ConfigError: A setting of its own is wrong.
    """

    KIND = "grafana"
    TOPICS: tuple[Topic, ...] = (Topic.CHANGES,)
    CADENCE: Mapping[Topic, float] = {Topic.CHANGES: EVERY_S}
    WIRE = "http"
    SETTINGS = Settings
    MANNERS = Manners(org="X-Grafana-Org-Id")

    def __init__(self, spec: SystemSpec, around: Surroundings, clock: Clock) -> None:
        if len(spec.urls) > 1:
            what = "names several servers"
            raise ConfigError(f"{spec.place or spec.name}.urls", what, "write url; another Grafana is another system")
        if spec.org is not None and not spec.org.isdigit():
            what = f"{spec.org!r} is no number of an organisation"
            raise ConfigError(f"{spec.place or spec.name}.org", what, 'write its number, such as org = "2"')
        self.name = spec.name
        self.kind = self.KIND
        self.every_s = spec.every.total_seconds() if spec.every else EVERY_S
        self.insecure = spec.verify is False
        self._spec = spec
        self._settings = settings_of(spec, Settings)
        self.tags = tuple(self._settings.tags)
        self._covers = Covers(self._settings.covers, around.map)
        self._wire = around.wire
        self._clock = clock
        self._base = bare_url(spec.urls[0]) if spec.urls else ""
        self._reader = self._new_reader(remember=True)
        self._reading = False
        self._named: tuple[float, tuple[str, ...]] | None = None

    def _new_reader(self, *, remember: bool) -> ItemReader[Mark]:
        def read(data: bytes, _plain: bool) -> Mark:
            return read_mark(data, self._settings, self._base, self._spec.labels)

        return ItemReader("annotations", read, remember=remember)

    # -- reading -------------------------------------------------------------------------------

    async def changes(self, since: datetime, until: datetime, around: Circumstances) -> ChangesSeen:
        """Return the changes that annotations of that window tell of.

        One that Cockpit wrote about a change of another system joins that change by service and version; without a
        version it would stand beside it, and is left out.

        Raises:
            SystemError: It did not answer.
        """
        reader = self._reader if not self._reading else self._new_reader(remember=False)
        before, self._reading = self._reading, True
        try:
            reader.begin()
            marks, missing = await self._window(reader, since, until + AHEAD, self._tag_params(), around)
        finally:
            self._reading = before
        reports = tuple(mark.report for mark in marks if mark.one.version or not mark.one.repeats)
        nameless = sum(report.name == NAMELESS for report in reports)
        gaps = [gap for gap in (missing, reader.complaint) if gap]
        if nameless:
            plural = "annotations name" if nameless > 1 else "annotation names"
            gaps.append(f"{nameless} {plural} no service: give them a tag service:NAME")
        self._covers.saw(await self._services())
        self._covers.saw(sorted({report.name for report in reports} - {NAMELESS}))
        return ChangesSeen(reports, since, covers=self._covers.names, gaps=tuple(gaps))

    def _tag_params(self) -> list[tuple[str, str]]:
        tags = [("tags", tag) for tag in self._settings.tags]
        return [*tags, ("matchAny", "true")] if len(tags) > 1 and self._settings.match_any else tags

    async def _window(
        self,
        reader: ItemReader[Mark],
        since: datetime,
        until: datetime,
        tags: Sequence[tuple[str, str]],
        around: Circumstances | None = None,
    ) -> tuple[list[Mark], str]:
        """Return the annotations that touch a window, each once, and what of it is missing.

        There is no cursor and the latest end comes first: as long as a page is full, it is asked again for what
        begins no later than the earliest end that was seen. A page that brings nothing earlier is asked larger.
        """
        found: dict[str, Mark] = {}
        end, size = milliseconds(until), PAGE
        for page in range(PAGES):
            params = [("from", str(milliseconds(since))), ("to", str(end)), ("type", "annotation")]
            reply = await self._get(PATH, [*params, *tags, ("limit", str(size + page))])
            if around is not None:
                around.skew_s = skew_of(reply, self._clock.now())
            items = decode_list(require_json(reply))
            marks = await reader.read(items)
            found |= {mark.one.id: mark for mark in marks if not mark.of_alert}
            if len(items) < size + page or not marks:
                return list(found.values()), ""
            earliest = int(min(mark.last for mark in marks))
            if earliest < end:
                end = earliest
            else:
                size *= 2
        reached = datetime.fromtimestamp(end / 1000, UTC)
        return list(found.values()), f"more than {len(found):,} annotations: none before {reached:%H:%M} UTC were read"

    async def _services(self) -> tuple[str, ...]:
        """Return the services that any tag names; remembered for ten minutes, and as it was where it cannot be had."""
        now = self._clock.monotonic()
        if self._named is not None and now - self._named[0] < NAMED_S:
            return self._named[1]
        try:
            found = await asyncio.gather(*map(self._named_by, dict.fromkeys(self._settings.service_keys)))
        except SystemError:  # the changes were read all the same; it is asked again in a minute
            names = self._named[1] if self._named is not None else ()
            self._named = (now - NAMED_S + 60.0, names)
        else:
            self._named = (now, tuple(sorted({name for some in found for name in some})))
        return self._named[1]

    async def _named_by(self, key: str) -> list[str]:
        """Return the services that tags with this key name."""
        reply = await self._get(TAGS, [("tag", key), ("limit", str(PAGE))])
        said: _TagsSaid = decode(require_json(reply), _TagsSaid)
        pairs = (pair_of(one_line(one.tag, 200)) for one in said.result.tags)
        return [value for told, value in pairs if told == key.casefold() and value]

    # -- writing -------------------------------------------------------------------------------

    def dashboard_for(self, service: str) -> str:
        """Return the uid of the dashboard that a service's changes are marked on; empty for the whole organisation."""
        return self._settings.dashboards.get(service) or self._settings.dashboard_uid

    def sends(self, wanted: Annotation) -> dict[str, object]:
        """Return the document that writing an annotation sends."""
        body: dict[str, object] = {
            "text": wanted.text,
            "tags": list(wanted.tags),
            "time": milliseconds(wanted.began),
            "timeEnd": milliseconds(wanted.ended or wanted.began),
        }
        if wanted.dashboard:
            body["dashboardUID"] = wanted.dashboard
        return body

    async def spot(self, dashboard: str) -> Spot:
        """Return where an annotation would stand.

        Raises:
            SystemError: There is no such dashboard, or it did not answer.
        """
        org = f"organisation {self._spec.org}" if self._spec.org else "the whole organisation"
        where = address_of(self._base)
        if not dashboard:
            return Spot(f"{org}, {self.name} at {where}", url=self._base)
        at = f"{self._base}/d/{dashboard}"
        try:
            reply = await self._get(f"/api/dashboards/uid/{quote(dashboard, safe='')}")
        except SystemError as error:
            if error.status == 404:
                raise SystemError(f"there is no dashboard {one_line(dashboard, 100)} at {where}", status=404) from error
            if error.status == 403:
                return Spot(f"dashboard {dashboard} (its title may not be read), {self.name} at {where}", dashboard, at)
            raise
        said: _BoardSaid = decode(require_json(reply), _BoardSaid)
        return Spot(
            f'dashboard "{one_line(said.dashboard.title, 80)}" ({dashboard}), {self.name} at {where}', dashboard, at
        )

    async def similar(self, wanted: Annotation) -> tuple[Annotation, ...]:
        """Return the annotations that may mark the same change: with its own tag, its service and version, or its time.

        Raises:
            SystemError: It did not answer.
        """
        reader = self._new_reader(remember=False)
        own = next((tag for tag in wanted.tags if tag.startswith(OWN)), "")
        found: dict[str, Mark] = {}
        if own:
            reply = await self._get(PATH, [("type", "annotation"), ("tags", own), ("limit", str(PAGE))])
            marks = await reader.read(decode_list(require_json(reply)))
            found |= {mark.one.id: mark for mark in marks if own in mark.one.tags}
        since, until = wanted.began - NEAR, max(wanted.ended or wanted.began, wanted.began) + NEAR
        queries = [self._tag_params()]
        if wanted.version:
            queries.append([("tags", f"service:{wanted.service}"), ("tags", f"version:{wanted.version}")])
        for tags in queries:
            marks, missing = await self._window(reader, since, until, tags)
            if missing:
                raise SystemError(missing)
            found |= {mark.one.id: mark for mark in marks}
        if reader.complaint:
            raise SystemError(reader.complaint)
        return tuple(mark.one for mark in found.values())

    async def annotate(self, wanted: Annotation) -> Annotation:
        """Write an annotation and return it as it is read back.

        Raises:
            SystemError: It was refused (a status from 300 to 499), or nobody knows whether it was written.
        """
        body = msgspec.json.encode(self.sends(wanted))
        reply = await self._wire.call(self._base, "POST", PATH, body=body)
        error = self._refused(reply, PATH, CREATE)
        if error is not None:
            raise error
        try:  # it is written, whatever becomes of the answer
            written: _Written = decode(require_json(reply), _Written)
            if written.id is None:
                return wanted
            name = one_line(str(written.id), 40)
        except SystemError:
            return wanted
        try:
            back = await self._get(f"{PATH}/{quote(name, safe='')}")
            return read_mark(require_json(back), self._settings, self._base, {}).one
        except (SystemError, UnreadableError, msgspec.MsgspecError):
            return replace(wanted, id=name)

    # -- asking --------------------------------------------------------------------------------

    async def _get(self, path: str, params: Sequence[tuple[str, str]] = ()) -> Reply:
        """Return an answer of status 200.

        Raises:
            SystemError: Anything else.
        """
        reply = await self._wire.call(self._base, "GET", path, params)
        error = self._refused(reply, path, READ if path.startswith(PATH) else "")
        if error is not None:
            raise error
        return reply

    def _refused(self, reply: Reply, path: str, permission: str) -> SystemError | None:
        """Return the error of an answer; a refusal names the permission that is missing."""
        error = refused(reply, self._spec, path, self._clock.now())
        if error is None or error.status != 403 or not permission:
            return error
        said = str(error)
        told = said if permission in said else f"{said}: it needs the permission {permission}"
        return SystemError(told, retry_after_s=error.retry_after_s, status=403)

    async def check(self) -> Sequence[Check]:
        """Ask for one annotation; where it may be written, ask what these credentials may do, and write nothing."""
        from cockpit.systems.grafana_check import checks

        read = [("type", "annotation"), *self._tag_params(), ("limit", "1")]
        return await checks(self._spec, self._settings, self._get, self.spot, read)

    async def close(self) -> None:
        """Close the connections."""
        await self._wire.close()
