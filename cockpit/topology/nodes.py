"""YAML text -> nodes that know their line and column, or the one problem for which there are none."""

from typing import TYPE_CHECKING

from cockpit.text import one_line
from cockpit.topology.composing import Mark, Refused, Spot, documents
from cockpit.topology.problems import ERROR, Problem

if TYPE_CHECKING:
    from yaml import Node

LONGEST = 8_000_000
"""Characters of the longest map that is read; one of ten thousand services has less than half of that."""


def compose(text: str, file: str) -> tuple["Node | None", Problem | None]:
    """Return the document's root node, or the one problem for which there is none; an empty text is a problem."""
    roots, problem = _composed(text, file, single=True)
    if problem is None and not roots:
        remedy = "begin with `map: NAME` and `services:`, or let `cockpit map draft` write one"
        problem = Problem(file, 1, 1, ERROR, "bad-yaml", "the map is empty", remedy)
    return (None, problem) if problem else (roots[0], None)


def compose_documents(text: str, file: str) -> tuple[list["Node"], Problem | None]:
    """Return the root nodes of every document of a text, or the one problem for which there are none."""
    return _composed(text, file, single=False)


def _composed(text: str, file: str, *, single: bool) -> tuple[list["Node"], Problem | None]:
    import yaml

    try:
        _refuse_unreadable(text)
        return documents(text, single=single), None
    except Refused as refused:
        line, column = _place(refused.mark)
        return [], Problem(file, line, column, ERROR, "bad-yaml", refused.message, refused.remedy)
    except yaml.MarkedYAMLError as error:
        line, column = _place(error.problem_mark or error.context_mark)
        message = one_line(", ".join(part for part in (error.context, error.problem) if part)) or "no YAML"
        return [], Problem(file, line, column, ERROR, "bad-yaml", f"no YAML: {message}", _remedy(message))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return [], Problem(file, 1, 1, ERROR, "bad-yaml", f"no YAML: {one_line(str(error))}", _remedy(""))


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
        Spot(line, column),
        f"no YAML: character U+{ord(found[0]):04X} is not allowed",
        "remove that character; save the file as UTF-8",
    )
