"""Maps exported as Mermaid, DOT and JSON, and imported again."""

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings

from cockpit.model.topology import Hop, IntegrationMap, Provenance, Service
from cockpit.topology.exporting import as_dot, as_json, as_mermaid
from cockpit.topology.importing.formats import import_file
from cockpit.topology.load import load_map, shipped_folder
from cockpit.topology.names import normal
from tests.maps import thousand
from tests.maps.booking import booking
from tests.maps.sample import Sample
from tests.needs import needs
from tests.unit.topology.maps import random_maps
from tests.unit.topology.rich_maps import hops, whole_maps


def _told_apart(source: IntegrationMap) -> IntegrationMap:
    """Return the map without services that come out the same as another one, and without their hops."""
    kept: dict[str, str] = {}
    for name in source.services:
        kept.setdefault(normal(name), name)
    names = set(kept.values())
    services = {
        name: replace(
            one,
            calls=tuple(hop for hop in one.calls if hop.callee in names),
            runs_on=tuple(host for host in one.runs_on if host in names and host != name),
        )
        for name, one in source.services.items()
        if name in names
    }
    return replace(source, services=services)


def _hosts(source: IntegrationMap) -> set[tuple[str, str]]:
    return {(one.name, host) for one in source.services.values() for host in one.runs_on}


@given(whole_maps().map(_told_apart))
@settings(max_examples=100, deadline=None)
def test_mermaid_is_imported_with_the_same_services_and_hops(source: IntegrationMap) -> None:
    """Names, hops, kinds and what runs on what survive a flowchart, whatever the names hold."""
    text = as_mermaid(source)
    again = import_file("map.mmd", text).map
    assert set(again.services) == set(source.services), text
    assert hops(again) == hops(source), text
    assert _hosts(again) == _hosts(source)
    assert {name: one.kind for name, one in again.services.items()} == {
        name: one.kind for name, one in source.services.items()
    }


@given(whole_maps().map(_told_apart))
@settings(max_examples=100, deadline=None)
def test_dot_is_imported_with_the_same_services_and_hops(source: IntegrationMap) -> None:
    """A digraph says names, hops, kinds, hosts, and how each hop came to be known."""
    text = as_dot(source)
    again = import_file("map.dot", text).map
    assert set(again.services) == set(source.services), text
    assert hops(again) == hops(source), text
    assert _hosts(again) == _hosts(source)
    for name, service in source.services.items():
        assert again.services[name].kind == service.kind
        origins = {(hop.callee, hop.provenance, hop.seen) for hop in service.calls}
        assert {(hop.callee, hop.provenance, hop.seen) for hop in again.services[name].calls} == origins


@given(whole_maps())
@settings(max_examples=50, deadline=None)
def test_json_is_imported_as_the_same_map(source: IntegrationMap) -> None:
    """The document as JSON says everything."""
    again = import_file(source.path, json.dumps(as_json(source)), "cockpit").map
    assert {name: replace(one, line=0) for name, one in again.services.items()} == source.services
    assert (again.journeys, again.teams, again.tools) == (source.journeys, source.teams, source.tools)


@given(random_maps())
@settings(max_examples=50, deadline=None)
def test_formats_are_told_by_what_they_hold(source: IntegrationMap) -> None:
    """Without a name that helps each export is taken for what it is."""
    for text in (as_mermaid(source), as_dot(source), json.dumps(as_json(source))):
        assert hops(import_file("-", text).map) == hops(source)


@pytest.mark.parametrize("sample", [booking, thousand])
def test_real_sizes_survive(sample: Callable[[], Sample]) -> None:
    """A booking system with cycles and a map of a thousand services keep hops, owners and kinds."""
    source = sample().map
    for text in (as_mermaid(source), as_dot(source)):
        again = import_file("-", text).map
        assert hops(again) == hops(source)
        for name, service in source.services.items():
            assert (again.services[name].team, again.services[name].kind) == (service.team, service.kind)


def test_boxes_are_called_as_services_are() -> None:
    """Whoever reads the text of a chart reads names, and numbers only where a name would be misread."""
    names = ("mobile-app", "mobile_app", "pay", "end", "Order-DB", "x1", "a.b")
    source = IntegrationMap(services={name: Service(name) for name in names})
    text = as_mermaid(source)
    boxes = re.findall(r"^  ([a-z]\w*)\[", text, re.MULTILINE)
    assert boxes == ["n0", "mobile_app", "pay", "n3", "n4", "n5", "a_b"]


def test_teams_are_subgraphs() -> None:
    """What a team owns stands in a box that is called after it, and is the team's again."""
    service = Service("ui", team="web", calls=(Hop("ui", "pay", "https", "pay: now"),))
    source = IntegrationMap("shop", services={"ui": service, "pay": Service("pay", team="team-money")})
    for text in (as_mermaid(source), as_dot(source)):
        again = import_file("-", text).map
        assert {name: one.team for name, one in again.services.items()} == {"ui": "web", "pay": "team-money"}
        assert again.services["ui"].calls[0].protocol == "https"
        assert again.services["ui"].calls[0].name == "pay: now"


def test_an_inferred_hop_is_dotted() -> None:
    """Nobody takes a guess for a fact."""
    hop = Hop("ui", "pay", provenance=Provenance.INFERRED)
    source = IntegrationMap(services={"ui": Service("ui", calls=(hop,)), "pay": Service("pay")})
    assert "ui -.-> pay" in as_mermaid(source)
    assert '"ui" -> "pay" [provenance="inferred", style="dashed"]' in as_dot(source)


@needs("dot")
def test_graphviz_reads_the_export() -> None:
    """Graphviz itself draws what is exported."""
    folder = shipped_folder()
    assert folder is not None
    source, _ = load_map(folder / "checkout.yaml")
    done = subprocess.run(
        ["dot", "-Tplain"], input=as_dot(source), text=True, capture_output=True, timeout=30, check=True
    )
    assert done.stdout.count("\nedge ") == len(hops(source)) + len(_hosts(source))
