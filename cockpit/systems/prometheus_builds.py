"""Version metrics without configuration: which `*_build_info` are services' own, and how they are asked. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence

from cockpit.systems.prometheus_changes import Source

BUILDS = ".+_build_info"
"""Names of metrics that say which version runs."""

INFRASTRUCTURE = frozenset(
    {
        "agent", "alertmanager", "alloy", "cadvisor", "cert_manager", "cilium", "cluster_autoscaler", "coredns", "cortex",
        "envoy", "etcd", "external_dns", "fluentbit", "go", "grafana", "istio", "jaeger", "karma", "karpenter",
        "kube_state_metrics", "kubelet", "kubernetes", "loki", "metrics_server", "mimir", "otelcol", "parca", "phlare",
        "prometheus", "prometheus_config_reloader", "prometheus_operator", "promtail", "pushgateway", "pyroscope",
        "tempo", "thanos", "vector", "velero", "victoriametrics",
    }
)  # fmt: skip
"""What stands before `_build_info` in metrics of monitoring and of clusters; a new version of these is no deploy."""

_EXPORTER = re.compile(r"(^|_)exporter(_|$)")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_FLEETING = frozenset({"pod"})
"""Labels that name a service, but differ among its copies: versions are told apart without them."""


def own_builds(names: Iterable[str]) -> tuple[str, ...]:
    """Return which of these metrics tell versions of services, in order of their names."""
    return tuple(sorted(name for name in names if (stem := _stem(name)) and not _is_infrastructure(stem)))


def _stem(name: str) -> str:
    return name.removesuffix("_build_info") if name.endswith("_build_info") else ""


def _is_infrastructure(stem: str) -> bool:
    folded = stem.lower()
    return folded in INFRASTRUCTURE or bool(_EXPORTER.search(folded))


def found_source(names: Iterable[str], order: Sequence[str], labels: Mapping[str, str]) -> Source | None:
    """Return the one query that asks all these metrics by service and version; null where none is a service's.

    Args:
        names: Metrics that there are.
        order: Labels that may name a service, in order.
        labels: Added to each change.
    """
    builds = own_builds(names)
    if not builds:
        return None
    named = tuple(name for name in order if name not in _FLEETING and _LABEL.fullmatch(name))
    kept = ", ".join(dict.fromkeys(("cluster", "namespace", *named, "version")))
    query = f'max by ({kept}) ({{__name__=~"{"|".join(builds)}", version!=""}})'
    return Source(query, labels=labels, names=named, found=True)
