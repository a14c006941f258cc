"""Reading a map: what the format's example says arrives, and any text at all is read without harm."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.config import ConfigError
from cockpit.model.topology import DEFAULT_LABELS, Hop, ToolHop
from cockpit.topology.load import find_map, load_map, read_map, shipped_folder, shipped_maps
from cockpit.topology.problems import RULES
from tests.unit.topology.maps import GOOD, problems_of

EXAMPLE = Path(__file__).with_name("example.yaml")


def test_the_example_of_the_format_has_no_problem() -> None:
    """The example of the format's description loads without any problem."""
    assert load_map(EXAMPLE)[1] == ()


def test_the_example_of_the_format_says_everything() -> None:
    """Every key of the format's example arrives in the map."""
    source, _ = load_map(EXAMPLE)
    payment = source.services["payment"]
    assert source.name == "checkout"
    assert source.entry == ("ui",)
    assert source.journeys == {"checkout": ("ui", "auth", "catalog", "payment", "order", "inventory")}
    assert payment.team == "team-payments"
    assert payment.kind == "service"
    assert payment.aliases == ("payment-service", "payments")
    assert [str(one) for one in payment.match] == ['namespace="pay"', 'app=~"payment.*"']
    assert payment.calls == (Hop("payment", "order"), Hop("payment", "card-gateway", "https", "authorise a card"))
    assert payment.runs_on == ("pool-a",)
    assert payment.repository == "payment-service"
    assert payment.runbook == str(EXAMPLE.parent / "runbooks/payment.md")
    assert payment.weight == 10
    assert payment.scope is not None
    assert payment.scope.query.startswith("sum(rate(checkout_failed_total{step=")
    assert payment.scope.says == "{value:percent} of checkout attempts failing at payment step"
    assert payment.line == 9
    assert source.services["card-gateway"].status_page == "https://status.example.com"
    assert source.services["card-gateway"].support == "https://support.example.com"
    assert source.teams["team-payments"].pagerduty == "PABC123"
    assert source.teams["team-payments"].escalation == "PagerDuty escalation"
    assert source.tools == (ToolHop("prometheus", "alertmanager"), ToolHop("alertmanager", "pagerduty", "severity"))
    assert source.labels == ("app", "service")


def test_what_is_left_out_has_its_default() -> None:
    """A map that says little has the default labels, kinds and weights."""
    source, problems = read_map("services: {a: {team: t}}\nteams: {t: {}}", "folder/small.yaml")
    assert problems == ()
    assert source.name == "small"
    assert source.labels == DEFAULT_LABELS
    assert source.services["a"].kind == "service"
    assert source.services["a"].weight == 1


def test_merge_keys_bring_their_values() -> None:
    """A merge key brings what the service does not say itself, and is no duplicate."""
    text = "services:\n  a: &a {team: t, weight: 3}\n  b: {<<: *a, weight: 4}\nteams: {t: {}}"
    source, problems = read_map(text, "f")
    assert problems == ()
    assert (source.services["b"].team, source.services["b"].weight) == ("t", 4)


def test_words_that_yaml_takes_for_something_else_are_names() -> None:
    """A service may be called no, on or 123."""
    source, problems = read_map("services: {no: {team: t, calls: [123]}, 123: {team: t}}\nteams: {t: {}}", "f")
    assert problems == ()
    assert source.services["no"].calls == (Hop("no", "123"),)


def test_a_query_over_several_lines_keeps_them() -> None:
    """A comment in a scope query ends with its line."""
    text = GOOD.replace(
        "query: sum(rate(failed_total[5m])) / sum(rate(attempts_total[5m]))",
        "query: |\n        sum(rate(failed_total[5m])) # share\n        / sum(rate(attempts_total[5m]))",
    )
    source, problems = read_map(text, "f")
    assert problems == ()
    scope = source.services["payment"].scope
    assert scope is not None
    assert "# share\n/" in scope.query


def test_hostile_names_are_cleaned() -> None:
    """Text that could drive a terminal is shown by stand-ins."""
    source, _ = read_map('services: {"a\\e[31m": {team: "t\\u202e"}}', "f")
    assert list(source.services) == ["a␛[31m"]
    assert source.services["a␛[31m"].team == "t·"


def test_what_does_not_exist_is_left_out_of_the_map() -> None:
    """Unknown services and scopes that do not parse are problems and not part of the map."""
    text = GOOD.replace("calls: [auth, payment]", "calls: [auth, nowhere]").replace(
        "attempts_total[5m]))", "attempts_total["
    )
    source, problems = read_map(text, "f")
    assert {one.rule for one in problems} >= {"unknown-service", "bad-query"}
    assert source.services["ui"].calls == (Hop("ui", "auth"),)
    assert source.services["payment"].scope is None


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 50_000,
        "- " * 20_000,
        "a: &a [*a]",
        "a: &a {b: *a}",
        "\n".join(["l0: &l0 [x, x]", *(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 30))]),
        "services: {<<: [" + ", ".join(["{a: {team: t}}"] * 1000) + "]}",
        "\x00",
        "a: \ud800",
        "%YAML 9.9\n---\na: b",
        "a: !!python/object/apply:os.system [ls]",
        "services: !!binary aGVsbG8=",
        "? [a, b]\n: c",
        "services: {? {a: b} : c}",
        "a: *nowhere",
        "services:\n\t- a",
        "services: [a, b]",
        "services: {a: [b]}",
        "services: {a: {calls: {b: c}}}",
        "entry: {a: b}\njourneys: [a]\nteams: 3\ntools: {a: b}\nlabels: 4\nservices: no",
        "services: {a: {calls: [[b], {to: [c]}, {}, null, {too: d}]}}",
        "services: {a: {weight: .inf}, b: {weight: true}, c: {weight: 1:30}}",
        "services: {a: {match: 'x'}, b: {match: ['=~', 'a=~\"(\"']}}",
        "services: {a: {scope: 3}, b: {scope: {query: [1], says: {}}}, c: {scope: {query: '((((((', says: '{value'}}}",
        "services: {'': {}, ' ': {}, ~: {}}",
        "--- a\n--- b",
    ],
)
def test_no_text_does_harm(text: str) -> None:
    """Broken, hostile and mistyped documents give a problem with a place, and nothing is raised."""
    problems = problems_of(text)
    assert problems
    lines = text.count("\n") + 2
    for problem in problems:
        assert 1 <= problem.line <= lines
        assert problem.column >= 1
        assert problem.rule in RULES
        assert problem.message
        assert problem.remedy
        assert "\n" not in str(problem)


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_any_text_is_read(text: str) -> None:
    """Any text gives a map and problems by place; a map without services is always a problem."""
    source, problems = read_map(text, "f")
    assert source.services or problems
    assert list(problems) == sorted(problems, key=lambda one: (one.line, one.column, one.rule, one.message))


_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8))
_WORDS = st.sampled_from(
    [
        "map",
        "entry",
        "journeys",
        "services",
        "teams",
        "tools",
        "labels",
        "team",
        "kind",
        "calls",
        "to",
        "runs_on",
        "scope",
        "query",
        "says",
        "match",
        "weight",
        "a",
        "b",
        "up",
    ]
)
_TREES = st.recursive(
    st.one_of(_SCALARS, _WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_WORDS, inner, max_size=5)),
    max_leaves=25,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(_WORDS, _TREES, max_size=6))
def test_any_structure_is_read(tree: dict[str, object]) -> None:
    """Any YAML at all, with the format's own keys in any place, is read without harm."""
    source, problems = read_map(yaml.safe_dump(tree, allow_unicode=True), "f")
    known = set(source.services)
    assert all(hop.callee in known for service in source.services.values() for hop in service.calls)
    assert all(step in known for steps in source.journeys.values() for step in steps)
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(GOOD)), st.integers(0, 12), st.text(alphabet="[]{}:,-&*'\"\n #|>%@`?!a", max_size=4))
def test_a_good_map_with_a_piece_changed_is_read(at: int, gone: int, new: str) -> None:
    """A map that somebody is in the middle of editing is read without harm."""
    read_map(GOOD[:at] + new + GOOD[at + gone :], "f")


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    """A missing file, a folder and a file that is no UTF-8 say so, the last one with its place."""
    (tmp_path / "latin.yaml").write_bytes(b"map: x\nentry: [caf\xe9]\n")
    for name in ("missing.yaml", ".", "latin.yaml"):
        source, problems = load_map(tmp_path / name)
        assert source.empty
        assert [problem.rule for problem in problems] == ["bad-yaml"]
    assert (problems[0].line, problems[0].column) == (2, 12)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    """A file with a byte order mark is read like one without."""
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load_map(path)[1] == ()


def test_a_map_is_found_by_path_beside_the_configuration_and_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path is a path, a name is looked for beside the configuration, in its maps folder, and among those that ship."""
    beside, here = tmp_path / "beside", tmp_path / "here"
    (beside / "maps").mkdir(parents=True)
    here.mkdir()
    monkeypatch.chdir(here)
    for path in (beside / "one.yaml", beside / "maps" / "two.yml", here / "one.yaml", beside / "only.yaml"):
        path.write_text(GOOD)
    assert find_map(str(beside / "one.yaml"), None) == beside / "one.yaml"
    assert find_map("one", beside) == beside / "one.yaml"
    assert find_map("two", beside) == beside / "maps" / "two.yml"
    assert find_map("one.yaml", beside) == beside / "one.yaml"
    assert find_map("one.yaml", beside, typed=True).resolve() == here / "one.yaml"
    assert find_map("only.yaml", beside, typed=True) == beside / "only.yaml"
    assert find_map("checkout", beside).name == "checkout.yaml"


def test_a_map_that_is_nowhere_names_what_was_tried(tmp_path: Path) -> None:
    """The error names the map, every place that was looked at, and those that ship."""
    with pytest.raises(ConfigError) as caught:
        find_map("nowhere", tmp_path)
    assert str(tmp_path / "nowhere.yaml") in str(caught.value)
    assert str(tmp_path / "maps" / "nowhere.yml") in str(caught.value)
    assert "checkout" in caught.value.remedy
    with pytest.raises(ConfigError):
        find_map("folder/\x00.yaml", tmp_path)


def test_every_map_that_ships_is_right() -> None:
    """The maps that ship have no problem at all."""
    folder = shipped_folder()
    assert folder is not None
    assert "checkout" in shipped_maps()
    for name in shipped_maps():
        assert load_map(folder / f"{name}.yaml")[1] == ()
