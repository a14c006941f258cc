"""The filter language of the deploy feed: words, `!word`, and `team:`, `kind:`, `system:`, `service:`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

FIELDS = ("team", "kind", "system", "service")
"""What a word may be asked of."""

_NAMES = {**{name: name for name in FIELDS}, "owner": "team", "systems": "system", "by": "system"}
NOBODY = "no owner"
"""How the team of a change without one is called."""
_NOBODY = frozenset({"none", "nobody", "no"})


@dataclass(frozen=True, slots=True)
class FeedFilter:
    """Conditions that must all hold."""

    text: str = ""
    """As it was typed."""
    words: tuple[str, ...] = ()
    """Lower case; each must occur."""
    without: tuple[str, ...] = ()
    """Lower case; none may occur."""
    fields: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """By field: lower-case parts, one of which must occur in it."""

    def __bool__(self) -> bool:
        """Tell whether it leaves anything out at all."""
        return bool(self.words or self.without or self.fields)


NO_FEED_FILTER = FeedFilter()
"""Lets everything pass."""


@lru_cache(maxsize=64)
def parse(text: str) -> FeedFilter:
    """Return the filter that a line says; what names no field is a word, for versions and links hold colons too."""
    words: list[str] = []
    without: list[str] = []
    fields: dict[str, list[str]] = {}
    for term in text.lower().split():
        name, colon, value = term.partition(":")
        if colon and name in _NAMES:
            if value:
                wanted = NOBODY if _NAMES[name] == "team" and value in _NOBODY else value
                fields.setdefault(_NAMES[name], []).append(wanted)
        elif term.startswith("!") and len(term) > 1:
            without.append(term[1:])
        else:
            words.append(term)
    asked = tuple((name, tuple(values)) for name, values in fields.items())
    return FeedFilter(text.strip(), tuple(words), tuple(without), asked)


def passing(wanted: FeedFilter, hays: Sequence[str], columns: Mapping[str, Sequence[str]], count: int) -> Sequence[int]:
    """Return which of the first so many rows pass.

    Args:
        wanted: The filter.
        hays: The searched texts, lower case.
        columns: By field the values, lower case.
        count: How many rows there are to choose from.
    """
    found: Sequence[int] = range(count)
    for name, parts in wanted.fields:
        column = columns[name]
        fitting = {value for value in set(column) if any(part in value for part in parts)}
        found = [place for place in found if column[place] in fitting]
    for word in wanted.words:
        found = [place for place in found if word in hays[place]]
    for word in wanted.without:
        found = [place for place in found if word not in hays[place]]
    return found
