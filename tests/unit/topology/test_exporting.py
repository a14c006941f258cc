"""Maps written as YAML and JSON, and read back."""

import json
from dataclasses import fields
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings

from cockpit.model.topology import IntegrationMap, Provenance, Service
from cockpit.topology.exporting import as_json, as_yaml
from cockpit.topology.load import load_map, read_map, shipped_folder
from cockpit.topology.parts import SERVICE_KEYS
from cockpit.topology.yaml_words import flow
from tests.unit.topology.maps import GOOD, changed, problems_of
from tests.unit.topology.rich_maps import placeless, whole_maps


@given(whole_maps())
@settings(max_examples=100, deadline=None)
def test_yaml_is_read_back_as_the_same_map(source: IntegrationMap) -> None:
    """Whatever a map says, its YAML says too."""
    text = as_yaml(source)
    again, _ = read_map(text, source.path)
    assert placeless(again) == source, text


@given(whole_maps())
@settings(max_examples=50, deadline=None)
def test_json_is_the_same_document(source: IntegrationMap) -> None:
    """Written as JSON and read by any program, the document is still the same map."""
    again, _ = read_map(flow(json.loads(json.dumps(as_json(source)))), source.path)
    assert placeless(again) == source


def test_every_field_has_its_key() -> None:
    """A field that a service gains is a key of the format, or it would be lost on the way."""
    assert {field.name for field in fields(Service)} - {"name", "line"} == set(SERVICE_KEYS)


def test_shipped_map_reads_well() -> None:
    """The map that ships is written as a person would write it: short services on a line, nothing that is a default."""
    folder = shipped_folder()
    assert folder is not None
    source, _ = load_map(folder / "checkout.yaml")
    text = as_yaml(source)
    assert placeless(read_map(text, source.path)[0]) == placeless(source)
    assert "\n  session: {team: team-identity, kind: cache}\n" in text
    assert "provenance" not in text
    assert max(map(len, text.splitlines())) < 250


def test_origin_of_calls_and_services_is_read() -> None:
    """Provenance, when it was last seen and who told of it stand on a call and on a service."""
    text = changed(
        "{to: bank, protocol: https, name: authorise}",
        "{to: bank, provenance: observed, seen: 2026-11-20T14:12:03Z, sources: [jaeger]}",
    )
    source, problems = read_map(text, "shop.yaml")
    assert problems == ()
    (hop,) = source.services["payment"].calls
    assert hop.provenance is Provenance.OBSERVED
    assert hop.seen == datetime(2026, 11, 20, 14, 12, 3, tzinfo=UTC)
    assert hop.sources == ("jaeger",)
    links = "kind: third-party, dashboard: 'https://g.example/d', logs: 'app=bank', provenance: inferred"
    source, problems = read_map(changed("kind: third-party", links), "shop.yaml")
    assert problems == ()
    bank = source.services["bank"]
    assert (bank.dashboard, bank.logs, bank.provenance) == ("https://g.example/d", "app=bank", Provenance.INFERRED)


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ("provenance: guessed", 'there is no provenance "guessed"'),
        ("seen: yesterday", '"yesterday" is no moment'),
        ("seen: 0001-01-01T00:00:00+14:00", "is no moment"),
        ("sources: jaeger", "should be a list"),
        ("dashboard: grafana", "is no link"),
        ("provenence: observed", 'did you mean "provenance"?'),
    ],
)
def test_wrong_origin_is_a_problem_at_its_place(keys: str, says: str) -> None:
    """A word, a moment or a link that is none is told with line and remedy."""
    (problem,) = problems_of(changed("kind: third-party", f"kind: third-party, {keys}"))
    assert says in f"{problem.message}; {problem.remedy}"
    assert problem.line == GOOD[: GOOD.index("  bank:")].count("\n") + 1
