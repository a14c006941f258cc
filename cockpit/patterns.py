"""Which regular expressions are taken from people: those that Alertmanager takes too, and that end in good time."""

import math
import re._constants as code  # type: ignore[import-not-found]  # what a pattern is parsed to has no types
import re._parser as parser  # type: ignore[import-not-found]  # as above
from collections.abc import Iterator, Sequence
from typing import Any

LONGEST = 1000
"""Characters of a pattern."""

MOST = 4
"""Repeats without an end that may stand behind one another: each multiplies the time that a long text takes."""

ENDLESS_BITS = 5.0
"""What a repeat without an end counts: it may take so much of a text in as many ways as the text is long."""

FEW = 31
"""A repeat of more than so many is as good as one without an end."""

_FOREIGN = {
    code.GROUPREF: "a backreference",
    code.GROUPREF_EXISTS: "a condition on a group",
    code.ASSERT: "looking ahead or behind",
    code.ASSERT_NOT: "looking ahead or behind",
    code.ATOMIC_GROUP: "an atomic group",
    code.POSSESSIVE_REPEAT: "a possessive repeat",
}
_REPEATS = frozenset({code.MAX_REPEAT, code.MIN_REPEAT})

Part = tuple[Any, Any]
"""An operation and its argument, as the standard library's parser gives them."""


def trouble_of(pattern: str) -> str | None:
    """Return why a regular expression is not taken, with a remedy, or null where it is.

    Raises:
        re.error: It is none.
    """
    if len(pattern) > LONGEST:
        return f"longer than {LONGEST:,} characters; shorten it"
    parts = list(parser.parse(pattern))
    for operation, _ in _all(parts):
        if operation in _FOREIGN:
            return f"it needs {_FOREIGN[operation]}, which Alertmanager's regular expressions (RE2) do not know"
    bits = _bits(parts)
    if bits == math.inf:
        return "a repeat, or a choice, within a repeat can take for ever; write it with only one of them"
    if bits > MOST * ENDLESS_BITS:
        return "so many repeats in a row can take very long; say more exactly what is looked for"
    return None


def _inside(operation: Any, argument: Any) -> list[list[Part]]:
    """Return what stands inside of an operation."""
    if operation in _REPEATS or operation is code.POSSESSIVE_REPEAT:
        return [list(argument[2])]
    if operation is code.SUBPATTERN:
        return [list(argument[3])]
    if operation is code.BRANCH:
        return [list(branch) for branch in argument[1]]
    return []


def _all(parts: Sequence[Part]) -> Iterator[Part]:
    for operation, argument in parts:
        yield operation, argument
        for inside in _inside(operation, argument):
            yield from _all(inside)


def _bits(parts: Sequence[Part]) -> float:
    """Return in how many ways a text may be taken apart by these, as a power of two; infinite where repeats are nested.

    A choice alone counts for nothing: what begins otherwise is left at once.
    """
    found = 0.0
    for operation, argument in parts:
        inside = max((_bits(one) for one in _inside(operation, argument)), default=0.0)
        if operation not in _REPEATS:
            found += inside
            continue
        least, most, repeated = argument
        choices = sum(math.log2(len(one[1])) for kind, one in _all(list(repeated)) if kind is code.BRANCH)
        if most is code.MAXREPEAT or most - least > FEW:
            found += math.inf if inside + choices else ENDLESS_BITS
        else:
            found += math.log2(most - least + 1) + (inside + (choices if most > 1 else 0.0)) * most
    return found
