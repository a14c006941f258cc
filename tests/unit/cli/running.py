"""Runs a command in this process and keeps what came of it."""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cockpit.__main__ import main


@dataclass(frozen=True, slots=True)
class Result:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document that it printed; anything else on standard output fails here."""
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The one line on standard error."""
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("cockpit: ")
        return self.err.strip()


class _Stream(io.TextIOWrapper):
    """A stream that is a terminal, or none."""

    def __init__(self, terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def text(self) -> str:
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode()


Run = Callable[..., Result]
"""Runs a command with these arguments."""


def run(*argv: str, terminal: bool = False) -> Result:
    """Run a command."""
    out, err, told = _Stream(terminal), _Stream(terminal), _Stream(terminal)
    kept = sys.stdin, sys.stdout, sys.stderr
    sys.stdin, sys.stdout, sys.stderr = told, out, err
    try:
        code = main(list(argv))
    finally:
        sys.stdin, sys.stdout, sys.stderr = kept
    return Result(code, out.text(), err.text())
