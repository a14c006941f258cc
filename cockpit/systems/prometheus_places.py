"""Asks a Prometheus which pod runs on which node, out of kube-state-metrics; kept at rest for when it is slow or down."""

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from cockpit.model.reading import Place, PlacesSeen
from cockpit.systems.answers import joined
from cockpit.systems.base import Circumstances, SystemError
from cockpit.systems.places_cache import PlacesCache
from cockpit.systems.prometheus_names import NONE, MetricNames
from cockpit.systems.prometheus_query import Sample, Server
from cockpit.text import one_line
from cockpit.topology.importing.places import workload_of

MOST = 50_000
"""Pods that are kept of one answer."""

POD_INFO = "max by (cluster, namespace, pod, node, host_ip, created_by_kind, created_by_name) (kube_pod_info)"
"""Pods with their node and what made them; several kube-state-metrics say the same."""

PATIENCE_S = 5.0
"""Seconds of the host that are waited for an answer where one is at rest."""

TOLD = frozenset(
    {
        "app",
        "app_kubernetes_io_component",
        "app_kubernetes_io_instance",
        "app_kubernetes_io_name",
        "app_kubernetes_io_part_of",
        "application",
        "component",
        "k8s_app",
        "owner",
        "service",
        "squad",
        "team",
    }
)
"""Kubernetes labels that say which service a pod is of, and whose; with those of the map's own order."""

_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


class PlaceAsker:
    """Asks for places.

    Args:
        server: Whom to ask.
        names: Which metrics there are.
        labels: The map's order of labels, kept of pods beside the usual ones.
        cache: Where the last answer lies at rest; null for none.
        own: Labels of the settings, which every pod has that says nothing else.
    """

    def __init__(
        self,
        server: Server,
        names: MetricNames,
        labels: tuple[str, ...],
        cache: PlacesCache | None,
        own: Mapping[str, str] = NONE,
    ) -> None:
        self._own = own
        self._server = server
        self._names = names
        told = sorted(f"label_{name}" for name in TOLD.union(labels) if _LABEL.fullmatch(name))
        self._labels = f"max by (cluster, namespace, pod, {', '.join(told)}) (kube_pod_labels)"
        self._cache = cache
        self._last: PlacesSeen | None = None

    async def ask(self, around: Circumstances) -> PlacesSeen:
        """Return where pods run; what is at rest where the server does not answer, or not soon.

        Raises:
            SystemError: It did not answer, and nothing is at rest.
        """
        if self._last is None and (self._cache is None or not self._cache.there()):
            return await self._live(around)
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._live(around)
        except SystemError as error:
            failure = error
        except TimeoutError:
            failure = SystemError(f"no answer within {PATIENCE_S:g} s")
        if self._last is None and self._cache is not None:
            self._last = await asyncio.to_thread(self._cache.read)
        if self._last is None:
            raise failure
        around.partial = joined((around.partial, f"as it was last known: {failure}"))
        around.complete_to = self._last.read
        return self._last

    async def _live(self, around: Circumstances) -> PlacesSeen:
        known = await self._names.known(around)
        if "kube_pod_info" not in known:
            return PlacesSeen(())
        pods = await self._server.instant(POD_INFO, around)
        labels: dict[tuple[str, str, str], Mapping[str, str]] = {}
        if "kube_pod_labels" in known:
            try:
                labels = {_pod(one): one.labels for one in await self._server.instant(self._labels, around)}
            except SystemError as error:
                around.partial = joined((around.partial, f"labels of pods: {error}"))
        at = self._server.now() - timedelta(seconds=self._server.skew_s)
        self._last = self._read(pods, labels, at)
        if self._cache is not None:
            await asyncio.to_thread(self._cache.write, self._last)
        return self._last

    def _read(
        self, pods: list[Sample], labels: Mapping[tuple[str, str, str], Mapping[str, str]], at: datetime
    ) -> PlacesSeen:
        places = (self._place(one.labels, labels.get(_pod(one), {})) for one in pods if one.labels.get("node"))
        found = sorted(places, key=lambda place: (place.namespace, place.pod, place.node))
        return PlacesSeen(tuple(found[:MOST]), at)

    def _place(self, info: Mapping[str, str], labels: Mapping[str, str]) -> Place:
        said = {name.removeprefix("label_"): value for name, value in labels.items() if name.startswith("label_")}
        kept = {name: one_line(value, 200) for name, value in sorted(said.items()) if value}
        workload, kind = workload_of(info)
        if workload:
            kept.setdefault("job_name" if kind == "job" else "deployment", one_line(workload, 200))
        kept |= {name: one_line(info[name], 200) for name in ("cluster", "host_ip") if info.get(name)}
        kept = {**self._own, **kept}
        return Place(
            one_line(info.get("pod", ""), 300),
            one_line(info.get("namespace", ""), 200),
            one_line(info["node"], 300),
            kept,
        )


def _pod(sample: Sample) -> tuple[str, str, str]:
    return sample.labels.get("cluster", ""), sample.labels.get("namespace", ""), sample.labels.get("pod", "")
