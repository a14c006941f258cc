"""Alertmanager matchers: read from text, asked of labels, and written back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cockpit.patterns import trouble_of

_MATCHER = re.compile(r'^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",{}]*))\s*$')
_ESCAPE = re.compile(r"\\(.)")
_SHOWN = 200
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


class MatcherError(ValueError):
    """A text is no matcher; the message says what would be."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label, regexes anchored as Alertmanager anchors them."""

    name: str
    """The label."""
    operator: str
    """`=`, `!=`, `=~` or `!~`."""
    value: str
    """What it is compared with."""
    _regex: re.Pattern[str] | None = field(default=None, compare=False, repr=False)

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Tell whether the labels satisfy it; a label that is not there counts as empty."""
        actual = labels.get(self.name, "")
        if self._regex is None:
            return (actual == self.value) == (self.operator == "=")
        return (self._regex.fullmatch(actual) is not None) == (self.operator == "=~")

    def __str__(self) -> str:
        value = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.name}{self.operator}"{value}"'


def make_matcher(name: str, operator: str, value: str) -> Matcher:
    """Return a matcher.

    Raises:
        MatcherError: The regular expression is none.
    """
    if operator in {"=", "!="}:
        return Matcher(name, operator, value)
    told = f"{name}{operator}{value!r}" if len(value) <= _SHOWN else f"{name}{operator}"
    try:
        reason = trouble_of(value)
        if reason is None:
            return Matcher(name, operator, value, re.compile(value))
    except (re.error, RecursionError, OverflowError) as error:
        raise MatcherError(f"{told} is no regular expression: {error}") from error
    raise MatcherError(f"{told}: {reason}")


def parse_matcher(text: str) -> Matcher:
    """Return the matcher that a text such as `severity=~"crit.*"` says; quotes may be left out.

    Raises:
        MatcherError: The text says none.
    """
    match = _MATCHER.match(text)
    if match is None:
        raise MatcherError(f'{text!r} is no matcher; write one such as severity="critical" or app=~"pay.*"')
    name, operator, quoted, bare = match.groups()
    value = bare if quoted is None else _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[0]), quoted)
    return make_matcher(name, operator, value)


def all_match(matchers: tuple[Matcher, ...], labels: Mapping[str, str]) -> bool:
    """Tell whether every matcher holds; none at all holds."""
    return all(matcher.matches(labels) for matcher in matchers)
