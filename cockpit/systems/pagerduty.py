"""PagerDuty: change events as changes, and who is on call for the escalation policies of the map's teams."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from cockpit.clock import Clock
from cockpit.config import SystemSpec
from cockpit.model.change import ChangeKind
from cockpit.model.reading import ChangesSeen, OnCallSeen, Topic
from cockpit.model.topology import IntegrationMap
from cockpit.spans import rfc3339
from cockpit.systems.addresses import bare_url
from cockpit.systems.answers import ItemReader, Raws, decode, joined, require_json
from cockpit.systems.base import Check, Circumstances, Surroundings, SystemError
from cockpit.systems.covering import Covers
from cockpit.systems.http import skew_of
from cockpit.systems.manners import Manners
from cockpit.systems.pagerduty_answers import (
    Fields,
    KnownService,
    Telling,
    changes_of,
    read_duty,
    read_event,
    read_service,
    refusal,
)
from cockpit.systems.settings import settings_of

URL = "https://api.pagerduty.com"
"""Where it is asked unless `url` says otherwise; accounts in Europe have `https://api.eu.pagerduty.com`."""

PAGE = 100
"""Items a page, the most that it gives."""

REACH = 10_000
"""Offset and limit together may not be more: what lies behind is refused."""

LAG = timedelta(seconds=60)
"""An event is taken in at once and listed a little later: an answer is complete up to so long before it."""

SERVICES_S = 3600.0
"""Seconds for which names and teams of services are known once they were asked."""

POLICIES = 50
"""Escalation policies that one asking names."""


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """Keys of this kind's own."""

    sender: str | None = msgspec.field(name="from", default=None)
    """The address of a user, which writing will need; reading does not."""
    changes: bool = True
    """Whether its change events are changes here."""
    kind: ChangeKind = ChangeKind.DEPLOY
    """What a change event is that does not say it itself."""
    teams: tuple[str, ...] = ()
    """PagerDuty's ids of teams, where only the events of their services are wanted."""
    covers: tuple[str, ...] = ()
    """Services all of whose changes are sent to PagerDuty: `"*"` for all of the map. Without them it vouches only for those
    that it told changes of."""
    fields: Fields = Fields()
    """Names of custom details."""


class System:
    """One account of PagerDuty.

    Args:
        spec: Its settings; the token is an API key, read-only is enough.
        around: Its wire, and the map whose teams and services name PagerDuty's ids.
        clock: Says what time it is.

    Raises:
        ConfigError: A setting of its own is wrong.
    """

    KIND = "pagerduty"
    TOPICS: tuple[Topic, ...] = (Topic.CHANGES, Topic.ONCALL)
    CADENCE: Mapping[Topic, float] = {Topic.CHANGES: 30.0, Topic.ONCALL: 120.0}
    WIRE = "http"
    SETTINGS = Settings
    MANNERS = Manners(
        scheme="Token token=",
        headers={"Accept": "application/vnd.pagerduty+json;version=2"},
        resets=("ratelimit-reset",),
    )

    def __init__(self, spec: SystemSpec, around: Surroundings, clock: Clock) -> None:
        self.name = spec.name
        self.kind = self.KIND
        self.insecure = spec.verify is False
        self.every_s = spec.every.total_seconds() if spec.every else System.CADENCE[Topic.CHANGES]
        self.CADENCE = {Topic.CHANGES: self.every_s, Topic.ONCALL: max(self.every_s, System.CADENCE[Topic.ONCALL])}
        self._spec = spec
        self._wire = around.wire
        self._clock = clock
        self._settings = settings_of(spec, Settings)
        self._url = bare_url(self.addresses(spec, around.map)[0])
        teams = around.map.teams.values()
        self._policies = {team.pagerduty: team.name for team in teams if team.pagerduty}
        self._mapped = _mapped(around.map)
        self._covers = Covers(self._settings.covers, around.map)
        self._services: Mapping[str, KnownService] = {}
        self._services_asked: float | None = None
        self._events = ItemReader("change events", read_event)
        self._alone = asyncio.Lock()
        wanted = {Topic.CHANGES: self._settings.changes, Topic.ONCALL: bool(self._policies)}
        self.TOPICS = tuple(topic for topic in System.TOPICS if wanted[topic])

    @staticmethod
    def addresses(spec: SystemSpec, known: IntegrationMap) -> tuple[str, ...]:  # noqa: ARG004 - the same for every map
        """Return where it is asked."""
        return spec.urls[:1] or (URL,)

    async def changes(self, since: datetime, until: datetime, around: Circumstances) -> ChangesSeen:
        """Return the change events of the window, one change a service that they name.

        Raises:
            SystemError: It did not answer.
        """
        params = [("since", _utc(since)), ("until", _utc(until + timedelta(seconds=1)))]
        params += [("team_ids[]", team) for team in self._settings.teams]
        found = await self._paged("/change_events", "change_events", params, around)
        async with self._alone:
            self._events.begin()
            events = await self._events.read(found.items, "$.change_events")
            self._events.end()
            complaint = self._events.complaint
        if found.items and not events:
            raise SystemError(complaint or "its change events cannot be read")
        await self._know_services({service for event in events for service, name in event.services if not name})
        telling = Telling(self._settings.kind, self._settings.fields, self._spec.labels, self._mapped, self._services)
        changes = {(one.id, one.name): one for event in events for one in changes_of(event, telling)}
        self._covers.saw(name for _, name in changes)
        gaps = tuple(filter(None, (found.gap, complaint)))
        around.partial = joined(gaps)
        around.complete_to = until - LAG
        return ChangesSeen(
            changes=tuple(sorted(changes.values(), key=lambda one: (one.began, one.id, one.name), reverse=True)),
            since=since,
            covers=self._covers.names,
            gaps=gaps,
        )

    async def on_call(self, around: Circumstances) -> OnCallSeen:
        """Return who is on call now for the policies that the map's teams name.

        Raises:
            SystemError: It did not answer, or nothing of it can be read.
        """
        now = self._clock.now()
        reader = ItemReader("on-call entries", read_duty, remember=False)
        reader.begin()
        policies = list(self._policies)
        duties = []
        gaps: list[str | None] = []
        for first in range(0, len(policies), POLICIES):
            some = policies[first : first + POLICIES]
            params = [("earliest", "true"), *(("escalation_policy_ids[]", policy) for policy in some)]
            found = await self._paged("/oncalls", "oncalls", params, around)
            duties += await reader.read(found.items, "$.oncalls")
            gaps.append(found.gap)
        if reader.unread and not duties:
            raise SystemError(reader.complaint or "nothing of it can be read")
        around.partial = joined((*gaps, reader.complaint))
        current = [duty for duty, since in duties if since is None or since <= now]
        kept = {duty: None for duty in current if duty.until is None or duty.until > now}
        return OnCallSeen(tuple(sorted(kept, key=lambda one: (one.policy, one.level, one.person))))

    async def _know_services(self, wanted: set[str]) -> None:
        """Ask for names and teams of services, once an hour; without them ids of the map and of events still count."""
        at = self._clock.monotonic()
        if self._services_asked is not None and at - self._services_asked < SERVICES_S:
            return
        if not wanted and not self._mapped:
            return
        self._services_asked = at
        try:
            self._services = await self._all_services(Circumstances())
        except SystemError as error:
            if error.retry_after_s is not None:
                self._services_asked = None

    async def _all_services(self, around: Circumstances) -> dict[str, KnownService]:
        found = await self._paged("/services", "services", [], around)
        reader = ItemReader("services", read_service, remember=False)
        return dict(await reader.read(found.items, "$.services"))

    async def _paged(self, path: str, key: str, params: Sequence[tuple[str, str]], around: Circumstances) -> "_Found":
        """Return the items of all pages, each once, and what of them could not be had.

        New items move older ones to the next page, so an item may come twice; one that says that there is more for ever
        is left at its first page without anything new.
        """
        items: dict[bytes, msgspec.Raw] = {}
        offset = 0
        while True:
            window = [("limit", str(PAGE)), ("offset", str(offset))]
            reply = await self._wire.call(self._url, "GET", path, [*params, *window])
            now = self._clock.now()
            error = refusal(reply, self._spec, path, now)
            if error is not None:
                raise error
            around.skew_s = skew_of(reply, now)
            page: dict[str, msgspec.Raw] = decode(require_json(reply), dict[str, msgspec.Raw])
            if key not in page:
                raise SystemError(f"answered in another shape than expected: $.{key}: is missing")
            raws: Raws = decode(page[key], Raws, f"$.{key}")
            before = len(items)
            items |= {bytes(raw): raw for raw in raws}
            more = bytes(page.get("more", b"false")).strip() == b"true"
            if not more:
                return _Found(list(items.values()))
            if len(items) == before:
                return _Found(list(items.values()), f"{path} says that there is more and gives nothing new")
            offset += len(raws)
            if offset + PAGE > REACH:
                return _Found(list(items.values()), f"{path} has more than the {len(items):,} that it gives")

    async def check(self) -> Sequence[Check]:
        """Ask once for everything that it is asked for, and say what of the map it does not know."""
        checks: list[Check] = []
        if self._settings.changes:
            checks += await self._check_changes()
        if self._policies:
            checks += await self._check_on_call()
        else:
            what, remedy = "who is on call", "give the map's teams their escalation policy: pagerduty: PABC123"
            checks.append(
                Check(self.name, what, ok=True, message="no team names a policy", remedy=remedy, warning=True)
            )
        return checks

    async def _check_changes(self) -> list[Check]:
        what = f"GET {self._url}/change_events"
        now = self._clock.now()
        try:
            params = [("since", _utc(now - timedelta(hours=4))), ("until", _utc(now)), ("limit", "1")]
            reply = await self._wire.call(self._url, "GET", "/change_events", params)
            error = refusal(reply, self._spec, "/change_events", now)
            if error is not None:
                raise error
            decode(require_json(reply), dict[str, msgspec.Raw])
        except SystemError as error:
            return [Check(self.name, what, ok=False, message=str(error), remedy=_remedy(error, "change_events.read"))]
        checks = [Check(self.name, what, ok=True, message="answers")]
        if not self._settings.covers:
            remedy = (
                'name them: covers = ["payment"], or ["*"] for all of the map; else nobody says that nothing changed'
            )
            told = "not said which services send all their changes here"
            checks.append(Check(self.name, "covers", ok=True, message=told, remedy=remedy, warning=True))
        return [*checks, await self._check_services()]

    async def _check_services(self) -> Check:
        what = f"GET {self._url}/services"
        try:
            known = await self._all_services(Circumstances())
        except SystemError as error:
            remedy = _remedy(error, "services.read")
            return Check(self.name, what, ok=True, message=f"no names and teams: {error}", remedy=remedy, warning=True)
        strange = [f"{names[0]} ({one})" for one, names in self._mapped.items() if one not in known]
        if strange:
            told = f"does not know {', '.join(strange[:5])}"
            remedy = "correct the pagerduty ids of these services in the map"
            return Check(self.name, what, ok=True, message=told, remedy=remedy, warning=True)
        return Check(self.name, what, ok=True, message=f"{len(known)} services")

    async def _check_on_call(self) -> list[Check]:
        what = f"GET {self._url}/oncalls"
        around = Circumstances()
        try:
            duties = (await self.on_call(around)).duties
        except SystemError as error:
            return [Check(self.name, what, ok=False, message=str(error), remedy=_remedy(error, "oncalls.read"))]
        told = {duty.policy for duty in duties}
        nobody = [f"{team} ({policy})" for policy, team in self._policies.items() if policy not in told]
        if nobody or around.partial:
            words = f"nobody on call for {', '.join(nobody[:5])}" if nobody else around.partial or ""
            remedy = "is that the id of an escalation policy that this token may see, with somebody on call?"
            return [Check(self.name, what, ok=True, message=words, remedy=remedy, warning=True)]
        count = len(self._policies)
        message = f"somebody is on call for {count} of {count} escalation policies"
        return [Check(self.name, what, ok=True, message=message)]

    async def close(self) -> None:
        """Close the connections."""
        await self._wire.close()


class _Found(NamedTuple):
    """What all pages held."""

    items: Raws
    gap: str | None = None


def _utc(at: datetime) -> str:
    """Return a moment as PagerDuty wants it: UTC and nothing else."""
    return rfc3339(at.replace(microsecond=0)) or ""


def _mapped(known: IntegrationMap) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for service in known.services.values():
        if service.pagerduty:
            found[service.pagerduty] = (*found.get(service.pagerduty, ()), service.name)
    return found


def _remedy(error: SystemError, scope: str) -> str:
    if error.status == 401:
        return "make a REST API key (read-only is enough) and point the token setting at it"
    if error.status == 403:
        return f"a scoped token needs {scope}"
    return "is the address right (accounts in Europe: https://api.eu.pagerduty.com), and may it be reached from here?"
