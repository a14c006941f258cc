"""Which format a file has, and files of any kind that are none."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.text import clean
from cockpit.topology.exporting import as_json
from cockpit.topology.importing.document import File, Unreadable
from cockpit.topology.importing.formats import FORMATS, detect, format_named, import_file
from tests.unit.topology.importing.importers import refusal
from tests.unit.topology.importing.test_answers import _BOOKINFO_EDGES, _BOOKINFO_NODES, JAEGER, _graph, _kiali, _vector
from tests.unit.topology.importing.test_backstage import CATALOGUE
from tests.unit.topology.importing.test_compose import BOUTIQUE
from tests.unit.topology.importing.test_dot import _SHOP as DOT
from tests.unit.topology.importing.test_mermaid import _SHOP as MERMAID
from tests.unit.topology.maps import GOOD

SAMPLES = {
    "jaeger": json.dumps(JAEGER, indent=1),
    "kiali": _kiali(_BOOKINFO_NODES, _BOOKINFO_EDGES),
    "prometheus": _vector(_graph("a", "b"), _graph("user", "a", "virtual_node")),
    "backstage": CATALOGUE,
    "compose": BOUTIQUE,
    "cockpit": GOOD,
    "node-link": '{"nodes": [{"id": "a"}, {"id": "b"}],\n"links": [{"source": "a", "target": "b"}]}',
    "mermaid": MERMAID,
    "dot": DOT,
}
"""A file of each format."""


def test_there_is_a_sample_of_every_format() -> None:
    """No format goes without."""
    assert SAMPLES.keys() == {one.name for one in FORMATS}


@pytest.mark.parametrize("form", SAMPLES)
def test_format_is_found_out_by_what_a_file_holds(form: str) -> None:
    """Without any name, each is taken for what it is; named or not, the map is the same."""
    assert detect(File("standard input", SAMPLES[form])).name == form
    assert import_file("x", SAMPLES[form], form).map == import_file("x", SAMPLES[form]).map


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("docker-compose.prod.yml", "compose"),
        ("compose.yaml", "compose"),
        ("catalog-info.yaml", "backstage"),
        ("shop.mmd", "mermaid"),
        ("shop.gv", "dot"),
        ("shop.dot", "dot"),
    ],
)
def test_a_broken_file_is_what_its_name_says(name: str, form: str) -> None:
    """The error is about the format that was meant, and says that it was a guess."""
    error = refusal(f"/srv/{name}", "a: [\n")
    says = next(one.says for one in FORMATS if one.name == form)
    assert f"it was read as {says}; --format names another one" in error.remedy
    assert error.file == f"/srv/{name}"


def test_broken_yaml_without_a_name_names_its_line() -> None:
    """What has the keys of a known format is told where it is broken."""
    error = refusal("standard input", "services:\n  web: {image: [x}\n")
    assert (error.line, "no YAML" in error.what) == (2, True)


def test_other_words_for_formats() -> None:
    """People call them differently."""
    for word, form in (
        ("docker-compose", "compose"),
        ("Graphviz", "dot"),
        ("networkx", "node-link"),
        ("istio", "prometheus"),
    ):
        found = format_named(word)
        assert found is not None
        assert found.name == form
    assert format_named("visio") is None


def test_what_is_none_says_what_was_tried() -> None:
    """Nobody has to guess which formats there are."""
    error = refusal("notes.txt", "Remember: the milk\n")
    for one in FORMATS:
        assert one.name in error.what
    assert "--format" in error.remedy


def _read(text: str, form: str | None) -> None:
    """Read a text; it is either a map of clean names, or refused with a line that it has."""
    try:
        found = import_file("some/file", text, form)
    except Unreadable as error:
        assert 1 <= error.line <= text.count("\n") + 2
        assert error.what
        assert error.remedy
        return
    assert found.map.services
    document = json.dumps(as_json(found.map), ensure_ascii=False)
    assert clean(document, len(document)) == document


@given(st.text(max_size=80), st.sampled_from([None, *SAMPLES]))
@settings(max_examples=100, deadline=None)
def test_any_text_is_read_or_refused(text: str, form: str | None) -> None:
    """No text does any harm, whatever it is taken for."""
    _read(text, form)


@given(
    st.sampled_from(list(SAMPLES)),
    st.lists(
        st.tuples(
            st.floats(0, 1),
            st.integers(0, 6),
            st.one_of(
                st.text(max_size=4), st.sampled_from([*"{}[]\"'<>&*:,-\n#|", "null", "\x1b[2J", "\u202e", "{[", "-->"])
            ),
        ),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_damaged_files_are_read_or_refused(form: str, damage: list[tuple[float, int, str]], named: bool) -> None:
    """A file with pieces cut out and others put in is read as far as it makes sense, or refused with a line."""
    text = SAMPLES[form]
    for share, cut, put in damage:
        place = int(share * len(text))
        text = text[:place] + put + text[place + cut :]
    _read(text, form if named else None)


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["data", "nodes", "links", "elements", "edges", "id", "source", "target", "result", "resultType", "metric",
                 "value", "parent", "child", "services", "hops", "map", "name", "status", "client", "server", "errors"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)  # fmt: skip


@given(_JSON, st.sampled_from([None, "jaeger", "kiali", "prometheus", "node-link", "cockpit", "compose", "backstage"]))
@settings(max_examples=100, deadline=None)
def test_any_document_is_read_or_refused(document: object, form: str | None) -> None:
    """Values of the wrong kind in the right places are refused, not followed."""
    _read(json.dumps(document), form)


def test_large_files_are_quick() -> None:
    """Five thousand services and ten thousand hops are read in a few seconds, a hostile header in no time."""
    begin = time.perf_counter()
    pairs = [(f"service-{n}", f"service-{(n * step + 1) % 5000}") for n in range(5000) for step in (2, 3)]
    for name, text in (
        ("x.dot", "digraph {" + "".join(f'"{a}" -> "{b}";\n' for a, b in pairs) + "}"),
        ("x.mmd", "flowchart LR\n" + "".join(f"{a} --> {b}\n" for a, b in pairs)),
        ("x.json", json.dumps([{"parent": a, "child": b, "callCount": 1} for a, b in pairs])),
    ):
        assert len(import_file(name, text).map.services) == 5000
    for text in ("/**/" * 20_000, "```mermaid\n" * 10_000, "%%" * 50_000, "graph " * 20_000, "{" * 50_000):
        with pytest.raises(Unreadable):
            import_file("standard input", text)
    assert time.perf_counter() - begin < 20
