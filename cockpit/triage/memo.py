"""What was worked out for a board, kept while the parts it was made from are the same objects."""

from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

_Sources = ParamSpec("_Sources")
_Made = TypeVar("_Made")


class Memo(Generic[_Sources, _Made]):
    """A pure function of large immutable values that remembers its last results by identity of its arguments.

    Args:
        make: The function; its arguments are given by position and never change.
        kept: How many results are remembered: two, for the board that is shown and the one that comes.
    """

    def __init__(self, make: Callable[_Sources, _Made], kept: int = 2) -> None:
        self._make = make
        self._kept = kept
        self._known: tuple[tuple[tuple[object, ...], _Made], ...] = ()

    def __call__(self, *sources: _Sources.args, **named: _Sources.kwargs) -> _Made:
        """Return the result, made now or remembered; safe from several threads, which may both make it."""
        for known, made in self._known:
            if all(one is other for one, other in zip(known, sources, strict=True)):
                return made
        made = self._make(*sources, **named)
        self._known = ((sources, made), *self._known[: self._kept - 1])
        return made
