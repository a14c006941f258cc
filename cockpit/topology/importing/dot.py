"""Graphviz' DOT: every edge of a digraph is a call; a cluster that is called a team owns what stands in it."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

from cockpit.model.topology import Provenance
from cockpit.text import one_line
from cockpit.topology.importing.document import NAME, File, Unreadable
from cockpit.topology.importing.dot_words import Word, line_at, words
from cockpit.topology.importing.labels import called, plain, said_of, team_named
from cockpit.topology.importing.sketch import MANY_HOPS, Imported, Sketch
from cockpit.topology.nodes import LONGEST
from cockpit.topology.parts import KINDS

_HEADER = re.compile(
    r"(?:\s|\ufeff|//[^\n]*|(?>/\*.*?\*/)|^#[^\n]*\n)*+(?:strict\s+)?(?:di)?graph\b\s*(?:\"(?:[^\"\\]|\\.)*\"|[^\s{\"]*)\s*(?:\{|/[/*])",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
_DEEPEST = 32
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SHAPE = 'write `digraph name { "caller" -> "callee"; }`'
_DATABASES = frozenset({"cylinder"})
_Attributes = Mapping[str, str]


def recognise(text: str) -> bool:
    """Tell whether a text looks like DOT."""
    return _HEADER.match(text[:100_000]) is not None


@dataclass(slots=True)
class _Scope:
    """The defaults and the members of one graph or subgraph."""

    name: str
    node: dict[str, str] = field(default_factory=dict)
    edge: dict[str, str] = field(default_factory=dict)
    label: str = ""
    members: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class _Box:
    attributes: dict[str, str]
    clusters: list[_Scope]


def read(file: File) -> Imported:
    """Return the map.

    Raises:
        Unreadable: It is no DOT, or the graph is undirected; names the line.
    """
    if len(file.text) > LONGEST:
        raise Unreadable(1, f"the file has {len(file.text):,} characters", f"at most {LONGEST:,} are read; split it")
    return _Parser(file).read()


class _Parser:
    """Reads the statements of one graph."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._words = list(words(file.text))
        self._next = 0
        self._boxes: dict[str, _Box] = {}
        self._edges: list[tuple[str, str, _Attributes]] = []
        self._clusters: list[_Scope] = []
        self._scopes: list[_Scope] = []

    def read(self) -> Imported:
        """Return the map."""
        if self._keyword("strict"):
            pass
        begin = self._peek()
        if not self._keyword("digraph"):
            if self._keyword("graph"):
                what = "is an undirected graph: it does not say who calls whom"
                raise self._wrong(what, "write `digraph` and `->` from caller to callee", begin)
            raise self._wrong("is no DOT", _SHAPE, begin)
        name = self._identity("") if not self._sign("{", peek=True) else ""
        self._block(_Scope(name))
        behind = self._peek()
        if behind is not None and not any(map(behind.is_keyword, ("digraph", "graph", "strict"))):
            raise self._wrong("something stands behind the end of the graph", "check for a `}` too many above", behind)
        return self._gathered(name)

    def _peek(self) -> Word | None:
        return self._words[self._next] if self._next < len(self._words) else None

    def _wrong(self, what: str, remedy: str, word: Word | None) -> Unreadable:
        place = len(self._file.text.rstrip()) if word is None else word.place
        return Unreadable(line_at(self._file.text, place), what, remedy)

    def _keyword(self, keyword: str) -> bool:
        word = self._peek()
        if word is None or not word.is_keyword(keyword):
            return False
        self._next += 1
        return True

    def _sign(self, *signs: str, peek: bool = False) -> bool:
        word = self._peek()
        if word is None or not word.is_sign(*signs):
            return False
        self._next += not peek
        return True

    def _expect(self, sign: str) -> None:
        if not self._sign(sign):
            word = self._peek()
            shown = "the end of the file" if word is None else f"`{one_line(word.text, 30)}`"
            raise self._wrong(f"there should be `{sign}` here, not {shown}", _SHAPE, word)

    def _identity(self, what: str) -> str:
        word = self._peek()
        if word is None or word.form == "sign":
            shown = "the end of the file" if word is None else f"`{word.text}`"
            raise self._wrong(f"there should be a name here, not {shown}{what}", 'quote names: "order-service"', word)
        self._next += 1
        return word.text

    def _block(self, scope: _Scope) -> None:
        opened = self._peek()
        self._expect("{")
        if len(self._scopes) >= _DEEPEST:
            raise self._wrong(f"subgraphs are nested deeper than {_DEEPEST} levels", "check for a missing `}`", opened)
        self._scopes.append(scope)
        while not self._sign("}"):
            if self._peek() is None:
                raise self._wrong("a `{` of this graph has no `}`", "close it", opened)
            if not self._sign(";", ","):
                self._statement(scope)
        self._scopes.pop()
        for outer in self._scopes[-1:]:
            outer.members.update(scope.members)

    def _statement(self, scope: _Scope) -> None:
        for keyword, defaults in (("node", scope.node), ("edge", scope.edge), ("graph", None)):
            if self._keyword(keyword):
                found = self._attributes()
                if defaults is None:
                    scope.label = found.get("label", scope.label)
                else:
                    defaults.update(found)
                return
        begin = self._next
        first = self._operand(scope)
        if first is None:
            return
        operands = [first]
        while self._sign("->", "--", peek=True):
            arrow = self._peek()
            self._next += 1
            if arrow is not None and arrow.text == "--":
                raise self._wrong("`--` does not say who calls whom", "write `->` from caller to callee", arrow)
            following = self._operand(scope)
            if following is None:
                raise self._wrong("an edge leads to a node, not to `key = value`", "write `caller -> callee`", arrow)
            operands.append(following)
        attributes = self._attributes()
        if len(operands) == 1:
            if (
                len(operands[0]) == 1
                and not self._words[begin].is_sign("{")
                and not self._words[begin].is_keyword("subgraph")
            ):
                self._boxes[operands[0][0]].attributes.update(attributes)
            return
        defaults = {key: value for one in self._scopes for key, value in one.edge.items()}
        for callers, callees in pairwise(operands):
            if len(self._edges) + len(callers) * len(callees) > MANY_HOPS:
                raise self._wrong(f"has more than {MANY_HOPS:,} edges", "import a part of it", self._words[begin])
            said = {**defaults, **attributes}
            self._edges += [(caller, callee, said) for caller in callers for callee in callees]

    def _operand(self, scope: _Scope) -> tuple[str, ...] | None:
        """Read a node or a subgraph and return its members; null for `key = value`."""
        if self._sign("{", peek=True):
            inner = _Scope("")
            self._block(inner)
            return tuple(inner.members)
        if self._keyword("subgraph"):
            name = self._identity("") if not self._sign("{", peek=True) else ""
            inner = _Scope(name)
            if name.startswith("cluster"):
                self._clusters.append(inner)
            self._block(inner)
            return tuple(inner.members)
        word = self._peek()
        identity = self._identity("")
        if self._sign("="):
            value = self._value()
            if identity.lower() == "label":
                scope.label = value
            return None
        while self._sign(":"):
            self._identity(" as a port")
        if not one_line(identity) or len(identity) > NAME:
            raise self._wrong("a node's name is empty or too long", f"write a name of 1 to {NAME} characters", word)
        if identity not in self._boxes:
            defaults = {key: value for one in self._scopes for key, value in one.node.items()}
            defaults.pop("label", None)
            self._boxes[identity] = _Box(defaults, [])
        self._boxes[identity].clusters += [one for one in self._scopes if one.name.startswith("cluster")]
        scope.members[identity] = None
        return (identity,)

    def _value(self) -> str:
        """Read an attribute's value; of an HTML label what it says."""
        word = self._peek()
        value = self._identity(" as a value")
        return plain(value).replace("\\", "\\\\") if word is not None and word.form == "html" else value

    def _attributes(self) -> dict[str, str]:
        found: dict[str, str] = {}
        while self._sign("["):
            while not self._sign("]"):
                if self._sign(",", ";"):
                    continue
                key = self._identity(" as an attribute")
                found[key.lower()] = self._value() if self._sign("=") else "true"
        return found

    def _gathered(self, name: str) -> Imported:
        sketch = Sketch(one_line(name, NAME) or self._file.stem, self._file.teller("dot"))
        if self._peek() is not None:
            sketch.note("only the first graph of the file was read")
        names = {identity: _box(sketch, identity, box) for identity, box in self._boxes.items()}
        if not names:
            raise Unreadable(1, "the graph has no nodes", _SHAPE)
        for caller, callee, attributes in self._edges:
            _edge(sketch, names[caller], names[callee], attributes)
        titles = [[_label(one.label, ""), one.name.removeprefix("cluster").strip("_")] for one in self._clusters]
        others = [title for title, other in titles if team_named([title, other]) is None and title]
        if others:
            shown = ", ".join(dict.fromkeys(others[:5]))
            sketch.note(f"clusters that are not called a team own nothing: {shown}; to let one own, call it team-NAME")
        return sketch.whole()


def _box(sketch: Sketch, identity: str, box: _Box) -> str:
    said = box.attributes
    label = _label(said.get("label", ""), identity)
    if said.get("shape", "").lower() in {"record", "mrecord"}:
        label = ""
    name, aliases = called(one_line(identity), label)
    kind = said.get("kind", "")
    if kind not in KINDS:
        kind = "database" if said.get("shape", "").lower() in _DATABASES else "service"
    titles = [
        title
        for one in reversed(box.clusters)
        for title in (_label(one.label, ""), one.name.removeprefix("cluster").strip("_"))
    ]
    team = one_line(said.get("team", ""), NAME) or team_named(title for title in titles if title)
    if sketch.known(name):
        sketch.note(f"several nodes are called {name} and are one service here")
    return sketch.service(name, kind=kind, team=team or None, aliases=aliases)


def _label(text: str, identity: str, *, first_line: bool = True) -> str:
    r"""Return what a label says; `\N` is the node's own name, `\n`, `\l` and `\r` end a line."""
    said = _ESCAPE.sub(lambda found: {"N": identity, "n": "\n", "l": "\n", "r": "\n"}.get(found[1], found[1]), text)
    lines = [line for line in (one_line(html.unescape(line), NAME) for line in said.split("\n")) if line]
    return (lines[0] if first_line else " ".join(lines)) if lines else ""


def _edge(sketch: Sketch, caller: str, callee: str, said: _Attributes) -> None:
    label = _label(said.get("label", "") or said.get("xlabel", ""), "", first_line=False)
    way = said.get("dir", "").lower() or ("none" if said.get("arrowhead", "").lower() == "none" else "forward")
    if "invis" in said.get("style", ""):
        return
    if way == "none":
        if label.lower() == "runs on":
            sketch.runs_on(caller, callee)
        else:
            sketch.note("edges without an arrowhead do not say who calls whom and were left out")
        return
    protocol, name = said_of(label)
    provenance, seen = _origin(said)
    if way in {"forward", "both"}:
        sketch.call(caller, callee, protocol=protocol, name=name, provenance=provenance, seen=seen)
    if way in {"back", "both"}:
        sketch.call(callee, caller, protocol=protocol, name=name, provenance=provenance, seen=seen)


def _origin(said: _Attributes) -> tuple[Provenance | None, datetime | None]:
    """Return what our own export says of how a hop came to be known."""
    try:
        provenance = Provenance(said.get("provenance", "declared"))
        seen = datetime.fromisoformat(said["seen"]).astimezone(UTC) if "seen" in said else None
    except (ValueError, OverflowError):
        return None, None
    return provenance, seen
