"""Regular expressions that people write: taken where they end in good time and Alertmanager knows them too."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.matchers import MatcherError, make_matcher
from cockpit.patterns import LONGEST, trouble_of


@pytest.mark.parametrize(
    "pattern",
    [
        "crit.*",
        "(prod|stage)-eu-[0-9]+",
        "(?i)payment|checkout",
        r"([a-z]+-)?api",
        r"(\d{1,3}\.){3}\d{1,3}(:\d+)?",
        ".*pay.*|.*order.*",
        "none|info",
        "(?:x{2})*",
        "(?P<zone>eu|us)-.*",
    ],
)
def test_what_people_write_is_taken(pattern: str) -> None:
    """Usual patterns are no trouble."""
    assert trouble_of(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("(a+)+", "within a repeat can take for ever"),
        ("(a|a)*b", "within a repeat can take for ever"),
        ("((a*)b?)+", "within a repeat can take for ever"),
        ("(.*,){20}x", "so many repeats"),
        ("(a{0,9}){0,9}", "so many repeats"),
        ("a?" * 40 + "a" * 40, "so many repeats"),
        (".*" * 6, "so many repeats"),
        (r"(a)\1", "a backreference, which Alertmanager's regular expressions (RE2) do not know"),
        ("(?=x)x", "looking ahead or behind"),
        ("(?<!x)x", "looking ahead or behind"),
        ("(?>a)", "an atomic group"),
        ("a++", "a possessive repeat"),
        ("x" * (LONGEST + 1), "longer than 1,000 characters"),
    ],
)
def test_what_may_not_end_or_is_foreign_is_told(pattern: str, told: str) -> None:
    """What may take for ever here, or says nothing to Alertmanager, is refused with its reason."""
    with pytest.raises(MatcherError, match=re.escape(told)):
        make_matcher("app", "=~", pattern)


pieces = st.recursive(
    st.sampled_from(["a", "b", ".", "[ab]", "ab"]),
    lambda inner: st.one_of(
        st.builds("({}){}".format, inner, st.sampled_from(["*", "+", "?", "{0,3}", "{2}"])),
        st.builds("({}|{})".format, inner, inner),
        st.builds("{}{}".format, inner, inner),
    ),
    max_leaves=8,
)


@given(pieces)
@settings(max_examples=100, deadline=None)
def test_what_is_taken_ends_in_good_time(pattern: str) -> None:
    """A pattern that is taken tells within a second that a long text does not match it."""
    if trouble_of(pattern) is None:
        began = time.process_time()
        re.compile(pattern).fullmatch("ab" * 12 + "a" * 20 + "!")
        assert time.process_time() - began < 1
