"""Changes out of kube-state-metrics: new ReplicaSets with their image, nodes that came, were cordoned or went. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from cockpit.model.change import ChangeKind, ChangeReport, Progress
from cockpit.systems.prometheus_query import Line, Sample
from cockpit.text import one_line

ROLLS_S = 900.0
"""Seconds after its begin in which a ReplicaSet without all its pods is rolling; later it has another trouble."""

AWAY_S = 120.0
"""Seconds that a node is not told of before it is gone: a scrape may fail."""

SIDECARS = frozenset(
    {
        "cloud-sql-proxy", "cloudsql-proxy", "consul-dataplane", "daprd", "datadog-agent", "envoy", "filebeat", "fluent-bit",
        "istio-proxy", "linkerd-proxy", "otc-container", "vault-agent",
    }
)  # fmt: skip
"""Containers whose image is not the service's own."""

_DIGEST = 12

_HASHED = re.compile(r"^(?P<stem>.+)-[a-z0-9]{5,10}$")
_PLACE = ("cluster", "namespace")

Place = tuple[str, str, str]
"""Cluster, namespace and name."""


@dataclass(frozen=True, slots=True)
class ReplicaSet:
    """A ReplicaSet that is new in the window."""

    cluster: str
    namespace: str
    name: str
    created: datetime

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.cluster, self.namespace, self.name


def new_sets(news: Iterable[Sample], since: datetime, until: datetime) -> list[ReplicaSet]:
    """Return the ReplicaSets that were made in a window, the newest first."""
    found = []
    for sample in news:
        created = _moment(sample.value)
        name = sample.labels.get("replicaset", "")
        if name and created is not None and since <= created <= until:
            cluster, namespace = (one_line(sample.labels.get(label, ""), 200) for label in _PLACE)
            found.append(ReplicaSet(cluster, namespace, name, created))
    return sorted(found, key=lambda one: (one.created, one.place), reverse=True)


def deploys(
    sets: Iterable[ReplicaSet],
    replicas: Sequence[Sample],
    images: Sequence[Sample],
    *,
    now: datetime,
    labels: Mapping[str, str],
    link: str | None,
) -> list[ChangeReport]:
    """Return the deploy that each new ReplicaSet is.

    Args:
        sets: The new ReplicaSets.
        replicas: Owner, wanted and ready pods of them.
        images: Containers of their pods.
        now: The moment there.
        labels: Added to each change.
        link: Shows the query.
    """
    owners: dict[Place, str] = {}
    counts: dict[tuple[Place, str], float] = {}
    for sample in replicas:
        place = _place_of(sample.labels, "replicaset")
        metric = sample.labels.get("__name__", "")
        if metric == "kube_replicaset_owner":
            owner = sample.labels.get("owner_name", "")
            if owner not in {"", "<none>"}:
                owners[place] = one_line(owner, 200)
        elif sample.value is not None:
            counts[place, metric] = sample.value
    pods: dict[Place, list[Mapping[str, str]]] = {}
    for sample in images:
        cluster, namespace, pod = _place_of(sample.labels, "pod")
        pods.setdefault((cluster, namespace, pod[:-6]), []).append(sample.labels)
    return [
        _deploy(one, owners.get(one.place), pods.get(one.place, ()), _progress(one, counts, now), labels, link)
        for one in sets
    ]


def _deploy(
    one: ReplicaSet,
    owner: str | None,
    containers: Sequence[Mapping[str, str]],
    progress: Progress,
    labels: Mapping[str, str],
    link: str | None,
) -> ChangeReport:
    hashed = _HASHED.match(one.name)
    name = owner or (hashed["stem"] if hashed else one.name)
    image = _image(name, containers)
    where = {label: value for label, value in (("cluster", one.cluster), ("namespace", one.namespace)) if value}
    with_image = f", image {image}" if image else ""
    return ChangeReport(
        id="/".join(filter(None, one.place)),
        name=name,
        version=version_of(image),
        kind=ChangeKind.DEPLOY,
        began=one.created,
        summary=f"image {image}" if image else f"new ReplicaSet {one.name}",
        url=link,
        labels={**labels, **where, "deployment": name},
        says=f"ReplicaSet {one.name} created at {one.created:%H:%M:%S}{with_image}",
        progress=progress,
    )


def _progress(one: ReplicaSet, counts: Mapping[tuple[Place, str], float], now: datetime) -> Progress:
    wanted = counts.get((one.place, "kube_replicaset_spec_replicas"))
    ready = counts.get((one.place, "kube_replicaset_status_ready_replicas"))
    if wanted is None or ready is None or wanted == 0:
        return Progress.UNKNOWN
    if ready >= wanted:
        return Progress.DONE
    return Progress.ROLLING if (now - one.created).total_seconds() < ROLLS_S else Progress.UNKNOWN


def _image(name: str, containers: Sequence[Mapping[str, str]]) -> str:
    """Return the service's own image: of the container of its name, else of the first that is no sidecar."""
    found = {
        one_line(labels.get("container", ""), 100): one_line(labels.get("image_spec") or labels.get("image", ""), 300)
        for labels in containers
    }
    own = sorted(container for container in found if container not in SIDECARS and found[container])
    return found[name] if found.get(name) else found[own[0]] if own else ""


def version_of(image: str) -> str:
    """Return an image's tag, or the begin of its digest; empty where it has neither."""
    rest, _, digest = image.partition("@")
    last = rest.rpartition("/")[2]
    tag = last.partition(":")[2]
    return tag or digest.removeprefix("sha256:")[:_DIGEST]


def _place_of(labels: Mapping[str, str], name: str) -> Place:
    cluster, namespace = (one_line(labels.get(label, ""), 200) for label in _PLACE)
    return cluster, namespace, labels.get(name, "")


def node_changes(
    created: Iterable[Sample],
    lines: Sequence[Line],
    gone: frozenset[tuple[str, str]],
    *,
    since: datetime,
    until: datetime,
    step_s: float,
    labels: Mapping[str, str],
    link: str | None,
) -> list[ChangeReport]:
    """Return nodes that were added, cordoned or went in a window.

    Args:
        created: Nodes that were made in it.
        lines: When the others of interest were there, and when they took no pods.
        gone: Those that are there no longer, by cluster and name.
        since: Begin of the window.
        until: Its end.
        step_s: Seconds between two samples.
        labels: Added to each change.
        link: Shows the query.
    """

    def report(node: tuple[str, str], what: str, began: datetime, ended: datetime | None, off_s: float) -> ChangeReport:
        cluster, name = node
        return ChangeReport(
            id=f"{cluster}/{name}@{what}@{began:%Y%m%dT%H%M%SZ}".lstrip("/"),
            name=name,
            version="",
            kind=ChangeKind.INFRASTRUCTURE,
            began=began,
            ended=ended,
            summary=f"node {name} {what}",
            url=link,
            tolerance_s=off_s,
            labels={**labels, **({"cluster": cluster} if cluster else {}), "node": name},
            says=f"node {name} {what} at {began:%H:%M:%S}",
            progress=Progress.UNKNOWN if ended is None else Progress.DONE,
        )

    found: list[ChangeReport] = []
    for sample in created:
        at = _moment(sample.value)
        if at is not None and since <= at <= until:
            found.append(report(node_of(sample.labels), "added", at, at, 0.0))
    for line in lines:
        node, metric = node_of(line.labels), line.labels.get("__name__", "")
        if metric == "kube_node_spec_unschedulable":
            for began, ended in _stretches(line.points):
                if since <= began <= until:
                    found.append(report(node, "cordoned", began, ended, step_s))
        elif metric == "kube_node_created" and node in gone and line.points:
            last = datetime.fromtimestamp(line.points[-1][0] + step_s, UTC)
            if since <= last and (until - last).total_seconds() >= AWAY_S:
                found.append(report(node, "gone", last, last, step_s))
    return found


def node_of(labels: Mapping[str, str]) -> tuple[str, str]:
    """Return a node by its cluster and name."""
    return one_line(labels.get("cluster", ""), 200), one_line(labels.get("node", ""), 253)


def _stretches(points: Sequence[tuple[float, float]]) -> list[tuple[datetime, datetime | None]]:
    """Return when a value that was 0 was 1: from when, and until when where it is 0 again."""
    found: list[tuple[datetime, datetime | None]] = []
    for (_, before), (at, value) in pairwise(points):
        if before == 0 and value == 1:
            found.append((datetime.fromtimestamp(at, UTC), None))
        elif before == 1 and value == 0 and found:
            found[-1] = (found[-1][0], datetime.fromtimestamp(at, UTC))
    return found


def _moment(seconds: float | None) -> datetime | None:
    """Return a moment that a metric's value says; null where it says none."""
    if seconds is None or not 0 < seconds < 2**33:
        return None
    return datetime.fromtimestamp(round(seconds, 3), UTC)
