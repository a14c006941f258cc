"""Prometheus: its own view of rules and alerts, what the map wants measured, and changes out of version metrics."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from cockpit.clock import Clock
from cockpit.config import SystemSpec
from cockpit.model.alert import AlertKey
from cockpit.model.history import HistorySeen
from cockpit.model.reading import (
    OPTIONAL,
    ChangesSeen,
    HopsSeen,
    MeasuresSeen,
    PlacesSeen,
    RulesSeen,
    ScopesSeen,
    SeriesSeen,
    TargetsSeen,
    Topic,
)
from cockpit.systems.answers import ItemReader, Raws, clean_labels, decode, joined
from cockpit.systems.base import Check, Circumstances, ScopeRequest, Surroundings
from cockpit.systems.places_cache import PlacesCache
from cockpit.systems.prometheus_check import Checker
from cockpit.systems.prometheus_history import HistoryAsker
from cockpit.systems.prometheus_hop_queries import HopQuery, Plan, plans_configured
from cockpit.systems.prometheus_hops import HopAsker
from cockpit.systems.prometheus_measures import MeasureAsker, MeasureQueries, configured
from cockpit.systems.prometheus_names import MetricNames
from cockpit.systems.prometheus_places import PlaceAsker
from cockpit.systems.prometheus_query import Server
from cockpit.systems.prometheus_rules import RuleReader, with_alerts
from cockpit.systems.prometheus_scopes import ScopeAsker
from cockpit.systems.prometheus_series import SeriesAsker
from cockpit.systems.prometheus_versions import ChangeAsker, ChangeQuery
from cockpit.systems.settings import settings_of
from cockpit.text import one_line


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """Keys of this kind's own."""

    changes: list[ChangeQuery] | None = None
    """Version metrics that tell of changes, instead of those that are found; an empty list: none are asked."""
    kubernetes: bool | None = None
    """Whether new ReplicaSets, and nodes, are changes too; by default where `changes` is not configured."""
    hops: list[HopQuery] | bool = True
    """Queries that tell who calls whom, instead of the metrics that are found; false: none are asked."""
    places: bool = True
    """Whether it is asked which pod runs on which node."""
    measures: list[MeasureQueries] | MeasureQueries | bool = True
    """Queries of error share, latency and rate, instead of the metrics that are found; false: none are asked."""


class _Targets(msgspec.Struct):
    activeTargets: Raws | None = None  # noqa: N815 - the field's name in the answer


class _Target(msgspec.Struct):
    labels: dict[str, str] = {}
    health: str = "unknown"
    scrapePool: str = ""  # noqa: N815 - the field's name in the answer
    lastError: str | None = None  # noqa: N815 - the field's name in the answer


_TARGETS = msgspec.json.Decoder(_Target)


class System:
    """One Prometheus, or replicas of one.

    Args:
        spec: Its settings.
        around: Its wire and the integration map.
        clock: Says when values are stale.

    Raises:
        ConfigError: A setting of its own is wrong.
    """

    KIND = "prometheus"
    TOPICS: tuple[Topic, ...] = (
        Topic.RULES,
        Topic.CHANGES,
        Topic.SCOPES,
        Topic.SERIES,
        Topic.TARGETS,
        Topic.HOPS,
        Topic.PLACES,
        Topic.MEASURES,
    )
    CADENCE: Mapping[Topic, float] = {
        Topic.RULES: 15.0,
        Topic.CHANGES: 30.0,
        Topic.SCOPES: 15.0,
        Topic.SERIES: 15.0,
        Topic.TARGETS: 300.0,
        Topic.HOPS: 60.0,
        Topic.PLACES: 300.0,
        Topic.MEASURES: 60.0,
    }
    WIRE = "http"
    SETTINGS = Settings

    def __init__(self, spec: SystemSpec, around: Surroundings, clock: Clock) -> None:
        self.name = spec.name
        self.kind = self.KIND
        self.every_s = spec.every.total_seconds() if spec.every else self.CADENCE[Topic.RULES]
        if spec.every:
            self.CADENCE = {
                topic: max(every_s, self.every_s) if topic in OPTIONAL else self.every_s
                for topic, every_s in type(self).CADENCE.items()
            }
        self.insecure = spec.verify is False
        self._spec = spec
        self._wire = around.wire
        self._tools = around.map.tools
        self._server = Server(spec, around.wire, clock)
        settings = settings_of(spec, Settings)
        self._changes = ChangeAsker(spec, self._server, clock, settings.changes, settings.kubernetes, around.map.labels)
        self._reader = RuleReader(spec.labels)
        self._scopes = ScopeAsker(self._server, clock)
        self._series = SeriesAsker(self._server, frozenset(spec.labels))
        self._history = HistoryAsker(self._server, spec.labels)
        self._targets: ItemReader[tuple[dict[str, str], str | None]] = ItemReader("targets", self._read_target)
        names = MetricNames(self._server, clock)
        self._hops = HopAsker(self.name, self._server, clock, names, _plans(spec, settings), spec.labels)
        cache = PlacesCache(around.cache, self.name, self._server.urls) if around.cache else None
        self._places = PlaceAsker(self._server, names, around.map.labels, cache, spec.labels)
        measures = configured(settings.measures, spec.place or spec.name)
        self._measures = MeasureAsker(self._server, clock, around.map, measures)
        asked = {Topic.CHANGES: self._changes.asks, Topic.HOPS: settings.hops is not False}
        asked |= {Topic.PLACES: settings.places, Topic.MEASURES: self._measures.asks}
        self.TOPICS = tuple(topic for topic in type(self).TOPICS if asked.get(topic, True))

    async def rules(self, around: Circumstances) -> RulesSeen:
        """Return the alerting rules with their pending and firing alerts.

        One call where the server tells the alerts with their rules, as Prometheus does; else a second one.

        Raises:
            SystemError: It did not answer.
        """
        seen = await self._reader.read(await self._server.ask("/api/v1/rules", [("type", "alert")], around))
        if self._reader.without_alerts:
            alerts = await self._reader.alerts(await self._server.ask("/api/v1/alerts", (), around))
            seen = with_alerts(seen, alerts)
        around.partial = joined((around.partial, self._reader.complaint))
        return seen

    async def scopes(self, requests: Sequence[ScopeRequest], around: Circumstances) -> ScopesSeen:
        """Answer the map's scope queries; a query that fails is a sample with an error.

        Raises:
            SystemError: The server failed for every one of them.
        """
        return await self._scopes.ask(requests, around)

    async def series(
        self, alert: AlertKey, expression: str, labels: Mapping[str, str], around: Circumstances
    ) -> SeriesSeen:
        """Return sixty minutes of the measure (the comparison's left side) for the alert's labels.

        Raises:
            SystemError: It could not be asked.
        """
        return await self._series.ask(alert, expression, labels, around)

    async def history(self, since: datetime, until: datetime, around: Circumstances) -> HistorySeen:
        """Return what fired in that time, out of its own `ALERTS`.

        Raises:
            SystemError: It did not answer.
        """
        return await self._history.ask(since, until, around)

    async def changes(self, since: datetime, until: datetime, around: Circumstances) -> ChangesSeen:
        """Return the changes of that window, out of version metrics and of what Kubernetes tells.

        Args:
            since: Begin of the window, by our clock.
            until: Its end.
            around: Gets up to when the answer is complete.

        Raises:
            SystemError: Every query failed.
        """
        return await self._changes.ask(since, until, around)

    async def measures(self, around: Circumstances, *, only: str | None = None) -> MeasuresSeen:
        """Return error share with its trend, latency and rate by service; with `only`, anew of that service alone.

        Raises:
            SystemError: Every query failed.
        """
        return await self._measures.ask(around, only=only)

    async def targets(self, around: Circumstances) -> TargetsSeen:
        """Return what it scrapes, and what of it does not answer.

        Raises:
            SystemError: It did not answer.
        """
        data = await self._server.ask("/api/v1/targets", [("state", "active")], around)
        raws: Raws = decode(data, _Targets, "$.data").activeTargets or []
        self._targets.begin()
        read = await self._targets.read(raws, "$.data.activeTargets")
        around.partial = joined((around.partial, self._targets.complaint))
        return TargetsSeen(tuple(labels for labels, _ in read), tuple(down for _, down in read if down is not None))

    def _read_target(self, data: bytes, plain: bool) -> tuple[dict[str, str], str | None]:
        raw = _TARGETS.decode(data)
        labels = clean_labels(raw.labels, plain)
        for name, value in self._spec.labels.items():
            labels.setdefault(name, value)
        if raw.health != "down":
            return labels, None
        where = " ".join(filter(None, (labels.get("job") or raw.scrapePool, labels.get("instance"))))
        return labels, one_line(f"{where}: {raw.lastError or 'down'}")

    async def hops(self, around: Circumstances, since: datetime | None = None) -> HopsSeen:
        """Return the calls that its service graphs and meshes saw: now, and since a moment or in the last day.

        Raises:
            SystemError: It did not answer.
        """
        return await self._hops.ask(around, since)

    async def places(self, around: Circumstances) -> PlacesSeen:
        """Return which pod runs on which node, as it was last known where it does not answer.

        Raises:
            SystemError: It did not answer, and nothing is known from before.
        """
        return await self._places.ask(around)

    async def check(self) -> Sequence[Check]:
        """Ask for build, rules, targets, Alertmanagers, each query of versions, and what tells of calls, places and services."""
        checker = Checker(self.name, self._server, self._tools)
        told = await checker.all(self.rules, self.targets, self._changes.sources)
        if told[0].ok and Topic.CHANGES in self.TOPICS:
            told += await checker.found(self._changes)
        if told[0].ok and Topic.HOPS in self.TOPICS:
            told.append(await checker.hops(self._hops))
        if told[0].ok and Topic.PLACES in self.TOPICS:
            told.append(await checker.places(self.places))
        if told[0].ok and Topic.MEASURES in self.TOPICS:
            told.append(await checker.measures(self._measures))
        return told

    async def close(self) -> None:
        """Close the connections."""
        await self._wire.close()


def _plans(spec: SystemSpec, settings: Settings) -> tuple[Plan, ...] | None:
    """Return what the configuration says is asked about calls; null where that is what is found."""
    if isinstance(settings.hops, bool):
        return None
    return plans_configured(settings.hops, f"{spec.place or spec.name}.hops")
