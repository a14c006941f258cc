"""Names cut to their cells, so that none can be taken for another one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.text import width
from cockpit.topology.paint.shorten import shorten


def test_a_name_that_fits_is_not_cut() -> None:
    """A name stays whole where it has the cells."""
    assert shorten([("payment", 7)]) == {("payment", 7): "payment"}


def test_the_beginning_is_kept_where_that_is_enough() -> None:
    """A cut name keeps its beginning."""
    assert shorten([("payment-service", 8), ("ui", 8)])["payment-service", 8] == "payment…"


def test_names_that_begin_alike_keep_their_ends() -> None:
    """Where beginnings are alike the ends are kept."""
    texts = shorten([("payment-service-eu", 9), ("payment-service-us", 9)])
    assert list(texts.values()) == ["paym…e-eu", "paym…e-us"]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.text(alphabet="ab-", min_size=1, max_size=12), st.text("名a", min_size=1)), st.integers(3, 9)
        ),
        max_size=12,
    )
)
def test_different_names_never_read_the_same(places: list[tuple[str, int]]) -> None:
    """Every name keeps to its cells, and two names never have one text."""
    texts = shorten(places)
    assert set(texts) == set(places)
    assert all(width(text) <= place[1] for place, text in texts.items())
    owners: dict[str, str] = {}
    for (name, _), text in texts.items():
        assert owners.setdefault(text, name) == name
