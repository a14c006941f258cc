"""Node-link JSON as networkx and D3 write it: `nodes`, and `links` or `edges` between them."""

from cockpit.topology.importing.document import At, File, Unreadable
from cockpit.topology.importing.json_text import read_json
from cockpit.topology.importing.sketch import Imported, Sketch
from cockpit.topology.parts import KINDS

_SHAPE = '{"directed": true, "nodes": [{"id": "a"}, {"id": "b"}], "links": [{"source": "a", "target": "b"}]}'


def recognise(root: At) -> bool:
    """Tell whether a JSON document looks like a node-link graph."""
    nodes, links = root.get("nodes"), _links(root)
    return nodes is not None and nodes.is_list and links is not None and links.is_list


def _links(root: At) -> At | None:
    return root.get("links") or root.get("edges")


def read(file: File) -> Imported:
    """Return the map; a node may say team, kind, repository and runbook, a link protocol and name (or label)."""
    root = read_json(file.text)
    nodes, links = root.get("nodes"), _links(root)
    if nodes is None or links is None:
        raise Unreadable(root.line, "has no `nodes` and `links`", f"write it as {_SHAPE}")
    directed = root.get("directed")
    if directed is not None and directed.value is False:
        remedy = 'say who calls whom: write it from a networkx.DiGraph, which says "directed": true'
        raise directed.wrong("is false: the graph does not say who calls whom", remedy)
    graph = root.get("graph")
    sketch = Sketch((graph.text_of("name") if graph is not None else "") or file.stem, file.teller("node-link"))
    names: dict[str, str] = {}
    for place, node in enumerate(nodes.items()):
        _node(sketch, node, place, names)
    for link in links.items():
        caller, callee = _end(link, "source", names), _end(link, "target", names)
        name = link.text_of("name") or link.text_of("label")
        sketch.call(caller, callee, protocol=link.text_of("protocol"), name=name)
    if not len(sketch):
        raise Unreadable(nodes.line, "the graph has no nodes", f"write it as {_SHAPE}")
    return sketch.whole()


def _node(sketch: Sketch, node: At, place: int, names: dict[str, str]) -> None:
    if not node.is_mapping:
        names[node.text()] = sketch.service(node.name())
        return
    identity, named = node.get("id"), node.get("name") or node.get("label")
    if identity is None and named is None:
        raise node.wrong("has neither `id` nor `name`", f"write it as {_SHAPE}")
    is_number = identity is not None and isinstance(identity.value, int | float)
    called = named if named is not None and (identity is None or is_number) else identity
    assert called is not None
    kind = node.text_of("kind") or node.text_of("type")
    own = sketch.service(
        called.name(),
        kind=kind if kind in KINDS else "service",
        team=(node.text_of("team") or node.text_of("owner")) or None,
        texts={key: node.text_of(key) for key in ("repository", "runbook")},
    )
    names[identity.text() if identity is not None else str(place)] = own
    names.setdefault(own, own)


def _end(link: At, key: str, names: dict[str, str]) -> str:
    end = link.get(key)
    if end is None:
        raise link.wrong(f"has no `{key}`", f"write it as {_SHAPE}")
    if end.is_mapping:  # D3 puts the node itself there
        end = end.get("id") or end.get("name") or end
    found = names.get(end.text())
    if found is None:
        raise end.wrong(f'names "{end.text(60)}", which is no node', "add it under nodes, or correct the name")
    return found
