"""`cockpit map` check, show and draft."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from cockpit.cli.map_check import queries_of
from tests.fakes.alertmanager import FakeAlertmanager
from tests.fakes.http_server import FakeServer, in_thread, say
from tests.unit.cli.running import run

_BROKEN = """\
map: shop
entry: [ui]
journeys: {}
services:
  ui: {team: team-web, calls: [auht]}
  auth: {team: team-identity}
teams: {team-web: {}, team-identity: {}}
"""

_CYCLE = """\
map: shop
entry: [a]
services:
  a: {team: t, calls: [b]}
  b: {team: t, calls: [a]}
teams: {t: {}}
"""


def test_shipped_map_is_right() -> None:
    """The map that ships has nothing wrong, needs no configuration, and exits 0."""
    result = run("map", "check", "checkout", "--json")
    assert (result.code, result.document) == (0, [])
    assert "0 errors" in run("map", "check", "checkout").out


def test_error_has_file_line_and_remedy(tmp_path: Path) -> None:
    """A call to nobody is an error at its line with a remedy; the exit code is 1."""
    path = tmp_path / "shop.yaml"
    path.write_text(_BROKEN)
    result = run("map", "check", str(path), "--json")
    assert result.code == 1
    problem = next(one for one in result.document if one["rule"] == "unknown-service")
    assert set(problem) == {"file", "line", "column", "severity", "rule", "message", "remedy"}
    assert (problem["file"], problem["line"], problem["severity"]) == (str(path), 5, "error")
    assert "auth" in problem["remedy"]
    text = run("map", "check", str(path))
    assert f"{path}:5:" in text.out
    assert text.code == 1


def test_warnings_only_exit_0(tmp_path: Path) -> None:
    """A cycle is a warning, and warnings do not fail."""
    path = tmp_path / "shop.yaml"
    path.write_text(_CYCLE)
    result = run("map", "check", str(path), "--json")
    assert result.code == 0
    assert {one["rule"] for one in result.document} == {"cycle"}


def test_checking_needs_no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken configuration does not keep a named map from being checked, unless it was named too."""
    broken = tmp_path / "c.toml"
    broken.write_text("nonsense")
    monkeypatch.setenv("COCKPIT_CONFIG", str(broken))
    assert run("map", "check", "checkout").code == 0
    assert run("map", "check", "checkout", "--config", str(broken)).code == 2


_SCOPE = """\
map: shop
entry: [a]
services:
  a:
    team: t
    scope:
      query: rate(failed[5m]) / rate(attempts[5m])
      says: "{value:percent} failing"
teams: {t: {}}
"""


def test_queries_are_asked_where_a_prometheus_answers(tmp_path: Path) -> None:
    """A query that parses and that a Prometheus refuses is an error at the query's line, with its words."""
    path = tmp_path / "shop.yaml"
    path.write_text(_SCOPE)
    refusal = {"status": "error", "errorType": "execution", "error": "many-to-many matching not allowed"}
    server = FakeServer(default=lambda _: say(refusal, 422))
    with in_thread(server):
        result = run("map", "check", str(path), "--json", "--prometheus", server.url)
    assert result.code == 1
    (problem,) = result.document
    assert (problem["rule"], problem["line"], problem["column"]) == ("bad-query", 7, 14)
    assert "many-to-many" in problem["message"]


def test_queries_of_measures_are_asked_too(tmp_path: Path) -> None:
    """A service's own queries are tried like a scope's, each called by its place; one that is no PromQL is found once."""
    path = tmp_path / "shop.yaml"
    measures = "    measures: {errors: 'sum(', rate: sum(up)}"
    path.write_text(f"map: m\nentry: [a]\nservices:\n  a:\n    team: t\n{measures}\nteams: {{t: {{}}}}\n")
    refusal = {"status": "error", "errorType": "execution", "error": "too many samples"}
    server = FakeServer(default=lambda _: say(refusal, 422))
    with in_thread(server):
        result = run("map", "check", str(path), "--json", "--prometheus", server.url)
    offline, asked = result.document
    assert (offline["rule"], offline["column"]) == ("bad-query", 24)
    assert (asked["rule"], asked["line"], asked["column"]) == ("bad-query", 6, 38)
    assert asked["message"].startswith("services.a.measures.rate, asked of prometheus")


def test_prometheus_that_does_not_answer_is_told(tmp_path: Path) -> None:
    """Where the Prometheus does not answer the map is checked offline, and that is said."""
    path = tmp_path / "shop.yaml"
    path.write_text(_SCOPE)
    result = run("map", "check", str(path), "--json", "--prometheus", "http://127.0.0.1:1")
    assert (result.code, result.document) == (0, [])
    assert "not asked of prometheus" in result.err


def test_query_is_pointed_at_where_it_stands(tmp_path: Path) -> None:
    """Also where the word stands in a comment before it, and where the scope is written in one line."""
    path = tmp_path / "shop.yaml"
    scope = 'scope: {says: "{value:number} x", query: up}'
    path.write_text(
        f"map: x\nentry: [a]\nservices:\n  a:\n    # query: none\n    team: t\n    {scope}\nteams: {{t: {{}}}}\n"
    )
    (found,) = queries_of(path.read_text(), str(path)).values()
    assert (found.text, found.line, found.column) == ("up", 7, 46)


def test_file_that_is_no_text_is_a_problem_of_the_map(tmp_path: Path) -> None:
    """A map that is not UTF-8 is bad-yaml at the byte that is not, and exits 1 as every bad map does."""
    path = tmp_path / "shop.yaml"
    path.write_bytes(b"map: x\nentry: [\xff]\n")
    result = run("map", "check", str(path), "--json")
    (problem,) = result.document
    assert (result.code, problem["rule"], problem["line"], problem["column"]) == (1, "bad-yaml", 2, 9)


def test_map_is_read_from_a_pipe(tmp_path: Path) -> None:
    """A pipe, such as a shell's <(cockpit map draft), is read once and checked."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(pipe.write_text, _BROKEN)
        result = run("map", "check", str(pipe), "--json")
        writing.result()
    assert result.code == 1
    assert "unknown-service" in {problem["rule"] for problem in result.document}


def test_shipped_map_that_is_misspelt_is_named() -> None:
    """A name that nearly ships is answered with the one that does."""
    assert "did you mean checkout?" in run("map", "check", "chekout").error


def test_no_map_and_no_such_map_are_wrong_usage() -> None:
    """Without a configured map one has to be named, and it has to exist."""
    assert run("map", "check").code == 2
    missing = run("map", "check", "nope")
    assert missing.code == 2
    assert "nope" in missing.error


def test_context_names_the_map(tmp_path: Path) -> None:
    """The context's map is checked and shown by default."""
    (tmp_path / "shop.yaml").write_text(_BROKEN)
    config = tmp_path / "c.toml"
    config.write_text('[contexts.x]\nmap = "shop"\n')
    assert run("map", "check", "--config", str(config)).code == 1
    assert "auth" in run("map", "show", "--config", str(config), "--view", "tree").out


def test_chain_shows_the_focus() -> None:
    """The chain shows the wanted service, no wider than allowed, without escape codes where there is no terminal."""
    result = run("map", "show", "checkout", "--focus", "payment-service", "--width", "70")
    assert result.code == 0
    assert "payment" in result.out
    assert max(map(len, result.out.splitlines())) <= 70
    assert "\x1b" not in result.out


def test_ascii_is_ascii() -> None:
    """With `--ascii` no other character is printed."""
    assert run("map", "show", "checkout", "--ascii").out.isascii()
    assert run("map", "show", "checkout", "--ascii", "--view", "tree").out.isascii()


def test_terminal_gets_colours_unless_it_wants_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal gets attributes, one with NO_COLOR none, and the text is the same."""
    monkeypatch.setenv("TERM", "xterm-256color")
    coloured = run("map", "show", "checkout", "--width", "80", terminal=True).out
    monkeypatch.setenv("NO_COLOR", "1")
    plain = run("map", "show", "checkout", "--width", "80", terminal=True).out
    assert "\x1b[" in coloured
    assert "\x1b" not in plain


def test_view_that_there_is_not_names_those_that_are() -> None:
    """Another view is wrong usage and says which views exist."""
    result = run("map", "show", "checkout", "--view", "nonsense")
    assert result.code == 2
    assert "chain, subway, tree, overview" in result.error


@pytest.mark.parametrize("width", ["0", "ten", "-5", "100000"])
def test_width_is_a_number(width: str) -> None:
    """A width that cannot be is wrong usage."""
    assert run("map", "show", "checkout", "--width", width).code == 2


def test_focus_that_is_nowhere_names_the_nearest() -> None:
    """A service that the map does not know is wrong usage, and the nearest is named."""
    result = run("map", "show", "checkout", "--focus", "paymnt")
    assert result.code == 2
    assert "did you mean payment?" in result.error


def test_graph_is_one_document() -> None:
    """With `--json` the graph has its services and hops."""
    graph = run("map", "show", "checkout", "--json").document
    names = {service["name"] for service in graph["services"]}
    assert "payment" in names
    assert all({hop["caller"], hop["callee"]} <= names for hop in graph["hops"])


def test_draft_is_a_map_of_what_was_seen(alertmanager: FakeAlertmanager, tmp_path: Path) -> None:
    """A draft names the services that alerts name, and `map check` can read it."""
    alertmanager.fire({"alertname": "A", "app": "payment", "team": "team-payments"})
    alertmanager.fire({"alertname": "B", "app": "ui"})
    where = ("--alertmanager", alertmanager.base)
    drafted = run("map", "draft", *where)
    assert drafted.code == 0
    assert {"payment", "ui"} <= set(yaml.safe_load(drafted.out)["services"])
    assert run("map", "draft", "--json", *where).document == json.loads(json.dumps(yaml.safe_load(drafted.out)))
    path = tmp_path / "draft.yaml"
    path.write_text(drafted.out)
    rules = {one["rule"] for one in run("map", "check", str(path), "--json").document}
    assert "bad-yaml" not in rules
    assert "unknown-key" not in rules
