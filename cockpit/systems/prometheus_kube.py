"""Asks a Prometheus what kube-state-metrics tells of changes: one query for what is new, details only of that."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil

from cockpit.model.change import ChangeReport
from cockpit.systems import prometheus_kube_queries as queries
from cockpit.systems.base import Circumstances, SystemError
from cockpit.systems.prometheus_kube_read import ReplicaSet, deploys, new_sets, node_changes, node_of
from cockpit.systems.prometheus_query import Sample, Server

HOUR_S = 3600
"""Windows are asked for in whole hours: the queries are the same at each poll, and so they are in a recording."""

SLACK_S = 1.0
"""Seconds that a window may be longer: its begin and its end are not taken at the very same moment."""


class KubeAsker:
    """Asks for ReplicaSets and nodes.

    Args:
        server: Whom to ask.
        labels: Labels of the settings, added to each change.
    """

    def __init__(self, server: Server, labels: Mapping[str, str]) -> None:
        self._server = server
        self._labels = labels

    async def ask(
        self, known: Collection[str], since: datetime, until: datetime, step_s: float, around: Circumstances
    ) -> tuple[list[ChangeReport], list[str]]:
        """Return the changes of a window by the server's clock, and what of them is missing, in words.

        Args:
            known: Metrics that there are.
            since: Begin of the window.
            until: Its end.
            step_s: Seconds between two samples, where a span is asked.
            around: Gets what came besides.

        Raises:
            SystemError: It is not known what is new.
        """
        window_s = max(1, ceil(((until - since).total_seconds() - SLACK_S) / HOUR_S)) * HOUR_S
        news = await self._server.instant(queries.news(known, window_s), around)
        told: dict[str, list[Sample]] = {}
        for sample in news:
            told.setdefault(sample.labels.get("change", ""), []).append(sample)
        gaps: list[str] = []
        sets = [one for one in new_sets(told.get(queries.REPLICASET, ()), since, until) if queries.is_name(one.name)]
        changes = await self._deploys(sets, window_s, known, around, gaps)
        changes += await self._nodes(told, since, until, step_s, around, gaps)
        return changes, gaps

    async def _deploys(
        self, sets: list[ReplicaSet], window_s: int, known: Collection[str], around: Circumstances, gaps: list[str]
    ) -> list[ChangeReport]:
        if not sets:
            return []
        if len(sets) > queries.MOST:
            gaps.append(f"kube-state-metrics: the newest {queries.MOST} of {len(sets):,} new ReplicaSets have details")
        names = list(dict.fromkeys(one.name for one in sets))[: queries.MOST]
        replicas = await self._details(queries.replicas(names), around, gaps)
        images: list[Sample] = []
        if "kube_pod_container_info" in known:
            images = await self._details(queries.images(names, window_s), around, gaps)
        link = self._server.graph("kube_replicaset_created")
        return deploys(sets, replicas, images, now=self._server.now(), labels=self._labels, link=link)

    async def _details(self, query: str, around: Circumstances, gaps: list[str]) -> list[Sample]:
        """Return details; without them a change is told all the same, and what is missing is said."""
        try:
            return await self._server.instant(query, around)
        except SystemError as error:
            gaps.append(f"kube-state-metrics: details of new ReplicaSets: {error}")
            return []

    async def _nodes(
        self,
        told: Mapping[str, Sequence[Sample]],
        since: datetime,
        until: datetime,
        step_s: float,
        around: Circumstances,
        gaps: list[str],
    ) -> list[ChangeReport]:
        """Return changes of nodes; where a cluster tells of none at all, its kube-state-metrics is what is gone."""
        there = {sample.labels.get("cluster", "") for sample in told.get(queries.NODES, ())}
        gone: set[tuple[str, str]] = set()
        for sample in told.get(queries.GONE, ()):
            cluster = sample.labels.get("cluster", "")
            if cluster in there:
                gone.add(node_of(sample.labels))
            else:
                gaps.append(f"kube-state-metrics{f' of {cluster}' if cluster else ''} tells of no nodes any more")
        looked = gone | {node_of(sample.labels) for sample in told.get(queries.CORDONED, ())}
        names = sorted({name for _, name in looked if queries.is_name(name)})
        if len(names) > queries.MOST:
            gaps.append(f"kube-state-metrics: {queries.MOST} of {len(names):,} cordoned or gone nodes are told")
        lines = []
        if names:
            start = since - timedelta(seconds=step_s)
            try:
                query = queries.nodes(names[: queries.MOST])
                lines = await self._server.span(query, start, until, step_s, around)
            except SystemError as error:
                gaps.append(f"kube-state-metrics: when nodes went: {error}")
        gaps[:] = dict.fromkeys(gaps)
        return node_changes(
            told.get(queries.CREATED, ()),
            lines,
            frozenset(gone),
            since=since,
            until=until,
            step_s=step_s,
            labels=self._labels,
            link=self._server.graph("kube_node_spec_unschedulable"),
        )
