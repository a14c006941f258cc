"""What is wrong with a map, where, and what an engineer can do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

ERROR = "error"
"""A severity: the map says something that cannot be so, or that nobody can act on."""

WARNING = "warning"
"""A severity: worth a look, and perhaps meant."""

RULES = (
    "unknown-service",
    "unknown-team",
    "duplicate",
    "no-owner",
    "unreachable",
    "bad-query",
    "bad-yaml",
    "unknown-key",
    "ambiguous-name",
    "cycle",
    "never-observed",
    "not-declared",
)
"""Every rule that a map is checked against; the last three are warnings, and the last two need somebody who saw calls."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding in a map."""

    file: str
    """As it was given: a path, or the name of what the text came from."""
    line: int
    """From 1."""
    column: int
    """From 1."""
    severity: str
    """error or warning."""
    rule: str
    """One of `RULES`."""
    message: str
    """What is wrong, and where in the document's own terms."""
    remedy: str
    """What to do about it."""

    @property
    def fatal(self) -> bool:
        """Whether it is an error."""
        return self.severity == ERROR

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.severity}: {self.message} [{self.rule}]; {self.remedy}"


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems by place, each once."""
    return tuple(sorted(set(problems), key=lambda one: (one.line, one.column, one.rule, one.message)))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that looks most like this one, however little; null only where none is known."""
    words = list(known)
    by_lower = {one.lower(): one for one in reversed(words)}
    found = get_close_matches(word.lower()[:100], list(by_lower), n=1, cutoff=0.0)
    return by_lower[found[0]] if found else None


def close(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that this one was probably meant to be, or null."""
    by_lower = {one.lower(): one for one in known}
    found = get_close_matches(word.lower()[:100], list(by_lower), n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None
