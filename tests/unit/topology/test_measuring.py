"""A service's own queries in the map."""

from cockpit.model.topology import MeasureQueries
from cockpit.topology.exporting import as_yaml
from cockpit.topology.load import read_map

_TEXT = """map: m
entry: [a]
services:
  a:
    team: t
    measures: {}
teams: {{t: {{}}}}
"""


def test_they_are_read_and_written_back() -> None:
    """Each of the three may stand alone, and an export keeps what stands there."""
    source, problems = read_map(
        _TEXT.format("{errors: 'sum(rate(e[5m])) / sum(rate(a[5m]))', rate: 'sum(rate(a[5m]))'}"), "f"
    )
    assert not problems
    wanted = MeasureQueries(errors="sum(rate(e[5m])) / sum(rate(a[5m]))", rate="sum(rate(a[5m]))")
    assert source.services["a"].measures == wanted
    assert read_map(as_yaml(source), "f")[0].services["a"].measures == wanted


def test_what_is_no_promql_is_found_at_its_place() -> None:
    """`map check` names the query, its line and column."""
    (problem,) = read_map(_TEXT.format("{latency: sum(rate(}"), "f")[1]
    assert (problem.rule, problem.line, problem.column) == ("bad-query", 6, 25)
    assert "services.a.measures.latency is no PromQL" in problem.message


def test_no_query_at_all_is_found() -> None:
    """Measures without a query measure nothing."""
    assert [one.rule for one in read_map(_TEXT.format("{errors: }"), "f")[1]] == ["bad-query"]
    assert [one.rule for one in read_map(_TEXT.format("{eror: x}"), "f")[1]] == ["unknown-key"]
