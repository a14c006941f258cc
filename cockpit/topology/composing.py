"""YAML text -> nodes, small and in one pass: a large map's are gone again at once, and documents that hurt are refused."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from yaml import Node
    from yaml.events import Event

DEEPEST = 32
"""Levels of nesting; a map needs six."""

LARGEST = 1_000_000
"""Nodes once every alias is written out."""


class Mark(Protocol):
    """A place as the YAML library marks it, from 0."""

    @property
    def line(self) -> int:
        """The line."""

    @property
    def column(self) -> int:
        """The character in the line."""


@dataclass(slots=True)
class Spot:
    """A place, from 0, without the rest that the library's own marks hold."""

    line: int
    column: int


class Refused(Exception):  # noqa: N818 - it names what happens to the document, and never leaves this room
    """The document is not read; says why, where and what to do."""

    def __init__(self, mark: Mark | None, message: str, remedy: str) -> None:
        super().__init__(message)
        self.mark = mark
        self.message = message
        self.remedy = remedy


def documents(text: str, *, single: bool = False) -> "list[Node]":
    """Return the root nodes of a text's documents; nodes know where they begin, and nothing else of their place.

    Args:
        text: The document, or several.
        single: A second document is an error.

    Raises:
        Refused: It is nested too deep, or aliases make it larger than any map.
        yaml.YAMLError: It is no YAML.
    """
    import yaml

    composer = _Composer()
    event: Any
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        composer.take(event)
        if single and len(composer.roots) > 1:
            raise yaml.composer.ComposerError(
                "expected a single document in the stream",
                None,
                "but found another document",
                event.start_mark,
            )
    return composer.roots


class _Composer:
    """Takes one event after the other; equal texts are kept once."""

    def __init__(self) -> None:
        import yaml

        self._yaml: Any = yaml
        self._resolver: Any = yaml.resolver.Resolver()
        self._tags: dict[tuple[str, tuple[bool, bool]], str] = {}
        self._texts: dict[str, str] = {}
        self._anchors: dict[str, Node] = {}
        self._sizes: dict[str, int] = {}
        self._open: list[tuple[Node, str | None, int]] = []
        """What is not closed yet, with its anchor and how many nodes there were before it."""
        self._keys: list[Node | None] = []
        """For each of these, the key whose value is still to come."""
        self._total = 0
        self.roots: list[Node] = []

    def take(self, event: "Event") -> None:
        """Go on by one event."""
        yaml = self._yaml
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._scalar(event)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._begin(event, yaml.MappingNode if kind is yaml.MappingStartEvent else yaml.SequenceNode)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            _, anchor, before = self._open.pop()
            self._keys.pop()
            if anchor:
                self._sizes[anchor] = self._total - before
        elif kind is yaml.AliasEvent:
            self._alias(event)
        elif kind is yaml.DocumentEndEvent:
            self._anchors.clear()
        if self._total > LARGEST:
            raise Refused(
                event.start_mark, f"more than {LARGEST:,} values once aliases are written out", "use fewer aliases"
            )

    def _scalar(self, event: Any) -> None:
        text = self._texts.setdefault(event.value, event.value)
        tag = event.tag
        if tag is None or tag == "!":
            seen = (text, event.implicit)
            tag = self._tags.get(seen)
            if tag is None:
                tag = self._tags[seen] = self._resolver.resolve(self._yaml.ScalarNode, text, event.implicit)
        node = self._yaml.ScalarNode(tag, text, _spot(event), None, style=event.style)
        self._total += 1
        if event.anchor:
            self._anchor(event, node)
            self._sizes[event.anchor] = 1
        self._put(node)

    def _begin(self, event: Any, kind: Any) -> None:
        tag = event.tag
        if tag is None or tag == "!":
            tag = self._resolver.resolve(kind, None, event.implicit)
        node = kind(tag, [], _spot(event), None, flow_style=event.flow_style)
        if event.anchor:
            self._anchor(event, node)
        self._put(node)
        self._open.append((node, event.anchor, self._total))
        self._keys.append(None)
        self._total += 1
        if len(self._open) > DEEPEST:
            raise Refused(
                event.start_mark,
                f"nested deeper than {DEEPEST} levels",
                "a map needs six: services, a service, its calls; check for an unclosed bracket",
            )

    def _alias(self, event: Any) -> None:
        anchor = event.anchor
        if any(anchor == above for _, above, _ in self._open):
            raise Refused(event.start_mark, f"the alias *{anchor} stands inside its own anchor", "write the value out")
        node = self._anchors.get(anchor)
        if node is None:
            raise self._yaml.composer.ComposerError(None, None, "found undefined alias", event.start_mark)
        self._total += self._sizes.get(anchor, 1)
        self._put(node)

    def _anchor(self, event: Any, node: "Node") -> None:
        first = self._anchors.get(event.anchor)
        if first is not None:
            raise self._yaml.composer.ComposerError(
                "found duplicate anchor; first occurrence", first.start_mark, "second occurrence", event.start_mark
            )
        self._anchors[event.anchor] = node

    def _put(self, node: "Node") -> None:
        """Put a node where it belongs: a root, an item, a key, or the value of the last key."""
        if not self._open:
            self.roots.append(node)
            return
        above = self._open[-1][0]
        if type(above) is self._yaml.SequenceNode:
            above.value.append(node)
            return
        key = self._keys[-1]
        if key is None:
            self._keys[-1] = node
        else:
            above.value.append((key, node))
            self._keys[-1] = None


def _spot(event: Any) -> Spot:
    return Spot(event.start_mark.line, event.start_mark.column)
