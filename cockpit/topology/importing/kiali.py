"""Kiali's graph, `/api/namespaces/graph`: apps, workloads and services of a mesh, and the requests among them."""

from dataclasses import dataclass
from datetime import UTC, datetime

from cockpit.model.topology import Provenance
from cockpit.topology.importing.document import At, File, Unreadable
from cockpit.topology.importing.json_text import read_json
from cockpit.topology.importing.metrics import service_name
from cockpit.topology.importing.sketch import Imported, Sketch
from cockpit.topology.names import normal

_ASK = "save what `curl 'KIALI/api/namespaces/graph?namespaces=NAMES&graphType=app'` answers"
_NOBODY = frozenset({"", "unknown", "PassthroughCluster", "BlackHoleCluster", "InboundPassthroughCluster"})


@dataclass(frozen=True, slots=True)
class _Node:
    name: str
    """Empty where the mesh does not know who it is."""
    is_front: bool
    """Whether it is a Kubernetes service, and not what stands behind it."""
    kind: str
    root: bool


def recognise(root: At) -> bool:
    """Tell whether a JSON document looks like Kiali's."""
    elements = root.get("elements")
    return elements is not None and elements.get("nodes") is not None


def read(file: File) -> Imported:
    """Return the map: versions of an app are one service, and so are a service and the one app behind it."""
    root = read_json(file.text)
    elements = root.get("elements")
    if elements is None or elements.get("nodes") is None:
        raise Unreadable(root.line, "has no `elements.nodes`, as Kiali's graph has", _ASK)
    nodes = dict(filter(None, (_node(one) for one in elements.items_of("nodes"))))
    edges = [_data(one) for one in elements.items_of("edges")]
    ends = [(_end(edge, "source", nodes), _end(edge, "target", nodes), edge) for edge in edges]
    behind: dict[str, set[str]] = {}
    for source, target, _ in ends:
        if source.is_front and source.name and target.name and not target.is_front:
            behind.setdefault(source.name, set()).add(target.name)
    stands_for = {front: next(iter(names)) for front, names in behind.items() if len(names) == 1}
    sketch = Sketch(file.stem, "kiali", Provenance.OBSERVED)
    for node in nodes.values():
        if node.name:
            own = stands_for.get(node.name, node.name) if node.is_front else node.name
            sketch.service(own, kind=node.kind, aliases=() if normal(own) == normal(node.name) else (node.name,))
            if node.root:
                sketch.entry(own)
    at = _moment(root)
    for source, target, edge in ends:
        _call(sketch, source, target, edge, stands_for, at)
    if not len(sketch):
        raise Unreadable(elements.line, "the graph has no nodes", "choose namespaces and a duration with traffic")
    return sketch.whole()


def _data(element: At) -> At:
    data = element.get("data")
    if data is None or not data.is_mapping:
        raise element.wrong("has no `data`", _ASK)
    return data


def _node(element: At) -> tuple[str, _Node] | None:
    data = _data(element)
    if data.get("isBox") is not None or data.get("isGroup") is not None:
        return None
    identity = data.get("id")
    if identity is None:
        raise data.wrong("has no `id`", _ASK)
    service, kind = data.text_of("service"), data.text_of("nodeType")
    workload = data.text_of("app") or data.text_of("workload")
    front = kind == "service" or not workload
    name = service_name(service) if front else workload
    root = data.get("isRoot")
    return identity.text(), _Node(
        "" if name in _NOBODY or kind == "aggregate" else name,
        front,
        "third-party" if _outside(data) else "service",
        root is not None and root.value is True,
    )


def _outside(data: At) -> bool:
    """Tell whether a node is a service entry for something outside the mesh."""
    found = data.get("isServiceEntry")
    if found is None:
        return False
    return (found.text_of("location") if found.is_mapping else found.text()) == "MESH_EXTERNAL"


def _end(edge: At, key: str, nodes: dict[str, _Node]) -> _Node:
    end = edge.get(key)
    if end is None:
        raise edge.wrong(f"has no `{key}`", _ASK)
    found = nodes.get(end.text())
    if found is None:
        raise end.wrong(f'names "{end.text(60)}", which is the `id` of no node', _ASK)
    return found


def _call(
    sketch: Sketch, source: _Node, target: _Node, edge: At, stands_for: dict[str, str], at: datetime | None
) -> None:
    if not source.name or not target.name:
        if target.name:
            sketch.note(f"callers of {target.name} that the mesh does not know were left out")
        elif source.name:
            sketch.note(f"requests of {source.name} to where the mesh does not know were left out")
        return
    caller = stands_for.get(source.name, source.name) if source.is_front else source.name
    callee = stands_for.get(target.name, target.name) if target.is_front else target.name
    if source.is_front and caller == callee:
        return
    traffic = edge.get("traffic")
    rates = [] if traffic is None else [rate.number() or 0 for _, rate in traffic.entries_of("rates")]
    protocol = "" if traffic is None else traffic.text_of("protocol").lower()
    sketch.call(caller, callee, protocol=protocol, seen=at if any(rate > 0 for rate in rates) else None)


def _moment(root: At) -> datetime | None:
    found = root.get("timestamp")
    seconds = None if found is None else found.number()
    if seconds is None or not 0 < seconds < 1e11:
        return None
    return datetime.fromtimestamp(seconds, UTC)
