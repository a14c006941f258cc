"""YAML text -> nodes that know their line and column, with documents that could hurt refused beforehand."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cockpit.text import one_line
from cockpit.topology.problems import ERROR, Problem

if TYPE_CHECKING:
    from yaml import Node
    from yaml.events import Event

LONGEST = 8_000_000
"""Characters of the longest map that is read; one of ten thousand services has less than half of that."""

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


@dataclass(frozen=True, slots=True)
class _Spot:
    line: int
    column: int


class Refused(Exception):  # noqa: N818 - it names what happens to the document, and never leaves this module
    """The document is not read; says why, where and what to do."""

    def __init__(self, mark: Mark | None, message: str, remedy: str) -> None:
        super().__init__(message)
        self.mark = mark
        self.message = message
        self.remedy = remedy


def compose(text: str, file: str) -> tuple["Node | None", Problem | None]:
    """Return the document's root node, or the one problem for which there is none; an empty text is a problem."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _refuse_unreadable(text)
        _refuse_bombs(text)
        root = yaml.compose(text, Loader=loader)
    except Refused as refused:
        line, column = _place(refused.mark)
        return None, Problem(file, line, column, ERROR, "bad-yaml", refused.message, refused.remedy)
    except yaml.MarkedYAMLError as error:
        line, column = _place(error.problem_mark or error.context_mark)
        message = one_line(", ".join(part for part in (error.context, error.problem) if part)) or "no YAML"
        return None, Problem(file, line, column, ERROR, "bad-yaml", f"no YAML: {message}", _remedy(message))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return None, Problem(file, 1, 1, ERROR, "bad-yaml", f"no YAML: {one_line(str(error))}", _remedy(""))
    if root is None:
        remedy = "begin with `map: NAME` and `services:`, or let `cockpit map draft` write one"
        return None, Problem(file, 1, 1, ERROR, "bad-yaml", "the map is empty", remedy)
    return root, None


def _place(mark: Mark | None) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def _remedy(message: str) -> str:
    if "tab" in message or "cannot start any token" in message:
        return "indent with spaces, and put quotes around a value that begins with a special character"
    if "mapping values are not allowed" in message:
        return "put quotes around a value that holds `: `, or check the indentation of this line"
    if "single document" in message:
        return "keep one map in a file; remove the `---` between documents"
    if "undefined alias" in message:
        return "define the anchor (&name) above its use (*name)"
    return "check indentation, brackets and quotes at this line and the one above it"


def _refuse_unreadable(text: str) -> None:
    """Refuse characters that YAML does not allow, at their place: the reader itself tells none."""
    import yaml

    if len(text) > LONGEST:
        raise Refused(None, f"the map has {len(text):,} characters", f"split it: at most {LONGEST:,} are read")
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if found is None:
        return
    before = text[: found.start()]
    line, column = before.count("\n"), found.start() - (before.rfind("\n") + 1)
    raise Refused(
        _Spot(line, column),
        f"no YAML: character U+{ord(found[0]):04X} is not allowed",
        "remove that character; save the file as UTF-8",
    )


def _refuse_bombs(text: str) -> None:
    """Refuse nesting and aliases that would cost more than any map is worth; the events are read without recursion."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    sizes: dict[str, int] = {}
    stack: list[tuple[str | None, int]] = []
    total = 0
    event: Event
    for event in yaml.parse(text, Loader=loader):
        anchor: str | None = getattr(event, "anchor", None)
        if isinstance(event, yaml.AliasEvent):
            if any(anchor == above for above, _ in stack):
                raise Refused(
                    event.start_mark, f"the alias *{anchor} stands inside its own anchor", "write the value out"
                )
            total += sizes.get(anchor or "", 1)
        elif isinstance(event, yaml.ScalarEvent):
            total += 1
            if anchor:
                sizes[anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            stack.append((anchor, total))
            total += 1
            if len(stack) > DEEPEST:
                raise Refused(
                    event.start_mark,
                    f"nested deeper than {DEEPEST} levels",
                    "a map needs six: services, a service, its calls; check for an unclosed bracket",
                )
        elif isinstance(event, yaml.CollectionEndEvent):
            opened, before = stack.pop()
            if opened:
                sizes[opened] = total - before
        if total > LARGEST:
            raise Refused(
                event.start_mark, f"more than {LARGEST:,} values once aliases are written out", "use fewer aliases"
            )
