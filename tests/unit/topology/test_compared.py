"""A map held against the calls that were observed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.topology.compared import Looked, compare
from cockpit.topology.nodes import compose
from cockpit.topology.parts import Parts, read_parts
from cockpit.topology.reader import Reader

_TEXT = """\
map: shop
services:
  a: {team: t, calls: [b, c]}
  b:
    team: t
    calls:
      - {to: c, protocol: grpc}
  c: {team: t}
  d: {team: t, calls: [e]}
  e: {team: t}
teams: {t: {}}
"""


def parts(text: str = _TEXT) -> Parts:
    """Return the parts of a map."""
    root, _ = compose(text, "shop.yaml")
    assert root is not None
    return read_parts(root, Reader("shop.yaml"))


def looked(*pairs: tuple[str, str]) -> Looked:
    """Return what was looked at: these calls were seen."""
    return Looked(dict.fromkeys(pairs, "1/s"), "then to now", "prom", {name for pair in pairs for name in pair})


def test_nothing_seen_says_nothing() -> None:
    """Who sees no call at all cannot say that one is missing."""
    assert compare(parts(), "shop.yaml", looked()) == ()


def test_each_finding_stands_at_its_line() -> None:
    """A call that nobody makes at the call, one that is not declared at its caller, with what to do."""
    never, other, undeclared, new = compare(parts(), "shop.yaml", looked(("a", "b"), ("c", "a"), ("x", "y")))
    assert (never.rule, never.line, never.message) == (
        "never-observed",
        3,
        "a calls c, and prom saw no such call from then to now",
    )
    assert (other.line, other.column, other.severity) == (7, 14, "warning")
    assert (undeclared.rule, undeclared.line, undeclared.remedy) == ("not-declared", 8, "add a to the calls of c")
    assert (new.line, new.remedy) == (
        1,
        "add x and y under services, or as an alias of a service, and y to the calls of x",
    )


def test_what_nobody_could_see_is_not_held_against_the_map() -> None:
    """Two services without any traffic that is observed may well call each other."""
    found = compare(parts(), "shop.yaml", looked(("a", "b"), ("a", "c"), ("b", "c")))
    assert found == ()


_PAIRS = st.tuples(st.sampled_from("abcdexy"), st.sampled_from("abcdexy"))


@settings(max_examples=100, deadline=None)
@given(st.lists(_PAIRS, max_size=8))
def test_every_call_is_told_once_or_agrees(pairs: list[tuple[str, str]]) -> None:
    """What is seen and declared is never told; what is only one of both is told once at most, and only as a warning."""
    declared = {("a", "b"), ("a", "c"), ("b", "c"), ("d", "e")}
    found = compare(parts(), "shop.yaml", looked(*pairs))
    assert all(not one.fatal for one in found)
    assert sum(one.rule == "not-declared" for one in found) == len(set(pairs) - declared)
    assert sum(one.rule == "never-observed" for one in found) <= len(declared - set(pairs))
    assert len({str(one) for one in found}) == len(found)
