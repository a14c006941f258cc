"""Mermaid flowcharts."""

import pytest

from tests.unit.topology.importing.importers import hop, imported, map_from, refusal
from tests.unit.topology.rich_maps import hops

_SHOP = """\
---
title: "Shop"
---
%%{init: {"theme": "dark"}}%%
flowchart LR
    %% the front
    subgraph team-web[Team Web]
        direction TB
        ui([Storefront]):::front --> gateway
    end
    subgraph backend
        gateway -->|https| pay[Payment service<br/>Go, port 8080] & auth["Auth #quot;login#quot;"]
        pay -- authorise a card --> bank{{Card gateway}}
        pay ==> orders[(Orders DB)]; auth -.-> orders
        auth <--> sso
    end
    pay --o mail
    sso --- note1[A note]
    pay e1@--> stock@{ shape: cyl, label: "Stock" }
    backend --> ui
    classDef front fill:#f96,stroke:#333
    class ui,pay front
    style pay fill:#bbf
    linkStyle 0 stroke:#ff3
    click ui "https://example.com" _blank
"""


def test_flowchart() -> None:
    """Shapes, chains, groups, labels and comments: every arrow is a call, and nothing else is."""
    found = imported("shop.mmd", _SHOP)
    source = found.map
    assert source.name == "Shop"
    assert hops(source) == {
        ("ui", "gateway"),
        ("gateway", "pay"),
        ("gateway", "auth"),
        ("pay", "bank"),
        ("pay", "orders"),
        ("auth", "orders"),
        ("auth", "sso"),
        ("sso", "auth"),
        ("pay", "mail"),
        ("pay", "stock"),
    }
    assert hop(source, "gateway", "pay").protocol == "https"
    assert hop(source, "pay", "bank").name == "authorise a card"
    assert source.services["pay"].aliases == ("Payment service",)
    assert source.services["auth"].aliases == ('Auth "login"',)
    assert source.services["ui"].aliases == ("Storefront",)
    assert {name for name, one in source.services.items() if one.kind == "database"} == {"orders", "stock"}
    assert hop(source, "ui", "gateway").sources == ("shop.mmd",)


def test_only_teams_own() -> None:
    """A subgraph that is called a team owns what stands in it; another one does not, and that is told."""
    found = imported("shop.mmd", _SHOP)
    assert {name for name, one in found.map.services.items() if one.team == "Team Web"} == {"ui", "gateway"}
    assert any("backend" in note and "own nothing" in note for note in found.notes)
    assert any("whole subgraph backend" in note for note in found.notes)
    assert any("arrowhead" in note for note in found.notes)


def test_handles_are_no_names() -> None:
    """`A` and `node1` are handles: the label is the name; a label of one word is one too."""
    source = map_from(
        "-", "graph TD\nA[Payment] --> node1(Order service)\nsvc --> db[order-db]; A---->|x|db\nB --> A\n"
    )
    assert hops(source) == {
        ("Payment", "Order service"),
        ("svc", "order-db"),
        ("Payment", "order-db"),
        ("B", "Payment"),
    }


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a-b --> c_d", {("a-b", "c_d")}),
        ("alpha-->beta-->gamma", {("alpha", "beta"), ("beta", "gamma")}),
        ("alpha & beta --> gamma & delta", {(x, y) for x in ("alpha", "beta") for y in ("gamma", "delta")}),
        ("alpha --text with spaces--> beta", {("alpha", "beta")}),
        ("alpha == thick ==> beta", {("alpha", "beta")}),
        ("alpha -. dotted .-> beta", {("alpha", "beta")}),
        ("alpha --x beta", {("alpha", "beta")}),
        ("alpha x--x beta", {("alpha", "beta"), ("beta", "alpha")}),
        ("alpha ~~~ beta", set()),
        ("alpha --> alpha", {("alpha", "alpha")}),
        ("zahlung[Zahlung --> Bank] --> beta", {("zahlung", "beta")}),
        ('alpha["x ] y; --> z"] --> beta', {("alpha", "beta")}),
        ("alpha>Flag] --> beta", {("alpha", "beta")}),
        ("alpha[/Lean/] --> beta[\\Lean\\]", {("alpha", "beta")}),
        ("alpha(((X Y))) --> beta((Y))", {("alpha", "beta")}),
        ("alpha -->|a: b| beta %% comment --> gamma", {("alpha", "beta")}),
        ("名前 --> サービス", {("名前", "サービス")}),
        ("click --> beta", {("click", "beta")}),
        ("alpha:::style --> beta", {("alpha", "beta")}),
    ],
)
def test_lines(line: str, expected: set[tuple[str, str]]) -> None:
    """One line, and the calls that it says."""
    assert hops(map_from("-", f"flowchart LR\n  {line}\n")) == expected


def test_chart_within_a_document() -> None:
    """The first flowchart between fences is meant, and errors name the document's line."""
    text = "# Shop\n\nWords.\n\n```mermaid\nflowchart LR\n  ui --> pay\n  ui --> [\n```\n"
    assert hops(map_from("README.md", text.replace("  ui --> [\n", ""))) == {("ui", "pay")}
    assert refusal("README.md", text).line == 8


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("sequenceDiagram\n  A->>B: hi\n", 1, "is a sequenceDiagram, and no flowchart"),
        ("flowchart LR\n  alpha -->\n", 3, "there should be a box here"),
        ("flowchart LR\n\n  alpha[Label --> beta\n", 3, "a box is not closed"),
        ("flowchart LR\n  alpha -- text\n  beta --> gamma\n", 2, "does not end"),
        ("flowchart LR\n  subgraph x\n  alpha\n", 2, "has no `end`"),
        ("flowchart LR\n  alpha --> beta\n  end\n", 3, "without a subgraph"),
        ("flowchart LR\n  alpha beta\n", 2, "should be an arrow"),
        ("flowchart LR\n", 1, "no boxes"),
        ("flowchart LR\n" + "subgraph x\n" * 40, 34, "nested deeper"),
        (
            "flowchart LR\n"
            + " & ".join(f"a{n}x" for n in range(1000))
            + " --> "
            + " & ".join(f"b{n}x" for n in range(1000)),
            2,
            "more than",
        ),
        ("hello", 1, "is no flowchart"),
    ],
)
def test_malformed_charts_name_the_line(text: str, line: int, says: str) -> None:
    """What is wrong is told with its line and a remedy."""
    error = refusal("chart.mmd", text)
    assert says in error.what
    assert error.line == line
    assert error.remedy


def test_a_subgraph_that_says_whose_it_is_owns_and_is_not_complained_of() -> None:
    """`team: payments`, as an export writes it, owns what stands in it, and nothing else is said."""
    found = imported("shop.mmd", 'flowchart LR\n  subgraph team_0["team: payments"]\n    pay --> bank\n  end\n')
    assert {one.team for one in found.map.services.values()} == {"payments"}
    assert not any("own nothing" in note for note in found.notes)
