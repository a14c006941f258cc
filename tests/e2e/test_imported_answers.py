"""Answers that a real Prometheus gives, saved in files and imported as a map."""

import json
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest

from cockpit.model.topology import Provenance
from cockpit.topology.load import read_map
from tests.e2e.exporter import Exporter
from tests.e2e.observing import CHECKED, shop
from tests.e2e.servers import Prometheus, get_json
from tests.e2e.waiting import eventually
from tests.needs import program
from tests.unit.cli.running import run
from tests.unit.topology.rich_maps import hops

pytestmark = pytest.mark.real

_QUERIES = {
    "graph": "sum by (client, server, connection_type) (traces_service_graph_request_total)",
    "mesh": "istio_requests_total",
    "pods": "kube_pod_info",
}


def test_saved_answers_become_a_map(tmp_path: Path) -> None:
    """Service graph, mesh and pods of one shop are one map, merged into the declared one without a doubled service."""
    program("prometheus")
    with Exporter(tuple(shop())).serving() as exporter:
        prometheus = Prometheus(tmp_path / "prometheus", jobs=(exporter.job,), rules="groups: []\n")
        with prometheus.process:
            answers = {
                name: eventually(partial(_answer, prometheus, query), what=name) for name, query in _QUERIES.items()
            }
            targets = get_json(f"{prometheus.url}/api/v1/targets")
    files = []
    for name, answer in {**answers, "targets": targets}.items():
        files.append(str(tmp_path / f"{name}.json"))
        Path(files[-1]).write_text(json.dumps(answer))
    (tmp_path / "shop.yaml").write_text(CHECKED)
    result = run("map", "import", *files, "--into", str(tmp_path / "shop.yaml"))
    assert result.code == 0, result.err
    source, _ = read_map(result.out, "shop.yaml")
    assert hops(source) == {
        ("ui", "payment"),
        ("ui", "search"),
        ("payment", "postgres"),
        ("legacy", "ui"),
        ("web", "cart"),
    }
    known = {(hop.caller, hop.callee): hop for one in source.services.values() for hop in one.calls}
    assert known["ui", "payment"].provenance is Provenance.DECLARED
    assert known["ui", "payment"].seen is not None
    assert known["ui", "search"].seen is None
    assert known["web", "cart"].provenance is Provenance.OBSERVED
    assert known["web", "cart"].sources == ("prometheus istio",)
    assert source.services["payment"].runs_on == ("node-1",)
    assert source.entry == ("ui",)


def _answer(prometheus: Prometheus, query: str) -> object:
    """Return what a query is answered, or nothing as long as nothing was counted."""
    answer = get_json(f"{prometheus.url}/api/v1/query?query={quote(query)}")
    return answer if any(float(one["value"][1]) > 0 for one in answer["data"]["result"]) else None
