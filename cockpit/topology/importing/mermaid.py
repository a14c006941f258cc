"""Mermaid flowcharts: every arrow is a call; a subgraph that is called a team owns what stands in it."""

import re
from dataclasses import dataclass, field

from cockpit.text import one_line
from cockpit.topology.importing.document import File, Unreadable
from cockpit.topology.importing.labels import called, plain, said_of, team_named
from cockpit.topology.importing.mermaid_words import Link, Scanner, decoded
from cockpit.topology.importing.sketch import MANY_HOPS, Imported, Sketch
from cockpit.topology.nodes import LONGEST
from cockpit.topology.parts import KINDS

_HEADER = re.compile(r"(?:graph|flowchart(?:-elk)?)(?:[ \t]+(?:TB|TD|BT|RL|LR))?[ \t]*(?=[;\n\r]|%%|$)", re.IGNORECASE)
_OTHER = re.compile(
    r"(?:sequenceDiagram|classDiagram(?:-v2)?|stateDiagram(?:-v2)?|erDiagram|gantt|pie|journey|gitGraph|mindmap|timeline|"
    r"C4\w+|quadrantChart|sankey-beta|xychart-beta|block-beta|architecture-beta|requirementDiagram|kanban|packet-beta)\b"
)
_FENCE = re.compile(
    r"^[ \t]*(?:```+|~~~+|:::)[ \t]*\{?mermaid\}?[^\n]*\n(?P<text>.*?)^[ \t]*(?:```|~~~|:::)", re.DOTALL | re.MULTILINE
)
_FRONT = re.compile(r"\A\s*---[ \t]*\r?\n(?P<text>.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r"^title:[ \t]*(?P<title>.+?)[ \t]*\r?$", re.MULTILINE)
_SHAPE = "begin with `flowchart LR`, then one `caller --> callee` a line"
_IGNORED = re.compile(r"(?:classDef|class|style|linkStyle|click|direction|accTitle|accDescr|title)(?=[\s:{]|$)")
_BLOCK = re.compile(r"accDescr\s*\{[^}]*\}?")
_DEEPEST = 32


def recognise(text: str) -> bool:
    """Tell whether a text looks like a flowchart, or holds one between fences."""
    chart, _ = _chart(text[:200_000])
    return chart is not None


def _chart(text: str) -> tuple[str | None, int]:
    """Return the first flowchart of a text with the line before it; null where there is none."""
    blocks = [(found["text"], text.count("\n", 0, found.start("text"))) for found in _FENCE.finditer(text)]
    for block, line in [(text, 0), *blocks]:
        scanner = Scanner(block)
        front = _FRONT.match(block)
        scanner.place = front.end() if front else 0
        scanner.skip()
        if _HEADER.match(block, scanner.place):
            return block, line
    return None, 0


@dataclass(slots=True)
class _Box:
    """A node of the chart while it is read."""

    label: str = ""
    kind: str = "service"
    team: str | None = None


@dataclass(slots=True)
class _Chart:
    boxes: dict[str, _Box] = field(default_factory=dict)
    arrows: list[tuple[str, str, Link]] = field(default_factory=list)
    groups: dict[str, str] = field(default_factory=dict)
    """Titles of subgraphs by id."""


def read(file: File) -> Imported:
    """Return the map."""
    if len(file.text) > LONGEST:
        raise Unreadable(1, f"the file has {len(file.text):,} characters", f"at most {LONGEST:,} are read; split it")
    text, before = _chart(file.text)
    if text is None:
        scanner = Scanner(file.text)
        scanner.skip()
        other = _OTHER.match(file.text, scanner.place)
        what = f"is a {other[0]}, and no flowchart" if other else "is no flowchart"
        raise Unreadable(scanner.line, what, _SHAPE)
    try:
        return _Reader(text, file).read()
    except Unreadable as error:
        error.line += before
        raise


class _Reader:
    """Reads one chart, statement by statement."""

    def __init__(self, text: str, file: File) -> None:
        self._scanner = Scanner(text)
        self._chart = _Chart()
        self._open: list[str] = []
        self._begun: list[int] = []
        front = _FRONT.match(text)
        title = _TITLE.search(front["text"]) if front else None
        self._scanner.place = front.end() if front else 0
        self._sketch = Sketch(plain(title["title"].strip("\"'")) if title else file.stem, file.teller("mermaid"))

    def read(self) -> Imported:
        """Return the map."""
        scanner = self._scanner
        scanner.skip()
        scanner.take(_HEADER)
        while True:
            scanner.skip()
            if scanner.done:
                break
            self._statement()
        if self._open:
            what = f'the subgraph "{self._open[-1]}" has no `end`'
            raise Unreadable(self._begun[-1], what, "add `end` below its last line")
        return self._gathered()

    def _statement(self) -> None:
        scanner = self._scanner
        if scanner.take(_BLOCK):
            return
        if scanner.at(_IGNORED) and not scanner.at_node_named_so():
            scanner.rest()
        elif scanner.word("subgraph"):
            self._begin()
        elif scanner.word("end"):
            if not self._open:
                raise scanner.wrong("`end` stands here without a subgraph", "remove it")
            self._open.pop()
            self._begun.pop()
        else:
            self._chain()

    def _begin(self) -> None:
        self._begun.append(self._scanner.line)
        identity, label = self._scanner.title()
        if len(self._open) >= _DEEPEST:
            raise self._scanner.wrong(
                f"subgraphs are nested deeper than {_DEEPEST} levels", "check for a missing `end`"
            )
        self._chart.groups[identity] = plain(label, decoded) or identity
        self._open.append(identity)

    def _chain(self) -> None:
        """Read `a & b -->|label| c --> d`."""
        scanner = self._scanner
        callers = self._group()
        while True:
            link = scanner.link()
            if link is None:
                break
            callees = self._group()
            if len(self._chart.arrows) + len(callers) * len(callees) > MANY_HOPS:
                raise scanner.wrong(f"has more than {MANY_HOPS:,} arrows", "import a part of it")
            self._chart.arrows += [(caller, callee, link) for caller in callers for callee in callees]
            callers = callees
        scanner.end_of_statement()

    def _group(self) -> list[str]:
        names = [self._node()]
        while self._scanner.ampersand():
            names.append(self._node())
        return names

    def _node(self) -> str:
        node = self._scanner.node()
        box = self._chart.boxes.setdefault(node.identity, _Box())
        box.label = plain(node.label, decoded) or box.label
        if node.cylinder and box.kind == "service":
            box.kind = "database"
        if node.style in KINDS:
            box.kind = node.style
        titles = [title for one in reversed(self._open) for title in (self._chart.groups[one], one)]
        box.team = box.team or team_named(titles)
        return node.identity

    def _gathered(self) -> Imported:
        chart, sketch = self._chart, self._sketch
        names: dict[str, str] = {}
        for identity, box in chart.boxes.items():
            if identity in chart.groups:
                continue
            name, aliases = called(one_line(identity), box.label)
            if sketch.known(name):
                sketch.note(f"several boxes are called {name} and are one service here")
            names[identity] = sketch.service(name, kind=box.kind, team=box.team, aliases=aliases)
        if not names:
            raise Unreadable(1, "the chart has no boxes", _SHAPE)
        for caller, callee, link in chart.arrows:
            if caller not in names or callee not in names:
                group = chart.groups[caller if caller not in names else callee]
                sketch.note(f"arrows from or to the whole subgraph {group} were left out: no service is named")
                continue
            self._arrow(names[caller], names[callee], link)
        others = [title for one, title in chart.groups.items() if team_named([title, one]) is None]
        if others:
            shown = ", ".join(others[:5])
            sketch.note(f"subgraphs that are not called a team own nothing: {shown}; to let one own, call it team-NAME")
        return sketch.whole()

    def _arrow(self, caller: str, callee: str, link: Link) -> None:
        label = plain(link.label, decoded, first_line=False)
        if not link.forth and not link.back:
            if label.lower() == "runs on":
                self._sketch.runs_on(caller, callee)
            elif not link.invisible:
                self._sketch.note("lines without an arrowhead do not say who calls whom and were left out; write -->")
            return
        protocol, name = said_of(label)
        if link.forth:
            self._sketch.call(caller, callee, protocol=protocol, name=name)
        if link.back:
            self._sketch.call(callee, caller, protocol=protocol, name=name)
