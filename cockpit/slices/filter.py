"""The filter language of the alert list: words, `!word` and Alertmanager matchers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cockpit.matchers import Matcher, MatcherError, parse_matcher
from cockpit.model.alert import Alert

_TERM = re.compile(r'(?:[^\s"]|"(?:[^"\\]|\\.)*"?)+')
_LOOKS_LIKE_MATCHER = re.compile(r"^[a-zA-Z_][a-zA-Z0-9_]*(=~|!~|!=|=)")


class FilterError(ValueError):
    """A filter cannot be read; the message says what would do."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions that must all hold."""

    text: str = ""
    """As it was typed."""
    words: tuple[str, ...] = ()
    """Lower case; each must occur."""
    without: tuple[str, ...] = ()
    """Lower case; none may occur."""
    matchers: tuple[Matcher, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether it leaves anything out at all."""
        return bool(self.words or self.without or self.matchers)

    def keeps(self, hay: str, labels: Mapping[str, str]) -> bool:
        """Tell whether something with this searched text and these labels passes."""
        for word in self.words:
            if word not in hay:
                return False
        for word in self.without:
            if word in hay:
                return False
        return all(matcher.matches(labels) for matcher in self.matchers)


class _Verdicts(dict[str | None, bool]):
    """What a matcher says of each value of its label, asked once a value."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher

    def __missing__(self, value: str | None) -> bool:
        found = self[value] = self._matcher.matches({} if value is None else {self._matcher.name: value})
        return found


def passes(wanted: Filter, hays: Sequence[str], labels: Sequence[Mapping[str, str]]) -> list[bool]:
    """Tell of each of many whether it passes a filter, as `keeps` would one by one.

    Args:
        wanted: The filter.
        hays: The searched texts.
        labels: Beside each text its labels; may be empty where the filter has no matchers.
    """
    found = [True] * len(hays)
    for number, word in enumerate(wanted.words):
        if number:
            found = [one and word in hay for one, hay in zip(found, hays, strict=True)]
        else:
            found = [word in hay for hay in hays]
    for word in wanted.without:
        found = [one and word not in hay for one, hay in zip(found, hays, strict=True)]
    for matcher in wanted.matchers:
        said, name = _Verdicts(matcher), matcher.name
        found = [one and said[own.get(name)] for one, own in zip(found, labels, strict=True)]
    return found


NO_FILTER = Filter()
"""Lets everything pass."""


@lru_cache(maxsize=64)
def parse_filter(text: str) -> Filter:
    """Return the filter that a line says, matchers in `{...}` and with commas between them included.

    Raises:
        FilterError: A matcher in it cannot be read.
    """
    words: list[str] = []
    without: list[str] = []
    matchers: list[Matcher] = []
    for raw in _TERM.findall(text.strip().removeprefix("{").removesuffix("}")):
        term = raw.strip(",")
        if _LOOKS_LIKE_MATCHER.match(term):
            try:
                matchers.append(parse_matcher(term))
            except MatcherError as error:
                raise FilterError(str(error)) from error
        elif term.startswith("!") and len(term) > 1:
            without.append(term[1:].strip('"').lower())
        elif term:
            words.append(term.strip('"').lower())
    return Filter(text.strip(), tuple(words), tuple(without), tuple(matchers))


def hay_of(alert: Alert) -> str:
    """Return the lower-case text that words are looked for in: name, service, summary and every label's value."""
    summary = alert.annotations.get("summary", "")
    return "\n".join((alert.name, alert.service, summary, *alert.labels.values())).lower()
