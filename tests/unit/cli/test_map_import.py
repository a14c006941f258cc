"""`cockpit map import` and `map export`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from cockpit.topology.load import read_map
from tests.unit.cli.running import run
from tests.unit.topology.rich_maps import hops

_CHART = "flowchart LR\n  ui --> payment -->|https| bank\n"
_COMPOSE = "services:\n  payment-service: {image: shop, environment: {DB: 'db:5432'}}\n  db: {image: 'postgres:16'}\n"


def _file(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_import_prints_a_map(tmp_path: Path) -> None:
    """The map is YAML that is read back, JSON is the same document, and all else is on standard error."""
    name = _file(tmp_path, "shop.mmd", _CHART)
    result = run("map", "import", name)
    assert result.code == 0
    source, _ = read_map(result.out, "shop.yaml")
    assert hops(source) == {("ui", "payment"), ("payment", "bank")}
    assert run("map", "import", name, "--json").document == yaml.safe_load(result.out)
    assert "3 services and 2 hops" in result.error
    assert "3 without an owner" in result.error


def test_several_files_and_a_map_that_there_is(tmp_path: Path) -> None:
    """Files are merged into the map that is named: what it declares stays, no service is doubled, and news are counted."""
    chart, compose = _file(tmp_path, "shop.mmd", _CHART), _file(tmp_path, "docker-compose.yml", _COMPOSE)
    base = _file(
        tmp_path, "base.yaml", "map: base\nservices:\n  Payment: {team: money, calls: []}\nteams: {money: {}}\n"
    )
    result = run("map", "import", chart, compose, "--into", base)
    document = yaml.safe_load(result.out)
    assert document["map"] == "base"
    assert set(document["services"]) == {"Payment", "ui", "bank", "db"}
    assert document["services"]["Payment"]["team"] == "money"
    assert document["services"]["Payment"]["aliases"] == ["payment-service"]
    assert "payment-service is taken for Payment" in result.err
    assert "into base: 3 and 3 are new" in result.err
    assert run("map", "import", chart, compose, "--merge", base).out == result.out


def test_standard_input() -> None:
    """A dash is standard input, whose format is found out by what it holds."""
    begin = [sys.executable, "-m", "cockpit"]
    done = subprocess.run(
        [*begin, "map", "import", "-"],
        input="digraph { ui -> payment }",
        text=True,
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert hops(read_map(done.stdout, "shop.yaml")[0]) == {("ui", "payment")}
    assert "from standard input (dot)" in done.stderr


def test_standard_input_at_a_terminal_is_wrong_usage() -> None:
    """Nobody is left waiting for a file that does not come."""
    result = run("map", "import", "-", terminal=True)
    assert result.code == 2
    assert "pipe one into this command" in result.error


def test_malformed_file_exits_1_with_its_line(tmp_path: Path) -> None:
    """One line names file, line, what and remedy."""
    name = _file(tmp_path, "graph.dot", "digraph {\n  a -- b\n}\n")
    result = run("map", "import", name)
    assert (result.code, result.out) == (1, "")
    assert result.error.startswith(f"cockpit: {name}:2: `--` does not say who calls whom; ")
    good = _file(tmp_path, "good.dot", "digraph { a -> b }")
    assert run("map", "import", good, name).error == result.error
    (tmp_path / "latin.dot").write_bytes(b"digraph {\n a -> \xe9 }")
    assert f"{tmp_path / 'latin.dot'}:2: no UTF-8" in run("map", "import", str(tmp_path / "latin.dot")).error


def test_wrong_usage(tmp_path: Path) -> None:
    """A format or a file that there is not, and a map that there is not, exit 2 with a remedy."""
    name = _file(tmp_path, "shop.mmd", _CHART)
    result = run("map", "import", name, "--format", "mermaidd")
    assert result.code == 2
    assert "did you mean mermaid?" in result.error
    assert run("map", "import", str(tmp_path / "none.dot")).code == 2
    assert run("map", "import", name, "--into", "nowhere").code == 2
    assert run("map", "import").code == 2
    assert run("map", "export", "checkout", "--format", "svg").code == 2
    assert run("map", "export", "checkout", "--format", "dot", "--json").code == 2


def test_format_that_is_named_is_taken(tmp_path: Path) -> None:
    """`--format` stands over every guess, under any of its names."""
    name = _file(tmp_path, "shop.txt", "graph.dot is elsewhere")
    assert ":1: is none of the formats that were tried" in run("map", "import", name).error
    assert "is no flowchart" in run("map", "import", name, "--format", "mermaid").error
    chart = _file(tmp_path, "chart.dot", _CHART)
    assert run("map", "import", chart, "--format", "mermaid").code == 0


@pytest.mark.parametrize("form", ["yaml", "json", "mermaid", "dot"])
def test_export_is_imported_again(tmp_path: Path, form: str) -> None:
    """Each export is a file that import reads, with the same services and hops."""
    shipped = run("map", "export", "checkout", "--format", "json")
    assert shipped.code == 0
    result = run("map", "export", "checkout", "--format", form)
    again = json.loads(run("map", "import", _file(tmp_path, f"map.{form}", result.out), "--json").out)
    assert set(again["services"]) == set(shipped.document["services"])

    def calls(document: dict[str, dict[str, dict[str, list[object]]]]) -> set[tuple[str, str]]:
        return {
            (name, str(call["to"] if isinstance(call, dict) else call))
            for name, service in document["services"].items()
            for call in service.get("calls", [])
        }

    assert calls(again) == calls(shipped.document)
