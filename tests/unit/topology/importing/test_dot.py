"""Graphviz' DOT."""

import pytest

from tests.unit.topology.importing.importers import hop, imported, map_from, refusal
from tests.unit.topology.rich_maps import hops

_SHOP = """\
// a comment
# a line of the preprocessor
strict digraph "My shop" {
  graph [rankdir=LR, fontname="Helvetica"];
  node [shape=box, style=filled];
  edge [color="#888888"]
  label = "Shop"
  /* the front -> nothing */
  subgraph cluster_web {
    label = "team-web";
    ui [label="Storefront"];
    "api-gateway":north:ne;
  }
  subgraph cluster_1 { label=<<b>Backend</b>>; pay; auth }
  ui -> "api-gateway" -> {pay auth} [label="https: call"];
  pay:out -> orders:in:n [dir=both];
  orders [shape=cylinder, label=<Orders<br/>database>];
  pay -> mail [dir=back]
  pay -> log [dir=none]
  pay -> hidden [style=invis]
  auth -> "long " + "name";
  s1 [label="session\\ncache"] auth -> s1
}
"""


def test_digraph() -> None:
    """Chains, groups, ports, quotes, HTML labels, directions and comments."""
    found = imported("shop.gv", _SHOP)
    source = found.map
    assert source.name == "My shop"
    assert hops(source) == {
        ("ui", "api-gateway"),
        ("api-gateway", "pay"),
        ("api-gateway", "auth"),
        ("pay", "orders"),
        ("orders", "pay"),
        ("mail", "pay"),
        ("auth", "long name"),
        ("auth", "session"),
    }
    told = hop(source, "ui", "api-gateway")
    assert (told.protocol, told.name, told.sources) == ("https", "call", ("shop.gv",))
    assert source.services["orders"].kind == "database"
    assert source.services["ui"].aliases == ("Storefront",)
    assert {name for name, one in source.services.items() if one.team == "team-web"} == {"ui", "api-gateway"}
    assert any("Backend" in note for note in found.notes)
    assert any("arrowhead" in note for note in found.notes)


def test_one_line() -> None:
    """The shortest digraph is enough, nested groups too."""
    assert hops(map_from("-", "digraph{a->b;c->{d;{e f}}}")) == {("a", "b"), ("c", "d"), ("c", "e"), ("c", "f")}
    assert hops(map_from("-", "DiGraph G { subgraph x { aa bb } -> cc }")) == {("aa", "cc"), ("bb", "cc")}


def test_only_the_first_graph_is_read() -> None:
    """A file may hold several graphs; which one was read is told."""
    found = imported("-", "digraph { a -> b } digraph { c -> d }")
    assert hops(found.map) == {("a", "b")}
    assert "first graph" in found.notes[0]


def test_numbers_and_keywords_are_names_in_quotes() -> None:
    """Numerals are names, and a quoted word of the language is one."""
    assert hops(map_from("-", 'digraph { "node" -> 1.5 -> -2 }')) == {("node", "1.5"), ("1.5", "-2")}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("graph shop {\n a -- b\n}", 1, "undirected graph"),
        ("digraph shop {\n a -- b\n}", 2, "`--` does not say who calls whom"),
        ("digraph {\n a -> \n}", 3, "there should be a name here, not `}`"),
        ("digraph {\n a -> b\n", 1, "has no `}`"),
        ('digraph {\n "a -> b\n}', 2, "a quote is not closed"),
        ("digraph {\n a [label=<<b>c];\n}", 2, "HTML label is not closed"),
        ("digraph {\n a ? b\n}", 2, "`?` is not allowed here"),
        ("digraph {\n a [label]]\n}", 2, "there should be a name here, not `]`"),
        ("digraph {\n /* a -> b\n}", 2, "comment is not closed"),
        ("digraph {\n a -> b = c\n}", 2, "an edge leads to a node"),
        ("digraph {\n a -> b\n}\n}", 4, "behind the end"),
        ("digraph {}", 1, "no nodes"),
        ("digraph " + "{ subgraph " * 50, 1, "nested deeper"),
        (
            "digraph {{"
            + " ".join(f"a{n}" for n in range(1000))
            + "} -> {"
            + " ".join(f"b{n}" for n in range(1000))
            + "}}",
            1,
            "more than",
        ),
        ("digraph { " + '"' + "x" * 300 + '" }', 1, "empty or too long"),
    ],
)
def test_malformed_graphs_name_the_line(text: str, line: int, says: str) -> None:
    """What is wrong is told with its line and a remedy; an undirected graph is told as such."""
    error = refusal("shop.dot", text)
    assert says in error.what
    assert error.line == line
    assert error.remedy
