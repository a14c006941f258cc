"""Reads typed values out of YAML nodes; what has another type becomes a problem with its place and a remedy."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cockpit.text import LIMIT, clean, one_line
from cockpit.topology.problems import ERROR, Problem, nearest

if TYPE_CHECKING:
    from yaml import Node

_CORE = "tag:yaml.org,2002:"
_TEXTS = frozenset(_CORE + kind for kind in ("str", "int", "float", "bool", "timestamp", "value"))
_NULL = _CORE + "null"
_MERGE = _CORE + "merge"


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of text and where it stands."""

    text: str
    """Cleaned, on one line."""
    line: int
    column: int
    path: str
    """Where in the document: `services.payment.team`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping with its value."""

    key: Word
    value: "Node"


class Reader:
    """Reads one document and gathers what is wrong with it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._texts: dict[str, str] = {}

    def problem(self, at: "Node | Word", rule: str, message: str, remedy: str, severity: str = ERROR) -> None:
        """Note a problem at a node or a word."""
        line, column = (at.line, at.column) if isinstance(at, Word) else _place(at)
        self.problems.append(Problem(self.file, line, column, severity, rule, message, remedy))

    def mapping(self, node: "Node | None", path: str, known: tuple[str, ...] | None, shape: str) -> dict[str, Entry]:
        """Return the entries of a mapping by key; of equal keys the first.

        Args:
            node: What should be a mapping; null and nothing are empty ones.
            path: Where it stands in the document.
            known: The keys that it may have; null where they are people's own names.
            shape: How one is written, for the remedy.
        """
        from yaml import MappingNode

        if node is None or is_null(node):
            return {}
        if not isinstance(node, MappingNode):
            self.wrong(node, path, "a mapping", f"write {shape}")
            return {}
        entries: dict[str, Entry] = {}
        merged: list[Node] = []
        for key_node, value in node.value:
            if key_node.tag == _MERGE:
                merged.append(value)
                continue
            if is_null(key_node):
                self.wrong(key_node, path, "a name as a key", "write a name, in quotes where it is null or ~")
                continue
            key = self.text(key_node, path, "a name as a key")
            if key is None:
                continue
            if key.text in entries:
                first = entries[key.text].key
                message = f"{_under(path, key.text)} stands here a second time, first in line {first.line}"
                self.problem(key, "duplicate", message, "keep one of the two, or give this one another name")
            elif known is not None and key.text not in known:
                place = f" in {path}" if path else ""
                message = f'unknown key "{key.text}"{place}'
                remedy = f'did you mean "{nearest(key.text, known)}"? known keys: {", ".join(known)}'
                self.problem(key, "unknown-key", message, remedy)
            else:
                entries[key.text] = Entry(Word(key.text, key.line, key.column, _under(path, key.text)), value)
        for source in merged:
            for name, entry in self._merged(source, path, known, shape).items():
                entries.setdefault(name, entry)
        return entries

    def _merged(self, node: "Node", path: str, known: tuple[str, ...] | None, shape: str) -> dict[str, Entry]:
        """Return what a merge key (`<<`) brings; of several sources the first one's value counts."""
        from yaml import MappingNode, SequenceNode

        sources = node.value if isinstance(node, SequenceNode) else [node]
        entries: dict[str, Entry] = {}
        for source in sources:
            if not isinstance(source, MappingNode):
                self.wrong(source, f"{path}.<<", "a mapping", "merge with `<<: *anchor` of a mapping")
                continue
            for name, entry in self.mapping(source, path, known, shape).items():
                entries.setdefault(name, entry)
        return entries

    def text(self, node: "Node", path: str, what: str = "a text", *, verbatim: bool = False) -> Word | None:
        """Return a scalar's text; null and empty ones are none.

        Args:
            node: What should be a scalar.
            path: Where it stands in the document.
            what: What it should be, for the message.
            verbatim: White space counts in it (an expression); else it is folded onto one line.
        """
        from yaml import ScalarNode

        if is_null(node):
            return None
        if not isinstance(node, ScalarNode) or node.tag not in _TEXTS:
            self.wrong(node, path, what, "write one word or a text in quotes")
            return None
        line, column = _place(node)
        text = clean(node.value).strip() if verbatim else one_line(node.value, LIMIT)
        if not text:
            self.wrong(node, path, what, "write one word or a text in quotes, or leave the key out")
            return None
        return Word(self._copy(text), line, column, path)

    def _copy(self, text: str) -> str:
        """Return a text's one copy: the nodes' own lie among what goes with them, and would hold that memory."""
        found = self._texts.get(text)
        if found is None:
            found = text.encode().decode()
            self._texts[found] = found
        return found

    def texts(self, node: "Node | None", path: str, what: str, *, verbatim: bool = False) -> tuple[Word, ...]:
        """Return the texts of a sequence, each once; a second time is a duplicate."""
        found: dict[str, Word] = {}
        for item in self.items(node, path, what):
            word = self.text(item, path, what, verbatim=verbatim)
            if word is None:
                if is_null(item):
                    self.wrong(item, path, what, "remove the empty item")
            elif word.text in found:
                self.problem(word, "duplicate", f"{path} names {word.text} twice", "keep it once")
            else:
                found[word.text] = word
        return tuple(found.values())

    def items(self, node: "Node | None", path: str, what: str) -> list["Node"]:
        """Return the items of a sequence; null and nothing are empty ones."""
        from yaml import ScalarNode, SequenceNode

        if node is None or is_null(node):
            return []
        if not isinstance(node, SequenceNode):
            example = f"[{one_line(node.value)}]" if isinstance(node, ScalarNode) and node.value else "[one, another]"
            self.wrong(node, path, f"a list ({what} each)", f"write {path.rpartition('.')[2]}: {example}")
            return []
        items: list[Node] = node.value
        return items

    def number(self, node: "Node", path: str) -> float | None:
        """Return a number of 0 or more, or null after noting what stands there instead."""
        from yaml import ScalarNode

        if is_null(node):
            return None
        if isinstance(node, ScalarNode) and node.tag in {_CORE + "int", _CORE + "float"}:
            try:
                value = float(node.value.replace("_", ""))
            except ValueError:
                value = math.nan
            if math.isfinite(value) and value >= 0:
                return value
        self.wrong(node, path, "a number of 0 or more", "write one such as 1 or 2.5")
        return None

    def wrong(self, node: "Node", path: str, wanted: str, remedy: str) -> None:
        """Note that a value has another type than it should."""
        self.problem(node, "bad-yaml", f"{path or 'the document'} should be {wanted}, not {_kind(node)}", remedy)


def is_null(node: "Node") -> bool:
    """Tell whether a node says nothing: `key:` alone, `~` or `null`."""
    return bool(node.tag == _NULL)


def _place(node: "Node") -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _under(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _kind(node: "Node") -> str:
    from yaml import MappingNode, ScalarNode

    if isinstance(node, ScalarNode):
        if node.tag not in _TEXTS and node.tag != _NULL:
            return f"a value tagged {one_line(str(node.tag), 60)}"
        return f"{one_line(node.value, 60)!r}" if node.value.strip() else "an empty text"
    return "a mapping" if isinstance(node, MappingNode) else "a list"
