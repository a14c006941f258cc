"""YAML text -> values that know their line; every scalar but null is a text, as people wrote it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cockpit.topology.importing.document import At, Path, Unreadable
from cockpit.topology.nodes import compose_documents

if TYPE_CHECKING:
    from yaml import Node


def read_yaml(text: str, file: str) -> list[At]:
    """Return the values of every document in a YAML text, aliases and merge keys followed.

    Raises:
        Unreadable: It is no YAML, too long, too deep, or a bomb; names the line.
    """
    roots, problem = compose_documents(text, file)
    if problem is not None:
        raise Unreadable(problem.line, problem.message, problem.remedy)
    return [At(_plain(root, {}), (), _finder(root)) for root in roots]


def _finder(root: "Node") -> Callable[[Path], int]:
    return lambda path: _yaml_line(root, path)


_Made = dict[int, Any]


def _plain(node: "Node", made: _Made) -> Any:
    """Return the value of a node; one that several aliases name is one object."""
    from yaml import MappingNode, ScalarNode, SequenceNode

    if isinstance(node, ScalarNode):
        return None if node.tag == "tag:yaml.org,2002:null" else str(node.value)
    if id(node) in made:
        return made[id(node)]
    if isinstance(node, SequenceNode):
        items: list[Any] = made.setdefault(id(node), [])
        items.extend(_plain(one, made) for one in node.value)
        return items
    assert isinstance(node, MappingNode)
    mapping: dict[str, Any] = made.setdefault(id(node), {})
    for key, value in node.value:
        if key.tag == "tag:yaml.org,2002:merge":
            for source in value.value if isinstance(value, SequenceNode) else [value]:
                brought = _plain(source, made)
                for name, one in brought.items() if isinstance(brought, dict) else ():
                    mapping.setdefault(name, one)
    for key, value in node.value:
        if key.tag != "tag:yaml.org,2002:merge" and isinstance(key, ScalarNode):
            mapping[str(key.value)] = _plain(value, made)
    return mapping


def _yaml_line(root: "Node", path: Path) -> int:
    from yaml import MappingNode, SequenceNode

    node = root
    line = int(node.start_mark.line)
    for part in path:
        if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = int(node.start_mark.line)
        elif isinstance(node, MappingNode):
            found = [pair for pair in node.value if pair[0].value == part]
            if not found:
                break
            line, node = int(found[-1][0].start_mark.line), found[-1][1]
        else:
            break
    return line + 1
