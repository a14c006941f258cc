"""Nodes composed in one small pass are those that the YAML library composes."""

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from cockpit.topology.composing import DEEPEST, Refused, documents

_SCALARS = st.one_of(
    st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.sampled_from(["~", "on", "<<"])
)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)
_PIECES = st.sampled_from(
    [
        "a",
        "b: ",
        "- ",
        "\n",
        "\n  ",
        "&x ",
        "*x",
        "<<: ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "'",
        '"',
        "!t ",
        "! ",
        "---\n",
        "# c",
        "1",
        "~",
        ": ",
    ]
)


def _told(node: Node, depth: int = 0) -> object:
    """Return everything that a reader looks at in a node."""
    assert depth < 100
    place = node.start_mark.line, node.start_mark.column
    if isinstance(node, ScalarNode):
        return node.tag, place, node.value
    if isinstance(node, SequenceNode):
        return node.tag, place, [_told(one, depth + 1) for one in node.value]
    assert isinstance(node, MappingNode)
    return node.tag, place, [(_told(key, depth + 1), _told(value, depth + 1)) for key, value in node.value]


def _both(text: str) -> None:
    """Hold our nodes, or our refusal, to the library's."""
    try:
        expected = [_told(one) for one in yaml.compose_all(text, Loader=yaml.CSafeLoader)]
    except yaml.MarkedYAMLError as error:
        with pytest.raises((yaml.MarkedYAMLError, Refused)) as raised:
            documents(text)
        if isinstance(raised.value, yaml.MarkedYAMLError):
            assert raised.value.problem == error.problem
            assert (raised.value.problem_mark is None) == (error.problem_mark is None)
            if error.problem_mark is not None and raised.value.problem_mark is not None:
                assert raised.value.problem_mark.line == error.problem_mark.line
        return
    except RecursionError:
        with pytest.raises(Refused):
            documents(text)
        return
    assert [_told(one) for one in documents(text)] == expected


@settings(max_examples=100, deadline=None)
@given(_VALUES, st.booleans())
def test_what_is_written_is_composed_alike(value: object, flow: bool) -> None:
    """Any value that the library writes has the same nodes, tags and places."""
    _both(yaml.safe_dump([value, value], default_flow_style=flow, allow_unicode=True))


@settings(max_examples=200, deadline=None)
@given(st.lists(_PIECES, max_size=14).map("".join))
@example("a: &x [1, 2]\nb: *x\n")
@example("&x a: 1\n---\nb: *x\n")
@example("[&x a, &x b]")
@example("a: &x {b: *x}")
def test_any_text_is_composed_or_refused_alike(text: str) -> None:
    """Any text has the same nodes or the same error at the same line; only what would hurt is refused beyond that."""
    if "&x" in text and "*x" in text:
        try:
            documents(text)
        except Refused as refused:
            assert "inside its own anchor" in refused.message
            return
        except yaml.MarkedYAMLError:
            pass
    _both(text)


def test_one_document_is_asked_for() -> None:
    """A second document is an error where one is wanted."""
    assert len(documents("a: 1\n---\nb: 2\n")) == 2
    with pytest.raises(yaml.MarkedYAMLError, match="single document"):
        documents("a: 1\n---\nb: 2\n", single=True)
    assert documents("") == []


def test_what_would_hurt_is_refused_at_its_place() -> None:
    """Deep nesting and aliases that multiply are refused where they do."""
    with pytest.raises(Refused, match="nested deeper"):
        documents("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1))
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 9)
    )
    with pytest.raises(Refused, match="once aliases are written out") as refused:
        documents(bomb)
    assert refused.value.mark is not None
    assert refused.value.mark.line == 6


def test_equal_texts_are_kept_once() -> None:
    """A name that stands in a document many times is one text in memory."""
    found = documents("[payment-service, x, payment-service]")[0].value
    assert found[0].value is found[2].value
