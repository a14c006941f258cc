"""Answers of Prometheus that were saved: service graphs, meshes, where pods run, and the labels of its targets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cockpit.model.topology import IntegrationMap, Provenance
from cockpit.topology.draft import TEAM_LABELS
from cockpit.topology.importing.document import At, File, Unreadable
from cockpit.topology.importing.json_text import read_json
from cockpit.topology.importing.metrics import ISTIO, SERVICE_GRAPH, Call, End, istio_calls, service_graph_call
from cockpit.topology.importing.places import NODE_LABELS, POD_INFO, pool_of, workload_of
from cockpit.topology.importing.sketch import Imported, Sketch
from cockpit.topology.merge import merge
from cockpit.topology.naming import Naming

_ASK = (
    f"save the answer to `sum by (client, server, connection_type) (rate({SERVICE_GRAPH}[5m]))`, "
    f"to `{ISTIO}` or to `{POD_INFO}`"
)


@dataclass(frozen=True, slots=True)
class _Series:
    labels: Mapping[str, str]
    seen: datetime | None
    """When its value was last above nothing; null where the answer does not say."""


def recognise(root: At) -> bool:
    """Tell whether a JSON document looks like an answer of Prometheus."""
    data = root.get("data")
    if data is not None and data.is_mapping:
        return any(data.get(key) is not None for key in ("resultType", "result", "activeTargets"))
    return root.text_of("status") in {"success", "error"} if root.is_mapping and _is_text(root.get("status")) else False


def _is_text(at: At | None) -> bool:
    return at is not None and isinstance(at.value, str)


def read(file: File) -> Imported:
    """Return the map of everything in the answer that tells of calls or of places."""
    root = read_json(file.text)
    if root.text_of("status") == "error":
        raise Unreadable(1, f"is an error that Prometheus answered: {root.text_of('error')}", _ASK)
    data = root.get("data")
    if data is not None and data.get("activeTargets") is not None:
        return _of_targets(file.stem, data)
    graph: list[_Series] = []
    mesh: list[_Series] = []
    pods: list[_Series] = []
    nodes: list[_Series] = []
    others: dict[str, None] = {}
    for one in _all_series(root):
        labels = one.labels
        name = labels.get("__name__", "")
        if "client" in labels and "server" in labels:
            graph.append(one)
        elif any(label.startswith("destination_") for label in labels) and "source_workload" in _or_app(labels):
            mesh.append(one)
        elif name == NODE_LABELS or ("node" in labels and any(label.startswith("label_") for label in labels)):
            nodes.append(one)
        elif name == POD_INFO or ("node" in labels and ("pod" in labels or "created_by_name" in labels)):
            pods.append(one)
        else:
            others[name or ", ".join(sorted(labels)[:4]) or "a series without labels"] = None
    parts = [
        made
        for made in (
            _of_graph(file.stem, graph),
            _of_mesh(file.stem, mesh),
            _of_places(file.stem, pods, nodes),
        )
        if made.map.services
    ]
    if not parts:
        what = f"tells of no calls and no places: {', '.join(list(others)[:5])}" if others else "the answer is empty"
        raise Unreadable(1, what, _ASK)
    notes = [note for part in parts for note in part.notes]
    if others:
        notes.append(f"series that tell of no calls were left out: {', '.join(list(others)[:5])}")
    return Imported(merge(*(part.map for part in parts)), tuple(notes))


def _or_app(labels: Mapping[str, str]) -> set[str]:
    """Return the labels, the one that stands for any name of a source added where there is one."""
    sources = {"source_workload", "source_app", "source_canonical_service"}
    return {*labels, "source_workload"} if sources & labels.keys() else set(labels)


def _all_series(root: At) -> list[_Series]:
    data = root.get("data")
    if data is None:
        raise Unreadable(root.line, "has no `data`, as Prometheus' answer has", _ASK)
    if data.is_list:
        return [_Series(_labels(one), None) for one in data.items()]
    kind = data.text_of("resultType")
    if kind not in {"vector", "matrix", ""}:
        raise Unreadable(data.line, f"holds a {kind}, and no series", _ASK)
    result = data.get("result")
    if result is None:
        raise data.wrong("has no `result`", _ASK)
    return [_series(one) for one in result.items()]


def _series(one: At) -> _Series:
    metric = one.get("metric")
    if metric is None:
        raise one.wrong("has no `metric`", _ASK)
    value = one.get("value")
    samples = [value] if value is not None else list(one.items_of("values"))
    moments = [at for sample in samples if (at := _moment(sample)) is not None]
    return _Series(_labels(metric), max(moments, default=None))


def _labels(metric: At) -> Mapping[str, str]:
    return {name: value.text() for name, value in metric.entries()}


def _moment(sample: At) -> datetime | None:
    """Return the time of a sample that is above nothing."""
    pair = list(sample.items())
    if len(pair) != 2:
        raise sample.wrong("should be a time and a value", _ASK)
    at, value = pair[0].number(), pair[1].number()
    if at is None or value is None or not value > 0 or not 0 < at < 1e11:
        return None
    return datetime.fromtimestamp(at, UTC)


def _of_graph(name: str, series: list[_Series]) -> Imported:
    sketch = Sketch(name, "prometheus service graph", Provenance.OBSERVED)
    for one in series:
        call = service_graph_call(one.labels)
        if call is not None:
            _add(sketch, call, one.seen)
    return sketch.whole()


def _of_mesh(name: str, series: list[_Series]) -> Imported:
    sketch = Sketch(name, "prometheus istio", Provenance.OBSERVED)
    found = istio_calls((one.labels, one.seen) for one in series)
    for call, seen in found:
        _add(sketch, call, seen)
    spaces: dict[str, dict[str, None]] = {}
    for call, _ in found:
        for end in (call.caller, call.callee):
            if end.name and end.namespace:
                spaces.setdefault(end.name, {})[end.namespace] = None
    for service, many in spaces.items():
        if len(many) > 1:
            sketch.note(
                f"{service} was seen in the namespaces {', '.join(many)} and is one service here; "
                "to split it write two with `match`"
            )
    return sketch.whole()


def _add(sketch: Sketch, call: Call, seen: datetime | None) -> None:
    callee = _end(sketch, call.callee, seen)
    if call.from_users:
        sketch.entry(callee)
    elif call.caller.name:
        sketch.call(_end(sketch, call.caller, seen), callee, protocol=call.protocol, seen=seen)
    else:
        sketch.note(f"callers of {callee} that nobody knows were left out")


def _end(sketch: Sketch, end: End, seen: datetime | None) -> str:
    return sketch.service(end.name, kind=end.kind, aliases=(end.other,) if end.other else (), seen=seen)


def _of_targets(name: str, data: At) -> Imported:
    """Return the services that the labels of targets name, with the owners that they name; nobody says who calls whom."""
    sketch = Sketch(name, "prometheus targets", Provenance.INFERRED)
    naming = Naming(IntegrationMap())
    for target in data.items_of("activeTargets"):
        labels = {key: value.text() for key, value in target.entries_of("labels")}
        named = naming.of_labels(labels)
        if named.service and named.by not in {"node", "instance"}:
            team = next((labels[label] for label in TEAM_LABELS if labels.get(label)), None)
            sketch.service(named.service, team=team)
    if not len(sketch):
        raise Unreadable(data.line, "no label of any target names a service", "label targets with `app` or `service`")
    sketch.note("targets do not say who calls whom: add calls, or import a service graph too")
    return sketch.whole()


def _of_places(name: str, pods: list[_Series], nodes: list[_Series]) -> Imported:
    """Return which workload runs on which pool, or on which node where its pool is not known."""
    sketch = Sketch(name, "prometheus kube_pod_info", Provenance.INFERRED)
    pools = {one.labels.get("node", ""): pool_of(one.labels) for one in nodes}
    naming = Naming(IntegrationMap())
    for one in pods:
        workload, kind = workload_of(one.labels)
        node = one.labels.get("node", "")
        if not workload or not naming.of_labels({"app": workload}).service:
            continue  # an exporter is no service
        own = sketch.service(workload, kind=kind)
        host = pools.get(node) or pool_of(one.labels) or node
        if host and sketch.known(host) != own:
            sketch.runs_on(own, sketch.service(host, kind="node-pool"))
    return sketch.whole()
