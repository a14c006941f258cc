"""Matchers are read, asked and written as Alertmanager does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.matchers import MatcherError, all_match, make_matcher, parse_matcher


@pytest.mark.parametrize(
    ("text", "name", "operator", "value"),
    [
        ('severity="critical"', "severity", "=", "critical"),
        ("severity=critical", "severity", "=", "critical"),
        ('severity=~"crit.*"', "severity", "=~", "crit.*"),
        ('severity!="a"', "severity", "!=", "a"),
        (' a !~ "x|y" ', "a", "!~", "x|y"),
        ('a=""', "a", "=", ""),
        ("a=", "a", "=", ""),
        (r'a="say \"hi\" \\ \n"', "a", "=", 'say "hi" \\ \n'),
        ('a="x=~y"', "a", "=", "x=~y"),
        ('a="b,c"', "a", "=", "b,c"),
    ],
)
def test_parse(text: str, name: str, operator: str, value: str) -> None:
    """The forms of Alertmanager are read."""
    matcher = parse_matcher(text)
    assert (matcher.name, matcher.operator, matcher.value) == (name, operator, value)


@pytest.mark.parametrize("text", ["", "a", "=x", '"a"="b"', "a==b c", 'a=~"("', "1a=b", 'a="b" c="d"', 'a="b'])
def test_no_matcher(text: str) -> None:
    """What is none is an error that says what would be."""
    with pytest.raises(MatcherError):
        parse_matcher(text)


@pytest.mark.parametrize(
    ("text", "labels", "holds"),
    [
        ('a="b"', {"a": "b"}, True),
        ('a="b"', {"a": "bb"}, False),
        ('a=""', {}, True),
        ('a!=""', {}, False),
        ('a!="b"', {}, True),
        ('a=~"b.*"', {"a": "bcd"}, True),
        ('a=~"b"', {"a": "ab"}, False),
        ('a=~"|b"', {}, True),
        ('a!~"b.+"', {"a": "b"}, True),
        ('a=~"b|c"', {"a": "c"}, True),
    ],
)
def test_matches(text: str, labels: dict[str, str], holds: bool) -> None:
    """Regexes are anchored, and a label that is not there counts as empty."""
    assert parse_matcher(text).matches(labels) is holds


def test_all_must_hold() -> None:
    """Every matcher must hold; none at all holds."""
    both = (parse_matcher("a=b"), parse_matcher("c!=d"))
    assert all_match(both, {"a": "b"})
    assert not all_match(both, {"a": "b", "c": "d"})
    assert all_match((), {})


_names = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,10}", fullmatch=True)


@settings(max_examples=100, deadline=None)
@given(_names, st.sampled_from(["=", "!="]), st.text(max_size=30))
def test_written_ones_are_read_again(name: str, operator: str, value: str) -> None:
    """A matcher written as text is the same matcher when it is read."""
    matcher = make_matcher(name, operator, value)
    assert parse_matcher(str(matcher)) == matcher


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30), st.dictionaries(_names, st.text(max_size=10), max_size=3))
def test_a_matcher_and_its_opposite(value: str, labels: dict[str, str]) -> None:
    """Of `=` and `!=` with the same value exactly one holds."""
    assert make_matcher("a", "=", value).matches(labels) != make_matcher("a", "!=", value).matches(labels)
