"""What kube-state-metrics is asked about changes: few queries, and details only of what is new. Pure."""

import re
from collections.abc import Collection, Iterable

METRICS = (
    "kube_replicaset_created",
    "kube_replicaset_owner",
    "kube_replicaset_spec_replicas",
    "kube_replicaset_status_ready_replicas",
    "kube_pod_container_info",
    "kube_node_created",
    "kube_node_spec_unschedulable",
)
"""Metrics that tell of new ReplicaSets, and of nodes."""

MOST = 200
"""ReplicaSets, and nodes, whose details are asked at a time."""

REPLICASET, CREATED, CORDONED, GONE, NODES = "replicaset", "created", "cordoned", "gone", "nodes"
"""What a sample of the news tells, by its label `change`."""

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


def asks(known: Collection[str]) -> bool:
    """Tell whether any of the metrics is there that tell what is new."""
    return "kube_replicaset_created" in known or "kube_node_created" in known


def news(known: Collection[str], window_s: int) -> str:
    """Return the one query for what is new in the window; each sample says by its label `change` what it is.

    Args:
        known: Metrics that there are.
        window_s: Length of the window in seconds.
    """
    nodes = "max by (cluster, node) (kube_node_created)"
    parts: list[str] = []
    if "kube_replicaset_created" in known:
        sets = "max by (cluster, namespace, replicaset) (kube_replicaset_created)"
        parts.append(_told(f"{sets} > (time() - {window_s})", REPLICASET))
    if "kube_node_created" in known:
        before = f"max by (cluster, node) (last_over_time(kube_node_created[{window_s}s]))"
        parts.append(_told(f"{nodes} > (time() - {window_s})", CREATED))
        parts.append(_told(f"{before} unless on (cluster, node) {nodes}", GONE))
        parts.append(_told(f"count by (cluster) ({nodes})", NODES))
    if "kube_node_spec_unschedulable" in known:
        most = f"max by (cluster, node) (max_over_time(kube_node_spec_unschedulable[{window_s}s]))"
        parts.append(_told(f"{most} > 0", CORDONED))
    return " or ".join(parts)


def _told(query: str, change: str) -> str:
    return f'label_replace({query}, "change", "{change}", "", "")'


def replicas(names: Iterable[str]) -> str:
    """Return the query for whose these ReplicaSets are, how many pods they want, and how many are ready."""
    metrics = "kube_replicaset_owner|kube_replicaset_spec_replicas|kube_replicaset_status_ready_replicas"
    kept = "__name__, cluster, namespace, replicaset, owner_kind, owner_name"
    return f'max by ({kept}) ({{__name__=~"{metrics}", replicaset=~"{_any(names)}"}})'


def images(names: Iterable[str], window_s: int) -> str:
    """Return the query for the images of these ReplicaSets' pods, also of those that are gone again."""
    selector = f'kube_pod_container_info{{pod=~"({_any(names)})-[a-z0-9]{{5}}"}}'
    kept = "cluster, namespace, pod, container, image, image_spec"
    return f"max by ({kept}) (last_over_time({selector}[{window_s}s]))"


def nodes(names: Iterable[str]) -> str:
    """Return the query for when these nodes were there, and when they took no pods."""
    metrics = "kube_node_created|kube_node_spec_unschedulable"
    return f'max by (__name__, cluster, node) ({{__name__=~"{metrics}", node=~"{_any(names)}"}})'


def _any(names: Iterable[str]) -> str:
    return "|".join(name.replace(".", "[.]") for name in names)


def is_name(name: str) -> bool:
    """Tell whether Kubernetes would take this for a name: nothing else gets into a query."""
    return len(name) <= 253 and _NAME.fullmatch(name) is not None
