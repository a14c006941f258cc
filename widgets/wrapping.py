"""Text broken into lines of so many cells; pure."""

from cockpit.text import cut, width


def wrap(text: str, first: int, rest: int, lines: int, ellipsis: str = "…") -> tuple[str, ...]:
    """Return the text on at most so many lines, broken between words; what does not fit is cut.

    Args:
        text: The text; a newline is a break between words.
        first: Cells of the first line.
        rest: Cells of the others.
        lines: How many there may be, at least one.
        ellipsis: What a cut line ends in.
    """
    words = text.split()
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


def _break(word: str, room: int) -> tuple[str, str]:
    """Return what of a word fits into so many cells, at least one character, and the rest."""
    taken = 1
    while taken < len(word) and width(word[: taken + 1]) <= room:
        taken += 1
    return word[:taken], word[taken:]
