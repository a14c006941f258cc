"""Label sets of kube-state-metrics -> which workload runs on which node, and which pool a node belongs to."""

import re
from collections.abc import Mapping

POD_INFO = "kube_pod_info"
"""One series a pod, with its node and with what created it."""

NODE_LABELS = "kube_node_labels"
"""One series a node, with its Kubernetes labels as `label_…`."""

_POOLS = (
    "label_cloud_google_com_gke_nodepool",
    "label_eks_amazonaws_com_nodegroup",
    "label_alpha_eksctl_io_nodegroup_name",
    "label_kubernetes_azure_com_agentpool",
    "label_agentpool",
    "label_karpenter_sh_nodepool",
    "label_karpenter_sh_provisioner_name",
    "label_kops_k8s_io_instancegroup",
    "label_doks_digitalocean_com_node_pool",
    "label_node_kubernetes_io_pool",
    "label_nodepool",
    "label_node_pool",
)
"""Labels by which the usual clouds and tools name the pool of a node."""

_POOL_OF_NODE = (
    re.compile(r"^aks-(?P<pool>[a-z0-9]+)-\d{8}-vmss[0-9a-z]{6}$"),
    re.compile(r"^(?P<pool>gke-.+)-[0-9a-f]{8}-[a-z0-9]{4}$"),
)
"""Names of nodes that tell their pool."""

_REPLICA = re.compile(r"-[a-z0-9]{5,10}$")
_RUN = re.compile(r"-\d{6,}$")
_POD = tuple(re.compile(ending) for ending in (r"-[a-z0-9]{5,10}-[a-z0-9]{5}$", r"-[a-z0-9]{5}$", r"-\d+$"))


def workload_of(labels: Mapping[str, str]) -> tuple[str, str]:
    """Return the workload of a pod and whether it is a service or a job, from the labels of `kube_pod_info`."""
    kind, name = labels.get("created_by_kind", ""), labels.get("created_by_name", "")
    if name in {"", "<none>"}:
        kind, name = "", ""
    if kind == "ReplicaSet":
        return _REPLICA.sub("", name), "service"
    if kind == "Job":
        return _RUN.sub("", name), "job"
    if kind == "Node":  # a static pod is named after its node, which is what created it
        return labels.get("pod", "").removesuffix(f"-{name}"), "service"
    if name:
        return name, "service"
    pod = labels.get("pod", "")
    return next((pod[: found.start()] for ending in _POD if (found := ending.search(pod))), pod), "service"


def pool_of(labels: Mapping[str, str]) -> str:
    """Return the pool that a node's Kubernetes labels name, else the one that its name gives away, else nothing."""
    for label in _POOLS:
        value = labels.get(label, "").strip()
        if value:
            return value
    node = labels.get("node", "")
    return next((found["pool"] for pattern in _POOL_OF_NODE if (found := pattern.match(node))), "")
