"""The filter language."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.slices.filter import Filter, FilterError, hay_of, parse_filter, passes
from tests.unit.slices.boards import alert


def _keeps(text: str, cluster: str = "", team: str = "") -> bool:
    one = alert(1, name="PaymentErrorsHigh", service="payment", cluster=cluster, team=team)
    return parse_filter(text).keeps(hay_of(one), one.labels)


def test_words_are_looked_for_without_case_in_name_service_summary_and_labels() -> None:
    """Every word must occur somewhere."""
    assert _keeps("paymenterr SUMMARY")
    assert _keeps("i-1")
    assert not _keeps("payment nowhere")


def test_a_word_with_an_exclamation_mark_must_not_occur() -> None:
    """`!word` leaves out what holds the word."""
    assert not _keeps("!payment")
    assert _keeps("!checkout payment")


def test_matchers_are_alertmanagers_own_and_may_stand_in_braces() -> None:
    """A filter pasted from amtool or Alertmanager's page works."""
    assert _keeps('cluster="eu-1" severity=~"warn.*"', cluster="eu-1")
    assert _keeps('{cluster="eu-1", severity!="critical"}', cluster="eu-1")
    assert not _keeps('severity=~"warn"')
    assert _keeps('team="a b"', team="a b")


def test_a_broken_matcher_says_what_is_wrong() -> None:
    """A regular expression that is none is an error with the matcher in it."""
    with pytest.raises(FilterError, match="severity"):
        parse_filter('severity=~"("')


def test_no_text_is_no_filter() -> None:
    """Blank lines let everything pass."""
    assert not parse_filter("  ")
    assert parse_filter("").keeps("", {})


@given(st.text(max_size=80))
@settings(max_examples=100, deadline=None)
def test_any_line_is_a_filter_or_a_clear_error(text: str) -> None:
    """Nothing that can be typed crashes the filter."""
    try:
        assert isinstance(parse_filter(text), Filter)
    except FilterError as error:
        assert str(error)


_HAYS = ["payment errors", "payment", "checkout slow", ""]
_LABELS: list[dict[str, str]] = [{"team": "a", "env": "prod"}, {"team": ""}, {}, {"team": "b"}]


@given(
    st.lists(
        st.sampled_from(
            ["pay", "errors", "!slow", "!payment", 'team="a"', 'team!="a"', 'team=~"a|b"', 'env!~"p.*"', 'team=""']
        )
    )
)
@settings(max_examples=100, deadline=None)
def test_many_pass_as_each_one_would_by_itself(terms: list[str]) -> None:
    """What is told of a whole list is what is told of each of it."""
    wanted = parse_filter(" ".join(terms))
    assert passes(wanted, _HAYS, _LABELS) == [wanted.keeps(hay, own) for hay, own in zip(_HAYS, _LABELS, strict=True)]


def test_a_pattern_that_may_not_end_is_no_filter() -> None:
    """A filter whose pattern could take for ever is refused while it is typed, with the reason."""
    with pytest.raises(FilterError, match="can take for ever"):
        parse_filter('app=~"(a+)+"')
