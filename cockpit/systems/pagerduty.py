"""PagerDuty: change events as changes, and who is on call for the escalation policies of the map's teams."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from cockpit.clock import Clock
from cockpit.config import SystemSpec
from cockpit.model.change import ChangeKind, ChangeReport
from cockpit.model.reading import ChangesSeen, OnCallSeen, Topic
from cockpit.model.topology import IntegrationMap
from cockpit.systems.addresses import bare_url
from cockpit.systems.answers import SLICE, ItemReader, joined
from cockpit.systems.base import Check, Circumstances, Surroundings, SystemError
from cockpit.systems.covering import Covers
from cockpit.systems.manners import Manners
from cockpit.systems.pagerduty_account import Account, moment
from cockpit.systems.pagerduty_answers import (
    ChangeEvent,
    Fields,
    KnownService,
    Telling,
    changes_of,
    read_duty,
    read_event,
)
from cockpit.systems.pagerduty_check import check_changes, check_on_call, check_services, not_covering
from cockpit.systems.settings import settings_of

URL = "https://api.pagerduty.com"
"""Where it is asked unless `url` says otherwise; accounts in Europe have `https://api.eu.pagerduty.com`."""

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
        self._account = Account(spec, around.wire, clock, bare_url(self.addresses(spec, around.map)[0]))
        teams = around.map.teams.values()
        self._policies = {team.pagerduty: team.name for team in teams if team.pagerduty}
        self._mapped = _mapped(around.map)
        self._covers = Covers(self._settings.covers, around.map)
        self._services: Mapping[str, KnownService] = {}
        self._services_asked: float | None = None
        self._events = ItemReader("change events", read_event)
        self._told: dict[str, tuple[ChangeEvent, Mapping[str, KnownService], tuple[ChangeReport, ...]]] = {}
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
        params = [("since", moment(since)), ("until", moment(until + timedelta(seconds=1)))]
        params += [("team_ids[]", team) for team in self._settings.teams]
        found = await self._account.paged("/change_events", "change_events", params, around)
        async with self._alone:
            self._events.begin()
            events = await self._events.read(found.items, "$.change_events")
            self._events.end()
            complaint = self._events.complaint
        if found.items and not events:
            raise SystemError(complaint or "its change events cannot be read")
        await self._know_services({service for event in events for service, name in event.services if not name})
        changes = {(one.id, one.name): one for one in await self._changes_of(events)}
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

    async def _changes_of(self, events: Sequence[ChangeEvent]) -> list[ChangeReport]:
        """Return the changes that events tell; those of an event that was there before are the same objects."""
        telling = Telling(self._settings.kind, self._settings.fields, self._spec.labels, self._mapped, self._services)
        before, self._told = self._told, {}
        told: dict[str, tuple[ChangeEvent, Mapping[str, KnownService], tuple[ChangeReport, ...]]] = {}
        for number, event in enumerate(events):
            if number % SLICE == SLICE - 1:
                await asyncio.sleep(0)
            known = before.get(event.id)
            same = known is not None and known[0] is event and known[1] is self._services
            told[event.id] = (
                known if known is not None and same else (event, self._services, changes_of(event, telling))
            )
        self._told = told
        return [change for _, _, changes in told.values() for change in changes]

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
            found = await self._account.paged("/oncalls", "oncalls", params, around)
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
            self._services = await self._account.services()
        except SystemError as error:
            if error.retry_after_s is not None:
                self._services_asked = None

    async def check(self) -> Sequence[Check]:
        """Ask once for everything that it is asked for, and say what of the map it does not know."""
        checks: list[Check] = []
        if self._settings.changes:
            answers = await check_changes(self._account)
            checks.append(answers)
            if not self._settings.covers:
                checks.append(not_covering(self.name))
            if answers.ok:
                checks.append(await check_services(self._account, self._mapped))
        return [*checks, await check_on_call(self._account, self._policies, self.on_call)]

    async def close(self) -> None:
        """Close the connections."""
        await self._wire.close()


def _mapped(known: IntegrationMap) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for service in known.services.values():
        if service.pagerduty:
            found[service.pagerduty] = (*found.get(service.pagerduty, ()), service.name)
    return found
