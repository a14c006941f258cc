"""How commands print: answers on standard output, everything else on standard error, no controls in either."""

import os
import sys
from collections.abc import Iterable, Sequence

from cockpit.text import clean, cut, fit, one_line, width


def say(text: str) -> None:
    """Print a piece of the answer."""
    sys.stdout.write(f"{text}\n")


def note(text: str) -> None:
    """Tell something beside the answer, on one line."""
    sys.stderr.write(f"cockpit: {one_line(text, 1000)}\n")


def say_json(document: object) -> None:
    """Print one JSON document: with indents for a person, on one line for a program."""
    import json

    person = sys.stdout.isatty()
    text = json.dumps(
        document,
        ensure_ascii=person or "utf" not in (sys.stdout.encoding or "").lower(),
        indent=2 if person else None,
        allow_nan=False,
    )
    say(text)


def columns() -> int | None:
    """Return the terminal's width, or null where standard output is none: then nothing is cut."""
    if not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def coloured() -> bool:
    """Tell whether standard output is a terminal whose owner wants colours."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], room: int | None) -> Iterable[str]:
    """Return aligned lines, the last column cut to what room there is.

    Args:
        head: Names of the columns.
        rows: Their cells, cleaned already.
        room: Cells a line; null means any number.
    """
    cells = [list(head), *([one_line(cell) for cell in row] for row in rows)]
    widths = [max(width(row[place]) for row in cells) for place in range(len(head))]
    for row in cells:
        line = "  ".join(fit(cell, size) for cell, size in zip(row, widths, strict=True)).rstrip()
        yield line if room is None else cut(line, room)


def counted(number: int, word: str) -> str:
    """Return `1 alert`, `4,012 alerts`."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def safe(text: str) -> str:
    """Return a text of several lines without anything that could drive a terminal."""
    return clean(text, 1_000_000)
