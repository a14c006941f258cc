"""Text broken into lines of so many cells; pure."""

from cockpit.model.drawing import Line, Role, Span, line_width
from cockpit.text import cut, fitting, width

_UNITS = frozenset(("%", "s", "ms", "min", "h", "d", "UTC"))
"""What is not torn from the number before it."""


def wrap(text: str, first: int, rest: int, lines: int, ellipsis: str = "…") -> tuple[str, ...]:
    """Return the text on at most so many lines, broken between words; what does not fit is cut.

    A number keeps its unit beside it.

    Args:
        text: The text; a newline is a break between words.
        first: Cells of the first line.
        rest: Cells of the others.
        lines: How many there may be, at least one.
        ellipsis: What a cut line ends in.
    """
    words = _words(text)
    found: list[str] = []
    line = ""
    while words and len(found) < lines - 1:
        room = first if not found else rest
        longer = f"{line} {words[0]}" if line else words[0]
        if width(longer) <= room:
            line = longer
            words.pop(0)
        elif line:
            found.append(line)
            line = ""
        else:
            head, tail = _break(words[0], room)
            found.append(head)
            words[0] = tail
    room = first if not found else rest
    found.append(cut(" ".join([line, *words] if line else words), room, ellipsis))
    return tuple(found) if found[-1] or len(found) == 1 else tuple(found[:-1])


def _words(text: str) -> list[str]:
    words: list[str] = []
    for word in text.split():
        if words and word.rstrip(",;.)") in _UNITS and words[-1][-1:].isdigit():
            words[-1] += f" {word}"
        else:
            words.append(word)
    return words


def paragraphs(text: str, cells: int, lines: int = 4, role: Role = Role.DIM) -> tuple[Line, ...]:
    """Return a text's paragraphs as lines with a margin, each on at most so many lines."""
    room = max(1, cells - 2)
    wrapped = (one for part in text.split("\n") for one in wrap(part, room, room, lines))
    return tuple((Span(" "), Span(one, role)) for one in wrapped) if text else ()


def _break(word: str, room: int, least: int = 1) -> tuple[str, str]:
    """Return what of a word fits into so many cells, at least so many characters, and the rest."""
    taken = max(least, fitting(word, room))
    return word[:taken], word[taken:]


def fold_line(line: Line, cells: int) -> tuple[Line, ...]:
    """Return a line with roles on as many lines as it takes, those after the first indented under its second span.

    It breaks at a blank in the last third of a line where there is one, else where the room ends; nothing is left out.
    """
    if line_width(line) <= cells or cells < 8:
        return (line,)
    indent = width(line[0].text) if len(line) > 1 and width(line[0].text) <= cells // 2 else 0
    found: list[Line] = []
    current: list[Span] = []
    room = cells
    for span in line:
        text = span.text
        while width(text) > room:
            head, rest = _break_at_blank(text, room) if room > 0 else ("", text)
            current.append(Span(head, span.role))
            found.append(tuple(current))
            text = rest
            current, room = [Span(" " * indent)], cells - indent
        if text:
            current.append(Span(text, span.role))
            room -= width(text)
    return (*found, tuple(current)) if line_width(tuple(current)) > indent or not found else tuple(found)


def fold_parts(line: Line, cells: int) -> tuple[Line, ...]:
    """Return a line on as many lines as it takes, broken behind its parts: spans that end in `; ` are the last of one.

    A part that alone is too long goes on in the next line.
    """
    parts: list[list[Span]] = [[]]
    for span in line:
        parts[-1].append(span)
        if span.text.endswith("; "):
            parts.append([])
    found: list[Line] = []
    current: list[Span] = []
    for part in parts:
        if current and line_width(_without_end((*current, *part))) > cells:
            found.append(tuple(current))
            current = []
        current += part
    found.append(tuple(current))
    return tuple(folded for one in found if one for folded in fold_line(_without_end(one), cells))


def _without_end(line: Line) -> Line:
    """Return the line without the blank that it ends in."""
    return (*line[:-1], Span(line[-1].text.rstrip(), line[-1].role))


def _break_at_blank(text: str, room: int) -> tuple[str, str]:
    head, rest = _break(text, room, 0)
    if rest.startswith(" "):
        return head, rest[1:]
    blank = head.rfind(" ")
    return (head[:blank], text[blank + 1 :]) if blank > len(head) * 2 // 3 else (head, rest)
